"""Lesson: stacked autoencoders."""

import streamlit as st

from ui import workbench

st.title("Stacked autoencoders", anchor=False)
st.markdown(
    """
Put layers with activations on both sides of the codings and the network can **bend**: it is no longer tied to a flat subspace. The
widths usually shrink towards the middle and grow back, like a sandwich: 784 – 300 – **150** – 300 – 784.

More power needs more care. The course's own settings add an L2 penalty of 0.001 that mostly shrinks the weights: try *As in the course*
and look at what the *weight decay* curve does to the digits. The dashed line is the exact PCA with as many codings, a bar
that a deep autoencoder has to clear to be worth its trouble. (The embedded digits began as 8×8 pixels, so with more than 64 codings PCA
copies them almost perfectly. Take 10 codings, or MNIST, and the deep network wins.)
"""
)
st.markdown("**Predict, then run.** How few codings can you take before a 4 and a 9 can no longer be told apart?")

workbench.lesson("stacked")
