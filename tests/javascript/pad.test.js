// The drawing pad's arithmetic: centring, edits, damage, errors, and which networks are fetched.

import assert from "node:assert/strict";
import { test } from "node:test";
import { barsOf, wordsOfBars } from "../../ui/components/pad/bars.js";
import {
  AS_MNIST,
  boxOf,
  centred,
  inPlacing,
  massOf,
  placingOf,
} from "../../ui/components/pad/centring.js";
import { Chance, damaged, isOn } from "../../ui/components/pad/damage.js";
import { movedBy, thicker, thinner } from "../../ui/components/pad/edits.js";
import { hardness, squaredError } from "../../ui/components/pad/hardness.js";
import { NetworkMoments, projected } from "../../ui/components/shared/networks.js";
import { assertClose as nearly, tensor } from "./helpers.js";

const FINE = 280;

/**
 * A filled rectangle on a fine pad.
 * @param {number} top
 * @param {number} left
 * @param {number} bottom
 * @param {number} right
 */
function rectangle(top, left, bottom, right) {
  const fine = new Float32Array(FINE * FINE);
  for (let y = top; y < bottom; y++) fine.fill(1, y * FINE + left, y * FINE + right);
  return fine;
}

test("a drawing is placed as the test images are", () => {
  const blank = () => new Float32Array(28 * 28);
  const framed = (/** @type {number} */ shift) => { // 22 pixels high, heavy at one end
    const image = blank();
    for (let i = 3; i < 25; i++) {
      for (let j = 10; j < 16; j++) {
        image[28 * i + j + shift] = i < 9 ? 1 : .2;
      }
    }
    return image;
  };
  const byBox = placingOf([framed(1), framed(1), blank()], 28, 28);
  assert.deepEqual(byBox, { box: 22 / 28, byMass: false });
  const around = blank(); // its centre of mass is the image's centre, its box's is not
  for (let i = 9; i < 20; i++) around[28 * i + 13] = around[28 * i + 14] = i < 18 ? 1 : .5;
  const [y] = massOf(around, 28, 28);
  const { byMass } = placingOf([around], 28, 28);
  assert.equal(byMass, Math.abs(y - 14) < Math.abs((9 + 20) / 2 - 14));
  assert.deepEqual(placingOf([], 28, 28), AS_MNIST);
  const fine = new Float32Array(56 * 56);
  for (let i = 10; i < 30; i++) fine[56 * i + 20] = i < 15 ? 1 : .1;
  const box = boxOf(centred(fine, 56, 56, 28, 28, byBox), 28, 28);
  assert.deepEqual(box && [box[0], box[2]], [3, 25]);
});

test("an image is left as it is in a placing it is known in, and placed anew in others", () => {
  const asDigits = { box: 22 / 28, byMass: false }, fine = new Float32Array(FINE * FINE);
  for (let i = 40; i < 200; i++) fine.fill(1, FINE * i + 60, FINE * i + (i < 70 ? 150 : 75)); // an L
  const [mnist, digits] = [AS_MNIST, asDigits].map((placing) => {
    return { placing, image: centred(fine, FINE, FINE, 28, 28, placing) };
  });
  assert.equal(inPlacing([digits, mnist], 28, 28, { ...AS_MNIST }), mnist.image);
  const anew = inPlacing([digits], 28, 28, AS_MNIST);
  nearly(massOf(anew, 28, 28), [14, 14], .05);
  const mean = (/** @type {Float32Array} */ a, /** @type {Float32Array} */ b) =>
    a.reduce((sum, value, i) => sum + Math.abs(value - b[i]), 0) / a.length;
  // Nearly what the strokes themselves give; far from what the other networks get.
  const apart = mean(digits.image, mnist.image);
  assert.ok(mean(anew, mnist.image) < .1 * apart);
  // Placed again as it is placed already, it is nearly the same.
  assert.ok(mean(centred(mnist.image, 28, 28, 28, 28), mnist.image) < .1 * apart);
  assert.ok(mean(centred(digits.image, 28, 28, 28, 28, asDigits), digits.image) < 1e-6);
  assert.deepEqual(inPlacing([], 28, 28, AS_MNIST), new Float32Array(28 * 28));
});

test("every coding has a bar, or of few neighbours the farthest from 0", () => {
  assert.deepEqual([...barsOf(Float32Array.of(1, -2, 0))], [1, -2, 0]);
  const codings = Float32Array.from(
    { length: 1000 },
    (_, i) => i === 501 ? -3 : i % 4 === 0 ? 1 : .5,
  );
  const bars = barsOf(codings);
  assert.equal(bars.length, 250);
  assert.deepEqual([...new Set(bars)], [1, -3]);
  assert.equal(bars[125], -3);
  assert.equal(
    wordsOfBars(1000),
    "bars: its 1000 codings, of each 4 neighbours the largest, up if positive",
  );
  assert.equal(wordsOfBars(1), "bars: its coding, up if positive");
});

