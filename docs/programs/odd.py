"""Writes docs/odd.md, the description of the model by the ODD protocol: prose by hand, tables from the code.

The template's markers are replaced by tables.

A marker stands alone on its line: `<!-- table: parameters -->`, or `<!-- mechanism: 6 -->` for its place in the code.
"""

import re
import sys
from collections.abc import Callable, Mapping
from types import MappingProxyType

from docs.programs import DOCS
from docs.programs import odd_tables as tables

TEMPLATE = DOCS / "odd.template.md"
PAGE = DOCS / "odd.md"
_MARKER = re.compile(r"^<!-- (table|mechanism): (\w+) -->$", re.MULTILINE)
_NOTE = "<!-- Written by `make docs` from odd.template.md and the code; change those. -->\n\n"

TABLES: Mapping[str, Callable[[], str]] = MappingProxyType(
    {
        "state_variables": tables.state_variables,
        "codes": tables.codes,
        "events": tables.events,
        "parameters": tables.parameters,
        "levers": tables.levers,
        "outcomes": tables.outcomes,
        "data_files": tables.data_files,
        "providers": tables.providers,
    }
)
#: Mechanisms of the model, by their number in the catalogue. M18, displacement, is measured and not imposed.
MECHANISMS = (*range(1, 18), *range(19, 26))


def render() -> str:
    """The whole page.

    Raises:
        ValueError: the template asks for something unknown, or leaves out a table or a mechanism.
        UndescribedError: something in the code has no unit or meaning.
    """
    template = TEMPLATE.read_text(encoding="utf-8")
    asked = {(match[1], match[2]) for match in _MARKER.finditer(template)}
    made = {("table", name): table() for name, table in TABLES.items()}
    made |= {("mechanism", str(number)): tables.in_code(number) for number in MECHANISMS}
    if asked != set(made):
        raise ValueError(f"{TEMPLATE.name}: unknown or left out: {sorted(asked ^ set(made))}")
    return _NOTE + _MARKER.sub(lambda match: made[match[1], match[2]], template)


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
    sys.stdout.write(f"{PAGE.name} is written\n")
