// The numbers below the chart, of now or of an earlier moment: the loss, the validation error
// beside the exact PCA's, and the variant's own metrics.

import { brief, grouped, wordsOf } from "../shared/numbers.js";
import { sumOf } from "./curves.js";

/** @typedef {import("./news.js").Training} Training */
/** @typedef {[name: string, value: string]} Fact without a value, a remark on those before it */

/**
 * What a variant declares of a figure. title: what it is called; target: the value that is wanted.
 * of_inputs: whether it is measured on inputs, not on the weights alone. reading: how to read it.
 * @typedef {{
 *   title: string, unit: string, target: number | null, of_inputs: boolean, reading: string,
 * }} Metric
 */

/**
 * What exact PCA reaches on some inputs. reference: its error with as many codings as the network
 * has; pca: with 0, 1, ….
 * @typedef {{ reference: number | null, pca: number[] }} OfPca
 */

/**
 * What the page knows of a run. measured: on which inputs the metrics are, and an earlier moment's
 * own error; watched: the evaluations. error: what the mean squared error is called. unit: of the
 * loss. reference and pca are those of the inputs that are watched; of_measured: those of the others.
 * expected: what five seeds of the same settings measured. test: what was measured at the end.
 * @typedef {OfPca & {
 *   metrics: Record<string, Metric>, measured: string, watched: string, error: string,
 *   unit: string, of_measured: OfPca, expected: import("./curves.js").PhaseRange[] | null,
 *   test: { figures: Record<string, number>, place: string } | null,
 * }} Declared
 */

/**
 * All numbers of a moment. What was measured before the moment's phase began is another network's,
 * perhaps another loss's, and is left out.
 * @param {Training} training
 * @param {Declared} declared
 * @param {number | null} step the moment's; null: now
 * @param {number} since the first step of its phase
 * @param {number | null} [own] the error of the moment's own network, if it is known
 * @returns {Fact[]}
 */
export function factsAt(training, declared, step, since, own = null) {
  const point = pointAt(training, step, since), { phases } = training;
  const until = phases.find(({ start }) => start > since)?.start ?? Infinity;
  const measured = nearestTo(training.measured, step, since, until);
  const evaluation = nearestTo(training.evaluations, step, since, until);
  // While it trains the step is always said: an element that comes and goes would be a new one.
  const here = measured?.x === (step ?? point?.x) && (step !== null || training.over);
  const from = measured && !here ? measured.x : null;
  const expected = training.steered ? null : declared.expected;
  const test = step === null && training.over ? declared.test : null;
  return [
    ...lossFacts(point, evaluation, declared.unit, step),
    ...(evaluation && expected ? courseFacts(evaluation, expected) : []),
    ...errorFacts(evaluation, declared, own),
    ...(measured ? metricFacts(without(measured.metrics, test?.figures), declared, from) : []),
    ...(test ? metricFacts(test.figures, { ...declared, measured: test.place }) : []),
  ];
}

/**
 * The figures but those that are shown of the test inputs.
 * @param {Record<string, number>} figures
 * @param {Record<string, number>} [others]
 */
function without(figures, others = {}) {
  return Object.fromEntries(Object.entries(figures).filter(([name]) => !(name in others)));
}

/**
 * The point of the training that is shown at a moment.
 * @param {Training} training
 * @param {number | null} step
 * @param {number} since
 */
export function pointAt(training, step, since) {
  return training.points.findLast(withinPhase(step, since));
}

/**
 * @param {number | null} step
 * @param {number} since
 */
function withinPhase(step, since) {
  return (/** @type {{ x: number }} */ { x }) => x <= (step ?? Infinity) && (x > since || !since);
}

/**
 * What was measured last before a moment of a phase, or soon after it if that is nearer.
 * @template {{ x: number }} T
 * @param {T[]} all
 * @param {number | null} step the moment's; null: now
 * @param {number} since the first step of the phase
 * @param {number} until its last step
 */
function nearestTo(all, step, since, until) {
  const before = all.findLastIndex(withinPhase(step, since));
  const [last, next] = [all[before], all[before + 1]];
  const nearer = step !== null && last && next && next.x <= until && next.x - step < step - last.x;
  return nearer ? next : last;
}

/**
 * The step that a number is from, if that is not the moment's own.
 * @param {number} x
 * @param {number | null} step
 */
function remark(x, step) {
  return step === null || x === step ? "" : `at step ${grouped(x)}`;
}

/**
 * @param {import("./news.js").Point | undefined} point
 * @param {import("./news.js").Evaluation | undefined} evaluation
 * @param {string} unit
 * @param {number | null} step
 * @returns {Fact[]}
 */