test("a drawing is fitted into 20 of 28 pixels, about its centre of mass, its aspect kept", () => {
  for (const [top, left, bottom, right] of [[20, 30, 70, 55], [100, 3, 110, 270], [0, 0, 9, 9]]) {
    const fine = rectangle(top, left, bottom, right), image = centred(fine, FINE, FINE, 28, 28);
    const [y, x] = massOf(image, 28, 28);
    nearly([y, x], [14, 14], 1e-3);
    const longest = Math.max(bottom - top, right - left), scale = longest / 20;
    const mass = image.reduce((sum, value) => sum + value, 0);
    nearly([mass], [(bottom - top) * (right - left) / scale ** 2], 1e-2);
    const box = boxOf(image, 28, 28);
    assert.ok(box);
    const sides = [box[2] - box[0], box[3] - box[1]].sort((a, b) => a - b);
    assert.equal(sides[1], 20);
    assert.ok(Math.max(...image) <= 1);
  }
});

test("an uneven drawing is moved by its mass, not by its box", () => {
  const fine = rectangle(50, 50, 150, 60); // a post with a foot to the right
  for (let y = 140; y < 150; y++) fine.fill(1, y * FINE + 60, y * FINE + 110);
  const image = centred(fine, FINE, FINE, 28, 28), box = boxOf(image, 28, 28);
  nearly(massOf(image, 28, 28), [14, 14], 1e-3);
  assert.ok(box && box[1] > 14 - 8 && box[3] - 14 > 14 - box[1]);
});

test("nothing drawn is a black image", () => {
  assert.deepEqual(centred(new Float32Array(FINE * FINE), FINE, FINE, 2, 2), new Float32Array(4));
});

test("an image is moved by a pixel, and what leaves it is gone", () => {
  const image = Float32Array.of(1, 2, 3, 4, 5, 6); // two rows
  assert.deepEqual(movedBy(image, 3, [1, 0]), Float32Array.of(0, 1, 2, 0, 4, 5));
  assert.deepEqual(movedBy(image, 3, [-1, 0]), Float32Array.of(2, 3, 0, 5, 6, 0));
  assert.deepEqual(movedBy(image, 3, [0, 1]), Float32Array.of(0, 0, 0, 1, 2, 3));
  assert.deepEqual(movedBy(image, 3, [0, -1]), Float32Array.of(4, 5, 6, 0, 0, 0));
});

test("lines get thicker and thinner by half a step, and no row wraps around", () => {
  const dot = Float32Array.of(0, 0, 1, 0, 0, 0);
  assert.deepEqual(thicker(dot, 3), Float32Array.of(0, .5, 1, 0, 0, .5));
  assert.deepEqual(thinner(dot, 3), Float32Array.of(0, 0, .5, 0, 0, 0));
  const whole = Float32Array.of(1, 1, 1, 1, 1, 1, 1, 1, 1);
  assert.deepEqual(thinner(whole, 3), Float32Array.of(.5, .5, .5, .5, 1, .5, .5, .5, .5));
});

test("damage has the moments that its sliders say, and a slider only scales it", () => {
  const n = 40_000, width = 200, image = new Float32Array(n).fill(.5), chance = new Chance(n, 1);
  const none = { noise: 0, kept: 1, erased: 0, at: /** @type {[number, number]} */ ([0, 0]) };
  assert.ok(!isOn(none));
  assert.deepEqual(damaged(image, width, none, chance), image);
  const noisy = damaged(image, width, { ...none, noise: .4 }, chance),
    mean = noisy.reduce((sum, v) => sum + v, 0) / n,
    variance = noisy.reduce((sum, v) => sum + (v - mean) ** 2, 0) / n;
  nearly([mean, Math.sqrt(variance)], [.5, .4], .01);
  const less = damaged(image, width, { ...none, noise: .2 }, chance);
  nearly(
    Array.from(less.subarray(0, 50), (v) => (v - .5) * 2),
    noisy.slice(0, 50).map((v) => v - .5),
    1e-6,
  );
  const lost = damaged(image, width, { ...none, kept: .3 }, chance);
  nearly([lost.filter((v) => v > 0).length / n], [.3], .01);
  const fewer = damaged(image, width, { ...none, kept: .2 }, chance);
  assert.ok(fewer.every((v, i) => !v || lost[i]));
  const erased = damaged(image, width, { ...none, erased: 10, at: [50, 60] }, chance);
  assert.equal(erased.filter((v) => !v).length, 100);
  assert.equal(erased[60 * width + 50], 0);
});

