"""Bonds between states, step by step: who learns what from whom, and which officers come and go (M19)."""

import math

import numpy as np
import pytest

from sim.agents import trust
from sim.agents.events import Event, Purpose
from sim.law.vocabulary import Channel
from sim.world.parameters import REVIEW_DAYS
from sim.world.records import Abuse, RequestStatus, Stage
from sim.world.world import World, records
from tests.agents import scene
from tests.agents.plain import answers, certain, drawing, fresh, noting
from tests.agents.scene import AWAY, FOURTH, HOME, NOW, THIRD, YEAR

pytestmark = pytest.mark.usefixtures("as_python")

STATES = 196


def acquainted(**settings: float) -> World:
    """States that stand to each other as their rows say, with contact officers who stay; half is forgotten a year."""
    world = fresh(trust_kept=0.5, trust_prior=8.0, with_trust=1.0, **settings)
    for one in range(4):
        for other in range(4):
            world.affinity[one, other] = (one + 2 * other) / 16.0
    world.bond["day"], world.bond["contact_until"], world.bond["contact_stay"] = NOW, NOW + 9e5, 1.0
    world.bond["good"] = world.bond["bad"] = 0.0
    world.bond["contact"] = 1
    return world


def row(trusting: int, trusted: int) -> int:
    """Row of a pair."""
    return trusting * STATES + trusted


def knows_for_a_year(world: World, trusting: int, trusted: int, good: float = 6.0, bad: float = 2.0) -> None:
    """A pair has evidence that is a year old."""
    place = row(trusting, trusted)
    world.bond["good"][place], world.bond["bad"][place], world.bond["day"][place] = good, bad, NOW - YEAR


def test_evidence_is_halved_in_a_year_and_added_to_what_affinity_says() -> None:
    """8 · 5/16 for, of 8, and half of 6 for and 2 against."""
    world = acquainted()
    knows_for_a_year(world, HOME, AWAY)
    world.affinity[AWAY, HOME] = 5 / 16
    assert trust.trust_in(world, HOME, AWAY) == pytest.approx((2.5 + 3.0) / (8.0 + 3.0 + 1.0))
    trust.remember(world, HOME, AWAY, 0.7, 0.4)
    bond = world.bond[row(HOME, AWAY)]
    assert (bond.good, bond.bad, bond.day) == (pytest.approx(3.7), pytest.approx(1.4), NOW)


@pytest.mark.parametrize(("on", "trusted"), [(0.0, AWAY), (1.0, HOME)])
def test_nobody_learns_about_its_own_state_or_where_trust_is_left_out(on: float, trusted: int) -> None:
    world = acquainted()
    world.setting["with_trust"] = on
    trust.remember(world, HOME, trusted, 0.7, 0.4)
    assert not world.bond["good"].any() and not world.bond["bad"].any()


def test_trust_goes_both_ways(as_python: pytest.MonkeyPatch) -> None:
    """By their own rows and affinities; where trust is left out, that of the one who asks towards the other is both."""
    world = acquainted()
    with_trust = float(world.setting["with_trust"][0])
    world.setting["with_trust"] = 0.0
    assert trust.trust_in(world, AWAY, THIRD) == 4 / 16
    answers(as_python, trust, trust_in=lambda _, trusting, trusted: 10.0 * trusting + trusted)
    assert trust.both_trust(world, AWAY, THIRD) == (5 / 16, 5 / 16)
    world.setting["with_trust"] = with_trust
    assert trust.both_trust(world, AWAY, THIRD) == (21.0, 12.0)


def test_an_officer_takes_a_drawn_share_between_the_least_and_the_most(as_python: pytest.MonkeyPatch) -> None:
    world = acquainted(contact_takes_least=0.3, contact_takes_most=0.8)
    answers(as_python, trust, uniform=0.4)
    taken = trust.taken_along(world.setting[0], 9)
    assert taken == pytest.approx(0.3 + 0.5 * 0.4)


