"""Sections of report pages, and the registry to which modules add their own.

A function of a page's view becomes a section of some pages with a line above it:

    @section("How far cases come", 30, figures=("turnaround_by_stage",))
    def funnel(view: View) -> str:

It returns Markdown. What has nothing below its heading is left out of a page.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sim.experiments.light import LeftOutError
from sim.report.page.parts import Chapter, Exhibit, Fold


class PageKind(StrEnum):
    """Kinds of report page, for which sections are registered."""

    RUN = "run"
    COMPARE = "compare"
    ABLATE = "ablate"
    REGRET = "regret"
    LEAGUE = "league"
    PORTFOLIO = "portfolio"
    CASE = "case"
    WHAT_IF = "what-if"


#: Pages of studies that compare policies with today or show one scenario, with all figures.
STUDIES = (PageKind.COMPARE, PageKind.RUN)


def nothing(_: Any) -> str:
    """Empty text, for a report section without text."""
    return ""


def no_folds(_: Any) -> tuple[Fold, ...]:
    """Empty tuple, for a report section without collapsible sections."""
    return ()


@dataclass(frozen=True)
class Section:
    """A section of pages under one heading: text and tables, figures, collapsible sections."""

    title: str  # plain heading
    order: int  # sections stand by this number, whichever page they are on
    text: Callable[[Any], str] = nothing  # Markdown, from the view of the page
    figures: tuple[str, ...] = ()  # names of its figures, in their order
    folds: Callable[[Any], Iterable[Fold]] = no_folds
    pages: tuple[PageKind, ...] = (PageKind.COMPARE,)
    annex: bool = False  # whether it belongs to the annex, which begins on a page of its own in print
    key: str = ""  # its name on the what-if page

    def chapter(self, view: Any, exhibits: Callable[[Sequence[str]], tuple[Exhibit, ...]]) -> Chapter:
        """Makes the section as it appears on a page, with its drawn figures.

        In a light study that lacks a table of the section, it says so and where the whole study is.
        """
        try:
            folds = tuple(self.folds(view))
            return Chapter(self.title, self.text(view), exhibits(self.figures), folds, annex=self.annex)
        except LeftOutError as error:
            return Chapter(self.title, f"This section is {error.problem}: {error.fix}", annex=self.annex)


_SECTIONS: list[Section] = []
_FAMILIES: list[tuple[PageKind, Callable[[Any], Iterable[Section]]]] = []


def register(*sections: Section) -> None:
    """Registers sections for the pages that they name."""
    _SECTIONS.extend(sections)


def section(title: str, order: int, **options: Any) -> Callable[[Callable[[Any], str]], Callable[[Any], str]]:
    """Decorator that registers a function as the text of a report section."""

    def add(text: Callable[[Any], str]) -> Callable[[Any], str]:
        register(Section(title, order, text, key=text.__name__, **options))
        return text

    return add


def family(page: PageKind) -> Callable[[Callable[[Any], Iterable[Section]]], Callable[[Any], Iterable[Section]]]:
    """Decorator that registers a function which returns several sections, such as one per place or policy."""

    def add(give: Callable[[Any], Iterable[Section]]) -> Callable[[Any], Iterable[Section]]:
        _FAMILIES.append((page, give))
        return give

    return add


def sections_of(page: PageKind, view: Any = None) -> list[Section]:
    """Sections of a page in order; without a view, sections that depend on its content are left out."""
    known = [one for one in _SECTIONS if page in one.pages]
    if view is not None:
        known += [one for owner, give in _FAMILIES if owner is page for one in give(view)]
    return sorted(known, key=lambda one: one.order)


def chapters(
    page: PageKind, view: Any, exhibits: Callable[[Sequence[str]], tuple[Exhibit, ...]]
) -> tuple[Chapter, ...]:
    """All sections of a page below its first screen."""
    return tuple(one.chapter(view, exhibits) for one in sections_of(page, view))
