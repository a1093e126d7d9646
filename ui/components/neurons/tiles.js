// The neurons of one network as tiles.

import { sayText } from "../shared/elements.js";
import { Moments } from "../shared/moments.js";
import { brief, grouped } from "../shared/numbers.js";
import { paintSigned } from "../shared/signed.js";
import { unitsFrom } from "./asked.js";
import { sorted } from "./order.js";

/** @typedef {import("./asked.js").AllUnits} AllUnits */
/** @typedef {import("../shared/moments.js").Travelled} Travelled */

/** @typedef {import("../shared/moments.js").Source} Source */

/**
 * How they are shown. scale: the value of a full colour, the same for all; null: each has its own.
 * chosen: the neuron that is looked at.
 * @typedef {{
 *   order: string, scale: number | null, chosen: number | null,
 *   colours: import("../shared/signed.js").Colours,
 * }} How
 */

const FIRST = 48; // tiles at first
const MORE = 200; // with each press of the button

/** A network's tiles, with their heading. */
export class Tiles {
  /**
   * @param {Source} source
   * @param {(source: Source, unit: number) => void} picked
   * @param {() => void} came called when something else is to be drawn
   */
  constructor(source, picked, came) {
    this.source = source;
    this.picked = picked;
    this.came = came;
    this.asked = { layer: "", view: "" };
    this.count = FIRST;
    /** @type {Moments<AllUnits>} */
    this.moments = new Moments(unitsFrom(source.units, { layer: "", view: "" }), came);
    /** the places of the neurons in their order, and of which moment and order that is */
    this.sorting = { order: "", moment: "", units: "", places: /** @type {number[]} */ ([]) };
    this.section = document.createElement("section");
    this.section.className = "source";
    this.title = document.createElement("h4");
    this.words = document.createElement("p");
    this.words.className = "words";
    this.grid = document.createElement("div");
    this.grid.className = "tiles";
    this.more = document.createElement("button");
    this.more.type = "button";
    this.more.className = "more";
    this.more.onclick = () => {
      this.count += MORE;
      came();
    };
    this.said = document.createElement("span");
    this.sorted = document.createElement("span");
    this.again = document.createElement("button");
    this.again.type = "button";
    this.again.className = "again";
    this.again.textContent = "Sort again";
    this.again.onclick = () => {
      this.sorting.order = "";
      came();
    };
    this.sorted.hidden = true;
    this.sorted.append(" · sorted at another moment ", this.again);
    this.words.append(this.said, this.sorted);
    this.title.textContent = source.name;
    this.section.append(this.title, this.words, this.grid, this.more);
    this.moments.take(source);
  }

  /**
   * Looks at another layer, or at other pictures of it.
   * @param {string} layer
   * @param {string} view
   */
  choose(layer, view) {
    const before = this.moments;
    before.stop();
    this.asked = { layer, view };
    this.moments = new Moments(unitsFrom(this.source.units, { layer, view }), this.came);
    this.moments.last = before.last; // until the others come
    this.moments.after(before);
    this.sorting.order = "";
    this.count = FIRST;
  }

  /** @param {Source} source the same network, perhaps stored anew, or at another moment */
  renew(source) {
    this.source = source;
    this.title.textContent = source.name;
    this.moments.take(source);
  }

  /** @param {Travelled} travelled */
  follow(travelled) {
    if (travelled.run === this.source.run) this.moments.follow(travelled);
  }

  /** @returns {AllUnits | null} */
  shown() {
    return this.moments.shown();
  }

  /**
   * Whether it has what was asked for; if it has no such layer or pictures, others are shown.
   * @param {AllUnits} all
   */
  asAsked({ layer, view }) {
    const { asked } = this;
    return (!asked.layer || asked.layer === layer) && (!asked.view || asked.view === view);
  }

