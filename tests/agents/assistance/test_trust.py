"""Tests of trust: Beta evidence, forgetting, departures of contact officers, and experience (M19)."""

import itertools
from typing import Any

import numpy as np
import pytest

from sim.agents.assistance import trust
from sim.agents.events import Purpose
from sim.engine.random import exponential, uniform
from sim.law.vocabulary import Channel
from sim.world.parameters import REVIEW_DAYS
from sim.world.records import REQUEST, Abuse, RequestStatus, Stage
from sim.world.world import World, records
from tests.agents.plain import add_partners, chances, got, put, record, small, table
from tests.agents.scene import AWAY, FOURTH, HOME, NOW, THIRD, YEAR
from tests.tiny import row_of_settings

pytestmark = pytest.mark.usefixtures("as_python")

STATES = 196
POLICE, MLAT, DOMESTIC = Channel.POLICE, Channel.MLAT, Channel.DOMESTIC
PROVIDER, BINDING = Channel.PROVIDER_VOLUNTARY, Channel.PROVIDER_BINDING
EXECUTED, REFUSED, WITHDRAWN = RequestStatus.EXECUTED, RequestStatus.REFUSED, RequestStatus.WITHDRAWN
RETURNED = Stage.DEFICIENCY_RETURN
PHONED = Purpose.PHONED
LEARNT = {"trust_police": 0.2, "trust_late": 0.5, "trust_fulfilled": 0.9, "trust_silence": 0.6, "trust_leak": 0.8}


def acquainted(**settings: float) -> World:
    """Makes a world with trust records between states, and contact officers who stay."""
    world = small(16, {"trust_kept": 0.5, "trust_prior": 8.0, "with_trust": 1.0, "usual_days": 240.0} | settings)
    for one in range(4):
        for other in range(4):
            world.affinity[one, other] = (one + 2 * other) / 16.0
    world.bond["day"], world.bond["contact_until"], world.bond["contact_stay"] = NOW, NOW + 9e5, 1.0
    world.bond["good"] = world.bond["bad"] = 0.0
    world.bond["contact"] = 1
    return world


def row(trusting: int, trusted: int) -> int:
    """Row of the trust record of an ordered pair of states."""
    return trusting * STATES + trusted


def evidence(world: World) -> dict[tuple[int, int], tuple[float, float]]:
    """Good and bad experience in all trust records, by trusting and trusted state."""
    found = np.flatnonzero((world.bond["good"] != 0.0) | (world.bond["bad"] != 0.0))
    return {divmod(int(place), STATES): got(world, "bond", place, "good bad") for place in found}


def knows_for_a_year(world: World, one: int, other: int) -> World:
    """Lets a pair have experience that is a year old, 6 good and 2 bad; changes and returns the given world."""
    put(world, "bond", row(one, other), good=6.0, bad=2.0, day=NOW - YEAR)
    return world


def test_evidence_is_halved_in_a_year_and_added_to_what_affinity_says() -> None:
    """Experience halves in a year and is added to the prior from affinity; a query changes no record.

    8 · 5/16 for, of 8, and half of 6 for and 2 against; looking brings nothing up to date.
    """
    world = knows_for_a_year(acquainted(), HOME, AWAY)
    world.affinity[AWAY, HOME] = 5 / 16
    assert trust.remembered(world.setting[0], 3.0 * YEAR) == pytest.approx(1 / 8)
    assert trust.trust_in(world, HOME, AWAY) == pytest.approx((2.5 + 3.0) / (8.0 + 3.0 + 1.0))
    assert got(world, "bond", row(HOME, AWAY), "good bad day") == (6.0, 2.0, NOW - YEAR)
    trust.remember(world, HOME, AWAY, 0.7, 0.4)
    assert got(world, "bond", row(HOME, AWAY), "good bad day") == pytest.approx((3.7, 1.4, NOW))
    assert set(evidence(world)) == {(HOME, AWAY)}  # trust is directed


def test_trust_goes_both_ways_and_where_it_is_left_out_it_is_affinity() -> None:
    world = knows_for_a_year(acquainted(trust_head_start=20.0, trust_usual=0.4), AWAY, THIRD)
    assert trust.both_trust(world, AWAY, THIRD) == pytest.approx((5 / 16, (8 * 4 / 16 + 3.0) / 12.0))
    assert trust.head_start(world, AWAY, THIRD) == pytest.approx(20.0 * (5 / 12 - 0.4))  # 20 days for full trust
    trust.remember(world, HOME, HOME, 1.0, 1.0)
    assert set(evidence(world)) == {(AWAY, THIRD)}
    world = knows_for_a_year(acquainted(with_trust=0.0), AWAY, THIRD)
    assert trust.trust_in(world, AWAY, THIRD) == 4 / 16  # how who is asked is to who asks
    assert trust.both_trust(world, AWAY, THIRD) == (5 / 16, 5 / 16)
    assert trust.head_start(world, AWAY, THIRD) == 0.0
    trust.remember(world, HOME, AWAY, 5.0, 9.0)
    assert set(evidence(world)) == {(AWAY, THIRD)}


