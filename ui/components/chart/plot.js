// A Plotly figure drawn in place: its element, zoom, legend and read-out stay when new data or another theme comes.
// Shared by every component that shows a chart: its page mounts `chart.html`, gives it a `Chart`, and calls `show` with whatever is new.

const FULL_SCREEN = { width: 24, height: 24, path: "M7 14H5v5h5v-2H7v-3zM5 10h2V7h3V5H5v5zm12 7h-3v2h5v-5h-2v3zM14 5v2h3v3h2V5h-5z" };
// A picture is for paper, whatever the page's theme; and it cannot use the page's own font, in which its legend would be measured.
const PRINTED = { ink: "#17202e", paper: "#ffffff", grid: "#d8dfea", accent: "#2463c9", font: "Arial, Helvetica, sans-serif" };
const GLYPHS = { // in the legend, as Plotly draws them
  circle: "●", square: "■", diamond: "◆", "triangle-up": "▲", x: "✖", star: "★", "triangle-down": "▼", pentagon: "⬟", cross: "✚", hexagram: "✶",
};
const TURN = 0.1; // radians that an arrow key turns a scene by
const HELD = 4; // pixels: what has not been dragged farther is a tap
const FAR = 40; // pixels: no value is read from farther away
const SETTLES = 60; // milliseconds until Plotly has let go of a finger
const REDRAWN = 1000; // milliseconds after which Plotly draws lines anew that were lengthened, with their marks
const keyOf = (line) => `${line.legendgroup}|${line.name}|${line.meta?.split}`;
const wordsFor = (line) => line.meta?.words ?? line.name;
const brief = (v) => (Math.abs(v) >= 1000 ? Math.round(v).toLocaleString("en") : v !== 0 && Math.abs(v) < 1e-4 ? v.toExponential(2) : Number(v.toPrecision(4)).toString());

let fingerDown = false; // anywhere on the page, or a mouse's button
addEventListener("pointerdown", (event) => { fingerDown = event.button === 0; }, true);
addEventListener("pointermove", (event) => { if (!event.buttons) fingerDown = false; }, true); // it was let go where no page hears of it
for (const over of ["pointerup", "pointercancel"]) addEventListener(over, () => { fingerDown = false; }, true);
addEventListener("blur", () => { fingerDown = false; }); // the window's own

/** The library, asked for once by all charts of the browser's page. */
function plotly(route) {
  if (window.labPlotly) return window.labPlotly;
  window.labPlotly = new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = addressOf(route);
    script.onload = () => (window.Plotly ? resolve(window.Plotly) : reject(new Error("no plotly.js there")));
    script.onerror = () => reject(new Error("no plotly.js there"));
    document.head.append(script);
  });
  window.labPlotly.catch(() => { window.labPlotly = null; }); // the next chart asks again
  return window.labPlotly;
}

/** A route of this server, in the page's own folder, so that a path prefix is kept. */
function addressOf(route) { return location.pathname.replace(/\/[^/]*$/, "") + route; }

class Chart {
  constructor(root) {
    this.root = root;
    this.plot = root.querySelector(".plot");
    this.scale = root.querySelector(".scale");
    this.log = true;
    this.hidden = new Map(); // of a line's key: whether it is hidden, by a click or from the beginning
    this.keys = this.root.querySelector(".keys");
    this.near = new IntersectionObserver((seen) => { if (seen.some((entry) => entry.isIntersecting)) this.load(); }, { rootMargin: "400px", scrollMargin: "400px" });
    this.near.observe(root);
    this.resizer = new ResizeObserver(() => {
      const { clientWidth: width, clientHeight: height } = this.plot;
      if (!width || (this.size?.width === width && this.size.height === height)) return; // out of sight it keeps the size it had
      this.size = { width, height };
      this.sayKeysHeight();
      this.draw();
    });
    this.resizer.observe(this.plot);
    this.scale.onclick = () => { this.log = !this.log; this.draw(); };
    this.plot.onkeydown = (event) => this.pressed(event);
    this.plot.onpointermove = (event) => { if (event.pointerType !== "touch") this.point(event.buttons ? null : this.under(event)); };
    this.plot.onpointerleave = (event) => { if (event.pointerType !== "touch") this.point(null); };
    this.plot.onblur = () => { this.point(null); this.unmark(); };
    let from = null; // a finger that is lifted where it came down reads; one that moves scrolls the page
    this.plot.addEventListener("pointerdown", (event) => { from = [event.clientX, event.clientY]; }, true);
    this.plot.addEventListener("pointerup", (event) => {
      if (event.pointerType !== "touch" || event.target.closest(".modebar") || !from || Math.hypot(event.clientX - from[0], event.clientY - from[1]) > HELD) return;
      if (!this.compared) { setTimeout(() => this.touched(event), SETTLES); return; }
      this.point(this.under(event));
      this.say();
    }, true);
  }

