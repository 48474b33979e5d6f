"""Makes levers from rows of a table, and contains effects and costs that several levers share."""

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
    """Makes a lever on the world from its row of the table of levers; DataError without a usable row.

    It has a rule, and another for what it costs (see `Lever`); `more` are attributes that no row can hold.
    """
    return WorldLever(**_said(name), writes=writes, charges=charges, **more)


def law_lever(name: str, amends: Amends, charges: Charges | None, **more: Any) -> LawLever:
    """Makes a lever on the law from its row of the table of levers; DataError without a usable row."""
    return LawLever(**_said(name), amends=amends, charges=charges, **more)


def _said(name: str) -> dict[str, Any]:
    """Reads the attributes of a lever from its row of the table."""
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
    """Reads the outcome of the stage that a lever works on, or the reason why the lever has no scale."""
    return NoScale(Shape(name), moves) if name in set(Shape) else OwnStage(name, {"rises": True, "falls": False}[moves])


@cache
def rows() -> dict[str, Row]:
    """Rows of the table of levers by name, in the order in which levers are shown."""
    return {row["name"]: row for row in read_table(FILE).rows}


@dataclass(frozen=True)
class Setting:
    """Effect of a lever that sets one number for the whole world."""

    field: str

    def __call__(self, world: World, assignment: Assignment) -> None:
        """Writes the lever's value to its field of `world.setting`."""
        world.setting[self.field] = assignment.value


@dataclass(frozen=True)
class StateField:
    """Effect of a lever that sets a field of the selected states."""

    field: str

    def __call__(self, world: World, assignment: Assignment) -> None:
        """Writes the lever's value to the field of the selected states."""
        values = world.state[self.field] if self.field in (STATE.dtype.names or ()) else getattr(world, self.field)
        values[assignment.state_mask] = assignment.value


def selected_units(world: World, assignment: Assignment, kinds: tuple[UnitKind | DeskKind, ...]) -> Mask:
    """Mask of the units of some kinds in the selected states."""
    chosen: Mask = np.isin(world.unit["kind"], kinds) & assignment.state_mask[world.unit["state"]]
    return chosen


def has_turnover(world: World) -> bool:
    """True if people come, learn and leave in this world; False if staff is constant."""
    return bool(world.setting["with_turnover"][0] > 0)


def free(_ledger: SpendingLedger, _day: float, _moved: Assignment | Amendment) -> None:
    """Cost of a lever that costs nothing: adds nothing to the ledger."""


@dataclass(frozen=True)
class ShareOfWhole:
    """Cost of a lever in proportion to the share that it covers, once or each year."""

    payer: Payer
    unit: str
    yearly: bool

    def __call__(self, ledger: SpendingLedger, day: float, assignment: Assignment) -> None:
        """Adds the cost of the newly covered share to the ledger."""
        new = ledger.new_in_states(assignment, assignment.value, ledger.nothing, falls=self.yearly)
        euros = new * (ledger.prices[self.unit] * system_price_level())
        if self.yearly:
            ledger.commit(day, self.payer, a_year=euros)
        else:
            ledger.commit(day, self.payer, euros)


def system_price_level() -> Floats:
    """[state] Price of an IT system in each state, relative to a rich state.

    The square root of wages, at most 1.
    """
    return np.minimum(np.sqrt(wage_level()), 1.0)
