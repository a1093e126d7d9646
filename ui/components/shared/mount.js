// How a component with a view of its own is mounted by Streamlit.

import { elementAt } from "./elements.js";
import { unpack } from "./packing.js";

/** @typedef {{ show: (model: any) => void, dispose: () => void }} View */

/**
 * What Streamlit calls whenever the component has data; it gives the function that Streamlit calls
 * when the component is removed. The view stays, with all that was done in it, while it is shown
 * more of the same.
 * @param {string} selector of the component's element
 * @param {(root: HTMLElement, model: any) => View} make
 * @param {(model: any) => string} same what a model is known by; of another one another view is made
 * @returns {(component: { data: Uint8Array, parentElement: HTMLElement }) => () => void}
 */
export function mountOf(selector, make, same) {
  /** @type {WeakMap<HTMLElement, { view: View, data: Uint8Array, of: string }>} */
  const mounted = new WeakMap();
  return ({ data, parentElement }) => {
    const dispose = () => {
      mounted.get(parentElement)?.view.dispose();
      mounted.delete(parentElement);
    };
    const known = mounted.get(parentElement);
    if (known?.data === data) return dispose;
    const model = unpack(data), of = same(model);
    if (known?.of === of) {
      known.data = data;
      known.view.show(model);
      return dispose;
    }
    known?.view.dispose();
    const view = make(elementAt(parentElement, selector), model);
    mounted.set(parentElement, { view, data, of });
    return dispose;
  };
}