  dispose() {
    this.gone = true;
    this.near.disconnect();
    this.resizer.disconnect();
    clearTimeout(this.redrawing);
    if (this.drawn) this.Plotly.purge(this.plot);
  }

  /** figure: {data, layout}. words: what it shows. name: of its PNG. pictures: {bytes, width, height}, one for each `customdata` of a point.
   * grown: nothing but its lines, which have become longer, differs from what was shown last. */
  show(figure, { library, words, name, height, pictures, grown = false }) {
    Object.assign(this, { figure, library, name, pictures, spatial: Boolean(figure.layout.scene), compared: figure.layout.hovermode === "x unified" });
    this.root.style.setProperty("--chart-height", `${height}px`);
    const keys = this.spatial ? "The arrow keys turn it" : "Left and right arrow read the values, Escape shows the whole again";
    this.plot.setAttribute("aria-label", `${words}. ${keys}.`);
    const named = this.named(), groups = named.map((line) => line.legendgroup).filter(Boolean);
    const click = named.length < 2 ? "" : ` · a click on a name hides ${figure.layout.hovermode === "closest" ? "a class" : new Set(groups).size < groups.length ? "a line, two its pair" : "a line"}`;
    this.root.querySelector(".hint").textContent = this.spatial ? "drag to turn" : `drag to zoom${click}`;
    this.scale.hidden = !this.axes("yaxis").some((name) => figure.layout[name].type === "log");
    if (!grown || !this.drawOn()) this.draw();
  }

  async load(library = this.library) {
    this.near.disconnect();
    if (this.Plotly || this.gone) return;
    this.root.querySelector(".failed").hidden = true; // it is tried again
    if (this.spatial && !webgl()) { this.fail("This browser cannot draw in three dimensions: it has no WebGL."); return; }
    try { this.Plotly = await plotly(library); } catch { this.fail("The chart cannot be drawn: its library could not be loaded from this server."); return; }
    this.draw();
  }

  fail(sentence) {
    const place = this.root.querySelector(".failed");
    place.textContent = sentence;
    place.hidden = false;
  }

  /** One drawing at a time; what comes meanwhile is drawn after it. All that makes the browser lay the page out is asked for only when it may have changed. */
  async draw() {
    if (!this.Plotly || !this.figure || !this.size || this.gone) return;
    if (this.drawing) { this.stale = true; return; }
    this.drawing = true;
    this.stale = false;
    clearTimeout(this.redrawing);
    this.redrawing = null;
    this.scale.textContent = `Log scale: ${this.log ? "on" : "off"}`;
    this.scale.setAttribute("aria-pressed", this.log);
    const colours = (this.theme ??= this.colours()), lines = this.lines(colours);
    this.legend(lines);
    try { await this.Plotly.react(this.plot, lines, this.layout(colours), (this.settings ??= this.options())); } finally { this.drawing = false; }
    if (this.gone) { this.Plotly.purge(this.plot); return; }
    if (!this.drawn) this.listen();
    Object.assign(this, { drawn: true, seen: lines });
    this.style();
    this.point(this.at); // the line moved under the cross-hair
    this.after?.();
    if (this.stale) this.draw();
  }

