"""Tests that a lever changed in mid-run acts like a scenario with the same dates."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

import sim
from sim.model import CooperationModel
from sim.policy.lever import Lever, Quantity, Target
from sim.policy.levers import LEVERS
from sim.policy.problem import InputError
from tests.tiny import digests

FIRST = date(2027, 1, 1)  # the first day of policy in the tiny world
_VALUES = {
    Quantity.RATIO: (1.5, "1.5 times"),
    Quantity.SHARE: (0.55, "55 %"),
    Quantity.DAYS: (40, "40 days"),
    Quantity.YEARS: (1.5, "1.5 years"),
    Quantity.SHIFT: (0.25, "0.25"),
    Quantity.RATE: (0.04, "4 % a year"),
    Quantity.SPREAD: (0.07, "0.07"),
    Quantity.SWITCH: (True, "yes"),
    Quantity.CHOICES: ("all", "all"),
}
_WORDS = {"law.join": "budapest", "law.conclude": "mlat", "law.in_force": "un_convention", "law.ended": "e_evidence"}


def written(lever: Lever) -> tuple[object, object]:
    """A lever's value for Python, and its text in a scenario file."""
    if lever.quantity is Quantity.INSTRUMENT:
        return (_WORDS[lever.name],) * 2
    return (lever.choices[0],) * 2 if lever.quantity is Quantity.CHOICE else _VALUES[lever.quantity]


def keys(lever: Lever) -> dict[str, object]:
    """Keys of a lever's change: some states, some pairs of states, or an instrument."""
    if lever.target is Target.STATES:
        return {"states": ["DEU", "BRA"]} if len(lever.name) % 2 else {}
    if lever.target is Target.PAIRS:
        return {"pairs": {"requesting": ["DEU", "BRA"], "requested": ["USA", "IND"], "both_ways": True}}
    about = "budapest_247" if lever.name == "instrument.preservation" else "e_evidence"
    return {"instrument": about} if lever.target is Target.INSTRUMENT else {}


def scenario(changes: list[dict[str, object]]) -> sim.Scenario:
    return sim.Scenario.from_changes("dated", changes, title="Dated", question="The same?", author="A test")


def reach(model: CooperationModel, day: date) -> None:
    """Advances a model day by day to a date."""
    while model.today < day:
        model.step()


def ends(model: CooperationModel) -> tuple[dict[str, str], dict[str, float]]:
    """Digest of every table, and every outcome, after a model was run to its end."""
    model.run_model()
    return digests(model.world), dict(model.outcomes())


def test_each_lever_applied_in_mid_run_is_a_scenario_with_its_day() -> None:
    steered, changes = sim.mesa_model(seed=4, world="tiny", period_days=4), []
    for number, lever in enumerate(LEVERS.values()):
        if number % 4 == 0:  # on the first day, on days on which law changes and stock is taken, and on others
            reach(steered, FIRST + timedelta(days=number * 4))
        given, text = written(lever)
        steered.apply(lever.name, given, **keys(lever))
        changes.append({"lever": lever.name, "value": text, "date": str(steered.today), **keys(lever)})
    assert {change["lever"] for change in changes} == set(LEVERS)
    assert len({change["date"] for change in changes}) > 10
    tables, outcomes = ends(steered)
    dated_tables, dated = ends(sim.mesa_model(scenario(changes), seed=4, world="tiny", period_days=4))
    assert tables == dated_tables
    assert outcomes == pytest.approx(dated, rel=0, abs=0, nan_ok=True)
    today = sim.simulate(seed=4, world="tiny")
    assert outcomes["policy_cost"] != today["policy_cost"]
    assert sum(outcomes[key] != today[key] for key in outcomes) > 40


