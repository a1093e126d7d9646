// Arithmetic with codings: a − b + c, decoded.

import { canvasAt, elementAt } from "../shared/elements.js";
import { forward } from "../shared/network.js";
import { paint } from "../shared/pictures.js";

/** @typedef {import("../shared/network.js").Layer} Layer */
/** @typedef {[key: string, title: string]} Option a class's mean by its number, or "A", "B", "own" */

const FIRST_TERMS = [8, 3, 5]; // of the digits
const PARTS = /** @type {const} */ (["a", "b", "c"]);

/** Three choices, and what comes out. */
export class Arithmetic {
  /**
   * @param {HTMLElement} root
   * @param {{ height: number, width: number, channels: number }} shape
   * @param {() => void} changed
   */
  constructor(root, shape, changed) {
    this.root = root;
    this.shape = shape;
    this.choices = PARTS.map((part) => {
      const select = /** @type {HTMLSelectElement} */ (elementAt(root, `.${part} select`));
      select.onchange = changed;
      return select;
    });
  }

  /** What is chosen. */
  get values() {
    return this.choices.map(({ value }) => value);
  }

  /** @param {Option[]} options */
  offer(options) {
    const keys = options.map(([key]) => key).join();
    this.choices.forEach((select, i) => {
      if (select.dataset.keys === keys) return;
      const before = select.value, first = !select.dataset.keys;
      select.replaceChildren(...options.map(([key, title]) => new Option(title, key)));
      select.dataset.keys = keys;
      const [start] = options[FIRST_TERMS[i] % options.length];
      select.value = !first && options.some(([key]) => key === before) ? before : start;
    });
  }

  /**
   * @param {Layer[]} decoder
   * @param {(key: string) => Float32Array} codingsOf of an option
   */
  draw(decoder, codingsOf) {
    const [a, b, c] = this.values.map(codingsOf);
    const sum = a.map((value, i) => value - b[i] + c[i]);
    const { height, width, channels } = this.shape;
    [...PARTS, "sum"].forEach((part, i) => {
      const image = forward(decoder, [a, b, c, sum][i]);
      paint(canvasAt(this.root, `.${part} canvas`), image, width, height, channels);
    });
  }
}
