// Codings as bars: up for positive, down for negative ones.

import { contextOf } from "../shared/pictures.js";

const MOST = 64;
const WIDE = 256;
const HIGH = 48;

/**
 * @param {HTMLCanvasElement} canvas
 * @param {Float32Array} codings the first of them are drawn
 */
export function paintBars(canvas, codings) {
  const n = Math.min(MOST, codings.length), context = contextOf(canvas);
  canvas.width = WIDE;
  canvas.height = HIGH;
  let most = 1e-9;
  for (let i = 0; i < n; i++) most = Math.max(most, Math.abs(codings[i]));
  const style = getComputedStyle(canvas), each = WIDE / n, middle = HIGH / 2;
  const [up, down] = ["--positive", "--negative"].map((name) => style.getPropertyValue(name));
  context.clearRect(0, 0, WIDE, HIGH);
  for (let i = 0; i < n; i++) {
    const long = codings[i] / most * (middle - 1);
    context.fillStyle = long >= 0 ? up : down;
    context.fillRect(i * each, middle - Math.max(0, long), Math.max(1, each - 1), Math.abs(long));
  }
  context.fillStyle = style.color;
  context.fillRect(0, middle, WIDE, .5);
}

/** @param {number} n codings */
export function wordsOfBars(n) {
  const whole = `${n} coding${n === 1 ? "" : "s"}`;
  return n > MOST ? `the first ${MOST} of ${whole}` : whole;
}
