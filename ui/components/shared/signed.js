// Signed pictures: 0 is black, the largest values are blue, the smallest orange. The same colours
// as `ui/figures/pictures.py` gives them.

import { contextOf } from "./pictures.js";

/** @typedef {Uint8Array} Colours red, green and blue of each byte; 128 is 0 */

const ZERO = 128;
const BRIGHT = { positive: 1.25, negative: 1.08 }; // on black the theme's colours are too dark
const CURVE = 0.8; // of the brightness, so that small values are seen

/**
 * The colours of the page's theme for each byte of a signed picture.
 * @param {HTMLElement} root
 * @returns {Colours}
 */
export function signedColours(root) {
  const style = getComputedStyle(root), colours = new Uint8Array(3 * 256);
  const [positive, negative] = ["--lab-accent", "--lab-codings"].map((name) =>
    [1, 3, 5].map((i) => parseInt(style.getPropertyValue(name).trim().slice(i, i + 2), 16))
  );
  for (let byte = 0; byte < 256; byte++) {
    const t = (byte - ZERO) / 127, size = Math.min(1, Math.abs(t)) ** CURVE;
    const [full, bright] = t > 0 ? [positive, BRIGHT.positive] : [negative, BRIGHT.negative];
    for (let c = 0; c < 3; c++) colours[3 * byte + c] = Math.min(255, size * bright * full[c]);
  }
  return colours;
}

/**
 * Paints the ith of several signed pictures.
 * @param {HTMLCanvasElement} canvas
 * @param {ArrayLike<number>} bytes [n, height, width], flat
 * @param {number} i
 * @param {{ height: number, width: number, colours: Colours, gain?: number }} how gain: what
 *   values are multiplied by
 */
export function paintSigned(canvas, bytes, i, { height, width, colours, gain = 1 }) {
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  const context = contextOf(canvas), image = context.createImageData(width, height);
  const size = height * width, pixels = image.data;
  for (let k = 0, p = 0; k < size; k++, p += 4) {
    const value = Math.round(ZERO + gain * (bytes[i * size + k] - ZERO));
    const c = 3 * Math.max(0, Math.min(255, value));
    pixels[p] = colours[c];
    pixels[p + 1] = colours[c + 1];
    pixels[p + 2] = colours[c + 2];
    pixels[p + 3] = 255;
  }
  context.putImageData(image, 0, 0);
}

/**
 * Signed values as bytes, with `full` at either end.
 * @param {ArrayLike<number>} values
 * @param {number} full
 * @returns {Uint8Array}
 */
export function signedBytes(values, full) {
  const byte = (/** @type {number} */ value) =>
    Math.max(1, Math.min(255, Math.round(ZERO + 127 * value / full)));
  return Uint8Array.from(values, byte);
}
