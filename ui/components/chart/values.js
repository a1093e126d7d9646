// The values of lines at one x. Plotly's own unified label shows each line's nearest value, even of
// another step; these give only the values at exactly that x.

/** @typedef {import("./plotly.d.ts").Trace} Trace */
/** @typedef {{ line: Trace, i: number }} Shown a line and its place in the figure */
/**
 * @typedef {{ line: Trace, i: number, n: number }} There a line with a value at an x, and that
 *   value's place in it
 */

export const HELD = 4; // pixels: what has not been dragged farther is a tap
export const FAR = 40; // pixels: no value is read from farther away

/**
 * The lines whose values can be read.
 * @param {Trace[]} lines
 * @returns {Shown[]}
 */
export function readable(lines) {
  return lines.map((line, i) => ({ line, i })).filter(({ line }) =>
    line.visible && line.hoverinfo !== "skip"
  );
}

/**
 * Every x at which a line that can be read has a value, in order.
 * @param {Trace[]} lines
 * @returns {number[]}
 */
export function stopsOf(lines) {
  const all = readable(lines).flatMap(({ line }) => line.x).filter((x) => x !== null);
  return [...new Set(all)].sort((a, b) => a - b);
}

/**
 * @param {Trace[]} lines
 * @param {number} x
 * @returns {There[]}
 */
export function valuesAt(lines, x) {
  return readable(lines).map(({ line, i }) => ({ line, i, n: line.x.indexOf(x) })).filter(({ n }) =>
    n >= 0
  );
}

/**
 * The x to read: of those close by, one at which most lines have a value; else the nearest; null if
 * none is near.
 * @param {Trace[]} lines
 * @param {(x: number) => number} far how many pixels an x is away
 * @returns {number | null}
 */
export function stopNear(lines, far) {
  const near = stopsOf(lines).filter((x) => far(x) < FAR).sort((a, b) => far(a) - far(b));
  const close = near.filter((x) => far(x) <= HELD).map((x) => ({
    x,
    n: valuesAt(lines, x).length,
  }));
  return close.length
    ? close.reduce((best, each) => (each.n > best.n ? each : best)).x
    : (near[0] ?? null);
}

/**
 * The x that a key goes to from here: the next on either side, the first or the last; null if the
 * key goes nowhere.
 * @param {number[]} stops
 * @param {number | null} here
 * @param {string} key
 * @returns {number | null}
 */
export function stopByKey(stops, here, key) {
  const last = stops.length - 1, at = here === null ? null : stops.indexOf(here);
  const left = at === null ? last : at - 1, right = at === null ? 0 : at + 1;
  const next = { ArrowLeft: left, ArrowRight: right, Home: 0, End: last }[key];
  return next === undefined || last < 0 ? null : stops[Math.max(0, Math.min(last, next))];
}
