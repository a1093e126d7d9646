// Codings as bars: up for positive, down for negative ones.

import { contextOf } from "../shared/pictures.js";

const WIDE = 256;
const HIGH = 48;

/**
 * @param {HTMLCanvasElement} canvas
 * @param {Float32Array} codings
 */
export function paintBars(canvas, codings) {
  const bars = barsOf(codings), n = bars.length, context = contextOf(canvas);
  canvas.width = WIDE;
  canvas.height = HIGH;
  const most = bars.reduce((top, bar) => Math.max(top, Math.abs(bar)), 1e-9);
  const style = getComputedStyle(canvas), each = WIDE / n, middle = HIGH / 2;
  const [up, down] = ["--positive", "--negative"].map((name) => style.getPropertyValue(name));
  context.clearRect(0, 0, WIDE, HIGH);
  bars.forEach((bar, i) => {
    const long = bar / most * (middle - 1), thick = each > 3 ? each - 1 : each;
    context.fillStyle = long >= 0 ? up : down;
    context.fillRect(i * each, middle - Math.max(0, long), thick, Math.abs(long));
  });
  context.fillStyle = style.color;
  context.fillRect(0, middle, WIDE, .5);
}

/**
 * A bar for each coding; if there are more than pixels, for each few neighbours the one that is
 * farthest from 0.
 * @param {Float32Array} codings
 * @returns {Float32Array}
 */
export function barsOf(codings) {
  const few = fewOf(codings.length), bars = new Float32Array(Math.ceil(codings.length / few));
  codings.forEach((coding, i) => {
    const bar = Math.floor(i / few);
    if (Math.abs(coding) > Math.abs(bars[bar])) bars[bar] = coding;
  });
  return bars;
}

/** @param {number} n codings */
function fewOf(n) {
  return Math.ceil(n / WIDE);
}

/** @param {number} n codings */
export function wordsOfBars(n) {
  const few = fewOf(n), each = few > 1 ? `, of each ${few} neighbours the largest` : "";
  return `bars: ${n === 1 ? "its coding" : `its ${n} codings${each}`}, up if positive`;
}
