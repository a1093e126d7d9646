// One Plotly figure, drawn in place: its element, zoom and legend stay when new data or another theme comes.

const instances = new WeakMap();

export default function ({ data: [data], parentElement }) {
  let chart = instances.get(parentElement);
  if (!chart) instances.set(parentElement, (chart = new Chart(parentElement)));
  chart.update(data);
  return () => { chart.dispose(); instances.delete(parentElement); };
}

const FULL_SCREEN = { width: 24, height: 24, path: "M7 14H5v5h5v-2H7v-3zM5 10h2V7h3V5H5v5zm12 7h-3v2h5v-5h-2v3zM14 5v2h3v3h2V5h-5z" };
const pretty = (v) => (Math.abs(v) >= 1000 ? Math.round(v).toLocaleString("en") : Number(v.toPrecision(4)).toString());

/** The library, asked for once by all charts of the browser's page. */
function plotly(route) {
  if (window.labPlotly) return window.labPlotly;
  const base = location.pathname.replace(/\/[^/]*$/, ""); // the page's own folder, so a path prefix is kept
  window.labPlotly = new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = base + route;
    script.onload = () => (window.Plotly ? resolve(window.Plotly) : reject(new Error("no plotly.js there")));
    script.onerror = () => reject(new Error("no plotly.js there"));
    document.head.append(script);
  });
  window.labPlotly.catch(() => { window.labPlotly = null; }); // the next chart asks again
  return window.labPlotly;
}

class Chart {
  constructor(parent) {
    this.root = parent.querySelector(".chart");
    this.plot = this.root.querySelector(".plot");
    this.scale = this.root.querySelector(".scale");
    this.log = true;
    this.near = new IntersectionObserver((seen) => { if (seen.some((entry) => entry.isIntersecting)) this.load(); }, { rootMargin: "400px" });
    this.near.observe(this.root);
    this.resizer = new ResizeObserver(() => { if (this.drawn && this.plot.clientWidth) this.Plotly.Plots.resize(this.plot); });
    this.resizer.observe(this.plot);
    this.scale.onclick = () => { this.log = !this.log; this.draw(); };
    this.plot.onkeydown = (event) => this.pressed(event);
    this.plot.onblur = () => { if (this.drawn) this.Plotly.Fx.unhover(this.plot); this.place = null; };
  }

  dispose() {
    this.gone = true;
    this.near.disconnect();
    this.resizer.disconnect();
    if (this.drawn) this.Plotly.purge(this.plot);
  }

  update(data) {
    this.data = data;
    this.figure = JSON.parse(data.figure);
    this.place = null;
    this.root.style.setProperty("--chart-height", `${data.height}px`);
    this.plot.setAttribute("aria-label", `${data.words}. Left and right arrow read the values, Escape shows the whole again.`);
    this.scale.hidden = this.figure.layout.yaxis.type !== "log";
    if (this.Plotly) this.draw();
  }

  async load() {
    this.near.disconnect();
    try { this.Plotly = await plotly(this.data.library); } catch { this.root.querySelector(".failed").hidden = false; return; }
    if (!this.gone) this.draw();
  }

  async draw() {
    this.scale.textContent = `Log scale: ${this.log ? "on" : "off"}`;
    this.scale.setAttribute("aria-pressed", this.log);
    await this.Plotly.react(this.plot, this.figure.data, this.layout(), {
      displaylogo: false, displayModeBar: true, scrollZoom: false, doubleClick: "reset",
      modeBarButtons: [["toImage"], ["zoom2d", "pan2d", "resetScale2d"], [{ name: "fullscreen", title: "Full screen", icon: FULL_SCREEN, click: () => this.fullScreen() }]],
      toImageButtonOptions: { format: "png", filename: this.data.words, scale: 3 },
    });
    this.drawn = true;
    this.style();
  }

  fullScreen() {
    if (document.fullscreenElement) document.exitFullscreen();
    else this.root.requestFullscreen();
  }

  /** Plotly writes its rules into the document's head, which a shadow root does not see. */
  style() {
    const rules = document.getElementById("plotly.js-style-global");
    if (this.styled || !rules) return;
    this.styled = document.createElement("style");
    this.styled.textContent = [...rules.sheet.cssRules].map((rule) => rule.cssText).join("\n");
    this.root.prepend(this.styled);
  }

  /** The figure's layout in the page's colours. */
  layout() {
    const style = getComputedStyle(this.root), colour = (name) => style.getPropertyValue(name).trim();
    const ink = style.color, paper = colour("--st-background-color"), grid = colour("--st-border-color");
    const given = this.figure.layout, axis = (own) => ({ ...own, gridcolor: grid, linecolor: grid, zerolinecolor: grid, spikecolor: ink });
    return {
      ...given, autosize: true, paper_bgcolor: paper, plot_bgcolor: paper,
      font: { family: style.fontFamily, size: 12, color: ink },
      hoverlabel: { bgcolor: paper, bordercolor: grid, font: { color: ink } },
      modebar: { bgcolor: "rgba(0,0,0,0)", color: ink, activecolor: colour("--st-primary-color") },
      shapes: (given.shapes || []).map((shape) => ({ ...shape, line: { ...shape.line, color: ink } })),
      xaxis: axis(given.xaxis),
      yaxis: { ...axis(given.yaxis), ...(given.yaxis.type === "log" && !this.log ? { type: "linear", rangemode: "tozero" } : {}) },
    };
  }

  /** Arrow keys go from one value of x to the next and say what every line has there; Home and End go to the ends. */
  pressed(event) {
    if (!this.drawn || event.target !== this.plot) return;
    if (event.key === "Escape") { this.Plotly.relayout(this.plot, { "xaxis.autorange": true, "yaxis.autorange": true }); return; }
    const lines = this.plot.data.map((line, i) => ({ line, i })).filter(({ line }) => line.visible !== "legendonly");
    const stops = [...new Set(lines.flatMap(({ line }) => [...line.x]))].sort((a, b) => a - b), last = stops.length - 1;
    const here = this.place ?? (event.key === "ArrowLeft" ? last + 1 : -1);
    const next = { ArrowLeft: here - 1, ArrowRight: here + 1, Home: 0, End: last }[event.key];
    if (next === undefined || last < 0) return;
    event.preventDefault();
    this.place = Math.max(0, Math.min(last, next));
    const x = stops[this.place];
    const at = lines.map(({ line, i }) => ({ line, curveNumber: i, pointNumber: [...line.x].indexOf(x) })).filter(({ pointNumber }) => pointNumber >= 0);
    this.Plotly.Fx.hover(this.plot, at.map(({ curveNumber, pointNumber }) => ({ curveNumber, pointNumber })));
    const values = at.map(({ line, pointNumber: n }) => line.hovertext?.[n] ?? `${line.name} ${pretty(line.y[n])}`);
    const [first] = at, where = first.line.hovertext ? "" : `${this.figure.layout.xaxis.title.text} ${pretty(x)}: `;
    this.root.querySelector(".said").textContent = where + values.join(", ");
  }
}
