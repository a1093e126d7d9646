// Marks in the losses' chart: where a phase begins, where the learning rate rose again, and where
// the run went on from another one.

/** @typedef {import("../chart/plotly.d.ts").Annotation} Annotation */
/** @typedef {import("../chart/plotly.d.ts").Shape} Shape */
/** @typedef {import("./news.js").Phase} Phase */
/** @typedef {{ x: number, text: string, y: number }} Mark */

const CLOSE = 1 / 8; // of the steps: a mark that soon after another has no words of its own

/**
 * A line with the name of each phase where it begins, if there are several; and one at each rise of
 * the learning rate; and one where the run left its origin.
 * @param {Phase[]} phases
 * @param {number[]} risen the steps after which the rate rose
 * @param {import("./news.js").Origin | null} origin
 * @returns {{ shapes: Shape[], annotations: Annotation[] }}
 */
export function phaseMarks(phases, risen, origin = null) {
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
  const before = origin && phases[origin.place[0]];
  /** @type {Mark[]} */
  const left = origin && before
    ? [{ x: before.start + origin.place[1], text: "goes on from here", y: y - 0.12 }]
    : [];
  const marks = [...begins, ...rises, ...left];
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
