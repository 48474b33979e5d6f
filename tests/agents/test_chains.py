"""Chains of evidence, step by step: what is asked, what an answer or a loss leads to, and when a lead ends (M10)."""

import pytest

from sim.agents import chains
from sim.agents.events import Event, Purpose
from sim.law.vocabulary import Channel, DataKind
from sim.world.records import (
    CaseStatus,
    ChainStatus,
    ChainTarget,
    EvidenceStatus,
    Growing,
    MilestoneKind,
    RequestPurpose,
    RequestStatus,
    WhyNotAsked,
)
from sim.world.world import World, records
from tests.agents import scene
from tests.agents.plain import Notes, answers, certain, drawing, fresh, noting
from tests.agents.scene import AWAY, HOME, YEAR
from tests.tiny import row_of_settings

pytestmark = pytest.mark.usefixtures("as_python")


def following(**fields: float) -> World:
    """The case of HOME follows chain 0, at hop 1 of 3, asked for 30 days ago; its item 2 is traffic data in AWAY."""
    world = fresh(with_hop_chain=1.0)
    world.used[Growing.CHAIN], world.used[Growing.EVIDENCE] = 1, 3
    world.case["first_chain"], world.case["live_chains"], world.case["first_request"] = 0, 1, -1
    values = {"next_chain": -1, "hops": 3, "hop": 1, "attempt": 4, "request": -1, "next_evidence": -1, "parts_left": 1}
    values |= {"evidence": 2, "asked": world.now[0] - 30.0, "key": 55}
    for name, value in (values | fields).items():
        world.chain[name][0] = value
    item = world.evidence[2]
    item.state, item.data_kind, item.provider, item.hop = AWAY, DataKind.TRAFFIC, 9, 1
    return world


@pytest.mark.parametrize(("in_sequence", "target"), [(1.0, 1), (0.0, -1)])
def test_a_new_lead_begins_some_time_ago_at_its_first_hop(
    as_python: pytest.MonkeyPatch, in_sequence: float, target: int
) -> None:
    """One hop and three more; the trace is 40 days old. Its hops follow one another, or are asked for at once."""
    world, hops = following(), drawing(as_python, chains, "poisson", 3)
    asked = noting(as_python, chains, "ask_hop", "ask_all_hops")
    world.setting["with_hop_chain"], world.group["hop_mean"][0], world.case["chains"][0] = in_sequence, 2.5, 6
    answers(as_python, chains, lognormal=40.0, target_left=target)
    chains.open_chain(world, 0, 7)
    chain, case = world.chain[1], world.case[0]
    assert (chain.case, chain.ordinal, chain.target, chain.hops) == (0, 6, max(target, 0), 4)
    assert (chain.head, chain.parts_left, chain.next_chain, chain.created) == (1, 1, 0, world.now[0] - 40.0)
    assert (case.first_chain, case.chains, case.live_chains) == (1, 7, 2)
    assert hops == [(Purpose.CHAIN_HOPS, 0, 2.5)]
    assert asked == [("ask_hop" if in_sequence else "ask_all_hops", 1)]
    (milestone,) = records(world, "milestone")
    assert (milestone.kind, milestone.subject, milestone.reason) == (MilestoneKind.LEAD_OPENED, 1, 7)


def test_hops_that_do_not_follow_one_another_are_asked_for_at_once(as_python: pytest.MonkeyPatch) -> None:
    """Each but the last is a part with a row of its own; the lead's own row asks for the last."""
    world, asked = following(hop=0), Notes()
    answers(as_python, chains, ask_hop=lambda _, row: asked.append((row, int(world.chain["hop"][row]))))
    chains.ask_all_hops(world, 0)
    assert asked == [(1, 0), (2, 1), (0, 2)]
    assert (world.chain["parts_left"][0], world.case["first_chain"][0], world.chain["next_chain"][1]) == (3, 2, 0)
    assert list(world.chain["head"][:3]) == [0, 0, 0]
    assert len(set(world.chain["key"][:3])) == 3


