// The page of one neuron: its pictures, when it is active, for which images, for which classes,
// which neurons are most like it, and what the network draws while it is held at a value.
//
// Longer than other files: the parts of one page, in their order.

import { Chart } from "../chart/plot.js";
import { elementAt, sayText } from "../shared/elements.js";
import { Moments } from "../shared/moments.js";
import { brief } from "../shared/numbers.js";
import { paintBytes } from "../shared/pictures.js";
import { paintSigned } from "../shared/signed.js";
import { unitsFrom } from "./asked.js";
import { Clamp } from "./clamp.js";

/** @typedef {import("./asked.js").OneUnit} OneUnit */
/** @typedef {import("../shared/moments.js").Source} Source */
/** @typedef {import("../chart/plotly.d.ts").Figure} Figure */
/** @typedef {import("../shared/moments.js").Travelled} Travelled */

const BARS = 30; // of the histogram
const AHEAD = 2; // moments that are fetched before they are asked for
const HEIGHT = 190; // of a chart, in pixels

/**
 * activations, classes: the charts, without values. library: the route of plotly.js.
 * @typedef {{ activations: Figure, classes: Figure, library: string }} Charts
 */

/** The page in an element that `neurons.html` makes. */
export class UnitPage {
  /**
   * @param {HTMLElement} root
   * @param {import("./clamp.js").TestImages} examples
   * @param {Charts} charts
   * @param {import("../shared/signed.js").Colours} colours
   * @param {{ open: (unit: number) => void, close: () => void, step: (by: number) => void }} does
   */
  constructor(root, examples, charts, colours, does) {
    this.root = root;
    this.charts = charts;
    this.colours = colours;
    this.does = does;
    this.histogram = new Chart(elementAt(root, ".activations .chart"));
    this.bars = new Chart(elementAt(root, ".classes .chart"));
    this.clamp = new Clamp(elementAt(root, ".clamp"), examples, colours);
    /** @type {Moments<OneUnit> | null} */
    this.moments = null;
    /** @type {Source | null} */
    this.source = null;
    this.unit = -1;
    /** @type {OneUnit | null} */
    this.drawn = null;
    elementAt(root, ".close").onclick = () => does.close();
    elementAt(root, ".before").onclick = () => does.step(-1);
    elementAt(root, ".after").onclick = () => does.step(1);
    root.onkeydown = (event) => {
      const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (event.key === "Escape") does.close();
      else if (by && !(event.target instanceof HTMLInputElement)) does.step(by); // else the slider's
    };
  }

  /**
   * @param {Source} source
   * @param {{ layer: string, view: string, unit: number }} of
   * @param {Moments<any>} at the moment that is looked at, and its neighbours
   */
  open(source, { layer, view, unit }, at) {
    this.source = source;
    this.unit = unit;
    this.moments?.stop();
    const last = this.moments?.last ?? null;
    elementAt(this.root, ".parts").hidden = last?.unit !== unit || last.layer !== layer;
    const fetchOne = unitsFrom(source.units, { layer, view, unit: String(unit) });
    this.moments = new Moments(fetchOne, () => this.draw());
    this.moments.last = last; // until the other comes
    this.moments.after(at, AHEAD);
    this.root.hidden = false;
    sayText(elementAt(this.root, ".name"), `Neuron ${unit + 1}`);
    sayText(elementAt(this.root, ".figures"), "");
    sayText(elementAt(this.root, ".of"), source.name ? `of ${source.name}` : "");
    this.draw();
  }

  close() {
    this.moments?.stop();
    this.moments = this.source = this.drawn = null;
    this.root.hidden = true;
  }

  /** @param {Travelled} travelled */
  follow(travelled) {
    if (!this.moments || travelled.run !== this.source?.run) return;
    this.moments.follow(travelled, AHEAD);
    this.draw();
  }

  /** @param {Source} source perhaps stored anew */
  renew(source) {
    this.source = source;
    this.moments?.take(source);
  }

  draw() {
    const { moments, source, root } = this, one = moments?.shown();
    if (!moments || !source) return;
    const waiting = elementAt(root, ".waiting");
    sayText(waiting, moments.failed || (moments.here ? "" : "On its way …"));
    if (!one || one === this.drawn || (!moments.here && one.unit !== this.unit)) return;
    this.drawn = one;
    elementAt(root, ".parts").hidden = false;
    const { activations } = one.arrays;
    let low = Infinity, high = -Infinity, sum = 0;
    for (const value of activations) {
      low = Math.min(low, value);
      high = Math.max(high, value);
      sum += value;
    }
    const layer = one.layers.find(([key]) => key === one.layer)?.[1] ?? "";
    const state = one.dead ? " · dead" : one.saturated ? " · saturated" : "";
    sayText(elementAt(root, ".name"), `Neuron ${one.unit + 1} of ${layer}`);
    const mean = sum / activations.length;
    const figures = `from ${brief(low)} to ${brief(high)}, mean ${brief(mean)}${state}`;
    sayText(elementAt(root, ".figures"), `Activation ${figures}`);
    this.pictures(one);
    this.fillHistogram(activations, low, high);
    this.fillClasses(one);
    this.bands(one);
    this.alike(one);
    const held = { unit: one.unit, until: one.until, low, high };
    this.clamp.show(source.network, held, moments);
    root.dataset.unit = String(one.unit); // for tests of the page
    root.dataset.moment = moments.here ? moments.wanted : "…";
  }

