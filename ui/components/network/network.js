// The network in the browser: drag a coding and the digit is decoded here, in half a millisecond,
// without the server.

import { elementAt } from "../shared/elements.js";
import { unpack } from "../shared/packing.js";
import { Explorer } from "./explorer.js";

/** @type {WeakMap<HTMLElement, { data: Uint8Array, explorer: Explorer }>} */
const instances = new WeakMap();

/**
 * Streamlit calls it whenever the component has data, and the function it returns when the
 * component is removed.
 * @param {{
 *   data: Uint8Array, parentElement: HTMLElement,
 *   setStateValue: (name: string, value: unknown) => void,
 * }} component
 */
export default function ({ data, parentElement, setStateValue }) {
  const root = elementAt(parentElement, ".network");
  const known = instances.get(parentElement);
  const dispose = () => {
    instances.get(parentElement)?.explorer.dispose();
    instances.delete(parentElement);
  };
  if (known && known.data === data) return dispose;
  const reset = () => { // new weights of a training that goes on: the sliders stay where they are
    const before = instances.get(parentElement)?.explorer;
    const focused = before && find(root, "input:focus")?.dataset.coding;
    before?.dispose();
    const ask = (/** @type {import("./decoders.js").Question} */ question) =>
      setStateValue("asked", question);
    instances.set(parentElement, {
      data,
      explorer: new Explorer(root, unpack(data), ask, before?.state()),
    });
    if (focused) find(root, `[data-coding="${focused}"]`)?.focus({ preventScroll: true });
  };
  const held = known && root.querySelector("input:active, .board:active");
  if (held) addEventListener("pointerup", reset, { once: true }); // not under a finger
  else reset();
  return dispose;
}

/**
 * @param {HTMLElement} root
 * @param {string} selector
 * @returns {HTMLElement | null}
 */
function find(root, selector) {
  return root.querySelector(selector);
}
