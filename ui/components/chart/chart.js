// One Plotly figure on a page.

import { elementAt } from "../shared/elements.js";
import { unpack } from "../shared/packing.js";
import { Chart } from "./plot.js";

/** @type {WeakMap<HTMLElement, Chart>} */
const instances = new WeakMap();
/** @type {WeakMap<Chart, Uint8Array>} the latest data of each chart */
const latest = new WeakMap();

/**
 * Streamlit calls it whenever the component has data, and the function it returns when the
 * component is removed.
 * @param {{ data: Uint8Array, parentElement: HTMLElement }} component
 */
export default function ({ data, parentElement }) {
  const chart = instances.get(parentElement) ?? new Chart(elementAt(parentElement, ".chart"));
  instances.set(parentElement, chart);
  const { figure, library, words, name, height } = unpack(data);
  chart.themed();
  chart.show(JSON.parse(figure), { library, words, name, height });
  latest.set(chart, data);
  return () => {
    if (latest.get(chart) !== data) return; // newer data has come: the chart is in use
    chart.dispose();
    instances.delete(parentElement);
  };
}
