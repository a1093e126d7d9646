// Decodes codings: in the page, or on the server if the decoder has a kind of layer that the page
// does not know.

import { forward } from "../shared/network.js";

const BATCH = 60; // codings in one question to the server

/** The slot of the picture under the finger, which comes before all others. */
export const FIRST = "picture";

/** @typedef {import("../shared/network.js").Layer} Layer */
/** @typedef {(values: ArrayLike<number>) => void} Done called with the image, flat, in [0, 1] */
/** @typedef {{ id: number, codings: number[][] }} Question */
/**
 * @typedef {{ codings: Float32Array, done: Done, slot: string }} Asked
 * slot: what the image is for
 */
/** @typedef {{ decode: (asked: Asked[]) => void, dispose: () => void }} Decoder */

/** Decodes in the page, at once. */
export class LocalDecoder {
  /** @param {Layer[]} layers */
  constructor(layers) {
    this.layers = layers;
  }

  /** @param {Asked[]} asked */
  decode(asked) {
    if (!asked.length) return;
    const n = asked.length, size = asked[0].codings.length, all = new Float32Array(n * size);
    asked.forEach(({ codings }, i) => all.set(codings, i * size));
    const images = forward(this.layers, all, n), pixels = images.length / n;
    asked.forEach(({ done }, i) => done(images.subarray(i * pixels, (i + 1) * pixels)));
  }

  dispose() {}
}

let questions = 0; // of all explorers: an answer to an earlier one is never taken for a later one's

/**
 * Asks the server, one question at a time. A newer request for a slot replaces the one that waits:
 * of a dragged slider, only the last position counts. A question without an answer is given up.
 */
export class ServerDecoder {
  /**
   * @param {(question: Question) => void} ask
   * @param {number} [patience] milliseconds for an answer
   */
  constructor(ask, patience = 10_000) {
    this.ask = ask;
    this.patience = patience;
    this.id = 0;
    this.gone = new AbortController(); // ends the listening
    /** @type {Map<string, Asked>} */
    this.waiting = new Map();
    /** @type {Asked[]} what the present question asks for */
    this.asked = [];
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
  }

  /**
   * One that hears the answers which the page passes on to the explorer of this name.
   * @param {(question: Question) => void} ask
   * @param {string} explorer
   */
  static listening(ask, explorer) {
    const decoder = new ServerDecoder(ask);
    document.addEventListener("lab-decoded", (event) => {
      const answer = /** @type {CustomEvent} */ (event).detail;
      if (answer.explorer === explorer) decoder.answered(answer.id, answer.pictures);
    }, { signal: decoder.gone.signal });
    return decoder;
  }

  /** @param {Asked[]} asked */
  decode(asked) {
    for (const { codings, done, slot } of asked) {
      this.waiting.set(slot, { codings: Float32Array.from(codings), done, slot });
    }
    this.next();
  }

  next() {
    if (this.asked.length || !this.waiting.size) return;
    const slots = [...this.waiting.keys()].sort((a, b) => Number(b === FIRST) - Number(a === FIRST))
      .slice(0, BATCH);
    this.asked = slots.map((slot) => /** @type {Asked} */ (this.waiting.get(slot)));
    for (const slot of slots) this.waiting.delete(slot);
    this.id = ++questions;
    this.timer = setTimeout(() => {
      this.asked = [];
      this.next();
    }, this.patience);
    this.ask({ id: this.id, codings: this.asked.map(({ codings }) => Array.from(codings)) });
  }

  /**
   * @param {number} id of the question
   * @param {Uint8Array & { shape?: number[] }} pictures one behind the other
   */
  answered(id, pictures) {
    const done = this.asked, size = pictures.length / done.length;
    if (id !== this.id || !done.length || !Number.isInteger(size)) return;
    clearTimeout(this.timer);
    this.asked = [];
    done.forEach((one, i) =>
      one.done(Float32Array.from(pictures.subarray(i * size, (i + 1) * size), (v) => v / 255))
    );
    this.next();
  }

  dispose() {
    this.gone.abort();
    clearTimeout(this.timer);
    this.waiting.clear();
    this.asked = [];
  }
}
