"""Costs of an arm, by hand."""

from dataclasses import replace

import numpy as np
import pytest

from sim.data.costs import HOURS_A_YEAR, LEDGER, Payer, unit_costs, wage_level
from sim.measures.cost import by_state
from sim.world.records import CaseStatus, DeskKind
from tests.measures.worlds import END, START, check, observation

YEAR = 365.25


def ledger(*rows: tuple[int, float, float, float]) -> np.ndarray:
    return np.array([(payer, 0, START + day, END, once, a_year) for payer, day, once, a_year in rows], LEDGER)


def test_policies_cost_what_they_commit_and_deadlines_overtime_and_breaches() -> None:
    seen = replace(observation(), spending=ledger((Payer.COURT, 0, 2e6, 0), (Payer.PROVIDER, 2 * YEAR, 1e6, 3e6)))
    rate, span = np.log(1.03), (END - START) / YEAR
    running = 3 * (np.exp(-rate * 2) - np.exp(-rate * span)) / rate
    check(seen, policy_cost=2 + 1 / 1.03**2 + running)
    check(observation(), policy_cost=0)
    seen = observation()
    counts = [("kind", "i4"), ("state", "i4"), ("breaches", "f8"), ("overtime_hours", "f8")]
    desk = np.zeros(3, counts)
    desk[:] = [(DeskKind.INCOMING, 0, 10, 100), (DeskKind.COURT, 1, 0, 16), (DeskKind.FORENSIC, 2, 0, 0)]
    dated = replace(seen, tables={**seen.tables, "desk": desk})
    unit, hourly = unit_costs(), unit_costs()["overtime"].central / HOURS_A_YEAR
    late = wage_level()[0] * (10 * unit["breach"].central + 100 * hourly * unit["staff_authority"].central)
    late += wage_level()[1] * 16 * hourly * unit["staff_court"].central
    span = (END - START) / YEAR
    discount = (1 - 1.03**-span) / np.log(1.03) / span
    check(dated, handling_cost=late * discount / 1e6)


def test_work_costs_hours_at_the_wages_of_the_state_that_pays_it_and_less_the_later_it_is() -> None:
    desk_of = {kind: kind * 4 for kind in DeskKind}  # all in state 0
    jobs = [
        {"request": 0, "desk": desk_of[kind], "arrived": START, "started": START, "ended": START, "touch_hours": 16}
        for kind in (DeskKind.COURT, DeskKind.FORENSIC, DeskKind.INCOMING)
    ]
    jobs.append(jobs[0] | {"request": -1})  # other work
    jobs.append(jobs[0] | {"started": END + 1})  # after the window
    cases = [
        {"status": CaseStatus.SOLVED, "opened": START - 100, "closed": START + YEAR, "state": 0},
        {"status": CaseStatus.DROPPED_CAPACITY, "opened": START, "closed": START + YEAR, "state": 0},
    ]
    seen = observation(job=jobs, case=cases)
    wage = wage_level()[0]
    hours = 16 / HOURS_A_YEAR * (unit_costs()["staff_court"].central + unit_costs()["staff_laboratory"].central)
    years = (1 - 1 / 1.03) / np.log(1.03)
    case = years * unit_costs()["investigators_per_case"].central * unit_costs()["staff_investigator"].central
    check(seen, handling_cost=wage * (hours + case) / 1e6)
    # Two years on, a court's hour is worth 1/1.03² of one on the first day; the policy pays providers beside it.
    day = START + 2 * YEAR
    job = {"request": 0, "desk": DeskKind.COURT * 4 + 1, "arrived": day, "started": day, "ended": day}
    seen = replace(observation(job=[job | {"touch_hours": 24}]), spending=ledger((Payer.PROVIDER, 0, 4e6, 0)))
    cost = 24 / HOURS_A_YEAR * unit_costs()["staff_court"].central * wage_level()[1] / 1.03**2
    committed, worked = by_state(seen)
    assert worked[2] == pytest.approx(cost / 1e6) == worked.sum()
    assert committed[1] == pytest.approx(4.0) == committed.sum()
