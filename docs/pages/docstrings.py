"""What docstrings say of attributes: the source of tables whose rows are fields of a class."""

import re
from inspect import getdoc

_ENTRY = re.compile(r"^ {4}(?P<names>\w+(?:, \w+)*): (?P<text>.*(?:\n {8}.*)*)", re.MULTILINE)


def attributes(described: type) -> dict[str, str]:
    """Meaning by attribute, from the section Attributes of a class; names that share a line share its words."""
    _, _, section = (getdoc(described) or "").partition("Attributes:\n")
    return {
        name: " ".join(entry["text"].split())
        for entry in _ENTRY.finditer(section)
        for name in entry["names"].split(", ")
    }
