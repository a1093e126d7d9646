// A slider for every coding, most active first; those beyond the first few fold away.

import { elementAt } from "../shared/elements.js";

const PRIOR_REACH = 3.5; // deviations to either side that are shown of a prior, at least
const BEYOND = 0.15; // of a histogram's width, on each side, that a slider reaches further

/** @typedef {import("./explorer.js").ExplorerModel} ExplorerModel */
/** @typedef {{ from: number, to: number }} Reach of a slider, in deviations from where it rests */

/** All sliders, each in its label. */
export class Sliders {
  /**
   * @param {HTMLElement} root
   * @param {ExplorerModel} model
   * @param {(coding: number, deviations: number) => void} moved by hand, to so many standard
   *   deviations from where the
   *   slider rests
   */
  constructor(root, model, moved) {
    const { order, active, shown } = model;
    /** @type {Map<number, HTMLInputElement>} of each coding */
    this.sliders = new Map();
    const few = elementAt(root, ".few"),
      rest = elementAt(root, ".rest"),
      more = order.length - shown;
    order.forEach((coding, rank) => {
      const reach = reachOf(model, coding), used = active[rank];
      const { label, slider } = sliderOf(coding, used, reach, histogramOf(model, coding, reach));
      slider.addEventListener("input", () => moved(coding, Number(slider.value)));
      (rank < shown ? few : rest).append(label);
      this.sliders.set(coding, slider);
    });
    const idle = active.filter((used) => !used).length, unused = elementAt(root, ".unused");
    unused.hidden = !idle;
    unused.textContent = `${idle} of ${active.length} codings ${idle > 1 ? "are" : "is"} grey: ` +
      "hardly changing from input to input, so the network does not use " +
      (idle > 1 ? "them." : "it.");
    elementAt(root, "details").hidden = elementAt(root, ".order").hidden = more <= 0;
    elementAt(root, "summary").textContent = more === 1
      ? "The other coding"
      : `The other ${more} codings`;
  }

  /**
   * Move a slider to where its coding is.
   * @param {number} coding
   * @param {number} value
   * @param {number} deviations the same in standard deviations
   */
  show(coding, value, deviations) {
    const slider = this.sliders.get(coding);
    if (!slider) return;
    const reach = { from: Number(slider.min), to: Number(slider.max) };
    const { from, to, positive } = fillOf(deviations, reach);
    slider.value = String(deviations);
    slider.style.setProperty("--from", `${from}%`);
    slider.style.setProperty("--to", `${to}%`);
    slider.style.setProperty("--fill", positive ? "var(--positive)" : "var(--negative)");
    const label = /** @type {HTMLElement} */ (slider.closest("label"));
    const words = (Math.round(100 * value) / 100 || 0).toFixed(2); // no "-0.00"
    elementAt(label, "output").textContent = words;
    slider.setAttribute("aria-valuetext", words);
  }
}

/**
 * How far a slider reaches: a little beyond the codings of the test inputs; of a network with a
 * prior also as far as that.
 * @param {ExplorerModel} model
 * @param {number} coding
 * @returns {Reach}
 */
export function reachOf({ prior, arrays: { centre, spread, low, high } }, coding) {
  const beyond = BEYOND * (high[coding] - low[coding]);
  const at = (/** @type {number} */ value) => (value - centre[coding]) / spread[coding];
  const least = prior ? PRIOR_REACH : .1; // a dead coding's slider still has a length
  const round = (/** @type {number} */ value) => Number(value.toFixed(2));
  return {
    from: round(Math.min(-least, at(low[coding] - beyond))),
    to: round(Math.max(least, at(high[coding] + beyond))),
  };
}

/**
 * The part of a slider's track that is coloured, in percent: from where it rests to its handle.
 * @param {number} deviations
 * @param {Reach} reach
 * @returns {{ from: number, to: number, positive: boolean }}
 */
export function fillOf(deviations, { from, to }) {
  const percent = (/** @type {number} */ value) =>
    100 * (Math.max(from, Math.min(to, value)) - from) / (to - from);
  const rest = percent(0), here = percent(deviations);
  return { from: Math.min(rest, here), to: Math.max(rest, here), positive: deviations >= 0 };
}

/**
 * How often the coding has which value on the test inputs, drawn behind its slider.
 * @param {ExplorerModel} model
 * @param {number} coding
 * @param {Reach} reach
 * @returns {HTMLElement}
 */
function histogramOf({ arrays: { centre, spread, low, high, bars } }, coding, { from, to }) {
  const [, n] = bars.shape, plot = document.createElement("span");
  const at = (/** @type {number} */ value) =>
    100 * ((value - centre[coding]) / spread[coding] - from) / (to - from);
  const left = at(low[coding]), right = at(high[coding]);
  plot.className = "histogram";
  plot.style.left = `${left}%`;
  plot.style.width = `${right - left}%`;
  const heights = Array.from(bars.subarray(coding * n, (coding + 1) * n));
  const steps = heights.flatMap((bar, i) => {
    const top = 100 - bar / 2.55;
    return [`${100 * i / n}% ${top}%`, `${100 * (i + 1) / n}% ${top}%`];
  });
  plot.style.clipPath = `polygon(0 100%, ${steps.join(", ")}, 100% 100%)`;
  return plot;
}

/**
 * @param {number} coding
 * @param {boolean} active whether the network uses it
 * @param {Reach} reach
 * @param {HTMLElement} histogram
 */
function sliderOf(coding, active, { from, to }, histogram) {
  const label = document.createElement("label"), name = document.createElement("span");
  const slider = document.createElement("input"), track = document.createElement("span");
  label.className = "made" + (active ? "" : " idle");
  label.title = active
    ? "Behind the slider: how often the test images have which value"
    : "This coding hardly changes from input to input: the network does not use it.";
  name.textContent = `z${coding + 1}`;
  Object.assign(slider, { type: "range", min: from, max: to, step: 0.01 });
  slider.dataset.coding = String(coding);
  slider.setAttribute("aria-label", `Coding ${coding + 1}`);
  track.className = "track";
  track.append(histogram, slider);
  label.append(name, track, document.createElement("output"));
  return { label, slider };
}
