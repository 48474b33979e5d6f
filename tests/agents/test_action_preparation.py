"""From known nodes to an action day: who takes part and who is asked (M13)."""

import math

import numpy as np
import pytest

from sim.agents import action as rules
from sim.law.vocabulary import Channel
from sim.world.records import CaseStatus, ChainStatus, ChainTarget, Growing, NodeDiscovery, RequestStatus
from sim.world.world import World
from tests.agents import scene
from tests.agents.plain import answers, fresh, noting
from tests.agents.scene import FOURTH, NOW

pytestmark = pytest.mark.usefixtures("as_python")


def case_with_partners(*states: int) -> World:
    """A case of HOME whose partners, from row 0 on, are these states; none is asked or authorised."""
    world = fresh(8)
    world.partner["state"][: len(states)] = states
    world.partner["next_partner"][: len(states)] = range(-1, len(states) - 1)
    world.partner["ready_at"] = np.nan
    world.case["first_partner"][0] = len(states) - 1
    world.used[Growing.PARTNER] = len(states)
    return world


@pytest.mark.parametrize(
    ("state", "formed", "could", "member"),
    [
        (scene.AWAY, 900.0, True, 1),
        (scene.HOME, 900.0, True, 0),
        (scene.AWAY, math.nan, True, 0),
        (scene.AWAY, math.inf, True, 0),  # agreed, but not formed yet
        (scene.AWAY, 900.0, False, 0),
    ],
)
def test_a_state_joins_the_preparation_and_the_team_that_exists(
    as_python: pytest.MonkeyPatch, state: int, formed: float, could: bool, member: int
) -> None:
    """It begins to prepare, and may be asked."""
    notes = noting(as_python, rules, "inform_partner", "prepare", "consider_asking")
    answers(as_python, rules, could_join_team=could, preparation_left=0.7)
    world = case_with_partners(FOURTH)
    world.case["team_formed"][0] = formed
    row = rules.add_partner(world, 0, state)
    partner = world.partner[row]
    assert (partner.in_team, partner.state, partner.joined, partner.next_partner) == (member, state, NOW, 0)
    assert notes[1:] == [("prepare", row, 0.7), ("consider_asking", row)]


def test_preparation_takes_its_part_of_a_drawn_time(as_python: pytest.MonkeyPatch) -> None:
    """Three tenths of 50 days are left."""
    notes = noting(as_python, rules, "schedule")
    answers(as_python, rules, lognormal=50.0)
    world = case_with_partners(scene.AWAY)
    rules.prepare(world, 0, 0.3)
    assert world.partner["prepared_at"][0] == notes[0][1] == NOW + 15.0


@pytest.mark.parametrize(("grown", "worth", "asked"), [(True, True, True), (True, False, False), (False, True, False)])
def test_a_state_is_asked_once_the_file_has_grown_and_may_be_enough(
    as_python: pytest.MonkeyPatch, grown: bool, worth: bool, asked: bool
) -> None:
    """Both are needed."""
    notes = noting(as_python, rules, "ask_to_act")
    answers(as_python, rules, search_strength=1.5, is_stronger=grown, is_worth_asking=worth)
    rules.consider_asking(case_with_partners(scene.AWAY), 0)
    assert notes == ([("ask_to_act", 0, 1.5)] if asked else [])


@pytest.mark.parametrize(
    ("own", "channel", "used", "asks"),
    [
        (-1, Channel.LETTERS_ROGATORY, Channel.LETTERS_ROGATORY, 1),
        (-1, Channel.MLAT, Channel.MLAT, 1),
        (0, -1, Channel.DOMESTIC, 0),
        (2, -1, Channel.DOMESTIC, 2),
        (-1, -1, None, 0),
    ],
)
def test_authority_is_asked_at_home_or_by_a_channel_that_is_open(
    as_python: pytest.MonkeyPatch, own: int, channel: int, used: Channel | None, asks: int
) -> None:
    """A state with a case of its own asks its own court in it; without a channel nobody asks."""
    notes, drafts = noting(as_python, rules, "start_request"), noting(as_python, rules, add_request=2)
    answers(as_python, rules, case_in=own, choose_channel=channel, deed_of=0, in_team=False)
    world = case_with_partners(scene.AWAY)
    world.partner["attempt"][0], world.partner["case"][0], world.case["action_requests"][1] = 4, 1, 6
    rules.ask_to_act(world, 0, 1.5)
    partner = world.partner[0]
    if used is None:
        assert (drafts, notes, partner.attempt, world.case["action_requests"][1]) == ([], [], 4, 6)
        return
    assert (drafts[0][2], *drafts[0][4:6]) == (asks, scene.AWAY, used)
    assert (partner.request, partner.attempt, partner.shown, partner.asked) == (2, 5, 1.5, NOW)
    assert (world.case["action_requests"][1], world.request["partner"][2]) == (7, 0)
    assert notes == [("start_request", 2)]


