"""Selections of states, pairs and entries of terms; they are checked when read and resolved when used."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from sim.data.load import read_entries
from sim.law.order import LegalOrder
from sim.law.suggest import nearest
from sim.law.vocabulary import DataKind
from sim.policy.lever import LawLever, Lever
from sim.policy.levers.law import Revision
from sim.policy.places import Atlas
from sim.policy.problem import InputError, read_each
from sim.policy.units import as_name, read_names

_PREFIXES = ("parties of ", "non_parties of ", "non-parties of ")


@dataclass(frozen=True)
class StateSelection:
    """States selected by words: codes, names, bodies, regions, tiers, parties of a treaty, or `all`."""

    words: tuple[str, ...] = ("all",)

    @property
    def everywhere(self) -> bool:
        """True if all states are selected."""
        return self.words == ("all",)

    def resolve(self, atlas: Atlas, law: LegalOrder, on: date) -> tuple[str, ...]:
        """Selected states on a day, in the order of the world's arrays."""
        codes: set[str] = set()
        for text in self.words:
            states, treaty = _understand(text, atlas)
            parties = set(law.parties(treaty, on)) if treaty else set()
            codes |= states - parties if states else parties
        return tuple(state for state in atlas.states if state in codes)


@dataclass(frozen=True)
class PairSelection:
    """Selected pairs of a requesting and a requested state."""

    requesting: StateSelection = StateSelection()
    requested: StateSelection = StateSelection()
    both_ways: bool = False

    @property
    def everywhere(self) -> bool:
        """True if all pairs are selected."""
        return self.requesting.everywhere and self.requested.everywhere


def read_states(words: tuple[str, ...], atlas: Atlas) -> StateSelection:
    """Checks the words that select states, and returns the selection."""
    if not words:
        raise InputError("the list of states is empty", fix="Name at least one, or write all.")
    read_each(lambda word: _understand(word, atlas), words)
    return StateSelection(("all",) if words == ("all",) else words)


def _understand(text: str, atlas: Atlas) -> tuple[set[str], str]:
    """States and treaty of a word: `parties to X` gives no states and X, `non-parties to X` all states and X."""
    folded = " ".join(text.split()).casefold()
    if members := atlas.members(folded):
        return set(members), ""
    for prefix in _PREFIXES:
        if folded.startswith(prefix):
            treaty = folded.removeprefix(prefix).replace(" ", "_")
            if treaty not in atlas.joinable():
                fix = nearest(treaty, atlas.joinable(), what="one of the treaties")
                raise InputError("names no treaty with parties", value=text, fix=fix)
            return set(atlas.states) if prefix.startswith("non") else set(), treaty
    titles = [group.title for group in atlas.groups.values()]
    known = [*atlas.states, *titles, "all", *(f"{prefix}budapest" for prefix in _PREFIXES)]
    kinds = "a state (DEU or Germany), body (EU), region (Europe), tier (tier 1), parties of budapest, or all"
    hint = nearest(text, known, what="", labels=atlas.names)
    raise InputError("names no states", value=text, fix=hint or f"Write {kinds}.")


def read_instrument(lever: Lever, word: str) -> str:
    """Name of an entry in terms.yaml, after a check that the lever applies to it."""
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
    """Entries of terms.yaml with the term that a lever changes."""
    return tuple(name for name, entry in term_entries().items() if _revision(lever).fits(entry))


def read_kinds(lever: Lever, instrument: str, words: tuple[str, ...] | None) -> tuple[DataKind, ...]:
    """Kinds of data that a change applies to.

    Where none is named: those that have the term today, or all that the instrument carries where none has; without
    preservation, which is a matter of hours.
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
    """The revision by which a lever changes a term of an instrument."""
    if not (isinstance(lever, LawLever) and isinstance(lever.amends, Revision)):
        raise AssertionError(lever.name)
    return lever.amends
