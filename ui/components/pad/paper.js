// A canvas to draw on with mouse, finger, pen or keys. All papers of a visitor's pages have the same
// drawing, also after a reload.

import { drawingKept, keepDrawing } from "../shared/kept.js";
import { contextOf } from "../shared/pictures.js";
import { movedBy, thicker, thinner } from "./edits.js";
import { Ink } from "./ink.js";

/** @typedef {[height: number, width: number]} Size in the image's pixels */
/** @typedef {import("./centring.js").Placed} Placed */
/** @typedef {{ from: Paper, images: Placed[], size: Size }} Drawn what "lab-drawing" tells */

const RESTED = 100; // milliseconds after which the other papers get the drawing
/** @type {Record<string, [right: number, down: number]>} */
export const ARROWS = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** A canvas and its drawing. */
export class Paper {
  /**
   * @param {HTMLCanvasElement} sheet
   * @param {Size} size
   * @param {() => void} changed called if another drawing is to be painted
   */
  constructor(sheet, size, changed) {
    this.sheet = sheet;
    this.size = size;
    this.changed = changed;
    this.ink = new Ink(...size);
    /** @type {Float32Array[]} images to start from, by the number keys */
    this.examples = [];
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.keeping = undefined;
    this.ink.drawing = { base: drawingKept(...size), strokes: [] };
    this.listen();
    this.heard = (/** @type {Event} */ event) => {
      const { from, images, size } = /** @type {CustomEvent<Drawn>} */ (event).detail;
      if (from === this || size.some((side, i) => side !== this.size[i])) return;
      this.ink.set({ base: images, strokes: [] });
      this.changed();
    };
    document.addEventListener("lab-drawing", this.heard);
  }

  listen() {
    const { sheet, ink } = this;
    const pointOf = (/** @type {PointerEvent} */ event) => placeIn(sheet, event, this.size);
    sheet.onpointerdown = (event) => {
      if (event.button || !event.isPrimary) return;
      sheet.setPointerCapture(event.pointerId);
      ink.begin(pointOf(event));
      this.drawn();
    };
    sheet.onpointermove = (event) => {
      if (!sheet.hasPointerCapture(event.pointerId)) return; // it was pressed elsewhere
      for (const each of event.getCoalescedEvents?.() ?? [event]) ink.draw(pointOf(each));
      this.drawn();
    };
    sheet.onkeydown = (event) => {
      if ((event.ctrlKey || event.metaKey) && event.key === "z") return this.undo();
      if (event.ctrlKey || event.metaKey || event.altKey) return; // the browser's own
      const by = ARROWS[event.key];
      if (by) this.edit((image) => movedBy(image, this.size[1], by));
      else if (event.key === "+" || event.key === "=") this.thicken();
      else if (event.key === "-") this.thin();
      else if (event.key === "Delete" || event.key === "Backspace") this.start(null);
      else if (/^\d$/.test(event.key) && this.examples[Number(event.key)]) {
        this.start(this.examples[Number(event.key)]);
      } else return;
      event.preventDefault();
    };
  }

  /** @param {(image: Float32Array) => Float32Array} change of the image in each placing */
  edit(change) {
    const base = this.ink.images().map(({ placing, image }) => {
      return { placing, image: change(image) };
    });
    this.replace(base);
  }

  thicken() {
    this.edit((image) => thicker(image, this.size[1]));
  }

  thin() {
    this.edit((image) => thinner(image, this.size[1]));
  }

  /** @param {Float32Array | null} image in the place of the drawing, placed first; null: nothing */
  start(image) {
    this.replace(image ? [{ placing: this.ink.placings[0], image }] : []);
  }

  /** @param {Placed[]} base in the place of the drawing */
  replace(base) {
    this.ink.set({ base, strokes: [] });
    this.drawn();
  }

  undo() {
    this.ink.undo();
    this.drawn();
  }

  /** The visitor has changed the drawing here. */
  drawn() {
    this.changed();
    clearTimeout(this.keeping);
    this.keeping = setTimeout(() => {
      const images = this.ink.images();
      keepDrawing(images, ...this.size);
      /** @type {Drawn} */
      const detail = { from: this, images, size: this.size };
      document.dispatchEvent(new CustomEvent("lab-drawing", { detail }));
    }, RESTED);
  }

  /**
   * Paints the drawing, and gives its image [height * width] in each of the ink's placings.
   * @returns {Float32Array[]}
   */
  paint() {
    const { sheet, ink } = this, images = ink.images().map(({ image }) => image), { canvas } = ink;
    if (sheet.width !== canvas.width || sheet.height !== canvas.height) {
      sheet.width = canvas.width;
      sheet.height = canvas.height;
    }
    contextOf(sheet).drawImage(canvas, 0, 0);
    const words = inked(images[0]) ? "Your drawing; draw on it" : "The pad is empty; draw on it";
    sheet.setAttribute("aria-label", words);
    return images;
  }

  dispose() {
    document.removeEventListener("lab-drawing", this.heard);
  }
}

/**
 * Whether anything is drawn.
 * @param {Float32Array} image
 */
export function inked(image) {
  return image.some((value) => value > 0);
}

/**
 * Where a pointer is, in the image's pixels.
 * @param {HTMLCanvasElement} canvas
 * @param {PointerEvent} event
 * @param {Size} size
 * @returns {[x: number, y: number]}
 */
export function placeIn(canvas, event, [height, width]) {
  const box = canvas.getBoundingClientRect();
  return [
    (event.clientX - box.left) / box.width * width,
    (event.clientY - box.top) / box.height * height,
  ];
}
