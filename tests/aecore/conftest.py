"""What the tests of the core share."""

import pytest

from tests.helpers import few


@pytest.fixture(scope="module")
def data(digits):
    """520 training images, no multiple of the batch of 100: an epoch's last batch is smaller."""
    return few(digits, 520)
