"""Which groups are investigated, and which cases are solved, by hand."""

import numpy as np
import pytest

from sim.law.days import MONTH
from sim.measures.cases import by_progress
from sim.world.records import (
    CaseStatus,
    ChainStatus,
    ChainTarget,
    MilestoneKind,
    RequestPurpose,
    RequestStatus,
    SpellCause,
)
from tests.measures.worlds import END, START, WINDOW, check, observation


def test_what_becomes_of_cases_at_home_and_abroad() -> None:
    """Five reports of an offence, four of them investigated; with an older case, four cases were closed."""
    rows = [
        {"status": status, "opened": opened, "closed": closed}
        for status, opened, closed in (
            (CaseStatus.NO_OFFENCE, START, START),
            (CaseStatus.DROPPED_CAPACITY, START, START),
            (CaseStatus.DROPPED_ATTRITION, START, START + 90),
            (CaseStatus.DROPPED_HOPELESS, START, START + 90),
            (CaseStatus.SOLVED, START, START + 900),
            (CaseStatus.SOLVED, START - 1, START + 90),
            (CaseStatus.SOLVED, START - 9, START - 1),
            (CaseStatus.INVESTIGATING, END - 1, np.nan),
        )
    ]
    seen = observation(case=rows)
    check(seen, cases_opened_per_year=4 / WINDOW.years, cases_dropped_share=2 / 5, cases_solved_share=2 / 4)
    check(seen, cases_hopeless_share=1 / 4)
    groups = [{"home": 0}, {"home": 1}]
    cases = [
        {"group": group, "state": 0, "status": status, "opened": START, "closed": START + 90}
        for group, status in (
            (0, CaseStatus.SOLVED),
            (0, CaseStatus.DROPPED_ATTRITION),
            (1, CaseStatus.SOLVED),
            (1, CaseStatus.DROPPED_HOPELESS),
            (1, CaseStatus.DROPPED_HOPELESS),
            (1, CaseStatus.DROPPED_CAPACITY),
        )
    ]
    check(observation(group=groups, case=cases), cases_solved_home_share=1 / 2, cases_solved_abroad_share=1 / 3)


def test_how_far_cases_came_and_how_long_each_stage_was_the_furthest() -> None:
    """A case of ten months with one that joined it, one of four months that saw a node, and three that do not count."""
    day = lambda months: START + months * MONTH  # noqa: E731
    cases = [
        {"state": 0, "status": CaseStatus.SOLVED, "opened": START, "closed": day(10), "group": 0},
        {"state": 1, "status": CaseStatus.MERGED, "opened": day(1), "merged_into": 0, "group": 0},
        {"state": 1, "status": CaseStatus.DROPPED_ATTRITION, "opened": START, "closed": day(4), "group": 0},
        {"status": CaseStatus.DROPPED_CAPACITY, "opened": START, "closed": START, "group": 0},
        {"status": CaseStatus.SOLVED, "opened": START - 1, "closed": day(4), "group": 0},
    ]
    found = {"kind": MilestoneKind.NODE_FOUND}
    person = {"status": ChainStatus.COMPLETE, "target": ChainTarget.PERSON}
    milestones = [found | {"case": row, "day": day(at)} for row, at in ((0, 5), (1, 2), (2, 3), (4, 1))]
    milestones.append({"kind": MilestoneKind.LEAD_ENDED, "subject": 1, "case": 0, "day": day(6)})
    milestones += [{"kind": MilestoneKind.LEAD_ENDED, "subject": row, "case": 2, "day": day(3)} for row in (0, 2)]
    action = {"purpose": RequestPurpose.ACTION, "status": RequestStatus.EXECUTED}
    requests = [action | {"case": 0, "sent": day(7), "ended": day(8)}]
    requests.append({"purpose": RequestPurpose.CHAIN, "status": RequestStatus.EXECUTED, "case": 1, "ended": day(4)})
    strikes = ({"day": day(9), "down": 0}, {"day": day(9), "disruption": 1, "down": 1}, {"day": day(10), "down": 1})
    spells = [{"group": 0, "day": START - 9, "capability": 1.0}]
    spells.append({"group": 0, "day": day(10), "cause": SpellCause.TAKEDOWN, "capability": 0.0, "case": 0})
    seen = observation(
        group=[{"entered": START - 9}],
        case=cases,
        milestone=milestones,
        chain=[{"status": ChainStatus.GIVEN_UP}, {"status": ChainStatus.COMPLETE}, person],
        request=requests,
        partner=[{"case": 0, "state": 0, "joined": START}, {"case": 0, "state": 1, "joined": day(5)}],
        action=[{"case": 0, "group": 0} | strike for strike in strikes],
        spell=spells,
    )
    table = by_progress(seen)
    assert table["cases"].tolist() == [2, 2, 1, 1, 1, 1, 1, 1, 1, 1]
    assert table["months"] == pytest.approx([2 + 3, 2 + 1, 1, 1, 1, 1, 1, 1, 0, 0])


def test_groups_that_were_investigated_count_by_size_where_they_were_there_in_the_policy_years() -> None:
    """Ten groups of the policy years, of which the largest, the fifth and the smallest had a case."""
    groups = [
        {"scale": size, "cases": int(size in (1, 5, 10)), "entered": START - 9, "ended": np.nan}
        for size in range(1, 11)
    ]
    groups += [
        {"scale": 99.0, "cases": 0, "entered": START - 9, "ended": START - 1},
        {"scale": 99.0, "cases": 0, "entered": END + 1, "ended": np.nan},
    ]
    check(observation(group=groups), investigated_large_share=1.0, investigated_small_share=2 / 5)
    check(observation(), investigated_large_share=np.nan)
    # One that ended on the first day was still there; one that began on the last day was not yet.
    groups = [
        {"scale": 1.0, "cases": 0, "entered": START - 9, "ended": np.nan},
        {"scale": 5.0, "cases": 0, "entered": START - 9, "ended": np.nan},
        {"scale": 9.0, "cases": 1, "entered": START - 9, "ended": START},
        {"scale": 99.0, "cases": 0, "entered": END, "ended": np.nan},
    ]
    check(observation(group=groups), investigated_large_share=1.0)
