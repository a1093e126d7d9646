// What one image's two codings can be: the encoder's Gaussian and the true posterior, side by side.

import { canvasAt, elementAt } from "../shared/elements.js";
import { clouded } from "../shared/networks.js";
import { brief } from "../shared/numbers.js";
import { contextOf } from "../shared/pictures.js";
import { SLICE } from "./background.js";
import { onCanvas } from "./frame.js";
import { around } from "./marks.js";
import { boundOf, finer, gaussianOn, Grid, posteriorOn } from "./posterior.js";

/** @typedef {import("../shared/networks.js").Loaded} Loaded */
/** @typedef {import("./frame.js").Frame} Frame */
/** @typedef {import("./posterior.js").Gaussian} Gaussian */
/** @typedef {import("./posterior.js").Pair} Pair */

const CELLS = 40; // along each grid, as space.html says
const SIZE = 200; // pixels along each picture
const WHOLE = 4; // the first grid reaches at least so far in codings: the prior is N(0, I)

/** The section of it. */
export class Inference {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    /** @type {Loaded | null} */
    this.network = null;
    /** @type {Float32Array | null} */
    this.image = null;
    /** @type {Grid | null} which depends on the network alone */
    this.first = null;
    /** @type {Grid | null} the one at hand */
    this.grid = null;
    this.done = false;
  }

  /**
   * @param {Loaded | null} network null, if it is not here yet
   * @param {Frame} frame of the map
   * @param {Float32Array} image
   * @returns {boolean} whether more of it is to come
   */
  draw(network, frame, image) {
    const more = network !== null && this.go(network, frame, image);
    this.root.classList.toggle("late", !network || more);
    if (!network) elementAt(this.root, ".gap").textContent = "The network is on its way.";
    if (more && this.grid) {
      const share = this.grid.rows.length / CELLS;
      elementAt(this.root, ".gap").textContent = `The decoder draws the codings of a grid, ${
        Math.round(100 * share)
      } % are done.`;
    }
    return more;
  }

  /**
   * @param {Loaded} network
   * @param {Frame} frame
   * @param {Float32Array} image
   * @returns {boolean} whether more of it is to come
   */
  go(network, frame, image) {
    if (network !== this.network) {
      const reach = Math.max(WHOLE, frame.reach + Math.hypot(frame.x, frame.y));
      this.first = new Grid(network.decoder, { x: 0, y: 0, reach, tall: reach }, CELLS);
    }
    if (network !== this.network || image !== this.image) {
      this.network = network;
      this.image = image;
      this.grid = this.first;
      this.done = false;
      this.root.dataset.found = "";
    }
    if (this.done || !this.grid) return false;
    if (!this.grid.ready) this.grid.some(performance.now() + SLICE);
    if (this.grid.ready) this.next(this.grid, network, image);
    return !this.done;
  }

  /**
   * Goes on to a finer grid, or shows what the last one found.
   * @param {Grid} grid
   * @param {Loaded} network
   * @param {Float32Array} image
   */
  next(grid, network, image) {
    const found = posteriorOn(grid, image), { mean, deviation } = clouded(network, image);
    const gaussian = { mean: pairOf(mean), deviation: pairOf(deviation) };
    const square = finer(grid, found, gaussian);
    if (square) {
      this.grid = new Grid(network.decoder, square, CELLS);
      return;
    }
    this.done = true;
    const q = gaussianOn(grid, gaussian), { evidence, mode, p } = found;
    const gap = evidence - boundOf(network.decoder, image, gaussian);
    const most = [...q, ...p].reduce((top, value) => Math.max(top, value));
    const paint = (/** @type {string} */ name, /** @type {Float64Array} */ shares) =>
      paintChances(canvasAt(this.root, `${name} canvas`), grid, shares, { most, gaussian });
    paint(".encoders", q);
    paint(".posterior", p);
    this.say(".encoders figcaption", "The encoder’s Gaussian", gaussian);
    this.say(".posterior figcaption", "The true posterior", found);
    elementAt(this.root, ".gap").textContent =
      `−log p(x) is ${(-evidence).toFixed(1)} nats, and the bound on it ${
        (gap - evidence).toFixed(1)
      }: ${gap.toFixed(2)} more, which is ` +
      "KL(encoder’s Gaussian ‖ true posterior). It is 0 only if they are the same.";
    this.root.dataset.found = JSON.stringify({ // for tests
      frame: grid.frame,
      side: grid.sides[0],
      sum: p.reduce((total, value) => total + value, 0),
      mode,
      evidence,
      gap,
      gaussian,
      mean: found.mean,
      deviation: found.deviation,
    });
  }

  /**
   * @param {string} selector
   * @param {string} title
   * @param {Gaussian} gaussian
   */
  say(selector, title, { mean, deviation }) {
    const [at, wide] = [mean, deviation].map((pair) =>
      pair.map((value) => brief(Number(value.toFixed(3)))).join(", ")
    );
    elementAt(this.root, selector).textContent = `${title}: mean ${at}, standard deviation ${wide}`;
  }
}

/** @param {Float32Array} values */
function pairOf(values) {
  return /** @type {Pair} */ ([values[0], values[1]]);
}

/**
 * Chances as grey, with the encoder's Gaussian at one and two deviations.
 * @param {HTMLCanvasElement} canvas
 * @param {Grid} grid
 * @param {Float64Array} shares of each cell
 * @param {{ most: number, gaussian: Gaussian }} how most: what is white
 */
function paintChances(canvas, { cells, frame }, shares, { most, gaussian }) {
  const dense = devicePixelRatio || 1, small = document.createElement("canvas");
  small.width = small.height = cells;
  const tile = contextOf(small).createImageData(cells, cells);
  shares.forEach((share, i) => {
    const pixel = 4 * ((cells - 1 - Math.floor(i / cells)) * cells + (i % cells));
    tile.data.fill(255 * share / most, pixel, pixel + 3);
    tile.data[pixel + 3] = 255;
  });
  contextOf(small).putImageData(tile, 0, 0);
  canvas.width = canvas.height = Math.round(SIZE * dense);
  const context = contextOf(canvas);
  context.setTransform(dense, 0, 0, dense, 0, 0);
  context.imageSmoothingQuality = "high";
  context.drawImage(small, 0, 0, SIZE, SIZE);
  const [a, b] = gaussian.deviation;
  context.strokeStyle = getComputedStyle(canvas).getPropertyValue("--lab-codings");
  context.lineWidth = 1.5;
  for (const many of [1, 2]) {
    context.beginPath();
    for (const [left, top] of around(gaussian.mean, [a * a, 0, b * b], many)) {
      context.lineTo(...onCanvas(frame, SIZE, left, top));
    }
    context.closePath();
    context.stroke();
  }
}
