"""What is derived from the default world is what it gives today."""

from dataclasses import replace

import pytest

from sim.data.derived import derived
from sim.data.load import DataError, read_table
from sim.experiments.derive import LEAST, Derived, is_stale, measure, stale
from sim.world.parameters import Parameters

RENEW = "run `make renew`"


@pytest.fixture(scope="module")
def found() -> dict[str, Derived]:
    return measure()


def test_no_derived_number_is_out_of_date(found: dict[str, Derived]) -> None:
    """A tenth and three standard errors: a number that is right fails in one of some hundred models at most."""
    assert stale(found) == {}, RENEW


def test_a_number_that_is_out_of_date_is_found(found: dict[str, Derived]) -> None:
    name = "rights.usual_requests"
    moved = replace(found[name], value=1.5 * found[name].value)
    assert name in stale({**found, name: moved})


def test_noise_and_rare_cases_are_no_reason() -> None:
    exact = Derived(1.2, 0.0, LEAST)
    assert is_stale(exact, 1.0, 0.0) and not is_stale(replace(exact, value=1.09), 1.0, 0.0)
    assert not is_stale(replace(exact, error=0.05), 1.0, 0.0) and not is_stale(exact, 1.0, 0.05)
    assert not is_stale(replace(exact, cases=LEAST - 1), 1.0, 0.0)


def test_every_derived_number_is_measured_and_read(found: dict[str, Derived]) -> None:
    assert {row["name"] for row in read_table("derived.csv").rows} <= set(found)
    assert Parameters().risk.usual_news == derived("risk.usual_news")
    with pytest.raises(DataError, match="no row is called"):
        derived("risk.unusual_news")
