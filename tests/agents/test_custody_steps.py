"""From suspicion to judgment, one person at a time: what each step asks for (M14)."""

import math

import numpy as np
import pytest

from sim.agents import custody
from sim.agents.events import Event, Purpose
from sim.law.vocabulary import Channel, DataKind, Ground
from sim.world.records import MemberStatus
from sim.world.world import World
from tests.agents import scene
from tests.agents.plain import Notes, answers, certain, drawing, fresh, noting
from tests.agents.scene import AWAY, HOME, NOW, THIRD, YEAR
from tests.tiny import row_of_settings

pytestmark = pytest.mark.usefixtures("as_python")

CASE, LEAD = 3, 5
FIRST, MEMBERS = 2, 3  # rows of the group's members


def accused(status: MemberStatus = MemberStatus.WANTED, **fields: float) -> World:
    """Case 3 of HOME against a group of AWAY with three members, of whom it knows the second (row 3)."""
    world = fresh()
    world.group["first_member"][0], world.group["members"][0] = FIRST, MEMBERS
    world.member["status"], world.member["residence"], world.member["group"] = MemberStatus.UNKNOWN, AWAY, 0
    world.member["key"] = np.arange(1, len(world.member) + 1)
    world.member["noticed"] = np.nan
    for name, value in ({"status": status, "known_by": CASE} | fields).items():
        world.member[name][3] = value
    world.case["known_members"][CASE] = 1
    return world


@pytest.mark.parametrize(
    ("row", "status", "known"),
    [(0, MemberStatus.UNKNOWN, True), (4, MemberStatus.UNKNOWN, True), (4, MemberStatus.SUSPECTED, False)],
)
def test_a_trail_names_a_person_and_links_whom_it_names(
    as_python: pytest.MonkeyPatch, row: int, status: MemberStatus, known: bool
) -> None:
    """Who is suspected already is only linked."""
    world = accused()
    world.member["status"][row] = status
    answers(as_python, custody, unlinked_member=row)
    custody.identify_member(world, CASE, 0.7)
    member = world.member[row]
    assert (member.link, member.status) == (0.7, MemberStatus.SUSPECTED)
    assert (member.known_by == CASE, member.identified == NOW) == (known, known)
    assert world.case["known_members"][CASE] == 1 + known


def test_a_trail_names_nobody_once_all_are_linked(as_python: pytest.MonkeyPatch) -> None:
    world = accused()
    answers(as_python, custody, unlinked_member=-1)
    custody.identify_member(world, CASE, 0.7)
    assert not world.member["link"].any()


@pytest.mark.parametrize(
    ("status", "known_by", "stronger", "worth", "granted", "asked"),
    [
        (MemberStatus.SUSPECTED, CASE, True, True, True, True),
        (MemberStatus.SUSPECTED, CASE, True, True, False, True),
        (MemberStatus.SUSPECTED, LEAD, True, True, True, False),
        (MemberStatus.INDICTED, CASE, True, True, True, False),
        (MemberStatus.SUSPECTED, CASE, False, True, True, False),
        (MemberStatus.SUSPECTED, CASE, True, False, True, False),
    ],
)
def test_a_warrant_is_asked_for_when_the_file_has_grown_enough(
    as_python: pytest.MonkeyPatch,
    status: MemberStatus,
    known_by: int,
    stronger: bool,
    worth: bool,
    granted: bool,
    asked: bool,
) -> None:
    """Against its own suspects only; the court may refuse."""
    world, draws = accused(status, known_by=known_by), drawing(as_python, custody, "chance", granted)
    world.member["shown"] = -9.0
    answers(as_python, custody, person_strength=1.5, is_stronger=stronger, is_worth_asking=worth, order_probability=0.3)
    custody.seek_warrants(world, CASE)
    assert draws == ([(Purpose.WARRANT, 0, 0.3)] if asked else [])
    assert world.member["shown"][3] == (1.5 if asked else -9.0)
    assert world.member["status"][3] == (MemberStatus.WANTED if asked and granted else status)
    assert list(world.member["shown"][[2, 4]]) == [-9.0, -9.0]


