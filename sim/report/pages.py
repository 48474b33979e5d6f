"""Reports on all kinds of study: a first screen, then the registered sections.

A section is registered in a module that is imported here, next to its frame and its words (`sim.report.section`).
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import pandas as pd

from sim.report import comparison, league, questions
from sim.report.draw import ABLATION_FIGURES, FIGURES, REGRET_FIGURES, Picture, exhibits, side_pictures
from sim.report.headline import sentences
from sim.report.page.parts import Page
from sim.report.section import PageKind, chapters
from sim.report.view import TABLES, View


def _of_policies(view: View) -> Mapping[str, Picture]:
    """Figures of a comparison by file name, with one for each place that the user asked about."""
    return {**FIGURES, **side_pictures(view.experiment.places)}


class Publication(NamedTuple):
    """Functions and texts that make the report on one kind of study: first screen, answer, and figures."""

    # the page above its sections: of a view, and of the manifest of its folder, if it has one
    head: Callable[[View, Mapping[str, Any] | None], Page]
    sentences: Callable[[View], Sequence[str]]  # the answer
    answer: Callable[[View], Sequence[str]]  # lines for a terminal
    pictures: Callable[[View], Mapping[str, Picture]]  # what is drawn, by file name
    # what is written next to outcomes and breakdowns, by file
    tables: Mapping[str, Callable[[View], pd.DataFrame]] = TABLES


PUBLICATIONS: Mapping[PageKind, Publication] = {
    PageKind.COMPARE: Publication(comparison.head, sentences, comparison.answer_in_short, _of_policies),
    PageKind.RUN: Publication(comparison.head_of_run, sentences, comparison.answer_in_short, _of_policies),
    PageKind.ABLATE: Publication(
        questions.ablation_head, *2 * (questions.ablation_sentences,), lambda _: ABLATION_FIGURES
    ),
    PageKind.REGRET: Publication(questions.regret_head, *2 * (questions.regret_sentences,), lambda _: REGRET_FIGURES),
    PageKind.LEAGUE: Publication(league.head, *2 * (league.sentences,), lambda _: league.LEAGUE_FIGURES, league.TABLES),
}


def kind_of(view: View) -> PageKind:
    """Kind of report page for a study; a comparison of one scenario gets a run's page."""
    kind = PageKind(view.design.plan.kind.value)
    both = PageKind.COMPARE, PageKind.RUN
    return both[not view.compared] if kind in both else kind


def publication(view: View) -> Publication:
    """Finds the functions and texts that make the report for a view's kind of study."""
    return PUBLICATIONS[kind_of(view)]


def page_of(
    view: View, drawn: Collection[str], made: Mapping[str, Any] | None = None, kind: PageKind | None = None
) -> Page:
    """Makes the page of a report on a study, with the figures that were drawn."""
    kind = kind or kind_of(view)
    head, pictures = PUBLICATIONS[kind].head, PUBLICATIONS[kind].pictures(view)

    def exhibits_of(names: Sequence[str]) -> Any:
        return exhibits(view, drawn, {name: pictures[name] for name in names if name in pictures})

    return replace(head(view, made), sections=chapters(kind, view, exhibits_of))
