"""Creates the tables of a new world from geography, law, parameters and a seed."""

from datetime import date, timedelta
from operator import attrgetter
from typing import Any

import numpy as np
import numpy.typing as npt

from sim.data.geography import CrimeGeography, ProviderClass
from sim.data.load import derived
from sim.data.providers import ordinary_requests, read_of_states, single_points
from sim.engine.clock import empty_clock
from sim.engine.growable import empty
from sim.law.days import EPOCH, MONTH, to_day
from sim.law.order import LegalOrder
from sim.law.vocabulary import EVIDENCE_CHANNELS
from sim.world.baseline import (
    BODY_SKILL,
    SKILL_BY_TIER,
    STAFFED_BODIES,
    bodies,
    body_persons,
    case_slots,
    electronic_pairs,
    feed,
    file_hours,
    posts_abroad,
    provider_persons,
    staff,
    standards_of_proof,
    target_waits,
    units,
)
from sim.world.growth import EVENTS
from sim.world.loads import PICKS, loads
from sim.world.own_events import kinds
from sim.world.parameters import GROUP_KIND_TABLE, Parameters, WorldSpec, active_groups, check, setting
from sim.world.places import confined, inside, place_choices
from sim.world.records import (
    BOND,
    DESK,
    GROWING,
    NEUTRAL_ROWS,
    ORDINARY,
    PROVIDER,
    STATE,
    Concern,
    DeskKind,
    Ordinary,
    ProviderPolicy,
)
from sim.world.records.desks import WITH_UNITS, by_kind
from sim.world.retention import keep_by_law
from sim.world.world import Table, World, table

#: By kind of desk: true where files wait in a queue.
_QUEUES = by_kind("queue")
_EPOCH = EPOCH.toordinal()
_ROWS = 2048  # of each growing table at the start
# Log odds of a share answered by rule of law: 2.2 ± 0.6 over 39 states that Google and 41 that Apple answered to 2021.
_SHARE_SLOPE, _USUAL_RULE_OF_LAW = 2.2, 0.71
_GATE_SLOPE = 1.68  # log odds for each standard deviation of rule of law, Google in the second half of 2021


def last_day(spec: WorldSpec) -> float:
    """Last day of a run, including the follow-up after the measured years, in days since the epoch."""
    return to_day(date.fromisoformat(spec.end)) + spec.follow_up_days


def assemble(
    spec: WorldSpec, parameters: Parameters, law: LegalOrder, seed: int, events: int, over: World | None = None
) -> tuple[World, npt.NDArray[np.float64]]:
    """Creates a world under the law of its first day, still without groups, work and events.

    A seed is 0 to 2**63 − 1, `events` the number of kinds of event; its tables stand in the memory of `over`, if any.
    With it comes what the first day at its desks can be like: hours of work in line, people at work and their skill on
    days of their histories, float64 [desk, PICKS, 3].
    """
    check(parameters)
    geography = confined(CrimeGeography.load(), law, spec)
    row, start, states = _setting(spec, parameters, seed), date.fromisoformat(spec.start), len(law.states)
    arrays, today = law.arrays(start), to_day(start)
    providers, provider_desks = _providers(geography, parameters, law)
    body_desks = _bodies_desks(parameters, law)
    desks = np.concatenate([*_desks(geography, parameters), provider_desks, *body_desks]).view(np.recarray)
    state = _states(geography, parameters)
    _set_targets(desks, geography, parameters)
    at_desks = desks.staff_base[: len(WITH_UNITS) * states]
    people = units(row[0], state.skill, at_desks, state.slots, parameters.capacity)
    desks.work_day = today
    desks.month_end = np.where(_QUEUES[desks.kind], today, np.inf)  # a desk without a line lives no months
    first_days = np.zeros((len(desks), PICKS, 3))
    if spec.background and row["with_queues"][0] != 0.0:
        first_days = _add_load(row, desks, people, parameters, inside(law, spec))
    first = min(int(today), 0)  # an agenda from the epoch, or an earlier first day
    days = int(last_day(spec)) + 2 - first
    majors = [one.name for one in geography.providers if one.provider_class == ProviderClass.MAJOR]
    door_since, door_share = read_of_states(majors)  # what they publish about the states that they answer
    growing: dict[str, Any] = {
        name: table(name, _ROWS + 64 * spec.groups, kind, over) for name, kind in GROWING.items()
    }
    build: Any = World  # tables are made as plain arrays: a world says what their rows hold
    world: World = build(
        setting=row.view(np.recarray),
        **empty_clock(4096 + 64 * spec.groups + 4 * len(desks), days, kinds(events), first),
        **arrays._asdict(),
        **place_choices(geography, parameters, law),
        electronic=electronic_pairs(geography, arrays.police_body),
        proof=standards_of_proof(law.states, parameters.request),
        **_beliefs(states, parameters),
        **_without_policy(states),
        door_since=door_since - _EPOCH,
        door_share=door_share,
        feed=feed(law),
        state=state,
        desk=desks,
        provider=providers,
        unit=people,
        bond=_bonds(states, today),
        liaison_body=bodies(parameters.liaison, parameters.case, len(desks) - len(STAFFED_BODIES) - states),
        ordinary=_ordinary(spec, states),
        used=np.zeros(len(GROWING), np.int64),
        neutral=NEUTRAL_ROWS,
        room=np.zeros(EVENTS + 1, np.int64),
        **growing,
    )
    world.now[0] = today
    keep_by_law(world, start)
    return world, first_days


