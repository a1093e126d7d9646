"""Lesson: variational autoencoders."""

import streamlit as st

from ui import workbench

st.title("Variational autoencoders", anchor=False)
st.markdown(
    """
The other autoencoders store each image as a point, and the space between the points means nothing. A **variational** one stores a small
*cloud*: the encoder gives a mean and a variance, the coding is drawn from it, and a second loss, in nats, presses all clouds together
towards one standard Gaussian. After that, **random codings decode to digits**: the network generates.

Both losses are in nats per image and their sum bounds the negative log-likelihood of the image: the number to make small. The encoder
outputs γ = log σ², so that the variance cannot become negative; *Posterior: sigma* uses the standard deviation itself with a small
smoothing term inside the logarithm, which is the same loss up to that term. On grey pixels the reconstruction loss cannot reach 0; on
MNIST its floor is 45.5 nats.
"""
)
st.markdown(
    "**Predict, then run.** Press Train, open *Generate* while it runs, and draw new digits as the network improves. Then set the codings to 2 and look at the map."
)

workbench.lesson("variational")
