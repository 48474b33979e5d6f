"""Tests of suspects' path from warrant to judgment: arrest, surrender, trial (M14)."""

import math
from typing import Any

import numpy as np
import pytest

from sim.agents.assistance.authority import political_refusal_probability
from sim.agents.events import Event, Purpose
from sim.agents.investigation import custody as rules
from sim.agents.investigation.removal import silence_towards
from sim.engine.random import exponential, lognormal, uniform
from sim.law.instruments import DualCriminality
from sim.law.vocabulary import Channel, DataKind, Ground
from sim.world.records import NONE, GroupStatus, MemberStatus
from sim.world.world import World
from tests.agents.plain import chances, got, holds, posted, put, small, table
from tests.agents.scene import AWAY, DEADLINE, HOME, NOW, OPEN, THIRD, YEAR, open_channel

pytestmark = pytest.mark.usefixtures("as_python")

CASE, LEAD = 3, 5
ONE = 3  # row of the member that the case knows
UNKNOWN, SUSPECTED, WANTED, INDICTED, HELD = list(MemberStatus)[:5]
EXTRADITION, ARREST_WARRANT = OPEN, DEADLINE  # terms of surrender
nan = math.nan


def accused(status: int = WANTED, settings: dict[str, float] | None = None, **fields: Any) -> World:
    """Makes a world with a case against a group of AWAY, and one known member of the group.

    AWAY can be asked for surrender by extradition. The group is down, so that no arrest takes it down.
    """
    world = small(64, {"with_learning": 0.0, "silence_habit": 0.0, "with_liaison_desks": 0.0} | (settings or {}))
    put(world, "group", first_member=2, members=3, status=GroupStatus.DOWN)
    world.member["residence"], world.member["key"], world.member["noticed"] = AWAY, np.arange(1, 65), np.nan
    put(world, "member", ONE, **{"status": status, "known_by": CASE} | fields)
    put(world, "case", CASE, known_members=1)
    open_channel(world, Channel.SURRENDER, AWAY, terms=EXTRADITION)
    return world


def of_key(world: World, key: int, **fields: Any) -> World:
    """Gives the suspect another random key; returns the world."""
    put(world, "member", ONE, key=key, **fields)
    return world


@table(
    unknown=(UNKNOWN, (SUSPECTED, CASE, 0.7, NOW, 2)),
    suspected=(SUSPECTED, (SUSPECTED, CASE, 0.7, 0.0, 1)),
    held=(HELD, (HELD, NONE, 0.0, 0.0, 1)),
)
def test_a_trail_names_a_person_and_links_whom_it_names(status: MemberStatus) -> tuple[float, ...]:
    world = accused(status, known_by=CASE if status == SUSPECTED else NONE)
    world.member["status"][[2, 4]] = HELD
    rules.identify_member(world, CASE, 0.7)
    return (*got(world, "member", ONE, "status known_by link identified"), world.case["known_members"][CASE])


def test_a_warrant_is_asked_for_when_the_file_has_grown_enough() -> None:
    """A warrant is requested again only after the evidence has grown.

    Against its own suspects only: status, and the log-odds last shown, where −0.5 + 1.5 + 0.4 can be shown.
    """
    certain = {"search_strength": -0.5, "proof_steepness": 1e3, "least_order": 0.5, "court_refuses": 0.0}

    def warrant(status: MemberStatus, known_by: int, shown: float, standard: float) -> tuple[float, ...]:
        world = accused(status, certain, known_by=known_by, link=0.4, shown=shown)
        world.case["proof"][CASE] = 1.5
        world.proof[HOME, DataKind.ARREST_EXTRADITION] = standard
        rules.seek_warrants(world, CASE)
        return got(world, "member", ONE, "status shown")

    holds(
        warrant,
        granted=(SUSPECTED, CASE, 1.3, 0.7, (WANTED, 1.4)),
        first_shown=(SUSPECTED, CASE, -math.inf, 0.7, (WANTED, 1.4)),
        of_another_case=(SUSPECTED, LEAD, 1.3, 0.7, (SUSPECTED, 1.3)),
        indicted=(INDICTED, CASE, 1.3, 0.7, (INDICTED, 1.3)),
        not_grown=(SUSPECTED, CASE, 1.4, 0.7, (SUSPECTED, 1.4)),
        in_vain=(SUSPECTED, CASE, 1.3, 0.9, (SUSPECTED, 1.3)),
    )


