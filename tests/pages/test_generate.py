"""A trained network makes images."""

import pytest
from streamlit.testing.v1 import AppTest

from aecore.models import variant
from tests.pages.helpers import components, open_page


def sheets(at: AppTest) -> list[str]:
    """The addresses of the sheets' pictures, each network's two under one another."""
    return [image.url for each in at.get("image") for image in each.proto.imgs]


def test_a_trained_network_generates(run):
    at = open_page("generate", run=run.id)
    assert at.get_by_key("generate.network").value == run.id and "lab_network" in components(at)


def test_its_random_images_are_shown_beside_those_of_another_kind(run):
    at = open_page("generate", run=run.id)
    beside = at.get_by_key(f"generate.beside.{run.id}")
    prior = variant(run.spec.variant).has_prior
    assert beside.value == ("shipped:stacked-30" if prior else "shipped:variational-20")
    before = sheets(at)
    assert len(set(before)) == 4
    beside.select("shipped:variational-2").run()
    assert sheets(at)[:2] == before[:2] and not set(sheets(at)[2:]) & set(before)


@pytest.mark.parametrize("times", [1, 2])
def test_new_images_are_others_and_the_same_for_everybody(times):
    pages = [open_page("generate") for _ in range(2)]
    first = sheets(pages[0])
    for at in pages:
        for _ in range(times):
            next(each for each in at.button if each.label == "New images").click().run()
    assert sheets(pages[0]) == sheets(pages[1])
    assert len(first) == 4 and not set(first) & set(sheets(pages[0]))
