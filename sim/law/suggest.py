"""The nearest valid name, for messages about a wrong one."""

import difflib
from collections.abc import Iterable, Mapping

#: Names less alike than this, by difflib's ratio 0–1, are not what was meant: a wrong hint is worse than none. Of a
#: code of three letters one may be wrong.
_ALIKE, _ALIKE_SHORT = 0.7, 0.6


def nearest(word: str, known: Iterable[str], *, what: str = "one of", labels: Mapping[str, str] | None = None) -> str:
    """A fix that names the known word nearest to what was written, or lists them all.

    Args:
        word: what was written.
        known: the words that would have been right.
        what: how the list is announced; empty for no list.
        labels: longer names of known words, such as those of countries, which are matched and shown as well.
    """
    words = sorted(set(known))
    meant = closest(word, words, labels)
    if meant or not what:
        label = f" ({labels[meant]})" if labels and meant in labels else ""
        return f"Did you mean {meant}{label}?" if meant else ""
    return f"Use {what}: {', '.join(words[:12])}{', …' if len(words) > 12 else ''}."


def closest(wrong: str, valid: Iterable[str], labels: Mapping[str, str] | None = None) -> str:
    """The valid name that was meant, empty where none is near.

    Args:
        wrong: what was written.
        valid: the names that would have been right.
        labels: name to a longer label (state code to country name); its beginning, its initials and close
            spellings are matched as well.
    """
    names, labels, word = list(valid), labels or {}, wrong.strip().lower()
    if not word:
        return ""
    starting = [name for name, label in labels.items() if label.lower().startswith(word)]
    initials = [name for name, label in labels.items() if _initials(label) == word]
    return next(iter(initials + starting + _close(word, names, labels)), "")


def _initials(label: str) -> str:
    """First letters of the capitalised words of a label."""
    words = [part for part in label.split() if part[0].isupper()]
    return "".join(part[0] for part in words).lower() if len(words) > 1 else ""


def _close(word: str, names: list[str], labels: Mapping[str, str]) -> list[str]:
    """Names that are spelt alike, those with the longest common beginning first."""
    folded = {label.lower(): name for name, label in labels.items()} | {name.lower(): name for name in names}
    close = difflib.get_close_matches(word, folded, n=5, cutoff=_ALIKE if len(word) > 3 else _ALIKE_SHORT)
    return [folded[match] for match in sorted(close, key=lambda match: -_common(match, word))]


def _common(one: str, other: str) -> int:
    """Length of the common beginning."""
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(other))