@pytest.mark.parametrize(("contact", "left"), [(1, 0.75 * 0.5), (0, 0.0)])
def test_an_officer_who_leaves_takes_evidence_of_that_day_along(
    as_python: pytest.MonkeyPatch, contact: int, left: float
) -> None:
    """He leaves today, a year after the latest change; another stays for four years, longer by policy.

    Who never had an officer has nothing to lose.
    """
    world, stay = acquainted(contact_leaves=0.25), drawing(as_python, trust, "exponential", 4.0 * YEAR)
    knows_for_a_year(world, HOME, AWAY)
    bond = world.bond[row(HOME, AWAY)]
    bond.contact, bond.contact_until, bond.contact_stay = contact, NOW, 1.5
    answers(as_python, trust, taken_along=0.25)
    trust.change_contacts(world, HOME, AWAY)
    assert (bond.good, bond.bad, bond.day) == (pytest.approx(6.0 * left), pytest.approx(2.0 * left), NOW)
    assert (bond.contact, bond.contact_until) == (contact + 1, NOW + 6.0 * YEAR)
    assert stay == [(Purpose.CONTACT_STAYS, 0, 4.0 * YEAR)]
    trust.change_contacts(world, HOME, AWAY)
    assert bond.contact == contact + 1


def test_all_officers_are_brought_up_to_date_before_a_policy(as_python: pytest.MonkeyPatch) -> None:
    world, seen = acquainted(), set()
    answers(as_python, trust, change_contacts=lambda _, *pair: seen.add(pair))
    trust.count_contacts(world)
    assert seen == {(one, other) for one in range(STATES) for other in range(STATES)}


GENUINE_CHANNELS = set(Channel) - {Channel.PROVIDER_BINDING, Channel.PROVIDER_VOLUNTARY, Channel.DOMESTIC}


@pytest.mark.parametrize("channel", Channel)
@pytest.mark.parametrize("abusive", [Abuse.NONE, Abuse.DISGUISED])
def test_only_what_authorities_answer_in_a_genuine_case_counts(channel: Channel, abusive: Abuse) -> None:
    world = acquainted()
    world.request["channel"][0], world.request["abusive"][0] = channel, abusive
    expected = channel in GENUINE_CHANNELS and abusive == Abuse.NONE
    assert trust.is_between_authorities(world.request[0]) == expected


@pytest.mark.parametrize(
    ("stage", "ended", "days"),
    [(Stage.REVIEW, np.nan, 70.0), (Stage.DEFICIENCY_RETURN, np.nan, 55.0), (Stage.DEFICIENCY_RETURN, 990.0, 70.0)],
)
def test_days_of_completing_a_file_are_the_senders(stage: Stage, ended: float, days: float) -> None:
    """Sent 100 days ago, 30 of them spent on returns; a return that lasts since 15 days ago counts while it is open."""
    world = acquainted()
    request = world.request[0]
    request.sent, request.stage, request.ended, request.stage_since = NOW - 100.0, stage, ended, NOW - 15.0
    request.stage_days[Stage.DEFICIENCY_RETURN - 1] = 30.0
    assert trust.days_with_asked(request, NOW) == days


@pytest.mark.parametrize(("deadline", "overlong"), [(np.nan, False), (np.nan, True), (70.0, False), (69.9, True)])
def test_who_takes_just_the_time_that_is_allowed_is_not_late(deadline: float, overlong: bool) -> None:
    world = acquainted(usual_days=69.9 if overlong else 70.0)
    request = world.request[0]
    request.sent, request.deadline_days, request.stage = NOW - 70.0, deadline, Stage.REVIEW
    assert trust.is_overlong(world.setting[0], request, NOW) == overlong


def answered(
    patch: pytest.MonkeyPatch, status: RequestStatus, channel: Channel, late: bool
) -> tuple[list[tuple[float, ...]], int]:
    """What HOME remembers of AWAY after an answer, and how often the two have dealt with each other."""
    settings = {"trust_police": 0.2, "trust_late": 0.5, "trust_fulfilled": 0.9, "trust_silence": 0.6}
    world, remembered = acquainted(**settings), noting(patch, trust, "remember")
    request = world.request[0]
    request.requesting, request.requested, request.status, request.channel = AWAY, THIRD, status, channel
    answers(patch, trust, is_overlong=late)
    trust.learn_from_answer(world, request)
    return [note[1:] for note in remembered], int(world.bond["dealings"][row(AWAY, THIRD)])