@pytest.mark.parametrize(
    ("ready", "authorised", "prepared", "since"),
    [
        (math.nan, 1, NOW, NOW),
        (math.nan, 1, NOW + 1e-12, NOW),  # the same moment, as computers count
        (math.nan, 1, NOW + 1.0, math.nan),
        (math.nan, 0, NOW - 1.0, math.nan),
        (900.0, 1, NOW - 1.0, 900.0),
    ],
)
def test_a_state_is_ready_once_it_has_prepared_and_has_its_authority(
    as_python: pytest.MonkeyPatch, ready: float, authorised: int, prepared: float, since: float
) -> None:
    """From then on."""
    noting(as_python, rules, "record_milestone")
    world = case_with_partners(scene.AWAY)
    world.partner["ready_at"][0], world.partner["authorised"][0], world.partner["prepared_at"][0] = (
        ready,
        authorised,
        prepared,
    )
    rules.update_readiness(world, 0)
    assert world.partner["ready_at"][0] == pytest.approx(since, nan_ok=True)


def test_readiness_allows_for_rounding_alone(as_python: pytest.MonkeyPatch) -> None:
    """A billionth of a day."""
    noting(as_python, rules, "record_milestone")
    world = case_with_partners(scene.AWAY)
    world.now[0] = 0.0
    world.partner["authorised"][0] = 1
    for early, ready in ((1.0e-9, True), (2.0e-9, False)):
        world.partner["ready_at"][0], world.partner["prepared_at"][0] = np.nan, early
        rules.update_readiness(world, 0)
        assert math.isnan(world.partner["ready_at"][0]) != ready


@pytest.mark.parametrize(
    ("state", "registry", "joins"),
    [
        (scene.AWAY, -1, []),
        (FOURTH, -1, [FOURTH]),
        (FOURTH, scene.THIRD, [FOURTH, scene.THIRD]),
        (FOURTH, scene.AWAY, [FOURTH]),
        (scene.AWAY, scene.HOME, [scene.HOME]),
    ],
)
def test_the_states_of_a_node_and_of_its_registry_join_once(
    as_python: pytest.MonkeyPatch, state: int, registry: int, joins: list[int]
) -> None:
    """AWAY is in already; state 0 counts as others."""
    notes = noting(as_python, rules, "add_partner")
    world = case_with_partners(scene.AWAY)
    world.node["state"][0], world.node["registry"][0] = state, registry
    rules.add_partners_for(world, 0, world.node[0])
    assert notes == [("add_partner", 0, joined) for joined in joins]


@pytest.mark.parametrize(("chance", "added"), [(0.2, -math.log(0.8)), (1.0, -math.log(0.01))])
def test_searches_add_up_and_none_is_complete(chance: float, added: float) -> None:
    """Each misses a node with some chance, at least one in a hundred."""
    world = fresh(4)
    world.case["search"][0] = 0.5
    rules.searched(world, 0, chance)
    assert world.case["search"][0] == pytest.approx(0.5 + added)


@pytest.mark.parametrize(
    ("status", "chain", "attempt", "hop", "further"),
    [
        (RequestStatus.EXECUTED, ChainStatus.LIVE, 3, 4, True),
        (RequestStatus.REFUSED, ChainStatus.LIVE, 3, 4, False),
        (RequestStatus.EXECUTED, ChainStatus.GIVEN_UP, 3, 4, False),
        (RequestStatus.EXECUTED, ChainStatus.LIVE, 2, 4, False),
        (RequestStatus.EXECUTED, ChainStatus.LIVE, 3, 3, False),
        (RequestStatus.REFUSED, ChainStatus.GIVEN_UP, 2, 4, False),
    ],
)
def test_police_information_on_the_last_hop_shows_the_end_of_a_trail(
    status: RequestStatus, chain: ChainStatus, attempt: int, hop: int, further: bool
) -> None:
    """Of five hops, on a live trail, for this attempt."""
    world = fresh(4)
    world.request["status"][0] = status
    row = world.chain[0]
    row.status, row.attempt, row.hop, row.hops = chain, attempt, hop, 5
    assert rules.leads_further(world.request[0], row, 3) == further


@pytest.mark.parametrize(
    ("target", "node", "shows"),
    [(ChainTarget.INFRASTRUCTURE, 0, True), (ChainTarget.INFRASTRUCTURE, -1, False), (ChainTarget.PERSON, 0, False)],
)
def test_the_end_of_a_trail_shows_its_node_and_perhaps_others(
    as_python: pytest.MonkeyPatch, target: ChainTarget, node: int, shows: bool
) -> None:
    """It counts as a search; nodes 1 to 3 are the group's, and may be seen beside it."""
    notes = noting(as_python, rules, "reveal_node", "prove_link", "searched", "keep_chains")
    answers(as_python, rules, chance=True, proves=1.5)
    world = fresh(8)
    world.chain["target"][0], world.chain["node"][0] = target, node
    world.group["first_node"][0], world.group["nodes"][0] = 1, 3
    world.case["trails"][0] = 4
    rules.chain_completed(world, 0)
    assert world.case["trails"][0] == 4 + int(shows)
    beside = [note[2] for note in notes if note[0] == "reveal_node" and note[3] == NodeDiscovery.BESIDE_ANOTHER]
    assert beside == ([1, 2, 3] if shows else [])
    assert (("prove_link", 0, 0, 1.5) in notes) == shows
    assert notes[-1][0] == "keep_chains"


