"""Steps of trails that lead abroad, asked for or not: on which day each was known, and what came of the evidence."""

from typing import NamedTuple

import numpy as np

from sim.measures.arrays import EXECUTION_DAYS, Columns, Floats, Integers, Mask, select
from sim.measures.history import Window
from sim.world.records import NONE, EvidenceStatus, RequestPurpose, RequestStatus, Stage


class Needs(NamedTuple):
    """Hops abroad that had to be asked for, asked for or not, counted."""

    # [3, days] by whole days since they were known: with evidence that a court may use, which had been read by then;
    # lost, so that the data could not be had any more, noticed or not; and not seen any longer
    ended: Integers
    held: Integers  # [2, states] by the custodian's state: all, and those for which a formal request was drafted
    mature: Integers  # [3, states] the same of those known a year before the end; with usable evidence within that year


def find_needs(evidence: Columns, request: Columns, abroad: Mask, home: Integers, states: int, window: Window) -> Needs:
    """Counts hops abroad that became known as needed in the window.

    No record holds that day. The row of evidence was added on it, so that a hop was known before anything that was
    known later was asked for, or given up without asking: among the many rows that leaves less than a day.

    Requests hold the days for which each answer was `examined` in a laboratory; genuine ones that cross a border are
    `abroad`; `home` is the state of the unit of each case.
    """
    drafted, read = _asked(evidence["chain"].size, request, abroad)
    day = np.minimum.accumulate(np.fmin(drafted, evidence["settled"])[::-1])[::-1]
    led_abroad = (evidence["chain"] != NONE) & (evidence["state"] != home[evidence["case"]])
    rows = np.flatnonzero(window.holds(day) & led_abroad)
    item, day, asked = select(evidence, rows), day[rows], drafted[rows] < np.inf
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
    mature = day <= window.end - EXECUTION_DAYS
    in_time = usable - day <= EXECUTION_DAYS

    def by_state(*kinds: Mask) -> Integers:
        """Number of hops of some kinds by the state of the custodian."""
        return np.array([np.bincount(item["state"][kind], minlength=states) for kind in kinds])

    every = np.ones(rows.size, np.bool_)
    return Needs(np.array(ended), by_state(every, asked), by_state(mature, mature & asked, mature & in_time))


def _asked(items: int, request: Columns, abroad: Mask) -> tuple[Floats, Floats]:
    """Days on which a request abroad was drafted for each item, and on which the answer had been read; inf: none.

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
    """Day from which a custodian cannot produce data any more, or could not in a form that can be read."""
    gone = np.minimum(item["retained_until"], item["moves_at"])
    kept = np.where(item["frozen_from"] <= gone, np.fmax(gone, item["frozen_until"]), gone)
    produced = (item["status"] == EvidenceStatus.OBTAINED) | (item["status"] == EvidenceStatus.INADMISSIBLE)
    lost = np.where(item["status"] == EvidenceStatus.LOST_ENCRYPTED, item["settled"], kept)
    return np.where(produced, np.inf, lost)
