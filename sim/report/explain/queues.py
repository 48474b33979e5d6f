"""Where a request's file lay: its visits to desks, and what waited there before it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sim.report.explain import wording
from sim.report.explain.book import Book, Rows, ended_by
from sim.world.records import DeskKind, JobStatus


@dataclass(frozen=True)
class Queue:
    """Files that waited at a desk on a day.

    Attributes:
        files: all of them.
        urgent: of these, urgent ones.
        requests: of these, requests of cases of this world; the others are the desk's other work.
    """

    files: int
    urgent: int
    requests: int


@dataclass(frozen=True)
class Visit:
    """A file at a desk.

    Attributes:
        kind: of desk.
        state: index of the desk's state.
        arrived, started, ended: days; NaN where it has not happened.
        before: what waited when it came.
        overtaken: files that came later and were taken up first.
    """

    kind: DeskKind
    state: int
    arrived: float
    started: float
    ended: float
    before: Queue
    overtaken: int


@dataclass(frozen=True, eq=False)
class Desks:
    """All files of all desks."""

    book: Book

    @cached_property
    def _order(self) -> Rows:
        """Jobs by desk."""
        return np.argsort(self.book["job"].desk, kind="stable")

    def visits(self, request: int) -> list[Visit]:
        """A request's visits to desks, in order."""
        rows = self.book.where("job", request=request)
        return [self._visit(int(row)) for row in rows]

    def waiting(self, desk: int, day: float, besides: int = -1) -> Queue:
        """Files that had arrived at a desk and were neither taken up nor withdrawn.

        Args:
            desk: row of the desk.
            day: when.
            besides: a job that does not count.
        """
        job = self.book["job"]
        rows = self._rows(desk)
        there = rows[(job.arrived[rows] <= day) & (self._left(rows) > day) & (rows != besides)]
        return Queue(there.size, int((job.urgent[there] == 1).sum()), int((job.request[there] >= 0).sum()))

    def _rows(self, desk: int) -> Rows:
        """Jobs of a desk."""
        desks = self.book["job"].desk[self._order]
        low, high = np.searchsorted(desks, [desk, desk + 1])
        return self._order[low:high]

    def _left(self, rows: Rows) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        """When jobs stopped waiting: taken up, withdrawn with their request, or given up by whoever sent them."""
        job = self.book["job"]
        taken = ~np.isnan(job.started[rows])
        withdrawn = np.where(job.status[rows] == JobStatus.WITHDRAWN, job.ended[rows], math.inf)
        result: np.ndarray[tuple[int], np.dtype[np.float64]] = np.where(
            taken, job.started[rows], np.minimum(withdrawn, job.patience_until[rows])
        )
        return result

    def _visit(self, row: int) -> Visit:
        job, states = self.book["job"], len(self.book.law.states)
        desk, arrived = int(job.desk[row]), float(job.arrived[row])
        kind = DeskKind(min(desk // states, DeskKind.PROVIDER))
        state = desk % states if kind < DeskKind.PROVIDER else self.book.providers[desk - 4 * states].state
        rows = self._rows(desk)
        until = ended_by(float(job.started[row]), self.book.end)
        overtaken = ((job.arrived[rows] > arrived) & (job.started[rows] < until)).sum()
        started, ended = float(job.started[row]), float(job.ended[row])
        return Visit(kind, state, arrived, started, ended, self.waiting(desk, arrived, row), int(overtaken))


def behind(queue: Queue) -> str:
    """What a file waited behind, in a few words."""
    if queue.files == 0:
        return "nothing waited there"
    return f"behind {wording.count(queue.files, 'file')}, {queue.urgent} of them urgent"


def incoming(visits: Sequence[Visit]) -> list[Visit]:
    """Visits to the requested state's central authority."""
    return [visit for visit in visits if visit.kind is DeskKind.INCOMING]