@pytest.mark.parametrize("place", [2, 3, 4])
def test_all_members_of_the_group_and_no_others_are_dealt_with(place: int) -> None:
    """Warrants, arrests and transfers apply to all members of the group and to nobody else."""
    rows = [1, place, 5]

    def known(status: MemberStatus) -> World:
        world = accused(UNKNOWN, {"arrest": 1.0, "least_order": 0.0, "proof_steepness": 0.0}, known_by=NONE)
        world.member["status"][rows], world.member["known_by"][rows] = status, CASE
        world.member["residence"], world.member["shown"] = HOME, -math.inf
        return world

    for arrest in (rules.arrest_wanted, rules.arrest_within_reach):
        world = known(WANTED)
        assert arrest(world, CASE) == 1 and world.member["status"][rows].tolist() == [WANTED, HELD, WANTED]
    world = known(WANTED)
    world.case["known_members"][[CASE, LEAD]] = 2, 3
    rules.hand_over_members(world, CASE, LEAD)
    assert world.case["known_members"][[CASE, LEAD]].tolist() == [0, 5]
    assert world.member["known_by"][rows].tolist() == [CASE, LEAD, CASE]
    rules.forget_members(world, LEAD)
    assert world.member["known_by"][rows].tolist() == [CASE, NONE, CASE]
    world = known(SUSPECTED)
    rules.seek_warrants(world, CASE)
    assert np.isfinite(world.member["shown"]).nonzero()[0].tolist() == [place]


@table(at_home=(HOME, 0.0, 0.6), close=(AWAY, 0.95, 0.6), far=(AWAY, 0.1, 0.6), no_basis=(THIRD, 0.95, 0.0))
def test_states_arrest_on_a_basis_and_where_they_answer(state: int, affinity: float) -> float:
    world = accused(settings={"arrest": 0.6})
    world.affinity[:] = affinity
    answers = 1.0 - silence_towards(world, CASE, state)
    assert state == HOME or (answers > 0.9 if affinity > 0.9 else answers < 0.6)
    return rules.arrest_probability(world, CASE, state) / answers


def test_who_is_charged_may_travel_now_and_then() -> None:
    """A suspect travels at a yearly rate that falls after a public charge.

    0.5 journeys a year, of that 0.4 once the charge is public, of which 0.25 lead into a state that arrests.
    """
    settings = {"travel_per_year": 0.5, "travel_indicted": 0.4, "travel_detection": 0.25}
    world = accused(settings=settings, journeys=2, key=7)
    rules.expect_travel(world, ONE)
    days = exponential(1, Purpose.MEMBER_TRAVEL, 7, 2, 20.0 * YEAR)
    assert posted(world) == [(Event.MEMBER_TRAVELS, ONE, pytest.approx(days))]
    world.setting["travel_per_year"] = 0.0
    rules.expect_travel(world, ONE)
    assert len(posted(world)) == 1


