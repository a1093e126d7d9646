"""The command line, run as a person runs it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from tests import ROOT
from tests.helpers import RESULT_KEYS, run_cli

SMALL = ["--hidden-sizes", "32", "--codings-size", "8", "--epochs", "2"]


@pytest.mark.whole
def test_train_evaluate_and_generate_agree(tmp_path):
    runs_dir = str(tmp_path / "runs")
    first = run_cli("train", "variational", *SMALL, "--seed", "3", "--runs", runs_dir, "--json")
    assert first.returncode == 0, first.stderr
    result = json.loads(first.stdout)
    assert list(result) == RESULT_KEYS
    assert {"mse", "reconstruction_loss", "latent_loss", "active_units", "pca_mse"} <= set(
        result["test"]
    )
    evaluated = run_cli("evaluate", result["run_id"], "--runs", runs_dir, "--json")
    assert json.loads(evaluated.stdout) == result
    assert not evaluated.stderr  # no notices of TensorFlow's, which it has loaded
    repeated = json.loads(
        run_cli("train", "variational", *SMALL, "--seed", "3", "--runs", runs_dir, "--json").stdout
    )
    assert repeated["test"] == result["test"] and repeated["train"] == result["train"]
    picture = tmp_path / "digits.png"
    assert (
        run_cli(
            "generate", result["run_id"], "--runs", runs_dir, "--n", "60", "--out", str(picture)
        ).returncode
        == 0
    )
    assert Image.open(picture).size == (280, 168)  # 10 columns of 6
    exported = tmp_path / "network.safetensors"
    assert (
        run_cli("export", result["run_id"], "--runs", runs_dir, "--out", str(exported)).returncode
        == 0
    )
    assert (
        exported.stat().st_size < 2.2 * result["parameters"] + 25_000
    )  # twenty test images and where the codings lie come along


def test_pca_and_list_as_json():
    figures = json.loads(
        run_cli("pca", "--dataset", "digits", "--codings-size", "10", "--json").stdout
    )
    assert 0 < figures["mse"] < 0.05 and 0 < figures["train_variance_kept"] < 1
    listed = json.loads(run_cli("list", "--json").stdout)
    assert list(listed["variants"]) == [
        "linear",
        "stacked",
        "tied",
        "greedy",
        "convolutional",
        "denoising",
        "sparse",
        "k_sparse",
        "contractive",
        "variational",
    ]
    assert listed["datasets"]["digits"]["available"]


@pytest.mark.whole
def test_pca_of_mnist(mnist):
    figures = json.loads(
        run_cli("pca", "--dataset", "mnist", "--codings-size", "30", "--json").stdout
    )
    assert figures["mse"] == pytest.approx(0.01769, abs=2e-5)  # fitted on 55,000 here


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["train", "stacked", "--learning-rate", "-1"],
            "--learning-rate: Learning rate is '-1'; expected a number above 0",
        ),
        (
            ["train", "stacked", "--codings-size", "0"],
            "--codings-size: Codings is '0'; expected a whole number from 1",
        ),
        (["train", "denoising", "--keep-prob", "0"], "--keep-prob: Kept pixels is '0'"),
        (["train", "stacked", "--seed", "x"], "seed is 'x'; expected a whole number"),
        (
            ["train", "stacked", "--preset", "best"],
            "'best' is not a preset of stacked; expected one of recommended, course",
        ),
        (
            ["train", "stacked", "--dataset", "cats"],
            "'cats' is not a data set; expected one of digits",
        ),
        (
            ["train", "stacked", "--dataset", "mnist", "--data-dir", "nowhere"],
            "MNIST is not on this machine",
        ),
        (["train", "stacked", "--dataset", "points3d"], "'points3d' has points in space"),
        (["train", "magic"], "invalid choice: 'magic'"),
        (["train", "stacked", "--depth", "3"], "nrecognized arguments: --depth 3"),
        (["train"], "VARIANT"),
        (["evaluate", "../../etc"], "There is no run"),
        (["generate", "0" * 32, "--out", "x.png"], "There is no run"),
        (
            ["pca", "--codings-size", "0"],
            "codings_size is '0'; expected a whole number from 1 to 784",
        ),
        (["pca", "--dataset", "points3d", "--codings-size", "9"], "from 1 to 3"),
        (["fetch", "cats"], "'cats' is not a data set"),
        (["frobnicate"], "invalid choice: 'frobnicate'"),
    ],
)
@pytest.mark.whole
def test_what_is_wrong_gets_one_sentence_and_status_two(tmp_path, arguments, said):
    done = run_cli(*arguments, AUTOENCODER_LAB_DATA="")
    assert done.returncode == 2 and done.stdout == ""
    lines = [line for line in done.stderr.splitlines() if line]
    assert len(lines) == 1 and lines[0].startswith("aecore: ") and said in lines[0], done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "runs").exists() or not list((tmp_path / "runs").iterdir())


@pytest.mark.whole
def test_a_damaged_run_gets_one_sentence(tmp_path):
    trained = json.loads(
        run_cli("train", "linear", "--epochs", "1", "--dataset", "digits", "--json").stdout
    )
    checkpoint = next((tmp_path / "runs" / trained["run_id"]).glob("checkpoint-*"))
    checkpoint.write_bytes(checkpoint.read_bytes()[:-100])
    done = run_cli("evaluate", trained["run_id"])
    assert done.returncode == 2 and "is damaged" in done.stderr and "Traceback" not in done.stderr


def test_half_a_gzip_file_gets_one_sentence(tmp_path, mnist):
    folder = Path(os.environ["AUTOENCODER_LAB_DATA"]) / "mnist"
    damaged = tmp_path / "mnist"
    damaged.mkdir()
    for file in folder.glob("*.gz"):
        blob = file.read_bytes()
        (damaged / file.name).write_bytes(
            blob[: len(blob) // 2] if file.name.startswith("train-images") else blob
        )
    done = run_cli("train", "stacked", "--dataset", "mnist", "--data-dir", str(tmp_path))
    assert done.returncode == 2 and "cut off" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.whole
def test_a_terminal_gets_a_progress_bar():
    """On a real pseudo-terminal: a bar while it trains, and the figures when it is done."""
    import pty

    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "aecore", "train", "stacked", *SMALL, "--epochs", "30"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=follower,
    )
    os.close(follower)
    seen = b""
    try:
        while chunk := os.read(leader, 4096):
            seen += chunk
    except OSError:  # the terminal's other end has gone
        pass
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "━" in seen.decode() and "images/s" in seen.decode() and "left" in seen.decode()
    assert b"test mse" in out
