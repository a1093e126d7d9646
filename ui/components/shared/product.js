// The product of inputs with a kernel: nearly all of a dense network's time.
//
// Kernels stay in the memory of the WebAssembly that multiplies, until there is no room for
// another. What goes there is laid out for its tiles: kernels with zeros behind each row, inputs
// four at a time, each row's four numbers side by side.

import { productsOf } from "./simd.js";

/** @typedef {ArrayLike<number>} Matrix flat, row by row */
/** @typedef {{ n: number, rows: number, columns: number }} Sizes */

const FOUR = { inputs: 4, vectors: 2 };
const ONE = { inputs: 1, vectors: 8 }; // as many sums as the registers of today's processors hold
const TOGETHER = 32; // columns: a multiple of both tiles'
const ROOM = 2 ** 26; // bytes for kernels
const PAGE = 2 ** 16; // bytes, of a memory
const FLOAT = Float32Array.BYTES_PER_ELEMENT;

const compiled = productsOf([FOUR, ONE]);
/** @type {WeakMap<Matrix, number>} where each kernel lies in the memory */
let kept = new WeakMap();
let filled = 0; // bytes of the memory, up to the last kernel

/**
 * out += x @ kernel.
 * @param {Matrix} x [n, rows]
 * @param {Matrix} kernel [rows, columns], which must not change
 * @param {Float32Array} out [n, columns]
 * @param {Sizes} sizes
 */
export function addProduct(x, kernel, out, sizes) {
  (compiled ? addCompiled : addPlain)(x, kernel, out, sizes);
}

/**
 * @param {Matrix} x
 * @param {Matrix} kernel
 * @param {Float32Array} out
 * @param {Sizes} sizes
 */
function addCompiled(x, kernel, out, sizes) {
  const { memory, products } = /** @type {NonNullable<typeof compiled>} */ (compiled);
  const { n, rows, columns } = sizes, padded = Math.ceil(columns / TOGETHER) * TOGETHER;
  const [multiply, { inputs }] = n < FOUR.inputs ? [products[1], ONE] : [products[0], FOUR];
  const kernelAt = storedAt(memory, kernel, rows, columns, padded);
  const xAt = filled, outAt = xAt + FLOAT * rows * inputs;
  reserve(memory, outAt + FLOAT * padded * inputs);
  const values = new Float32Array(memory.buffer, xAt, rows * inputs),
    made = new Float32Array(memory.buffer, outAt, padded * inputs);
  for (let first = 0; first < n; first += inputs) {
    const together = Math.min(inputs, n - first);
    for (let i = 0, p = first * rows; i < together; i++) {
      for (let row = 0, q = i; row < rows; row++, p++, q += inputs) values[q] = x[p];
    }
    multiply(xAt, kernelAt, outAt, rows, FLOAT * padded);
    for (let i = 0, o = first * columns; i < together; i++) {
      for (let j = 0, m = i * padded; j < columns; j++, o++, m++) out[o] += made[m];
    }
  }
}

/**
 * Where the kernel lies in the memory; it is copied there, if it does not yet.
 * @param {WebAssembly.Memory} memory
 * @param {Matrix} kernel
 * @param {number} rows
 * @param {number} columns
 * @param {number} padded
 * @returns {number}
 */
function storedAt(memory, kernel, rows, columns, padded) {
  const known = kept.get(kernel);
  if (known !== undefined) return known;
  const bytes = FLOAT * rows * padded;
  if (filled + bytes > ROOM) [kept, filled] = [new WeakMap(), 0];
  const at = filled;
  reserve(memory, at + bytes);
  const copy = new Float32Array(memory.buffer, at, rows * padded).fill(0);
  for (let row = 0, k = 0; row < rows; row++) {
    for (let j = 0, q = row * padded; j < columns; j++, k++, q++) copy[q] = kernel[k];
  }
  kept.set(kernel, at);
  filled = at + bytes;
  return at;
}

/**
 * @param {WebAssembly.Memory} memory
 * @param {number} bytes
 */
function reserve(memory, bytes) {
  const more = Math.ceil((bytes - memory.buffer.byteLength) / PAGE);
  if (more > 0) memory.grow(more);
}

/**
 * The same without WebAssembly. Rows that an input multiplies by zero are passed over, as most of
 * a digit's are.
 * @param {Matrix} x
 * @param {Matrix} kernel
 * @param {Float32Array} out
 * @param {Sizes} sizes
 */
export function addPlain(x, kernel, out, { n, rows, columns }) {
  for (let i = 0, p = 0, o = 0; i < n; i++, o += columns) {
    for (let row = 0, k = 0; row < rows; row++, p++, k += columns) {
      const value = x[p];
      if (value !== 0) { for (let j = 0; j < columns; j++) out[o + j] += value * kernel[k + j]; }
    }
  }
}
