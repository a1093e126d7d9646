// Points that are read one at a time, by Plotly's own labels, with the picture of a point's image
// beside it.

import { canvasAt } from "../shared/elements.js";
import { paintBytes } from "../shared/pictures.js";
import { FAR, readable } from "./values.js";

/** @typedef {import("./plotly.d.ts").PointOfTrace} PointOfTrace */
/** @typedef {{ bytes: Uint8Array, width: number, height: number, channels?: number }} Pictures
 * one for each `customdata` of a point */

/** The labels and the picture of one chart. */
export class Labels {
  /** @param {import("./plot.js").Chart} chart */
  constructor(chart) {
    this.chart = chart;
    this.canvas = canvasAt(chart.root, ".peek");
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
    this.peek(points[0]);
  }

  unmark() {
    const { drawn, compared, spatial, Plotly, plot } = this.chart;
    if (!drawn || compared || spatial) return;
    Plotly?.Fx.unhover(plot);
    this.peek(null);
  }

  /**
   * The picture of the point that is pointed at, beside it; null takes it away.
   * @param {PointOfTrace | null} point
   */
  peek(point) {
    const { plot, pictures, size } = this.chart, { canvas } = this;
    const line = point && plot.data[point.curveNumber],
      n = point?.pointNumber ?? 0,
      i = line?.customdata?.[n];
    canvas.hidden = !pictures || i === undefined;
    if (!line || !pictures || i === undefined) return;
    const { xaxis, yaxis } = plot._fullLayout, { bytes, width, height, channels } = pictures;
    paintBytes(canvas, bytes, i, width, height, channels);
    const x = xaxis._offset + xaxis.d2p(line.x[n]),
      y = plot.offsetTop + yaxis._offset + yaxis.d2p(line.y[n]);
    // above or below the point, because Plotly's label is beside it
    canvas.style.left = `${x > (size?.width ?? 0) / 2 ? x - 102 : x + 14}px`;
    canvas.style.top = `${y < 110 ? y + 14 : y - 104}px`;
  }
}
