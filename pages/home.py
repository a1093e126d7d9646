"""Home: a digit under the finger at once, what an autoencoder is, and where to go."""

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from aecore.models import variants
from aecore.pretrained import pretrained
from ui.components.network import explorer
from ui.views.lessons import lesson_page

st.title("Autoencoder Lab", anchor=False)
st.markdown(
    "Twenty numbers, one digit. **Drag a slider**: a neural network in this page, trained by "
    "the lab on MNIST's handwritten digits, "
    "draws what those numbers mean while you drag."
)
shipped = pretrained("variational-20")
explorer(shipped.network, shipped.extract, prior=True, key="home.explorer", sheet=False, first=6)

if st.button("Start with the linear autoencoder", type="primary", icon=":material/arrow_forward:"):
    st.switch_page(lesson_page("linear"))

st.header("What is an autoencoder?", anchor=False)
st.markdown(
    """
An autoencoder is a network that learns to **copy its input under a constraint**, most often through
a bottleneck. Its *encoder* turns an image of 784 pixels into numbers, the **codings**, usually far
fewer; its *decoder* has to rebuild the image from those numbers alone. Nobody tells it what the
numbers should mean. To copy well it has to find out by itself what makes one digit different from
another: slant, width, a loop here, a stroke there.

Every autoencoder of the course is that network with **one sentence changed**. Pick one, press
*Train*, and watch.
"""
)

st.header("The variants", anchor=False)
cards: list[tuple[StreamlitPage | str, str, str]] = [
    (lesson_page(cls.name), cls.title, cls.sentence) for cls in variants().values()
]
cards.append(
    (
        "pages/lab.py",
        "The Lab",
        "Every variant, data set and setting in one place, for when you know what you want to try.",
    )
)
for start in range(0, len(cards), 3):
    for column, (page, title, sentence) in zip(
        st.columns(3), cards[start : start + 3], strict=False
    ):
        with column.container(border=True, height="stretch"):
            st.page_link(page, label=f"**{title}**")
            st.caption(sentence)
