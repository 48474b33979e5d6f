"""Writes docs/odd.md, the description of the model by the ODD protocol: prose by hand, tables from the code.

A marker of the template stands alone on its line and is replaced by a table: `<!-- table: parameters -->`, or
`<!-- mechanism: 6 -->` for its place in the code.
"""

import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import fields
from enum import Enum

from docs.programs import DOCS
from docs.programs.odd_source import answers, code_comments, modules_of, rules_of
from sim.data.load import catalogue, read_table
from sim.measures.outcomes import OUTCOMES
from sim.policy.lever import Quantity
from sim.policy.levers import LEVERS
from sim.report.marking import markdown_table
from sim.world.parameters import GROUP_KIND_TABLE, Declaration, Parameters, Scale, declarations
from sim.world.records import ENTITIES

TEMPLATE, PAGE = DOCS / "odd.template.md", DOCS / "odd.md"
_MARKER = re.compile(r"^<!-- (table|mechanism): (\w+) -->$", re.MULTILINE)
_NOTE = "<!-- Written by `make docs` from odd.template.md and the code; change those. -->\n\n"
#: Mechanisms of the model, by their number in the catalogue. M18, displacement, is measured and not imposed.
MECHANISMS = (*range(1, 18), *range(19, 26))
#: Enumerations of codes that state variables hold, each shown once.
CODES: tuple[type[Enum], ...] = tuple(
    dict.fromkeys(item.unit for entity in ENTITIES for item in entity.fields if not isinstance(item.unit, str))
)


