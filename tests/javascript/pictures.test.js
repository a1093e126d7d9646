// Values as pixels, and numbers as words.

import assert from "node:assert/strict";
import { test } from "node:test";
import { bytesOf } from "../../ui/components/shared/bytes.js";
import { brief, wordsOf } from "../../ui/components/shared/numbers.js";
import { fillPixels } from "../../ui/components/shared/pictures.js";

test("a grey value is all three colours, and what lies outside of 0 to 1 is clipped", () => {
  const pixels = new Uint8ClampedArray(16);
  fillPixels(pixels, [0, 0.5, 1.5, -1], 1);
  assert.deepEqual([...pixels], [
    0,
    0,
    0,
    255,
    128,
    128,
    128,
    255,
    255,
    255,
    255,
    255,
    0,
    0,
    0,
    255,
  ]);
});

test("three channels are red, green and blue", () => {
  const pixels = new Uint8ClampedArray(8);
  fillPixels(pixels, [1, 0, 0.2, 0, 1, 1], 3);
  assert.deepEqual([...pixels], [255, 0, 51, 255, 0, 255, 255, 255]);
});

test("a byte keeps its level on its way through a float", () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, i) => i),
    pixels = new Uint8ClampedArray(4 * 256);
  fillPixels(pixels, Float32Array.from(bytes, (v) => v / 255), 1);
  for (let i = 0; i < 256; i++) assert.equal(pixels[4 * i], i);
});

test("numbers are brief", () => {
  const known = [[0, "0"], [1234567.8, "1,234,568"], [-1000, "-1,000"], [999.94, "999.9"], [
    0.123456,
    "0.1235",
  ], [
    0.00001234,
    "1.23e-5",
  ], [12, "12"]];
  for (const [value, text] of known) assert.equal(brief(Number(value)), text);
});

test("names are words, base64 is bytes", () => {
  assert.equal(wordsOf("reconstruction_loss"), "reconstruction loss");
  assert.deepEqual([...bytesOf("AAH/")], [0, 1, 255]);
});
