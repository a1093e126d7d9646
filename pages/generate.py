"""Generate: digits from codings, with a shipped network or one of your own."""

import streamlit as st

from aecore import pretrained
from aecore.models import variant
from aecore.runs import Run
from ui import session
from ui.components.network import explorer
from ui.words import plain

st.title("Generate", anchor=False)
st.markdown("Drag the codings, draw random ones, or start from a test image and change it. Everything is decoded in your browser.")

shipped = {f"shipped:{name}": name for name in pretrained.names()}


def decodes(run: Run) -> bool:
    return run.has_network and run.spec.dataset != "points3d"


own = {run.id: run for run in session.readable_runs() if decodes(run)}


def words(choice: str) -> str:
    if choice in shipped:
        about = pretrained.pretrained(shipped[choice]).network.about
        return f"{variant(about['variant']).title}, {shipped[choice].split('-')[1]} codings, MNIST (comes with the lab)"
    return own[choice].spec.name


opened = session.open_run("generate")
if opened and opened.id not in own and decodes(opened):
    own[opened.id] = opened
choices = [*shipped, *own]
choice = st.selectbox(
    "Network", choices, index=choices.index(opened.id) if opened and opened.id in own else 0, format_func=words, key="generate.network"
)

if choice in shipped:
    session.close_run("generate")
    made = pretrained.pretrained(shipped[choice])
    about = made.network.about
    cls = variant(about["variant"])
    explorer(made.network, made.extract, prior=cls.has_prior, key=f"generate.{choice}", first=6)
    st.caption(
        f"Made by `{about['command']}` with the recommended preset of commit cdb0492; {about['test']['loss']:.1f} nats an image on MNIST's test images."
    )
else:
    run = own[choice]
    session.show_run("generate", run.id)
    cls = variant(run.spec.variant)
    if not cls.has_prior:
        st.caption(f"{cls.title} autoencoders have no prior to draw from: random codings come from where those of the test images lie.")
    if data := session.dataset_of(run):
        explorer(session.network(run), data, prior=cls.has_prior, key=f"generate.{choice}")
    st.page_link(
        session.page_of(run), label=f"Open the run “{plain(run.spec.name)}”", icon=":material/open_in_new:", query_params={"run": run.id}
    )
