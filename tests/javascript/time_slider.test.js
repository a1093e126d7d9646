// Going back in time: which moment, which pictures, and in which order they are fetched.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Film, placeKey } from "../../ui/components/live_chart/film.js";
import { courseFacts, factsAt, pcaFacts } from "../../ui/components/live_chart/facts.js";
import { Fresh } from "../../ui/components/live_chart/fresh.js";
import { Training } from "../../ui/components/live_chart/news.js";
import { readingsOf } from "../../ui/components/live_chart/readings.js";
import { nearestIndex, stepAt, wordsOfMoment } from "../../ui/components/live_chart/time_slider.js";
import { nearestMoment } from "../../ui/components/shared/moments.js";
import { evaluation, point } from "./helpers.js";

/** @typedef {import("../../ui/components/live_chart/news.js").Phase} Phase */
/** @typedef {import("../../ui/components/live_chart/news.js").Place} Place */

/** @type {Phase[]} */
const PHASES = [
  { phases: 2, name: "Pair 1 of 2", start: 0, epochs: 2, steps_per_epoch: 10 },
  { phases: 2, name: "Pair 2 of 2", start: 20, epochs: 3, steps_per_epoch: 10 },
];
/** @type {Place[]} */
const PLACES = Array.from({ length: 12 }, (_, i) => [0, i]);

test("steps are counted over all phases, and the nearest one is found", () => {
  assert.deepEqual([stepAt([0, 7], PHASES), stepAt([1, 7], PHASES)], [7, 27]);
  assert.deepEqual([0, 4, 6, 99].map((x) => nearestIndex([0, 1, 3, 8, 20], x)), [0, 2, 3, 4]);
  assert.equal(wordsOfMoment([1, 11], PHASES), "at step 31, Pair 2 of 2, epoch 2 of 3");
  assert.equal(wordsOfMoment([1, 0], PHASES), "at step 20, Pair 2 of 2, before training");
  assert.equal(
    wordsOfMoment([0, 1000], [{ ...PHASES[0], phases: 1, steps_per_epoch: 100, epochs: 20 }]),
    "at step 1,000, epoch 10 of 20",
  );
});

/**
 * A safetensors file with a frame of two bytes for each place: its step, and 7. Its error is half
 * its step.
 * @param {Place[]} places
 */
function answerTo(places) {
  const frames = Uint8Array.from(places.flatMap(([, step]) => [step, 7]));
  const errors = new Uint8Array(Float32Array.from(places, ([, step]) => step / 2).buffer);
  const about = {
    __metadata__: { header: JSON.stringify({ places }) },
    errors: { dtype: "F32", shape: [places.length], data_offsets: [0, errors.length] },
    frames: {
      dtype: "U8",
      shape: [places.length, 2],
      data_offsets: [errors.length, errors.length + frames.length],
    },
  };
  const text = new TextEncoder().encode(JSON.stringify(about)),
    file = new Uint8Array(
      8 + text.length + errors.length + frames.length,
    );
  new DataView(file.buffer).setBigUint64(0, BigInt(text.length), true);
  file.set(text, 8);
  file.set(errors, 8 + text.length);
  file.set(frames, 8 + text.length + errors.length);
  return file;
}

/**
 * Runs `act` with a server that keeps all moments but `gone`.
 * @param {(film: Film, asked: string[], state: { down: boolean }) => Promise<void>} act
 * @param {string[]} gone
 */
async function withServer(act, gone = []) {
  const globals = /** @type {any} */ (globalThis), before = globals.fetch;
  /** @type {string[]} */
  const asked = [];
  const state = { down: false };
  globals.location = { pathname: "/prefix/stacked" };
  globals.fetch = (/** @type {string} */ address) => {
    asked.push(address);
    if (state.down) return Promise.reject(new TypeError("no network"));
    const keys = address.split("at=")[1].split(",").filter((key) => !gone.includes(key));
    const places = keys.map((key) => /** @type {Place} */ (key.split("-").map(Number)));
    return Promise.resolve(new Response(answerTo(places)));
  };
  try {
    await act(new Film("/lab/film/abc", () => {}), asked, state);
  } finally {
    globals.fetch = before;
    delete globals.location;
  }
}

