"""Levers on people, skill, secure channels and formats (M21, M22, M9).

Posts are filled and skill is learned by the rules of `sim.agents.capacity` in the months that follow.
"""

from dataclasses import dataclass

import numpy as np

from sim.data.costs import Payer, wage_level
from sim.policy.levers.shared import (
    ShareOfWhole,
    StateField,
    free,
    has_turnover,
    selected_units,
    system_price_level,
    world_lever,
)
from sim.policy.places import load_atlas, mask_of
from sim.policy.spending import SpendingLedger
from sim.policy.timeline import Assignment, Mask
from sim.world.records import DeskKind, UnitKind
from sim.world.world import World


@dataclass(frozen=True)
class UnitField:
    """Sets a field of units of some kinds in the selected states."""

    field: str
    kinds: tuple[UnitKind, ...]

    def __call__(self, world: World, assignment: Assignment) -> None:
        """Writes the value as it is."""
        world.unit[self.field][selected_units(world, assignment, self.kinds)] = assignment.value


def _investigators(world: World, assignment: Assignment) -> None:
    """Multiplies the posts of investigators, or at once the cases they can work on in a world without turnover."""
    rows = selected_units(world, assignment, (UnitKind.INVESTIGATION,))
    if has_turnover(world):
        world.unit["posts"][rows] = world.unit["posts_base"][rows] * assignment.value
    else:
        world.state["slots"][world.unit["state"][rows]] = world.unit["persons_base"][rows] * assignment.value


def _investigators_cost(ledger: SpendingLedger, day: float, assignment: Assignment) -> None:
    """Salaries of the investigators that a state has more than it had."""
    before = ledger.baseline.case_slots * ledger.cost("investigators_per_case")
    persons = np.where(assignment.state_mask, before * assignment.value, ledger.investigators)
    more, ledger.investigators = persons - ledger.investigators, persons
    ledger.commit(day, Payer.INVESTIGATOR, a_year=more * ledger.cost("staff_investigator") * wage_level())


@dataclass(frozen=True)
class TrainingWeeks:
    """Training of the people of desks, or of investigators where no kind is given: weeks of five days, every year."""

    payer: Payer
    kinds: tuple[DeskKind, ...] = ()

    def __call__(self, ledger: SpendingLedger, day: float, assignment: Assignment) -> None:
        """Charges by the year as long as training continues."""
        persons = ledger.persons_at(self.kinds) if self.kinds else ledger.investigators
        more = ledger.new_in_states(assignment, persons * assignment.value / 5.0, ledger.nothing)
        ledger.commit(day, self.payer, a_year=more * ledger.cost("training_week") * wage_level())


def _reached_by_programme(assignment: Assignment) -> Mask:
    """States that a programme reaches: a share of those selected, best governed first; bool [state]."""
    atlas = load_atlas()
    chosen = atlas.states if assignment.states is None else assignment.states
    order = atlas.best_governed_first(tuple(chosen))
    return mask_of(order[: round(assignment.value * len(order))])


def _programme(world: World, assignment: Assignment) -> None:
    """A programme begins in states that it has not reached before."""
    new = _reached_by_programme(assignment) & np.isnan(world.state["programme_since"])
    world.state["programme_since"][new] = world.now[0]


def _programme_cost(ledger: SpendingLedger, day: float, assignment: Assignment) -> None:
    """A system in every state that a programme for a secure channel reaches for the first time."""
    before = ledger.reached.get(assignment.lever, ledger.nothing)
    reached = np.maximum(_reached_by_programme(assignment), before)
    new = ledger.new(assignment.lever, reached, ledger.nothing)
    once = new * (ledger.cost("case_system") * system_price_level())
    ledger.commit(day, Payer.CENTRAL_AUTHORITY, once, once * ledger.cost("case_system_upkeep"))


LEVERS = (
    world_lever("agency.investigators", _investigators, _investigators_cost),
    world_lever("agency.specialised", UnitField("specialised", (UnitKind.INVESTIGATION,)), free),
    world_lever(
        "agency.training", UnitField("training_days", (UnitKind.INVESTIGATION,)), TrainingWeeks(Payer.INVESTIGATOR)
    ),
    world_lever(
        "central_authority.training",
        UnitField("training_days", (UnitKind.OUTGOING, UnitKind.INCOMING)),
        TrainingWeeks(Payer.CENTRAL_AUTHORITY, (DeskKind.OUTGOING, DeskKind.INCOMING)),
    ),
    # Skill makes courts and laboratories faster only: less than the days that are missing at the desk.
    world_lever(
        "court.training",
        UnitField("training_days", (UnitKind.COURT,)),
        TrainingWeeks(Payer.COURT, (DeskKind.COURT,)),
    ),
    world_lever(
        "forensic.training",
        UnitField("training_days", (UnitKind.FORENSIC,)),
        TrainingWeeks(Payer.LABORATORY, (DeskKind.FORENSIC,)),
    ),
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
