// The live view of one training: chart, progress, reconstructions (or points in space), fed by a WebSocket and drawn in place.

const instances = new WeakMap();

export default function ({ data: [data], parentElement, setTriggerValue, setStateValue }) {
  let view = instances.get(parentElement);
  if (!view || view.key !== data.key) {
    view?.dispose();
    view = new LiveView(parentElement.querySelector(".live"), data.key);
    instances.set(parentElement, view);
  }
  view.tell = (standing) => setTriggerValue("changed", standing);
  view.offline = () => setStateValue("offline", true);
  view.update(data);
  return () => { if (view.data === data) { view.dispose(); instances.delete(parentElement); } }; // else it is another's by now
}

const FIRST_NEWS = 200; // milliseconds until the chart is drawn though nothing has come by the socket
const PATIENCE = 500; // milliseconds for the first point
const NO_NEWS = 2000; // milliseconds until the page is drawn for a new run though its socket has brought nothing
const wordsOf = (name) => name.replaceAll("_", " ");

// Elements that stay: made anew only when the list of keys changes, otherwise just told what is new. entries: [[key, ...], ...].
function keep(parent, entries, make, tell) {
  const keys = entries.map(([key]) => key).join("\n");
  if (parent.dataset.keys !== keys) { parent.replaceChildren(...entries.map(make)); parent.dataset.keys = keys; }
  entries.forEach((entry, i) => tell(parent.children[i], entry));
}
function say(element, text) { if (element.textContent !== text) element.textContent = text; }
function fact([name]) {
  const span = document.createElement("span");
  span.append(name ? `${name} ` : "", document.createElement("b"));
  return span;
}

class LiveView {
  constructor(root, key) {
    this.root = root;
    this.key = key;
    this.points = [];
    this.evaluations = [];
    this.alive = true;
    this.due = performance.now() + FIRST_NEWS;
    setTimeout(() => this.redraw(), FIRST_NEWS + 1);
    this.chart = new Chart(this.at(".losses .chart"));
    this.chart.after = () => { // what has been drawn, for whoever measures or tests the page
      this.chart.root.dataset.points = this.points.length;
      this.chart.root.dataset.updates = this.updates || 0;
      if (this.begun || !this.points.length) return;
      this.begun = true;
      this.tellStanding();
    };
  }

  at(name) { return this.root.querySelector(name); }

  dispose() {
    this.alive = false;
    this.chart.dispose();
    this.scene?.dispose();
    clearTimeout(this.retry);
    if (this.socket) { this.socket.onclose = null; this.socket.close(); }
  }

  update(data) {
    if (!this.data && data.fresh) { // Train was just pressed
      this.arrives = true;
      setTimeout(() => { if (this.alive && !this.served) this.tell("no news"); }, NO_NEWS);
    }
    if (data.figure !== this.data?.figure) this.figure = JSON.parse(data.figure);
    if (data.scene && !this.scene) {
      this.scene = new Chart(this.at(".space .chart"));
      this.space = JSON.parse(data.scene);
      this.at(".space").hidden = false;
      this.root.classList.add("has-space");
    }
    if (data.status_key !== this.data?.status_key) this.told = null;
    this.data = data;
    this.sceneStale = this.picturesStale = this.anew = true; // the theme may be another
    this.chart.themed();
    this.scene?.themed();
    if (data.news) this.take(data.news); // given by the server with the page, or by polling
    if (data.socket) this.connect();
    this.redraw();
    this.chart.load(data.library); // at once, wherever on the page it stands: its first point is waited for
  }

