"""Tests of the adaptive policymaker: information, budget, learning, and reproducibility."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from sim.law.days import to_day
from sim.law.order import LegalOrder
from sim.law.vocabulary import Channel, Ground
from sim.policy.indicators import FAILURE_DAYS, Indicator, Scope, observe
from sim.policy.monitor import Overseer, affordable_plans, prior, updated
from sim.policy.problem import InputError
from sim.policy.scenario import Scenario, load
from sim.policy.scenario_timeline import alternatives, is_fixed, timeline_of
from sim.policy.schema import Decides
from sim.policy.timeline import Minute
from sim.world.parameters import Parameters, Theme
from sim.world.records import REQUEST, RequestPurpose, RequestStatus, Stage
from tests.policy.conftest import END, POLICY_START, Write, change

DAY = to_day(date(2028, 7, 1))
EXACT = replace(Parameters().reform, indicator_noise=0.0, indicator_lag_months=0.0)
PLAIN = {"scope": Scope.CLOSED_FILES, "lag_days": 0.0, "period_days": 365.0, "noise": 0.0}

FILE = (Path(__file__).parent / "files/monitor.yaml").read_text("utf-8")


def requests(n: int = 100, ended: float = DAY - 30, **stages: float) -> np.ndarray:
    """Closed requests between two states, with days in each stage."""
    rows = np.zeros(n, REQUEST)
    rows["requested"], rows["channel"], rows["purpose"] = 1, Channel.BUDAPEST, RequestPurpose.CHAIN
    rows["status"], rows["sent"], rows["ended"] = RequestStatus.EXECUTED, ended - 200, ended
    for name, days in stages.items():
        rows["stage_days"][:, Stage[name.upper()] - 1] = days
    return rows


def overseer(scenario: Scenario, order: LegalOrder, seed: int = 1, reform: Theme = EXACT) -> Overseer:
    reviewer = timeline_of(scenario, order, POLICY_START, END, seed, reform).reviewer
    assert isinstance(reviewer, Overseer)
    return reviewer


def with_monitor(scenario: Scenario, **changes: object) -> Scenario:
    assert scenario.monitor is not None
    return replace(scenario, monitor=replace(scenario.monitor, **changes))


def held(reviewer: Overseer, tables: list[np.ndarray]) -> list[Minute]:
    minutes: list[Minute] = []
    for day, table in zip(reviewer.days(), tables, strict=False):
        minutes.append(reviewer.review(day, table, minutes))
    return minutes


def test_figures_are_means_over_closed_files_of_the_period() -> None:
    table = np.concatenate(
        [requests(60, court_order=40, incoming_triage=100), requests(40, ended=DAY - 400, court_order=400)]
    )
    table["status"][:15], table["ground"][:19] = RequestStatus.REFUSED, Ground.DUAL_CRIMINALITY
    seen = observe(table, DAY, 0, **PLAIN, seed=1)
    assert seen[Indicator.COURT] == pytest.approx(40) and seen[Indicator.INCOMING] == pytest.approx(100)
    assert seen[Indicator.REFUSED_LAW] == pytest.approx(FAILURE_DAYS / 4)
    late = observe(table, DAY, 0, **(PLAIN | {"lag_days": 200.0}), seed=1)
    assert late[Indicator.COURT] == pytest.approx(400) and observe(table[:0], DAY, 0, **PLAIN, seed=1) == {}


def test_a_figure_holds_what_ended_on_its_last_day_and_not_on_the_day_before_its_first() -> None:
    last, first = DAY - 31.0, DAY - 31.0 - 365.0
    seen = {"lag_days": 31.0, "period_days": 365.0, "noise": 0.0, "seed": 1, "scope": Scope.CLOSED_FILES}
    for ended, counts in ((last, True), (last + 1, False), (first, False), (first + 1, True)):
        table = requests(4, ended=ended, court_order=40)
        table["status"] = RequestStatus.NO_DATA
        found = observe(table, DAY, 0, **seen)
        assert found.get(Indicator.NO_DATA) == (FAILURE_DAYS if counts else None), ended
    # Of all files, one is counted by the day on which it should have been answered, and as answered on the last day.
    every = seen | {"scope": Scope.ALL_FILES}
    for ended, unanswered in ((last, 0.0), (last + 1, FAILURE_DAYS)):
        table = requests(4, ended=ended)
        table["sent"] = last - FAILURE_DAYS
        assert observe(table, DAY, 0, **every)[Indicator.UNANSWERED] == unanswered, ended


def test_closed_files_hide_what_stays_open_and_all_files_do_not() -> None:
    closed, silent = requests(50, ended=DAY - 10), requests(50)
    closed["sent"], silent["sent"], silent["ended"], silent["status"] = DAY - 400, DAY - 400, np.nan, RequestStatus.OPEN
    silent["silent"] = 1
    table = np.concatenate([closed, silent])
    assert Indicator.UNANSWERED not in observe(table, DAY, 0, **PLAIN, seed=1)
    every = observe(table, DAY, 0, **(PLAIN | {"scope": Scope.ALL_FILES}), seed=1)
    assert every[Indicator.UNANSWERED] == pytest.approx(FAILURE_DAYS / 2)


def test_errors_are_keyed_and_as_large_as_declared() -> None:
    table, noisy = requests(20, court_order=50), PLAIN | {"noise": 0.2}
    errors = [np.log(observe(table, DAY, 0, **noisy, seed=seed)[Indicator.COURT] / 50) for seed in range(400)]
    assert abs(np.mean(errors)) < 3.3 * 0.2 / np.sqrt(400)  # 99.9 %
    assert abs(np.std(errors) / 0.2 - 1) < 3.3 / np.sqrt(800)
    first, again, later = (observe(table, DAY, review, **noisy, seed=3) for review in (0, 0, 1))
    assert first == again != later


def test_the_policymaker_does_not_see_what_offices_do_not_count(write: Write, order: LegalOrder) -> None:
    table = requests(80, court_order=60, incoming_triage=90)
    other = table.copy()
    for field in ("silent", "group", "case", "chain", "dual_criminality", "strength", "key"):
        other[field] = 7
    minutes = [overseer(write(FILE), order).review(DAY, seen, []) for seen in (table, other)]
    assert minutes[0] == minutes[1]


def test_it_begins_what_is_worth_most_for_its_money(write: Write, order: LegalOrder) -> None:
    days = {"court_order": 60.0, "incoming_triage": 60.0, "deficiency_return": 0.0}
    for most, name, lever in (
        ("court_order", "courts", "court.staff"),
        ("incoming_triage", "people", "central_authority.staff"),
        ("deficiency_return", "template", "request.template"),
    ):
        table = requests(100, ended=to_day(POLICY_START) - 30.0, **{**days, most: 900.0})
        (minute,) = held(overseer(write(FILE), order), [table])
        assert minute.begun == (name,)
        assert {a.lever for step in minute.steps for a in step.assignments} == {lever}


def test_the_budget_is_kept_at_every_review(write: Write, order: LegalOrder) -> None:
    for budget, most in ((60e6, 4), (20e6, 4), (1e5, 4)):
        reviewer = overseer(with_monitor(write(FILE), budget=budget, at_once=4), order)
        tables = [requests(50, ended=day - 30, court_order=50, incoming_triage=90) for day in reviewer.days()]
        minutes = held(reviewer, tables)
        names = [name for minute in minutes for name in minute.begun]
        assert len(names) == len(set(names)) <= most and sum(reviewer.price(name) for name in names) <= budget
    assert reviewer.price("people") > 1e6


def test_beliefs_follow_the_figures() -> None:
    before = prior(0.3)
    operating = np.array([[0.0], [0.0], [1.0], [1.0], [1.0]])
    worked = updated([before], operating, np.array([100, 102, 50, 49, 51.0]))[0]
    failed = updated([before], operating, np.array([100, 102, 101, 99, 100.0]))[0]
    unseen = updated([before], np.zeros((2, 1)), np.array([100.0, 90.0]))[0]
    assert worked.cut > 0.4 > before.cut > 0.15 > failed.cut and unseen.mean == pytest.approx(before.mean)
    assert worked.deviation < before.deviation == pytest.approx(unseen.deviation)
    # Two reviews by Kalman's gain: a level of any size less the effect, each seen with an error and a drift of its own.
    doubt, seen = np.diag([3.0**2, before.deviation**2]), np.array([[1.0, 0.0], [1.0, -1.0]])
    gain = doubt @ seen.T @ np.linalg.inv(seen @ doubt @ seen.T + (0.15**2 + 0.10**2) * np.eye(2))
    centre, logs = np.array([np.log(80.0), before.mean]), np.log([80.0, 50.0])
    found = updated([before], np.array([[0.0], [1.0]]), np.exp(logs))[0]
    assert found.mean == pytest.approx((centre + gain @ (logs - seen @ centre))[1])
    assert found.deviation == pytest.approx(np.sqrt((doubt - gain @ seen @ doubt)[1, 1]))


def test_what_does_not_work_is_ended_and_makes_room(write: Write, order: LegalOrder) -> None:
    scenario = write(FILE)
    reviewer = overseer(scenario, order)
    numbered = list(enumerate(reviewer.days()))
    same = [requests(50, ended=day - 30, court_order=900, incoming_triage=90) for _, day in numbered]
    better = [requests(50, ended=day - 30, court_order=900 * 0.5**i, incoming_triage=90) for i, day in numbered]
    stays, falls = held(reviewer, same), held(reviewer, better)
    assert stays[0].begun == falls[0].begun == ("courts",)
    (ending,) = [minute for minute in stays if "courts" in minute.ended]
    back = [a.value for step in ending.steps for a in step.assignments if a.lever == "court.staff"]
    assert back == [1.0]
    assert ending.day >= stays[0].day + 2 * 365  # its lag, and a full period of figures
    assert not any("courts" in minute.ended for minute in falls)
    assert not any("law" in minute.ended for minute in stays)  # an act of parliament is not taken back


def test_a_measure_is_judged_by_what_was_seen_since_it_was_in_operation(write: Write, order: LegalOrder) -> None:
    """A measure is judged only by figures since its start."""
    reviewer = overseer(write(FILE), order, reform=replace(EXACT, indicator_lag_months=2.0))
    month, half, courts = 30.4375, reviewer.monitor.stop * prior(0.3).mean, reviewer.monitor.measure("courts")
    for months, mean, name, ended in (
        *((20.0, 0.99 * half, "courts", True), (20.0, half, "courts", False), (19.9, 0.99 * half, "courts", False)),
        *((20.0, 0.0, "people", True), (99.0, 0.0, "law", False)),
    ):
        effects = {name: replace(prior(0.3), mean=mean)}
        assert reviewer._to_end(DAY + months * month, effects, {name: DAY}) == ((name,) if ended else ())
    begun, ended = Minute(DAY, {}, ("courts",), (), ()), Minute(DAY + 24 * month, {}, (), ("courts",), ())
    minutes = [Minute(DAY - 9.0, {}, ("people",), (), ()), begun, ended]
    shares = {7.0: 0.0, 8.0: 0.0, 11.0: 0.5, 14.0: 1.0, 20.0: 1.0, 31.9: 1.0, 32.0: 0.0, 40.0: 0.0}
    for after, share in shares.items():
        assert reviewer._operating(courts, DAY + after * month, minutes) == pytest.approx(share), after
    seen = reviewer._effects(DAY + 26 * month, {Indicator.COURT: 50.0}, [replace(begun, seen={Indicator.COURT: 100.0})])
    assert seen["courts"] == updated([prior(0.3)], np.array([[0.0], [1.0]]), np.array([100.0, 50.0]))[0]
    assert seen["people"] == prior(0.3) and seen["courts"].cut > 0.3


def test_ways_of_deciding(write: Write, order: LegalOrder) -> None:
    base = write(FILE)
    days = overseer(base, order).days()
    tables = [requests(50, ended=day - 30, court_order=60 + 300 * i, incoming_triage=400) for i, day in enumerate(days)]

    def begun(decides: Decides, seed: int = 1, plan: tuple[str, ...] = ()) -> list[str]:
        reviewer = overseer(with_monitor(base, decides=decides, plan=plan), order, seed)
        return [name for minute in held(reviewer, tables) for name in minute.begun]

    assert begun(Decides.FIXED, plan=("courts", "law")) == ["courts", "law"]
    assert begun(Decides.AT_RANDOM) == begun(Decides.AT_RANDOM)
    assert len({tuple(begun(Decides.AT_RANDOM, seed)) for seed in range(12)}) > 3
    assert begun(Decides.OPEN_LOOP)[0] == begun(Decides.BY_EVIDENCE)[0]


def test_plans_that_the_budget_covers(write: Write, order: LegalOrder) -> None:
    reviewer = overseer(with_monitor(write(FILE), budget=45e6), order)
    plans = affordable_plans(reviewer)
    assert plans
    everything = {m.name for m in reviewer.monitor.measures}
    for plan in plans:
        cost = sum(reviewer.price(name) for name in plan)
        assert cost <= 45e6 and all(cost + reviewer.price(name) > 45e6 for name in everything - set(plan))
        worth = [reviewer.monitor.measure(name).expects / max(reviewer.price(name), 1.0) for name in plan]
        assert worth == sorted(worth, reverse=True)


def test_a_measure_that_has_steps_grows_over_its_lag_and_another_begins_after_it(
    write: Write, order: LegalOrder
) -> None:
    reviewer = overseer(write(FILE), order)
    courts, (switch,) = reviewer.monitor.measure("courts"), write(change("police.before_formal", "yes")).changes
    act = replace(courts, change=switch)
    first, middle, last = (date(2028, month, 1) for month in (1, 4, 7))
    for measure, lag, expected in (
        *((courts, 6, {middle: [1.125], last: [1.25]}), (courts, 0, {first: [1.25]})),
        *((act, 6, {last: [1.0]}), (act, 0, {first: [1.0]})),
    ):
        steps = reviewer._begins(replace(measure, lag_months=lag), to_day(first))
        assert {step.on: [entry.value for entry in step.assignments] for step in steps} == expected


def test_the_scenario_that_comes_with_comity(order: LegalOrder) -> None:
    reviewer = overseer(load("monitor_and_update"), order)
    assert len(reviewer.days()) == 7
    every_two = replace(reviewer.monitor, first=date(2028, 3, 1), every_months=24)
    last = [date(2030, 3, 1), date(2030, 3, 2)]
    assert [every_two.days(end)[1:] for end in last] == [(), (last[0],)], "nobody reviews on the last day"
    assert all(reviewer.price(measure.name) >= 0 for measure in reviewer.monitor.measures)
    assert 1 < len(affordable_plans(reviewer)) <= 12


def test_a_mistake_is_reported(write: Write, order: LegalOrder) -> None:
    """Mistakes in a policymaker's file are reported with file and line."""
    for old, new, words in (
        ("every: 12 months", "every: 1 month", "every 3 to 60 months"),
        *(("expects: 30 %}", "expects: 130 %}", "0 to 1"), ("name: people", "name: courts", "two measures")),
        *(("  every", "  evry", "every"), ("2027-01-01", "2047-01-01", "after the run ends")),
    ):
        with pytest.raises(InputError, match=rf"written.yaml:.*{words}"):
            overseer(write(FILE.replace(old, new, 1)), order)


def test_the_arms_differ_in_nothing_but_how_they_decide(law: LegalOrder) -> None:
    judged = load("monitor_and_update")
    arms = alternatives(judged, law, POLICY_START, END)
    assert arms[0] is judged and [*map(is_fixed, arms)] == [False] * 3 + [True] * (len(arms) - 3)
    assert [arm.monitor.decides for arm in arms[1:3]] == [Decides.OPEN_LOOP, Decides.AT_RANDOM]
    assert len({arm.key for arm in arms}) == len({arm.title for arm in arms}) == len(arms)
    for arm in arms:
        assert replace(arm, key=judged.key, title=judged.title, monitor=judged.monitor) == judged
        assert arm.monitor.budget == judged.monitor.budget and arm.monitor.measures == judged.monitor.measures


def test_neither_no_policymaker_nor_a_budget_that_buys_nothing_has_alternatives(law: LegalOrder) -> None:
    poor = with_monitor(load("monitor_and_update"), budget=1.0)
    for scenario, words in ((load("faster_mlat"), "no policymaker who reviews"), (poor, "covers none of the measures")):
        with pytest.raises(InputError, match=words):
            alternatives(scenario, law, POLICY_START, END)