  /** Lengthen the lines where Plotly drew them, on its axes; it draws them anew a second later, which takes the page far longer. False where it has to at
   * once: a line has begun or has a new piece, or leaves the axes. */
  drawOn() {
    if (!this.drawn || this.drawing) return false;
    this.redrawing ??= setTimeout(() => this.drawLater(), REDRAWN);
    if (this.plot._dragging) return true; // Plotly moves them just now
    const lines = this.lines((this.theme ??= this.colours())), axis = (id) => this.plot._fullLayout[id.replace(/^./, "$&axis")], pieces = [];
    if (lines.length !== this.seen.length) return false;
    for (const [i, { x, y, visible }] of lines.entries()) {
      if (!visible || !x.length) continue;
      const { uid, xaxis, yaxis } = this.plot._fullData[i], gap = x.lastIndexOf(null), piece = [...this.plot.querySelectorAll(`.trace${uid} .js-line`)].at(-1);
      const path = piece && gap === this.seen[i].x.lastIndexOf(null) && pathOf(x, y, gap + 1, axis(xaxis), axis(yaxis));
      if (!path) return false;
      pieces.push([piece, path]);
    }
    for (const [piece, path] of pieces) piece.setAttribute("d", path);
    this.seen = lines;
    this.point(this.at);
    this.after?.();
    return true;
  }

  /** Plotly takes three frames, so not under a finger that moves something: that shall keep up with it. */
  drawLater() {
    if (fingerDown) this.redrawing = setTimeout(() => this.drawLater(), REDRAWN);
    else this.draw();
  }

  listen() {
    this.plot.on("plotly_hover", ({ points: [point] }) => this.peek(point));
    this.plot.on("plotly_unhover", () => this.peek(null));
  }

  /** Made once: where anything in it is another object, Plotly draws the whole chart anew. */
  options() {
    const own = [{ name: "png", title: "Download as PNG", icon: this.Plotly.Icons.camera, click: () => this.picture() }];
    const looks = this.spatial ? ["orbitRotation", "zoom3d", "pan3d", "resetCameraDefault3d"] : ["zoom2d", "pan2d", "autoScale2d"];
    const whole = [{ name: "fullscreen", title: "Full screen", icon: FULL_SCREEN, click: () => this.fullScreen() }];
    return { displaylogo: false, displayModeBar: true, scrollZoom: this.spatial, doubleClick: "autosize", modeBarButtons: [own, looks, whole], showTips: false };
  }

  fullScreen() {
    if (document.fullscreenElement) document.exitFullscreen();
    else this.root.requestFullscreen();
  }

  /** A PNG wide enough for print, 17 cm at 300 dots an inch, of what is in sight. */
  picture() {
    const seen = this.plot.layout, layout = this.layout(PRINTED);
    for (const name of [...this.axes("xaxis"), ...this.axes("yaxis")]) layout[name] = { ...layout[name], range: seen[name].range, autorange: false };
    if (this.spatial) layout.scene = { ...layout.scene, camera: seen.scene.camera };
    layout.legend = { orientation: "h", x: 0, y: 1, yanchor: "bottom" };
    layout.showlegend = this.named().length > 0;
    return this.Plotly.downloadImage({ data: this.lines(PRINTED), layout }, { format: "png", filename: this.name, width: 800, height: this.spatial ? 600 : 450, scale: 2.5 });
  }

  /** Plotly writes its rules into the document's head, which a shadow root does not see. */
  style() {
    const rules = document.getElementById("plotly.js-style-global");
    if (this.styled || !rules) return;
    this.styled = document.createElement("style");
    this.styled.textContent = [...rules.sheet.cssRules].map((rule) => rule.cssText).join("\n");
    this.root.prepend(this.styled);
  }

  // ------------------------------------------------------------------------------------ the figure in the page's colours

  /** The page has perhaps another theme; `show` follows. */
  themed() { this.theme = null; }

  colours() {
    const style = getComputedStyle(this.root), named = (name) => style.getPropertyValue(name).trim();
    return { font: style.fontFamily, ink: style.color, paper: named("--st-background-color"), grid: named("--st-border-color"), accent: named("--st-primary-color") };
  }

