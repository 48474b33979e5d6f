"""Reads which entry of an instrument's terms a change is about, and for which kinds of data."""

from functools import cache
from typing import Any

from sim.data.load import read_entries
from sim.law.suggest import nearest
from sim.law.vocabulary import DataKind
from sim.policy.lever import LawLever, Lever
from sim.policy.levers.instruments import Revision
from sim.policy.problem import InputError
from sim.policy.units import as_name, read_names


def read_instrument(lever: Lever, word: str) -> str:
    """The entry of terms.yaml that a word names, where the lever can move one of its terms.

    Raises:
        InputError: no such entry, or one without this term; the fix names those that can be moved.
    """
    entries = term_entries()
    identity = as_name(word)
    fit = fitting(lever)
    if identity in fit:
        return identity
    if identity in entries:
        raise InputError(f"has no term that {lever.name} can move", value=word, fix=f"Write one of {', '.join(fit)}.")
    of_treaty = [name for name in fit if entries[name]["treaty"] == identity]
    if of_treaty:
        raise InputError(
            "names a treaty, not one of its ways to ask", value=word, fix=f"Write {' or '.join(of_treaty)}."
        )
    raise InputError("names no instrument", value=word, fix=nearest(identity, fit, what="one of the instruments"))


def fitting(lever: Lever) -> tuple[str, ...]:
    """Entries of terms.yaml that have the term which a lever of instruments moves."""
    return tuple(name for name, entry in term_entries().items() if _revision(lever).fits(entry))


def read_kinds(lever: Lever, instrument: str, words: tuple[str, ...] | None) -> tuple[DataKind, ...]:
    """The kinds of data that a change is about.

    Where none is named: those that have the term today, or all that the instrument carries where none has; without
    preservation, which is a matter of hours.

    Raises:
        InputError: a kind that the instrument does not carry, or a lever whose term is the same for all kinds.
    """
    revision = _revision(lever)
    if not revision.bound_kinds:
        if words is not None:
            raise InputError(f"{lever.name} is the same for all kinds of data", fix="Remove it.")
        return ()
    entry = term_entries()[instrument]
    carried = [str(kind).lower() for kind in entry["carries"]]
    if words is None:
        words = tuple(kind for kind in revision.kinds_of(entry) or carried if kind.lower() != "preservation")
    names = set(read_names(words, carried, f"not a kind of data that {instrument} carries"))
    if not names:
        raise InputError("the list is empty", fix="Name at least one, or remove the key.")
    return tuple(sorted(DataKind[name.upper()] for name in names))


@cache
def term_entries() -> dict[str, dict[str, Any]]:
    """Entries of terms.yaml by id."""
    return {str(entry["id"]): entry for entry in read_entries("terms.yaml")}


def _revision(lever: Lever) -> Revision:
    """What a lever of an instrument's terms revises."""
    if not (isinstance(lever, LawLever) and isinstance(lever.amends, Revision)):
        raise AssertionError(lever.name)
    return lever.amends
