// The live view without a page: news put together, lines and marks made of it, progress in words.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  figureOf,
  linesOf,
  plannedSteps,
  seriesOf,
  sumOf,
  wordsOfChart,
} from "../../ui/components/live_chart/curves.js";
import { thinned, Training } from "../../ui/components/live_chart/news.js";
import { phaseMarks } from "../../ui/components/live_chart/phase_marks.js";
import { factsOf, metricText, shareDone, timeLeft } from "../../ui/components/live_chart/progress.js";
import { Socket } from "../../ui/components/live_chart/socket.js";

/** @typedef {import("../../ui/components/chart/plotly.d.ts").Figure} Figure */
/** @typedef {import("../../ui/components/chart/plotly.d.ts").Trace} Trace */

/** @param {number} x @param {Record<string, number>} [terms] @param {number} [phase] */
const point = (x, terms = { loss: x }, phase = 0) => ({ x, phase, terms });
/** @param {number} x @param {Record<string, number>} valid @param {number} [phase] */
const evaluation = (x, valid, phase = 0) => ({ x, phase, valid });
/** @param {number} i @param {number} [phases] */
const phase = (i, phases = 2) => ({
  phase: i,
  phases,
  name: `Pair ${i + 1}`,
  start: 100 * i,
  epochs: 5,
  steps_per_epoch: 20,
});
const STANDS = { status: "running", over: false, words: "Training", status_key: "running, no weights" };

test("the loss is the sum of its terms, and the pixel error none of them", () => {
  assert.equal(sumOf({ reconstruction_loss: 3, latent_loss: 0.5, mse: 100 }), 3.5);
});

