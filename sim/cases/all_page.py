"""The page of all operations on record, docs/cases.md: coverage, PIT histogram, and each operation."""

from collections.abc import Sequence
from string import Template

import numpy as np
import pandas as pd

from sim.cases.answer import all_sentences
from sim.cases.expected import MEASURES, acted_share, expectations
from sim.cases.page import LIMITS, coverage_table, operations_table
from sim.cases.real_case import RealCase
from sim.cases.scoring import FEWEST, FEWEST_DRAWS, NOMINAL
from sim.report.marking import code, marked

_PAGE = Template("""\
# Operations on record, as the model expected them

$answer

## What was asked

Made by $command.

Every operation of sim/data/operations.csv whose group can be placed in time is planted in one world
on its own dates, under the law of each day, and left to the model's rules. Nothing is fitted to the record. $number
operations in $worlds worlds, several groups for each in every world.

## What was found

$short

## Coverage of predictive intervals

Of a model that is right, 80 % intervals hold about 80 % of what happened, and 95 % intervals about 95 %; counts a
little more, since ends are included. In brackets: exact 95 % interval of the share. Operations are counted whose
measure is on record and of which enough groups were taken down in the model: $fewest for an interval of 80 %, $most
for one of 95 %.

$coverage

![PIT histogram](figures/cases_pit.png)

![Intervals](figures/cases_intervals.png)

## Each operation

Record / median of the model (percentile of what happened). “Taken down”: share of groups, within five years of the
recorded action. A star: fewer than $fewest draws, left out above.

$operations

$missing

## What it rests on

$limits
- Operations without a recorded opening: the model opens a case by itself, and only states and arrests are compared,
  given that the group was taken down.
- Flags: `recalled_fields` in sim/data/operations.csv; most dates of opening are verified, their meaning differs
  (`inv_start_basis`): some are those of a joint team or of an infiltration, so that the true opening was earlier.
- All groups live in the same worlds: some thirty more groups at a time than the 300 of the default world.
$more""")


def all_page(results: pd.DataFrame, record: Sequence[RealCase], command: str, more: str = "") -> str:
    """The page.

    Args:
        results: as `frame_of` gives them.
        record: all operations, those included that cannot be placed in time.
        command: as typed.
        more: further sections.
    """
    placed = [case for case in record if case.planted is not None]
    names = ", ".join(marked(case.title) for case in record if case.planted is None) or "none"
    return _PAGE.substitute(
        answer="\n\n".join(map(marked, all_sentences(results, placed))),
        command=code(command),
        number=len(placed),
        worlds=results["seed"].nunique(),
        short="\n".join(f"- {line}" for line in _short(results, placed)),
        fewest=FEWEST_DRAWS,
        most=max(FEWEST.values()),
        coverage=coverage_table(results, placed),
        operations=operations_table(results, placed),
        missing=f"Not placed, since neither the group's first day nor the opening is on record: {names}.",
        limits=LIMITS.rstrip(),
        more=f"\n{more}" if more else "",
    )


def _short(results: pd.DataFrame, placed: Sequence[RealCase]) -> list[str]:
    """What was found, point by point."""
    shares = np.array([acted_share(results, case) for case in placed])
    lines = [
        f"The model takes {100 * np.nanmean(shares):.0f} % of these groups down within five years of the recorded "
        f"action; in reality all were, since the record holds nothing else.",
    ]
    for measure, label in MEASURES.items():
        known = expectations(results, placed, measure)
        if not known:
            continue
        held = []
        for probability in NOMINAL:
            enough = [entry for entry in known if entry.has(probability)]
            inside = sum(entry.holds(probability) for entry in enough)
            if enough:
                held.append(f"{inside} of {len(enough)} inside the {100 * probability:.0f} % interval")
        middle = np.median([entry.standing.percentile for entry in known])
        lean = "mostly more than" if middle > 55 else "mostly less than" if middle < 45 else "about as much as"
        lines.append(
            f"{label[:1].upper()}{label[1:]}: {', '.join(held)}. "
            f"What happened was {lean} the model expected (median percentile {middle:.0f})."
        )
    return lines
