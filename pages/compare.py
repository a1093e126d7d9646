"""Compare: runs side by side."""

import streamlit as st

from ui.views import compare

st.title("Compare", anchor=False)
st.markdown(
    "Choose two or more runs: their curves on one chart, their errors, the same test images "
    "through each, and the settings in which they differ."
)
compare.page()
