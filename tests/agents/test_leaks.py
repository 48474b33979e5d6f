"""Who learns of a case and what leaks from them, one decision at a time (M22)."""

import itertools
import math
from typing import Any

import numpy as np
import pytest

from sim.agents import leaks as rules
from sim.agents.events import Purpose
from sim.engine.random import uniform
from sim.law.days import YEAR
from sim.law.vocabulary import Channel
from sim.world.parameters import declarations
from sim.world.records import NONE, CaseStatus, Growing
from sim.world.world import World, records
from tests.agents.plain import chances, got, put, small, table
from tests.agents.scene import AWAY, FOURTH, HOME, NOW, THIRD

pytestmark = pytest.mark.usefixtures("as_python")


def secret(settings: dict[str, float] | None = None, /) -> World:
    """Case 0 of HOME on group 0 of AWAY; each worse class of government leaks twice as much, a home three times."""
    usual = {"leak_corrupt": 8.0, "leak_home": 3.0, "leak_request": 0.4, "leak_protected": 0.25, "with_leaks": 1.0}
    world = small(8, usual | {"leak_traced": 0.0} | (settings or {}))
    world.state["tier"][[HOME, AWAY, THIRD, FOURTH]] = [1, 3, 0, 2]
    world.electronic[:] = 0
    return world


def recipients(world: World, first: int = 0) -> list[tuple[int, int, int]]:
    """Those who know of any case: state, takes part, protected."""
    return [(row.state, row.takes_part, row.protected) for row in records(world, "recipient")[first:]]


def test_exchange_is_secure_within_a_state_and_between_those_who_exchange_electronically() -> None:
    world = secret()
    world.electronic[HOME, AWAY] = 1
    assert [rules.is_secure(world, *pair) for pair in ((HOME, HOME), (HOME, AWAY), (AWAY, HOME))] == [True, True, False]


def test_each_state_knows_once_and_the_leading_state_is_none_of_them() -> None:
    """Later news can only expose more: it takes part once it did, and is protected only while all was."""
    world = secret()
    for news in ((HOME, 2, True, False), (AWAY, 2, False, True), (THIRD, 2, True, True), (70, 2, False, False)):
        rules.inform(world, 0, *news)
    assert recipients(world) == [(AWAY, 0, 1), (THIRD, 1, 1), (70, 0, 0)]
    assert got(world, "recipient", 0, "case since channel") == (0, NOW, 2)
    for news in ((AWAY, 3, True, False), (THIRD, 3, False, True), (70, 3, False, True), (6, 3, False, True)):
        rules.inform(world, 0, *news)
    assert recipients(world) == [(AWAY, 1, 0), (THIRD, 1, 1), (70, 0, 0), (6, 0, 1)]
    rules.inform(world, 0, THIRD, 3, False, False)
    rules.inform(world, 0, 70, 3, True, True)
    assert recipients(world) == [(AWAY, 1, 0), (THIRD, 1, 0), (70, 1, 0), (6, 0, 1)]
    assert world.case["recipients"][0] == 4


def test_after_a_merger_the_leading_case_is_exposed_to_all_who_knew() -> None:
    """And what the merged one reports later, the leading one has reported."""
    world = secret()
    put(world, "case", 1, state=FOURTH)
    rules.inform(world, 1, AWAY, 2, True, False)
    rules.inform(world, 1, THIRD, 3, False, True)
    put(world, "case", 1, status=CaseStatus.MERGED, merged_into=0)
    rules.pass_on_recipients(world, 1, 0)
    rules.inform(world, 1, 70, 3, False, True)
    assert sorted(recipients(world, 2)) == [(AWAY, 1, 0), (THIRD, 0, 1), (70, 0, 1)]
    assert records(world, "recipient").case.tolist() == [1, 1, 0, 0, 0]
    assert sorted(records(world, "recipient").channel[2:4].tolist()) == [2, 3]
    assert world.case["recipients"][:2].tolist() == [3, 2]


@pytest.mark.parametrize(("by_request", "by_pair"), [(0, 0), (1, 0), (0, 1)])
def test_a_state_learns_from_requests_to_its_authorities_and_from_taking_part(by_request: int, by_pair: int) -> None:
    """Not from one to a provider, nor from one without a case; either way of secure transmission protects it."""
    asked = {Channel.MLAT: 0, Channel.POLICE: 0}
    silent = {Channel.DOMESTIC: 0, Channel.PROVIDER_BINDING: 0, Channel.PROVIDER_VOLUNTARY: 0, Channel.MLAT: NONE}
    for channel, case, learns in [(*one, True) for one in asked.items()] + [(*one, False) for one in silent.items()]:
        world = secret()
        world.electronic[HOME, AWAY] = by_pair
        put(world, "request", channel=channel, case=case, requesting=HOME, requested=AWAY, electronic=by_request)
        rules.inform_by_request(world, world.request[0])
        assert recipients(world) == [(AWAY, 0, by_request + by_pair)] * learns
        rules.inform_partner(world, 0, THIRD)
        rules.inform_partner(world, 0, AWAY)
        assert recipients(world)[-1 if not learns else 0][:2] == (AWAY, 1)
        assert (THIRD, 1, 0) in recipients(world)
        assert world.recipient["channel"][0] == (channel if learns else Channel.JOINT_TEAM)