def test_a_traveller_is_held_where_known_and_where_a_basis_is() -> None:
    """A traveller is arrested in a state that knows of the warrant and has a legal basis."""
    for known, noticed in ((1.0, 900.0), (1.0, math.nan), (0.0, math.nan)):
        settings = {"with_liaison_desks": 1.0, "notice_recognised": known, "travel_per_year": 1.0}
        for key in range(1, 13):
            world = of_key(accused(INDICTED, settings, noticed=noticed, journeys=2), key)
            world.place_victims[:] = 1.0
            world.place_victims[[HOME, AWAY]] = 0.2, 0.5
            place = uniform(1, Purpose.MEMBER_TRAVEL_PLACE, key, 2)
            state = HOME if place < 0.2 else AWAY if place < 0.5 else THIRD
            rules.caught_travelling(world, ONE)
            caught = known > 0.0 and state != THIRD
            expected = (HELD, state) if caught else (INDICTED, NONE)
            assert got(world, "member", ONE, "status held_in journeys") == (*expected, 3)
            assert world.member["by_notice"][ONE] == (caught and state == AWAY and noticed == 900.0)
            assert [kind == Event.MEMBER_TRAVELS for kind, *_ in posted(world)] == [not caught]
    world = accused(HELD, journeys=2)
    rules.caught_travelling(world, ONE)
    assert world.member["journeys"][ONE] == 2


def test_an_arrest_leads_to_a_trial_that_takes_its_time_at_home_and_to_surrender_abroad() -> None:
    for state, then in ((HOME, Event.TRIAL_ENDS), (AWAY, Event.SURRENDER_DECIDED)):
        world = accused(settings={"with_learning": 1.0})
        rules.hold(world, ONE, state)
        assert got(world, "member", ONE, "status held_in arrested") == (HELD, state, NOW)
        assert [kind for kind, *_ in posted(world)] == [then]
        assert world.group["experience_day"][0] == NOW  # the group has learnt from it
    world = accused(settings={"trial_days": 500.0, "elapsed_sigma": 0.6}, key=7)
    rules.await_trial(world, ONE, AWAY)
    assert world.member["prosecuted_in"][ONE] == AWAY
    days = lognormal(1, Purpose.TRIAL_TIME, 7, 0, 500.0, 0.6)
    assert posted(world) == [(Event.TRIAL_ENDS, ONE, pytest.approx(days))]


def test_how_long_surrender_takes() -> None:
    """Surrender takes weeks under an arrest warrant, and months under extradition."""

    def days(terms: int, consent: float, sigma: float) -> float:
        times = {"extradition_days": 305.0, "warrant_days": 41.0, "warrant_consent_days": 16.0, "elapsed_sigma": sigma}
        world = accused(HELD, times | {"warrant_consent": consent}, held_in=AWAY, key=7)
        open_channel(world, Channel.SURRENDER, AWAY, terms=terms)
        rules.await_surrender(world, ONE)
        ((kind, row, after),) = posted(world)
        assert (kind, row) == (Event.SURRENDER_DECIDED, ONE)
        return after

    holds(
        days,
        consent=(ARREST_WARRANT, 1.0, 0.0, 16.0),
        no_consent=(ARREST_WARRANT, 0.0, 0.0, 41.0),
        extradition=(EXTRADITION, 1.0, 0.0, 305.0),
        with_spread=(EXTRADITION, 1.0, 0.6, lognormal(1, Purpose.SURRENDER_TIME, 7, 0, 305.0, 0.6)),
    )


