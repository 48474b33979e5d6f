"""Overrides of the configuration as typed: `world.groups=100`, `uncertainty=overloaded_courts`.

Checked one by one before Hydra sees them: each mistake names the nearest valid key.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.experiments.settings import check_word
from sim.law.suggest import nearest
from sim.policy.levers import LEVERS
from sim.policy.problem import mistake, shorten
from sim.world.parameters import REPLACED

if TYPE_CHECKING:
    from hydra.core.override_parser.types import Override


@dataclass(frozen=True)
class Known:
    """What can be overridden.

    Attributes:
        keys: every dotted key with a value.
        groups: options of each group.
    """

    keys: frozenset[str]
    groups: Mapping[str, tuple[str, ...]]


def is_override(word: str) -> bool:
    """Whether a word is an override rather than a scenario: no key has a slash, as the path of a file may have.

    So a file whose name holds `=` can be given as a path, such as `./a=b.yaml`.
    """
    key, equals, _ = word.partition("=")
    return word.startswith(("+", "~")) or bool(equals and "/" not in key)


def check_override(word: str, known: Known) -> None:
    """Checks an override.

    Raises:
        InputError: it adds or removes a key, looks something up, names an unknown key or option, or lists
            several values.
    """
    refuse_tricks(word, known)
    key, _, written = word.partition("=")
    fix = f"Write one value without spaces, or quote it: \"{key}='…'\"."
    if parsed(word, "not an override that can be read", fix).is_sweep_override():
        raise mistake("several values", key, written, "Write one value.")
    value = written.strip("'\"")
    if key in known.groups:
        check_word(key, value, known.groups[key])
    elif key not in known.keys:
        raise mistake("unknown key", key, value, nearest_key(key, known))


def refuse_tricks(word: str, known: Known) -> None:
    """Overrides replace values that exist, by values that stand in them.

    Raises:
        InputError: it adds or removes a key, or looks something up.
    """
    key, _, value = word.partition("=")
    if word.startswith(("+", "~")):
        bare = key.lstrip("+~")
        if bare in known.keys or bare in known.groups:
            raise mistake("keys cannot be added or removed", key, value or None, f"Write {bare}=VALUE.")
        problem = f"keys cannot be added or removed, and there is no key {shorten(bare)}"
        raise mistake(problem, key, value or None, nearest_key(bare, known))
    if "${" in word or "_target_" in word or "oc.env" in word:
        raise mistake(
            "values that create things or are looked up elsewhere are not allowed", key, value, "Write the value."
        )


def parsed(word: str, problem: str, fix: str) -> Override:
    """One override in Hydra's grammar.

    Raises:
        InputError: `problem` and `fix`, where it does not follow the grammar.
    """
    from hydra.core.override_parser.overrides_parser import OverridesParser  # which workers can do without
    from hydra.errors import HydraException

    try:
        return OverridesParser.create().parse_override(word)
    except (HydraException, ValueError):
        key, _, value = word.partition("=")
        raise mistake(problem, key, value, fix) from None


def nearest_key(key: str, known: Known) -> str:
    """The key that was meant: its successor, or by its last part alone where it stands under another theme."""
    if (replaced := key.removeprefix("uncertainty.")) in REPLACED:
        return f"It was replaced by {REPLACED[replaced]}."
    last = key.rpartition(".")[2]
    same = sorted(candidate for candidate in known.keys if candidate.rpartition(".")[2] == last)
    if len(same) == 1:
        return f"Did you mean {same[0]}?"
    hint = nearest(key, known.keys if "." in key else {*known.keys, *known.groups}, what="")
    of_theme = [name for name in known.keys & set(LEVERS) if name.startswith(f"{key.partition('.')[0]}.")]
    return hint or (nearest(key, of_theme) if of_theme else _kinds(known))


def _kinds(known: Known) -> str:
    """What keys there are, where none is spelt alike."""
    names = {lever.name for lever in LEVERS.values()}
    themes = sorted({key.partition(".")[0] for key in known.keys - names if "." in key})
    levers = ", or are levers (`comity levers` lists them)" if known.keys & names else ""
    return f"Keys begin with {', '.join(themes)}{levers}."
