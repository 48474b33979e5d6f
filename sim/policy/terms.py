"""Which entry of an instrument's terms a change is about, and for which kinds of data."""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

from sim.data.load import read_entries
from sim.law.vocabulary import Channel, DataKind
from sim.policy.lever import Lever
from sim.policy.problem import InputError, nearest

#: Attribute of `Terms` that each lever revises.
FIELDS: Mapping[str, str] = MappingProxyType(
    {
        "instrument.deadline": "deadline_days",
        "instrument.enforceable": "enforceable",
        "instrument.penalty_threshold": "penalty_years",
        "instrument.listed_penalty": "listed_penalty_years",
        "instrument.preservation": "preservation_days",
    }
)
_WITH_DEADLINE = frozenset(channel.name for channel in Channel if channel <= Channel.PROVIDER_BINDING) | {"JOINT_TEAM"}


def read_instrument(lever: Lever, word: str) -> str:
    """The entry of terms.yaml that a word names, where the lever can move one of its terms.

    Raises:
        InputError: no such entry, or one without this term; the fix names those that can be moved.
    """
    entries = _entries()
    identity = word.strip().lower().replace("-", "_").replace(" ", "_")
    fit = [name for name, entry in entries.items() if _fits(lever, entry)]
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


def read_kinds(lever: Lever, instrument: str, words: tuple[str, ...] | None) -> tuple[DataKind, ...]:
    """The kinds of data that a change is about.

    Where none is named: those that have the term today, or, where none has, all that the instrument carries;
    preservation, which is a matter of hours, only where it is named.

    Raises:
        InputError: a kind that the instrument does not carry, or a lever whose term is the same for all kinds.
    """
    if lever.name not in ("instrument.deadline", "instrument.penalty_threshold"):
        if words is not None:
            raise InputError(f"{lever.name} is the same for all kinds of data", fix="Remove it.")
        return ()
    entry = _entries()[instrument]
    carried = [str(kind).lower() for kind in entry["carries"]]
    if words is None:
        bound = entry.get("deadline_days", {}) if lever.name == "instrument.deadline" else _bound(entry)
        words = tuple(kind for kind in tuple(bound) or carried if kind.lower() != "preservation")
    found = set()
    for word in words:
        name = word.strip().lower().replace("-", "_").replace(" ", "_")
        if name not in carried:
            raise InputError(f"not a kind of data that {instrument} carries", value=word, fix=nearest(name, carried))
        found.add(DataKind[name.upper()])
    if not found:
        raise InputError("the list is empty", fix="Name at least one, or remove the key.")
    return tuple(sorted(found))


@cache
def _entries() -> dict[str, dict[str, Any]]:
    """Entries of terms.yaml by id."""
    return {str(entry["id"]): entry for entry in read_entries("terms.yaml")}


def _bound(entry: dict[str, Any]) -> tuple[str, ...]:
    """Kinds of data that a threshold binds today."""
    return tuple(entry.get("threshold", {}).get("kinds", ()))


def _fits(lever: Lever, entry: dict[str, Any]) -> bool:
    """Whether moving the term can change anything: rules read deadlines of requests for evidence only."""
    match FIELDS[lever.name]:
        case "deadline_days" | "enforceable":
            return entry["channel"] in _WITH_DEADLINE
        case "listed_penalty_years":
            return bool(entry.get("dual_criminality", {}).get("test") == "unless_listed")
        case "preservation_days":
            return bool(entry["channel"] == "PRESERVATION_24_7")
    return True