  axes(kind) { return Object.keys(this.figure.layout).filter((name) => name.startsWith(kind)); }

  isShown(line) { return !(this.hidden.get(keyOf(line)) ?? line.visible === "legendonly"); }

  /** The lines that the legend names: none where there is but one. */
  named() {
    const named = this.figure.layout.showlegend === false ? [] : this.figure.data.filter((line) => line.showlegend !== false);
    return named.length < 2 ? [] : named;
  }

  /** Buttons with the lines' names above the chart: Plotly's own legend knows no keyboard, waits half a second for a second click, and drawing it takes
   * a third of an update. */
  legend(coloured) {
    const groups = [...Map.groupBy(this.named(), (line) => line.legendgroup ?? line.name).values()], lines = groups.flat();
    const looks = new Map(lines.map((line) => [line, coloured[this.figure.data.indexOf(line)]]));
    const drawn = JSON.stringify([...looks.values()].map(({ name, line, marker, mode, color }) => [name, line, marker, mode, color]));
    if (drawn !== this.keysDrawn) {
      this.keysDrawn = drawn;
      this.keys.replaceChildren(...groups.map((group) => {
        const together = document.createElement("span");
        together.append(...group.map((line) => this.key(line, looks.get(line))));
        return together;
      }));
      this.sayKeysHeight();
    }
    this.keys.querySelectorAll("button").forEach((button, i) => button.setAttribute("aria-pressed", this.isShown(lines[i])));
  }

  /** Plotly's tools stand above the legend, which may take several rows. */
  sayKeysHeight() { this.root.style.setProperty("--keys-height", `${this.keys.offsetHeight}px`); }

  /** A click hides or shows the line, and what goes by its name without one of its own; two its group. */
  key(line, { line: stroke, marker, mode = "", color }) { // a surface has a colour, and neither line nor marks
    const button = document.createElement("button"), sample = document.createElement("i");
    const group = (other) => other.legendgroup && other.legendgroup === line.legendgroup;
    button.type = "button";
    button.setAttribute("aria-label", wordsFor(line));
    sample.ariaHidden = true; // a picture
    if (mode.includes("lines")) sample.style.backgroundImage = stripes(stroke);
    if (mode.includes("markers") || color) sample.textContent = color ? GLYPHS.square : GLYPHS[marker.symbol ?? "circle"];
    sample.style.color = color ?? marker?.color;
    button.append(sample, line.name);
    button.onclick = () => this.turn(line, (other) => keyOf(other) === keyOf(line) || (other.showlegend === false && group(other)));
    button.ondblclick = () => this.turn(line, group);
    return button;
  }

  /** Hide those of the lines that `which` picks if `line` is in sight, else show them. */
  turn(line, which) {
    const hide = this.isShown(line);
    for (const other of this.figure.data.filter(which)) this.hidden.set(keyOf(other), hide);
    this.draw();
  }

  /** The lines, each in a colour that stands out from the paper; one without a colour is drawn in ink. */
  lines({ ink, paper }) {
    const seen = (colour) => (typeof colour === "string" ? standingOut(colour, paper) : (colour ?? ink));
    return this.figure.data.map((line) => ({
      ...line, visible: this.isShown(line),
      ...(line.color ? { color: seen(line.color) } : {}),
      ...(line.line ? { line: { ...line.line, color: seen(line.line.color) } } : {}),
      ...(line.marker ? { marker: { ...line.marker, color: seen(line.marker.color) } } : {}),
    }));
  }

  /** A logarithmic axis has as many ticks as give 1, 2 and 5 of each decade, or the decades if there are many; else Plotly writes one, or 6 to 9 over
   * each other. */
  scaled(id, { type }) {
    if (type !== "log") return {};
    if (!this.log) return { type: "linear", rangemode: "tozero" };
    let low = Infinity, high = 0;
    for (const line of this.figure.data) if ((line.yaxis ?? "y") === id && this.isShown(line)) for (const y of line.y) if (y > 0) { low = Math.min(low, y); high = Math.max(high, y); }
    const decades = Math.log10(high / low);
    return { nticks: !(decades > 2) ? 3 : decades < 3.2 ? Math.round(2 * decades) : Math.ceil(decades) };
  }

