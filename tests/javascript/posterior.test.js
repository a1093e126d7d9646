// The true posterior on a grid: what is known in closed form, and what must hold of any.

import assert from "node:assert/strict";
import { test } from "node:test";
import { covarianceOf, placeOf } from "../../ui/components/space/cloud.js";
import { around } from "../../ui/components/space/marks.js";
import { boundOf, finer, Grid, posteriorOn } from "../../ui/components/space/posterior.js";

/** @typedef {import("../../ui/components/shared/safetensors.js").Tensor} Tensor */
/** @typedef {import("../../ui/components/space/posterior.js").Gaussian} Gaussian */

/**
 * @param {number[]} values
 * @param {number[]} shape
 */
const tensorOf = (
  values,
  shape,
) => /** @type {Tensor} */ (Object.assign(Float32Array.from(values), { shape }));

/**
 * A decoder of one dense layer: logits W'z + b.
 * @param {number[]} kernel [2, n], flat
 * @param {number[]} bias
 */
const decoderOf = (kernel, bias) => [
  /** @type {import("../../ui/components/shared/network.js").Dense} */ ({
    kind: "dense",
    activation: "sigmoid",
    kernel: tensorOf(kernel, [2, bias.length]),
    bias: tensorOf(bias, [bias.length]),
  }),
];

/**
 * @param {number[]} kernel
 * @param {number[]} bias
 * @param {number} [cells]
 * @param {import("../../ui/components/space/frame.js").Frame} [square]
 */
function gridOf(kernel, bias, cells = 60, square = { x: 0, y: 0, reach: 6, tall: 6 }) {
  const grid = new Grid(decoderOf(kernel, bias), square, cells);
  while (!grid.ready) grid.some(0);
  return grid;
}

/** @param {number} a @param {number} b @param {number} within */
const near = (a, b, within) => assert.ok(Math.abs(a - b) <= within, `${a}, expected ${b}`);

test("a decoder that ignores its codings leaves the prior, and log p(x) in closed form", () => {
  const p = [.9, .2, .5], bias = p.map((each) => Math.log(each / (1 - each)));
  const x = Float32Array.from([1, 0, .25]);
  const decoder = decoderOf([0, 0, 0, 0, 0, 0], bias);
  const grid = gridOf([0, 0, 0, 0, 0, 0], bias), found = posteriorOn(grid, x);
  near(
    found.evidence,
    p.reduce((sum, each, i) => sum + x[i] * Math.log(each) + (1 - x[i]) * Math.log(1 - each), 0),
    1e-4,
  );
  near(found.p.reduce((sum, value) => sum + value, 0), 1, 1e-9);
  near(found.mean[0], 0, 1e-9);
  near(found.deviation[1], 1, 1e-3);
  /** @type {Gaussian} */
  const prior = { mean: [0, 0], deviation: [1, 1] };
  near(found.evidence - boundOf(decoder, x, prior), 0, 1e-4);
  // KL(N(m, s²), N(0, 1)) of each coding, by hand
  /** @type {Gaussian} */
  const other = { mean: [.5, -1], deviation: [.5, .8] };
  const kl = [0, 1].reduce((sum, j) => {
    const m = other.mean[j], s = other.deviation[j];
    return sum + (s * s + m * m - 1) / 2 - Math.log(s);
  }, 0);
  near(found.evidence - boundOf(decoder, x, other), kl, 1e-4);
});