@table(
    its_own_state=((), AWAY, 2.0),
    its_own_state_at_home=((), HOME, 6.0),
    takes_part=(((FOURTH, 1, 0),), AWAY, 2.0 + 4.0),
    was_asked=(((FOURTH, 0, 0),), AWAY, 2.0 + 1.6),
    protected=(((FOURTH, 1, 1),), AWAY, 2.0 + 1.0),
    asked_at_home=(((AWAY, 0, 1),), AWAY, 2.0 + 8.0 * 3.0 * 0.4 * 0.25),
    all_of_them=(((FOURTH, 1, 0), (AWAY, 1, 0)), AWAY, 2.0 + 4.0 + 24.0),
)
def test_a_case_is_exposed_to_its_own_state_and_all_recipients(states: tuple[Any, ...], home: int) -> float:
    """Who was only asked, or only by secure channels, leaks less."""
    world = secret()
    put(world, "group", home=home)
    for state, takes_part, protected in states:
        rules.inform(world, 0, state, 2, bool(takes_part), bool(protected))
    return rules.exposure_of(world, 0)


def test_no_exposure_passes_its_bound() -> None:
    """At the ends of the ranges of all parameters; a draw above the bound is one above the exposure."""
    names = ("leak_corrupt", "leak_home", "leak_request", "leak_protected")
    ranges = {name.partition(".")[2]: (ends.low, ends.high) for name, _, ends in declarations()}
    for corner, tiers in itertools.product(itertools.product(*map(ranges.get, names)), ((0, 3, 0, 3), (3, 3, 3, 3))):
        world = secret(dict(zip(names, corner, strict=True)))
        world.state["tier"][[HOME, AWAY, THIRD, FOURTH]] = tiers
        for state, protected in ((AWAY, False), (THIRD, True), (FOURTH, False)):
            rules.inform(world, 0, state, 2, True, protected)
        assert rules.exposure_of(world, 0) <= rules.exposure_at_most(world, 0) * (1.0 + 1e-12)
        assert rules.exposure_at_most(world, 0) == pytest.approx(corner[0] * (3 + corner[1]))


@pytest.mark.parametrize("leaking", [0.0, 0.5])
def test_a_case_leaks_as_likely_as_exposure_and_time_make_it(leaking: float) -> None:
    """Two thirds a year, half of it with the switch at a half, for an exposure of 6 and a quarter of a year."""
    world = secret({"leak_per_year": 2 / 3, "with_leaks": leaking, "review_interval_days": YEAR / 4.0})
    rules.inform(world, 0, FOURTH, 2, True, False)
    hazard = leaking * 6.0 / 6.0
    assert rules.leak_hazard(world.setting[0], 6.0) == pytest.approx(hazard)
    assert rules.leak_probability(world, 0) == pytest.approx(1.0 - math.exp(-hazard))

    def leaked(key: int) -> bool:
        put(world, "case", key=key, reviews=4)
        world.used[Growing.LEAK] = 0
        said = rules.leaks(world, 0)
        assert world.used[Growing.LEAK] == said
        return bool(said)

    chances(leaked, Purpose.CASE_LEAK, 1.0 - math.exp(-hazard), 4)


@pytest.mark.parametrize("traced", [0.0, 1.0])
def test_each_who_knows_leaked_with_its_share_of_the_exposure(traced: float) -> None:
    """Of 9.25: 2 lie with the leading state, 6 with the group's home, 1 with FOURTH, .25 with THIRD."""
    world = secret({"leak_per_year": 0.02, "leak_traced": traced, "leak_request": 0.25, "leak_protected": 0.25})
    known = {HOME: (2.0, 1, 1), AWAY: (6.0, 0, 0), FOURTH: (1.0, 1, 1), THIRD: (0.25, 0, 0)}
    for state, (_, takes_part, protected) in reversed(list(known.items())[1:]):
        rules.inform(world, 0, state, 2, bool(takes_part), bool(protected))
    sources = set()
    for key in range(1, 161):
        put(world, "case", key=key, reviews=4)
        world.used[Growing.LEAK] = 0
        drawn = 9.25 * uniform(1, Purpose.LEAK_SOURCE, key, 4)
        source = list(known)[int(np.searchsorted([2.0, 8.0, 9.0, 9.25], drawn, side="right"))]
        rules.record_leak(world, 0)
        sources.add(source)
        assert got(world, "leak", 0, "state takes_part protected recipients traced case group day exposure") == (
            pytest.approx((source, *known[source][1:], 4, traced, 0, 0, NOW, 0.02 * 9.25))
        )
    assert sources == set(known)


def test_who_leaked_is_trusted_less_where_it_is_traced() -> None:
    """By the state whose case it was."""
    world = secret({"leak_traced": 1.0, "trust_leak": 0.5, "with_trust": 1.0, "leak_home": 1e9})
    world.bond["contact_until"] = NOW + 1.0
    rules.inform(world, 0, AWAY, 2, True, False)
    rules.record_leak(world, 0)
    bad = world.bond["bad"]
    assert bad[HOME * len(world.state) + AWAY] == bad.sum() == 0.5


def test_evidence_that_travelled_unprotected_may_be_excluded() -> None:
    """Not what was sent electronically, or between HOME and THIRD, who exchange by secure channels."""
    world = secret({"exclusion_unprotected": 0.3})
    world.electronic[HOME, THIRD] = 1

    def excluded(key: int) -> bool:
        put(world, "request", key=key)
        return rules.is_excluded(world, world.request[0])

    for change in ({}, {"channel": Channel.DOMESTIC}, {"electronic": 1}, {"requested": HOME}, {"requested": THIRD}):
        usual = {"requesting": HOME, "requested": AWAY, "channel": Channel.MLAT, "electronic": 0}
        put(world, "request", **usual | change)
        chances(excluded, Purpose.EXCLUDED, 0.0 if change else 0.3)
    put(world, "request", requested=AWAY)
    world.setting["with_leaks"] = 0.0
    chances(excluded, Purpose.EXCLUDED, 0.0)
