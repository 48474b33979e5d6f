"""Tests of timelines: ramps, phases, combinations and selections become dated steps.

Growth on top of other changes, a lag from decision to effect, and politics that drifts.
"""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from sim.law.amendments import CloseChannels, Conclude, Implement, Join, Ratify, RemoveDataConflict, ShiftAffinity
from sim.law.days import to_day
from sim.law.order import LegalOrder
from sim.policy.expansion import add_months, quarters
from sim.policy.places import load_atlas
from sim.policy.problem import InputError
from sim.policy.scenario import Scenario, load, over
from sim.policy.scenario_timeline import timeline_of
from sim.policy.timeline import Timeline
from sim.results.pooled import joined_by_year, joins
from sim.world.parameters import Parameters
from tests.policy.conftest import END, POLICY_START, Expand, Write, changes


def values(steps: Timeline, lever: str) -> list[tuple[float, float]]:
    return [
        (day, assignment.value)
        for day in steps.dates()
        for assignment in steps.assignments(day)
        if assignment.lever == lever
    ]


def test_quarters_end_on_the_last_day_and_months_on_one_of_the_calendar() -> None:
    assert quarters(date(2027, 1, 1), date(2027, 1, 1)) == (date(2027, 1, 1),)
    assert quarters(date(2027, 1, 1), date(2027, 5, 1)) == (date(2027, 4, 1), date(2027, 5, 1))
    assert add_months(date(2027, 11, 30), 3) == date(2028, 2, 29)
    assert add_months(date(2027, 8, 31), 1) == date(2027, 9, 30)


def test_a_ramp_rises_quarter_by_quarter_from_neutral(write: Write, timeline: Expand) -> None:
    entry = "lever: central_authority.staff, value: +40 %, date: 2027-01-01, ramp: 1 year"
    found = values(timeline(write(changes(entry))), "central_authority.staff")
    days = [to_day(day) for day in (date(2027, 4, 1), date(2027, 7, 1), date(2027, 10, 1), date(2028, 1, 1))]
    assert [day for day, _ in found] == days
    assert [value for _, value in found] == pytest.approx([1.1, 1.2, 1.3, 1.4])
    # A ramp starts from a value that was given before or on its first day, not from one of a later day.
    for day, steps in (
        *(("2027-01-01", [0.4, 0.6, 0.8]), ("2028-01-01", [0.4, 0.6, 0.8]), ("2028-02-01", [0.4, 0.4, 0.8])),
    ):
        first = f"lever: request.template, value: 40 %, date: {day}"
        second = "lever: request.template, value: 80 %, date: 2028-01-01, ramp: 6 months"
        found = values(timeline(write(changes(first, second))), "request.template")
        assert [value for _, value in found] == pytest.approx(steps), day


def test_what_acts_every_year_acts_from_its_own_day_on_and_then_each_new_year(write: Write, timeline: Expand) -> None:
    """A yearly change acts first on its own day, then on each 1 January."""
    found = timeline(write(changes("lever: politics.drift, value: 0.1, date: 2033-03-01")))
    days = (date(2033, 3, 1), date(2034, 1, 1), date(2035, 1, 1), date(2036, 1, 1))
    assert [day for day in found.dates() if day > to_day(POLICY_START)] == [to_day(day) for day in days]


def test_what_nobody_knows_comes_about_in_a_share_of_worlds(write: Write, order: LegalOrder) -> None:
    """A larger share of worlds with an uncertain event includes the worlds of a smaller share.

    Of 400 worlds 160 are expected: 98 to 222 is more than six standard errors.
    """
    entry = "lever: law.join, value: {}, date: 2029-01-01, states: all, worlds: {} %"
    force = "lever: law.in_force, value: un_convention, date: 2029-01-01, worlds: 40 %"
    asked = {
        "un": changes(entry.format("un_convention", 40), force),
        "other": changes(entry.format("budapest", 40)),
        "more": changes(entry.format("un_convention", 60)),
    }
    found = {name: write(text) for name, text in asked.items()}
    worlds = {name: set[int]() for name in found}
    for seed in range(400):
        for name, scenario in found.items():
            steps = timeline_of(scenario, order, POLICY_START, END, seed).steps
            assert len(steps) in (0, len(scenario.changes))
            worlds[name] |= {seed} if steps else set()
    assert 98 < len(worlds["un"]) < 222 and worlds["un"] < worlds["more"] and worlds["un"] != worlds["other"]


