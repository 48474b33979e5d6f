"""Sections of the what-if page, in order, each with the function that makes its HTML.

Sections of reports that are registered for `PageKind.WHAT_IF` stand among them, once all pairs are there.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from sim.policy.places import Place
from sim.report.figures.curves import describe_turnaround_curves
from sim.report.section import PageKind, Section, sections_of
from sim.report.view import View
from sim.web import reading
from sim.web.reading import COSTS, SHOWN, PolicyAnswer


@dataclass(frozen=True)
class LiveAnswer:
    """State of a comparison, from which the page's sections are made."""

    known: Sequence[PolicyAnswer]
    names: Sequence[str]  # of the policies, in tables
    piece: Any  # macros of the page
    view: View | None = None  # the pairs so far; None for a stored answer
    places: tuple[Place, ...] = ()  # that were asked about

    @property
    def pairs(self) -> View:
        """View of the runs so far, for sections that need tables."""
        assert self.view is not None  # noqa: S101 - sections of stored answers do not ask
        return self.view

    @property
    def few(self) -> bool:
        """True if there are too few pairs of runs for intervals."""
        return self.known[0].few

    @property
    def ends(self) -> bool:
        """True if all runs are complete, and enough for intervals."""
        return self.known[0].finished and not self.few


@dataclass(frozen=True)
class LiveSection:
    """A section of the what-if page, updated as results arrive."""

    key: str  # id of its place
    title: str
    order: int
    draw: Callable[[LiveAnswer], Any]  # HTML
    note: str = ""  # how to read it
    stored: bool = False  # whether a stored answer is enough for it


def _outcomes(answer: LiveAnswer, keys: Sequence[str]) -> Any:
    """HTML table of outcomes, with a row each."""
    return answer.piece.outcomes([[one.effects[key] for one in answer.known] for key in keys], answer.names)


def _answered(answer: LiveAnswer) -> Any:
    """HTML of the curves of requests answered by month."""
    described = describe_turnaround_curves(answer.pairs) if answer.ends else ""
    return answer.piece.answered(reading.curves(answer.pairs), answer.few, described)


def _stages(answer: LiveAnswer) -> Any:
    """HTML table of days that an answered request spends in each stage."""
    days = [[one.effects[about.key] for one in answer.known] for about in reading.STAGE_DAYS.values()]
    longest = np.nanmax([(one.baseline_mean, one.scenario_mean) for row in days for one in row], initial=1.0)
    return answer.piece.stages(days, answer.names, longest)


#: What stands in a section before its texts are there.
GAINS = "Differences by income and region of states stand here once all pairs are there."
_PAIRS = "What changes there stands here from five pairs on, with what it gains and pays once all pairs are there."
_PLACES = (
    "Name states or groups, such as BRA, ASEAN or African Union, to see their own requests, the help that they give, "
    "takedowns that they lead, losses, cost, and the partners at which their requests wait."
)


def _gains(answer: LiveAnswer) -> Any:
    """HTML tables of gains and payments by group of states."""
    return answer.piece.texts(reading.gains(answer.pairs) if answer.ends else (), GAINS)


def _places(answer: LiveAnswer) -> Any:
    """HTML on each place that the user asked about."""
    places = answer.places
    sides = reading.sides(answer.pairs, places, answer.ends) if places and not answer.few else ()
    return answer.piece.texts(sides, _PAIRS if places else _PLACES)


_LIVE = (
    LiveSection("effects", "What changes", 10, partial(_outcomes, keys=SHOWN), stored=True),
    LiveSection(
        "answers",
        "How long does mutual legal assistance take?",
        20,
        _answered,
        "Share of requests through central authorities that are\nanswered by a month after sending. "
        "Requests that are never answered are left out; they stand above.",
    ),
    LiveSection(
        "stages",
        "Where does the time go?",
        30,
        _stages,
        "Mean days that an answered request spends in each stage.",
    ),
    LiveSection(
        "gains",
        "Who gains, and who pays",
        40,
        _gains,
        "In a world, over the policy years, by income and region of states. Gains\nfirst, then burdens: cost of the "
        "policy, of work, hours for others, and accounts handed over by custodians there.",
    ),
    LiveSection("places", "For single states and groups", 50, _places),
    LiveSection("costs", "What it costs, in rights and money", 60, partial(_outcomes, keys=COSTS), stored=True),
)


def _of_report(one: Section) -> LiveSection:
    """Makes a section of the what-if page from a section of reports."""

    def draw(answer: LiveAnswer) -> Any:
        texts = [(one.title, one.text(answer.pairs))] if answer.ends else ()
        return answer.piece.texts(texts, f"{one.title} stands here once all pairs are there.")

    return LiveSection(one.key, one.title, one.order, draw)


def live_sections() -> list[LiveSection]:
    """All sections of the what-if page, in order."""
    return sorted([*_LIVE, *map(_of_report, sections_of(PageKind.WHAT_IF))], key=lambda one: one.order)


def drawn(answer: LiveAnswer) -> dict[str, Any]:
    """HTML of each section by key, as far as the answer has data for it."""
    return {one.key: one.draw(answer) for one in live_sections() if one.stored or answer.view is not None}
