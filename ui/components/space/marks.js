// What is written and drawn over the dots. Each line has an edge in the paper's colour, so that it
// is seen on anything.

/** @typedef {{ context: CanvasRenderingContext2D, ink: string, paper: string }} Pen */
/** @typedef {[left: number, top: number]} Spot on the canvas, in pixels */

/**
 * Each class's name at the median of its dots.
 * @param {Pen} pen
 * @param {string} font
 * @param {import("./dots.js").Inputs} inputs
 * @param {Float32Array} at [n, 2]
 * @param {Set<number>} hidden classes
 */
export function paintNames({ context, ink, paper }, font, { names, labels }, at, hidden) {
  /** @type {number[][]} */
  const x = names.map(() => []);
  /** @type {number[][]} */
  const y = names.map(() => []);
  labels.forEach((label, i) => {
    x[label].push(at[2 * i]);
    y[label].push(at[2 * i + 1]);
  });
  const middle = (/** @type {number[]} */ all) => all.sort((a, b) => a - b)[all.length >> 1];
  context.font = font;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.lineJoin = "round";
  context.lineWidth = 4;
  context.strokeStyle = paper;
  context.fillStyle = ink;
  names.forEach((name, label) => {
    if (hidden.has(label) || !x[label].length) return;
    const left = middle(x[label]), top = middle(y[label]);
    context.strokeText(name, left, top);
    context.fillText(name, left, top);
  });
}

/**
 * @param {Pen} pen
 * @param {Spot[]} path
 * @param {boolean} [closed]
 */
export function paintPath(pen, path, closed = false) {
  if (path.length < 2) return;
  pen.context.beginPath();
  for (const [x, y] of path) pen.context.lineTo(x, y); // the first of them begins it
  if (closed) pen.context.closePath();
  strokeTwice(pen);
}

/**
 * The ellipse around a Gaussian, at so many standard deviations.
 * @param {[number, number]} middle
 * @param {[number, number, number]} covariance [xx, xy, yy]
 * @param {number} many
 * @returns {[x: number, y: number][]}
 */
export function around([x, y], [xx, xy, yy], many) {
  const a = Math.sqrt(xx), b = a && xy / a, c = Math.sqrt(Math.max(0, yy - b * b)); // Cholesky's
  return Array.from({ length: 64 }, (_, i) => {
    const angle = 2 * Math.PI * i / 64, cos = many * Math.cos(angle), sin = many * Math.sin(angle);
    return [x + a * cos, y + b * cos + c * sin];
  });
}

/**
 * @param {Pen} pen
 * @param {Spot} spot
 */
export function paintRing(pen, [x, y]) {
  pen.context.beginPath();
  pen.context.arc(x, y, 8, 0, 2 * Math.PI);
  strokeTwice(pen);
}

/** @param {Pen} pen */
function strokeTwice({ context, ink, paper }) {
  for (const [width, colour] of /** @type {const} */ ([[5, paper], [2, ink]])) {
    context.lineWidth = width;
    context.strokeStyle = colour;
    context.stroke();
  }
}

/**
 * A letter in a disc.
 * @param {Pen} pen
 * @param {Spot} spot
 * @param {string} sign
 */
export function paintSign({ context, ink, paper }, [x, y], sign) {
  context.fillStyle = ink;
  context.strokeStyle = paper;
  context.lineWidth = 2;
  context.beginPath();
  context.arc(x, y, 10, 0, 2 * Math.PI);
  context.fill();
  context.stroke();
  context.fillStyle = paper;
  context.font = "700 12px sans-serif";
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(sign, x, y + 1);
}
