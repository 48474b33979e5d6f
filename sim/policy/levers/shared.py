"""Makes levers from their rows and rules, and holds rules that levers of several themes share."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from sim.data.costs import Payer, wage_level
from sim.data.load import DataError, Row, read_table
from sim.law.amendments import Amendment
from sim.law.vocabulary import EvidenceTag
from sim.policy.lever import LawLever, Limits, NoScale, OwnStage, Quantity, Selected, Shape, Target, WorldLever
from sim.policy.spending import SpendingLedger
from sim.policy.timeline import Assignment, Floats, Mask
from sim.world.records import STATE, DeskKind, UnitKind
from sim.world.world import World

#: What a lever writes into a world, how it amends the law, and what it costs.
Writes = Callable[[World, Assignment], None]
Amends = Callable[[Selected], tuple[Amendment, ...]]
Charges = Callable[[SpendingLedger, float, Any], None]
#: Texts and numbers of each lever; its rules are in this folder.
FILE = "levers.csv"


def world_lever(name: str, writes: Writes, charges: Charges | None, **more: Any) -> WorldLever:
    """A lever that writes into a world, by its row of the table; a DataError where there is none that can be used.

    It has a rule, and another for what it costs (see `Lever`); `more` are attributes that no row can hold.
    """
    return WorldLever(**_said(name), writes=writes, charges=charges, **more)


def law_lever(name: str, amends: Amends, charges: Charges | None, **more: Any) -> LawLever:
    """A lever that amends the law, by its row of the table; see `world_lever`."""
    return LawLever(**_said(name), amends=amends, charges=charges, **more)


def _said(name: str) -> dict[str, Any]:
    """Attributes of a lever from its row."""
    if name not in rows():
        raise DataError(f"{FILE}: {name}: there is no such row")
    row, words = rows()[name], ("name", "title", "acts_on", "needs", "cost", "source")
    try:
        return {
            "quantity": Quantity[row["quantity"].upper()],
            "target": Target(row["target"]),
            "limits": Limits(*(float(row[end]) for end in Limits._fields)) if row["neutral"] else None,
            "stage": _stage(row["stage"], row["moves"]),
            "tag": EvidenceTag(row["status"]),
            **{key: row[key] for key in words},
        }
    except (KeyError, ValueError) as error:
        raise DataError(f"{FILE}: {name}: not one of the known words or numbers: {error}") from None


def _stage(name: str, moves: str) -> OwnStage | NoScale:
    """The outcome of a lever's stage and the direction in which it moves; without a scale, its shape and the reason."""
    return NoScale(Shape(name), moves) if name in set(Shape) else OwnStage(name, {"rises": True, "falls": False}[moves])


@cache
def rows() -> dict[str, Row]:
    """Rows by name, in the order in which lists show levers."""
    return {row["name"]: row for row in read_table(FILE).rows}


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


def selected_units(world: World, assignment: Assignment, kinds: tuple[UnitKind | DeskKind, ...]) -> Mask:
    """The units of these kinds in the selected states."""
    chosen: Mask = np.isin(world.unit["kind"], kinds) & assignment.state_mask[world.unit["state"]]
    return chosen


def has_turnover(world: World) -> bool:
    """True if people come, learn and leave in this world; without turnover staff changes at once and nobody learns."""
    return bool(world.setting["with_turnover"][0] > 0)


def free(_ledger: SpendingLedger, _day: float, _moved: Assignment | Amendment) -> None:
    """Costs nothing by itself."""


@dataclass(frozen=True)
class ShareOfWhole:
    """Costs in proportion to the share of a whole that it reaches: once when it is reached, or every year."""

    payer: Payer
    unit: str
    yearly: bool

    def __call__(self, ledger: SpendingLedger, day: float, assignment: Assignment) -> None:
        """Charges for the new part."""
        new = ledger.new_in_states(assignment, assignment.value, ledger.nothing, falls=self.yearly)
        euros = new * (ledger.prices[self.unit] * system_price_level())
        if self.yearly:
            ledger.commit(day, self.payer, a_year=euros)
        else:
            ledger.commit(day, self.payer, euros)


def system_price_level() -> Floats:
    """[S] Price of systems, relative to a rich state: software comes from the world market, its introduction from home.

    The square root of wages, at most 1.
    """
    return np.minimum(np.sqrt(wage_level()), 1.0)
