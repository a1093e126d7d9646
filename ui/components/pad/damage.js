// Damage to a drawing, for networks to repair: noise, lost pixels, an erased block.

import { gaussian, seeded } from "../shared/random.js";

/**
 * noise: the standard deviation of what is added to each pixel. kept: the chance that a pixel
 * survives. erased: the block's side in pixels; at: its middle, in pixels.
 * @typedef {{ noise: number, kept: number, erased: number, at: [x: number, y: number] }} Damage
 */

/** What chance decides of each pixel: the same at every setting, which only scales it. */
export class Chance {
  /**
   * @param {number} n pixels
   * @param {number} seed
   */
  constructor(n, seed) {
    const random = seeded(seed);
    this.noise = Float32Array.from({ length: n }, () => gaussian(random));
    this.survival = Float32Array.from({ length: n }, random);
  }
}

/** @param {Damage} damage */
export function isOn({ noise, kept, erased }) {
  return noise > 0 || kept < 1 || erased > 0;
}

/**
 * @param {Float32Array} image [height * width]
 * @param {number} width
 * @param {Damage} damage
 * @param {Chance} chance
 * @returns {Float32Array} not clipped: the networks get it as it is
 */
export function damaged(image, width, { noise, kept, erased, at: [x, y] }, chance) {
  return image.map((value, k) => {
    const column = k % width + 0.5, row = Math.floor(k / width) + 0.5, half = erased / 2;
    const inside = Math.abs(column - x) < half && Math.abs(row - y) < half;
    if (inside || chance.survival[k] >= kept) return 0;
    return value + noise * chance.noise[k];
  });
}
