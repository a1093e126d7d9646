// The part of the plane that is in sight, and how it lies on the canvas.

/** @typedef {import("./cloud.js").Places} Places */
/** @typedef {{ x: number, y: number, reach: number, tall: number }} Frame
 * its middle, and how far it reaches across and up, in codings */

const OUTSIDE = 0.01; // of the inputs, on each side, may lie beyond it
const MARGIN = 1.25;

/**
 * A frame that shows nearly all inputs. Both axes have one scale, unless what is up is the class.
 * @param {Places} places
 * @param {boolean} alike whether both axes are codings
 * @returns {Frame}
 */
export function frameOf({ x, y }, alike) {
  const [left, right] = ends(x), [low, high] = ends(y);
  let reach = MARGIN * (right - left) / 2 || 1, tall = MARGIN * (high - low) / 2 || 1;
  if (alike) reach = tall = Math.max(reach, tall);
  return { x: (left + right) / 2, y: (low + high) / 2, reach, tall };
}

/** @param {Float32Array} values */
function ends(values) {
  const sorted = Float32Array.from(values).sort(), cut = Math.floor(OUTSIDE * sorted.length);
  return [sorted[cut] ?? 0, sorted[sorted.length - 1 - cut] ?? 0];
}

/**
 * A place on a canvas of this size, in pixels.
 * @param {Frame} frame
 * @param {number} size
 * @param {number} x
 * @param {number} y
 * @returns {[left: number, top: number]}
 */
export function onCanvas({ x: cx, y: cy, reach, tall }, size, x, y) {
  return [size * (.5 + (x - cx) / reach / 2), size * (.5 - (y - cy) / tall / 2)];
}

/**
 * The place at pixels of a canvas of this size.
 * @param {Frame} frame
 * @param {number} size
 * @param {number} left
 * @param {number} top
 * @returns {[x: number, y: number]}
 */
export function inPlane({ x, y, reach, tall }, size, left, top) {
  return [x + reach * (2 * left / size - 1), y - tall * (2 * top / size - 1)];
}

/**
 * Between two frames.
 * @param {Frame} a
 * @param {Frame} b
 * @param {number} t 0 to 1
 * @returns {Frame}
 */
export function between(a, b, t) {
  const mix = (/** @type {number} */ from, /** @type {number} */ to) => from + t * (to - from);
  return {
    x: mix(a.x, b.x),
    y: mix(a.y, b.y),
    reach: mix(a.reach, b.reach),
    tall: mix(a.tall, b.tall),
  };
}