def test_a_ramped_shift_adds_up_to_its_value(write: Write, timeline: Expand) -> None:
    entry = "lever: politics.affinity_shift, value: 0.2, date: 2027-01-01, ramp: 1 year"
    amendments = timeline(write(changes(entry))).amendments(END)
    assert all(isinstance(amendment, ShiftAffinity) for amendment in amendments)
    assert sum(a.delta for a in amendments) == pytest.approx(0.2)  # type: ignore[union-attr]
    assert len(amendments) == 4


def test_phases_reach_every_state_once_and_end_in_time(write: Write, timeline: Expand) -> None:
    entry = (
        "lever: law.join, value: budapest, states: non_parties of Budapest, "
        "phased: {from: 2027-01-01, until: 2028-12-31, order: worst_governed_first}"
    )
    amendments = timeline(write(changes(entry))).amendments(END)
    joined = [state for amendment in amendments for state in amendment.states]  # type: ignore[union-attr]
    assert len(joined) == len(set(joined))
    assert max(amendment.on for amendment in amendments) == date(2028, 12, 31)
    sizes = [len(amendment.states) for amendment in amendments]  # type: ignore[union-attr]
    assert max(sizes) - min(sizes) <= 1
    atlas = load_atlas()
    assert tuple(joined) == atlas.best_governed_first(joined)[::-1]


def test_steps_after_the_end_are_left_out(write: Write, order: LegalOrder) -> None:
    scenario = write(changes("lever: request.template, value: 1, date: 2027-01-01, ramp: 10 years"))
    steps = timeline_of(scenario, order, POLICY_START, date(2028, 12, 31))
    assert len(steps.dates()) == 7 and values(steps, "request.template")[-1][1] < 0.2


def test_selections_of_states(write: Write, order: LegalOrder) -> None:
    cases: tuple[tuple[str, set[str], set[str]], ...] = (
        *(("DEU", {"DEU"}, {"FRA"}), ("deu", {"DEU"}, {"FRA"}), ("Germany", {"DEU"}, {"FRA"})),
        *(("EU", {"DEU", "FRA"}, {"USA", "GBR"}), ("[EU, GBR]", {"DEU", "GBR"}, {"USA"})),
        *(("Europe", {"DEU", "GBR"}, {"USA"}), ("Southern Asia", {"IND"}, {"DEU"}), ("tier 1", {"DEU"}, {"PRK"})),
        *(("tier 4", {"PRK"}, {"DEU"}), ("parties of Budapest", {"DEU", "USA"}, {"RUS"})),
        *(("non-parties of budapest", {"RUS"}, {"DEU"}), ("parties of Second Protocol", {"SRB"}, {"USA"})),
        ("all", {"DEU", "RUS"}, set()),
    )
    for selection, some, others in cases:
        entry = f"lever: request.template, value: 1, date: 2027-01-01, states: {selection}"
        chosen = set(write(changes(entry)).changes[0].states.resolve(load_atlas(), order, POLICY_START))
        assert some <= chosen and not others & chosen, selection


