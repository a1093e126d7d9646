// How to read each of the numbers below the time slider: one sentence for each that is shown.

import { elementAt, keepChildren, sayText } from "../shared/elements.js";

/** @typedef {import("./facts.js").Declared} Declared */
/** @typedef {import("./facts.js").Fact} Fact */
/** @typedef {[name: string, sentence: string]} Reading */

/**
 * The numbers that every variant has. The sentences of a variant's own are in its declarations.
 * where: on which inputs the error that is shown was measured.
 * @param {Declared} declared
 * @param {string} where
 * @returns {Record<string, string>}
 */
function commonReadings({ unit, watched, error }, where) {
  const of = `The ${error} ${where}`;
  return {
    loss: `What the training makes smaller, in ${unit}: a mean over the inputs of the last few ` +
      "steps; less is better.",
    validation: `The same loss ${watched}, a mean over them, which are not trained on: if it ` +
      "rises while the loss falls, the network overfits.",
    "against five seeds": "The validation loss beside the lowest and the highest that five " +
      "trainings with these settings, each from another random start, had at the same step.",
    [error]: "How far what the network makes of its inputs, uncorrupted, is from them: the " +
      `squared difference, a mean over ${error.split(" ")[0]}s, ${where}; less is better.`,
    "error, share of PCA’s": `${of} divided by that of exact PCA with as many codings: below ` +
      "100 % the network rebuilds them better than PCA.",
    "as good as PCA with k =": `With how many codings, k, exact PCA has the ${error} that the ` +
      `network has ${where}, interpolated: more than the network’s own codings is better.`,
    "worse than PCA with k =": `${of} is larger than that of PCA without any codings, which ` +
      "always answers with the mean input.",
  };
}

/**
 * The sentences for the numbers that are shown, in their order.
 * @param {Fact[]} facts
 * @param {Declared} declared
 * @param {boolean} own whether the error shown is that of the moment's own network
 * @returns {Reading[]}
 */
export function readingsOf(facts, declared, own) {
  const known = new Map(Object.values(declared.metrics).map((each) => [each.title, each.reading]));
  const common = commonReadings(declared, own ? declared.measured : declared.watched);
  return facts.flatMap(([name]) => {
    const sentence = common[name] ?? known.get(name);
    return sentence ? [/** @type {Reading} */ ([name, sentence])] : [];
  });
}

/**
 * Lists them. The list stays closed until somebody opens it.
 * @param {HTMLElement} root of the live view
 * @param {Reading[]} readings
 */
export function showReadings(root, readings) {
  elementAt(root, ".how").hidden = !readings.length;
  keepChildren(elementAt(root, ".how dl"), readings, ([name]) => {
    const item = document.createElement("div"), term = document.createElement("dt");
    term.append(name);
    item.append(term, document.createElement("dd"));
    return item;
  }, (item, [, sentence]) => sayText(/** @type {Node} */ (item.lastChild), sentence));
}
