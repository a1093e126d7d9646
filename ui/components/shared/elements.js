// Elements of a component's own HTML, found and given what is new.

/**
 * The element that a selector names. The component's HTML has it.
 * @param {ParentNode} root
 * @param {string} selector
 * @returns {HTMLElement}
 */
export function elementAt(root, selector) {
  return /** @type {HTMLElement} */ (root.querySelector(selector));
}

/**
 * @param {ParentNode} root
 * @param {string} selector
 * @returns {HTMLCanvasElement}
 */
export function canvasAt(root, selector) {
  return /** @type {HTMLCanvasElement} */ (root.querySelector(selector));
}

/**
 * @param {ParentNode} root
 * @param {string} selector
 * @returns {HTMLInputElement}
 */
export function inputAt(root, selector) {
  return /** @type {HTMLInputElement} */ (root.querySelector(selector));
}

/**
 * Updates an element's children in place. They are made again only if their keys change.
 * @template {[key: string, ...rest: unknown[]]} Entry
 * @param {HTMLElement} parent
 * @param {Entry[]} entries one for each child
 * @param {(entry: Entry) => HTMLElement} make
 * @param {(child: HTMLElement, entry: Entry) => void} update
 */
export function keepChildren(parent, entries, make, update) {
  const keys = entries.map(([key]) => key).join("\n");
  if (parent.dataset.keys !== keys) {
    parent.replaceChildren(...entries.flatMap((entry) => [make(entry), " "])); // else copied text runs together
    parent.dataset.keys = keys;
  }
  entries.forEach((entry, i) => update(/** @type {HTMLElement} */ (parent.children[i]), entry));
}

/**
 * Sets an element's text, if it has another: the same text again would still be a change to the
 * page.
 * @param {Node} element
 * @param {string} text
 */
export function sayText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * An element that has grown stays as high, so that what follows it does not jump when it has less
 * to say. Another width begins again.
 * @param {HTMLElement} element
 */
export function keepHeight(element) {
  let width = element.clientWidth;
  new ResizeObserver(() => {
    const { clientWidth, offsetHeight } = element;
    element.style.minHeight = clientWidth === width ? `${offsetHeight}px` : "";
    width = clientWidth;
  }).observe(element);
}
