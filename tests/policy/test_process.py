"""Tests of legal processes: lags, thresholds, and equal random draws in every scenario run."""

import math
from dataclasses import replace
from datetime import date, timedelta

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
from sim.law.national import stable_number
from sim.law.order import LegalOrder
from sim.law.ratification import acceding, concluding, ratifying, signing
from sim.law.vocabulary import Offence
from sim.policy.lever import Course
from sim.policy.places import load_atlas
from sim.policy.process import DEPOSIT_DAYS, Clock, Process, next_half_year
from sim.policy.scenario_timeline import timeline_of
from sim.policy.timeline import Timeline
from sim.world.parameters import Parameters, Theme
from tests.policy.conftest import END, POLICY_START, Write, changes

PROTOCOL = "lever: law.join, value: second_protocol, date: 2027-01-01, states: parties of Budapest"
LONG = date(2300, 1, 1)
#: So slow that days are rounded up by a per cent of a wait at most.
SLOW, DISTANT = 0.005, date(9900, 1, 1)


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


def test_laws_take_effect_on_the_next_half_year() -> None:
    for law, days in {
        date(2027, 1, 1): ("01-01",),
        date(2027, 7, 1): ("01-02", "06-30", "07-01"),
        date(2028, 1, 1): ("07-02", "12-31"),
    }.items():
        assert {next_half_year(date.fromisoformat(f"2027-{day}")) for day in days} == {law}


def waited(process: Process, instrument: str = "un_convention", reform: Theme | None = None) -> float:
    """Years from signature to ratification, with the same random draws each time."""
    clock = Clock(DISTANT, 1, reform or Parameters().reform)
    way = clock.passage("BRA", instrument, POLICY_START, process, signatory=True)
    assert way is not None and way.signed == POLICY_START
    years = ((way.ratified - way.signed).days - DEPOSIT_DAYS) / 365.25
    assert years > 50
    return years


def test_a_wait_is_inverse_to_hazard_and_pace() -> None:
    slow = Process(Course.RATIFICATION, hazard=0.1, pace=SLOW)
    usual = waited(slow)
    assert waited(replace(slow, hazard=0.05)) == pytest.approx(2 * usual, rel=0.02)
    assert waited(replace(slow, pace=SLOW / 2)) == pytest.approx(2 * usual, rel=0.02)
    halved = replace(Parameters().reform, ratification_pace=Parameters().reform.ratification_pace / 2)
    assert waited(slow, reform=halved) == pytest.approx(2 * usual, rel=0.02)
    assert clock(1).passage("BRA", "budapest", POLICY_START, replace(slow, pace=0.0), signatory=True) is None


def test_a_hazard_is_that_of_the_file_or_of_the_treaty_that_it_names_or_its_own() -> None:
    governance = load_atlas().governance["BRA"]
    own = waited(Process(Course.RATIFICATION, pace=SLOW)) * ratifying("un_convention").of(governance)
    like = waited(Process(Course.RATIFICATION, pace=SLOW, like="budapest")) * ratifying("budapest").of(governance)
    assert own == pytest.approx(like, rel=0.02)
    undated = waited(Process(Course.RATIFICATION, pace=SLOW), "malabo")
    assert undated == pytest.approx(waited(Process(Course.RATIFICATION, pace=SLOW, like="budapest"), "malabo"))


def test_nobody_signs_before_acceding() -> None:
    """A state that accedes signs no earlier, and waits by the hazard of accession or of the file."""
    process = Process(Course.ACCESSION, negotiation_years=2.0, pace=SLOW)
    ways = [
        Clock(DISTANT, 1).passage("BRA", "budapest", POLICY_START, made, signatory)
        for made in (process, replace(process, hazard=0.1))
        for signatory in (False, True)
    ]
    assert {way.signed for way in ways if way is not None} == {date(2028, 12, 31)}  # 730.5 days, rounded to even
    own, _, given, same = (((way.ratified - way.signed).days - DEPOSIT_DAYS) / 365.25 for way in ways if way)
    assert given == same
    leaning = replace(ratifying("budapest"), rate=0.1).of(load_atlas().governance["BRA"])
    assert own * acceding("budapest").rate == pytest.approx(given * leaning, rel=0.02)


