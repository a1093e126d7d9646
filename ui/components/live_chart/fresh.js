// Which of a run's networks is its last one, while it trains: the last of those that are kept for
// good or, as these come ever more rarely, the one that the worker stores every few seconds.

// Milliseconds after which the stored one is the newer one: the worker stores it at least so often.
const STORED = 12_000;
// It is fetched anew after a tenth more steps: a long training is not fetched more than a short one.
const GROWN = 1.1;

/** The last network of one run. */
export class Fresh {
  constructor() {
    this.kept = ""; // the last moment that is kept
    this.stored = ""; // "": that one; else another value for each time the stored one is wanted
    this.since = 0; // when it changed
    this.from = 0; // the step at which it changed
  }

  /**
   * @param {string} kept the last moment that is kept
   * @param {number} step how far the training is
   * @param {boolean} running
   * @param {number} now in milliseconds
   * @returns {boolean} whether another network is the last one
   */
  take(kept, step, running, now) {
    const other = kept !== this.kept || (!running && this.stored !== "");
    if (!other && !(running && now - this.since > STORED && step > GROWN * this.from)) return false;
    this.kept = kept;
    this.stored = other ? "" : String(step);
    this.since = now;
    this.from = step;
    return true;
  }
}
