"""Floor A: the step's matrix products at their own shapes on all cores, one gather, one fused pass
of Adam in C. No step can do less.

The products are MKL's, lent by PyTorch, or OpenBLAS's, lent by NumPy: whichever takes less time
here. (No package here offers oneDNN's alone.) No activations, biases, random numbers or losses. The
pass of Adam is compiled by the machine's C compiler.
"""

import ctypes
import os
import subprocess
import tempfile
import time
from functools import cache
from pathlib import Path

import numpy as np
import torch
from shared import first_weights, inputs, serve, shuffled_rows, the_task

ADAM = r"""
#include <math.h>
void adam(float *restrict w, float *restrict m, float *restrict v,
          const float *restrict g, long n, float rate) {
    #pragma omp parallel for simd schedule(static)
    for (long i = 0; i < n; i++) {
        m[i] = 0.9f * m[i] + 0.1f * g[i];
        v[i] = 0.999f * v[i] + 0.001f * g[i] * g[i];
        w[i] -= rate * m[i] / (sqrtf(v[i]) + 1e-8f);
    }
}
"""


def compiled_adam():
    with tempfile.TemporaryDirectory() as folder:
        source, library = Path(folder, "adam.c"), Path(folder, "adam.so")
        source.write_text(ADAM)
        subprocess.run(
            [
                "cc",
                "-O3",
                f"-march={os.environ.get('FLOOR_ARCHITECTURE', 'native')}",
                "-ffast-math",
                "-fopenmp",
                "-shared",
                "-fPIC",
                "-o",
                library,
                source,
                "-lm",
            ],
            check=True,
        )
        function = ctypes.CDLL(str(library)).adam
    function.argtypes = [ctypes.c_void_p] * 4 + [ctypes.c_long, ctypes.c_float]
    return function


task = the_task()
x_all = torch.from_numpy(inputs())
weights = first_weights(task)
kernels = [torch.from_numpy(w) for w, _ in weights]
tied = task.kind == "tied"
if tied:
    half = len(kernels) // 2
    kernels = kernels[:half] + [w.T for w in reversed(kernels[:half])]
size = sum(w.numel() for w in kernels[: len(kernels) // 2 if tied else None]) + sum(
    len(b) for _, b in weights
)
flat = [torch.zeros(size) for _ in range(4)]
flat[3] += 1e-3
batch = min(task.batch_size, len(x_all))
ins = [torch.rand(batch, w.shape[0]) for w in kernels]
outs = [torch.rand(batch, w.shape[1]) for w in kernels]
d_ins = [torch.empty(batch, w.shape[0]) for w in kernels]
d_kernels = [torch.empty(tuple(w.shape)) for w in kernels]
x = torch.empty(batch, x_all.shape[1])
adam = compiled_adam()
rng = np.random.default_rng(1)


def mkl(a, b, out):
    torch.mm(a, b, out=out)


def openblas(a, b, out):
    np.matmul(a.numpy(), b.numpy(), out=out.numpy())


def multiply_all(multiply):
    for i, w in enumerate(kernels):
        multiply(ins[i], w, outs[i])
    for i, w in enumerate(kernels):
        multiply(ins[i].T, outs[i], d_kernels[i])
        if i:
            multiply(outs[i], w.T, d_ins[i])


def seconds_of(multiply, steps):
    rows = torch.from_numpy(shuffled_rows(len(x_all), steps, batch, rng)).long()
    begin = time.perf_counter()
    for batch_rows in rows:
        torch.index_select(x_all, 0, batch_rows, out=x)
        multiply_all(multiply)
        adam(*(part.data_ptr() for part in flat), size, 1e-9)
    return time.perf_counter() - begin


def after_a_pause(multiply):
    """Seconds of 40 steps, when the other library's threads sleep and its own are awake."""
    time.sleep(0.5)
    seconds_of(multiply, 10)
    return seconds_of(multiply, 40)


@cache
def fastest():
    """Chosen in the first block, which is not counted, when the other contenders are still."""
    return min((mkl, openblas), key=after_a_pause)


def block(steps):
    return steps, seconds_of(fastest(), steps), float("nan")


serve(block)
