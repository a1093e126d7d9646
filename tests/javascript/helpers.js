// What several tests need.

import assert from "node:assert/strict";
import { seeded } from "../../ui/components/network/draws.js";

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
  return tensor(Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => 2 * random() - 1), shape);
}

/**
 * @param {ArrayLike<number>} made
 * @param {ArrayLike<number>} expected
 * @param {number} [tolerance]
 */
export function assertClose(made, expected, tolerance = 1e-5) {
  assert.equal(made.length, expected.length);
  for (let i = 0; i < made.length; i++) {
    assert.ok(Math.abs(made[i] - expected[i]) <= tolerance, `place ${i}: ${made[i]}, expected ${expected[i]}`);
  }
}
