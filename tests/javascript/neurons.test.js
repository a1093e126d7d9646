// The neurons' tiles: their order, and their signed pictures.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ORDERS, sorted } from "../../ui/components/neurons/order.js";
import { signedBytes } from "../../ui/components/shared/signed.js";
import { tensor } from "./helpers.js";

const all = /** @type {any} */ ({
  units: [4, 7, 9],
  arrays: {
    strength: tensor([1, 3, 2], [3]),
    mean: tensor([0, 0, 5], [3]),
    selectivity: tensor([.5, .1, .9], [3]),
    is_dead: tensor([0, 0, 1], [3]),
    is_saturated: tensor([0, 1, 1], [3]),
  },
});

test("neurons are sorted by what the order says, equal ones as they come", () => {
  const expected = {
    strongest: [1, 2, 0],
    weakest: [0, 2, 1],
    selective: [2, 0, 1],
    active: [2, 0, 1],
    dead: [2, 1, 0],
    number: [0, 1, 2],
  };
  assert.deepEqual(Object.keys(ORDERS), Object.keys(expected));
  for (const [order, places] of Object.entries(expected)) {
    assert.deepEqual(sorted(all, order), places, order);
  }
});

test("signed values become bytes about 128, and what is beyond the scale is clipped", () => {
  assert.deepEqual([...signedBytes([0, 1, -1, .5, 7, -7], 1)], [128, 255, 1, 192, 255, 1]);
});
