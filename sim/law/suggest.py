"""The nearest valid name, for messages about a wrong one."""

import difflib
from collections.abc import Iterable, Mapping


def nearest(wrong: str, valid: Iterable[str], labels: Mapping[str, str] | None = None) -> str:
    """`; did you mean X?` for the closest valid name, or an empty text.

    Args:
        wrong: what was written.
        valid: the names that would have been right.
        labels: name to a longer label (state code to country name) that is matched as well.
    """
    names = list(valid)
    labels = labels or {}
    lowered = {label.lower(): name for name, label in labels.items()}
    by_label = [name for label, name in lowered.items() if len(wrong) > 1 and label.startswith(wrong.lower())]
    close = difflib.get_close_matches(wrong.lower(), [*map(str.lower, names), *lowered], n=1, cutoff=0.5)
    folded = {name.lower(): name for name in names} | lowered
    found = by_label[:1] or [folded[match] for match in close]
    if not found:
        return ""
    label = f" ({labels[found[0]]})" if found[0] in labels else ""
    return f"; did you mean {found[0]}{label}?"
