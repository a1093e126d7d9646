// Contours of classes: the line about the densest region with a share of a class's inputs.

/** @typedef {[x: number, y: number]} Point */

const GRID = 44; // places along each side at which the density is estimated
const SHARE = 0.6; // of a class's inputs within its contour

/**
 * The contour of points in the unit square, as lines between two points each. The density is a sum
 * of Gaussians about the points, as wide as Scott's rule says (1992).
 * @param {Point[]} points
 * @returns {[Point, Point][]}
 */
export function contourOf(points) {
  const n = points.length;
  if (n < 5) return [];
  const [wide, high] = [0, 1].map((k) => {
    const mean = points.reduce((sum, point) => sum + point[k], 0) / n;
    const variance = points.reduce((sum, point) => sum + (point[k] - mean) ** 2, 0) / n;
    return Math.max(1e-3, Math.sqrt(variance) * n ** (-1 / 6));
  });
  const density = (/** @type {number} */ x, /** @type {number} */ y) => {
    let sum = 0;
    for (const [px, py] of points) {
      const u = (x - px) / wide, v = (y - py) / high, square = u * u + v * v;
      if (square < 18) sum += Math.exp(-square / 2);
    }
    return sum;
  };
  const own = points.map(([x, y]) => density(x, y)).sort((a, b) => b - a);
  const level = own[Math.min(n - 1, Math.floor(SHARE * n))];
  const values = new Float32Array(GRID * GRID);
  for (let j = 0; j < GRID; j++) {
    for (let i = 0; i < GRID; i++) values[j * GRID + i] = density(i / (GRID - 1), j / (GRID - 1));
  }
  return lines(values, level);
}

/**
 * Marching squares (Lorensen & Cline 1987, in two dimensions): in each square of the grid the line
 * between where the level crosses its sides.
 * @param {Float32Array} values
 * @param {number} level
 * @returns {[Point, Point][]}
 */
function lines(values, level) {
  /** @type {[Point, Point][]} */
  const found = [];
  for (let j = 0; j + 1 < GRID; j++) {
    for (let i = 0; i + 1 < GRID; i++) {
      /** @type {[number, number][]} */
      const corners = [[i, j], [i + 1, j], [i + 1, j + 1], [i, j + 1]];
      /** @type {Point[]} */
      const crossings = [];
      for (let k = 0; k < 4; k++) {
        const [ax, ay] = corners[k], [bx, by] = corners[(k + 1) % 4];
        const a = values[ay * GRID + ax], b = values[by * GRID + bx];
        if ((a < level) === (b < level)) continue;
        const t = (level - a) / (b - a);
        crossings.push([(ax + t * (bx - ax)) / (GRID - 1), (ay + t * (by - ay)) / (GRID - 1)]);
      }
      for (let k = 0; k + 1 < crossings.length; k += 2) {
        found.push([crossings[k], crossings[k + 1]]);
      }
    }
  }
  return found;
}

/** The contours of all classes on one map, found once for each place of the dots. */
export class Contours {
  constructor() {
    this.key = "";
    /** @type {Map<number, [Point, Point][]>} by class */
    this.lines = new Map();
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {{
   *   key: string, at: Float32Array, size: number, colours: string[], hidden: Set<number>,
   *   inputs: import("./dots.js").Inputs,
   * }} of at: places on the canvas [n, 2], which the key stands for
   */
  paint(context, { key, at, size, colours, hidden, inputs: { labels } }) {
    if (key !== this.key) {
      /** @type {Map<number, Point[]>} */
      const points = new Map();
      labels.forEach((label, i) => {
        const own = points.get(label) ?? [];
        own.push([at[2 * i] / size, at[2 * i + 1] / size]);
        points.set(label, own);
      });
      this.lines = new Map([...points].map(([label, own]) => [label, contourOf(own)]));
      this.key = key;
    }
    context.lineWidth = 1.8;
    for (const [label, found] of this.lines) {
      if (hidden.has(label)) continue;
      context.strokeStyle = colours[label] ?? colours[0];
      context.beginPath();
      for (const [[ax, ay], [bx, by]] of found) {
        context.moveTo(ax * size, ay * size);
        context.lineTo(bx * size, by * size);
      }
      context.stroke();
    }
  }
}
