"""Levers on authorities, agencies and providers: staff, skill, deadlines, drafting, transmission, reading.

M6, M7, M9, M21, M22, and part H of the catalogue. Posts are filled and skill is learned by the rules of
`agents/assistance/capacity.py` in the months that follow. What oversight takes is hours, counted as work on requests.
Levers of friction take it out of the model between states: bounds of what reforms can reach, not reforms. They leave
proof, courts and laboratories at home, and what a person can plead, as they are: a judge still judges.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from sim.data.costs import Payer, unit_costs, wage_level
from sim.data.geography import CrimeGeography
from sim.law.days import YEAR
from sim.policy.in_numbers import in_whole_numbers, multiplied, whole_persons
from sim.policy.lever import Today, WorldLever
from sim.policy.levers.shared import (
    Setting,
    ShareOfWhole,
    StateField,
    Writes,
    free,
    has_turnover,
    selected_units,
    system_price_level,
    world_lever,
)
from sim.policy.places import load_atlas, mask_of, tier_of_states
from sim.policy.spending import SpendingLedger
from sim.policy.timeline import Assignment, Floats, Mask
from sim.world.baseline import case_slots, provider_persons, staff
from sim.world.parameters import Parameters
from sim.world.records import DeskKind, UnitKind
from sim.world.world import World

#: Kinds of unit, each with the number of its kind of desk.
_CENTRAL, _COURT, _LABORATORY = (DeskKind.OUTGOING, DeskKind.INCOMING), (DeskKind.COURT,), (DeskKind.FORENSIC,)
_INVESTIGATION, _PROVIDER = (UnitKind.INVESTIGATION,), (DeskKind.PROVIDER,)
_MOST_PERSONS = 1000.0  # of one kind that a state can be given (judgement); the most today is some sixty
_WITH_SKILL_LEVER = (UnitKind.OUTGOING, UnitKind.INCOMING, UnitKind.INVESTIGATION)


@dataclass(frozen=True)
class Posts:
    """Effect of a lever that multiplies the posts of units, or the persons at desks if staff is constant.

    A multiple adds its share of the posts of each kind and tier of government, rounded once over all desks and always
    from what there was before any policy, so that repeated steps do not drift. Where persons are asked for in numbers,
    there are as many more posts as keep that many more at work: some posts are always empty.
    """

    kinds: tuple[UnitKind | DeskKind, ...]

    def __call__(self, world: World, assignment: Assignment) -> None:
        """Multiplies posts or persons in the selected states; at least one person stays at each desk."""
        rows = np.flatnonzero(selected_units(world, assignment, self.kinds))
        kind = world.unit["kind"][rows].astype(np.int64)
        state, posts = world.unit["state"][rows], world.unit["posts_base"][rows]
        if not has_turnover(world):
            world.desk["servers"][rows] = assignment.persons(world.desk["staff_base"][rows], state, kind).astype(
                np.int32
            )
        elif assignment.in_numbers is None:
            world.unit["posts"][rows] = assignment.persons(posts, state, kind)
        else:
            persons = world.unit["persons_base"][rows]
            more = (assignment.persons(persons, state, kind) - whole_persons(persons)) * posts / persons
            together = np.zeros(len(rows), np.int64) if assignment.in_numbers.together else state
            world.unit["posts"][rows] = np.maximum(whole_persons(posts) + in_whole_numbers(more, together), 1.0)


@dataclass(frozen=True)
class Salaries:
    """Cost of a lever on staff: yearly salaries of additional persons at desks."""

    payer: Payer
    unit: str
    kinds: tuple[DeskKind, ...]

    def __call__(self, ledger: SpendingLedger, day: float, assignment: Assignment) -> None:
        """Adds the salaries to the ledger from the day on which the posts are created."""
        baseline = ledger.baseline
        desks = np.isin(baseline.kind, self.kinds) & assignment.state_mask[baseline.state]
        persons = ledger.staff.copy()
        persons[desks] = assignment.persons(baseline.persons[desks], baseline.state[desks], baseline.kind[desks])
        more = np.bincount(baseline.state, persons - ledger.staff, len(baseline.inside))
        ledger.staff = persons
        ledger.commit(day, self.payer, a_year=more * ledger.prices[self.unit] * wage_level())


def _load_growth(world: World, assignment: Assignment) -> None:
    """Sets the yearly growth of background work at desks, from the current day on."""
    setting, now = world.setting, world.now[0]
    rate = setting["load_growth_after"]
    if assignment.value == rate[0]:
        return
    setting["load_growth_level"] *= np.exp(rate * (now - setting["load_growth_since"]) / YEAR)
    setting["load_growth_since"], setting["load_growth_after"] = now, assignment.value


def _raise_skill(world: World, assignment: Assignment) -> None:
    """Raises the skill of people at desks to a level, and keeps it from falling below that level.

    Skill of central authorities, and of a state's investigators, which decides how it drafts.
    """
    rows = selected_units(world, assignment, _WITH_SKILL_LEVER)
    world.unit["skill_floor"][rows] = assignment.value
    world.unit["skill"][rows] = np.maximum(world.unit["skill"][rows], assignment.value)
    desks = np.flatnonzero(rows & (world.unit["kind"] != UnitKind.INVESTIGATION))
    investigators = rows & (world.unit["kind"] == UnitKind.INVESTIGATION)
    states = world.unit["state"][investigators]
    if has_turnover(world):
        world.desk["skill"][desks] = np.maximum(world.desk["skill"][desks], assignment.value)
        world.state["skill"][states] = np.maximum(world.state["skill"][states], assignment.value)
    else:
        world.desk["skill"][desks] = np.maximum(world.desk["skill_base"][desks], assignment.value)
        world.state["skill"][states] = np.maximum(world.unit["skill_base"][investigators], assignment.value)


def _skill_cost(ledger: SpendingLedger, day: float, assignment: Assignment) -> None:
    """Charges the training of people at desks, and later the training of their successors."""
    skill, persons = ledger.baseline.skill, ledger.persons_at(_CENTRAL)
    new = np.maximum(ledger.new_in_states(assignment, np.maximum(skill, assignment.value), skill), 0.0)
    once = new * persons * ledger.prices["training_weeks"] * ledger.prices["training_week"] * wage_level()
    ledger.commit(day, Payer.CENTRAL_AUTHORITY, once, once * ledger.prices["training_renewal"])


def _template_cost(ledger: SpendingLedger, day: float, assignment: Assignment) -> None:
    """Charges the introduction of a request template, in proportion to its use."""
    new = ledger.new_in_states(assignment, assignment.value, ledger.nothing, falls=False)
    ledger.commit(day, Payer.CENTRAL_AUTHORITY, new * ledger.prices["template"] * wage_level())


def _deadline_cost(ledger: SpendingLedger, day: float, assignment: Assignment) -> None:
    """Charges a register of files to each state with a new deadline; later changes of the deadline are free."""
    _charge_register(ledger, day, ledger.new_in_states(assignment, 1.0, ledger.nothing))


def _charge_register(ledger: SpendingLedger, day: float, states: Floats) -> None:
    """Charges the yearly cost of a register of files; `states` is the share of the cost that each state pays."""
    ledger.commit(day, Payer.CENTRAL_AUTHORITY, a_year=states * ledger.prices["register"] * wage_level())


def _duty_cost(ledger: SpendingLedger, day: float, assignment: Assignment) -> None:
    """Charges a register of files, and staff for files that would otherwise be ignored."""
    owed = ledger.new_in_states(assignment, assignment.value, ledger.nothing)
    _charge_register(ledger, day, owed)
    baseline, unanswered = ledger.baseline, ledger.prices["unanswered"]
    desks = baseline.kind == DeskKind.INCOMING
    persons = np.bincount(baseline.state[desks], baseline.persons[desks], len(baseline.inside))
    readers = owed * persons * unanswered / (1.0 - unanswered)
    ledger.commit(day, Payer.CENTRAL_AUTHORITY, a_year=readers * ledger.prices["staff_authority"] * wage_level())


def _electronic(world: World, assignment: Assignment) -> None:
    """Introduces electronic transmission between a share of the pairs of states."""
    world.electronic.flat[adopting_pairs(world.electronic == 1, assignment)] = 1


def adopting_pairs(electronic: Mask, assignment: Assignment) -> npt.NDArray[np.int64]:
    """Pairs of states that newly become electronic to reach a share, as indices in the flattened matrix."""
    chosen = assignment.pair_mask
    wanted = round(assignment.value * int(np.count_nonzero(chosen)))
    missing = max(wanted - int(np.count_nonzero(electronic & chosen)), 0)
    order = adoption_order(len(electronic))
    return order[(chosen & ~electronic).ravel()[order]][:missing]


@cache
def adoption_order(size: int) -> npt.NDArray[np.int64]:
    """Fixed order in which pairs of states become electronic, as indices in the flattened matrix.

    A pair follows the worse governed of its ends, since both must adopt; ties by the better one.
    The order is the same in every replicate.
    """
    atlas = load_atlas()
    rank = np.empty(size, np.int64)
    position = {state: index for index, state in enumerate(atlas.states)}
    rank[[position[state] for state in atlas.best_governed_first(atlas.states)]] = np.arange(size)
    worse = np.maximum.outer(rank, rank)
    better = np.minimum.outer(rank, rank)
    order: npt.NDArray[np.int64] = np.argsort((worse * size + better).ravel(), kind="stable")
    order.setflags(write=False)
    return order


def _electronic_cost(ledger: SpendingLedger, day: float, assignment: Assignment) -> None:
    """Charges a case system to every state that newly sends or receives electronically."""
    before = ledger.reached.get(assignment.lever, ledger.baseline.electronic.astype(np.float64)) > 0.0
    pairs = before.copy()
    pairs.flat[adopting_pairs(before, assignment)] = True
    ledger.reached[assignment.lever] = pairs.astype(np.float64)
    had, has = (matrix.any(axis=0) | matrix.any(axis=1) for matrix in (before, pairs))
    once = np.where(has & ~had, ledger.prices["case_system"] * system_price_level(), 0.0)
    ledger.commit(day, Payer.CENTRAL_AUTHORITY, once, once * ledger.prices["case_system_upkeep"])


def _provider_staff(world: World, assignment: Assignment) -> None:
    """Multiplies the staff of providers with their seat in the selected states."""
    chosen = assignment.state_mask[world.provider["state"]]
    if assignment.in_numbers is None:
        world.provider["staff"][chosen] = assignment.value
        return
    had = whole_persons(world.desk["staff_base"][world.provider["desk"][chosen]])
    alike = np.zeros(len(had), np.int64)
    world.provider["staff"][chosen] = assignment.persons(had, world.provider["state"][chosen], alike) / had


@dataclass(frozen=True)
class UnitField:
    """Effect of a lever that sets a field of units of some kinds in the selected states."""

    field: str
    kinds: tuple[UnitKind | DeskKind, ...]

    def __call__(self, world: World, assignment: Assignment) -> None:
        """Writes the lever's value to the field of the selected units."""
        world.unit[self.field][selected_units(world, assignment, self.kinds)] = assignment.value


