"""Tests that the scenarios shipped with Comity have their intended changes."""

from datetime import date
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from sim.api.simulating import DEFAULT_COMPARISON
from sim.law.amendments import AdoptOffences, CloseChannels
from sim.law.order import LegalOrder
from sim.law.vocabulary import CORE_OFFENCES, Channel
from sim.policy.check import check
from sim.policy.listing import print_scenarios, said
from sim.policy.places import load_atlas
from sim.policy.problem import InputError
from sim.policy.scenario import catalogue, load
from sim.policy.well_known import resource_folder
from sim.world.parameters import WorldSpec
from tests.policy.conftest import END, POLICY_START, Expand, Write, changes
from tests.tables import rows

INSTANT = ("friction.instant_courts", "friction.instant_providers", "friction.instant_authorities")
RUNGS = ("no_silence", "no_refusal", *(name.partition(".")[2] for name in INSTANT))


def test_the_catalogue_holds_the_default_comparison_and_the_rungs() -> None:
    assert set(catalogue()) >= {*DEFAULT_COMPARISON, *RUNGS}
    assert {load(key).group for key in RUNGS} == {"rungs"}
    assert {load(key).group for key in DEFAULT_COMPARISON} == {"main"}


def test_every_scenario_can_be_read_by_people_and_expanded(timeline: Expand) -> None:
    for key in catalogue():
        scenario = load(key)
        assert scenario.key == key
        assert scenario.title and scenario.question.endswith(("?", ".")) and scenario.author and scenario.sources, key
        assert scenario.recommendation and scenario.lags and scenario.cost, key
        timeline(scenario)


def test_every_non_party_adopts_the_core_offences_the_better_governed_first(
    timeline: Expand, order: LegalOrder
) -> None:
    """States outside the Convention adopt the core offences in order of governance."""
    steps, on = timeline(load("harmonised_offences")), date(2032, 1, 1)
    amendments = steps.amendments(END)
    adopted = [state for amendment in amendments for state in amendment.states]  # type: ignore[union-attr]
    outside = sorted(set(order.states) - set(order.parties("budapest", POLICY_START)))
    assert sorted(adopted) == outside
    scores = [load_atlas().governance[state] for state in adopted]
    assert scores == sorted(scores, reverse=True)
    for amendment in amendments:
        assert isinstance(amendment, AdoptOffences)
        assert amendment.offences == CORE_OFFENCES and amendment.penalty_years >= 4
        assert date(2027, 1, 1) < amendment.on <= date(2031, 12, 31)
    assert not any(step.assignments for step in steps.steps)
    before, after = order.arrays(on), order.arrays(on, steps.amendments(on))
    part = np.ix_(np.isin(order.states, outside), CORE_OFFENCES)
    assert after.offence[part].all() and not before.offence[part].all()
    np.testing.assert_array_equal(before.power, after.power)
    np.testing.assert_array_equal(before.instrument, after.instrument)


def test_all_three_are_the_sum_of_the_three(timeline: Expand) -> None:
    whole, parts = timeline(load("all_three")), [timeline(load(key)) for key in load("all_three").based_on]
    assert len(parts) == 3
    assert set(whole.amendments(END)) == {amendment for part in parts for amendment in part.amendments(END)}
    assert set(whole.dates()) == {day for part in parts for day in part.dates()}
    levers = {assignment.lever for day in whole.dates() for assignment in whole.assignments(day)}
    assert levers == {one.lever for part in parts for day in part.dates() for one in part.assignments(day)}


def test_no_cooperation_leaves_only_a_states_own_procedure(timeline: Expand, order: LegalOrder) -> None:
    amendments = timeline(load("no_cooperation")).amendments(POLICY_START)
    assert len(amendments) == 1 and isinstance(amendments[0], CloseChannels)
    assert set(amendments[0].channels) == set(Channel) - {Channel.DOMESTIC}
    assert (order.arrays(date(2027, 6, 1), amendments).instrument == -1).all()


