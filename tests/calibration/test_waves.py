"""Tests of runs in calibration, of influence in the first wave, and of validation."""

from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from sim.calibration import calibrate, command, ensemble, prior, validate, waves
from sim.calibration.targets import Bound, targets
from sim.calibration.waves import Wave
from sim.measures.facts import FactKey
from sim.measures.outcomes import HEADLINES, OUTCOMES
from sim.report.page.parts import Chapter, Page
from sim.world.parameters import Parameters
from tests.tiny import TINY


def test_a_run_gives_outcomes_facts_and_waits_of_desks() -> None:
    found = waves.run(TINY, Parameters(), 3)
    desks = {f"desk.{kind.name.lower()}" for kind in waves.KINDS}
    facts = {fact.name.lower() for fact in FactKey}
    assert found.keys() == {outcome.key for outcome in OUTCOMES} | desks | facts
    assert all(isinstance(value, float) for value in found.values())
    assert found == pytest.approx(waves.run(TINY, Parameters(), 3), nan_ok=True)


def test_a_fact_that_no_set_measured_is_beside_nothing() -> None:
    """A fact that no set measures has no interval, and sets without a value count as outside."""
    target = next(one for one in targets() if one.bound is Bound.NONE and one.scale == "log")
    none = validate._found(target, np.full(4, np.nan))
    assert np.isnan([none.low, none.median, none.high]).all() and (none.inside, none.missing) == (0.0, 1.0)
    known = np.array([target.value, np.nan, target.value, 100.0 * target.value])
    some = validate._found(target, known)
    assert some.median == target.value and some.low == pytest.approx(target.value)
    assert some.high == pytest.approx((1.0 + 0.9 * 99.0) * target.value)
    assert (some.inside, some.missing) == (0.5, 0.25)


def test_a_parameter_is_identified_by_four_errors_of_its_mean_or_of_its_spread() -> None:
    """A parameter is identified if the mean or spread of 400 sets differs from the prior by four errors.

    Errors for a uniform prior and 400 sets: 0.2 standard deviations of the mean, and 0.089 of the spread.
    """
    grid = (np.arange(400) + 0.5) / 400
    kept = np.repeat(grid[:, np.newaxis], len(prior.names()), axis=1)
    spread = 1.0 / np.sqrt(12.0)
    for column, shift, narrow in ((0, 0.19, 1.0), (1, 0.21, 1.0), (2, -0.21, 1.0), (3, 0.0, 0.92), (4, 0.0, 0.90)):
        kept[:, column] = 0.5 + shift * spread + (grid - 0.5) * narrow
    found = validate.movements(kept)
    assert found["identified"].tolist()[:6] == [False, True, True, False, True, False]
    assert found["shift"].tolist()[:4] == pytest.approx([0.19, 0.21, -0.21, 0.0])
    assert found["ratio"].tolist()[3:6] == pytest.approx([0.92, 0.90, 1.0], abs=2e-3)
    assert list(found.index) == prior.names()


def test_influence_is_ranked_with_the_share_that_goes_with_a_parameter(monkeypatch: pytest.MonkeyPatch) -> None:
    names = [axis.key.removeprefix(prior.PREFIX) for axis in prior.axes()]
    rows = [
        {"parameter": names[1], "outcome": HEADLINES[0], "correlation": -0.6, "low": -0.7, "high": -0.5},
        {"parameter": names[0], "outcome": HEADLINES[1], "correlation": 0.3, "low": 0.1, "high": 0.5},
    ]
    given = []

    def strongest(cube: Any, outcomes: pd.DataFrame, parameters: Any) -> pd.DataFrame:
        given.append((cube.tolist(), list(outcomes), len(parameters)))
        return pd.DataFrame(rows)

    monkeypatch.setattr(calibrate, "strongest", strongest)
    runs = pd.DataFrame({key: [1.0, 2.0, 3.0] for key in HEADLINES} | {"set": [1, 0, 1], "code": "c" * 64})
    first, second = calibrate.of_wave(Wave(np.array([[0.25], [0.75]]), runs))
    assert given == [([[0.75], [0.25], [0.75]], list(HEADLINES), len(names))]
    assert (first.rank, first.parameter, first.outcome, second.rank) == (1, names[1], HEADLINES[0], 2)
    assert (first.share, second.share) == pytest.approx((0.36, 0.09))
    assert (first.correlation, first.correlation_low, first.correlation_high) == (-0.6, -0.7, -0.5)
    axis = prior.axes()[1]
    assert (first.low, first.high, first.runs, first.scenario) == (axis.low, axis.high, 3, "status_quo")
    assert f"({'c' * 10})" in first.code and first.axes == prior.fingerprint()


@pytest.mark.parametrize(
    ("path", "docs", "renewed"), [("", True, True), ("mine.parquet", True, False), ("", False, False)]
)
def test_a_validation_is_reported_and_that_of_the_package_renews_its_page(
    path: str, docs: bool, renewed: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: list[Path | None] = []
    monkeypatch.setattr(ensemble, "load", lambda place: loaded.append(place) or SimpleNamespace())
    monkeypatch.setattr(validate, "print_findings", lambda _, console: console.print("Findings"))
    page = Page("Validation", ("It fits.",), (), (Chapter("Facts", "All."),))
    monkeypatch.setattr(validate, "validation_page", lambda *_: page)
    pages = tmp_path / "docs"
    if docs:
        pages.mkdir()
    monkeypatch.setattr(command, "DOCS", pages)
    said = StringIO()
    (place,) = command.run_validation(path, tmp_path / "results", "comity validate", Console(file=said, width=200))
    assert loaded == [Path(path) if path else None]
    assert place.parent == tmp_path / "results" and "It fits." in (place / "report.html").read_text("utf-8")
    assert "Findings" in said.getvalue() and f"Report: {place / 'report.html'}" in said.getvalue()
    assert (pages / command.VALIDATION).exists() == renewed
