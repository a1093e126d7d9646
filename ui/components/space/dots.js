// The inputs as dots, or as small images, in their classes' colours.

import { contrasting } from "../chart/contrast.js";
import { contextOf } from "../shared/pictures.js";

/** @typedef {import("../shared/safetensors.js").Tensor} Tensor */

/**
 * The inputs on show. images [n, height * width * channels] uint8; null: the inputs are points.
 * labels [n]. names: of the classes. colours: of the classes; null is the page's ink.
 * @typedef {{
 *   images: Tensor | null, labels: Uint8Array, names: string[], colours: (string | null)[],
 *   shape: { height: number, width: number, channels: number } | null,
 * }} Inputs
 */

const COLUMNS = 40; // of the sprites
const RADIUS = 3.4;
const DOT = 12; // pixels of a dot with its edge
const LARGER = 1.3; // reaches a tip than a circle
/**
 * A polygon or a star: how many tips, how near the middle the corners between them are, and its
 * turn in half turns. No tips: a circle.
 */
const SHAPES = [
  { tips: 0, inner: 1, turn: 0 },
  { tips: 4, inner: Math.SQRT1_2, turn: .25 }, // a square
  { tips: 4, inner: Math.SQRT1_2, turn: 0 },
  { tips: 3, inner: .5, turn: 0 }, // a triangle
  { tips: 4, inner: .35, turn: .25 }, // an x
  { tips: 5, inner: .45, turn: 0 },
  { tips: 3, inner: .5, turn: 1 },
  { tips: 5, inner: Math.cos(Math.PI / 5), turn: 0 },
  { tips: 4, inner: .35, turn: 0 }, // a cross
  { tips: 6, inner: .58, turn: 0 },
];
const SHARP = 3; // so many times finer is a dot's picture, for dense screens
const THUMB = 17; // pixels of a small image
const FAINT = 0.13; // of an input that is not chosen

/**
 * The classes' colours, such that they stand out from what is behind them.
 * @param {Inputs} inputs
 * @param {string} paper
 * @param {string} ink
 */
export function coloursOn({ colours }, paper, ink) {
  return colours.map((colour) => contrasting(colour ?? ink, paper));
}

/** Draws the dots. */
export class Dots {
  /** @param {Inputs} inputs */
  constructor(inputs) {
    this.inputs = inputs;
    /** @type {HTMLCanvasElement | null} */
    this.sprites = null;
    this.key = "";
    /** @type {HTMLCanvasElement[]} */
    this.stamps = [];
    this.stampsOf = "";
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {Float32Array} places [n, 2] on the canvas, in pixels
   * @param {{
   *   colours: string[], edge: string, thumbs: boolean, hidden: Set<number>,
   *   chosen: Set<number> | null,
   * }} how hidden: classes that are not drawn
   */
  draw(context, places, { colours, edge, thumbs, hidden, chosen }) {
    const { labels, images, shape } = this.inputs;
    const sprites = thumbs && images && shape ? this.made(colours) : null;
    const dots = sprites ? [] : this.stamped(colours, edge);
    const half = sprites ? THUMB / 2 : DOT / 2;
    for (const bright of [false, true]) { // those that are chosen lie above the others
      for (let i = 0; i < labels.length; i++) {
        if (hidden.has(labels[i]) || (chosen ? chosen.has(i) !== bright : bright)) continue;
        context.globalAlpha = chosen && !bright ? FAINT : .9;
        const x = places[2 * i] - half, y = places[2 * i + 1] - half;
        if (sprites && shape) {
          const { height, width } = shape;
          const left = (i % COLUMNS) * width, top = Math.floor(i / COLUMNS) * height;
          context.drawImage(sprites, left, top, width, height, x, y, THUMB, THUMB);
        } else context.drawImage(dots[labels[i]] ?? dots[0], x, y, DOT, DOT);
      }
    }
    context.globalAlpha = 1;
  }

  /**
   * A dot of each colour. Made once.
   * @param {string[]} colours
   * @param {string} edge
   */
  stamped(colours, edge) {
    const key = [...colours, edge].join();
    if (key !== this.stampsOf) this.stamps = colours.map((colour, i) => dotOf(colour, edge, i));
    this.stampsOf = key;
    return this.stamps;
  }

  /**
   * The images in their classes' colours, as opaque as they are bright. Made once.
   * @param {string[]} colours
   */
  made(colours) {
    const key = colours.join();
    if (this.sprites && key === this.key) return this.sprites;
    const { images, labels, shape } = this.inputs;
    const { height, width, channels } = /** @type {NonNullable<Inputs["shape"]>} */ (shape);
    const n = labels.length, size = height * width, canvas = document.createElement("canvas");
    canvas.width = COLUMNS * width;
    canvas.height = Math.ceil(n / COLUMNS) * height;
    const context = contextOf(canvas), tile = context.createImageData(width, height);
    const rgb = colours.map((colour) => (colour.match(/\d+/g) ?? []).map(Number));
    for (let i = 0; i < n; i++) {
      const own = rgb[labels[i]] ?? rgb[0];
      for (let k = 0; k < size; k++) {
        let bright = 0;
        for (let c = 0; c < channels; c++) {
          const value = /** @type {Tensor} */ (images)[(i * size + k) * channels + c];
          bright += value / channels;
          tile.data[4 * k + c] = channels === 3 ? value : own[c];
        }
        if (channels !== 3) tile.data.set(own, 4 * k);
        tile.data[4 * k + 3] = channels === 3 ? 255 : bright;
      }
      context.putImageData(tile, (i % COLUMNS) * width, Math.floor(i / COLUMNS) * height);
    }
    this.key = key;
    return (this.sprites = canvas);
  }
}

/**
 * A dot's picture, which is stamped a thousand times a frame: drawing as many shapes takes a
 * browser without a graphics card five times as long. Classes differ in their shape too, for
 * readers who do not see their colours apart.
 * @param {string} colour
 * @param {string} edge
 * @param {number} cls the class
 */
export function dotOf(colour, edge, cls) {
  const canvas = document.createElement("canvas"), context = contextOf(canvas);
  canvas.width = canvas.height = SHARP * DOT;
  context.scale(SHARP, SHARP);
  context.fillStyle = colour;
  context.strokeStyle = edge;
  context.lineWidth = .8;
  context.beginPath();
  const { tips, inner, turn } = SHAPES[cls % SHAPES.length], middle = DOT / 2;
  if (!tips) context.arc(middle, middle, RADIUS, 0, 2 * Math.PI);
  for (let i = 0; i < 2 * tips; i++) {
    const angle = Math.PI * (i / tips + turn - .5);
    const reach = LARGER * RADIUS * (i % 2 ? inner : 1);
    context.lineTo(middle + reach * Math.cos(angle), middle + reach * Math.sin(angle));
  }
  context.closePath();
  context.fill();
  context.stroke();
  return canvas;
}
