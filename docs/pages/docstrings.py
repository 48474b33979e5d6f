"""Reads docstrings and comments on the fields of classes, for tables on generated pages."""

import re
from inspect import getdoc, getsource

_ENTRY = re.compile(r"^ {4}(?P<names>\w+(?:, \w+)*): (?P<text>.*(?:\n {8}.*)*)", re.MULTILINE)
#: A field with a comment behind it, or lines of comments above it, which may name several fields: `low, high: ends`.
_FIELD = re.compile(r"((?:^    # .*\n)*)^    (\w+): [^#\n]*(?:# (.*))?$", re.MULTILINE)
_SHARED = re.compile(r"(\w+(?:, \w+)+): (.*)")


def attributes(described: type) -> dict[str, str]:
    """Meaning of each attribute of a class, from its docstring or the comments on its fields.

    Names that share a line share its words.
    """
    _, _, section = (getdoc(described) or "").partition("Attributes:\n")
    if not section:
        found: dict[str, str] = {}
        for above, name, behind in _FIELD.findall(getsource(described)):
            words = behind or " ".join(line.strip(" #") for line in above.splitlines())
            shared = _SHARED.fullmatch(words)
            meant = dict.fromkeys(shared[1].split(", "), f"{shared[2]}.") if shared else {name: f"{words}."}
            found |= meant if words else {}
        return found
    return {
        name: " ".join(entry["text"].split())
        for entry in _ENTRY.finditer(section)
        for name in entry["names"].split(", ")
    }
