// The neurons of one or more networks: what is chosen, the tiles, and the page of one neuron.

import { elementAt, inputAt } from "../shared/elements.js";
import { signedColours } from "../shared/signed.js";
import { ORDERS } from "./order.js";
import { Tiles } from "./tiles.js";
import { UnitPage } from "./unit.js";

/** @typedef {import("../shared/moments.js").Source} Source */
/** @typedef {import("./asked.js").AllUnits} AllUnits */
/** @typedef {import("../shared/moments.js").Travelled} Travelled */
/**
 * What `neurons/__init__.py` packs. data: the name of the data set. sources: the networks on show. labels: of the test images.
 * activations, classes: figures as JSON.
 * @typedef {{
 *   data: string, sources: Source[], image: [number, number, number], labels: string[], library: string,
 *   activations: string, classes: string,
 *   arrays: { examples: import("../shared/safetensors.js").Tensor },
 * }} NeuronsModel
 */

/** All of it. */
export class NeuronsView {
  /**
   * @param {HTMLElement} root
   * @param {NeuronsModel} model
   */
  constructor(root, model) {
    this.root = root;
    this.alive = true;
    this.wanted = 0;
    this.colours = signedColours(root);
    /** @type {{ source: Source, unit: number } | null} */
    this.chosen = null;
    /** @type {Map<string, Tiles>} by the route of the neurons */
    this.tiles = new Map();
    this.layer = /** @type {HTMLSelectElement} */ (elementAt(root, ".layer"));
    this.kind = /** @type {HTMLSelectElement} */ (elementAt(root, ".kind"));
    this.order = /** @type {HTMLSelectElement} */ (elementAt(root, ".order"));
    this.unified = inputAt(root, ".unified input");
    this.order.replaceChildren(
      ...Object.entries(ORDERS).map(([key, { title }]) => new Option(title, key)),
    );
    this.layer.onchange = () => this.choose(this.layer.value, "");
    this.kind.onchange = () => this.choose(this.layer.value, this.kind.value);
    this.order.onchange = this.unified.onchange = () => this.redraw();
    const examples = { images: model.arrays.examples, labels: model.labels, shape: model.image };
    const charts = {
      activations: JSON.parse(model.activations),
      classes: JSON.parse(model.classes),
      library: model.library,
    };
    this.page = new UnitPage(elementAt(root, ".unit"), examples, charts, this.colours, {
      open: (unit) => this.chosen && this.open(this.chosen.source, unit),
      close: () => this.close(),
      step: (by) => this.step(by),
    });
    /** @param {Event} event */
    this.travelled = (event) => {
      const { detail } = /** @type {CustomEvent<Travelled>} */ (event);
      for (const tiles of this.tiles.values()) tiles.follow(detail);
      this.page.follow(detail);
      this.redraw();
    };
    document.addEventListener("lab-moment", this.travelled);
    this.show(model);
  }

  /**
   * Takes over the networks that are on show.
   * @param {NeuronsModel} model
   */
  show({ sources }) {
    const before = this.tiles;
    this.tiles = new Map(sources.map((source) => {
      const known = before.get(source.units);
      known?.renew(source);
      if (known && this.chosen?.source.units === source.units) {
        this.page.renew(source);
        this.chosen.source = source;
      }
      const tiles = known ?? new Tiles(
        source,
        (from, unit) => this.open(from, unit),
        () => this.redraw(),
      );
      return [source.units, tiles];
    }));
    for (const [key, tiles] of before) if (!this.tiles.has(key)) tiles.moments.stop();
    if (this.chosen && !this.tiles.has(this.chosen.source.units)) this.close();
    const all = [...this.tiles.values()];
    elementAt(this.root, ".sources").replaceChildren(...all.map(({ section }) => section));
    this.colours.set(signedColours(this.root));
    this.page.themed();
    this.redraw();
  }

  /**
   * @param {string} layer
   * @param {string} view "" is the one that is looked at first
   */
  choose(layer, view) {
    this.close(false);
    for (const tiles of this.tiles.values()) tiles.choose(layer, view);
    this.redraw();
  }

