// A slider for every coding, most active first; those beyond the first few fold away.

import { elementAt } from "../shared/elements.js";

const SLIDER_REACH = 3.5; // standard deviations to either side

/** @typedef {{ order: number[], active: boolean[], shown: number }} Ranking
 * the codings by how much they vary over the test inputs; active: the network uses it; shown: so
 * many are in sight
 */

/** All sliders, each in its label. */
export class Sliders {
  /**
   * @param {HTMLElement} root
   * @param {Ranking} ranking
   * @param {(coding: number, deviations: number) => void} moved by hand, to so many standard
   *   deviations from where the
   *   slider rests
   */
  constructor(root, { order, active, shown }, moved) {
    /** @type {Map<number, HTMLInputElement>} of each coding */
    this.sliders = new Map();
    const few = elementAt(root, ".few"),
      rest = elementAt(root, ".rest"),
      more = order.length - shown;
    order.forEach((coding, rank) => {
      const { label, slider } = sliderOf(coding, active[rank]);
      slider.addEventListener("input", () => moved(coding, Number(slider.value)));
      (rank < shown ? few : rest).append(label);
      this.sliders.set(coding, slider);
    });
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
    const slider = this.sliders.get(coding), { from, to, positive } = fillOf(deviations);
    if (!slider) return;
    slider.value = String(deviations);
    slider.style.setProperty("--from", `${from}%`);
    slider.style.setProperty("--to", `${to}%`);
    slider.style.setProperty("--fill", positive ? "var(--positive)" : "var(--negative)");
    /** @type {Element} */ (slider.nextElementSibling).textContent = value.toFixed(2);
    slider.setAttribute("aria-valuetext", value.toFixed(2));
  }
}

/**
 * The part of a slider's track that is coloured, in percent: from its middle to its handle.
 * @param {number} deviations
 * @returns {{ from: number, to: number, positive: boolean }}
 */
export function fillOf(deviations) {
  const middle = 50,
    here = 50 + (Math.max(-SLIDER_REACH, Math.min(SLIDER_REACH, deviations)) / SLIDER_REACH) * 50;
  return { from: Math.min(middle, here), to: Math.max(middle, here), positive: deviations >= 0 };
}

/**
 * @param {number} coding
 * @param {boolean} active whether the network uses it
 */
function sliderOf(coding, active) {
  const label = document.createElement("label"), name = document.createElement("span");
  const slider = document.createElement("input");
  label.className = "made" + (active ? "" : " idle");
  label.title = active
    ? ""
    : "This coding hardly changes from input to input: the network does not use it.";
  name.textContent = `z${coding + 1}`;
  Object.assign(slider, { type: "range", min: -SLIDER_REACH, max: SLIDER_REACH, step: 0.01 });
  slider.dataset.coding = String(coding);
  slider.setAttribute("aria-label", `Coding ${coding + 1}`);
  label.append(name, slider, document.createElement("output"));
  return { label, slider };
}
