// The space of codings of one or more networks: their maps, and what is chosen on them.
//
// Longer than other files: every control of the maps is filled and heard here.

import { elementAt, inputAt } from "../shared/elements.js";
import { drawingKept } from "../shared/kept.js";
import { inPlacing, placingOf } from "../pad/centring.js";
import { brightness, inChannels } from "../shared/pictures.js";
import { Beside } from "./beside.js";
import { wordsOfNeighbours } from "./chosen.js";
import { onCanvas } from "./frame.js";
import { coloursOn, dotOf } from "./dots.js";
import { BORDER, SpaceMap } from "./map.js";
import { listenOn } from "./pointing.js";
import { State } from "./state.js";

/** @typedef {import("../shared/moments.js").Source} Source */
/** @typedef {import("./dots.js").Inputs} Inputs */
/** @typedef {import("./state.js").Pick} Pick */
/** @typedef {import("../shared/moments.js").Travelled} Travelled */
/** @typedef {import("../shared/safetensors.js").Tensor} Tensor */
/**
 * What `space/__init__.py` packs. data: the name of the data set. image: null, if the inputs are points. labels, pixel_neighbours:
 * of the inputs. classes: their names. colours: of the classes.
 * @typedef {{
 *   data: string, sources: Source[], image: [number, number, number] | null, classes: string[],
 *   colours: (string | null)[],
 *   arrays: { labels: Tensor, pixel_neighbours: Tensor, images?: Tensor },
 * }} SpaceModel
 */

const LARGEST = 520; // pixels along a map's side
const NARROWEST = 300; // for a map to stand beside another
const GAP = 16;
const PLACED = 100; // images that tell how the drawing is to be placed
const RINGS = "Rings: the encoder’s Gaussian of one image, at one and two standard deviations.";
const PAPER = "--st-background-color";
/** @type {Record<string, string>} */
const HINTS = {
  look: "Point anywhere: the place is decoded. Click two dots to go from one to the other.",
  lasso: "Draw a line around dots: they are marked on every map.",
  line: "Drag from one place to another.",
};

/** All of it. */
export class SpaceView {
  /**
   * @param {HTMLElement} root
   * @param {SpaceModel} model
   */
  constructor(root, model) {
    const { images, labels, pixel_neighbours } = model.arrays;
    const [height, width, channels] = model.image ?? [0, 0, 0];
    this.root = root;
    this.alive = true;
    this.wanted = 0;
    /** @type {Inputs} */
    this.inputs = {
      images: images ?? null,
      labels: Uint8Array.from(labels),
      names: model.classes,
      colours: model.colours,
      shape: model.image && { height, width, channels },
    };
    this.pixelNeighbours = pixel_neighbours;
    this.state = new State(drawingOf(this.inputs));
    /** @type {Map<string, SpaceMap>} by the route of the codings */
    this.maps = new Map();
    /** @type {Map<SpaceMap, { of: unknown[], words: string }>} */
    this.said = new Map();
    const { shape } = this.inputs;
    this.beside = shape && new Beside(root, this.inputs, shape, this.state, () => this.redraw());
    this.selects = [".across", ".up"].map((
      name,
    ) => /** @type {HTMLSelectElement} */ (elementAt(root, `select${name}`)));
    this.begun = false;
    /** @type {import("./cloud.js").Cloud | null} that the input under the pin is of */
    this.looked = null;
    this.controls();
    /** @type {boolean | null} whether the legend is for black maps; null: it is not drawn yet */
    this.lit = null;
    this.show(model);
    this.resizer = new ResizeObserver(() => this.redraw());
    this.resizer.observe(elementAt(root, ".maps"));
    /** @param {Event} event */
    this.travelled = (event) => {
      const { detail } = /** @type {CustomEvent<Travelled>} */ (event);
      for (const map of this.maps.values()) map.follow(detail);
      this.redraw();
    };
    document.addEventListener("lab-moment", this.travelled);
    this.drawn = () => {
      this.state.redrawn(drawingOf(this.inputs));
      this.redraw();
    };
    document.addEventListener("lab-drawing", this.drawn);
  }

