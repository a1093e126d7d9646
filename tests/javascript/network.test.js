// The forward pass: each kind of layer against values computed by hand, by TensorFlow, and by the
// plainest code that can be written for it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { activated, ACTIVATIONS } from "../../ui/components/shared/activations.js";
import {
  convolution,
  paddingBefore,
  transposedConvolution,
} from "../../ui/components/shared/convolution.js";
import { dense, forward, KINDS, layersOf, topK } from "../../ui/components/shared/network.js";
import { assertClose, randomTensor, tensor } from "./helpers.js";
import { CONV2D, CONV2D_TRANSPOSE } from "./tensorflow_values.js";

/** @typedef {[number, number, number]} Shape */
/** @typedef {import("../../ui/components/shared/safetensors.js").Tensor} Tensor */
/** @typedef {{ shape: Shape, k: number, channels: number, strides: number }} Case */

/** @type {Case[]} */
const CASES = [
  { shape: [5, 4, 2], k: 3, channels: 3, strides: 2 },
  { shape: [4, 4, 1], k: 3, channels: 2, strides: 2 },
  { shape: [6, 5, 3], k: 4, channels: 2, strides: 1 },
  { shape: [7, 7, 1], k: 5, channels: 1, strides: 3 },
  { shape: [3, 8, 2], k: 1, channels: 4, strides: 2 },
  { shape: [2, 2, 2], k: 5, channels: 2, strides: 1 },
];

/**
 * The convolution as its definition says: the image within zeros, and a sum over six loops. The
 * zeros before are taken so that those on both sides differ by one at most.
 * @param {ArrayLike<number>} x
 * @param {Tensor} kernel
 * @param {Case} of
 */
function plainConvolution(x, kernel, { shape: [h, w, n], k, channels: m, strides }) {
  const rows = Math.ceil(h / strides), columns = Math.ceil(w / strides), out = [];
  const before = (/** @type {number} */ size, /** @type {number} */ steps) => {
    let zeros = 0; // one more behind, then one more before, until the last window fits
    while (size + zeros < (steps - 1) * strides + k) zeros++;
    return zeros >> 1;
  };
  const pixel = (
    /** @type {number} */ y,
    /** @type {number} */ z,
    /** @type {number} */ c,
  ) => (y < 0 || y >= h || z < 0 || z >= w ? 0 : x[(y * w + z) * n + c]);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      for (let j = 0; j < m; j++) {
        let sum = 0;
        for (let ky = 0; ky < k; ky++) {
          for (let kx = 0; kx < k; kx++) {
            for (let c = 0; c < n; c++) {
              const y = row * strides + ky - before(h, rows),
                z = column * strides + kx - before(w, columns);
              sum += pixel(y, z, c) * kernel[((ky * k + kx) * n + c) * m + j];
            }
          }
        }
        out.push(sum);
      }
    }
  }
  return out;
}

/** @param {Shape} shape @param {number} strides */
const sizeAfter = ([h, w], strides) => Math.ceil(h / strides) * Math.ceil(w / strides);

test("a dense layer is activation(x @ kernel + bias)", () => {
  // x @ kernel = [1 - 5, 2 - 6]
  const kernel = tensor([1, 2, 3, 4, 5, 6], [3, 2]), bias = tensor([0.5, -40], [2]);
  assert.deepEqual([...dense({ kind: "dense", activation: "linear", kernel, bias }, [1, 0, -1])], [
    -3.5,
    -44,
  ]);
  assert.deepEqual([...dense({ kind: "dense", activation: "relu", kernel, bias }, [1, 0, 1])], [
    6.5,
    0,
  ]);
});

test("a dense layer of many inputs gives what it gives each, in blocks of four and what is left", () => {
  for (const n of [1, 3, 4, 5, 9]) {
    for (const [rows, columns] of [[1, 1], [3, 5], [4, 2], [7, 6], [9, 1]]) {
      const kernel = randomTensor(n, [rows, columns]), bias = randomTensor(7, [columns]);
      const x = randomTensor(8, [n, rows]).map((value, i) => (i % 3 ? value : 0));
      const expected = [];
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < columns; j++) {
          let sum = bias[j];
          for (let r = 0; r < rows; r++) sum += x[i * rows + r] * kernel[r * columns + j];
          expected.push(Math.tanh(sum));
        }
      }
      const layer = /** @type {const} */ ({ kind: "dense", activation: "tanh", kernel, bias });
      assertClose(dense(layer, x, n), expected, 1e-5);
    }
  }
});

