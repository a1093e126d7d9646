// Points in space, what the network makes of them, and the plane that those lie in.

import { dot, longest, plus, unit } from "./vectors.js";

/** @typedef {import("../chart/plotly.d.ts").Figure} Figure */
/** @typedef {import("../chart/plotly.d.ts").Value} Value */
/** @typedef {import("./vectors.js").Vector} Vector */

const REACH = 1.35; // from a plane's middle to its sides, as `ui/figures/charts.py` draws PCA's

/**
 * The scene with what the network made of the points.
 * @param {Figure} scene
 * @param {Float32Array | null} made three coordinates of each point
 * @param {{ axes: Vector[], mean: Vector }} pca
 * @returns {Figure}
 */
export function sceneOf({ data, layout }, made, { axes, mean }) {
  if (!made) return { data, layout };
  const places = Array.from(
    { length: made.length / 3 },
    (_, i) => Array.from(made.subarray(3 * i, 3 * i + 3)),
  );
  const [points] = data,
    at = (/** @type {number} */ i) => [points.x[i], points.y[i], points.z?.[i] ?? null];
  /** @type {Record<string, () => object>} of a trace's `meta`: what fills it */
  const fill = {
    learned: () => coordinates(corners(places, axes, mean)),
    misses: () => coordinates(places.flatMap((place, i) => [at(i), place, [null, null, null]])),
  };
  return { data: data.map((trace) => ({ ...trace, ...fill[trace.meta]?.() })), layout };
}

/**
 * Places as Plotly wants them.
 * @param {Value[][]} places
 * @returns {{ x: Value[], y: Value[], z: Value[] }}
 */
export function coordinates(places) {
  return { x: places.map((p) => p[0]), y: places.map((p) => p[1]), z: places.map((p) => p[2]) };
}

/**
 * The corners of a square in the plane of the points, or two ends on their line. A linear network's
 * outputs lie in it exactly. The square has PCA's axes, projected on the plane, and the centre
 * nearest to PCA's middle. So two equal planes are drawn as one.
 * @param {Vector[]} points
 * @param {Vector[]} axes PCA's, orthonormal: as many as the network has codings
 * @param {Vector} middle PCA's
 * @param {number} [reach] from the middle to a side
 * @returns {Vector[]} none if the points span fewer directions
 */
export function corners(points, axes, middle, reach = REACH) {
  /** @type {Vector[]} */
  const basis = [];
  const mean = middle.map((_, i) => points.reduce((sum, p) => sum + p[i], 0) / points.length);
  let left = points.map((p) => plus(p, mean, -1)); // what the basis so far cannot say
  for (let k = 0; k < axes.length; k++) {
    const axis = unit(longest(left));
    if (!axis) return [];
    basis.push(axis);
    left = left.map((p) => plus(p, axis, -dot(p, axis)));
  }
  const zero = middle.map(() => 0);
  const within = (/** @type {Vector} */ p) =>
    basis.reduce((sum, axis) => plus(sum, axis, dot(p, axis)), zero);
  const centre = plus(mean, within(plus(middle, mean, -1)), 1),
    first = unit(within(axes[0])) || basis[0];
  if (axes.length === 1) return [-1, 1].map((s) => plus(centre, first, s * reach));
  // the one direction left in the plane
  const second = unit(plus(basis[0], first, -dot(basis[0], first))) || basis[1];
  const flip = dot(second, axes[1]) < 0 ? -1 : 1; // gives it the sign of PCA's
  const signs = [[-1, -1], [1, -1], [1, 1], [-1, 1]];
  return signs.map(([s, t]) => plus(plus(centre, first, s * reach), second, t * flip * reach));
}