  /**
   * @param {Source} source
   * @param {number} unit
   */
  open(source, unit) {
    const tiles = this.tiles.get(source.units), all = tiles?.shown();
    if (!tiles || !all) return;
    this.chosen = { source, unit };
    const { layer, view } = all;
    this.page.open(source, { layer, view, unit }, tiles.moments);
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.page.root.scrollIntoView({ block: "nearest", behavior: still ? "auto" : "smooth" });
    if (!this.page.root.querySelector(".before:focus, .after:focus")) { // who steps, goes on so
      elementAt(this.page.root, ".close").focus({ preventScroll: true });
    }
    this.redraw();
  }

  /** @param {boolean} [back] whether the focus goes back to its tile */
  close(back = true) {
    const { chosen } = this;
    if (!chosen) return;
    this.chosen = null;
    this.page.close();
    this.redraw();
    if (!back) return;
    const tile = /** @type {HTMLElement | null} */ (
      this.root.querySelector(`.tile[data-unit="${chosen.unit}"]`)
    );
    tile?.focus({ preventScroll: true });
  }

  /**
   * Opens the neuron before or after the one that is looked at, in the order of the tiles.
   * @param {number} by
   */
  step(by) {
    const tiles = this.chosen && this.tiles.get(this.chosen.source.units), all = tiles?.shown();
    if (!this.chosen || !tiles || !all) return;
    const units = tiles.placesOf(all, this.order.value).map((place) => all.units[place]);
    const at = units.indexOf(this.chosen.unit), n = units.length;
    this.open(this.chosen.source, units[((at < 0 ? 0 : at + by) + n) % n]);
  }

  redraw() {
    this.wanted ||= requestAnimationFrame(() => {
      this.wanted = 0;
      if (this.alive) this.draw();
    });
  }

  draw() {
    if (!this.colours.some(Boolean)) { // the page's colours may come after its components
      this.colours.set(signedColours(this.root));
      if (!this.colours.some(Boolean)) return this.redraw();
    }
    const all = [...this.tiles.values()],
      first = all.find((tiles) => {
        const shown = tiles.shown();
        return shown && tiles.moments.here && tiles.asAsked(shown);
      })?.shown();
    if (first) this.choices(first, all.length > 1);
    let scale = 0;
    if (this.unified.checked) {
      for (const tiles of all) {
        const shown = tiles.shown();
        if (!shown || !tiles.asAsked(shown)) continue;
        for (const each of shown.arrays.scale) scale = Math.max(scale, each);
      }
    }
    for (const tiles of all) {
      const mine = this.chosen?.source.units === tiles.source.units;
      tiles.draw({
        order: this.order.value,
        scale: scale || null,
        chosen: mine && this.chosen ? this.chosen.unit : null,
        colours: this.colours,
      });
    }
  }

  /**
   * Fills the choices with what there is, and says how to read the pictures.
   * @param {AllUnits} first of the first network
   * @param {boolean} several whether there are more
   */
  choices({ layers, layer, views, view, classes }, several) {
    fill(
      this.layer,
      layers.map(([key, title, units]) => [key, several ? title : `${title} (${units})`]),
      layer,
    );
    fill(this.kind, views.map(([key, title]) => [key, title]), view);
    for (const option of this.order.options) {
      if (option.value === "selective") option.hidden = option.disabled = classes < 2;
    }
    const [, , about, strength] = views.find(([key]) => key === view) ?? [];
    const scale = this.unified.checked
      ? "All images have one scale."
      : "Each image is scaled to its own largest value.";
    elementAt(this.root, ".about").textContent = `${about} Strength: ${strength}. ${scale}`;
  }

  dispose() {
    this.alive = false;
    for (const tiles of this.tiles.values()) tiles.moments.stop();
    cancelAnimationFrame(this.wanted);
    document.removeEventListener("lab-moment", this.travelled);
    this.page.dispose();
  }
}

/**
 * @param {HTMLSelectElement} select
 * @param {[key: string, title: string][]} options
 * @param {string} chosen
 */
function fill(select, options, chosen) {
  const keys = options.map(([key, title]) => `${key} ${title}`).join();
  if (select.dataset.keys !== keys) {
    select.replaceChildren(...options.map(([key, title]) => new Option(title, key)));
    select.dataset.keys = keys;
  }
  select.value = chosen;
}
