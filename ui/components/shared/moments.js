// What is fetched of a run's moments when it is needed, and kept while there is room: the wanted
// moment first, then its neighbours. Until it comes, the nearest one that has come is shown.

/** @typedef {{ bytes: number }} Sized how much memory it takes, about */

/**
 * The time slider has moved to a moment of a run, or its training has gone on: what the document
 * hears as "lab-moment". near: other moments, the nearest first. now: nobody has gone back, and the
 * moment is the last one. session: another number if the run was resumed, so that later moments may
 * be others. fresh: another value if a running training's last network is to be fetched anew.
 * @typedef {{
 *   run: string, moment: string, near: string[], now: boolean, session: number, fresh: string,
 * }} Travelled
 */

/**
 * A network on show, as `ui/components/source.py` describes it. network, units, codings: the routes
 * of itself, of its neurons and of where inputs lie. moment: of its run; "" is its last. stored:
 * another value if that one was stored anew.
 * @typedef {{
 *   name: string, run: string, network: string, units: string, codings: string, moment: string,
 *   stored: string,
 * }} Source
 */

const MOST_BYTES = 120e6;

/**
 * A run's moments, by their names in addresses; "" is now.
 * @template {Sized} T
 */
export class Moments {
  /**
   * @param {(moment: string) => Promise<T>} fetchOne
   * @param {() => void} came called when one has come, or cannot come
   */
  constructor(fetchOne, came) {
    this.fetchOne = fetchOne;
    this.came = came;
    /** @type {Map<string, T>} in the order of use */
    this.known = new Map();
    this.failed = "";
    this.wanted = "";
    /** @type {string[]} to be fetched next, the nearest first */
    this.near = [];
    this.renewed = 0; // how often what had come was dropped
    this.session = 0;
    this.stored = this.fresh = "";
    this.past = false; // whether the time slider has gone back
    this.busy = this.stopped = false;
    this.nearest = true; // whether the nearest is shown until the wanted one comes; else the last
    /** @type {T | null} the last one that was shown */
    this.last = null;
  }

  /**
   * Asks for a moment.
   * @param {string} moment
   * @param {string[]} [near] its neighbours, the nearest first
   */
  want(moment, near = []) {
    this.wanted = moment;
    this.near = near;
    this.failed = "";
    if (!this.busy) this.fetchNext();
  }

  /**
   * Goes where the time slider has gone.
   * @param {Travelled} travelled
   * @param {number} [ahead] neighbours that are fetched before they are asked for
   */
  follow({ moment, near, now, session, fresh }, ahead = near.length) {
    if (session !== this.session) this.forget(); // resumed: moments may be others
    else if (fresh !== this.fresh) this.forget([""]);
    this.session = session;
    this.fresh = fresh;
    this.past = !now;
    this.want(moment, near.slice(0, ahead));
  }

  /**
   * Takes what the server says: its last network may have been stored anew, and its moment counts
   * unless the time slider has gone back, which knows better.
   * @param {{ moment: string, stored: string }} source
   */
  take({ moment, stored }) {
    if (this.stored && stored !== this.stored) this.forget([""]);
    this.stored = stored;
    this.want(this.past ? this.wanted : moment, this.past ? this.near : []);
  }

  /**
   * Goes on where another one was, of something else, which it stops.
   * @param {Moments<any>} other
   * @param {number} [ahead] of its neighbours
   */
  after(other, ahead = other.near.length) {
    this.session = other.session;
    this.stored = other.stored;
    this.fresh = other.fresh;
    this.past = other.past;
    this.want(other.wanted, other.near.slice(0, ahead));
  }

  /**
   * What has come may be another now.
   * @param {string[]} moments
   */
  forget(moments = [...this.known.keys()]) {
    this.renewed++;
    for (const moment of moments) this.known.delete(moment);
  }

  /** Nothing more is to be fetched. */
  stop() {
    this.stopped = true;
  }

  async fetchNext() {
    if (this.stopped) return;
    const moment = [this.wanted, ...this.near].find((each) => !this.known.has(each));
    if (moment === undefined) return;
    const { renewed } = this;
    this.busy = true;
    try {
      const found = await this.fetchOne(moment);
      if (renewed === this.renewed) this.keep(moment, found);
    } catch (error) {
      this.near = this.near.filter((each) => each !== moment);
      const words = error instanceof Error && error.message;
      if (this.wanted === moment) this.failed = words || "The server did not answer.";
    }
    this.busy = false;
    if (this.stopped) return;
    this.came();
    if (!this.failed) this.fetchNext(); // else again at the next move
  }

  /**
   * @param {string} moment
   * @param {T} found
   */
  keep(moment, found) {
    this.known.set(moment, found);
    let bytes = 0;
    for (const [key, { bytes: size }] of [...this.known].reverse()) {
      bytes += size;
      if (bytes <= MOST_BYTES || key === moment) continue;
      this.known.delete(key);
      this.near = this.near.filter((each) => each !== key); // else it were fetched at once again
    }
  }

  /**
   * The wanted moment or, until it comes, the nearest one that has come; else what was shown last.
   * @returns {T | null}
   */
  shown() {
    const moment = this.here || !this.nearest
      ? this.wanted
      : nearestMoment([...this.known.keys()], this.wanted);
    const found = this.known.get(moment);
    if (found) {
      this.known.delete(moment); // to the end: it was used last
      this.known.set(moment, found);
      this.last = found;
    }
    return this.last;
  }

  /** Whether the moment that is shown is the wanted one. */
  get here() {
    return this.known.has(this.wanted);
  }

  /** Why what is shown is not the wanted moment's; "" if it is. */
  get late() {
    return this.failed || (this.here ? "" : "the moment is on its way");
  }
}

/**
 * The moment nearest to another one, by the logarithms of their steps, as they are kept; "" if none
 * is of its phase.
 * @param {string[]} moments
 * @param {string} wanted
 */
export function nearestMoment(moments, wanted) {
  const [phase, step] = wanted.split("-");
  const far = (/** @type {string} */ moment) =>
    Math.abs(Math.log((Number(moment.split("-")[1]) + 1) / (Number(step) + 1)));
  const same = moments.filter((moment) => moment && moment.split("-")[0] === phase);
  return same.reduce((best, moment) => (best && far(best) <= far(moment) ? best : moment), "");
}

/**
 * Fetches bytes of the server.
 * @param {string} address
 * @returns {Promise<ArrayBuffer>} rejected with the server's sentence
 */
export async function bytesFrom(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(await answer.text());
  return answer.arrayBuffer();
}
