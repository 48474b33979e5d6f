"""Writes reports: one HTML page for a view, or the folder of a finished study.

A page is a first screen and a loop over registered sections (`sim.report.pages`, `sim.report.section`). The folder,
with tables, figures and summary, appears when it is whole.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Console
from rich.table import Table

from sim.experiments import store
from sim.experiments.control import counting
from sim.experiments.study import Study
from sim.report.draw import draw_all
from sim.report.folder import made_of, question, seal_tables, write_tables
from sim.report.page.parts import rendered, write_manifest, write_page
from sim.report.pages import page_of, publication
from sim.report.view import View

_UNFOLDED = 10_000  # letters of a line that nothing is folded to


def html_of(view: View) -> str:
    """The HTML text of a study's report, with all figures that have data."""
    with TemporaryDirectory() as folder:
        place = Path(folder)
        drawn = draw_all(view, place, lambda _: None, publication(view).pictures(view), png=False)
        found = {path.stem: path.read_text("utf-8") for path in place.glob("*.svg")}
        return rendered(page_of(view, drawn, made_of(view)), found)


def print_answer(place: Path, quiet: bool, *answer: str | Table) -> None:
    """Prints an answer and the path of its report to standard output, where no progress messages appear.

    A terminal folds what is longer than its lines; a pipe or a file gets each paragraph, and each row, on one line.
    """
    out = Console(quiet=quiet, markup=False, emoji=False, highlight=False)
    if not out.is_terminal:
        out.width = _UNFOLDED
    for part in answer:
        out.print(part, soft_wrap=not out.is_terminal)
    out.print(f"Report: {place / store.REPORT}", soft_wrap=True)


def write_report(
    view: View,
    study: Study,
    made: Mapping[str, Any],
    console: Console,
    old: Path | None = None,
    *,
    early: Callable[[int], None] | None = None,
) -> Path:
    """Writes a report's folder with its study's manifest, in place of an older folder; returns its path.

    An early one is soon replaced: its figures are SVG alone, which takes half as long, and `early`, called after each,
    ends it by raising.
    """
    experiment, form = view.experiment, publication(view)
    figures = form.pictures(view)
    with store.writing(experiment.results, store.run_name(question(experiment, view.design)), old) as run:
        # All are saved here: processes of their own would import matplotlib again, and read what is made here already.
        with counting(console, "Writing tables and figures", len(figures) + 1, experiment.quiet) as advance:
            write_tables(run.folder, view, study, form.tables)
            advance(1)
            drawn = draw_all(view, run.folder / store.FIGURES, early or advance, figures, png=not early)
        made = seal_tables(run.folder, view, study, made)
        write_page(page_of(view, drawn, made), run.folder, kind="svg" if early else "png")
        write_manifest(made, run.folder)
    return run.place
