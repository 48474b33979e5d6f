"""Tests of courts: strength of evidence, standards of proof, orders and appeals (M2, M6, M8, M10, M25)."""

import math
from typing import Any

import pytest

from sim.agents.assistance import court as rules
from sim.agents.events import Purpose
from sim.agents.investigation.chains import corroborate, corroboration_probability
from sim.law.vocabulary import Channel, DataKind
from sim.world.records import Abuse, CaseStatus, Growing, RequestPurpose, Stage
from sim.world.world import World
from tests.agents.plain import chances, got, put, small, table
from tests.agents.scene import AWAY, HOME, THIRD, know, open_channel

pytestmark = pytest.mark.usefixtures("as_python")

TRAFFIC, CONTENT, SUBSCRIBER = DataKind.TRAFFIC, DataKind.CONTENT, DataKind.SUBSCRIBER
MLAT, DOMESTIC = Channel.MLAT, Channel.DOMESTIC
CHAIN, ACTION, PRETEXT = RequestPurpose.CHAIN, RequestPurpose.ACTION, RequestPurpose.PRETEXT


def asked(**settings: float) -> World:
    """Makes a world with a request from HOME for traffic data in AWAY, with a standard of proof of 0.6."""
    world = small(12, {"proof_steepness": 8.0, "least_order": 0.5, "questions": 2.0} | settings)
    put(world, "request", requesting=HOME, requested=AWAY, data_kind=TRAFFIC, channel=MLAT, key=77, chain=-1)
    world.proof[AWAY, TRAFFIC], world.implementation[AWAY] = 0.6, 0.8
    world.used[Growing.REQUEST] = 1
    return world


def response(strength: float) -> float:
    """Expected probability that evidence of some strength is accepted, by a logistic curve."""
    return 1.0 / (1.0 + math.exp(8.0 * (0.6 - strength)))


def test_an_order_takes_law_in_action_proof_once_supplemented_and_a_court_that_agrees() -> None:
    """An order requires implemented law, sufficient proof after supplements, and a judge who agrees.

    Two questions double the odds twice: 0.45 becomes 0.766; one court in five differs.
    """
    world = asked(supplement=math.log(2.0), court_refuses=0.2)
    assert rules.response_to_proof(world, AWAY, TRAFFIC, 0.45) == pytest.approx(response(0.45))
    assert rules.order_probability(world, AWAY, TRAFFIC, 0.45) == pytest.approx(0.8 * 0.8 * response(3.6 / 4.7))


@table(
    at_the_standard=(0.5, 0.0, (True, True)),
    not_likely_enough=(0.51, 0.0, (False, False)),
    a_weaker_file=(0.5, -0.1, (True, False)),
)
def test_a_file_leaves_the_unit_once_it_is_ready(least: float, odds: float) -> Any:
    """A unit sends a request once its evidence is likely enough to meet the standard of proof.

    At log-odds of 1.5 to 1 just at the standard of 0.6, with half of the chance.
    """
    world = asked(least_order=least)
    world.proof[AWAY, TRAFFIC] = 0.5
    return rules.is_likely(world.setting[0], 0.5), rules.is_worth_asking(world, AWAY, TRAFFIC, odds)


@table(once=(CHAIN, 1, 2 / 3), often=(CHAIN, 9, 4 / 5), pretext=(PRETEXT, 2, 0.55), action=(ACTION, 0, 1 / 2))
def test_a_reader_has_one_opinion_of_a_request_or_of_all_that_a_case_asks_a_state_to_do(purpose, loops):
    """One random opinion applies to each request, or to all requests for an action in one state."""
    world = asked(trail_strength=-1.0, search_strength=-1.0, supplement=math.log(2.0))
    world.case["proof"] = 1.0
    put(world, "request", abusive=Abuse.DISGUISED if purpose == PRETEXT else Abuse.NONE, purpose=purpose, loops=loops)
    put(world, "request", partner=4)

    def enough(key: int) -> bool:
        put(world, "request", key=99 if purpose == ACTION else key, strength=0.55)
        put(world, "partner", 4, key=key if purpose == ACTION else 99)
        return rules.is_enough(world, world.request[0])

    enough(1)
    shown = float(world.request["strength"][0])
    chances(enough, Purpose.ORDER, response(shown))
    return shown


def test_who_is_notified_may_appeal() -> None:
    known, unknown = ((CONTENT, MLAT), (TRAFFIC, MLAT)), ((SUBSCRIBER, MLAT), (CONTENT, DOMESTIC))
    for kind, channel in (*known, *unknown):
        world = asked(appeal_probability=0.15)
        put(world, "request", data_kind=kind, channel=channel)

        def appeals(key: int, world: World = world) -> bool:
            world.request["key"][0] = key
            return rules.appeal_follows(world.setting[0], world.request[0])

        chances(appeals, Purpose.APPEAL, 0.15 if (kind, channel) in known else 0.0)


