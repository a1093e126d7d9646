// Reads safetensors (github.com/huggingface/safetensors): 8 bytes with the header's length, a JSON
// header, the tensors' bytes.

import { floatsOfHalves } from "./half_floats.js";

/**
 * @typedef {(Float32Array | Uint8Array) & { shape: number[] }} Tensor float16 is read as float32
 */
/**
 * @typedef {{ dtype: string, shape: number[], data_offsets: [number, number] }} Place of a tensor
 */
/** @typedef {{ metadata: Record<string, string>, arrays: Record<string, Tensor> }} Tensors */

/**
 * The metadata and the tensors of a file. Views into the file's own memory, if it is aligned.
 * @param {Uint8Array} bytes
 * @returns {Tensors}
 */
export function readSafetensors(bytes) {
  // a typed array cannot begin at any byte; a copy begins at 0
  if (bytes.byteOffset % 8) bytes = bytes.slice();
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true)),
    begin = 8 + length;
  const { __metadata__: metadata = {}, ...places } = JSON.parse(
    new TextDecoder().decode(bytes.subarray(8, begin)),
  );
  /** @type {Record<string, Tensor>} */
  const arrays = {};
  for (const name of Object.keys(places)) arrays[name] = tensorOf(name, places[name], bytes, begin);
  return { metadata, arrays };
}

/**
 * @param {string} name
 * @param {Place} place
 * @param {Uint8Array} bytes
 * @param {number} begin where the tensors' bytes begin
 * @returns {Tensor}
 */
function tensorOf(name, { dtype, shape, data_offsets: [from, to] }, bytes, begin) {
  const width = { F32: 4, F16: 2, U8: 1 }[dtype],
    size = shape.reduce((product, n) => product * n, 1);
  if (!width) {
    throw new Error(`The array '${name}' is of type ${dtype}; only F16, F32 and U8 are read here.`);
  }
  if (to - from !== width * size) {
    throw new Error(`The array '${name}' has ${to - from} bytes; its shape needs ${width * size}.`);
  }
  let own = bytes.subarray(begin + from, begin + to);
  // safetensors itself aligns its tensors, other writers need not
  if (own.byteOffset % width) own = own.slice();
  const values = dtype === "U8"
    ? own
    : dtype === "F32"
    ? new Float32Array(own.buffer, own.byteOffset, size)
    : floatsOfHalves(new Uint16Array(own.buffer, own.byteOffset, size));
  return Object.assign(values, { shape });
}
