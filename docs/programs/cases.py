"""Writes docs/cases.md and its figures: `python -m docs.programs.cases`, half an hour of one core."""

import argparse
import sys
from collections.abc import Sequence

from rich.console import Console

from docs.programs import DOCS
from sim.cases.command import (
    SEEDS,
    SEEDS_OF_ALL,
    CaseOptions,
    all_figures,
    case_figures,
    placed,
    simulated,
)
from sim.cases.other_law import Law
from sim.cases.page import LAW_NOTES, all_page, case_chapter
from sim.cases.real_case import case_files, load_case, operations
from sim.report.page.parts import Chapter, markdown_of
from sim.report.style import save, styled

COMMAND = "python -m docs.programs.cases"


def main(words: Sequence[str]) -> None:
    """Runs all operations and the cases that have a file, and writes the page."""
    parser = argparse.ArgumentParser(prog=COMMAND)
    parser.add_argument("--seeds", type=int, default=SEEDS, help="worlds of each case with a file, 0 to leave them out")
    parser.add_argument("--seeds-of-all", type=int, default=SEEDS_OF_ALL, help="worlds of all operations")
    parser.add_argument("--workers", type=int, default=1, help="worker processes")
    arguments = parser.parse_args(words)
    console, record = Console(stderr=True), operations()
    options = CaseOptions(arguments.seeds_of_all, 1, arguments.workers, DOCS, COMMAND)
    results = simulated(placed(record), (Law.AS_IT_WAS,), options, console)
    figures, sections = all_figures(results, record, COMMAND), []
    options = CaseOptions(arguments.seeds, 1, arguments.workers, DOCS, COMMAND)
    for key in case_files() if arguments.seeds else ():
        case = load_case(key)
        found = simulated((case,), tuple(Law), options, console)
        sections.append(case_chapter(found, case))
        figures |= {f"case_{key}_{name}": figure for name, figure in case_figures(found, case, COMMAND).items()}
    more = [*sections, Chapter("Other law", LAW_NOTES)] if sections else []
    text = markdown_of(all_page(results, record, COMMAND, more))
    (DOCS / "cases.md").write_text(text, encoding="utf-8")
    with styled():
        for name, figure in figures.items():
            save(figure, DOCS / "figures", name)


if __name__ == "__main__":
    main(sys.argv[1:])
