"""Computes training steps: one compiled function takes many steps of Adam.

It is as close to the machine's limit as TensorFlow allows, and longer than other files: one step's
computation is read from top to bottom. The choices that make it fast, with the
gain of each on two cores (batch of 150, the course's stacked and variational networks;
docs/performance.md has the tables):

1. The inputs stay in TensorFlow, and a chunk of steps is one call. It takes row numbers and returns
   each step's losses.
2. The batch is cut into *towers*, one for each core: separate chains of operations that the
   executor runs in parallel, each product on one thread. TensorFlow by itself splits every product
   over the threads, which then wait for each other 20 times a step: 1.4 to 2.2 times as long.
3. A kernel's gradient is a product a^T b of two tall factors (its inputs, and the gradients of its
   outputs). The tape's gradients are taken apart into such products before anything is computed
   (`aecore.training.products`). A product is then computed once for the whole batch, and there are
   no gradients to add up: one pass over all parameters less, up to 5 %. A kernel that is used twice
   (tied weights) has one product for each use, so two cores have a large product each: 12 % less
   time than with both in one.
4. These products, each followed by its Adam update, start when all towers are finished, largest
   first. The cores then share them evenly, and no tower still holds a kernel that Adam is about to
   change (it would be copied). About 5 %.
5. Adam is TensorFlow's fused kernel: one pass over memory. A small XLA program in its place was no
   faster (0.95 to 1.05) and took 0.3 to 0.5 s to compile.
6. If a step is so small that calling operations is all its cost, XLA compiles the whole function:
   10 times as fast for 3-D points.

A variant knows none of this: it gives its loss terms for any rows (`aecore.models.phases.Term`).

This file is longer than others: a third of it is these words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from aecore.backend import tf
from aecore.models.phases import Phase, StepContext
from aecore.training.adam import Moments, adam, share_of_rate
from aecore.training.devices import on_gpu, towers
from aecore.training.inputs import Fed, Resident, Streamed
from aecore.training.random import RandomStream
from aecore.training.tower import Summands, Tower, equal_parts, loss_terms

Array = np.ndarray
Tensor = Any
FEWEST_ROWS = 8  # of a tower: with fewer, two cost more than one
TINY = 2e6  # multiplications a step: with fewer, calls cost more than arithmetic and XLA is used
GPU_LENGTHS = (32, 1024)  # steps in a call on a GPU
# Row numbers in a call of the XLA program, which is compiled for one length: 8,000 steps of the
# 3-D points.
TINY_ROWS = 800_000


class CompiledSteps:
    """The compiled training steps of one phase.

    steps(data, rows [S, B], step, learning_rate, total_steps, seed) takes S steps. It returns each
    loss term [S], and the learning rate of the last step.

    Adam is that of Kingma & Ba (2015) in the form at the end of their section 2, as in TensorFlow 1
    (`adam`). Its rate is `learning_rate` times `share_of_rate` over the phase's `total_steps`.

    Nothing that belongs to a single training is compiled in, so the next training of the same shape
    can use the same function. Compiling takes 0.3 to 1 s.
    """

    def __init__(
        self,
        phase: Phase,
        moments: Moments,
        data: Resident | Streamed,
        batch_size: int,
        schedule: str,
    ):
        self.phase, self.moments, self.share, self.schedule = phase, moments, data.share, schedule
        parameters = sum(int(np.prod(v.shape)) for v in phase.variables)
        # Of dense kernels alone: a convolution uses each weight many times.
        dense = all(len(v.shape) <= 2 for v in phase.variables)
        small = dense and 3 * batch_size * parameters < TINY
        self.tiny = small and isinstance(data, Resident)
        self.lengths = _lengths(self.tiny, isinstance(data, Streamed), batch_size)
        # XLA splits the work itself. (Two towers in one of its programs gave losses 2 % off.)
        most_towers = 1 if self.lengths else towers()
        self.towers = max(1, min(most_towers, batch_size // FEWEST_ROWS))
        self.longest = self.lengths[-1] if self.lengths else 2**30  # steps in a call
        self.first = min(64, self.longest) if self.tiny else 1
        self._names: list[str] = []
        self._kinds = (tf.int32, tf.int32, tf.float32, tf.float32, tf.int64)
        self._many = tf.function(
            self._many_steps,
            autograph=False,
            jit_compile=True if self.lengths else None,
            input_signature=[*data.specs, *(tf.TensorSpec([], kind) for kind in self._kinds)],
        )
        self._concrete: Any = None

    def __call__(
        self,
        data: Resident | Streamed,
        rows: Array,
        step: int,
        learning_rate: float,
        total_steps: int,
        seed: int,
    ) -> tuple[dict[str, Array], float]:
        count = len(rows)
        if self.lengths:
            length = next(length for length in self.lengths if length >= count)
            rows = np.concatenate(
                [rows, np.broadcast_to(rows[:1], (length - count, rows.shape[1]))]
            )
        # Called by its one concrete function: to look it up takes half a millisecond each time.
        self._concrete = self._concrete or self._many.get_concrete_function()
        numbers = zip((count, step, learning_rate, total_steps, seed), self._kinds, strict=True)
        logs, rate = self._concrete(
            *data.feed(rows), *(tf.constant(n, kind) for n, kind in numbers)
        )
        values = {name: log.numpy()[:count] for name, log in zip(self._names, logs, strict=True)}
        return values, float(rate)

    def _many_steps(
        self,
        x: Tensor,
        labels: Tensor,
        chunk: Tensor,
        count: Tensor,
        first_step: Tensor,
        learning_rate: Tensor,
        total_steps: Tensor,
        seed: Tensor,
    ) -> tuple[list[Tensor], Tensor]:
        fed = (x, labels, chunk)

        def one_step(i: Tensor, rate: Tensor, logs: list[Any]) -> Any:
            taken = tf.cast(first_step + i, tf.float32)
            progress = taken / total_steps
            rate = learning_rate * share_of_rate(self.schedule, progress)
            context = StepContext(
                RandomStream(seed, first_step + i), True, first_step + i, progress
            )
            terms, gradients = self._terms_and_gradients(fed, i, context, seed)
            adam(gradients, self.phase.variables, self.moments, taken + 1, rate)
            named = zip(self._names, logs, strict=True)
            return i + 1, rate, [log.write(i, terms[name]) for name, log in named]

        first, some = self.share(fed, 0, 0, 1)
        self._names = list(
            self.phase.loss_terms(first, StepContext(RandomStream(seed, 0), True, labels=some))
        )
        logs = [
            tf.TensorArray(tf.float32, tf.shape(chunk)[0], element_shape=[]) for _ in self._names
        ]
        _, rate, logs = tf.while_loop(
            lambda i, *_: i < count, one_step, (0, learning_rate, logs), parallel_iterations=1
        )
        return [log.stack() for log in logs], rate

    def _terms_and_gradients(
        self, fed: Fed, i: Tensor, context: StepContext, seed: Tensor
    ) -> tuple[dict[str, Tensor], Iterator[tuple[int, Tensor]]]:
        """Returns the loss terms of the chunk's step `i`, and each variable's (index, gradient)."""
        phase, size = self.phase, tf.shape(fed[2])[1]
        shares = []
        for first, last in equal_parts(size, self.towers):
            x, labels = self.share(fed, i, first, last)
            random = RandomStream(seed, context.step, first)
            own = replace(context, random=random, labels=labels if phase.uses_labels else None)
            shares.append(Tower(phase, x, own, size))
        terms, mean_gradients, direct = loss_terms(shares)
        # Of each variable: every tower's summands of its gradient.
        summands = list(
            zip(*(tower.backpropagate(mean_gradients) for tower in shares), strict=True)
        )
        every = [product for of in summands for products, _ in of for product in products]
        factors = [factor for product in every for factor in (product.left, product.right)]
        with tf.control_dependencies(factors):
            terms |= phase.decay()
        return terms, self._gradients(summands, direct, factors)

    def _gradients(
        self,
        summands: list[tuple[Summands, ...]],
        direct: list[Tensor | None],
        factors: list[Tensor],
    ) -> Iterator[tuple[int, Tensor]]:
        """Yields (index, gradient) of each variable, largest first.

        At most `towers` products run at once.

        summands: of each variable, those that each tower's `backpropagate` returned.
        direct: each variable's gradient that does not pass through a batch mean.
        factors: all factors of the products, which must be computed first.
        """
        phase = self.phase
        decayed = {id(kernel) for kernel in phase.decayed} if phase.weight_decay else set()
        sizes = [int(np.prod(variable.shape)) for variable in phase.variables]
        started: list[Tensor] = []
        for i in sorted(range(len(sizes)), key=lambda i: -sizes[i]):
            variable = phase.variables[i]
            parts = [tf.add_n(others) for _, others in summands[i] if others]
            if direct[i] is not None:
                parts.append(direct[i])
            wait_for = [started[-self.towers]] if len(started) >= self.towers else []
            with tf.control_dependencies(factors + wait_for):
                # The sum of the towers' products is the product of their factors, row on row.
                for same in zip(*(products for products, _ in summands[i]), strict=True):
                    left = tf.concat([product.left for product in same], axis=0)
                    right = tf.concat([product.right for product in same], axis=0)
                    parts.append(tf.matmul(left, right, transpose_a=True))
                    started.append(parts[-1])
                if id(variable) in decayed:
                    parts.append(phase.weight_decay * variable)
            if parts:
                yield i, tf.add_n(parts)


def _lengths(tiny: bool, streamed: bool, batch_size: int) -> tuple[int, ...]:
    """Returns the chunk lengths, in steps, that XLA compiles for; shorter chunks are padded.

    An empty tuple: not compiled by XLA.
    """
    if tiny:
        return (max(1, TINY_ROWS // batch_size),)
    if on_gpu():
        return GPU_LENGTHS[:1] if streamed else GPU_LENGTHS
    return ()


Evaluation = Callable[[Tensor, Tensor, Tensor, int, int, int], dict[str, float]]


def compiled_evaluation(phase: Phase) -> Evaluation:
    """Returns a function that evaluates a phase on uncorrupted inputs.

    evaluate(inputs [n, ...], images [n, n_inputs], labels [n], seed, step, total_steps) returns
    every loss term on `inputs`, and `mse`, the squared error of the pixels, on `images`.
    """

    def evaluate(
        inputs: Tensor,
        images: Tensor,
        labels: Tensor,
        seed: Tensor,
        step: Tensor,
        total_steps: Tensor,
    ) -> dict[str, Tensor]:
        n = tf.shape(images)[0]
        bounds = equal_parts(n, towers())
        progress = tf.cast(step, tf.float32) / tf.cast(total_steps, tf.float32)
        shares = []
        for a, b in bounds:
            some = labels[a:b] if phase.uses_labels else None
            context = StepContext(RandomStream(seed, -1, a), False, step, progress, some)
            shares.append(Tower(phase, inputs[a:b], context, n))
        terms, _, _ = loss_terms(shares)
        if phase.loss_is_pixel_mse:
            mse = terms["reconstruction_loss"]
        else:
            squares = [
                tf.reduce_sum(tf.square(phase.reconstruct(images[a:b]) - images[a:b]))
                for a, b in bounds
            ]
            mse = tf.add_n(squares) / tf.cast(tf.size(images), tf.float32)
        return terms | phase.decay() | {"mse": mse}

    compiled = tf.function(evaluate, autograph=False, reduce_retracing=True)

    def evaluated(
        inputs: Tensor, images: Tensor, labels: Tensor, seed: int, step: int, total_steps: int
    ) -> dict[str, float]:
        found = compiled(
            inputs,
            images,
            labels,
            tf.constant(seed, tf.int64),
            tf.constant(step),
            tf.constant(total_steps),
        )
        return {name: float(value) for name, value in found.items()}

    return evaluated
