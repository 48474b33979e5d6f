"""Generates the page of keys of a scenario file from its schema."""

import types
from collections.abc import Iterator
from enum import Enum
from inspect import getdoc
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from sim.policy import schema
from sim.report.marking import markdown_table, marked

_INTRODUCTION = """\
# Keys of a scenario file

This page is written from the schema by which scenario files are read. [Writing a scenario](scenarios.md) explains the
keys by examples, [the levers](levers.md) are what `lever` can name. A key that is not on this page is a mistake, which
the message names together with the nearest key.

Days are written as `2027-01-01`. They lie between {first} and {last}, and changes begin on the first policy day or
later. Texts may have 4,000 characters, a title 100, a short title 44.
"""
#: Entries in the order in which a reader meets them, and the key below which each is.
_ENTRIES: tuple[tuple[str, type[BaseModel]], ...] = (
    ("The file", schema.ScenarioFile),
    ("An entry of `changes`", schema.ChangeEntry),
    ("`phased`: one state after another", schema.Phased),
    ("`process`: a course of law", schema.ProcessEntry),
    ("`pairs`: which states ask which", schema.Pairs),
    ("An entry of `costs`", schema.CostEntry),
    ("`monitor`: a policymaker who reviews", schema.MonitorEntry),
    ("An entry of `measures`", schema.MeasureEntry),
)


def page() -> str:
    """Text of the page of scenario files, in Markdown."""
    parts = [_INTRODUCTION.format(first=schema.FIRST_DAY, last=schema.LAST_DAY)]
    for heading, entry in _ENTRIES:
        rows = [_row(name, field) for name, field in entry.model_fields.items()]
        says = (getdoc(entry) or "").splitlines()[0]
        parts.append(f"## {heading}\n\n{says}\n\n{markdown_table(('key', 'value', 'needed', 'default'), rows, ())}")
    return "\n\n".join(parts) + "\n"


def _row(name: str, field: FieldInfo) -> tuple[str, str, str, str]:
    """Row of the table for one key: name, kind of value, if it is required, and default."""
    needed = field.is_required()
    default = "" if needed else _written(field.get_default(call_default_factory=True))
    return f"`{field.alias or name}`", _kind(field.annotation), "yes" if needed else "", default


def _written(default: Any) -> str:
    """Text of a default value as users write it; empty for none."""
    if default in (None, (), {}):
        return ""
    if isinstance(default, bool):
        return "`yes`" if default else "`no`"
    if isinstance(default, Enum):
        return f"`{default.value}`"
    return marked(", ".join(default) if isinstance(default, tuple) else str(default))


def _kind(annotation: Any) -> str:
    """Text of the kinds of value that a key takes."""
    return " or ".join(dict.fromkeys(_kinds(annotation)))


def _kinds(annotation: Any) -> Iterator[str]:
    """Yields the text of each kind of value that a key takes."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if annotation is type(None):
        return
    if origin is Annotated:
        yield from _kinds(arguments[0])
    elif origin in (Union, types.UnionType):
        for argument in arguments:
            yield from _kinds(argument)
    elif origin is tuple:
        yield f"list of {_plural(arguments[0])}"
    elif origin is dict:
        yield "keys with a value each"
    elif isinstance(annotation, type) and issubclass(annotation, Enum):
        yield "one of " + ", ".join(f"`{member.value}`" for member in annotation)
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield "keys of its own, below"
    else:
        yield {"date": "day", "bool": "`yes` or `no`", "str": "text"}.get(annotation.__name__, annotation.__name__)


def _plural(annotation: Any) -> str:
    """Text of the kind of values in a list."""
    while get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    return "entries, below" if isinstance(annotation, type) and issubclass(annotation, BaseModel) else "texts"