def test_an_officer_takes_a_drawn_share_between_the_least_and_the_most() -> None:
    setting = row_of_settings(contact_takes_least=0.3, contact_takes_most=0.8)[0]
    key = trust.contact_key(AWAY, THIRD, 4)
    assert trust.taken_along(setting, key) == pytest.approx(0.3 + 0.5 * uniform(1, Purpose.CONTACT_TAKES, key, 0))
    assert len({trust.contact_key(*who) for who in ((AWAY, THIRD, 4), (THIRD, AWAY, 4), (AWAY, THIRD, 5))}) == 3


@table((1, 0.75 * 0.5), (0, 0.0))
def test_an_officer_who_leaves_takes_evidence_of_that_day_along(contact: int) -> float:
    """A contact officer who leaves takes a share of the trust record's experience away."""
    world = knows_for_a_year(acquainted(contact_leaves=0.1, contact_takes_least=0.25, contact_takes_most=0.25), 0, 1)
    put(world, "bond", row(0, 1), contact=contact, contact_until=NOW, contact_stay=1.5)
    trust.change_contacts(world, 0, 1)
    stays = 1.5 * exponential(1, Purpose.CONTACT_STAYS, trust.contact_key(0, 1, contact + 1), 0, 10.0 * YEAR)
    after = got(world, "bond", row(0, 1), "day contact contact_until")
    assert after == pytest.approx((NOW, contact + 1, NOW + stays))
    trust.change_contacts(world, 0, 1)
    assert got(world, "bond", row(0, 1), "day contact contact_until") == after
    good, bad = got(world, "bond", row(0, 1), "good bad")
    assert good == 3.0 * bad
    return good / 6.0


def test_all_officers_are_brought_up_to_date_before_a_policy() -> None:
    world = acquainted(contact_leaves=1e-9)
    world = world._replace(state=world.state[:3], bond=world.bond[:9])
    world.bond["contact_until"] = NOW
    trust.count_contacts(world)
    assert world.bond["contact"].tolist() == [2] * 9


def test_only_what_authorities_answer_in_a_genuine_case_counts() -> None:
    for channel, abusive in itertools.product(Channel, (Abuse.NONE, Abuse.DISGUISED)):
        expected = abusive == Abuse.NONE and channel not in {PROVIDER, BINDING, DOMESTIC}
        assert trust.counts_for_trust(record(REQUEST, channel=channel, abusive=abusive)) == expected


def asked(
    status: int, channel: int = MLAT, days: float = 100.0, settings: dict[str, float] = LEARNT, **fields: float
) -> World:
    """Makes a world in which a request from AWAY to THIRD has ended with a given result."""
    world = acquainted(**settings)
    usual = {"stage": Stage.REVIEW, "ended": np.nan, "deadline_days": np.nan, "sent": NOW - days}
    put(world, "request", requesting=AWAY, requested=THIRD, channel=channel, status=status, **usual | fields)
    return world


@table(reviewed=(Stage.REVIEW, np.nan, 70.0), returned=(RETURNED, np.nan, 55.0), ended=(RETURNED, 990.0, 70.0))
def test_days_of_completing_a_file_are_the_senders(stage: int, ended: float) -> float:
    """Days that a returned request spends with its sender do not count as days of the asked state.

    On returns 30 of 100 days were spent; a return that began 15 days ago counts while it is open.
    """
    world = asked(RequestStatus.OPEN, stage=stage, ended=ended, stage_since=NOW - 15.0)
    world.request["stage_days"][0, RETURNED - 1] = 30.0
    return trust.days_with_asked(world.request[0], NOW)


@table(
    in_time=(EXECUTED, MLAT, 100.0, {}, (1, 0.9, 0.0)),
    late=(EXECUTED, MLAT, 300.0, {}, (1, 0.0, 0.5)),
    by_police=(EXECUTED, POLICE, 300.0, {}, (1, 0.2, 0.0)),
    declined=(REFUSED, POLICE, 4.0, {}, (1, 0.0, 0.2)),
    refused_on_law=(REFUSED, MLAT, 300.0, {}, (1, 0.0, 0.0)),
    withdrawn=(WITHDRAWN, MLAT, 900.0, {}, (0, 0.0, 0.0)),
    not_sent=(RequestStatus.NOT_SENT, POLICE, 9.0, {}, (0, 0.0, 0.0)),
    by_a_provider=(EXECUTED, PROVIDER, 10.0, {}, (0, 0.0, 0.0)),
    abusive=(EXECUTED, MLAT, 100.0, {"abusive": Abuse.OPEN}, (0, 0.0, 0.0)),
)
def test_what_an_answer_teaches(status: int, channel: int, days: float, fields: dict[str, float]) -> tuple[float, ...]:
    world = asked(status, channel, days, **fields)
    trust.learn_from_answer(world, world.request[0])
    assert set(evidence(world)) <= {(AWAY, THIRD)}
    return got(world, "bond", row(AWAY, THIRD), "dealings good bad")