const settled = () => new Promise((then) => setTimeout(then, 20));

test("the nearest moments are fetched first, each once", () =>
  withServer(async (film, asked) => {
    film.want(PLACES, 9);
    assert.equal(film.nearest(PLACES, 9), null);
    await settled();
    assert.equal(asked.length, 2);
    assert.equal(asked[0], "/prefix/lab/film/abc?at=0-9,0-8,0-10,0-7,0-11,0-6,0-5,0-4");
    assert.deepEqual([...film.nearest(PLACES, 3)?.frame ?? []], [3, 7]);
    assert.equal(film.errors.get("0-3"), 1.5);
    film.want(PLACES, 0);
    await settled();
    assert.equal(asked.length, 2);
    film.forget();
    assert.deepEqual([film.nearest(PLACES, 3), film.errors.size], [null, 0]);
  }));

test("a moment that is no longer kept shows its nearest, and is not asked for again", () =>
  withServer(async (film, asked) => {
    film.want(PLACES, 3);
    await settled();
    assert.deepEqual(film.nearest(PLACES, 3)?.place, [0, 2]);
    film.want(PLACES, 3);
    await settled();
    assert.equal(asked.length, 2);
  }, ["0-3"]));

test("without the server nothing is asked for until the next move", () =>
  withServer(async (film, asked, state) => {
    state.down = true;
    film.want(PLACES, 0);
    await settled();
    assert.deepEqual([asked.length, film.failed], [1, true]);
    state.down = false;
    film.want(PLACES, 0);
    await settled();
    assert.deepEqual([film.failed, film.frames.size], [false, 12]);
    assert.ok(film.has([0, 11]) && placeKey([0, 11]) === "0-11");
  }));

const DECLARED = {
  metrics: {
    angle: { title: "angle", unit: "°", target: null, of_inputs: false, reading: "An angle." },
    vote: { title: "vote", unit: "", target: null, of_inputs: true, reading: "A share." },
  },
  measured: "on 5 images",
  watched: "on 15 images",
  error: "pixel error",
  of_measured: { reference: 0.08, pca: [0.16, 0.08] },
  test: { figures: { vote: 0.9, dead: 4 }, place: "on 7 test images" },
  unit: "nats",
  reference: 0.04,
  pca: [0.08, 0.04],
  expected: null,
};

test("a moment has the last numbers before it, and none of an earlier phase", () => {
  const training = new Training();
  training.take({
    status: "done",
    over: true,
    words: "",
    status_key: "",
    phases: PHASES,
    points: [point(2, { a: 0.5, b: 0.25 }), point(20, { a: 0.125 }), point(24, { a: 7 }, 1)],
    evaluations: [evaluation(20, { a: 0.1, mse: 0.02 })],
    measured: [{ x: 0, metrics: { angle: 90 } }, { x: 18, metrics: { angle: 5, dead: 3 } }],
  });
  assert.deepEqual(factsAt(training, DECLARED, 1, 0), [
    ["no loss before the first step", ""],
    ["angle", "90.00°"],
    ["at step", "0"],
  ]);
  assert.deepEqual(factsAt(training, DECLARED, 20, 0), [
    ["loss", "0.125"],
    ["validation", "0.1"],
    ["nats", ""],
    ["pixel error", "0.02"],
    ["error, share of PCA’s", "50 %"],
    ["as good as PCA with k =", "more than 1"],
    ["angle", "5.00°"],
    ["dead", "3"],
    ["on 5 images, at step", "18"],
  ]);
  assert.deepEqual(factsAt(training, DECLARED, 25, 20), [["loss", "7"], ["nats", ""]]);
  const untested = { ...DECLARED, test: null };
  assert.deepEqual(factsAt(training, untested, null, 20), [["loss", "7"], ["nats", ""]]);
  training.take({
    status: "done",
    over: true,
    words: "",
    status_key: "",
    evaluations: [{ ...evaluation(30, { a: 6, mse: 0.02 }), phase: 1 }],
  });
  assert.deepEqual(factsAt(training, DECLARED, 33, 20).slice(1, 3), [
    ["validation", "6"],
    ["nats, validation at step 30", ""],
  ]);
});

