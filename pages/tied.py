"""Lesson: tied weights."""

import streamlit as st

from ui import workbench

st.title("Tied weights", anchor=False)
st.markdown(
    """
If the encoder looks for a stroke, the decoder should draw the same stroke. So let the decoder **reuse the encoder's weights,
transposed**: half the weights to learn, to store and to overfit with. Only the biases stay free, one set for each direction.

Weight decay, when you switch it on, counts each shared matrix once: where it lives, in the encoder. The network's first layer is
initialised for the encoder's number of inputs; the decoder takes what it is given.
"""
)
st.markdown(
    "**Predict, then run.** Train the stacked and the tied network with the same seed and lay them side by side on *Compare*. What do half the weights cost?"
)

workbench.lesson("tied")
