"""Selections of states and of pairs as a person writes them, checked when read, resolved when used."""

from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Protocol

from sim.law.suggest import nearest
from sim.policy.places import Atlas
from sim.policy.problem import Findings, InputError

_PREFIXES = {"parties of ": True, "non_parties of ": False, "non-parties of ": False}


class TreatyStatus(Protocol):
    """Who is bound by a treaty; sim.law.order.LegalOrder is one."""

    def parties(self, treaty: str, on: date) -> tuple[str, ...]:
        """States bound on a day."""

    def signatories(self, treaty: str) -> tuple[str, ...]:
        """States that have signed, whether or not they are bound."""


class _Meaning(Enum):
    """What a word of a selection names."""

    STATES = 0
    PARTIES = 1
    NON_PARTIES = 2


@dataclass(frozen=True)
class _Word:
    meaning: _Meaning
    states: tuple[str, ...] = ()
    treaty: str = ""


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
            word = _understand(text, atlas)
            if word.meaning is _Meaning.STATES:
                found.update(word.states)
            else:
                parties = set(law.parties(word.treaty, on))
                found |= parties if word.meaning is _Meaning.PARTIES else set(atlas.states) - parties
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
    found = Findings()
    for word in words:
        with found.gather():
            _understand(word, atlas)
    found.raise_all()
    return StateSelection(("all",) if words == ("all",) else words)


def _understand(text: str, atlas: Atlas) -> _Word:
    """The meaning of one word."""
    folded = " ".join(text.split()).casefold()
    if folded == "all":
        return _Word(_Meaning.STATES, atlas.states)
    if folded.upper() in atlas.states:
        return _Word(_Meaning.STATES, (folded.upper(),))
    if folded in atlas.groups:
        return _Word(_Meaning.STATES, atlas.groups[folded].states)
    for prefix, inside in _PREFIXES.items():
        if folded.startswith(prefix):
            treaty = folded.removeprefix(prefix).replace(" ", "_")
            if treaty not in atlas.joinable():
                fix = nearest(treaty, atlas.joinable(), what="one of the treaties")
                raise InputError("names no treaty with parties", value=text, fix=fix)
            return _Word(_Meaning.PARTIES if inside else _Meaning.NON_PARTIES, treaty=treaty)
    titles = [group.title for group in atlas.groups.values()]
    kinds = "a state (DEU or Germany), body (EU), region (Europe), tier (tier 1), parties of budapest, or all"
    hint = nearest(
        text, [*atlas.states, *titles, "all", *(f"{p}budapest" for p in _PREFIXES)], what="", labels=atlas.names
    )
    raise InputError("names no states", value=text, fix=hint or f"Write {kinds}.")
