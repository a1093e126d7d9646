// Source code with the lines that compute a term.

import { wordsOf } from "../shared/numbers.js";

/**
 * Of a function: its lines with their numbers; without one, a line stands for several that are left
 * out. computes: whether the line computes the term.
 * @typedef {{
 *   function: string, file: string,
 *   lines: { number: number | null, text: string, computes: boolean }[],
 * }} Excerpt
 */

const NO_CODE = "The source of this term was not found.";

/** The place where one term's code is shown. */
export class Code {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.shown = ""; // the term and code that are shown
  }

  /** @param {{ name: string, code: Excerpt[] }} card */
  show(card) {
    const shown = JSON.stringify([card.name, card.code]);
    if (shown === this.shown) return; // who reads stays where they are
    this.shown = shown;
    this.root.scrollTop = 0;
    const parts = card.code.flatMap((excerpt) => this.partsOf(excerpt));
    const title = sentence(`How the ${wordsOf(card.name)} is computed`);
    title.className = "title";
    this.root.replaceChildren(title, ...(parts.length ? parts : [sentence(NO_CODE)]));
  }

  /** @param {Excerpt} excerpt */
  partsOf({ function: name, file, lines }) {
    const where = sentence(`${name}, in ${file}`);
    where.className = "where";
    const block = document.createElement("div");
    block.className = "lines";
    block.append(...lines.map(({ number, text, computes }) => {
      const line = document.createElement("div"), label = document.createElement("i");
      label.textContent = number === null ? "" : String(number);
      line.className = computes ? "computes" : "";
      line.append(label, text);
      return line;
    }));
    return [where, block];
  }
}

/** @param {string} text */
function sentence(text) {
  const p = document.createElement("p");
  p.textContent = text;
  return p;
}
