// Lines that grow: they are lengthened in the drawing that Plotly made, on its axes, which takes the page far less than
// a new drawing.

/** @typedef {import("./plotly.d.ts").DrawnAxis} DrawnAxis */
/** @typedef {import("./plotly.d.ts").PlotElement} PlotElement */
/** @typedef {import("./plotly.d.ts").Trace} Trace */
/** @typedef {import("./plotly.d.ts").Value} Value */

/**
 * Lengthen the lines. False, with nothing changed, if Plotly has to draw them: a line has begun or has a new piece, or
 * leaves the axes.
 * @param {PlotElement} plot
 * @param {Trace[]} lines
 * @param {Trace[]} seen the lines as they are drawn
 * @returns {boolean}
 */
export function lengthen(plot, lines, seen) {
  if (lines.length !== seen.length) return false;
  /** @type {[Element, string][]} */
  const pieces = [];
  const name = (/** @type {string} */ id) => /** @type {`xaxis${string}`} */ (id.replace(/^./, "$&axis")); // y2: yaxis2
  const axis = (/** @type {string} */ id) => plot._fullLayout[name(id)];
  for (const [i, { x, y, visible }] of lines.entries()) {
    if (!visible || !x.length) continue;
    const { uid, xaxis, yaxis } = plot._fullData[i], gap = x.lastIndexOf(null);
    const piece = [...plot.querySelectorAll(`.trace${uid} .js-line`)].at(-1);
    const path = piece && gap === seen[i].x.lastIndexOf(null) && pathOf(x, y, gap + 1, axis(xaxis), axis(yaxis));
    if (!path) return false;
    pieces.push([piece, path]);
  }
  for (const [piece, path] of pieces) piece.setAttribute("d", path);
  return true;
}

/**
 * SVG's words for the line from its place `begin` on, in the pixels of Plotly's axes; null if it leaves axes that are
 * to hold all.
 * @param {Value[]} x
 * @param {Value[]} y
 * @param {number} begin
 * @param {DrawnAxis} across
 * @param {DrawnAxis} up
 * @returns {string | null}
 */
export function pathOf(x, y, begin, across, up) {
  const parts = [];
  for (let n = begin; n < x.length; n++) {
    const left = across.d2p(x[n]), top = up.d2p(y[n]);
    if (!Number.isFinite(top) || !holds(across, left) || !holds(up, top)) return null;
    parts.push(`${Math.round(10 * left) / 10},${Math.round(10 * top) / 10}`);
  }
  return `M${parts.join("L")}`;
}

/**
 * Whether an axis has room for a pixel: one that was zoomed need not.
 * @param {DrawnAxis} axis
 * @param {number} at
 */
function holds(axis, at) { return !axis.autorange || (at > -0.5 && at < axis._length + 0.5); }
