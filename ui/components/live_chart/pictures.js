// Test images, what the network saw of them if it corrupts them, and what it makes of them.

import { bytesOf } from "../shared/bytes.js";
import { elementAt } from "../shared/elements.js";
import { grouped } from "../shared/numbers.js";
import { paintBytes } from "../shared/pictures.js";

/** Three rows of canvases, made once. */
export class Pictures {
  /**
   * @param {HTMLElement} root
   * @param {import("../shared/packing.js").ImageShape} shape
   * @param {string} originals uint8 in base64
   */
  constructor(root, [height, width, channels = 1], originals) {
    const bytes = bytesOf(originals), n = bytes.length / (width * height * channels);
    this.root = root;
    this.shape = { height, width, channels };
    const shown = canvases("Original", n);
    this.seen = canvases("Corrupted image", n);
    this.made = canvases("Reconstruction", n);
    elementAt(root, ".originals").replaceChildren(...shown);
    elementAt(root, ".seen").replaceChildren(...this.seen);
    elementAt(root, ".made").replaceChildren(...this.made);
    elementAt(root, ".pictures").hidden = false;
    this.paint(shown, bytes);
  }

  /**
   * What the network made of the images at a step; null if nothing is known yet.
   * @param {{ x: number, made: Uint8Array, seen: Uint8Array | null } | null} shown
   */
  show(shown) {
    // outlines, not black tiles, until then
    elementAt(this.root, ".made").classList.toggle("waiting", !shown);
    if (!shown) return;
    const { x, made, seen } = shown, { dataset } = elementAt(this.root, ".pictures");
    dataset.frames = String(1 + Number(dataset.frames ?? 0)); // for measurements of the page
    this.paint(this.made, made);
    elementAt(this.root, ".corrupted").hidden = !seen;
    if (seen) this.paint(this.seen, seen);
    elementAt(this.root, ".when").textContent = x ? `at step ${grouped(x)}` : "before training";
  }

  /**
   * @param {HTMLCanvasElement[]} row
   * @param {Uint8Array} bytes
   */
  paint(row, bytes) {
    const { height, width, channels } = this.shape;
    row.forEach((canvas, i) => paintBytes(canvas, bytes, i, width, height, channels));
  }
}

/**
 * @param {string} label
 * @param {number} n
 * @returns {HTMLCanvasElement[]}
 */
function canvases(label, n) {
  return Array.from({ length: n }, (_, i) => {
    const canvas = document.createElement("canvas");
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", `${label} ${i + 1}`);
    return canvas;
  });
}
