// The live view of one training: chart, progress, reconstructions (or points in space), fed by a WebSocket and drawn in place.

const instances = new WeakMap();

export default function ({ data: [data], parentElement, setTriggerValue, setStateValue }) {
  let view = instances.get(parentElement);
  if (!view || view.key !== data.key) {
    view?.dispose();
    view = new LiveView(parentElement.querySelector(".live"), data.key);
    instances.set(parentElement, view);
  }
  view.tell = (status) => setTriggerValue("changed", status);
  view.offline = () => setStateValue("offline", true);
  view.update(data);
  return () => { view.dispose(); instances.delete(parentElement); };
}

const WORDS = {
  queued: "Waiting", running: "Training", paused: "Paused", stopping: "Stopping", done: "Done", stopped: "Stopped", interrupted: "Interrupted",
  diverged: "Diverged", failed: "Failed",
};
const OVER = ["done", "stopped", "interrupted", "diverged", "failed"];
const pretty = (v) => (v === 0 ? "0" : Math.abs(v) >= 1000 ? Math.round(v).toLocaleString("en") : Math.abs(v) < 1e-4 ? v.toExponential(2) : Number(v.toPrecision(4)).toString());
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
    this.series = [];
    this.hidden = new Set();
    this.log = true;
    this.hover = null;
    this.alive = true;
    this.canvas = this.at(".chart");
    this.turn = { yaw: 0.5, pitch: 0.62 };
    this.resizer = new ResizeObserver(() => this.redraw());
    this.resizer.observe(this.canvas);
    this.at(".scale").onclick = () => { this.log = !this.log; this.redraw(); };
    this.zoom = null; // [first, last] step in sight; null: the whole run
    this.at(".whole").onclick = () => { this.zoom = null; this.redraw(); };
    this.canvas.onpointermove = (event) => { this.hover = event.offsetX; this.redraw(); };
    this.canvas.onpointerdown = (event) => { if (event.button === 0) { this.pressed = event.offsetX; this.canvas.setPointerCapture(event.pointerId); } };
    this.canvas.onpointerup = (event) => { this.zoomTo(this.pressed, event.offsetX); this.pressed = null; this.redraw(); };
    this.canvas.onpointercancel = () => { this.pressed = null; };
    this.canvas.onpointerleave = () => { this.hover = null; this.redraw(); };
    this.canvas.onkeydown = (event) => { // the cross-hair from the keyboard; Escape shows the whole run again
      if (event.key === "Escape") { this.zoom = null; this.redraw(); }
      const by = { ArrowLeft: -10, ArrowRight: 10 }[event.key];
      if (!by) return;
      event.preventDefault();
      this.hover = Math.max(63, Math.min(this.canvas.clientWidth - 15, (this.hover ?? this.canvas.clientWidth) + by));
      this.redraw();
    };
    this.canvas.onblur = () => { this.hover = null; this.redraw(); };
    this.prepareSpace();
  }

  at(name) { return this.root.querySelector(name); }

  dispose() {
    this.alive = false;
    this.resizer.disconnect();
    clearTimeout(this.retry);
    if (this.socket) { this.socket.onclose = null; this.socket.close(); }
  }

  update(data) {
    if (!this.data) {
      for (const name of data.hidden || []) this.hidden.add(name);
      if (data.fresh) this.root.scrollIntoView({ block: "nearest", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" }); // Train was just pressed: that is what to look at
    }
    if (data.standing !== this.data?.standing) this.told = null;
    this.data = data;
    if (data.news) this.take(data.news); // given by the server with the page, or by polling
    if (data.socket && !this.socket && !this.final) this.connect();
    this.redraw();
  }

  connect(tries = 0) {
    if (!this.alive) return;
    const base = location.pathname.replace(/\/[^/]*$/, ""); // the page's own folder, so a path prefix is kept
    this.socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${base}${this.data.socket}`);
    let opened = false;
    this.socket.onmessage = (event) => {
      opened = true;
      this.take(JSON.parse(event.data));
      this.redraw();
    };
    this.socket.onclose = () => {
      this.socket = null;
      if (!this.alive || this.final) return;
      if (!opened && tries >= 2) { this.offline(); return; } // no such route here: the page polls instead
      this.retry = setTimeout(() => this.connect(opened ? 0 : tries + 1), 500 * 2 ** Math.min(tries, 4));
    };
  }

  take(news) {
    this.updates = (this.updates || 0) + 1;
    if (news.reset) { this.points = []; this.evaluations = []; }
    this.points = (this.points || []).concat(news.points || []);
    this.evaluations = (this.evaluations || []).concat(news.evaluations || []);
    if (news.phases) this.phases = news.phases;
    if (news.snapshot) { this.snapshot = news.snapshot; this.picturesStale = true; }
    if (this.points.length > 1600) this.points = this.points.filter((_, i) => i % 2);
    Object.assign(this, { status: news.status, message: news.message, words: news.words, progress: news.progress || {} });
    this.final = OVER.includes(this.status);
    const now = `${news.status}, ${news.weights ? "weights" : "no weights"}`; // what the page's buttons and tabs depend on
    if (this.data && now !== this.data.standing && now !== this.told) this.tell((this.told = now));
  }

  redraw() {
    if (this.wanted) return;
    this.wanted = requestAnimationFrame(() => { this.wanted = 0; if (this.alive && this.data) { this.sayProgress(); this.drawChart(); this.drawPictures(); } });
  }

  // ---------------------------------------------------------------------------------------------- progress in words

  sayProgress() {
    const { progress: p = {}, phases = [] } = this;
    const phase = phases[phases.length - 1];
    const status = this.status || this.data.status;
    this.at(".status").textContent = this.words || (status === "done" && this.message ? "Done, with a warning" : WORDS[status] || status);
    this.root.dataset.status = status;
    const done = phase && p.steps ? Math.min(1, p.step / p.steps) : 0;
    this.at(".bar i").style.width = `${status === "done" ? 100 : 100 * done}%`;
    const parts = [];
    if (phase && phases[0].phases > 1) parts.push(["phase", `${phase.name}`]);
    if (phase) parts.push(["epoch", `${p.epoch || 0} / ${phase.epochs}`], ["step", `${(p.step || 0).toLocaleString("en")}`]);
    if (p.images_per_second) parts.push([this.data.image ? "images/s" : "points/s", Math.round(p.images_per_second).toLocaleString("en")]);
    if (p.learning_rate !== undefined && !this.final) parts.push(["rate", pretty(p.learning_rate)]);
    if (status === "running" && p.seconds_left !== undefined && !this.data.slow) parts.push(["left", p.seconds_left < 1 ? "< 1 s" : p.seconds_left < 100 ? `${Math.ceil(p.seconds_left)} s` : `${Math.ceil(p.seconds_left / 60)} min`]);
    keep(this.at(".facts"), parts, fact, (span, [, value]) => say(span.lastChild, value));
    this.at(".message").textContent = this.message || "";
    this.at(".message").hidden = !this.message;
  }

  // ----------------------------------------------------------------------------------------------------- the chart

  lines() {
    const names = [...new Set((this.points || []).flatMap((point) => Object.keys(point.terms)))];
    const lines = [];
    for (const name of names) {
      lines.push({ name: wordsOf(name), colour: this.data.colours[name] || "#888", of: name,
        points: this.points.filter((point) => name in point.terms).map((point) => [point.x, point.terms[name], point.phase]) });
      if (name === "weight_decay") continue; // the same for any images
      lines.push({ name: `${wordsOf(name)}, validation`, colour: this.data.colours[name] || "#888", of: name, dashed: true,
        points: this.evaluations.filter((e) => name in e.valid).map((e) => [e.x, e.valid[name], e.phase]) });
    }
    const sameAsLoss = this.data.same_as_mse; // squared error on pixels: its validation curve is there already
    if (!sameAsLoss && this.evaluations?.length) {
      lines.push({ name: "pixel MSE, validation", colour: this.data.colours.mse, of: "mse", dashed: true, points: this.evaluations.map((e) => [e.x, e.valid.mse]) });
    }
    return lines;
  }

  drawChart() {
    const canvas = this.canvas, box = canvas.getBoundingClientRect(), dpr = devicePixelRatio || 1;
    if (!box.width) return;
    if (canvas.width !== Math.round(box.width * dpr) || canvas.height !== Math.round(box.height * dpr)) { canvas.width = Math.round(box.width * dpr); canvas.height = Math.round(box.height * dpr); }
    const c = canvas.getContext("2d"), w = box.width, h = box.height, left = 62, right = 14, top = 10, bottom = 36;
    const style = getComputedStyle(this.root), ink = style.color, line = style.getPropertyValue("--st-border-color") || "#ccc";
    c.setTransform(dpr, 0, 0, dpr, 0, 0);
    c.clearRect(0, 0, w, h);
    c.font = `12px ${style.fontFamily}`;
    const all = this.lines(), shown = all.filter((l) => !this.hidden.has(l.of) && l.points.length);
    this.legend(all);
    this.at(".scale").textContent = this.log ? "log scale" : "linear scale";
    this.at(".scale").setAttribute("aria-pressed", this.log);
    canvas.dataset.points = (this.points || []).length;
    canvas.dataset.updates = this.updates || 0;
    const phase = this.phases?.[this.phases.length - 1];
    const known = shown.flatMap((l) => l.points).concat(this.data.reference && !this.hidden.has("reference") && shown.length ? [[NaN, this.data.reference.value]] : []);
    const xMax = Math.max(phase ? phase.start + phase.epochs * phase.steps_per_epoch : 1, ...known.map(([x]) => x || 0));
    const [from, to] = this.zoom || [0, xMax], inSight = (x) => Number.isNaN(x) || (x >= from && x <= to);
    this.axis = { left, width: w - left - right, from, to };
    this.at(".whole").hidden = !this.zoom;
    const values = known.filter(([x]) => inSight(x)).map(([, y]) => y).filter((y) => Number.isFinite(y) && (!this.log || y > 0));
    let low = values.length ? Math.min(...values) : 0.001, high = values.length ? Math.max(...values) : 1;
    if (this.log) { low = Math.log10(low); high = Math.log10(high); } else { low = Math.min(0, low); }
    if (high - low < 1e-9) { high += 0.5; low -= this.log ? 0.5 : 0; }
    const pad = 0.06 * (high - low);
    high += pad; if (this.log) low -= pad;
    const X = (x) => left + ((x - from) / (to - from)) * (w - left - right);
    const Y = (y) => top + (1 - ((this.log ? Math.log10(Math.max(y, 1e-30)) : y) - low) / (high - low)) * (h - top - bottom);
    c.textAlign = "right"; c.textBaseline = "middle";
    for (const tick of this.log ? logTicks(low, high) : ticks(low, high, 5)) {
      const y = Y(tick);
      c.strokeStyle = line; c.lineWidth = 1; c.globalAlpha = 0.7;
      c.beginPath(); c.moveTo(left, y); c.lineTo(w - right, y); c.stroke();
      c.globalAlpha = 0.8; c.fillStyle = ink; c.fillText(pretty(tick), left - 8, y);
    }
    c.textAlign = "center"; c.textBaseline = "top";
    for (const tick of ticks(from, to, w < 500 ? 4 : 7)) c.fillText(tick >= 1000 ? `${tick / 1000}k` : tick, X(tick), h - bottom + 8);
    c.textAlign = "right"; c.fillText("steps", w - right, h - 13);
    c.globalAlpha = 1;
    for (const p of this.phases || []) {
      if (p.phases < 2 || !inSight(p.start)) continue;
      c.strokeStyle = ink; c.globalAlpha = 0.35; c.setLineDash([2, 3]);
      if (p.start) { c.beginPath(); c.moveTo(X(p.start), top); c.lineTo(X(p.start), h - bottom); c.stroke(); }
      c.setLineDash([]); c.globalAlpha = 0.75; c.fillStyle = ink; c.textAlign = "left"; c.fillText(p.name, X(p.start) + 6, top + 2);
      c.globalAlpha = 1;
    }
    if (this.data.reference && shown.length && !this.hidden.has("reference")) {
      const y = Y(this.data.reference.value);
      c.strokeStyle = ink; c.globalAlpha = 0.6; c.setLineDash([7, 4]); c.beginPath(); c.moveTo(left, y); c.lineTo(w - right, y); c.stroke(); c.setLineDash([]);
      c.fillStyle = ink; c.textAlign = "left"; c.textBaseline = "bottom"; c.fillText(this.data.reference.label, left + 4, y - 3);
      c.globalAlpha = 1;
    }
    c.save(); c.beginPath(); c.rect(left, 0, w - left - right, h - bottom + 2); c.clip();
    for (const l of shown) {
      c.strokeStyle = l.colour; c.lineWidth = l.dashed ? 1.6 : 1.9; c.setLineDash(l.dashed ? [5, 3] : []);
      c.beginPath();
      let pen = false, last = null;
      for (const [x, y, phase] of l.points) {
        if (!Number.isFinite(y) || (this.log && y <= 0)) { pen = false; continue; }
        if (phase !== last && l.of !== "mse") pen = false; // each phase fits something else; only the pixel error goes on
        last = phase;
        if (pen) c.lineTo(X(x), Y(y)); else c.moveTo(X(x), Y(y));
        pen = true;
      }
      c.stroke(); c.setLineDash([]);
      if (l.points.length < 40 && (l.dashed || l.points.length < 3)) for (const [x, y] of l.points) { c.fillStyle = l.colour; c.beginPath(); c.arc(X(x), Y(y), 2.4, 0, 7); c.fill(); }
    }
    c.restore();
    if (!shown.length) { c.fillStyle = ink; c.globalAlpha = 0.6; c.textAlign = "center"; c.textBaseline = "middle"; c.fillText("The loss will be drawn here", (left + w - right) / 2, h / 2 - 10); c.globalAlpha = 1; }
    if (this.pressed !== null && this.pressed !== undefined && this.hover !== null) { // the stretch that is being chosen
      c.fillStyle = ink; c.globalAlpha = 0.1; c.fillRect(this.pressed, top, this.hover - this.pressed, h - top - bottom); c.globalAlpha = 1;
    }
    this.readout(c, shown, { left, right, top, bottom, w, h, ink });
    const last = shown.filter((l) => !l.dashed).map((l) => `${l.name} ${pretty(l.points[l.points.length - 1][1])}`).join(", ");
    canvas.setAttribute("aria-label", last ? `Loss chart. Latest: ${last}` : "Loss chart, empty so far");
  }

  stepAt(offset) {
    const { left, width, from, to } = this.axis;
    return from + (Math.max(0, Math.min(width, offset - left)) / width) * (to - from);
  }

  zoomTo(a, b) {
    if (a === null || a === undefined || !this.axis || Math.abs(a - b) < 8) return; // a click, not a drag
    const [from, to] = [this.stepAt(Math.min(a, b)), this.stepAt(Math.max(a, b))];
    if (to - from >= 2) this.zoom = [from, to];
  }

  readout(c, shown, { left, right, top, bottom, w, h, ink }) {
    const tip = this.at(".tip");
    tip.hidden = this.hover === null || !shown.length || this.hover < left || this.hover > w - right || this.pressed != null;
    if (tip.hidden) return;
    const x = Math.min(this.stepAt(this.hover), Math.max(...shown.map((l) => l.points.at(-1)[0]))); // beyond the last step there is nothing to tell
    c.strokeStyle = ink; c.globalAlpha = 0.4; c.beginPath(); c.moveTo(this.hover, top); c.lineTo(this.hover, h - bottom); c.stroke(); c.globalAlpha = 1;
    const near = (points) => points.reduce((best, point) => (Math.abs(point[0] - x) < Math.abs(best[0] - x) ? point : best));
    const rows = shown.map((l) => [l.name, l.colour, `${l.name} ${pretty(near(l.points)[1])}`]);
    keep(tip, [["step", null, `step ${Math.round(x).toLocaleString("en")}`], ...rows], ([, colour]) => {
      const row = document.createElement("div"), mark = document.createElement(colour ? "i" : "b");
      if (colour) mark.style.background = colour;
      row.append(mark, "");
      return row;
    }, (row, [, , text]) => { if (row.lastChild.data !== text) row.lastChild.data = text; });
    const room = this.hover + 12 + tip.offsetWidth <= w; // on the right, where it hides what is yet to come
    tip.style.left = `${room ? this.hover + 12 : Math.max(0, this.hover - tip.offsetWidth - 12)}px`;
  }

  legend(lines) {
    const names = lines.map((l) => `${l.name}|${l.colour}|${this.hidden.has(l.of)}|${l.points.length > 0}`).join();
    if (names === this.legendDrawn) return;
    this.legendDrawn = names;
    this.at(".legend").replaceChildren(...lines.filter((l) => l.points.length).map((l) => {
      const button = document.createElement("button"), key = document.createElement("i");
      button.type = "button";
      key.style.borderTop = `3px ${l.dashed ? "dashed" : "solid"} ${l.colour}`;
      button.setAttribute("aria-pressed", !this.hidden.has(l.of));
      button.title = "Show or hide";
      button.append(key, l.name);
      button.onclick = () => { if (this.hidden.has(l.of)) this.hidden.delete(l.of); else this.hidden.add(l.of); this.redraw(); };
      return button;
    }));
  }

  // ------------------------------------------------------------------------- reconstructions, or points in space

  drawPictures() {
    const meters = Object.entries(this.snapshot?.meters || {});
    keep(this.at(".meters"), meters.map(([name, value]) => [wordsOf(name.replace("_degrees", "")), name, value]), fact, (span, [, name, value]) => {
      const target = name === "mean_activation" && this.data.target ? ` (target ${this.data.target})` : "";
      say(span.lastChild, `${name.endsWith("degrees") ? `${value.toFixed(2)}°` : pretty(value)}${target}`);
    });
    if (this.data.space) { this.drawSpace(); return; }
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

  prepareSpace() {
    const canvas = this.at(".space canvas");
    let from = null;
    canvas.onpointerdown = (event) => { from = [event.clientX, event.clientY, this.turn.yaw, this.turn.pitch]; canvas.setPointerCapture(event.pointerId); };
    canvas.onpointerup = () => { from = null; };
    canvas.onpointermove = (event) => {
      if (!from) return;
      this.turn = { yaw: from[2] + (event.clientX - from[0]) / 120, pitch: Math.max(-1.5, Math.min(1.5, from[3] + (event.clientY - from[1]) / 120)) };
      this.redraw();
    };
    canvas.onkeydown = (event) => {
      const step = { ArrowLeft: [-0.1, 0], ArrowRight: [0.1, 0], ArrowUp: [0, -0.1], ArrowDown: [0, 0.1] }[event.key];
      if (!step) return;
      event.preventDefault();
      this.turn = { yaw: this.turn.yaw + step[0], pitch: this.turn.pitch + step[1] };
      this.redraw();
    };
  }

  drawSpace() {
    const box = this.at(".space"), canvas = this.at(".space canvas");
    box.hidden = false;
    this.root.classList.add("has-space");
    const rect = canvas.getBoundingClientRect(), dpr = devicePixelRatio || 1, w = rect.width, h = rect.height;
    if (!w) return;
    canvas.width = w * dpr; canvas.height = h * dpr;
    const c = canvas.getContext("2d"), { points, axes, mean } = this.data.space, scale = Math.min(w, 1.3 * h) / 3.1;
    c.setTransform(dpr, 0, 0, dpr, 0, 0);
    const { yaw, pitch } = this.turn, cy = Math.cos(yaw), sy = Math.sin(yaw), cp = Math.cos(pitch), sp = Math.sin(pitch);
    const project = ([x, y, z]) => { const u = cy * x - sy * y, d = sy * x + cy * y; return [w / 2 + scale * u, h / 2 - scale * (cp * z - sp * d), cp * d + sp * z]; };
    const plane = (centre, a, b, fill, stroke) => {
      const corner = (s, t) => project(centre.map((m, i) => m + 1.35 * (s * a[i] + t * b[i])));
      const quad = [corner(-1, -1), corner(1, -1), corner(1, 1), corner(-1, 1)];
      c.beginPath(); quad.forEach(([x, y], i) => (i ? c.lineTo(x, y) : c.moveTo(x, y))); c.closePath();
      c.fillStyle = fill; c.fill(); c.strokeStyle = stroke; c.lineWidth = 1.5; c.stroke();
    };
    plane(mean, axes[0], axes[1], "rgba(232,119,22,.16)", "#e87716");
    let learned = null;
    if (this.snapshot) {
      const made = new Float32Array(bytesOf(this.snapshot.pictures.float32).buffer);
      learned = Array.from({ length: made.length / 3 }, (_, i) => Array.from(made.subarray(3 * i, 3 * i + 3)));
      const span = spanOf(learned);
      if (span) plane(span.centre, span.a, span.b, "rgba(59,125,221,.22)", "#3b7ddd");
    }
    const ink = getComputedStyle(this.root).color;
    points.map((p, i) => [project(p), learned && project(learned[i])]).sort(([a], [b]) => b[2] - a[2]).forEach(([p, q]) => {
      if (q) { c.strokeStyle = ink; c.globalAlpha = 0.25; c.lineWidth = 1; c.beginPath(); c.moveTo(p[0], p[1]); c.lineTo(q[0], q[1]); c.stroke(); c.globalAlpha = 1; }
      c.fillStyle = ink; c.globalAlpha = 0.75; c.beginPath(); c.arc(p[0], p[1], 2.6, 0, 7); c.fill(); c.globalAlpha = 1;
    });
  }
}

/** Orthonormal axes of the plane that points lie in (exactly, being a linear network's output), and their centre. */
function spanOf(points) {
  const sub = (p, q) => p.map((v, i) => v - q[i]), dot = (p, q) => p.reduce((s, v, i) => s + v * q[i], 0);
  const unit = (p) => { const n = Math.sqrt(dot(p, p)); return n < 1e-6 ? null : p.map((v) => v / n); };
  const centre = [0, 1, 2].map((i) => points.reduce((s, p) => s + p[i], 0) / points.length);
  const far = points.map((p) => sub(p, centre)).reduce((best, p) => (dot(p, p) > dot(best, best) ? p : best));
  const a = unit(far);
  if (!a) return null;
  const across = points.map((p) => sub(p, centre)).map((p) => sub(p, a.map((v) => v * dot(p, a)))).reduce((best, p) => (dot(p, p) > dot(best, best) ? p : best));
  const b = unit(across);
  return b && { centre, a, b };
}

function bytesOf(base64) { return Uint8Array.from(atob(base64), (c) => c.charCodeAt(0)); }

function paintBytes(canvas, bytes, i, width, height) {
  canvas.width = width; canvas.height = height;
  const context = canvas.getContext("2d"), image = context.createImageData(width, height), from = i * width * height;
  for (let k = 0; k < width * height; k++) image.data.set([bytes[from + k], bytes[from + k], bytes[from + k], 255], 4 * k);
  context.putImageData(image, 0, 0);
}

function ticks(low, high, about) {
  const raw = (high - low) / about, power = 10 ** Math.floor(Math.log10(raw)), step = [1, 2, 5, 10].find((m) => m * power >= raw) * power;
  const found = [];
  for (let t = Math.ceil(low / step) * step; t <= high + step * 1e-6; t += step) found.push(Number(t.toPrecision(10)));
  return found;
}

function logTicks(low, high) {
  const found = [], wide = high - low;
  for (let decade = Math.floor(low); decade <= high; decade++)
    for (const m of wide > 3 ? [1] : wide > 1.2 ? [1, 2, 5] : [1, 1.5, 2, 3, 4, 5, 6, 8]) { const v = m * 10 ** decade; if (Math.log10(v) >= low && Math.log10(v) <= high) found.push(Number(v.toPrecision(6))); }
  return found.length > 8 ? found.filter((_, i) => i % Math.ceil(found.length / 8) === 0) : found;
}
