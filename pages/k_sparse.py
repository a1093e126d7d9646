"""Lesson: k-sparse autoencoders."""

from ui.views import workbench

workbench.lesson(
    "k_sparse",
    title="k-sparse autoencoders",
    lead="If you want only 25 codings to speak, let only **25 speak**.",
    prose="""
The sparse autoencoder asks for quiet codings and pays for it with a loss, whose weight somebody
has to find. This one takes the short way: for every image it keeps the *k* **largest** codings and
sets all others to zero. There is no weight to balance, and no unit can hum.

Every image may use different units. On MNIST 25 of the 1,000 are enough for an error of .0072 to
.0073 (three seeds), where PCA with 25 codings, the same ones for all, has .0203; and over the test
images all but 18 to 32 of the units get their turn. On the embedded digits, with a quarter of the
images to learn from, the error is .0046 to .0047 (PCA: .0096), and 556 to 576 of the units answer
to none of the 250 test images.

Left alone, some units never win and so never learn: with 25 from the first step on, 235 of the
1,000 stay unused (one seed). So the training begins with 400 kept codings and lets them fall to *k*
over its first half, as the authors did. That spreads the work, and costs the error a little (.0068
without).

Decoder and encoder share their weights, so under **Features** what a unit looks for is also what
it draws. The fewer units an image may use, the more each of them has to draw.
""",
    question=(
        "Which *k* makes the features look like whole digits, "
        "and which like pieces? Guess two numbers, then try them."
    ),
)