@pytest.mark.parametrize("place", [2, 3, 4])
def test_all_members_of_the_group_and_no_others_are_dealt_with(as_python: pytest.MonkeyPatch, place: int) -> None:
    """Warrants, arrests, handing over and forgetting reach the first as the last, and nobody beside the group."""
    world = accused(MemberStatus.UNKNOWN, known_by=-1)
    world.member["status"][[1, place, 5]], world.member["known_by"][[1, place, 5]] = MemberStatus.WANTED, CASE
    seen = noting(as_python, custody, seek_arrest=True)
    answers(as_python, custody, arrest_probability=0.4)
    assert custody.arrest_wanted(world, CASE) == 1
    assert custody.arrest_within_reach(world, CASE) == 1
    assert seen == [("seek_arrest", CASE, place, 0.4)] * 2
    custody.hand_over_members(world, CASE, LEAD)
    assert [int(world.member["known_by"][row]) for row in (1, place, 5)] == [CASE, LEAD, CASE]
    world.case["known_members"][LEAD] = 4
    custody.forget_members(world, LEAD)
    assert [int(world.member["known_by"][row]) for row in (1, place, 5)] == [CASE, -1, CASE]
    assert world.case["known_members"][LEAD] == 3
    world.member["status"][[1, place, 5]], world.member["known_by"][[1, place, 5]] = MemberStatus.SUSPECTED, CASE
    answers(
        as_python,
        custody,
        is_stronger=True,
        person_strength=1.5,
        is_worth_asking=True,
        order_probability=0.3,
        chance=True,
    )
    custody.seek_warrants(world, CASE)
    assert list(np.flatnonzero(world.member["status"] == MemberStatus.WANTED)) == [place]


def test_a_case_that_merges_hands_its_members_over() -> None:
    world = accused()
    world.case["known_members"][[CASE, LEAD]] = 2, 3
    custody.hand_over_members(world, CASE, LEAD)
    assert list(world.case["known_members"][[CASE, LEAD]]) == [0, 5]


@pytest.mark.parametrize("status", MemberStatus)
def test_a_dropped_case_forgets_suspects_and_wanted_persons_only(status: MemberStatus) -> None:
    world = accused(status, link=0.7, shown=1.5)
    custody.forget_members(world, CASE)
    member, forgotten = world.member[3], status in (MemberStatus.SUSPECTED, MemberStatus.WANTED)
    assert (member.known_by, member.link, member.shown) == ((-1, 0.0, -math.inf) if forgotten else (CASE, 0.7, 1.5))
    assert world.case["known_members"][CASE] == 1 - forgotten


@pytest.mark.parametrize(
    ("state", "basis", "probability"), [(HOME, False, 0.6), (AWAY, True, 0.6 * 0.7), (AWAY, False, 0.0)]
)
def test_states_arrest_on_a_basis_and_where_they_answer(
    as_python: pytest.MonkeyPatch, state: int, basis: bool, probability: float
) -> None:
    world = accused()
    world.setting["arrest"] = 0.6
    answers(as_python, custody, has_basis=basis, silence_towards=0.3)
    assert custody.arrest_probability(world, CASE, state) == pytest.approx(probability)


@pytest.mark.parametrize("arrested", [True, False])
def test_who_is_not_found_is_indicted_in_public(as_python: pytest.MonkeyPatch, arrested: bool) -> None:
    world, done = accused(), noting(as_python, custody, "hold", "expect_travel", "ask_for_notice")
    world.case["actions"][CASE], draws = 2, drawing(as_python, custody, "chance", arrested)
    assert custody.seek_arrest(world, CASE, 3, 0.4) == arrested
    assert draws == [(Purpose.CASE_ARREST, 2, 0.4)]
    assert sorted(done) == ([("hold", 3, AWAY)] if arrested else [("ask_for_notice", 3), ("expect_travel", 3)])
    if not arrested:
        assert (world.member["status"][3], world.member["indicted"][3]) == (MemberStatus.INDICTED, NOW)


