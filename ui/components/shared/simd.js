// A matrix product in WebAssembly, four numbers an instruction (its SIMD part, in every browser
// since 2023). The module is put together here, instruction by instruction, because a component's
// script comes alone: it can load no other file.
//
// A tile is a few inputs times a few columns of the kernel. Its sums stay in registers while all
// rows go by: `sums[input][column] += x[row][input] * kernel[row][column]`.

/** @typedef {(number | Code)[]} Code bytes, nested as they were written */
/** @typedef {{ inputs: number, vectors: number }} Tile a vector is four columns */
/**
 * @typedef {(x: number, kernel: number, out: number, rows: number, width: number) => void} Product
 *   out = x @ kernel. Addresses in the memory: x [rows, inputs], kernel [rows, columns], out
 *   [inputs, columns]; the width is a row's bytes, those of the tile's columns or a multiple.
 */

const LANES = 4;
const BYTES = 4; // of a float32

// The numbers that the WebAssembly specification 2.0 gives to types, sections and instructions.
const TYPE = { i32: 0x7f, v128: 0x7b, none: 0x40 };
const SECTION = { types: 1, functions: 3, memories: 5, exports: 7, codes: 10 };
const PLAIN = {
  loop: 0x03,
  end: 0x0b,
  branchIf: 0x0d,
  get: 0x20,
  set: 0x21,
  constant: 0x41,
  less: 0x49, // without a sign
  add: 0x6a,
  shiftLeft: 0x74,
};
const SIMD = {
  load: [0xfd, 0x00],
  loadSplat: [0xfd, 0x09], // one number, into all four lanes
  store: [0xfd, 0x0b],
  constant: [0xfd, 0x0c],
  add: [0xfd, 0xe4, 0x01],
  multiply: [0xfd, 0xe6, 0x01],
};

/**
 * An unsigned number, seven bits a byte, the lowest first.
 * @param {number} value
 * @returns {number[]}
 */
const unsigned = (value) =>
  value < 128 ? [value] : [(value % 128) + 128, ...unsigned(Math.floor(value / 128))];

/**
 * A constant of an instruction is signed: its last byte has only six bits for the value.
 * @param {number} value not negative
 * @returns {number[]}
 */
const signedConstant = (value) =>
  value < 64 ? [value] : [(value % 128) + 128, ...signedConstant(Math.floor(value / 128))];

/** @param {Code} code @returns {number[]} */
const flat = (code) => code.flatMap((each) => typeof each === "number" ? each : flat(each));

/** @param {Code[]} items @returns {Code} */
const list = (...items) => [unsigned(items.length), items];

/** @param {Code} code @returns {Code} */
const sized = (code) => {
  const bytes = flat(code);
  return [unsigned(bytes.length), bytes];
};

/** @param {number} id @param {Code[]} items @returns {Code} */
const section = (id, ...items) => [id, sized(list(...items))];

/** @param {string} text @returns {Code} */
const named = (text) => [unsigned(text.length), [...text].map((each) => each.charCodeAt(0))];

/** @param {number} local @returns {Code} */
const get = (local) => [PLAIN.get, unsigned(local)];

/** @param {number} local @param {Code} value @returns {Code} */
const set = (local, ...value) => [value, PLAIN.set, unsigned(local)];

/** @param {number} value @returns {Code} */
const constant = (value) => [PLAIN.constant, signedConstant(value)];

/** @param {number} local @param {Code} by @returns {Code} */
const increase = (local, by) => set(local, get(local), by, PLAIN.add);

/** @param {Code} operation @param {number} offset in bytes @returns {Code} */
const atAddress = (operation, offset) => [operation, 2, unsigned(offset)]; // 2: of 4 bytes each

/** Repeats while the local is below the limit; at least once. */
const repeat = (
  /** @type {Code} */ body,
  /** @type {number} */ local,
  /** @type {number} */ limit,
) => [
  PLAIN.loop,
  TYPE.none,
  body,
  get(local),
  get(limit),
  PLAIN.less,
  PLAIN.branchIf,
  0,
  PLAIN.end,
];

/**
 * The function of one tile, a `Product`.
 * @param {Tile} tile
 * @returns {Code}
 */
function tileCode({ inputs, vectors }) {
  const [x, kernel, out, rows, width] = [0, 1, 2, 3, 4]; // the parameters
  const [end, column, weights, pixels, target] = [5, 6, 7, 8, 9];
  const values = 10, current = values + inputs, sums = current + 1;
  const all = (/** @type {number} */ n, /** @type {(i: number) => Code} */ each) =>
    Array.from({ length: n }, (_, i) => each(i));
  const sum = (/** @type {number} */ input, /** @type {number} */ vector) =>
    sums + input * vectors + vector;

  const row = [
    all(inputs, (i) => set(values + i, [get(pixels), atAddress(SIMD.loadSplat, BYTES * i)])),
    all(vectors, (v) => [
      set(current, [get(weights), atAddress(SIMD.load, LANES * BYTES * v)]),
      all(
        inputs,
        (i) =>
          set(sum(i, v), get(sum(i, v)), get(values + i), get(current), SIMD.multiply, SIMD.add),
      ),
    ]),
    increase(weights, get(width)),
    increase(pixels, constant(BYTES * inputs)),
  ];
  const columns = [
    all(inputs * vectors, (i) => set(sums + i, [SIMD.constant, Array(LANES * BYTES).fill(0)])),
    set(weights, get(kernel), get(column), [PLAIN.add]),
    set(pixels, get(x)),
    repeat(row, pixels, end),
    set(target, get(out), get(column), [PLAIN.add]),
    all(inputs, (i) => [
      all(vectors, (v) => [get(target), get(sum(i, v)), atAddress(SIMD.store, LANES * BYTES * v)]),
      increase(target, get(width)),
    ]),
    increase(column, constant(LANES * BYTES * vectors)),
  ];
  const inputsBytes = [get(rows), constant(Math.log2(BYTES * inputs)), PLAIN.shiftLeft];
  const body = [
    set(end, get(x), inputsBytes, [PLAIN.add]),
    set(column, constant(0)),
    repeat(columns, column, width),
    PLAIN.end,
  ];
  const locals = list([unsigned(values - 5), TYPE.i32], [
    unsigned(sums + inputs * vectors - values),
    TYPE.v128,
  ]);
  return sized([locals, body]);
}

/**
 * A memory and a product for each tile.
 * @param {Tile[]} tiles whose numbers of inputs are powers of two
 * @returns {{ memory: WebAssembly.Memory, products: Product[] } | null} null, if the browser lacks
 *   it or the site's policy forbids it
 */
export function productsOf(tiles) {
  const parameters = Array.from({ length: 5 }, () => [TYPE.i32]);
  const code = [
    [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0], // "\0asm", version 1
    section(SECTION.types, [0x60, list(...parameters), 0]),
    section(SECTION.functions, ...tiles.map(() => [0])),
    section(SECTION.memories, [0, 1]),
    section(
      SECTION.exports,
      [named("memory"), 2, 0],
      ...tiles.map((_, i) => [named(`product${i}`), 0, unsigned(i)]),
    ),
    section(SECTION.codes, ...tiles.map(tileCode)),
  ];
  try {
    const { exports } = new WebAssembly.Instance(
      new WebAssembly.Module(Uint8Array.from(flat(code))),
    );
    const all = /** @type {Record<string, any>} */ (exports);
    return { memory: all.memory, products: tiles.map((_, i) => all[`product${i}`]) };
  } catch {
    return null;
  }
}
