// Codings as dots, coloured by class; the nearest dot to the pointer shows its image.

const instances = new WeakMap();

export default function ({ data, parentElement }) {
  const known = instances.get(parentElement);
  if (known && known.data === data) return known.dispose;
  known?.dispose();
  const dispose = plot(parentElement.querySelector(".scatter"), unpack(data), known?.hidden || new Set());
  const entry = { data, dispose, hidden: dispose.hidden };
  instances.set(parentElement, entry);
  return () => { dispose(); instances.delete(parentElement); };
}

function plot(root, model, hidden) {
  const { places, classes, images } = model.arrays, n = classes.length;
  const canvas = root.querySelector(".plot"), peek = root.querySelector(".peek");
  let near = -1, wanted = 0, order = Array.from({ length: n }, (_, i) => i);

  const extent = (axis) => {
    const values = order.map((i) => places[2 * i + axis]).sort((a, b) => a - b);
    const low = values[0], high = values[n - 1], pad = 0.05 * (high - low || 1);
    return [low - pad, high + pad];
  };
  const [left, right] = extent(0), [low, high] = extent(1);
  const at = (i, w, h) => [34 + ((places[2 * i] - left) / (right - left)) * (w - 44), 8 + (1 - (places[2 * i + 1] - low) / (high - low)) * (h - 40)];

  function draw() {
    wanted = 0;
    const box = canvas.getBoundingClientRect(), dpr = devicePixelRatio || 1, w = box.width, h = box.height;
    if (!w) return;
    canvas.width = w * dpr; canvas.height = h * dpr;
    const c = canvas.getContext("2d"), style = getComputedStyle(root);
    c.scale(dpr, dpr);
    c.font = `12px ${style.fontFamily}`;
    c.fillStyle = style.color;
    c.globalAlpha = 0.7;
    c.textAlign = "center"; c.fillText(model.labels[0], w / 2, h - 8);
    c.save(); c.translate(13, h / 2); c.rotate(-Math.PI / 2); c.fillText(model.labels[1], 0, 0); c.restore();
    c.strokeStyle = style.getPropertyValue("--st-border-color") || "#ccc";
    c.strokeRect(30.5, 4.5, w - 38, h - 34);
    c.globalAlpha = 0.72;
    for (const i of order) {
      if (hidden.has(classes[i])) continue;
      const [x, y] = at(i, w, h);
      c.fillStyle = model.colours[classes[i] % model.colours.length];
      c.beginPath(); c.arc(x, y, i === near ? 6 : 3, 0, 7); c.fill();
    }
    c.globalAlpha = 1;
  }
  const redraw = () => { if (!wanted) wanted = requestAnimationFrame(draw); };

  canvas.setAttribute("aria-label", `Scatter of ${n} codings, ${model.labels.join(" against ")}`);
  canvas.onpointermove = (event) => {
    const box = canvas.getBoundingClientRect();
    let best = 14 ** 2, found = -1;
    for (const i of order) {
      if (hidden.has(classes[i])) continue;
      const [x, y] = at(i, box.width, box.height), d = (x - event.offsetX) ** 2 + (y - event.offsetY) ** 2;
      if (d < best) { best = d; found = i; }
    }
    point(found);
  };
  function point(found) {
    if (found === near) return;
    near = found;
    peek.hidden = found < 0 || !images;
    if (!peek.hidden) {
      const box = canvas.getBoundingClientRect(), [height, width] = model.image, [x, y] = at(found, box.width, box.height);
      paint(peek, Float32Array.from(images.subarray(found * width * height, (found + 1) * width * height), (v) => v / 255), width, height);
      peek.style.borderColor = model.colours[classes[found]];
      peek.style.left = `${x > box.width - 110 ? x - 100 : x + 12}px`;
      peek.style.top = `${y > box.height - 110 ? y - 100 : y + 12}px`;
    }
    redraw();
  }
  canvas.onkeydown = (event) => { // from dot to dot with the arrow keys, left to right
    const by = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
    if (!by) return;
    event.preventDefault();
    const row = order.filter((i) => !hidden.has(classes[i])).sort((a, b) => places[2 * a] - places[2 * b]);
    point(row[(row.indexOf(near) + by + row.length) % row.length] ?? -1);
  };
  canvas.onblur = () => point(-1);
  canvas.onpointerleave = () => point(-1);

  const legend = root.querySelector(".legend");
  legend.hidden = model.names.length < 2;
  legend.replaceChildren(...model.names.map((name, label) => {
    const button = document.createElement("button"), dot = document.createElement("i");
    button.type = "button";
    dot.style.background = model.colours[label % model.colours.length];
    button.append(dot, name);
    button.title = "Show or hide";
    const say = () => button.setAttribute("aria-pressed", !hidden.has(label));
    button.onclick = () => { if (!hidden.delete(label)) hidden.add(label); say(); redraw(); };
    say();
    return button;
  }));
  const resizer = new ResizeObserver(redraw);
  resizer.observe(canvas);
  redraw();
  const dispose = () => { resizer.disconnect(); cancelAnimationFrame(wanted); };
  dispose.hidden = hidden;
  return dispose;
}
