// Colours that stand out from the page's background: contrast as WCAG 2 defines it, 1 to 21.

/** @typedef {number[]} Rgb red, green and blue, 0 to 255 */

const ENOUGH = 3; // for a line, by WCAG 2's criterion 1.4.11
const ENOUGH_ON_DARK = 4.5; // on dark paper thin lines and dots glow less

/**
 * Relative luminance, 0 to 1.
 * @param {Rgb} rgb
 * @returns {number}
 */
export function luminance(rgb) {
  const linear = (/** @type {number} */ v) =>
    v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  const [r, g, b] = rgb.map((v) => linear(v / 255));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/**
 * @param {Rgb} a
 * @param {Rgb} b
 * @returns {number}
 */
export function contrast(a, b) {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

/**
 * The colour, moved towards black (on light paper) or white until its contrast with the paper is
 * enough.
 * @param {Rgb} rgb
 * @param {Rgb} paper
 * @returns {Rgb}
 */
export function movedAway(rgb, paper) {
  const light = luminance(paper) > 0.4,
    end = light ? 0 : 255,
    enough = light ? ENOUGH : ENOUGH_ON_DARK;
  let moved = rgb;
  for (let step = 0; step < 20 && contrast(moved, paper) < enough; step++) {
    moved = moved.map((v) => v + 0.06 * (end - v));
  }
  return moved;
}

/** @type {Map<string, string>} by colour and paper: the contrasting colour */
const contrasts = new Map();

/**
 * `movedAway` for colours as CSS writes them.
 * @param {string} colour
 * @param {string} paper
 * @returns {string}
 */
export function contrasting(colour, paper) {
  const key = colour + paper;
  let found = contrasts.get(key);
  if (!found) {
    contrasts.set(
      key,
      found = `rgb(${movedAway(rgbOf(colour), rgbOf(paper)).map(Math.round).join(",")})`,
    );
  }
  return found;
}

/** @type {OffscreenCanvasRenderingContext2D | null} */
let pen = null;

/**
 * Any colour that CSS knows, as the browser paints it.
 * @param {string} colour
 * @returns {Rgb}
 */
function rgbOf(colour) {
  pen ??= new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  if (!pen) throw new Error("This browser gives no canvas to read colours from.");
  pen.fillStyle = colour;
  pen.fillRect(0, 0, 1, 1);
  return [...pen.getImageData(0, 0, 1, 1).data].slice(0, 3);
}
