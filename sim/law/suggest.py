"""The nearest valid name, for messages about a wrong one."""

import difflib
from collections.abc import Iterable, Mapping


def nearest(wrong: str, valid: Iterable[str], labels: Mapping[str, str] | None = None) -> str:
    """`; did you mean X?` for the closest valid name, or an empty text.

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
    found = (initials + starting + _close(word, names, labels))[:1]
    if not found:
        return ""
    label = f" ({labels[found[0]]})" if found[0] in labels else ""
    return f"; did you mean {found[0]}{label}?"


def _initials(label: str) -> str:
    """First letters of the capitalised words of a label."""
    words = [part for part in label.split() if part[0].isupper()]
    return "".join(part[0] for part in words).lower() if len(words) > 1 else ""


def _close(word: str, names: list[str], labels: Mapping[str, str]) -> list[str]:
    """Names that are spelt alike, those with the longest common beginning first."""
    folded = {label.lower(): name for name, label in labels.items()} | {name.lower(): name for name in names}
    close = difflib.get_close_matches(word, folded, n=5, cutoff=0.5)
    return [folded[match] for match in sorted(close, key=lambda match: -_common(match, word))]


def _common(one: str, other: str) -> int:
    """Length of the common beginning."""
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(other))
