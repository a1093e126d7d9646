// A sheet of 60 random draws; a click on one brings it to the sliders.

import { canvasAt, elementAt } from "../shared/elements.js";
import { contextOf } from "../shared/pictures.js";
import { seeded } from "../shared/random.js";

const COLUMNS = 10;
const ROWS = 6;

/** @typedef {import("./draws.js").Draw} Draw */
/** @typedef {import("../shared/random.js").Random} Random */
/** @typedef {(draws: Draw[], done: (tile: HTMLCanvasElement, i: number) => void) => void} Paint */
/**
 * @typedef {{ drawn: (random: Random) => Draw, paint: Paint, picked: (draw: Draw) => void }} Asked
 */

/** The sheet and its button. */
export class Sheet {
  /**
   * @param {HTMLElement} root
   * @param {{ height: number, width: number }} size of a tile, in pixels
   * @param {Asked} asked of the explorer: for a new draw, for the draws' pictures, and what to do
   *   with one that is clicked
   */
  constructor(root, { height, width }, asked) {
    this.root = root;
    this.tile = { height, width };
    this.asked = asked;
    this.canvas = canvasAt(root, ".sheet");
    this.alive = true;
    this.wanted = 0; // the frame that will paint it
    /** @type {Draw[]} */
    this.draws = [];
    elementAt(root, ".more").onclick = () => {
      delete root.dataset.seed;
      this.fill();
    };
    this.canvas.onclick = (event) => {
      const box = this.canvas.getBoundingClientRect();
      const column = Math.floor(((event.clientX - box.left) / box.width) * COLUMNS);
      const row = Math.floor(((event.clientY - box.top) / box.height) * ROWS);
      asked.picked(this.draws[row * COLUMNS + column]);
    };
  }

  /** Draw 60; the same ones again after new weights, because the seed stays with the element. */
  fill() {
    const random = seeded(
      Number(this.root.dataset.seed ||= String(Math.floor(Math.random() * 2 ** 31))),
    );
    this.draws = Array.from({ length: COLUMNS * ROWS }, () => this.asked.drawn(random));
    this.paint();
  }

  /** Repaint the same draws with the next frame. */
  repaint() {
    if (!this.wanted) this.wanted = requestAnimationFrame(() => this.paint());
  }

  paint() {
    this.wanted = 0;
    if (!this.alive) return;
    const { height, width } = this.tile, context = contextOf(this.canvas);
    this.canvas.width = COLUMNS * width;
    this.canvas.height = ROWS * height;
    this.asked.paint(this.draws, (tile, i) => {
      context.drawImage(tile, (i % COLUMNS) * width, Math.floor(i / COLUMNS) * height);
    });
    // for tests of the page
    this.canvas.dataset.sheets = String(Number(this.canvas.dataset.sheets || 0) + 1);
  }

  dispose() {
    this.alive = false;
  }
}
