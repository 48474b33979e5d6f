"""Text of whole reports, for tests."""

from typing import Any

import pandas as pd

from sim.experiments.results import Results
from sim.report.page.parts import Page
from sim.report.pages import page_of
from sim.report.view import View


def words_of(page: Page) -> str:
    """Text of a page: title, sentences, and Markdown of sections, captions and collapsible sections."""
    parts = [page.title, *page.answer, *page.notes]
    for section in filter(lambda section: section.holds, page.sections):
        folds = [figure.fold for figure in section.figures if figure.fold is not None]
        parts += [f"## {section.title}", section.markdown]
        parts += [f"{figure.title} {figure.caption}" for figure in section.figures]
        parts += [f"### {fold.title}\n\n{fold.markdown}" for fold in (*folds, *section.folds)]
    return "\n\n".join([*filter(None, parts), *(f"{name}: {value}" for name, value in page.manifest.items())])


def report_text(view: View) -> str:
    """The complete report of a view, without figures."""
    return words_of(page_of(view, ()))


def with_results(view: View, outcomes: pd.DataFrame | None = None, **breakdowns: pd.DataFrame) -> View:
    """A view with other outcomes or breakdowns."""
    held = view.results
    results = Results(held.outcomes if outcomes is None else outcomes, held.breakdowns | breakdowns, ())
    return View(view.experiment, view.design, results)


def altered(view: View, **found: Any) -> View:
    """A view with some computed results replaced, such as differences or contributions.

    What takes long and follows from the results alone is not found again.
    """
    made = View(view.experiment, view.design, view.results)
    same = ("differences", "contributions", "countries", "in_force", "arms")
    made.__dict__.update({name: getattr(view, name) for name in same} | found)
    return made
