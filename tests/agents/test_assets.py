"""Money of groups (M14): held on reports, traced in cases and on action days, frozen once, and confiscated."""

import math

import pytest

from sim.agents import assets as rules
from sim.agents.events import Event, Purpose
from sim.agents.removal import silence_towards
from sim.engine.random import lognormal
from sim.law.days import YEAR
from sim.law.vocabulary import Channel
from sim.world.records import NONE, Concern, FrozenBy, Growing
from sim.world.world import World, records
from tests.agents.plain import chances, got, holds, posted, put, small, table
from tests.agents.scene import AWAY, HOME, NOW, open_channel

pytestmark = pytest.mark.usefixtures("as_python")

KIND = 3
FREEZING = (Channel.MLAT, Channel.BUDAPEST, Channel.UN_CONVENTION, Channel.JUDICIAL_DIRECT)
whole = 1.6 * YEAR / 5.0 * 0.2 * 0.5


def money(place: int = AWAY, **settings: float) -> World:
    """Group 0 has 9 in reach, in one state, and earns 1.6 a day; case 0 of HOME proves all."""
    usual = {"with_trust": 0.0, "with_learning": 0.0, "silence_habit": 0.0, "assets_days": 180.0}
    world = small(
        12,
        usual | settings,
        group={"kind": KIND, "income": 1.6, "reserve": 9.0, "reserve_day": NOW, "key": 7},
        case={"proof": 30.0},
    )
    world.place_home[4] = 1.0
    world.place_home[4, :place] = 0.0
    return world


@table(a_part=(4.0, 9.0, (True, 5.0, 4.0)), all=(12.0, 9.0, (True, 0.0, 9.0)), nothing=(4.0, 0.0, (False, 0.0)))
def test_a_freeze_takes_what_is_in_reach_up_to_its_amount(most: float, in_reach: float) -> tuple[float, ...]:
    """A court decides on it after its days; nothing is frozen where nothing is."""
    world = money(assets_decision_days=700.0, elapsed_sigma=0.0)
    world.group["reserve"] = in_reach
    done = rules.freeze_assets(world, 0, 0, 5, FrozenBy.CASE, AWAY, most)
    events = posted(world)
    assert events == ([(Event.ASSETS_DECIDED, 0, pytest.approx(700.0))] if done else [])
    if done:
        assert got(world, "freeze", 0, "group case state by day") == (0, 0, AWAY, FrozenBy.CASE, NOW)
    return (done, world.group["reserve"][0], *records(world, "freeze")["frozen"])


def test_courts_confiscate_a_share_of_what_is_frozen() -> None:
    world = money(assets_confiscated=0.35)
    rules.freeze_assets(world, 0, 0, 5, FrozenBy.CASE, AWAY, 4.0)

    def confiscates(key: int) -> bool:
        put(world, "freeze", key=key, confiscated=0.0)
        rules.assets_decided(world, 0)
        assert got(world, "freeze", 0, "decided confiscated") in {(NOW, 4.0), (NOW, 0.0)}
        return bool(world.freeze["confiscated"][0])

    chances(confiscates, Purpose.ASSETS_CONFISCATED, 0.35)


def test_money_abroad_is_held_by_what_police_pass_on_before_it_moves() -> None:
    """An answer finds exp(−days/3) of it, less the part that is declined; at home nothing is lost."""

    def held(state: int, channel: Channel, instant: float, sigma: float) -> float:
        settings = {"police_days": 6.0, "police_sigma": sigma, "police_declined": 0.2, "police_declined_distance": 0.5}
        world = money(instant_stages=instant, refusal_scale=0.5, with_liaison_desks=0.0, **settings)
        world.affinity[:] = 0.4
        open_channel(world, channel, AWAY)
        return rules.held_in_time(world, HOME, state, 1, 5)

    days = lognormal(1, Purpose.REPORT_PASSED, 5, 0, 6.0, 1.0)
    holds(
        held,
        at_home=(HOME, Channel.POLICE, 0.0, 0.0, 1.0),
        abroad=(AWAY, Channel.POLICE, 0.0, 0.0, 0.75 * math.exp(-2.0)),
        with_spread=(AWAY, Channel.POLICE, 0.0, 1.0, 0.75 * math.exp(-days / 3.0)),
        at_once=(AWAY, Channel.POLICE, 1.0, 0.0, 0.75 * math.exp(-1.0 / 3.0)),
        by_a_treaty_on_evidence=(AWAY, Channel.BUDAPEST, 0.0, 0.0, 0.0),
    )


