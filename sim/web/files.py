"""Scenario files of the page: one text is what is downloaded, linked to, and run."""

from __future__ import annotations

import base64
import zlib
from binascii import Error as EncodingError
from functools import cache, lru_cache
from typing import Any

from sim.experiments.store import yaml_text
from sim.policy.document import MOST_BYTES, parse_document
from sim.policy.lever import Lever, Target
from sim.policy.levers import LEVERS
from sim.policy.problem import InputError
from sim.policy.scenario import Scenario, catalogue, read_text
from sim.web.state import MOST_FILE, TODAY, Draft, LeverMove, in_file

#: How messages name the text of a policy of the page, and a file that its address carries.
NAME = "policy.yaml"
#: Keys that describe a policy in words, and no longer fit once a lever is moved.
_OF_THE_START = ("title", "question", "author", "source", "sources", "lags", "cost", "recommendation")
_TITLE = "A policy made on the what-if page"


def scenario_text(draft: Draft, name: str = "") -> str:
    """The scenario file of a policy: what it starts from, with levers that are moved in place of its own changes."""
    content = _start(draft)
    if draft.moves:
        moved = {name for name, _ in draft.moves}
        own_changes = [_change(LEVERS[name], name, move) for name, move in draft.moves if move.value != TODAY]
        rest = [change for change in _changes(content) if _lever_of(change) not in moved]
        plain, started = draft == Draft(moves=draft.moves), str(content.get("title") or "A policy")
        content = {
            "title": _TITLE if plain else f"{started[:90]}, changed",
            "question": "What changes under the levers that are set here?",
            "author": "The what-if page",
            **{key: entry for key, entry in content.items() if key not in (*_OF_THE_START, "changes")},
            "changes": [*rest, *own_changes],
        }
    return yaml_text(content | {"title": name} if name else content)


def titles() -> tuple[tuple[str, str], ...]:
    """Key and title of every scenario of the catalogue."""
    return tuple((key, str(_flat(key)["title"])) for key in catalogue())


def scenario_of(draft: Draft) -> Scenario:
    """The policy as the model takes it, read from its text by the reader of files."""
    return read_text(scenario_text(draft), NAME)


def pack(text: str) -> str:
    """The text of a file as letters of an address."""
    packed = base64.urlsafe_b64encode(zlib.compress(text.encode(), 9)).decode().rstrip("=")
    if len(packed) > MOST_FILE:
        problem = f"too long for an address, which has room for {MOST_FILE:,} letters: packed, it has {len(packed):,}"
        fix = "Shorten its notes, or compare it on the command line: comity compare FILE."
        raise InputError(problem, where=NAME, fix=fix)
    return packed


def unpack(packed: str) -> str:
    """The text of a file in an address."""
    opened = zlib.decompressobj()
    try:
        text = opened.decompress(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)), MOST_BYTES + 1)
        if len(text) > MOST_BYTES or not opened.eof:
            raise ValueError(len(text))
        return text.decode()
    except (ValueError, zlib.error, EncodingError):
        fix = "Open the scenario file again, or follow a complete link."
        raise InputError("the file in the address is damaged", where=NAME, key="file", fix=fix) from None


def parse(text: str) -> dict[str, Any]:
    """The content of a text as keys with lists and texts below them."""
    document = parse_document(text, NAME)
    document.found.raise_all()
    if not isinstance(document.content, dict):
        raise InputError("not a scenario", where=NAME, fix="Begin with `title: …` on a line.")
    return document.content


def settings_of(draft: Draft) -> dict[str, dict[str, Any] | None]:
    """What a policy starts from, by lever: its one change, or None where it has several."""
    found: dict[str, dict[str, Any] | None] = {}
    for change in _changes(_start(draft)):
        name = _lever_of(change)
        found[name] = change if name not in found and isinstance(change, dict) else None
    return found


def _start(draft: Draft) -> dict[str, Any]:
    return _opened(draft.file) if draft.file else _flat(draft.scenario)


@lru_cache(maxsize=16)
def _opened(packed: str) -> dict[str, Any]:
    return _with_bases(parse(unpack(packed)))


@cache
def _flat(key: str) -> dict[str, Any]:
    return _with_bases(parse(catalogue()[key].read_text("utf-8")))


def _with_bases(content: dict[str, Any]) -> dict[str, Any]:
    """A file with the changes of the scenarios that it is based on, as far as there are such."""
    named = content.get("based_on") or []
    bases = [named] if isinstance(named, str) else named
    if not isinstance(bases, list) or any(not isinstance(key, str) or key not in catalogue() for key in bases):
        return content  # the reader of files names the mistake
    changes = [change for each in (*map(_flat, bases), content) for change in _changes(each)]
    return {key: value for key, value in content.items() if key != "based_on"} | {"changes": changes}


def _changes(content: dict[str, Any]) -> list[Any]:
    changes = content.get("changes")
    return changes if isinstance(changes, list) else []


def _lever_of(change: Any) -> str:
    return str(change.get("lever", "")) if isinstance(change, dict) else ""


def _change(lever: Lever, name: str, move: LeverMove) -> dict[str, Any]:
    entry: dict[str, Any] = {"lever": name, "value": in_file(lever, move.value)}
    if move.instrument:
        entry["instrument"] = move.instrument
    entry["date"] = move.on.isoformat()
    if move.ramp:
        entry["ramp"] = f"{move.ramp} months"
    words = list(move.states) or ["all"]
    if lever.target is Target.STATES:
        entry["states"] = words
    elif lever.target is Target.PAIRS and move.states:
        entry["pairs"] = {"requesting": words, "requested": words}
    return entry
