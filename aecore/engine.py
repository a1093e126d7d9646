"""How a step is computed: one compiled function takes many steps of Adam, as near to the machine's floor as TensorFlow gets.

What makes it fast, with what each choice gave in turns on two cores (batch of 150, the course's stacked and variational networks;
docs/performance.md has the tables):

1. The inputs stay in TensorFlow and a chunk of steps is one call, which takes row numbers and gives back each step's losses.
2. The batch is cut into *towers*, one for each core: separate chains of operations that the executor runs side by side, each product on one
   thread. Splitting every product over the threads instead, as TensorFlow does by itself, makes them wait for each other 20 times a
   step: 1.4 to 2.2 times as long.
3. A kernel's gradient is a product a^T b of two tall factors (its inputs, and the gradients of its outputs). The towers hand over
   the factors, not the product, so that it is multiplied out once for the whole batch and there are no gradients to be added up: a pass
   over all parameters less, up to 5 %. A kernel that is used twice (tied weights) is multiplied out once for each use, so that two cores
   have a large product each: 12 % less than both in one.
4. These products, and Adam's update right behind each, begin when all towers are through, largest first, so that the cores share them evenly
   and no tower still holds a kernel that Adam is about to change (it would be copied). About 5 %.
5. Adam is TensorFlow's fused kernel: one pass over memory. A small XLA program in its place was no faster (0.95 to 1.05) and took
   0.3 to 0.5 s to compile.
6. Where a step is so small that calling operations is all its cost, the same function goes through XLA as a whole: 10 times as fast for 3-D points.

None of this is known to a variant: it states its terms for whatever rows it is given (`aecore.models.base.Term`).
"""

from __future__ import annotations

import math
import mmap
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from aecore.backend import tf
from aecore.hyperparameters import RESTARTS_AT
from aecore.layers import DeferredProducts, Use
from aecore.models import Noise, Phase, Term

Array = np.ndarray
Tensor = Any
Moments = list[tuple[Any, Any]]  # Adam's (m, v), for each variable
FEWEST_ROWS = 8  # of a tower: with fewer, two cost more than one
TINY = 2e6  # multiplications a step: below, operations cost more than arithmetic and XLA takes over
TINY_ROWS = 800_000  # row numbers in a call of the XLA program, which is compiled for one length: 8,000 steps of the 3-D points


def pixels(x: Array | Tensor) -> Tensor:
    """Images as bytes -> float32 in [0, 1]; points as they are."""
    return tf.cast(x, tf.float32) / 255.0 if x.dtype == np.uint8 else tf.convert_to_tensor(x)


class Resident:
    """Inputs kept in TensorFlow as they are stored; a chunk is fed its row numbers.

    Images stay bytes until they are gathered: a quarter of the memory, no time lost before the first step, and no step slower for it (0.97 to 1.02).
    """

    def __init__(self, x: Array | Tensor):
        self.x = tf.convert_to_tensor(x)
        self.specs = (tf.TensorSpec([None, self.x.shape[1]], self.x.dtype), tf.TensorSpec([None, None], tf.int32))

    def feed(self, rows: Array) -> tuple[Tensor, Tensor]:
        """[S, B] row numbers, as they go into the compiled function: what stays in memory, and what is of this chunk."""
        return self.x, tf.constant(rows)

    @staticmethod  # what is compiled keeps it, and must not keep the data with it
    def inputs(x: Tensor, rows: Tensor) -> Tensor:
        return pixels(tf.gather(x, rows))  # [B, n_inputs]

    def through(self, features: Callable[[Tensor], Tensor]) -> Resident:
        """These inputs' features, computed once."""
        return Resident(features(pixels(self.x)))


