// What several tests need.

import assert from "node:assert/strict";
import { seeded } from "../../ui/components/shared/random.js";

/** @typedef {import("../../ui/components/shared/safetensors.js").Tensor} Tensor */

/**
 * @param {ArrayLike<number>} values
 * @param {number[]} shape
 * @returns {Tensor}
 */
export function tensor(values, shape) {
  return Object.assign(Float32Array.from(values), { shape });
}

/**
 * Numbers between -1 and 1 that are the same at every call with the same seed.
 * @param {number} seed
 * @param {number[]} shape
 * @returns {Tensor}
 */
export function randomTensor(seed, shape) {
  const random = seeded(seed);
  return tensor(
    Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => 2 * random() - 1),
    shape,
  );
}

/**
 * @param {ArrayLike<number>} made
 * @param {ArrayLike<number>} expected
 * @param {number} [tolerance]
 */
export function assertClose(made, expected, tolerance = 1e-5) {
  assert.equal(made.length, expected.length);
  for (let i = 0; i < made.length; i++) {
    assert.ok(
      Math.abs(made[i] - expected[i]) <= tolerance,
      `place ${i}: ${made[i]}, expected ${expected[i]}`,
    );
  }
}

// Of a training: a mean over a few steps, an evaluation, a phase.
/** @param {number} x @param {Record<string, number>} [terms] @param {number} [phase] */
export const point = (x, terms = { loss: x }, phase = 0) => ({ x, phase, terms });
/** @param {number} x @param {Record<string, number>} valid @param {number} [phase] */
export const evaluation = (x, valid, phase = 0) => ({ x, phase, valid });
/** @param {number} i @param {number} [phases] */
export const phase = (i, phases = 2) => ({
  phase: i,
  phases,
  name: `Pair ${i + 1}`,
  start: 100 * i,
  epochs: 5,
  steps_per_epoch: 20,
});
