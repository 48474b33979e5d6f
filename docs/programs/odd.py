"""Writes docs/odd.md and docs/odd/, the model's description by the ODD protocol, from prose and code.

A marker of the template stands alone on its line: `<!-- page: process -->` begins a page, `<!-- table: events -->` is
replaced by a table, `<!-- file: parameters -->` by a link to one, `<!-- mechanism: 6 -->` by its place in the code.
What codes mean, and which rule answers an event, is read off the sources.
"""

import ast
import re
import sys
from collections import Counter
from dataclasses import fields
from enum import Enum
from functools import cache
from inspect import getdoc
from pathlib import Path

import pandas as pd

from docs.programs import DOCS, ROOT, data, table_of
from sim.agents.events import EventKind, kinds
from sim.api.answers import levers, outcomes, parameters
from sim.data.load import catalogue, read_table
from sim.data.spreadsheet import as_csv
from sim.world.parameters import GROUP_KIND_TABLE, Parameters, declarations, kind_shares
from sim.world.records import ENTITIES

PACKAGE = ROOT / "sim"
_MECHANISM = re.compile(r"\bM(\d+)\b(?:[–-]M(\d+)\b)?")
_ROOMS = (
    *("law", "world", "agents", "agents/crime", "agents/assistance", "agents/investigation", "policy", "policy/levers"),
)


@cache
def code_comments() -> dict[str, str]:
    """Comment of each enumeration member, by `Class.MEMBER`."""
    comments, kind = {f"Body.{row['body']}": row["meaning"] for row in read_table("bodies.csv").rows}, ""
    records = (PACKAGE / "world/records" / f"{name}.py" for name in ("codes", "desks"))
    paths = *records, PACKAGE / "law/vocabulary.py", *sorted(PACKAGE.glob("agents/**/*.py"))
    for path in paths:
        for line in path.read_text(encoding="utf-8").splitlines():
            if begins := re.match(r" *class (\w+)", line):
                kind = begins[1]
            elif member := re.match(r" {4,8}(\w+) = [^#]*  # (.+)", line):
                comments[f"{kind}.{member[1]}"] = member[2].strip()
    return comments


@cache
def described() -> tuple[dict[str, str], dict[str, str]]:
    """Docstrings of the model's modules, and of their functions, by dotted name."""
    modules, rules = dict[str, str](), dict[str, str]()
    paths = [path for room in _ROOMS for path in sorted((PACKAGE / room).glob("*.py"))]
    for path in (*paths, PACKAGE / "simulate.py"):
        name, tree = ".".join(path.relative_to(PACKAGE).with_suffix("").parts), ast.parse(path.read_text("utf-8"))
        modules[name] = ast.get_docstring(tree) or ""
        functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
        rules |= {f"{name}.{node.name}": ast.get_docstring(node) or "" for node in functions}
    return modules, rules


def _names(docstring: str, mechanism: int) -> bool:
    """True if a docstring refers to a mechanism, also within a range such as “M8–M10” or “M8-M10”."""
    ends = ((int(first), int(last or first)) for first, last in _MECHANISM.findall(docstring))
    return any(first <= mechanism <= last for first, last in ends)


def answers() -> dict[EventKind, str]:
    """Names of the rules that handle each kind of event."""
    places = {place.rpartition(".")[2]: place for place in described()[1]}
    return {kind: places[kind.answered_by] for kind in kinds().values()}


TEMPLATE, PAGE, FOLDER = DOCS / "odd.template.md", DOCS / "odd.md", DOCS / "odd"
_MARKER = re.compile(r"^<!-- (table|file|mechanism): (\w+) -->$", re.MULTILINE)
_PAGE = re.compile(r"^<!-- page: (\w+) -->$", re.MULTILINE)
_NOTE = "<!-- Written by `make docs` from odd.template.md and the code; change those. -->\n\n"
#: Mechanisms of the model, by their number in the catalogue. M18, displacement, is measured and not imposed.
MECHANISMS = (*range(1, 18), *range(19, 26))
#: Enumerations of codes that state variables hold, each shown once.
CODES: tuple[type[Enum], ...] = tuple(
    dict.fromkeys(item.unit for entity in ENTITIES for item in entity.fields if not isinstance(item.unit, str))
)


def entities() -> str:
    """Markdown table of the model's tables and their numbers of fields."""
    rows = [(f"`{entity.name}`", len(entity.fields), entity.meaning) for entity in ENTITIES]
    return table_of(pd.DataFrame(rows, columns=["table", "variables", "a row is"]))


def codes() -> str:
    """Markdown table of all enumerations of codes."""
    rows = []
    for kind in CODES:
        comments = (code_comments().get(f"{kind.__name__}.{member.name}", "") for member in kind)
        names = (f"{member.value} {member.name.lower().replace('_', ' ')}" for member in kind)
        words = (f"{name} ({said})" if said else name for name, said in zip(names, comments, strict=True))
        rows.append({"code": f"`{kind.__name__}`", "values": "; ".join(words)})
    return table_of(rows)


