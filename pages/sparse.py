"""Lesson: sparse autoencoders."""

from ui.views import workbench

workbench.lesson(
    "sparse",
    title="Sparse autoencoders",
    lead=(
        "A bottleneck is one way to force a network to be economical. Another is to give it "
        "**many** codings and keep most of them quiet."
    ),
    prose="""
The sparsity loss looks at each coding's **mean activation over the batch** and pulls it towards a
small target *p*; the pull is the Kullback–Leibler divergence between two coins, one that lands
heads with chance *p* and one with the mean activation *q*.

What can a mean promise? Only itself. A unit that is fully on for a tenth of the images has a mean
of 0.1, and so has one that hums at 0.1 for every image. With the course's weight of 0.2 the units
**hum**: hardly one activation is above 0.5, and the code is dense. Take the weight down to 0.001,
as *Recommended* does, and the loss still holds the means at the target, but leaves the
reconstruction free to decide who speaks when: on MNIST 2.5 % of the activations are above 0.5, on
the digits 1.6 %. **Codings** shows both distributions side by side, of the means and of the
activations, and two figures that a hum cannot fool.

On the digits the dashed sparsity loss ends above the solid one: what is held at the target is the
mean over the training images, and the validation images' means are a little off it.

Then open **Features**, *the decoder, what they draw*. With these settings each unit draws whole
strokes, or a digit's template with what has to be taken away again, rather than one small piece of
a digit.
""",
    question=(
        "Set the sparsity target to 0.02, then to 0.3. What happens to the error, what to the "
        "share of activations above 0.5, and what to that which the units draw?"
    ),
)
