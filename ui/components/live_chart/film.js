// What a run's networks of earlier moments make of the inputs that are shown, and their errors:
// fetched when somebody goes back in time, the moments nearest to the wanted one first.

import { addressOf } from "../shared/address.js";
import { unpack } from "../shared/packing.js";

/** @typedef {import("./news.js").Place} Place */
/** @typedef {Uint8Array | Float32Array} Frame of all inputs, one behind the other */

const AT_ONCE = 8; // moments in one request

/** @param {Place} place */
export const placeKey = ([phase, step]) => `${phase}-${step}`;

/**
 * @param {Place[]} places in the order of time
 * @param {number} index of one of them
 * @returns {Place[]} that one, and the others by how far they are from it
 */
export function nearestFirst(places, index) {
  return places
    .map((place, i) => ({ place, far: Math.abs(i - index) }))
    .sort((a, b) => a.far - b.far)
    .map(({ place }) => place);
}

/** The frames of one run, as far as they have come. */
export class Film {
  /**
   * @param {string} route the server's
   * @param {() => void} came called after each change
   */
  constructor(route, came) {
    this.route = route;
    this.came = came;
    /** @type {Map<string, Frame>} */
    this.frames = new Map();
    /** @type {Map<string, number>} mean squared errors; NaN if the server did not compute it */
    this.errors = new Map();
    /** @type {Set<string>} places that were asked for and are not kept */
    this.missing = new Set();
    this.busy = this.failed = false;
    this.begun = 0; // how often everything was forgotten
    /** @type {Place[]} */
    this.wanted = [];
  }

  /** The run was resumed: its later moments may be others. */
  forget() {
    this.frames.clear();
    this.errors.clear();
    this.missing.clear();
    this.begun++;
  }

  /**
   * Fetches what has not come yet.
   * @param {Place[]} places all moments, in the order of time
   * @param {number} index of the one that is looked at
   */
  want(places, index) {
    this.wanted = nearestFirst(places, index);
    if (!this.busy) this.fetchNext();
  }

  async fetchNext() {
    const next = this.wanted.filter((place) => !this.has(place)).slice(0, AT_ONCE);
    if (!next.length) return;
    const { begun } = this;
    this.busy = true;
    try {
      const answer = await fetch(`${addressOf(this.route)}?at=${next.map(placeKey).join(",")}`);
      if (!answer.ok) throw new Error(await answer.text());
      const { places, arrays: { frames, errors } } = unpack(
        new Uint8Array(await answer.arrayBuffer()),
      );
      if (begun === this.begun) this.keep(next, places, frames, errors);
      this.failed = false;
    } catch {
      this.failed = true; // asked for again at the next move
    }
    this.busy = false;
    this.came();
    if (!this.failed) this.fetchNext();
  }

  /**
   * @param {Place[]} asked
   * @param {Place[]} places
   * @param {Frame} frames of the places
   * @param {Float32Array} errors of the places
   */
  keep(asked, places, frames, errors) {
    const size = frames.length / places.length;
    places.forEach((place, i) => {
      this.frames.set(placeKey(place), frames.subarray(i * size, (i + 1) * size));
      this.errors.set(placeKey(place), errors[i]);
    });
    for (const place of asked) {
      if (!this.frames.has(placeKey(place))) this.missing.add(placeKey(place));
    }
  }

  /** @param {Place} place */
  has(place) {
    return this.frames.has(placeKey(place)) || this.missing.has(placeKey(place));
  }

  /**
   * The frame of a moment or, until it comes, of the nearest one that has come; null if none has.
   * @param {Place[]} places all moments, in the order of time
   * @param {number} index
   * @returns {{ place: Place, frame: Frame } | null}
   */
  nearest(places, index) {
    for (let far = 0; far < places.length; far++) {
      for (const place of [places[index - far], places[index + far]]) {
        const frame = place && this.frames.get(placeKey(place));
        if (frame) return { place, frame };
      }
    }
    return null;
  }
}
