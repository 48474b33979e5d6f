"""Selections of states and of pairs as a person writes them, checked when read, resolved when used."""

from dataclasses import dataclass
from datetime import date
from typing import Protocol

from sim.law.suggest import nearest
from sim.policy.places import Atlas
from sim.policy.problem import InputError, read_each

_PREFIXES = ("parties of ", "non_parties of ", "non-parties of ")


class TreatyStatus(Protocol):
    """Who is bound by a treaty; sim.law.order.LegalOrder is one."""

    def parties(self, treaty: str, on: date) -> tuple[str, ...]:
        """States bound on a day."""

    def signatories(self, treaty: str) -> tuple[str, ...]:
        """States that have signed, whether or not they are bound."""


@dataclass(frozen=True)
class StateSelection:
    """States named by words: codes, names, bodies, regions, tiers, parties of a treaty, or `all`."""

    words: tuple[str, ...] = ("all",)

    @property
    def everywhere(self) -> bool:
        """Whether all states are meant."""
        return self.words == ("all",)

    def resolve(self, atlas: Atlas, law: TreatyStatus, on: date) -> tuple[str, ...]:
        """The states on that day, in the order of the world's arrays."""
        found: set[str] = set()
        for text in self.words:
            states, treaty = _understand(text, atlas)
            parties = set(law.parties(treaty, on)) if treaty else set()
            found |= states - parties if states else parties
        return tuple(state for state in atlas.states if state in found)


@dataclass(frozen=True)
class PairSelection:
    """Pairs of a requesting and a requested state."""

    requesting: StateSelection = StateSelection()
    requested: StateSelection = StateSelection()
    both_ways: bool = False

    @property
    def everywhere(self) -> bool:
        """Whether all pairs are meant."""
        return self.requesting.everywhere and self.requested.everywhere


def read_states(words: tuple[str, ...], atlas: Atlas) -> StateSelection:
    """Checks the words of a selection of states.

    Raises:
        InputError: words that name no states; the fix names the nearest that does.
    """
    if not words:
        raise InputError("the list of states is empty", fix="Name at least one, or write all.")
    read_each(lambda word: _understand(word, atlas), words)
    return StateSelection(("all",) if words == ("all",) else words)


def _understand(text: str, atlas: Atlas) -> tuple[set[str], str]:
    """The states that one word names, and a treaty: its parties are left out of them, or meant where none is named."""
    folded = " ".join(text.split()).casefold()
    if folded.upper() in atlas.states:
        return {folded.upper()}, ""
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