def _investigators(world: World, assignment: Assignment) -> None:
    """Multiplies posts of investigators or, if staff is constant, the number of cases that they handle at once."""
    rows = selected_units(world, assignment, _INVESTIGATION)
    cases, posts = world.unit["persons_base"][rows], world.unit["posts_base"][rows]
    times: Floats | float = assignment.value
    if assignment.in_numbers is not None:  # of those of the default world, as the ledger pays for them
        more = assignment.in_numbers.added(_all_investigators()[world.unit["state"][rows]]) / _for_a_case()
        times = np.maximum(1.0 + more / np.maximum(cases, 1e-9), 0.0)
    if has_turnover(world):
        world.unit["posts"][rows] = posts * times
    else:
        world.state["slots"][world.unit["state"][rows]] = cases * times


def _for_a_case() -> float:
    """Number of investigators that work on one open case, according to the unit costs."""
    return unit_costs()["investigators_per_case"].central


def _investigators_at(times: float, chosen: Mask | None = None) -> Floats:
    """[state] Unrounded number of cybercrime investigators after a multiplication in the chosen states."""
    scale = times if chosen is None else np.where(chosen, times, 1.0)
    return scale * case_slots(CrimeGeography.load(), Parameters().case.case_slots) * _for_a_case()


@cache
def _all_investigators() -> Floats:
    """[state] Whole number of cybercrime investigators today."""
    there = _investigators_at(1.0)
    return in_whole_numbers(there, np.zeros(len(there), np.int64))


