"""Latent sliders, random sheet and latent map over a network.

The browser decodes. If the decoder has a kind of layer that the browser does not know, it asks
the server instead.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from aecore.data.dataset import Dataset, as_bytes, as_floats
from aecore.data.extract import Extract
from aecore.measures.units import varying
from aecore.network import Network
from ui.addresses import NETWORK_ROUTE
from ui.components import CONTROLS
from ui.components.bundle import bundle
from ui.components.packing import network_part, pack
from ui.session import BY_CONTENT

_HERE = Path(__file__).parent
_mount = st.components.v2.component(
    "lab_network",
    html=(_HERE / "network.html").read_text(),
    css=CONTROLS + (_HERE / "network.css").read_text(),
    js=bundle(_HERE / "network.js"),
)


_answers = st.components.v2.component("lab_network_answers", js=bundle(_HERE / "answers.js"))

# Sliders in sight. With more codings the most active come first and the others fold away.
SHOWN = 20
# Of random draws. With it 90 % of the shipped 20-coding network's draws are digits, as are 87 % of
# its reconstructions of test images and 36 % of draws from its prior.
TEMPERATURE = 0.7
MOST_ASKED = 60  # codings in one question of a page
HASHED = BY_CONTENT | {Extract: lambda extract: extract.fingerprint}


def explorer(
    network: Network,
    data: Dataset | Extract,
    *,
    prior: bool,
    key: str,
    run: str = "",
    sheet: bool = True,
    first: int = 0,
) -> None:
    """Sliders for every coding, most active first, that redraw the image while they are dragged.

    data: what the network was trained on, or the extract of it that came with the network.
    prior: the codings were trained to fill N(0, I), so the sliders rest at 0 and draws can come
    from it; otherwise they follow the codings of the test inputs. sheet: also 60 images from random
    codings. run: whose time slider moves it, if it has one. first: the test image to begin with, by
    its place in the row.
    """
    if not prior:
        st.caption(
            "This network has no prior to draw from: its random codings are drawn from where the "
            "codings of the test images lie, and *Reset* puts the sliders at their mean."
        )
    extract = data if isinstance(data, Extract) else extract_of(network, data)
    asked = (st.session_state.get(key) or {}).get("asked")
    _mount(
        data=packed(network, extract, prior, sheet, first, key, run),
        key=key,
        on_asked_change=lambda: None,
    )
    if asked:
        _answer(network, asked, key)


def _answer(network: Network, asked: Any, key: str) -> None:
    """Decodes what the page asks for. Malformed requests are ignored."""
    try:
        codings = np.asarray(asked["codings"], np.float32)
        if (
            codings.ndim != 2
            or codings.shape[1] != network.codings_size
            or len(codings) > MOST_ASKED
        ):
            return
        number = int(asked["id"])
    except (KeyError, TypeError, ValueError):
        return
    answer = pack({"explorer": key, "id": number}, {"pictures": as_bytes(network.decode(codings))})
    _answers(data=answer, key=f"{key}.answers")


@st.cache_data(max_entries=12, show_spinner=False, hash_funcs=HASHED)
def extract_of(network: Network, dataset: Dataset) -> Extract:
    """Where the codings of the network's test images lie."""
    return Extract.of(network, dataset)


@st.cache_data(max_entries=12, show_spinner=False, hash_funcs=HASHED)
def packed(
    network: Network,
    extract: Extract,
    prior: bool,
    sheet: bool,
    first: int,
    key: str,
    run: str = "",
) -> bytes:
    """The decoder, where the codings lie and a few test images as the component's bytes."""
    size, clouds = network.codings_size, extract.clouds
    order = np.arange(size) if size <= SHOWN else np.argsort(-extract.deviation, kind="stable")
    header, arrays = network_part(network, ("decoder",))
    arrays |= {
        "centre": (np.zeros(size) if prior else extract.mean).astype(np.float32),
        "spread": (np.ones(size) if prior else np.maximum(extract.deviation, 1e-3)).astype(
            np.float32
        ),
        "low": extract.histograms.low,
        "high": extract.histograms.high,
        "bars": extract.histograms.bars,
        "shares": clouds.shares.astype(np.float32),
        "centres": clouds.centres.astype(np.float32),
        "factors": clouds.factors.astype(np.float16),
        "examples": extract.images,
        "example_codings": network.encode(as_floats(extract.images)),
    }
    used = extract.deviation**2 > 0.01 if prior else varying(extract.deviation)
    header |= {
        "image": extract.image_shape,
        "order": order.tolist(),
        "active": used[order].tolist(),
        "labels": extract.names,
        "classes": len(extract.class_names),
        "prior": prior,
        "sheet": sheet,
        "first": first,
        "shown": SHOWN,
        "temperature": TEMPERATURE,
        "explorer": key,
        "run": run,
        "network": f"{NETWORK_ROUTE}/{run}",
    }
    return pack(header, arrays)
