"""The legal order, loaded once."""

import pytest

from sim.law.order import LegalOrder


@pytest.fixture(scope="session")
def order() -> LegalOrder:
    return LegalOrder.load()