@table(
    usual=(240.0, 0.5, 0.1), four_times_as_quick=(60.0, 0.5, 0.2), at_once=(0.01, 0.5, 0.5), no_rebound=(60.0, 0.0, 0.1)
)
def test_cheap_ways_invite_requests_of_lower_value(days: float, rebound: float) -> float:
    """Supplementary requests become more frequent with the square root of how much faster a channel is.

    0.1 at the usual 240 days; by the root of the ratio more, at most 0.5; a day counts as the least.
    """
    world = asked(corroboration=0.1, usual_days=240.0, corroboration_most=0.5, rebound=rebound, with_rebound=1.0)
    return corroboration_probability(world.setting[0], days)


def test_a_supplementary_request_asks_the_same_custodian_about_the_same_day() -> None:
    """A supplementary request is sent with its probability, to the same custodian and for data of the same day."""
    world = asked(corroboration=0.3, usual_days=240.0, rebound=0.0)
    open_channel(world, MLAT, AWAY)
    put(world, "request", case=0, evidence=6, provider=2, hop=2)
    world.evidence["created"][6] = 321.0

    def sent(key: int) -> bool:
        world.used[Growing.REQUEST], world.used[Growing.EVIDENCE] = 1, 7
        put(world, "request", key=key)
        corroborate(world, 0)
        if world.used[Growing.REQUEST] == 1:
            return False
        names = "purpose requested channel data_kind provider hop evidence case stage"
        expected = (RequestPurpose.CORROBORATION, AWAY, MLAT, TRAFFIC, 2, 2, 7, 0, Stage.DRAFTING)
        assert got(world, "request", 1, names) == expected
        assert got(world, "evidence", 7, "created data_kind provider state hop") == (321.0, TRAFFIC, 2, AWAY, 2)
        return True

    chances(sent, Purpose.CORROBORATION, 0.3)


SETTINGS = {"trail_strength": 0.5, "search_strength": -0.5, "gap": 0.7, "link": 1.5}


def file(proof: float = 2.0, link: float = 0.0, **chain: Any) -> World:
    """Makes a world with a leading case, a merged case, and chains of evidence of given strength."""
    world = small(8, SETTINGS | {"proof_content": 1.0, "proof_records": 0.4})
    put(world, "group", first_node=1, nodes=2)
    put(world, "node", 1, state=(AWAY, THIRD))
    put(world, "case", proof=proof)
    put(world, "case", 1, status=CaseStatus.MERGED, merged_into=0)
    put(world, "chain", hops=3, **chain)
    put(world, "chain", 2, hops=3, head=0)
    know(world, 1, link=link)
    return world


@table(
    only_known=(0.0, AWAY, -1, 1.5),
    linked=(1.5, AWAY, -1, 3.0),
    elsewhere=(1.5, THIRD, -1, 1.5),
    by_its_domain=(1.5, THIRD, THIRD, 3.0),
)
def test_police_and_technical_leads_prove_nothing(link: float, state: int, registry: int) -> float:
    world = file(link=link)
    put(world, "node", 1, registry=registry)
    return rules.search_strength(world, 0, state)


@table((0, (0, 2.5, 1.3)), (0b1, (1, 1.8, 0.6)), (0b101, (2, 1.1, 0.0)), (0b11, (2, 1.1, 0.0)), (0b111, (3, 0.4, 0.0)))
def test_gaps_weaken_what_a_trail_shows_and_proves(gaps: int) -> tuple[float, ...]:
    """A chain of evidence whose last answer is no evidence proves nothing, and gaps weaken a proof."""
    world = file(gaps=gaps)
    put(world, "setting", link=1.3)
    assert rules.trail_strength(world, 0, -1) == 2.5
    assert rules.trail_strength(world, 0, 2) == rules.trail_strength(world, 0, 0)
    assert rules.ends_in_evidence(world.chain[0]) == (gaps < 0b100)
    return rules.gaps(world.chain[0]), rules.trail_strength(world, 0, 0), rules.proves(world, 0)


@table(
    records=(0, DataKind.SUBSCRIBER, (2.4, 0.0)),
    content=(0, DataKind.CONTENT, (3.0, 0.0)),
    of_a_merged_case=(1, DataKind.CONTENT, (3.0, 1.0)),
)
def test_content_proves_more_than_records_and_counts_for_the_leading_case(case: int, kind: DataKind) -> Any:
    world = file()
    rules.add_proof(world, case, kind)
    return tuple(world.case["proof"][:2])


@table(
    trail=(RequestPurpose.CHAIN, 0, 0, 2.5 - 0.7),
    no_trail=(RequestPurpose.CHAIN, -1, 0, 2.5),
    search=(RequestPurpose.ACTION, 0, 0, 3.0),
    of_a_merged_case=(RequestPurpose.ACTION, 0, 1, 3.0),
)
def test_a_court_sees_the_file_of_the_day(purpose: RequestPurpose, chain: int, case: int) -> float:
    world = file(link=1.5, gaps=1)
    put(world, "request", purpose=purpose, requested=AWAY, chain=chain, case=case)
    strength = rules.shown(world, world.request[0])
    return math.log(strength / (1 - strength))