@dataclass(frozen=True)
class PersonsAt:
    """Number of persons at desks of some kinds, today or after a multiplication."""

    kinds: tuple[DeskKind, ...]

    def __call__(self, times: float = 1.0, chosen: Mask | None = None) -> Floats:
        """[state] Whole persons at desks after a multiplication in the chosen states."""
        world = CrimeGeography.load()
        among = np.ones(len(world.gdp), np.bool_) if chosen is None else chosen
        total = np.zeros(len(world.gdp))
        for kind in self.kinds:
            persons = provider_persons(world) if kind == DeskKind.PROVIDER else staff(kind, world.gdp)
            state = world.places_of_providers()[0] if kind == DeskKind.PROVIDER else np.arange(len(world.gdp))
            there, more = whole_persons(persons), among[state]
            there[more] = multiplied(persons[more], times, tier_of_states()[state[more]])
            total += np.bincount(state, there, len(total))
        return total


def _investigators_cost(ledger: SpendingLedger, day: float, assignment: Assignment) -> None:
    """Charges the salaries of additional investigators in each state."""
    before = ledger.baseline.case_slots * ledger.prices["investigators_per_case"]
    then = before * assignment.value
    if assignment.in_numbers is not None:
        then, chosen = before.copy(), assignment.state_mask
        then[chosen] = np.maximum(then[chosen] + assignment.in_numbers.added(_all_investigators()[chosen]), 0.0)
    persons = np.where(assignment.state_mask, then, ledger.investigators)
    more, ledger.investigators = persons - ledger.investigators, persons
    ledger.commit(day, Payer.INVESTIGATOR, a_year=more * ledger.prices["staff_investigator"] * wage_level())


