// What the networks get: the damaged drawing, a picture for each way in which it is placed. The erased
// block is dragged on any of them, or moved with the arrow keys.

import { ARROWS, placeIn } from "./paper.js";

/** @typedef {[x: number, y: number]} Point in the image's pixels */

/** The pictures. */
export class Inputs {
  /**
   * @param {HTMLElement} root
   * @param {import("./paper.js").Size} size
   * @param {(to: (before: Point) => Point) => boolean} moved gets where the block goes, and gives
   *   whether there is one
   */
  constructor(root, size, moved) {
    this.root = root;
    this.size = size;
    this.moved = moved;
    /** @type {HTMLCanvasElement[]} */
    this.canvases = [];
    /** @type {string[]} */
    this.names = [];
  }

  /** @param {string[]} names for each picture the data whose networks get it; one is not named */
  name(names) {
    if (JSON.stringify(names) === JSON.stringify(this.names)) return; // a finger may be on them
    this.names = names;
    this.canvases = names.map(() => this.made());
    this.root.replaceChildren(...this.canvases.map((canvas, i) => {
      const figure = document.createElement("figure"),
        caption = document.createElement("figcaption");
      const several = names.length > 1, which = several ? `networks of ${names[i]}` : "networks";
      canvas.setAttribute("aria-label", `The drawing as the ${which} get it`);
      caption.textContent = several ? names[i] : "";
      figure.append(canvas, caption);
      return figure;
    }));
  }

  made() {
    const canvas = document.createElement("canvas");
    canvas.className = "input";
    canvas.tabIndex = 0;
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-describedby", "block");
    const drag = (/** @type {PointerEvent} */ event) => {
      if (event.type === "pointerdown") canvas.setPointerCapture(event.pointerId);
      if (canvas.hasPointerCapture(event.pointerId)) {
        this.moved(() => placeIn(canvas, event, this.size));
      }
    };
    canvas.onpointerdown = canvas.onpointermove = drag;
    canvas.onkeydown = (event) => {
      const by = event.ctrlKey || event.metaKey || event.altKey ? null : ARROWS[event.key];
      if (!by) return;
      const [height, width] = this.size;
      const has = this.moved(([x, y]) => [
        Math.min(width, Math.max(0, x + by[0])),
        Math.min(height, Math.max(0, y + by[1])),
      ]);
      if (has) event.preventDefault();
    };
    return canvas;
  }
}
