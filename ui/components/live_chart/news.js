// What is known of a training, put together from the news of it that `aecore/runs/news.py`
// describes.

/**
 * @typedef {Record<string, number>} Terms of a loss, by name; and `mse`, the squared error of the
 *   pixels
 */
/**
 * @typedef {{ x: number, phase: number, terms: Terms }} Point a mean over a few steps, x counted
 *   over all phases
 */
/** @typedef {{ x: number, phase: number, valid: Terms }} Evaluation on the validation images */
/**
 * @typedef {{
 *   phases: number, name: string, start: number, epochs: number, steps_per_epoch: number,
 * }} Phase
 * phases: how many there are in all; start: its first step, counted over all of them */
/** @typedef {[phase: number, step: number]} Place of a network that the run kept */
/**
 * @typedef {{ uint8: string, float32: string }} Encoded an array in base64; it has one of the two
 */
/** @typedef {{ x: number, metrics: Record<string, number> }} Measured the variant's metrics */
/**
 * @typedef {{
 *   x: number, pictures: Encoded, seen: Encoded | null, metrics: Record<string, number>,
 * }} Snapshot
 */
/**
 * @typedef {{ place: Place, points: Point[], evaluations: Evaluation[] }} Origin
 * another run, and the moment of it that this one goes on from
 */
/**
 * @typedef {{
 *   epoch?: number, step?: number, steps?: number, learning_rate?: number,
 *   images_per_second?: number | null, seconds_left?: number | null,
 * }} Progress in the phase that goes on; steps: of the whole phase
 */

/**
 * One message: what is new. reset: what came before is void. rises: all steps after which the
 * learning rate rose. steered: its course was changed by hand. moments: all of them, if they have
 * changed. session: another one after a resumption. over: it has ended. status_key: what the page's
 * buttons depend on.
 * @typedef {{
 *   reset?: boolean, points?: Point[], evaluations?: Evaluation[], measured?: Measured[],
 *   phases?: Phase[],
 *   rises?: number[], steered?: boolean, snapshot?: Snapshot | null, status: string,
 *   over: boolean, words: string,
 *   message?: string, status_key: string, progress?: Progress, moments?: Place[] | null,
 *   session?: number,
 * }} News
 */

const MOST_POINTS = 1600; // that a chart is drawn with

/** All that has been heard of one training. */
export class Training {
  constructor() {
    /** @type {Point[]} */
    this.points = [];
    /** @type {Evaluation[]} */
    this.evaluations = [];
    /** @type {Measured[]} */
    this.measured = [];
    /** @type {Phase[]} */
    this.phases = [];
    /** @type {number[]} */
    this.rises = [];
    this.steered = false;
    /** @type {Place[]} in the order of time */
    this.moments = [];
    /** @type {Snapshot | null} */
    this.snapshot = null;
    /** @type {Progress} */
    this.progress = {};
    this.status =
      this.words =
      this.message =
      this.statusKey =
        "";
    this.over = false;
    this.updates = 0;
    this.session = 0;
  }

  /**
   * @param {News} news
   * @returns {boolean} whether more has changed than that its lines grew
   */
  take(news) {
    const phases = news.phases ?? this.phases;
    const otherPhases = JSON.stringify(phases) !== JSON.stringify(this.phases);
    const steered = news.steered ?? this.steered, otherCourse = steered !== this.steered;
    const changed = Boolean(news.reset) || news.status !== this.status || otherPhases ||
      otherCourse;
    this.updates++;
    if (news.reset) {
      this.points = [];
      this.evaluations = [];
      this.measured = [];
    }
    this.evaluations = this.evaluations.concat(news.evaluations ?? []);
    this.measured = this.measured.concat(news.measured ?? []);
    this.points = thinned(this.points.concat(news.points ?? []), this.evaluations);
    this.phases = phases;
    this.rises = news.rises ?? this.rises;
    this.steered = steered;
    this.moments = news.moments ?? this.moments;
    this.session = news.session ?? 0;
    if (news.snapshot) this.snapshot = news.snapshot;
    this.status = news.status;
    this.over = news.over;
    this.message = news.message ?? "";
    this.words = news.words;
    this.statusKey = news.status_key;
    this.progress = news.progress ?? {};
    return changed;
  }
}

/**
 * The points; if there are too many, every second one and those with an evaluation, at whose step
 * both are read.
 * @param {Point[]} points
 * @param {Evaluation[]} evaluations
 * @returns {Point[]}
 */
export function thinned(points, evaluations) {
  if (points.length <= MOST_POINTS) return points;
  const read = new Set(evaluations.map(({ x }) => x));
  return points.filter(({ x }, i) => i % 2 || read.has(x));
}
