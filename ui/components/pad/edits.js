// Changes of an image that need no pointer: moved by a pixel, its lines thicker or thinner.

/** @typedef {Float32Array} Image [height * width] in [0, 1] */

/**
 * @param {Image} image
 * @param {number} width
 * @param {[right: number, down: number]} by pixels
 * @returns {Image} what comes in is 0
 */
export function movedBy(image, width, [right, down]) {
  const height = image.length / width;
  return image.map((_, k) => {
    const y = Math.floor(k / width) - down, x = (k % width) - right;
    return y >= 0 && y < height && x >= 0 && x < width ? image[y * width + x] : 0;
  });
}

/**
 * Half of the way to each pixel's largest neighbour: lines get thicker by about a pixel.
 * @param {Image} image
 * @param {number} width
 * @returns {Image}
 */
export function thicker(image, width) {
  return image.map((value, k) => (value + Math.max(value, ...besides(image, width, k))) / 2);
}

/**
 * Half of the way to each pixel's smallest neighbour.
 * @param {Image} image
 * @param {number} width
 * @returns {Image}
 */
export function thinner(image, width) {
  return image.map((value, k) => (value + Math.min(value, ...besides(image, width, k))) / 2);
}

/**
 * The four neighbours of a pixel; outside of the image there is 0.
 * @param {Image} image
 * @param {number} width
 * @param {number} k
 */
function besides(image, width, k) {
  const x = k % width;
  return [
    image[k - width] ?? 0,
    image[k + width] ?? 0,
    x ? image[k - 1] : 0,
    x < width - 1 ? image[k + 1] : 0,
  ];
}
