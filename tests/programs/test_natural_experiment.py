"""Tests of the natural experiment: dates of enforcement, attacks by state, and recovery of planted effects."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from docs.programs import natural_experiment, ran
from docs.programs.natural_experiment import ARMS, Treatment, attacks_today, estimate
from sim.agents.crime.criminals import DDOS_FOR_HIRE
from sim.law.order import legal_order
from sim.report.style import styled
from sim.world.records import Concern, GroupStatus
from sim.world.world import records
from tests.tiny import begun, of_size

WHEN = [day.date() for day in pd.date_range("2004-01-01", "2008-12-31", freq="MS")]


def test_enforcement_begins_on_its_day() -> None:
    states = legal_order().states
    found = natural_experiment.treatment(states)
    assert found.enforces.shape[1] == len(WHEN) == 60
    estonia, america, russia = (found.enforces[states.index(state)] for state in ("EST", "USA", "RUS"))
    assert not estonia[WHEN.index(date(2004, 6, 1))]
    assert estonia[WHEN.index(date(2004, 7, 1))]
    assert america.argmax() == WHEN.index(date(2007, 1, 1))
    assert not russia.any()
    reserved = {state for state, flag in zip(states, found.reserved, strict=True) if flag}
    assert {"USA", "FRA", "LTU"} <= reserved
    assert not {"EST", "CZE", "BGR"} & reserved  # none, withdrawn, and on another article


def made_up(effect: float, reserved: float) -> tuple[np.ndarray, Treatment]:
    """A panel of 60 states with levels, a common trend, noise of 10 %, and a planted effect."""
    draws = np.random.default_rng(3)
    enforces = np.zeros((60, 60), bool)
    for state in range(30):
        enforces[state, 6 + state :] = True
    treated = Treatment(enforces, np.arange(60) % 3 == 0)
    logs = 3.0 * draws.normal(size=(60, 1)) + draws.normal(size=(1, 60)) + 0.1 * draws.normal(size=(60, 60))
    logs += np.log1p(effect) * (enforces & ~treated.reserved[:, None])
    logs += np.log1p(reserved) * (enforces & treated.reserved[:, None])
    return np.exp(logs), treated


def test_the_regression_finds_what_is_planted_and_one_coefficient_without_reservations() -> None:
    """The regression recovers planted effects within 3 points, five standard errors (error below 1 in a million)."""
    found = estimate(*made_up(-0.118, 0.0))
    assert found["free"] == pytest.approx(-11.8, abs=3.0)
    assert found["reserved"] == pytest.approx(0.0, abs=3.0)
    assert 0.0 < found["free_error"] < 0.02
    assert abs(estimate(*made_up(0.0, 0.0))["free"]) < 3.0
    attacks, treated = made_up(-0.2, -0.2)
    found = estimate(attacks, Treatment(treated.enforces, np.zeros(60, bool)))
    assert found["free"] == pytest.approx(-20.0, abs=3.0)
    assert np.isnan(found["reserved"])
    values = natural_experiment.within(np.arange(12.0).reshape(3, 4) ** 2)
    assert values.mean(axis=0).tolist() == pytest.approx([0.0] * 4)
    assert values.mean(axis=1).tolist() == pytest.approx([0.0] * 3)


def test_attacks_are_those_of_active_groups_and_domestic_ones_stay_at_home() -> None:
    world = begun(spec=of_size(120)).world
    group = records(world, "group")
    attacks = attacks_today(world)
    active = (group["kind"] == DDOS_FOR_HIRE) & (group["status"] == GroupStatus.ACTIVE)
    rate = group["users"] * group["capability"]
    assert active.sum() > 3
    assert attacks.sum() == pytest.approx(rate[active].sum())
    at_home = np.bincount(group["home"][active], (rate * group["domestic"])[active], len(attacks))
    abroad = attacks - at_home
    weights = np.diff(world.place_victims, prepend=0.0)
    assert abroad == pytest.approx(abroad.sum() * weights, abs=1e-9)
    # What groups hear of a state keeps them away from victims there, and sends them elsewhere.
    usa = legal_order().index("USA")
    world.news[Concern.VICTIMS, DDOS_FOR_HIRE, usa] = 1.0
    world.news_day[Concern.VICTIMS, DDOS_FOR_HIRE, usa] = world.now[0]
    later = attacks_today(world)
    assert later[usa] < attacks[usa]
    assert later.sum() == pytest.approx(attacks.sum())
    world.setting["with_learning"] = 0.0
    assert attacks_today(world) == pytest.approx(attacks)
    group["domestic"] = 0
    nobody_at_home = attacks_today(world)
    assert nobody_at_home.sum() == pytest.approx(attacks.sum())
    assert nobody_at_home == pytest.approx(attacks.sum() * weights / weights.sum())


def test_the_page_and_the_figure() -> None:
    """The page gives the estimates with and without the Convention, and the published one."""
    (planted, treated), (none, _) = made_up(-0.118, 0.0), made_up(0.0, 0.0)
    panels = {True: np.array([planted, planted * 1.001, planted]), False: np.array([none] * 3)}
    panels[True][:, 0, 0] = 0.0  # a state without attacks in a month is left out
    effects, caused, states = natural_experiment.worlds_of(panels, treated)
    assert states == 59 and effects[True]["free"].iloc[0] == pytest.approx(natural_experiment.PUBLISHED, abs=3.0)
    by_end = treated.enforces[1:, -1] & ~treated.reserved[1:]
    late = [panels[bound][:, 1:, 36:][:, by_end].sum(axis=(1, 2)) for bound in ARMS]
    assert caused[0].value == pytest.approx(100.0 * (late[0] / late[1] - 1.0).mean())
    assert caused[2].value == pytest.approx(100.0 / 3.0 * 0.001, rel=0.1)  # others are as they were
    made = natural_experiment.parts((effects, caused, states))
    assert "59 states in the panel" in made["worlds"] and "| all others | +0.03 (" in made["caused"]
    assert len(made["regression"].splitlines()) == 2 + 2 * len(ARMS)
    with styled():
        assert len(natural_experiment.drawing((effects, caused, states)).draw().axes) == 1


def test_work_of_a_program_that_is_run_is_found_under_the_name_of_its_module() -> None:
    """Worker processes find a program's function under the name of its module."""

    def nobody(_: tuple[str, ...]) -> None:
        raise AssertionError

    nobody.__module__, nobody.__name__ = "__main__", "treatment"
    enforces, _ = ran(natural_experiment.COMMAND, nobody, {"one": ("EST", "RUS")}, 1)["one"]
    assert [any(months) for months in enforces] == [True, False]
