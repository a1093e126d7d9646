// Points that are read one at a time, by Plotly's own labels.

import { FAR, readable } from "./values.js";

/** @typedef {import("./plotly.d.ts").PointOfTrace} PointOfTrace */

/** The labels of one chart. */
export class Labels {
  /** @param {import("./plot.js").Chart} chart */
  constructor(chart) {
    this.chart = chart;
  }

  /**
   * Label the point nearest to a finger.
   * @param {PointerEvent} event
   */
  touched(event) {
    const { drawn, gone, spatial, plot, seen } = this.chart;
    if (!drawn || gone || spatial) return;
    const { xaxis, yaxis } = plot._fullLayout, box = plot.getBoundingClientRect();
    const x = event.clientX - box.left, y = event.clientY - box.top;
    let away = FAR, nearest = null;
    for (const { line, i } of readable(seen)) {
      for (let n = 0; n < line.x.length; n++) {
        // a bar is touched at any height
        const up = line.type === "bar" ? 0 : yaxis._offset + yaxis.d2p(line.y[n]) - y;
        const far = Math.hypot(xaxis._offset + xaxis.d2p(line.x[n]) - x, up);
        if (far < away) {
          away = far;
          nearest = { curveNumber: i, pointNumber: n };
        }
      }
    }
    if (nearest) this.mark([nearest]);
    else this.unmark();
  }

  /**
   * Shows Plotly's own labels at these points. Plotly fires no event for labels that no mouse asked
   * for.
   * @param {PointOfTrace[]} points
   */
  mark(points) {
    this.chart.Plotly?.Fx.hover(this.chart.plot, points);
  }

  unmark() {
    const { drawn, compared, spatial, Plotly, plot } = this.chart;
    if (!drawn || compared || spatial) return;
    Plotly?.Fx.unhover(plot);
  }
}
