// Random codings: the moments that a draw must have, and what the temperature does to one.

import assert from "node:assert/strict";
import { test } from "node:test";
import { codingsOf, drawFrom } from "../../ui/components/network/draws.js";
import { seeded } from "../../ui/components/shared/random.js";
import { placeOf } from "../../ui/components/network/latent_map.js";
import { fillOf, reachOf } from "../../ui/components/network/sliders.js";
import { assertClose, tensor } from "./helpers.js";

const CLOUDS = { // two classes of two codings
  size: 2,
  centre: [1, -2], // of each coding by itself
  spread: [3, .5],
  shares: tensor([0.25, 0.75], [2]),
  centres: tensor([10, 0, -10, 5], [2, 2]),
  factors: tensor([2, 1, 0, 1, 1, 0, 0, 3], [2, 2, 2]),
};
const COVARIANCES = [[4, 2, 2, 2], [1, 0, 0, 9]]; // factors' transpose times factors

test("the same seed gives the same numbers, spread evenly over [0, 1)", () => {
  const draw = (/** @type {number} */ seed) => Array.from({ length: 20000 }, seeded(seed));
  assert.deepEqual(draw(7).slice(0, 5), draw(7).slice(0, 5));
  assert.notDeepEqual(draw(7).slice(0, 5), draw(8).slice(0, 5));
  const values = draw(7), counts = Array(10).fill(0);
  for (const value of values) counts[Math.floor(10 * value)]++;
  assert.ok(
    values.every((value) => value >= 0 && value < 1) &&
      counts.every((n) => Math.abs(n - 2000) < 200),
    String(counts),
  );
});

test("draws have the classes' shares, middles and covariances", () => {
  const random = seeded(1), all = Array.from({ length: 40000 }, () => drawFrom(CLOUDS, random));
  for (const cls of [0, 1]) {
    const own = all.filter((draw) => draw.cls === cls),
      centre = CLOUDS.centres.subarray(2 * cls, 2 * cls + 2);
    assert.ok(Math.abs(own.length / all.length - CLOUDS.shares[cls]) < 0.01);
    const codings = own.map((draw) => codingsOf(draw, CLOUDS, { alone: false, temperature: 1 }));
    const mean = (/** @type {(z: Float32Array) => number} */ of) =>
      codings.reduce((sum, z) => sum + of(z), 0) / codings.length;
    assertClose([mean((z) => z[0]), mean((z) => z[1])], centre, 0.1);
    const product = (/** @type {number} */ i, /** @type {number} */ j) =>
      mean((z) => (z[i] - centre[i]) * (z[j] - centre[j]));
    assertClose(
      [product(0, 0), product(0, 1), product(1, 0), product(1, 1)],
      COVARIANCES[cls],
      0.25,
    );
  }
});

test("a temperature of 0 is the middle of the class or of all; draws move in straight lines", () => {
  const draw = drawFrom(CLOUDS, seeded(3)),
    at = (/** @type {boolean} */ alone, /** @type {number} */ temperature) =>
      codingsOf(draw, CLOUDS, { alone, temperature });
  assert.deepEqual([...at(false, 0)], [...CLOUDS.centres.subarray(2 * draw.cls, 2 * draw.cls + 2)]);
  assert.deepEqual([...at(true, 0)], CLOUDS.centre);
  assertClose(at(true, 1), [1 + 3 * draw.noise[0], -2 + .5 * draw.noise[1]]);
  for (const alone of [false, true]) {
    const [cold, warm, hot] = [0, 0.5, 1].map((temperature) => at(alone, temperature));
    assertClose(warm, cold.map((v, i) => (v + hot[i]) / 2));
  }
});

test("the map's corners are three deviations away, and the second coding grows upwards", () => {
  assert.deepEqual(placeOf(0, 0), [-3, 3]);
  assert.deepEqual(placeOf(1, 1), [3, -3]);
  assert.deepEqual(placeOf(0.5, 0.5), [0, 0]);
  assert.deepEqual(placeOf(7, -7), [3, 3]); // dragged beyond its edge
});

test("a slider's colour reaches from the middle to its handle", () => {
  const reach = { from: -2, to: 6 };
  assert.deepEqual(fillOf(6, reach), { from: 25, to: 100, positive: true });
  assert.deepEqual(fillOf(-99, reach), { from: 0, to: 25, positive: false });
  assert.deepEqual(fillOf(0, reach), { from: 25, to: 25, positive: true });
});

test("a slider reaches a little beyond the test images' codings, and as far as a prior", () => {
  const arrays = { centre: [10, 0], spread: [2, 1], low: [6, -.01], high: [16, .01] };
  const of = (/** @type {boolean} */ prior, /** @type {number} */ coding) =>
    reachOf(/** @type {any} */ ({ prior, arrays }), coding);
  assert.deepEqual(of(false, 0), { from: -2.75, to: 3.75 });
  assert.deepEqual(of(true, 0), { from: -3.5, to: 3.75 });
  assert.deepEqual(of(false, 1), { from: -.1, to: .1 });
});
