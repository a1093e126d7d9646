// The slider over a run's kept moments: which one is looked at, or none while it follows now.

import { elementAt, inputAt } from "../shared/elements.js";
import { grouped } from "../shared/numbers.js";
import { placeKey } from "./film.js";

/** @typedef {import("./news.js").Phase} Phase */
/** @typedef {import("./news.js").Place} Place */

const WHOLE = 10_000; // milliseconds from the first moment to the last, when played

/**
 * A moment's step, counted over all phases.
 * @param {Place} place
 * @param {Phase[]} phases
 */
export function stepAt([phase, step], phases) {
  return (phases[phase]?.start ?? 0) + step;
}

/**
 * The index of the value nearest to x in a rising list.
 * @param {number[]} steps
 * @param {number} x
 */
export function nearestIndex(steps, x) {
  let best = 0;
  steps.forEach((step, i) => {
    if (Math.abs(step - x) < Math.abs(steps[best] - x)) best = i;
  });
  return best;
}

/**
 * A moment in words.
 * @param {Place} place
 * @param {Phase[]} phases
 */
export function wordsOfMoment(place, phases) {
  const [phase, step] = place, about = phases[phase];
  const at = `at step ${grouped(stepAt(place, phases))}`;
  if (!about) return at;
  const where = about.phases > 1 ? `${at}, ${about.name}` : at;
  if (!step) return `${where}, before training`;
  return `${where}, epoch ${Math.ceil(step / about.steps_per_epoch)} of ${about.epochs}`;
}

/** The row of controls below the chart. */
export class TimeSlider {
  /**
   * @param {HTMLElement} root of the live view
   * @param {() => void} moved called when another moment is chosen
   */
  constructor(root, moved) {
    this.row = elementAt(root, ".time");
    this.range = inputAt(root, ".time .moment");
    this.number = inputAt(root, ".time .step");
    this.play = /** @type {HTMLButtonElement} */ (elementAt(root, ".time .play"));
    this.now = elementAt(root, ".time .now");
    this.unkept = elementAt(root, ".time .unkept");
    this.moved = moved;
    /** @type {Place[]} */
    this.places = [];
    /** @type {Phase[]} */
    this.phases = [];
    /** @type {number[]} */
    this.steps = [];
    this.present = 0;
    /** @type {Place | null} the moment that is looked at; null: now */
    this.at = null;
    /** @type {ReturnType<typeof setInterval> | undefined} */
    this.playing = undefined;
    this.range.oninput = () => {
      const asked = Number(this.range.value); // `stop` draws the slider where it was
      this.stop();
      this.go(asked);
    };
    this.number.onchange = () => {
      const asked = Number(this.number.value.replaceAll(",", "").trim() || NaN);
      if (Number.isFinite(asked)) this.goToStep(asked);
      else this.sayStep();
    };
    this.number.onkeydown = (event) => {
      const by = { ArrowUp: 1, ArrowDown: -1 }[event.key];
      if (!by) return;
      event.preventDefault();
      this.stop();
      this.go(Math.max(0, Math.min(this.places.length - 1, this.index + by)));
    };
    this.now.onclick = () => {
      this.stop();
      this.follow();
    };
    this.play.onclick = () => (this.playing ? this.stop() : this.start());
  }

  /** The index of the moment that is looked at, or of the one now nearest to it. */
  get index() {
    if (!this.at) return this.places.length - 1;
    const key = placeKey(this.at), same = this.places.findIndex((place) => placeKey(place) === key);
    return same >= 0 ? same : nearestIndex(this.steps, stepAt(this.at, this.phases));
  }

  /**
   * @param {Place[]} places
   * @param {Phase[]} phases
   * @param {number} present the step of now, counted over all phases
   */
  show(places, phases, present) {
    this.present = present;
    this.places = places;
    this.phases = phases;
    this.steps = places.map((place) => stepAt(place, phases));
    this.row.hidden = places.length < 2;
    if (!this.row.hidden) this.draw();
  }

  draw() {
    const { index, range, number, at } = this, place = this.places[index];
    range.max = String(this.places.length - 1);
    range.value = String(index);
    const words = wordsOfMoment(place, this.phases);
    range.setAttribute("aria-valuetext", at ? words : `now, last kept ${words}`);
    if (!number.matches(":focus")) this.sayStep(); // what somebody types there stays
    this.now.setAttribute("aria-pressed", String(!at));
    this.play.textContent = this.playing ? "Hold" : "Play";
  }

  sayStep() {
    this.number.value = grouped(this.at ? this.steps[this.index] : this.present);
  }

  /** @param {number} index */
  go(index) {
    this.unkept.textContent = "";
    this.at = this.places[index];
    this.sayStep();
    this.draw();
    this.moved();
  }

  /**
   * Goes to the moment nearest to a step, and says so if it is not of that step.
   * @param {number} x counted over all phases
   */
  goToStep(x) {
    const { steps } = this, asked = Math.round(x), last = steps[steps.length - 1];
    this.stop();
    if (steps.length < 2) return;
    this.go(nearestIndex(steps, asked));
    const found = steps[this.index];
    if (found === asked) return;
    const what = asked < steps[0] || asked > last
      ? `There are steps from ${grouped(steps[0])} to ${grouped(last)}`
      : `Step ${grouped(asked)} was not kept`;
    this.unkept.textContent = `${what}; ${grouped(found)} is the nearest.`;
  }

  /** Follows the training again. */
  follow() {
    this.unkept.textContent = "";
    this.at = null;
    this.sayStep();
    this.draw();
    this.moved();
  }

  /** Runs through the moments, from the beginning if the last one is shown. */
  start() {
    const begin = this.at && this.index < this.places.length - 1 ? this.index : 0;
    this.playing = setInterval(() => {
      if (this.index < this.places.length - 1) this.go(this.index + 1);
      else {
        this.stop();
        this.follow();
      }
    }, WHOLE / this.places.length);
    this.go(begin);
  }

  dispose() {
    clearInterval(this.playing);
  }

  stop() {
    if (!this.playing) return;
    clearInterval(this.playing);
    this.playing = undefined;
    this.draw();
    this.moved();
  }
}
