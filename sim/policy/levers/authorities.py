"""Levers on authorities and providers: staff, skill, deadlines, how requests are drafted and sent (M6, M7, M9, M22)."""

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from sim.data.costs import Payer, wage_level
from sim.law.days import YEAR
from sim.policy.lever import WORDS, YES_OR_NO, Limits, NoScale, OwnStage, Quantity, Shape, Target, WorldLever
from sim.policy.levers.shared import (
    Floats,
    Mask,
    Setting,
    StateField,
    free,
    has_turnover,
    selected_units,
    system_price_level,
)
from sim.policy.places import load_atlas
from sim.policy.spending import SpendingLedger, whole_persons
from sim.policy.timeline import Assignment
from sim.world.records import DeskKind, UnitKind
from sim.world.world import World

_STAFF_COST = "80,000 to 150,000 euros a lawyer and year (M24); a new hire needs 12 to 18 months"
_CENTRAL = (DeskKind.OUTGOING, DeskKind.INCOMING)
_WITH_SKILL_LEVER = (UnitKind.OUTGOING, UnitKind.INCOMING, UnitKind.INVESTIGATION)


@dataclass(frozen=True)
class Posts:
    """Multiplies the posts of units, or at once the persons at their desks in a world without turnover.

    Counts are rounded from the unrounded base, never below one, so that repeated steps do not drift.
    """

    kinds: tuple[UnitKind, ...]

    def __call__(self, world: World, assignment: Assignment) -> None:
        """Leaves at least one person at each."""
        rows = np.flatnonzero(selected_units(world, assignment, self.kinds))
        if has_turnover(world):
            world.unit["posts"][rows] = np.maximum(1.0, np.rint(world.unit["posts_base"][rows] * assignment.value))
        else:
            persons = np.rint(world.desk["staff_base"][rows] * assignment.value)
            world.desk["servers"][rows] = np.maximum(1, persons).astype(np.int32)


@dataclass(frozen=True)
class Salaries:
    """Salaries of the persons that desks have more than they had, by the year as long as they stay."""

    payer: Payer
    unit: str
    kinds: tuple[DeskKind, ...]

    def __call__(self, ledger: SpendingLedger, day: float, assignment: Assignment) -> None:
        """Charges from the day on which posts are created."""
        baseline = ledger.baseline
        desks = np.isin(baseline.kind, self.kinds) & assignment.state_mask[baseline.state]
        persons = np.where(desks, whole_persons(baseline.persons * assignment.value), ledger.staff)
        more = np.bincount(baseline.state, persons - ledger.staff, len(baseline.inside))
        ledger.staff = persons
        ledger.commit(day, self.payer, a_year=more * ledger.cost(self.unit) * wage_level())


def _load_growth(world: World, assignment: Assignment) -> None:
    """Other work grows at another rate from today on; what it has grown to by today stays."""
    setting, now = world.setting, world.now[0]
    rate = setting["load_growth_after"]
    if assignment.value == rate[0]:
        return
    setting["load_growth_level"] *= np.exp(rate * (now - setting["load_growth_since"]) / YEAR)
    setting["load_growth_since"], setting["load_growth_after"] = now, assignment.value


