"""One file dropped into `aecore/models/` is a variant everywhere.

A copy of the lab with such a file, used as a visitor would.

Longer than other files: the planted variant is in it whole.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from urllib.parse import parse_qs, urlsplit

import pytest

from tests import ROOT
from tests.browser.lab import IN_SHADOW, OVER, READY, start_server
from tests.helpers import copy_lab

pytestmark = pytest.mark.whole

SMOOTH = '''"""A smooth autoencoder: neighbouring images get neighbouring codings.

Its loss warms up over the first half of the steps, its first coding is pulled to the digit's label,
and its last layer is of a kind of its own.
"""

from dataclasses import dataclass, replace

import numpy as np

from aecore import losses
from aecore.backend import tf
from aecore.hyperparameters import hyperparameter, redeclared
from aecore.layers import size_of
from aecore.layers import base as layers
from aecore.models.base import register
from aecore.models.declarations import LossTerm, Metric, Preset
from aecore.models.phases import Term
from aecore.models.stacked import Stacked, StackedConfig


@layers.register
@dataclass(frozen=True)
class StoredSquash(layers.Stored):
    size: int
    kind = "squash"
    activation = "linear"
    n_inputs = n_outputs = property(lambda self: self.size)

    def __call__(self, x):
        return (x * x * (3 - 2 * x)).astype(np.float32)

    def settings(self):
        return {"size": self.size}

    @classmethod
    def restore(cls, settings, arrays):
        return cls(settings["size"])


@dataclass(frozen=True)
class Squash(layers.Spec):
    def output_shape(self, shape):
        return shape

    def parameters(self, shape):
        return 0

    def build(self, shape, rng, encoder=()):
        return TrainableSquash(size_of(shape))


class TrainableSquash(layers.Trainable):
    variables = ()

    def __init__(self, size):
        self.size = size

    def logits(self, x):
        return x * x * (3 - 2 * x)

    def stored(self):
        return StoredSquash(self.size)


class SmoothConfig(StackedConfig):
    first_output: str = redeclared(
        StackedConfig, "first_output", "zero", choices=("zero",)  # its last layer has no biases
    )
    smoothness: float = hyperparameter(
        0.1, "Smoothness", "What a steep encoder costs.", low=0, high=10, slider=(0, 1)
    )


@register
class Smooth(Stacked):
    name = "smooth"
    title = "Smooth"
    sentence = "The encoder may not be steep."
    Config = SmoothConfig
    uses_labels = True
    metrics = Stacked.metrics | {
        "steepness_loss": Metric("the squared slopes, times 0.0001 times the smoothness")
    }
    presets = {
        "recommended": Preset(
            "Recommended", "Small.", {"hidden_sizes": (32,), "codings_size": 8, "epochs": 4}
        )
    }

    @classmethod
    def formula(cls, config):
        plain = Stacked.formula(config)  # of the labels' term it says nothing
        symbols = dict(plain.symbols) | {"S": "how steep the encoder is"}
        steepness = LossTerm("S", "squared slopes", "a sum over the slopes, a mean over the batch")
        return replace(
            plain, terms=dict(plain.terms) | {"steepness_loss": steepness}, symbols=symbols
        )

    @classmethod
    def decoder_layers(cls, config, shape):
        return [*super().decoder_layers(config, shape), Squash()]

    def terms(self, x, context):
        with tf.GradientTape() as tape:
            tape.watch(x)
            codings = self.encode(x)
        slopes = tape.batch_jacobian(codings, x)  # [B, codings_size, n_inputs]
        warm = tf.minimum(1.0, 2 * context.progress)
        digit = tf.cast(context.labels, codings.dtype) / 9 - 0.5
        return {
            "reconstruction_loss": Term(losses.squared_error(x, self.decode(codings))),
            "steepness_loss": Term(
                1e-4
                * self.config.smoothness
                * warm
                * tf.reduce_sum(tf.square(slopes), axis=[1, 2])
            ),
            "label_loss": Term(0.01 * tf.square(codings[:, 0] - digit)),
        }
'''


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """The lab as a visitor clones it, with one file more."""
    root = tmp_path_factory.mktemp("copy")
    copy_lab(root)
    shutil.copytree(ROOT / "tests", root / "tests", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", root)
    (root / "aecore" / "models" / "smooth.py").write_text(SMOOTH)
    return root


def test_the_command_line_lists_and_trains_it(copy, tmp_path):
    def lab(*arguments: str) -> str:
        environment = os.environ | {"AUTOENCODER_LAB_RUNS": str(tmp_path)}
        return subprocess.run(
            [sys.executable, "-m", "aecore", *arguments],
            cwd=copy,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    assert "smooth" in lab("list")
    results = json.loads(lab("train", "smooth", "--smoothness", "0.5", "--epochs", "1", "--json"))
    assert results["config"]["smoothness"] == 0.5 and results["test"]["steepness_loss"] > 0


def test_the_lab_s_own_tests_take_it_up_and_pass(copy):
    """The contract over all variants, the engine's gradients, and the pages."""
    chosen = [
        "tests/aecore/models/test_catalogue.py",
        "tests/aecore/training/test_engine.py",
        "tests/pages/test_lessons.py",
        "tests/pages/test_every_page.py",
        "tests/test_architecture.py",
    ]
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-n",
            "0",
            *chosen,
            "-k",
            "smooth or every_page or new_variant",
        ],
        cwd=copy,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    assert int(re.search(r"(\d+) passed", done.stdout).group(1)) >= 15


