"""Lesson: convolutional autoencoders."""

from ui.views import workbench

workbench.lesson(
    "convolutional",
    title="Convolutional autoencoders",
    lead="A stroke is a stroke wherever it lies. So learn it **once**, and look for it everywhere.",
    prose="""
A dense layer has a weight of its own for every pixel: what it learns about the upper left corner
says nothing about the lower right one. A **convolution** moves one small filter over the whole
image instead. Here sixteen filters of 5 × 5 weights are laid around every second pixel, thirty-two
more look at what those found, and a dense layer makes the codings out of the 7 × 7 places that are
left. The decoder does the same backwards: *transposed* convolutions draw a filter wherever a number
asks for it.

The point is the price. With the same thirty codings the network has a quarter of the dense one's
parameters, and on MNIST it copies better: an error of .0038 to .0040 (three seeds), the dense one's
is .0046 to .0047. On the embedded digits, of which there are a quarter as many to learn from (with
their shifted and turned copies), it does not: its error is .0019 to .0021, the dense one's .0017 to
.0018.

Under **Features** are the sixteen first filters, too: patches of 5 × 5 weights, each an edge or a
spot at best. What a coding makes of them can only be seen in the images that excite it.
""",
    question=(
        "Set the filter size to 1. Which pixels can such a network draw at all, and what becomes "
        "of its error? Which is the smallest size that reaches them all?"
    ),
)