test("activations have their known values, and are continuous at 0", () => {
  const at = (/** @type {string} */ name, /** @type {number} */ x) => ACTIVATIONS[name](x);
  assert.ok(Math.abs(at("elu", -1) - (Math.exp(-1) - 1)) < 1e-12 && at("elu", 2) === 2);
  assert.ok(
    Math.abs(at("selu", 1) - 1.0507009873554805) < 1e-12 &&
      Math.abs(at("selu", -1e9) + 1.7580993408473766) < 1e-12,
  );
  assert.ok(
    at("sigmoid", 0) === 0.5 && at("sigmoid", 1000) === 1 && at("sigmoid", -1000) === 0 &&
      at("tanh", 0) === 0,
  );
  for (const name of ["elu", "selu", "relu", "tanh", "linear"]) {
    assert.ok(Math.abs(at(name, 1e-9) - at(name, -1e-9)) < 1e-8, name);
  }
  assert.throws(() => activated(new Float32Array(1), "swish"), /no activation 'swish'/);
});

test("convolutions are TensorFlow's", () => {
  const { x, kernel, bias, y } = CONV2D, k = tensor(kernel, [3, 3, 2, 3]), b = tensor(bias, [3]);
  assert.deepEqual([
    ...convolution({
      kind: "convolution",
      activation: "linear",
      input_shape: [5, 4, 2],
      strides: 2,
      kernel: k,
      bias: b,
    }, x),
  ], y);
});

test("transposed convolutions are TensorFlow's", () => {
  const { x, kernel, bias, y } = CONV2D_TRANSPOSE,
    k = tensor(kernel, [4, 4, 3, 2]),
    b = tensor(bias, [3]);
  const made = transposedConvolution({
    kind: "transposed_convolution",
    activation: "linear",
    output_shape: [5, 4, 3],
    strides: 2,
    kernel: k,
    bias: b,
  }, x);
  assert.deepEqual([...made], y);
});

test("by hand: one row of ones under [1, 10, 100], strides 2, has its odd zero behind", () => {
  // [1, 4, 1] -> [1, 2, 1]: pad_total = (2 - 1) * 2 + 3 - 4 = 1, none before: windows (1, 2, 3) and
  // (3, 4, 0). Up and down one row of zeros each.
  const kernel = tensor([0, 0, 0, 1, 10, 100, 0, 0, 0], [3, 3, 1, 1]), bias = tensor([0], [1]);
  const layer = { kernel, bias, activation: "linear", strides: 2 };
  assert.equal(paddingBefore(4, 3, 2), 0);
  assert.deepEqual([
    ...convolution({ ...layer, kind: "convolution", input_shape: [1, 4, 1] }, [1, 2, 3, 4]),
  ], [
    321,
    43,
  ]);
  // and the other way each of [1, 2] puts 1, 10, 100 where its window was; what falls beyond the
  // end is lost
  const back = transposedConvolution({
    ...layer,
    kind: "transposed_convolution",
    output_shape: [1, 4, 1],
  }, [1, 2]);
  assert.deepEqual([...back], [1, 10, 102, 20]);
});