def test_pairs_both_ways_do_not_meet_twice(write: Write, timeline: Expand) -> None:
    entry = (
        "lever: politics.affinity_shift, value: 0.1, date: 2027-01-01, "
        "pairs: {requesting: [DEU, FRA], requested: [FRA, USA], both_ways: yes}"
    )
    amendments = timeline(write(changes(entry))).amendments(END)
    met: list[tuple[str, str]] = []
    for amendment in amendments:
        assert isinstance(amendment, ShiftAffinity)
        met += [(a, b) for a in amendment.requesting for b in amendment.requested]
    one_way = {(a, b) for a in ("DEU", "FRA") for b in ("FRA", "USA")}
    assert sorted(met) == sorted(one_way | {(b, a) for a, b in one_way})
    # The mask of pairs leaves out a state with itself.
    entry = "lever: transmission.electronic_share, value: 1, date: 2027-01-01, pairs: {requesting: EU, requested: EU}"
    mask = timeline(write(changes(entry))).assignments(to_day(POLICY_START))[0].pair_mask
    assert mask.sum() == 27 * 26 and not np.diagonal(mask).any()


def test_levers_of_the_law_become_amendments(write: Write, timeline: Expand) -> None:
    entries = (
        "lever: law.join, value: un_convention, date: 2028-01-01, states: [DEU]",
        "lever: law.conclude, value: mlat, date: 2028-01-01, pairs: {requested: BRA}",
        "lever: channels.closed, value: [police], date: 2029-01-01, pairs: {requested: RUS}",
        "lever: law.data_conflict_removed, value: yes, date: 2029-01-01, pairs: {requested: EU}",
    )
    steps = timeline(write(changes(*entries)))
    assert [type(a) for a in steps.amendments(END)] == [Join, Conclude, CloseChannels, RemoveDataConflict]
    assert steps.amendments(date(2028, 12, 31)) == steps.amendments(END)[:2]
    assert steps.dates() == (to_day(date(2028, 1, 1)), to_day(date(2029, 1, 1)))


JOIN, LAST = "lever: law.join, value:", date(2031, 12, 31)


def test_other_changes_make_nobody_join() -> None:
    assert joins(load("second_protocol")) and not joins(load("faster_mlat"))


def joined(scenario: Scenario, law: LegalOrder, seed: int) -> list[tuple[str, int, int, int, int]]:
    timeline = timeline_of(scenario, law, POLICY_START, LAST, seed)
    found = joined_by_year(scenario, timeline, law, POLICY_START, LAST)
    return [(entry.states, entry.of, entry.year, entry.in_force, entry.usable) for entry in found]


def test_states_that_join_are_counted_year_by_year(write: Write, law: LegalOrder) -> None:
    one, by_one = "date: 2029-07-01, states: [CHN, IND, DEU]", "phased: {from: 2027-01-01, until: 2030-12-31}"
    scenario = write(changes(f"{JOIN} budapest, {one}", f"{JOIN} budapest, {by_one}, states: [RUS, BLR, SAU, IRN]"))
    expected = (("CHN, IND, DEU", 3, (1, 1, 3, 3, 3)), ("RUS, BLR, SAU, IRN", 4, (0, 1, 2, 4, 4)))
    assert joined(scenario, law, 1) == [
        (states, of, year, number, number)
        for states, of, numbers in expected
        for year, number in enumerate(numbers, 2027)
    ]


def test_days_that_a_process_draws_differ_from_seed_to_seed(write: Write, law: LegalOrder) -> None:
    drawn = f"{JOIN} budapest, date: 2027-01-01, states: non_parties of budapest, process: ratification"
    scenario = write(changes(drawn))
    by_seed = [joined(scenario, law, seed) for seed in (1, 2, 3)]
    assert len({tuple(rows) for rows in by_seed}) > 1
    for rows in by_seed:
        bound, usable = ([row[place] for row in rows] for place in (3, 4))
        assert bound == sorted(bound) and bound[-1] > 0
        assert all(one >= other for one, other in zip(bound, usable, strict=True))
        assert sum(bound) > sum(usable), "law and offices come after ratification"