@table(
    overlong=(300.0, {}, (1, 0.0, 0.6)),
    within_usage=(100.0, {}, (0, 0.0, 0.0)),
    completing=(900.0, {"stage": RETURNED, "stage_since": NOW}, (0, 0.0, 0.0)),
    own_procedure=(900.0, {"channel": DOMESTIC}, (0, 0.0, 0.0)),
)
def test_silence_is_blamed_on_authorities_that_had_their_time(days: float, fields: dict[str, float]) -> Any:
    world = asked(RequestStatus.OPEN, **{"channel": MLAT, "days": days} | fields)
    trust.learn_from_silence(world, world.request[0])
    assert set(evidence(world)) <= {(AWAY, THIRD)}
    return got(world, "bond", row(AWAY, THIRD), "dealings good bad")


def test_a_traced_leak_is_blamed_by_those_who_take_part() -> None:
    """A traced leak lowers the trust that participating states have in the state that leaked."""
    world = acquainted(**LEARNT, leak_traced=0.3)
    put(world, "recipient", state=(THIRD, FOURTH, 5), takes_part=(1, 0, 1), next_recipient=(-1, 0, 1))
    put(world, "case", first_recipient=2, reviews=7)

    def traced(key: int) -> bool:
        world.case["key"], world.bond["bad"] = key, 0.0
        found = trust.blame_leaker(world, 0, AWAY)
        blames = {(state, AWAY): (0.0, pytest.approx(0.8)) for state in (HOME, THIRD, 5)}
        assert evidence(world) == (blames if found else {})
        return found

    chances(traced, Purpose.LEAK_TRACED, 0.3, 7)


def test_states_that_acted_together_trust_each_other_by_pairs() -> None:
    """Every pair of states that acted today gains trust in both directions, once."""
    world = acquainted(trust_joint=0.4)
    add_partners(world, THIRD, HOME, FOURTH, AWAY, 5, ready_at=900.0, acted=[NOW, np.nan, NOW - 1.0, NOW, NOW])
    trust.act_together(world, 0)
    acted = (HOME, AWAY, THIRD, 5)
    pairs = {(one, other) for one in acted for other in acted if one != other}
    assert evidence(world) == dict.fromkeys(pairs, (pytest.approx(0.4), 0.0))


@pytest.mark.parametrize("reviews", [2, 3])
@pytest.mark.parametrize("in_exchange", [0, 1])
def test_a_review_of_trust(reviews: int, in_exchange: int) -> None:
    """A review raises trust through exchange officers each quarter, and stores an account each year."""
    world = acquainted(trust_joint_day=0.02)
    put(world, "state", AWAY, reviews=reviews, in_exchange=in_exchange)
    put(world, "bond", row(AWAY, THIRD), joint_days=40.0)
    put(world, "bond", row(AWAY, FOURTH), dealings=1)
    trust.trust_reviewed(world, AWAY)
    assert world.state["reviews"][AWAY] == reviews + 1
    learnt = {(AWAY, THIRD): (pytest.approx(40.0 * 0.02 * REVIEW_DAYS / YEAR), 0.0)}
    assert evidence(world) == (learnt if in_exchange else {})
    assert [(one.trusting, one.trusted) for one in records(world, "trust")] == [(AWAY, FOURTH)] * (reviews == 3)


def test_an_account_says_what_is_left_of_a_years_evidence() -> None:
    world = knows_for_a_year(acquainted(), HOME, AWAY)
    put(world, "bond", row(HOME, AWAY), dealings=9, contact=3)
    trust.give_account(world, HOME, AWAY)
    (account,) = records(world, "trust")
    assert (account.trusting, account.trusted, account.day, account.dealings) == (HOME, AWAY, NOW, 9)
    assert (account.good, account.bad, account.affinity) == pytest.approx((3.0, 1.0, 1 / 16))
    assert account.trust == pytest.approx((8.0 / 16 + 3.0) / 12.0)
    assert (account.contact, world.bond["dealings"][row(HOME, AWAY)]) == (3, 0)


@pytest.mark.parametrize(("trusted", "on", "share"), [(0.5, 1.0, 0.3), (1.0, 1.0, 0.6), (1.0, 0.0, 0.0)])
def test_a_file_is_completed_by_phone_among_acquaintances(trusted: float, on: float, share: float) -> None:
    """A share of deficient requests, in proportion to trust, is completed by phone."""
    setting = row_of_settings(phone=0.6, with_trust=on)[0]
    chances(lambda key: trust.is_phoned(setting, record(REQUEST, key=key, trust=trusted, loops=2)), PHONED, share, 2)
