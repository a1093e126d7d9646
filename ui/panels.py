"""What a trained network does, looked at from five sides: reconstructions, features, codings, generation, figures."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from itertools import groupby
from typing import Any

import numpy as np
import streamlit as st

from aecore import sparseness
from aecore.corruption import COMMON_NOISE, Corruption, DrawsOfRows
from aecore.datasets import Dataset
from aecore.evaluation import MEANINGS
from aecore.models import variant
from aecore.neighbours import told_apart
from aecore.network import Network
from aecore.records import Intervention
from aecore.runs import Run
from aecore.statuses import ACTIVE, Status
from ui import figures, session
from ui.components.chart import chart
from ui.components.network import explorer
from ui.figures import Tile
from ui.words import counted, plain

BLUE_ORANGE = " ".join(
    f'<span class="lab-key"><i style="background:rgb{tuple(map(int, figures.signed(np.array([sign]), (1, 1))[0, 0]))}"></i>{word}</span>'
    for sign, word in ((1.0, "positive"), (-1.0, "negative"))
)


FOLLOW_SECONDS = 2.0  # between two looks at a training that is followed
LOOK_SECONDS = 1.0  # for the worker to store the network of now; if a step takes longer, the weights of before are shown


def inspect(run: Run, data: Dataset) -> None:
    """Tabs over the run's weights as last stored; only the open one is computed."""
    status = run.state.status
    running = status is Status.RUNNING
    with st.container(horizontal=True, vertical_alignment="center"):
        if running or status is Status.PAUSED:  # paused, single steps may have been taken since
            st.button(
                "Look again", icon=":material/refresh:", key=f"{run.id}.again", help="Take the weights of now.", on_click=_look, args=(run,)
            )
        st.caption(_moment(run))
    titles = ["Reconstructions", "Features", "Codings", "Generate", "Figures"] if data.image_shape else ["Codings", "Figures"]
    tabs = dict(zip(titles, st.tabs(titles, on_change="rerun", key=f"{run.id}.tabs"), strict=True))
    follows = running and bool(st.session_state.get(f"{run.id}.follow"))
    draw: dict[str, Callable[[Run, Dataset], None]] = {
        "Reconstructions": reconstructions,
        "Features": features,
        "Codings": codings,
        "Generate": partial(session.of_run(generate, run_every=FOLLOW_SECONDS if follows else None), follows=follows),
        "Figures": session.of_run(results, run_every=1.0 if status in ACTIVE and not run.results() else None),
    }
    for title, tab in tabs.items():
        if tab.open:
            with tab:
                draw[title](run, data)


def _look(run: Run) -> None:
    """Have the worker store the network of now; if it is paused, it has."""
    if not run.path.exists() or run.state.status is not Status.RUNNING:
        return
    asked, until = session.pool().ask(run, "show").asked, time.monotonic() + LOOK_SECONDS
    while (state := run.state).obeyed < asked and state.status is Status.RUNNING and time.monotonic() < until:
        time.sleep(0.02)


def _moment(run: Run) -> str:
    """When in its training the weights are from that the tabs show."""
    about = session.network(run).about
    if "step" not in about:  # stored by an earlier version of the lab
        return "The weights as last stored."
    phase, of_it = (f"phase {about['phase'] + 1}, ", " of that phase") if about["phase"] else ("", "")
    words = f"The weights of {phase}epoch {about['epoch']}, step {about['step']:,}{of_it}"
    return f"{words}; it goes on training." if run.state.status is Status.RUNNING else f"{words}."


def _shape(data: Dataset) -> tuple[int, int]:
    return data.image_shape or (1, data.n_inputs)


