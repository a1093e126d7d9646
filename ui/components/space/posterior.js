// The true posterior of one image's two codings, by Bayes' rule on a grid, and the encoder's
// Gaussian beside it (Kingma & Welling 2014). What lies between them is the part of the inference
// gap that Cremer et al. (2018) measure: log p(x) less the bound is KL(encoder, posterior).

import { forward } from "../shared/network.js";

/** @typedef {import("../shared/network.js").Layer} Layer */
/** @typedef {import("./frame.js").Frame} Frame */
/** @typedef {[first: number, second: number]} Pair of the two codings */
/** @typedef {{ mean: Pair, deviation: Pair }} Gaussian */

const FAR = 12; // nats below the likeliest cell: the square of the next grid leaves out the others
const FINE = 2.5; // cells in a standard deviation, from which on a grid is fine enough
// The bound is a mean over the encoder's Gaussian: on such a grid, as the midpoint rule is nearly
// exact for what ends as fast as a Gaussian.
const CELLS_OF_GAUSSIAN = 15;
const DEVIATIONS = 5; // to each side

/** Codings in a frame and what each cell's middle decodes to, made some rows at a time. */
export class Grid {
  /**
   * @param {Layer[]} decoder its last activation is the sigmoid
   * @param {Frame} frame
   * @param {number} cells along each side
   */
  constructor(decoder, frame, cells) {
    const last = /** @type {Layer} */ (decoder.at(-1));
    this.layers = [
      ...decoder.slice(0, -1),
      /** @type {Layer} */ ({ ...last, activation: "linear" }),
    ];
    this.frame = frame;
    this.cells = cells;
    this.places = placesIn(frame, cells);
    /** @type {Float32Array[]} of each row of cells: its logits [cells, n_inputs] */
    this.rows = [];
    this.off = new Float64Array(cells * cells); // the log-likelihood of no ink, negative
  }

  get ready() {
    return this.rows.length === this.cells;
  }

  /** A cell's sides. */
  get sides() {
    return /** @type {Pair} */ ([this.frame.reach, this.frame.tall].map((far) =>
      2 * far / this.cells
    ));
  }

  /** @param {number} until makes rows until this time (`performance.now()`), at least one */
  some(until) {
    do this.row(); while (!this.ready && performance.now() < until);
  }

  row() {
    const { cells } = this, begin = this.rows.length * cells;
    const codings = this.places.subarray(2 * begin, 2 * (begin + cells));
    const logits = /** @type {Float32Array} */ (forward(this.layers, codings, cells));
    const size = logits.length / cells;
    for (let i = 0; i < logits.length; i++) {
      const l = logits[i]; // log(1 + exp(l)) without its overflow
      this.off[begin + Math.floor(i / size)] += Math.max(l, 0) + Math.log1p(Math.exp(-Math.abs(l)));
    }
    this.rows.push(logits);
  }

  /**
   * log p(x, z) in nats at each cell's middle: the cross-entropy of training, and the prior N(0, I).
   * @param {Float32Array} x an image
   */
  joint(x) {
    const joint = new Float64Array(this.cells ** 2);
    for (let i = 0; i < joint.length; i++) {
      const logits = this.rows[Math.floor(i / this.cells)], at = (i % this.cells) * x.length;
      let fit = 0;
      for (let k = 0; k < x.length; k++) fit += x[k] * logits[at + k];
      const first = this.places[2 * i], second = this.places[2 * i + 1];
      joint[i] = fit - this.off[i] - (first * first + second * second) / 2 - Math.log(2 * Math.PI);
    }
    return joint;
  }
}

/**
 * The middles of a frame's cells, [cells * cells, 2], from below.
 * @param {Frame} frame
 * @param {number} cells
 */
function placesIn({ x, y, reach, tall }, cells) {
  const places = new Float32Array(2 * cells * cells);
  const along = (/** @type {number} */ i) => 2 * (i + .5) / cells - 1;
  for (let i = 0; i < cells * cells; i++) {
    places.set([x + reach * along(i % cells), y + tall * along(Math.floor(i / cells))], 2 * i);
  }
  return places;
}

/**
 * Bayes' rule on a grid that is ready. p: each cell's chance, which sum to 1. evidence: log p(x) in
 * nats. mode: the middle of the likeliest cell.
 * @param {Grid} grid
 * @param {Float32Array} x
 */