@pytest.mark.parametrize(
    ("status", "channel", "late", "good", "bad"),
    [
        (RequestStatus.EXECUTED, Channel.POLICE, True, 0.2, 0.0),
        (RequestStatus.REFUSED, Channel.POLICE, False, 0.0, 0.2),
        (RequestStatus.EXECUTED, Channel.MLAT, True, 0.0, 0.5),
        (RequestStatus.EXECUTED, Channel.MLAT, False, 0.9, 0.0),
    ],
)
def test_what_answers_teach(
    as_python: pytest.MonkeyPatch, status: RequestStatus, channel: Channel, late: bool, good: float, bad: float
) -> None:
    assert answered(as_python, status, channel, late) == ([(AWAY, THIRD, good, bad)], 1)


@pytest.mark.parametrize(
    ("status", "channel", "dealings"),
    [
        (RequestStatus.REFUSED, Channel.MLAT, 1),
        (RequestStatus.WITHDRAWN, Channel.MLAT, 0),
        (RequestStatus.NOT_SENT, Channel.POLICE, 0),
        (RequestStatus.EXECUTED, Channel.DOMESTIC, 0),
    ],
)
def test_refusals_on_law_and_what_was_never_answered_teach_nothing(
    as_python: pytest.MonkeyPatch, status: RequestStatus, channel: Channel, dealings: int
) -> None:
    assert answered(as_python, status, channel, True) == ([], dealings)


@pytest.mark.parametrize(
    ("stage", "channel", "late", "learns"),
    [
        (Stage.REVIEW, Channel.MLAT, True, True),
        (Stage.DEFICIENCY_RETURN, Channel.MLAT, True, False),
        (Stage.REVIEW, Channel.DOMESTIC, True, False),
        (Stage.REVIEW, Channel.MLAT, False, False),
    ],
)
def test_silence_is_blamed_on_authorities_that_had_their_time(
    as_python: pytest.MonkeyPatch, stage: Stage, channel: Channel, late: bool, learns: bool
) -> None:
    world, seen = acquainted(trust_silence=0.6), noting(as_python, trust, "remember")
    request = world.request[0]
    request.requesting, request.requested, request.stage, request.channel = AWAY, THIRD, stage, channel
    answers(as_python, trust, is_overlong=late)
    trust.learn_from_silence(world, request)
    assert seen == ([("remember", AWAY, THIRD, 0.0, 0.6)] if learns else [])
    assert world.bond["dealings"][row(AWAY, THIRD)] == int(learns)


@pytest.mark.parametrize("traced", [True, False])
def test_a_traced_leak_is_blamed_by_those_who_take_part(as_python: pytest.MonkeyPatch, traced: bool) -> None:
    """The state that leads and the recipients that prepare the action; who was only asked is not concerned."""
    world, seen = acquainted(trust_leak=0.8, leak_traced=0.3), noting(as_python, trust, "remember")
    world.recipient["state"][:3], world.recipient["takes_part"][:3] = (THIRD, FOURTH, 5), (1, 0, 1)
    world.recipient["next_recipient"][:3], world.case["first_recipient"][0] = (-1, 0, 1), 2
    world.case["reviews"][0], draws = 7, drawing(as_python, trust, "chance", traced)
    assert trust.blame_leaker(world, 0, AWAY) == traced
    assert draws == [(Purpose.LEAK_TRACED, 7, 0.3)]
    assert seen == [("remember", state, AWAY, 0.0, 0.8) for state in (HOME, 5, THIRD) if traced]


def test_states_that_acted_together_trust_each_other_by_pairs(as_python: pytest.MonkeyPatch) -> None:
    """All that were ready, each pair once and both ways; the part of the state that leads is no pair with itself."""
    world = acquainted(trust_joint=0.4)
    world.partner["state"][:5] = THIRD, HOME, FOURTH, AWAY, 5
    world.partner["ready_at"][:5] = 900.0, 900.0, np.nan, 900.0, 900.0
    world.partner["next_partner"][:5] = -1, 0, 1, 2, 3
    world.case["first_partner"][0] = 4
    trust.trust_each_other(world, AWAY, THIRD)
    assert [world.bond["good"][row(*pair)] for pair in ((AWAY, THIRD), (THIRD, AWAY))] == [0.4, 0.4]
    seen = noting(as_python, trust, "trust_each_other")
    trust.act_together(world, 0)
    assert sorted(tuple(sorted(pair)) for _, *pair in seen) == [
        (HOME, AWAY),
        (HOME, THIRD),
        (HOME, 5),
        (AWAY, THIRD),
        (AWAY, 5),
        (THIRD, 5),
    ]


