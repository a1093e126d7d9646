// The live view without a page: news put together, progress in words, the socket.

import assert from "node:assert/strict";
import { test } from "node:test";
import { metricText } from "../../ui/components/live_chart/facts.js";
import { thinned, Training } from "../../ui/components/live_chart/news.js";
import { factsOf, shareDone, timeLeft } from "../../ui/components/live_chart/progress.js";
import { Socket } from "../../ui/components/live_chart/socket.js";
import { evaluation, phase, point } from "./helpers.js";

const STATUS = {
  status: "running",
  over: false,
  words: "Training",
  status_key: "running, no weights",
};

test("news are added up, and a reset forgets what came before", () => {
  const training = new Training();
  // the first status
  assert.equal(training.take({ ...STATUS, points: [point(1)], phases: [phase(0)] }), true);
  assert.equal(
    training.take({
      ...STATUS,
      points: [point(2)],
      phases: [phase(0)],
      evaluations: [evaluation(2, { loss: 1 })],
    }),
    false,
  );
  assert.deepEqual([training.points.length, training.evaluations.length, training.updates], [
    2,
    1,
    2,
  ]);
  assert.equal(training.take({ ...STATUS, phases: [phase(0), phase(1)] }), true);
  assert.equal(training.take({ ...STATUS, reset: true, points: [point(9)] }), true);
  assert.deepEqual([training.points, training.evaluations, training.phases.length], [
    [point(9)],
    [],
    2,
  ]);
  assert.equal(training.take({ ...STATUS, status: "done", over: true }), true);
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

const AT = {
  phases: [phase(0, 1)],
  progress: {},
  status: "running",
  over: false,
  pictures: true,
  slow: false,
};

test("progress is given in words, as far as it is known", () => {
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
  const names = (/** @type {object} */ of) =>
    factsOf({ ...AT, progress, ...of }).map(([name]) => name);
  assert.ok(
    !names({ slow: true }).includes("left") && !names({ status: "paused" }).includes("left") &&
      !names({ over: true }).includes("rate"),
  );
  assert.ok(names({ pictures: false }).includes("points/s"));
});

test("the time left is rounded up", () => {
  assert.deepEqual([0.4, 1, 59.2, 99.5, 100, 121].map(timeLeft), [
    "< 1 s",
    "1 s",
    "60 s",
    "100 s",
    "2 min",
    "3 min",
  ]);
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
  assert.equal(
    metricText(3.14159, {
      title: "subspace angle",
      unit: "°",
      target: null,
      of_inputs: false,
      reading: "",
    }),
    "3.14°",
  );
  assert.equal(
    metricText(0.12345, {
      title: "mean activation",
      unit: "",
      target: 0.1,
      of_inputs: true,
      reading: "",
    }),
    "0.1235 (target 0.1)",
  );
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
    const socket = new Socket({
      heard: (news) => heard.push(news),
      isOver: () => over,
      gaveUp: () => gaveUp++,
    });
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

test("a socket is on the page's own server and path; it gives up after three vain tries", () => {
  withSocket(({ sockets, pauses, gaveUp }) => {
    assert.equal(sockets[0].address, "wss://lab/prefix/lab/live/1");
    for (let i = 0; i < 3; i++) sockets[i].close();
    assert.deepEqual([sockets.length, pauses, gaveUp()], [3, [500, 1000], 1]);
  });
});

test("once served, a socket comes back at once and is more patient; not after the end", () => {
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