  /** @param {OneUnit} one */
  pictures(one) {
    const figures = one.drawn.map(({ key, title, shape: [height, width] }) => {
      const [scale] = one.arrays[`scale.${key}`],
        figure = pictureOf(
          title.replace("their", "its").replace("them", "it").replace("they draw", "it draws"),
        );
      const canvas = /** @type {HTMLCanvasElement} */ (figure.firstElementChild);
      paintSigned(canvas, one.arrays[`picture.${key}`], 0, {
        height,
        width,
        colours: this.colours,
      });
      const words = document.createElement("small");
      words.textContent = `full colour ±${brief(scale)}`;
      figure.append(words);
      return figure;
    });
    elementAt(this.root, ".pictures").replaceChildren(...figures);
  }

  /**
   * @param {ArrayLike<number>} values
   * @param {number} low
   * @param {number} high
   */
  fillHistogram(values, low, high) {
    const width = (high - low || 1) / BARS, counts = new Array(BARS).fill(0);
    for (const value of Array.from(values)) {
      counts[Math.min(BARS - 1, Math.floor((value - low) / width))]++;
    }
    const { activations: figure, library } = this.charts, [bars] = figure.data;
    const x = counts.map((_, i) => low + (i + .5) * width);
    const hovertext = counts.map((n, i) =>
      `${brief(low + i * width)} to ${brief(low + (i + 1) * width)}: ${n} image${
        n === 1 ? "" : "s"
      }`
    );
    const words = "How often the neuron has which activation on the test images";
    this.histogram.show(
      { ...figure, data: [{ ...bars, x, y: counts, width, hovertext }] },
      { library, words, name: words, height: HEIGHT },
    );
  }

  /** @param {OneUnit} one */
  fillClasses({ classes, arrays: { class_means: means, activations }, selectivity }) {
    const n = activations.length;
    elementAt(this.root, ".classes").hidden = !means || classes.length < 2;
    if (!means || classes.length < 2) return;
    const { classes: figure, library } = this.charts, [bars] = figure.data;
    const share = `${(100 * selectivity).toFixed(selectivity < .1 ? 1 : 0)} %`;
    // Of the analysis of variance: (k - 1) / (n - 1) of the variance of anything.
    const chance = (100 * (classes.length - 1) / (n - 1)).toFixed(1);
    const sentence =
      `The class explains ${share} of its variance (selectivity; by chance ${chance} %)`;
    sayText(elementAt(this.root, ".selectivity"), sentence);
    const words = "The neuron’s mean activation for each class";
    const x = classes.map((_, i) => i), ticktext = classes.map((name) => name.slice(0, 9));
    const hovertext = classes.map((name, i) => `${name}: ${brief(means[i])}`);
    this.bars.show(
      {
        data: [{ ...bars, x, y: Array.from(means), hovertext }],
        layout: { ...figure.layout, xaxis: { ...figure.layout.xaxis, tickvals: x, ticktext } },
      },
      { library, words, name: words, height: HEIGHT },
    );
  }

  /** @param {OneUnit} one */
  bands({ bands, names, shape: [height, width, channels], arrays }) {
    const size = height * width * channels;
    let next = 0;
    const rows = bands.map(([name, count]) => {
      const row = document.createElement("div"), title = document.createElement("p");
      row.className = "band";
      const first = next, last = next + count - 1;
      const values = [arrays.band_values[first], arrays.band_values[last]].map(brief);
      title.textContent = `${name}: ${values[0] === values[1] ? values[0] : values.join(" to ")}`;
      row.append(title);
      for (; next < first + count; next++) {
        const button = document.createElement("button"), canvas = document.createElement("canvas");
        const bytes = /** @type {any} */ (arrays.band_images), i = next;
        paintBytes(canvas, bytes, i, width, height, channels);
        button.type = "button";
        button.title = `${names[i]}, activation ${brief(arrays.band_values[i])}`;
        button.setAttribute("aria-label", `${button.title}: rebuild this one below`);
        button.onclick = () => {
          const image = bytes.subarray(i * size, (i + 1) * size);
          this.clamp.rebuild(Float32Array.from(image, (byte) => byte / 255));
        };
        button.append(canvas);
        row.append(button);
      }
      return row;
    });
    elementAt(this.root, ".bands").replaceChildren(...rows);
  }

  /** @param {OneUnit} one */
  alike({ alike, alike_shape: [height, width], arrays }) {
    const tiles = alike.map(([unit, correlation], i) => {
      const tile = document.createElement("button"),
        canvas = document.createElement("canvas"),
        caption = document.createElement("span");
      tile.type = "button";
      tile.className = "tile";
      tile.setAttribute(
        "aria-label",
        `Neuron ${unit + 1}, correlation ${correlation.toFixed(2)}`,
      );
      paintSigned(canvas, arrays.alike, i, {
        height,
        width,
        colours: this.colours,
      });
      caption.textContent = `${unit + 1}: ${correlation.toFixed(2)}`;
      tile.append(canvas, caption);
      tile.onclick = () => this.does.open(unit);
      return tile;
    });
    elementAt(this.root, ".alike").hidden = !tiles.length;
    elementAt(this.root, ".alike .tiles").replaceChildren(...tiles);
  }

  /** The page has perhaps another theme. */
  themed() {
    for (const chart of [this.histogram, this.bars]) {
      chart.themed();
      chart.draw();
    }
  }

  dispose() {
    this.moments?.stop();
    this.clamp.moments?.stop();
    this.histogram.dispose();
    this.bars.dispose();
  }
}

/** @param {string} title */
function pictureOf(title) {
  const figure = document.createElement("figure"),
    canvas = document.createElement("canvas"),
    caption = document.createElement("figcaption");
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", title);
  caption.textContent = title;
  figure.append(canvas, caption);
  return figure;
}
