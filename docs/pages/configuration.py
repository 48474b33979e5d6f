"""Generates the page of the configuration from its dataclasses and the files in conf/."""

from dataclasses import fields
from inspect import getdoc
from typing import Any

from docs.pages.docstrings import attributes
from docs.pages.links import ROOT
from sim.experiments.settings import Ablation, Execution, Sweep
from sim.report.marking import markdown_table, marked
from sim.world.parameters import WorldSpec, declarations

_INTRODUCTION = """\
# Configuration

Every command that simulates takes words `key=value`, for any key of this page, in
[Hydra's grammar](https://hydra.cc/docs/advanced/override_grammar/basic/): `world.groups=100`,
`world.states=[DEU,FRA]`, `desk.court_wait_days=150`. A word `world=tiny` or
`uncertainty=overloaded_courts` takes a whole file of `conf/` instead of the default one. A key or value that cannot be
is one message and exit code 2. `config.yaml` in a results folder holds the values of that run.

A user's own files cannot be added to `conf/` of an installed Comity: give the words, or write a
[scenario](scenarios.md).
"""
_SECTIONS: tuple[tuple[str, type[Any]], ...] = (
    ("world", WorldSpec),
    ("execution", Execution),
    ("sweep", Sweep),
    ("ablation", Ablation),
)
_UNCERTAINTIES = """\
## `uncertainty`

The {count} numbers of the model that nobody controls are keys of this theme, such as
`desk.court_wait_days`; the key in full, `uncertainty.desk.court_wait_days`, is what files and Hydra have.
[Parameters](../odd/parameters.md) has unit, allowed and plausible range with its reason, meaning, source and evidence
of each, and says what each theme is about.
"""


def page() -> str:
    """Text of the page of the configuration, in Markdown."""
    sections = [_section(prefix, section) for prefix, section in _SECTIONS]
    return (
        "\n\n".join([_INTRODUCTION, *sections, _UNCERTAINTIES.format(count=len(list(declarations()))), _files()]) + "\n"
    )


def _section(prefix: str, section: type[Any]) -> str:
    """Table of the fields of a dataclass: key, default and meaning."""
    meanings, made = attributes(section), section()
    rows = [
        (f"`{prefix}.{item.name}`", f"`{_written(getattr(made, item.name))}`", marked(meanings[item.name]))
        for item in fields(section)
        if item.name in meanings and f"{prefix}.{item.name}" not in dict(_SECTIONS)
    ]
    says = marked((getdoc(section) or "").splitlines()[0])
    return f"## `{prefix}`\n\n{says}\n\n{markdown_table(('key', 'default', 'meaning'), rows, ())}"


def _written(value: Any) -> str:
    """Text of a default value as users type it."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if value != "" else "''"


def _files() -> str:
    """Listings of the files in conf/."""
    parts = ["## Files of `conf/`"]
    folder = ROOT / "conf"
    for file in sorted(folder.rglob("*.yaml")):
        name, text = file.relative_to(folder).as_posix(), file.read_text(encoding="utf-8").rstrip()
        parts.append(f"```{{code-block}} yaml\n:caption: conf/{name}\n\n{text}\n```")
    return "\n\n".join(parts)
