"""Changes that come about by a course of law: lags, thresholds, the same luck in every arm."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from sim.law.amendments import (
    AdoptOffences,
    Conclude,
    GrantPowers,
    Implement,
    Join,
    Ratify,
    RemoveDataConflict,
    Reserve,
)
from sim.law.order import LegalOrder
from sim.law.ratification import ratifying, signing
from sim.law.vocabulary import Offence
from sim.policy.lever import Course
from sim.policy.places import load_atlas
from sim.policy.problem import InputError
from sim.policy.process import Clock, Process
from sim.policy.scenario_timeline import timeline_of
from sim.policy.timeline import Timeline
from sim.world.parameters import ReformParameters
from tests.policy.conftest import END, POLICY_START, Write, changes

PROTOCOL = "lever: law.join, value: second_protocol, date: 2027-01-01, states: parties of Budapest"
LONG = date(2300, 1, 1)


def clock(seed: int, end: date = LONG) -> Clock:
    return Clock(end, seed)


def joined(steps: Timeline, kind: type[Join] | type[Ratify] = Join) -> dict[str, date]:
    return {state: a.on for a in steps.amendments(END) if isinstance(a, kind) for state in a.states}


def test_stages_follow_one_another_with_their_lags() -> None:
    process = Process(Course.RATIFICATION, negotiation_years=2.0)
    for seed in range(50):
        way = clock(seed).passage("BRA", "budapest", POLICY_START, process, signatory=False)
        assert way is not None
        assert date(2028, 12, 31) <= way.signed <= way.ratified <= way.law <= way.operation
        assert 365 <= (way.law - way.ratified).days <= 4 * 366 + 184
        assert {(day.month, day.day) for day in (way.ratified, way.law, way.operation)} <= {(1, 1), (7, 1)}


def test_waiting_times_have_the_hazards_of_the_data() -> None:
    # 400 states' waits; the mean of n exponentials is within 3.3 standard errors with probability 99.9 %.
    process = Process(Course.RATIFICATION)
    states, seeds = load_atlas().states[::10], range(20)
    ways = [clock(s).passage(state, "budapest", POLICY_START, process, False) for s in seeds for state in states]
    hazard = ratifying("budapest")
    rate = np.mean([1 / hazard.of(load_atlas().governance[state]) for state in states])
    waits = np.array([(way.ratified - way.signed).days / 365.25 - 90 / 365.25 for way in ways if way is not None])
    assert len(waits) == len(states) * len(seeds)
    assert abs(waits.mean() - 0.25 - rate) < 3.3 * rate / np.sqrt(waits.size) + 0.05  # half a half-year by rounding up
    signed = np.array([(way.signed - POLICY_START).days / 365.25 for way in ways if way is not None])
    assert abs(signed.mean() - 1 / signing().rate) < 3.3 / signing().rate / np.sqrt(signed.size) + 0.01


def test_a_seed_has_its_own_days_and_every_arm_the_same(write: Write, order: LegalOrder) -> None:
    alone = write(changes(f"{PROTOCOL}, process: ratification"))
    among = write(
        changes(
            "lever: law.core_offences, value: 5 years, date: 2027-01-01, process: legislation",
            f"{PROTOCOL}, process: ratification",
        )
    )
    ends = POLICY_START, END
    days = [joined(timeline_of(alone, order, *ends, seed), Ratify) for seed in (1, 2)]
    assert days[0] != days[1]
    assert joined(timeline_of(alone, order, *ends, 1), Ratify) == days[0]
    assert joined(timeline_of(among, order, *ends, 1), Ratify) == days[0]


def test_a_quicker_pace_makes_no_state_later(write: Write, order: LegalOrder) -> None:
    slow, fast = (write(changes(f"{PROTOCOL}, process: {{course: ratification, pace: {p}}}")) for p in ("1 x", "4 x"))
    for seed in range(5):
        before, after = (joined(timeline_of(s, order, POLICY_START, END, seed), Ratify) for s in (slow, fast))
        assert set(before) < set(after)
        assert all(after[state] <= day for state, day in before.items())


def test_the_pace_is_also_an_uncertainty(write: Write, order: LegalOrder) -> None:
    scenario = write(changes(f"{PROTOCOL}, process: ratification"))
    quick = replace(ReformParameters(), ratification_pace=5.0)
    assert len(joined(timeline_of(scenario, order, POLICY_START, END, 3, quick), Ratify)) > len(
        joined(timeline_of(scenario, order, POLICY_START, END, 3), Ratify)
    )


def test_only_parties_to_the_convention_join_its_protocol(write: Write, order: LegalOrder) -> None:
    everybody = write(
        changes(f"{PROTOCOL.replace('parties of Budapest', 'all')}, process: {{course: ratification, pace: 50 x}}")
    )
    found = set(joined(timeline_of(everybody, order, POLICY_START, END, 1), Ratify))
    parties = set(order.parties("budapest", POLICY_START))
    assert found <= parties
    assert len(found) > 60
    assert not found & set(order.parties("second_protocol", POLICY_START))


def test_reservations_are_drawn_with_their_share(write: Write, order: LegalOrder) -> None:
    process = "process: {course: ratification, pace: 50 x, reservations: {ap2_art7: 30 %}}"
    scenario = write(changes(f"{PROTOCOL}, {process}"))
    aside = both = 0
    for seed in range(6):
        amendments = timeline_of(scenario, order, POLICY_START, END, seed).amendments(END)
        aside += sum(len(a.states) for a in amendments if isinstance(a, Reserve))
        both += sum(len(a.states) for a in amendments if isinstance(a, Join))
    # Binomial: within 3.3 standard errors with probability 99.9 %.
    assert abs(aside / both - 0.3) < 3.3 * np.sqrt(0.21 / both)


def test_the_standard_convention_brings_law_in_action(write: Write, order: LegalOrder) -> None:
    entry = "lever: law.join, value: budapest, date: 2027-01-01, states: non_parties of Budapest, process: ratification"
    amendments = timeline_of(write(changes(entry)), order, POLICY_START, END, 1).amendments(END)
    practice = {state: a.on for a in amendments if isinstance(a, Implement) for state in a.states}
    assert practice == {state: a.on for a in amendments if isinstance(a, Join) for state in a.states}
    assert practice


def test_parliaments_pass_articles_in_their_own_time(write: Write, order: LegalOrder) -> None:
    entry = (
        "lever: law.core_offences, value: 5 years, date: 2027-01-01, process: legislation, "
        "articles: [article 2, computer_fraud]"
    )
    powers = "lever: law.powers, value: [content, traffic], date: 2027-01-01, process: legislation, states: Africa"
    amendments = timeline_of(write(changes(entry, powers)), order, POLICY_START, END, 1).amendments(END)
    offences = [a for a in amendments if isinstance(a, AdoptOffences)]
    assert {a.offences for a in offences} == {(Offence.ILLEGAL_ACCESS, Offence.COMPUTER_FRAUD)}
    passed = sum(len(a.states) for a in offences)
    expected = 196 * (1 - np.exp(-ratifying("budapest").rate * 10))
    assert abs(passed - expected) < 3.3 * np.sqrt(expected * (1 - expected / 196)) + 5
    assert any(isinstance(a, GrantPowers) for a in amendments)


def test_the_union_negotiates_as_one_and_pairs_conclude_once(write: Write, order: LegalOrder) -> None:
    data = (
        "lever: law.data_conflict_removed, value: yes, date: 2027-01-01, "
        "process: {course: agreement, hazard: 20 % a year}, "
        "pairs: {requesting: [USA, IND], requested: EU, both_ways: yes}"
    )
    treaty = (
        "lever: law.conclude, value: mlat, date: 2027-01-01, process: {course: agreement, pace: 20 x}, "
        "pairs: {requesting: Africa, requested: Africa}"
    )
    steps = timeline_of(write(changes(data, treaty)), order, POLICY_START, END, 4)
    removed = [a for a in steps.amendments(END) if isinstance(a, RemoveDataConflict)]
    assert removed
    for day in {a.on for a in removed}:
        pairs = {(x, y) for a in removed if a.on == day for x in a.requesting for y in a.requested}
        partners = {x for pair in pairs for x in pair} & {"USA", "IND"}
        assert len(pairs) == 54 * len(partners)  # 27 members, both ways
    concluded = [pair for a in steps.amendments(END) if isinstance(a, Conclude) for pair in a.pairs]
    assert len(concluded) == len(set(concluded)) > 100
    assert all(a < b for a, b in concluded)


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (f"{PROTOCOL}, process: ratificaton", "ratification"),
        (f"{PROTOCOL}, process: legislation", "process: ratification"),
        (f"{PROTOCOL}, process: {{course: ratification, pase: 2 x}}", "pace"),
        (f"{PROTOCOL}, process: {{course: ratification, like: budapst}}", "budapest"),
        (f"{PROTOCOL}, process: {{course: ratification, hazard: 5 %}}", "4 % a year"),
        (f"{PROTOCOL}, process: {{course: ratification, reservations: {{ap2_art6: 5 %}}}}", "ap2_art7"),
        (f"{PROTOCOL}, process: {{course: ratification, reservations: {{ap2_art7: 5}}}}", "0 to 1"),
        (f"{PROTOCOL}, ramp: 2 years, process: ratification", "its own days"),
        (f"{PROTOCOL}, articles: [article 2]", "not about offences"),
        ("lever: law.core_offences, value: 5 years, date: 2027-01-01, articles: article 9", "article_8"),
        ("lever: court.staff, value: 2 x, date: 2027-01-01, process: legislation", "Remove it"),
    ],
)
def test_a_mistake_in_a_process_is_reported(entry: str, words: str, write: Write) -> None:
    with pytest.raises(InputError, match=words) as caught:
        write(changes(entry))
    assert "written.yaml:5: " in str(caught.value)
