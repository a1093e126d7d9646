// Marks in the losses' chart: where a phase begins, and where the learning rate rose again.

/** @typedef {import("../chart/plotly.d.ts").Annotation} Annotation */
/** @typedef {import("../chart/plotly.d.ts").Shape} Shape */
/** @typedef {import("./news.js").Phase} Phase */
/** @typedef {{ x: number, text: string, y: number }} Mark */

/**
 * Phases by name, if there are several, with a line where each begins. And the rises of the learning rate, by its
 * schedule: Plotly replaces these elements at every update, so that only a chart that is done has them.
 * @param {Phase[]} phases
 * @param {number | null} restarts the share of each phase after which the learning rate rose again, if it did
 * @returns {{ shapes: Shape[], annotations: Annotation[] }}
 */
export function phaseMarks(phases, restarts) {
  const named = phases.length > 0 && phases[0].phases > 1;
  /** @type {Mark[]} */
  const begins = named ? phases.map(({ start, name }) => ({ x: start, text: name, y: 1 })) : [];
  /** @type {Mark[]} */
  const rises = restarts ? phases.map(({ start, epochs, steps_per_epoch: each }) => ({
    x: start + Math.round(restarts * epochs * each), text: "rate rises again", y: named ? 0.88 : 1, // below the names
  })) : [];
  const marks = [...begins, ...rises];
  return { shapes: marks.filter(({ x }) => x).map(lineAt), annotations: marks.map(wordsAt) };
}

/**
 * @param {Mark} mark
 * @returns {Shape}
 */
function lineAt({ x }) {
  return { type: "line", x0: x, x1: x, y0: 0, y1: 1, yref: "paper", opacity: 0.5, line: { width: 1, dash: "dot" } };
}

/**
 * @param {Mark} mark
 * @returns {Annotation}
 */
function wordsAt({ x, text, y }) {
  const place = { x, xanchor: "left", xshift: 2, y, yref: "paper", yanchor: "top" };
  return { ...place, text, showarrow: false, font: { size: 11 } };
}