test("a line ends with its phase; only the pixel error goes on", () => {
  const measured = {
    points: [point(1, { loss_a: 5, b: 1 }), point(2, { loss_a: 4, b: 2 }), point(3, { loss_a: 3, b: 3 }, 1)],
    phases: [],
    evaluations: [evaluation(2, { loss_a: 4, mse: 0.4 }), evaluation(3, { loss_a: 2, mse: 0.2 }, 1)],
  };
  assert.deepEqual(seriesOf({ term: "loss_a", split: "training" }, measured), {
    x: [1, 2, null, 3],
    y: [5, 4, null, 3],
  });
  assert.deepEqual(seriesOf({ term: "loss", split: "training" }, measured), { x: [1, 2, null, 3], y: [6, 6, null, 6] });
  assert.deepEqual(seriesOf({ term: "mse", split: "validation" }, measured), { x: [2, 3], y: [0.4, 0.2] });
  assert.deepEqual(seriesOf({ term: "b", split: "validation" }, measured), { x: [], y: [] }); // not measured
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

test("lines are filled, the fixed one spans all that is planned, undeclared terms get the looks that are left", () => {
  const points = [point(1, { a: 1, b_c: 2, d: 3 }), point(2, { a: 2, b_c: 4, d: 6 })],
    measured = { points, evaluations: [evaluation(2, { a: 9, b_c: 8 })], phases: [phase(0), phase(1)] };
  const lines = linesOf(FIGURE, measured, 0.25);
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
  assert.deepEqual([lines[3].line?.color, lines[3].marker?.symbol, lines[5].line?.color, lines[5].marker?.symbol], [
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
  assert.deepEqual(FIGURE.layout.meta.spare, [["green", "x"]]); // given away anew with each drawing
  const drawn = figureOf(FIGURE, measured, { reference: 0.25, restarts: null });
  assert.deepEqual(drawn.layout.xaxis.autorangeoptions, { include: [0, 200] });
  assert.equal(drawn.layout.annotations?.length, 2);
});

test("the chart in words has its last values", () => {
  assert.equal(wordsOfChart([]), "Loss while training. Empty so far");
  assert.equal(
    wordsOfChart([point(1), point(2, { latent_loss: 0.12345, mse: 2 })]),
    "Loss while training. Latest: latent loss 0.1235, mse 2",
  );
});

test("what is planned is all phases begun", () => {
  assert.deepEqual([plannedSteps([]), plannedSteps([phase(0)]), plannedSteps([phase(0), phase(1)])], [1, 100, 200]);
});

test("phases are named, and marked where they begin; one alone is neither", () => {
  const { shapes, annotations } = phaseMarks([phase(0), phase(1)], null);
  assert.deepEqual(annotations.map(({ x, text, y }) => [x, text, y]), [[0, "Pair 1", 1], [100, "Pair 2", 1]]);
  assert.deepEqual(shapes.map(({ x0, x1, yref }) => [x0, x1, yref]), [[100, 100, "paper"]]); // none on the axis itself
  assert.deepEqual(phaseMarks([phase(0, 1)], null), { shapes: [], annotations: [] });
  assert.deepEqual(phaseMarks([], 0.5), { shapes: [], annotations: [] });
});

test("the rate's rises stand within each phase, below the phases' names", () => {
  const several = phaseMarks([phase(0), phase(1)], 0.3), one = phaseMarks([phase(0, 1)], 0.3);
  assert.deepEqual(several.shapes.map(({ x0 }) => x0), [100, 30, 130]);
  assert.deepEqual(one.annotations.map(({ x, text, y }) => [x, text, y]), [[30, "rate rises again", 1]]);
  assert.ok(several.annotations.slice(2).every(({ y }) => y < 1));
});

test("news are added up, and a reset forgets what came before", () => {
  const training = new Training();
  assert.equal(training.take({ ...STANDS, points: [point(1)], phases: [phase(0)] }), true); // the first status
  assert.equal(
    training.take({ ...STANDS, points: [point(2)], phases: [phase(0)], evaluations: [evaluation(2, { loss: 1 })] }),
    false,
  );
  assert.deepEqual([training.points.length, training.evaluations.length, training.updates], [2, 1, 2]);
  assert.equal(training.take({ ...STANDS, phases: [phase(0), phase(1)] }), true);
  assert.equal(training.take({ ...STANDS, reset: true, points: [point(9)] }), true);
  assert.deepEqual([training.points, training.evaluations, training.phases.length], [[point(9)], [], 2]);
  assert.equal(training.take({ ...STANDS, status: "done", over: true }), true);
  assert.ok(training.over && training.snapshot === null);
});

test("too many points are halved, and those where validation is read stay", () => {
  const points = Array.from({ length: 1601 }, (_, i) => point(i)),
    evaluations = [evaluation(40, {}), evaluation(41, {}), evaluation(1600, {})];
  assert.equal(thinned(points.slice(1), evaluations).length, 1600);
  const left = new Set(thinned(points, evaluations).map(({ x }) => x));
  assert.equal(left.size, 802);
  assert.ok(left.has(40) && left.has(41) && left.has(1600) && !left.has(42));
});

const AT = { phases: [phase(0, 1)], progress: {}, status: "running", over: false, pictures: true, slow: false };

test("progress is told in words as far as it is known", () => {
  assert.deepEqual(factsOf({ ...AT, phases: [] }), []);
  assert.deepEqual(factsOf(AT), [["epoch", "0 / 5"], ["step", "0"]]);
  const progress = {
    epoch: 2,
    step: 1234,
    steps: 2000,
    learning_rate: 0.001,
    images_per_second: 54321.6,
    seconds_left: 12.1,
  };
  assert.deepEqual(factsOf({ ...AT, phases: [phase(0), phase(1)], progress }), [
    ["phase", "Pair 2"],
    ["epoch", "2 / 5"],
    ["step", "1,334"],
    ["images/s", "54,322"],
    ["rate", "0.001"],
    ["left", "13 s"],
  ]);
  const names = (/** @type {object} */ of) => factsOf({ ...AT, progress, ...of }).map(([name]) => name);
  assert.ok(
    !names({ slow: true }).includes("left") && !names({ status: "paused" }).includes("left") &&
      !names({ over: true }).includes("rate"),
  );
  assert.ok(names({ pictures: false }).includes("points/s"));
});

test("the time left is rounded up", () => {
  assert.deepEqual([0.4, 1, 59.2, 99.5, 100, 121].map(timeLeft), ["< 1 s", "1 s", "60 s", "100 s", "2 min", "3 min"]);
});

test("the bar is as long as the phase has come, and whole at the end", () => {
  const { phases: [only] } = AT;
  assert.deepEqual([
    shareDone(only, { step: 5, steps: 20 }, "running"),
    shareDone(only, { step: 30, steps: 20 }, "running"),
  ], [0.25, 1]);
  assert.deepEqual([
    shareDone(undefined, {}, "queued"),
    shareDone(only, {}, "running"),
    shareDone(undefined, {}, "done"),
  ], [0, 0, 1]);
});

test("figures have their unit, and their target if one is wanted", () => {
  assert.equal(metricText(3.14159, { title: "subspace angle", unit: "°", target: null }), "3.14°");
  assert.equal(metricText(0.12345, { title: "mean activation", unit: "", target: 0.1 }), "0.1235 (target 0.1)");
  assert.equal(metricText(7, undefined), "7");
});

/** A WebSocket that does what a test says, with pauses that take no time. */
class FakeSocket {
  /** @type {FakeSocket[]} */
  static all = [];
  onmessage = (/** @type {{ data: string }} */ _event) => {};
  onclose = () => {};
  /** @param {string} address */
  constructor(address) {
    this.address = address;
    FakeSocket.all.push(this);
  }
  close() {
    this.onclose();
  }
}

/** @typedef {{ sockets: FakeSocket[], pauses: number[], heard: unknown[] }} Happened */
/** @typedef {Happened & { gaveUp: () => number, socket: Socket, end: () => void }} Made */

/** @param {(made: Made) => void} then */
function withSocket(then) {
  const { WebSocket: socketBefore, setTimeout: timeoutBefore } = globalThis,
    before = Object.getOwnPropertyDescriptor(globalThis, "location");
  /** @type {number[]} */
  const pauses = [];
  /** @type {unknown[]} */
  const heard = [];
  let gaveUp = 0, over = false;
  FakeSocket.all = [];
  const place = {
    value: { protocol: "https:", host: "lab", pathname: "/prefix/variational" },
    configurable: true,
    writable: true,
  };
  Object.defineProperty(globalThis, "location", place);
  Object.assign(globalThis, {
    WebSocket: FakeSocket,
    setTimeout: (/** @type {() => void} */ done, /** @type {number} */ ms) => {
      pauses.push(ms);
      done();
    },
  });
  try {
    const socket = new Socket({ heard: (news) => heard.push(news), isOver: () => over, gaveUp: () => gaveUp++ });
    socket.connect("/lab/live/1");
    then({
      sockets: FakeSocket.all,
      pauses,
      gaveUp: () => gaveUp,
      heard,
      socket,
      end: () => {
        over = true;
      },
    });
  } finally {
    Object.assign(globalThis, { WebSocket: socketBefore, setTimeout: timeoutBefore });
    if (before) Object.defineProperty(globalThis, "location", before);
  }
}

test("a socket is on the page's own server and path, and gives up after three tries that brought nothing", () => {
  withSocket(({ sockets, pauses, gaveUp }) => {
    assert.equal(sockets[0].address, "wss://lab/prefix/lab/live/1");
    for (let i = 0; i < 3; i++) sockets[i].close();
    assert.deepEqual([sockets.length, pauses, gaveUp()], [3, [500, 1000], 1]);
  });
});

test("once served, a socket comes back at once and is more patient; when the run is over, it stays away", () => {
  withSocket(({ sockets, pauses, gaveUp, heard, socket, end }) => {
    sockets[0].onmessage({ data: '{"status":"running"}' });
    assert.deepEqual([heard, socket.served], [[{ status: "running" }], true]);
    for (let i = 0; i < 9; i++) sockets[i].close();
    assert.deepEqual([pauses.slice(0, 7), gaveUp()], [[500, 500, 1000, 2000, 4000, 8000, 8000], 0]);
    end();
    sockets[9].close();
    assert.deepEqual([sockets.length, gaveUp()], [10, 0]);
  });
});