@pytest.mark.parametrize(
    ("fields", "case_status", "stamp", "done"),
    [
        ({}, CaseStatus.INVESTIGATING, 4, "ask_hop"),
        ({"hop": 3}, CaseStatus.INVESTIGATING, 4, "complete_part"),
        ({"status": ChainStatus.GIVEN_UP}, CaseStatus.INVESTIGATING, 4, ""),
        ({}, CaseStatus.INVESTIGATING, 3, ""),  # of an attempt that is over
        ({}, CaseStatus.DROPPED_ATTRITION, 4, ""),
        ({"request": 0}, CaseStatus.INVESTIGATING, 4, ""),  # asked already
    ],
)
def test_what_follows_when_a_hop_has_been_analysed(
    as_python: pytest.MonkeyPatch, fields: dict[str, int], case_status: CaseStatus, stamp: int, done: str
) -> None:
    world, seen = following(**fields), noting(as_python, chains, "ask_hop", complete_part=8)
    world.case["status"][0] = case_status
    assert chains.chain_hop(world, 0, stamp) == (8 if done == "complete_part" else -1)
    assert [name for name, *_ in seen] == ([done] if done else [])


@pytest.mark.parametrize(
    ("state", "police", "police_first", "done"),
    [
        (AWAY, True, 0.0, ["ask_police", "ask_preservation", "ask_formally"]),
        (AWAY, True, 1.0, ["ask_police", "ask_preservation"]),  # the formal request waits for what police know
        (AWAY, False, 1.0, ["ask_police", "ask_preservation", "ask_formally"]),
        (HOME, True, 1.0, ["ask_formally"]),
    ],
)
def test_whom_a_unit_asks_for_a_hop(
    as_python: pytest.MonkeyPatch, state: int, police: bool, police_first: float, done: list[str]
) -> None:
    world, seen = (
        following(lead=1, tried=5),
        noting(as_python, chains, "ask_preservation", "ask_formally", ask_police=police),
    )
    world.setting["police_before_formal"], world.evidence["state"][0] = police_first, state
    answers(as_python, chains, add_evidence=0)
    chains.ask_hop(world, 0)
    chain = world.chain[0]
    assert [name for name, *_ in seen] == done
    assert (chain.evidence, chain.tried, chain.lead, chain.asked) == (0, 0, 0, world.now[0])


@pytest.mark.parametrize(("early", "hop", "used"), [(0, 1, True), (0, 2, False), (-1, 1, False)])
def test_what_was_preserved_early_is_asked_for_when_the_chain_is_there(
    as_python: pytest.MonkeyPatch, early: int, hop: int, used: bool
) -> None:
    world = following(next_evidence=early)
    world.evidence["hop"][[0, -1]] = hop
    answers(as_python, chains, add_evidence=1, ask_formally=None)
    chains.ask_hop(world, 0)
    assert (world.chain["evidence"][0], world.chain["next_evidence"][0]) == ((0, -1) if used else (1, early))


@pytest.mark.parametrize(
    ("state", "choice", "sent"), [(AWAY, 0, 0), (AWAY, Channel.MLAT, Channel.MLAT), (HOME, -1, Channel.DOMESTIC)]
)
def test_a_unit_asks_by_the_channel_that_seems_best_or_its_own_court(
    as_python: pytest.MonkeyPatch, state: int, choice: int, sent: int
) -> None:
    world, seen = following(tried=5), noting(as_python, chains, "send_for_hop")
    world.evidence["state"][2] = state
    answers(as_python, chains, choose_channel=choice)
    chains.ask_formally(world, 0)
    assert seen == [("send_for_hop", 0, sent)]
    assert len(records(world, "milestone")) == 0


def test_a_hop_that_nobody_can_ask_for_is_lost(as_python: pytest.MonkeyPatch) -> None:
    """Its evidence is not gone; why nothing was asked is kept."""
    world, seen = following(), noting(as_python, chains, "lose_hop")
    answers(as_python, chains, choose_channel=-3)
    chains.ask_formally(world, 0)
    assert seen == [("lose_hop", 0, False)]
    (milestone,) = records(world, "milestone")
    assert (milestone.kind, milestone.reason) == (MilestoneKind.NOT_ASKED, WhyNotAsked.CHANNEL_UNKNOWN)


