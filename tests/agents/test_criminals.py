"""Takedown and return (M17), and the choice of place (M15)."""

import numpy as np
import pytest

from sim.agents import criminals
from sim.agents.criminals import rebrand
from sim.agents.events import Event
from sim.data.geography import CrimeGeography
from sim.engine.clock import empty_clock
from sim.engine.compiling import in_python
from sim.world.parameters import GROUP_KINDS
from sim.world.places import place_weights
from sim.world.records import (
    CASE,
    GROUP,
    MEMBER,
    NEUTRAL_ROWS,
    NODE,
    SIGHTING,
    SPELL,
    STATE,
    ActionType,
    Concern,
    GroupStatus,
    Growing,
)
from tests.agents.kernels import Underworld, returns
from tests.tiny import row_of_settings

SAMPLES = 30_000


def underworld() -> Underworld:
    group, node = np.zeros(1, GROUP).view(np.recarray), np.zeros(2, NODE).view(np.recarray)
    group["nodes"], group["first_case"] = 2, -1
    group["capability"] = 1.0
    return Underworld(
        row_of_settings(with_moving_users=0.0),
        *empty_clock(16, 1000, len(Event)).values(),
        np.zeros(len(Growing), np.int64),
        NEUTRAL_ROWS,
        group,
        node,
        np.zeros(1, CASE).view(np.recarray),
        np.zeros(2, STATE).view(np.recarray),
        np.zeros(8, SPELL).view(np.recarray),
        np.zeros(1, MEMBER).view(np.recarray),
        np.zeros(1, SIGHTING).view(np.recarray),
        np.array([0.5, 1.0]),
        np.array([0.5, 1.0]),
        np.zeros(len(GROUP_KINDS)),
        np.full(len(GROUP_KINDS), 0.2),
        np.zeros(len(GROUP_KINDS), np.int8),
        np.zeros((len(Concern), 2, 3)),
        np.zeros((len(Concern), 2, 3)),
    )


@pytest.mark.parametrize(
    ("action", "name"),
    [
        (ActionType.DOMAIN_SEIZURE, "domain"),
        (ActionType.SERVICE, "service"),
        (ActionType.INFRASTRUCTURE, "infrastructure"),
        (ActionType.EXPOSURE, "exposure"),
        (ActionType.ARRESTS, "arrests"),
    ],
)
def test_groups_come_back_as_their_takedown_lets_them(action: ActionType, name: str) -> None:
    """Mixture cure: shares within 0.012 (over 4 standard errors), medians within 4 %."""
    setting = row_of_settings()[0]
    days, capability = np.zeros(SAMPLES), np.zeros(SAMPLES)
    returns(underworld(), int(action), days, capability)
    never = np.isinf(days)
    assert never.mean() == pytest.approx(setting[f"{name}_never"], abs=0.012)
    assert np.median(days[~never]) == pytest.approx(setting[f"{name}_return_days"], rel=0.04)
    assert np.log(days[~never]).std() == pytest.approx(setting.elapsed_sigma, rel=0.04)
    assert (capability[never] == 0).all()
    of_capacity = "infrastructure" if name == "arrests" else name
    assert (capability[~never] == setting[f"{of_capacity}_capacity"]).all()


def test_arrests_keep_more_groups_down_for_longer() -> None:
    setting = row_of_settings()[0]
    assert setting.domain_never < setting.infrastructure_never < setting.arrests_never
    assert setting.domain_return_days < setting.infrastructure_return_days < setting.arrests_return_days


def gini(shares: np.ndarray) -> float:
    ordered = np.sort(shares)
    places = np.arange(1, len(ordered) + 1)
    return float((2 * places - len(ordered) - 1) @ ordered / (len(ordered) * ordered.sum()))


def hosting_shares(elasticity: float = 1.0, draw: float = 0.5, risk: float = 1.0) -> np.ndarray:
    geography = CrimeGeography.load()
    cumulative = place_weights(geography.hosting, geography.bulletproof, geography.governance, elasticity, draw, risk)
    assert cumulative[-1] == pytest.approx(1.0)
    return np.diff(cumulative, prepend=0.0)


def test_servers_are_concentrated_and_yet_in_no_one_haven() -> None:
    """M15: Zipf-like before any policy; the trap is that everybody flees to the safest state."""
    shares = hosting_shares()
    assert gini(shares) > 0.6
    assert shares.max() < 0.5
    top = np.sort(shares)[::-1]
    slope = np.polyfit(np.log(np.arange(1, 31)), np.log(top[:30]), 1)[0]
    assert -2.2 < slope < -0.6
    assert (shares > 0.001).sum() > 40
    for draw, risk in ((0.0, 5.0), (5.0, 1.0)):  # the ends of the plausible range
        assert hosting_shares(draw=draw, risk=risk).max() < 0.5


def test_supply_draws_and_risk_repels() -> None:
    hosting, none = np.array([1.0, 4.0, 0.0]), np.zeros(3)
    plain_shares = np.diff(place_weights(hosting, none, none, 1.0, 0.0, 0.0), prepend=0.0)
    np.testing.assert_allclose(plain_shares, [0.2, 0.8, 0.0])
    risky = np.array([0.0, 1.0, 0.0])
    assert np.diff(place_weights(hosting, none, risky, 1.0, 0.0, 1.0))[0] < 0.8
    assert np.diff(place_weights(hosting, risky, none, 1.0, 1.0, 0.0))[0] > 0.8


@pytest.mark.parametrize(
    ("status", "stamp", "named", "goes_on"),
    [
        (GroupStatus.ACTIVE, 2, True, True),
        (GroupStatus.ACTIVE, 1, False, False),  # an older plan
        (GroupStatus.DOWN, 2, False, True),
        (GroupStatus.EXITED, 2, False, False),
        (GroupStatus.REMOVED, 2, False, False),
    ],
)
def test_only_a_group_at_work_takes_a_new_name_and_one_that_is_gone_plans_none(
    monkeypatch: pytest.MonkeyPatch, status: GroupStatus, stamp: int, named: bool, goes_on: bool
) -> None:
    done = []
    for name in ("add_spell", "relocate_members", "schedule_rebrand", "slip_away"):
        monkeypatch.setattr(criminals, name, lambda *_, name=name: done.append(name))
    world = underworld()
    world.group["status"], world.group["brands"] = status, 2
    world.setting["rebrand_move"] = 0.0
    in_python(rebrand)(world, 0, stamp)
    assert done == ["relocate_members", "add_spell"] * named + ["schedule_rebrand"] * goes_on
    assert world.group["brands"][0] == 2 + goes_on
