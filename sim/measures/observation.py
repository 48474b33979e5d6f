"""The input of measures: the tables of one finished arm, the window, and selections that outcomes share.

Times are days since 2022-01-01; NaN is a time that has not come.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, wraps
from typing import Any, TypeVar, cast

import numpy as np
import numpy.typing as npt

from sim.data.costs import LEDGER
from sim.law.vocabulary import CENTRAL_AUTHORITY_CHANNELS, Channel
from sim.measures.arrays import (
    CODE,
    ROW,
    STATE,
    Columns,
    Floats,
    Gathering,
    Integers,
    Mask,
    Table,
    among,
    blocks,
    gather,
    order,
)
from sim.measures.history import Histories, Stretches, Window, histories, in_order
from sim.measures.survival import RiskTable, risk_table
from sim.world.records import GROWING, NONE, Abuse, EvidenceStatus, RequestPurpose, RequestStatus, Stage

Found = TypeVar("Found")

_FORMAL = (RequestPurpose.CHAIN, RequestPurpose.CORROBORATION, RequestPurpose.ACTION)
_ANSWERED = (RequestStatus.EXECUTED, RequestStatus.REFUSED, RequestStatus.NO_DATA)
_OF_REQUESTS = {
    "abusive": CODE,
    "purpose": CODE,
    "requesting": STATE,
    "requested": STATE,
    "provider": ROW,
    "channel": CODE,
    "data_kind": CODE,
    "status": CODE,
    "ground": CODE,
    "silent": CODE,
    "dual_criminality": CODE,
    "loops": ROW,
    "phoned": CODE,
    "reformatted": CODE,
    "helped": ROW,
    "officer": ROW,
    "returns_saved": ROW,
    "route": ROW,
    "accounts": ROW,
    "unconverted": CODE,
    "given_up": np.float64,
    "sent": np.float64,
    "ended": np.float64,
}
_OF_STAGES = {"stage_days": np.float32}
_OF_ALL = {"requesting": STATE, "channel": CODE, "abusive": CODE}
_OF_OPEN = {"sent": np.float64, "silent": CODE}
_OF_EVIDENCE = {"data_kind": CODE, "status": CODE, "admissible": CODE, "excluded": CODE}
_OF_FROZEN = {"frozen_from": np.float64, "frozen_until": np.float64}
_OF_CASES = {"state": STATE, "group": ROW, "status": CODE, "opened": np.float64, "closed": np.float64}
_OF_JOBS = {
    "request": ROW,
    "desk": ROW,
    "arrived": np.float64,
    "started": np.float64,
    "ended": np.float64,
    "touch_hours": np.float64,
}
#: A request counts as executed in time within this many days.
EXECUTION_DAYS = 365.0


@dataclass(frozen=True)
class Observation:
    """The tables of one finished arm, and selections of them that several outcomes share.

    Attributes:
        window: the measured span.
        tables: structured arrays by name, used rows only, and "desk", "state" and "bond".
        harm_rates: USD a day of a group of scale 1 at full capability, by kind.
        spending: rows of LEDGER, what the policy commits; none for today's law.
    """

    window: Window
    tables: Mapping[str, Table]
    harm_rates: Floats
    spending: Table = field(default_factory=lambda: np.zeros(0, LEDGER))

    def __post_init__(self) -> None:
        missing = [name for name in (*GROWING, "desk", "state", "bond") if name not in self.tables]
        if missing:
            raise ValueError(f"measuring needs the tables {', '.join(missing)}")

    def per_year(self, happened: Mask) -> float:
        """Number of rows of which something is true, per year of the window."""
        return float(np.count_nonzero(happened) / self.window.years)

    def during(self, table: str, day: str = "day") -> Table:
        """Rows of a table of which the day of that name lies in the window."""
        rows = self.tables[table]
        return np.asarray(rows[self.window.holds(rows[day])])

    @cached_property
    def found(self) -> dict[Callable[["Observation"], Any], Any]:
        """Cache of `once`: results by the function that found them."""
        return {}

    @cached_property
    def _requests(self) -> tuple[Columns, Columns, Columns, Columns]:
        """All requests; those of the window that cross a border; those that are abusive; those open at its end.

        All are found in one pass: reading the table takes longer than all else.
        """
        table, end = self.tables["request"], self.window.end
        everyone, abroad, abusive, still_open = (
            Gathering(table, fields) for fields in (_OF_ALL, _OF_REQUESTS | _OF_STAGES, _OF_REQUESTS, _OF_OPEN)
        )
        for block in blocks(table):
            everyone.add(block)
            genuine, sent = block["abusive"] == Abuse.NONE, np.ascontiguousarray(block["sent"])
            within, crosses = self.window.holds(sent), genuine & (block["requesting"] != block["requested"])
            abroad.add(block.take(np.flatnonzero(within & crosses)))
            abusive.add(block.take(np.flatnonzero(within & ~genuine)))
            waits = block.take(np.flatnonzero(crosses & (sent <= end) & ~(block["ended"] <= end)))
            formal = among(waits["purpose"], _FORMAL) & (waits["channel"] <= Channel.JOINT_TEAM)
            still_open.add(waits[formal])
        return everyone.columns(), abroad.columns(), abusive.columns(), still_open.columns()

    @property
    def all_requests(self) -> Columns:
        """Who asks, by which channel, and what is wrong with it, of all requests of every day and purpose."""
        return self._requests[0]

    @property
    def abuse(self) -> Columns:
        """Requests without a genuine case behind them that were sent within the window, false emergencies included."""
        return self._requests[2]

    @property
    def open_at_end(self) -> Columns:
        """Genuine formal requests that crossed a border, sent on any day, and are open on the window's last day."""
        return self._requests[3]

    @cached_property
    def by_wait(self) -> Integers:
        """Places of the genuine requests of the window that crossed a border, from the shortest wait to the longest."""
        return order(self.waiting_days)

    def request(self, field: str) -> npt.NDArray[Any]:
        """One field of the genuine requests that crossed a border within the window.

        All selections of requests are over these; the fields are those of `_OF_REQUESTS`.
        """
        return self._requests[1][field]

    def stage_days(self, chosen: Integers) -> Floats:
        """f8[n, stages] days that each of the chosen requests spent in each stage."""
        return np.asarray(self.request("stage_days").take(chosen, axis=0).astype(np.float64))

    def days_in(self, stage: Stage) -> Floats:
        """Days that each request spent in one stage."""
        return np.asarray(self.request("stage_days")[:, stage - 1].astype(np.float64))

    @property
    def states(self) -> int:
        """Number of states."""
        return int(self.tables["desk"]["state"].max(initial=-1)) + 1

    @cached_property
    def silent(self) -> Mask:
        """Requests that nobody will ever answer."""
        return np.asarray(self.request("silent") == 1, dtype=np.bool_)

    @cached_property
    def given_up(self) -> Mask:
        """Requests on whose answer the sender stopped counting, even if an answer came later."""
        return np.asarray(~np.isnan(self.request("given_up")), dtype=np.bool_)

    @cached_property
    def executed(self) -> Mask:
        """Requests that brought what was asked."""
        return np.asarray(self.request("status") == RequestStatus.EXECUTED)

    @cached_property
    def answered(self) -> Mask:
        """Requests with an answer of any kind."""
        return among(self.request("status"), _ANSWERED)

    @cached_property
    def formal(self) -> Mask:
        """Formal requests: all but police information and preservation."""
        wanted = among(self.request("purpose"), _FORMAL)
        return np.asarray(wanted & (self.request("channel") <= Channel.JOINT_TEAM))

    @cached_property
    def asks_police(self) -> Mask:
        """Questions of police for information, which outside joint teams can be no evidence."""
        return np.asarray(self.request("purpose") == RequestPurpose.LEAD)

    @cached_property
    def mature(self) -> Mask:
        """Formal requests sent a year or more before the window's end: all have had their 12 months."""
        return self.formal & (self.request("sent") <= self.window.end - EXECUTION_DAYS)

    @cached_property
    def mutual_assistance(self) -> Mask:
        """Formal requests through central authorities."""
        return self.formal & among(self.request("channel"), CENTRAL_AUTHORITY_CHANNELS)

    @cached_property
    def waiting_days(self) -> Floats:
        """Days from sending to the end of a request, or to the last day simulated."""
        sent, ended = self.request("sent"), self.request("ended")
        return np.asarray(np.where(np.isnan(ended), self.window.observed_until, ended) - sent)

    @cached_property
    def executed_in_time(self) -> Mask:
        """Requests executed within 12 months of being sent."""
        return self.executed & (self.waiting_days <= EXECUTION_DAYS)

    @cached_property
    def answers(self) -> RiskTable:
        """Time from sending to an answer, over requests through central authorities."""
        return self.answers_of(self.mutual_assistance)

    def answers_of(self, chosen: Mask) -> RiskTable:
        """Time from sending to an answer over the chosen requests.

        Silent requests are left out (their share is reported with the turnaround); requests that are open or
        withdrawn are censored.
        """
        heard = self.by_wait[(chosen & ~self.silent)[self.by_wait]]
        return risk_table(self.waiting_days[heard], self.answered[heard])

    @cached_property
    def _evidence(self) -> tuple[Columns, Columns]:
        """Evidence items whose fate was settled within the window, and those that were frozen in it."""
        table, start, end = self.tables["evidence"], self.window.start, self.window.end
        settled, frozen = Gathering(table, _OF_EVIDENCE), Gathering(table, _OF_FROZEN)
        for block in blocks(table):
            day = np.ascontiguousarray(block["settled"])
            wanted = (day >= start) & (day <= end) & (block["status"] != EvidenceStatus.AVAILABLE)
            settled.add(block.take(np.flatnonzero(wanted)))
            frozen.add(block.take(np.flatnonzero(self.window.holds(block["frozen_from"]))))
        return settled.columns(), frozen.columns()

    @property
    def settled(self) -> Columns:
        """Evidence items whose fate was settled within the window: data_kind, status, admissible, excluded."""
        return self._evidence[0]

    @property
    def frozen_days(self) -> Floats:
        """Days for which each evidence item that was frozen in the window lay so."""
        frozen = self._evidence[1]
        return np.asarray(frozen["frozen_until"] - frozen["frozen_from"])

    @cached_property
    def cases(self) -> Columns:
        """State, group, status, and days of opening and closing of every case."""
        return gather(self.tables["case"], _OF_CASES)

    @cached_property
    def jobs(self) -> Columns:
        """Files of requests at desks, but those of the past: request, desk, its kind, days and hours of work."""
        start = self.window.start
        job = gather(
            self.tables["job"], _OF_JOBS, lambda job: np.asarray((job["request"] != NONE) & ~(job["ended"] < start))
        )
        return job | {"kind": self.tables["desk"]["kind"].astype(CODE)[job["desk"]]}

    @cached_property
    def left_line(self) -> Floats:
        """Day on which each of `jobs` stopped waiting for a person; inf while it waits."""
        started, ended = self.jobs["started"], self.jobs["ended"]
        left = np.where(np.isnan(started), ended, started)
        left[np.isnan(left)] = np.inf
        return left

    def by_desk(self, weights: Floats | Mask | None = None) -> Floats:
        """f8[desks] number of `jobs` at each desk, or the sum of their weights."""
        return np.bincount(self.jobs["desk"], weights, len(self.tables["desk"])).astype(np.float64)

    @cached_property
    def spells(self) -> Table:
        """Capability spells by group."""
        return in_order(self.tables["spell"])

    @cached_property
    def stretches(self) -> Stretches:
        """Spells of some capability, cut to the window."""
        return Stretches.of(self.spells, self.window)

    @cached_property
    def lives(self) -> Histories:
        """Takedown history of each group, with every blow."""
        return histories(self.spells, self.tables["group"]["entered"], self.window)


def once(find: Callable[[Observation], Found]) -> Callable[[Observation], Found]:
    """Makes of a selection that several outcomes share one that is found once for each arm."""

    @wraps(find)
    def found(observation: Observation) -> Found:
        """The selection, kept with the arm."""
        if find not in observation.found:
            observation.found[find] = find(observation)
        return cast(Found, observation.found[find])

    return found
