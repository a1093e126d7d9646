"""Lesson: contractive autoencoders."""

from ui.views import workbench

workbench.lesson(
    "contractive",
    title="Contractive autoencoders",
    lead=(
        "A code is worth more if it **keeps still** while the image changes in ways that do not "
        "matter. So let every movement cost something."
    ),
    prose="""
With a thousand codings for 784 pixels an autoencoder could simply copy. Here it pays: for every
image the loss adds the **squared slopes** of all codings with respect to all pixels, the squared
norm of the encoder's Jacobian. Slopes that help to tell the training images apart earn their price;
most others go.

On MNIST (three seeds) the recommended weight of 0.0003 leaves squared slopes of 22.4 to 22.5, where
the same network without it ends at 428 to 433; on the digits 16 and 128 to 130. The copy suffers:
an error of .006 instead of .001, on the digits .0051 to .0052 instead of .0012. Robustness gains:
from images with noise of standard deviation 0.4 MNIST is rebuilt with an error of .010 instead of
.017, though no noise was ever shown to the network. On the digits that gain is small: .0076 to
.0077 instead of .0078 to .0079.

Decoder and encoder share their weights. If they did not, the encoder could make itself small and
the decoder large, and the price would buy nothing. So what a coding draws, under **Features**, is
also what it looks for: without the penalty specks and stripes all over the image, with it pieces of
pen strokes.
""",
    question=(
        "If contraction helps against noise, will ten times as much of it help more? Set the "
        "weight to 0.003. What happens to the squared slopes, what to *mse*, and what to *mse at "
        "noise 0.4*?"
    ),
)