@dataclass(frozen=True)
class TrainingWeeks:
    """Cost of yearly training for staff in some kinds of unit, in weeks of five days."""

    payer: Payer
    kinds: tuple[UnitKind | DeskKind, ...]

    def __call__(self, ledger: SpendingLedger, day: float, assignment: Assignment) -> None:
        """Adds the yearly cost of training to the ledger, as long as it continues."""
        persons = ledger.investigators if self.kinds == _INVESTIGATION else ledger.persons_at(self.kinds)
        more = ledger.new_in_states(assignment, persons * assignment.value / 5.0, ledger.nothing)
        ledger.commit(day, self.payer, a_year=more * ledger.prices["training_week"] * wage_level())


def _training(lever: str, payer: Payer, kinds: tuple[UnitKind | DeskKind, ...]) -> WorldLever:
    """Makes a lever on the yearly training days of staff in some kinds of unit."""
    return world_lever(lever, UnitField("training_days", kinds), TrainingWeeks(payer, kinds))


def _reached_by_programme(assignment: Assignment) -> Mask:
    """Mask, bool [state], of states in a programme: a share of the selected ones, best governed first."""
    atlas = load_atlas()
    chosen = atlas.states if assignment.states is None else assignment.states
    order = atlas.best_governed_first(tuple(chosen))
    return mask_of(order[: round(assignment.value * len(order))])


def _programme(world: World, assignment: Assignment) -> None:
    """Starts a programme for a secure channel in states that newly take part."""
    new = _reached_by_programme(assignment) & np.isnan(world.state["programme_since"])
    world.state["programme_since"][new] = world.now[0]


def _programme_cost(ledger: SpendingLedger, day: float, assignment: Assignment) -> None:
    """Charges a system with a secure channel to every state that newly takes part in a programme."""
    before = ledger.reached.get(assignment.lever, ledger.nothing)
    reached = np.maximum(_reached_by_programme(assignment), before)
    new = ledger.new(assignment.lever, reached, ledger.nothing)
    once = new * (ledger.prices["case_system"] * system_price_level())
    ledger.commit(day, Payer.CENTRAL_AUTHORITY, once, once * ledger.prices["case_system_upkeep"])


def _staff(lever: str, writes: Writes, salaries: Salaries) -> WorldLever:
    """Makes a lever on the staff of desks, paid by the person."""
    desks = PersonsAt(salaries.kinds)
    least = 0.0 if salaries.kinds == _PROVIDER else float(len(salaries.kinds))
    return world_lever(lever, writes, salaries, count=Today("persons", desks, _MOST_PERSONS, least, at=desks))