def test_what_comes_after_the_end_never_happens() -> None:
    process, sides = Process(Course.RATIFICATION, hazard=0.3, negotiation_years=3.0), ("USA", "BRA")

    def days(end: date) -> list[date | None]:
        way = clock(2, end).passage("BRA", "budapest", POLICY_START, process, signatory=True)
        made = clock(2, end)
        return [
            way and way.ratified,
            made.adopted("BRA", "ILLEGAL_ACCESS", POLICY_START, process),
            made.agreed(sides, "data", POLICY_START, process),
        ]

    found = days(LONG)
    for row, day in enumerate(found):
        assert day is not None and day > date(2029, 12, 31) and days(day)[row] == day
        assert days(date(day.year - 1, day.month, 1))[row] is None and days(POLICY_START)[row] is None
    assert isinstance(found[0], date)
    cut = clock(2, found[0]).passage("BRA", "budapest", POLICY_START, process, signatory=True)
    assert cut is not None and cut.law == cut.operation == next_half_year(found[0] + timedelta(days=1))


def test_a_ratification_that_would_count_after_the_end_never_does_however_early_it_is_deposited() -> None:
    process = Process(Course.RATIFICATION, hazard=0.3)
    way = clock(2).passage("BRA", "budapest", POLICY_START, process, signatory=True)
    assert way is not None
    for days in range(1, 280):  # three months and at most a half-year before, it was deposited
        end = way.ratified - timedelta(days=days)
        assert clock(2, end).passage("BRA", "budapest", POLICY_START, process, signatory=True) is None


@pytest.mark.parametrize(("stage", "who"), [("legislation", "BRA"), ("agreement", "BRA-USA")])
def test_what_is_decided_on_the_last_day_comes_too_late(stage: str, who: str) -> None:
    """A decision on or after the last day has no effect."""
    process = Process(Course.AGREEMENT, hazard=0.3, negotiation_years=3.0)
    luck = stable_number("reform", "2", stage, "data", who)
    decided = POLICY_START + timedelta(days=1096 + math.ceil(-math.log(1.0 - luck) / 0.3 * 365.25))

    def found(end: date) -> date | None:
        if stage == "legislation":
            return clock(2, end).adopted("BRA", "data", POLICY_START, process)
        return clock(2, end).agreed(("USA", "BRA"), "data", POLICY_START, process)

    assert found(decided) is None and found(decided + timedelta(days=1)) == next_half_year(decided)


def test_agreements_have_the_hazard_of_bilateral_treaties_or_that_of_the_file() -> None:
    """Agreements are reached by the hazard of bilateral treaties, or by a hazard in the file."""
    slow = Process(Course.AGREEMENT, negotiation_years=3.0, pace=SLOW * 10)

    def waits(process: Process, *sides: str, pace: float = 1.0) -> float:
        reform = replace(Parameters().reform, ratification_pace=pace)
        day = Clock(DISTANT, 1, reform).agreed((sides[0], sides[1]), "data", POLICY_START, process)
        assert day is not None
        return (day - POLICY_START).days / 365.25 - 3.0

    usual = waits(slow, "USA", "BRA")
    assert usual == waits(slow, "BRA", "USA") > 50
    assert waits(slow, "USA", "BRA", pace=0.5) == pytest.approx(2 * usual, rel=0.02)
    negotiated = replace(slow, negotiation_years=33.0)
    assert waits(negotiated, "USA", "BRA") == pytest.approx(usual + 30.0, abs=0.6)  # rounded up to half-years
    luck = usual * concluding().rate
    assert waits(replace(slow, hazard=0.05), "USA", "BRA") * 0.05 == pytest.approx(luck, rel=0.02)
    like = waits(replace(slow, like="budapest"), "USA", "BRA") * ratifying("budapest").rate
    assert like == pytest.approx(luck, rel=0.1)  # a wait of twenty years, rounded up to half-years