def _setting(spec: WorldSpec, parameters: Parameters, seed: int) -> npt.NDArray[np.void]:
    """One-row table of the numbers that rules read: parameters, and numbers derived from the specification."""
    row = setting(parameters, seed)
    if spec.infinite_servers:
        row["with_queues"] = 0.0
    row["background"] = int(spec.background)
    row["policy_start"] = to_day(date.fromisoformat(spec.policy_start))
    row["policy_end"] = to_day(date.fromisoformat(spec.end))
    row["entry_rate"] = active_groups(spec, parameters) / (parameters.criminal.lineage_months * MONTH)
    return row


def _beliefs(states: int, parameters: Parameters) -> dict[str, Any]:
    """Arrays of initial beliefs, by name: of investigators about channels, of groups about sanctions."""
    heard = ("answers_heard", "success_heard", "days_heard")  # nothing yet
    concerns = len(Concern), len(GROUP_KIND_TABLE) + 1, states + 1  # all kinds of group, and anywhere, stand last
    return {
        "channel_days": _usual("days"),
        "channel_success": _usual("success"),
        **{name: np.zeros((states + 1, states, len(EVIDENCE_CHANNELS)), np.float32) for name in heard},
        "news": np.zeros(concerns),
        "news_day": np.zeros(concerns),
        "sanction_delay": np.full(len(GROUP_KIND_TABLE), parameters.risk.sanction_delay),
    }


def _without_policy(states: int) -> dict[str, Any]:
    """Initial values of the arrays that policies change: no template, no deadline, no officers abroad."""
    return {
        "template": np.zeros(states, np.float32),
        "deadline_days": np.full(states, np.nan, np.float32),
        "deadline_enforceable": np.zeros(states, np.uint8),
        "traffic": np.zeros((states, states)),
        "posting_of": np.full((states, states), -1, np.int64),
        "posting_set": np.zeros((states, states), np.uint8),
    }


def _bonds(states: int, first_day: float) -> Table:
    """Table of trust records between states, without experience; each pair's first contact officer is due at once."""
    bonds: Table = empty(states * states, BOND)
    bonds.day = bonds.contact_until = first_day
    bonds.contact_stay = 1.0
    return bonds


def _usual(what: str) -> npt.NDArray[np.float64]:
    """Usual value of a property (such as days to an answer) for each formal channel, float64 [channel] (M4)."""
    return np.array([derived(f"channel.{channel.name.lower()}.{what}") for channel in EVIDENCE_CHANNELS])


def _states(geography: CrimeGeography, parameters: Parameters) -> Table:
    states = np.zeros(len(geography.gdp), STATE).view(np.recarray)
    states.slots = case_slots(geography, parameters.case.case_slots)
    states.tier = geography.governance_tier
    states.skill = SKILL_BY_TIER[geography.governance_tier]
    states.work_rate = 1.0
    states.programme_since = np.nan
    states.perceived_risk = geography.governance
    states.gate_odds = gate_odds(geography.rule_of_law, parameters.evidence.gate_shut)
    states.gate_opens = states.strict_opens = np.inf
    states.share_odds = _SHARE_SLOPE * (geography.rule_of_law - _USUAL_RULE_OF_LAW)
    _ask(states, geography, parameters)
    states.single_point = single_points()
    states.governance = geography.governance
    states.users = geography.internet_users
    states.victims = geography.victims
    states.posts_abroad_base = posts_abroad(parameters.liaison, states.slots)
    states.posts_abroad = np.rint(states.posts_abroad_base)
    states.visited = -np.inf
    place, kind = geography.places_of_providers()
    for field, of_kind in (("host_provider", ProviderClass.HOST), ("access_provider", ProviderClass.ACCESS)):
        rows = np.flatnonzero(kind == of_kind)
        states[field][place[rows]] = rows
    return states


