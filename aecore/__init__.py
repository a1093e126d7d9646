"""The core of the Autoencoder Lab: it trains, measures and stores every autoencoder of the course.

Nothing here draws, prints or depends on a browser. Importing this package does not load
TensorFlow: `aecore.backend` loads it at the first tensor.
"""

__version__ = "0.1.0"