def test_arrests_are_counted_and_nobody_is_sought_who_cannot_be_arrested(as_python: pytest.MonkeyPatch) -> None:
    """Of two who are wanted, one lives where no state arrests: indicted on the day, and left in peace before it."""
    for rule, rows in ((custody.arrest_wanted, [3, 4]), (custody.arrest_within_reach, [4])):
        world, seen = accused(), Notes()
        world.member["status"][4], world.member["known_by"][4] = MemberStatus.WANTED, CASE
        world.member["residence"][4] = HOME

        def seek(_: World, __: int, row: int, probability: float, seen: list[int] = seen) -> bool:
            seen.append(row)
            return probability > 0.0

        answers(
            as_python, custody, seek_arrest=seek, arrest_probability=lambda _, __, state: 0.4 if state == HOME else 0.0
        )
        assert rule(world, CASE) == 1
        assert seen == rows


@pytest.mark.parametrize(
    ("known_by", "status", "wanted"),
    [(CASE, MemberStatus.WANTED, True), (LEAD, MemberStatus.WANTED, False), (CASE, MemberStatus.HELD, False)],
)
def test_a_warrant_is_that_of_a_case(known_by: int, status: MemberStatus, wanted: bool) -> None:
    world = accused(status, known_by=known_by)
    assert custody.is_wanted_by(world.member[3], CASE) == wanted


def test_who_is_charged_may_travel_now_and_then(as_python: pytest.MonkeyPatch) -> None:
    """0.5 journeys a year, of that 0.4 once the charge is public, of which 0.25 lead into a state that arrests."""
    world, wait = accused(journeys=2), drawing(as_python, custody, "exponential", 33.0)
    setting = world.setting
    setting["travel_per_year"], setting["travel_indicted"], setting["travel_detection"] = 0.5, 0.4, 0.25
    custody.expect_travel(world, 3)
    assert wait == [(Purpose.MEMBER_TRAVEL, 2, pytest.approx(20.0 * YEAR))]
    assert scene.waits(world, Event.MEMBER_TRAVELS) == pytest.approx([33.0])
    setting["travel_per_year"] = 0.0
    custody.expect_travel(world, 3)
    assert len(scene.waits(world, Event.MEMBER_TRAVELS)) == 1


@pytest.mark.parametrize(("desks", "noticed", "known"), [(1.0, np.nan, False), (1.0, 900.0, True), (0.0, np.nan, True)])
def test_a_border_knows_whom_a_notice_names(
    as_python: pytest.MonkeyPatch, desks: float, noticed: float, known: bool
) -> None:
    """Else few do; without liaison desks in the model all do."""
    world, draws = accused(noticed=noticed, journeys=2), drawing(as_python, custody, "chance", False)
    world.setting["with_liaison_desks"], world.setting["notice_recognised"] = desks, 0.2
    assert custody.is_recognised(world, 3) == known
    assert draws == ([] if known else [(Purpose.TRAVELLER_KNOWN, 2, 0.2)])


@pytest.mark.parametrize(
    ("state", "known", "basis", "noticed", "held", "by_notice"),
    [
        (AWAY, True, True, 900.0, True, 1),
        (AWAY, True, True, np.nan, True, 0),
        (HOME, True, False, 900.0, True, 0),
        (AWAY, True, False, 900.0, False, 0),
        (AWAY, False, True, 900.0, False, 0),
    ],
)
def test_a_traveller_is_held_where_known_and_where_a_basis_is(
    as_python: pytest.MonkeyPatch, state: int, known: bool, basis: bool, noticed: float, held: bool, by_notice: int
) -> None:
    world = accused(MemberStatus.INDICTED, noticed=noticed, journeys=2)
    answers(as_python, custody, choose=state, is_recognised=known, has_basis=basis)
    seen = noting(as_python, custody, "hold", "break_core", "expect_travel")
    custody.caught_travelling(world, 3)
    assert seen == ([("hold", 3, state), ("break_core", 0, CASE)] if held else [("expect_travel", 3)])
    assert (world.member["journeys"][3], world.member["by_notice"][3]) == (3, by_notice)