#: Words of provider.opens, and the fields of a state that each sets.
_OPENINGS = {"none": (), "gate": ("gate_opens",), "strict": ("strict_opens",), "all": ("gate_opens", "strict_opens")}


def _open_requests(world: World, assignment: Assignment) -> None:
    """Lets providers answer direct requests from the selected states, from the current day on."""
    for field in tuple(_OPENINGS.values())[int(assignment.value)]:
        chosen = assignment.state_mask & (world.state[field] > world.now[0])
        world.state[field][chosen] = world.now[0]


def _opening_cost(ledger: SpendingLedger, day: float, assignment: Assignment) -> None:
    """Charges a contact point, forms, a legal opinion and upkeep to each state newly on providers' lists."""
    listed = float(assignment.value > 0.0)
    new = ledger.new_in_states(assignment, listed, ledger.nothing, falls=False)
    once = new * ledger.prices["provider_list"] * wage_level()
    ledger.commit(day, Payer.CENTRAL_AUTHORITY, once, once * ledger.prices["provider_list_upkeep"])


LEVERS = (
    _staff("central_authority.staff", Posts(_CENTRAL), Salaries(Payer.CENTRAL_AUTHORITY, "staff_authority", _CENTRAL)),
    _staff("court.staff", Posts(_COURT), Salaries(Payer.COURT, "staff_court", _COURT)),
    _staff("provider.staff", _provider_staff, Salaries(Payer.PROVIDER, "staff_provider", _PROVIDER)),
    world_lever("orders.readiness", Setting("orders_ready_least"), None),
    world_lever("orders.delay", Setting("orders_delay"), free),
    world_lever("provider.openings", Setting("openings_go_on"), free),
    world_lever("provider.opens", _open_requests, _opening_cost, choices=tuple(_OPENINGS)),
    _staff("forensic.staff", Posts(_LABORATORY), Salaries(Payer.LABORATORY, "staff_laboratory", _LABORATORY)),
    world_lever("central_authority.urgent_head_start", Setting("urgent_head_start"), free),
    world_lever("court.priority", StateField("court_priority"), free),
    world_lever("desk.load_growth_after", _load_growth, free),
    world_lever("central_authority.skill", _raise_skill, _skill_cost),
    world_lever("central_authority.deadline", StateField("deadline_days"), _deadline_cost),
    world_lever("central_authority.deadline_enforceable", StateField("deadline_enforceable"), free),
    world_lever("central_authority.duty_to_answer", StateField("owes_answers"), _duty_cost),
    world_lever("transmission.electronic_share", _electronic, _electronic_cost),
    world_lever("request.template", StateField("template"), _template_cost),
    world_lever("oversight.authority_screening", Setting("authority_screening"), free),
    world_lever("oversight.provider_screening", Setting("provider_screening"), free),
    world_lever("oversight.provider_court_order", Setting("provider_court_order"), free),
    world_lever("friction.foreign_refusal", Setting("foreign_refusal"), None),
    world_lever("friction.silence", Setting("silence_scale"), None),
    world_lever("friction.instant_courts", Setting("instant_courts"), None),
    world_lever("friction.instant_providers", Setting("instant_providers"), None),
    world_lever("friction.instant_authorities", Setting("instant_authorities"), None),
    world_lever(
        "agency.investigators",
        _investigators,
        _investigators_cost,
        count=Today("persons", _all_investigators, _MOST_PERSONS, at=_investigators_at),
    ),
    world_lever("agency.specialised", UnitField("specialised", _INVESTIGATION), free),
    _training("agency.training", Payer.INVESTIGATOR, _INVESTIGATION),
    _training("central_authority.training", Payer.CENTRAL_AUTHORITY, _CENTRAL),
    # Skill makes courts and laboratories faster only: less than the days that are missing at the desk.
    _training("court.training", Payer.COURT, _COURT),
    _training("forensic.training", Payer.LABORATORY, _LABORATORY),
    world_lever("secure_channel.adoption", _programme, _programme_cost),
    world_lever(
        "request.structured",
        StateField("structured"),
        ShareOfWhole(Payer.CENTRAL_AUTHORITY, "format_conversion", yearly=False),
    ),
    world_lever(
        "forensic.decryption", StateField("decryption"), ShareOfWhole(Payer.LABORATORY, "decryption", yearly=True)
    ),
)
