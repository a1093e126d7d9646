// The lines of the losses' chart, and its layout.

import { brief, wordsOf } from "../shared/numbers.js";
import { phaseMarks, plannedSteps } from "./phase_marks.js";

const PALE = 0.12; // the opacity of lines beside one that is lit

/** @typedef {import("../chart/plotly.d.ts").Figure} Figure */
/** @typedef {import("../chart/plotly.d.ts").Trace} Trace */
/** @typedef {import("../chart/plotly.d.ts").Value} Value */
/** @typedef {import("./news.js").Evaluation} Evaluation */
/** @typedef {import("./news.js").Phase} Phase */
/** @typedef {import("./news.js").Point} Point */
/** @typedef {import("./news.js").Terms} Terms */
/** @typedef {{ points: Point[], evaluations: Evaluation[], phases: Phase[] }} Measured */
/** @typedef {Measured & { rises: number[], steered: boolean, over: boolean }} Course
 * rises: the steps after which the learning rate rose; steered: its course was changed by hand;
 * over: the training has ended */
/**
 * @typedef {{ steps: number[], low: Record<string, number[]>, high: Record<string, number[]> }}
 *   PhaseRange
 * what the five seeds of a preset measured in one phase: the lowest and the highest loss, and
 * `reconstruction_loss` if that is only a part of it
 */
/**
 * @typedef {{ term: string, split: string }} Meta of a line: its term, of "training" or
 *   "validation"
 */

/**
 * The loss: all its terms together. The squared error of the pixels is measured beside it.
 * @param {Terms} terms
 * @returns {number}
 */
export function sumOf(terms) {
  return Object.entries(terms).reduce(
    (sum, [name, value]) => (name === "mse" ? sum : sum + value),
    0,
  );
}

/**
 * A line's steps and values. Each phase has its own loss, so a line has a gap after it; the pixel
 * error has none.
 * @param {Meta} meta
 * @param {Measured} measured
 * @returns {{ x: Value[], y: Value[] }}
 */
export function seriesOf({ term, split }, { points, evaluations }) {
  /** @type {Value[]} */
  const x = [];
  /** @type {Value[]} */
  const y = [];
  let phase = null;
  for (const point of split === "training" ? points : evaluations) {
    const terms = "terms" in point ? point.terms : point.valid,
      value = term === "loss" ? sumOf(terms) : terms[term];
    if (value === undefined) continue;
    if (phase !== null && point.phase !== phase && term !== "mse") {
      x.push(null);
      y.push(null);
    }
    phase = point.phase;
    x.push(point.x);
    y.push(value);
  }
  return { x, y };
}

/**
 * How another run went on from the moment that this one goes on from: a faint line for each term,
 * of its validation images if it has such a line. One name in the legend is for all of them.
 * @param {Trace[]} lines this run's
 * @param {import("./news.js").Origin} origin
 * @param {Phase[]} phases
 * @returns {Trace[]}
 */
export function otherFuture(lines, { place: [phase, step], points, evaluations }, phases) {
  const start = phases[phase]?.start;
  if (start === undefined) return [];
  /** @param {{ x: number }} point */
  const later = ({ x }) => x >= start + step;
  const measured = {
    points: points.filter(later),
    evaluations: evaluations.filter(later),
    phases,
  };
  /** @type {Map<string, Trace>} */
  const chosen = new Map();
  for (const line of lines) if (line.meta.term) chosen.set(line.meta.term, line);
  return [...chosen.values()].map((line, i) => ({
    ...line,
    ...seriesOf(line.meta, measured),
    name: "the run it left",
    mode: "lines",
    opacity: 0.45,
    line: { ...line.line, dash: "solid", width: 4 },
    legendgroup: "origin",
    showlegend: !i,
    meta: { ...line.meta, words: `${line.meta.words}, the run it left` },
  })).filter(({ x }) => x.length > 1);
}

/**
 * A band: along the lowest values, and back along the highest. Each phase has a piece of its own.
 * @param {string} term
 * @param {PhaseRange[]} expected
 * @returns {{ x: Value[], y: Value[], upper: Value[] }} upper: the highest value, beside each
 *   lowest one in y
 */