for (const [seed, each] of CASES.entries()) {
  const { shape, k, channels, strides } = each,
    name = `image ${shape}, kernel ${k}, strides ${strides}, ${channels} channels`;
  const kernel = randomTensor(seed, [k, k, shape[2], channels]),
    bias = randomTensor(seed + 50, [channels]);
  const x = randomTensor(seed + 100, shape);

  test(`a convolution is the plain sum: ${name}`, () => {
    const made = convolution({
      kind: "convolution",
      activation: "tanh",
      input_shape: shape,
      strides,
      kernel,
      bias,
    }, x);
    assertClose(
      made,
      plainConvolution(x, kernel, each).map((v, i) => Math.tanh(v + bias[i % channels])),
    );
  });

  test(`a transposed convolution is the convolution's transpose: ${name}`, () => {
    const n = sizeAfter(shape, strides) * channels,
      y = randomTensor(seed + 150, [n]),
      size = x.length;
    const zero = tensor(new Float32Array(shape[2]), [shape[2]]);
    const made = transposedConvolution({
      kind: "transposed_convolution",
      activation: "linear",
      output_shape: shape,
      strides,
      kernel,
      bias: zero,
    }, y);
    const columns = Array.from(
      { length: size },
      (_, i) =>
        plainConvolution(
          Float32Array.from({ length: size }, (_, j) => Number(i === j)),
          kernel,
          each,
        ),
    );
    assertClose(made, columns.map((column) => column.reduce((sum, v, i) => sum + v * y[i], 0)));
  });
}

test("top_k keeps the largest by value, what equals the least of them, and nothing else", () => {
  assert.deepEqual([...topK({ kind: "top_k", k: 2 }, [1, -5, 3, 2])], [0, 0, 3, 2]);
  assert.deepEqual([...topK({ kind: "top_k", k: 2 }, [2, 1, 2, 2])], [2, 0, 2, 2]);
  assert.deepEqual([...topK({ kind: "top_k", k: 1 }, [-3, -2])], [0, -2]);
  assert.deepEqual([...topK({ kind: "top_k", k: 9 }, [1, 2])], [1, 2]);
});

test("layers are put together by name and run in turn, whatever their kind", () => {
  const arrays = {
    "decoder.0.kernel": tensor([1, -1, 2, 2, 0, 3], [2, 3]),
    "decoder.0.bias": tensor([0, 0, 1], [3]),
    "decoder.10.kernel": tensor([9], [1]),
    "encoder.0.kernel": tensor([7], [1]),
    "decoder.2.kernel": tensor([1, 1, 1], [3, 1]),
    "decoder.2.bias": tensor([0.5], [1]),
  };
  const decoder = [{ kind: "dense", activation: "linear" }, { kind: "top_k", k: 1 }, {
    kind: "dense",
    activation: "relu",
  }];
  const layers = layersOf({ decoder, arrays }, "decoder");
  assert.deepEqual(layers.map((layer) => Object.keys(layer)), [
    ["kind", "activation", "kernel", "bias"],
    ["kind", "k"],
    ["kind", "activation", "kernel", "bias"],
  ]);
  assert.deepEqual([...forward(layers, [1, 1])], [6.5]); // [3, -1, 6] -> [0, 0, 6] -> 6.5
  assert.deepEqual(forward([], [1, 2]), [1, 2]);
  // of two inputs the same, one behind the other
  assert.deepEqual([...forward(layers, [1, 1, 1, 1], 2)], [6.5, 6.5]);
});

test("an unknown kind is an error of one sentence", () => {
  const layers = /** @type {any} */ ([{ kind: "attention" }]);
  assert.throws(
    () => forward(layers, [1]),
    /no layer of kind 'attention' here; known are dense, convolution, transposed_conv/,
  );
  assert.throws(
    () => forward(/** @type {any} */ ([{ kind: "toString" }]), [1]),
    /no layer of kind 'toString'/,
  );
  assert.deepEqual(Object.keys(KINDS), ["dense", "convolution", "transposed_convolution", "top_k"]);
});

test("a tied decoder's kernel comes once, and is used transposed", () => {
  const kernel = tensor([1, 2, 3, 4, 5, 6], [2, 3]), bias = tensor([10, 20], [2]);
  const [layer] = layersOf({
    encoder: [{ kind: "dense", activation: "linear" }],
    decoder: [{ kind: "dense", activation: "linear", transposed_of: 0 }],
    arrays: { "encoder.0.kernel": kernel, "decoder.0.bias": bias },
  }, "decoder");
  assert.deepEqual(forward([layer], [1, 0, 2]), Float32Array.of(17, 36));
});
