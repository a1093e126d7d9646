// plotly.js, which comes from this server: 4.7 MB, so it is asked for when a chart comes near, and
// once by all charts of a page.

import { addressOf } from "../shared/address.js";

/**
 * @param {string} route
 * @returns {Promise<import("./plotly.d.ts").PlotlyLibrary>}
 */
export function plotly(route) {
  if (globalThis.labPlotly) return globalThis.labPlotly;
  /** @type {Promise<import("./plotly.d.ts").PlotlyLibrary>} */
  const coming = new Promise((resolve, reject) => {
    const script = document.createElement("script"),
      failed = () => reject(new Error("no plotly.js there"));
    script.src = addressOf(route);
    script.onload = () => (globalThis.Plotly ? resolve(globalThis.Plotly) : failed());
    script.onerror = failed;
    document.head.append(script);
  });
  globalThis.labPlotly = coming;
  coming.catch(() => {
    globalThis.labPlotly = null;
  }); // the next chart asks again
  return coming;
}