def test_only_a_charged_person_at_large_is_caught_travelling(as_python: pytest.MonkeyPatch) -> None:
    certain(as_python)
    world = accused(MemberStatus.HELD, journeys=2)
    custody.caught_travelling(world, 3)
    assert world.member["journeys"][3] == 2


@pytest.mark.parametrize("state", [HOME, AWAY])
def test_an_arrest_leads_to_trial_at_home_and_to_surrender_abroad(as_python: pytest.MonkeyPatch, state: int) -> None:
    world, seen = accused(), noting(as_python, custody, "learn_from_arrest", "await_trial", "await_surrender")
    custody.hold(world, 3, state)
    member = world.member[3]
    assert (member.status, member.held_in, member.arrested) == (MemberStatus.HELD, state, NOW)
    then = ("await_trial", 3, HOME) if state == HOME else ("await_surrender", 3)
    assert seen == [("learn_from_arrest", 0, AWAY), then]


@pytest.mark.parametrize(
    ("warrant", "consents", "instant", "days"),
    [(True, True, 0.0, 16.0), (True, False, 0.0, 41.0), (False, True, 0.0, 305.0), (False, True, 1.0, 1.0)],
)
def test_how_long_surrender_takes(
    as_python: pytest.MonkeyPatch, warrant: bool, consents: bool, instant: float, days: float
) -> None:
    certain(as_python)
    world, settings = (
        accused(held_in=AWAY),
        {"extradition_days": 305.0, "warrant_days": 41.0, "instant_stages": instant},
    )
    for name, value in (settings | {"warrant_consent_days": 16.0}).items():
        world.setting[name] = value
    answers(as_python, custody, is_warrant=warrant, chance=consents)
    custody.await_surrender(world, 3)
    assert scene.waits(world, Event.SURRENDER_DECIDED) == pytest.approx([days])


@pytest.mark.parametrize(("deadline", "warrant"), [(60.0, True), (np.nan, False)])
def test_a_warrant_sets_a_deadline(deadline: float, warrant: bool) -> None:
    world = accused()
    world.instrument[HOME, AWAY, Channel.SURRENDER] = 1
    world.terms["deadline_days"][1] = np.nan
    world.terms["deadline_days"][1, DataKind.ARREST_EXTRADITION] = deadline
    terms = custody.surrender_terms(world, HOME, AWAY)
    assert custody.is_warrant(terms) == warrant


NO_GROUND, NATIONALITY, DUAL, POLITICAL = (
    Ground.NONE,
    Ground.NATIONALITY,
    Ground.DUAL_CRIMINALITY,
    Ground.POLITICAL_OR_ESSENTIAL_INTERESTS,
)


@pytest.mark.parametrize(
    ("changes", "ground"),
    [
        ({}, NO_GROUND),
        ({"barred": 1}, NATIONALITY),
        ({"barred": 1, "warrant": True}, NO_GROUND),
        ({"barred": 1, "home": THIRD}, NO_GROUND),
        ({"tested": True, "offence": False}, DUAL),
        ({"tested": False, "offence": False}, NO_GROUND),
        ({"tested": True, "offence": True}, NO_GROUND),
        ({"political": True}, POLITICAL),
        ({"political": True, "barred": 1, "tested": True, "offence": False, "scale": 0.0}, NO_GROUND),
    ],
)
def test_grounds_on_which_surrender_is_refused(
    as_python: pytest.MonkeyPatch, changes: dict[str, float], ground: Ground
) -> None:
    """Nationals are barred from extradition alone; then dual criminality, where it is tested; then politics."""
    world, political = accused(held_in=AWAY), drawing(as_python, custody, "chance", changes.get("political", False))
    about = noting(as_python, custody, political_refusal_probability=0.3)
    world.setting["refusal_scale"], world.nationals_bar[AWAY] = changes.get("scale", 0.5), changes.get("barred", 0)
    world.group["home"][0], world.affinity[HOME, AWAY] = changes.get("home", AWAY), 0.25
    answers(
        as_python,
        custody,
        is_warrant=changes.get("warrant", False),
        is_tested=changes.get("tested", True),
        is_offence=changes.get("offence", True),
    )
    assert custody.surrender_ground(world, 3) == ground
    if political:
        assert political == [(Purpose.SURRENDER_REFUSED, 0, pytest.approx(0.15))]
        assert about == [("political_refusal_probability", 0.25, changes.get("home", AWAY) == AWAY)]


