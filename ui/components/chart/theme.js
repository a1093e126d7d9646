// A figure in the page's colours.

import { contrasting } from "./contrast.js";
import { xAxes, yAxes } from "./figure.js";

/** @typedef {import("./plotly.d.ts").Figure} Figure */
/** @typedef {import("./plotly.d.ts").Layout} Layout */
/** @typedef {import("./plotly.d.ts").Trace} Trace */
/** @typedef {{ ink: string, paper: string, grid: string, accent: string, font: string }} Theme */
/** @typedef {(line: Trace) => boolean} IsShown whether a line is in sight */

/**
 * The theme of the page that an element is in.
 * @param {HTMLElement} root
 * @returns {Theme}
 */
export function themeOf(root) {
  const style = getComputedStyle(root),
    named = (/** @type {string} */ name) => style.getPropertyValue(name).trim();
  return {
    font: style.fontFamily,
    ink: style.color,
    paper: named("--st-background-color"),
    grid: named("--st-border-color"),
    accent: named("--st-primary-color"),
  };
}

/**
 * The theme of a PNG: it is for paper, whatever the page's theme; and it cannot use the page's own
 * font, in which its legend would be measured.
 * @param {HTMLElement} root
 * @returns {Theme}
 */
export function printedTheme(root) {
  const style = getComputedStyle(root);
  const named = (/** @type {string} */ name) => style.getPropertyValue(`--lab-${name}`).trim();
  const [ink, paper, grid, accent] = ["printed-ink", "printed-paper", "printed-grid", "accent"].map(
    named,
  );
  return { ink, paper, grid, accent, font: "Arial, Helvetica, sans-serif" };
}

/**
 * The lines, each in a colour that stands out from the paper; one without a colour is drawn in ink.
 * @param {Trace[]} lines
 * @param {Theme} theme
 * @param {IsShown} isShown
 * @returns {(Trace & { visible: boolean })[]}
 */
export function colouredLines(lines, { ink, paper }, isShown) {
  const seen = (/** @type {string | null | undefined} */ colour) => (
    typeof colour === "string" ? contrasting(colour, paper) : (colour ?? ink)
  );
  return lines.map((line) => ({
    ...line,
    visible: isShown(line),
    ...(line.color ? { color: seen(line.color) } : {}),
    ...(line.fill ? { fillcolor: seen(line.line?.color) } : {}),
    ...(line.line ? { line: { ...line.line, color: seen(line.line.color) } } : {}),
    ...(line.marker ? { marker: { ...line.marker, color: seen(line.marker.color) } } : {}),
  }));
}

/**
 * The layout, in the theme's colours and with the axes that the lines in sight need.
 * @param {Figure} figure
 * @param {{ theme: Theme, isShown: IsShown, log: boolean, size: { width: number, height: number } |
 *   null }} how
 * @returns {Layout}
 */
export function themedLayout(
  figure,
  { theme: { ink, paper, grid, accent, font }, isShown, log, size },
) {
  /** @type {Partial<Layout>} */
  const own = {};
  const given = figure.layout, lined = { gridcolor: grid, linecolor: grid, zerolinecolor: grid };
  const axis = { ...lined, ticklabeloverflow: "allow" }; // else Plotly measures all labels
  for (const name of xAxes(figure)) own[name] = { ...given[name], ...axis };
  let right = 0; // axes on the right that are in sight
  for (const name of yAxes(figure)) {
    const lines = figure.data.filter((line) =>
      (line.yaxis ?? "y") === name.replace("axis", "") && isShown(line)
    );
    const asked = log ? ticksOf(lines) : { type: "linear", rangemode: "tozero" };
    const scale = given[name].type === "log" ? asked : {};
    own[name] = Object.assign({ ...given[name], ...axis }, { visible: lines.length > 0, ...scale });
    if (lines.length && given[name].side === "right") right++;
  }
  if (given.scene) {
    const { xaxis, yaxis, zaxis } = given.scene;
    const side = { color: ink, gridcolor: grid, zerolinecolor: grid, showbackground: false };
    const sides = {
      xaxis: { ...xaxis, ...side },
      yaxis: { ...yaxis, ...side },
      zaxis: { ...zaxis, ...side },
    };
    own.scene = { ...given.scene, ...sides, bgcolor: paper };
  }
  const coarse = matchMedia("(pointer: coarse)").matches;
  const rest = {
    margin: { ...given.margin, r: given.margin.r + 62 * right },
    showlegend: false,
    paper_bgcolor: paper,
    plot_bgcolor: paper,
    dragmode: given.scene ? "orbit" : coarse ? false : "zoom", // a finger scrolls the page
    hovermode: isCompared(figure) ? false : given.hovermode,
    font: { family: font, size: 12, color: ink },
    hoverlabel: { bgcolor: paper, bordercolor: grid, font: { color: ink } },
    modebar: { bgcolor: "rgba(0,0,0,0)", color: ink, activecolor: accent },
    shapes: (given.shapes || []).map((shape) => ({
      ...shape,
      line: { ...shape.line, color: ink },
    })),
  };
  return { ...given, ...own, ...rest, ...size };
}

/**
 * Whether all lines are read together at one x.
 * @param {Figure} figure
 * @returns {boolean}
 */
export function isCompared({ layout }) {
  return layout.hovermode === "x unified";
}

/**
 * Ticks on a logarithmic axis: as many as give 1, 2 and 5 of each decade, or the decades if there
 * are many. Else Plotly writes one, or 6 to 9 over each other.
 * Values below a ten-thousandth are written as powers of ten, else they run into the title.
 * @param {Trace[]} lines that are drawn on it
 * @returns {{ nticks: number, tickformat?: string, exponentformat?: string }}
 */
export function ticksOf(lines) {
  let low = Infinity, high = 0;
  for (const line of lines) {
    for (const y of line.y) {
      if (y !== null && y > 0) {
        low = Math.min(low, y);
        high = Math.max(high, y);
      }
    }
  }
  const decades = Math.log10(high / low);
  const nticks = !(decades > 2) ? 3 : decades < 3.2 ? Math.round(2 * decades) : Math.ceil(decades);
  return low < 1e-4 ? { nticks, tickformat: "", exponentformat: "power" } : { nticks };
}
