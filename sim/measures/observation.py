"""Input of measures: the tables of one run, and selections of rows that measures share.

Times are days since 2022-01-01; NaN is a time that has not come.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, wraps
from typing import Any, NamedTuple, TypeVar, cast

import numpy as np
import numpy.typing as npt

from sim.data.costs import LEDGER, Prices, central_prices
from sim.law.suggest import unknown_name
from sim.law.vocabulary import CENTRAL_AUTHORITY_CHANNELS, EVIDENCE_CHANNELS, PROVIDER_CHANNELS
from sim.measures.arrays import CODE, EXECUTION_DAYS, ROW, STATE, Columns, Floats, Integers, Mask, Table, among, select
from sim.measures.columns import gather
from sim.measures.history import Histories, Stretches, Window, histories, in_order
from sim.measures.renamed import Renamed
from sim.measures.survival import RiskTable, risk_table
from sim.world.parameters import Parameters, Theme
from sim.world.records import GROWING, NONE, Abuse, EvidenceStatus, RequestPurpose, RequestStatus, Stage

Found = TypeVar("Found")

_FORMAL = (RequestPurpose.CHAIN, RequestPurpose.CORROBORATION, RequestPurpose.ACTION)
#: Channels that go straight to a provider.
TO_PROVIDERS = PROVIDER_CHANNELS
_ANSWERED = (RequestStatus.EXECUTED, RequestStatus.REFUSED, RequestStatus.NO_DATA)
_DAY = np.float64
#: Fields of records that are kept, by the type in which they are.
_OF_REQUESTS = {
    **dict.fromkeys(("abusive", "purpose", "channel", "data_kind", "status", "ground", "silent", "stage"), CODE),
    **dict.fromkeys(("dual_criminality", "phoned", "reformatted", "unconverted"), CODE),
    **dict.fromkeys(("requesting", "requested"), STATE),
    **dict.fromkeys(("provider", "loops", "helped", "officer", "returns_saved", "route", "accounts"), ROW),
    **dict.fromkeys(("case", "evidence"), ROW),
    **dict.fromkeys(("drafted", "given_up", "sent", "ended"), _DAY),
    "stage_days": np.float32,
}
_OF_EVIDENCE = {
    **dict.fromkeys(("data_kind", "status", "admissible", "excluded"), CODE),
    **{"state": STATE, "case": ROW, "chain": ROW},
    **dict.fromkeys(("settled", "retained_until", "moves_at", "frozen_from", "frozen_until"), _DAY),
}
_OF_CASES = {"state": STATE, "group": ROW, "status": CODE, "opened": _DAY, "closed": _DAY}
_OF_JOBS = {"request": ROW, "desk": np.intp} | dict.fromkeys(("arrived", "started", "ended", "touch_hours"), _DAY)


class Needs(NamedTuple):
    """Counts of needed evidence items abroad: by days until usable, lost or last seen, and by the custodian's state."""

    # [3, days] by whole days since they were known: with evidence that a court may use, which had been read by then;
    # lost, so that the data could not be had any more, noticed or not; and not seen any longer
    ended: Integers
    held: Integers  # [2, states] by the custodian's state: all, and those for which a formal request was drafted
    mature: Integers  # [3, states] the same of those known a year before the end; with usable evidence within that year


def find_needs(evidence: Columns, request: Columns, abroad: Mask, home: Integers, states: int, window: Window) -> Needs:
    """Counts evidence items abroad that were first needed in the measured period.

    No record holds that day. The row of evidence was added on it, so that a hop was known before anything that was
    known later was asked for, or dropped without asking: among the many rows that leaves less than a day.

    Requests hold the days for which each answer was `examined` in a laboratory; genuine ones that cross a border are
    `abroad`; `home` is the state of the unit of each case.
    """
    drafted, read = _asked(evidence["chain"].size, request, abroad)
    day = np.minimum.accumulate(np.fmin(drafted, evidence["settled"])[::-1])[::-1]
    led_abroad = (evidence["chain"] != NONE) & (evidence["state"] != home[evidence["case"]])
    rows = np.flatnonzero(window.holds(day) & led_abroad)
    item, day, requested = select(evidence, rows), day[rows], drafted[rows] < np.inf
    serves = (item["admissible"] == 1) & (item["status"] == EvidenceStatus.OBTAINED)
    usable, lost = np.where(serves, read[rows], np.inf), _lost_on(item)
    seen = window.observed_until
    of_use = usable <= seen
    gone = ~of_use & (lost <= seen)
    left = ~of_use & ~gone
    days = (
        np.ceil(usable - day)[of_use],
        np.ceil(np.maximum(lost - day, 0.0))[gone],  # some are gone before anybody knows of them
        np.floor(seen - day)[left],
    )
    length = int(seen - window.start) + 2
    ended = [np.bincount(number.astype(np.int64), minlength=length) for number in days]
    mature = day <= window.whole.end - EXECUTION_DAYS
    in_time = usable - day <= EXECUTION_DAYS

    def by_state(*kinds: Mask) -> Integers:
        """Number of evidence items in each of several masks, by the custodian's state."""
        return np.array([np.bincount(item["state"][kind], minlength=states) for kind in kinds])

    every = np.ones(rows.size, np.bool_)
    return Needs(np.array(ended), by_state(every, requested), by_state(mature, mature & requested, mature & in_time))


