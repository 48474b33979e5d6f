"""Tests that numbers derived from the default world equal today's values."""

import math

import pytest

from docs.programs.derived import LEAST, Derived, _mean, measure
from sim.data.load import DataError, derived, read_table
from sim.world.parameters import Parameters

RENEW = "run `make renew`"


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Derived]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("docs.programs.KEPT", tmp_path_factory.mktemp("derived"))
        return measure()


def is_stale(found: Derived, old: float, error: float) -> bool:
    """True if a number is wrong by more than a tenth plus three standard errors."""
    noise = 3.0 * math.hypot(found.error, error)
    return found.cases >= LEAST and abs(found.value - old) > 0.1 * abs(old) + noise


def stale(found: dict[str, Derived]) -> dict[str, str]:
    """Outdated numbers as text, by their name in derived.csv."""
    return {
        name: f"{derived(name):.4g} is shipped, {found[name].value:.4g} ± {found[name].error:.2g} is measured"
        for name in [row["name"] for row in read_table("derived.csv").rows]
        if is_stale(found[name], derived(name), derived(name, "error"))
    }


@pytest.mark.slow
def test_every_derived_number_is_measured_and_not_out_of_date(found: dict[str, Derived]) -> None:
    """Every derived number is measured and up to date (a right one fails in 1 of several hundred models)."""
    assert stale(found) == {}, RENEW
    name = "rights.usual_requests"
    moved = found[name]._replace(value=1.5 * found[name].value)
    assert name in stale({**found, name: moved})
    assert {row["name"] for row in read_table("derived.csv").rows} <= set(found)


def test_a_derived_number_is_the_default_of_its_parameter() -> None:
    defaults = Parameters()
    themes = {row["name"]: row["name"].partition(".") for row in read_table("derived.csv").rows}
    read = {name: getattr(getattr(defaults, theme, None), key, None) for name, (theme, _, key) in themes.items()}
    parameters = {name: value for name, value in read.items() if value is not None}
    assert "risk.usual_news" in parameters and parameters == {name: derived(name) for name in parameters}
    with pytest.raises(DataError, match="no row is called"):
        derived("risk.unusual_news")


def test_noise_and_rare_cases_are_no_reason() -> None:
    exact = Derived(1.2, 0.0, LEAST)
    assert is_stale(exact, 1.0, 0.0) and not is_stale(exact._replace(value=1.09), 1.0, 0.0)
    assert not is_stale(exact._replace(error=0.05), 1.0, 0.0) and not is_stale(exact, 1.0, 0.05)
    assert not is_stale(exact._replace(cases=LEAST - 1), 1.0, 0.0)


def test_a_number_is_a_ratio_of_sums_over_worlds_with_its_error() -> None:
    """A derived number is a ratio of sums over worlds, with the standard error computed by hand.

    Of 2 in 4, 6 in 10 and 1 in 6: 9 in 20; residuals 0.2, 1.5 and -1.7 have a variance of 2.59.
    """
    found = _mean([(2.0, 4.0, 5), (6.0, 10.0, 7), (1.0, 6.0, 1)])
    assert (found.value, found.error, found.cases) == pytest.approx((0.45, (3 * 2.59) ** 0.5 / 20.0, 13))
    empty = _mean([(0.0, 0.0, 0)] * 2)
    assert empty.value != empty.value and empty.error != empty.error
