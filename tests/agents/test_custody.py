"""The table of M14: arrest, surrender, prosecution instead and trial.

Shares of 20,000 draws are held to 0.015, at least 4 standard errors (0.0035); means and medians of times to 4 %, at
least 4 standard errors too: an error rate below 1e-4 for each assertion.
"""

import numpy as np
import pytest

from sim.agents.authority import political_refusal_probability, silence_probability
from sim.agents.custody import conviction_probability
from sim.agents.events import Event
from sim.engine.compiling import in_python
from sim.law.instruments import DualCriminality
from sim.law.vocabulary import Channel, DataKind, Ground
from sim.world.records import GroupStatus, MemberStatus
from sim.world.world import World
from tests.agents import scene
from tests.agents.scene import AWAY, HOME, THIRD
from tests.tiny import row_of_settings

PERSONS = 20_000
SETTING = row_of_settings()[0]
EXTRADITION, WARRANT = scene.OPEN, scene.DEADLINE
MONTH = 30.4375


def wanted(residence: int = AWAY, basis: int | None = EXTRADITION, **settings: float) -> World:
    """A case that wants many members; `basis` are the terms of surrender from AWAY, None for no basis."""
    world = scene.scene(PERSONS, **settings)
    scene.add_wanted(world, residence)
    if basis is not None:
        scene.open_channel(world, Channel.SURRENDER, AWAY, terms=basis)
    return world


def held(held_in: int = AWAY, **options: float) -> World:
    """The same members under arrest."""
    world = wanted(**options)
    world.member["status"] = MemberStatus.HELD
    world.member["held_in"] = held_in
    return world


def share(world: World, name: str, value: int) -> float:
    return float((world.member[name] == value).mean())


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("travel_per_year", 0.0, 0.15),
        ("travel_detection", 0.2, 0.6),
        ("prosecute_instead", 0.05, 0.3),
        ("conviction", 0.8, 0.95),
        ("trial_days", 12 * MONTH, 30 * MONTH),
        ("warrant_consent_days", 15, 15),
        ("warrant_days", 40, 40),
        ("extradition_days", 9 * MONTH, 11 * MONTH),
    ],
)
def test_defaults_lie_in_the_ranges_of_the_table(name: str, low: float, high: float) -> None:
    assert low <= SETTING[name] <= high


def silence(affinity: float) -> float:
    return float(in_python(silence_probability)(SETTING, affinity, True, 1.0, 0.0))


@pytest.mark.parametrize(
    ("residence", "basis", "affinity", "expected"),
    [
        (HOME, None, 0.0, SETTING.arrest),
        (AWAY, WARRANT, 0.9, SETTING.arrest * (1 - silence(0.9))),
        (AWAY, EXTRADITION, 0.2, SETTING.arrest * (1 - silence(0.2))),
        (AWAY, None, 1.0, 0.0),
    ],
)
def test_who_is_arrested_on_the_day(residence: int, basis: int | None, affinity: float, expected: float) -> None:
    world = wanted(residence, basis, silence_habit=0.0)
    world.affinity[:] = affinity
    arrests = scene.action_day(world)
    assert arrests / PERSONS == pytest.approx(expected, abs=0.015)
    assert share(world, "status", MemberStatus.HELD) == arrests / PERSONS
    at_large = world.member[world.member.status != MemberStatus.HELD]
    assert (at_large.status == MemberStatus.INDICTED).all()  # an indictment is not a conviction
    assert (at_large.indicted == world.now[0]).all()


def test_a_state_far_away_arrests_rarely() -> None:
    """M14: arrest at home is for states that cooperate; the friendly answer, the adversarial stay silent."""
    assert silence(0.95) < 0.1
    assert silence(0.1) > 0.4


@pytest.mark.parametrize("expected", [0.0, 0.03])
def test_who_is_at_large_may_travel_into_arrest(expected: float) -> None:
    """ν · detection, less once the charge is public."""
    world = wanted(arrest=0.0, travel_per_year=expected / 0.4 / 0.5, travel_detection=0.4, travel_indicted=0.5)
    scene.action_day(world)
    days = scene.waits(world, Event.MEMBER_TRAVELS)
    assert len(days) == (PERSONS if expected else 0)
    if expected:
        assert 365.25 / days.mean() == pytest.approx(expected, rel=0.04)
        assert days.std() == pytest.approx(days.mean(), rel=0.05)  # exponential: 7 standard errors


