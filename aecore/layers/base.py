"""What every kind of layer is: a spec that a variant declares, a trainable layer, and a stored one.

- `Spec` says what a layer will be, without building it: its output shape and its number of parameters.
- `Trainable` holds TensorFlow variables and computes with tensors.
- `Stored` holds plain arrays and computes with NumPy: what the server, a file and the browser know of a layer.

Between layers everything is flat, [B, n]: a layer that needs rows and columns knows its own shapes. A new kind is one
file with these three classes; `register` makes its files readable.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

import numpy as np

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
        """What is needed beside the arrays to make this layer again, as JSON values."""

    def arrays(self) -> dict[str, Array]:
        return {}

    @classmethod
    @abstractmethod
    def restore(cls, settings: Mapping[str, Any], arrays: Mapping[str, Array]) -> Stored:
        """The layer with these `settings()` and `arrays()`; KeyError or ValueError if they do not make one."""

    def describe(self) -> dict[str, Any]:
        """Kind and settings: what a file's metadata and the browser are told."""
        return {"kind": self.kind} | self.settings()

    def identity(self) -> str:
        """What distinguishes it from other layers with the same arrays; part of a network's fingerprint."""
        return str(sorted(self.describe().items()))


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
        """The kernels that this layer owns: what weight decay counts."""
        return []

    @abstractmethod
    def logits(self, x: Tensor) -> Tensor:
        """What goes into the activation, [B, n_outputs]."""

    def __call__(self, x: Tensor) -> Tensor:
        return activate(self.activation, self.logits(x))

    @abstractmethod
    def stored(self) -> Stored: ...


@dataclass(frozen=True)
class Spec(ABC):
    """A layer to be built."""

    @abstractmethod
    def output_shape(self, shape: Shape) -> Shape:
        """For inputs of this shape."""

    @abstractmethod
    def parameters(self, shape: Shape) -> int:
        """How many numbers of its own are trained, for inputs of this shape."""

    @abstractmethod
    def build(
        self, shape: Shape, rng: np.random.Generator, encoder: Sequence[Trainable] = ()
    ) -> Trainable:
        """The layer for inputs of this shape, its weights drawn from `rng`. encoder: the layers that are built already, of which it may share one."""


def first_kernel(
    shape: Shape, fan_in: int, fan_out: int, activation: str, rng: np.random.Generator
) -> Array:
    """Normal, with variance 2 / fan_in before a rectifier (He et al. 2015), else 2 / (fan_in + fan_out) (Glorot & Bengio 2010)."""
    variance = 2 / fan_in if activation in RECTIFIERS else 2 / (fan_in + fan_out)
    return rng.standard_normal(shape, dtype=np.float32) * np.float32(math.sqrt(variance))


_Kind = TypeVar("_Kind", bound=type[Stored])


def register(cls: _Kind) -> _Kind:
    """Make files with layers of this kind readable."""
    KINDS[cls.kind] = cls
    return cls


def size_of(shape: Shape) -> int:
    """How many numbers an input of this shape has."""
    return math.prod(shape)