class Streamed:
    """Images that stay on the disk (a memory-mapped array of bytes); a chunk is fed the images themselves."""

    def __init__(self, x: np.memmap, features: Callable[[Tensor], Tensor] = lambda x: x):
        self.images, self.features = x, features
        self.specs = (tf.TensorSpec([], tf.uint8), tf.TensorSpec([None, None, x.shape[1]], tf.uint8))

    def feed(self, rows: Array) -> tuple[Tensor, Tensor]:
        block = tf.constant(self.images[rows])
        self.images._mmap.madvise(mmap.MADV_DONTNEED)  # type: ignore[attr-defined]  # what was read need not stay in this process's memory
        return tf.constant(0, tf.uint8), block

    def inputs(self, nothing: Tensor, images: Tensor) -> Tensor:
        return self.features(pixels(images))

    def through(self, features: Callable[[Tensor], Tensor]) -> Streamed:
        """These images' features, computed for each batch anew: kept, they might not fit into memory."""
        return Streamed(self.images, features)


def on_gpu() -> bool:
    return bool(tf.config.list_logical_devices("GPU"))


def towers() -> int:
    """One for each thread that TensorFlow may run operations on; a GPU is one."""
    return 1 if on_gpu() else max(1, tf.config.threading.get_inter_op_parallelism_threads())


def device() -> str:
    """What trains, in words."""
    if not on_gpu():
        return f"CPU, {towers()} threads" if towers() > 1 else "CPU, 1 thread"
    details = tf.config.experimental.get_device_details(tf.config.list_physical_devices("GPU")[0])
    return str(details.get("device_name", "GPU"))


RISES_OVER = 0.05  # of the steps after a restart


def share_of_rate(schedule: str, done: Tensor) -> Tensor:
    """The part of the set learning rate that is in force when `done`, 0 to 1, of a phase's steps are taken.

    "cosine": half a cosine from 1 to 0 (Loshchilov & Hutter 2017). "restart": two of them, over the first fifth of the steps and over the rest
    (their warm restarts, once): at a fifth of the time the network is as good as a training of that length makes it. The second one rises over
    its first twentieth: Adam's second moments are small by then, and at the whole rate at once a variational network with a latent weight
    of 0.1 went from a loss of 94 to 254, and ended at 113 instead of 91 (digits, seed 0). A rise from 0 at the start was tried and costs more
    than it saves: Adam remembers the first, large gradients for a thousand steps and goes on in smaller ones (the linear autoencoder on the
    digits ended 5.5 degrees off PCA's subspace instead of 3.6).
    """
    if schedule == "constant":
        return tf.ones_like(done)
    rise = tf.ones_like(done)
    if schedule == "restart":
        first, again = done / RESTARTS_AT, (done - RESTARTS_AT) / (1 - RESTARTS_AT)
        rise = tf.where(done < RESTARTS_AT, rise, tf.minimum(1.0, again / RISES_OVER))
        done = tf.where(done < RESTARTS_AT, first, again)
    return 0.5 * rise * (1 + tf.cos(math.pi * done))


