// The pad with what networks make of the drawing. All of it is computed in the page.

import { canvasAt, elementAt, inputAt } from "../shared/elements.js";
import { Examples } from "../shared/examples.js";
import { contextOf, paint } from "../shared/pictures.js";
import { placingOf } from "./centring.js";
import { Chance, damaged, isOn } from "./damage.js";
import { movedBy, thicker, thinner } from "./edits.js";
import { Ink } from "./ink.js";
import { drawingKept, keepDrawing } from "../shared/kept.js";
import { Result } from "./result.js";

/** @typedef {import("../shared/safetensors.js").Tensor} Tensor */
/** @typedef {import("../shared/moments.js").Source} Source */
/** @typedef {import("./result.js").Shape} Shape */
/**
 * What `pad/__init__.py` packs. networks: on show. examples: test images, uint8. labels: of these.
 * @typedef {{
 *   networks: Source[], image: Shape, labels: string[], arrays: { examples: Tensor },
 * }} PadModel
 */

const SEED = 1; // of the noise
const RESTED = 100; // milliseconds after which a drawing is kept for the next pad
/** @type {Record<string, [right: number, down: number]>} */
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** A pad and its networks. */
export class PadView {
  /**
   * @param {HTMLElement} root
   * @param {PadModel} model
   */
  constructor(root, model) {
    const [height, width] = this.shape = model.image;
    this.root = root;
    this.alive = true;
    this.wanted = this.frames = 0;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.keeping = undefined;
    this.ink = new Ink(height, width);
    this.chance = new Chance(height * width, SEED);
    /** @type {import("./damage.js").Damage} */
    this.damage = { noise: 0, kept: 1, erased: 0, at: [width / 2, height / 2] };
    this.sheet = canvasAt(root, ".sheet");
    this.input = canvasAt(root, ".input");
    /** @type {Map<string, Result>} by the network's route */
    this.results = new Map();
    this.listen();
    this.sliders();
    const base = drawingKept(height, width);
    if (base) this.ink.drawing = { base, strokes: [] };
    this.show(model);
    /** @param {Event} event */
    this.travelled = (event) => {
      const { detail } = /** @type {CustomEvent<import("./result.js").Travelled>} */ (event);
      for (const result of this.results.values()) result.follow(detail);
      this.redraw();
    };
    document.addEventListener("lab-moment", this.travelled);
  }

  /**
   * Takes over the networks that are on show.
   * @param {PadModel} model
   */
  show(model) {
    const { networks } = model;
    this.examples(model);
    const before = this.results;
    this.results = new Map(networks.map((source) => {
      const known = before.get(source.network);
      known?.again(source);
      return [source.network, known ?? new Result(source, () => this.redraw())];
    }));
    const cards = [...this.results.values()].map(({ card }) => card);
    elementAt(this.root, ".results").replaceChildren(...cards);
    this.redraw();
  }

  listen() {
    const { sheet, ink } = this;
    const pointOf = (/** @type {PointerEvent} */ event) => placeIn(sheet, event, this.shape);
    sheet.onpointerdown = (event) => {
      if (event.button || !event.isPrimary) return;
      sheet.setPointerCapture(event.pointerId);
      ink.begin(pointOf(event));
      this.redraw();
    };
    sheet.onpointermove = (event) => {
      if (!sheet.hasPointerCapture(event.pointerId)) return; // it was pressed elsewhere
      for (const each of event.getCoalescedEvents?.() ?? [event]) ink.draw(pointOf(each));
      this.redraw();
    };
    sheet.onkeydown = (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return; // the browser's own
      const by = ARROWS[event.key], [, width] = this.shape;
      if (by) this.edit((image) => movedBy(image, width, by));
      else if (event.key === "+" || event.key === "=") this.edit((image) => thicker(image, width));
      else if (event.key === "-") this.edit((image) => thinner(image, width));
      else return;
      event.preventDefault();
    };
    const press = (/** @type {string} */ selector, /** @type {() => void} */ does) => {
      elementAt(this.root, selector).onclick = () => {
        does();
        this.redraw();
      };
    };
    press(".undo", () => ink.undo());
    press(".clear", () => ink.set({ base: null, strokes: [] }));
    press(".thick", () => this.edit((image) => thicker(image, this.shape[1])));
    press(".thin", () => this.edit((image) => thinner(image, this.shape[1])));
  }

  /** @param {(image: Float32Array) => Float32Array} change of the centred image */
  edit(change) {
    this.ink.set({ base: change(this.ink.image()), strokes: [] });
    this.redraw();
  }

