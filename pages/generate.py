"""Generate: digits from codings, with a shipped network or one of your own."""

import streamlit as st

from ui.views import generate

st.title("Generate", anchor=False)
st.markdown(
    "Drag the codings, draw random ones, or start from a test image and change it. "
    "Everything is decoded in your browser."
)
generate.page()
