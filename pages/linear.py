"""Lesson: the linear autoencoder is PCA."""

from ui.views import workbench

workbench.lesson(
    "linear",
    title="The linear autoencoder is PCA",
    lead=(
        "Take away every activation and what is left is two matrices: one that squeezes, one that "
        "rebuilds."
    ),
    prose="""
Trained on squared error, such a network can do no better than **principal component analysis** on
the data both were fitted to, and it gets there: it finds the same *subspace* and reaches the same
*error*. On other data, the test images say, either may be ahead by a hair.

The error gets there long before the plane does: after the recommended 20 epochs it is within .3 %
of PCA's on the digits and on MNIST, while the angle between the two subspaces is still 3.6 to 4.1
degrees on the digits (on MNIST 0.3; three seeds each).

It does **not** find the same axes. Any mix of the principal directions rebuilds the data just as
well, so the two codings usually come out turned, stretched and correlated. That is why the lab
compares planes by the angle between them, and never coding by coding.

With *As in the course*, the data are points in space near a tilted sheet. Watch the blue plane
swing onto PCA's orange one and the angle fall below a degree; with a constant rate it does not
quite reach zero. On images (*Recommended*), the dotted line is the error of the exact PCA on the
validation images: the dashed curve, the network's on the same images, comes down to it and stops.
""",
    question=(
        "If the network has PCA's subspace, will it rebuild *noisy* images as PCA does? Train "
        "*Recommended*, then switch on *Corrupt the input* under **Reconstructions**, beside PCA. "
        "Some pixels are black in every image: what has the training done to their weights, and "
        "what does the noise do there?"
    ),
)
