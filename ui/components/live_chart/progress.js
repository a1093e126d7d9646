// A training's progress and its figures in words.

import { elementAt, keepChildren, sayText } from "../shared/elements.js";
import { brief, grouped } from "../shared/numbers.js";

/** @typedef {import("./news.js").Phase} Phase */
/** @typedef {import("./news.js").Progress} Progress */
/** @typedef {import("./news.js").Training} Training */
/** @typedef {import("./facts.js").Fact} Fact */

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
 * @param {HTMLElement} root
 * @param {Training} training
 * @param {{ status: string, words: string, slow: boolean, pictures: boolean, said: string }} page
 *   what is known before there is news, and the message that the page shows already
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
  const unsaid = message === page.said ? "" : message;
  elementAt(root, ".message").textContent = unsaid;
  elementAt(root, ".message").hidden = !unsaid;
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
