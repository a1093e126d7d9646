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
    instances.set(parentElement, { data, dispose: explorer(root, unpack(data), before?.dispose.state()) });
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

function explorer(root, model, before) { // before: what was shown with the weights that these replace; its sliders in standard deviations
  const decoder = layersOf(model, "decoder");
  const [height, width] = model.image;
  const size = model.order.length, numbers = size === 1 ? "one number" : `${size} numbers`;
  const { centre, spread } = model.arrays; // [size]: where a slider rests and how far one standard deviation reaches
  const codings = Float32Array.from(centre);
  const at = (name) => root.querySelector(name);
  const canvas = at(".digit"), sliders = new Map();
  let frames = 0, wanted = 0, alive = true;

  root.querySelectorAll(".made").forEach((element) => element.remove());
  const decode = (z) => forward(decoder, z);

  function render() {
    wanted = 0;
    if (!alive) return;
    paint(canvas, decode(codings), width, height);
    canvas.dataset.frames = ++frames;
    if (map) map.mark();
  }
  function redraw() { if (!wanted) wanted = requestAnimationFrame(render); }

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

  // What the codings stand for: a test image (`example`), which then stands beside the picture; or what `words` say. `draw`: the random draw they are.
  const examplesShown = [];
  let draw = null, told = {};
  function tell(words, example = -1) {
    told = { words, example };
    examplesShown.forEach((button, j) => button.setAttribute("aria-pressed", example === j));
    if (example >= 0) paintBytes(at(".original"), examples, example, width, height);
    at(".copy figcaption").textContent = words;
  }
  function setCodings(z, words, example = -1, from = null) {
    draw = from;
    codings.set(z);
    tell(words, example);
    const alone = example < 0, original = at(".original");
    at(".model").classList.toggle("none", alone);
    at(".model figcaption").textContent = alone ? "No test image" : `Test image (${model.labels[example]})`;
    original.setAttribute("aria-label", at(".model figcaption").textContent);
    showAll();
  }
  function moved() { // by hand: the test image stays in sight, to see what became of it
    draw = null;
    tell(`Drawn from your ${numbers}`);
    if (!at(".model").classList.contains("none")) at(".model figcaption").textContent = "The test image before";
  }

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
    slider.addEventListener("input", () => { codings[i] = centre[i] + slider.value * spread[i]; moved(); show(slider); redraw(); });
    label.append(name, slider, value);
    (rank < model.shown ? few : rest).append(label);
    sliders.set(i, slider);
  });
  at("details").hidden = at(".order").hidden = size <= model.shown;
  at("summary").textContent = size - model.shown === 1 ? "The other coding" : `The other ${size - model.shown} codings`;

  // Random draws: from the Gaussian round a class's codings, classes by their shares; or, where one was trained, from the prior. The same draw serves
  // every temperature and both sources, so that what a turn of the slider does can be seen.
  const heat = at(".heat input"), { shares, centres, factors } = model.arrays;
  const fromPrior = () => at("input[value=prior]").checked;
  function drawn(random) {
    const gaussian = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    let cls = 0;
    for (let u = random() - shares[0]; u > 0 && cls < shares.length - 1; u -= shares[cls]) cls++;
    const noise = Float32Array.from({ length: size }, gaussian), stray = new Float32Array(size), rows = factors.shape[1];
    for (let i = 0; i < rows; i++) for (let j = 0; j < size; j++) stray[j] += noise[i] * factors[(cls * rows + i) * size + j];
    return { cls, noise, stray };
  }
  function codingsOf({ cls, noise, stray }) {
    const prior = fromPrior(), away = prior ? noise : stray;
    return Float32Array.from(away, (value, i) => (prior ? 0 : centres[cls * size + i]) + heat.value * value);
  }
  const showDraw = (which) => setCodings(codingsOf(which), `Drawn from ${size === 1 ? "a random number" : `${size} random numbers`}`, -1, which);
  function sayHeat() {
    at(".heat output").textContent = Number(heat.value).toFixed(2);
    heat.style.setProperty("--to", `${(heat.value / heat.max) * 100}%`);
    at(".hint").textContent = "How far random draws stray: " + (fromPrior()
      ? "at 0 every coding is zero, 1 is the whole prior."
      : `0 is the middle of ${model.classes > 1 ? "a class" : "all"}, 1 as varied as the test images, but fewer draws look real.`);
  }
  function heated() {
    sayHeat();
    if (draw) showDraw(draw);
    if (model.sheet && !sheetWanted) sheetWanted = requestAnimationFrame(paintSheet);
  }
  if (!before) heat.value = model.temperature;
  heat.oninput = heated;
  root.querySelectorAll("[name=source]").forEach((radio) => { radio.onchange = heated; });
  at(".source").hidden = !(model.prior && model.sheet);
  sayHeat();
  at(".random").onclick = () => showDraw(drawn(Math.random));
  at(".reset").onclick = atRest;
  function atRest() { setCodings(centre, model.prior ? "Drawn with every coding at zero" : "Drawn from the mean of all codings"); }

  // Start from a test input.
  const examples = model.arrays.examples, strip = at(".examples"), n = examples.shape[0];
  const showExample = (i) => setCodings(model.arrays.example_codings.subarray(i * size, (i + 1) * size), `Rebuilt from ${numbers}`, i);
  for (let i = 0; i < n; i++) {
    const button = document.createElement("button"), picture = document.createElement("canvas");
    button.className = "made example";
    button.type = "button";
    button.setAttribute("aria-label", `Start from test image ${i + 1}, ${model.labels[i]}`);
    button.title = `Start from this ${model.labels[i]}`;
    paintBytes(picture, examples, i, width, height);
    button.append(picture);
    button.onclick = () => showExample(i);
    button.setAttribute("aria-pressed", false);
    examplesShown.push(button);
    strip.append(button);
  }
  at(".start p").textContent = "Start from a test image; these are among those that it rebuilds best";

  // A sheet of draws; a click on one brings it to the sliders.
  const sheet = at(".sheet"), columns = 10, rows = 6;
  let sheetDraws = [], sheetWanted = 0;
  function fillSheet() {
    const random = seeded(Number((root.dataset.seed ||= Math.floor(Math.random() * 2 ** 31))));
    sheetDraws = Array.from({ length: columns * rows }, () => drawn(random));
    paintSheet();
  }
  function paintSheet() {
    sheetWanted = 0;
    if (!alive) return;
    sheet.width = columns * width; sheet.height = rows * height;
    const tile = document.createElement("canvas"), context = sheet.getContext("2d");
    sheetDraws.forEach((which, i) => {
      paint(tile, decode(codingsOf(which)), width, height);
      context.drawImage(tile, (i % columns) * width, Math.floor(i / columns) * height);
    });
    sheet.dataset.sheets = Number(sheet.dataset.sheets || 0) + 1;
  }
  at(".samples").hidden = !model.sheet;
  at(".more").onclick = () => { delete root.dataset.seed; fillSheet(); };
  sheet.onclick = (event) => {
    const box = sheet.getBoundingClientRect();
    const column = Math.floor(((event.clientX - box.left) / box.width) * columns), row = Math.floor(((event.clientY - box.top) / box.height) * rows);
    showDraw(sheetDraws[row * columns + column]);
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
      setCodings([reach(t(2 * ((event.clientX - box.left) / box.width) - 1), 0), reach(t(1 - 2 * ((event.clientY - box.top) / box.height)), 1)], "Drawn from this place");
    }
    board.onpointerdown = board.onpointermove = follow;
    return {
      mark() {
        pin.style.left = `${50 + (50 * (codings[0] - centre[0])) / (3 * spread[0])}%`;
        pin.style.top = `${50 - (50 * (codings[1] - centre[1])) / (3 * spread[1])}%`;
      },
    };
  }

  if (!before) showExample(model.first);
  else if (before.example >= 0) showExample(before.example);
  else if (before.draw) showDraw(before.draw);
  else { codings.set(before.positions.map((t, i) => centre[i] + t * spread[i])); tell(before.words); showAll(); }
  render();
  if (model.sheet) fillSheet();
  root.dataset.ready = "true";
  const dispose = () => { alive = false; cancelAnimationFrame(wanted); };
  dispose.state = () => ({ positions: Array.from(codings, (z, i) => (z - centre[i]) / spread[i]), draw, ...told });
  return dispose;
}
