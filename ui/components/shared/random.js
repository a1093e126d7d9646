// Random numbers that follow from a seed.

/** @typedef {() => number} Random a number in [0, 1) */

/**
 * Numbers that follow from a seed (mulberry32).
 * @param {number} seed
 * @returns {Random}
 */
export function seeded(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * A number from N(0, 1) (Box and Muller, 1958).
 * @param {Random} random
 */
export function gaussian(random) {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