test("an error is said by its place among the test images' errors", () => {
  assert.equal(squaredError([1, 0], [0, 2]), 2.5);
  const quantiles = Array.from({ length: 101 }, (_, i) => i / 100);
  assert.equal(hardness(.975, quantiles), "harder than 97 % of the test images");
  assert.equal(hardness(.035, quantiles), "easier than 97 % of the test images");
  assert.equal(hardness(.005, quantiles), "easier than 99 % of the test images"); // not than all
  assert.equal(hardness(1, quantiles), "harder than 99 % of the test images"); // as hard as one
  assert.equal(hardness(1.5, quantiles), "harder than all of the test images");
  assert.equal(hardness(-1, quantiles), "easier than all of the test images");
});

test("PCA projects on its directions", () => {
  const plane = { mean: tensor([1, 1, 1], [3]), axes: tensor([1, 0, 0, 0, .6, .8], [2, 3]) };
  nearly(projected(plane, Float32Array.of(3, 2, 0)), [3, 1 - .2 * .6, 1 - .2 * .8], 1e-6);
});

test("only the last wanted moment is fetched, and until it comes the one before is shown", async () => {
  /** @type {{ address: string, answer: (ok: boolean) => void }[]} */
  const asked = [];
  const before = [globalThis.fetch, globalThis.location];
  Object.assign(globalThis, {
    location: { pathname: "/lab/draw" },
    fetch: (/** @type {string} */ address) =>
      new Promise((resolve) => {
        const answer = (/** @type {boolean} */ ok) =>
          resolve({ ok, text: () => "gone", arrayBuffer: packedNetwork });
        asked.push({ address, answer });
      }),
  });
  const settled = () => new Promise((resolve) => setTimeout(resolve, 5));
  try {
    const moments = new NetworkMoments("/lab/network/a", () => {}, { measured: true });
    moments.want("");
    for (const moment of ["0-1", "0-2", "0-3"]) moments.want(moment);
    assert.deepEqual(asked.map(({ address }) => address), ["/lab/lab/network/a?pca=1"]);
    assert.equal(moments.shown(), null);
    asked[0].answer(true);
    await settled();
    assert.equal(asked[1].address, "/lab/lab/network/a?at=0-3&pca=1");
    moments.want("");
    const first = moments.shown();
    assert.ok(first && moments.here);
    moments.want("0-3");
    assert.equal(moments.shown(), first);
    assert.ok(!moments.here);
    asked[1].answer(true);
    await settled();
    assert.notEqual(moments.shown(), first);
    moments.want("0-9");
    asked[2].answer(false);
    await settled();
    assert.equal(moments.failed, "gone");
    moments.forget();
    moments.want(moments.wanted);
    await settled();
    assert.equal(asked.length, 4);
    asked[3].answer(true);
    await settled();
    // neighbours come after it, also if one of them cannot
    moments.want("0-9", ["0-8", "0-7"]);
    await settled();
    assert.ok(moments.here && asked[4].address.includes("at=0-8"));
    asked[4].answer(false);
    await settled();
    assert.ok(asked[5].address.includes("at=0-7") && !moments.failed);
  } finally {
    Object.assign(globalThis, { fetch: before[0], location: before[1] });
  }
});

/** A network of one dense layer each way, as the server packs it. */
function packedNetwork() {
  const header = JSON.stringify({
    encoder: [{ kind: "dense", activation: "linear" }],
    decoder: [{ kind: "dense", activation: "linear", transposed_of: 0 }],
    spread: [],
    quantiles: null,
  });
  /** @type {Record<string, number[]>} */
  const shapes = {
    "encoder.0.kernel": [2, 1],
    "encoder.0.bias": [1],
    "decoder.0.bias": [2],
  };
  let at = 0;
  /** @type {Record<string, unknown>} */
  const places = { __metadata__: { header } };
  for (const [name, shape] of Object.entries(shapes)) {
    const size = 4 * shape.reduce((a, b) => a * b, 1);
    places[name] = { dtype: "F32", shape, data_offsets: [at, at += size] };
  }
  const text = new TextEncoder().encode(JSON.stringify(places)),
    file = new Uint8Array(8 + text.length + at);
  new DataView(file.buffer).setBigUint64(0, BigInt(text.length), true);
  file.set(text, 8);
  return file.buffer;
}