@pytest.mark.parametrize(("channel", "supplemented"), [(Channel.MLAT, True), (Channel.DOMESTIC, False)])
def test_a_request_for_a_hop_says_what_is_asked_of_whom(
    as_python: pytest.MonkeyPatch, channel: Channel, supplemented: bool
) -> None:
    """Only foreign requests are supplemented by others of lower value."""
    certain(as_python)
    world, done = following(tried=1), noting(as_python, chains, "start_request", "corroborate")
    scene.open_channel(world, channel, AWAY)
    chains.send_for_hop(world, 0, channel)
    request, chain = world.request[0], world.chain[0]
    assert (request.chain, request.hop, request.provider, request.evidence) == (0, 1, 9, 2)
    assert (request.purpose, request.requested, request.channel) == (RequestPurpose.CHAIN, AWAY, channel)
    assert (chain.request, chain.tried) == (0, 1 | 1 << channel)
    assert done == [("corroborate", 0)] * supplemented + [("start_request", 0)]


@pytest.mark.parametrize(
    ("gone", "in_sequence", "hop", "back_at"),
    [(True, 1.0, 2, 1), (True, 1.0, 0, 0), (True, 0.0, 2, 2), (False, 1.0, 2, 2)],
)
def test_a_lost_hop_is_taken_up_with_fresh_traces(
    as_python: pytest.MonkeyPatch, gone: bool, in_sequence: float, hop: int, back_at: int
) -> None:
    """One hop back where the evidence is gone. Four times the users leave twice the traces: 5 · 2 a year."""
    world, wait = following(hop=hop, request=3), drawing(as_python, chains, "exponential", 17.0)
    world.setting["fresh_traces"], world.setting["with_hop_chain"], world.group["users"][0] = 5.0, in_sequence, 4.0
    answers(as_python, chains, lognormal=6.0)
    chains.lose_hop(world, 0, gone)
    chain = world.chain[0]
    assert (chain.hop, chain.attempt, chain.request) == (back_at, 5, -1)
    assert world.evidence["status"][2] == EvidenceStatus.NOT_OBTAINED
    assert wait == [(Purpose.FRESH_TRACE, 5, pytest.approx(YEAR / 10.0))]
    assert scene.waits(world, Event.CHAIN_HOP) == pytest.approx([17.0])
    assert chain.created == pytest.approx(world.now[0] + 11.0)


@pytest.mark.parametrize(
    ("fields", "in_sequence", "overdue"),
    [
        ({}, 1.0, True),
        ({"asked": 979.0}, 1.0, False),  # 21 days ago
        ({"status": ChainStatus.COMPLETE}, 1.0, False),
        ({"hop": 3}, 1.0, True),
        ({"hop": 3}, 0.0, False),  # an answered part
        ({"hop": 2}, 0.0, True),
    ],
)
def test_a_lead_is_overdue_when_patience_ends(fields: dict[str, float], in_sequence: float, overdue: bool) -> None:
    """30 days without an answer, where patience lasts for 25."""
    world = following(**fields)
    setting = row_of_settings(impatience_days=25.0, with_hop_chain=in_sequence)[0]
    assert chains.is_overdue(setting, world.chain[0], 1000.0) == overdue


def waiting(patch: pytest.MonkeyPatch, live: int = 3, left: int = 0, oldest: float = 0.0) -> tuple[World, list[int]]:
    """A review of a case with leads asked 30, 40 and 10 days ago, the second of them doubled; which are doubled now."""
    world, doubled = following(), noting(patch, chains, "open_chain")
    world.setting["impatience_days"], world.case["live_chains"][0], world.case["oldest_ask"][0] = 25.0, live, oldest
    world.chain["next_chain"][:3], world.chain["head"][:3] = (1, 2, -1), (0, 1, 2)
    world.chain["asked"][:3], world.chain["doubled"][:3] = (970.0, 960.0, 990.0), (0, 1, 0)
    answers(patch, chains, leads_followed=2, target_left=left)
    chains.double_leads(world, 0)
    assert all(case == 0 for _, case, _ in doubled)
    return world, [row for *_, row in doubled]


def test_leads_that_wait_for_long_are_doubled_once(as_python: pytest.MonkeyPatch) -> None:
    """The next look is due when the youngest ask that is not overdue yet may be."""
    world, doubled = waiting(as_python)
    assert doubled == [0]
    assert list(world.chain["doubled"][:3]) == [1, 1, 0]
    assert world.case["oldest_ask"][0] == 990.0


