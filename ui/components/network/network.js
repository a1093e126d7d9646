// The network in the browser: drag a coding and the digit is decoded here, in half a millisecond, without the server.

const instances = new WeakMap();

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".network");
  const known = instances.get(parentElement);
  const dispose = () => { instances.get(parentElement)?.dispose(); instances.delete(parentElement); };
  if (known && known.data === data) return dispose;
  const renew = () => { // new weights of a training that goes on: the sliders stay where they are
    const before = instances.get(parentElement), focused = before && parentElement.querySelector("input:focus")?.dataset.coding;
    before?.dispose();
    instances.set(parentElement, { data, dispose: explorer(root, unpack(data), before?.dispose.positions()) });
    if (focused) root.querySelector(`[data-coding="${focused}"]`)?.focus({ preventScroll: true });
  };
  if (known && root.querySelector("input:active, .board:active")) addEventListener("pointerup", renew, { once: true }); // not under a finger
  else renew();
  return dispose;
}

/** Numbers in [0, 1) that follow from a seed, so that new weights are shown the same draws (mulberry32). */
function seeded(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

function explorer(root, model, positions) { // positions: of the sliders, in standard deviations
  const decoder = layersOf(model, "decoder");
  const [height, width] = model.image;
  const size = model.order.length;
  const { centre, spread } = model.arrays; // [size]: where a slider rests and how far one standard deviation reaches
  const codings = Float32Array.from(centre);
  const at = (name) => root.querySelector(name);
  const canvas = at(".digit"), sliders = new Map();
  let frames = 0, wanted = 0, alive = true;

  root.querySelectorAll(".made").forEach((element) => element.remove());
  const decode = (z) => forward(decoder, z);

  function draw() {
    wanted = 0;
    if (!alive) return;
    paint(canvas, decode(codings), width, height);
    canvas.dataset.frames = ++frames;
    if (map) map.mark();
  }
  function redraw() { if (!wanted) wanted = requestAnimationFrame(draw); }

  function show(slider) {
    const i = Number(slider.dataset.coding), t = (codings[i] - centre[i]) / spread[i]; // in standard deviations
    slider.value = t;
    const middle = 50, here = 50 + (Math.max(-3.5, Math.min(3.5, t)) / 3.5) * 50;
    slider.style.setProperty("--from", `${Math.min(middle, here)}%`);
    slider.style.setProperty("--to", `${Math.max(middle, here)}%`);
    slider.style.setProperty("--fill", t >= 0 ? "var(--positive)" : "var(--negative)");
    slider.nextElementSibling.textContent = codings[i].toFixed(2);
    slider.setAttribute("aria-valuetext", codings[i].toFixed(2));
  }
  function showAll() { for (const slider of sliders.values()) show(slider); redraw(); }
  const examplesShown = [];
  function mark(i) { examplesShown.forEach((button, j) => button.setAttribute("aria-pressed", i === j)); } // the test image the codings stand for; -1: none
  function setCodings(z, example = -1) { codings.set(z); mark(example); showAll(); }

  const few = at(".few"), rest = at(".rest");
  model.order.forEach((i, rank) => {
    const label = document.createElement("label");
    label.className = "made" + (model.active[rank] ? "" : " idle");
    label.title = model.active[rank] ? "" : "This coding hardly changes from input to input: the network does not use it.";
    const name = document.createElement("span"), slider = document.createElement("input"), value = document.createElement("output");
    name.textContent = `z${i + 1}`;
    Object.assign(slider, { type: "range", min: -3.5, max: 3.5, step: 0.01 });
    slider.dataset.coding = i;
    slider.setAttribute("aria-label", `Coding ${i + 1}`);
    slider.addEventListener("input", () => { codings[i] = centre[i] + slider.value * spread[i]; mark(-1); show(slider); redraw(); });
    label.append(name, slider, value);
    (rank < model.shown ? few : rest).append(label);
    sliders.set(i, slider);
  });
  at("details").hidden = at(".order").hidden = size <= model.shown;
  at("summary").textContent = `The other ${size - model.shown} codings`;

  // Random draws: from the prior where one was trained, else from the Gaussian that fits the codings.
  let random = Math.random;
  function gaussian() { return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()); }
  function drawn() {
    const e = Float32Array.from({ length: size }, gaussian), z = Float32Array.from(model.arrays.mean), factor = model.arrays.factor;
    for (let i = 0; i < size; i++) {
      if (factor.shape.length === 1) z[i] += factor[i] * e[i];
      else for (let j = 0; j < size; j++) z[j] += e[i] * factor[i * size + j];
    }
    return z;
  }
  at(".random").onclick = () => setCodings(drawn());
  at(".reset").onclick = () => setCodings(centre);

  // Start from a test input.
  const examples = model.arrays.examples, strip = at(".examples"), n = examples ? examples.shape[0] : 0;
  for (let i = 0; i < n; i++) {
    const button = document.createElement("button"), picture = document.createElement("canvas");
    button.className = "made example";
    button.type = "button";
    button.setAttribute("aria-label", `Start from test image ${i + 1}, ${model.labels[i]}`);
    button.title = `Start from this ${model.labels[i]}`;
    paint(picture, Float32Array.from(examples.subarray(i * width * height, (i + 1) * width * height), (v) => v / 255), width, height);
    button.append(picture);
    button.onclick = () => setCodings(model.arrays.example_codings.subarray(i * size, (i + 1) * size), i);
    button.setAttribute("aria-pressed", false);
    examplesShown.push(button);
    strip.append(button);
  }
  at(".start").hidden = !n;

  // A sheet of draws; a click on one brings it to the sliders.
  const sheet = at(".sheet"), columns = 10, rows = 6;
  let sheetCodings = [];
  function fillSheet() {
    random = seeded(Number((root.dataset.seed ||= Math.floor(Math.random() * 2 ** 31))));
    sheetCodings = Array.from({ length: columns * rows }, drawn);
    sheet.width = columns * width; sheet.height = rows * height;
    const tile = document.createElement("canvas"), context = sheet.getContext("2d");
    sheetCodings.forEach((z, i) => {
      paint(tile, decode(z), width, height);
      context.drawImage(tile, (i % columns) * width, Math.floor(i / columns) * height);
    });
    sheet.dataset.sheets = Number(sheet.dataset.sheets || 0) + 1;
  }
  at(".samples").hidden = !model.sheet;
  at(".more").onclick = () => { delete root.dataset.seed; fillSheet(); };
  sheet.onclick = (event) => {
    const box = sheet.getBoundingClientRect();
    const column = Math.floor(((event.clientX - box.left) / box.width) * columns), row = Math.floor(((event.clientY - box.top) / box.height) * rows);
    setCodings(sheetCodings[row * columns + column]);
  };

  const map = size === 2 ? latentMap() : null;
  at(".map").hidden = !map;

  // With two codings the whole latent space is a picture: drag over it.
  function latentMap() {
    const tiles = 20, board = at(".board"), pin = at(".pin"), context = board.getContext("2d"), tile = document.createElement("canvas");
    board.width = tiles * width; board.height = tiles * height;
    const reach = (t, i) => centre[i] + t * 3 * spread[i];
    let next = 0;
    function some() {
      const until = performance.now() + 8;
      while (alive && next < tiles * tiles && performance.now() < until) {
        const column = next % tiles, row = Math.floor(next / tiles);
        const z = [reach((2 * column) / (tiles - 1) - 1, 0), reach(1 - (2 * row) / (tiles - 1), 1)];
        paint(tile, decode(Float32Array.from(z)), width, height);
        context.drawImage(tile, column * width, row * height);
        next++;
      }
      if (alive && next < tiles * tiles) requestAnimationFrame(some);
    }
    some();
    function follow(event) {
      if (event.type === "pointerdown") board.setPointerCapture(event.pointerId);
      if (!(event.buttons & 1)) return;
      event.preventDefault();
      const box = board.getBoundingClientRect();
      const t = (x) => Math.max(-1, Math.min(1, x));
      setCodings([reach(t(2 * ((event.clientX - box.left) / box.width) - 1), 0), reach(t(1 - 2 * ((event.clientY - box.top) / box.height)), 1)]);
    }
    board.onpointerdown = board.onpointermove = follow;
    return {
      mark() {
        pin.style.left = `${50 + (50 * (codings[0] - centre[0])) / (3 * spread[0])}%`;
        pin.style.top = `${50 - (50 * (codings[1] - centre[1])) / (3 * spread[1])}%`;
      },
    };
  }

  if (positions?.length === size) codings.set(positions.map((t, i) => centre[i] + t * spread[i]));
  else if (model.first) { codings.set(model.arrays.example_codings.subarray(model.first * size, (model.first + 1) * size)); mark(model.first); }
  showAll();
  draw();
  if (model.sheet) fillSheet();
  root.dataset.ready = "true";
  const dispose = () => { alive = false; cancelAnimationFrame(wanted); };
  dispose.positions = () => Array.from(codings, (z, i) => (z - centre[i]) / spread[i]);
  return dispose;
}