def test_the_same_people_at_home_are_those_of_faster_assistance(timeline: Expand) -> None:
    at_home, fast = timeline(load("faster_mlat_at_home")), timeline(load("faster_mlat"))
    assert at_home.amendments(END) == timeline(load("no_cooperation")).amendments(END)
    assert [at_home.assignments(day) for day in fast.dates()] == [fast.assignments(day) for day in fast.dates()]


def test_without_the_regulation_members_have_no_orders_of_it_and_all_else(timeline: Expand, order: LegalOrder) -> None:
    """Without the e-Evidence Regulation, exactly its 26 × 25 orders between members are missing."""
    on = date(2027, 6, 1)
    before, after = order.arrays(on), order.arrays(on, timeline(load("without_e_evidence")).amendments(on))
    gone = before.instrument != after.instrument
    assert np.count_nonzero(gone) == 26 * 25 and gone[..., Channel.PROVIDER_BINDING].sum() == 26 * 25
    assert {order.terms[row].id for row in np.unique(before.instrument[gone])} == {"e_evidence"}


def test_law_in_action_raises_who_is_behind_step_by_step_and_nobody_else(timeline: Expand, order: LegalOrder) -> None:
    steps, on = timeline(load("law_in_action")), date(2033, 6, 1)
    before = order.arrays(on).implementation
    after = order.arrays(on, steps.amendments(on)).implementation
    np.testing.assert_allclose(after, np.maximum(before, 0.8), rtol=1e-6)
    half = order.arrays(date(2029, 7, 2), steps.amendments(date(2029, 7, 2))).implementation
    assert before.min() < half.min() == pytest.approx(0.4, abs=0.01)