@session.of_run
def reconstructions(run: Run, data: Dataset) -> None:
    """Originals beside what the network makes of them."""
    with st.container(horizontal=True, vertical_alignment="top"):
        order = st.segmented_control(
            "Order", ["as they come", "best first", "worst first"], default="as they come", required=True, key=f"{run.id}.r.order"
        )
        which = st.selectbox("Class", ["all", *data.class_names], key=f"{run.id}.r.class", width=150)
        n = st.slider("How many", 4, 100, 16, key=f"{run.id}.r.n", width=200)
    network, labels = session.network(run), data.test.labels
    pca_size = network.codings_size  # as many codings as there are pixels leave PCA nothing to leave out
    toggles = st.container(horizontal=True)
    with toggles:
        compare = pca_size < data.n_inputs and st.toggle("Beside PCA", key=f"{run.id}.r.pca", value=not hasattr(run.config, "hidden_sizes"))
        trained_with = variant(run.spec.variant).corruption(run.config)
        corrupt = st.toggle("Corrupt the input", key=f"{run.id}.r.corrupt", value=trained_with is not None)
    corruption = _corruption(run, trained_with, toggles) if corrupt else None
    errors = _errors(network, data, corruption)
    rows = np.arange(len(labels)) if which == "all" else np.flatnonzero(labels == data.class_names.index(which))
    if order != "as they come":
        rows = rows[np.argsort(errors[rows] if order == "best first" else -errors[rows], kind="stable")]
    kinds = ["original", *(["corrupted"] if corruption else []), "rebuilt", *(["by PCA"] if compare else []), "difference"]
    shown = rows[:n]
    x = data.test.take(shown).floats()
    seen = _seen(x, shown, corruption)
    made = network.reconstruct(seen)
    by_pca = data.pca.reconstruct(seen, pca_size) if compare else x
    tiles = []
    for i, row in enumerate(shown):
        pictures = {
            "original": figures.grey(x[i], _shape(data)), "corrupted": figures.grey(seen[i], _shape(data)),
            "rebuilt": figures.grey(made[i], _shape(data)), "by PCA": figures.grey(by_pca[i], _shape(data)),
            "difference": figures.signed(made[i] - x[i], _shape(data), scale=1.0),
        }  # fmt: skip
        name = data.class_names[labels[row]]
        tiles.append(
            Tile(
                [pictures[kind] for kind in kinds],
                f"{errors[row]:.4f}",
                f"Test image {row}, {name}: {', '.join(kinds)}; mean squared error {errors[row]:.4f}",
            )
        )
    st.html(figures.gallery(tiles, kinds))
    words = f"Mean squared error over {'all' if which == 'all' else 'the class’s'} {len(rows):,} test images, against the clean ones: **{errors[rows].mean():.5f}**"
    if compare:
        same = ", given the same corrupted images" if corruption else ""
        words += f"; the exact PCA with {counted(pca_size, 'coding')}{same}: **{_pca_errors(data, pca_size, corruption)[rows].mean():.5f}**"
    st.markdown(words + ". Under each image its own.")
    st.html(f"Difference: rebuilt minus original, {BLUE_ORANGE}.")


def _corruption(run: Run, trained_with: Corruption | None, toggles: Any) -> Corruption:
    """Which corruption, and how strong, by the sliders; they begin at what the network was trained with."""
    kinds = {"gaussian": "Gaussian noise", "dropout": "dropped pixels"}
    start = trained_with or Corruption("gaussian", COMMON_NOISE)
    with st.container(horizontal=True, vertical_alignment="top"):
        kind = st.segmented_control("Corruption", list(kinds.values()), default=kinds[start.kind], required=True, key=f"{run.id}.r.kind")
        if kind == kinds["gaussian"]:
            level = start.strength if start.kind == "gaussian" else COMMON_NOISE
            strength = st.slider("Noise level (standard deviation)", 0.0, max(1.0, level), level, 0.05, key=f"{run.id}.r.noise", width=300)
            return Corruption("gaussian", strength)
        kept = start.strength if start.kind == "dropout" else 0.7
        kept = st.slider("Kept pixels", 0.05, 1.0, kept, 0.05, key=f"{run.id}.r.kept", width=300)
        rescale = toggles.toggle(
            "Rescale kept pixels", value=start.rescale, key=f"{run.id}.r.rescale", help="Divide the survivors by their chance to survive."
        )
    return Corruption("dropout", kept, rescale)


def _seen(x: np.ndarray, rows: np.ndarray, corruption: Corruption | None) -> np.ndarray:
    """What is shown of x [n, D], the test images `rows`; each image has its own draw, the same every time."""
    return corruption(x, DrawsOfRows(rows)) if corruption else x


@st.cache_data(max_entries=32, show_spinner=False, hash_funcs=session.BY_CONTENT)
def _errors(network: Network, data: Dataset, corruption: Corruption | None) -> np.ndarray:
    """Mean squared error of what the network makes of each test image, [n]."""
    return _each(data, corruption, network.reconstruct)


@st.cache_data(max_entries=32, show_spinner=False, hash_funcs=session.BY_CONTENT)
def _pca_errors(data: Dataset, size: int, corruption: Corruption | None) -> np.ndarray:
    """The same for the exact PCA."""
    return _each(data, corruption, lambda seen: data.pca.reconstruct(seen, size))


