"""What measuring looks at: the tables of one finished arm, the window, and selections that outcomes share.

Times are days since 2022-01-01; NaN is a time that has not come.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from sim.law.vocabulary import CENTRAL_AUTHORITY_CHANNELS, Channel
from sim.measures.arrays import Floats, Integers, Mask, Table
from sim.measures.history import Histories, Window, histories
from sim.measures.survival import RiskTable, risk_table
from sim.world.records import GROWING, NONE, DeskKind, RequestPurpose, RequestStatus

#: A request counts as executed in time within this many days.
EXECUTION_DAYS = 365.0


@dataclass(frozen=True)
class Observation:
    """The tables of one finished arm, and selections of them that several outcomes share.

    Attributes:
        window: the measured span.
        tables: structured arrays by name, used rows only, and "desk".
        harm_rates: USD a day of a group of scale 1 at full capability, by kind.
    """

    window: Window
    tables: Mapping[str, Table]
    harm_rates: Floats

    def __post_init__(self) -> None:
        missing = [name for name in (*GROWING, "desk") if name not in self.tables]
        if missing:
            raise ValueError(f"measuring needs the tables {', '.join(missing)}")

    def column(self, table: str, field: str) -> npt.NDArray[Any]:
        """One field as a contiguous array: records are wide, strided reads are slow."""
        return np.ascontiguousarray(self.tables[table][field])

    @cached_property
    def sent(self) -> Floats:
        """Day on which each request left its state, NaN if never."""
        return self.column("request", "sent")

    @cached_property
    def ended(self) -> Floats:
        """Day on which each request ended, NaN while open."""
        return self.column("request", "ended")

    @cached_property
    def status(self) -> Integers:
        """RequestStatus of each request."""
        return self.column("request", "status")

    @cached_property
    def ground(self) -> Integers:
        """Ground of refusal of each request."""
        return self.column("request", "ground")

    @cached_property
    def channel(self) -> Integers:
        """Channel of each request."""
        return self.column("request", "channel")

    @cached_property
    def data_kind(self) -> Integers:
        """DataKind of each request."""
        return self.column("request", "data_kind")

    @cached_property
    def silent(self) -> Mask:
        """Requests that nobody will ever answer."""
        return np.asarray(self.column("request", "silent") == 1, dtype=np.bool_)

    @cached_property
    def executed(self) -> Mask:
        """Requests that brought what was asked."""
        return np.asarray(self.status == RequestStatus.EXECUTED)

    @cached_property
    def answered(self) -> Mask:
        """Requests with an answer of any kind."""
        return np.isin(self.status, (RequestStatus.EXECUTED, RequestStatus.REFUSED, RequestStatus.NO_DATA))

    @cached_property
    def sent_in_window(self) -> Mask:
        """Requests of every purpose that crossed a border within the window."""
        abroad = self.column("request", "requesting") != self.column("request", "requested")
        return np.asarray(abroad & (self.sent >= self.window.start) & (self.sent < self.window.end))

    @cached_property
    def formal(self) -> Mask:
        """Formal requests abroad within the window: all but police information and preservation."""
        purpose = self.column("request", "purpose")
        wanted = np.isin(purpose, (RequestPurpose.CHAIN, RequestPurpose.CORROBORATION, RequestPurpose.ACTION))
        return np.asarray(self.sent_in_window & wanted & (self.channel <= Channel.JOINT_TEAM))

    @cached_property
    def mature(self) -> Mask:
        """Formal requests sent a year or more before the window's end: all have had their 12 months."""
        return self.formal & (self.sent <= self.window.end - EXECUTION_DAYS)

    @cached_property
    def mutual_assistance(self) -> Mask:
        """Formal requests through central authorities."""
        return self.formal & np.isin(self.channel, CENTRAL_AUTHORITY_CHANNELS)

    @cached_property
    def waiting_days(self) -> Floats:
        """Days from sending to the end of a request, or to the last day simulated."""
        return np.where(np.isnan(self.ended), self.window.observed_until, self.ended) - self.sent

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

        Silent requests are left out (their share stands beside the turnaround); requests that are open or
        withdrawn are censored.
        """
        heard = chosen & ~self.silent
        return risk_table(self.waiting_days[heard], self.answered[heard])

    @cached_property
    def stays(self) -> dict[DeskKind, tuple[Floats, Floats]]:
        """Days of arrival and of the end of waiting of requests at state desks; inf while a request waits."""
        job = self.tables["job"]
        job = job[job["request"] != NONE]
        kind = self.tables["desk"]["kind"][job["desk"]]
        left = np.where(np.isnan(job["started"]), job["ended"], job["started"])
        left = np.where(np.isnan(left), np.inf, left)
        arrived = np.ascontiguousarray(job["arrived"])
        return {
            desk: (arrived[kind == desk], left[kind == desk])
            for desk in DeskKind
            if desk != DeskKind.PROVIDER
        }

    @cached_property
    def lives(self) -> Histories:
        """What happened to each group, and each blow it took."""
        return histories(self.tables["spell"], self.column("group", "entered"), self.window)
