"""Tests of investigated groups, solved cases and movement of crime, on a few rows counted by hand."""

import numpy as np
import pytest

from sim.law.days import MONTH
from sim.law.vocabulary import Channel
from sim.measures.cases import by_progress
from sim.measures.displacement import Dimension, activity
from sim.measures.history import Window
from sim.world import records
from sim.world.parameters import GROUP_KINDS
from sim.world.records import CaseStatus, ChainStatus, GroupStatus, MilestoneKind, RequestStatus, SpellCause
from tests.measures.worlds import END, START, WINDOW, check, observation, spell


def test_what_becomes_of_cases_at_home_and_abroad() -> None:
    """Shares of reports opened, dropped and solved equal a hand count of six reports."""
    rows = [
        {"status": status, "opened": opened, "closed": closed}
        for status, opened, closed in (
            *((CaseStatus.NO_OFFENCE, START, START), (CaseStatus.DROPPED_CAPACITY, START, START)),
            (CaseStatus.TOO_SMALL, START, START),
            *((CaseStatus.DROPPED_ATTRITION, START, START + 90), (CaseStatus.DROPPED_HOPELESS, START, START + 90)),
            *((CaseStatus.SOLVED, START, START + 900), (CaseStatus.SOLVED, START - 1, START + 90)),
            *((CaseStatus.SOLVED, START - 9, START - 1), (CaseStatus.INVESTIGATING, END - 1, np.nan)),
        )
    ]
    seen = observation(case=rows)
    check(seen, cases_opened_per_year=4 / WINDOW.years, cases_dropped_share=3 / 6, cases_solved_share=2 / 4)
    check(seen, cases_too_small_share=1 / 6, cases_no_investigator_share=1 / 6)
    check(seen, cases_hopeless_share=1 / 4)
    groups = [{"home": 0}, {"home": 1}]
    cases = [
        {"group": group, "state": 0, "status": status, "opened": START, "closed": START + 90}
        for group, status in (
            *((0, CaseStatus.SOLVED), (0, CaseStatus.DROPPED_ATTRITION), (1, CaseStatus.SOLVED)),
            *((1, CaseStatus.DROPPED_HOPELESS), (1, CaseStatus.DROPPED_HOPELESS), (1, CaseStatus.DROPPED_CAPACITY)),
        )
    ]
    check(observation(group=groups, case=cases), cases_solved_home_share=1 / 2, cases_solved_abroad_share=1 / 3)


def test_how_far_cases_came_and_how_long_each_stage_was_the_furthest() -> None:
    """Milestones of cases and months at each stage equal a count by hand."""
    day = lambda months: START + months * MONTH  # noqa: E731
    cases = [
        {"state": 0, "status": CaseStatus.SOLVED, "opened": START, "closed": day(10), "group": 0},
        {"state": 1, "status": CaseStatus.MERGED, "opened": day(1), "merged_into": 0, "group": 0},
        {"state": 1, "status": CaseStatus.DROPPED_ATTRITION, "opened": START, "closed": day(4), "group": 0},
        {"status": CaseStatus.DROPPED_CAPACITY, "opened": START, "closed": START, "group": 0},
        {"status": CaseStatus.SOLVED, "opened": START - 1, "closed": day(4), "group": 0},
    ]
    found = {"kind": MilestoneKind.NODE_FOUND}
    person = {"status": ChainStatus.COMPLETE, "target": records.ChainTarget.PERSON}
    milestones = [found | {"case": row, "day": day(at)} for row, at in ((0, 5), (1, 2), (2, 3), (4, 1))]
    milestones.append({"kind": MilestoneKind.LEAD_ENDED, "subject": 1, "case": 0, "day": day(6)})
    milestones += [{"kind": MilestoneKind.LEAD_ENDED, "subject": row, "case": 2, "day": day(3)} for row in (0, 2)]
    executed = {"status": RequestStatus.EXECUTED}
    action = executed | {"purpose": records.RequestPurpose.ACTION}
    requests = [action | {"case": 0, "sent": day(7), "ended": day(8)}]
    chain = {"purpose": records.RequestPurpose.CHAIN}
    requests.append(chain | executed | {"case": 1, "ended": day(4), "channel": Channel.JOINT_TEAM})
    # Evidence is neither what was refused nor what police said.
    requests.append(chain | {"status": RequestStatus.REFUSED, "case": 2, "ended": day(1)})
    requests.append({"purpose": records.RequestPurpose.LEAD, "case": 2, "ended": day(1)} | executed)
    strikes = ({"day": day(9), "down": 0}, {"day": day(9), "disruption": 1, "down": 1}, {"day": day(10), "down": 1})
    periods = [{"group": 0, "day": START - 9, "capability": 1.0}]
    periods.append({"group": 0, "day": day(10), "cause": SpellCause.TAKEDOWN, "capability": 0.0, "case": 0})
    seen = observation(
        group=[{"entered": START - 9}],
        case=cases,
        milestone=milestones,
        chain=[{"status": ChainStatus.GIVEN_UP}, {"status": ChainStatus.COMPLETE}, person],
        request=requests,
        partner=[{"case": 0, "state": 0, "joined": START}, {"case": 0, "state": 1, "joined": day(5)}],
        action=[{"case": 0, "group": 0} | strike for strike in strikes],
        spell=periods,
    )
    table = by_progress(seen)
    assert table["cases"].tolist() == [2, 2, 1, 1, 1, 1, 1, 1, 1, 1]
    assert table["months"] == pytest.approx([2 + 3, 2 + 1, 1, 1, 1, 1, 1, 1, 0, 0])


