"""Tests of groups' assets (M14), and of arrests of clients after servers were seized (M17)."""

import math

import numpy as np
import pytest

from sim.agents.events import Event, Purpose
from sim.agents.investigation import assets as rules
from sim.agents.investigation import sweeps
from sim.agents.investigation.removal import silence_towards
from sim.engine.random import derive, lognormal, poisson
from sim.law.days import YEAR
from sim.law.vocabulary import Channel
from sim.world.records import NONE, Concern, FrozenBy, Growing
from sim.world.world import World, records
from tests.agents.plain import add_partners, chances, got, holds, posted, put, small, table
from tests.agents.scene import AWAY, HOME, NOW, THIRD, open_channel

pytestmark = pytest.mark.usefixtures("as_python")

KIND = 3
FREEZING = (Channel.MLAT, Channel.BUDAPEST, Channel.UN_CONVENTION, Channel.JUDICIAL_DIRECT)
whole = 1.6 * YEAR / 5.0 * 0.2 * 0.5


def money(place: int = AWAY, **settings: float) -> World:
    """Makes a world with a group that has assets in one state, and a case with full proof."""
    usual = {"with_trust": 0.0, "with_learning": 0.0, "silence_habit": 0.0, "assets_days": 180.0}
    group = {"kind": KIND, "income": 1.6, "reserve": 9.0, "reserve_day": NOW, "key": 7}
    world = small(12, usual | settings, group=group, case={"proof": 30.0})
    world.place_home[4] = 1.0
    world.place_home[4, :place] = 0.0
    return world


@table(a_part=(4.0, 9.0, (True, 5.0, 4.0)), all=(12.0, 9.0, (True, 0.0, 9.0)), nothing=(4.0, 0.0, (False, 0.0)))
def test_a_freeze_takes_what_is_in_reach_up_to_its_amount(most: float, in_reach: float) -> tuple[float, ...]:
    """A freeze takes assets up to its amount, after the time that a court needs."""
    world = money(assets_decision_days=700.0, elapsed_sigma=0.0)
    world.group["reserve"] = in_reach
    rules.freeze_assets(world, 0, 0, 5, FrozenBy.CASE, AWAY, most)
    done = len(records(world, "freeze")) > 0
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
    """Assets abroad are frozen only if police pass the information on before the assets move."""

    def held(state: int, channel: Channel, instant: float, sigma: float) -> float:
        settings = {"police_days": 6.0, "police_sigma": sigma, "police_declined": 0.2, "police_declined_distance": 0.5}
        world = money(instant_authorities=instant, foreign_refusal=0.5, with_liaison_desks=0.0, **settings)
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
    """A report by a victim freezes a share of the year's losses, depending on law and speed.

    With 1.6 a day and five reports a year, a fifth is held where law is in action to a half, and 0.7 in time.
    """
    declined = {"police_declined": 0.3, "police_declined_distance": 0.0, "foreign_refusal": 1.0}
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
    def basis(channel: Channel, requested: int) -> bool:
        world = money()
        open_channel(world, channel, AWAY)
        return rules.has_freezing_basis(world, HOME, requested, 1)

    for channel in Channel:
        assert basis(channel, AWAY) == (channel in FREEZING)
    assert basis(Channel.POLICE, HOME)


def test_a_court_freezes_on_the_proof_of_the_day() -> None:
    """A court freezes assets on the strength of the evidence on that day.

    Law in action is a half; half of the 0.6 of a search is asked for; log-odds of −0.5 + 1.7 show 0.769.
    """
    response = 1 / (1 + math.exp(-5.0 * (1 / (1 + math.exp(-1.2)) - 0.3)))

    def probability(least: float, channel: Channel, state: int) -> float:
        world = money(least_order=least, proof_steepness=5.0, search_strength=-0.5)
        world.case["proof"], world.implementation[state], world.proof[state] = 1.7, 0.5, 0.6
        open_channel(world, channel, AWAY)
        answers = 1.0 - silence_towards(world, 0, state)
        assert (answers == 1.0) == (state == HOME)
        return rules.freezing_probability(world, 0, state) / answers

    holds(
        probability,
        abroad=(0.5, Channel.MLAT, AWAY, 0.5 * response),
        at_home=(0.5, Channel.MLAT, HOME, 0.5 * response),
        in_vain=(0.95, Channel.MLAT, AWAY, 0.0),
        no_basis=(0.5, Channel.POLICE, AWAY, 0.0),
    )


