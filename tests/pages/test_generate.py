"""A trained network makes images."""

from tests.pages.helpers import components, open_page


def test_a_trained_network_generates(run):
    at = open_page("generate", run=run.id)
    assert at.get_by_key("generate.network").value == run.id and "lab_network" in components(at)
