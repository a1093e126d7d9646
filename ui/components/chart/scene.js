// A scene in three dimensions: whether the browser can draw it, and how arrow keys turn it.

/** @typedef {import("./plotly.d.ts").Eye} Eye */

const TURN = 0.1; // radians for each press of a key
const STEEPEST = 1.5; // radians from the horizon: at a right angle the upright axis would turn over

/** @returns {boolean} */
export function hasWebgl() {
  try {
    return Boolean(document.createElement("canvas").getContext("webgl"));
  } catch {
    return false;
  }
}

/**
 * Where a drawn scene is seen from.
 * @param {import("./plotly.d.ts").PlotElement} plot
 * @returns {Eye}
 */
export function eyeOf(plot) {
  return plot._fullLayout.scene._scene.getCamera().eye;
}

/**
 * Where it is seen from after a key: the scene turns about its upright axis, or over it. Null if
 * the key does not turn it.
 * @param {string} key
 * @param {Eye} eye
 * @returns {Eye | null}
 */
export function eyeAfter(key, { x, y, z }) {
  const turn = {
    ArrowLeft: [-TURN, 0],
    ArrowRight: [TURN, 0],
    ArrowUp: [0, TURN],
    ArrowDown: [0, -TURN],
  }[key];
  if (!turn) return null;
  const far = Math.hypot(x, y, z), round = Math.atan2(y, x) + turn[0];
  const up = Math.max(-STEEPEST, Math.min(STEEPEST, Math.asin(z / far) + turn[1]));
  return {
    x: far * Math.cos(up) * Math.cos(round),
    y: far * Math.cos(up) * Math.sin(round),
    z: far * Math.sin(up),
  };
}