  layout({ ink, paper, grid, accent, font }) {
    const given = this.figure.layout, own = {};
    const axis = (name) => ({ ...given[name], gridcolor: grid, linecolor: grid, zerolinecolor: grid, ticklabeloverflow: "allow" }); // else all are measured
    for (const name of this.axes("xaxis")) own[name] = axis(name);
    let right = 0; // axes on the right that are in sight
    for (const name of this.axes("yaxis")) {
      const id = name.replace("axis", ""), visible = this.figure.data.some((line) => (line.yaxis ?? "y") === id && this.isShown(line));
      own[name] = { ...axis(name), visible, ...this.scaled(id, given[name]) };
      if (visible && given[name].side === "right") right++;
    }
    if (given.scene) {
      const side = (name) => ({ ...given.scene[name], color: ink, gridcolor: grid, zerolinecolor: grid, showbackground: false });
      own.scene = { ...given.scene, xaxis: side("xaxis"), yaxis: side("yaxis"), zaxis: side("zaxis"), bgcolor: paper };
    }
    const margin = { ...given.margin, r: given.margin.r + 62 * right };
    return {
      ...given, ...own, margin, showlegend: false, ...this.size, paper_bgcolor: paper, plot_bgcolor: paper,
      dragmode: this.spatial ? "orbit" : matchMedia("(pointer: coarse)").matches ? false : "zoom", // a finger scrolls the page
      hovermode: this.compared ? false : given.hovermode,
      font: { family: font, size: 12, color: ink },
      hoverlabel: { bgcolor: paper, bordercolor: grid, font: { color: ink } },
      modebar: { bgcolor: "rgba(0,0,0,0)", color: ink, activecolor: accent },
      shapes: (given.shapes || []).map((shape) => ({ ...shape, line: { ...shape.line, color: ink } })),
    };
  }

  // ------------------------------------------------------------------------------------------------------ reading values
  // By mouse, finger and keyboard alike. Plotly's own unified label tells the nearest value of each line, be it of another step; ours only those there.

  shownLines() { return this.seen.map((line, i) => ({ line, i })).filter(({ line }) => line.visible && line.hoverinfo !== "skip"); }

  /** Every x at which a line that is shown has a value, in order. */
  stops() { return [...new Set(this.shownLines().flatMap(({ line }) => [...line.x]).filter((x) => x !== null))].sort((a, b) => a - b); }

  there(x) { return this.shownLines().map(({ line, i }) => ({ line, i, n: [...line.x].indexOf(x) })).filter(({ n }) => n >= 0); }

  /** The x to read under the pointer: of those close by, one at which most lines have a value; null where none is near. */
  under(event) {
    if (!this.drawn || !this.compared || event.target.closest(".modebar")) return null;
    const axis = this.plot._fullLayout.xaxis, at = event.clientX - this.plot.getBoundingClientRect().left - axis._offset;
    const far = (x) => Math.abs(axis.d2p(x) - at);
    if (at < 0 || at > axis._length) return null;
    const near = this.stops().filter((x) => far(x) < FAR).sort((a, b) => far(a) - far(b));
    const close = near.filter((x) => far(x) <= HELD).map((x) => [this.there(x).length, x]);
    return close.length ? close.reduce((best, each) => (each[0] > best[0] ? each : best))[1] : (near[0] ?? null);
  }

