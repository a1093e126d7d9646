// Runs a trained network in the page: every layer is a function of its description, its arrays and
// one input.

import { activated } from "./activations.js";
import { convolution, transposedConvolution } from "./convolution.js";

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
 * activation(x @ kernel + bias). Rows of the kernel are added in turn, so memory is read in order.
 * @param {Dense} layer
 * @param {Vector} x
 * @returns {Float32Array}
 */
export function dense({ kernel, bias, activation }, x) {
  const n = bias.length, out = Float32Array.from(bias);
  for (let i = 0; i < x.length; i++) {
    const xi = x[i];
    if (xi === 0) continue;
    for (let j = 0, k = i * n; j < n; j++, k++) out[j] += xi * kernel[k];
  }
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
 * @type {Record<string, (layer: any, x: Vector) => Float32Array>} what a layer of each kind does
 */
export const KINDS = {
  dense,
  convolution,
  transposed_convolution: transposedConvolution,
  top_k: topK,
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
 * One input through all layers.
 * @template {Vector} V
 * @param {Layer[]} layers
 * @param {V} x
 * @returns {V | Float32Array} x itself, if there are no layers
 */
export function forward(layers, x) {
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
    values = KINDS[layer.kind](layer, values);
  }
  return values;
}
