// The pad with what networks make of the drawing. All of it is computed in the page.

import { canvasAt, elementAt, inputAt } from "../shared/elements.js";
import { Examples } from "../shared/examples.js";
import { brightness, inChannels, paint } from "../shared/pictures.js";
import { isSame, placingOf } from "./centring.js";
import { Chance, damaged, isOn } from "./damage.js";
import { Inputs } from "./inputs.js";
import { inked, Paper } from "./paper.js";
import { Result } from "./result.js";

/** @typedef {import("../shared/safetensors.js").Tensor} Tensor */
/** @typedef {import("./result.js").Shape} Shape */
/**
 * What `pad/__init__.py` packs. networks: on show. data: what these learned; of each, `labels` of
 * its test images, which are "examples.0", … in `arrays`: uint8.
 * @typedef {{
 *   networks: import("./result.js").Known[], image: Shape,
 *   data: { title: string, labels: string[] }[], arrays: Record<string, Tensor>,
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
    this.inputs = new Inputs(elementAt(root, ".inputs"), [height, width], (at) => {
      if (!this.damage.erased) return false;
      this.damage.at = at(this.damage.at);
      this.redraw();
      return true;
    });
    /** @type {number[]} for each data set the place of its placing among the paper's */
    this.placedAs = [];
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
    this.learned(model);
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
    const { damage } = this, [, width] = this.shape;
    for (const name of /** @type {const} */ (["noise", "kept", "erased"])) {
      const slider = inputAt(this.root, `.${name}`);
      slider.value = String(name === "kept" ? 1 : 0); // it may be as an earlier pad left it
      slider.oninput = () => {
        damage[name] = Number(slider.value) * (name === "erased" ? width : 1);
        this.redraw();
      };
    }
  }

  /**
   * Takes over the data that the networks learned: how a drawing is placed for each, and what one
   * may start from, which is the first one's.
   * @param {PadModel} model
   */
  learned({ image: shape, data, arrays }) {
    const [height, width, channels] = shape, size = height * width;
    const grey = data.map((_, i) => brightness(arrays[`examples.${i}`], size, channels));
    /** @type {import("./centring.js").Placing[]} */
    const placings = [];
    this.placedAs = grey.map((images) => {
      const placing = placingOf(images, height, width),
        known = placings.findIndex((each) => isSame(each, placing));
      return known < 0 ? placings.push(placing) - 1 : known;
    });
    this.paper.ink.placings = placings;
    this.paper.examples = grey[0];
    this.inputs.name(
      placings.map((_, i) =>
        data.filter((_, of) => this.placedAs[of] === i).map(({ title }) => title).join(", ")
      ),
    );
    const [{ labels }] = data, show = (/** @type {number} */ i) => this.paper.start(grey[0][i]);
    const words = labels.length ? "Or start from a test image:" : "";
    new Examples(this.root, { images: arrays["examples.0"], labels, shape }, show, words);
  }

  redraw() {
    this.wanted ||= requestAnimationFrame(() => {
      this.wanted = 0;
      if (this.alive) this.draw();
    });
  }

  draw() {
    const begin = performance.now(), { paper, damage, chance, root, inputs, shape } = this;
    const [height, width, channels] = shape, images = paper.paint(), repairs = isOn(damage);
    const seen = images.map((image) => repairs ? damaged(image, width, damage, chance) : image);
    seen.forEach((image, i) => paint(inputs.canvases[i], image, width, height));
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
    const of = { shape, repairs, empty: !inked(images[0]) };
    const pairs = images.map((image, i) =>
      [seen[i], image].map((one) => inChannels(one, channels))
    );
    for (const result of this.results.values()) {
      const [got, wanted] = pairs[this.placedAs[result.data]];
      result.show(got, wanted, of);
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
