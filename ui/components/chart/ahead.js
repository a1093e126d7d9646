// Brings the library while the page is idle, so that the first chart need not wait for it.

const SETTLED = 1500; // milliseconds: whatever the page itself has to draw and to fetch comes first

export default function ({ data: [{ library, start }] }) {
  const idle = window.requestIdleCallback || ((then) => setTimeout(then, 1)); // not in every browser
  const timer = setTimeout(() => idle(() => (start ? plotly(library).then((Plotly) => idle(() => tried(Plotly)), () => {}) : fetched(library))), start ? SETTLED / 3 : SETTLED);
  return () => clearTimeout(timer);
}

/** Into the browser's cache, no further: to run it takes half a second, in which no slider would move. */
function fetched(library) {
  const href = addressOf(library);
  if (!document.querySelector(`link[href="${href}"]`)) document.head.append(Object.assign(document.createElement("link"), { rel: "prefetch", as: "script", href }));
}

/** A drawing that nobody sees: the first one of a browser's page takes twice as long as the next. */
function tried(Plotly) {
  if (window.labPlotly.tried) return;
  window.labPlotly.tried = true;
  const place = document.createElement("div"), line = (name) => ({ name, type: "scatter", mode: "lines+markers", x: [1, 2, 3], y: [1, 2, 3], line: { dash: "dash" } });
  Plotly.newPlot(place, [line("a"), line("b")], { width: 600, height: 250, showlegend: false, yaxis: { type: "log" } }).then(() => Plotly.purge(place));
}
