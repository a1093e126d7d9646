// Vectors as lists of numbers.

/** @typedef {number[]} Vector */

/**
 * The inner product.
 * @param {Vector} p
 * @param {Vector} q
 * @returns {number}
 */
export function dot(p, q) {
  return p.reduce((sum, v, i) => sum + v * q[i], 0);
}

/**
 * p + t q
 * @param {Vector} p
 * @param {Vector} q
 * @param {number} t
 * @returns {Vector}
 */
export function plus(p, q, t) {
  return p.map((v, i) => v + t * q[i]);
}

/**
 * The vector with length 1; null if it is too short to have a direction.
 * @param {Vector} p
 * @returns {Vector | null}
 */
export function unit(p) {
  const n = Math.sqrt(dot(p, p));
  return n < 1e-6 ? null : p.map((v) => v / n);
}

/**
 * @param {Vector[]} all
 * @returns {Vector}
 */
export function longest(all) {
  return all.reduce((best, p) => (dot(p, p) > dot(best, best) ? p : best));
}
