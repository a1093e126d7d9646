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

It does **not** find the same axes. Any mix of the principal directions rebuilds the data just as
well, so the two codings usually come out turned, stretched and correlated. That is why the lab
compares planes by the angle between them, and never coding by coding.

With *As in the course*, the data are points in space near a tilted sheet. Watch the blue plane
swing onto PCA's orange one and the angle fall below a degree; with a constant rate it does not
quite reach zero. On images (*Recommended*), the dotted line is the error of the exact PCA on the
validation images: the dashed curve, the network's on the same images, comes down to it and stops.
""",
    question=(
        "Can the blue plane end up with a *smaller* error than the orange one on the training "
        "points? Try it, then read *train mse* beside *pca train mse* under **Figures**."
    ),
)