def test_phases_ramps_growth_and_courses_of_law_begin_in_mid_run() -> None:
    later = [
        ("court.staff", "2 times", {"ramp": "12 months"}),
        ("politics.affinity_shift", "0.2", {"ramp": "6 months"}),
        ("central_authority.staff", None, {"growth": "4 % a year"}),
        ("central_authority.staff", "1.5 times", {"states": "DEU"}),
        ("law.join", "budapest", {"process": "ratification", "states": ["BRA", "IND"]}),
        ("interpol.staff", "+20 persons", {}),
        ("court.staff", "3 times", {"ramp": "12 months", "states": "DEU"}),
    ]
    steered, changes = sim.mesa_model("faster_mlat", seed=2, world="tiny", period_days=7), []
    for number, (lever, value, more) in enumerate(later):
        reach(steered, FIRST + timedelta(days=90 * number))
        steered.apply(lever, value, **more)
        change = {"lever": lever, "date": str(steered.today), **more}
        changes.append(change if value is None else {"value": value, **change})
    start, until = steered.today, steered.today + timedelta(days=200)
    phased = {"from": str(start), "until": str(until)}
    steered.apply("request.template", 0.8, phased=phased)
    changes.append({"lever": "request.template", "value": "80 %", "phased": phased})
    made = sim.Scenario.from_changes(
        "dated", changes, title="Dated", question="The same?", author="A test", based_on=["faster_mlat"]
    )
    tables, outcomes = ends(steered)
    dated_tables, dated = ends(sim.mesa_model(made, seed=2, world="tiny", period_days=7))
    assert tables == dated_tables
    assert outcomes == pytest.approx(dated, rel=0, abs=0, nan_ok=True)


@pytest.mark.parametrize("day", [date(2028, 6, 1), date(2029, 2, 1)])  # before the second review, and after it
def test_a_policymaker_goes_on_after_what_is_applied(day: date) -> None:
    steered = sim.mesa_model("monitor_and_update", seed=2, world="tiny", period_days=30)
    reach(steered, day)
    decided, on = steered.simulation.minutes, steered.today
    assert any(minute.steps for minute in decided)
    steered.apply("court.staff", 2)
    file = Path(__file__).parents[2] / "scenarios" / "monitor_and_update.yaml"
    more = f"\nchanges:\n  - lever: court.staff\n    value: 2 times\n    date: {on}\n"
    tables, outcomes = ends(steered)
    assert steered.simulation.minutes[: len(decided)] == decided
    other = sim.mesa_model(sim.Scenario("dated", file.read_text("utf-8") + more), seed=2, world="tiny", period_days=30)
    dated_tables, dated = ends(other)
    assert tables == dated_tables
    assert outcomes == pytest.approx(dated, rel=0, abs=0, nan_ok=True)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (("court.staff", 30), "court.staff = '30'.*from 0 to 20"),
        (("court.staf", 2), "'court.staf'.*court.staff?"),
        (("court.staff", "2"), "value = '2'.*unit is missing"),
        (("court.staff", 2, "XYZ"), "states = 'XYZ'.*no states"),
        (("interpol.staff", 2, "DEU"), "does not select states"),
        (("law.join", "nothing"), "value = 'nothing'"),
        (("court.staff",), "value: this key is missing"),
    ],
)
def test_a_mistake_changes_nothing_and_is_reported_as_in_a_file(given: tuple[object, ...], says: str) -> None:
    model = sim.mesa_model(seed=1, world="tiny", period_days=731)
    reach(model, FIRST)
    before, timeline = digests(model.world), model.simulation.timeline
    with pytest.raises(InputError, match=says) as caught:
        model.apply(*given)
    assert "apply:" not in str(caught.value) and "change 1" not in str(caught.value)
    assert digests(model.world) == before
    assert model.simulation.timeline is timeline


def test_days_before_policy_and_days_gone_are_refused_and_a_part_of_a_day_waits_for_the_next() -> None:
    model = sim.mesa_model(seed=1, world="tiny", period_days=0.5 + 731)
    with pytest.raises(InputError, match="no policy may act before 2027-01-01"):
        model.apply("court.staff", 2)
    model.step()
    assert model.time == 731.5
    with pytest.raises(InputError, match="passed this day"):
        model.apply("court.staff", 2, date="2027-01-02")
    before = model.world.desk["servers"].copy()
    model.apply("court.staff", 2)
    assert np.array_equal(model.world.desk["servers"], before)
    model.step()
    assert model.world.desk["servers"].sum() > before.sum()
