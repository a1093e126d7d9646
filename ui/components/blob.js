// Reads what blob.py packs, and runs a dense network over it: shared by every component that shows what a network does.

function halfToFloat(half) {
  const sign = half & 0x8000 ? -1 : 1, exponent = (half >> 10) & 31, fraction = half & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

let halfTable = null; // 65,536 entries: faster than the arithmetic, and Float16Array is not everywhere yet

function floatsOfHalves(halves) {
  if (typeof Float16Array !== "undefined") return new Float32Array(new Float16Array(halves.buffer, halves.byteOffset, halves.length));
  if (!halfTable) halfTable = Float32Array.from({ length: 65536 }, (_, i) => halfToFloat(i));
  return Float32Array.from(halves, (half) => halfTable[half]);
}

/** The header, with `arrays` turned into typed arrays that carry their `shape`. */
export function unpack(bytes) {
  const copy = bytes.byteOffset % 8 ? bytes.slice() : bytes; // typed arrays want aligned bytes
  const view = new DataView(copy.buffer, copy.byteOffset, copy.byteLength);
  const length = view.getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(copy.subarray(4, 4 + length)));
  const start = copy.byteOffset + 4 + length;
  for (const [name, place] of Object.entries(header.arrays)) {
    const size = place.shape.reduce((a, b) => a * b, 1), at = start + place.offset;
    const array =
      place.dtype === "uint8" ? new Uint8Array(copy.buffer, at, size)
      : place.dtype === "float32" ? new Float32Array(copy.buffer, at, size)
      : floatsOfHalves(new Uint16Array(copy.buffer, at, size));
    array.shape = place.shape;
    header.arrays[name] = array;
  }
  return header;
}

const ACTIVATE = {
  linear: (x) => x,
  relu: (x) => (x > 0 ? x : 0),
  elu: (x) => (x > 0 ? x : Math.expm1(x)),
  selu: (x) => 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * Math.expm1(x)),
  tanh: Math.tanh,
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
};

/** The layers of one side of a network: [{kernel, bias, activation}]. */
export function layersOf(header, side) {
  return header[side].map((activation, i) => ({
    activation, kernel: header.arrays[`${side}.${i}.kernel`], bias: header.arrays[`${side}.${i}.bias`],
  }));
}

/** activation(x @ kernel + bias) through all layers; x is one input. Rows of the kernel are added in turn, so memory is read in order. */
export function forward(layers, x) {
  for (const { kernel, bias, activation } of layers) {
    const n = bias.length, out = Float32Array.from(bias), act = ACTIVATE[activation];
    for (let i = 0; i < x.length; i++) {
      const xi = x[i];
      if (xi === 0) continue;
      for (let j = 0, k = i * n; j < n; j++, k++) out[j] += xi * kernel[k];
    }
    for (let j = 0; j < n; j++) out[j] = act(out[j]);
    x = out;
  }
  return x;
}

/** Paints one image (values 0..1) into the canvas's own pixels. */
export function paint(canvas, values, width, height) {
  if (canvas.width !== width || canvas.height !== height) { canvas.width = width; canvas.height = height; }
  const context = canvas.getContext("2d"), image = context.createImageData(width, height);
  for (let i = 0; i < values.length; i++) {
    const level = values[i] <= 0 ? 0 : values[i] >= 1 ? 255 : Math.round(values[i] * 255);
    image.data.set([level, level, level, 255], 4 * i);
  }
  context.putImageData(image, 0, 0);
}

/** Paints the ith of several images of bytes. */
export function paintBytes(canvas, bytes, i, width, height) {
  paint(canvas, Float32Array.from(bytes.subarray(i * width * height, (i + 1) * width * height), (v) => v / 255), width, height);
}
