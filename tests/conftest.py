"""What tests of several rooms share."""

import pytest
from hypothesis import settings

from sim.law.order import LegalOrder
from tests.tiny import legal_order

# How long an example takes depends on what else the machine does, and on what was compiled before.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture(scope="session")
def law() -> LegalOrder:
    return legal_order()