test("each cell has Bayes' rule's chance, and the mode is where the joint is largest", () => {
  const kernel = [2, -1, .5, 1, 1.5, -2], bias = [.1, -.3, .2], x = Float32Array.from([1, .3, 0]);
  const grid = gridOf(kernel, bias), found = posteriorOn(grid, x);
  const joint = (/** @type {number} */ a, /** @type {number} */ b) =>
    Math.exp(-(a * a + b * b) / 2) / (2 * Math.PI) * bias.reduce((product, each, i) => {
      const on = 1 / (1 + Math.exp(-(each + a * kernel[i] + b * kernel[3 + i])));
      return product * on ** x[i] * (1 - on) ** (1 - x[i]);
    }, 1);
  let total = 0;
  for (let a = -6; a < 6; a += .02) for (let b = -6; b < 6; b += .02) total += joint(a, b) * 4e-4;
  near(found.evidence, Math.log(total), 1e-3);
  const area = grid.sides[0] ** 2;
  for (const i of [0, 1234, 1830, 2000, 3599]) {
    const [a, b] = [grid.places[2 * i], grid.places[2 * i + 1]];
    near(found.p[i], joint(a, b) * area / total, 1e-5);
  }
  let mode = [0, 0], best = 0; // by steps of a hundredth
  for (let a = -3; a < 3; a += .01) {
    for (let b = -3; b < 3; b += .01) if (joint(a, b) > best) [best, mode] = [joint(a, b), [a, b]];
  }
  for (const j of [0, 1]) near(found.mode[j], mode[j], grid.sides[0]);
});

test("a narrow posterior asks for finer grids until they resolve it", () => {
  const n = 400, kernel = Array.from({ length: 2 * n }, (_, i) => i < n ? 4 : i % 2 ? 3 : -3);
  const x = Float32Array.from({ length: n }, (_, i) => i % 2 ? .8 : .3);
  /** @type {Gaussian} */
  const gaussian = { mean: [.07, .37], deviation: [.02, .02] };
  let grid = gridOf(kernel, Array(n).fill(0), 40, { x: 0, y: 0, reach: 4, tall: 4 }), levels = 0;
  for (;;) {
    const found = posteriorOn(grid, x), square = finer(grid, found, gaussian);
    if (!square) break;
    assert.ok(square.reach < grid.frame.reach);
    grid = gridOf(kernel, Array(n).fill(0), 32, square);
    assert.ok(++levels < 5);
  }
  const { deviation, p } = posteriorOn(grid, x);
  assert.ok(Math.min(...deviation) > 2 * grid.sides[0] && levels > 0);
  const edge = p.filter((_, i) => i < 32 || i >= 31 * 32 || i % 32 === 0 || i % 32 === 31);
  assert.ok(edge.reduce((sum, value) => sum + value, 0) < 1e-3, "all of it is in the square");
});

test("an ellipse on the plane has the covariance of the turned codings", () => {
  const [a, b] = [Math.cos(.4), Math.sin(.4)], axes = tensorOf([a, b, 0, -b, a, 0], [2, 3]);
  const cloud = /** @type {import("../../ui/components/space/cloud.js").Cloud} */ ({
    size: 3,
    kept: [0, 1, 2],
    bytes: 0,
    arrays: { axes, mean: tensorOf([1, 2, 3], [3]), codings: axes, neighbours: axes },
  });
  const turn = /** @type {import("../../ui/components/space/cloud.js").Turn} */ (
    [Math.cos(1), Math.sin(1), -Math.sin(1), Math.cos(1)]
  );
  const principal = { principal: true, across: 0, up: 1 }, deviation = [.5, 2, 1];
  const middle = placeOf(cloud, principal, turn, [1, 2, 3]);
  const expected = [0, 0, 0]; // of the three codings' own directions, as they lie on the plane
  deviation.forEach((each, j) => {
    const at = placeOf(cloud, principal, turn, [1, 2, 3].map((m, k) => m + (k === j ? each : 0)));
    const [x, y] = [at[0] - middle[0], at[1] - middle[1]];
    [x * x, x * y, y * y].forEach((value, i) => expected[i] += value);
  });
  const found = covarianceOf(cloud, principal, turn, deviation);
  found.forEach((value, i) => near(value, expected[i], 1e-6));
  const pair = { principal: false, across: 2, up: 0 };
  assert.deepEqual(covarianceOf(cloud, pair, turn, deviation), [1, 0, .25]);
  // each point of the ring is two deviations away: v' C⁻¹ v = 4
  const [xx, xy, yy] = found, determinant = xx * yy - xy * xy;
  for (const [px, py] of around([0, 0], found, 2)) {
    near((yy * px * px - 2 * xy * px * py + xx * py * py) / determinant, 4, 1e-6);
  }
});
