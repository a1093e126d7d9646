// The terms of a run's loss, mounted by Streamlit.

import { elementAt } from "../shared/elements.js";
import { Microscope } from "./view.js";

/** @type {WeakMap<HTMLElement, Microscope>} */
const instances = new WeakMap();

/**
 * Streamlit calls it whenever the component has data, and the function it returns when the
 * component is removed.
 * @param {{ data: [import("./view.js").Data], parentElement: HTMLElement }} component
 */
export default function ({ data: [data], parentElement }) {
  let view = instances.get(parentElement);
  if (view?.data.run !== data.run) {
    view?.dispose();
    view = new Microscope(elementAt(parentElement, ".microscope"), data);
    instances.set(parentElement, view);
  }
  view.update(data);
  const shown = view;
  return () => {
    if (shown.data !== data) return; // newer data has come: the view is in use
    shown.dispose();
    instances.delete(parentElement);
  };
}
