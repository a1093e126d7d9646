"""The core of the Autoencoder Lab: every autoencoder of the course, trained, measured and kept on disk.

Nothing here draws, prints or knows of a browser, and importing this package loads no TensorFlow:
`aecore.backend` brings it in at the first tensor.
"""

__version__ = "0.1.0"
