"""The natural experiment: who enforces when, attacks by state, and a regression that finds what was planted."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from docs.programs.natural_experiment import (
    Treatment,
    Worlds,
    attacks_today,
    caused,
    drawing,
    estimate,
    main,
    months,
    parts,
    treatment,
    within,
)
from sim.agents.criminals import DDOS_FOR_HIRE
from sim.law.order import legal_order
from sim.report.style import styled
from sim.world.records import Concern, GroupStatus
from sim.world.world import records
from tests.tiny import begun, of_size

WHEN = months(date(2004, 1, 1), date(2008, 12, 31))


def test_enforcement_begins_on_its_day() -> None:
    states = legal_order().states
    found = treatment(states, WHEN)
    assert len(WHEN) == 60
    estonia, america, russia = (found.enforces[states.index(state)] for state in ("EST", "USA", "RUS"))
    assert not estonia[WHEN.index(date(2004, 6, 1))]
    assert estonia[WHEN.index(date(2004, 7, 1))]
    assert america.argmax() == WHEN.index(date(2007, 1, 1))
    assert not russia.any()
    reserved = {state for state, flag in zip(states, found.reserved, strict=True) if flag}
    assert {"USA", "FRA", "LTU"} <= reserved
    assert not {"EST", "CZE", "BGR"} & reserved  # none, withdrawn, and on another article


def made_up(effect: float, reserved: float) -> tuple[np.ndarray, Treatment]:
    """A panel of 60 states with levels, a common course, noise of 10 %, and a planted effect."""
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
    """Standard error about .006: an error of 3 points is five of them, less than one in a million; a fixed seed."""
    found = estimate(*made_up(-0.118, 0.0))
    assert found["free"] == pytest.approx(-0.118, abs=0.03)
    assert found["reserved"] == pytest.approx(0.0, abs=0.03)
    assert 0.0 < found["free_error"] < 0.02
    assert abs(estimate(*made_up(0.0, 0.0))["free"]) < 0.03
    attacks, treated = made_up(-0.2, -0.2)
    found = estimate(attacks, Treatment(treated.enforces, np.zeros(60, bool)))
    assert found["free"] == pytest.approx(-0.2, abs=0.03)
    assert np.isnan(found["reserved"])
    with pytest.raises(ValueError, match="above zero"):
        estimate(np.zeros((60, 60)), treated)
    values = within(np.arange(12.0).reshape(3, 4) ** 2)
    assert values.mean(axis=0).tolist() == pytest.approx([0.0] * 4)
    assert values.mean(axis=1).tolist() == pytest.approx([0.0] * 3)


def test_attacks_are_those_of_active_groups_and_domestic_ones_stay_at_home() -> None:
    world = begun(spec=of_size(120)).world
    group = records(world, "group")
    attacks = np.zeros(len(world.state))
    attacks_today(world, DDOS_FOR_HIRE, attacks)
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
    later = np.zeros(len(world.state))
    attacks_today(world, DDOS_FOR_HIRE, later)
    assert later[usa] < attacks[usa]
    assert later.sum() == pytest.approx(attacks.sum())
    world.setting["with_learning"] = 0.0
    again = np.zeros(len(world.state))
    attacks_today(world, DDOS_FOR_HIRE, again)
    assert again == pytest.approx(attacks)


def test_the_page_and_the_figure() -> None:
    attacks, treated = made_up(-0.118, 0.0)
    effects = pd.DataFrame([estimate(attacks, treated)] * 3)
    arms = ("groups learn", "groups do not learn", "groups learn, no Convention")
    late = {arm: np.array([[90.0, 10.0, 5.0], [88.0, 10.0, 5.0], [92.0, 10.0, 5.0]]) for arm in arms}
    late[arms[2]] = np.full((3, 3), 100.0)
    worlds = Worlds(dict.fromkeys(arms, effects), late, 60)
    assert caused(worlds)[0].value == pytest.approx(-0.10)
    text = "\n".join(parts(worlds).values())
    assert "nearer to -11.8 %" in text
    assert "| enforcing, no reservation | -10.00 (" in text
    assert "they fall there too" in text
    late[arms[0]][:, 2] = 104.0, 105.0, 106.0
    assert "attacks are displaced to them" in parts(worlds)["short"]
    late[arms[0]][:, 2] = 94.0, 105.0, 106.0
    assert "cannot be distinguished from chance" in parts(worlds)["short"]
    with styled():
        assert len(drawing(worlds).axes) == 2


def test_too_few_worlds_are_one_message(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--seeds", "1"])
    assert ended.value.code == 2
    assert "two worlds" in capsys.readouterr().err