def test_travellers_are_held_where_a_basis_is() -> None:
    world = wanted()
    world.member["status"] = MemberStatus.INDICTED
    world.place_victims[:] = 1.0
    world.place_victims[[HOME, AWAY]] = 0.2, 0.5  # 0.2 of them travel home, 0.3 to AWAY, 0.5 to THIRD
    scene.recognise(world)
    assert share(world, "held_in", HOME) == pytest.approx(0.2, abs=0.015)
    assert share(world, "held_in", AWAY) == pytest.approx(0.3, abs=0.015)
    assert share(world, "held_in", THIRD) == 0
    assert share(world, "status", MemberStatus.INDICTED) == pytest.approx(0.5, abs=0.015)
    assert len(scene.waits(world, Event.TRIAL_ENDS)) == (world.member.held_in == HOME).sum()
    assert len(scene.waits(world, Event.SURRENDER_DECIDED)) == (world.member.held_in == AWAY).sum()


def test_who_slips_through_travels_elsewhere_next_time() -> None:
    """Each journey has a draw of its own: of those at large after the first, half are held after the second."""
    world = wanted()
    world.member["status"] = MemberStatus.INDICTED
    world.place_victims[:] = 1.0
    world.place_victims[[HOME, AWAY]] = 0.2, 0.5
    scene.recognise(world)
    scene.recognise(world)
    assert share(world, "status", MemberStatus.INDICTED) == pytest.approx(0.25, abs=0.015)


def test_extradition_takes_most_of_a_year_or_many() -> None:
    world = wanted(arrest=1.0)
    scene.action_day(world)
    days = scene.waits(world, Event.SURRENDER_DECIDED)
    assert np.median(days) == pytest.approx(SETTING.extradition_days, rel=0.04)
    assert np.log(days).std() == pytest.approx(SETTING.elapsed_sigma, rel=0.04)


def test_a_warrant_takes_weeks() -> None:
    world = wanted(arrest=1.0, basis=WARRANT)
    scene.action_day(world)
    days, counts = np.unique(scene.waits(world, Event.SURRENDER_DECIDED), return_counts=True)
    assert days == pytest.approx([15.0, 40.0])
    assert counts[0] / counts.sum() == pytest.approx(SETTING.warrant_consent, abs=0.015)


def test_surrender_to_oneself_is_not_needed() -> None:
    world = wanted(residence=HOME, arrest=1.0)
    scene.action_day(world)
    assert (world.member.prosecuted_in == HOME).all()
    days = scene.waits(world, Event.TRIAL_ENDS)
    assert np.median(days) == pytest.approx(SETTING.trial_days, rel=0.04)
    assert np.log(days).std() == pytest.approx(SETTING.elapsed_sigma, rel=0.04)


def test_own_nationals_are_barred_from_extradition_alone() -> None:
    for residence, basis, barred in ((AWAY, EXTRADITION, 1), (THIRD, EXTRADITION, 0), (AWAY, WARRANT, 0)):
        world = held(residence=residence, basis=basis, refusal_political=-99.0)
        world.nationals_bar[AWAY] = 1
        scene.decide_surrenders(world)
        assert share(world, "ground", Ground.NATIONALITY) == barred
        assert share(world, "status", MemberStatus.SURRENDERED) == 1 - barred


@pytest.mark.parametrize(
    ("offence", "penalty", "elements", "tested", "refused"),
    [
        (1, 1.0, 0, True, 0),
        (0, 5.0, 0, True, 1),
        (1, 0.9, 0, True, 1),  # Budapest art. 24: at least one year
        (1, 5.0, 0b100, True, 1),  # its law demands an element that the conduct lacks
        (0, 5.0, 0, False, 0),
    ],
)
def test_surrender_needs_an_offence_on_both_sides(
    offence: int, penalty: float, elements: int, tested: bool, refused: int
) -> None:
    world = held(refusal_political=-99.0)
    world.offence[AWAY], world.penalty_years[AWAY], world.elements[AWAY] = offence, penalty, elements
    world.terms["dual_criminality"] = DualCriminality.TESTED if tested else DualCriminality.NOT_TESTED
    world.terms["dual_criminality_kinds"] = 1 << DataKind.ARREST_EXTRADITION
    scene.decide_surrenders(world)
    assert share(world, "ground", Ground.DUAL_CRIMINALITY) == refused


