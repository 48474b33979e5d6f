"""Makes levers from rows of a table, and holds the rules that levers of several themes share."""

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
    """Makes a lever that writes into a world from its row of the table; DataError if there is no usable row.

    It has a rule, and another for what it costs (see `Lever`); `more` are attributes that no row can hold.
    """
    return WorldLever(**_said(name), writes=writes, charges=charges, **more)


def law_lever(name: str, amends: Amends, charges: Charges | None, **more: Any) -> LawLever:
    """Lever that amends the law, from its row of the table; see `world_lever`."""
    return LawLever(**_said(name), amends=amends, charges=charges, **more)


def _said(name: str) -> dict[str, Any]:
    """The attributes of a lever, read from its row of the table."""
    if name not in rows():
        raise DataError(f"{FILE}: {name}: there is no such row")
    row, words = rows()[name], ("name", "title", "acts_on", "needs", "cost", "no_path", "source")
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
    """The outcome of the stage that a lever moves, with its direction; or the reason why the lever has no scale."""
    return NoScale(Shape(name), moves) if name in set(Shape) else OwnStage(name, {"rises": True, "falls": False}[moves])


@cache
def rows() -> dict[str, Row]:
    """The rows of the table of levers by name, in the order in which levers are shown."""
    return {row["name"]: row for row in read_table(FILE).rows}


@dataclass(frozen=True)
class Setting:
    """Sets a field of `world.setting`, which applies to the whole world."""

    field: str

    def __call__(self, world: World, assignment: Assignment) -> None:
        """Writes the value unchanged."""
        world.setting[self.field] = assignment.value


@dataclass(frozen=True)
class StateField:
    """Sets a field for the selected states, in the table of states or in an array with a value per state."""

    field: str

    def __call__(self, world: World, assignment: Assignment) -> None:
        """Writes the value unchanged."""
        values = world.state[self.field] if self.field in (STATE.dtype.names or ()) else getattr(world, self.field)
        values[assignment.state_mask] = assignment.value


def selected_units(world: World, assignment: Assignment, kinds: tuple[UnitKind | DeskKind, ...]) -> Mask:
    """The units of certain kinds in the selected states."""
    chosen: Mask = np.isin(world.unit["kind"], kinds) & assignment.state_mask[world.unit["state"]]
    return chosen


def has_turnover(world: World) -> bool:
    """True if staff come, learn and leave in this world; otherwise staff changes at once."""
    return bool(world.setting["with_turnover"][0] > 0)


def free(_ledger: SpendingLedger, _day: float, _moved: Assignment | Amendment) -> None:
    """Cost function for a lever that costs nothing."""


@dataclass(frozen=True)
class ShareOfWhole:
    """Cost in proportion to the share that a lever covers, paid once or each year."""

    payer: Payer
    unit: str
    yearly: bool

    def __call__(self, ledger: SpendingLedger, day: float, assignment: Assignment) -> None:
        """Charges only for the share that the lever newly covers."""
        new = ledger.new_in_states(assignment, assignment.value, ledger.nothing, falls=self.yearly)
        euros = new * (ledger.prices[self.unit] * system_price_level())
        if self.yearly:
            ledger.commit(day, self.payer, a_year=euros)
        else:
            ledger.commit(day, self.payer, euros)


def system_price_level() -> Floats:
    """[S] Price of IT systems relative to a rich state: software has a world price, installation a local price.

    The square root of wages, at most 1.
    """
    return np.minimum(np.sqrt(wage_level()), 1.0)