function lossFacts(point, evaluation, unit, step) {
  if (!point) return step === null ? [] : [["no loss before the first step", ""]];
  /** @type {Fact[]} */
  const facts = [["loss", brief(sumOf(point.terms))]];
  if (!evaluation) return [...facts, [unit, ""]];
  const from = remark(evaluation.x, step);
  facts.push(["validation", brief(sumOf(evaluation.valid))]);
  return [...facts, [from ? `${unit}, validation ${from}` : unit, ""]];
}

/**
 * A validation loss against those of five seeds at the same step; nothing if they have none there.
 * @param {import("./news.js").Evaluation} evaluation
 * @param {import("./curves.js").PhaseRange[]} expected
 * @returns {Fact[]}
 */
export function courseFacts({ x, valid }, expected) {
  const loss = sumOf(valid), phase = expected.find(({ steps }) => steps.includes(x));
  if (!phase) return [];
  const i = phase.steps.indexOf(x), low = phase.low.loss[i], high = phase.high.loss[i];
  if (loss >= low && loss <= high) return [["against five seeds", "within their range"]];
  const end = loss > high ? high : low, away = 100 * Math.abs(loss - end) / end;
  const share = away < 1 ? "less than 1" : Math.round(away);
  return [["against five seeds", `${share} % ${loss > high ? "above" : "below"} all`]];
}

/**
 * The error of the moment's own network or, if it is not known, of the evaluation. The latter is
 * left out if it is the reconstruction loss, to which at most the weight decay is added.
 * @param {import("./news.js").Evaluation | undefined} evaluation
 * @param {Declared} declared
 * @param {number | null} own
 * @returns {Fact[]}
 */
function errorFacts(evaluation, { error, pca, reference, of_measured }, own) {
  if (own !== null) {
    return [[error, brief(own)], ...pcaFacts(own, of_measured.pca, of_measured.reference)];
  }
  if (!evaluation) return [];
  const { mse, reconstruction_loss } = evaluation.valid;
  /** @type {Fact[]} */
  const facts = mse === reconstruction_loss ? [] : [[error, brief(mse)]];
  return [...facts, ...pcaFacts(mse, pca, reference)];
}

/**
 * A validation error beside the exact PCA's.
 * @param {number} error a mean over pixels or coordinates
 * @param {number[]} pca its errors with 0, 1, … codings
 * @param {number | null} same its error with as many codings as the network has
 * @returns {Fact[]}
 */
export function pcaFacts(error, pca, same) {
  /** @type {Fact[]} */
  const facts = same ? [["error, share of PCA’s", `${brief(100 * error / same)} %`]] : [];
  return [...facts, [
    `${error > pca[0] ? "worse than" : "as good as"} PCA with k =`,
    codingsOf(error, pca),
  ]];
}

/**
 * With how many codings PCA has this error, interpolated between two numbers of them.
 * @param {number} error
 * @param {number[]} pca its errors with 0, 1, … codings
 * @returns {string}
 */
function codingsOf(error, pca) {
  const k = pca.findIndex((each) => each <= error);
  if (k === 0) return "0";
  if (k < 0) return `more than ${pca.length - 1}`;
  return (k - (error - pca[k]) / (pca[k - 1] - pca[k])).toFixed(1);
}

/**
 * A figure's value: degrees with two digits, and the target if there is one.
 * @param {number} value
 * @param {Metric | undefined} metric
 * @returns {string}
 */
export function metricText(value, metric) {
  const size = metric?.unit === "°" ? `${value.toFixed(2)}°` : brief(value);
  return typeof metric?.target !== "number" ? size : `${size} (target ${metric.target})`;
}

/**
 * @param {Record<string, number>} values by the figures' names
 * @param {{ metrics: Record<string, Metric>, measured: string }} declared
 * @param {number | null} [from] the step that they are from, if that has to be said
 * @returns {Fact[]}
 */
export function metricFacts(values, { metrics, measured }, from = null) {
  const facts = (/** @type {boolean} */ ofInputs) =>
    Object.entries(values)
      .filter(([name]) => (metrics[name]?.of_inputs ?? true) === ofInputs)
      .map(([name, value]) => {
        const metric = metrics[name];
        return /** @type {Fact} */ ([metric?.title ?? wordsOf(name), metricText(value, metric)]);
      });
  const onInputs = facts(true), all = [...facts(false), ...onInputs];
  const place = onInputs.length ? measured : "";
  if (!all.length) return [];
  if (from !== null) return [...all, [place ? `${place}, at step` : "at step", grouped(from)]];
  return place ? [...all, [place, ""]] : all;
}
