"""Names by which scenarios select states: states, bodies, regions, tiers of governance, treaties."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
import numpy.typing as npt

from sim.data.geography import governance_score, governance_tier
from sim.data.load import read_table, states
from sim.law.suggest import nearest
from sim.policy.problem import mistake

#: Kinds of membership that bind; liaison and cooperation agreements do not make a member.
_MEMBERSHIP = ("member", "bound", "party")
#: Codes of two letters that the European Union uses in place of those of ISO 3166-1.
_OF_THE_UNION = {"UK": "GBR", "EL": "GRC"}


@dataclass(frozen=True)
class Group:
    """States with a common name: members of a body, a region, a tier, or one state."""

    title: str
    states: tuple[str, ...]


@dataclass(frozen=True)
class Atlas:
    """All names that can select states, with the states that each stands for."""

    states: tuple[str, ...]  # ISO codes in the order of the world's arrays
    groups: Mapping[str, Group]  # sets of states by their title in lower case
    # form of each treaty by its identifier: states join those with `parties`, pairs conclude the others
    treaties: Mapping[str, str]
    governance: Mapping[str, float]  # score 0–1 of each state (rule: sim/data/geography.py)
    names: Mapping[str, str]  # English name of each state, by code
    short: Mapping[str, str]  # code of each state by its code of two letters

    def code(self, written: str) -> str:
        """Finds a state's code from its two- or three-letter code; empty if unknown."""
        code = written.upper()
        return code if code in self.states else self.short.get(code, "")

    def members(self, title: str) -> tuple[str, ...]:
        """Finds the states that a name stands for: a group, a state's code, or `all`; empty if unknown."""
        if code := self.code(title):
            return (code,)
        group = self.groups.get(title.casefold())
        return self.states if title.casefold() == "all" else group.states if group else ()

    def best_governed_first(self, codes: Iterable[str]) -> tuple[str, ...]:
        """State codes sorted by governance, best first."""
        return tuple(sorted(codes, key=lambda code: (-self.governance[code], code)))

    def joinable(self) -> tuple[str, ...]:
        """Ids of the multilateral treaties, which states can join."""
        return tuple(name for name, form in self.treaties.items() if form == "parties")

    def bilateral(self) -> tuple[str, ...]:
        """Ids of the bilateral treaties, which pairs of states can conclude."""
        return tuple(name for name, form in self.treaties.items() if form == "pairs")


@cache
def load_atlas() -> Atlas:
    """Makes the table of names that select states, from the package's data."""
    score = governance_score()
    members: dict[str, set[str]] = defaultdict(set)
    for code, tier in zip(states(), governance_tier(score), strict=True):
        members[f"tier {tier + 1}"].add(code)
    for row in read_table("countries.csv").rows:
        for title in (row["name"], row["region"], row["subregion"]):
            members[title].add(row["iso3"])
    for row in read_table("memberships.csv").rows:
        if row["iso3"] in states() and row["kind"] in _MEMBERSHIP:
            members[row["body"]].add(row["iso3"])
    groups = {title.casefold(): Group(title, tuple(sorted(codes))) for title, codes in members.items() if title}
    treaties = {row["id"]: row["form"] for row in read_table("treaties.csv").rows}
    names = {row["iso3"]: row["name"] for row in read_table("countries.csv").rows}
    short = {row["iso2"]: row["iso3"] for row in read_table("countries.csv").rows} | _OF_THE_UNION
    return Atlas(states(), groups, treaties, dict(zip(states(), score.tolist(), strict=True)), names, short)


#: Tiers of government.
TIERS = 4


@cache
def tier_of_states() -> npt.NDArray[np.int64]:
    """Tier of governance of each state, from 0 (best) to 3, int64 [state]."""
    tiers = governance_tier(governance_score()).astype(np.int64)
    tiers.setflags(write=False)
    return tiers


@dataclass(frozen=True)
class Place:
    """A state or a group of states for which a report shows results."""

    title: str  # its name
    rows: tuple[int, ...]  # row numbers of its states


def places_named(words: str, key: str, within: Sequence[str] = ()) -> tuple[Place, ...]:
    """Reads states and groups of states from an option such as BRA,ASEAN.

    `within` are the states of the world; all if empty.
    """
    places = tuple(_place(word.strip(), key, within) for word in words.split(",") if word.strip())
    if not places:
        raise mistake("no state is named", key, words, "Write codes, names or groups, such as BRA,ASEAN.")
    return places


def _place(word: str, key: str, within: Sequence[str]) -> Place:
    """Finds a state or group of states by its name or code."""
    atlas = load_atlas()
    group = atlas.groups.get(word.casefold())
    codes = atlas.members(word)
    if not codes:
        known = [*atlas.states, *(entry.title for entry in atlas.groups.values())]
        fix = nearest(word, known, what="", labels=atlas.names) or "Use a code such as BRA, or a group such as ASEAN."
        raise mistake("unknown state or group", key, word, fix)
    wanted = set(codes).intersection(within or codes)
    inside = tuple(place for place, state in enumerate(atlas.states) if state in wanted)
    if not inside:
        raise mistake("not a state of this world", key, word, f"world.states has {', '.join(within[:6])}.")
    if len(codes) == 1:
        return Place(f"{atlas.names[codes[0]]} ({codes[0]})", inside)
    return Place(f"{group.title if group else word} ({len(inside)} states)", inside)


@lru_cache(1024)
def mask_of(codes: Collection[str] | None) -> npt.NDArray[np.bool_]:
    """Mask, bool [state], that is true for the given states, or for all states if None."""
    known = load_atlas().states
    mask = np.ones(len(known), np.bool_) if codes is None else np.isin(known, tuple(codes))
    mask.flags.writeable = False
    return mask
