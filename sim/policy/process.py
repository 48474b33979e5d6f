"""Legal processes behind changes (M23): reads processes, and draws the day of each step of each state.

Negotiation → signature → ratification → implementing law → operation. Every state draws its own waiting times, keyed
by seed, stage, instrument and state, so that it meets the same luck in every scenario of a comparison: one that doubles
the pace brings every state forward, and none is later for it. Days are rounded up to the next half-year, when laws
take effect.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from sim.data.load import read_entries
from sim.law.days import YEAR
from sim.law.national import stable_number
from sim.law.ratification import TREATY_DATES, Hazard, acceding, concluding, ratifying, signing
from sim.law.suggest import nearest
from sim.policy.document import FileEntry
from sim.policy.lever import Course, Quantity
from sim.policy.places import Atlas, load_atlas
from sim.policy.problem import InputError
from sim.policy.schema import ProcessEntry
from sim.policy.units import read_quantity
from sim.world.parameters import Parameters, Theme

#: Days from depositing a ratification to being bound by it: three months, Budapest art. 36(4), UN Convention art. 65.
DEPOSIT_DAYS = 90
#: Treaties that only Parties to another one may join.
REQUIRES: Mapping[str, str] = {"second_protocol": "budapest"}
#: The treaty whose hazard of ratification stands for that of passing a law, and for treaties without dates.
MODEL = "budapest"


@dataclass(frozen=True)
class Process:
    """A legal process with its details, as written in a scenario file."""

    # ratification of a treaty, legislation, agreements between pairs, or accession: states that nobody has asked become
    # Parties one by one, as others did before them
    course: Course
    negotiation_years: float = 0.0  # from the change's date until states can sign
    # events a year of a state (or pair) that has signed, or that may accede; None for that of `like`
    hazard: float | None = None
    like: str | None = None  # treaty in whose dates the hazard is found; None for that of the instrument itself
    pace: float = 1.0  # hazards of signing and ratifying, of those
    # share of states that stand aside, by entry of terms.yaml
    reservations: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Passage:
    """Dates of the steps of one state into a treaty: signature, ratification, and use in practice."""

    state: str  # ISO code
    signed: date  # it signs, or did
    ratified: date  # its ratification counts
    law: date  # its implementing law is in force
    operation: date  # its authorities can use the treaty


def read_process(entry: ProcessEntry, section: FileEntry, treaty: object) -> Process:
    """Reads a legal process from a scenario file; mistakes are noted.

    A state may stand aside from the terms of the treaty that is joined; None where that is unknown.
    """

    def read(key: str, quantity: Quantity, written: str | None, most: float) -> float | None:
        """Reads a quantity at a key, from 0 to `most`; None if absent or wrong."""
        return section.read(key, read_quantity, quantity, written, 0, most) if written else None

    if entry.like is not None and entry.like not in TREATY_DATES:
        fix = nearest(entry.like, TREATY_DATES)
        section.note(InputError("has no dates in the data", key="like", value=entry.like, fix=fix))
    shares, aside = {}, section.below("reservations")
    terms = [str(one["id"]) for one in read_entries("terms.yaml") if one["treaty"] == treaty]
    for term, share in entry.reservations.items():
        if treaty is not None and term not in terms:
            fix = nearest(term, terms, what="one of the entries")
            aside.note(InputError("no entry of the treaty's terms", key=term, value=share, fix=fix))
        shares[term] = aside.read(term, read_quantity, Quantity.SHARE, share, 0, 1) or 0.0
    pace, hazard = read("pace", Quantity.RATIO, entry.pace, 100), read("hazard", Quantity.RATE, entry.hazard, 10)
    negotiation = read("negotiation", Quantity.YEARS, entry.negotiation, 40) or 0.0
    return Process(entry.course, negotiation, hazard, entry.like, 1.0 if pace is None else pace, shares)


def next_half_year(day: date) -> date:
    """First 1 January or 1 July on or after a day."""
    if (day.month, day.day) in ((1, 1), (7, 1)):
        return day
    return date(day.year, 7, 1) if day.month < 7 else date(day.year + 1, 1, 1)


@dataclass(frozen=True)
class Clock:
    """Draws of waiting times in legal processes, the same in all scenario runs of a seed."""

    end: date  # last day of interest; what comes later never happens
    seed: int = 0  # run seed
    # lags and their uncertainty, and how good a policymaker's figures are
    reform: Theme = field(default_factory=lambda: Parameters().reform)

    @property
    def atlas(self) -> Atlas:
        """Table of states with their governance, on which waiting times depend."""
        return load_atlas()

    @property
    def operation(self) -> tuple[float, float]:
        """Time constants τ, in years, from a law to its practice: for best- and for worst-governed states."""
        return self.reform.operation_least_years, self.reform.operation_most_years

    def passage(self, state: str, instrument: str, start: date, process: Process, signatory: bool) -> Passage | None:
        """Draws the dates of a state's way into a treaty; None if it ratifies only after the end."""
        open_on = start + timedelta(days=round(process.negotiation_years * YEAR))
        signed, hazard = open_on, _hazard(process, instrument)
        if process.course is Course.ACCESSION:
            hazard = acceding(_dated(process, instrument)) if process.hazard is None else hazard
        elif not signatory:
            signed = self._after(open_on, signing(), "signature", instrument, state, process.pace)
        ratified = self._after(signed, hazard, "ratification", instrument, state, process.pace)
        counted = next_half_year(ratified + timedelta(days=DEPOSIT_DAYS)) if ratified <= self.end else ratified
        if counted > self.end:
            return None
        least, most = self.reform.law_lag_least_years, self.reform.law_lag_most_years
        share = stable_number("reform", str(self.seed), "law", instrument, state)
        law = self._later(counted, least + (most - least) * share)
        # Exponential, so that 1 − exp(−t ÷ τ) of like states work by then.
        best, worst = self.operation
        tau = best + (worst - best) * (1.0 - self.atlas.governance[state])
        operation = self._later(law, tau * self._wait("operation", instrument, state))
        return Passage(state, signed, counted, next_half_year(law), next_half_year(operation))

    def adopted(self, state: str, subject: str, start: date, process: Process) -> date | None:
        """Draws the day on which a state passes a law; None if after the end."""
        begun = start + timedelta(days=round(process.negotiation_years * YEAR))
        hazard = replace(_hazard(process, MODEL), slope=0.0)  # no data say which parliaments are quicker
        day = self._after(begun, hazard, "legislation", subject, state, process.pace)
        return next_half_year(day) if day < self.end else None

    def agreed(self, sides: tuple[str, str], subject: str, start: date, process: Process) -> date | None:
        """Draws the day on which an agreement of two sides enters into force; None if after the end."""
        begun = start + timedelta(days=round(process.negotiation_years * YEAR))
        hazard = process.hazard
        if hazard is None:
            hazard = (ratifying(process.like) if process.like else concluding()).rate
        key, rate = "-".join(sorted(sides)), hazard * process.pace * self.reform.ratification_pace
        day = self._later(begun, self._wait("agreement", subject, key) / rate)
        return next_half_year(day) if day < self.end else None

    def comes_about(self, subject: str, share: float) -> bool:
        """True if an uncertain event happens in this world, drawn with probability `share`.

        Changes about one subject come about in the same worlds in every scenario; a greater share adds worlds to these.
        """
        return share >= 1.0 or stable_number("reform", str(self.seed), "worlds", subject) < share

    def happens(self, subject: str, least: float, most: float) -> bool:
        """True if an event occurs in this world; its probability is uncertain, from `least` to `most`.

        Each world draws the share again, so that over many worlds the middle of the range decides.
        """
        drawn = stable_number("reform", str(self.seed), "share", subject)
        return self.comes_about(subject, least + (most - least) * drawn)

    def reserves(self, state: str, term: str, share: float) -> bool:
        """True if a state makes a reservation to a term of a treaty, drawn with probability `share`."""
        return stable_number("reform", str(self.seed), "reservation", term, state) < share

    def _after(self, day: date, hazard: Hazard, stage: str, subject: str, state: str, pace: float) -> date:
        """Draws the day of a state's next step, by a yearly rate that depends on the state."""
        rate = hazard.of(self.atlas.governance[state]) * pace * self.reform.ratification_pace
        return self._later(day, self._wait(stage, subject, state) / rate if rate > 0 else math.inf)

    def _later(self, day: date, years: float) -> date:
        """Adds years to a day; every result beyond the end becomes the first day after the end."""
        beyond = self.end + timedelta(days=1)
        if day >= beyond or years * YEAR > (beyond - day).days:
            return beyond
        return day + timedelta(days=math.ceil(years * YEAR))

    def _wait(self, stage: str, subject: str, who: str) -> float:
        """Draws a waiting time with mean 1, the same in all scenario runs."""
        return -math.log(1.0 - stable_number("reform", str(self.seed), stage, subject, who))


def _dated(process: Process, instrument: str) -> str:
    """Id of the treaty whose dates of ratification give the rate for a process."""
    return process.like or (instrument if instrument in TREATY_DATES else MODEL)


def _hazard(process: Process, instrument: str) -> Hazard:
    """Yearly rate of ratification, from the scenario file or, without one there, from past ratifications."""
    hazard = ratifying(_dated(process, instrument))
    if process.hazard is None:
        return hazard
    return replace(hazard, rate=process.hazard)
