// A Plotly figure drawn in place: its element, zoom, legend and read-out stay when new data or
// another theme comes. Shared by every component that shows a chart: its page mounts `chart.html`,
// gives it a `Chart`, and calls `show` with whatever is new.

import { elementAt } from "../shared/elements.js";
import { hintFor, yAxes } from "./figure.js";
import { fingerDown } from "./finger.js";
import { Legend } from "./legend.js";
import { lengthen } from "./lengthen.js";
import { plotly } from "./library.js";
import { Marker } from "./marker.js";
import { Reading } from "./reading.js";
import { hasWebgl } from "./scene.js";
import { colouredLines, isCompared, themedLayout, themeOf } from "./theme.js";
import { settingsOf } from "./tools.js";

// milliseconds after which Plotly redraws lines that were lengthened, with their marks
const REDRAWN = 1000;
const NEAR = "400px"; // of the window: the library is loaded for a chart that comes so near
const NO_LIBRARY = "The chart cannot be drawn: its library could not be loaded from this server.";
const KEYS = "Left and right arrow read the values, Escape shows the whole again";
const KEYS_OF_SCENE = "The arrow keys turn it";
const NO_WEBGL = "This browser cannot draw in three dimensions: it has no WebGL.";

/** @typedef {import("./plotly.d.ts").Figure} Figure */
/** @typedef {import("./plotly.d.ts").PlotlyLibrary} PlotlyLibrary */
/** @typedef {import("./plotly.d.ts").Trace} Trace */

/**
 * library: plotly.js's route. words: what the figure shows. name: of its PNG. height: in pixels.
 * grown: nothing but its lines, which have become longer, differs from what was shown last.
 * @typedef {{
 *   library: string, words: string, name: string, height: number,
 *   grown?: boolean,
 * }} About
 */

