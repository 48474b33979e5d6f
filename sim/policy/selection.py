"""Selections of states, pairs and legal instruments, checked when read and later resolved for a day."""

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
    """States selected by words, such as codes, bodies, regions, parties of a treaty, or `all`."""

    words: tuple[str, ...] = ("all",)

    @property
    def everywhere(self) -> bool:
        """True if all states are selected."""
        return self.words == ("all",)

    def resolve(self, atlas: Atlas, law: LegalOrder, on: date) -> tuple[str, ...]:
        """Codes of the selected states on a day, in the order of the world's arrays."""
        codes: set[str] = set()
        for text in self.words:
            states, treaty = _understand(text, atlas)
            parties = set(law.parties(treaty, on)) if treaty else set()
            codes |= states - parties if states else parties
        return tuple(state for state in atlas.states if state in codes)


@dataclass(frozen=True)
class PairSelection:
    """Pairs of a requesting and a requested state, selected by words."""

    requesting: StateSelection = StateSelection()
    requested: StateSelection = StateSelection()
    both_ways: bool = False

    @property
    def everywhere(self) -> bool:
        """True if all pairs are selected."""
        return self.requesting.everywhere and self.requested.everywhere


def read_states(words: tuple[str, ...], atlas: Atlas) -> StateSelection:
    """Makes a selection of states from words, after a check of each."""
    if not words:
        raise InputError("the list of states is empty", fix="Name at least one, or write all.")
    read_each(lambda word: _understand(word, atlas), words)
    return StateSelection(("all",) if words == ("all",) else words)


def _understand(text: str, atlas: Atlas) -> tuple[set[str], str]:
    """Returns the states that a word selects, and the treaty in a text such as `parties of budapest`."""
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
    """Finds an entry of terms.yaml by name, and checks that the lever can change it."""
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
    """Ids of the entries of terms.yaml that have the term which a lever changes."""
    return tuple(name for name, entry in term_entries().items() if _revision(lever).fits(entry))


def read_kinds(lever: Lever, instrument: str, words: tuple[str, ...] | None) -> tuple[DataKind, ...]:
    """Reads the kinds of data that a change applies to.

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
    """Entries of terms.yaml on legal instruments, by id."""
    return {str(entry["id"]): entry for entry in read_entries("terms.yaml")}


def _revision(lever: Lever) -> Revision:
    """Effect of a lever that changes a term of legal instruments."""
    if not (isinstance(lever, LawLever) and isinstance(lever.amends, Revision)):
        raise AssertionError(lever.name)
    return lever.amends
