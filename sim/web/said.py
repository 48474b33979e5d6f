"""What a policy of the page moves, in words and in today's units: persons and posts, not times today's.

How many there are today is the model's staffing, a judgement.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from functools import cache

import numpy as np

from sim.data.geography import CrimeGeography
from sim.data.load import read_table
from sim.law.order import legal_order
from sim.measures.arrays import Floats
from sim.policy.lever import Lever, Quantity
from sim.policy.levers import LEVERS
from sim.policy.places import load_atlas
from sim.policy.selection import read_states
from sim.policy.spending import whole_persons
from sim.results.words import listing
from sim.web.controls import FIRST
from sim.web.state import TODAY, Draft, LeverMove, in_file
from sim.world.baseline import baseline
from sim.world.records import DeskKind

#: Moves that a heading names.
_MOST = 2
_DESKS = {
    "central_authority.staff": (DeskKind.OUTGOING, DeskKind.INCOMING),
    "court.staff": (DeskKind.COURT,),
    "forensic.staff": (DeskKind.FORENSIC,),
    "provider.staff": (DeskKind.PROVIDER,),
}


@cache
def todays_numbers() -> dict[str, tuple[str, Floats]]:
    """What levers multiply, by lever: its unit, and f8[state] how many; of a lever of the world one for each body."""
    counted = {name: lever.count for name, lever in LEVERS.items() if lever.count}
    found = {name: (count.unit, np.rint(count.each())) for name, count in counted.items()}
    states = len(legal_order().states)
    start = baseline(CrimeGeography.load(), np.zeros((states, states), np.int8))  # persons follow no police body
    for name, kinds in _DESKS.items():
        there = np.isin(start.kind, kinds)
        persons = whole_persons(start.persons[there])
        found[name] = ("persons", np.bincount(start.state[there], persons, states))
    return found


def count(lever: str, words: Sequence[str], world: Sequence[str], on: date) -> float | None:
    """How many there are today of what a lever multiplies, in the states that are named; None where nobody counts.

    Args:
        lever: its name.
        words: states; none for all.
        world: codes of the states of the world; all if empty.
        on: the day whose parties are meant.
    """
    if lever not in todays_numbers():
        return None
    law, (_, each) = legal_order(), todays_numbers()[lever]
    if len(each) != len(law.states):
        return float(each.sum())
    chosen = read_states(tuple(words) or ("all",), load_atlas()).resolve(load_atlas(), law, on)
    return float(each[np.isin(law.states, chosen) & np.isin(law.states, world or law.states)].sum())


@cache
def treaties(on: date) -> dict[str, str]:
    """Names of treaties that states join, by identifier, with how many have; those of the question first."""
    first = ("budapest", "second_protocol", "un_convention")
    order = dict.fromkeys((*first, *load_atlas().joinable()))
    return {word: f"{_treaty_names()[word]} ({len(legal_order().parties(word, on))} states today)" for word in order}


@cache
def _treaty_names() -> dict[str, str]:
    return {row["id"]: row["name"] for row in read_table("treaties.csv").rows}


def heading(title: str, moves: Sequence[str], plain: bool) -> str:
    """What a policy is, in a line: the title of its start, which is left out for today's law (plain), and its moves."""
    more = [f"{len(moves) - _MOST} more"] if len(moves) > _MOST else []
    said = "; ".join([*moves[:_MOST], *more])
    return said or title if plain else ", with ".join(filter(None, (title, said)))


def moves_said(draft: Draft, world: Sequence[str], first: date) -> Iterator[str]:
    """What a policy moves, lever by lever, in a world of these states (all if empty) with policies from `first` on."""
    titles = {slider.lever: slider.title for slider in FIRST}
    for name, move in draft.moves:
        day = f"from {move.on}" if move.on != first else ""
        ramp = f"over {move.ramp} months" if move.ramp else ""
        words = ", ".join(filter(None, (day, ramp, listing(move.states), move.instrument)))
        value = _value(LEVERS[name], move, count(name, move.states, world, first))
        yield f"{titles.get(name, LEVERS[name].title)}: {value}{f' ({words})' if words else ''}"


def _value(lever: Lever, move: LeverMove, today: float | None) -> str:
    if move.value == TODAY:
        return "as today"
    if today is not None:
        return " instead of ".join(f"{many:,.0f}".replace(",", " ") for many in (float(move.value) * today, today))
    if lever.quantity is Quantity.INSTRUMENT:
        return _treaty_names()[move.value]
    written = in_file(lever, move.value)
    return written if isinstance(written, str) else ", ".join(written)