def _each(data: Dataset, corruption: Corruption | None, rebuild: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """Mean squared error of rebuild(what is seen of x) against x for each test image [n]; a thousand at a time, so that memory stays flat."""
    errors = []
    for rows in np.split(np.arange(len(data.test)), range(1000, len(data.test), 1000)):
        x = data.test.take(rows).floats()
        errors.append(np.mean(np.square(rebuild(_seen(x, rows, corruption)) - x), axis=1))
    return np.concatenate(errors)


@session.of_run
def features(run: Run, data: Dataset) -> None:
    """What single neurons look at and draw."""
    network = session.network(run)
    stages = _stages(network)
    with st.container(horizontal=True, vertical_alignment="top"):
        # What the codings draw, if the decoder is one layer, and what excites them, if there are more: these say something at once.
        first = len(stages) - (1 if len(network.decoder) == 1 else 2)
        stage = st.selectbox("Neurons of", list(stages), index=first, key=f"{run.id}.f.stage", width=290)
        width = stages[stage][1]
        order = st.segmented_control(
            "Order", ["strongest first", "weakest first", "as they come"], default="strongest first", required=True, key=f"{run.id}.f.order"
        )
        n = st.slider("How many", 1, min(width, 300), min(width, 48), key=f"{run.id}.f.n", width=160) if width > 1 else 1
    images, strengths = _feature_images(network, stages[stage][0], data)
    rows = np.arange(width)
    if order != "as they come":
        rows = np.argsort(-strengths if order == "strongest first" else strengths, kind="stable")
    tiles = [
        Tile([figures.signed(images[row], _shape(data))], f"{row + 1}", f"Neuron {row + 1} of {stage}, strength {strengths[row]:.2f}")
        for row in rows[:n]
    ]  # fmt: skip
    st.html(figures.gallery(tiles))
    st.html(f"{stages[stage][2]} Each image is scaled to its own largest value: {BLUE_ORANGE}.")


Stage = tuple[tuple[str, int], int, str]


def _stages(network: Network) -> dict[str, Stage]:
    """Every layer that can be looked at: (which, how many neurons, how to read it)."""
    stages: dict[str, Stage] = {}
    for i, layer in enumerate(network.encoder):
        width = layer.kernel.shape[1]
        name = "the codings" if i == len(network.encoder) - 1 else f"hidden layer {i + 1}"
        if i == 0:
            about = "The weights from the pixels to each neuron, {}. Strength is their norm."
            raw = "just as they are. Where they look like noise, much of the random start is still in them: many weights do the same job"
            stages[f"{name} ({width}), by their weights"] = (("weights", 0), width, about.format(raw))
            faded = "faded where the pixels hardly vary, and it matters little what the weights are"
            stages[f"{name} ({width}), by their weights, faded"] = (("faded", 0), width, about.format(faded))
        about = "The test images that excite each neuron more than usual, minus those that excite it less; strength is how much its activation varies."
        stages[f"{name} ({width}), what excites them"] = (("response", i), width, about)
    width = network.decoder[-1].kernel.shape[0]
    about = "What each neuron of the last layer but one adds to the image; strength is the norm of its weights."
    stages[f"the decoder ({width}), what they draw"] = (("draws", 0), width, about)
    return stages


@st.cache_data(max_entries=16, show_spinner=False, hash_funcs=session.BY_CONTENT)
def _feature_images(network: Network, which: tuple[str, int], data: Dataset) -> tuple[np.ndarray, np.ndarray]:
    """One signed image a neuron [n, D], and each neuron's strength [n]."""
    kind, depth = which
    x = data.test.floats(2000)
    if kind in ("weights", "faded"):
        kernels, varies = network.encoder[0].kernel.T, x.std(axis=0)
        return kernels * (varies / varies.max()) if kind == "faded" else kernels, np.linalg.norm(kernels, axis=1)
    if kind == "draws":
        kernels = network.decoder[-1].kernel
        return kernels, np.linalg.norm(kernels, axis=1)
    activations = x
    for layer in network.encoder[: depth + 1]:
        activations = layer(activations)
    return (activations - activations.mean(axis=0)).T @ (x - x.mean(axis=0)) / len(x), activations.std(axis=0)


@session.of_run
def codings(run: Run, data: Dataset) -> None:
    """Where the test inputs lie in the space of codings."""
    network = session.network(run)
    z = network.encode(data.test.floats(2000))
    busiest = np.argsort(-z.std(axis=0), kind="stable")[:50]
    pick: dict[str, Any] = {f"coding {i + 1}": z[:, i] for i in sorted(busiest)}
    if network.codings_size > 2:
        axes = _principal(z)
        pick = {"first principal axis": axes[:, 0], "second principal axis": axes[:, 1]} | pick
    views = list(pick)
    across, upward = views[0], views[1] if len(views) > 1 else "class"
    if network.codings_size > 2:
        with st.container(horizontal=True, vertical_alignment="top"):
            across = st.selectbox("Across", views, key=f"{run.id}.c.x", width=280)
            upward = st.selectbox("Up", views, index=1, key=f"{run.id}.c.y", width=280)
    vertical = pick.get(upward, data.test.labels[: len(z)])
    figure = figures.codings(np.stack([pick[across], vertical], axis=1), data.test.labels[: len(z)], data.class_names, (across, upward))
    pictures = data.test.x[: len(z)].reshape(-1, *data.image_shape) if data.image_shape else None
    chart(figure, key=f"{run.id}.scatter", words=f"{len(z):,} test inputs, {upward} against {across}", height=460, pictures=pictures)
    st.caption(f"{len(z):,} test inputs; point at one to see it." if data.image_shape else f"{len(z):,} test points.")
    _told_apart(run, data, z)
    if target := getattr(run.config, "sparsity_target", None):
        _activity(z, target, key=f"{run.id}.activity")


def _told_apart(run: Run, data: Dataset, z: np.ndarray) -> None:
    """How well the codings tell two classes apart, beside as many codings of PCA."""
    if len(data.class_names) < 2:
        return
    with st.container(horizontal=True, vertical_alignment="top"):
        one = st.selectbox("Tell apart", data.class_names, index=min(4, len(data.class_names) - 2), key=f"{run.id}.c.one", width=130)
        other = st.selectbox("from", data.class_names, index=len(data.class_names) - 1, key=f"{run.id}.c.other", width=130)
    if one == other:
        st.caption("Choose two different classes.")
        return
    pair = (data.class_names.index(one), data.class_names.index(other))
    labels, size = data.test.labels[: len(z)], z.shape[1]
    words = (
        f"By their ten nearest neighbours among the codings, **{told_apart(z, labels, pair):.1%}** of these test images are recognised as "
        f"{plain(one)} or {plain(other)}"
    )
    if size < data.n_inputs:
        words += f"; by PCA's {counted(size, 'coding')}, {told_apart(data.pca.encode(data.test.floats(len(z)), size), labels, pair):.1%}"
    st.markdown(f"{words}. (Guessing gives about half.)")


def _activity(z: np.ndarray, target: float, *, key: str) -> None:
    """The sparse lesson's two distributions: of the units' means, which the loss pulls, and of all the activations, which it does not see."""
    means = z.mean(axis=0)
    left, right = st.columns(2)
    with left:
        st.markdown(f"**Each unit's mean**: {means.mean():.4f} on average, target {target:g}")
        figure = figures.histogram(means, target, "Mean activation over the test images")
        chart(figure, key=f"{key}.means", words="Histogram of each unit's mean activation")
    with right:
        st.markdown(f"**Every activation**: {np.mean(z > 0.5):.1%} are above 0.5")
        figure = figures.histogram(z.ravel(), target, "Activation of a unit on a test image", of="activation", log=True)
        chart(figure, key=f"{key}.activations", words="Histogram of every activation")
    st.markdown(
        f"Population sparseness **{sparseness.population(z):.2f}**, lifetime sparseness **{sparseness.lifetime(z):.2f}** (Treves and Rolls: "
        "1 is dense; if a few units are on and the others off, it is their share)."
    )


def _principal(z: np.ndarray) -> np.ndarray:
    """The codings along their own two principal axes."""
    centred = z - z.mean(axis=0)
    _, _, axes = np.linalg.svd(centred, full_matrices=False)
    return centred @ axes[:2].T


def generate(run: Run, data: Dataset, *, follows: bool) -> None:
    """Sliders, random images and, with two codings, the map; of a training that goes on, if wished, as it learns.

    follows: it is drawn anew every `FOLLOW_SECONDS`.
    """
    cls = variant(run.spec.variant)
    if run.state.status is Status.RUNNING:
        with st.container(horizontal=True, vertical_alignment="center"):
            wished = st.toggle(
                "Follow the training", key=f"{run.id}.follow", help="New weights every two seconds; the sliders stay where they are."
            )
            if wished != follows:
                st.rerun()
            if follows:
                _look(run)
                st.caption(_moment(run))
    explorer(session.network(run), data, prior=cls.has_prior, key=f"{run.id}.explorer")


def results(run: Run, data: Dataset) -> None:
    """The test figures, the settings, and how to get the same from the command line."""
    found = run.results()
    if found is None:
        ended = run.state.status not in ACTIVE
        st.info(
            "There are no figures on the test images: it ended before they were computed."
            if ended
            else "The figures on the test images come when the training has ended."
        )
    else:
        st.markdown(
            f"**On the {len(data.test):,} test {'images' if data.image_shape else 'points'}** · {counted(found['epochs'], 'epoch')}, {found['seconds']:.1f} s, {found['images_per_second']:,.0f} {'images' if data.image_shape else 'points'}/s on average, {found['parameters']:,} parameters, trained on {found.get('device', 'CPU')}"
        )
        cls = variant(run.spec.variant)
        units, meanings = cls.units_as_set(run.config), MEANINGS | cls.meanings
        units["loss"] = " + ".join(dict.fromkeys(units.values()))
        units.pop("weight_decay", None)  # of weights: only the sum with it is in the reconstruction's unit
        rows = []
        for name, value in found["test"].items():
            meaning = "; ".join(words for words in (meanings.get(name), units.get(name)) if words)
            rows.append(f"| {name.replace('_', ' ')} | {value:.5g} | {meaning} |")
        # Not st.dataframe, for which the page would load 1.2 MB of scripts and the server pandas.
        st.markdown("\n".join(["| figure | value | what it is |", "|---|--:|---|", *rows]))
    _repeat(run)


def _repeat(run: Run) -> None:
    """How to get the same network again: by one command if nothing was done to it, else by a replay of its record."""
    state, done = run.state, run.interventions()
    status, steered = state.status, [each for each in done if each.what in ("learning_rate", "more")]
    by_settings = not steered and not state.extra_epochs  # more epochs are recorded when a worker begins them
    if not run.keeps_record:
        _command(
            run,
            "**Its settings from the command line.** Not the same run: an earlier version of the lab trained it, by another schedule or with changes "
            "that it kept no record of.",
        )
        return
    if by_settings and status in (Status.DONE, Status.DIVERGED):
        _command(run, "**The same run from the command line**")
    elif by_settings and status in ACTIVE:
        _command(run, "**The same run from the command line**, as long as nothing is turned and it is trained to its end")
    elif status in ACTIVE:
        st.markdown("**Its settings alone do not give the same run.** When it has ended, its record can be replayed.")
    elif run.stored():
        st.markdown(f"**The same run from its record.** Its settings alone do not give it: {_why_not(steered, status)}.")
        file = f"{run.id[:8]}-record.json"
        st.download_button(
            "Download the record", lambda: run.record().model_dump_json(indent=1), file, "application/json", icon=":material/download:", key=f"{run.id}.record",
            on_click="ignore", help="Its settings and all that was done to it, with the step where it took effect.",
        )  # fmt: skip
        st.code(f"python -m aecore train --record {file}", language="bash", wrap_lines=True)
    if done:
        st.markdown("**What was done to it**\n\n" + "\n".join(f"- {line}" for line in _told(done)))


def _command(run: Run, words: str) -> None:
    st.markdown(words)
    st.code(run.as_command(), language="bash", wrap_lines=True)


def _why_not(steered: list[Intervention], status: Status) -> str:
    kinds = {each.what for each in steered}
    reasons = [
        *(["its learning rate was turned while it trained"] if "learning_rate" in kinds else []),
        *(["it was given more epochs after its end"] if "more" in kinds else []),
        *(["it ended before its last step"] if status is not Status.DONE else []),
    ]
    return ", and ".join(reasons)


def _told(done: list[Intervention]) -> list[str]:
    """What was done to a run, a line each; single steps in a row are counted."""
    words = {"pause": "paused", "resume": "resumed", "stop": "stopped"}
    phases, lines = any(each.phase for each in done), []
    for what, group in groupby(done, key=lambda each: each.what):
        each, *others = list(group)
        if what == "step":
            lines.append((each, counted(1 + len(others), "single step")))
            continue
        for one in (each, *others):
            said = words.get(what) or (
                f"learning rate turned to {one.value:g}"
                if what == "learning_rate"
                else f"given {counted(round(one.value or 0), 'epoch')} more"
            )
            lines.append((one, said))
    return [f"{f'phase {one.phase + 1}, ' if phases else ''}after step {one.step:,}: {said}" for one, said in lines]