@pytest.mark.parametrize(
    ("ground", "instead", "status", "tried_in"),
    [
        (Ground.NONE, False, MemberStatus.SURRENDERED, [HOME]),
        (Ground.NATIONALITY, True, MemberStatus.HELD, [AWAY]),
        (Ground.NATIONALITY, False, MemberStatus.RELEASED, []),
    ],
)
def test_what_follows_a_decision_on_surrender(
    as_python: pytest.MonkeyPatch, ground: Ground, instead: bool, status: MemberStatus, tried_in: list[int]
) -> None:
    world, trials = accused(MemberStatus.HELD, held_in=AWAY, ended=np.nan), noting(as_python, custody, "await_trial")
    world.setting["prosecute_instead"] = 0.2
    answers(as_python, custody, surrender_ground=ground, chance=instead)
    custody.surrender_decided(world, 3)
    member = world.member[3]
    assert (member.status, member.ground, member.instead) == (status, ground, int(instead))
    assert [state for *_, state in trials] == tried_in
    assert (member.ended == NOW) == (status == MemberStatus.RELEASED)


def test_a_judgment_takes_as_long_as_trials_do(as_python: pytest.MonkeyPatch) -> None:
    certain(as_python)
    world = accused()
    world.setting["trial_days"] = 500.0
    custody.await_trial(world, 3, AWAY)
    assert world.member["prosecuted_in"][3] == AWAY
    assert scene.waits(world, Event.TRIAL_ENDS) == pytest.approx([500.0])


@pytest.mark.parametrize("odds", [-0.5, 0.4, 2.0])
def test_a_conviction_needs_what_a_trial_asks_for(odds: float) -> None:
    """Relative to a complete file, which is convicted in the share 0.9."""
    setting = row_of_settings(proof_steepness=8.0, trial_standard=0.7, conviction=0.9)[0]
    strength = math.exp(odds) / (math.exp(odds) + 1.0)
    response = (1.0 + math.exp(-8.0 * 0.3)) / (1.0 + math.exp(8.0 * (0.7 - strength)))
    assert custody.conviction_probability(setting, odds) == pytest.approx(0.9 * response)


def test_tainted_answers_are_left_out_one_by_one(as_python: pytest.MonkeyPatch) -> None:
    draws, setting = drawing(as_python, custody, "chance", True), row_of_settings(excluded=0.3, with_exclusion=0.5)[0]
    assert custody.excluded_answers(setting, 7, 3) == 3
    assert draws == [(Purpose.EVIDENCE_EXCLUDED, number, pytest.approx(0.15)) for number in range(3)]


@pytest.mark.parametrize("convicted", [True, False])
def test_a_trial_hears_what_was_found_and_not_what_is_left_out(as_python: pytest.MonkeyPatch, convicted: bool) -> None:
    """Log-odds of 1.5, 0.8 for what was found on the person, less 0.3 for each of two answers left out."""
    world, draws = accused(MemberStatus.HELD), drawing(as_python, custody, "chance", convicted)
    world.setting["proof_content"], world.setting["proof_records"] = 0.8, 0.3
    answers(as_python, custody, person_strength=1.5, excluded_answers=2)
    odds = noting(as_python, custody, conviction_probability=0.35)
    custody.trial_ends(world, 3)
    member = world.member[3]
    assert odds == [
        (
            "conviction_probability",
            pytest.approx(1.5 + 0.8 - 2 * 0.3),
        )
    ]
    assert draws == [(Purpose.CONVICTED, 0, 0.35)]
    assert (member.excluded, member.ended) == (2, NOW)
    assert member.status == (MemberStatus.CONVICTED if convicted else MemberStatus.ACQUITTED)
