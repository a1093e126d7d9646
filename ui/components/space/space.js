// The space of codings, mounted by Streamlit.

import { mountOf } from "../shared/mount.js";
import { SpaceView } from "./view.js";

export default mountOf(
  ".space-of-codings",
  (root, model) => new SpaceView(root, model),
  ({ data, image }) => `${data} ${image}`,
);
