// Networks that are fetched from the server when they are needed: a run's last one, and those of
// its earlier moments.

import { addressOf } from "./address.js";
import { bytesFrom, Moments } from "./moments.js";
import { forward, known, layersOf } from "./network.js";
import { grouped } from "./numbers.js";
import { unpack } from "./packing.js";

/** @typedef {import("./network.js").Layer} Layer */
/** @typedef {import("./safetensors.js").Tensor} Tensor */
/** @typedef {{ mean: Tensor, axes: Tensor }} Plane PCA's mean [D] and directions [K, D] */
/**
 * encode and decode: its sides. quantiles: the percentiles of its errors on test images; null if
 * these are not on the server, or were not asked for. plane: PCA with as many codings. spread: gives
 * the codings' standard deviations, or their negatives; empty if they are not random. place: the
 * phase and step that it is of; null if its file does not say. bytes: in memory.
 * @typedef {{
 *   encoder: Layer[], decoder: Layer[], spread: Layer[], quantiles: number[] | null, plane: Plane | null,
 *   place: [phase: number, step: number] | null, bytes: number,
 * }} Loaded
 */

/** @param {ArrayBuffer} buffer */
export function loadedFrom(buffer) {
  const model = unpack(new Uint8Array(buffer)), { pca_mean: mean, pca_axes: axes } = model.arrays;
  /** @type {Loaded} */
  const loaded = {
    encoder: layersOf(model, "encoder"),
    decoder: layersOf(model, "decoder"),
    spread: layersOf(model, "spread"),
    quantiles: model.quantiles,
    plane: mean ? { mean, axes } : null,
    place: model.place,
    bytes: 2 * buffer.byteLength, // halves in the file are floats in memory
  };
  return loaded;
}

/**
 * The moment of its run that a network is of, in words; "" if its file does not say.
 * @param {Loaded} network
 */
export function wordsOfPlace({ place }) {
  if (!place) return "";
  const [phase, step] = place;
  return `${phase ? `phase ${phase + 1}, ` : ""}step ${grouped(step)}`;
}

/**
 * @param {Loaded} network
 * @param {Float32Array} x
 * @returns {{ codings: Float32Array, made: Float32Array }}
 */
export function rebuilt({ encoder, decoder }, x) {
  const codings = forward(encoder, x);
  return { codings, made: forward(decoder, codings) };
}

/**
 * The Gaussian that the encoder of random codings gives for an input.
 * @param {Loaded} network
 * @param {Float32Array} x
 * @returns {{ mean: Float32Array, deviation: Float32Array }}
 */
export function clouded({ encoder, spread }, x) {
  const before = forward(encoder.slice(0, -1), x);
  const deviation = forward(spread, before).map(Math.abs);
  return { mean: forward(encoder.slice(-1), before), deviation };
}

/**
 * What PCA makes of an input: its projection on the first directions.
 * @param {Plane} plane
 * @param {Float32Array} x
 * @returns {Float32Array}
 */
export function projected({ mean, axes }, x) {
  const made = Float32Array.from(mean), [count, n] = axes.shape;
  for (let k = 0; k < count; k++) {
    let coding = 0;
    for (let i = 0; i < n; i++) coding += (x[i] - mean[i]) * axes[k * n + i];
    for (let i = 0; i < n; i++) made[i] += coding * axes[k * n + i];
  }
  return made;
}

/**
 * One network on the page, at any of its moments.
 * @extends {Moments<Loaded>}
 */
export class NetworkMoments extends Moments {
  /**
   * @param {string} route of the network; `?at=` asks for a moment's, `pca=1` for PCA too,
   *   `plain=1` for nothing but the network
   * @param {() => void} came called when one has come, or cannot come
   * @param {{ measured: boolean }} [how] measured: with its errors on test images, and PCA
   */
  constructor(route, came, { measured } = { measured: false }) {
    super(async (moment) => {
      const asked = new URLSearchParams(moment && { at: moment });
      if (!measured) asked.set("plain", "1");
      else if (!this.plane) asked.set("pca", "1");
      const loaded = loadedFrom(await bytesFrom(`${addressOf(route)}?${asked}`));
      this.plane ??= loaded.plane;
      return loaded;
    }, came);
    /** @type {Plane | null} */
    this.plane = null;
  }

  /**
   * The network that is shown, if the page can compute it; else why not.
   * @returns {{ network: Loaded, words: "" } | { network: null, words: string }}
   */
  computed() {
    const network = this.shown();
    if (!network) return { network, words: this.failed || "On its way …" };
    if (known([...network.encoder, ...network.decoder])) return { network, words: "" };
    const words = "This network has a kind of layer that is not computed in the page.";
    return { network: null, words };
  }
}
