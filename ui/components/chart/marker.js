// A line at one x of a chart that stays, whatever is zoomed or added.

import { elementAt } from "../shared/elements.js";

/** The line of one chart. */
export class Marker {
  /** @param {import("./plot.js").Chart} chart */
  constructor(chart) {
    this.chart = chart;
    this.line = elementAt(chart.root, ".here");
    /** @type {number | null} */
    this.x = null;
  }

  /** @param {number | null} x null takes it away */
  show(x) {
    this.x = x;
    this.place();
  }

  /** Puts it where its x is now. */
  place() {
    const { x, line, chart: { drawn, plot } } = this;
    if (x === null || !drawn) {
      line.hidden = true;
      return;
    }
    const { xaxis, yaxis } = plot._fullLayout, at = xaxis.d2p(x);
    line.hidden = at < 0 || at > xaxis._length; // zoomed out of sight
    line.style.transform = `translateX(${xaxis._offset + at - 1}px)`;
    line.style.top = `${yaxis._offset}px`;
    line.style.height = `${yaxis._length}px`;
  }
}