  connect(tries = 0) {
    clearTimeout(this.retry);
    if (!this.alive || this.socket) return;
    this.socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${addressOf(this.data.socket)}`);
    let opened = false;
    this.socket.onmessage = (event) => {
      opened = this.served = true;
      this.take(JSON.parse(event.data));
      this.redraw();
    };
    this.socket.onclose = () => {
      this.socket = null;
      if (!this.alive || this.over) return;
      if (!opened && tries >= (this.served ? 8 : 2)) { this.offline(); return; } // no such route here, or not for half a minute: the page polls instead
      this.retry = setTimeout(() => this.connect(opened ? 0 : tries + 1), 500 * 2 ** Math.min(tries, 4));
    };
  }

  take(news) {
    this.updates = (this.updates || 0) + 1;
    this.anew ||= news.reset || news.status !== this.status || JSON.stringify(news.phases) !== JSON.stringify(this.phases);
    if (news.reset) { this.points = []; this.evaluations = []; }
    this.points = this.points.concat(news.points || []);
    this.evaluations = this.evaluations.concat(news.evaluations || []);
    if (news.phases) this.phases = news.phases;
    if (news.snapshot) { this.snapshot = news.snapshot; this.picturesStale = this.sceneStale = true; }
    if (this.points.length > 1600) {
      const read = new Set(this.evaluations.map(({ x }) => x)); // where validation is read, training is too
      this.points = this.points.filter(({ x }, i) => i % 2 || read.has(x));
    }
    Object.assign(this, { status: news.status, over: news.over, message: news.message, words: news.words, progress: news.progress || {} });
    this.standing = news.status_key;
    if (this.begun || this.over) this.tellStanding();
    else setTimeout(() => this.tellStanding(), PATIENCE);
  }

  /** The server, that buttons and tabs are to follow; they wait for the first point if that comes soon, for their drawing would hold it up. */
  tellStanding() {
    if (!this.alive) return;
    if (this.standing === this.data?.status_key) this.told = null;
    else if (this.data && this.standing !== this.told) this.tell((this.told = this.standing));
  }

  redraw() {
    if (this.wanted) return;
    this.wanted = requestAnimationFrame(() => {
      this.wanted = 0;
      if (!this.alive || !this.data) return;
      this.sayProgress();
      if (this.served || !this.data.socket || performance.now() > this.due) this.drawChart(); // else it would be drawn twice
      this.drawPictures();
      if (!this.arrives || !this.chart.figure) return;
      this.arrives = false; // once it has its height, it is what to look at
      this.root.scrollIntoView({ block: "nearest", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
    });
  }

  // ---------------------------------------------------------------------------------------------- progress in words

  sayProgress() {
    const { progress: p = {}, phases = [] } = this;
    const phase = phases[phases.length - 1];
    const status = this.status || this.data.status;
    this.at(".status").textContent = this.words || this.data.words;
    this.root.dataset.status = status;
    const done = phase && p.steps ? Math.min(1, p.step / p.steps) : 0;
    this.at(".bar i").style.transform = `scaleX(${status === "done" ? 1 : done})`;
    const parts = [];
    if (phase && phases[0].phases > 1) parts.push(["phase", `${phase.name}`]);
    if (phase) parts.push(["epoch", `${p.epoch || 0} / ${phase.epochs}`], ["step", (phase.start + (p.step || 0)).toLocaleString("en")]);
    if (p.images_per_second) parts.push([this.data.image ? "images/s" : "points/s", Math.round(p.images_per_second).toLocaleString("en")]);
    if (p.learning_rate !== undefined && !this.over) parts.push(["rate", brief(p.learning_rate)]);
    if (status === "running" && p.seconds_left != null && !this.data.slow) parts.push(["left", p.seconds_left < 1 ? "< 1 s" : p.seconds_left < 100 ? `${Math.ceil(p.seconds_left)} s` : `${Math.ceil(p.seconds_left / 60)} min`]);
    keep(this.at(".facts"), parts, fact, (span, [, value]) => say(span.lastChild, value));
    this.at(".message").textContent = this.message || "";
    this.at(".message").hidden = !this.message;
  }

  // ----------------------------------------------------------------------------------------------------- the chart

  drawChart() {
    const phase = this.phases?.at(-1), planned = phase ? phase.start + phase.epochs * phase.steps_per_epoch : 1;
    const lines = this.figure.data.map((line) => ({ ...line, ...(line.meta.reference ? { x: [0, planned], y: Array(2).fill(this.data.reference) } : this.line(line.meta)) }));
    const known = new Set(lines.map((line) => line.meta.term)), spare = [...this.figure.layout.meta.spare];
    for (const term of new Set(this.points.flatMap((point) => Object.keys(point.terms)))) {
      if (known.has(term)) continue;
      const [color, symbol] = spare.shift() ?? [null, "star"]; // its variant has declared no unit for it: drawn beside the first
      for (const line of lines.slice(0, 2)) {
        const meta = { term, split: line.meta.split, words: line.meta.split === "training" ? wordsOf(term) : `${wordsOf(term)}, validation` };
        const look = { line: { ...line.line, color }, marker: { ...line.marker, color, symbol } };
        lines.push({ ...line, ...look, name: meta.split === "training" ? meta.words : "validation", legendgroup: term, meta, ...this.line(meta) });
      }
    }
    const layout = { ...this.figure.layout, xaxis: { ...this.figure.layout.xaxis, autorangeoptions: { include: [0, planned] } }, ...marks(this.phases || [], this.data.restarts) };
    const last = this.points.at(-1), latest = last ? `Latest: ${Object.entries(last.terms).map(([name, value]) => `${wordsOf(name)} ${brief(value)}`).join(", ")}` : "Empty so far";
    this.chart.show({ data: lines, layout }, { library: this.data.library, words: `Loss while training. ${latest}`, name: `${this.data.name}, loss`, height: this.data.height, grown: !this.anew });
    this.anew = false;
  }

  /** A line's places and values. Each phase fits something else, so lines end with it; only the pixel error goes on. */
  line({ term, split }) {
    const x = [], y = [];
    let phase = null;
    for (const point of split === "training" ? this.points : this.evaluations) {
      const terms = point.terms || point.valid, value = term === "loss" ? sumOf(terms) : terms[term];
      if (value === undefined) continue;
      if (phase !== null && point.phase !== phase && term !== "mse") { x.push(null); y.push(null); }
      phase = point.phase;
      x.push(point.x);
      y.push(value);
    }
    return { x, y };
  }

  // ------------------------------------------------------------------------- reconstructions, or points in space

  drawPictures() {
    const meters = Object.entries(this.snapshot?.metrics || {});
    keep(this.at(".meters"), meters.map(([name, value]) => [wordsOf(name.replace("_degrees", "")), name, value]), fact, (span, [, name, value]) => {
      const target = name === "mean_activation" && this.data.target ? ` (target ${this.data.target})` : "";
      say(span.lastChild, `${name.endsWith("degrees") ? `${value.toFixed(2)}°` : brief(value)}${target}`);
    });
    if (this.scene) { this.drawSpace(); return; }
    if (!this.data.image || !this.picturesStale && this.row) return;
    const [height, width] = this.data.image, originals = bytesOf(this.data.originals), n = originals.length / (width * height);
    if (!this.row) {
      const make = (label) => Array.from({ length: n }, (_, i) => { const canvas = document.createElement("canvas"); canvas.setAttribute("role", "img"); canvas.setAttribute("aria-label", `${label} ${i + 1}`); return canvas; });
      this.row = { originals: make("Original"), seen: make("Corrupted image"), made: make("Reconstruction") };
      this.at(".originals").replaceChildren(...this.row.originals);
      this.at(".seen").replaceChildren(...this.row.seen);
      this.at(".made").replaceChildren(...this.row.made);
      this.at(".pictures").hidden = false;
      this.row.originals.forEach((canvas, i) => paintBytes(canvas, originals, i, width, height));
    }
    this.at(".made").classList.toggle("waiting", !this.snapshot); // outlines, not black tiles, until there is something to show
    if (!this.snapshot) return;
    this.picturesStale = false;
    const made = bytesOf(this.snapshot.pictures.uint8);
    this.row.made.forEach((canvas, i) => paintBytes(canvas, made, i, width, height));
    this.at(".corrupted").hidden = !this.snapshot.seen;
    if (this.snapshot.seen) { const seen = bytesOf(this.snapshot.seen.uint8); this.row.seen.forEach((canvas, i) => paintBytes(canvas, seen, i, width, height)); }
    this.at(".when").textContent = this.snapshot.x ? `at step ${this.snapshot.x.toLocaleString("en")}` : "before training";
  }

  /** The points, what is made of them, and the plane that those lie in, on the axes of PCA's plane. */
  drawSpace() {
    if (!this.sceneStale) return;
    this.sceneStale = false;
    const made = this.snapshot ? new Float32Array(bytesOf(this.snapshot.pictures.float32).buffer) : null;
    const places = made && Array.from({ length: made.length / 3 }, (_, i) => Array.from(made.subarray(3 * i, 3 * i + 3)));
    const [points] = this.space.data, filled = {
      learned: () => coordinates(corners(places, this.data.axes, this.data.mean)),
      misses: () => coordinates(places.flatMap((place, i) => [[points.x[i], points.y[i], points.z[i]], place, [null, null, null]])),
    };
    const data = this.space.data.map((trace) => ({ ...trace, ...(places && filled[trace.meta]?.()) }));
    this.scene.show({ data, layout: this.space.layout }, { library: this.data.library, words: "The points in space, what the network makes of them, and the planes", name: `${this.data.name}, points`, height: this.data.height });
  }
}

/** Phases by name, if there are several, with a line where each begins; and where, by its schedule, the learning rate rose again: Plotly replaces
 * these elements at every update, so that only a chart that is done has it. */
function marks(phases, restarts) {
  const begins = phases.length && phases[0].phases > 1 ? phases.map(({ start, name }) => [start, name]) : [];
  const jumps = restarts ? phases.map(({ start, epochs, steps_per_epoch: each }) => [start + Math.round(restarts * epochs * each), "rate rises again"]) : [];
  return {
    shapes: [...begins, ...jumps].filter(([x]) => x).map(([x]) => ({ type: "line", x0: x, x1: x, y0: 0, y1: 1, yref: "paper", opacity: 0.5, line: { width: 1, dash: "dot" } })),
    annotations: [...begins.map((mark) => [...mark, 1]), ...jumps.map((mark) => [...mark, begins.length ? 0.88 : 1])].map(([x, text, y]) => ({ x, xanchor: "left", y, yref: "paper", yanchor: "top", text, showarrow: false, xshift: 2, font: { size: 11 } })),
  };
}

const sumOf = (terms) => Object.entries(terms).reduce((sum, [name, value]) => (name === "mse" ? sum : sum + value), 0);
const coordinates = (places) => ({ x: places.map((p) => p[0]), y: places.map((p) => p[1]), z: places.map((p) => p[2]) });

/**
 * Where the points lie: the corners of a square in their plane, or the ends of their line, drawn on the same axes as PCA's ([k, 3], orthonormal) and about
 * the place nearest to PCA's middle, so that two planes that are one look like one. The points lie in a plane exactly, being a linear network's output.
 */
function corners(points, axes, middle, reach = 1.35) {
  const dot = (p, q) => p.reduce((sum, v, i) => sum + v * q[i], 0), plus = (p, q, t) => p.map((v, i) => v + t * q[i]);
  const unit = (p) => { const n = Math.sqrt(dot(p, p)); return n < 1e-6 ? null : p.map((v) => v / n); };
  const longest = (all) => all.reduce((best, p) => (dot(p, p) > dot(best, best) ? p : best));
  const mean = [0, 1, 2].map((i) => points.reduce((sum, p) => sum + p[i], 0) / points.length), basis = [];
  let left = points.map((p) => plus(p, mean, -1));
  for (let k = 0; k < axes.length; k++) {
    const axis = unit(longest(left));
    if (!axis) return [];
    basis.push(axis);
    left = left.map((p) => plus(p, axis, -dot(p, axis)));
  }
  const within = (p) => basis.reduce((sum, axis) => plus(sum, axis, dot(p, axis)), [0, 0, 0]);
  const centre = plus(mean, within(plus(middle, mean, -1)), 1), first = unit(within(axes[0])) || basis[0];
  if (axes.length === 1) return [-1, 1].map((s) => plus(centre, first, s * reach));
  const second = unit(plus(basis[0], first, -dot(basis[0], first))) || basis[1]; // the one direction left in the plane,
  const turned = dot(second, axes[1]) < 0 ? -1 : 1; // its sign PCA's
  return [[-1, -1], [1, -1], [1, 1], [-1, 1]].map(([s, t]) => plus(plus(centre, first, s * reach), second, t * turned * reach));
}

function bytesOf(base64) { return Uint8Array.from(atob(base64), (c) => c.charCodeAt(0)); }
