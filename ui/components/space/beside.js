// What is beside and below the maps: the place that is looked at, the way from one digit to
// another, and arithmetic. All of it is of the map that was touched last.

import { canvasAt, elementAt } from "../shared/elements.js";
import { forward } from "../shared/network.js";
import { brief } from "../shared/numbers.js";
import { paint } from "../shared/pictures.js";
import { Arithmetic } from "./arithmetic.js";
import { Inference } from "./inference.js";
import { Strip } from "./strip.js";

/** @typedef {import("./map.js").SpaceMap} SpaceMap */
/** @typedef {import("./state.js").State} State */
/** @typedef {import("./state.js").Pick} Pick */
/** @typedef {import("./dots.js").Inputs} Inputs */
/** @typedef {import("../shared/networks.js").Loaded} Loaded */
/** @typedef {{ height: number, width: number, channels: number }} Shape */

const ENDS = "AB";

/** The parts beside and below, for inputs that are images. */
export class Beside {
  /**
   * @param {HTMLElement} root
   * @param {Inputs} inputs
   * @param {Shape} shape
   * @param {State} state
   * @param {() => void} changed
   */
  constructor(root, inputs, shape, state, changed) {
    this.root = root;
    this.inputs = inputs;
    this.shape = shape;
    this.state = state;
    this.strip = new Strip(elementAt(root, ".strip"), shape);
    this.arithmetic = new Arithmetic(elementAt(root, ".arithmetic"), shape, changed);
    this.inference = new Inference(elementAt(root, ".inference"));
    /** @type {Map<string, unknown[]>} what each part was last drawn of */
    this.drawn = new Map();
    this.choose();
    elementAt(root, ".side").hidden = false;
  }

  /**
   * Whether a part has to be drawn again: if it was drawn of something else.
   * @param {string} part
   * @param {unknown[]} of
   */
  differs(part, of) {
    const before = this.drawn.get(part);
    this.drawn.set(part, of);
    return !before || of.some((each, i) => each !== before[i]);
  }

  /** The image whose codings are shown as a cloud: the last that was looked at, or drawn. */
  choose() {
    const { state } = this, { input } = state;
    state.subject ??= state.drawing ?? this.imageOf(0);
    if (input >= 0 && this.differs("looked at", [input])) {
      state.subject = this.imageOf(input);
      state.looked = input;
    }
  }

  /** @param {Float32Array} subject */
  nameOf(subject) {
    const { drawing, looked } = this.state;
    return subject === drawing ? "your drawing" : this.wordsOf(looked);
  }

  /** @param {number} input */
  wordsOf(input) {
    const { names, labels } = this.inputs;
    return `test image ${input}${names.length > 1 ? `, ${names[labels[input]]}` : ""}`;
  }

  /** @returns {boolean} whether more is to come */
  draw() {
    const { state: { active: map, subject }, root } = this, network = map?.network() ?? null;
    elementAt(root, ".strip").hidden = this.state.picks.length < 2;
    if (!map) return false;
    this.place(map, network);
    if (network) this.way(map, network);
    this.sums(map, network);
    const random = map.cloud?.size === 2 && map.networks.shown()?.spread.length;
    elementAt(root, ".inference").hidden = !random;
    if (!random || !subject) return false;
    if (this.differs("subject", [subject, map])) {
      this.show(".subject", subject);
      elementAt(root, ".subject figcaption").textContent = this.nameOf(subject);
      elementAt(root, ".whose").textContent = whose(map);
    }
    return this.inference.draw(network, map.frame, subject);
  }

  /**
   * @param {SpaceMap} map
   * @param {Loaded | null} network
   */
  place(map, network) {
    const { pin, input } = this.state;
    if (!this.differs("place", [pin, input, map, map.cloud, network])) return;
    const codings = pin && map.codingsAt(pin), image = input >= 0 ? this.imageOf(input) : null;
    this.show(".here", network && codings && forward(network.decoder, codings));
    this.show(".image", image);
    const rebuilt = network && image &&
      forward(network.decoder, forward(network.encoder, image));
    this.show(".rebuilt", rebuilt);
    const say = (/** @type {string} */ part, /** @type {string} */ words) =>
      elementAt(this.root, `${part} figcaption`).textContent = words;
    say(".here", pin ? `decoded at ${pin.map(brief).join(", ")}` : "point at the map");
    say(".image", input >= 0 ? this.wordsOf(input) : "no test image near");
  }

  /**
   * @param {string} part
   * @param {Float32Array | null} image
   */
  show(part, image) {
    const canvas = canvasAt(this.root, `${part} canvas`), { height, width, channels } = this.shape;
    paint(canvas, image ?? new Float32Array(height * width * channels), width, height, channels);
  }

  /**
   * @param {SpaceMap} map
   * @param {Loaded} network
   */
  way(map, network) {
    const { picks, drawing } = this.state;
    if (picks.length < 2) return;
    if (!this.differs("way", [...picks, drawing, map, map.cloud, network])) return;
    const ends = picks.map((pick) => {
      const codings = this.codingsOf(map, network, pick);
      const image = "place" in pick ? forward(network.decoder, codings) : this.imageOfPick(pick);
      return { codings, image };
    });
    this.strip.draw(network.decoder, ends[0], ends[1]);
  }

  /**
   * @param {SpaceMap} map
   * @param {Loaded | null} network
   */
  sums(map, network) {
    const means = map.cloud?.arrays.class_means, { names } = this.inputs;
    const { picks, drawing } = this.state;
    elementAt(this.root, ".arithmetic").hidden = !means || names.length < 2;
    elementAt(this.root, ".arithmetic .of").textContent = whose(map);
    if (!means || names.length < 2) return;
    /** @type {import("./arithmetic.js").Option[]} */
    const options = names.flatMap((name, label) =>
      Number.isNaN(means[label * means.shape[1]]) ? [] : [[String(label), `mean of ${name}`]]
    );
    picks.forEach((_, i) => options.push([ENDS[i], `digit ${ENDS[i]}`]));
    if (drawing) options.push(["own", "your drawing"]);
    this.arithmetic.offer(options);
    const of = [...this.arithmetic.values, picks, drawing, map, map.cloud, network];
    if (!network || !this.differs("sums", of)) return;
    const size = means.shape[1];
    this.arithmetic.draw(network.decoder, (key) => {
      if (key === "own") return this.codingsOf(map, network, { own: true });
      const pick = picks[ENDS.indexOf(key)];
      if (pick) return this.codingsOf(map, network, pick);
      return Float32Array.from(means.subarray(Number(key) * size, (Number(key) + 1) * size));
    });
  }

  /**
   * @param {SpaceMap} map
   * @param {Loaded} network
   * @param {Pick} pick
   * @returns {Float32Array}
   */
  codingsOf(map, network, pick) {
    const at = "place" in pick && map.codingsAt(pick.place);
    return at || forward(network.encoder, this.imageOfPick(pick));
  }

  /** @param {Pick} pick */
  imageOfPick(pick) {
    if ("input" in pick) return this.imageOf(pick.input);
    return this.state.drawing ?? this.imageOf(0);
  }

  /** @param {number} input */
  imageOf(input) {
    const { images } = this.inputs, { height, width, channels } = this.shape;
    const size = height * width * channels;
    const bytes = /** @type {Float32Array} */ (images).subarray(input * size, (input + 1) * size);
    return Float32Array.from(bytes, (value) => value / 255);
  }
}

/**
 * Behind a title: the network that it is about, if there are several.
 * @param {SpaceMap} map
 */
function whose({ source: { name } }) {
  return name && `, in ${name}`;
}