test("a moment has the error of its own network once that has come", () => {
  const training = new Training();
  training.take({
    status: "done",
    over: true,
    words: "",
    status_key: "",
    phases: PHASES,
    points: [point(2, { a: 0.5 }), point(10, { a: 0.25 })],
    evaluations: [evaluation(10, { reconstruction_loss: 0.02, mse: 0.02 })],
    measured: [],
  });
  const facts = (/** @type {number | null} */ step, /** @type {number | null} */ own) =>
    factsAt(training, DECLARED, step, 0, own).slice(-3);
  assert.deepEqual(facts(2, 0.04), [ // before the first evaluation
    ["pixel error", "0.04"],
    ["error, share of PCA’s", "50 %"],
    ["as good as PCA with k =", "more than 1"],
  ]);
  assert.deepEqual(facts(12, 0.16), [
    ["pixel error", "0.16"],
    ["error, share of PCA’s", "200 %"],
    ["as good as PCA with k =", "0"],
  ]);
  assert.deepEqual(facts(12, null), [
    ["nats, validation at step 10", ""],
    ["error, share of PCA’s", "50 %"],
    ["as good as PCA with k =", "more than 1"],
  ]);
});

test("what was measured at the end is shown at Now, once it is over, instead of the last", () => {
  const training = new Training();
  const news = { status: "running", words: "", status_key: "", phases: PHASES };
  const measured = [{ x: 9, metrics: { angle: 5, dead: 3 } }];
  training.take({ ...news, over: false, points: [point(9, { a: 1 })], measured });
  const names = (/** @type {number | null} */ step) =>
    factsAt(training, DECLARED, step, 0).map((fact) => fact.join(" "));
  assert.deepEqual(names(null).slice(2), ["angle 5.00°", "dead 3", "on 5 images, at step 9"]);
  training.take({ ...news, over: true });
  assert.deepEqual(names(null).slice(2), [
    "angle 5.00°",
    "vote 0.9",
    "dead 4",
    "on 7 test images ",
  ]);
  assert.deepEqual(names(9).slice(2), ["angle 5.00°", "dead 3", "on 5 images "]);
});

test("each number that is shown has one sentence, and says on which inputs it is", () => {
  /** @type {import("../../ui/components/live_chart/facts.js").Fact[]} */
  const shown = [
    ["loss", "1"],
    ["validation", "1"],
    ["nats", ""],
    ["against five seeds", "within their range"],
    ["pixel error", "0.02"],
    ...pcaFacts(0.015, [0.08, 0.01], 0.04),
    ["angle", "5.00°"],
    ["vote", "0.9"],
    ["on 7 test images", ""],
  ];
  const readings = readingsOf(shown, DECLARED, true);
  assert.deepEqual(
    readings.map(([name]) => name),
    shown.map(([name]) => name).filter((name) => !["nats", "on 7 test images"].includes(name)),
  );
  assert.ok(readings.every(([, words]) => /^[A-Z].*\.$/.test(words)));
  assert.deepEqual(readings.slice(-2).map(([, words]) => words), ["An angle.", "A share."]);
  const where = (/** @type {boolean} */ own) =>
    readingsOf([["pixel error", "1"], ...pcaFacts(9, [0.08], 0.04)], DECLARED, own)
      .map(([name, words]) => [name, /on \d+ images/.exec(words)?.[0]]);
  const names = ["pixel error", "error, share of PCA’s", "worse than PCA with k ="];
  assert.deepEqual(where(true), names.map((name) => [name, "on 5 images"]));
  assert.deepEqual(where(false), names.map((name) => [name, "on 15 images"]));
});

