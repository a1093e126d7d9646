// Convolutions as TensorFlow computes them with padding="SAME". Inputs and outputs are flat, in the
// order row, column, channel.

import { activated } from "./activations.js";

/** @typedef {import("./safetensors.js").Tensor} Tensor */
/** @typedef {[height: number, width: number, channels: number]} Shape */
/** @typedef {{ activation: string, strides: number, kernel: Tensor, bias: Tensor }} Filters */
/**
 * @typedef {Filters & { kind: "convolution", input_shape: Shape }} Convolution
 *   kernel [k, k, c_in, c_out], bias [c_out]
 */
/**
 * @typedef {Filters & { kind: "transposed_convolution", output_shape: Shape }}
 *   TransposedConvolution kernel [k, k, c_out, c_in], bias [c_out]
 */

/**
 * The zeros before the first row (or column): half of those that "SAME" needs, the odd one comes
 * behind the last.
 * @param {number} size of the image
 * @param {number} k of the kernel
 * @param {number} strides
 * @returns {number}
 */
export function paddingBefore(size, k, strides) {
  return Math.floor(Math.max((Math.ceil(size / strides) - 1) * strides + k - size, 0) / 2);
}

/**
 * activation(conv2d(x, kernel) + bias): each place of the output is a weighted sum of the k by k
 * places about its own in the input.
 * @param {Convolution} layer
 * @param {ArrayLike<number>} x [h, w, c_in]
 * @returns {Float32Array} [ceil(h / strides), ceil(w / strides), c_out]
 */
export function convolution({ activation, input_shape: [h, w, n], strides, kernel, bias }, x) {
  const k = kernel.shape[0],
    m = bias.length,
    rows = Math.ceil(h / strides),
    columns = Math.ceil(w / strides);
  const above = paddingBefore(h, k, strides), left = paddingBefore(w, k, strides);
  const out = new Float32Array(rows * columns * m);
  for (let row = 0, o = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++, o += m) {
      for (let j = 0; j < m; j++) {
        out[o + j] = bias[j];
      }
      for (let ky = 0; ky < k; ky++) {
        for (let kx = 0; kx < k; kx++) {
          const y = row * strides + ky - above, z = column * strides + kx - left;
          if (y < 0 || y >= h || z < 0 || z >= w) continue; // of the padding
          for (let c = 0, i = (y * w + z) * n, q = (ky * k + kx) * n * m; c < n; c++, i++, q += m) {
            const xi = x[i];
            if (xi !== 0) { for (let j = 0; j < m; j++) out[o + j] += xi * kernel[q + j]; }
          }
        }
      }
    }
  }
  return activated(out, activation);
}

/**
 * activation(conv2d_transpose(x, kernel) + bias), the gradient of a convolution from the output's
 * shape to the input's: each place of the input adds the kernel, times its value, to the k by k
 * places about its own in the output.
 * @param {TransposedConvolution} layer
 * @param {ArrayLike<number>} x [ceil(h / strides), ceil(w / strides), c_in]
 * @returns {Float32Array} [h, w, c_out]
 */
export function transposedConvolution(
  { activation, output_shape: [h, w, m], strides, kernel, bias },
  x,
) {
  const k = kernel.shape[0],
    n = kernel.shape[3],
    rows = Math.ceil(h / strides),
    columns = Math.ceil(w / strides);
  const above = paddingBefore(h, k, strides),
    left = paddingBefore(w, k, strides),
    out = new Float32Array(h * w * m);
  for (let o = 0; o < out.length; o++) out[o] = bias[o % m];
  for (let row = 0, i = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++, i += n) {
      for (let ky = 0; ky < k; ky++) {
        for (let kx = 0; kx < k; kx++) {
          const y = row * strides + ky - above, z = column * strides + kx - left;
          if (y < 0 || y >= h || z < 0 || z >= w) {
            continue; // of the padding
          }
          for (let j = 0, o = (y * w + z) * m, q = (ky * k + kx) * m * n; j < m; j++, o++, q += n) {
            let sum = 0;
            for (let c = 0; c < n; c++) sum += x[i + c] * kernel[q + c];
            out[o] += sum;
          }
        }
      }
    }
  }
  return activated(out, activation);
}
