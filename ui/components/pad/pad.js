// The drawing pad, mounted by Streamlit.

import { elementAt } from "../shared/elements.js";
import { unpack } from "../shared/packing.js";
import { PadView } from "./view.js";

/** @type {WeakMap<HTMLElement, { view: PadView, data: Uint8Array, image: string }>} */
const pads = new WeakMap();

/**
 * Streamlit calls it whenever the component has data, and the function it returns when the
 * component is removed. What is drawn stays while other networks come.
 * @param {{ data: Uint8Array, parentElement: HTMLElement }} component
 */
export default function ({ data, parentElement }) {
  const dispose = () => {
    pads.get(parentElement)?.view.dispose();
    pads.delete(parentElement);
  };
  const known = pads.get(parentElement);
  if (known?.data === data) return dispose;
  const model = unpack(data), image = String(model.image);
  if (known?.image === image) {
    known.data = data;
    known.view.show(model);
    return dispose;
  }
  known?.view.dispose();
  const view = new PadView(elementAt(parentElement, ".pad"), model);
  pads.set(parentElement, { view, data, image });
  return dispose;
}
