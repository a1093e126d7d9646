"""The tests' own two processes: which tests are together in one."""

from xdist.scheduler import LoadScopeScheduling

from tests.conftest import BrowserTestsTogether


def test_browser_tests_are_one_unit_and_every_other_file_is_one():
    assert "_split_scope" in vars(LoadScopeScheduling)  # xdist still asks it

    def unit(nodeid: str) -> str:
        return BrowserTestsTogether._split_scope(object.__new__(BrowserTestsTogether), nodeid)

    assert unit("tests/browser/test_a.py::one") == unit("tests/browser/test_b.py::two[x]")
    assert unit("tests/ui/test_a.py::one") == unit("tests/ui/test_a.py::two[y::z]")
    assert unit("tests/ui/test_a.py::one") != unit("tests/ui/test_b.py::one")