@pytest.mark.parametrize("complete", [-1, 0, 2])
def test_a_trail_that_is_complete_shows_what_it_led_to(as_python: pytest.MonkeyPatch, complete: int) -> None:
    """Others go on."""
    notes = noting(as_python, rules, "chain_completed")
    answers(as_python, rules, chain_hop=complete)
    rules.hop_due(fresh(4), 0, 1)
    assert notes == ([("chain_completed", complete)] if complete >= 0 else [])


def test_two_cases_pool_what_they_have_proved_and_searched() -> None:
    """Everything adds up."""
    world = fresh(4)
    for name, one, other in (("proof", 1.0, 0.5), ("search", 2.0, 0.25), ("trails", 3, 2)):
        world.case[name][:2] = one, other
    rules.pool_knowledge(world, 1, 0)
    assert [world.case[name][0] for name in ("proof", "search", "trails")] == [1.5, 2.25, 5]


@pytest.mark.parametrize(("authorised", "partners", "asks"), [(0, 2, True), (1, 2, False), (0, 1, False)])
def test_the_older_case_gains_what_the_younger_knows_and_its_state(
    as_python: pytest.MonkeyPatch, authorised: int, partners: int, asks: bool
) -> None:
    """Case 1 of THIRD, which case 0 had joined, knows node 1, has lost node 2 and asked for authority itself."""
    names = ("record_milestone", "hand_over_members", "pass_on_recipients", "reveal_node", "prove_link")
    notes = noting(as_python, rules, *names, "withdraw", "add_partner", "consider_asking", "add_sighting")
    answers(as_python, rules, knows=lambda *place: place[2] == 1, has_lost=lambda *place: place[2] == 2, link_to=1.5)
    world = case_with_partners(*(scene.THIRD, FOURTH)[:partners]) if partners == 2 else case_with_partners(FOURTH)
    world.group["first_node"][0], world.group["nodes"][0], world.group["first_case"][0] = 1, 3, 2
    world.case["next_case"][:3] = -1, 0, 1
    world.case["state"][1], world.case["first_partner"][1] = scene.THIRD, 5
    world.case["merged_into"][:3] = 1, -1, -1
    world.case["first_partner"][2] = partners - 1
    world.partner["next_partner"][5], world.partner["request"][5], world.partner["request"][0] = -1, 7, 6
    world.partner["authorised"][0] = authorised
    rules.merge_case(world, 1, 2)
    assert world.case["merged_into"][:3].tolist() == [2, 2, -1]
    assert world.case["status"][1] == CaseStatus.MERGED
    assert [note[2] for note in notes if note[0] in ("reveal_node", "add_sighting")] == [1, 2]
    assert ("prove_link", 2, 1, 1.5) in notes
    assert [note[1] for note in notes if note[0] == "withdraw"] == ([7, 6] if asks else [7])
    assert (("consider_asking", 0) in notes) == asks
    assert (("add_partner", 2, scene.THIRD) in notes) == (partners == 1)
    assert math.isinf(world.partner["shown"][0]) == asks


def test_all_that_a_case_has_asked_is_taken_back_when_it_joins_another(as_python: pytest.MonkeyPatch) -> None:
    """By both of its partners; the state of the case becomes one of the other's."""
    names = ("record_milestone", "hand_over_members", "pass_on_recipients", "add_partner")
    notes = noting(as_python, rules, *names, "withdraw")
    world = case_with_partners(scene.AWAY, FOURTH)
    world.partner["request"][:2] = 6, 7
    world.case["first_partner"][1] = -1
    rules.merge_case(world, 0, 1)
    assert [note[1] for note in notes if note[0] == "withdraw"] == [7, 6]
    assert notes[-1] == ("add_partner", 1, scene.HOME)


def test_members_of_a_new_team_are_asked_again_in_it(as_python: pytest.MonkeyPatch) -> None:
    """Those that could join and have not authorised yet; the leading state needs no team with itself."""
    notes = noting(as_python, rules, "withdraw", "consider_asking")
    answers(as_python, rules, could_join_team=lambda *given: given[2] != FOURTH)
    world = case_with_partners(scene.AWAY, scene.HOME, FOURTH, scene.THIRD)
    world.partner["authorised"][3] = 1
    rules.team_formed(world, 0)
    assert world.partner["in_team"][:4].tolist() == [1, 0, 0, 1]
    assert [note for note in notes if note[0] == "consider_asking"] == [("consider_asking", 0)]
    assert world.partner["shown"][0] == -math.inf
    assert world.case["team_formed"][0] == NOW
    ended = case_with_partners(scene.AWAY)
    ended.case["status"][0], ended.case["team_formed"][0] = CaseStatus.SOLVED, math.inf
    rules.team_formed(ended, 0)
    assert ended.case["team_formed"][0] == math.inf
