"""The only place that knows which agent answers which event.

`simulate` is the fast door. `Simulation` adds what changes on dates: law and policy are rebuilt in Python between
stretches of compiled running, so a run is law → world → events → law of the next date → events …
"""

import math
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from sim.agents.action import (
    act,
    analyse,
    chain_completed,
    leads_to_node,
    merge_case,
    plan_review,
    regroup,
    reveal_node,
    review_partners,
    team_formed,
    update_readiness,
    weigh_action,
)
from sim.agents.agency import (
    chain_hop,
    close_case,
    close_cases_of,
    double_leads,
    hop_answered,
    hop_failed,
    is_working,
    victim_reports,
)
from sim.agents.channels import learn
from sim.agents.criminals import (
    alert,
    come_back,
    exit_by_itself,
    group_arrives,
    node_stay_ends,
    rebrand,
    rebuilt,
    take_down,
    weaken,
)
from sim.agents.custody import assets_decided, caught_travelling, forget_members, surrender_decided, trial_ends
from sim.agents.desk import add_job, bundle_arrives, call_next, file_priority, finish, submit, touch_hours
from sim.agents.events import Event, Purpose
from sim.agents.liaison import lead_answered, leak_alerts, match, preservation_answered, propose_team
from sim.agents.request import complete_stage, give_up, stage_elapsed
from sim.engine.clock import EVENT_COUNTS, drop_first
from sim.engine.compiling import kernel, rule
from sim.engine.random import chance
from sim.engine.room import doubled
from sim.law.order import LegalOrder
from sim.law.vocabulary import Channel, DataKind
from sim.policy.apply import apply_assignments
from sim.policy.timeline import Timeline
from sim.world.assemble import assemble, date_of, day_of
from sim.world.attached import COMPILED, attach
from sim.world.parameters import Parameters, WorldSpec
from sim.world.records import (
    CaseStatus,
    ChainStatus,
    DeskKind,
    EvidenceStatus,
    GroupStatus,
    Growing,
    RequestPurpose,
    RequestStatus,
    Stage,
)
from sim.world.world import TABLE_NAMES, World, duplicate

DONE = -1  # the kernel's answer when the date is reached; otherwise the table that needs room
CLOCK_ROOM = 100
HEADROOM = 512  # rows that no stretch of _STRETCH events can use up: a test measures it
_STRETCH = 8
_ASKS_TO_ACT = 6  # a state that does not let others act is asked so often and no more


@rule
def hear(world: World, row: int) -> None:
    """The requester hears how its request ended (to agency)."""
    request = world.request[row]
    if request.channel != Channel.DOMESTIC and request.status != RequestStatus.NOT_SENT:
        succeeded = request.status == RequestStatus.EXECUTED
        if request.status != RequestStatus.WITHDRAWN or math.isnan(world.case[request.case].closed):
            learn(world, request, succeeded)
    if not is_working(world, request.case):
        return
    if request.purpose == RequestPurpose.ACTION:
        hear_about_action(world, row)
    elif request.purpose == RequestPurpose.CORROBORATION:
        world.case[request.case].evidence += int(request.status == RequestStatus.EXECUTED)
    else:
        hear_about_hop(world, row)


@rule
def hear_about_action(world: World, row: int) -> None:
    """A state has authorised its part, or must be asked again."""
    request = world.request[row]
    partner = world.partner[request.partner]
    if partner.request != row or partner.authorised == 1:
        return
    if request.status == RequestStatus.EXECUTED:
        partner.authorised = 1
        update_readiness(world, request.partner)
    elif partner.attempt < _ASKS_TO_ACT:
        partner.request = -1  # asked anew at the next review


@rule
def hear_about_hop(world: World, row: int) -> None:
    """A hop is answered or lost; content is read in the laboratory first."""
    request, setting = world.request[row], world.setting[0]
    chain = world.chain[request.chain]
    current = chain.status == ChainStatus.LIVE and chain.request == row
    if request.status != RequestStatus.EXECUTED:
        if current:
            hop_failed(world, request.chain, row)
        return
    item = world.evidence[request.evidence]
    item.admissible = int(
        request.channel != Channel.PROVIDER_VOLUNTARY
        or chance(setting.seed, Purpose.ADMISSIBLE, request.key, 0, setting.voluntary_evidence)
    )
    if item.admissible == 0:
        item.status = EvidenceStatus.INADMISSIBLE.value
    if request.data_kind == DataKind.CONTENT and setting.instant_stages == 0.0:
        go_to_laboratory(world, row)
    else:
        read_evidence(world, row)