def test_a_policy_is_not_answerable_where_its_lever_has_no_path_to_what_it_is_for(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert set(load("training").unanswered) == {"court.training"}
    for key in ("faster_mlat", "coordinated_action", "status_quo"):
        assert not load(key).unanswered
    for words in ("training", "faster_mlat"):
        print_scenarios(words)
        assert ("Not answerable, for court.training: " in capsys.readouterr().out) == (words == "training")


def test_full_cooperation_and_the_rungs_below_it(timeline: Expand) -> None:
    for key, expected in {
        "full_cooperation": {"friction.foreign_refusal": 0, "friction.silence": 0} | dict.fromkeys(INSTANT, 1),
        **{"no_silence": {"friction.silence": 0}, "no_refusal": {"friction.foreign_refusal": 0}},
        **{name.partition(".")[2]: {name: 1} for name in INSTANT},
    }.items():
        steps = timeline(load(key))
        assert steps.dates() == (1826.0,)  # 2027-01-01
        assert {a.lever: a.value for a in steps.assignments(1826.0)} == expected
        assert steps.amendments(END) == ()


def test_the_example_for_writers_is_a_scenario(timeline: Expand, tmp_path: Path) -> None:
    text = (resource_folder("scenarios") / "README.md").read_text(encoding="utf-8")
    path = tmp_path / "example.yaml"
    path.write_text(text.split("```yaml\n")[1].split("```")[0], encoding="utf-8")
    assert len(timeline(load(str(path))).dates()) > 15


#: What one change says, with words of the finding; none for a change that can do something.
FINDINGS = rows(Path(__file__).parent / "files" / "findings.txt")


@pytest.mark.parametrize(("change", "expected"), FINDINGS)
def test_a_change_that_can_do_nothing_is_found(write: Write, order: LegalOrder, change: str, expected: str) -> None:
    scenario = write(changes(f"lever: {change}, date: 2028-01-01"))
    found = [str(one) for one in check(scenario, order, WorldSpec(states=["DEU", "FRA", "USA", "BRA"]))]
    assert bool(found) == bool(expected), found
    assert all("written.yaml:5: change 1, value" in one for one in found) and expected in "".join(found)


def test_other_changes_make_a_change_act(write: Write, order: LegalOrder) -> None:
    entries = [
        "lever: law.join, value: second_protocol, states: BRA, date: 2028-01-01",
        "lever: law.join, value: second_protocol, states: KEN, date: 2035-01-01",
        "lever: central_authority.deadline_enforceable, value: yes, states: EU, date: 2028-01-01",
        "lever: central_authority.deadline, value: 60 days, states: DEU, date: 2028-01-01",
        "lever: court.staff, value: 2 times, states: DEU, date: 2028-01-01",
        "lever: court.staff, value: 1 times, states: DEU, date: 2030-01-01",
    ]
    assert check(write(changes(*entries)), order, WorldSpec()) == ()
    assert len(check(write(changes(*entries[::2])), order, WorldSpec())) == 2
    todays = "lever: court.staff, value: 1 times, states: DEU, date: 2028-01-01"
    (found,) = check(write(changes(todays, entries[0])), order, WorldSpec())[:1]
    assert "is today's" in str(found)


def test_a_treaty_that_enters_into_force_on_the_day_of_a_change_needs_none(
    write: Write, order: LegalOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = write(changes("lever: law.in_force, value: un_convention, date: 2028-01-01"))
    treaty = type(order.treaties["un_convention"])
    for entry, found in ((None, 0), (date(2028, 1, 2), 0), (date(2028, 1, 1), 1), (date(2027, 1, 1), 1)):
        monkeypatch.setattr(treaty, "entry", lambda _, entry=entry: entry)
        said = [str(one) for one in check(made, order, WorldSpec())]
        assert len(said) == found and all(f"in force since {entry}" in text for text in said)


def test_the_catalogue_asks_for_nothing_in_vain(order: LegalOrder) -> None:
    assert {key: check(load(key), order, WorldSpec()) for key in catalogue()} == dict.fromkeys(catalogue(), ())


def test_a_count_for_each_of_several_states_is_a_change_of_each(write: Write) -> None:
    """A number for each of several states becomes one change for each state."""
    states, day = "states: [FRA, DEU]", "date: 2028-01-01"
    found = write(changes(f"lever: contact_point.staff, value: 4 people each, {states}, {day}")).changes
    assert [change.states.words for change in found] == [("DEU",), ("FRA",)]
    assert all(", then 4)" in said(change) for change in found)
    (both,) = write(changes(f"lever: liaison.posts, value: +5 officers together, {states}, {day}")).changes
    assert "more than today’s 5, so 10, shared" in said(both), "of those that are chosen, not of the world"


def test_posts_are_given_to_each_also_where_there_are_none(write: Write, order: LegalOrder, timeline: Expand) -> None:
    """A number of posts for each state also applies to states without any post today."""
    for written, then, number in (("10 officers", 110, 10.0), ("+10 officers", 112, 10.0), ("-1 post", 0, -1.0)):
        scenario = write(changes(f"lever: liaison.posts, value: {written} each, states: ASEAN, date: 2028-01-01"))
        (change,) = scenario.changes
        assert f"in all 2, then {then}" in said(change)
        ((step,),) = (timeline(scenario).assignments(day) for day in timeline(scenario).dates())
        assert step.in_numbers is not None and (step.in_numbers.number, step.in_numbers.part) == (number, 1.0)
        assert check(scenario, order, WorldSpec()) == ()
    (change,) = write(changes("lever: liaison.posts, value: 2 times, states: ASEAN, date: 2028-01-01")).changes
    assert change.in_numbers is None
    growing = "lever: liaison.posts, growth: 4 % a year, date: 2028-01-01"
    with pytest.raises(InputError, match="does not grow"):
        timeline(write(changes("lever: liaison.posts, value: 9 posts each, states: VNM, date: 2028-01-01", growing)))


@pytest.mark.parametrize(("change", "expected"), rows(Path(__file__).parent / "files" / "counts.txt"))
def test_counts_are_read_as_multiples_of_what_there_is(write: Write, change: str, expected: str) -> None:
    body = changes(f"lever: {change}, date: 2028-01-01")
    if set(expected) <= set("0123456789./"):
        assert write(body).changes[0].value == pytest.approx(float(Fraction(expected)))
    else:
        with pytest.raises(InputError, match=expected):
            write(body)
