// A card for each term of a loss: its number, its unit, over what it is a sum or a mean. The term
// that is pointed at is lit here, in the formula and in the live view's chart, with its code.

import { contrasting } from "../chart/contrast.js";
import { elementAt, keepChildren, sayText } from "../shared/elements.js";
import { whenGrown } from "../shared/growth.js";
import { brief, grouped, wordsOf } from "../shared/numbers.js";
import { Code } from "./code.js";

/** @typedef {import("./code.js").Excerpt} Excerpt */
/** @typedef {{
 *   name: string, unit: string, reduction: string, colour: string | null, code: Excerpt[],
 * }} Card
 */
/**
 * What `microscope/__init__.py` sends. of_phase: which of the formulas each phase has. formulas: of
 * each its terms, and their sum if there are several.
 * @typedef {{ run: string, of_phase: number[], formulas: Card[][] }} Data
 */
/**
 * What the live view tells. x: the step, counted over all phases; null before the first. values: of
 * the terms and their sum, means over the steps up to x. earlier: it is not now.
 * @typedef {{
 *   run: string, phase: number, x: number | null, values: Record<string, number>,
 *   earlier: boolean,
 * }} Told
 */

const LIT = "lab-lit"; // the class of a lit term in the formula, which the page's styles know

/** The cards of one run. */
export class Microscope {
  /**
   * @param {HTMLElement} root
   * @param {Data} data
   */
  constructor(root, data) {
    this.root = root;
    this.data = data;
    this.terms = elementAt(root, ".terms");
    this.code = new Code(elementAt(root, ".code"));
    /** @type {Told | null} */
    this.told = null;
    this.paper = ""; // the page's colour
    /** @type {string | null} the term that stays lit */
    this.kept = null;
    /** @type {string | null} the term under the pointer */
    this.pointed = null;
    /** @type {string | null} the term that has the keyboard's focus */
    this.focused = null;
    /** @type {string | null} the term that was lit last, whose code stays for reading */
    this.lastLit = null;
    this.host = /** @type {ShadowRoot} */ (root.getRootNode()).host;
    /** @type {HTMLElement | null} what holds the formulas, too */
    this.around = this.host.closest(".st-key-microscope");
    this.heard = (/** @type {Event} */ event) => {
      const { detail } = /** @type {CustomEvent<Told>} */ (event);
      if (detail.run === this.data.run) this.show(detail);
    };
    this.over = (/** @type {Event} */ event) => {
      const term = this.termAt(/** @type {PointerEvent} */ (event));
      this.around?.classList.toggle("lab-pointed", term !== null);
      if (event.target !== this.host) this.point(term); // else a card is pointed at
    };
    this.left = () => this.point(null);
    /** @type {HTMLDetailsElement | null} */
    this.fold = this.host.closest("details");
    this.seekIfOpen = () => {
      const mouse = matchMedia("(hover: hover)").matches; // a finger seeks when it taps a term
      if (mouse && this.fold?.open) this.seek(this.terms);
    };
    this.clicked = (/** @type {Event} */ event) => {
      const term = this.termAt(/** @type {PointerEvent} */ (event));
      if (term !== null) this.keep(term);
    };
    document.addEventListener("lab-loss", this.heard);
    this.around?.addEventListener("pointermove", this.over);
    this.around?.addEventListener("pointerleave", this.left);
    this.around?.addEventListener("click", this.clicked);
    this.fold?.addEventListener("toggle", this.seekIfOpen);
    this.endSeeking = () => {};
    this.seekIfOpen(); // it may have been opened before this was here
  }

  dispose() {
    document.removeEventListener("lab-loss", this.heard);
    this.around?.removeEventListener("pointermove", this.over);
    this.around?.removeEventListener("pointerleave", this.left);
    this.around?.removeEventListener("click", this.clicked);
    this.fold?.removeEventListener("toggle", this.seekIfOpen);
    this.endSeeking();
    this.kept = this.pointed = this.focused = null;
    this.tell();
  }

  /** @param {Data} data */
  update(data) {
    this.data = data;
    const rows = data.formulas.flat().map(({ code }) =>
      code.reduce((sum, { lines }) => sum + lines.length + 1.4, 0)
    );
    this.root.style.setProperty("--rows", String(Math.max(...rows)));
    this.paper = getComputedStyle(this.root).getPropertyValue("--st-background-color").trim();
    this.draw();
    this.tell(); // the live view answers with the numbers
  }

  /** @param {Told} told */
  show(told) {
    this.told = told;
    this.draw();
  }

  /** Which of the formulas the phase has that is looked at. */
  get index() {
    const { of_phase } = this.data;
    return of_phase[Math.min(this.told?.phase ?? 0, of_phase.length - 1)];
  }

  /** The terms of that formula, and those that only the run names. */
  get cards() {
    const cards = this.data.formulas[this.index], known = new Set(cards.map(({ name }) => name));
    const more = Object.keys(this.told?.values ?? {}).filter((name) =>
      name !== "loss" && !known.has(name)
    ).map((name) => ({ name, unit: "", reduction: "", colour: null, code: [] }));
    return [...cards, ...more];
  }

