"""What tests of several rooms share."""

import pytest

from sim.law.order import LegalOrder
from tests.tiny import legal_order


@pytest.fixture(scope="session")
def law() -> LegalOrder:
    return legal_order()
