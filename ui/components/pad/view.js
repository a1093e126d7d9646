// The pad with what networks make of the drawing. All of it is computed in the page.

import { canvasAt, elementAt, inputAt } from "../shared/elements.js";
import { Examples } from "../shared/examples.js";
import { brightness, inChannels, paint } from "../shared/pictures.js";
import { placingOf } from "./centring.js";
import { Chance, damaged, isOn } from "./damage.js";
import { ARROWS, inked, Paper, placeIn } from "./paper.js";
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
    this.paper = new Paper(canvasAt(root, ".sheet"), [height, width], () => this.redraw());
    this.chance = new Chance(height * width, SEED);
    /** @type {import("./damage.js").Damage} */
    this.damage = { noise: 0, kept: 1, erased: 0, at: [width / 2, height / 2] };
    this.input = canvasAt(root, ".input");
    /** @type {Map<string, Result>} by the network's route */
    this.results = new Map();
    this.buttons();
    this.sliders();
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

  buttons() {
    const { root, paper } = this;
    elementAt(root, ".undo").onclick = () => paper.undo();
    elementAt(root, ".clear").onclick = () => paper.start(null);
    elementAt(root, ".thick").onclick = () => paper.thicken();
    elementAt(root, ".thin").onclick = () => paper.thin();
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
      damage.at = placeIn(input, event, [height, width]);
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
    const shape = /** @type {Shape} */ ([height, width, channels]);
    const grey = brightness(examples, height * width, channels);
    this.paper.ink.placing = placingOf(grey, height, width);
    const show = (/** @type {number} */ i) => this.paper.start(grey[i]);
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
    const begin = performance.now(), { paper, damage, chance, root } = this;
    const [height, width, channels] = this.shape, image = paper.paint(), repairs = isOn(damage);
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
    this.input.setAttribute("aria-label", "The drawing as the networks get it");
    const of = { shape: this.shape, repairs, empty: !inked(image) };
    for (const result of this.results.values()) {
      result.show(inChannels(seen, channels), inChannels(image, channels), of);
    }
    root.dataset.frames = String(++this.frames); // for measurements and tests of the page
    root.dataset.took = String(performance.now() - begin);
  }

  dispose() {
    this.alive = false;
    cancelAnimationFrame(this.wanted);
    this.paper.dispose();
    document.removeEventListener("lab-moment", this.travelled);
  }
}
