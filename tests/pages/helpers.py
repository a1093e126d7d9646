"""Pages as Streamlit's own test runner opens them."""

from streamlit.testing.v1 import AppTest

from tests import ROOT

PAGES = sorted(path.stem for path in (ROOT / "pages").glob("*.py"))


def open_page(page: str, **query: str) -> AppTest:
    """The page, run once, with this query in its address; none may raise."""
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    for name, value in query.items():
        at.query_params[name] = value
    at.run()
    if page != "home":
        at.switch_page(f"pages/{page}.py").run()
    assert not at.exception, [error.message for error in at.exception]
    return at


def shown(words: str) -> str:
    """Markdown's escapes as the page shows them."""
    return words.replace("\\", "")


def components(at: AppTest) -> list[str]:
    return [node.proto.component_name for node in at.get("bidi_component")]
