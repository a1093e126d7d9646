// Holds a neuron at a value while a chosen test image is rebuilt.

import { canvasAt, elementAt, inputAt } from "../shared/elements.js";
import { Examples } from "../shared/examples.js";
import { forward, known } from "../shared/network.js";
import { NetworkMoments } from "../shared/networks.js";
import { brief } from "../shared/numbers.js";
import { paint } from "../shared/pictures.js";
import { paintSigned, signedBytes } from "../shared/signed.js";

/** @typedef {import("../shared/safetensors.js").Tensor} Tensor */
/** @typedef {import("../shared/packing.js").ImageShape} ImageShape */
/** @typedef {{ images: Tensor, labels: string[], shape: ImageShape }} TestImages */
/** @typedef {{ unit: number, until: number, low: number, high: number }} Held */

const STEPS = 200; // of the slider
const NETWORKS_AHEAD = 2; // moments whose networks are fetched before they are asked for

/** The slider, the test images, and the pictures beside them. */
export class Clamp {
  /**
   * @param {HTMLElement} root
   * @param {TestImages} examples
   * @param {import("../shared/signed.js").Colours} colours
   */
  constructor(root, examples, colours) {
    this.root = root;
    this.images = examples;
    this.colours = colours;
    /** @type {Float32Array} */
    this.image = this.exampleOf(0);
    /** @type {Held | null} */
    this.held = null;
    /** @type {number | null} where the visitor holds it; null: where the image puts it */
    this.value = null;
    /** @type {NetworkMoments | null} */
    this.moments = null;
    this.route = "";
    this.renewed = 0; // how often what is shown of the neuron was dropped
    this.slider = inputAt(root, ".hold input");
    this.slider.max = String(STEPS);
    this.slider.oninput = () => {
      const { low = 0, high = 1 } = this.held ?? {};
      this.value = low + (high - low) * Number(this.slider.value) / STEPS;
      this.draw();
    };
    elementAt(root, ".release").onclick = () => {
      this.value = null;
      this.draw();
    };
    this.row = new Examples(root, examples, (i) => {
      this.rebuild(this.exampleOf(i), i);
    }, "The image that is rebuilt, one of these or of the bands:");
    this.row.mark(0);
  }

  /** @param {number} i a test image of the row */
  exampleOf(i) {
    const { images, shape: [height, width, channels = 1] } = this.images;
    const size = height * width * channels;
    return Float32Array.from(images.subarray(i * size, (i + 1) * size), (byte) => byte / 255);
  }

  /**
   * @param {Float32Array} image to be rebuilt, in [0, 1]
   * @param {number} [example] its place in the row; -1: it is another one
   */
  rebuild(image, example = -1) {
    this.image = image;
    this.row.mark(example);
    this.draw();
  }

  /**
   * Shows a neuron, of the network at a moment.
   * @param {string} route of the network
   * @param {Held} held
   * @param {import("../shared/moments.js").Moments<any>} at the moment, and its neighbours
   */
  show(route, held, at) {
    if (route !== this.route || !this.moments) {
      this.moments?.stop();
      this.moments = new NetworkMoments(route, () => this.draw());
      this.route = route;
    } else if (at.renewed !== this.renewed) this.moments.forget(); // networks may be others
    this.renewed = at.renewed;
    if (held.unit !== this.held?.unit || held.until !== this.held.until) this.value = null;
    this.held = held;
    this.moments.after(at, NETWORKS_AHEAD);
    this.draw();
  }

  draw() {
    const network = this.moments?.shown(), { held, root } = this;
    const words = elementAt(root, ".effect");
    if (!network || !held) {
      words.textContent = this.moments?.failed || "The network is on its way …";
      return;
    }
    const layers = [...network.encoder, ...network.decoder];
    if (!known(layers)) {
      words.textContent = "This network has a kind of layer that is not computed in the page.";
      return;
    }
    const [height, width, channels = 1] = this.images.shape;
    const activations = Float32Array.from(forward(layers.slice(0, held.until), this.image));
    const rest = layers.slice(held.until), own = activations[held.unit];
    const free = forward(rest, activations), value = this.value ?? own;
    activations[held.unit] = value;
    const made = this.value === null ? free : forward(rest, activations);
    paint(canvasAt(root, ".free"), free, width, height, channels);
    paint(canvasAt(root, ".clamped"), made, width, height, channels);
    const change = Float32Array.from(
      { length: height * width },
      (_, i) => {
        let sum = 0;
        for (let c = 0; c < channels; c++) sum += made[i * channels + c] - free[i * channels + c];
        return sum / channels;
      },
    );
    const bytes = signedBytes(change, 1), how = { height, width, colours: this.colours };
    paintSigned(canvasAt(root, ".change"), bytes, 0, how);
    const share = held.high > held.low ? (value - held.low) / (held.high - held.low) : 0;
    this.slider.value = String(Math.round(STEPS * share));
    this.slider.setAttribute("aria-valuetext", brief(value));
    this.slider.disabled = held.high <= held.low;
    elementAt(root, ".hold output").textContent = brief(value);
    const state = this.slider.disabled
      ? "so does every other one, and there is no range to hold it in"
      : this.value === null
      ? "it is not held"
      : `it is held at ${brief(value)}`;
    words.textContent = `The image puts it at ${brief(own)}; ${state}.`;
    /** @type {HTMLButtonElement} */ (elementAt(root, ".release")).disabled = this.value === null;
    root.dataset.held = this.value === null ? "" : String(value); // for tests of the page
  }
}