@pytest.mark.parametrize(("on", "days"), [(1.0, 20.0 * (0.7 - 0.4)), (0.0, 0.0)])
def test_a_trusted_sender_goes_before_the_usual_one(as_python: pytest.MonkeyPatch, on: float, days: float) -> None:
    world = acquainted(trust_head_start=20.0, trust_usual=0.4)
    world.setting["with_trust"] = on
    answers(as_python, trust, trust_in=0.7)
    assert trust.head_start(world, HOME, AWAY) == pytest.approx(days)


@pytest.mark.parametrize(("drawn", "phoned"), [(0.29, True), (0.3, False)])
def test_a_file_is_completed_by_phone_among_acquaintances(
    as_python: pytest.MonkeyPatch, drawn: float, phoned: bool
) -> None:
    """At most 0.6 of files, of that the trust of ½; none where trust is left out."""
    world = acquainted(phone=0.6)
    world.request["trust"][0] = 0.5
    answers(as_python, trust, uniform=drawn)
    assert trust.is_phoned(world.setting[0], world.request[0]) == phoned
    world.setting["with_trust"] = 0.0
    answers(as_python, trust, uniform=0.0)
    assert not trust.is_phoned(world.setting[0], world.request[0])


def test_a_phone_call_takes_days_after_which_the_file_goes_on(as_python: pytest.MonkeyPatch) -> None:
    world = acquainted(phone_days=6.0)
    world.request["loops"][0], days = 2, drawing(as_python, trust, "lognormal", 5.0)
    trust.complete_by_phone(world, 0, Stage.COURT_ORDER)
    request = world.request[0]
    assert (request.phoned, request.resume, request.stage) == (1, Stage.COURT_ORDER, Stage.DEFICIENCY_RETURN)
    assert request.stage_since == NOW
    assert days == [(Purpose.PHONE_TIME, 2, 6.0, world.setting[0].elapsed_sigma)]
    assert scene.waits(world, Event.STAGE_ELAPSED) == pytest.approx([5.0])


@pytest.mark.parametrize("reviews", [2, 3])
@pytest.mark.parametrize("in_exchange", [0, 1])
def test_a_review_of_trust(as_python: pytest.MonkeyPatch, reviews: int, in_exchange: int) -> None:
    """Each quarter officers in an exchange learn by their joint days; each fourth review gives account of dealings."""
    world = acquainted(trust_joint_day=0.02)
    learnt, given = noting(as_python, trust, "remember"), noting(as_python, trust, "give_account")
    world.state["reviews"][AWAY], world.state["in_exchange"][AWAY] = reviews, in_exchange
    world.bond["joint_days"][row(AWAY, THIRD)] = 40.0
    world.bond["dealings"][row(AWAY, FOURTH)] = 1
    trust.trust_reviewed(world, AWAY)
    assert world.state["reviews"][AWAY] == reviews + 1
    expected = 40.0 * 0.02 * REVIEW_DAYS / YEAR
    assert learnt == ([("remember", AWAY, THIRD, pytest.approx(expected), 0.0)] if in_exchange else [])
    assert given == ([("give_account", AWAY, FOURTH)] if reviews == 3 else [])


def test_an_account_says_what_is_left_of_a_years_evidence(as_python: pytest.MonkeyPatch) -> None:
    certain(as_python)
    world = acquainted()
    knows_for_a_year(world, HOME, AWAY)
    world.bond["dealings"][row(HOME, AWAY)] = 9
    trust.give_account(world, HOME, AWAY)
    (account,) = records(world, "trust")
    assert (account.trusting, account.trusted, account.day, account.dealings) == (HOME, AWAY, NOW, 9)
    assert (account.good, account.bad) == pytest.approx((3.0, 1.0))
    assert account.trust == pytest.approx((8.0 * account.affinity + 3.0) / 12.0)
    assert world.bond["dealings"][row(HOME, AWAY)] == 0


def test_evidence_fades_by_the_year() -> None:
    assert trust.remembered(acquainted().setting[0], 3.0 * YEAR) == pytest.approx(1 / 8)
    assert math.isclose(trust.remembered(acquainted().setting[0], YEAR / 2), math.sqrt(0.5))
