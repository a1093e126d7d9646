"""Lesson: sparse autoencoders."""

import streamlit as st

from ui import workbench

st.title("Sparse autoencoders", anchor=False)
st.markdown(
    """
A bottleneck is one way to force a network to be economical. Another is to give it **many** codings and let only a few speak at a time.
The sparsity loss looks at each coding's **mean activation over the batch** and pulls it towards a small target *p*; the pull is
the Kullback–Leibler divergence between two coins, one that lands heads with chance *p* and one with the mean activation *q*.

It is the *mean* that must stay off 0 and 1, so batches should not be tiny. After training, open **Codings**: the histogram shows where
the mean activations ended up, with the target as a dashed line. Then open **Features** and choose *the decoder, what they draw*: each
coding has become a piece of a digit, to be added where it is needed.
"""
)
st.markdown("**Predict, then run.** What happens to the features when the target goes from 0.1 to 0.5? And to the reconstruction loss?")

workbench.lesson("sparse")
