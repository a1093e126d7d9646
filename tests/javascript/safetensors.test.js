// The reader of safetensors and of 16-bit floats, against bytes that are written by hand as the
// format says.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  floatsByTable,
  floatsOfHalves,
  halfToFloat,
} from "../../ui/components/shared/half_floats.js";
import { unpack } from "../../ui/components/shared/packing.js";
import { readSafetensors } from "../../ui/components/shared/safetensors.js";

/**
 * A file, at an offset in memory.
 * @param {object} header
 * @param {number[]} body
 * @param {number} [offset]
 */
function file(header, body, offset = 0) {
  const text = new TextEncoder().encode(JSON.stringify(header)),
    length = Math.ceil(text.length / 8) * 8;
  const bytes = new Uint8Array(offset + 8 + length + body.length);
  bytes.fill(0x20, offset + 8, offset + 8 + length); // padded with spaces
  bytes[offset] = length & 255;
  bytes[offset + 1] = length >> 8;
  bytes.set(text, offset + 8);
  bytes.set(body, offset + 8 + length);
  return bytes.subarray(offset);
}

const HEADER = {
  __metadata__: { header: '{"words":"Größe \\"a\\""}' },
  floats: { dtype: "F32", shape: [2], data_offsets: [0, 8] },
  halves: { dtype: "F16", shape: [3, 1], data_offsets: [8, 14] },
  bytes: { dtype: "U8", shape: [1, 3], data_offsets: [14, 17] },
  nothing: { dtype: "U8", shape: [0, 2], data_offsets: [17, 17] },
};
// 1, -2; 1, -2, 65504; 7, 8, 255
const BODY = [0, 0, 128, 63, 0, 0, 0, 192, 0, 60, 0, 192, 255, 123, 7, 8, 255];

for (const offset of [0, 1, 4, 7]) {
  test(`all three types are read, with their shapes, from memory that begins at ${offset}`, () => {
    const { metadata, arrays } = readSafetensors(file(HEADER, BODY, offset));
    assert.equal(JSON.parse(metadata.header).words, 'Größe "a"');
    assert.ok(
      arrays.floats instanceof Float32Array && arrays.halves instanceof Float32Array &&
        arrays.bytes instanceof Uint8Array,
    );
    assert.deepEqual([...arrays.floats], [1, -2]);
    assert.deepEqual([...arrays.halves], [1, -2, 65504]);
    assert.deepEqual([...arrays.bytes], [7, 8, 255]);
    assert.deepEqual([
      arrays.floats.shape,
      arrays.halves.shape,
      arrays.bytes.shape,
      arrays.nothing.shape,
    ], [
      [2],
      [3, 1],
      [1, 3],
      [0, 2],
    ]);
    assert.equal(arrays.nothing.length, 0);
  });
}

test("tensors that are not aligned are read too", () => {
  const header = {
    a: { dtype: "U8", shape: [1], data_offsets: [0, 1] },
    b: { dtype: "F32", shape: [1], data_offsets: [1, 5] },
  };
  assert.deepEqual([...readSafetensors(file(header, [9, 0, 0, 128, 63])).arrays.b], [1]);
});

test("another type, and bytes that do not fit the shape, are errors of one sentence", () => {
  const one = (/** @type {string} */ dtype, /** @type {number} */ end) => ({
    a: { dtype, shape: [2], data_offsets: [0, end] },
  });
  assert.throws(
    () => readSafetensors(file(one("I64", 16), Array(16).fill(0))),
    /'a' is of type I64; only F16, F32 and U8/,
  );
  assert.throws(
    () => readSafetensors(file(one("F32", 4), Array(4).fill(0))),
    /'a' has 4 bytes; its shape needs 8/,
  );
});

test("unpack gives the header with its arrays", () => {
  const model = unpack(file(HEADER, BODY));
  assert.equal(model.words, 'Größe "a"');
  assert.deepEqual(Object.keys(model.arrays), ["floats", "halves", "bytes", "nothing"]);
});

test("a half has the value that IEEE 754 gives it", () => {
  const known = [
    [0x3c00, 1],
    [0xc000, -2],
    [0x7bff, 65504],
    [0x0001, 2 ** -24],
    [0x0400, 2 ** -14],
    [
      0x3555,
      1365 / 4096,
    ],
    [0x7c00, Infinity],
  ];
  for (const [half, value] of known) assert.equal(halfToFloat(half), value);
  assert.ok(
    Object.is(halfToFloat(0x8000), -0) && Number.isNaN(halfToFloat(0x7c01)) &&
      halfToFloat(0xfc00) === -Infinity,
  );
});

test("both ways to convert halves agree on all 65,536", () => {
  const all = Uint16Array.from({ length: 65536 }, (_, i) => i);
  const byTable = floatsByTable(all), byBrowser = floatsOfHalves(all);
  for (const half of all) {
    assert.ok(
      Object.is(byTable[half], halfToFloat(half)) && Object.is(byBrowser[half], byTable[half]),
      String(half),
    );
  }
});
