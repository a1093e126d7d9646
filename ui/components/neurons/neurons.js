// The neurons of networks, mounted by Streamlit.

import { elementAt } from "../shared/elements.js";
import { unpack } from "../shared/packing.js";
import { NeuronsView } from "./view.js";

/** @type {WeakMap<HTMLElement, { view: NeuronsView, data: Uint8Array, image: string }>} */
const shown = new WeakMap();

/**
 * Streamlit calls it whenever the component has data, and the function it returns when the
 * component is removed. What is looked at stays while other networks come.
 * @param {{ data: Uint8Array, parentElement: HTMLElement }} component
 */
export default function ({ data, parentElement }) {
  const dispose = () => {
    shown.get(parentElement)?.view.dispose();
    shown.delete(parentElement);
  };
  const known = shown.get(parentElement);
  if (known?.data === data) return dispose;
  const model = unpack(data), image = `${model.data} ${model.image}`;
  if (known?.image === image) {
    known.data = data;
    known.view.show(model);
    return dispose;
  }
  known?.view.dispose();
  const view = new NeuronsView(elementAt(parentElement, ".neurons"), model);
  shown.set(parentElement, { view, data, image });
  return dispose;
}
