"""The base classes of a kind of layer: its spec, the trainable layer and the stored one.

- `Spec` is what a variant declares. It knows the output shape and the number of parameters
  without building the layer.
- `Trainable` holds TensorFlow variables and computes with tensors.
- `Stored` holds plain arrays and computes with NumPy. The server, files and the browser use it.

All inputs and outputs are flat, [B, n]; a layer that needs rows and columns knows its own shapes.
A new kind is one file with these three classes. `register` makes files with such layers readable.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

import numpy as np

from aecore.backend import tf
from aecore.layers.activations import RECTIFIERS, activate

Array = np.ndarray
Tensor = Any
Shape = tuple[int, ...]  # (n,) or (height, width, channels)
KINDS: dict[str, type[Stored]] = {}


class Stored(ABC):
    """A layer as plain arrays: x [B, n_inputs] -> [B, n_outputs], float32."""

    kind: ClassVar[str]
    activation: str

    @property
    @abstractmethod
    def n_inputs(self) -> int: ...

    @property
    @abstractmethod
    def n_outputs(self) -> int: ...

    @abstractmethod
    def __call__(self, x: Array) -> Array: ...

    @abstractmethod
    def settings(self) -> dict[str, Any]:
        """JSON values that restore this layer, together with its arrays."""

    def arrays(self) -> dict[str, Array]:
        return {}

    @classmethod
    @abstractmethod
    def restore(cls, settings: Mapping[str, Any], arrays: Mapping[str, Array]) -> Stored:
        """The layer with these `settings()` and `arrays()`.

        Raises KeyError or ValueError if they do not fit together.
        """

    def describe(self) -> dict[str, Any]:
        """Kind and settings, for a file's metadata and for the browser."""
        return {"kind": self.kind} | self.settings()

    def identity(self) -> str:
        """Returns a text that distinguishes it from other layers with equal arrays.

        A network's fingerprint includes it.
        """
        return str(sorted(self.describe().items()))


class StoredWithKernel(Stored):
    """A stored layer with a kernel and a bias."""

    kernel: Array
    bias: Array

    def arrays(self) -> dict[str, Array]:
        return {"kernel": self.kernel, "bias": self.bias}


class Trainable(ABC):
    """A layer with TensorFlow variables."""

    activation: str = "linear"
    kernel: Any
    bias: Any = None

    @property
    @abstractmethod
    def variables(self) -> list[Any]: ...

    @property
    def kernels(self) -> list[Any]:
        """The kernels that this layer owns, for weight decay."""
        return []

    @abstractmethod
    def logits(self, x: Tensor) -> Tensor:
        """The values before the activation, [B, n_outputs]."""

    def __call__(self, x: Tensor) -> Tensor:
        return activate(self.activation, self.logits(x))

    @abstractmethod
    def stored(self) -> Stored: ...


class TrainableWithKernel(Trainable):
    """A layer with a kernel and a bias of its own. Biases start at zero."""

    def __init__(self, kernel: Array, n_biases: int, activation: str):
        self.kernel = tf.Variable(kernel, name="kernel")
        self.bias = tf.Variable(tf.zeros([n_biases]), name="bias")
        self.activation = activation

    @property
    def variables(self) -> list[Any]:
        return [self.kernel, self.bias]

    @property
    def kernels(self) -> list[Any]:
        return [self.kernel]


@dataclass(frozen=True)
class Spec(ABC):
    """The declaration of a layer."""

    @abstractmethod
    def output_shape(self, shape: Shape) -> Shape:
        """The shape of an output, for inputs of this shape."""

    @abstractmethod
    def parameters(self, shape: Shape) -> int:
        """The number of trained values that it owns, for inputs of this shape."""

    def untied_parameters(self, shape: Shape) -> int:
        """As `parameters`, if it shared none."""
        return self.parameters(shape)

    @abstractmethod
    def build(
        self, shape: Shape, rng: np.random.Generator, encoder: Sequence[Trainable] = ()
    ) -> Trainable:
        """The layer for inputs of this shape, its first weights drawn from `rng`.

        encoder: layers built before, whose weights it may share.
        """


def first_kernel(
    shape: Shape, fan_in: int, fan_out: int, activation: str, rng: np.random.Generator
) -> Array:
    """Draws a kernel from a normal distribution with mean zero.

    Its variance is 2 / fan_in before a rectifier (He et al. 2015), otherwise
    2 / (fan_in + fan_out) (Glorot & Bengio 2010).
    """
    variance = 2 / fan_in if activation in RECTIFIERS else 2 / (fan_in + fan_out)
    return rng.standard_normal(shape, dtype=np.float32) * np.float32(math.sqrt(variance))


_Kind = TypeVar("_Kind", bound=type[Stored])


def register(cls: _Kind) -> _Kind:
    """Makes files with layers of this kind readable."""
    KINDS[cls.kind] = cls
    return cls


def size_of(shape: Shape) -> int:
    """The number of values in an input of this shape."""
    return math.prod(shape)
