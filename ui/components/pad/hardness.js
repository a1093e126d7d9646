// How hard a drawing is for a network, beside the test images.

/**
 * Mean squared error over the pixels.
 * @param {ArrayLike<number>} made
 * @param {ArrayLike<number>} wanted
 */
export function squaredError(made, wanted) {
  let sum = 0;
  for (let i = 0; i < wanted.length; i++) sum += (made[i] - wanted[i]) ** 2;
  return sum / wanted.length;
}

/**
 * @param {number} error
 * @param {number[]} quantiles of the test images' errors: the 0th to the 100th percentile
 * @returns {string}
 */
export function hardness(error, quantiles) {
  const last = quantiles.length - 1;
  if (!(error <= quantiles[last])) return "harder than all of the test images";
  if (error < quantiles[0]) return "easier than all of the test images";
  const below = quantiles.filter((value) => value <= error).length - 1;
  return below >= 50
    ? `harder than ${Math.min(99, below)} % of the test images`
    : `easier than ${Math.min(99, 100 - below)} % of the test images`;
}
