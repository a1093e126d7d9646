// The live chart's figure: lines and marks made of what was measured.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  bandOf,
  figureOf,
  linesOf,
  litLines,
  otherFuture,
  seriesOf,
  sumOf,
  wordsOfChart,
} from "../../ui/components/live_chart/curves.js";
import { phaseMarks, plannedSteps } from "../../ui/components/live_chart/phase_marks.js";
import { evaluation, phase, point } from "./helpers.js";

/** @typedef {import("../../ui/components/chart/plotly.d.ts").Figure} Figure */

test("the loss is the sum of its terms, and the pixel error none of them", () => {
  assert.equal(sumOf({ reconstruction_loss: 3, latent_loss: 0.5, mse: 100 }), 3.5);
});

test("a line ends with its phase; only the pixel error goes on", () => {
  const measured = {
    points: [
      point(1, { loss_a: 5, b: 1 }),
      point(2, { loss_a: 4, b: 2 }),
      point(3, { loss_a: 3, b: 3 }, 1),
    ],
    phases: [],
    evaluations: [
      evaluation(2, { loss_a: 4, mse: 0.4 }),
      evaluation(3, { loss_a: 2, mse: 0.2 }, 1),
    ],
  };
  assert.deepEqual(seriesOf({ term: "loss_a", split: "training" }, measured), {
    x: [1, 2, null, 3],
    y: [5, 4, null, 3],
  });
  assert.deepEqual(seriesOf({ term: "loss", split: "training" }, measured), {
    x: [1, 2, null, 3],
    y: [6, 6, null, 6],
  });
  assert.deepEqual(seriesOf({ term: "mse", split: "validation" }, measured), {
    x: [2, 3],
    y: [0.4, 0.2],
  });
  // not measured
  assert.deepEqual(seriesOf({ term: "b", split: "validation" }, measured), { x: [], y: [] });
});

/** @type {Figure} */
const FIGURE = {
  data: [
    {
      name: "loss a",
      x: [],
      y: [],
      line: { color: "red", width: 2 },
      marker: { symbol: "circle" },
      legendgroup: "a",
      meta: { term: "a", split: "training" },
    },
    {
      name: "validation",
      x: [],
      y: [],
      line: { color: "red", dash: "dash" },
      marker: {},
      legendgroup: "a",
      meta: { term: "a", split: "validation" },
    },
    { name: "PCA", x: [], y: [], meta: { reference: true } },
  ],
  layout: {
    margin: { l: 0, r: 0, t: 0, b: 0 },
    xaxis: { title: { text: "Training step" } },
    meta: { spare: [["green", "x"]] },
  },
};

/** @type {Figure} */
const WITH_BAND = {
  ...FIGURE,
  data: [...FIGURE.data, { name: "expected", x: [], y: [], fill: "toself", meta: { band: "a" } }],
};
/** @type {import("../../ui/components/live_chart/curves.js").PhaseRange[]} */
const EXPECTED = [
  { steps: [10, 20], low: { loss: [5, 3], a: [4, 2] }, high: { loss: [7, 5], a: [6, 4] } },
  { steps: [110], low: { loss: [1] }, high: { loss: [2] } }, // the loss has no other term
];

test("a band goes along the lowest values and back along the highest, a piece for each phase", () => {
  const { x, y, upper } = bandOf("a", EXPECTED);
  assert.deepEqual(x, [10, 20, 20, 10, null, 110, 110]);
  assert.deepEqual(y, [4, 2, 4, 6, null, 1, 2]);
  assert.deepEqual(x.map((step) => upper[x.indexOf(step)]), [6, 4, 4, 6, null, 2, 2]);
});

test("the band is there before the first point, and gone once the run is steered by hand", () => {
  const course = {
    points: [],
    evaluations: [],
    phases: [],
    rises: [],
    steered: false,
    over: false,
  };
  const run = { reference: null, origin: null, expected: EXPECTED };
  const band = figureOf(WITH_BAND, course, run).data.at(-1);
  assert.deepEqual([band?.x.length, band?.meta.upper[0]], [7, 6]);
  for (
    const drawn of [
      figureOf(WITH_BAND, { ...course, steered: true }, run),
      figureOf(WITH_BAND, course, { ...run, expected: null }),
    ]
  ) {
    assert.deepEqual(drawn.data.map(({ name }) => name), ["loss a", "validation", "PCA"]);
  }
});

test("the other future has a faint line for each term, from the moment that was left", () => {
  const now = {
    points: [point(1, { a: 5 }), point(2, { a: 4 }), point(3, { a: 1 })],
    evaluations: [evaluation(2, { a: 6 }), evaluation(4, { a: 2 })],
    phases: [phase(0)],
  };
  /** @type {import("../../ui/components/live_chart/news.js").Origin} */
  const origin = {
    place: [0, 2],
    points: [point(1, { a: 5 }), point(2, { a: 4 }), point(3, { a: 3 })],
    evaluations: [evaluation(2, { a: 6 }), evaluation(4, { a: 7 })],
  };
  const lines = linesOf(WITH_BAND, now, 0.25, EXPECTED),
    [other, ...more] = otherFuture(lines, origin, [phase(0)]);
  assert.equal(more.length, 0); // of the term's two lines the validation's, none of PCA or the band
  assert.deepEqual([other.x, other.y], [[2, 4], [6, 7]]);
  assert.ok(other.opacity && other.opacity < 0.5);
  assert.deepEqual(otherFuture(lines, { ...origin, points: [], evaluations: [] }, [phase(0)]), []);
  assert.deepEqual(otherFuture(lines, { ...origin, place: [1, 2] }, [phase(0)]), []);
  const marks = phaseMarks([phase(0)], [], origin);
  assert.deepEqual(marks.annotations.map(({ text }) => text).slice(-1), ["goes on from here"]);
});