def _ask(states: Table, geography: CrimeGeography, parameters: Parameters) -> None:
    """Fills the table of states with each state's monthly ordinary requests for data abroad, by kind, in place."""
    asked = ordinary_requests(geography.internet_users, geography.rule_of_law, parameters.evidence.majors_share)
    states.ordinary, states.preserves, states.emergencies = asked.direct, asked.preservation, asked.emergency
    states.emergencies_answered = asked.emergency_share
    states.assisted_usa, states.assisted_irl = asked.assisted


def _ordinary(spec: WorldSpec, states: int) -> Table:
    """Table for counts of ordinary requests by year, kind and state, all zero."""
    first = date.fromisoformat(spec.start).year
    years = np.arange(first, (EPOCH + timedelta(last_day(spec))).year + 1)
    rows = np.zeros(len(years) * Ordinary.KINDS * states, ORDINARY).view(np.recarray)
    rows.year = np.repeat(years, Ordinary.KINDS * states)
    rows.kind = np.tile(np.repeat(np.arange(Ordinary.KINDS), states), len(years))
    rows.state = np.tile(np.arange(states), len(years) * Ordinary.KINDS)
    return rows


def _desk_rows(
    kind: DeskKind, persons: npt.NDArray[np.float64], states: Any, skill: Any, parameters: Parameters
) -> Table:
    """Table rows for desks of one kind, from their people, states and skill."""
    rows = np.zeros(len(persons), DESK).view(np.recarray)
    rows.kind = kind
    rows.state = states
    rows.provider = rows.planned = -1
    rows.skill_base = rows.skill = skill
    rows.staff_base = persons
    rows.servers = np.maximum(np.round(persons), 1)
    rows.pace = parameters.desk.hours_per_day
    return rows


def _desks(geography: CrimeGeography, parameters: Parameters) -> list[Table]:
    states = range(len(geography.gdp))
    skill = SKILL_BY_TIER[geography.governance_tier]
    return [_desk_rows(kind, staff(kind, geography.gdp), states, skill, parameters) for kind in WITH_UNITS]


def _providers(geography: CrimeGeography, parameters: Parameters, law: LegalOrder) -> tuple[Table, Table]:
    """Tables of providers and their desks; a desk spends half its time on foreign orders (judgement)."""
    providers = np.zeros(len(geography.providers), PROVIDER).view(np.recarray)
    rows, (place, kind) = np.arange(len(providers)), geography.places_of_providers()
    desks = _desk_rows(DeskKind.PROVIDER, provider_persons(geography), place, 0.5, parameters)
    desks.pace *= 0.5
    providers.state, providers.kind = place, kind
    providers.desk = len(WITH_UNITS) * len(geography.gdp) + rows
    desks.provider = rows
    # Regulation (EU) 2023/1543 goes with Directive (EU) 2023/1544: providers active in the EU name a
    # representative there. The large ones are taken to sit in Ireland (judgement).
    providers.representative = np.where(kind == ProviderClass.MAJOR, law.index("IRL"), -1)
    answers = [provider.answers for provider in geography.providers]
    providers.policy = [ProviderPolicy[one.policy.upper()] for one in answers]
    providers.since, providers.days = [one.since - _EPOCH for one in answers], [one.days for one in answers]
    providers.staff = providers.load = 1.0
    providers.weight = _weights(geography, parameters.evidence.majors_share, kind)
    providers.bulletproof = np.where(kind == ProviderClass.HOST, 0.5 * geography.bulletproof[place], 0.0)
    return providers, desks


def gate_odds(rule_of_law: npt.NDArray[np.float64], shut: float) -> npt.NDArray[np.float64]:
    """Log-odds that a provider which answers only some states answers each state, float64 [state].

    They grow with rule of law as at Google in 2021, which orders its states by it with an area under the curve of 0.9;
    over all states a share is shut out.
    """
    apart = _GATE_SLOPE * (rule_of_law - rule_of_law.mean()) / rule_of_law.std()
    low, high = -20.0, 20.0
    for _ in range(50):
        middle = 0.5 * (low + high)
        is_shut = (1.0 / (1.0 + np.exp(apart + middle))).mean() > shut
        low, high = (middle, high) if is_shut else (low, middle)
    return apart + low


