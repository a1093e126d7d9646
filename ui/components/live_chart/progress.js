// A training's progress and its figures in words.

import { wordsFor } from "../chart/figure.js";
import { elementAt, keepChildren, sayText } from "../shared/elements.js";
import { brief, grouped, wordsOf } from "../shared/numbers.js";

/** @typedef {import("./news.js").Phase} Phase */
/** @typedef {import("./news.js").Progress} Progress */
/** @typedef {import("./news.js").Training} Training */
/** @typedef {[name: string, value: string]} Fact */

/**
 * What is known of a training. pictures: it is trained on images, not on points. slow: in slow
 * motion, so that the time left says nothing.
 * @typedef {{
 *   phases: Phase[], progress: Progress, status: string, over: boolean, pictures: boolean,
 *   slow: boolean,
 * }} Known
 */

/**
 * The facts that are shown above the chart.
 * @param {Known} known
 * @returns {Fact[]}
 */
export function factsOf({ phases, progress: p, status, over, pictures, slow }) {
  /** @type {Fact[]} */
  const facts = [], phase = phases.at(-1);
  if (phase && phases[0].phases > 1) facts.push(["phase", phase.name]);
  if (phase) {
    facts.push(["epoch", `${p.epoch || 0} / ${phase.epochs}`], [
      "step",
      grouped(phase.start + (p.step || 0)),
    ]);
  }
  if (p.images_per_second) {
    facts.push([pictures ? "images/s" : "points/s", grouped(Math.round(p.images_per_second))]);
  }
  if (p.learning_rate !== undefined && !over) facts.push(["rate", brief(p.learning_rate)]);
  const left = status === "running" && !slow ? p.seconds_left : null;
  if (typeof left === "number") facts.push(["left", timeLeft(left)]);
  return facts;
}

/**
 * @param {number} seconds
 * @returns {string}
 */
export function timeLeft(seconds) {
  if (seconds < 1) return "< 1 s";
  return seconds < 100 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} min`;
}

/**
 * How far a phase has come, from 0 to 1.
 * @param {Phase | undefined} phase
 * @param {Progress} progress
 * @param {string} status
 * @returns {number}
 */
export function shareDone(phase, { step = 0, steps }, status) {
  if (status === "done") return 1;
  return phase && steps ? Math.min(1, step / steps) : 0;
}

/**
 * What a variant declares of a figure. title: what it is called; target: the value that is wanted.
 * of_inputs: whether it is measured on inputs, not on the weights alone.
 * @typedef {{ title: string, unit: string, target: number | null, of_inputs: boolean }} Metric
 */

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
 * @param {HTMLElement} root
 * @param {Training} training
 * @param {{ status: string, words: string, slow: boolean, pictures: boolean }} page what is known
 *   before there is news
 */
export function showProgress(root, training, page) {
  const status = training.status || page.status, { phases, progress, over, message } = training;
  elementAt(root, ".status").textContent = training.words || page.words;
  root.dataset.status = status;
  elementAt(root, ".bar i").style.transform = `scaleX(${
    shareDone(phases.at(-1), progress, status)
  })`;
  const { pictures, slow } = page;
  showFacts(elementAt(root, ".facts"), factsOf({ phases, progress, status, over, pictures, slow }));
  elementAt(root, ".message").textContent = message;
  elementAt(root, ".message").hidden = !message;
}

/**
 * @param {Record<string, number>} values by the figures' names
 * @param {{ metrics: Record<string, Metric>, measured: string }} declared measured: on which inputs
 * @param {number} [step] that they were measured at; without it, they are of now
 * @returns {Fact[]}
 */
export function metricFacts(values, { metrics, measured }, step) {
  const facts = (/** @type {boolean} */ ofInputs) =>
    Object.entries(values)
      .filter(([name]) => (metrics[name]?.of_inputs ?? true) === ofInputs)
      .map(([name, value]) => {
        const metric = metrics[name];
        return /** @type {Fact} */ ([metric?.title ?? wordsOf(name), metricText(value, metric)]);
      });
  const onInputs = facts(true), all = [...facts(false), ...onInputs];
  const at = step === undefined ? [] : [`at step ${grouped(step)}`];
  const place = [...at, ...(onInputs.length ? [measured] : [])].join(" ");
  return all.length && place ? [...all, [place, ""]] : all;
}

/**
 * A validation error beside the exact PCA's.
 * @param {number | undefined} error a mean over pixels or coordinates
 * @param {number[]} pca its errors with 0, 1, … codings
 * @param {number | null} same its error with as many codings as the network has
 * @returns {Fact[]}
 */
export function pcaFacts(error, pca, same) {
  if (error === undefined) return [];
  /** @type {Fact[]} */
  const facts = same ? [["error, share of PCA’s", `${brief(100 * error / same)} %`]] : [];
  return [...facts, ["as good as PCA with k =", codingsOf(error, pca)]];
}

/**
 * With how many codings PCA has this error, interpolated between two numbers of them.
 * @param {number} error
 * @param {number[]} pca its errors with 0, 1, … codings
 * @returns {string}
 */
function codingsOf(error, pca) {
  const k = pca.findIndex((each) => each <= error);
  if (k === 0) return error > pca[0] ? "0, and worse" : "0";
  if (k < 0) return `more than ${pca.length - 1}`;
  return (k - (error - pca[k]) / (pca[k - 1] - pca[k])).toFixed(1);
}

/**
 * The losses at a step: each line's last value up to there.
 * @param {import("../chart/plotly.d.ts").Trace[]} lines of the chart
 * @param {number} x
 * @returns {Fact[]}
 */
export function lossesAt(lines, x) {
  /** @type {Record<string, number>} of "training" and "validation": the step they are from */
  const from = {};
  /** @type {Fact[]} */
  const facts = lines.filter(({ meta }) => meta?.split).flatMap((line) => {
    const n = line.x.findLastIndex((step) => step !== null && step <= x);
    if (n < 0) return [];
    from[line.meta.split] = Number(line.x[n]);
    return [[wordsFor(line), brief(Number(line.y[n]))]];
  });
  const steps = Object.entries(from).map(([split, step]) => `${split} at step ${grouped(step)}`);
  return [...facts, [steps.join(", ") || "no loss before the first step", ""]];
}

/**
 * @param {HTMLElement} root
 * @param {Fact[]} facts
 */
export function showMetrics(root, facts) {
  showFacts(elementAt(root, ".metrics"), facts);
}

/**
 * @param {HTMLElement} place
 * @param {Fact[]} facts
 */
function showFacts(place, facts) {
  keepChildren(place, facts, ([name]) => {
    const span = document.createElement("span");
    span.append(name ? `${name} ` : "", document.createElement("b"));
    return span;
  }, (span, [, value]) => sayText(/** @type {Node} */ (span.lastChild), value));
}
