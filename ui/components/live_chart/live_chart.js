// The live view of one training, mounted by Streamlit.

import { elementAt } from "../shared/elements.js";
import { LiveView } from "./view.js";

/** @type {WeakMap<HTMLElement, LiveView>} */
const instances = new WeakMap();

/**
 * Streamlit calls it whenever the component has data, and the function it returns when the
 * component is removed.
 * @param {{
 *   data: [import("./view.js").LiveData], parentElement: HTMLElement,
 *   setTriggerValue: (name: string, value: unknown) => void,
 *   setStateValue: (name: string, value: unknown) => void,
 * }} component
 */
export default function ({ data: [data], parentElement, setTriggerValue, setStateValue }) {
  let view = instances.get(parentElement);
  if (!view || view.key !== data.key) {
    view?.dispose();
    view = new LiveView(elementAt(parentElement, ".live"), data.key);
    instances.set(parentElement, view);
  }
  view.send = (statusKey) => setTriggerValue("changed", statusKey);
  view.chose = (moment) => setStateValue("moment", moment);
  view.offline = () => setStateValue("offline", true);
  view.update(data);
  const shown = view;
  return () => {
    if (shown.data !== data) return; // newer data has come: the view is in use
    shown.dispose();
    instances.delete(parentElement);
  };
}
