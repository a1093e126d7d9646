// What a chart computes without drawing: which values are read, colours that can be seen, paths,
// ticks, the way a scene turns.

import assert from "node:assert/strict";
import { test } from "node:test";
import { contrast, luminance, movedAway } from "../../ui/components/chart/contrast.js";
import {
  hintFor,
  keyOf,
  namedLines,
  wordsFor,
  xAxes,
  yAxes,
} from "../../ui/components/chart/figure.js";
import { stripes } from "../../ui/components/chart/legend.js";
import { pathOf } from "../../ui/components/chart/lengthen.js";
import { eyeAfter } from "../../ui/components/chart/scene.js";
import { colouredLines, ticksOf } from "../../ui/components/chart/theme.js";
import {
  readable,
  stopByKey,
  stopNear,
  stopsOf,
  valuesAt,
} from "../../ui/components/chart/values.js";

/** @typedef {import("../../ui/components/chart/plotly.d.ts").Figure} Figure */
/** @typedef {import("../../ui/components/chart/plotly.d.ts").Trace} Trace */
/** @typedef {import("../../ui/components/chart/plotly.d.ts").Value} Value */

/**
 * @param {string} name
 * @param {Value[]} x
 * @param {Partial<Trace>} [more]
 * @returns {Trace}
 */
const line = (name, x, more = {}) => ({
  name,
  x,
  y: x.map((v) => v && 10 * v),
  visible: true,
  ...more,
});
/** @param {Trace[]} data @param {object} [layout] @returns {Figure} */
const figure = (data, layout = {}) => ({
  data,
  layout: { margin: { l: 0, r: 0, t: 0, b: 0 }, ...layout },
});

test("contrast is WCAG's: 21 of black on white, 1 of a colour on itself, known greys", () => {
  assert.equal(contrast([0, 0, 0], [255, 255, 255]), 21);
  assert.equal(contrast([12, 99, 201], [12, 99, 201]), 1);
  // #767676, the lightest for text
  assert.ok(Math.abs(contrast([118, 118, 118], [255, 255, 255]) - 4.54) < 0.01);
  assert.ok(Math.abs(luminance([255, 0, 0]) - 0.2126) < 1e-12 && luminance([0, 0, 0]) === 0);
});

test("colours are moved until they stand out, and those that do already stay", () => {
  const papers = /** @type {[number[], number][]} */ ([[[255, 255, 255], 3], [[16, 21, 31], 4.5], [[
    242,
    245,
    250,
  ], 3]]);
  for (const [paper, enough] of papers) {
    for (
      const colour of [[240, 228, 66], [0, 114, 178], [86, 180, 233], [20, 20, 20], [250, 250, 250]]
    ) {
      const moved = movedAway(colour, paper);
      assert.ok(contrast(moved, paper) >= enough, `${colour} on ${paper}`);
      if (contrast(colour, paper) >= enough) assert.deepEqual(moved, colour);
    }
  }
});

const PAPER = {
  ink: "#17202e",
  paper: "#ffffff",
  grid: "#d8dfea",
  accent: "#2463c9",
  font: "serif",
};

test("a line without a colour is drawn in ink, and one that is clicked away is hidden", () => {
  const lines = [
    line("a", [1], { line: { dash: "dot" }, marker: { color: null, size: 6 } }),
    line("b", [1]),
  ];
  const [a, b] = colouredLines(lines, PAPER, (each) => each.name === "a");
  assert.deepEqual([a.line, a.marker, a.visible], [
    { dash: "dot", color: PAPER.ink },
    { color: PAPER.ink, size: 6 },
    true,
  ]);
  assert.deepEqual([b.line, b.marker, b.visible], [undefined, undefined, false]);
});

test("a band is filled in its line's colour, or in ink", () => {
  const stroke = { width: 5 };
  const [band, plain] = colouredLines(
    [line("band", [1], { fill: "toself", line: stroke }), line("a", [1], { line: stroke })],
    PAPER,
    () => true,
  );
  assert.deepEqual([band.fillcolor, plain.fillcolor], [PAPER.ink, undefined]);
});

const LINES = [
  line("a", [1, 2, null, 4]),
  line("b", [2, 3]),
  line("c", [9], { visible: false }),
  line("PCA", [0, 4], { hoverinfo: "skip" }),
];

test("values are read of lines in sight, at every x that one of them has", () => {
  assert.deepEqual(readable(LINES).map(({ i }) => i), [0, 1]);
  assert.deepEqual(stopsOf(LINES), [1, 2, 3, 4]);
  assert.deepEqual(valuesAt(LINES, 2).map(({ i, n }) => [i, n]), [[0, 1], [1, 0]]);
  assert.deepEqual(valuesAt(LINES, 9), []);
});

test("within a tap, the x with most values is read, else the nearest; none from afar", () => {
  const at = (/** @type {number} */ place, /** @type {number} */ scale) =>
    stopNear(LINES, (x) => Math.abs(scale * x - place));
  assert.equal(at(2.9, 1), 2); // all are within 4 pixels, and at 2 both lines have one
  assert.equal(at(29, 10), 3);
  assert.equal(at(81, 10), null);
});