class UndescribedError(ValueError):
    """Something in the code has no meaning that could be shown."""


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table of words."""
    return markdown_table(head, ([cell.replace("|", "\\|") for cell in row] for row in rows), ())


def state_variables() -> str:
    """Every field of every table."""
    parts = []
    for entity in ENTITIES:
        units = (unit if isinstance(unit := item.unit, str) else f"code {unit.__name__}" for item in entity.fields)
        rows = [(f"`{item.name}`", unit, item.meaning) for item, unit in zip(entity.fields, units, strict=True)]
        head = f"#### `{entity.name}`\n\n{entity.meaning}\n\n"
        parts.append(head + _table(("variable", "unit", "meaning"), rows))
    return "\n\n".join(parts)


def _codes_of(kind: type[Enum]) -> str:
    words = []
    for member in kind:
        comment = code_comments().get(f"{kind.__name__}.{member.name}", "")
        name = member.name.lower().replace("_", " ")
        words.append(f"{member.value} {name}" + (f" ({comment})" if comment else ""))
    return "; ".join(words)


def codes() -> str:
    """Every enumeration."""
    return _table(("code", "values"), [(f"`{kind.__name__}`", _codes_of(kind)) for kind in CODES])


def events() -> str:
    """Every kind of event and the rule that answers it."""
    rows = []
    for name, rule in answers().items():
        happens = code_comments().get(f"Event.{name}")
        if not happens:
            raise UndescribedError(f"Event.{name}: give its meaning in a comment behind it in sim/agents/events.py")
        rows.append((f"`{name}`", happens, f"`{rule.place}`", rule.says))
    return _table(("event", "what happens", "rule", "what the rule does"), rows)


def _plausible(declared: Declaration) -> str:
    """The plausible range of a parameter, its scale where it is not linear, and the reason."""
    span = declared.plausible
    if span is None:
        return "–"
    scale = "" if span.scale is Scale.LINEAR else f" ({span.scale})"
    return f"{span.low:g} to {span.high:g}{scale}; {span.reason}"


def parameters() -> str:
    """Every uncertainty by theme, and the kinds of group."""
    parts = []
    defaults = Parameters()
    for theme in fields(Parameters):
        values = getattr(defaults, theme.name)
        rows = [
            (
                f"`{item.name}`",
                f"{float(getattr(values, item.name)):g}",
                declared.unit,
                f"{declared.low:g} to {declared.high:g}",
                _plausible(declared),
                declared.meaning,
                declared.source,
                declared.tag.value,
            )
            for name, item, declared in declarations()
            if name.startswith(f"{theme.name}.")
        ]
        says = " ".join((values.__doc__ or "").split())
        head = ("name", "default", "unit", "allowed", "plausible, and why", "meaning", "source", "evidence")
        parts.append(f"#### `uncertainty.{theme.name}`\n\n{says}\n\n" + _table(head, rows))
    return "\n\n".join([*parts, "#### Kinds of group\n\n" + group_kinds()])


def group_kinds() -> str:
    """Every column of the kinds of group; judgement."""
    rows = [
        (
            kind.name.replace("_", " "),
            f"{kind.share:g}",
            f"{kind.harm_usd_per_day:,.0f}",
            f"{kind.domain_share:g}",
            GROUP_KIND_TABLE[kind.lives_like].name.replace("_", " "),
            f"{kind.clients:,.0f} {'customers' if kind.sells else 'affiliates'}",
            "yes" if kind.buys_services else "no",
            "yes" if kind.works_at_home else "no",
            "judgement",
        )
        for kind in GROUP_KIND_TABLE
    ]
    head = (
        "kind",
        "share of groups that enter",
        "harm at full capability, USD of 2024 a day",
        "control nodes with a domain",
        "lives as",
        "clients of a mean group",
        "buys technical services",
        "some are domestic",
        "evidence",
    )
    return _table(head, rows)


def levers() -> str:
    """Every lever."""
    rows = []
    for lever in LEVERS.values():
        numeric = lever.gradual or lever.quantity is Quantity.SPREAD
        allowed = f"{lever.low:g} to {lever.high:g}" if numeric else ", ".join(lever.choices) or "–"
        cells = (lever.unit, allowed, lever.target.value, lever.acts_on, lever.needs or "–", lever.cost, lever.source)
        rows.append((f"`{lever.name}`", lever.title, *cells, lever.tag.value))
    head = ("lever", "what it is", "unit", "range", "selects", "acts on", "needs", "cost", "source", "evidence")
    return _table(head, rows)


def outcomes() -> str:
    """Every outcome."""
    rows = [
        (f"`{outcome.key}`", outcome.title, outcome.unit, outcome.better.value, outcome.definition)
        for outcome in OUTCOMES
    ]
    return _table(("outcome", "title", "unit", "better", "definition"), rows)


def providers() -> str:
    """How each named provider answers authorities abroad, and how far that can be trusted."""
    rows = read_table("provider_answers.csv").rows
    columns = ("provider", "answers", "since", "days", "status", "source")
    head = ("provider", "answers", "since", "published median, days", "evidence", "source")
    return _table(head, [[row[column] for column in columns] for row in rows])


def data_files() -> str:
    """Every data file."""
    rows = [(f"`{row['file']}`", row["rows"], row["content"], row["licence"]) for row in catalogue().values()]
    return _table(("file", "rows", "content", "licence"), rows)


def in_code(mechanism: int) -> str:
    """The place of a mechanism: its modules and rules, and the parameters whose source it is.

    Raises:
        UndescribedError: no docstring names it.
    """
    found, whole = rules_of(mechanism), modules_of(mechanism)
    if not (found or whole):
        raise UndescribedError(f"M{mechanism}: neither a rule nor a module names it in its docstring")
    tag = f"M{mechanism}"
    numbers = [
        f"`{name}`"
        for name, _, declared in declarations()
        if tag in declared.source.replace(",", " ").replace(":", " ").replace(";", " ").split()
    ]
    parts = (
        ("Modules", [f"`{name}`" for name in whole]),
        ("Rules that name it", [f"`{rule.place}`" for rule in found]),
        ("Parameters", numbers),
    )
    return " ".join(f"*{title}*: {', '.join(names)}." for title, names in parts if names)


#: Tables of the template.
TABLES = (state_variables, codes, events, parameters, levers, outcomes, data_files, providers)


def render() -> str:
    """The whole page.

    Raises:
        ValueError: the template asks for something unknown, or leaves out a table or a mechanism.
        UndescribedError: something in the code has no unit or meaning.
    """
    template = TEMPLATE.read_text(encoding="utf-8")
    asked = {(match[1], match[2]) for match in _MARKER.finditer(template)}
    made = {("table", table.__name__): table() for table in TABLES}
    made |= {("mechanism", str(number)): in_code(number) for number in MECHANISMS}
    if asked != set(made):
        raise ValueError(f"{TEMPLATE.name}: unknown or left out: {sorted(asked ^ set(made))}")
    return _NOTE + _MARKER.sub(lambda match: made[match[1], match[2]], template)


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
    sys.stdout.write(f"{PAGE.name} is written\n")
