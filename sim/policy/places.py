"""What selections of states can name: states, bodies, regions, tiers of governance, treaties with parties."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from sim.data.geography import governance_score, governance_tier
from sim.data.load import read_entries, read_table, states

#: Kinds of membership that bind; liaison and cooperation agreements do not make a member.
_MEMBERSHIP = ("member", "bound", "party")


@dataclass(frozen=True)
class Group:
    """A named set of states: a body with its members, a region, a tier, or one state by its name."""

    title: str
    states: tuple[str, ...]


@dataclass(frozen=True)
class Atlas:
    """What selections can name.

    Attributes:
        states: ISO codes in the order of the world's arrays.
        groups: sets of states by their title in lower case.
        treaties: form of each treaty by its identifier: states join those with `parties`, pairs conclude the others.
        governance: score 0–1 of each state (rule: sim/data/geography.py).
        names: English name of each state, by code.
    """

    states: tuple[str, ...]
    groups: Mapping[str, Group]
    treaties: Mapping[str, str]
    governance: Mapping[str, float]
    names: Mapping[str, str]

    def members(self, title: str) -> tuple[str, ...]:
        """States of a group by its title, or of `all`; none where there is no such group."""
        group = self.groups.get(title.casefold())
        return self.states if title.casefold() == "all" else group.states if group else ()

    def best_governed_first(self, codes: Iterable[str]) -> tuple[str, ...]:
        """The states by governance, the best first; ties by code, so that the order is fixed."""
        return tuple(sorted(codes, key=lambda code: (-self.governance[code], code)))

    def joinable(self) -> tuple[str, ...]:
        """Treaties among many, which have parties."""
        return tuple(name for name, form in self.treaties.items() if form == "parties")

    def entries(self, treaty: str) -> dict[str, str]:
        """Entries of the terms of a treaty, from which a state may stand aside, with their names."""
        return {str(e["id"]): str(e["name"]) for e in read_entries("terms.yaml") if e["treaty"] == treaty}

    def bilateral(self) -> tuple[str, ...]:
        """Treaties that pairs of states conclude."""
        return tuple(name for name, form in self.treaties.items() if form == "pairs")


@cache
def load_atlas() -> Atlas:
    """Reads the atlas from the package's data."""
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
    groups = {title.casefold(): Group(title, tuple(sorted(found))) for title, found in members.items() if title}
    treaties = {row["id"]: row["form"] for row in read_table("treaties.csv").rows}
    names = {row["iso3"]: row["name"] for row in read_table("countries.csv").rows}
    return Atlas(states(), groups, treaties, dict(zip(states(), score.tolist(), strict=True)), names)


def mask_of(codes: Iterable[str] | None) -> npt.NDArray[np.bool_]:
    """States as a mask, bool [state], in the order of the world's arrays; all for None."""
    known = load_atlas().states
    return np.ones(len(known), np.bool_) if codes is None else np.isin(known, tuple(codes))