def _raise_skill(world: World, assignment: Assignment) -> None:
    """Raises skill at once to at least a level that it keeps, although people leave and forget.

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
    """Weeks of training for everybody at the desks, and again for those who come after them."""
    skill, persons = ledger.baseline.skill, ledger.persons_at(_CENTRAL)
    new = np.maximum(ledger.new_in_states(assignment, np.maximum(skill, assignment.value), skill), 0.0)
    once = new * persons * ledger.cost("training_weeks") * ledger.cost("training_week") * wage_level()
    ledger.commit(day, Payer.CENTRAL_AUTHORITY, once, once * ledger.cost("training_renewal"))


def _template_cost(ledger: SpendingLedger, day: float, assignment: Assignment) -> None:
    """Introduction of a template, as far as it is introduced."""
    new = ledger.new_in_states(assignment, assignment.value, ledger.nothing, falls=False)
    ledger.commit(day, Payer.CENTRAL_AUTHORITY, new * ledger.cost("template") * wage_level())


def _deadline_cost(ledger: SpendingLedger, day: float, assignment: Assignment) -> None:
    """A register in every state that sets a deadline; a later one that is longer or shorter needs no second."""
    _charge_register(ledger, day, ledger.new_in_states(assignment, 1.0, ledger.nothing))


def _charge_register(ledger: SpendingLedger, day: float, states: Floats) -> None:
    """Registers of central authorities, in shares of one for each state."""
    ledger.commit(day, Payer.CENTRAL_AUTHORITY, a_year=states * ledger.cost("register") * wage_level())


def _duty_cost(ledger: SpendingLedger, day: float, assignment: Assignment) -> None:
    """A register, and readers of what stayed unanswered: the incoming desk grows as its files do."""
    owed = ledger.new_in_states(assignment, assignment.value, ledger.nothing)
    _charge_register(ledger, day, owed)
    baseline, unanswered = ledger.baseline, ledger.cost("unanswered")
    desks = baseline.kind == DeskKind.INCOMING
    persons = np.bincount(baseline.state[desks], baseline.persons[desks], len(baseline.inside))
    readers = owed * persons * unanswered / (1.0 - unanswered)
    ledger.commit(day, Payer.CENTRAL_AUTHORITY, a_year=readers * ledger.cost("staff_authority") * wage_level())


def _electronic(world: World, assignment: Assignment) -> None:
    """Electronic transmission for a share of the pairs; those that have it keep it and count first."""
    world.electronic.flat[adopting_pairs(world.electronic == 1, assignment)] = 1


def adopting_pairs(electronic: Mask, assignment: Assignment) -> npt.NDArray[np.int64]:
    """Pairs, as places in the flattened matrix, that go electronic so that the assigned share of pairs is."""
    chosen = assignment.pair_mask
    wanted = round(assignment.value * int(np.count_nonzero(chosen)))
    missing = max(wanted - int(np.count_nonzero(electronic & chosen)), 0)
    order = adoption_order(len(electronic))
    return order[(chosen & ~electronic).ravel()[order]][:missing]


@cache
def adoption_order(size: int) -> npt.NDArray[np.int64]:
    """Pairs, as places in the flattened matrix, in the order in which they go electronic.

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
    """A case system in every state that sends or receives electronically for the first time."""
    before = ledger.reached.get(assignment.lever, ledger.baseline.electronic.astype(np.float64)) > 0.0
    pairs = before.copy()
    pairs.flat[adopting_pairs(before, assignment)] = True
    ledger.reached[assignment.lever] = pairs.astype(np.float64)
    had, has = (matrix.any(axis=0) | matrix.any(axis=1) for matrix in (before, pairs))
    once = np.where(has & ~had, ledger.cost("case_system") * system_price_level(), 0.0)
    ledger.commit(day, Payer.CENTRAL_AUTHORITY, once, once * ledger.cost("case_system_upkeep"))


def _provider_staff(world: World, assignment: Assignment) -> None:
    """Multiplies the people of providers with their seat in the selected states."""
    chosen = assignment.state_mask[world.provider["state"]]
    world.provider["staff"][chosen] = assignment.value


#: Words of provider.opens, and the fields of a state that each sets.
_DOORS = {"none": (), "gate": ("gate_opens",), "strict": ("strict_opens",), "all": ("gate_opens", "strict_opens")}


def _open_doors(world: World, assignment: Assignment) -> None:
    """Doors open to the selected states from today on, where they are not open by a policy already."""
    for field in tuple(_DOORS.values())[int(assignment.value)]:
        chosen = assignment.state_mask & (world.state[field] > world.now[0])
        world.state[field][chosen] = world.now[0]


