// The map of the codings: places and codings, turning, frames, contours, and what is chosen.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  isWithin,
  preservedOf,
  wordsOfChosen,
  wordsOfNeighbours,
} from "../../ui/components/space/chosen.js";
import {
  codingsAt,
  placeOf,
  placesOf,
  turnTowards,
  UNTURNED,
} from "../../ui/components/space/cloud.js";
import { contourOf } from "../../ui/components/space/contours.js";
import { frameOf, inPlane, onCanvas } from "../../ui/components/space/frame.js";
import { State } from "../../ui/components/space/state.js";
import { mixed } from "../../ui/components/space/strip.js";
import { gaussian, seeded } from "../../ui/components/shared/random.js";
import { assertClose, randomTensor, tensor } from "./helpers.js";

/** @typedef {import("../../ui/components/space/cloud.js").Cloud} Cloud */

/** Four inputs with three codings, two of which can be an axis. @returns {Cloud} */
function cloud() {
  return {
    size: 3,
    kept: [0, 2],
    bytes: 0,
    arrays: {
      codings: tensor([1, 2, 3, 4, 5, 6, 7, 8], [4, 2]),
      mean: tensor([4, 9, 5], [3]),
      axes: tensor([.6, 0, .8, -.8, 0, .6], [2, 3]),
      along: tensor([1, 0, 0, 1, -1, 0, 2, 3], [4, 2]),
      neighbours: tensor([], [4, 0]),
    },
  };
}

const labels = Uint8Array.of(0, 1, 0, 1);

test("two codings are the axes, and the others stay at their means", () => {
  const axes = { principal: false, across: 2, up: 0 };
  const { x, y } = placesOf(cloud(), axes, UNTURNED, labels);
  assert.deepEqual([[...x], [...y]], [[2, 4, 6, 8], [1, 3, 5, 7]]);
  assert.deepEqual([...codingsAt(cloud(), axes, UNTURNED, 7, -1)], [-1, 9, 7]);
  assert.deepEqual(placeOf(cloud(), axes, UNTURNED, [-1, 0, 7]), [7, -1]);
});

test("on the principal plane a place has the codings that lie there, however it is turned", () => {
  const axes = { principal: true, across: 0, up: 2 };
  for (const angle of [0, 1, 4]) {
    const cos = Math.cos(angle), sin = Math.sin(angle);
    /** @type {import("../../ui/components/space/cloud.js").Turn[]} */
    const turns = [[cos, sin, -sin, cos], [cos, sin, sin, -cos]];
    for (const turn of turns) {
      const { x, y } = placesOf(cloud(), axes, turn, labels);
      for (let i = 0; i < 4; i++) {
        const codings = codingsAt(cloud(), axes, turn, x[i], y[i]);
        const { mean, axes: directions, along } = cloud().arrays;
        const expected = Array.from(
          mean,
          (value, j) =>
            value + /** @type {any} */ (along)[2 * i] * /** @type {any} */ (directions)[j] +
            /** @type {any} */ (along)[2 * i + 1] * /** @type {any} */ (directions)[3 + j],
        );
        assertClose(codings, expected, 1e-5);
        assertClose(placeOf(cloud(), axes, turn, codings), [x[i], y[i]], 1e-5);
      }
    }
  }
});

test("with one coding the class is up", () => {
  const one = { ...cloud(), size: 1, kept: [0], arrays: { ...cloud().arrays } };
  one.arrays.codings = tensor([5, 6, 7, 8], [4, 1]);
  one.arrays.mean = tensor([6], [1]);
  const axes = { principal: false, across: 0, up: 0 };
  const { x, y } = placesOf(one, axes, UNTURNED, labels);
  assert.deepEqual([[...x], [...y]], [[5, 6, 7, 8], [0, 1, 0, 1]]);
  assert.deepEqual([...codingsAt(one, axes, UNTURNED, 3, 1)], [3]);
});

