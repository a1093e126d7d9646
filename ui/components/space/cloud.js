// Where test inputs lie among a network's codings, and the plane that is drawn of them.

import { addressOf } from "../shared/address.js";
import { bytesFrom } from "../shared/moments.js";
import { unpack } from "../shared/packing.js";

/** @typedef {import("../shared/safetensors.js").Tensor} Tensor */

/**
 * size: how many codings. kept: those that can be an axis. codings [n, kept]. mean [size], over the
 * inputs. axes [2, size]: the principal directions; along [n, 2]: the inputs along them; neither, if
 * there is but one coding. class_means [classes, size]. neighbours [n, 10]: rows of the nearest
 * among all codings.
 * @typedef {{
 *   size: number, kept: number[], bytes: number,
 *   arrays: { codings: Tensor, mean: Tensor, neighbours: Tensor } &
 *     Partial<Record<"axes" | "along" | "class_means", Tensor>>,
 * }} Cloud
 */

/**
 * What is drawn across and up: the principal directions, or two codings by their numbers from 0.
 * With one coding the class is drawn upwards.
 * @typedef {{ principal: boolean, across: number, up: number }} Axes
 */

/** @typedef {[number, number, number, number]} Turn a matrix [2, 2], row by row */
/** @typedef {{ x: Float32Array, y: Float32Array }} Places */

export const UNTURNED = /** @type {Turn} */ ([1, 0, 0, 1]);

/**
 * Fetches the cloud of a moment.
 * @param {string} route
 * @returns {(moment: string) => Promise<Cloud>}
 */
export function cloudFrom(route) {
  return async (moment) => {
    const asked = new URLSearchParams(moment && { at: moment });
    const buffer = await bytesFrom(`${addressOf(route)}?${asked}`);
    return { ...unpack(new Uint8Array(buffer)), bytes: 2 * buffer.byteLength };
  };
}

/**
 * What can be drawn of a network of what is asked for: of one coding the class is up, two codings
 * are their own plane, and axes that it does not have give way to the principal ones.
 * @param {Cloud} cloud
 * @param {Axes} axes
 * @returns {Axes}
 */
export function axesFor({ size, kept }, { principal, across, up }) {
  if (size < 3) return { principal: false, across: 0, up: size - 1 };
  const there = kept.includes(across) && kept.includes(up);
  return { principal: principal || !there, across, up };
}

/**
 * The places of the inputs on the plane.
 * @param {Cloud} cloud
 * @param {Axes} axes
 * @param {Turn} turn of the principal directions
 * @param {Uint8Array} labels
 * @returns {Places}
 */
export function placesOf({ size, kept, arrays }, axes, turn, labels) {
  const n = labels.length, x = new Float32Array(n), y = new Float32Array(n);
  const { along, codings } = arrays;
  if (axes.principal && along) {
    const [a, b, c, d] = turn;
    for (let i = 0; i < n; i++) {
      x[i] = along[2 * i] * a + along[2 * i + 1] * c;
      y[i] = along[2 * i] * b + along[2 * i + 1] * d;
    }
    return { x, y };
  }
  const across = kept.indexOf(axes.across), up = kept.indexOf(axes.up);
  for (let i = 0; i < n; i++) {
    x[i] = codings[i * kept.length + across];
    y[i] = size === 1 ? labels[i] : codings[i * kept.length + up];
  }
  return { x, y };
}

/**
 * The codings at a place of the plane. Those that are not drawn are at their means.
 * @param {Cloud} cloud
 * @param {Axes} axes
 * @param {Turn} turn
 * @param {number} x
 * @param {number} y
 * @returns {Float32Array}
 */
export function codingsAt({ size, arrays: { mean, axes: directions } }, axes, turn, x, y) {
  const found = Float32Array.from(mean);
  if (axes.principal && directions) {
    const [a, b, c, d] = turn, first = a * x + b * y, second = c * x + d * y;
    for (let j = 0; j < size; j++) {
      found[j] += first * directions[j] + second * directions[size + j];
    }
    return found;
  }
  found[axes.across] = x;
  if (size > 1) found[axes.up] = y;
  return found;
}

/**
 * Where codings lie on the plane.
 * @param {Cloud} cloud
 * @param {Axes} axes
 * @param {Turn} turn
 * @param {ArrayLike<number>} codings [size]
 * @returns {[x: number, y: number]}
 */
export function placeOf({ size, arrays: { mean, axes: directions } }, axes, turn, codings) {
  if (axes.principal && directions) {
    let first = 0, second = 0;
    for (let j = 0; j < size; j++) {
      first += (codings[j] - mean[j]) * directions[j];
      second += (codings[j] - mean[j]) * directions[size + j];
    }
    const [a, b, c, d] = turn;
    return [first * a + second * c, first * b + second * d];
  }
  return [codings[axes.across], size > 1 ? codings[axes.up] : 0];
}

/**
 * The covariance on the plane of codings that are independent of each other, [xx, xy, yy].
 * @param {Cloud} cloud
 * @param {Axes} axes
 * @param {Turn} turn
 * @param {ArrayLike<number>} deviation of each coding
 * @returns {[number, number, number]}
 */
export function covarianceOf({ size, arrays: { axes: directions } }, axes, turn, deviation) {
  if (!axes.principal || !directions) {
    return [deviation[axes.across] ** 2, 0, size > 1 ? deviation[axes.up] ** 2 : 0];
  }
  const [a, b, c, d] = turn, found = /** @type {[number, number, number]} */ ([0, 0, 0]);
  for (let j = 0; j < size; j++) {
    const first = directions[j], second = directions[size + j], variance = deviation[j] ** 2;
    const x = first * a + second * c, y = first * b + second * d;
    found[0] += variance * x * x;
    found[1] += variance * x * y;
    found[2] += variance * y * y;
  }
  return found;
}

/**
 * How the principal directions of one moment have to be turned, or mirrored, for its inputs to lie
 * as near as possible to where they lay: an orthogonal Procrustes problem (Schönemann 1966) in two
 * dimensions. Else the picture might jump from one moment to the next, because any direction of an
 * axis is as good as another.
 * @param {ArrayLike<number>} along [n, 2]
 * @param {Places} before
 * @returns {Turn}
 */
export function turnTowards(along, { x, y }) {
  let m00 = 0, m01 = 0, m10 = 0, m11 = 0;
  for (let i = 0; i < x.length; i++) {
    m00 += along[2 * i] * x[i];
    m01 += along[2 * i] * y[i];
    m10 += along[2 * i + 1] * x[i];
    m11 += along[2 * i + 1] * y[i];
  }
  const turned = Math.hypot(m00 + m11, m01 - m10), mirrored = Math.hypot(m00 - m11, m01 + m10);
  const angle = turned >= mirrored
    ? Math.atan2(m01 - m10, m00 + m11)
    : Math.atan2(m01 + m10, m00 - m11);
  const cos = Math.cos(angle), sin = Math.sin(angle);
  return turned >= mirrored ? [cos, sin, -sin, cos] : [cos, sin, sin, -cos];
}