  get lit() {
    return this.pointed ?? this.focused ?? this.kept;
  }

  draw() {
    const { cards, told, root } = this;
    keepChildren(
      this.terms,
      cards.map((card) => /** @type {[string, Card]} */ ([card.name, card])),
      ([name]) => this.button(name),
      (button, [, card]) => this.drawCard(/** @type {HTMLButtonElement} */ (button), card),
    );
    sayText(elementAt(root, ".as-of"), wordsOfTime(told));
    this.lastLit = this.lit ?? this.lastLit;
    this.code.show(cards.find(({ name }) => name === this.lastLit) ?? cards[0]);
    this.drawFormula();
  }

  /** @param {string} name */
  button(name) {
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.term = name;
    for (const part of ["name", "value", "about"]) {
      const span = document.createElement("span");
      span.className = part;
      button.append(span);
    }
    button.onpointerenter = () => this.point(name);
    button.onpointerleave = () => this.point(null);
    button.onfocus = () => {
      this.focused = button.matches(":focus-visible") ? name : null;
      this.changed();
      if (this.focused) this.seek(button);
    };
    button.onblur = () => {
      this.focused = null;
      this.changed();
    };
    button.onclick = () => this.keep(name);
    return button;
  }

  /**
   * @param {HTMLButtonElement} button
   * @param {Card} card
   */
  drawCard(button, { name, unit, reduction, colour }) {
    const value = this.told?.values[name];
    sayText(elementAt(button, ".name"), wordsOf(name));
    sayText(elementAt(button, ".value"), value === undefined ? "–" : brief(value));
    sayText(elementAt(button, ".about"), [unit, reduction].filter(Boolean).join(": "));
    button.style.setProperty("--colour", colour && contrasting(colour, this.paper));
    button.classList.toggle("lit", name === this.lit);
    button.setAttribute("aria-pressed", String(name === this.kept));
  }

  /** Shows the formula of the phase, with the term that is lit. */
  drawFormula() {
    const { around, index, data } = this;
    data.formulas.forEach((_, i) => {
      const place = around?.querySelector(`.st-key-microscope-${i}`);
      if (place instanceof HTMLElement) place.style.display = i === index ? "" : "none";
    });
    this.braces().forEach((brace, i) =>
      brace.classList.toggle(LIT, this.cards[i]?.name === this.lit)
    );
  }

  /** The terms of the formula as they are drawn, if there are several: each has its brace. */
  braces() {
    const place = this.around?.querySelector(`.st-key-microscope-${this.index}`);
    return [...place?.querySelectorAll(".katex-html .munder") ?? []].filter((each) =>
      !each.parentElement?.closest(".munder")
    );
  }

  /**
   * The term of the formula that the pointer is at. Its place counts, not the event's target: other
   * parts of the formula, which show nothing there, lie over the terms.
   * @param {PointerEvent} event
   */
  termAt({ clientX: x, clientY: y }) {
    const i = this.braces().findIndex((brace) => {
      const range = document.createRange();
      range.selectNodeContents(brace);
      const { left, right, top, bottom } = range.getBoundingClientRect();
      return x >= left && x <= right && y >= top && y <= bottom;
    });
    return this.cards[i]?.name ?? null;
  }

  /** @param {string | null} term */
  point(term) {
    if (term === this.pointed) return;
    this.pointed = term;
    this.changed();
  }

  /**
   * Keeps a term lit, or lets it go again.
   * @param {string} term
   */
  keep(term) {
    this.kept = this.kept === term ? null : term;
    this.changed();
    const card = this.terms.querySelector(`[data-term="${term}"]`);
    if (this.kept) this.seek(/** @type {HTMLElement} */ (card));
  }

  changed() {
    this.draw();
    this.tell();
  }

  /**
   * Has the live view bring its chart into sight below an element of this fold, and keep it there
   * while what the fold holds arrives. A mouse that only points at a card does not: the next one
   * would move under it.
   * @param {HTMLElement} below
   */
  seek(below) {
    this.endSeeking();
    this.tell(below);
    if (this.fold) this.endSeeking = whenGrown(this.fold, () => this.tell(below));
  }

  /**
   * Tells the live view of the run which term to light.
   * @param {HTMLElement | null} below what the chart is to be brought into sight below
   */
  tell(below = null) {
    const detail = { run: this.data.run, term: this.lit, below };
    document.dispatchEvent(new CustomEvent("lab-term", { detail }));
  }
}

/**
 * Which steps the numbers are of.
 * @param {Told | null} told
 * @returns {string}
 */
function wordsOfTime(told) {
  if (!told || told.x === null) return "No numbers before the first step.";
  const at = `${told.earlier ? "At" : "Now, at"} step ${grouped(told.x)}`;
  return `${at}: means over the last few steps.`;
}
