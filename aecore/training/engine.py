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

None of this is known to a variant: it states its terms for whatever rows it is given (`aecore.models.phases.Term`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from aecore.backend import tf
from aecore.layers.products import DeferredProducts, Use
from aecore.models.phases import Phase, StepContext, Term
from aecore.training.adam import Moments, adam, share_of_rate
from aecore.training.devices import on_gpu, towers
from aecore.training.inputs import Fed, Resident, Streamed
from aecore.training.random import RandomStream

Array = np.ndarray
Tensor = Any
FEWEST_ROWS = 8  # of a tower: with fewer, two cost more than one
TINY = 2e6  # multiplications a step: below, operations cost more than arithmetic and XLA takes over
GPU_LENGTHS = (32, 1024)  # steps in a call on a GPU
TINY_ROWS = 800_000  # row numbers in a call of the XLA program, which is compiled for one length: 8,000 steps of the 3-D points


class CompiledSteps:
    """steps(data, rows [S, B], step, learning_rate, total_steps, seed): S steps taken; each loss term [S], and the last one's learning rate.

    Adam is that of Kingma & Ba (2015) in the form that ends their section 2, as in TensorFlow 1 (`adam`); its rate is `learning_rate` times
    `share_of_rate`, counted over the phase's `total_steps`. Nothing of a single training is compiled in, so that the next one of the same shape
    can go on with the same function: compiling takes 0.3 to 1 s.
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
        self.tiny = 3 * batch_size * sum(
            int(np.prod(v.shape)) for v in phase.variables
        ) < TINY and isinstance(data, Resident)
        self.towers = 1 if self.tiny else max(1, min(towers(), batch_size // FEWEST_ROWS))
        self.lengths = _lengths(self.tiny, isinstance(data, Streamed), batch_size)
        self.longest = self.lengths[-1] if self.lengths else 2**30  # steps in a call
        self.first = min(64, self.longest) if self.tiny else 1
        self._names: list[str] = []
        numbers = (tf.int32, tf.int32, tf.float32, tf.float32, tf.int64)
        self._many = tf.function(
            self._many_steps,
            autograph=False,
            jit_compile=True if self.lengths else None,
            input_signature=[*data.specs, *(tf.TensorSpec([], kind) for kind in numbers)],
        )

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
        logs, rate = self._many(*data.feed(rows), count, step, learning_rate, total_steps, seed)
        return {
            name: log.numpy()[:count] for name, log in zip(self._names, logs, strict=True)
        }, float(rate)

    def _many_steps(
        self, x: Tensor, labels: Tensor, chunk: Tensor, count: Tensor, first_step: Tensor, learning_rate: Tensor, total_steps: Tensor, seed: Tensor
    ) -> tuple[list[Tensor], Tensor]:  # fmt: skip
        fed = (x, labels, chunk)

        def one_step(i: Tensor, rate: Tensor, logs: list[Any]) -> Any:
            taken = tf.cast(first_step + i, tf.float32)
            progress = taken / total_steps
            rate = learning_rate * share_of_rate(self.schedule, progress)
            context = StepContext(
                RandomStream(seed, first_step + i), True, first_step + i, progress
            )
            terms, gradients = self._differentiated(fed, i, context, seed)
            adam(gradients, self.phase.variables, self.moments, taken + 1, rate)
            return (
                i + 1,
                rate,
                [log.write(i, terms[name]) for name, log in zip(self._names, logs, strict=True)],
            )

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

    def _differentiated(
        self, fed: Fed, i: Tensor, context: StepContext, seed: Tensor
    ) -> tuple[dict[str, Tensor], Iterator[tuple[int, Tensor]]]:
        """The loss terms on the batch of the chunk's step `i`, and (index, gradient) of each variable."""
        phase, size = self.phase, tf.shape(fed[2])[1]
        shares = []
        for first, last in _shares(size, self.towers):
            x, labels = self.share(fed, i, first, last)
            random = RandomStream(seed, context.step, first)
            shares.append(
                Tower(
                    phase,
                    x,
                    replace(context, random=random, labels=labels if phase.uses_labels else None),
                    size,
                )
            )
        terms, pulls = _terms(shares)
        pulled = [tower.pulled_back(pulls) for tower in shares]
        through = [factor for uses, _ in pulled for use in uses for factor in (use.left, use.right)]
        with tf.control_dependencies(through):
            terms |= phase.decay()
        return terms, self._gradients(pulled, through)

    def _gradients(self, pulled: list[Any], through: list[Tensor]) -> Iterator[tuple[int, Tensor]]:
        """Yields (index, gradient) of each variable, largest first; at most `towers` products run at once."""
        phase = self.phase
        decayed = {id(kernel) for kernel in phase.decayed} if phase.weight_decay else set()
        uses = list(
            zip(*(uses for uses, _ in pulled), strict=True)
        )  # each product of the network, in every tower
        assert all(len({use.place for use in shares}) == 1 for shares in uses)
        before: list[Tensor] = []
        for i in sorted(
            range(len(phase.variables)), key=lambda i: -int(np.prod(phase.variables[i].shape))
        ):
            variable = phase.variables[i]
            parts = [others[i] for _, others in pulled if others[i] is not None]
            turn = [before[-self.towers]] if len(before) >= self.towers else []
            with tf.control_dependencies(through + turn):
                for shares in uses:
                    if shares[0].kernel == id(variable):
                        left, right = (
                            tf.concat(side, axis=0)
                            for side in zip(*((use.left, use.right) for use in shares), strict=True)
                        )
                        parts.append(tf.matmul(left, right, transpose_a=True))
                        before.append(parts[-1])
                if id(variable) in decayed:
                    parts.append(phase.weight_decay * variable)
            if parts:
                yield i, tf.add_n(parts)


def _lengths(tiny: bool, streamed: bool, batch_size: int) -> tuple[int, ...]:
    """The chunk lengths, in steps, that a program compiled by XLA is made for; shorter chunks are padded. (): not compiled by XLA."""
    if tiny:
        return (max(1, TINY_ROWS // batch_size),)
    if on_gpu():
        return GPU_LENGTHS[:1] if streamed else GPU_LENGTHS
    return ()


Evaluation = Callable[[Tensor, Tensor, Tensor, int, int, int], dict[str, float]]


def compiled_evaluation(phase: Phase) -> Evaluation:
    """evaluate(inputs [n, ...], images [n, n_inputs], labels [n], seed, step, total_steps): every loss term on `inputs`, uncorrupted, and the
    pixels' squared error on `images` (`mse`)."""

    @tf.function(autograph=False, reduce_retracing=True)
    def evaluate(
        inputs: Tensor,
        images: Tensor,
        labels: Tensor,
        seed: Tensor,
        step: Tensor,
        total_steps: Tensor,
    ) -> dict[str, Tensor]:
        n = tf.shape(images)[0]
        bounds = _shares(n, towers())
        progress = tf.cast(step, tf.float32) / tf.cast(total_steps, tf.float32)
        shares = []
        for a, b in bounds:
            context = StepContext(
                RandomStream(seed, -1, a),
                False,
                step,
                progress,
                labels[a:b] if phase.uses_labels else None,
            )
            shares.append(Tower(phase, inputs[a:b], context, n))
        terms, _ = _terms(shares)
        if phase.loss_is_pixel_mse:
            mse = terms["reconstruction_loss"]
        else:
            squares = [
                tf.reduce_sum(tf.square(phase.reconstruct(images[a:b]) - images[a:b]))
                for a, b in bounds
            ]
            mse = tf.add_n(squares) / tf.cast(tf.size(images), tf.float32)
        return terms | phase.decay() | {"mse": mse}

    def evaluated(
        inputs: Tensor, images: Tensor, labels: Tensor, seed: int, step: int, total_steps: int
    ) -> dict[str, float]:
        found = evaluate(
            inputs,
            images,
            labels,
            tf.constant(seed, tf.int64),
            tf.constant(step),
            tf.constant(total_steps),
        )
        return {name: float(value) for name, value in found.items()}

    return evaluated


class Tower:
    """One share of a batch on its way through the network and back; `size` is the whole batch's."""

    def __init__(self, phase: Phase, x: Tensor, context: StepContext, size: Tensor):
        self.phase, self.deferred = phase, DeferredProducts(phase.variables)
        with (
            tf.GradientTape(watch_accessed_variables=False) as self.tape,
            self.deferred.recording(),
        ):
            self.tape.watch(phase.variables)
            self.terms: dict[str, Term] = phase.terms(x, context)
            share = 1 / tf.cast(size, tf.float32)
            self.means = {
                name: share * tf.reduce_sum(term.values, axis=0)
                for name, term in self.terms.items()
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
