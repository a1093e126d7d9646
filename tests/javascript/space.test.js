// The geometry of the learned plane.

import assert from "node:assert/strict";
import { test } from "node:test";
import { coordinates, corners, sceneOf } from "../../ui/components/live_chart/space.js";
import { dot, longest, plus, unit } from "../../ui/components/live_chart/vectors.js";
import { assertClose, randomTensor } from "./helpers.js";

/** @typedef {import("../../ui/components/live_chart/vectors.js").Vector} Vector */

/**
 * Points on a plane (or line) through `middle`, along given axes.
 * @param {Vector[]} axes
 * @param {Vector} middle
 * @param {number} seed
 */
function pointsOn(axes, middle, seed) {
  const t = randomTensor(seed, [30, axes.length]);
  return Array.from(
    { length: 30 },
    (_, i) => axes.reduce((p, axis, k) => plus(p, axis, t[axes.length * i + k]), middle),
  );
}

/** @param {Vector} p */
const lengthOf = (p) => Math.sqrt(dot(p, p));
const S = Math.SQRT1_2;
const AXES = [[1, 0, 0], [0, S, S]], MIDDLE = [0.1, 0.2, 0.3];

test("if the points lie in PCA's plane, the square is PCA's, whatever axes made them", () => {
  const expected = [[-1, -1], [1, -1], [1, 1], [-1, 1]].map(([s, t]) =>
    plus(plus(MIDDLE, AXES[0], 1.35 * s), AXES[1], 1.35 * t)
  );
  const rotated = [
    plus(AXES[0].map((v) => 0.6 * v), AXES[1], 0.8),
    plus(AXES[0].map((v) => -0.8 * v), AXES[1], 0.6),
  ];
  for (const axes of [AXES, rotated, [AXES[1], AXES[0]]]) {
    const made = corners(pointsOn(axes, MIDDLE, 1), AXES, MIDDLE);
    assertClose(made.flat(), expected.flat(), 1e-5);
  }
});

test("in any plane it is a square within that plane, with its sides towards PCA's", () => {
  for (let seed = 0; seed < 20; seed++) {
    const random = randomTensor(seed, [3, 3]),
      a = [...random.subarray(0, 3)],
      b = [...random.subarray(3, 6)],
      middle = [...random.subarray(6, 9)];
    const points = pointsOn([a, b], middle, seed + 30), made = corners(points, AXES, MIDDLE);
    const normal = [
        a[1] * b[2] - a[2] * b[1],
        a[2] * b[0] - a[0] * b[2],
        a[0] * b[1] - a[1] * b[0],
      ],
      long = lengthOf(normal);
    for (const corner of made) {
      assert.ok(Math.abs(dot(plus(corner, middle, -1), normal)) / long < 1e-6);
    }
    const first = plus(made[1], made[0], -1), second = plus(made[2], made[1], -1);
    assertClose([lengthOf(first), lengthOf(second), dot(first, second)], [2.7, 2.7, 0], 1e-5);
    assert.ok(dot(first, AXES[0]) >= -1e-6 && dot(second, AXES[1]) >= -1e-6);
    // the place nearest to PCA's middle
    const centre = made.reduce((sum, p) => plus(sum, p, 0.25), [0, 0, 0]);
    assert.ok(
      Math.abs(dot(plus(MIDDLE, centre, -1), first)) < 1e-5 &&
        Math.abs(dot(plus(MIDDLE, centre, -1), second)) < 1e-5,
    );
  }
});

test("with one axis they are a line's two ends; without directions there are none", () => {
  assertClose(
    corners(pointsOn([[0, S, S]], MIDDLE, 2), [[0, 0, 1]], MIDDLE).flat(),
    [plus(MIDDLE, [0, S, S], -1.35), plus(MIDDLE, [0, S, S], 1.35)].flat(),
  );
  assert.deepEqual(corners([MIDDLE, MIDDLE, MIDDLE], AXES, MIDDLE), []);
  // they are on a line
  assert.deepEqual(corners(pointsOn([[0, S, S]], MIDDLE, 2), AXES, MIDDLE), []);
});

test("a scene is filled by what each trace says it is", () => {
  const empty = { name: "", x: [], y: [], z: [] },
    points = { ...empty, x: [1, 0, 0], y: [0, 1, 0], z: [0, 0, 1] };
  const scene = {
    data: [points, { ...empty, meta: "misses" }, { ...empty, meta: "learned" }, {
      ...empty,
      meta: "pca",
      x: [5],
    }],
    layout: { margin: { l: 0, r: 0, t: 0, b: 0 } },
  };
  const made = Float32Array.from([1, 0, 0, 0, 2, 0, 0, 0, 0]);
  const { data } = sceneOf(scene, made, { axes: [[1, 0, 0], [0, 1, 0]], mean: [0, 0, 0] });
  // from each point to its copy, then a gap
  assert.deepEqual(data[1].y, [0, 0, null, 1, 2, null, 0, 0, null]);
  assert.deepEqual([data[2].x.length, data[3].x], [4, [5]]);
  assert.deepEqual(sceneOf(scene, null, { axes: [], mean: [] }), scene);
});

test("vectors", () => {
  assert.deepEqual(unit([3, 4]), [0.6, 0.8]);
  assert.equal(unit([0, 1e-9]), null);
  assert.deepEqual(longest([[1, 0], [0, -3], [2, 0]]), [0, -3]);
  assert.deepEqual(coordinates([[1, 2, 3], [null, null, null]]), {
    x: [1, null],
    y: [2, null],
    z: [3, null],
  });
});
