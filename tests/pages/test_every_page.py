"""Every page opens empty, with a title; Home shows all variants."""

import pytest

from aecore.models import variants
from tests import ROOT
from tests.pages.helpers import PAGES, components, open_page, shown


@pytest.mark.parametrize("page", PAGES)
def test_page_opens_empty(page):
    at = open_page(page)
    assert len(at.title) == 1 and not at.error


def test_every_page_is_a_variants_lesson_or_in_the_navigation():
    if (ROOT / "README.md").exists():  # not in a copy with somebody's own variant
        assert set(variants()) <= set(PAGES)
    app = (ROOT / "app.py").read_text()
    assert all(page in variants() or f'"pages/{page}.py"' in app for page in PAGES)


def test_home_has_a_working_explorer_and_a_card_for_each_variant():
    at = open_page("home")
    assert components(at) == ["lab_network", "lab_chart_ahead"]
    assert {f"**{cls.title}**" for cls in variants().values()} <= {
        link.proto.label for link in at.get("page_link")
    }


def test_a_bad_number_of_slots_gets_a_sentence_in_place_of_the_page(monkeypatch):
    """By app.py, before any page is drawn (`switch_page` would leave app.py out)."""
    monkeypatch.setenv("AUTOENCODER_LAB_SLOTS", "many")
    at = open_page("home")
    assert "expected a whole number from 1 to 64" in shown(at.error[0].value) and not at.title
