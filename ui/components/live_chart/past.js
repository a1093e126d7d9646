// A run's earlier moments: which one is looked at, and what its network made of the inputs.

import { grouped } from "../shared/numbers.js";
import { Film, nearestFirst, placeKey } from "./film.js";
import { Fresh } from "./fresh.js";
import { stepAt, TimeSlider } from "./time_slider.js";

/** @typedef {import("./film.js").Frame} Frame */
/** @typedef {import("./news.js").Place} Place */
/** @typedef {import("./news.js").Training} Training */

const TOLD = 8; // moments that others are told of, beside the one that is looked at
const SETTLED = 300; // milliseconds after which a moment counts as chosen: the tabs follow

/** The time slider of one run, and its film. */
export class Past {
  /**
   * @param {HTMLElement} root of the live view
   * @param {string} run its id
   * @param {string} route of the film
   * @param {string} moment that the page was left at; "" is now
   * @param {() => void} changed called if something else is to be drawn
   * @param {(moment: string) => void} chose called when a moment has been chosen; "" is now
   */
  constructor(root, run, route, moment, changed, chose) {
    this.run = run;
    this.changed = changed;
    this.chose = chose;
    this.film = new Film(route, changed);
    this.time = new TimeSlider(root, () => this.moved());
    if (moment) this.time.at = /** @type {Place} */ (moment.split("-").map(Number));
    this.fresh = new Fresh();
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.choosing = undefined;
  }

  /** The step that is looked at, counted over all phases; null: now. */
  get step() {
    const { at, phases } = this.time;
    return at && stepAt(at, phases);
  }

  /** The phase that is looked at. */
  get phase() {
    const { at, phases } = this.time;
    return at ? at[0] : Math.max(0, phases.length - 1);
  }

  /** The first step of the phase that is looked at. */
  get since() {
    return this.time.phases[this.phase]?.start ?? 0;
  }

  moved() {
    const { time } = this, moment = time.at ? placeKey(time.at) : "";
    if (time.at) this.film.want(time.places, time.index);
    this.changed();
    this.tell();
    clearTimeout(this.choosing);
    if (!time.playing) this.choosing = setTimeout(() => this.chose(moment), SETTLED);
  }

  /**
   * Tells the others on the page which network to show. Now it is the last one that was stored
   * while a training runs, else the last one that was kept.
   */
  tell() {
    const { time: { at, places }, run, film } = this;
    const place = at ?? (this.fresh.stored ? undefined : places.at(-1));
    const others = at ? nearestFirst(places, this.time.index).slice(1, 1 + TOLD) : [];
    /** @type {import("../shared/moments.js").Travelled} */
    const detail = {
      run,
      moment: place ? placeKey(place) : "",
      near: others.map(placeKey),
      now: !at,
      session: film.begun,
      fresh: this.fresh.stored,
    };
    document.dispatchEvent(new CustomEvent("lab-moment", { detail }));
  }

  /**
   * What the network made of the inputs at the moment that is looked at. Until it has come, the
   * nearest one that has; null if none has, or if now is looked at.
   * @returns {{ x: number, frame: Frame } | null}
   */
  shown() {
    const { time, film } = this, near = time.at && film.nearest(time.places, time.index);
    return near && { x: stepAt(near.place, time.phases), frame: near.frame };
  }

  /** The error of the network that is looked at, on validation inputs; null: it is not known. */
  get error() {
    const { film, time: { at } } = this, error = at && film.errors.get(placeKey(at));
    return typeof error === "number" && Number.isFinite(error) ? error : null;
  }

  /** @param {Training} training */
  show({ moments, phases, progress, status }) {
    const { time, film } = this, present = (phases.at(-1)?.start ?? 0) + (progress.step ?? 0);
    time.show(moments, phases, present);
    const kept = moments.length ? placeKey(moments[moments.length - 1]) : "";
    const other = this.fresh.take(kept, present, status === "running", performance.now());
    if (other && !time.at) this.tell();
    // The page was left here, or the moments are others than before.
    if (time.at && moments.length && !film.busy && !film.failed) film.want(moments, time.index);
  }

  /** What is to be said if the pictures of the moment have not come yet, or cannot; else "". */
  note() {
    const { film, step } = this, here = this.shown();
    if (step === null || here?.x === step) return "";
    const shown = here ? `step ${grouped(here.x)}` : "now";
    return film.failed
      ? `This moment's pictures could not be loaded; these show ${shown}. Move to try again.`
      : `On its way; the pictures show ${shown}.`;
  }

  dispose() {
    clearTimeout(this.choosing);
    this.time.dispose();
  }
}