  /** Show the cross-hair and what every line has at x; null takes it away. */
  point(x) {
    const tip = this.root.querySelector(".tip"), hair = this.root.querySelector(".hair"), there = x == null || !this.drawn ? [] : this.there(x);
    this.at = there.length ? x : null;
    tip.hidden = hair.hidden = !there.length || !this.compared;
    if (!this.compared && this.drawn && !this.spatial) {
      if (there.length) this.mark(there.map(({ i, n }) => ({ curveNumber: i, pointNumber: n })));
      return;
    }
    if (tip.hidden) return;
    const { xaxis, yaxis } = this.plot._fullLayout, at = xaxis._offset + xaxis.d2p(x), top = this.plot.offsetTop + yaxis._offset;
    const rows = [["", `step ${Math.round(x).toLocaleString("en")}`], ...there.map(({ line, n }) => [line.line.color, `${wordsFor(line)} ${brief(line.y[n])}`])];
    while (tip.children.length < rows.length) tip.append(document.createElement("div"));
    [...tip.children].forEach((row, i) => {
      row.hidden = i >= rows.length;
      if (row.hidden) return;
      const [colour, text] = rows[i];
      row.style.borderLeftColor = colour || "transparent";
      if (row.textContent !== text) row.textContent = text;
    });
    Object.assign(hair.style, { left: `${at}px`, top: `${top}px`, height: `${yaxis._length}px` });
    tip.style.top = `${top}px`;
    tip.style.left = `${at + 10 + tip.offsetWidth <= this.size.width ? at + 10 : Math.max(0, at - tip.offsetWidth - 10)}px`;
  }

  /** Where each point is read by itself: the one nearest to a finger. */
  touched(event) {
    if (!this.drawn || this.gone || this.spatial) return;
    const { xaxis, yaxis } = this.plot._fullLayout, box = this.plot.getBoundingClientRect();
    const far = (line, n) => Math.hypot(xaxis._offset + xaxis.d2p(line.x[n]) - (event.clientX - box.left), line.type === "bar" ? 0 : yaxis._offset + yaxis.d2p(line.y[n]) - (event.clientY - box.top));
    const all = this.shownLines().flatMap(({ line, i }) => [...line.x].map((_, n) => [far(line, n), i, n]));
    const [away, curveNumber, pointNumber] = all.reduce((best, each) => (each[0] < best[0] ? each : best), [FAR]);
    if (away < FAR) this.mark([{ curveNumber, pointNumber }]);
    else this.unmark();
  }

  /** Plotly's own labels at these points; it tells nobody of those that no mouse asked for, nor when they go. */
  mark(points) {
    this.Plotly.Fx.hover(this.plot, points);
    this.peek(points[0]);
  }

  unmark() {
    if (!this.drawn || this.compared || this.spatial) return;
    this.Plotly.Fx.unhover(this.plot);
    this.peek(null);
  }

  /** Tell a screen reader what stands under the cross-hair. */
  say() {
    const there = this.at == null ? [] : this.there(this.at);
    if (!there.length) return;
    const values = there.map(({ line, n }) => line.hovertext?.[n] ?? `${wordsFor(line)} ${brief(line.y[n])}`);
    const where = there[0].line.hovertext ? "" : `${this.figure.layout.xaxis.title.text} ${brief(this.at)}: `;
    this.root.querySelector(".said").textContent = where + values.join(", ");
  }

  /** Arrow keys go from one value of x to the next; Home and End go to the ends. */
  pressed(event) {
    if (!this.drawn || event.target !== this.plot || event.ctrlKey || event.metaKey || event.altKey) return;
    if (this.spatial) { this.turned(event); return; }
    if (event.key === "Escape") {
      this.Plotly.relayout(this.plot, Object.fromEntries([...this.axes("xaxis"), ...this.axes("yaxis")].map((name) => [`${name}.autorange`, true])));
      return;
    }
    const stops = this.stops(), last = stops.length - 1, here = this.at == null ? null : stops.indexOf(this.at);
    const next = { ArrowLeft: here === null ? last : here - 1, ArrowRight: here === null ? 0 : here + 1, Home: 0, End: last }[event.key];
    if (next === undefined || last < 0) return;
    event.preventDefault();
    this.point(stops[Math.max(0, Math.min(last, next))]);
    this.say();
  }