@pytest.mark.parametrize(("live", "left", "oldest"), [(4, 0, 0.0), (3, -1, 0.0), (3, 0, 976.0)])
def test_no_lead_is_doubled_in_vain(as_python: pytest.MonkeyPatch, live: int, left: int, oldest: float) -> None:
    """Nor where the unit already follows two for each, nothing is left to find, or nothing can be overdue yet."""
    world, doubled = waiting(as_python, live, left, oldest)
    assert doubled == []
    assert (world.chain["doubled"][0], world.case["oldest_ask"][0]) == (0, oldest)


def test_a_review_doubles_leads_until_the_unit_follows_two_for_each(as_python: pytest.MonkeyPatch) -> None:
    """Of two that are overdue the second must wait, and is looked at again at the next review."""
    world, doubled = following(), Notes()
    world.setting["impatience_days"], world.case["live_chains"][0], world.case["oldest_ask"][0] = 25.0, 3, 900.0
    world.chain["next_chain"][:2], world.chain["head"][:2], world.chain["asked"][:2] = (1, -1), (0, 1), 960.0

    def open_one(world: World, _case: int, row: int) -> None:
        doubled.append(row)
        world.case["live_chains"][0] += 1

    answers(as_python, chains, open_chain=open_one, leads_followed=2, target_left=0)
    chains.double_leads(world, 0)
    assert (doubled, world.case["oldest_ask"][0]) == ([0], 900.0)
    world.chain["asked"][:2] = 990.0
    chains.double_leads(world, 0)  # a unit with its hands full does not even look
    assert world.case["oldest_ask"][0] == 900.0


@pytest.mark.parametrize(("in_sequence", "hop"), [(1.0, 2), (0.0, 3)])
def test_an_answered_hop_is_analysed_before_the_next(
    as_python: pytest.MonkeyPatch, in_sequence: float, hop: int
) -> None:
    """Ten days of analysis take 25 where investigators do 0.4 of today's work."""
    certain(as_python)
    world, asked = following(request=3), noting(as_python, chains, "ask_analysis")
    world.setting["analysis_days"], world.setting["with_hop_chain"] = 10.0, in_sequence
    world.state["work_rate"][HOME] = 0.4
    chains.hop_answered(world, 0)
    chain = world.chain[0]
    assert (chain.hop, chain.attempt, chain.request, world.case["indicators"][0]) == (hop, 5, -1, 1)
    assert scene.waits(world, Event.CHAIN_HOP) == pytest.approx([25.0])
    assert [row for _, row, _ in asked] == [0]


@pytest.mark.parametrize(
    ("status", "channel", "expected"),
    [
        (RequestStatus.REFUSED, Channel.PROVIDER_VOLUNTARY, "ask_formally"),
        (RequestStatus.NOT_SENT, Channel.PROVIDER_BINDING, "ask_formally"),
        (RequestStatus.REFUSED, Channel.MLAT, False),
        (RequestStatus.NO_DATA, Channel.PROVIDER_VOLUNTARY, True),
        (RequestStatus.WITHDRAWN, Channel.MLAT, False),
    ],
)
def test_after_a_providers_refusal_states_are_asked(
    as_python: pytest.MonkeyPatch, status: int, channel: int, expected: str | bool
) -> None:
    """Else the hop is lost, and is gone only where there was no evidence any more."""
    world, seen = following(), noting(as_python, chains, "ask_formally", "lose_hop")
    world.request["status"][0], world.request["channel"][0] = status, channel
    chains.hop_failed(world, 0, 0)
    assert [name if name == "ask_formally" else given[1] for name, *given in seen] == [expected]


def test_a_lead_is_complete_with_the_last_of_its_parts(as_python: pytest.MonkeyPatch) -> None:
    world, complete = following(parts_left=3), noting(as_python, chains, "complete_chain")
    world.chain["head"][:3] = 0
    assert [chains.complete_part(world, 2), chains.complete_part(world, 0)] == [-1, -1]
    assert list(world.chain["status"][:3]) == [ChainStatus.LIVE, ChainStatus.LIVE, ChainStatus.COMPLETE]
    assert complete == []
    assert chains.complete_part(world, 1) == 0
    assert complete == [("complete_chain", 0)]