def _asked(items: int, request: Columns, abroad: Mask) -> tuple[Floats, Floats]:
    """Returns the days of request and of the reading of the answer for each evidence item; inf if none.

    Content is read in a laboratory.
    """
    drafted, read = np.full((2, items), np.inf)
    rows = np.flatnonzero(abroad & (request["purpose"] == RequestPurpose.CHAIN) & (request["evidence"] != NONE))
    np.minimum.at(drafted, request["evidence"][rows], request["drafted"][rows])
    rows = rows[request["status"][rows] == RequestStatus.EXECUTED]
    rows = rows[(request["stage"][rows] != Stage.FORENSICS) | (request["examined"][rows] > 0.0)]
    np.minimum.at(read, request["evidence"][rows], request["ended"][rows] + request["examined"][rows])
    return drafted, read


def _lost_on(item: Columns) -> Floats:
    """Day from which each item's custodian can no longer produce readable data; inf if it has produced the item."""
    gone = np.minimum(item["retained_until"], item["moves_at"])
    kept = np.where(item["frozen_from"] <= gone, np.fmax(gone, item["frozen_until"]), gone)
    produced = (item["status"] == EvidenceStatus.OBTAINED) | (item["status"] == EvidenceStatus.INADMISSIBLE)
    lost = np.where(item["status"] == EvidenceStatus.LOST_ENCRYPTED, item["settled"], kept)
    return np.where(produced, np.inf, lost)


class _Tables(dict[str, Table]):
    """Tables of a run by name; one that is missing is an error with the place of the code that asks for it."""

    def __missing__(self, name: str) -> Table:
        """Raises an error that suggests the nearest name."""
        raise unknown_name("table", name, "is none of a run", self, __file__)


