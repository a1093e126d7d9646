// Hands the server's answer to the explorer that asked.

import { unpack } from "../shared/packing.js";

/**
 * Streamlit calls it with each answer.
 * @param {{ data: Uint8Array }} component
 */
export default function ({ data }) {
  const { explorer, id, arrays } = unpack(data);
  document.dispatchEvent(
    new CustomEvent("lab-decoded", { detail: { explorer, id, pictures: arrays.pictures } }),
  );
}
