// A set of inputs that was chosen by drawing a line around them.

/** @typedef {import("../shared/safetensors.js").Tensor} Tensor */
/** @typedef {import("./dots.js").Inputs} Inputs */

/**
 * Whether a point lies within a closed line: a ray from it crosses the line an odd number of times.
 * @param {[x: number, y: number][]} line
 * @param {number} x
 * @param {number} y
 */
export function isWithin(line, x, y) {
  let within = false;
  for (let i = 0, j = line.length - 1; i < line.length; j = i++) {
    const [ax, ay] = line[i], [bx, by] = line[j];
    if ((ay > y) !== (by > y) && x < ax + (y - ay) / (by - ay) * (bx - ax)) within = !within;
  }
  return within;
}

/**
 * The mean share of the inputs' nearest neighbours in one space that are neighbours in another:
 * neighbourhood preservation (Venna & Kaski 2001).
 * @param {Tensor} before [n, k]: rows of the neighbours
 * @param {Tensor} after [n, k]
 * @param {Iterable<number>} rows of the inputs
 * @returns {number} 0 to 1
 */
export function preservedOf(before, after, rows) {
  const k = before.shape[1];
  let stays = 0, n = 0;
  for (const row of rows) {
    const here = new Set(after.subarray(row * k, (row + 1) * k));
    for (const other of before.subarray(row * k, (row + 1) * k)) if (here.has(other)) stays++;
    n++;
  }
  return n ? stays / n / k : 0;
}

/**
 * How many of each class there are, most first.
 * @param {Iterable<number>} rows
 * @param {Uint8Array} labels
 * @param {string[]} names of the classes
 */
export function wordsOfChosen(rows, labels, names) {
  /** @type {Map<number, number>} */
  const counts = new Map();
  let n = 0;
  for (const row of rows) {
    counts.set(labels[row], (counts.get(labels[row]) ?? 0) + 1);
    n++;
  }
  const all = `${n} input${n === 1 ? "" : "s"}`;
  if (names.length < 2 || !n) return all;
  const parts = [...counts].sort((a, b) => b[1] - a[1]).map(([label, count]) =>
    `${names[label]} (${count})`
  );
  return `${all}: ${parts.slice(0, 5).join(", ")}${parts.length > 5 ? ", …" : ""}`;
}

/**
 * A sentence on how many nearest neighbours stay neighbours.
 * @param {Tensor} before [n, k]
 * @param {Tensor} after [n, k]
 * @param {Inputs} inputs
 * @param {{ chosen: Set<number> | null, where: string, counted: boolean }} of chosen: null
 *   means all; where: they were neighbours before, "" among the pixels; counted: says how many
 */
export function wordsOfNeighbours(before, after, inputs, { chosen, where, counted }) {
  const { labels, names, images } = inputs, n = labels.length, k = before.shape[1];
  const share = preservedOf(before, after, chosen ?? labels.keys()), chance = k / (n - 1);
  const begin = counted && chosen
    ? `${wordsOfChosen(chosen, labels, names)}. Of their`
    : chosen
    ? "Of their"
    : "Of each input’s";
  const there = where || (images ? "among the pixels" : "in space");
  return `${begin} ${k} nearest neighbours ${there}, ${
    percent(share)
  } are among the ${k} nearest ` +
    `here (by chance ${percent(chance)}).`;
}

/** @param {number} share */
function percent(share) {
  return `${(100 * share).toFixed(share < .1 ? 1 : 0)} %`;
}
