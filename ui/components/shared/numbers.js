// Numbers as a person reads them.

const GROUPED = new Intl.NumberFormat("en"); // `toLocaleString` makes one each time

/**
 * Four digits; thousands in groups and whole; very small ones with an exponent.
 * @param {number} value
 * @returns {string}
 */
export function brief(value) {
  if (Math.abs(value) >= 1000) return grouped(Math.round(value));
  if (value !== 0 && Math.abs(value) < 1e-4) return value.toExponential(2);
  return Number(value.toPrecision(4)).toString();
}

/**
 * With a comma after thousands: "12,345".
 * @param {number} value
 * @returns {string}
 */
export function grouped(value) {
  return GROUPED.format(value);
}

/**
 * A Python name as words.
 * @param {string} name
 * @returns {string}
 */
export function wordsOf(name) {
  return name.replaceAll("_", " ");
}