def test_a_treaty_that_waits_for_ratifications_is_in_force_nowhere_before(write: Write, law: LegalOrder) -> None:
    few = write(changes(f"{JOIN} un_convention, date: 2027-01-01, states: [DEU, FRA]"))
    assert {row[3] for row in joined(few, law, 1)} == {0}
    many = write(changes(f"{JOIN} un_convention, date: 2028-01-01, states: all"))
    assert [row[3] for row in joined(many, law, 1)][:2] == [0, 196]


GROWTH = "lever: court.staff, growth: 5 % a year, date: 2027-01-01"


def levels(steps: Timeline, lever: str, on: date) -> dict[str, float]:
    """Value of a lever in each state on a day."""
    found = dict.fromkeys(load_atlas().states, 1.0)
    for step in steps.steps:
        for entry in step.assignments:
            if step.on <= on and entry.lever == lever:
                found.update(dict.fromkeys(entry.states or found, entry.value))
    return found


def test_what_grows_grows_every_quarter_by_its_share_a_year(write: Write, timeline: Expand) -> None:
    steps = timeline(write(changes(GROWTH)))
    assert len(steps.steps) == 40
    for years in (1, 5, 9):
        found = levels(steps, "court.staff", add_months(POLICY_START, 12 * years))
        assert len(set(found.values())) == 1 and found["DEU"] == pytest.approx(1.05**years, rel=1e-3)


def test_growth_multiplies_what_other_changes_set_in_either_order(write: Write, timeline: Expand) -> None:
    """Growth multiplies the values that other changes set, in either order."""
    reform = "lever: court.staff, value: 150 %, date: 2028-05-01, states: [DEU, FRA]"
    for entries in ((GROWTH, reform), (reform, GROWTH)):
        found = levels(timeline(write(changes(*entries))), "court.staff", date(2032, 1, 1))
        assert found["DEU"] == pytest.approx(1.5 * 1.05**5, rel=1e-3)
        assert found["USA"] == pytest.approx(1.05**5, rel=1e-3)
        other = "lever: central_authority.staff, value: 2 x, date: 2028-05-01"  # on the same day
        both = timeline(write(changes(*entries, other)))
        assert set(levels(both, "central_authority.staff", date(2028, 5, 1)).values()) == {2.0}
        day = levels(both, "court.staff", date(2028, 5, 1))
        assert day["DEU"] == pytest.approx(1.5 * day["USA"])


def test_growth_of_some_states_is_theirs_alone(write: Write, timeline: Expand) -> None:
    found = levels(timeline(write(changes(f"{GROWTH}, states: [BRA]"))), "court.staff", END)
    assert found["BRA"] > 1.5 and {level for state, level in found.items() if state != "BRA"} == {1.0}


def test_a_policymakers_measures_keep_the_growth(write: Write, timeline: Expand) -> None:
    steps = timeline(write(changes(GROWTH)))
    decided = timeline(write(changes("lever: court.staff, value: 2 x, date: 2030-02-01"))).steps
    found = levels(steps.extended(decided), "court.staff", date(2032, 1, 1))
    assert found["DEU"] == pytest.approx(2 * 1.05**5, rel=1e-3)


def test_a_decision_takes_effect_after_its_lag(write: Write, timeline: Expand, order: LegalOrder) -> None:
    """A decision takes effect after its lag of years or months."""
    entry = "lever: law.join, value: budapest, states: ASEAN, date: 2028-01-01, lag: {}"
    joining = timeline(write(changes(entry.format("3 years"))))
    assert joining.dates() == timeline(write(changes(entry.format("36 months")))).dates()
    joins = [a for a in joining.amendments(END) if isinstance(a, Join)]
    assert {a.on for a in joins} == {date(2031, 1, 1)}
    vietnam, germany = order.index("VNM"), order.index("DEU")

    def way(day: date) -> int:
        return int(order.arrays(day, joining.amendments(day)).instrument[germany, vietnam, 2])

    assert way(date(2030, 12, 31)) == -1 < way(date(2031, 1, 1))


