"""Lesson: denoising autoencoders."""

from ui.views import workbench

workbench.lesson(
    "denoising",
    title="Denoising autoencoders",
    lead="Copying is easy; **repairing** is not.",
    prose="""
Here the encoder sees a corrupted image, with noise added to every pixel or with pixels missing,
while the loss compares the output with the **clean** one. To undo the damage the network has to
know what digits look like.

Corruption is for training only: the solid curve is measured on corrupted images, the dashed one on
clean ones. When you look at reconstructions, *Corrupt the input* shows the noisy image, what the
network makes of it, and what is left of the difference; PCA, beside it, gets the same noisy image.
On the chart, the dotted line is PCA's error on *clean* images. From digits with noise of standard
deviation 0.4, PCA with 150 codings errs .031; the network, which this training is for, .0051.

Any autoencoder cleans a little, because what it cannot say with its codings it leaves out. Noise of
standard deviation 0.4 is an error of .16 on the digits; a network of this size that never saw
noise brings it down to .022 (three seeds), one trained with that noise to .0051. To compare
cleaners, give all of them the same noise: *mse at noise 0.4* is among the figures of every
network. The course's noise of standard deviation 1 is far beyond the pixels' own range of 0 to 1;
the recommended 0.4 is hard, but fair.
""",
    question=(
        "Train with a noise level of 0.1 and of 0.8. Which network is the better cleaner of noise "
        "of 0.4, and which the better copier of clean digits? *Compare* has both figures."
    ),
)
