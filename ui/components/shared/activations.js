// The activations of a layer, by the names that Keras gives them.

/** @typedef {(x: number) => number} Activation */

/** @type {Record<string, Activation>} */
export const ACTIVATIONS = {
  linear: (x) => x,
  relu: (x) => (x > 0 ? x : 0),
  elu: (x) => (x > 0 ? x : Math.expm1(x)),
  selu: (x) => 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * Math.expm1(x)),
  tanh: Math.tanh,
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  exponential: Math.exp,
};

/**
 * Applies an activation to every value, in place.
 * @param {Float32Array} values
 * @param {string} name
 * @returns {Float32Array} the same values
 */
export function activated(values, name) {
  const activation = ACTIVATIONS[name];
  if (!activation) {
    throw new Error(
      `There is no activation '${name}' here; known are ${Object.keys(ACTIVATIONS).join(", ")}.`,
    );
  }
  for (let j = 0; j < values.length; j++) values[j] = activation(values[j]);
  return values;
}
