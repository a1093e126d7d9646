// Questions about a figure that need no drawing.

/** @typedef {import("./plotly.d.ts").Figure} Figure */
/** @typedef {import("./plotly.d.ts").Trace} Trace */

/**
 * What a line is known by from one figure to the next.
 * @param {Trace} line
 * @returns {string}
 */
export function keyOf(line) {
  return `${line.legendgroup}|${line.name}|${line.meta?.split}`;
}

/**
 * A line's full name. The legend shows just "validation", because the name of its term is beside
 * it.
 * @param {Trace} line
 * @returns {string}
 */
export function wordsFor(line) {
  return line.meta?.words ?? line.name;
}

/**
 * The lines that the legend names: none if there is but one.
 * @param {Figure} figure
 * @returns {Trace[]}
 */
export function namedLines({ data, layout }) {
  const named = layout.showlegend === false ? [] : data.filter((line) => line.showlegend !== false);
  return named.length < 2 ? [] : named;
}

/**
 * @param {Figure} figure
 * @returns {`xaxis${string}`[]}
 */
export function xAxes({ layout }) {
  return /** @type {`xaxis${string}`[]} */ (Object.keys(layout).filter((name) =>
    name.startsWith("xaxis")
  ));
}

/**
 * @param {Figure} figure
 * @returns {`yaxis${string}`[]}
 */
export function yAxes({ layout }) {
  return /** @type {`yaxis${string}`[]} */ (Object.keys(layout).filter((name) =>
    name.startsWith("yaxis")
  ));
}

/**
 * What its keys, a drag and a click do with a chart, for the line above it.
 * @param {Figure} figure
 * @param {boolean} picks whether a click picks an x
 * @returns {string}
 */
export function hintFor(figure, picks) {
  if (figure.layout.scene) return "drag to turn";
  const drag = picks ? "drag to zoom, click to go there" : "drag to zoom";
  const named = namedLines(figure), groups = named.map((line) => line.legendgroup).filter(Boolean);
  if (named.length < 2) return drag;
  const pairs = new Set(groups).size < groups.length;
  const hidden = figure.layout.hovermode === "closest"
    ? "a class"
    : pairs
    ? "a line, two its pair"
    : "a line";
  return `${drag} · a click on a name hides ${hidden}`;
}
