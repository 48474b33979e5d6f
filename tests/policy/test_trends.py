"""Growth on top of other changes, a lag from decision to effect, and politics that drifts."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from sim.law.amendments import Implement, Join
from sim.law.order import LegalOrder
from sim.policy.expansion import add_months
from sim.policy.places import load_atlas
from sim.policy.problem import InputError
from sim.policy.scenario import load, over
from sim.policy.scenario_timeline import timeline_of
from sim.policy.timeline import Timeline
from sim.world.parameters import ReformParameters
from tests.policy.conftest import END, POLICY_START, Expand, Refuse, Write, changes

GROWTH = "lever: court.staff, growth: 5 % a year, date: 2027-01-01"


def levels(steps: Timeline, lever: str, on: date) -> dict[str, float]:
    """Where a lever stands in each state on a day."""
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
        assert len(set(found.values())) == 1
        assert found["DEU"] == pytest.approx(1.05**years, rel=1e-3)


def test_growth_multiplies_what_other_changes_set_in_either_order(write: Write, timeline: Expand) -> None:
    """Else a reform of staff would end when the next step of growth comes, or growth when the reform does."""
    reform = "lever: court.staff, value: 150 %, date: 2028-05-01, states: [DEU, FRA]"
    for entries in ((GROWTH, reform), (reform, GROWTH)):
        found = levels(timeline(write(changes(*entries))), "court.staff", date(2032, 1, 1))
        assert found["DEU"] == pytest.approx(1.5 * 1.05**5, rel=1e-3)
        assert found["USA"] == pytest.approx(1.05**5, rel=1e-3)
        day = levels(timeline(write(changes(*entries))), "court.staff", date(2028, 5, 1))
        assert day["DEU"] == pytest.approx(1.5 * day["USA"])


def test_growth_of_some_states_is_theirs_alone(write: Write, timeline: Expand) -> None:
    found = levels(timeline(write(changes(f"{GROWTH}, states: [BRA]"))), "court.staff", END)
    assert found["BRA"] > 1.5
    assert {level for state, level in found.items() if state != "BRA"} == {1.0}


def test_a_policymakers_measures_keep_the_growth(write: Write, timeline: Expand) -> None:
    steps = timeline(write(changes(GROWTH)))
    decided = timeline(write(changes("lever: court.staff, value: 2 x, date: 2030-02-01"))).steps
    found = levels(steps.extended(decided), "court.staff", date(2032, 1, 1))
    assert found["DEU"] == pytest.approx(2 * 1.05**5, rel=1e-3)


def test_without_growth_steps_are_those_decided(timeline: Expand) -> None:
    steps = timeline(load("faster_mlat"))
    assert steps.steps == steps.decided


def test_a_decision_takes_effect_after_its_lag(write: Write, timeline: Expand, order: LegalOrder) -> None:
    """Lag in years or months; the law of the day before is today's."""
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


def test_a_mistake_is_reported_with_its_line(refuse: Refuse) -> None:
    for entry, words in (
        ("lever: court.staff, value: 2 x, date: 2027-01-01, lag: 1 year", "takes effect on its day"),
        ("lever: law.join, value: budapest, date: 2027-01-01, lag: 1 year, process: ratification", "lags of its own"),
        ("lever: law.join, value: budapest, date: 2027-01-01, lag: 3", "not the length of a lag"),
        ("lever: court.staff, value: 2 x, growth: 3 % a year, date: 2027-01-01", "growth and value cannot both be set"),
        ("lever: court.staff, growth: 3 %, date: 2027-01-01", "4 % a year"),
        ("lever: court.staff, growth: 90 % a year, date: 2027-01-01", "from -0.2 to 0.3"),
        ("lever: request.template, growth: 3 % a year, date: 2027-01-01", "not counted in times today's"),
        ("lever: desk.load_growth_after, value: 4 %, date: 2027-01-01", "4 % a year"),
        ("lever: court.staff, date: 2027-01-01", "Add a line `value: …`"),
    ):
        refuse(changes(entry), 5, words)


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
    assert (first != affinity(2, drift)).mean() > 0.9
    assert first.min() >= 0.0 and first.max() <= 1.0
    calm = order.arrays(day).affinity
    np.testing.assert_array_equal(calm.diagonal(), first.diagonal())


def test_how_fast_practice_follows_law_acts_for_the_convention_too(order: LegalOrder) -> None:
    """Three quarters of a year's slack either way moved nothing before."""
    scenario = load("universal_convention")
    grown = []
    for least, most in ((0.0, 2.0), (1.0, 3.0), (2.0, 6.0)):
        reform = replace(ReformParameters(), operation_least_years=least, operation_most_years=most)
        amendments = timeline_of(scenario, order, POLICY_START, END, 1, reform).amendments(END)
        assert any(isinstance(a, Implement) for a in amendments)
        grown.append(float(order.arrays(END, amendments).implementation.mean()))
    assert grown[0] > grown[1] + 0.005 > grown[2] + 0.01


def test_a_scenario_is_set_on_top_of_what_goes_on_anyway() -> None:
    trends, reform = load("current_trends"), load("faster_mlat")
    both = over(reform, trends)
    assert both.key == reform.key and both.title == reform.title
    assert both.changes == (*trends.changes, *reform.changes)
    assert over(both, load("status_quo")) is both
    assert over(load("status_quo"), trends).changes == (), "the control stays frozen"


def test_what_is_based_on_the_baseline_has_its_changes_once(write: Write) -> None:
    mine = write("based_on: current_trends\n" + changes("lever: court.staff, value: 2 x, date: 2028-01-01"))
    assert over(mine, load("current_trends")) is mine


def test_the_moving_baseline_ratifies_every_year_and_leaves_the_frozen_one_alone(timeline, order):
    """On the mean of four seeds at least one state a year accedes to the Convention, and the Protocol gains Parties.

    The record's pace is 2.6 a year (115 states outside, 2.4 % each); in forty seed-years fewer than forty are expected
    with probability below 1e-8 (Poisson, mean 104).
    """
    from sim.law.amendments import Ratify

    found: dict[str, int] = {}
    for seed in range(4):
        amendments = timeline_of(load("current_trends"), order, POLICY_START, END, seed).amendments(END)
        for a in amendments:
            if isinstance(a, Ratify):
                found[a.instrument_id] = found.get(a.instrument_id, 0) + len(a.states)
    assert 40 <= found["budapest"] <= 160
    assert found["second_protocol"] >= 4
    assert timeline(load("status_quo")) == Timeline()
