// The server's decoder: which codings it asks for, in which order, and whose answers it takes.

import assert from "node:assert/strict";
import { test } from "node:test";

import { FIRST, ServerDecoder } from "../../ui/components/network/decoders.js";
import { known } from "../../ui/components/shared/network.js";

/** @param {number} value */
const at = (value) => Float32Array.of(value);

/** A decoder, its questions, and what it has drawn. */
function decoder(patience = 60_000) {
  /** @type {import("../../ui/components/network/decoders.js").Question[]} */
  const questions = [];
  /** @type {[string, number][]} */
  const drawn = [];
  const server = new ServerDecoder((question) => questions.push(question), patience);
  const decode = (/** @type {number} */ value, /** @type {string} */ slot) => {
    const done = (/** @type {ArrayLike<number>} */ values) =>
      drawn.push([slot, Math.round(255 * values[0])]);
    server.decode([{ codings: at(value), done, slot }]);
  };
  return { server, questions, drawn, decode };
}

test("one question at a time; of a slot only the last counts, the picture comes first", () => {
  const { server, questions, drawn, decode } = decoder();
  decode(1, FIRST);
  for (let i = 0; i < 3; i++) decode(10 + i, "sheet 0");
  decode(2, FIRST);
  decode(3, FIRST);
  assert.deepEqual(questions.map(({ codings }) => codings), [[[1]]]);
  server.answered(questions[0].id, Uint8Array.of(7));
  assert.deepEqual(questions[1].codings, [[3], [12]]);
  server.answered(questions[1].id, Uint8Array.of(8, 9));
  assert.deepEqual(drawn, [[FIRST, 7], [FIRST, 8], ["sheet 0", 9]]);
  server.dispose();
});

test("an answer that was not asked for, comes twice or has another size is left alone", () => {
  const { server, questions, drawn, decode } = decoder();
  decode(1, FIRST);
  decode(2, "sheet 0");
  server.answered(questions[0].id + 5, Uint8Array.of(1));
  server.answered(questions[0].id, Uint8Array.of(1));
  server.answered(questions[0].id, Uint8Array.of(1));
  server.answered(questions[1].id, Uint8Array.of());
  assert.equal(drawn.length, 2);
  const other = decoder();
  other.decode(1, FIRST);
  assert.notEqual(other.questions[0].id, questions[0].id, "ids are of all explorers");
  server.dispose();
  other.server.dispose();
});

test("a question without an answer is given up, and the next one asked", async () => {
  const { server, questions, decode } = decoder(5);
  decode(1, FIRST);
  decode(2, "sheet 0");
  await new Promise((then) => setTimeout(then, 40));
  assert.deepEqual(questions.map(({ codings }) => codings), [[[1]], [[2]]]);
  server.dispose();
});

test("a layer of an unknown kind is the server's", () => {
  const dense = /** @type {any} */ ({ kind: "dense" }),
    other = /** @type {any} */ ({ kind: "squash" });
  assert.deepEqual([known([dense]), known([dense, other])], [true, false]);
});

test("of the answers on the page, an explorer takes its own until it is gone", () => {
  const page = new EventTarget(), globals = /** @type {any} */ (globalThis);
  globals.document = page;
  const answer = (/** @type {string} */ explorer, /** @type {number} */ id) => {
    const detail = { explorer, id, pictures: Uint8Array.of(51) };
    page.dispatchEvent(new CustomEvent("lab-decoded", { detail }));
  };
  try {
    /** @type {import("../../ui/components/network/decoders.js").Question[]} */
    const questions = [];
    const server = ServerDecoder.listening((question) => questions.push(question), "left");
    /** @type {number[]} */
    const drawn = [];
    server.decode([{ codings: at(1), done: (values) => drawn.push(values[0]), slot: FIRST }]);
    answer("right", questions[0].id);
    assert.equal(drawn.length, 0);
    answer("left", questions[0].id);
    assert.equal(drawn[0], Math.fround(51 / 255));
    server.decode([{ codings: at(2), done: (values) => drawn.push(values[0]), slot: FIRST }]);
    server.dispose();
    answer("left", questions[1].id);
    assert.equal(drawn.length, 1);
  } finally {
    delete globals.document;
  }
});
