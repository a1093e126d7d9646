"""Lesson: denoising autoencoders."""

import streamlit as st

from ui import workbench

st.title("Denoising autoencoders", anchor=False)
st.markdown(
    """
Copying is easy; **repairing** is not. Here the encoder sees a corrupted image, with noise added to every pixel or with pixels missing,
while the loss compares the output with the **clean** one. To undo the damage the network has to know what digits look like.

Corruption is for training only: the solid curve is measured on corrupted images, the dashed one on clean ones. When you look at reconstructions the input is clean unless you ask: *Corrupt the input* below shows the
noisy image, what the network makes of it, and what is left of the difference. The course's noise of standard deviation 1 is far beyond
the pixels' own range of 0 to 1; the recommended 0.4 is hard, but fair.
"""
)
st.markdown(
    "**Predict, then run.** Train with little noise and test with much, then the other way round. Which network is the better cleaner?"
)

workbench.lesson("denoising")