@pytest.mark.parametrize("on_the_day", [True, False])
def test_money_is_frozen_once_it_is_traced_granted_and_found(on_the_day: bool) -> None:
    """Frozen assets are the part that is traced, authorised by a court and still present."""
    world = money(HOME, assets_traced=0.8, review_interval_days=YEAR / 4.0, foreign_refusal=0.0, with_learning=1.0)
    put(world, "case", reviews=6, actions=2)
    put(world, "action", 1, case=0)
    by, number = (FrozenBy.ACTION, 2) if on_the_day else (FrozenBy.CASE, 6)

    def freezes(key: int) -> bool:
        world.used[Growing.FREEZE] = 0
        world.case["key"][0], world.group["reserve"][0] = key, 9.0
        if on_the_day:
            rules.seize_assets(world, 1)
        else:
            rules.trace_at_review(world, 0)
        found = records(world, "freeze")
        assert [(one.frozen, one.by, one.case, one.state) for one in found] == [(9.0, by, 0, HOME)] * len(found)
        return bool(len(found))

    share = 1.0 - math.exp(-0.8 * (1.0 if on_the_day else 0.25))
    chances(freezes, Purpose.ASSETS_TRACED, share, of=lambda key: rules.freeze_key(key, by, number))


_SWEEP = 0x53574550  # what sets the draws of a sweep apart
ACTED, BEFORE, NEVER = NOW, NOW - 1.0, math.nan


def sweep(settings: dict[str, float] | None = None, **action: float) -> World:
    """Makes a world with an action day on which two servers of a group were seized.

    All states learn of clients who answer police at all; every client is worth a case.
    """
    usual = {"with_trust": 0.0, "police_declined": 0.0, "police_declined_distance": 0.0, "with_silence": 0.0}
    usual |= {"encrypted": 0.0, "clients_identified": 1.0, "arrest": 1.0, "open_threshold": -9.0, "load_threshold": 0.0}
    world = small(8, usual | (settings or {}), group={"kind": KIND, "users": 3.0}, case={"key": 9, "actions": 2})
    put(world, "action", **{"seized": 2, "day": NOW, "clients": 100.0} | action)
    world.clients[KIND], world.sells[KIND], world.news[:] = 40.0, 0, 0.0
    world.place_home[KIND] = 1.0
    world.place_home[KIND][: THIRD + 1] = 0.0, 0.25, 1.0  # a quarter live in AWAY, all others in THIRD
    open_channel(world, Channel.POLICE, AWAY, THIRD)
    return world


def test_seized_servers_that_can_be_read_name_clients() -> None:
    """Unencrypted seized servers identify clients, and states then prepare to arrest them."""
    key = derive(derive(9, _SWEEP), 2)

    def named(seized: int, encrypted: float) -> tuple[float, int]:
        times = {"readiness_days": 33.0, "readiness_sigma": 0.4}
        world = sweep(times | {"encrypted": encrypted}, seized=seized, clients=0.0)
        sweeps.expect_client_arrests(world, 0)
        days = lognormal(1, Purpose.CLIENTS_TIME, key, 0, 33.0, 0.4)
        events = posted(world)
        assert events == [(Event.CLIENTS_SOUGHT, 0, pytest.approx(days))] * len(events)
        return world.action["clients"][0], len(events)

    holds(named, read=(2, 0.0, (120.0, 1)), none_seized=(0, 0.0, (0.0, 0)), unreadable=(2, 1.0, (0.0, 0)))
    world = sweep({"encrypted": 0.6}, clients=0.0)

    def unreadable(case: int) -> bool:
        world.case["key"], world.action["clients"] = case, 0.0
        sweeps.expect_client_arrests(world, 0)
        return bool(world.action["clients"][0] == 0.0)

    chances(unreadable, Purpose.CLIENTS_UNREADABLE, 0.6, of=lambda case: derive(derive(case, _SWEEP), 2))


