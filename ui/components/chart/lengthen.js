// Lines that grow: they are lengthened in the drawing that Plotly made, on its axes, which takes
// far less time than a new drawing.

/** @typedef {import("./plotly.d.ts").DrawnAxis} DrawnAxis */
/** @typedef {import("./plotly.d.ts").PlotElement} PlotElement */
/** @typedef {import("./plotly.d.ts").Trace} Trace */
/** @typedef {import("./plotly.d.ts").Value} Value */

/**
 * Lengthens the lines. Returns false, and changes nothing, if Plotly has to draw them: if a line
 * has begun, has a new piece, or leaves the axes.
 * @param {PlotElement} plot
 * @param {Trace[]} lines
 * @param {Trace[]} seen the lines as they are drawn
 * @returns {boolean}
 */
export function lengthen(plot, lines, seen) {
  if (lines.length !== seen.length) return false;
  /** @type {[Element, string][]} */
  const pieces = [];
  const name = (
    /** @type {string} */ id,
  ) => /** @type {`xaxis${string}`} */ (id.replace(/^./, "$&axis")); // y2: yaxis2
  const axis = (/** @type {string} */ id) => plot._fullLayout[name(id)];
  for (const [i, { x, y, visible, fill }] of lines.entries()) {
    if (!visible || !x.length || fill) continue; // a filled area does not grow
    const { uid, xaxis, yaxis } = plot._fullData[i], gap = x.lastIndexOf(null);
    const piece = [...plot.querySelectorAll(`.trace${uid} .js-line`)].at(-1);
    const path = piece && gap === seen[i].x.lastIndexOf(null) &&
      pathOf(x, y, gap + 1, axis(xaxis), axis(yaxis));
    if (!path) return false;
    pieces.push([piece, path]);
  }
  for (const [piece, path] of pieces) piece.setAttribute("d", path);
  return true;
}

/**
 * The SVG path of the line from index `begin` on, in the pixels of Plotly's axes. Null if it leaves
 * an axis that has to show all values.
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
 * Whether a pixel is within an axis; always true for an axis that was zoomed, which need not show
 * all values.
 * @param {DrawnAxis} axis
 * @param {number} at
 */
function holds(axis, at) {
  return !axis.autorange || (at > -0.5 && at < axis._length + 0.5);
}
