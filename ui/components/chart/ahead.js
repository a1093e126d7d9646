// Brings the library while the page is idle, so that the first chart need not wait for it.

import { addressOf } from "../shared/address.js";
import { plotly } from "./library.js";

const SETTLED = 1500; // milliseconds: whatever the page itself has to draw and to fetch comes first

/**
 * Streamlit calls it when the component is mounted, and the function it returns when the component
 * is removed.
 * @param {{ data: [{ library: string, start: boolean }] }} component start: also run the library
 */
export default function ({ data: [{ library, start }] }) {
  const begin = () => {
    if (start) plotly(library).then((Plotly) => whenIdle(() => tryOut(Plotly)), () => {});
    else fetchAhead(library);
  };
  const timer = setTimeout(() => whenIdle(begin), start ? SETTLED / 3 : SETTLED);
  return () => clearTimeout(timer);
}

/** @param {() => void} then */
function whenIdle(then) {
  if ("requestIdleCallback" in globalThis) requestIdleCallback(then);
  else setTimeout(then, 1); // not every browser has requestIdleCallback
}

/**
 * Fetches it into the browser's cache. Running it takes half a second, in which no slider would
 * move.
 * @param {string} library
 */
function fetchAhead(library) {
  const href = addressOf(library), link = document.createElement("link");
  if (document.querySelector(`link[href="${href}"]`)) return;
  document.head.append(Object.assign(link, { rel: "prefetch", as: "script", href }));
}

/**
 * Draws a chart out of sight, because a page's first drawing takes twice as long as the next.
 * @param {import("./plotly.d.ts").PlotlyLibrary} Plotly
 */
function tryOut(Plotly) {
  if (!globalThis.labPlotly || globalThis.labPlotly.tried) return;
  globalThis.labPlotly.tried = true;
  const place = document.createElement("div");
  const layout = { width: 600, height: 250, showlegend: false, yaxis: { type: "log" } };
  const values = {
    type: "scatter",
    mode: "lines+markers",
    x: [1, 2, 3],
    y: [1, 2, 3],
    line: { dash: "dash" },
  };
  Plotly.newPlot(place, [{ name: "a", ...values }, { name: "b", ...values }], layout).then(() =>
    Plotly.purge(place)
  );
}
