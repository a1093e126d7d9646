// Centres and scales a drawing as the images were that the networks know: fitted into a box, its
// aspect kept, and moved so that its centre of mass, or the middle of the box, is the image's centre.

/** @typedef {{ box: number, byMass: boolean }} Placing box: a share of the image's sides */
/** @typedef {{ placing: Placing, image: Float32Array }} Placed an image, and how it is placed */
/** @typedef {[y: number, x: number]} Point */
/**
 * What every placing of a drawing needs of it. sums: `sumsOf`.
 * @typedef {{
 *   rows: number, columns: number, box: [number, number, number, number], mass: Point,
 *   sums: Float64Array,
 * }} Measures
 */

/** @type {Placing} as in LeCun et al. (1998): 20 of 28 pixels, by the centre of mass */
export const AS_MNIST = { box: 20 / 28, byMass: true };
const INK = 0.05; // what is fainter belongs to no drawing

/**
 * @param {Float32Array} fine the drawing [rows, columns], finer than the image
 * @param {number} rows
 * @param {number} columns
 * @param {number} height of the image
 * @param {number} width
 * @param {Placing} [placing]
 * @returns {Float32Array} the image [height * width]; all 0 if nothing is drawn
 */
export function centred(fine, rows, columns, height, width, placing = AS_MNIST) {
  return placed(measuresOf(fine, rows, columns), height, width, placing);
}

/**
 * @param {Float32Array} fine the drawing [rows, columns]
 * @param {number} rows
 * @param {number} columns
 * @returns {Measures | null} null if nothing is drawn
 */
export function measuresOf(fine, rows, columns) {
  const box = boxOf(fine, rows, columns);
  if (!box) return null;
  const mass = massOf(fine, rows, columns), sums = sumsOf(fine, rows, columns);
  return { rows, columns, box, mass, sums };
}

/**
 * @param {Measures | null} measures of a drawing
 * @param {number} height of the image
 * @param {number} width
 * @param {Placing} placing
 * @returns {Float32Array} the image [height * width]; all 0 if nothing is drawn
 */
export function placed(measures, height, width, placing) {
  const out = new Float32Array(height * width);
  if (!measures) return out;
  const { rows, columns, mass, sums, box: [top, left, bottom, right] } = measures;
  // pixels of the drawing in one of the image
  const sides = [(bottom - top) / (placing.box * height), (right - left) / (placing.box * width)];
  const scale = Math.max(...sides);
  const [y, x] = placing.byMass ? mass : [(top + bottom) / 2, (left + right) / 2];
  for (let i = 0; i < height; i++) {
    for (let j = 0; j < width; j++) {
      const from = y + (i - height / 2) * scale, begin = x + (j - width / 2) * scale;
      const sum = over(sums, rows, columns, from, begin, from + scale, begin + scale);
      out[i * width + j] = Math.min(1, sum / scale ** 2);
    }
  }
  return out;
}

/**
 * How images are placed.
 * @param {Float32Array[]} images [height * width] each, in [0, 1]
 * @param {number} height
 * @param {number} width
 * @returns {Placing}
 */
export function placingOf(images, height, width) {
  /** @type {number[]} */
  const sides = [];
  let ofMass = 0, ofBox = 0; // how far from the image's centre, added up
  for (const image of images) {
    const box = boxOf(image, height, width);
    if (!box) continue;
    const [top, left, bottom, right] = box, [y, x] = massOf(image, height, width);
    sides.push(Math.max((bottom - top) / height, (right - left) / width));
    ofMass += Math.hypot(y - height / 2, x - width / 2);
    ofBox += Math.hypot((top + bottom - height) / 2, (left + right - width) / 2);
  }
  if (!sides.length) return AS_MNIST;
  sides.sort((a, b) => a - b);
  return { box: sides[sides.length >> 1], byMass: ofMass <= ofBox };
}

/**
 * @param {Placing} a
 * @param {Placing} b
 */
export function isSame(a, b) {
  return a.box === b.box && a.byMass === b.byMass;
}

/**
 * An image that is known in some placings, in any placing: as it is, if it is known so; else the
 * first of them placed anew.
 * @param {Placed[]} known none: a black image
 * @param {number} height
 * @param {number} width
 * @param {Placing} placing
 * @returns {Float32Array} [height * width]
 */
export function inPlacing(known, height, width, placing) {
  const found = known.find((each) => isSame(each.placing, placing));
  if (found) return found.image;
  if (!known.length) return new Float32Array(height * width);
  return centred(known[0].image, height, width, height, width, placing);
}

/**
 * The smallest box that holds all ink; null if there is none.
 * @param {Float32Array} values [rows, columns]
 * @param {number} rows
 * @param {number} columns
 * @returns {[top: number, left: number, bottom: number, right: number] | null} the last two are
 *   behind the ink
 */
export function boxOf(values, rows, columns) {
  let top = rows, left = columns, bottom = 0, right = 0;
  for (let i = 0, k = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++, k++) {
      if (values[k] <= INK) continue;
      top = Math.min(top, i);
      bottom = i + 1;
      left = Math.min(left, j);
      right = Math.max(right, j + 1);
    }
  }
  return bottom ? [top, left, bottom, right] : null;
}

/**
 * The centre of mass.
 * @param {Float32Array} values [rows, columns]
 * @param {number} rows
 * @param {number} columns
 * @returns {Point} the centre of the first pixel is at 0.5
 */
export function massOf(values, rows, columns) {
  let mass = 0, y = 0, x = 0;
  for (let i = 0, k = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++, k++) {
      mass += values[k];
      y += values[k] * (i + 0.5);
      x += values[k] * (j + 0.5);
    }
  }
  return [y / mass, x / mass];
}

/**
 * The sums over all pixels above and to the left of each corner: [rows + 1, columns + 1].
 * @param {Float32Array} values
 * @param {number} rows
 * @param {number} columns
 */
function sumsOf(values, rows, columns) {
  const sums = new Float64Array((rows + 1) * (columns + 1)), next = columns + 1;
  for (let i = 0; i < rows; i++) {
    let row = 0;
    for (let j = 0; j < columns; j++) {
      row += values[i * columns + j];
      sums[(i + 1) * next + j + 1] = sums[i * next + j + 1] + row;
    }
  }
  return sums;
}

/**
 * The integral over a rectangle whose corners may lie within pixels, or outside of the drawing.
 * @param {Float64Array} sums
 * @param {number} rows
 * @param {number} columns
 * @param {number} top
 * @param {number} left
 * @param {number} bottom
 * @param {number} right
 */
function over(sums, rows, columns, top, left, bottom, right) {
  const corner = (/** @type {number} */ y, /** @type {number} */ x) => {
    const v = Math.min(rows, Math.max(0, y)), u = Math.min(columns, Math.max(0, x));
    const i = Math.min(rows - 1, Math.floor(v)), j = Math.min(columns - 1, Math.floor(u));
    const a = v - i, b = u - j, k = i * (columns + 1) + j, below = k + columns + 1;
    return (1 - a) * ((1 - b) * sums[k] + b * sums[k + 1]) +
      a * ((1 - b) * sums[below] + b * sums[below + 1]);
  };
  return corner(bottom, right) - corner(top, right) - corner(bottom, left) + corner(top, left);
}
