"""Reviews of cases, at which a unit continues, merges, forms a team, acts, or closes the case (M11–M13)."""

import math

from sim.agents.assistance import act_together, ask_coordination, leaks, propose_team
from sim.agents.cases import forget_nodes, is_working, work_alone
from sim.agents.crime import (
    TECHNICAL_SERVICES,
    alert,
    break_core,
    cut_off_buyers,
    exit_by_itself,
    learn_from_action,
    leaves,
    take_down,
    weaken,
)
from sim.agents.events import Purpose, record_milestone
from sim.agents.investigation.action import act, analyse, plan_review, regroup, review_partners, work_together
from sim.agents.investigation.agency import close_case, close_cases_of, leave_group
from sim.agents.investigation.assets import trace_at_review
from sim.agents.investigation.chains import double_leads, keep_chains
from sim.agents.investigation.custody import arrest_wanted, arrest_within_reach, seek_warrants
from sim.agents.investigation.matching import match, waits_for_deconfliction
from sim.agents.investigation.planning import Decision, choose_next
from sim.agents.investigation.sweeps import expect_client_arrests
from sim.engine.compiling import rule
from sim.engine.random import chance
from sim.law.days import YEAR
from sim.world.parameters import RESIDUAL
from sim.world.records import AlertCause, CaseStatus, GroupStatus, MilestoneKind
from sim.world.world import World


@rule
def case_reviewed(world: World, case_row: int) -> None:
    """Reviews a case: the unit continues, merges it with another, forms a team, or acts."""
    case, setting = world.case[case_row], world.setting[0]
    if not is_working(world, case_row):
        return
    if world.group[case.group].status != GroupStatus.ACTIVE:
        wind_up(world, case.group)
        return
    years = setting.review_interval_days / YEAR
    worn_out = 1.0 - math.exp(-setting.attrition_per_year * years)
    leads = case.status != CaseStatus.MERGED
    if leads and chance(setting.seed, Purpose.CASE_ATTRITION, case.key, case.reviews, worn_out):
        drop_case(world, case_row, CaseStatus.DROPPED_ATTRITION)
        return
    analyse(world, case_row)
    double_leads(world, case_row)
    keep_chains(world, case_row)
    if case.status != CaseStatus.MERGED:
        other_row = match(world, case_row)
        if other_row >= 0:
            work_together(world, case_row, other_row)
        if case.status != CaseStatus.MERGED:
            lead_reviews(world, case_row)
    plan_review(world, case_row)


@rule
def wind_up(world: World, group_row: int) -> None:
    """Closes all cases on a group that has ended, after lead cases arrest or indict the members that they want."""
    row = world.group[group_row].first_case
    while row >= 0:
        if is_working(world, row) and world.case[row].status != CaseStatus.MERGED:
            arrest_wanted(world, row)
        row = world.case[row].next_case
    close_cases_of(world, group_row, CaseStatus.CLOSED_GROUP_GONE)


@rule
def drop_case(world: World, case_row: int, why: CaseStatus) -> None:
    """Closes a case that its unit drops; cases that were merged into it continue alone."""
    row = world.group[world.case[case_row].group].first_case
    while row >= 0:
        other = world.case[row]
        if other.status == CaseStatus.MERGED and other.merged_into == case_row and math.isnan(other.closed):
            work_alone(other)
        row = other.next_case
    forget_nodes(world, case_row)
    close_case(world, case_row, why.value)
    leave_group(world, case_row)


@rule
def lead_reviews(world: World, case_row: int) -> None:
    """Reviews a lead case: warrants, partner states, leaks, and the decision to act or wait."""
    case = world.case[case_row]
    trace_at_review(world, case_row)
    seek_warrants(world, case_row)
    arrest_early(world, case_row)
    if world.group[case.group].status != GroupStatus.ACTIVE:
        arrest_wanted(world, case_row)
        close_case(world, case_row, CaseStatus.SOLVED)
        wind_up(world, case.group)
        return
    review_partners(world, case_row)
    ask_coordination(world, case_row)
    propose_team(world, case_row)
    if leaks(world, case_row):
        alert(world, case.group, case.key, 1000 + case.reviews)
        record_milestone(world, MilestoneKind.ALERTED, case_row, case.group, -1, AlertCause.LEAK.value)
    choice = choose_next(world, case_row)
    if choice == Decision.GIVE_UP:
        drop_case(world, case_row, CaseStatus.DROPPED_HOPELESS)
    elif choice != Decision.WAIT and not waits_for_deconfliction(world, case_row):
        if choice == Decision.DISRUPT:
            hold_action_day(world, case_row, True, -1)
        else:
            hold_operation(world, case_row)


@rule
def arrest_early(world: World, case_row: int) -> None:
    """Arrests or indicts a case's wanted members before an action day if the group has been alerted (M14)."""
    group_row = world.case[case_row].group
    if world.now[0] < world.group[group_row].alert_until and arrest_within_reach(world, case_row) > 0:
        break_core(world, group_row, case_row)


@rule
def hold_operation(world: World, case_row: int) -> None:
    """Carries out a case's action day; a mechanism may replace this rule (see `instead_of`)."""
    hold_action_day(world, case_row, False, -1)


@rule
def hold_action_day(world: World, case_row: int, disruption: bool, operation: int) -> int:
    """Carries out an action day and applies its results to group and cases; returns the action's row."""
    group_row = world.case[case_row].group
    action_row = act(world, case_row, disruption, operation)
    action = world.action[action_row]
    learn_from_action(world, action_row)
    if not disruption:
        act_together(world, case_row)
    if action.down == 1:
        if disruption:
            arrest_wanted(world, case_row)  # the group is warned now
        expect_client_arrests(world, action_row)
        left = 1.0 - action.killed / action.nodes
        take_down(world, group_row, action.type, case_row, left)
        close_case(world, case_row, CaseStatus.SOLVED)
        wind_up(world, group_row)
    else:
        weaken(world, group_row, action.type, max(action.residual, RESIDUAL), case_row)
        regroup(world, case_row, disruption)
    return action_row


@rule
def group_exits(world: World, row: int, stamp: int) -> None:
    """Ends a group that exits by its own decision, and closes its cases."""
    if leaves(world, row, stamp):
        exit_by_itself(world, row)
        if world.group[row].kind == TECHNICAL_SERVICES:
            cut_off_buyers(world, row)
        wind_up(world, row)