@rule
def go_to_laboratory(world: World, row: int) -> None:
    """Content waits for a forensic examiner of the requesting state (stage 12)."""
    request, setting, now = world.request[row], world.setting[0], world.now[0]
    request.stage = Stage.FORENSICS.value
    request.stage_since = now
    desk_row = DeskKind.FORENSIC.value * len(world.state) + request.requesting
    priority = file_priority(setting, DeskKind.FORENSIC, now, request.urgent, 0, math.nan)
    hours = touch_hours(setting, request.key, Stage.FORENSICS.value * 16, setting.forensic_touch_hours)
    job = add_job(world, desk_row, row, request.key, request.urgent, now, priority, math.inf, hours)
    request.job = job
    submit(world, job)


@rule
def read_evidence(world: World, row: int) -> None:
    """Evidence is read: it counts for the case, and the chain goes on from it."""
    request = world.request[row]
    if not is_working(world, request.case):
        return
    world.case[request.case].evidence += world.evidence[request.evidence].admissible
    chain = world.chain[request.chain]
    if chain.status == ChainStatus.LIVE and chain.request == row:
        hop_answered(world, request.chain)


@rule
def job_served(world: World, row: int) -> None:
    """A person finishes a file: the request's stage is complete."""
    request_row = finish(world, row)
    if request_row < 0:
        return
    request = world.request[request_row]
    if request.stage == Stage.FORENSICS:
        request.stage_days[Stage.FORENSICS.value - 1] += world.now[0] - request.stage_since
        read_evidence(world, request_row)
    elif request.status == RequestStatus.OPEN and request.job == row:
        complete_stage(world, request_row)


@rule
def hop_due(world: World, chain_row: int, stamp: int) -> None:
    """A chain's next step is due; a complete chain shows what it led to."""
    chain_hop(world, chain_row, stamp)
    if world.chain[chain_row].status == ChainStatus.COMPLETE and world.chain[chain_row].attempt == stamp:
        chain_completed(world, chain_row)


@rule
def police_answered(world: World, row: int, stamp: int) -> None:
    """A lead arrives; rarely it is enough for the chain to go on while the formal request is still open."""
    request = world.request[row]
    if not is_working(world, request.case):
        request.status = RequestStatus.WITHDRAWN.value
        request.ended = world.now[0]
        return
    goes_on = lead_answered(world, row, stamp)
    chain = world.chain[request.chain]
    if goes_on:
        hop_answered(world, request.chain)
    elif leads_to_node(request, chain, stamp):
        reveal_node(world, chain.case, chain.node)


@rule
def case_reviewed(world: World, case_row: int) -> None:
    """The unit reviews a case: goes on, joins an older case, forms a team, or acts."""
    case, setting = world.case[case_row], world.setting[0]
    if not is_working(world, case_row):
        return
    if world.group[case.group].status == GroupStatus.EXITED or world.group[case.group].status == GroupStatus.REMOVED:
        close_cases_of(world, case.group, CaseStatus.CLOSED_GROUP_GONE)
        return
    years = setting.review_interval_days / 365.25
    if case.status != CaseStatus.MERGED and chance(
        setting.seed,
        Purpose.CASE_ATTRITION,
        case.key,
        case.reviews,
        1.0 - math.exp(-setting.attrition_per_year * years),
    ):
        drop_case(world, case_row)
        return
    analyse(world, case_row)
    double_leads(world, case_row)
    if case.status != CaseStatus.MERGED:
        lead_row = match(world, case_row)
        if lead_row >= 0:
            merge_case(world, case_row, lead_row)
        else:
            lead_reviews(world, case_row)
    plan_review(world, case_row)


@rule
def drop_case(world: World, case_row: int) -> None:
    """The unit gives a case up; cases merged into it go on by themselves, and its nodes are lost from sight."""
    row = world.group[world.case[case_row].group].first_case
    while row >= 0:
        other = world.case[row]
        if other.status == CaseStatus.MERGED and other.merged_into == case_row and math.isnan(other.closed):
            other.status = CaseStatus.INVESTIGATING.value
            other.merged_into = -1
        row = other.next_case
    group = world.group[world.case[case_row].group]
    for node_row in range(group.first_node, group.first_node + group.nodes):
        if world.node[node_row].known_by == case_row:
            world.node[node_row].known_by = -1
            world.node[node_row].known_at = math.nan
    world.case[case_row].known_nodes = 0
    forget_members(world, case_row)
    close_case(world, case_row, CaseStatus.DROPPED_ATTRITION)