def test_phases_keep_their_pace_under_a_lag(write: Write, timeline: Expand) -> None:
    entry = "lever: law.join, value: budapest, states: Africa, phased: {from: 2027-01-01, until: 2029-12-31}"
    plain, later = (timeline(write(changes(f"{entry}{lag}"))).dates() for lag in ("", ", lag: 12 months"))
    assert len(plain) == len(later) == 12
    assert {round(b - a) for a, b in zip(plain, later, strict=True)} <= {365, 366}


def test_a_lag_beyond_the_end_is_no_change_at_all(write: Write, timeline: Expand) -> None:
    with pytest.raises(InputError, match="takes effect after the run ends"):
        timeline(write(changes("lever: law.join, value: budapest, date: 2030-01-01, lag: 8 years")))


def test_politics_drifts_alike_in_every_arm_and_otherwise_in_every_seed(write: Write, order: LegalOrder) -> None:
    drift = "lever: politics.drift, value: 0.07, date: 2027-01-01"
    more = "lever: law.powers, value: content, date: 2029-03-01, states: all"
    day = date(2030, 6, 1)

    def affinity(seed: int, *entries: str) -> np.ndarray:
        steps = timeline_of(write(changes(*entries)), order, POLICY_START, END, seed)
        return order.arrays(day, steps.amendments(day)).affinity

    first = affinity(1, drift)
    np.testing.assert_array_equal(first, affinity(1, drift, more))
    assert (first != affinity(2, drift)).mean() > 0.9 and first.min() >= 0.0 and first.max() <= 1.0
    calm = order.arrays(day).affinity
    np.testing.assert_array_equal(calm.diagonal(), first.diagonal())


def test_how_fast_practice_follows_law_acts_for_the_convention_too(order: LegalOrder) -> None:
    """The speed of implementation also affects the Convention."""
    scenario = load("universal_convention")
    grown = []
    for least, most in ((0.0, 2.0), (1.0, 3.0), (2.0, 6.0)):
        reform = replace(Parameters().reform, operation_least_years=least, operation_most_years=most)
        amendments = timeline_of(scenario, order, POLICY_START, END, 1, reform).amendments(END)
        assert any(isinstance(a, Implement) for a in amendments)
        grown.append(float(order.arrays(END, amendments).implementation.mean()))
    assert grown[0] > grown[1] + 0.005 > grown[2] + 0.01


def test_a_scenario_is_set_on_top_of_what_goes_on_anyway() -> None:
    trends, reform = load("current_trends"), load("faster_mlat")
    both = over(reform, trends)
    assert both.key == reform.key and both.title == reform.title
    assert both.changes == (*trends.changes, *reform.changes) and over(both, load("status_quo")) is both
    assert over(load("status_quo"), trends).changes == (), "the control stays frozen"


def test_what_is_based_on_the_baseline_has_its_changes_once(write: Write) -> None:
    mine = write("based_on: current_trends\n" + changes("lever: court.staff, value: 2 x, date: 2028-01-01"))
    assert over(mine, load("current_trends")) is mine


def test_the_moving_baseline_ratifies_every_year_and_leaves_the_frozen_one_alone(timeline, order):
    """The moving baseline adds Parties every year, and the frozen baseline none.

    The record's pace is 2.6 a year (115 states outside, 2.4 % each); in forty seed-years fewer than forty are expected
    with probability below 1e-8 (Poisson, mean 104).
    """
    found: dict[str, int] = {}
    for seed in range(4):
        amendments = timeline_of(load("current_trends"), order, POLICY_START, END, seed).amendments(END)
        for a in amendments:
            if isinstance(a, Ratify):
                found[a.instrument_id] = found.get(a.instrument_id, 0) + len(a.states)
    assert 40 <= found["budapest"] <= 160 and found["second_protocol"] >= 4
    assert timeline(load("status_quo")) == Timeline()
