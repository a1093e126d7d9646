"""Streamlit components: JavaScript and CSS, beside the Python that mounts them."""

from pathlib import Path

CONTROLS = (Path(__file__).parent / "shared" / "controls.css").read_text()