def test_practice_takes_longer_where_a_state_is_governed_worse() -> None:
    """Implementation takes longer in less well governed states (means of 400 within 3.3 standard errors)."""
    atlas, reform = load_atlas(), Parameters().reform
    for state in (max(atlas.states, key=atlas.governance.__getitem__), min(atlas.states, key=atlas.governance.get)):
        ways = [
            clock(s).passage(state, "budapest", POLICY_START, Process(Course.RATIFICATION), True) for s in range(400)
        ]
        years = np.mean([(way.operation - way.law).days / 365.25 for way in ways if way is not None])
        least, most = reform.operation_least_years, reform.operation_most_years
        tau = atlas.governance[state] * least + (1.0 - atlas.governance[state]) * most
        assert abs(years - tau) < 3.3 * tau / 20 + 0.25


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
    assert days[0] != days[1] and joined(timeline_of(alone, order, *ends, 1), Ratify) == days[0]
    assert joined(timeline_of(among, order, *ends, 1), Ratify) == days[0]


def test_a_quicker_pace_makes_no_state_later_and_no_pace_none(write: Write, order: LegalOrder) -> None:
    """A faster pace delays no state, and with a pace of zero no state joins."""
    quick = replace(Parameters().reform, ratification_pace=4.0)
    paces = [write(changes(f"{PROTOCOL}, process: {{course: ratification, pace: {p} x}}")) for p in (1, 4, 0)]
    for seed in range(5):
        before, after, never = (joined(timeline_of(s, order, POLICY_START, END, seed), Ratify) for s in paces)
        assert set(before) < set(after) and all(after[state] <= day for state, day in before.items())
        assert never == {}
        assert joined(timeline_of(paces[0], order, POLICY_START, END, seed, quick), Ratify) == after


def test_only_parties_to_the_convention_join_its_protocol(write: Write, order: LegalOrder) -> None:
    everybody = write(
        changes(f"{PROTOCOL.replace('parties of Budapest', 'all')}, process: {{course: ratification, pace: 50 x}}")
    )
    found = set(joined(timeline_of(everybody, order, POLICY_START, END, 1), Ratify))
    parties = set(order.parties("budapest", POLICY_START))
    assert found <= parties and len(found) > 60
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
    states = load_atlas().states
    assert [sum(clock(1).reserves(state, "ap2_art7", share) for state in states) for share in (0.0, 1.0)] == [0, 196]


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
    assert len(concluded) == len(set(concluded)) > 100 and all(a < b for a, b in concluded)


def test_agreements_bind_the_pairs_that_are_named_up_to_the_last_day(write: Write, order: LegalOrder) -> None:
    """Agreements bind each named pair of states once, up to the end of the run."""

    def agreed(lever: str, more: str = "", end: date = LONG) -> list[Conclude | RemoveDataConflict]:
        pairs = f"pairs: {{requesting: [USA, BRA], requested: [BRA, IND]{more}}}"
        body = f"lever: {lever}, date: 2027-01-01, process: {{course: agreement, pace: 20 x}}, {pairs}"
        found = timeline_of(write(changes(body)), order, POLICY_START, end, 4).amendments(LONG)
        return [one for one in found if isinstance(one, Conclude | RemoveDataConflict)]

    treaties, data = (f"law.{name}" for name in ("conclude, value: mlat", "data_conflict_removed, value: yes"))
    one_way = {("USA", "BRA"), ("USA", "IND"), ("BRA", "IND")}
    concluded = [pair for one in agreed(treaties) for pair in one.pairs]
    assert sorted(concluded) == sorted(tuple(sorted(pair)) for pair in one_way)
    both = one_way | {(b, a) for a, b in one_way}
    spelled = {"": one_way, "yes": both, "True": both, "no": one_way, "FALSE": one_way}
    for word, pairs in spelled.items():
        more = word and f", both_ways: {word}"
        removed = [(a, b) for one in agreed(data, more) for a in one.requesting for b in one.requested]
        assert len(removed) == len(pairs) and set(removed) == pairs
    last = max(one.on for one in agreed(treaties))
    assert len(agreed(treaties, end=last)) == len(agreed(treaties)) > len(agreed(treaties, end=last - timedelta(1)))
