// How random draws are made, set by the visitor: how far they stray, and where they come from.

import { elementAt, inputAt } from "../shared/elements.js";

/** The slider, the choice of the source, and a sentence on both. */
export class Temperature {
  /**
   * @param {HTMLElement} root
   * @param {{ classes: number, prior: boolean, choice: boolean }} draws classes: of the test inputs;
   *   prior: the network has one; choice: whether each coding can be drawn by itself
   * @param {number | null} temperature to begin with; null leaves the slider where it is
   * @param {() => void} changed
   */
  constructor(root, { classes, prior, choice }, temperature, changed) {
    this.root = root;
    this.classes = classes;
    this.slider = inputAt(root, ".heat input");
    this.prior = prior;
    this.alone = inputAt(root, "input[value=alone]");
    elementAt(root, ".each").textContent = prior
      ? "the prior, N(0, I)"
      : "each coding by itself, N(its mean, its variance)";
    if (temperature !== null) this.slider.value = String(temperature);
    const update = () => {
      this.say();
      changed();
    };
    this.slider.oninput = update;
    elementAt(root, ".source").onchange = update; // of either button in it
    elementAt(root, ".source").hidden = !choice;
    this.say();
  }

  /** @returns {{ alone: boolean, temperature: number }} */
  get setting() {
    return { alone: this.alone.checked, temperature: Number(this.slider.value) };
  }

  say() {
    const { alone, temperature } = this.setting;
    elementAt(this.root, ".heat output").textContent = temperature.toFixed(2);
    this.slider.style.setProperty("--to", `${(temperature / Number(this.slider.max)) * 100}%`);
    const middle = this.classes > 1 ? "a class" : "all";
    const hint = alone
      ? this.prior
        ? "at 0 every coding is zero, 1 is the whole prior."
        : "at 0 every coding is at its mean, 1 as varied as the test images, coding by coding."
      : `0 is the middle of ${middle}, 1 as varied as the test images, but fewer look real.`;
    elementAt(this.root, ".hint").textContent = `How far random draws stray: ${hint}`;
  }
}
