// Runs a trained network in the page: every layer is a function of its description, its arrays and
// one or more inputs.

import { activated } from "./activations.js";
import { convolution, transposedConvolution } from "./convolution.js";
import { addProduct } from "./product.js";

/** @typedef {import("./safetensors.js").Tensor} Tensor */
/**
 * @typedef {ArrayLike<number>} Vector one input or output, flat; of an image in the order row,
 *   column, channel
 */
/**
 * @typedef {{ kind: "dense", activation: string, kernel: Tensor, bias: Tensor,
 *   transposed_of?: number }} Dense kernel [n_in, n_out], bias [n_out]
 */
/** @typedef {{ kind: "top_k", k: number }} TopK */
/** @typedef {import("./convolution.js").Convolution} Convolution */
/** @typedef {import("./convolution.js").TransposedConvolution} TransposedConvolution */
/** @typedef {Dense | TopK | Convolution | TransposedConvolution} Layer */
/** @typedef {Record<string, any> & { arrays: Record<string, Tensor> }} Model
 * a header: by a side's name the descriptions of its layers */

/**
 * activation(x @ kernel + bias).
 * @param {Dense} layer
 * @param {Vector} x [n, n_in], flat
 * @param {number} [n] inputs
 * @returns {Float32Array} [n, n_out], flat
 */
export function dense({ kernel, bias, activation }, x, n = 1) {
  const columns = bias.length, out = new Float32Array(n * columns);
  for (let i = 0; i < n; i++) out.set(bias, i * columns);
  addProduct(x, kernel, out, { n, rows: kernel.shape[0], columns });
  return activated(out, activation);
}

/**
 * The k largest values, and all that equal the least of them; the others are 0.
 * @param {TopK} layer
 * @param {Vector} x
 * @returns {Float32Array}
 */
export function topK({ k }, x) {
  const least = Float32Array.from(x).sort()[Math.max(0, x.length - k)];
  return Float32Array.from(x, (value) => (value >= least ? value : 0));
}

/**
 * A layer's function for several inputs, from that for one.
 * @template L
 * @param {(layer: L, x: Vector) => Float32Array} one
 * @returns {(layer: L, x: Vector, n: number) => Float32Array}
 */
function eachOf(one) {
  return (layer, x, n) => {
    if (n === 1) return one(layer, x);
    const size = x.length / n, values = Float32Array.from(x);
    const made = Array.from(
      { length: n },
      (_, i) => one(layer, values.subarray(i * size, (i + 1) * size)),
    );
    const out = new Float32Array(n * made[0].length);
    made.forEach((each, i) => out.set(each, i * each.length));
    return out;
  };
}

/**
 * @type {Record<string, (layer: any, x: Vector, n: number) => Float32Array>} what a layer of each
 * kind does to n inputs, one behind the other
 */
export const KINDS = {
  dense,
  convolution: eachOf(convolution),
  transposed_convolution: eachOf(transposedConvolution),
  top_k: eachOf(topK),
};

/**
 * Whether every layer can be computed in the page.
 * @param {Layer[]} layers
 * @returns {boolean}
 */
export function known(layers) {
  return layers.every(({ kind }) => Object.hasOwn(KINDS, kind));
}

/**
 * One side of a network: each layer's description with its arrays.
 * @param {Model} model
 * @param {string} side "encoder" or "decoder"
 * @returns {Layer[]}
 */
export function layersOf(model, side) {
  return model[side].map((/** @type {object} */ description, /** @type {number} */ i) => {
    const begin = `${side}.${i}.`,
      own = Object.entries(model.arrays).filter(([name]) => name.startsWith(begin));
    const layer = {
      ...description,
      ...Object.fromEntries(own.map(([name, array]) => [name.slice(begin.length), array])),
    };
    // the kernel of a layer of the encoder, which came once
    const { transposed_of: source } = layer;
    return source === undefined
      ? layer
      : { ...layer, kernel: transposed(model.arrays[`encoder.${source}.kernel`]) };
  });
}

/**
 * @param {Tensor} matrix
 * @returns {Tensor}
 */
function transposed(matrix) {
  const [rows, columns] = matrix.shape, values = new Float32Array(rows * columns);
  for (let i = 0, k = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++, k++) values[j * rows + i] = matrix[k];
  }
  return Object.assign(values, { shape: [columns, rows] });
}

/**
 * Inputs through all layers. Many at once take less than a third of the time of one after the
 * other.
 * @template {Vector} V
 * @param {Layer[]} layers
 * @param {V} x [n, n_in], flat
 * @param {number} [n] inputs
 * @returns {V | Float32Array} [n, n_out], flat; x itself, if there are no layers
 */
export function forward(layers, x, n = 1) {
  /** @type {V | Float32Array} */
  let values = x;
  for (const layer of layers) {
    if (!Object.hasOwn(KINDS, layer.kind)) {
      throw new Error(
        `There is no layer of kind '${layer.kind}' here; known are ${
          Object.keys(KINDS).join(", ")
        }.`,
      );
    }
    values = KINDS[layer.kind](layer, values, n);
  }
  return values;
}
