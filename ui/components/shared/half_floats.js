// Numbers of 16 bits (IEEE 754 binary16): weights are sent so, in half the bytes.

/**
 * The value of a half's 16 bits.
 * @param {number} half
 * @returns {number}
 */
export function halfToFloat(half) {
  const sign = half & 0x8000 ? -1 : 1, exponent = (half >> 10) & 31, fraction = half & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** @type {Float32Array | null} 65,536 entries: faster than the arithmetic */
let halfTable = null;

/**
 * The same conversion for a browser that has no `Float16Array` yet.
 * @param {Uint16Array} halves
 * @returns {Float32Array}
 */
export function floatsByTable(halves) {
  const table = (halfTable ??= Float32Array.from({ length: 65536 }, (_, i) => halfToFloat(i)));
  return Float32Array.from(halves, (half) => table[half]);
}

/**
 * Halves as floats.
 * @param {Uint16Array} halves
 * @returns {Float32Array}
 */
export function floatsOfHalves(halves) {
  if (typeof Float16Array === "undefined") return floatsByTable(halves);
  return new Float32Array(new Float16Array(halves.buffer, halves.byteOffset, halves.length));
}
