"""What changes of law cost: acts of parliament, ratifications, treaties, agreements on data (M24)."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from sim.data.costs import Payer, wage_level
from sim.law.amendments import AdoptOffences, Amendment, Conclude, GrantPowers, Join, Ratify, RemoveDataConflict
from sim.policy.places import load_atlas

Floats = npt.NDArray[np.float64]
#: Treaties with a duty to be reached day and night.
_WITH_CONTACT_POINT = ("budapest", "un_convention", "second_protocol")


class Book(Protocol):
    """The part of a ledger in the making that these rules write to."""

    bound: set[tuple[str, str]]

    def cost(self, name: str) -> float:
        """A unit cost."""

    def commit(self, day: float, payer: Payer, once: Any = 0.0, a_year: Any = 0.0) -> None:
        """A row a state."""


def _of(states: Sequence[str]) -> Floats:
    """1 for the states named, 0 for others."""
    return np.isin(load_atlas().states, states).astype(np.float64)


def _legislates(book: Book, day: float, amendment: Amendment) -> None:
    """An act of parliament in each state."""
    if isinstance(amendment, AdoptOffences | GrantPowers):
        once = _of(amendment.states) * book.cost("legislation") * wage_level()
        book.commit(day, Payer.LEGISLATURE, once)


def _ratifies(book: Book, day: float, amendment: Amendment) -> None:
    """A ratification once, its implementing law and the duties under the treaty when it is used."""
    if not isinstance(amendment, Ratify | Join):
        return
    new = [state for state in amendment.states if (state, amendment.instrument_id) not in book.bound]
    book.bound |= {(state, amendment.instrument_id) for state in new}
    wages = wage_level()
    book.commit(day, Payer.LEGISLATURE, _of(new) * book.cost("ratification") * wages)
    if isinstance(amendment, Join):
        joining = _of(amendment.states) * wages
        book.commit(day, Payer.LEGISLATURE, joining * book.cost("legislation"))
        duty = book.cost("contact_point") if amendment.instrument_id in _WITH_CONTACT_POINT else 0.0
        book.commit(day, Payer.CENTRAL_AUTHORITY, a_year=joining * duty)


def _concludes(book: Book, day: float, amendment: Amendment) -> None:
    """Negotiation and ratification on both sides of each treaty."""
    if isinstance(amendment, Conclude):
        position = {state: index for index, state in enumerate(load_atlas().states)}
        sides = np.array([position[state] for pair in amendment.pairs for state in pair], np.int64)
        treaties = np.bincount(sides, minlength=len(position))
        book.commit(day, Payer.LEGISLATURE, treaties * book.cost("bilateral_treaty") * wage_level())


def _agrees_on_data(book: Book, day: float, amendment: Amendment) -> None:
    """Safeguards and negotiation: the asking side's in each state, the asked side's once for the Union."""
    if isinstance(amendment, RemoveDataConflict):
        union = set(load_atlas().groups["eu"].states)
        asked = set(amendment.requested)
        sides = len(asked - union) + bool(asked & union)
        asking = _of(amendment.requesting) * sides
        book.commit(day, Payer.LEGISLATURE, asking * book.cost("data_agreement") * wage_level())


#: How each kind of amendment is priced.
LAW_PRICES: Mapping[type, Callable[[Book, float, Amendment], None]] = MappingProxyType(
    {
        AdoptOffences: _legislates,
        GrantPowers: _legislates,
        Ratify: _ratifies,
        Join: _ratifies,
        Conclude: _concludes,
        RemoveDataConflict: _agrees_on_data,
    }
)