  /** @param {How} how */
  draw(how) {
    const all = this.shown();
    this.title.hidden = !this.source.name;
    if (!all) {
      sayText(this.said, this.moments.failed || "On their way …");
      this.more.hidden = true;
      return;
    }
    const places = this.placesOf(all, how.order), seen = places.slice(0, this.count);
    const tiles = /** @type {HTMLButtonElement[]} */ ([...this.grid.children]);
    while (tiles.length < seen.length) tiles.push(this.tile());
    for (const tile of tiles.splice(seen.length)) tile.remove();
    if (this.grid.childElementCount !== seen.length) this.grid.replaceChildren(...tiles);
    const [height, width] = all.shape;
    seen.forEach((place, i) => {
      const tile = tiles[i], unit = all.units[place], { scale, strength } = all.arrays;
      const canvas = /** @type {HTMLCanvasElement} */ (tile.firstElementChild);
      const gain = how.scale && this.asAsked(all) ? scale[place] / how.scale : 1;
      paintSigned(canvas, all.arrays.pictures, place, {
        height,
        width,
        colours: how.colours,
        gain,
      });
      const dead = all.arrays.is_dead[place], stuck = all.arrays.is_saturated[place];
      tile.dataset.unit = String(unit);
      tile.setAttribute("aria-pressed", String(unit === how.chosen));
      const state = dead ? ", dead" : stuck ? ", saturated" : "";
      const words = `Neuron ${unit + 1}, strength ${brief(strength[place])}${state}`;
      if (tile.title !== words) {
        tile.title = words;
        tile.setAttribute("aria-label", words);
        /** @type {HTMLElement} */ (tile.lastElementChild).textContent = `${unit + 1}${
          dead ? " dead" : ""
        }`;
      }
    });
    this.say(all, seen.length);
    this.grid.dataset.frames = String(Number(this.grid.dataset.frames ?? 0) + 1); // for tests
    this.grid.dataset.moment = this.moments.here ? this.moments.wanted : "";
  }

  /**
   * The neurons' places in an order. It is kept while the moment changes, so that each neuron stays
   * where it is.
   * @param {AllUnits} all
   * @param {string} order
   */
  placesOf(all, order) {
    const units = all.units.join(), { sorting } = this;
    if (!this.moments.here && sorting.units === units) return sorting.places;
    if (sorting.order !== order || sorting.units !== units) {
      this.sorting = { order, moment: this.moments.wanted, units, places: sorted(all, order) };
    }
    return this.sorting.places;
  }

  /**
   * @param {AllUnits} all
   * @param {number} seen
   */
  say(all, seen) {
    const { sorting, moments } = this,
      total = all.layers.find(([key]) => key === all.layer)?.[2] ??
        0;
    const n = all.units.length;
    const states = [`${grouped(all.dead)} dead`, `${grouped(all.saturated)} saturated`];
    const parts = [
      `${grouped(total)} neuron${total === 1 ? "" : "s"}`,
      `${states.join(" and ")} on ${grouped(all.images)} test images`,
    ];
    if (this.moments.here && !this.asAsked(all)) {
      const title = all.layers.find(([key]) => key === all.layer)?.[1];
      const view = all.views.find(([key]) => key === all.view)?.[1];
      parts.unshift(`It has none of these; shown: ${title}, ${view}`);
    }
    if (n < total && all.view !== "filters") parts.push(`the ${grouped(n)} that vary most`);
    if (moments.late) parts.push(moments.late);
    sayText(this.said, parts.join(" · "));
    this.sorted.hidden = sorting.moment === moments.wanted || !moments.here ||
      sorting.order === "number";
    this.more.hidden = seen >= n;
    this.more.textContent = `Show ${grouped(Math.min(MORE, n - seen))} more`;
  }

  tile() {
    const tile = document.createElement("button");
    tile.type = "button";
    tile.className = "tile";
    tile.append(document.createElement("canvas"), document.createElement("span"));
    tile.onclick = () => this.picked(this.source, Number(tile.dataset.unit));
    return tile;
  }
}