  /** A scene turns about its upright axis, or over it. */
  turned(event) {
    const turn = { ArrowLeft: [-TURN, 0], ArrowRight: [TURN, 0], ArrowUp: [0, TURN], ArrowDown: [0, -TURN] }[event.key];
    if (!turn) return;
    event.preventDefault();
    const { x, y, z } = this.plot._fullLayout.scene._scene.getCamera().eye, far = Math.hypot(x, y, z);
    const round = Math.atan2(y, x) + turn[0], up = Math.max(-1.5, Math.min(1.5, Math.asin(z / far) + turn[1]));
    this.Plotly.relayout(this.plot, { "scene.camera.eye": { x: far * Math.cos(up) * Math.cos(round), y: far * Math.cos(up) * Math.sin(round), z: far * Math.sin(up) } });
  }

  /** The picture of the point that is pointed at, beside it; null takes it away. */
  peek(point) {
    const canvas = this.root.querySelector(".peek"), line = point && this.plot.data[point.curveNumber], i = line?.customdata?.[point.pointNumber];
    canvas.hidden = !this.pictures || i === undefined;
    if (canvas.hidden) return;
    const { bytes, width, height } = this.pictures, { xaxis, yaxis } = this.plot._fullLayout;
    paintBytes(canvas, bytes, i, width, height);
    const x = xaxis._offset + xaxis.d2p(line.x[point.pointNumber]), y = this.plot.offsetTop + yaxis._offset + yaxis.d2p(line.y[point.pointNumber]);
    canvas.style.left = `${x > this.size.width / 2 ? x - 102 : x + 14}px`; // above it: Plotly's label stands beside it
    canvas.style.top = `${y < 110 ? y + 14 : y - 104}px`;
  }
}

/** SVG's words for the line from its place `begin` on, in the pixels of Plotly's axes; null if it leaves axes that are to hold all. */
function pathOf(x, y, begin, across, up) {
  const holds = (axis, at) => !axis.autorange || (at > -0.5 && at < axis._length + 0.5), parts = [];
  for (let n = begin; n < x.length; n++) {
    const left = across.d2p(x[n]), top = up.d2p(y[n]);
    if (!Number.isFinite(top) || !holds(across, left) || !holds(up, top)) return null;
    parts.push(`${Math.round(10 * left) / 10},${Math.round(10 * top) / 10}`);
  }
  return `M${parts.join("L")}`;
}

/** A legend's sample of a line: its dashes, in pixels, as a background that repeats. */
function stripes({ color, dash = "solid" }) {
  const lengths = { solid: [1], dash: [5, 3], dot: [2, 2], dashdot: [6, 2, 2, 2], longdash: [9, 3], longdashdot: [9, 2, 2, 2] }[dash] ?? dash.split(",").map(parseFloat);
  let at = 0;
  const stops = lengths.map((length, i) => `${i % 2 ? "transparent" : color} ${at}px ${(at += length)}px`);
  return `repeating-linear-gradient(90deg, ${stops.join(", ")})`;
}

function webgl() {
  try { return Boolean(document.createElement("canvas").getContext("webgl")); } catch { return false; }
}

/** The colour, moved towards black or white until its contrast with the paper is 3, as lines need; 4.5 on dark paper, where thin lines and dots glow less. */
function standingOut(colour, paper) {
  const known = standingOut.known ??= new Map(), key = colour + paper;
  if (!known.has(key)) {
    const parts = rgbOf(colour), light = luminance(rgbOf(paper)) > 0.4, away = light ? 0 : 255;
    for (let step = 0; step < 20 && contrast(parts, rgbOf(paper)) < (light ? 3 : 4.5); step++) parts.forEach((v, i) => { parts[i] = v + 0.06 * (away - v); });
    known.set(key, `rgb(${parts.map(Math.round).join(",")})`);
  }
  return known.get(key);
}

function rgbOf(colour) {
  const pen = (rgbOf.pen ??= new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true }));
  pen.fillStyle = colour;
  pen.fillRect(0, 0, 1, 1);
  return [...pen.getImageData(0, 0, 1, 1).data].slice(0, 3);
}

function luminance(parts) {
  const [r, g, b] = parts.map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a, b) {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}