  controls() {
    const { root, state, selects: [across, up] } = this;
    const plane = /** @type {HTMLSelectElement} */ (elementAt(root, ".plane-of"));
    plane.onchange = across.onchange = up.onchange = () => {
      const principal = plane.value === "principal";
      state.look({ principal, across: Number(across.value), up: Number(up.value) });
      this.redraw();
    };
    for (const name of ["decoded", "thumbs", "contours"]) {
      const box = inputAt(root, `.${name}`), label = /** @type {HTMLElement} */ (box.parentElement);
      box.onchange = () => this.redraw();
      label.hidden = !this.inputs.images && name !== "contours";
    }
    for (const button of this.modes()) {
      button.onclick = () => {
        state.mode = button.dataset.mode ?? "look";
        this.redraw();
      };
    }
    elementAt(root, ".forget").onclick = () => {
      state.forget();
      this.redraw();
    };
  }

  /** @returns {HTMLButtonElement[]} */
  modes() {
    return [...this.root.querySelectorAll("button")].filter(({ dataset }) => dataset.mode);
  }

  /**
   * The names of the classes, each with its dot as the maps have it; a click hides its dots.
   * @param {boolean} lit whether the maps are black
   */
  legend(lit) {
    const { names } = this.inputs, { hidden } = this.state;
    if (names.length < 2 || lit === this.lit) return;
    this.lit = lit;
    const style = getComputedStyle(this.root);
    const paper = lit ? "#000" : style.getPropertyValue(PAPER).trim();
    const shown = coloursOn(this.inputs, paper, lit ? "#fff" : style.color);
    elementAt(this.root, ".legend").replaceChildren(...names.map((name, label) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "class";
      button.title = "Hide or show";
      button.setAttribute("aria-pressed", String(!hidden.has(label)));
      const dot = dotOf(shown[label], "transparent", label);
      dot.style.background = lit ? paper : "none";
      button.append(dot, name);
      button.onclick = () => {
        if (!hidden.delete(label)) hidden.add(label);
        button.setAttribute("aria-pressed", String(!hidden.has(label)));
        this.redraw();
      };
      return button;
    }));
  }

  /**
   * Takes over the networks that are on show.
   * @param {SpaceModel} model
   */
  show({ sources }) {
    const before = this.maps, { state } = this;
    this.maps = new Map(sources.map((source) => {
      const known = before.get(source.codings);
      known?.renew(source);
      return [source.codings, known ?? this.made(source)];
    }));
    const all = [...this.maps.values()];
    for (const [key, map] of before) if (!this.maps.has(key)) map.dispose();
    if (!state.active || !all.includes(state.active)) state.active = all[0];
    if (state.chosenOn && !all.includes(state.chosenOn)) state.forget();
    elementAt(this.root, ".maps").replaceChildren(...all.map(({ section }) => section));
    this.redraw();
  }

  /** @param {Source} source */
  made(source) {
    const map = new SpaceMap(source, this.inputs, () => this.redraw());
    listenOn(map, this.state, () => this.redraw());
    return map;
  }

  redraw() {
    this.wanted ||= requestAnimationFrame(() => {
      this.wanted = 0;
      if (this.alive) this.draw();
    });
  }

  draw() {
    const begin = performance.now(), { root, state } = this, all = [...this.maps.values()];
    const width = elementAt(root, ".maps").clientWidth;
    if (!width) return; // out of sight
    this.offer(all);
    this.lookAgain();
    this.beside?.choose();
    const columns = Math.max(1, Math.min(all.length, Math.floor(width / NARROWEST)));
    const size = Math.floor(Math.min(LARGEST, (width - GAP * (columns - 1)) / columns - BORDER));
    const [decoded, thumbs, contours] = ["decoded", "thumbs", "contours"].map((name) =>
      inputAt(root, `.${name}`).checked
    );
    let more = false;
    for (const map of all) {
      const how = { decoded, thumbs, contours, size, ends: this.endsOn(map) };
      more = map.draw(state, how) || more;
      const rings = map.networks.shown()?.spread.length ? RINGS : "";
      map.words.textContent = [...map.notes(), this.neighbours(map, all[0]), rings].join(" ");
      map.canvas.setAttribute("aria-label", this.label(map));
      map.canvas.style.touchAction = state.mode === "look" ? "pan-y" : "none"; // or a finger draws
    }
    this.legend(all.some(({ canvas }) => canvas.dataset.lit === "true"));
    for (const button of this.modes()) {
      button.setAttribute("aria-pressed", String(button.dataset.mode === state.mode));
    }
    const forget = /** @type {HTMLButtonElement} */ (elementAt(root, ".forget"));
    forget.disabled = !state.chosen && !state.picks.length;
    const hint = this.inputs.images || state.mode === "lasso" ? HINTS[state.mode] : "";
    elementAt(root, ".hint").textContent = state.drawing ? `${hint} ★ is your drawing.` : hint;
    more = this.beside?.draw() || more;
    root.dataset.took = String(performance.now() - begin); // for measurements of the page
    if (more) this.redraw();
  }

  /**
   * Fills the choice of axes with what all networks have.
   * @param {SpaceMap[]} all
   */
  offer(all) {
    const clouds = all.map(({ clouds }) => clouds.shown()), { root, state, selects } = this;
    if (!clouds.every((cloud) => cloud !== null)) return;
    const large = clouds.filter(({ size }) => size > 2);
    const common = (large[0] ?? clouds[0]).kept.filter((coding) =>
      large.every(({ kept }) => kept.includes(coding))
    );
    if (!this.begun) {
      this.begun = true;
      const [across = 0, up = across] = common;
      state.look({ principal: large.length > 0, across, up });
    }
    elementAt(root, ".planes").hidden = !large.length || common.length < 2;
    elementAt(root, ".pair").hidden = state.axes.principal;
    const contours = /** @type {HTMLElement} */ (inputAt(root, ".contours").parentElement);
    contours.hidden = clouds.every(({ size }) => size === 1); // on a line there is no densest area
    const keys = common.join();
    selects.forEach((select, i) => {
      if (select.dataset.keys !== keys) {
        const options = common.map((each) => new Option(`coding ${each + 1}`, String(each)));
        select.replaceChildren(...options);
        select.dataset.keys = keys;
      }
      select.value = String(i ? state.axes.up : state.axes.across);
    });
  }

  /**
   * Where the ends of the line between two digits lie on a map.
   * @param {SpaceMap} map
   * @returns {[number, number][]}
   */
  endsOn(map) {
    const { picks, active, drawing } = this.state;
    return picks.flatMap((pick) => {
      if ("place" in pick) return map === active ? [pick.place] : [];
      if ("input" in pick) return [[map.places.x[pick.input], map.places.y[pick.input]]];
      const own = drawing && map.placeOfImage(drawing);
      return own ? [own] : [];
    });
  }

  /**
   * How many neighbours stay neighbours, of all inputs or of those that are chosen.
   * @param {SpaceMap} map
   * @param {SpaceMap} first
   */
  neighbours(map, first) {
    const after = map.cloud?.arrays.neighbours, { chosen, chosenOn } = this.state;
    if (!after) return "";
    const from = chosenOn && chosenOn !== map ? chosenOn : null;
    const before = from?.cloud?.arrays.neighbours ?? this.pixelNeighbours;
    const of = [after, before, chosen, chosenOn], known = this.said.get(map);
    if (known && of.every((each, i) => each === known.of[i])) return known.words;
    const where = from ? `among the codings of ${from.source.name || first.source.name}` : "";
    const counted = chosenOn === map;
    const words = wordsOfNeighbours(before, after, this.inputs, { chosen, where, counted });
    this.said.set(map, { of, words });
    return words;
  }

  /** What is under the pin may be another input, when the dots have moved. */
  lookAgain() {
    const { active, pin, hidden } = this.state, cloud = active?.clouds.shown() ?? null;
    if (!active || !pin || cloud === this.looked) return;
    this.looked = cloud;
    const { width } = active.canvas.getBoundingClientRect();
    this.state.input = active.nearest(onCanvas(active.frame, width, ...pin), width, hidden);
  }

  /** @param {SpaceMap} map */
  label({ source: { name } }) {
    const of = name ? ` of ${name}` : "", { length } = this.inputs.labels;
    return `Map of the codings${of}: ${length} test inputs. Arrow keys move, Enter picks, ` +
      "Escape clears";
  }

  dispose() {
    this.alive = false;
    cancelAnimationFrame(this.wanted);
    this.resizer.disconnect();
    for (const map of this.maps.values()) map.dispose();
    document.removeEventListener("lab-moment", this.travelled);
    document.removeEventListener("lab-drawing", this.drawn);
  }
}

/**
 * The visitor's drawing, placed as the inputs are; in every channel of a colour image.
 * @param {Inputs} inputs
 * @returns {Float32Array | null}
 */
function drawingOf({ shape, images }) {
  if (!shape || !images) return null;
  const { height, width, channels } = shape, kept = drawingKept(height, width);
  if (!kept.length) return null;
  const some = images.subarray(0, PLACED * height * width * channels);
  const placing = placingOf(brightness(some, height * width, channels), height, width);
  return inChannels(inPlacing(kept, height, width, placing), channels);
}