LEVERS = (
    WorldLever(
        "central_authority.staff",
        "Staff of central authorities, incoming and outgoing desks",
        Quantity.RATIO,
        Target.STATES,
        acts_on="posts of outgoing and incoming desks, filled in 12 to 18 months by people who must learn",
        writes=Posts((UnitKind.OUTGOING, UnitKind.INCOMING)),
        stage=OwnStage("authority_backlog", rises=False),
        cost=_STAFF_COST,
        charges=Salaries(Payer.CENTRAL_AUTHORITY, "staff_authority", _CENTRAL),
        source="M6, M21; DOJ OIG 21-097",
    ),
    WorldLever(
        "court.staff",
        "Staff of the courts that order execution",
        Quantity.RATIO,
        Target.STATES,
        acts_on="posts of court desks, filled in 12 to 18 months",
        writes=Posts((UnitKind.COURT,)),
        stage=OwnStage("court_backlog", rises=False),
        cost="judges and clerks",
        charges=Salaries(Payer.COURT, "staff_court", (DeskKind.COURT,)),
        source="M6 stage 8",
    ),
    WorldLever(
        "provider.staff",
        "Staff of service providers' law-enforcement desks, by the provider's state",
        Quantity.RATIO,
        Target.STATES,
        acts_on="staff of providers: requests for each person, with which answers take longer by an elasticity",
        writes=_provider_staff,
        stage=OwnStage("provider_median", rises=False),
        cost="borne by the providers, where they have their seats",
        charges=Salaries(Payer.PROVIDER, "staff_provider", (DeskKind.PROVIDER,)),
        source="M9",
    ),
    WorldLever(
        "provider.opens",
        "Providers answer authorities of these states without a binding order from then on: those that answer some "
        "states and not others (gate), those that refer nearly all to treaties (strict), or all",
        Quantity.CHOICE,
        Target.STATES,
        choices=tuple(_DOORS),
        acts_on="day on which providers of a class open to a state, whose requests they come to answer over two years",
        writes=_open_doors,
        stage=WORDS,
        cost="decided by the providers, and borne by them",
        charges=free,
        source="Google to 2021: Hungary and Latvia",
    ),
    WorldLever(
        "forensic.staff",
        "Staff of forensic laboratories",
        Quantity.RATIO,
        Target.STATES,
        acts_on="posts of laboratories, filled in 12 to 18 months",
        writes=Posts((UnitKind.FORENSIC,)),
        stage=OwnStage("conversion_days", rises=False),
        cost="examiners and equipment",
        charges=Salaries(Payer.LABORATORY, "staff_laboratory", (DeskKind.FORENSIC,)),
        source="M9; UK police forces 2020",
    ),
    WorldLever(
        "central_authority.urgent_head_start",
        "Days by which urgent files go before others at incoming central authorities; 0: first come, first served",
        Quantity.DAYS,
        Target.WORLD,
        limits=Limits(0, 3650, neutral=180),
        acts_on="setting.urgent_head_start",
        writes=Setting("urgent_head_start"),
        stage=NoScale(Shape.TIMING, "it orders the files: what urgent ones gain others lose"),
        cost="a rule of work and a case system that can follow it",
        charges=free,
        source="M6",
    ),
    WorldLever(
        "desk.load_growth_after",
        "Growth of the other work that desks get, a year, from then on",
        Quantity.RATE,
        Target.WORLD,
        limits=Limits(-0.1, 0.3, neutral=0),
        acts_on="setting.load_growth_after; a later change of it begins where work has grown to",
        writes=_load_growth,
        stage=OwnStage("court_backlog", rises=True),
        cost="none; nobody decides it",
        charges=free,
        source="M25 g 3–6 % a year",
    ),
    WorldLever(
        "central_authority.skill",
        "Skill of central authorities and investigators, raised at once to at least this level and kept there",
        Quantity.SHARE,
        Target.STATES,
        acts_on="skill of outgoing and incoming desks and of the state's agencies; a bound on what training can do",
        writes=_raise_skill,
        stage=OwnStage("skill_authorities", rises=True),
        cost="1,000 to 3,000 euros a person-week of training (M24), again as staff turn over",
        charges=_skill_cost,
        source="M21",
    ),
    WorldLever(
        "central_authority.deadline",
        "Deadline of central authorities for urgent requests, which go first as it comes near",
        Quantity.DAYS,
        Target.STATES,
        limits=Limits(1, 3650, neutral=3650),
        acts_on="deadline_days of the requested state: an urgent file goes before others by as many days as its "
        "deadline is shorter than the time that a file without one is taken to have (desk.deadline_horizon)",
        writes=StateField("deadline_days"),
        stage=NoScale(Shape.TIMING, "it orders the files: what urgent ones gain others lose"),
        cost="a register that dates files and reminds; with a cost of breach, overtime and files that miss it",
        charges=_deadline_cost,
        source="T-CY 2014: urgent requests first; a deadline for all files would order none",
    ),
    WorldLever(
        "central_authority.deadline_enforceable",
        "A missed deadline of a central authority has a cost for the state",
        Quantity.SWITCH,
        Target.STATES,
        acts_on="deadline_enforceable of the requested state: desks work overtime and return files for their form",
        writes=StateField("deadline_enforceable"),
        stage=YES_OR_NO,
        cost="a body that can impose it; overtime, and time by which files miss it, count in the cost of work on "
        "requests",
        charges=free,
        source="M6: a breach has a cost only if the instrument is enforceable",
        needs="central_authority.deadline for the same states: without a date nothing can be missed",
    ),
    WorldLever(
        "central_authority.duty_to_answer",
        "Share of requests that central authorities are bound to take up, and to answer or refuse",
        Quantity.SHARE,
        Target.STATES,
        acts_on="owes_answers of the requested state: of what would have stayed unanswered it refuses what it does not "
        "want to answer when it first reads it, and treats the rest as any request",
        writes=StateField("owes_answers"),
        stage=OwnStage("silence_share", rises=False),
        cost="a register, and those who read what nobody read before",
        charges=_duty_cost,
        source="T-CY 2014, recommendations on acknowledgement and on reasons for refusal; M3",
    ),
    WorldLever(
        "transmission.electronic_share",
        "Share of pairs of states that send requests electronically, best governed pairs first",
        Quantity.SHARE,
        Target.PAIRS,
        acts_on="electronic; pairs that already send electronically keep doing so",
        writes=_electronic,
        stage=OwnStage("transmission_days", rises=False),
        cost="2 to 20 million euros a case management system (M24), at both ends",
        charges=_electronic_cost,
        source="M6 stage 4, M22",
    ),
    WorldLever(
        "request.template",
        "Share of requests drafted on a common template",
        Quantity.SHARE,
        Target.STATES,
        acts_on="template of the requesting state",
        writes=StateField("template"),
        stage=OwnStage("returned_share", rises=False),
        cost="drafting, translation and training once",
        charges=_template_cost,
        source="M7: a template cuts returns for deficiency by 20 to 40 %",
    ),
)