FRAMES = f"() => ({IN_SHADOW})('.digit', (e) => +(e.dataset.frames || 0))"
SHEET = f"""() => ({IN_SHADOW})('.samples .sheet', (e) => {{
  const data = e.getContext('2d').getImageData(0, 0, e.width, e.height).data;
  return data.some((value, i) => i % 4 === 0 && value > 128);
}})"""


def _drag_a_coding(page) -> None:
    """Until its picture is drawn. The page does not know the last layer's kind: the server does."""
    page.wait_for_function(f"() => ({FRAMES})() >= 1")
    before = page.evaluate(FRAMES)
    slider = page.get_by_role("slider", name="Coding 1", exact=True)
    slider.focus()
    slider.press("End")
    page.wait_for_function(f"() => ({FRAMES})() > {before}")
    page.wait_for_function(SHEET)


def test_a_visitor_finds_it_on_every_page(copy, page, tmp_path):
    server, address = start_server(tmp_path, copy)
    try:
        page.goto(address)
        page.get_by_test_id("stMain").get_by_role("link", name="Smooth", exact=True).click()
        page.get_by_role("heading", name="Smooth", exact=True).wait_for()
        for words in (
            "The encoder may not be steep.",
            "neighbouring images get neighbouring codings",
            "Smoothness",
        ):
            page.get_by_text(words).first.wait_for()
        page.get_by_role("button", name="Train").first.click()
        page.wait_for_function(
            f"() => ({IN_SHADOW})('.status', (e) => e.textContent === 'Done')", timeout=90_000
        )
        page.wait_for_function(OVER)
        run_id = parse_qs(urlsplit(page.url).query)["run"][0]
        page.locator(".keys", has_text="steepness loss").wait_for()
        page.get_by_text("The loss, term by term").click()
        for term in ("steepness_loss", "label_loss"):  # of the second only the run knows
            value = page.locator(f".terms [data-term={term}] .value")
            value.wait_for()
            assert float(value.text_content()) > 0
        page.locator(".terms [data-term=steepness_loss]").press("Enter")
        page.locator(".where", has_text="Smooth.terms, in aecore/models/smooth.py").wait_for()
        page.locator(".computes", has_text="slopes = tape.batch_jacobian(codings, x)").wait_for()
        for tab in ("Features", "Codings", "Generate", "Figures", "Reconstructions"):
            page.get_by_role("tab", name=tab).click()
            page.wait_for_timeout(800)
            assert not page.get_by_test_id("stException").count(), tab
        page.goto(f"{address}/compare?runs={run_id}")
        page.get_by_text("Smooth 32-8 on Digits").first.wait_for()
        page.goto(f"{address}/generate?run={run_id}")
        page.get_by_text("Smooth 32-8 on Digits").first.wait_for()
        page.wait_for_function(READY)
        _drag_a_coding(page)
        for title in ("Lab", "Generate", "Compare", "Runs"):
            page.get_by_test_id("stSidebarNav").get_by_role("link", name=title, exact=True).click()
            page.get_by_role("heading", name=title, exact=True).wait_for()
            page.wait_for_timeout(1000)
            assert not page.get_by_test_id("stException").count(), title
        page.get_by_role("link", name="Smooth 32-8 on Digits").click()
        page.get_by_role("heading", name="Smooth", exact=True).wait_for()
        page.get_by_role("tab", name="Generate").click()
        page.wait_for_function(READY)
        _drag_a_coding(page)
    finally:
        server.terminate()
        server.wait(timeout=20)
    assert "Traceback" not in (tmp_path / "log").read_text()