class CompiledSteps:
    """steps(data, rows [S, B], step, learning_rate, total_steps, seed): S steps taken; each loss term [S], and the last one's learning rate.

    Adam is that of Kingma & Ba (2015) in the form that ends their section 2, as in TensorFlow 1 (`_adam`); its rate is `learning_rate` times
    `share_of_rate`, counted over the phase's `total_steps`. Nothing of a single training is compiled in, so that the next one of the same shape
    can go on with the same function: compiling takes 0.3 to 1 s.
    """

    def __init__(self, phase: Phase, moments: Moments, data: Resident | Streamed, batch_size: int, schedule: str):
        self.phase, self.moments, self.inputs, self.schedule = phase, moments, data.inputs, schedule
        self.tiny = 3 * batch_size * sum(int(np.prod(v.shape)) for v in phase.variables) < TINY and isinstance(data, Resident)
        self.towers = 1 if self.tiny else max(1, min(towers(), batch_size // FEWEST_ROWS))
        self.longest = max(1, TINY_ROWS // batch_size) if self.tiny else 2**30  # steps in a call
        self.first = min(64, self.longest) if self.tiny else 1
        self._names: list[str] = []
        numbers = (tf.int32, tf.int32, tf.float32, tf.float32, tf.int64)
        self._many = tf.function(
            self._many_steps,
            autograph=False,
            jit_compile=True if self.tiny or on_gpu() else None,
            input_signature=[*data.specs, *(tf.TensorSpec([], kind) for kind in numbers)],
        )

    def __call__(
        self, data: Resident | Streamed, rows: Array, step: int, learning_rate: float, total_steps: int, seed: int
    ) -> tuple[dict[str, Array], float]:
        count = len(rows)
        if self.tiny:  # XLA compiles for one length
            rows = np.concatenate([rows, np.broadcast_to(rows[:1], (self.longest - count, rows.shape[1]))])
        logs, rate = self._many(*data.feed(rows), count, step, learning_rate, total_steps, seed)
        return {name: log.numpy()[:count] for name, log in zip(self._names, logs, strict=True)}, float(rate)

    def _many_steps(
        self, x: Tensor, chunk: Tensor, count: Tensor, first_step: Tensor, learning_rate: Tensor, total_steps: Tensor, seed: Tensor
    ) -> tuple[list[Tensor], Tensor]:
        def one_step(i: Tensor, rate: Tensor, logs: list[Any]) -> Any:
            taken = tf.cast(first_step + i, tf.float32)
            rate = learning_rate * share_of_rate(self.schedule, taken / total_steps)
            terms, gradients = self._differentiated(x, chunk[i], first_step + i, seed)
            _adam(gradients, self.phase.variables, self.moments, taken + 1, rate)
            return i + 1, rate, [log.write(i, terms[name]) for name, log in zip(self._names, logs, strict=True)]

        self._names = list(self.phase.loss_terms(self.inputs(x, chunk[0, :1]), Noise(seed, 0), True))
        logs = [tf.TensorArray(tf.float32, tf.shape(chunk)[0], element_shape=[]) for _ in self._names]
        _, rate, logs = tf.while_loop(lambda i, *_: i < count, one_step, (0, learning_rate, logs), parallel_iterations=1)
        return [log.stack() for log in logs], rate

    def _differentiated(
        self, x: Tensor, batch: Tensor, step: Tensor, seed: Tensor
    ) -> tuple[dict[str, Tensor], Iterator[tuple[int, Tensor]]]:
        """The loss terms on a batch, and (index, gradient) of each variable."""
        phase, size = self.phase, tf.shape(batch)[0]
        shares = [Tower(phase, self.inputs(x, batch[a:b]), Noise(seed, step, a), size) for a, b in _shares(size, self.towers)]
        terms, pulls = _terms(shares)
        pulled = [tower.pulled_back(pulls) for tower in shares]
        through = [factor for uses, _ in pulled for use in uses for factor in (use.left, use.right)]
        with tf.control_dependencies(through):
            terms |= phase.decay()
        return terms, self._gradients(pulled, through)

    def _gradients(self, pulled: list[Any], through: list[Tensor]) -> Iterator[tuple[int, Tensor]]:
        """(index, gradient) of each variable: largest first, each begun when the one as many places before as there are towers is multiplied out."""
        phase = self.phase
        decayed = {id(kernel) for kernel in phase.decayed} if phase.weight_decay else set()
        uses = list(zip(*(uses for uses, _ in pulled), strict=True))  # each product of the network, in every tower
        assert all(len({use.place for use in shares}) == 1 for shares in uses)
        before: list[Tensor] = []
        for i in sorted(range(len(phase.variables)), key=lambda i: -int(np.prod(phase.variables[i].shape))):
            variable = phase.variables[i]
            parts = [others[i] for _, others in pulled if others[i] is not None]
            turn = [before[-self.towers]] if len(before) >= self.towers else []
            with tf.control_dependencies(through + turn):
                for shares in uses:
                    if shares[0].kernel == id(variable):
                        left, right = (tf.concat(side, axis=0) for side in zip(*((use.left, use.right) for use in shares), strict=True))
                        parts.append(tf.matmul(left, right, transpose_a=True))
                        before.append(parts[-1])
                if id(variable) in decayed:
                    parts.append(phase.weight_decay * variable)
            if parts:
                yield i, tf.add_n(parts)


def compiled_evaluation(phase: Phase) -> Callable[[Tensor, Tensor, int], dict[str, float]]:
    """evaluate(inputs [n, ...], images [n, n_inputs], seed): every loss term on `inputs`, uncorrupted, and the pixels' squared error on `images` (`mse`)."""

    @tf.function(autograph=False, reduce_retracing=True)
    def evaluate(inputs: Tensor, images: Tensor, seed: Tensor) -> dict[str, Tensor]:
        n = tf.shape(images)[0]
        bounds = _shares(n, towers())
        terms, _ = _terms([Tower(phase, inputs[a:b], Noise(seed, -1, a), n, False) for a, b in bounds])
        if phase.loss_is_pixel_mse:
            mse = terms["reconstruction_loss"]
        else:
            squares = [tf.reduce_sum(tf.square(phase.reconstruct(images[a:b]) - images[a:b])) for a, b in bounds]
            mse = tf.add_n(squares) / tf.cast(tf.size(images), tf.float32)
        return terms | phase.decay() | {"mse": mse}

    return lambda inputs, images, seed: {
        name: float(value) for name, value in evaluate(inputs, images, tf.constant(seed, tf.int64)).items()
    }


class Tower:
    """One share of a batch on its way through the network and back; `size` is the whole batch's."""

    def __init__(self, phase: Phase, x: Tensor, noise: Noise, size: Tensor, training: bool = True):
        self.phase, self.deferred = phase, DeferredProducts(phase.variables)
        with tf.GradientTape(watch_accessed_variables=False) as self.tape, self.deferred.recording():
            self.tape.watch(phase.variables)
            self.terms: dict[str, Term] = phase.terms(x, noise, training)
            share = 1 / tf.cast(size, tf.float32)
            self.means = {
                name: share * tf.reduce_sum(term.values, axis=0) for name, term in self.terms.items()
            }  # this share's part in them

    def pulled_back(self, pulls: dict[str, Tensor]) -> tuple[list[Use], list[Tensor | None]]:
        """Backpropagates from the batch means to the factors of the kernels' gradients, and to each variable as far as it is used elsewhere."""
        targets, pull = list(self.means.values()), [pulls[name] for name in self.means]
        with self.deferred.collecting():
            gradients = self.tape.gradient(targets, self.phase.variables, output_gradients=pull)
        return sorted(self.deferred.uses, key=lambda use: use.place), gradients


def _terms(shares: list[Tower]) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """The batch's loss terms from its towers' shares of the means, and the gradients of their sum by those means."""
    means = {name: tf.add_n([tower.means[name] for tower in shares]) for name in shares[0].means}
    with tf.GradientTape() as tape:
        tape.watch(means)
        terms = {name: term.of_mean(means[name]) for name, term in shares[0].terms.items()}
    return terms, tape.gradient(terms, means)


def _shares(size: Tensor, n: int) -> list[tuple[Tensor, Tensor]]:
    """The bounds of n nearly equal parts of `size` rows."""
    cuts = [size * i // n for i in range(n + 1)]
    return list(zip(cuts, cuts[1:], strict=False))


def _adam(gradients: Iterator[tuple[int, Tensor]], variables: list[Any], moments: Moments, t: Tensor, rate: Tensor) -> None:
    """Kingma & Ba (2015) by TensorFlow's fused kernel; t is the phase's step, from 1.

    w <- w - rate * sqrt(1 - beta2^t) / (1 - beta1^t) * m / (sqrt(v) + epsilon-hat): the form at the end of their section 2, which TensorFlow 1
    had. Their algorithm 1 adds epsilon after v's correction for its start instead: at gradients of 1e-5 its first step is 3 % longer.
    """
    beta1, beta2 = 0.9, 0.999
    powers = {"beta1_power": tf.pow(beta1, t), "beta2_power": tf.pow(beta2, t)}
    for i, gradient in gradients:
        variable, (m, v) = variables[i], moments[i]
        tf.raw_ops.ResourceApplyAdam(
            var=variable.handle, m=m.handle, v=v.handle, lr=rate, beta1=beta1, beta2=beta2, epsilon=1e-8, grad=gradient, **powers
        )