@dataclass(frozen=True)
class Observation:
    """Input of measures: the tables of one run, with selections of rows that several measures use."""

    window: Window  # the measured span
    tables: Mapping[str, Table]  # used rows by name, and "desk", "state", "bond" (trust records) and "ordinary"
    harm_rates: Floats  # USD a day of a group of scale 1 at full capability, by kind
    spending: Table = field(default_factory=lambda: np.zeros(0, LEDGER))  # what the policy commits
    prices: Prices = field(default_factory=central_prices)  # unit costs by their names
    record: Theme = field(default_factory=lambda: Parameters().record)  # which operations are in the public record

    def __post_init__(self) -> None:
        missing = [name for name in (*GROWING, "desk", "state", "bond", "ordinary") if name not in self.tables]
        if missing:
            raise ValueError(f"measuring needs the tables {', '.join(missing)}")
        object.__setattr__(self, "tables", _Tables(self.tables))

    def per_year(self, happened: Mask) -> float:
        """Number of true values in a mask per year of the measured period."""
        return float(np.count_nonzero(happened) / self.window.years)

    def during(self, table: str, day: str = "day") -> Table:
        """Rows of a table whose day, in a given column, is in the measured period."""
        rows = self.tables[table]
        if day not in (rows.dtype.names or ()):
            raise unknown_name("day", day, f"is no column of {table}", rows.dtype.names or (), __file__)
        return np.asarray(rows[self.window.holds(rows[day])])

    @cached_property
    def found(self) -> dict[Callable[["Observation"], Any] | str, Any]:
        """Cache of selected rows (by function) and of request fields (by name)."""
        return {}

    @cached_property
    def all_requests(self) -> Columns:
        """Columns of all requests of the run, except days by stage."""
        return {field: column for field, column in self._read_requests.items() if field != "stage_days"}

    @cached_property
    def _read_requests(self) -> Columns:
        return gather(self.tables["request"], _OF_REQUESTS)

    @cached_property
    def _abroad(self) -> Mask:
        """True for each genuine request, on any day, between two different states."""
        every = self.all_requests
        return np.asarray((every["abusive"] == Abuse.NONE) & (every["requesting"] != every["requested"]))

    @cached_property
    def _rows(self) -> Integers:
        """Row numbers of the genuine requests abroad sent in the measured period."""
        return np.flatnonzero(self._abroad & self.window.holds(self.all_requests["sent"]))

    @cached_property
    def abuse(self) -> Columns:
        """Columns of abusive requests, including false emergencies, sent in the measured period."""
        every = self.all_requests
        return select(every, (every["abusive"] != Abuse.NONE) & self.window.holds(every["sent"]))

    @cached_property
    def open_at_end(self) -> Columns:
        """Columns of genuine formal requests abroad that are still open on the last measured day."""
        every, end = self.all_requests, self.window.end
        is_open = (every["sent"] <= end) & ~(every["ended"] <= end)
        return select(every, self._abroad & _is_formal(every) & is_open)

    def request(self, field: str) -> npt.NDArray[Any]:
        """One column of the genuine requests abroad sent in the measured period.

        All selections of requests are over these; the fields are those of `_OF_REQUESTS`.
        """
        if field not in self.found:
            if field not in self.all_requests:
                problem = "is no field of requests that outcomes read (`_OF_REQUESTS` of sim/measures/observation.py)"
                raise unknown_name("request", field, problem, self.all_requests, __file__)
            self.found[field] = self.all_requests[field].take(self._rows)
        return cast(npt.NDArray[Any], self.found[field])

    @cached_property
    def stage_days(self) -> npt.NDArray[np.float32]:
        """Days that each answered request spent in each stage, f4[stages, answered requests]."""
        return np.ascontiguousarray(self._read_requests["stage_days"].take(self._rows[self.answered], axis=0).T)

    @property
    def states(self) -> int:
        """Number of states in the world."""
        return int(self.tables["desk"]["state"].max(initial=-1)) + 1

    @cached_property
    def silent(self) -> Mask:
        """True for each request that will never be answered."""
        return np.asarray(self.request("silent") == 1, dtype=np.bool_)

    @cached_property
    def reneged(self) -> Mask:
        """True for each request whose sender stopped waiting, even if an answer came afterwards."""
        return np.asarray(~np.isnan(self.request("given_up")), dtype=np.bool_)

    @cached_property
    def executed(self) -> Mask:
        """True for each request that brought the requested data."""
        return np.asarray(self.request("status") == RequestStatus.EXECUTED)

    @cached_property
    def answered(self) -> Mask:
        """True for each request that was answered in any way, including refusals."""
        return among(self.request("status"), _ANSWERED)

    @cached_property
    def formal(self) -> Mask:
        """True for each formal request, as opposed to questions to police and preservation."""
        return _is_formal({field: self.request(field) for field in ("purpose", "channel")})

    @cached_property
    def asks_police(self) -> Mask:
        """True for each question to police; police answers are evidence only in joint teams."""
        return np.asarray(self.request("purpose") == RequestPurpose.LEAD)

    @cached_property
    def mature(self) -> Mask:
        """True for each formal request sent at least a year before the end of the measured period."""
        return self.formal & (self.request("sent") <= self.window.whole.end - EXECUTION_DAYS)

    @cached_property
    def mutual_assistance(self) -> Mask:
        """True for each formal request that goes through central authorities."""
        return self.formal & among(self.request("channel"), CENTRAL_AUTHORITY_CHANNELS)

    @cached_property
    def waiting_days(self) -> Floats:
        """Days from the sending of each request to its end, or to the last simulated day."""
        sent, ended = self.request("sent"), self.request("ended")
        return np.asarray(np.where(np.isnan(ended), self.window.observed_until, ended) - sent)

    @cached_property
    def heard(self) -> Columns:
        """Table of requests that are not silent (answered, open or withdrawn), sorted by waiting time."""
        place = np.flatnonzero(~self.silent)
        place = place[np.argsort(self.waiting_days[place])]  # equal waits are counted together, in any order
        return {"place": place, "days": self.waiting_days[place], "answered": self.answered[place]}

    @cached_property
    def executed_in_time(self) -> Mask:
        """True for each request that was executed within 12 months of sending."""
        return self.executed & (self.waiting_days <= EXECUTION_DAYS)

    @cached_property
    def answers(self) -> RiskTable:
        """Risk table of the time from sending to an answer, over requests through central authorities."""
        return self.answers_of(self.mutual_assistance)

    def answers_of(self, chosen: Mask) -> RiskTable:
        """Risk table of the time from sending to an answer, over the requests in a mask.

        Silent requests are left out (their share is reported with the turnaround); requests that are open or
        withdrawn are censored.
        """
        heard = self.heard["place"]
        of_them = np.flatnonzero(chosen[heard])
        return risk_table(self.heard["days"][of_them], self.heard["answered"][of_them])

    @cached_property
    def evidence(self) -> Columns:
        """Columns of all evidence items of the run."""
        return gather(self.tables["evidence"], _OF_EVIDENCE)

    @cached_property
    def settled(self) -> Columns:
        """Columns of evidence items that got their final status in the measured period."""
        item, window = self.evidence, self.window
        known = (item["settled"] >= window.start) & (item["settled"] <= window.end)
        return select(item, known & (item["status"] != EvidenceStatus.AVAILABLE))

    @cached_property
    def frozen_days(self) -> Floats:
        """Days for which each item frozen in the measured period was protected from deletion."""
        item = self.evidence
        return np.asarray(item["frozen_until"] - item["frozen_from"])[self.window.holds(item["frozen_from"])]

    @cached_property
    def needs(self) -> Needs:
        """Counts of evidence items abroad that were first needed in the measured period.

        Hops of the warm-up are left out, also open ones: whether anybody asked for them was decided before
        the policy, so that they would say little of it.
        """
        request = self.all_requests | {"examined": self._read_requests["stage_days"][:, Stage.FORENSICS - 1]}
        home, states = self.cases["state"], len(self.tables["state"])
        return find_needs(self.evidence, request, self._abroad, home, states, self.window)

    @cached_property
    def cases(self) -> Columns:
        """Columns of all cases: state, group, status, opening day and closing day."""
        return gather(self.tables["case"], _OF_CASES)

    @cached_property
    def jobs(self) -> Columns:
        """Columns of requests' files at desks after the warm-up: request, desk, days, hours of work."""
        job = gather(self.tables["job"], _OF_JOBS)
        files = select(job, (job["request"] != NONE) & ~(job["ended"] < self.window.start))
        return files | {"kind": self.tables["desk"]["kind"].astype(CODE)[files["desk"]]}

    @cached_property
    def hours(self) -> npt.NDArray[Any]:
        """Hours of work on each file of `jobs`; 0 if the work began outside the measured period."""
        return np.where(self.window.holds(self.jobs["started"]), self.jobs["touch_hours"], 0.0)

    @cached_property
    def left_line(self) -> Floats:
        """Day on which each file of `jobs` left its desk's queue; inf for a file that still waits."""
        started, ended = self.jobs["started"], self.jobs["ended"]
        left = np.where(np.isnan(started), ended, started)
        left[np.isnan(left)] = np.inf
        return left

    def by_desk(self, weights: Floats | Mask | None = None) -> Floats:
        """Number of files of `jobs` at each desk, or sum of their weights, f8[desks]."""
        return np.bincount(self.jobs["desk"], weights, len(self.tables["desk"])).astype(np.float64)

    @cached_property
    def periods(self) -> Table:
        """Table of groups' activity periods, sorted by group."""
        return in_order(self.tables["spell"])

    @cached_property
    def stretches(self) -> Stretches:
        """Periods in which a group's capability is constant, cut to the measured period."""
        return Stretches.of(self.periods, self.window)

    @cached_property
    def histories(self) -> Histories:
        """Takedown histories of all groups (see `Histories`)."""
        return histories(self.periods, self.tables["group"]["entered"], self.window)

    lives = Renamed("histories")
    spells = Renamed("periods")
    given_up = Renamed("reneged")


def _is_formal(request: Columns) -> Mask:
    """True for each formal request, as opposed to questions to police and preservation."""
    return np.asarray(among(request["purpose"], _FORMAL) & among(request["channel"], EVIDENCE_CHANNELS))


def once(find: Callable[[Observation], Found]) -> Callable[[Observation], Found]:
    """Decorator for a function that selects rows; the selection is then computed only once per run."""

    @wraps(find)
    def found(observation: Observation) -> Found:
        """Selection of rows, from the cache after the first call for a run."""
        if find not in observation.found:
            observation.found[find] = find(observation)
        return cast(Found, observation.found[find])

    return found