@table(at_home=(HOME, whole), abroad=(AWAY, 0.7 * whole))
def test_a_report_stands_for_its_share_of_a_years_losses(place: int) -> float:
    """Of 1.6 a day, reported five times a year, a fifth is held where law is in action to a half, and 0.7 in time."""
    declined = {"police_declined": 0.3, "police_declined_distance": 0.0, "refusal_scale": 1.0}
    fast = {"police_days": 1e-9, "police_sigma": 0.0, "with_liaison_desks": 0.0}
    world = money(place, reports_per_year=5.0, assets_reported=0.2, **declined, **fast)
    open_channel(world, Channel.POLICE, AWAY)
    world.implementation[place] = 0.5
    world.group["reserve"] = 1e6
    rules.hold_reported(world, 0, HOME, 3)
    assert got(world, "freeze", 0, "case by state") == (NONE, FrozenBy.REPORT, place)
    assert world.freeze["key"][0] == rules.freeze_key(7, FrozenBy.REPORT, 3)
    return float(world.freeze["frozen"][0])


def test_any_treaty_on_searches_lets_a_state_freeze() -> None:
    """Within a state none is needed."""

    def basis(channel: Channel, requested: int) -> bool:
        world = money()
        open_channel(world, channel, AWAY)
        return rules.has_freezing_basis(world, HOME, requested, 1)

    for channel in Channel:
        assert basis(channel, AWAY) == (channel in FREEZING)
    assert basis(Channel.POLICE, HOME)


def test_a_court_freezes_on_the_proof_of_the_day() -> None:
    """Law in action is a half; the court asks for 0.3, and sees log-odds of −0.5 + 1.7, a share of 0.769."""
    response = 1 / (1 + math.exp(-5.0 * (1 / (1 + math.exp(-1.2)) - 0.3)))

    def probability(scale: float, least: float, channel: Channel, state: int) -> float:
        world = money(refusal_scale=scale, least_order=least, proof_steepness=5.0, search_strength=-0.5)
        world.case["proof"], world.implementation[state] = 1.7, 0.5
        open_channel(world, channel, AWAY)
        answers = 1.0 - silence_towards(world, 0, state)
        assert (answers == 1.0) == (state == HOME)
        return rules.freezing_probability(world, 0, state) / answers

    holds(
        probability,
        abroad=(1.0, 0.5, Channel.MLAT, AWAY, 0.5 * response),
        at_home=(1.0, 0.5, Channel.MLAT, HOME, 0.5 * response),
        in_vain=(1.0, 0.95, Channel.MLAT, AWAY, 0.0),
        nobody_refuses=(0.0, 0.95, Channel.MLAT, AWAY, 1.0),
        no_basis=(1.0, 0.5, Channel.POLICE, AWAY, 0.0),
    )


@pytest.mark.parametrize("on_the_day", [True, False])
def test_money_is_frozen_once_it_is_traced_granted_and_found(on_the_day: bool) -> None:
    """Three months at 0.8 a year, or what an action day is worth, a year; all that is in reach."""
    world = money(HOME, assets_traced=0.8, review_interval_days=YEAR / 4.0, refusal_scale=0.0, with_learning=1.0)
    put(world, "case", reviews=6, actions=2)
    put(world, "action", 1, case=0)
    by, number = (FrozenBy.ACTION, 2) if on_the_day else (FrozenBy.CASE, 6)

    def freezes(key: int) -> bool:
        world.used[Growing.FREEZE] = 0
        world.news[:] = 0.0
        world.case["key"][0], world.group["reserve"][0] = key, 9.0
        if on_the_day:
            rules.seize_assets(world, 1)
        else:
            rules.trace_at_review(world, 0)
        found = records(world, "freeze")
        assert [(one.frozen, one.by, one.case, one.state) for one in found] == [(9.0, by, 0, HOME)] * len(found)
        assert (world.news[Concern.MONEY, KIND, HOME] > 0.0) == bool(len(found))
        return bool(len(found))

    share = 1.0 - math.exp(-0.8 * (1.0 if on_the_day else 0.25))
    chances(freezes, Purpose.ASSETS_TRACED, share, of=lambda key: rules.freeze_key(key, by, number))


def test_money_that_is_traced_is_frozen_by_chance() -> None:
    """As likely as the state of the money cooperates; who froze nothing spreads no news."""
    world = money(HOME, assets_traced=1e9, proof_steepness=0.0, least_order=0.0, refusal_scale=1.0, with_learning=1.0)
    world.implementation[HOME] = 0.8

    def freezes(key: int, in_reach: float = 9.0) -> bool:
        world.used[Growing.FREEZE] = 0
        world.news[:] = 0.0
        world.case["key"][0], world.group["reserve"][0] = key, in_reach
        rules.trace_at_review(world, 0)
        assert (world.news[Concern.MONEY, KIND, HOME] > 0.0) == bool(world.used[Growing.FREEZE])
        return bool(world.used[Growing.FREEZE])

    chances(freezes, Purpose.ASSETS_FROZEN, 0.4, of=lambda key: rules.freeze_key(key, FrozenBy.CASE, 0))
    assert not any(freezes(key, 0.0) for key in range(1, 9))