@pytest.mark.parametrize(("target", "named"), [(ChainTarget.PERSON, [(0, 0.7)]), (ChainTarget.INFRASTRUCTURE, [])])
@pytest.mark.parametrize(("gaps", "proved"), [(0b100, []), (0b011, [DataKind.TRAFFIC])])
def test_what_a_complete_trail_shows(
    as_python: pytest.MonkeyPatch, target: ChainTarget, named: list[tuple[int, float]], gaps: int, proved: list[int]
) -> None:
    """A person is suspected, and what a court may use of the last answer is proof."""
    world = following(target=target, gaps=gaps)
    seen, proof = noting(as_python, chains, "identify_member"), noting(as_python, chains, "add_proof")
    world.case["live_chains"][0] = 3
    answers(as_python, chains, proves=0.7)
    chains.complete_chain(world, 0)
    assert ([note[1:] for note in seen], [kind for *_, kind in proof]) == (named, proved)
    assert (world.chain["status"][0], world.case["live_chains"][0]) == (ChainStatus.COMPLETE, 2)
    assert records(world, "milestone").kind[0] == MilestoneKind.LEAD_ENDED


@pytest.mark.parametrize(("users", "leads"), [(0.01, 1), (0.5, 3), (0.7, 4), (2.0, 6), (1e4, 12)])
def test_units_follow_more_leads_of_larger_groups(users: float, leads: int) -> None:
    """4 · (users ÷ median)^0.4, with a median of exp(−0.32) of the mean: 0.72, 3.4, 3.9, 6.0 and 181, within 1–12."""
    setting = row_of_settings(chains=4.0, effort=0.4, scale_sigma=0.8)[0]
    world = following()
    world.group["users"][0] = users
    assert chains.leads_followed(setting, world.group[0]) == leads


@pytest.mark.parametrize(("findable", "opened"), [(9, 2), (1, 1), (0, 0)])
def test_a_case_follows_as_many_leads_as_the_unit_can_while_something_is_left(
    as_python: pytest.MonkeyPatch, findable: int, opened: int
) -> None:
    world, seen = following(), Notes()

    def open_one(_: World, case: int, doubled: int) -> None:
        seen.append((case, doubled))
        world.case["live_chains"][0] += 1

    answers(
        as_python,
        chains,
        open_chain=open_one,
        leads_followed=3,
        target_left=lambda *_: 0 if len(seen) < findable else -1,
    )
    chains.keep_chains(world, 0)
    assert seen == [(0, -1)] * opened


INFRASTRUCTURE, PERSON = ChainTarget.INFRASTRUCTURE, ChainTarget.PERSON


@pytest.mark.parametrize(
    ("node", "member", "before", "target"),
    [
        (0, 0, 5, PERSON),
        (0, -1, 5, INFRASTRUCTURE),
        (0, 0, 4, INFRASTRUCTURE),
        (0, 0, 6, INFRASTRUCTURE),
        (-1, 0, 4, PERSON),
        (-1, -1, 4, -1),
    ],
)
def test_every_third_lead_is_after_a_person_while_both_are_left(
    as_python: pytest.MonkeyPatch, node: int, member: int, before: int, target: int
) -> None:
    world = following()
    world.case["chains"][0] = before
    answers(as_python, chains, unlinked_node=node, unlinked_member=member)
    assert chains.target_left(world, 0) == target


@pytest.mark.parametrize(("row", "status"), [(0, RequestStatus.OPEN), (0, RequestStatus.EXECUTED), (-1, 0)])
def test_only_an_open_request_is_taken_back(as_python: pytest.MonkeyPatch, row: int, status: int) -> None:
    world, seen = following(), noting(as_python, chains, "end")
    world.request["status"][row] = status
    chains.withdraw(world, row)
    is_open = row >= 0 and status == RequestStatus.OPEN
    assert seen == ([("end", 0, RequestStatus.WITHDRAWN, 0)] if is_open else [])


def test_a_trace_is_as_old_as_first_traces_are(as_python: pytest.MonkeyPatch) -> None:
    drawn, setting = (
        drawing(as_python, chains, "lognormal", 12.0),
        row_of_settings(first_age_days=21.0, first_age_sigma=0.9)[0],
    )
    assert chains.trace_age(setting, 7, 3) == 12.0
    assert drawn == [(Purpose.CHAIN_AGE, 3, 21.0, 0.9)]