@rule
def lead_reviews(world: World, case_row: int) -> None:
    """A leading case reviews its partners, its team and its chances; a leak may alert the group."""
    case = world.case[case_row]
    review_partners(world, case_row)
    propose_team(world, case_row)
    count, row = 1, case.first_partner
    while row >= 0:
        count += 1
        row = world.partner[row].next_partner
    if leak_alerts(world, case_row, count):
        alert(world, case.group, 1000 + case.reviews)
    if weigh_action(world, case_row):
        strike(world, case_row)


@rule
def strike(world: World, case_row: int) -> None:
    """The action day and what follows from it for group and cases."""
    group_row = world.case[case_row].group
    action = world.action[act(world, case_row)]
    if action.complete == 1:
        take_down(world, group_row, action.type, case_row)
        close_case(world, case_row, CaseStatus.SOLVED)
        close_cases_of(world, group_row, CaseStatus.CLOSED_GROUP_GONE)
    else:
        weaken(world, group_row, action.killed / action.nodes, case_row)
        regroup(world, case_row)


@rule
def group_exits(world: World, row: int) -> None:
    """A lineage ends by itself: its cases are closed."""
    if exit_by_itself(world, row):
        close_cases_of(world, row, CaseStatus.CLOSED_GROUP_GONE)


@rule
def dispatch_criminals(world: World, kind: int, row: int, stamp: int) -> None:
    """Events that criminal groups answer."""
    if kind == Event.GROUP_ARRIVAL:
        group_arrives(world, row)
    elif kind == Event.GROUP_REPORT:
        victim_reports(world, row)
    elif kind == Event.GROUP_REBRAND:
        rebrand(world, row, stamp)
    elif kind == Event.GROUP_EXIT:
        group_exits(world, row)
    elif kind == Event.GROUP_RETURN:
        come_back(world, row, stamp)
    elif kind == Event.GROUP_REBUILT:
        rebuilt(world, row, stamp)
    else:
        node_stay_ends(world, row, stamp)


@rule
def dispatch_cases(world: World, kind: int, row: int, stamp: int) -> None:
    """Events that agencies and liaison answer."""
    if kind == Event.CASE_REVIEW:
        case_reviewed(world, row)
    elif kind == Event.TEAM_FORMED:
        team_formed(world, row)
    elif kind == Event.CHAIN_HOP:
        hop_due(world, row, stamp)
    elif kind == Event.PARTNER_PREPARED:
        update_readiness(world, row)
    elif kind == Event.LEAD_ANSWERED:
        police_answered(world, row, stamp)
    else:
        preservation_answered(world, row)


@rule
def dispatch_custody(world: World, kind: int, row: int, stamp: int) -> None:
    """Events of arrest, surrender, trial and confiscation."""
    if kind == Event.MEMBER_TRAVELS:
        caught_travelling(world, row)
    elif kind == Event.SURRENDER_DECIDED:
        surrender_decided(world, row)
    elif kind == Event.TRIAL_ENDS:
        trial_ends(world, row)
    else:
        assets_decided(world, row, stamp)


@rule
def dispatch(world: World, kind: int, row: int, stamp: int) -> None:
    """Hands an event to the agent that answers it."""
    if kind <= Event.NODE_MOVE:
        dispatch_criminals(world, kind, row, stamp)
    elif kind <= Event.PRESERVATION_ANSWERED:
        dispatch_cases(world, kind, row, stamp)
    elif kind == Event.STAGE_ELAPSED:
        stage_elapsed(world, row, stamp)
    elif kind == Event.JOB_SERVED:
        job_served(world, row)
    elif kind == Event.REQUEST_GIVEN_UP:
        give_up(world, row)
    elif kind == Event.REQUEST_ENDED:
        hear(world, row)
    elif kind == Event.BUNDLE_ARRIVAL:
        bundle_arrives(world, row)
    else:
        dispatch_custody(world, kind, row, stamp)


@rule
def table_without_room(world: World) -> int:
    """The first table that a stretch of events could overflow, CLOCK_ROOM for the clock, DONE for none."""
    used = world.used
    if world.counters[0] + HEADROOM > len(world.event):
        return CLOCK_ROOM
    if used[Growing.JOB] + HEADROOM > len(world.job):
        return Growing.JOB.value
    if used[Growing.GROUP] + HEADROOM > len(world.group):
        return Growing.GROUP.value
    if used[Growing.NODE] + HEADROOM > len(world.node):
        return Growing.NODE.value
    if used[Growing.CASE] + HEADROOM > len(world.case):
        return Growing.CASE.value
    if used[Growing.CHAIN] + HEADROOM > len(world.chain):
        return Growing.CHAIN.value
    if used[Growing.REQUEST] + HEADROOM > len(world.request):
        return Growing.REQUEST.value
    if used[Growing.EVIDENCE] + HEADROOM > len(world.evidence):
        return Growing.EVIDENCE.value
    if used[Growing.PARTNER] + HEADROOM > len(world.partner):
        return Growing.PARTNER.value
    if used[Growing.ACTION] + HEADROOM > len(world.action):
        return Growing.ACTION.value
    if used[Growing.MEMBER] + HEADROOM > len(world.member):
        return Growing.MEMBER.value
    if used[Growing.SPELL] + HEADROOM > len(world.spell):
        return Growing.SPELL.value
    return DONE