/** The chart in an element that `chart.html` makes. */
export class Chart {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.plot = /** @type {import("./plotly.d.ts").PlotElement} */ (elementAt(root, ".plot"));
    this.scale = elementAt(root, ".scale");
    this.log = true; // whether an axis that can be logarithmic is
    /** @type {Figure | null} */
    this.figure = null;
    this.library = this.name = "";
    // whether it is a scene; whether all lines are read together
    this.spatial = this.compared = false;
    /** @type {{ width: number, height: number } | null} */
    this.size = null;
    /** @type {PlotlyLibrary | null} */
    this.Plotly = null;
    this.drawn =
      this.drawing =
      this.stale =
      this.gone =
        false;
    /** @type {Trace[]} the lines as they are drawn */
    this.seen = [];
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.redrawing = undefined; // the timer of a redrawing
    /** @type {(() => void) | null} */
    this.after = null; // to be called after each drawing
    /** @type {import("./theme.js").Theme | null} */
    this.theme = null;
    /** @type {object | null} */
    this.settings = null;
    /** @type {HTMLStyleElement | null} */
    this.styled = null;
    /** @type {((x: number) => void) | null} */
    this.picked = null; // to be called with the x of a click
    this.legend = new Legend(root, () => this.draw());
    this.reading = new Reading(this);
    this.marker = new Marker(this);
    this.scale.onclick = () => {
      this.log = !this.log;
      this.draw();
    };
    const near = /** @type {IntersectionObserverInit} */ ({ rootMargin: NEAR, scrollMargin: NEAR });
    this.near = new IntersectionObserver((seen) => {
      if (seen.some((entry) => entry.isIntersecting)) this.load();
    }, near);
    this.near.observe(root);
    this.resizer = new ResizeObserver(() => this.resized());
    this.resizer.observe(this.plot);
  }

  dispose() {
    this.gone = true;
    this.near.disconnect();
    this.resizer.disconnect();
    clearTimeout(this.redrawing);
    if (this.drawn) this.Plotly?.purge(this.plot);
  }

  /**
   * @param {Figure} figure
   * @param {About} about
   */
  show(figure, { library, words, name, height, grown = false }) {
    this.figure = figure;
    this.library = library;
    this.name = name;
    this.spatial = Boolean(figure.layout.scene);
    this.compared = isCompared(figure);
    this.root.style.setProperty("--chart-height", `${height}px`);
    this.plot.setAttribute("aria-label", `${words}. ${this.spatial ? KEYS_OF_SCENE : KEYS}.`);
    elementAt(this.root, ".hint").textContent = hintFor(figure, Boolean(this.picked));
    this.scale.hidden = !yAxes(figure).some((axis) => figure.layout[axis].type === "log");
    if (!grown || !this.drawOn()) this.draw();
  }

  async load(library = this.library) {
    this.near.disconnect();
    if (this.Plotly || this.gone) return;
    elementAt(this.root, ".failed").hidden = true; // it is tried again
    if (this.spatial && !hasWebgl()) {
      this.fail(NO_WEBGL);
      return;
    }
    try {
      this.Plotly = await plotly(library);
    } catch {
      this.fail(NO_LIBRARY);
      return;
    }
    this.draw();
  }

  /** @param {string} sentence */
  fail(sentence) {
    const place = elementAt(this.root, ".failed");
    place.textContent = sentence;
    place.hidden = false;
  }

  resized() {
    const { clientWidth: width, clientHeight: height } = this.plot;
    if (!width) return; // out of sight it keeps the size it had
    if (this.size?.width === width && this.size.height === height) return;
    this.size = { width, height };
    this.legend.sayHeight();
    this.draw();
  }

  /** The page has perhaps another theme; `show` follows. */
  themed() {
    this.theme = null;
  }

  colours() {
    return (this.theme ??= themeOf(this.root));
  }

  /** @param {Figure} figure */
  linesOf(figure) {
    return colouredLines(figure.data, this.colours(), this.legend.isShown);
  }

  /**
   * Draws the figure. If it is drawing already, it draws again afterwards. What makes the browser
   * lay out the page is read only if it may have changed.
   */
  async draw() {
    const { Plotly, figure, size } = this;
    if (!Plotly || !figure || !size || this.gone) return;
    if (this.drawing) {
      this.stale = true;
      return;
    }
    this.drawing = true;
    this.stale = false;
    clearTimeout(this.redrawing);
    this.redrawing = undefined;
    this.scale.textContent = `Log scale: ${this.log ? "on" : "off"}`;
    this.scale.setAttribute("aria-pressed", String(this.log));
    const lines = this.linesOf(figure), { isShown } = this.legend;
    this.legend.draw(figure, lines);
    const layout = themedLayout(figure, { theme: this.colours(), isShown, log: this.log, size });
    try {
      await Plotly.react(this.plot, lines, layout, this.settings ??= settingsOf(this, Plotly));
    } finally {
      this.drawing = false;
    }
    if (this.gone) {
      Plotly.purge(this.plot);
      return;
    }
    if (!this.drawn) this.listen();
    this.drawn = true;
    this.seen = lines;
    this.style();
    this.reading.point(this.reading.at); // the line moved under the cross-hair
    this.marker.place();
    this.after?.();
    if (this.stale) this.draw();
  }

  /**
   * Lengthens the lines; Plotly redraws them a second later. Returns false if it has to redraw them
   * now.
   */
  drawOn() {
    if (!this.drawn || this.drawing || !this.figure) return false;
    this.redrawing ??= setTimeout(() => this.drawLater(), REDRAWN);
    if (this.plot._dragging) return true; // Plotly moves them just now
    const lines = this.linesOf(this.figure);
    if (!lengthen(this.plot, lines, this.seen)) return false;
    this.seen = lines;
    this.reading.point(this.reading.at);
    this.marker.place();
    this.after?.();
    return true;
  }

  /** A redraw takes Plotly three frames, so it waits while something is dragged. */
  drawLater() {
    if (fingerDown) this.redrawing = setTimeout(() => this.drawLater(), REDRAWN);
    else this.draw();
  }

  listen() {
    this.plot.on("plotly_relayout", () => this.marker.place());
  }

  /** Plotly writes its rules into the document's head, which a shadow root does not see. */
  style() {
    const rules =
      /** @type {HTMLStyleElement | null} */ (document.getElementById("plotly.js-style-global"));
    if (this.styled || !rules?.sheet) return;
    this.styled = document.createElement("style");
    this.styled.textContent = [...rules.sheet.cssRules].map((rule) => rule.cssText).join("\n");
    this.root.prepend(this.styled);
  }
}