export function posteriorOn(grid, x) {
  const joint = grid.joint(x), { places, sides: [wide, tall] } = grid;
  const best = joint.reduce((top, value, i) => (value > joint[top] ? i : top), 0);
  const p = joint.map((value) => Math.exp(value - joint[best]));
  const total = p.reduce((sum, value) => sum + value, 0);
  for (let i = 0; i < p.length; i++) p[i] /= total;
  return {
    joint,
    p,
    evidence: joint[best] + Math.log(total * wide * tall),
    mode: /** @type {Pair} */ ([places[2 * best], places[2 * best + 1]]),
    ...momentsOf(p, places),
  };
}

/**
 * The mean and the standard deviation of the two codings.
 * @param {Float64Array} p of each cell
 * @param {Float32Array} places [cells, 2]
 * @returns {Gaussian}
 */
function momentsOf(p, places) {
  const mean = /** @type {Pair} */ ([0, 0]), squares = [0, 0];
  for (const j of [0, 1]) {
    p.forEach((share, i) => mean[j] += share * places[2 * i + j]);
    p.forEach((share, i) => squares[j] += share * (places[2 * i + j] - mean[j]) ** 2);
  }
  return { mean, deviation: [Math.sqrt(squares[0]), Math.sqrt(squares[1])] };
}

/**
 * The encoder's Gaussian on a grid's cells, which sum to 1.
 * @param {Grid} grid
 * @param {Gaussian} gaussian
 */
export function gaussianOn({ places, cells }, { mean, deviation }) {
  const q = Float64Array.from({ length: cells * cells }, (_, i) => {
    const [a, b] = [0, 1].map((j) => (places[2 * i + j] - mean[j]) / deviation[j]);
    return Math.exp(-(a * a + b * b) / 2);
  });
  const total = q.reduce((sum, value) => sum + value, 0);
  return q.map((value) => value / total);
}

/**
 * The variational bound of an image in nats, with the KL's weight 1: a mean over the encoder's
 * Gaussian, not from one draw.
 * @param {Layer[]} decoder
 * @param {Float32Array} x
 * @param {Gaussian} gaussian
 */
export function boundOf(decoder, x, gaussian) {
  const { mean: [first, second], deviation: [a, b] } = gaussian;
  const frame = { x: first, y: second, reach: DEVIATIONS * a, tall: DEVIATIONS * b };
  const grid = new Grid(decoder, frame, CELLS_OF_GAUSSIAN);
  grid.some(Infinity);
  const joint = grid.joint(x), entropy = Math.log(2 * Math.PI * Math.E * a * b);
  return gaussianOn(grid, gaussian).reduce((sum, q, i) => sum + q * joint[i], entropy);
}

/**
 * The square for a finer grid than one on a square: all that is not far less likely than the
 * likeliest cell, and the encoder's Gaussian. Null if this grid is fine enough.
 * @param {Grid} grid
 * @param {ReturnType<typeof posteriorOn>} found
 * @param {Gaussian} gaussian
 * @returns {Frame | null}
 */
export function finer(grid, { joint, deviation }, gaussian) {
  const { places, sides: [side], frame } = grid;
  if (Math.min(...deviation, ...gaussian.deviation) > FINE * side) return null;
  const least = joint.reduce((most, value) => Math.max(most, value)) - FAR;
  const low = [Infinity, Infinity], high = [-Infinity, -Infinity];
  joint.forEach((value, i) => {
    if (value < least) return;
    for (const j of [0, 1]) {
      low[j] = Math.min(low[j], places[2 * i + j] - side);
      high[j] = Math.max(high[j], places[2 * i + j] + side);
    }
  });
  for (const j of [0, 1]) {
    low[j] = Math.min(low[j], gaussian.mean[j] - 4 * gaussian.deviation[j]);
    high[j] = Math.max(high[j], gaussian.mean[j] + 4 * gaussian.deviation[j]);
  }
  const reach = Math.max(high[0] - low[0], high[1] - low[1]) / 2;
  if (reach > .8 * frame.reach) return null; // it is wide: no finer square holds all of it
  return { x: (low[0] + high[0]) / 2, y: (low[1] + high[1]) / 2, reach, tall: reach };
}
