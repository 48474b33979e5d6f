"""Freezes of money, one decision at a time (M14)."""

import math

import pytest

from sim.agents import assets
from sim.agents.assets import (
    assets_decided,
    freeze_assets,
    freezing_probability,
    has_freezing_basis,
    held_in_time,
    hold_reported,
    trace_assets,
    trace_at_review,
)
from sim.agents.events import Event
from sim.law.days import YEAR
from sim.law.vocabulary import Channel
from sim.world.records import NONE, Concern, FrozenBy, Growing
from sim.world.world import World
from tests.agents import scene
from tests.agents.plain import answers, drawing, first_numbers, fresh, noting, usual
from tests.agents.scene import AWAY, HOME

pytestmark = pytest.mark.usefixtures("as_python")

KIND = 3
HOLD_DAYS = 3.0  # within which money leaves an account
FREEZING = (Channel.MLAT, Channel.BUDAPEST, Channel.UN_CONVENTION, Channel.JUDICIAL_DIRECT)


@pytest.fixture
def money() -> World:
    """Group 0 of a kind of its own, with something in reach; case 0 of HOME."""
    world = fresh(8, with_trust=0.0)
    world.group["kind"], world.group["reserve"], world.group["reserve_day"] = KIND, 9.0, world.now[0]
    world.used[Growing.FREEZE] = 0
    return world


@pytest.mark.parametrize(("most", "in_reach", "frozen"), [(4.0, 9.0, 4.0), (12.0, 9.0, 9.0), (4.0, 0.0, 0.0)])
def test_a_freeze_takes_what_is_in_reach_up_to_its_amount(
    money: World, as_python: pytest.MonkeyPatch, most: float, in_reach: float, frozen: float
) -> None:
    """A court decides on it after its days; nothing is frozen where nothing is."""
    drawing(as_python, assets, "lognormal", usual)
    noting(as_python, assets, "settle_reserve")
    money.setting["assets_decision_days"], money.group["reserve"] = 700.0, in_reach
    assert freeze_assets(money, 0, 0, 5, FrozenBy.CASE, AWAY, most) == (frozen > 0.0)
    assert money.group["reserve"][0] == in_reach - frozen
    assert scene.waits(money, Event.ASSETS_DECIDED) == pytest.approx([700.0] * (frozen > 0.0))
    if frozen:
        drawing(as_python, assets, "chance", False)
        assets_decided(money, 0)
        assert (money.freeze["frozen"][0], money.freeze["confiscated"][0]) == (frozen, 0.0)
        drawing(as_python, assets, "chance", True)
        assets_decided(money, 0)
        assert money.freeze["confiscated"][0] == frozen


def test_money_abroad_is_held_by_what_police_pass_on_before_it_moves(
    money: World, as_python: pytest.MonkeyPatch
) -> None:
    """An answer after six days finds exp(−2) of it, less the quarter that is declined; at home nothing is lost."""
    drawing(as_python, assets, "lognormal", usual)
    money.setting["refusal_scale"] = 0.5
    answers(as_python, assets, police_decline_probability=0.5, police_answer=(6.0, 1.0))
    deed = 1
    assert held_in_time(money, HOME, HOME, deed, 5) == 1.0
    assert held_in_time(money, HOME, AWAY, deed, 5) == 0.0
    scene.open_channel(money, Channel.POLICE, AWAY)
    answers(as_python, assets, is_open=True)
    assert held_in_time(money, HOME, AWAY, deed, 5) == pytest.approx(0.75 * math.exp(-6.0 / HOLD_DAYS))
    money.setting["instant_stages"] = 1.0
    assert held_in_time(money, HOME, AWAY, deed, 5) == pytest.approx(0.75 * math.exp(-1.0 / HOLD_DAYS))


def test_a_report_stands_for_its_share_of_a_year_s_losses(money: World, as_python: pytest.MonkeyPatch) -> None:
    """Of 1.6 a day, reported five times a year, the share 0.2 × 0.5 × 0.7 is held."""
    answers(as_python, assets, money_state=AWAY, held_in_time=0.7)
    done = noting(as_python, assets, "freeze_assets")
    money.group["income"], money.setting["reports_per_year"], money.setting["assets_reported"] = 1.6, 5.0, 0.2
    money.implementation[AWAY] = 0.5
    hold_reported(money, 0, HOME, 3)
    (_, group, case, _, by, state, most) = done[0]
    assert (group, case, by, state) == (0, NONE, FrozenBy.REPORT, AWAY)
    assert most == pytest.approx(1.6 * YEAR / 5.0 * 0.2 * 0.5 * 0.7)


@pytest.mark.parametrize("channel", [None, Channel.POLICE, *FREEZING])
def test_any_treaty_on_searches_lets_a_state_freeze(
    money: World, as_python: pytest.MonkeyPatch, channel: Channel | None
) -> None:
    """Within a state none is needed."""
    answers(as_python, assets, is_open=lambda _, _one, _other, asked, *_rest: asked == channel)
    assert has_freezing_basis(money, HOME, AWAY, 1) == (channel in FREEZING)
    assert has_freezing_basis(money, HOME, HOME, 1)


@pytest.mark.parametrize(
    ("scale", "likely", "basis", "chance"),
    [(1.0, True, True, 0.8 * 0.5 * 0.6), (1.0, False, True, 0.0), (0.0, False, True, 0.8), (1.0, True, False, 0.0)],
)
def test_a_court_freezes_on_the_proof_of_the_day(
    money: World, as_python: pytest.MonkeyPatch, scale: float, chance: float, *, likely: bool, basis: bool
) -> None:
    """Four in five answer, law in action is a half; the court sees log-odds of −0.5 + 1.7, and grants six in ten."""
    answers(as_python, assets, has_freezing_basis=basis, silence_towards=0.2, is_likely=likely)
    asked = noting(as_python, assets, response_to_standard=0.6)
    money.setting["refusal_scale"], money.setting["search_strength"], money.case["proof"][0] = scale, -0.5, 1.7
    money.implementation[AWAY] = 0.5
    assert freezing_probability(money, 0, AWAY) == pytest.approx(chance)
    assert [shown for *_, shown in asked] == pytest.approx([1.0 / (1.0 + math.exp(-1.2))] * (basis and scale > 0.0))


@pytest.mark.parametrize("traced", [True, False])
@pytest.mark.parametrize("granted", [True, False])
@pytest.mark.parametrize("found", [True, False])
def test_money_is_frozen_once_it_is_traced_granted_and_found(
    money: World, as_python: pytest.MonkeyPatch, *, traced: bool, granted: bool, found: bool
) -> None:
    """Three months at 0.8 a year; groups hear of a freeze where the money was."""
    drawn = drawing(as_python, assets, "chance", lambda one: granted if one.numbers[0] == 0.37 else traced)
    answers(as_python, assets, money_state=AWAY, freezing_probability=0.37)
    frozen = noting(as_python, assets, freeze_assets=found)
    news = noting(as_python, assets, "spread_news")
    money.setting["assets_traced"], money.setting["review_interval_days"] = 0.8, YEAR / 4.0
    trace_at_review(money, 0)
    assert first_numbers(drawn) == pytest.approx([1.0 - math.exp(-0.2)] + [0.37] * traced)
    assert len(frozen) == (traced and granted)
    assert news == [("spread_news", Concern.MONEY, KIND, AWAY, 1.0)] * (traced and granted and found)
    drawn.clear()
    trace_assets(money, 0, 2.0, FrozenBy.ACTION, 1)
    assert drawn[0].numbers[0] == pytest.approx(1.0 - math.exp(-1.6))
