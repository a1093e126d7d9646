// Where codings become images: in the page, or on the server if the decoder has a kind of layer that the page does not know.

import { forward, KINDS } from "../shared/network.js";

const BATCH = 60; // codings in one question to the server

/** @typedef {import("../shared/network.js").Layer} Layer */
/** @typedef {(values: ArrayLike<number>) => void} Done called with the image, flat, in [0, 1] */
/** @typedef {{ id: number, codings: number[][] }} Question */
/** @typedef {{ codings: Float32Array, done: Done, slot: string }} Waiting */
/** @typedef {{ decode: (codings: Float32Array, done: Done, slot?: string) => void, dispose: () => void }} Decoder */

/**
 * Whether every layer can be computed in the page.
 * @param {Layer[]} layers
 * @returns {boolean}
 */
export function known(layers) { return layers.every(({ kind }) => Object.hasOwn(KINDS, kind)); }

/** Decodes in the page, at once. */
export class LocalDecoder {
  /** @param {Layer[]} layers */
  constructor(layers) { this.layers = layers; }

  /**
   * @param {Float32Array} codings
   * @param {Done} done
   */
  decode(codings, done) { done(forward(this.layers, codings)); }

  dispose() {}
}

/**
 * Asks the server, one question at a time. `decode` with a slot replaces what waits in that slot: of a slider that is
 * dragged only the last position counts.
 */
export class ServerDecoder {
  /** @param {(question: Question) => void} ask */
  constructor(ask) {
    this.ask = ask;
    this.id = 0;
    /** @type {Waiting[]} */
    this.waiting = [];
    /** @type {Waiting[]} what the present question asks for */
    this.asked = [];
  }

  /**
   * @param {Float32Array} codings
   * @param {Done} done
   * @param {string} [slot]
   */
  decode(codings, done, slot = "") {
    if (slot) this.waiting = this.waiting.filter((other) => other.slot !== slot);
    const next = { codings: Float32Array.from(codings), done, slot };
    if (slot) this.waiting.unshift(next); // the picture under the finger comes before a sheet
    else this.waiting.push(next);
    this.next();
  }

  next() {
    if (this.asked.length || !this.waiting.length) return;
    this.asked = this.waiting.splice(0, BATCH);
    this.ask({ id: ++this.id, codings: this.asked.map(({ codings }) => Array.from(codings)) });
  }

  /**
   * @param {number} id of the question
   * @param {Uint8Array} pictures one behind the other
   */
  answered(id, pictures) {
    if (id !== this.id || !this.asked.length) return;
    const done = this.asked, size = pictures.length / done.length;
    this.asked = [];
    done.forEach((one, i) => one.done(Float32Array.from(pictures.subarray(i * size, (i + 1) * size), (v) => v / 255)));
    this.next();
  }

  dispose() { this.waiting = []; this.asked = []; }
}
