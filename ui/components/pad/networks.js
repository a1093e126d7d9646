// Networks that are fetched from the server when they are needed: a run's last one, and those of
// its earlier moments.

import { addressOf } from "../shared/address.js";
import { forward, layersOf } from "../shared/network.js";
import { unpack } from "../shared/packing.js";

/** @typedef {import("../shared/network.js").Layer} Layer */
/** @typedef {import("../shared/safetensors.js").Tensor} Tensor */
/** @typedef {{ mean: Tensor, axes: Tensor }} Plane PCA's mean [D] and directions [K, D] */
/**
 * encode and decode: its sides. quantiles: the percentiles of its errors on test images; null if
 * these are not on the server. plane: PCA with as many codings. bytes: what came over the wire.
 * @typedef {{
 *   encoder: Layer[], decoder: Layer[], quantiles: number[] | null, plane: Plane | null,
 *   bytes: number,
 * }} Loaded
 */

const MOST_BYTES = 120e6; // of weights in memory, for each network on the page

/** @param {ArrayBuffer} buffer */
export function loadedFrom(buffer) {
  const model = unpack(new Uint8Array(buffer)), { pca_mean: mean, pca_axes: axes } = model.arrays;
  /** @type {Loaded} */
  const loaded = {
    encoder: layersOf(model, "encoder"),
    decoder: layersOf(model, "decoder"),
    quantiles: model.quantiles,
    plane: mean ? { mean, axes } : null,
    bytes: buffer.byteLength,
  };
  return loaded;
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

/** One network on the page, at any of its moments. */
export class Moments {
  /**
   * @param {string} route of the network; `?at=` asks for a moment's, `pca=1` for PCA too
   * @param {() => void} came called when one has come, or cannot come
   */
  constructor(route, came) {
    this.route = route;
    this.came = came;
    /** @type {Map<string, Loaded>} in the order of use; "" is now */
    this.known = new Map();
    this.failed = "";
    this.wanted = "";
    this.renewed = 0; // how often what had come was dropped
    this.busy = false;
    /** @type {Loaded | null} the last one that was shown */
    this.last = null;
    /** @type {Plane | null} */
    this.plane = null;
  }

  /**
   * Asks for a moment's network.
   * @param {string} moment "" is now
   */
  want(moment) {
    this.wanted = moment;
    this.failed = "";
    if (!this.busy && !this.known.has(moment)) this.fetchWanted();
  }

  /**
   * What has come may be another network now.
   * @param {string[]} moments
   */
  renew(moments = [...this.known.keys()]) {
    this.renewed++;
    for (const moment of moments) this.known.delete(moment);
    this.want(this.wanted);
  }

  async fetchWanted() {
    const { wanted: moment, renewed } = this;
    this.busy = true;
    try {
      const asked = new URLSearchParams(moment && { at: moment });
      if (!this.plane) asked.set("pca", "1");
      const answer = await fetch(`${addressOf(this.route)}?${asked}`);
      if (!answer.ok) throw new Error(await answer.text());
      const loaded = loadedFrom(await answer.arrayBuffer());
      this.plane ??= loaded.plane;
      if (renewed === this.renewed) this.keep(moment, loaded);
    } catch (error) {
      if (this.wanted === moment) this.failed = error instanceof Error ? error.message : "";
    }
    this.busy = false;
    this.came();
    const changed = this.wanted !== moment || renewed !== this.renewed;
    if (changed && !this.known.has(this.wanted)) this.fetchWanted();
  }

  /**
   * @param {string} moment
   * @param {Loaded} loaded
   */
  keep(moment, loaded) {
    this.known.set(moment, loaded);
    let bytes = 0;
    for (const [key, { bytes: size }] of [...this.known].reverse()) {
      bytes += 2 * size; // halves in the file are floats in memory
      if (bytes > MOST_BYTES && key !== moment) this.known.delete(key);
    }
  }

  /**
   * The wanted network or, until it comes, the last one that was shown.
   * @returns {Loaded | null}
   */
  shown() {
    const found = this.known.get(this.wanted);
    if (found) {
      this.known.delete(this.wanted); // to the end: it was used last
      this.known.set(this.wanted, found);
      this.last = found;
    }
    return this.last;
  }

  /** Whether the network that is shown is the wanted one. */
  get here() {
    return this.known.has(this.wanted);
  }
}
