"""What browsers beyond this machine are sent: the same files, packed."""

import gzip
import re
import urllib.request

import pytest

pytestmark = pytest.mark.whole


def fetch(url: str, **headers: str):
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as answer:
        return answer.read(), answer.headers


@pytest.fixture(scope="module")
def script(server) -> str:
    """The address of the first page's own script."""
    body, _ = fetch(server)
    return server + "/" + re.search(r"static/js/index[^\"]*[.]js", body.decode())[0]


def test_scripts_are_packed_for_others_and_stay_cached(script):
    plain, plain_headers = fetch(script, **{"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in plain_headers  # this machine itself
    for _ in range(2):  # packed, then from memory
        packed, headers = fetch(
            script, **{"Accept-Encoding": "gzip", "X-Forwarded-For": "192.0.2.1"}
        )
        assert headers["Content-Encoding"] == "gzip" and int(headers["Content-Length"]) == len(
            packed
        ) < 0.5 * len(plain)
        assert (
            "immutable" in headers["Cache-Control"] and "accept-encoding" in headers["Vary"].lower()
        )
        assert headers["Content-Type"] == plain_headers["Content-Type"]
        assert gzip.decompress(packed) == plain


def test_who_cannot_unpack_is_sent_the_file_itself(script):
    plain, headers = fetch(script, **{"X-Forwarded-For": "192.0.2.1"})
    assert "Content-Encoding" not in headers and len(plain) == int(headers["Content-Length"])


def test_what_is_no_file_is_answered_as_ever(server):
    """Streamlit answers an unknown address with the page.

    Kept, such answers would fill the memory.
    """
    _, headers = fetch(
        f"{server}/static/js/none.js", **{"Accept-Encoding": "gzip", "X-Forwarded-For": "192.0.2.1"}
    )
    assert "html" in headers["Content-Type"] and "Content-Encoding" not in headers
