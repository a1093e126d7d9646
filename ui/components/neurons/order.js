// In which order the neurons of a layer are shown.

/** @typedef {import("./asked.js").AllUnits} AllUnits */

/**
 * By what they can be sorted: a title, and how large a neuron's place is.
 * @type {Record<string, { title: string, by: (all: AllUnits, i: number) => number }>}
 */
export const ORDERS = {
  strongest: { title: "strongest first", by: ({ arrays }, i) => -arrays.strength[i] },
  weakest: { title: "weakest first", by: ({ arrays }, i) => arrays.strength[i] },
  selective: { title: "most selective first", by: ({ arrays }, i) => -arrays.selectivity[i] },
  active: { title: "highest mean activation first", by: ({ arrays }, i) => -arrays.mean[i] },
  dead: {
    title: "dead and saturated first",
    by: ({ arrays }, i) => -2 * arrays.is_dead[i] - arrays.is_saturated[i],
  },
  number: { title: "as they come", by: (_, i) => i },
};

/**
 * The places of the neurons in an order; those that are equal stay as they come.
 * @param {AllUnits} all
 * @param {string} order
 * @returns {number[]}
 */
export function sorted(all, order) {
  const { by } = ORDERS[order];
  return all.units.map((_, i) => i).sort((a, b) => by(all, a) - by(all, b) || a - b);
}
