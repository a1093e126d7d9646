// The product, by WebAssembly and without it, against its definition.

import assert from "node:assert/strict";
import { test } from "node:test";
import { addPlain, addProduct } from "../../ui/components/shared/product.js";
import { productsOf } from "../../ui/components/shared/simd.js";
import { assertClose, randomTensor } from "./helpers.js";

const SHAPES = [[1, 1, 1], [1, 784, 33], [2, 3, 32], [4, 20, 64], [5, 7, 31], [9, 130, 100]];

/**
 * @param {ArrayLike<number>} x
 * @param {ArrayLike<number>} kernel
 * @param {ArrayLike<number>} before
 * @param {{ n: number, rows: number, columns: number }} sizes
 */
const defined = (x, kernel, before, { n, rows, columns }) =>
  Array.from({ length: n * columns }, (_, o) => {
    const i = Math.floor(o / columns), j = o % columns;
    let sum = before[o];
    for (let row = 0; row < rows; row++) sum += x[i * rows + row] * kernel[row * columns + j];
    return sum;
  });

test("both products are what the definition says, for sizes that fit no tile, too", () => {
  for (const add of [addProduct, addPlain]) {
    for (const [n, rows, columns] of SHAPES) {
      const sizes = { n, rows, columns };
      const x = randomTensor(1, [n, rows]), kernel = randomTensor(2, [rows, columns]);
      for (let again = 0; again < 2; again++) { // the second time the kernel lies there
        const out = Float32Array.from(randomTensor(3, [n, columns]));
        const expected = defined(x, kernel, out, sizes);
        add(x, kernel, out, sizes);
        assertClose(out, expected, 1e-4);
      }
    }
  }
});

test("a plain list of numbers is an input, too", () => {
  const out = new Float32Array(2);
  addProduct([1, 2], [3, 4, 5, 6], out, { n: 1, rows: 2, columns: 2 });
  assert.deepEqual([...out], [13, 16]);
});

test("kernels beyond the room of the memory take the place of the earlier ones", () => {
  const size = 2048, sizes = { n: 1, rows: size, columns: size };
  const kernels = Array.from({ length: 6 }, (_, i) => new Float32Array(size * size).fill(i + 1));
  const x = new Float32Array(size).fill(1);
  for (const turn of [0, 1]) {
    kernels.forEach((kernel, i) => {
      const out = new Float32Array(size);
      addProduct(x, kernel, out, sizes);
      assert.deepEqual([out[0], out[size - 1]], [size * (i + 1), size * (i + 1)], `turn ${turn}`);
    });
  }
});

test("without WebAssembly there is no compiled product", () => {
  const { Module } = WebAssembly;
  try {
    WebAssembly.Module = /** @type {any} */ (class {
      constructor() {
        throw new WebAssembly.CompileError("Refused by the site's policy.");
      }
    });
    assert.equal(productsOf([{ inputs: 1, vectors: 1 }]), null);
  } finally {
    WebAssembly.Module = Module;
  }
  assert.notEqual(productsOf([{ inputs: 1, vectors: 1 }]), null);
});
