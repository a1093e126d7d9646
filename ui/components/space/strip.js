// From one digit to another: along the line between their codings, and by mixing their pixels.

import { elementAt } from "../shared/elements.js";
import { forward } from "../shared/network.js";
import { paint } from "../shared/pictures.js";

/** @typedef {import("../shared/network.js").Layer} Layer */
/** @typedef {{ codings: Float32Array, image: Float32Array }} End */

const STEPS = 9;

/**
 * Numbers between two rows of numbers.
 * @param {Float32Array} a
 * @param {Float32Array} b
 * @param {number} t 0 to 1
 */
export function mixed(a, b, t) {
  return Float32Array.from(a, (value, i) => value + t * (b[i] - value));
}

/** The two rows of images. */
export class Strip {
  /**
   * @param {HTMLElement} root
   * @param {{ height: number, width: number, channels: number }} shape
   */
  constructor(root, shape) {
    this.root = root;
    this.shape = shape;
    const tilesOf = (/** @type {string} */ selector) => {
      const tiles = Array.from({ length: STEPS }, () => document.createElement("canvas"));
      elementAt(root, selector).replaceChildren(...tiles);
      return tiles;
    };
    this.decoded = tilesOf(".along-codings");
    this.mixed = tilesOf(".along-pixels");
  }

  /**
   * @param {Layer[]} decoder
   * @param {End} a
   * @param {End} b
   */
  draw(decoder, a, b) {
    const { height, width, channels } = this.shape, pixels = height * width * channels;
    const size = a.codings.length, all = new Float32Array(STEPS * size);
    const shares = Array.from({ length: STEPS }, (_, i) => i / (STEPS - 1));
    shares.forEach((t, i) => all.set(mixed(a.codings, b.codings, t), i * size));
    const images = forward(decoder, all, STEPS);
    shares.forEach((t, i) => {
      const own = images.subarray(i * pixels, (i + 1) * pixels);
      paint(this.decoded[i], own, width, height, channels);
      paint(this.mixed[i], mixed(a.image, b.image, t), width, height, channels);
    });
  }
}
