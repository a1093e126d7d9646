"""Lesson: tied weights."""

from ui.views import workbench

workbench.lesson(
    "tied",
    title="Tied weights",
    lead="If the encoder looks for a stroke, the decoder should draw the same stroke.",
    prose="""
So let the decoder **reuse the encoder's weights, transposed**: half the weights to learn and to
overfit with. Only the biases stay free, one set for each direction.

What it costs depends on the data, the widths and the time there is. With the recommended settings
the tied network ends at .0018 on the embedded digits and the free one at .0017 to .0018 (three
seeds); on MNIST at .0048 and .0046 to .0047. But on noisy digits (standard deviation 0.4) the tied
one's error is .015, the free one's .022 to .023, though neither was trained to clean. (On MNIST
.032 and .035 to .036.)

Weight decay, when you switch it on, counts each shared matrix once: where it lives, in the encoder.
The network's first layer is initialised for the encoder's number of inputs; the decoder takes what
it is given.
""",
    question=(
        "Give the stacked and the tied network 100 codings instead of 30, and then 5, with the "
        "same seed. When does sharing cost more, as a part of the error? And does the tied network "
        "stay ahead on noisy images? *Compare* lays them side by side."
    ),
)
