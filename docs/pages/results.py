"""Generates the page of results: files of a results folder, and columns of its tables."""

from collections.abc import Mapping
from types import MappingProxyType

from docs.pages.docstrings import attributes
from sim.experiments.parts import experiment_schema
from sim.report.marking import markdown_table, marked
from sim.results.effects import OWN, PairedEffect
from sim.world.records import ENTITIES, GROWING

#: What is in the folder of a report.
FILES: Mapping[str, str] = MappingProxyType(
    {
        "summary.md": "The answer in words, with figures: begin here.",
        "report.html": "The same as one page that needs no other file.",
        "outcomes.parquet": "One row per scenario and seed, one column per [outcome](outcomes.md). Read this one.",
        "outcomes.csv": "The same, for a spreadsheet.",
        "levels.csv": "The mean of each outcome under each scenario, with its interval and the number of replicates.",
        "parameter_sets.csv": "One row per parameter set of the study, one column per parameter that the sets draw.",
        "codebook.csv": "Each column of these tables: unit, meaning, and what an empty cell says.",
        "differences.csv": "Each outcome of each scenario against the baseline, with intervals: columns below.",
        "countries.csv": "The same for single states. What rests on too few events has no interval, and says so.",
        "costs.csv": "What each policy commits, and what that buys, with intervals; why a ratio is withheld.",
        "displacement.csv": "How much of what a policy drives away comes back elsewhere.",
        "conclusions.csv": "Ablations: each difference with every mechanism, and without one.",
        "league.csv": "Leagues: place, group, levels, differences and price of each policy.",
        "portfolio.csv": "Portfolios: the dose of each measure in the best ones, money, and which sets would buy it.",
        "checked.csv": "The best portfolios: what the emulator said beside what runs measure.",
        "design.parquet": "Every run from which the emulator learnt, with its doses.",
        "regret.csv": "Studies of regret: each way to decide beside the best plan in hindsight.",
        "breakdowns/": "One Parquet file per table by channel, stage, state or year: [breakdowns](outcomes.md).",
        "figures/": "Every figure as SVG and PNG.",
        "events/": "With `--events`: every request, case, action and so on, one folder of Parquet parts each.",
        "config.yaml": "The whole configuration: [its keys](configuration.md).",
        "manifest.json": "The command, seeds, code version, hashes of inputs, packages, time and failures.",
        "SHA256SUMS": "The sum of every file: `comity verify FOLDER` names what was changed. It is written last.",
        "study.yaml": "The design, and how to read the tables; written before the first run.",
        "runs/": "The store of single runs, from which everything above is made: see below.",
        "left_out.csv": "Light studies, such as `results/reference`: files of the whole study that this one lacks.",
        "pooled.json": "Light studies: what pages and figures take from the files that are left out.",
        "countries.csv.xz": "Light studies: the policies of `countries.csv`, to six digits.",
        "log.txt": "Start, stop and resume, and one line per failure.",
    }
)
_INTRODUCTION = """\
# Results

A folder appears under `results/` when it is whole; until then its name begins with a dot. Files are plain: Parquet,
CSV, YAML, JSON, Markdown, SVG and PNG. A missing value is empty in CSV and NaN in pandas. Shares are numbers from 0 to
1, times are days or months as the unit says, money is in millions of euros or billions of US dollars of 2024.

## A report's folder

{files}

What does not apply to a command is not there: a single run has no differences.
"""
_STORE = """\
## The store of runs

`runs/` of a report, and the folder of a sweep itself, hold tables as folders of Parquet parts with one schema each;
[sweeps](../sweeps.md) says how they are written and resumed.

- `experiments/`: one row per run, {columns}. Axes of a sweep stand in between under their own keys.
- `outcomes/`: one row per run that succeeded: `run`, `point`, `scenario`, `seed`, the axes, and every outcome.
- `breakdowns/NAME/`: tables that were asked for with `sweep.breakdowns`.
- `events/NAME/`: with `--events`.

The id `run` is a hash of configuration, seed, inputs and code: the same run has the same id in every study.
"""
_EVENTS = """\
## Event tables

With `--events`, each of these tables is kept, with the columns `block`, `scenario` and `seed` in front.
[The description of the model](../odd/entities.md) lists every column with its unit.

{tables}
"""


def page() -> str:
    """Text of the page of results, in Markdown."""
    files = markdown_table(("file", "what it holds"), [(f"`{name}`", says) for name, says in FILES.items()], ())
    columns = ", ".join(f"`{name}`" for name in experiment_schema((), "").names)
    events = [(f"`{entity.name}`", marked(entity.meaning)) for entity in ENTITIES if entity.name in GROWING]
    parts = (
        _INTRODUCTION.format(files=files),
        _differences(),
        _STORE.format(columns=columns),
        _EVENTS.format(tables=markdown_table(("table", "a row is"), events, ())),
    )
    return "\n".join(parts)


def _differences() -> str:
    """Table of the columns of differences.csv."""
    rows = [(f"`{name}`", marked(says)) for name, says in attributes(PairedEffect).items() if name not in OWN]
    return f"## Columns of `differences.csv`\n\n{markdown_table(('column', 'meaning'), rows, ())}\n"
