"""The page of all operations on record, docs/cases.md: coverage, PIT histogram, and each operation."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from sim.cases.expected import MEASURES, acted_share, expectation, expectations, of_case
from sim.cases.page import LIMITS, whole
from sim.cases.real_case import RealCase
from sim.cases.scoring import FEWEST, FEWEST_DRAWS, NOMINAL, share_interval
from sim.report.marking import markdown_table, marked
from sim.report.page.parts import Chapter, Exhibit, Page, made_by
from sim.results.words import counted, listing

_ASKED = """\
Every operation of sim/data/operations.csv whose group can be placed in time is planted in one world on its own dates,
under the law of each day, and left to the model's rules. Nothing is fitted to the record. {number} operations in
{worlds} worlds, several groups for each in every world."""
_COVERAGE = f"""\
Of a model that is right, 80 % intervals hold about 80 % of what happened, and 95 % intervals about 95 %; counts a
little more, since ends are included. In brackets: exact 95 % interval of the share. Operations are counted whose
measure is on record and of which enough groups were taken down in the model: {FEWEST_DRAWS} for an interval of 80 %,
{max(FEWEST.values())} for one of 95 %."""
_EACH = f"""\
Record / median of the model (percentile of what happened). “Taken down”: share of groups, within five years of the
recorded action. A star: fewer than {FEWEST_DRAWS} draws, left out above."""
_OPERATIONS = """\
- Operations without a recorded opening: the model opens a case by itself, and only states and arrests are compared,
  given that the group was taken down.
- Flags: `recalled_fields` in sim/data/operations.csv; most dates of opening are verified, their meaning differs
  (`inv_start_basis`): some are those of a joint team or of an infiltration, so that the true opening was earlier.
- All groups live in the same worlds: some thirty more groups at a time than the 300 of the default world."""


def all_page(results: pd.DataFrame, record: Sequence[RealCase], command: str, more: Sequence[Chapter] = ()) -> Page:
    """The page.

    Args:
        results: as `frame_of` gives them.
        record: all operations, those included that cannot be placed in time.
        command: as typed.
        more: further chapters.
    """
    placed = [case for case in record if case.planted is not None]
    names = ", ".join(marked(case.title) for case in record if case.planted is None) or "none"
    missing = f"Not placed, since neither the group's first day nor the opening is on record: {names}."
    figures = (Exhibit("PIT histogram", "cases_pit"), Exhibit("Intervals", "cases_intervals"))
    sections = (
        Chapter("What was asked", _ASKED.format(number=len(placed), worlds=results["seed"].nunique())),
        Chapter("Coverage of predictive intervals", f"{_COVERAGE}\n\n{coverage_table(results, placed)}", figures),
        Chapter("Each operation", f"{_EACH}\n\n{operations_table(results, placed)}\n\n{missing}"),
        Chapter("What it rests on", f"{LIMITS}\n{_OPERATIONS}"),
        *more,
    )
    title = "Operations on record, as the model expected them"
    return Page(title, all_sentences(results, placed), sections=sections, manifest=made_by(command))


def all_sentences(results: pd.DataFrame, placed: Sequence[RealCase]) -> tuple[str, str, str]:
    """The answer on all operations, plain text.

    Args:
        results: as `frame_of` gives them, under the law as it was.
        placed: operations that were set in the model.
    """
    held = [_held(results, placed, measure, label) for measure, label in MEASURES.items()]
    shares = np.array([acted_share(results, case) for case in placed])
    return (
        f"Operations on record ({len(placed)}) were set in {counted(results['seed'].nunique(), 'world')} of the model "
        "under the law of their days, with nothing fitted to them.",
        f"The model's 80 % intervals hold {listing([words for words in held if words])}."
        if any(held)
        else "Too few groups were taken down in the model to compare anything with the record.",
        f"Brackets hold chance; the model takes {100 * np.nanmean(shares):.0f} % of these groups down, "
        "in reality all were, since the record holds successes alone.",
    )


def _held(results: pd.DataFrame, placed: Sequence[RealCase], measure: str, label: str) -> str:
    """How many operations the 80 % interval of a measure holds, with the exact interval of that share."""
    enough = [entry for entry in expectations(results, placed, measure) if entry.has(NOMINAL[0])]
    if not enough:
        return ""
    hits = sum(entry.holds(NOMINAL[0]) for entry in enough)
    low, high = (100.0 * end for end in share_interval(hits, len(enough)))
    return f"{hits} of {len(enough)} for {label} ({low:.0f} to {high:.0f} %)"


def coverage_table(results: pd.DataFrame, cases: Sequence[RealCase]) -> str:
    """Coverage of the nominal intervals by measure."""
    rows = []
    for measure, label in MEASURES.items():
        known = expectations(results, cases, measure)
        cells = []
        for probability in NOMINAL:
            enough = [entry for entry in known if entry.has(probability)]
            hits = sum(entry.holds(probability) for entry in enough)
            low, high = share_interval(hits, len(enough))
            share = whole(hits / max(len(enough), 1))
            span = f"{hits} of {len(enough)}: {share} ({100 * low:.0f}–{100 * high:.0f} %)"
            cells.append(span if enough else "too few draws")
        below = sum(entry.recorded is not None and entry.standing.percentile < 50.0 for entry in known)
        middle = np.median([entry.standing.percentile for entry in known]) if known else float("nan")
        rows.append([label, str(len(known)), *cells, f"{middle:.0f}", f"{below} of {len(known)}"])
    head = ["", "operations", "80 % interval holds", "95 % interval holds", "median percentile", "below the middle"]
    return markdown_table(head, rows)


def operations_table(results: pd.DataFrame, cases: Sequence[RealCase]) -> str:
    """One row per operation: how often the model acts, then record, median and percentile by measure."""
    rows = []
    for case in cases:
        cells = []
        for measure in MEASURES:
            entry = expectation(results, case, measure)
            if entry.recorded is None or not entry.draws.size:
                cells.append("–")
                continue
            mark = "" if entry.draws.size >= FEWEST_DRAWS else " *"
            cells.append(f"{entry.recorded:.0f} / {np.median(entry.draws):.0f} ({entry.standing.percentile:.0f}){mark}")
        draws = int(of_case(results, case)["acted"].sum())
        rows.append([marked(case.title), f"{case.acted:%Y}", whole(acted_share(results, case)), str(draws), *cells])
    head = ["operation", "year", "taken down", "draws", *(label for label in MEASURES.values())]
    return markdown_table(head, rows, {1, 2, 3, 4, 5, 6})
