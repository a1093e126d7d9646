"""Draw: a digit of your own, and what several networks make of it."""

import streamlit as st

from ui.views import draw

st.title("Draw", anchor=False)
st.markdown(
    "Draw a digit and watch every network rebuild it, stroke by stroke. Then damage it: which of "
    "them repair it?"
)
draw.page()
