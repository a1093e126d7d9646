// The neurons of networks, mounted by Streamlit.

import { mountOf } from "../shared/mount.js";
import { NeuronsView } from "./view.js";

export default mountOf(
  ".neurons",
  (root, model) => new NeuronsView(root, model),
  ({ data, image }) => `${data} ${image}`,
);
