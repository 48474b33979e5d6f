"""Rules that levers of several themes share: what they write, and what they cost."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.data.costs import Payer, wage_level
from sim.law.amendments import Amendment
from sim.policy.spending import SpendingLedger
from sim.policy.timeline import Assignment
from sim.world.records import STATE, UnitKind
from sim.world.world import World

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Setting:
    """Sets a field of `world.setting`, which holds for the whole world."""

    field: str

    def __call__(self, world: World, assignment: Assignment) -> None:
        """Writes the value as it is."""
        world.setting[self.field] = assignment.value


@dataclass(frozen=True)
class StateField:
    """Sets a field of the selected states: of their table, or an array of the world with one value for each."""

    field: str

    def __call__(self, world: World, assignment: Assignment) -> None:
        """Writes the value as it is."""
        values = world.state[self.field] if self.field in (STATE.dtype.names or ()) else getattr(world, self.field)
        values[assignment.state_mask] = assignment.value


def selected_units(world: World, assignment: Assignment, kinds: tuple[UnitKind, ...]) -> Mask:
    """The units of these kinds in the selected states."""
    chosen: Mask = np.isin(world.unit["kind"], kinds) & assignment.state_mask[world.unit["state"]]
    return chosen


def has_turnover(world: World) -> bool:
    """Whether people come, learn and leave in this world; without turnover staff changes at once and nobody learns."""
    return bool(world.setting["with_turnover"][0] > 0)


def free(_ledger: SpendingLedger, _day: float, _moved: Assignment | Amendment) -> None:
    """Costs nothing by itself."""


@dataclass(frozen=True)
class ShareOfWhole:
    """Costs as much as the share of a whole that it reaches: once when it is reached, or every year that it is kept."""

    payer: Payer
    unit: str
    yearly: bool

    def __call__(self, ledger: SpendingLedger, day: float, assignment: Assignment) -> None:
        """Charges for the part that is new."""
        new = ledger.new_in_states(assignment, assignment.value, ledger.nothing, falls=self.yearly)
        euros = new * (ledger.cost(self.unit) * system_price_level())
        if self.yearly:
            ledger.commit(day, self.payer, a_year=euros)
        else:
            ledger.commit(day, self.payer, euros)


def system_price_level() -> Floats:
    """[S] What systems cost, of a rich state: software is bought on the world market and introduced at home.

    The square root of wages, at most 1.
    """
    return np.minimum(np.sqrt(wage_level()), 1.0)
