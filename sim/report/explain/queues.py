"""Where a request's file lay: its visits to desks, and how long it could expect to wait there."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.report.explain import wording
from sim.report.explain.book import Book
from sim.world.records import DeskKind, Stage


@dataclass(frozen=True)
class Visit:
    """A file at a desk.

    Attributes:
        kind: of desk.
        stage: of the request.
        state: index of the desk's state.
        arrived, started, ended: days; NaN where it has not happened.
        expected: days that it could expect to wait when it came, by the work before it and the people there.
    """

    kind: DeskKind
    stage: Stage
    state: int
    arrived: float
    started: float
    ended: float
    expected: float


@dataclass(frozen=True, eq=False)
class Desks:
    """All files of all desks."""

    book: Book

    def visits(self, request: int) -> list[Visit]:
        """A request's visits to desks, in order."""
        return [self._visit(int(row)) for row in self.book.where("job", request=request)]

    def _visit(self, row: int) -> Visit:
        job, states = self.book["job"], len(self.book.law.states)
        desk = int(job.desk[row])
        kind = DeskKind(min(desk // states, DeskKind.PROVIDER))
        state = desk % states if kind < DeskKind.PROVIDER else self.book.providers[desk - 4 * states].state
        return Visit(
            kind,
            Stage(int(job.stage[row])),
            state,
            float(job.arrived[row]),
            float(job.started[row]),
            float(job.ended[row]),
            float(job.expected[row]),
        )


def behind(visit: Visit) -> str:
    """What a file waited behind, in a few words."""
    if np.isnan(visit.expected) or visit.expected < 1.0:
        return "nothing waited before it"
    return f"behind {wording.days(visit.expected)} of work"


def incoming(visits: Sequence[Visit]) -> list[Visit]:
    """Visits to the requested state's central authority in which it decides whether a request is complete."""
    return [visit for visit in visits if visit.stage is Stage.INCOMING_TRIAGE]