@pytest.mark.parametrize("affinity", [0.9, 0.3, 0.0])
@pytest.mark.parametrize("residence", [AWAY, THIRD])
def test_politics_refuse_more_between_distant_states(affinity: float, residence: int) -> None:
    world = held(residence=residence)
    world.affinity[:] = affinity
    scene.decide_surrenders(world)
    expected = in_python(political_refusal_probability)(SETTING, affinity, residence == AWAY)
    assert share(world, "ground", Ground.POLITICAL_OR_ESSENTIAL_INTERESTS) == pytest.approx(expected, abs=0.015)
    assert share(world, "status", MemberStatus.SURRENDERED) == pytest.approx(1 - expected, abs=0.015)


def test_nobody_refuses_where_refusals_are_switched_off() -> None:
    world = held(refusal_political=99.0, refusal_scale=0.0)
    world.nationals_bar[AWAY] = 1
    scene.decide_surrenders(world)
    assert share(world, "status", MemberStatus.SURRENDERED) == 1
    assert share(world, "prosecuted_in", HOME) == 1


def test_whom_a_state_does_not_surrender_it_may_prosecute() -> None:
    """Aut dedere aut judicare; the others walk free."""
    world = held(refusal_political=99.0)
    scene.decide_surrenders(world)
    assert share(world, "instead", 1) == pytest.approx(SETTING.prosecute_instead, abs=0.015)
    instead = world.member[world.member.instead == 1]
    assert (instead.prosecuted_in == AWAY).all()
    assert (instead.status == MemberStatus.HELD).all()
    freed = world.member[world.member.instead == 0]
    assert (freed.status == MemberStatus.RELEASED).all()
    assert (freed.ended == world.now[0]).all()
    assert len(scene.waits(world, Event.TRIAL_ENDS)) == len(instead)


@pytest.mark.parametrize(("proof", "link"), [(0.0, 0.0), (0.5, 2.0), (3.0, 2.0), (30.0, 2.0)])
def test_courts_convict_on_what_is_proved(proof: float, link: float) -> None:
    """What was found on the person counts as content does; a complete file is convicted in the share `conviction`."""
    odds = SETTING.search_strength + proof + link + SETTING.proof_content
    expected = in_python(conviction_probability)(SETTING, odds)
    assert expected <= SETTING.conviction
    if proof == 30.0:
        assert expected == pytest.approx(SETTING.conviction)
    world = held()
    world.case["proof"][0], world.member["link"] = proof, link
    world.case["leads"][0] = 50  # which count for nothing
    scene.judge(world)
    assert share(world, "status", MemberStatus.CONVICTED) == pytest.approx(expected, abs=0.015)
    assert share(world, "status", MemberStatus.ACQUITTED) == pytest.approx(1 - expected, abs=0.015)


def at_review(residence: int = HOME, basis: int | None = EXTRADITION, alert_until: float = np.inf) -> World:
    """A case that wants many members of a group on its guard, and is reviewed."""
    world = wanted(residence, basis, silence_habit=0.0)
    world.group["status"] = GroupStatus.DOWN  # arrests do not take it down again
    world.group["alert_until"] = alert_until
    scene.arrest_at_review(world)
    return world


def test_a_review_arrests_who_is_in_reach_if_a_warning_costs_nothing() -> None:
    """The chance is that of an action day, and who is not found is indicted."""
    world = at_review()
    assert share(world, "status", MemberStatus.HELD) == pytest.approx(SETTING.arrest, abs=0.015)
    assert share(world, "status", MemberStatus.INDICTED) == pytest.approx(1 - SETTING.arrest, abs=0.015)


@pytest.mark.parametrize("alert_until", [np.nan, 0.0])
def test_a_review_leaves_a_group_unaware_that_is_not_on_its_guard(alert_until: float) -> None:
    assert share(at_review(alert_until=alert_until), "status", MemberStatus.WANTED) == 1


def test_a_review_seeks_nobody_without_a_basis() -> None:
    """Nor does it charge in public, and thereby warn, whom no state would arrest."""
    assert share(at_review(AWAY, None), "status", MemberStatus.WANTED) == 1
    assert share(at_review(AWAY), "status", MemberStatus.WANTED) == 0


@pytest.mark.parametrize("status", [MemberStatus.UNKNOWN, MemberStatus.SUSPECTED, MemberStatus.INDICTED])
def test_a_review_arrests_nobody_without_a_warrant(status: MemberStatus) -> None:
    world = wanted(HOME)
    world.member["status"] = status
    scene.arrest_at_review(world)
    assert share(world, "status", status) == 1
