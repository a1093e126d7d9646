"""Generate: digits from codings, with a shipped network or one of your own."""

import streamlit as st

from aecore import pretrained
from aecore.data.sources import SOURCES
from aecore.models import variant
from aecore.runs.run import Run
from ui import session
from ui.components.network import explorer
from ui.views.lessons import lesson_page
from ui.words import counted, escape_markdown

st.title("Generate", anchor=False)
st.markdown(
    "Drag the codings, draw random ones, or start from a test image and change it. Everything is decoded in your browser."
)

shipped = {f"shipped:{name}": name for name in pretrained.names()}


def decodes(run: Run) -> bool:
    source = SOURCES.get(run.spec.dataset)  # None: the visitor's own images
    return run.has_network and not (source and source.points)


own = {run.id: run for run in session.readable_runs() if decodes(run)}


def words(choice: str) -> str:
    if choice in shipped:
        network = pretrained.pretrained(shipped[choice]).network
        return f"{variant(network.about['variant']).title}, {counted(network.codings_size, 'coding')}, MNIST (comes with the lab)"
    return own[choice].spec.name


KEY = "generate.network"
before = session.state_of("generate").opened_run
opened = session.open_run("generate")
if opened and decodes(opened):
    own.setdefault(opened.id, opened)
choices = [*shipped, *own]
if (opened and opened.id) != before or st.session_state.get(
    KEY
) not in choices:  # the address is another: a link, or the back button
    st.session_state[KEY] = opened.id if opened and opened.id in own else choices[0]
choice = st.selectbox("Network", choices, format_func=words, key=KEY)

if choice in shipped:
    session.close_run("generate")
    made = pretrained.pretrained(shipped[choice])
    about = made.network.about
    cls = variant(about["variant"])
    explorer(made.network, made.extract, prior=cls.has_prior, key=f"generate.{choice}", first=6)
    st.caption(
        f"Made by `{about['command']}`, the recommended preset; {about['test']['loss']:.1f} nats an image on MNIST's test images."
    )
else:
    run = own[choice]
    session.show_run("generate", run.id)
    if data := session.dataset_of(run):
        explorer(
            session.network(run),
            data,
            prior=variant(run.spec.variant).has_prior,
            key=f"generate.{choice}",
        )
    st.page_link(
        lesson_page(run.spec.variant),
        label=f"Open the run “{escape_markdown(run.spec.name)}”",
        icon=":material/open_in_new:",
        query_params={"run": run.id},
    )
