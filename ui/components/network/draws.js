// Random codings: a class is drawn by its share, then a coding from the Gaussian of that class. Or
// each coding is drawn by itself, from a Gaussian of its own: the prior N(0, I), if the network has
// one; else with the mean and the deviation that the codings of test inputs have.

import { gaussian } from "../shared/random.js";

/** @typedef {import("../shared/safetensors.js").Tensor} Tensor */
/** @typedef {import("../shared/random.js").Random} Random */

/**
 * Where the codings of the test inputs lie: a Gaussian for each class. shares [classes]; centres
 * [classes, size]; factors [classes, rows, size], such that noise [rows] times a class's factors
 * has the covariance of its codings.
 * @typedef {{ size: number, shares: Tensor, centres: Tensor, factors: Tensor }} Clouds
 */

/**
 * What is drawn: a class, the noise, and how far that noise strays from the middle of the class. It
 * serves every temperature and both sources, so that the effect of the slider can be seen.
 * @typedef {{ cls: number, noise: Float32Array, stray: Float32Array }} Draw
 */

/**
 * @param {Clouds} clouds
 * @param {Random} random
 * @returns {Draw}
 */
export function drawFrom({ size, shares, factors }, random) {
  let cls = 0;
  for (let u = random() - shares[0]; u > 0 && cls < shares.length - 1; u -= shares[cls]) cls++;
  const noise = Float32Array.from({ length: size }, () => gaussian(random)),
    stray = new Float32Array(size),
    rows = factors.shape[1];
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < size; j++) stray[j] += noise[i] * factors[(cls * rows + i) * size + j];
  }
  return { cls, noise, stray };
}

/**
 * A draw's codings.
 * @param {Draw} draw
 * @param {Clouds & { centre: ArrayLike<number>, spread: ArrayLike<number> }} from centre, spread:
 *   of each coding by itself
 * @param {{ alone: boolean, temperature: number }} how alone: each by itself; temperature: how far
 * from the middle, 1 being the distribution's own spread
 * @returns {Float32Array}
 */
export function codingsOf(
  { cls, noise, stray },
  { size, centres, centre, spread },
  { alone, temperature },
) {
  if (alone) return noise.map((value, i) => centre[i] + temperature * spread[i] * value);
  return stray.map((value, i) => centres[cls * size + i] + temperature * value);
}