test("keys go from value to value and stop at the ends", () => {
  const stops = [1, 2, 5],
    go = (/** @type {number | null} */ here, /** @type {string} */ key) =>
      stopByKey(stops, here, key);
  assert.deepEqual([
    go(null, "ArrowRight"),
    go(null, "ArrowLeft"),
    go(2, "ArrowRight"),
    go(5, "ArrowRight"),
    go(1, "ArrowLeft"),
  ], [1, 5, 5, 5, 1]);
  assert.deepEqual([go(2, "Home"), go(2, "End"), go(2, "Tab"), stopByKey([], null, "End")], [
    1,
    5,
    null,
    null,
  ]);
});

test("the legend names lines if there are several; a hint says what clicks do", () => {
  const pair = [
    line("loss", [], { legendgroup: "loss", meta: { split: "training" } }),
    line("validation", [], {
      legendgroup: "loss",
      meta: { split: "validation", words: "loss, validation" },
    }),
  ];
  assert.equal(namedLines(figure([line("a", [])])).length, 0);
  assert.equal(namedLines(figure([...pair, line("text", [], { showlegend: false })])).length, 2);
  assert.equal(namedLines(figure(pair, { showlegend: false })).length, 0);
  assert.notEqual(keyOf(pair[0]), keyOf(pair[1]));
  assert.deepEqual(pair.map(wordsFor), ["loss", "loss, validation"]);
  assert.match(hintFor(figure(pair), false), /a line, two its pair$/);
  assert.match(hintFor(figure([line("a", []), line("b", [])]), false), /hides a line$/);
  assert.match(
    hintFor(figure([line("a", []), line("b", [])], { hovermode: "closest" }), false),
    /hides a class$/,
  );
  assert.equal(hintFor(figure([line("a", [])]), false), "drag to zoom");
  assert.equal(hintFor(figure([line("a", [])]), true), "drag to zoom, click to go there");
  assert.equal(hintFor(figure([], { scene: {} }), false), "drag to turn");
  const axes = figure([], { xaxis: {}, yaxis: {}, yaxis2: {} });
  assert.deepEqual([xAxes(axes), yAxes(axes)], [["xaxis"], ["yaxis", "yaxis2"]]);
});

test("a dash is as long in the legend as its name says", () => {
  assert.equal(
    stripes({ color: "red", dash: "dash" }),
    "repeating-linear-gradient(90deg, red 0px 5px, transparent 5px 8px)",
  );
  assert.equal(
    stripes({ color: "red", dash: "12px,2px" }),
    "repeating-linear-gradient(90deg, red 0px 12px, transparent 12px 14px)",
  );
  assert.equal(stripes({ color: "red" }), "repeating-linear-gradient(90deg, red 0px 1px)");
});

test("a path goes through the values from a place on; there is none if it leaves the axes", () => {
  const axis = (/** @type {boolean} */ autorange) => ({
    _offset: 0,
    _length: 100,
    autorange,
    d2p: (/** @type {Value} */ v) => 10 * Number(v),
    p2d: (/** @type {number} */ pixels) => pixels / 10,
  });
  assert.equal(pathOf([9, 1, 2.345], [9, 3, 4], 1, axis(true), axis(true)), "M10,30L23.5,40");
  assert.equal(pathOf([1, 11], [1, 1], 0, axis(true), axis(true)), null);
  // zoomed: it may
  assert.equal(pathOf([1, 11], [1, 1], 0, axis(false), axis(true)), "M10,10L110,10");
  assert.equal(pathOf([1], [NaN], 0, axis(false), axis(false)), null); // 0 on a logarithmic axis
});

test("a logarithmic axis has about as many ticks as fit its decades", () => {
  const over = (/** @type {number[]} */ ...y) => ticksOf([{ ...line("a", y), y }]);
  const ticks = [over(1, 10), over(1, 1000), over(1, 1e6), over(), over(0, -1, 5)];
  assert.deepEqual(ticks.map(({ nticks }) => nticks), [3, 6, 6, 3, 3]);
  assert.deepEqual(over(1e-3, 1), { nticks: 6 });
  assert.equal(over(1e-6, 1e-3).exponentformat, "power"); // 0.000001 is too long
});

test("a scene turns by a tenth of a radian, keeps its distance and never turns over", () => {
  const eye = { x: 1.25, y: -1.8, z: 0.9 }, far = Math.hypot(eye.x, eye.y, eye.z);
  for (const key of ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"]) {
    const after =
      /** @type {import("../../ui/components/chart/plotly.d.ts").Eye} */ (eyeAfter(key, eye));
    const cosine = (after.x * eye.x + after.y * eye.y + after.z * eye.z) / far ** 2;
    assert.ok(Math.abs(Math.hypot(after.x, after.y, after.z) - far) < 1e-9);
    if (key.endsWith("Up") || key.endsWith("Down")) {
      assert.ok(Math.abs(Math.acos(cosine) - 0.1) < 1e-6);
    } else assert.equal(after.z, far * Math.sin(Math.asin(eye.z / far)));
  }
  let up = eye;
  for (let i = 0; i < 50; i++) up = eyeAfter("ArrowUp", up) ?? up;
  assert.ok(Math.abs(Math.asin(up.z / far) - 1.5) < 1e-9);
  assert.equal(eyeAfter("Home", eye), null);
});
