// What the places of a plane decode to: a picture of small images, made a few rows a frame.

import { forward } from "../shared/network.js";
import { contextOf, fillPixels } from "../shared/pictures.js";

/** @typedef {import("../shared/network.js").Layer} Layer */

const TILES = 20; // along each side
const CLEAR = 0.62; // opacity: dots lie over it
const FAINTER = 0.25;
export const SLICE = 8; // milliseconds of decoding between two frames; then the row at hand is ended

/** The picture, as far as it has come. */
export class Background {
  /**
   * @param {Layer[]} decoder
   * @param {{ height: number, width: number, channels: number }} shape of an image
   * @param {(across: number, up: number) => Float32Array} codingsAt the codings at shares of the
   *   width and the height, from below
   */
  constructor(decoder, { height, width, channels }, codingsAt) {
    this.decoder = decoder;
    this.shape = { height, width, channels };
    this.codingsAt = codingsAt;
    this.canvas = document.createElement("canvas");
    this.canvas.width = TILES * width;
    this.canvas.height = TILES * height;
    this.next = 0; // the row to paint
  }

  get ready() {
    return this.next === TILES;
  }

  /** Paints as many rows as fit between two frames. */
  some() {
    const until = performance.now() + SLICE;
    while (!this.ready && performance.now() < until) this.row(this.next++);
  }

  /** @param {number} row from above */
  row(row) {
    const { height, width, channels } = this.shape, context = contextOf(this.canvas);
    const places = Array.from(
      { length: TILES },
      (_, i) => this.codingsAt((i + .5) / TILES, 1 - (row + .5) / TILES),
    );
    const size = places[0].length, all = new Float32Array(TILES * size);
    places.forEach((codings, i) => all.set(codings, i * size));
    const images = forward(this.decoder, all, TILES), pixels = height * width * channels;
    const tile = context.createImageData(width, height);
    for (let i = 0; i < TILES; i++) {
      fillPixels(tile.data, images.subarray(i * pixels, (i + 1) * pixels), channels);
      context.putImageData(tile, i * width, row * height);
    }
  }
}

/** The background of one map: of its moment or, until that has come, fainter, of another. */
export class Backdrop {
  constructor() {
    /** @type {Background | null} */
    this.background = null;
    this.key = "";
  }

  get there() {
    return this.background !== null;
  }

  get ready() {
    return this.background?.ready ?? false;
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {number} size of the canvas
   * @param {string} key what it is to be of
   * @param {() => Background | null} make null, if it cannot be made yet
   * @returns {boolean} whether more of it is to come
   */
  paint(context, size, key, make) {
    const made = key === this.key ? null : make();
    if (made) {
      this.background = made;
      this.key = key;
    }
    const { background } = this, here = key === this.key;
    if (!background) return false;
    if (here) background.some();
    context.fillStyle = "#000";
    context.fillRect(0, 0, size, size);
    context.globalAlpha = here ? CLEAR : FAINTER;
    context.imageSmoothingEnabled = false;
    context.drawImage(background.canvas, 0, 0, size, size);
    context.globalAlpha = 1;
    return here && !background.ready;
  }
}
