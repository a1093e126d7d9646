"""How the time for an image grows with steps, widths, batch and the number of images: `python
benchmarks/growth.py [--markdown FILE --chart FILE.png]`.

Every point is a process of its own that trains the course's variational network (784-500-500-20)
through the product's own path, so that its memory can be measured too. More than 100,000 images are
streamed from the disk: `--millions 1 8` writes 6.3 GB into the temporary folder.

This file is longer than others: one measurement from its plan to its chart.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from report import chart, heading, table, write

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

from aecore.data import sources
from aecore.data.dataset import Dataset, Split
from ui.theme import BLUE, CSS

WIDTH, BATCH = (500, 500), 150


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument(
        "--millions",
        type=float,
        nargs="*",
        default=[1, 2, 4, 8],
        help="millions of images to stream; none: leave that out",
    )
    options.add_argument(
        "--seconds",
        type=float,
        default=6.0,
        help="of training for each point, after the first second",
    )
    options.add_argument("--rounds", type=int, default=3, help="the fastest of so many is reported")
    options.add_argument("--markdown", type=Path)
    options.add_argument("--chart", type=Path, help="a PNG of the curves")
    options.add_argument("--point", help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.point:
        print(json.dumps(measure(**json.loads(chosen.point))))
        return
    with tempfile.TemporaryDirectory() as folder:
        found = {
            name: series(points, chosen)
            for name, points in plan(Path(folder), chosen.millions).items()
        }
    base = {name: points[0]["us_per_image"] for name, points in found.items()}
    rows = [
        [
            name,
            point["label"],
            f"{point['us_per_image']:.1f}",
            f"{point['us_per_image'] / base[name]:.2f}",
            f"{point['work']:.2f}",
            f"{point['peak_mb']:.0f}",
        ]
        for name, points in found.items()
        for point in points
    ]
    columns = [
        "growing",
        "size",
        "µs an image",
        "× the first",
        "arithmetic × the first",
        "peak memory, MB",
    ]
    note = (
        "Variational 784-500-500-20, batch 150, unless it is what grows. "
        "Arithmetic: multiplications an image, and Adam's per batch."
    )
    write([heading("Growth"), note, table(columns, rows)], chosen.markdown)
    if chosen.chart:
        draw(found, chosen.chart)


def plan(folder: Path, millions: list[float]) -> dict[str, list[dict[str, Any]]]:
    """Every series of points.

    What is changed, its label, and how much more arithmetic an image takes than at the first point.
    """
    widths: list[dict[str, Any]] = [
        {
            "label": f"× {k}",
            "hidden_sizes": [w * k for w in WIDTH],
            "work": work([w * k for w in WIDTH], BATCH),
        }
        for k in (1, 2, 4)
    ]
    batches: list[dict[str, Any]] = [
        {"label": str(b), "batch_size": b, "work": work(list(WIDTH), b)}
        for b in (32, 64, 150, 256, 512, 1024)
    ]
    counts = [{"label": f"{n:,}", "images": n, "work": 1} for n in (6_875, 13_750, 27_500, 55_000)]
    plans = {
        "steps": [{"label": f"{n:,}", "steps": n, "work": 1} for n in (200, 400, 800, 1600)],
        "width": [point | {"work": point["work"] / widths[0]["work"]} for point in widths],
        "batch": [point | {"work": point["work"] / batches[0]["work"]} for point in batches],
        "images in memory": counts,
    }
    if millions:
        path = folder / "large.npy"
        write_images(path, round(max(millions) * 1e6))
        plans["images on the disk"] = [
            {"label": f"{m:g} million", "images": round(m * 1e6), "path": str(path), "work": 1}
            for m in sorted(millions)
        ]
    return plans


def work(hidden: list[int], batch: int) -> float:
    """Multiplications an image.

    Three products a kernel, and Adam's ten or so for every parameter, shared by the batch.
    """
    sizes = [784, *hidden, 20]
    parameters = 2 * sum(a * b for a, b in zip(sizes, sizes[1:], strict=False))
    return 3 * parameters + 10 * parameters / batch


def write_images(path: Path, n: int) -> None:
    """n training images, each block of them shifted in its own way."""
    source = sources.load("mnist" if sources.available("mnist") else "digits").train.x
    out = np.lib.format.open_memmap(path, "w+", np.uint8, (n, 784))
    for number, start in enumerate(range(0, n, len(source))):
        block = source[: n - start].reshape(-1, 28, 28)
        out[start : start + len(block)] = np.roll(
            block, (number % 5 - 2, number // 5 % 5 - 2), (1, 2)
        ).reshape(len(block), 784)
    out.flush()


def series(points: list[dict[str, Any]], chosen: argparse.Namespace) -> list[dict[str, Any]]:
    """The points measured in turn, round after round; of each the round in which it was fastest."""
    best: list[dict[str, Any]] = [{} for _ in points]
    for _ in range(chosen.rounds):
        for i, point in enumerate(points):
            asked = {
                name: value for name, value in point.items() if name not in ("label", "work")
            } | {"seconds": chosen.seconds}
            child = subprocess.run(
                [sys.executable, __file__, "--point", json.dumps(asked)],
                stdout=subprocess.PIPE,
                check=True,
                text=True,
            )
            got = json.loads(child.stdout.splitlines()[-1])
            if not best[i] or got["us_per_image"] < best[i]["us_per_image"]:
                best[i] = point | got
    return best


def measure(
    seconds: float,
    hidden_sizes: Sequence[int] = WIDTH,
    batch_size: int = BATCH,
    images: int = 55_000,
    steps: int = 0,
    path: str = "",
) -> dict[str, float]:
    """Train for `seconds` (or for `steps`, if given) after a second of warming up."""
    from aecore.models import variant
    from aecore.training.events import Steps
    from aecore.training.loop import Training, train

    data = sources.load("mnist" if sources.available("mnist") else "digits")
    x = np.load(path, mmap_mode="r") if path else data.train.x
    data = Dataset(
        data.name,
        data.title,
        Split(x[:images], np.zeros(images, np.uint8)),
        data.valid,
        data.test,
        data.image_shape,
        data.class_names,
    )
    config = variant("variational").Config.build(
        {"hidden_sizes": hidden_sizes, "batch_size": batch_size, "epochs": 10_000}
    )
    training = Training.fresh(variant("variational"), config, (28, 28, 1), 0)
    warm, done, taken = time.perf_counter() + 1.0, 0, 0
    begin = 0.0
    for event in train(training, data):
        if not isinstance(event, Steps):
            continue
        now = time.perf_counter()
        if begin:
            done, taken = done + event.images, taken + len(next(iter(event.terms.values())))
            if taken >= steps if steps else now - begin >= seconds:
                break
        elif now > warm:
            begin = now
    return {
        "us_per_image": 1e6 * (time.perf_counter() - begin) / done,
        "peak_mb": peak_mb(),
    }


def peak_mb() -> float:
    """The most that this process has held, mapped files included.

    Its `ru_maxrss` would be its parent's.
    """
    status = Path("/proc/self/status")
    if not status.exists():
        return float("nan")
    return (
        int(
            next(
                line for line in status.read_text().splitlines() if line.startswith("VmHWM")
            ).split()[1]
        )
        / 1024
    )


def draw(found: dict[str, list[dict[str, Any]]], path: Path) -> None:
    import plotly.graph_objects as go
    from plotly.subplots import make_subplots

    figure = make_subplots(
        rows=1,
        cols=len(found),
        subplot_titles=list(found),
        shared_yaxes=True,
        horizontal_spacing=0.03,
    )
    for column, points in enumerate(found.values(), start=1):
        labels, first = [point["label"] for point in points], points[0]["us_per_image"]
        for name, values, dash in (
            ("measured", [p["us_per_image"] for p in points], "solid"),
            ("arithmetic", [first * p["work"] for p in points], "dot"),
        ):
            colour = BLUE if dash == "solid" else CSS["layer"]
            line = go.Scatter(
                x=labels,
                y=values,
                name=name,
                showlegend=column == 1,
                line={"dash": dash, "color": colour},
            )
            figure.add_trace(line, row=1, col=column)
    figure.update_yaxes(type="log", rangemode="tozero")
    figure.update_yaxes(title="microseconds an image", col=1)
    figure.update_layout(
        template="plotly_white",
        width=1400,
        height=420,
        legend={"orientation": "h", "y": -0.25},
        margin={"t": 50, "b": 90},
    )
    chart(figure, path)


if __name__ == "__main__":
    main()