  sliders() {
    const { damage, input } = this, [height, width] = this.shape;
    for (const name of /** @type {const} */ (["noise", "kept", "erased"])) {
      const slider = inputAt(this.root, `.${name}`);
      slider.value = String(name === "kept" ? 1 : 0); // it may be as an earlier pad left it
      slider.oninput = () => {
        damage[name] = Number(slider.value) * (name === "erased" ? width : 1);
        this.redraw();
      };
    }
    const move = (/** @type {PointerEvent} */ event) => {
      if (event.type === "pointerdown") input.setPointerCapture(event.pointerId);
      if (!input.hasPointerCapture(event.pointerId) || !damage.erased) return;
      damage.at = placeIn(input, event, this.shape);
      this.redraw();
    };
    input.onpointerdown = input.onpointermove = move;
    input.onkeydown = (event) => {
      const by = event.ctrlKey || event.metaKey || event.altKey ? null : ARROWS[event.key];
      if (!by || !damage.erased) return;
      event.preventDefault();
      const [x, y] = damage.at;
      damage.at = [
        Math.min(width, Math.max(0, x + by[0])),
        Math.min(height, Math.max(0, y + by[1])),
      ];
      this.redraw();
    };
  }

  /** @param {PadModel} model */
  examples({ image: [height, width, channels], labels, arrays: { examples } }) {
    const shape = /** @type {Shape} */ ([height, width, channels]), size = height * width;
    const grey = Array.from({ length: labels.length }, (_, i) => {
      const image = new Float32Array(size); // of a colour image its brightness
      for (let k = 0; k < size; k++) {
        for (let c = 0; c < channels; c++) {
          image[k] += examples[(i * size + k) * channels + c] / 255 / channels;
        }
      }
      return image;
    });
    this.ink.placing = placingOf(grey, height, width);
    const show = (/** @type {number} */ i) => {
      this.ink.set({ base: grey[i], strokes: [] });
      this.redraw();
    };
    const words = labels.length ? "Or start from a test image:" : "";
    new Examples(this.root, { images: examples, labels, shape }, show, words);
  }

  redraw() {
    this.wanted ||= requestAnimationFrame(() => {
      this.wanted = 0;
      if (this.alive) this.draw();
    });
  }

  draw() {
    const begin = performance.now(), { ink, damage, chance, root } = this;
    const [height, width, channels] = this.shape, image = ink.image(), repairs = isOn(damage);
    const { canvas } = ink;
    if (this.sheet.width !== canvas.width || this.sheet.height !== canvas.height) {
      this.sheet.width = canvas.width;
      this.sheet.height = canvas.height;
    }
    contextOf(this.sheet).drawImage(canvas, 0, 0);
    const seen = repairs ? damaged(image, width, damage, chance) : image;
    paint(this.input, seen, width, height);
    const says = {
      noise: damage.noise.toFixed(2),
      kept: `${Math.round(100 * damage.kept)} %`,
      erased: damage.erased ? `${Math.round(damage.erased)} px` : "off",
    };
    for (const [name, words] of Object.entries(says)) {
      const label = /** @type {HTMLElement} */ (inputAt(root, `.${name}`).parentElement);
      elementAt(label, "output").textContent = words;
    }
    elementAt(root, ".eraser").hidden = !damage.erased;
    const empty = !image.some((value) => value > 0);
    const words = empty ? "The pad is empty; draw on it" : "Your drawing; draw on it";
    this.sheet.setAttribute("aria-label", words);
    this.input.setAttribute("aria-label", "The drawing as the networks get it");
    const many = channels === 1 ? seen : inChannels(seen, channels),
      wanted = channels === 1 ? image : inChannels(image, channels);
    for (const result of this.results.values()) {
      result.show(many, wanted, { shape: this.shape, repairs, empty });
    }
    clearTimeout(this.keeping);
    this.keeping = setTimeout(() => keepDrawing(image, height, width), RESTED);
    root.dataset.frames = String(++this.frames); // for measurements and tests of the page
    root.dataset.took = String(performance.now() - begin);
  }

  dispose() {
    this.alive = false;
    cancelAnimationFrame(this.wanted);
    document.removeEventListener("lab-moment", this.travelled);
  }
}

/**
 * Where a pointer is, in the image's pixels.
 * @param {HTMLCanvasElement} canvas
 * @param {PointerEvent} event
 * @param {Shape} shape
 * @returns {[x: number, y: number]}
 */
function placeIn(canvas, event, [height, width]) {
  const box = canvas.getBoundingClientRect();
  return [
    (event.clientX - box.left) / box.width * width,
    (event.clientY - box.top) / box.height * height,
  ];
}

/**
 * A grey image in every channel.
 * @param {Float32Array} grey
 * @param {number} channels
 */
function inChannels(grey, channels) {
  return Float32Array.from(
    { length: grey.length * channels },
    (_, i) => grey[Math.floor(i / channels)],
  );
}
