// Buttons with the lines' names above the chart: Plotly's own legend knows no keyboard, waits half
// a second for a second click, and drawing it takes a third of an update.

import { elementAt } from "../shared/elements.js";
import { keyOf, namedLines, wordsFor } from "./figure.js";

/** @typedef {import("./plotly.d.ts").Figure} Figure */
/** @typedef {import("./plotly.d.ts").Stroke} Stroke */
/** @typedef {import("./plotly.d.ts").Trace} Trace */

/** @type {Record<string, string>} of a mark's name: a letter that looks as Plotly draws it */
const GLYPHS = {
  circle: "●",
  square: "■",
  diamond: "◆",
  "triangle-up": "▲",
  x: "✖",
  star: "★",
  "triangle-down": "▼",
  pentagon: "⬟",
  cross: "✚",
  hexagram: "✶",
};

/**
 * @type {Record<string, number[]>} of a dash's name: lengths in pixels, drawn and left out in turn
 */
const DASHES = {
  solid: [1],
  dash: [5, 3],
  dot: [2, 2],
  dashdot: [6, 2, 2, 2],
  longdash: [9, 3],
  longdashdot: [9, 2, 2, 2],
};

/** The legend of one chart, which knows what is hidden. */
export class Legend {
  /**
   * @param {HTMLElement} root the chart's
   * @param {() => void} toggled called when a line was hidden or shown
   */
  constructor(root, toggled) {
    this.root = root;
    this.toggled = toggled;
    this.keys = elementAt(root, ".keys");
    this.drawn = ""; // what the buttons show
    /**
     * @type {Map<string, boolean>} of a line's key: whether it is hidden, by a click or from the
     *   beginning
     */
    this.hidden = new Map();
    /** @type {(line: Trace) => boolean} */
    this.isShown = (line) => !(this.hidden.get(keyOf(line)) ?? line.visible === "legendonly");
  }

  /**
   * @param {Figure} figure
   * @param {Trace[]} coloured its lines as they are drawn
   */
  draw(figure, coloured) {
    const groups = [
      ...Map.groupBy(namedLines(figure), (line) => line.legendgroup ?? line.name).values(),
    ];
    const lines = groups.flat();
    const looks = new Map(lines.map((line) => [line, coloured[figure.data.indexOf(line)]]));
    const shown = [...looks.values()].map((
      { name, line, marker, mode, color },
    ) => [name, line, marker, mode, color]);
    const drawn = JSON.stringify(shown);
    if (drawn !== this.drawn) {
      this.drawn = drawn;
      this.keys.replaceChildren(...groups.map((group) => {
        const together = document.createElement("span");
        together.append(
          ...group.map((line) => this.key(figure, line, /** @type {Trace} */ (looks.get(line)))),
        );
        return together;
      }));
      this.sayHeight();
    }
    this.keys.querySelectorAll("button").forEach((button, i) => {
      button.setAttribute("aria-pressed", String(this.isShown(lines[i])));
    });
  }

  /**
   * Passes the legend's height, of one or several rows, to the styles: Plotly's tools are placed
   * above it.
   */
  sayHeight() {
    this.root.style.setProperty("--keys-height", `${this.keys.offsetHeight}px`);
  }

  /**
   * The button of a line. A click hides or shows the line and its unnamed companions, a double
   * click its whole group.
   * @param {Figure} figure
   * @param {Trace} line
   * @param {Trace} look the line as it is drawn; a surface has a colour, and neither line nor marks;
   *   a band has a colour that fills it
   */
  key(figure, line, { line: stroke, marker, mode = "", color, fillcolor, opacity }) {
    const button = document.createElement("button"), sample = document.createElement("i");
    const group = (/** @type {Trace} */ other) =>
      Boolean(other.legendgroup) && other.legendgroup === line.legendgroup;
    button.type = "button";
    button.setAttribute("aria-label", wordsFor(line));
    sample.ariaHidden = "true"; // a picture
    if (fillcolor) Object.assign(sample.style, { background: fillcolor, opacity });
    else if (mode.includes("lines") && stroke) sample.style.backgroundImage = stripes(stroke);
    const glyph = color ? "square" : marker?.symbol ?? "circle";
    if (mode.includes("markers") || color) sample.textContent = GLYPHS[glyph];
    sample.style.color = color ?? marker?.color ?? "";
    button.append(sample, line.name);
    const nameless = (/** @type {Trace} */ other) => other.showlegend === false && group(other);
    button.onclick = () =>
      this.toggle(figure, line, (other) => keyOf(other) === keyOf(line) || nameless(other));
    button.ondblclick = () => this.toggle(figure, line, group);
    return button;
  }

  /**
   * Hides the lines that `which` picks if `line` is in sight, else shows them.
   * @param {Figure} figure
   * @param {Trace} line
   * @param {(line: Trace) => boolean} which
   */
  toggle(figure, line, which) {
    const hide = this.isShown(line);
    for (const other of figure.data.filter(which)) this.hidden.set(keyOf(other), hide);
    this.toggled();
  }
}

/**
 * A sample of a line: its dashes, in pixels, as a background that repeats.
 * @param {Stroke} stroke
 * @returns {string}
 */
export function stripes({ color, dash = "solid" }) {
  const lengths = DASHES[dash] ?? dash.split(",").map(parseFloat);
  let at = 0;
  const stops = lengths.map((length, i) =>
    `${i % 2 ? "transparent" : color} ${at}px ${(at += length)}px`
  );
  return `repeating-linear-gradient(90deg, ${stops.join(", ")})`;
}