test("lines are filled, the fixed one spans the plan, undeclared terms get the spare looks", () => {
  const points = [point(1, { a: 1, b_c: 2, d: 3 }), point(2, { a: 2, b_c: 4, d: 6 })],
    measured = {
      points,
      evaluations: [evaluation(2, { a: 9, b_c: 8 })],
      phases: [phase(0), phase(1)],
    },
    course = { ...measured, rises: [60], steered: false, over: false };
  const lines = linesOf(FIGURE, measured, 0.25, null);
  assert.deepEqual(lines.map((line) => line.name), [
    "loss a",
    "validation",
    "PCA",
    "b c",
    "validation",
    "d",
    "validation",
  ]);
  assert.deepEqual([lines[2].x, lines[2].y], [[0, 200], [0.25, 0.25]]);
  assert.deepEqual([
    lines[3].line?.color,
    lines[3].marker?.symbol,
    lines[5].line?.color,
    lines[5].marker?.symbol,
  ], [
    "green",
    "x",
    null,
    "star",
  ]);
  assert.deepEqual([lines[4].y, lines[4].line?.dash, lines[4].meta.words, lines[4].legendgroup], [
    [8],
    "dash",
    "b c, validation",
    "b_c",
  ]);
  // given away again with each drawing
  assert.deepEqual(FIGURE.layout.meta.spare, [["green", "x"]]);
  const run = { reference: 0.25, origin: null, expected: null };
  const drawn = figureOf(FIGURE, course, run);
  assert.deepEqual(drawn.layout.xaxis.autorangeoptions, { include: [0, 200] });
  assert.equal(drawn.layout.annotations?.length, 2);
  assert.equal(
    figureOf(FIGURE, { ...course, over: true }, run).layout.annotations?.length,
    3,
  );
});

test("the chart in words has its last values", () => {
  assert.equal(wordsOfChart([]), "Loss while training. Empty so far");
  assert.equal(
    wordsOfChart([point(1), point(2, { latent_loss: 0.12345, mse: 2 })]),
    "Loss while training. Latest: latent loss 0.1235, mse 2",
  );
});

test("what is planned is all phases begun", () => {
  assert.deepEqual(
    [plannedSteps([]), plannedSteps([phase(0)]), plannedSteps([phase(0), phase(1)])],
    [1, 100, 200],
  );
});

test("phases are named, and marked where they begin; one alone is neither", () => {
  const { shapes, annotations } = phaseMarks([phase(0), phase(1)], []);
  assert.deepEqual(annotations.map(({ x, text, y }) => [x, text, y]), [[0, "Pair 1", 1], [
    100,
    "Pair 2",
    1,
  ]]);
  // none on the axis itself
  assert.deepEqual(shapes.map(({ x0, x1, yref }) => [x0, x1, yref]), [[100, 100, "paper"]]);
  assert.deepEqual(phaseMarks([phase(0, 1)], []), { shapes: [], annotations: [] });
  assert.deepEqual(phaseMarks([], []), { shapes: [], annotations: [] });
});

test("the rate's rises are marked below the phases' names; of close ones, one has words", () => {
  const several = phaseMarks([phase(0), phase(1)], [30, 130]),
    one = phaseMarks([phase(0, 1)], [30, 40, 60]);
  assert.deepEqual(several.shapes.map(({ x0 }) => x0), [100, 30, 130]);
  assert.ok(several.annotations.slice(2).every(({ y }) => y < 1));
  assert.deepEqual(one.shapes.map(({ x0 }) => x0), [30, 40, 60]);
  assert.deepEqual(one.annotations.map(({ x, text, y }) => [x, text, y]), [
    [30, "rate rises", 1],
    [60, "rate rises", 1],
  ]);
});

test("beside a lit term all others are pale, and it is shown if it was out of sight", () => {
  const line = (
    /** @type {object} */ meta,
    more = {},
  ) => /** @type {import("../../ui/components/chart/plotly.d.ts").Trace} */ ({
    name: "",
    x: [],
    y: [],
    meta,
    ...more,
  });
  const lines = [
    line({ term: "a", split: "training" }),
    line({ term: "b", split: "training" }, { visible: "legendonly" }),
    line({ reference: true }),
  ];
  assert.equal(litLines(lines, null), lines);
  assert.equal(litLines(lines, "unknown"), lines);
  const [a, b, reference] = litLines(lines, "b");
  assert.equal(b.visible, true);
  assert.equal(b.opacity, undefined);
  assert.ok(a.opacity === reference.opacity && Number(a.opacity) < 0.2);
});
