// A row of test images to start from.

import { elementAt } from "./elements.js";
import { paintBytes } from "./pictures.js";

/** @typedef {import("./packing.js").ImageShape} ImageShape */
/** @typedef {import("./safetensors.js").Tensor} Tensor */

/** The row and its buttons. */
export class Examples {
  /**
   * @param {HTMLElement} root
   * @param {{ images: Tensor, labels: string[], shape: ImageShape }} model images: uint8, one for
   *   each label
   * @param {(example: number) => void} picked
   * @param {string} words above the row
   */
  constructor(root, { images, labels, shape: [height, width, channels] }, picked, words) {
    this.bytes = /** @type {Uint8Array} */ (images);
    this.shape = { height, width, channels };
    this.buttons = Array.from({ length: images.shape[0] }, (_, i) => {
      const button = document.createElement("button"), picture = document.createElement("canvas");
      button.className = "made example";
      button.type = "button";
      button.setAttribute("aria-label", `Start from test image ${i + 1}, ${labels[i]}`);
      button.setAttribute("aria-pressed", "false");
      button.title = `Start from this ${labels[i]}`;
      button.onclick = () => picked(i);
      this.paint(picture, i);
      button.append(picture);
      return button;
    });
    elementAt(root, ".examples").replaceChildren(...this.buttons);
    elementAt(root, ".start p").textContent = words;
  }

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {number} example
   */
  paint(canvas, example) {
    const { width, height, channels } = this.shape;
    paintBytes(canvas, this.bytes, example, width, height, channels);
  }

  /** @param {number} example the one that is shown; -1 for none */
  mark(example) {
    this.buttons.forEach((button, i) => button.setAttribute("aria-pressed", String(example === i)));
  }
}
