"""Fixture: the legal order, loaded once."""

import pytest

from sim.law.order import LegalOrder, legal_order


@pytest.fixture(scope="session")
def order() -> LegalOrder:
    return legal_order()