def test_groups_that_were_investigated_count_by_size_where_they_were_there_in_the_policy_years() -> None:
    """Only groups present in the policy years count for the share of groups investigated."""
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


YEAR = 365.25


def arm():
    """Two groups, the first of which is taken down and loses half of its users to the second."""
    group = [
        {"key": 2**64 - 5, "kind": 2, "entered": START - 50, "status": GroupStatus.DOWN},
        {"key": 7, "kind": 2, "entered": START + 10, "status": GroupStatus.ACTIVE},
    ]
    periods = [
        *(spell(-50, 1.0, SpellCause.ENTRY, scale=2.0), spell(YEAR, 0.0, SpellCause.TAKEDOWN, scale=2.0)),
        *(spell(0, 1.0, SpellCause.ENTRY, group=1), spell(YEAR, 1.0, SpellCause.USERS_JOINED, group=1, scale=2.0)),
    ]
    node = [
        {"group": 0, "state": 3, "lost_in": 2, "lost_at": START + YEAR},
        {"group": 1, "state": 1, "lost_in": -1},
        {"group": 1, "state": 1, "lost_in": 2, "lost_at": START - 1},
    ]
    return observation(
        group=group,
        spell=periods,
        node=node,
        case=[{"state": 3, "group": 0, "opened": START + 5}, {"state": 0, "group": 0, "opened": START - 5}],
        action=[{"case": 1, "group": 0, "day": START + YEAR, "down": 1}],
        migration=[{"group": 0, "rival": 1, "day": START + YEAR, "amount": 1.0}],
    )


def rows(dimension: Dimension) -> dict[int, tuple[float, float]]:
    table = activity(arm())
    mine = table["dimension"] == dimension
    return {
        int(place): (float(amount), float(events))
        for place, amount, events in zip(*(table[c][mine] for c in ("place", "activity", "enforcement")), strict=True)
        if amount or events
    }


def test_activity_by_state_kind_group_and_half_year() -> None:
    assert rows(Dimension.SERVERS) == {1: (2.0, 0.0), 2: (0.0, 1.0)}
    assert rows(Dimension.VICTIMS) == {0: (0.0, 1.0), 3: (1.0, 0.0)}
    alone = 2.0 * (WINDOW.years - 1.0) + 1.0
    assert rows(Dimension.METHOD) == {2: (pytest.approx(2.0 + alone), 1.0)}
    assert rows(Dimension.GROUP) == {-5: (pytest.approx(2.0), 1.0), 7: (pytest.approx(alone), 0.0)}
    periods = rows(Dimension.TIME)
    assert periods[0] == (pytest.approx(1.5), 0.0) and periods[2] == (pytest.approx(1.0), 1.0)
    assert sum(amount for amount, _ in periods.values()) == pytest.approx(2.0 + alone)
    check(arm(), entries_per_year=1 / WINDOW.years)


def test_weakened_groups_and_those_that_are_down_count_by_what_they_can_do_and_what_is_done() -> None:
    """Activity is the product of size, capability and time, as computed by hand."""
    window = Window(START, START + 2 * YEAR, START + 2 * YEAR + 180.0)
    periods = [spell(-50, 0.5, SpellCause.ENTRY, scale=3.0)]
    group = [{"key": 9, "kind": 4, "entered": START - 50, "status": GroupStatus.ACTIVE}]
    table = activity(observation(window, group=group, spell=periods))
    amounts = {part: table["activity"][table["dimension"] == part] for part in Dimension}
    assert amounts[Dimension.GROUP] == pytest.approx([3.0])
    assert amounts[Dimension.METHOD] == pytest.approx(3.0 * (np.arange(len(GROUP_KINDS)) == 4))
    assert amounts[Dimension.TIME] == pytest.approx([0.75] * 4)
    seen = observation(
        group=[{"key": 3, "kind": 1, "entered": START - 50, "status": GroupStatus.DOWN}],
        node=[{"group": 0, "state": 2, "lost_in": 0, "lost_at": START + 5}],
        case=[{"state": 1, "group": 0, "opened": START}],
        action=[{"case": 0, "group": 0, "day": START + 5, "down": 1}],
    )
    table = activity(seen)
    assert table["enforcement"][table["dimension"] == Dimension.SERVERS].tolist() == [1, 0, 0, 0]
    groups = table["dimension"] == Dimension.GROUP
    assert (table["place"][groups].tolist(), table["enforcement"][groups].tolist()) == ([3], [1])