test("a validation loss is set against five seeds, where they were evaluated", () => {
  const expected = [
    { steps: [10], low: { loss: [9] }, high: { loss: [9.5] } },
    { steps: [20, 30], low: { loss: [3, 2] }, high: { loss: [4, 2.5] } },
  ];
  /** @param {number} x @param {number} loss */
  const words = (x, loss) => courseFacts(evaluation(x, { a: loss, mse: 50 }, 1), expected);
  assert.deepEqual(words(30, 2.2), [["against five seeds", "within their range"]]);
  assert.deepEqual(words(30, 2.5), [["against five seeds", "within their range"]]);
  assert.deepEqual(words(30, 2.501), [["against five seeds", "less than 1 % above all"]]);
  assert.deepEqual(words(30, 2.8), [["against five seeds", "12 % above all"]]);
  assert.deepEqual(words(20, 1.5), [["against five seeds", "50 % below all"]]);
  assert.deepEqual(words(25, 2.2), []);
  assert.deepEqual(words(40, 2.2), []); // trained for longer than they were
});

test("a run that was steered is not set against them", () => {
  const training = new Training();
  const news = { status: "done", over: true, words: "", status_key: "", phases: PHASES };
  const seen = {
    points: [point(10, { a: 3 })],
    evaluations: [evaluation(10, { a: 3, mse: 0.02 })],
  };
  const declared = {
    ...DECLARED,
    expected: [{ steps: [10], low: { loss: [2] }, high: { loss: [4] } }],
  };
  const has = () => factsAt(training, declared, null, 0).some(([name]) => name.includes("seeds"));
  training.take({ ...news, ...seen });
  assert.equal(has(), true);
  assert.equal(training.take(news), false);
  assert.equal(training.take({ ...news, steered: true }), true); // its band goes: it is drawn anew
  assert.equal(has(), false);
});

test("an error is a share of PCA's, and as good as PCA with some number of codings", () => {
  const pca = [0.08, 0.04, 0.02, 0.01];
  assert.deepEqual(pcaFacts(0.015, pca, 0.04), [
    ["error, share of PCA’s", "37.5 %"],
    ["as good as PCA with k =", "2.5"],
  ]);
  const k = (/** @type {number} */ error) => pcaFacts(error, pca, null)[0][1];
  assert.deepEqual([k(0.04), k(0.01), k(0.005), k(0.08), k(0.1)], [
    "1.0",
    "3.0",
    "more than 3",
    "0",
    "0",
  ]);
  assert.deepEqual([0.08, 0.1].map((error) => pcaFacts(error, pca, null)[0][0]), [
    "as good as PCA with k =",
    "worse than PCA with k =",
  ]);
});

test("until a moment has come the nearest one of its phase is shown", () => {
  const moments = ["", "0-0", "0-10", "0-1000", "1-10"];
  assert.equal(nearestMoment(moments, "0-20"), "0-10");
  assert.equal(nearestMoment(moments, "0-200"), "0-1000"); // a fifth of it, ten is a twentieth
  assert.equal(nearestMoment(moments, "1-900"), "1-10");
  assert.equal(nearestMoment(moments, "2-5"), "");
  assert.equal(nearestMoment([], "0-5"), "");
});

test("the last network is the last kept one, or the stored one after a tenth more steps", () => {
  const fresh = new Fresh(),
    take = (/** @type {[string, number, boolean, number]} */ ...now) => [
      fresh.take(...now),
      fresh.stored,
    ];
  assert.deepEqual(take("0-100", 100, true, 0), [true, ""]);
  assert.deepEqual(take("0-100", 200, true, 11_000), [false, ""]); // it may be stored no later
  assert.deepEqual(take("0-100", 105, true, 13_000), [false, ""]);
  assert.deepEqual(take("0-100", 200, true, 13_000), [true, "200"]);
  assert.deepEqual(take("0-100", 300, true, 24_000), [false, "200"]);
  assert.deepEqual(take("0-100", 300, true, 26_000), [true, "300"]);
  assert.deepEqual(take("0-316", 316, true, 27_000), [true, ""]);
  assert.deepEqual(take("0-316", 900, true, 60_000), [true, "900"]);
  assert.deepEqual(take("0-316", 900, false, 61_000), [true, ""]); // a pause keeps its own
  assert.deepEqual(take("0-316", 900, false, 99_000), [false, ""]);
});