test("a plane is turned, or mirrored, back to where its inputs lay", () => {
  const before = randomTensor(3, [50, 2]);
  const x = Float32Array.from({ length: 50 }, (_, i) => before[2 * i]);
  const y = Float32Array.from({ length: 50 }, (_, i) => before[2 * i + 1]);
  for (const mirror of [1, -1]) {
    const along = new Float32Array(100), cos = Math.cos(2), sin = Math.sin(2);
    for (let i = 0; i < 50; i++) {
      along[2 * i] = cos * x[i] - sin * y[i];
      along[2 * i + 1] = mirror * (sin * x[i] + cos * y[i]);
    }
    const [a, b, c, d] = turnTowards(along, { x, y });
    for (let i = 0; i < 50; i++) {
      assertClose([along[2 * i] * a + along[2 * i + 1] * c], [x[i]], 1e-5);
      assertClose([along[2 * i] * b + along[2 * i + 1] * d], [y[i]], 1e-5);
    }
  }
});

test("a frame shows nearly all, with one scale, and there and back is the same place", () => {
  const x = Float32Array.from({ length: 200 }, (_, i) => i === 7 ? 1e6 : i / 200);
  const y = Float32Array.from({ length: 200 }, (_, i) => i / 100);
  const frame = frameOf({ x, y }, true);
  assert.ok(frame.reach === frame.tall && frame.reach > .9 && frame.reach < 1.4);
  assert.ok(frameOf({ x, y }, false).reach < .7);
  const [left, top] = onCanvas(frame, 400, .3, 1.7);
  assertClose(inPlane(frame, 400, left, top), [.3, 1.7], 1e-6);
  assert.ok(top < onCanvas(frame, 400, .3, 1)[1], "up is up");
});

test("a contour lies about the densest part of its points", () => {
  const random = seeded(1);
  /** @type {[number, number][]} */
  const points = Array.from({ length: 300 }, () => [
    .5 + .1 * gaussian(random),
    .5 + .1 * gaussian(random),
  ]);
  const lines = contourOf(points);
  // 60 % of a Gaussian lie within 1.35 standard deviations
  const radii = lines.map(([[x, y]]) => Math.hypot(x - .5, y - .5));
  const mean = radii.reduce((a, b) => a + b) / radii.length;
  assert.ok(lines.length > 20 && Math.abs(mean - .135) < .03, String(mean));
  assert.deepEqual(contourOf(points.slice(0, 4)), []);
});

test("a lasso holds what is within its line", () => {
  /** @type {[number, number][]} */
  const l = [[0, 0], [10, 0], [10, 10], [5, 10], [5, 5], [0, 5]];
  assert.ok(isWithin(l, 2, 2) && isWithin(l, 8, 8) && !isWithin(l, 2, 8) && !isWithin(l, 11, 1));
  assert.ok(!isWithin([[0, 0]], 0, 0) && !isWithin([], 0, 0));
});

test("neighbours that stay are counted, of all or of those that are chosen", () => {
  const before = tensor([1, 2, 0, 2, 0, 1, 0, 1], [4, 2]),
    after = tensor([1, 2, 0, 3, 3, 1, 2, 3], [4, 2]);
  assert.equal(preservedOf(before, after, [0]), 1);
  assert.equal(preservedOf(before, after, [0, 1, 2, 3]), (2 + 1 + 1 + 0) / 8);
  assert.equal(preservedOf(before, after, []), 0);
  assert.equal(
    wordsOfChosen([0, 1, 3], labels, ["cats", "dogs"]),
    "3 inputs: dogs (2), cats (1)",
  );
  /** @type {any} */
  const inputs = { labels, names: ["cats", "dogs"], images: tensor([], [0]) };
  const words = wordsOfNeighbours(before, after, inputs, {
    chosen: new Set([1]),
    where: "",
    counted: true,
  });
  assert.equal(
    words,
    "1 input: dogs (1). Of their 2 nearest neighbours among the pixels, 50 % are among the 2 " +
      "nearest here (by chance 67 %).",
  );
});

test("a third pick begins anew, and another plane drops places but keeps inputs", () => {
  const state = new State(null);
  state.add({ input: 1 });
  state.add({ place: [0, 0] });
  assert.equal(state.picks.length, 2);
  state.look({ principal: false, across: 1, up: 2 });
  assert.deepEqual(state.picks, [{ input: 1 }]);
  state.add({ own: true });
  state.add({ input: 3 });
  assert.deepEqual(state.picks, [{ input: 3 }]);
});

test("halfway is the mean", () => {
  assert.deepEqual([...mixed(Float32Array.of(0, 2), Float32Array.of(4, -2), .5)], [2, 0]);
});
