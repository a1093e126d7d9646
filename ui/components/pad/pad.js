// The drawing pad, mounted by Streamlit. What is drawn stays while other networks come.

import { mountOf } from "../shared/mount.js";
import { PadView } from "./view.js";

export default mountOf(
  ".pad",
  (root, model) => new PadView(root, model),
  ({ image }) => String(image),
);