def test_grounds_on_which_surrender_is_refused() -> None:
    def ground(terms: int, barred: int, home: int = AWAY, law: tuple[Any, ...] = ()) -> int:
        world = accused(HELD, {"refusal_political": -99.0}, held_in=AWAY)
        open_channel(world, Channel.SURRENDER, AWAY, terms=terms)
        world.nationals_bar[AWAY], world.group["home"][0] = barred, home
        tested, offence, years, elements = law or (DualCriminality.TESTED, 1, 5.0, 0)
        put(world, "terms", terms, dual_criminality=tested, dual_criminality_kinds=1 << DataKind.ARREST_EXTRADITION)
        world.offence[AWAY], world.penalty_years[AWAY], world.elements[AWAY] = offence, years, elements
        return rules.surrender_ground(world, ONE)

    tested, untested = DualCriminality.TESTED, DualCriminality.NOT_TESTED
    holds(
        ground,
        none=(EXTRADITION, 0, Ground.NONE),
        nationals=(EXTRADITION, 1, Ground.NATIONALITY),
        nationals_under_a_warrant=(ARREST_WARRANT, 1, Ground.NONE),
        others=(EXTRADITION, 1, THIRD, Ground.NONE),
        no_offence=(EXTRADITION, 0, AWAY, (tested, 0, 5.0, 0), Ground.DUAL_CRIMINALITY),
        not_grave_enough=(EXTRADITION, 0, AWAY, (tested, 1, 0.9, 0), Ground.DUAL_CRIMINALITY),
        grave_enough=(EXTRADITION, 0, AWAY, (tested, 1, 1.0, 0), Ground.NONE),
        an_element_lacks=(EXTRADITION, 0, AWAY, (tested, 1, 5.0, 0b100), Ground.DUAL_CRIMINALITY),
        not_tested=(EXTRADITION, 0, AWAY, (untested, 0, 5.0, 0), Ground.NONE),
    )


@pytest.mark.parametrize(("home", "affinity"), [(AWAY, 0.0), (AWAY, 0.3), (THIRD, 0.0)])
def test_politics_refuse_more_between_distant_states_and_about_own_nationals(home: int, affinity: float) -> None:
    world = accused(HELD, {"refusal_political": -1.0}, held_in=AWAY)
    world.affinity[:], world.group["home"][0] = affinity, home
    share = political_refusal_probability(world.setting[0], affinity, home == AWAY)
    politics = Ground.POLITICAL_OR_ESSENTIAL_INTERESTS
    chances(lambda key: rules.surrender_ground(of_key(world, key), ONE) == politics, Purpose.SURRENDER_REFUSED, share)


@table(
    surrendered=(-99.0, 1.0, (MemberStatus.SURRENDERED, HOME, 0, nan, NOW)),
    prosecuted_instead=(99.0, 1.0, (HELD, AWAY, 1, nan, nan)),
    released=(99.0, 0.0, (MemberStatus.RELEASED, NONE, 0, NOW, nan)),
)
def test_what_follows_a_decision_on_surrender(refused: float, instead: float) -> tuple[float, ...]:
    settings = {"refusal_political": refused, "prosecute_instead": instead}
    world = accused(HELD, settings, held_in=AWAY, ended=math.nan, prosecuted_in=NONE, surrendered=math.nan)
    rules.surrender_decided(world, ONE)
    trials = [kind for kind, *_ in posted(world)]
    assert trials == [Event.TRIAL_ENDS] * int(world.member["prosecuted_in"][ONE] != NONE)
    return got(world, "member", ONE, "status prosecuted_in instead ended surrendered")


def test_a_trial_hears_what_was_found_and_no_leads() -> None:
    """A trial considers admissible evidence and evidence found on the suspect, but no leads.

    Log-odds of −0.5 + 0.4 + 0.4, and 0.8 for what was found on the person.
    """
    settings = {"proof_content": 0.8, "search_strength": -0.5}
    settings |= {"proof_steepness": 8.0, "trial_standard": 0.7, "conviction": 0.9}
    world = accused(HELD, settings, link=0.4)
    put(world, "case", CASE, proof=0.4, leads=50)

    def convicted(key: int) -> bool:
        rules.trial_ends(of_key(world, key), ONE)
        status, ended = got(world, "member", ONE, "status ended")
        assert ended == NOW and status in {MemberStatus.CONVICTED, MemberStatus.ACQUITTED}
        return status == MemberStatus.CONVICTED

    strength = 1.0 / (1.0 + math.exp(-(-0.5 + 0.4 + 0.4 + 0.8)))
    share = 0.9 * (1.0 + math.exp(-8.0 * 0.3)) / (1.0 + math.exp(8.0 * (0.7 - strength)))
    chances(convicted, Purpose.CONVICTED, share)  # relative to a complete file, of which 0.9 are convicted
