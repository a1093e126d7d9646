// Reads what packing.py packs: a component's header with its arrays.

import { readSafetensors } from "./safetensors.js";

/** @typedef {import("./safetensors.js").Tensor} Tensor */
/**
 * @typedef {[height: number, width: number, channels?: number]} ImageShape one channel, unless it
 *   says 3
 */

/**
 * The header that was packed, and the arrays in it as `arrays`.
 * @param {Uint8Array} bytes
 * @returns {any} which entries it has, says the component's own type
 */
export function unpack(bytes) {
  const { metadata, arrays } = readSafetensors(bytes);
  return { ...JSON.parse(metadata.header), arrays };
}
