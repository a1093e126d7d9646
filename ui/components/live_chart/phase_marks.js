// Marks in the losses' chart: where a phase begins, and where the learning rate rose again.

/** @typedef {import("../chart/plotly.d.ts").Annotation} Annotation */
/** @typedef {import("../chart/plotly.d.ts").Shape} Shape */
/** @typedef {import("./news.js").Phase} Phase */
/** @typedef {{ x: number, text: string, y: number }} Mark */

const CLOSE = 1 / 8; // of the steps: a mark that soon after another has no words of its own

/**
 * A line with the name of each phase where it begins, if there are several; and one at each rise of
 * the learning rate.
 * @param {Phase[]} phases
 * @param {number[]} risen the steps after which the rate rose
 * @returns {{ shapes: Shape[], annotations: Annotation[] }}
 */
export function phaseMarks(phases, risen) {
  const named = phases.length > 0 && phases[0].phases > 1, apart = plannedSteps(phases) * CLOSE;
  /** @type {Mark[]} */
  const begins = named ? phases.map(({ start, name }) => ({ x: start, text: name, y: 1 })) : [];
  const y = named ? 0.88 : 1; // below the names
  /** @type {Mark[]} */
  const rises = risen.map((x, i) => ({
    x,
    text: i && x - risen[i - 1] < apart ? "" : "rate rises",
    y,
  }));
  const marks = [...begins, ...rises];
  return {
    shapes: marks.filter(({ x }) => x).map(lineAt),
    annotations: marks.filter(({ text }) => text).map(wordsAt),
  };
}

/**
 * The steps of all phases that are planned so far.
 * @param {Phase[]} phases
 * @returns {number}
 */
export function plannedSteps(phases) {
  const phase = phases.at(-1);
  return phase ? phase.start + phase.epochs * phase.steps_per_epoch : 1;
}

/**
 * @param {Mark} mark
 * @returns {Shape}
 */
function lineAt({ x }) {
  return {
    type: "line",
    x0: x,
    x1: x,
    y0: 0,
    y1: 1,
    yref: "paper",
    opacity: 0.5,
    line: { width: 1, dash: "dot" },
  };
}

/**
 * @param {Mark} mark
 * @returns {Annotation}
 */
function wordsAt({ x, text, y }) {
  const place = { x, xanchor: "left", xshift: 2, y, yref: "paper", yanchor: "top" };
  return { ...place, text, showarrow: false, font: { size: 11 } };
}