def events() -> str:
    """Markdown table of all kinds of event: meaning, and rule that handles it."""
    rows = []
    for kind, place in answers().items():
        happens = code_comments()[f"{type(kind).__name__}.{kind.name}"]
        row = {"event": f"`{kind.name}`", "what happens": happens, "rule": f"`{place}`"}
        rows.append(row | {"what the rule does": " ".join(described()[1][place].split("\n\n")[0].split())})
    return table_of(rows)


def themes() -> str:
    """Markdown table of the themes of parameters."""
    numbers, usual, rows = Counter(name.partition(".")[0] for name, _, _ in declarations()), Parameters(), []
    for theme in (field.name for field in fields(Parameters)):
        rows.append([f"`{theme}`", numbers[theme], " ".join((getdoc(type(getattr(usual, theme))) or "").split())])
    return table_of(pd.DataFrame(rows, columns=["theme", "numbers", "what they are about"]))


def group_kinds() -> str:
    """Markdown table of the kinds of criminal group."""
    rows = [
        {
            "kind": kind.name.replace("_", " "),
            "share of groups that enter": f"{share:.2g}",
            "harm at full capability, USD of 2024 a day": f"{kind.harm_usd_per_day:,.0f}",
            "control nodes with a domain": f"{kind.domain_share:g}",
            "lives as": GROUP_KIND_TABLE[kind.lives_like].name.replace("_", " "),
            "clients of a mean group": f"{kind.clients:,.0f} {'customers' if kind.sells else 'affiliates'}",
            "buys technical services": "yes" if kind.buys_services else "no",
            "some are domestic": "yes" if kind.works_at_home else "no",
            "evidence": "judgement",
        }
        for kind, share in zip(GROUP_KIND_TABLE, kind_shares(Parameters().criminal), strict=True)
    ]
    return table_of(rows)


def providers() -> str:
    """Markdown table of how each large provider answers authorities abroad, with evidence."""
    found = data("provider_answers.csv")[["provider", "answers", "since", "days", "status", "source"]]
    return table_of(found.rename(columns={"days": "published median, days", "status": "evidence"}))


def in_code(mechanism: int) -> str:
    """Text on a mechanism's place in the code: modules, rules and parameters."""
    modules, rules = ([place for place, said in of.items() if _names(said, mechanism)] for of in described())
    if not (rules or modules):
        raise ValueError(f"M{mechanism}: neither a rule nor a module names it in its docstring")
    sources = {name: re.split(r"[,:;\s]+", declared.source) for name, _, declared in declarations()}
    named = [name for name, source in sources.items() if f"M{mechanism}" in source]
    parts = {"Modules": modules, "Rules that name it": rules, "Parameters": named}
    return " ".join(f"*{title}*: `{'`, `'.join(names)}`." for title, names in parts.items() if names)


#: Short tables, which stand in the text.
TABLES = (entities, codes, events, themes, group_kinds, providers)
#: Long ones, each a file of CSV next to the pages, and what a link calls it.
FILES = {outcomes: "outcomes", levers: "levers", parameters: "parameters"}


def render() -> dict[Path, str]:
    """Text of every page and table, by path."""
    template = TEMPLATE.read_text(encoding="utf-8")
    frames = {table.__name__: table() for table in FILES}
    asked = {(match[1], match[2]) for match in _MARKER.finditer(template)}
    made = {("table", table.__name__): table() for table in TABLES}
    made |= {("mechanism", str(number)): in_code(number) for number in MECHANISMS}
    for table, words in FILES.items():
        name = table.__name__
        made["file", name] = f"[All {len(frames[name])} {words} as CSV](odd/{name}.csv)"
    count = sum(len(entity.fields) for entity in ENTITIES)
    made["file", "state_variables"] = f"[All {count} state variables as CSV](../sim/world/records/fields.csv)"
    made["file", "data_files"] = f"[All {len(catalogue())} files of data as CSV](../sim/data/files.csv)"
    if asked != set(made):
        raise ValueError(f"{TEMPLATE.name}: unknown or left out: {sorted(asked ^ set(made))}")
    first, *others = _PAGE.split(_MARKER.sub(lambda match: made[match[1], match[2]], template))
    pages = dict(zip(others[::2], others[1::2], strict=True))
    files = {FOLDER / f"{name}.csv": as_csv(frame) for name, frame in frames.items()}
    below = {FOLDER / f"{name}.md": _NOTE + _below(text) for name, text in pages.items()}
    contents = "\n".join(f"odd/{name}" for name in pages)
    return files | below | {PAGE: f"{_NOTE}{first.rstrip()}\n\n```{{toctree}}\n:hidden:\n\n{contents}\n```\n"}


def _below(text: str) -> str:
    """Text of a part of the template as a separate page, with adapted headings and links."""
    text = re.sub(r"^#(#+ )", r"\1", text.strip() + "\n", flags=re.MULTILINE)
    return re.sub(r"(?<=\]\()(?![#\w]*:)(?!#)", "../", text).replace("](../odd/", "](")


if __name__ == "__main__":
    for place, text in render().items():
        place.write_text(text, encoding="utf-8", newline="")
    sys.stdout.write(f"{PAGE.name} and {FOLDER.name}/ are written\n")