def _weights(geography: CrimeGeography, majors_share: float, kind: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Share of each provider in all ordinary requests from abroad, float64 [provider].

    As with hops of a chain, a share goes to the large ones, by what they counted, the rest to hosts by hosting supply.
    Access providers are asked at home.
    """
    majors, hosts = kind == ProviderClass.MAJOR, kind == ProviderClass.HOST
    weights: npt.NDArray[np.float64] = np.array([one.ordinary for one in geography.providers]) * majors
    large = majors_share if majors.any() else 0.0
    weights *= large / max(weights.sum(), 1e-9)
    weights[hosts] = (1.0 - large) * geography.hosting[geography.places_of_providers()[0][hosts]]
    return weights


def _bodies_desks(parameters: Parameters, law: LegalOrder) -> tuple[Table, Table]:
    """Tables of the desks of liaison bodies and of states' 24/7 contact points."""
    liaison = parameters.liaison
    seats = [law.index(row.seat) for row in STAFFED_BODIES]
    persons = body_persons(liaison)[[row.code for row in STAFFED_BODIES]]
    staffed = _desk_rows(DeskKind.LIAISON_BODY, persons, seats, BODY_SKILL, parameters)
    on_duty = np.full(len(law.states), liaison.contact_point_staff)
    points = _desk_rows(DeskKind.CONTACT_POINT, on_duty, range(len(on_duty)), 0.5, parameters)
    for desks in (staffed, points):
        desks.servers = np.rint(desks.staff_base)  # a body without staff does nothing
    return staffed, points


def _set_targets(desks: Table, geography: CrimeGeography, parameters: Parameters) -> None:
    """Sets each desk's target wait, hours per background file, and initial capacity, in place."""
    for kind in DeskKind:
        rows = desks.kind == kind
        desks.file_hours[rows] = sum(attrgetter(name)(parameters) for name in kind.row.hours)
        desks.target_wait[rows] = target_waits(kind, parameters.desk, geography.governance_tier[desks.state[rows]])
    desks.file_hours[desks.kind == DeskKind.LIAISON_BODY] = file_hours(parameters.liaison)
    desks.capacity = desks.servers * _pace_of(desks, parameters)
    desks.wait_recent = desks.target_wait
    desks.tempo = 1.0
    _set_answers(desks, parameters)


def _set_answers(desks: Table, parameters: Parameters) -> None:
    """Sets each desk's response to waits (background load, pace) and its priorities among files, in place."""
    desk = parameters.desk
    for kind in DeskKind:
        rows, row = desks.kind == kind, kind.row
        elasticity, slower, custody, urgent = (
            getattr(desk, name) if name else 0.0 for name in (row.elasticity, row.pace, row.custody, row.urgent)
        )
        desks.demand_elasticity[rows] = elasticity * (1.0 - slower)
        desks.pace_elasticity[rows] = elasticity * slower
        desks.custody_share[rows], desks.urgent_head_start[rows] = custody, urgent


def _pace_of(desks: Table, parameters: Parameters) -> npt.NDArray[np.float64]:
    """Hours of work on files that one person at each desk does per calendar day, float64 [desk]."""
    pace: npt.NDArray[np.float64] = desks.pace * (1.0 + parameters.desk.pace_skill * (desks.skill - 0.5))
    return pace


def _add_load(
    setting: npt.NDArray[np.void], desks: Table, people: Table, parameters: Parameters, inside: npt.NDArray[np.bool_]
) -> npt.NDArray[np.float64]:
    """Sets the background load of desks in the given states; returns initial conditions of their queues.

    That is the hours of work in line, people at work and their skill on days of their histories, float64 [desk, PICKS,
    3].
    """
    staffed = len(people) - len(inside)  # the last units are investigators, who have no desk
    units = np.zeros(len(desks), people.dtype)
    units[:staffed] = people[:staffed]
    whole: Table = desks.copy().view(np.recarray)
    if setting["with_turnover"][0] > 0.0:
        whole.servers[:staffed] = people.posts[:staffed]
    capacity: npt.NDArray[np.float64] = whole.servers * _pace_of(desks, parameters)
    whole.capacity = capacity
    rows = np.flatnonzero(inside[desks.state] & (whole.servers > 0) & _QUEUES[desks.kind])
    found = loads(setting, np.asarray(whole)[rows], units[rows])
    desks.whole_load[rows] = found.hours
    desks.load[rows] = desks.offered[rows] = found.hours  # no followed file has come yet
    first_days = np.zeros((len(desks), PICKS, 3))
    first_days[rows] = found.days
    first_days[rows, :, 0] *= capacity[rows, None]
    return first_days