def test_states_arrest_their_share_of_clients_and_are_counted() -> None:
    """States arrest a share of identified clients, and offenders hear of the arrests."""

    def found(clients: float) -> tuple[list[int], World]:
        world = sweep({"clients_identified": 0.5, "lesson_partial": 0.45}, clients=clients, client_arrests=2)
        sweeps.clients_sought(world, 0)
        means = {AWAY: clients / 8, THIRD: clients * 3 / 8}
        key = derive(9, _SWEEP)
        drawn = [poisson(1, Purpose.CLIENTS_ARRESTED, derive(key, state), 2, mean) for state, mean in means.items()]
        assert got(world, "action", 0, "client_arrests client_states") == (2 + sum(drawn), np.count_nonzero(drawn))
        heard = [state for state, number in zip(means, drawn, strict=True) if number]
        assert np.flatnonzero(world.news[Concern.PEOPLE, KIND]).tolist() == heard
        return drawn, world

    drawn, world = found(100.0)
    assert min(drawn) > 1
    expected = -0.45 * math.log(1.0 - world.setting["lesson_peers"][0])
    assert world.news[Concern.PEOPLE, KIND, AWAY] == pytest.approx(expected)
    assert min(found(2.0)[0]) == 0  # nobody hears of what did not happen


@table(
    customers=(1, 0, (1 / 196, 1 / 196, 1 / 196)),
    affiliates=(0, 0, (0.0, 0.25, 0.75)),
    of_a_domestic_group=(0, 1, (0.0, 1.0, 0.0)),
)
def test_clients_live_with_users_or_with_offenders_or_at_home(sells: int, domestic: int) -> tuple[float, ...]:
    world = sweep()
    world = world._replace(place_victims=np.arange(1.0, len(world.state) + 1.0))
    world.sells[KIND] = sells
    world.group["domestic"] = domestic
    return tuple(sweeps.share_of_clients(world, 0, state) for state in (HOME, AWAY, THIRD))


def test_a_client_is_arrested_when_named_reported_an_offender_and_worth_it() -> None:
    """A client is arrested if identified, reported, an offender, and worth the effort."""
    for threshold, offence, declined, share in (
        *((-9.5, 1, 0.0, 0.4 * 0.6), (0.5, 1, 0.3, 0.4 * 0.7 * 0.158655 * 0.6), (0.5, 0, 0.0, 0.0)),
    ):
        settings = {"clients_identified": 0.4, "arrest": 0.6, "open_threshold": threshold, "load_threshold": 1.0}
        world = sweep(settings | {"police_declined": declined, "foreign_refusal": 1.0})
        put(world, "state", AWAY, open_cases=4, slots=8.0)
        world.offence[AWAY] = offence
        assert sweeps.client_arrest_probability(world, 0, AWAY) == pytest.approx(share, rel=1e-5)


@table(
    its_own=(HOME, NEVER, 0, 1.0),
    acted=(AWAY, ACTED, 0, 1.0),
    acted_before=(AWAY, BEFORE, 0, 0.0),
    prepared_in_vain=(AWAY, NEVER, 0, 0.0),
    left_out_of_a_disruption=(AWAY, ACTED, 1, 0.0),
    asked_by_police=(THIRD, NEVER, 0, 0.8),
    no_police_channel=(5, ACTED, 0, 0.0),
)
def test_who_acted_takes_up_what_is_reported_and_others_by_trust(state: int, acted: float, disruption: int) -> float:
    """States that took part follow up reported clients, and others do so by trust."""
    world = sweep({"police_declined": 0.4, "foreign_refusal": 0.5}, disruption=disruption)
    add_partners(world, AWAY, ready_at=NOW, acted=acted)
    world.instrument[HOME, AWAY, Channel.POLICE] = -1
    return sweeps.clients_reported(world, 0, state)
