"""The parts of a page that move: JavaScript and CSS beside the Python that mounts them."""
