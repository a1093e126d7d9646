// The product of inputs with a kernel: nearly all of a dense network's time.
//
// Four rows of the kernel are added at once, to four outputs at once if there are as many: each
// number that is read then serves four multiplications instead of one. With the course's decoder
// 400 codings take a sixth of the time.

/** @typedef {ArrayLike<number>} Matrix flat, row by row */
/** @typedef {{ n: number, rows: number, columns: number }} Sizes */

const AT_ONCE = 4;

/**
 * out += x @ kernel.
 * @param {Matrix} x [n, rows]
 * @param {Matrix} kernel [rows, columns]
 * @param {Float32Array} out [n, columns]
 * @param {Sizes} sizes
 */
export function addProduct(x, kernel, out, sizes) {
  const { n, rows, columns } = sizes, together = n - n % AT_ONCE;
  for (let i = 0; i < together; i += AT_ONCE) {
    addFour(x, i * rows, kernel, out, i * columns, sizes);
  }
  for (let i = together; i < n; i++) addOne(x, i * rows, kernel, out, i * columns, sizes);
}

/**
 * One input: rows that it multiplies by zero are passed over, as most of a digit's are.
 * @param {Matrix} x
 * @param {number} p where the input begins
 * @param {Matrix} kernel
 * @param {Float32Array} out
 * @param {number} o where its output begins
 * @param {Sizes} sizes
 */
function addOne(x, p, kernel, out, o, { rows, columns }) {
  const used = [];
  for (let i = 0; i < rows; i++) if (x[p + i] !== 0) used.push(i);
  for (let i = 0; i < used.length; i += AT_ONCE) {
    const [a, b = a, c = a, d = a] = used.slice(i, i + AT_ONCE), left = used.length - i;
    const x0 = x[p + a],
      x1 = left > 1 ? x[p + b] : 0,
      x2 = left > 2 ? x[p + c] : 0,
      x3 = left > 3 ? x[p + d] : 0;
    const k0 = a * columns, k1 = b * columns, k2 = c * columns, k3 = d * columns;
    for (let j = 0; j < columns; j++) {
      out[o + j] += x0 * kernel[k0 + j] + x1 * kernel[k1 + j] + x2 * kernel[k2 + j] +
        x3 * kernel[k3 + j];
    }
  }
}

/**
 * Four inputs, one behind the other.
 * @param {Matrix} x
 * @param {number} p where the first begins
 * @param {Matrix} kernel
 * @param {Float32Array} out
 * @param {number} o where its output begins
 * @param {Sizes} sizes
 */
function addFour(x, p, kernel, out, o, { rows, columns }) {
  const o1 = o + columns, o2 = o1 + columns, o3 = o2 + columns;
  for (let i = 0; i < rows; i += AT_ONCE) {
    // Behind the last row stands a zero, times any row.
    const at = (/** @type {number} */ input, /** @type {number} */ row) =>
      row < rows ? x[p + input * rows + row] : 0;
    const row = (/** @type {number} */ r) => Math.min(r, rows - 1) * columns;
    const a0 = at(0, i), a1 = at(0, i + 1), a2 = at(0, i + 2), a3 = at(0, i + 3);
    const b0 = at(1, i), b1 = at(1, i + 1), b2 = at(1, i + 2), b3 = at(1, i + 3);
    const c0 = at(2, i), c1 = at(2, i + 1), c2 = at(2, i + 2), c3 = at(2, i + 3);
    const d0 = at(3, i), d1 = at(3, i + 1), d2 = at(3, i + 2), d3 = at(3, i + 3);
    const k0 = row(i), k1 = row(i + 1), k2 = row(i + 2), k3 = row(i + 3);
    for (let j = 0; j < columns; j++) {
      const u = kernel[k0 + j], v = kernel[k1 + j], w = kernel[k2 + j], z = kernel[k3 + j];
      out[o + j] += a0 * u + a1 * v + a2 * w + a3 * z;
      out[o1 + j] += b0 * u + b1 * v + b2 * w + b3 * z;
      out[o2 + j] += c0 * u + c1 * v + c2 * w + c3 * z;
      out[o3 + j] += d0 * u + d1 * v + d2 * w + d3 * z;
    }
  }
}