@rule
def answer_events(world: World, until: float) -> int:
    """Answers all events up to a day; returns DONE, or the table that needs room before it can go on."""
    while world.counters[0] > 0 and world.event[0].time <= until:
        table = table_without_room(world)
        if table != DONE:
            return table
        for _ in range(_STRETCH):
            if world.counters[0] == 0 or world.event[0].time > until:
                break
            world.now[0] = world.event[0].time
            kind, row, stamp = world.event[0].kind, world.event[0].entity, world.event[0].stamp
            drop_first(world)
            world.counters[1] += 1
            world.counters[EVENT_COUNTS + kind] += 1
            dispatch(world, kind, row, stamp)
    world.now[0] = max(world.now[0], until)
    return DONE


@kernel
def run_until(world: World, until: float) -> int:
    """Compiled entry: see answer_events."""
    return answer_events(attach(world), until)


@kernel
def staff_changed(world: World) -> None:
    """Compiled entry: after a change of staff, free persons take files that wait."""
    attached = attach(world)
    for row in range(len(attached.desk)):
        call_next(attached, row)


def simulate(world: World, until: float) -> World:
    """The fast door: answers every event up to a day.

    Args:
        world: its arrays are changed in place; tables that need room are replaced by larger ones.
        until: day since the epoch, included.

    Returns:
        The world, with the same arrays except those that grew.
    """
    while True:
        if COMPILED:
            table = run_until(world, until)
        else:
            with np.errstate(over="ignore"):  # keys wrap around on purpose
                table = run_until(world, until)
        if table == DONE:
            return world
        name = "event" if table == CLOCK_ROOM else TABLE_NAMES[table]
        world = world._replace(**{name: doubled(getattr(world, name))})


@dataclass
class Simulation:
    """A world with the dated law and policy that it lives under.

    Attributes:
        world: the tables.
        law: the legal order.
        timeline: the policy's dated steps; none for the law as it is.
        end: last day of the run, follow-up included.
    """

    world: World
    law: LegalOrder
    timeline: Timeline
    end: float
    _changes: list[float] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        amendments = self.timeline.amendments(date_of(self.end))
        legal = self.law.change_dates(date_of(self.day), date_of(self.end), amendments)
        days = {day_of(when) for when in legal} | {day for day in self.timeline.dates() if day >= self.day}
        self._changes = sorted(day for day in days if day <= self.end)

    @property
    def day(self) -> float:
        """Days since the epoch up to which everything has happened."""
        return float(self.world.now[0])

    def advance(self, until: float) -> None:
        """Runs to a day, stopping at every date on which law or policy changes."""
        while self._changes and self._changes[0] <= until:
            change = self._changes.pop(0)
            self.world = simulate(self.world, change)
            self._change(change)
        self.world = simulate(self.world, until)

    def _change(self, day: float) -> None:
        """Law and levers of a day take effect."""
        when = date_of(day)
        arrays = self.law.arrays(when, self.timeline.amendments(when))
        self.world = self.world._replace(**arrays._asdict())
        assignments = self.timeline.assignments(day)
        if assignments:
            apply_assignments(self.world, assignments)
            with np.errstate(over="ignore"):
                staff_changed(self.world)

    def fork(self, timeline: Timeline) -> "Simulation":
        """An arm that shares this run's past and follows another policy from today on."""
        return Simulation(duplicate(self.world), self.law, timeline, self.end)


def start(spec: WorldSpec, parameters: Parameters, law: LegalOrder, timeline: Timeline, seed: int) -> Simulation:
    """A run on its first day.

    Args:
        spec: what is simulated and when.
        parameters: every uncertainty.
        law: the legal order.
        timeline: the policy; `Timeline()` for the law as it is.
        seed: run seed.

    Raises:
        ValueError: a parameter is out of range, or a state is unknown.
    """
    world = assemble(spec, parameters, law, seed)
    return Simulation(world, law, timeline, day_of(date.fromisoformat(spec.end)) + spec.follow_up_days)