export function bandOf(term, expected) {
  /** @type {Value[]} */
  const x = [];
  /** @type {Value[]} */
  const y = [];
  /** @type {Value[]} */
  const upper = [];
  for (const { steps, low, high } of expected) {
    const lowest = low[term] ?? low.loss, highest = high[term] ?? high.loss;
    if (x.length) { for (const values of [x, y, upper]) values.push(null); }
    x.push(...steps, ...[...steps].reverse());
    y.push(...lowest, ...[...highest].reverse());
    upper.push(...highest, ...[...highest].reverse());
  }
  return { x, y, upper };
}

/**
 * The figure's lines with their values, and a pair more for each term that it has no line for.
 * @param {Figure} figure its lines yet empty; the first two are the training's and the validation's
 *   line of one term
 * @param {Measured} measured
 * @param {number | null} reference the error of the line that is fixed, if there is one
 * @param {PhaseRange[] | null} expected null: there is no band
 * @returns {Trace[]}
 */
export function linesOf({ data, layout }, measured, reference, expected) {
  const fixed = { x: [0, plannedSteps(measured.phases)], y: [reference, reference] };
  const lines = data.filter(({ meta }) => expected || !meta.band).map((line) => {
    const { meta } = line;
    if (meta.reference) return { ...line, ...fixed };
    if (!meta.band || !expected) return { ...line, ...seriesOf(meta, measured) };
    const { x, y, upper } = bandOf(meta.band, expected);
    return { ...line, x, y, meta: { ...meta, upper } };
  });
  const known = new Set(lines.map((line) => line.meta.term)), spare = [...layout.meta.spare];
  for (const term of new Set(measured.points.flatMap((point) => Object.keys(point.terms)))) {
    if (known.has(term)) continue;
    // its unit is not declared: drawn beside the first
    const [color, symbol] = spare.shift() ?? [null, "star"];
    for (const line of lines.slice(0, 2)) {
      const { split } = line.meta,
        words = wordsOf(term) + (split === "training" ? "" : ", validation");
      const meta = { term, split, words }, name = split === "training" ? words : "validation";
      const look = { line: { ...line.line, color }, marker: { ...line.marker, color, symbol } };
      lines.push({ ...line, ...look, name, legendgroup: term, meta, ...seriesOf(meta, measured) });
    }
  }
  return lines;
}

/**
 * The lines with one term lit: the others are pale. If it was out of sight, it is shown.
 * @param {Trace[]} lines
 * @param {string | null} lit
 * @returns {Trace[]}
 */
export function litLines(lines, lit) {
  if (!lines.some(({ meta }) => meta.term === lit)) return lines;
  return lines.map((line) =>
    line.meta.term === lit ? { ...line, visible: true } : { ...line, opacity: PALE }
  );
}

/**
 * @param {Figure} figure its lines yet empty
 * @param {Course} course
 * @param {{
 *   reference: number | null, origin: import("./news.js").Origin | null,
 *   expected: PhaseRange[] | null, lit?: string | null,
 * }} run reference: a fixed error; lit: the term to light
 * @returns {Figure}
 */
export function figureOf(figure, course, { reference, origin, expected, lit = null }) {
  const { layout } = figure,
    { phases, rises, steered, over } = course,
    all = { include: [0, plannedSteps(phases)] };
  // Plotly replaces the marks at every update, so that a chart that grows has only its phases'.
  const marks = phaseMarks(phases, over ? rises : [], origin);
  const marked = { ...layout, xaxis: { ...layout.xaxis, autorangeoptions: all }, ...marks };
  const lines = linesOf(figure, course, reference, steered ? null : expected);
  const others = origin ? otherFuture(lines, origin, phases) : [];
  return { data: litLines([...lines, ...others], lit), layout: marked };
}

/**
 * The chart in a sentence.
 * @param {Point[]} points
 * @returns {string}
 */
export function wordsOfChart(points) {
  const last = points.at(-1);
  if (!last) return "Loss while training. Empty so far";
  const values = Object.entries(last.terms).map(([name, value]) =>
    `${wordsOf(name)} ${brief(value)}`
  );
  return `Loss while training. Latest: ${values.join(", ")}`;
}
