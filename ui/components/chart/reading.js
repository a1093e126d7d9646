// Reading values off a chart, by mouse, finger and keyboard alike: a cross-hair with what every
// line has there, also said to a screen reader.

import { elementAt, sayText } from "../shared/elements.js";
import { brief, grouped } from "../shared/numbers.js";
import { wordsFor, xAxes, yAxes } from "./figure.js";
import { Labels } from "./labels.js";
import { eyeAfter, eyeOf } from "./scene.js";
import { HELD, stopByKey, stopNear, stopsOf, valuesAt } from "./values.js";

const SETTLES = 60; // milliseconds until Plotly has let go of a finger

/** @typedef {import("./values.js").There} There */

/** What is read off one chart. */
export class Reading {
  /** @param {import("./plot.js").Chart} chart */
  constructor(chart) {
    const { plot, root } = chart;
    this.chart = chart;
    this.labels = new Labels(chart);
    this.tip = elementAt(root, ".tip");
    this.hair = elementAt(root, ".hair");
    /** @type {number | null} the x that is read */
    this.at = null;
    plot.onkeydown = (event) => this.pressed(event);
    plot.onpointermove = (event) => {
      if (event.pointerType !== "touch") this.point(event.buttons ? null : this.under(event));
    };
    plot.onpointerleave = (event) => {
      if (event.pointerType !== "touch") this.point(null);
    };
    plot.onblur = () => {
      this.point(null);
      this.labels.unmark();
    };
    this.listenToTaps();
    plot.addEventListener("pointerdown", (event) => this.listenToClick(event), true);
  }

  /** A tap reads the values; a finger that moves scrolls the page. */
  listenToTaps() {
    const { plot } = this.chart;
    /** @type {PointerEvent | null} */
    let down = null;
    plot.addEventListener("pointerdown", (event) => {
      down = event;
    }, true);
    plot.addEventListener("pointerup", (event) => {
      if (event.pointerType !== "touch" || isOnTools(event) || !down) return;
      if (Math.hypot(event.clientX - down.clientX, event.clientY - down.clientY) > HELD) return;
      if (!this.chart.compared) {
        setTimeout(() => this.labels.touched(event), SETTLES);
        return;
      }
      this.point(this.under(event));
      this.say();
    }, true);
  }

  /**
   * A click that has not become a drag picks its x. Plotly covers the page while a button is down,
   * so that the window hears of the end.
   * @param {PointerEvent} down
   */
  listenToClick(down) {
    const { chart } = this;
    if (!chart.picked || !chart.drawn || down.button || isOnTools(down)) return;
    const axis = chart.plot._fullLayout.xaxis,
      at = down.clientX - chart.plot.getBoundingClientRect().left - axis._offset;
    if (at < 0 || at > axis._length) return;
    addEventListener("pointerup", (up) => {
      const far = Math.hypot(up.clientX - down.clientX, up.clientY - down.clientY);
      if (far <= HELD) chart.picked?.(axis.p2d(at));
    }, { once: true, capture: true });
  }

  /**
   * The x to read under the pointer; null if none is near.
   * @param {PointerEvent} event
   */
  under(event) {
    const { drawn, compared, plot, seen } = this.chart;
    if (!drawn || !compared || isOnTools(event)) return null;
    const axis = plot._fullLayout.xaxis,
      at = event.clientX - plot.getBoundingClientRect().left - axis._offset;
    return at < 0 || at > axis._length ? null : stopNear(seen, (x) => Math.abs(axis.d2p(x) - at));
  }

  /**
   * Show the cross-hair and what every line has at x; null takes it away.
   * @param {number | null} x
   */
  point(x) {
    const { drawn, compared, spatial, seen } = this.chart,
      there = x === null || !drawn ? [] : valuesAt(seen, x);
    this.at = there.length ? x : null;
    this.tip.hidden = this.hair.hidden = !there.length || !compared;
    if (!compared && drawn && !spatial && there.length) {
      this.labels.mark(there.map(({ i, n }) => ({ curveNumber: i, pointNumber: n })));
    }
    if (x !== null && !this.tip.hidden) this.showTip(x, there);
  }

  /**
   * @param {number} x
   * @param {There[]} there
   */
  showTip(x, there) {
    const { plot, size } = this.chart, { tip, hair } = this, { xaxis, yaxis } = plot._fullLayout;
    const at = xaxis._offset + xaxis.d2p(x),
      top = yaxis._offset,
      width = size?.width ?? 0;
    const values = there.map(({ line, n }) => ({
      colour: line.line?.color,
      text: valueOf(line, n),
    }));
    const rows = [{ colour: null, text: `step ${grouped(Math.round(x))}` }, ...values];
    while (tip.children.length < rows.length) tip.append(document.createElement("div"));
    [...tip.children].forEach((child, i) => {
      const row = /** @type {HTMLElement} */ (child);
      row.hidden = i >= rows.length;
      if (row.hidden) return;
      row.style.borderLeftColor = rows[i].colour || "transparent";
      sayText(row, rows[i].text);
    });
    Object.assign(hair.style, { left: `${at}px`, top: `${top}px`, height: `${yaxis._length}px` });
    tip.style.top = `${top}px`;
    tip.style.left = `${
      at + 10 + tip.offsetWidth <= width ? at + 10 : Math.max(0, at - tip.offsetWidth - 10)
    }px`;
  }

  /** Gives a screen reader the values under the cross-hair. */
  say() {
    const { seen, figure, root } = this.chart,
      there = this.at === null ? [] : valuesAt(seen, this.at);
    if (this.at === null || !figure || !there.length) return;
    const values = there.map(({ line, n }) => line.hovertext?.[n] ?? valueOf(line, n));
    const place = there[0].line.hovertext
      ? ""
      : `${figure.layout.xaxis.title.text} ${brief(this.at)}: `;
    elementAt(root, ".said").textContent = place + values.join(", ");
  }

  /**
   * Arrow keys go from one value of x to the next; Home and End go to the ends; Escape shows the
   * whole. A scene turns.
   * @param {KeyboardEvent} event
   */
  pressed(event) {
    const { drawn, plot, spatial, Plotly, figure, seen } = this.chart;
    if (
      !drawn || !Plotly || !figure || event.target !== plot || event.ctrlKey || event.metaKey ||
      event.altKey
    ) return;
    if (spatial) {
      const eye = eyeAfter(event.key, eyeOf(plot));
      if (!eye) return;
      event.preventDefault();
      Plotly.relayout(plot, { "scene.camera.eye": eye });
    } else if (event.key === "Escape") {
      const axes = [...xAxes(figure), ...yAxes(figure)];
      Plotly.relayout(plot, Object.fromEntries(axes.map((name) => [`${name}.autorange`, true])));
    } else {
      const next = stopByKey(stopsOf(seen), this.at, event.key);
      if (next === null) return;
      event.preventDefault();
      this.point(next);
      this.say();
    }
  }
}

/**
 * @param {import("./plotly.d.ts").Trace} line
 * @param {number} n
 */
function valueOf(line, n) {
  const upper = line.meta?.upper, range = upper ? ` to ${brief(Number(upper[n]))}` : ""; // of a band
  return `${wordsFor(line)} ${brief(Number(line.y[n]))}${range}`;
}

/** @param {PointerEvent} event */
function isOnTools(event) {
  return Boolean(/** @type {Element} */ (event.target).closest(".modebar"));
}
