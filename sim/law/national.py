"""National law on a date: offences, penalties, powers, and practice.

sim/law/statutes.py has what was read of it and how the rest is drawn. Derived by rule (judgement):

* Law in action: others hold I0 = Imax·(0.3 + 0.6·governance); a Party grows from there to
  Imax = 0.45 + 0.55·governance^0.7 as 1 − exp(−t/τ), t counted from entry into force plus a lag of 1–4 years,
  τ 1–3 years, both by governance; in yearly steps on 1 January. Where a scenario dates the implementing law
  (`Implement`), t is counted from that day, with the τ that it brings (reform.operation_least_years and _most_years).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sim.data.geography import governance_score
from sim.law.amendments import AdoptOffences, GrantPowers, Implement, NationalAmendment, SetImplementation
from sim.law.arrays import Flags, Float
from sim.law.days import YEAR, to_date, to_day
from sim.law.statutes import Filled, Reading


class NationalLaw(NamedTuple):
    """National law of all states on one day, as arrays."""

    offence: Flags  # [S, offences] covered
    penalty_years: Float  # [S, offences] maximum
    elements: npt.NDArray[np.uint8]  # [S, offences] mask over ELEMENTS
    power: Flags  # [S, data kinds]
    implementation: Float  # [S] 0–1
    offence_chance: Float  # [S, offences] probability that it is covered: 0 or 1 where read, drawn or adopted
    power_chance: Float  # [S, data kinds] likewise


@dataclass(frozen=True, eq=False)
class NationalProfiles:
    """Law of all states over time: own law (index 0) and law as a Party (index 1)."""

    position: dict[str, int]
    days: npt.NDArray[np.float64]  # [days] from which each first entry of the arrays below holds
    filled: Filled
    chances: tuple[npt.NDArray[np.generic], npt.NDArray[np.generic]]  # of offences and powers, in the same shapes
    governance: npt.NDArray[np.float64]

    def changes(self) -> Iterator[date]:
        """Yields the days on which some state's own law changes."""
        return (to_date(day) for day in self.days[1:])

    def last_change(self, when: date) -> date:
        """Date of the latest change of law, on or before `when`; date.min if none."""
        number = int(np.searchsorted(self.days, to_day(when), side="right"))
        return to_date(self.days[number - 1]) if number > 1 else date.min

    def on(
        self, when: date, party_since: Float, party_until: Float, amendments: tuple[NationalAmendment, ...]
    ) -> NationalLaw:
        """National law of all states on a date, after amendments in effect.

        Each state is bound by the Budapest Convention from one day, infinity: not, until another, both [S].
        """
        day = to_day(when)
        party = ((party_since <= day) & (day < party_until)).astype(np.intp)
        state, at = np.arange(len(party)), int(np.searchsorted(self.days, day, side="right")) - 1
        law = NationalLaw(
            offence=self.filled.offence[at, party, state].astype(np.int8),
            penalty_years=self.filled.penalty_years.astype(np.float32),
            elements=self.filled.elements.copy(),
            power=self.filled.power[at, party, state].astype(np.int8),
            implementation=self._implementation(when, party_since, party == 1, amendments),
            offence_chance=self.chances[0][at, party, state].astype(np.float32),
            power_chance=self.chances[1][at, party, state].astype(np.float32),
        )
        for amendment in amendments:
            self._apply(law, amendment)
        return law

    def _implementation(
        self, when: date, since: Float, party: npt.NDArray[np.bool_], amendments: tuple[NationalAmendment, ...]
    ) -> Float:
        """Degree (0–1) to which each state applies its law, as of 1 January of a year, [S]."""
        weakness = 1 - self.governance
        most = 0.45 + 0.55 * self.governance**0.7
        least = most * (0.3 + 0.6 * self.governance)
        lag, pace = 1 + 3 * weakness, 1 + 2 * weakness
        january = to_day(date(when.year, 1, 1))
        grown = _grown((january - np.where(party, since, np.inf)) / YEAR - lag, pace)
        for amendment in amendments:
            if isinstance(amendment, Implement):
                rows = [self.position[state] for state in amendment.states]
                best, worst = amendment.operation_years
                by_scenario = _grown((january - to_day(amendment.on)) / YEAR, best + (worst - best) * weakness[rows])
                grown[rows] = np.maximum(grown[rows], by_scenario)
        return np.asarray(least + (most - least) * grown, dtype=np.float32)

    def _apply(self, law: NationalLaw, amendment: NationalAmendment) -> None:
        """Applies an amendment in place to the arrays of one day's law."""
        rows = [self.position[state] for state in amendment.states]
        if isinstance(amendment, AdoptOffences):
            part = np.ix_(rows, [int(offence) for offence in amendment.offences])
            law.offence[part] = 1
            law.offence_chance[part] = 1
            law.elements[part] = 0
            law.penalty_years[part] = np.maximum(law.penalty_years[part], amendment.penalty_years)
        elif isinstance(amendment, GrantPowers):
            part = np.ix_(rows, [int(kind) for kind in amendment.data_kinds])
            law.power[part] = 1
            law.power_chance[part] = 1
        elif isinstance(amendment, SetImplementation):
            before = law.implementation[rows] if amendment.at_least else 0.0
            law.implementation[rows] = np.maximum(before, amendment.value)


def _grown(years: npt.ArrayLike, pace: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Share (0–1) of the way from its first to its final level that legal practice has come after some years."""
    past = np.maximum(np.asarray(years, np.float64), 0)
    at_once = np.where(past > 0, 1.0, 0.0)
    return np.where(pace > 0, 1 - np.exp(-past / np.where(pace > 0, pace, 1.0)), at_once)


def profiles(reading: Reading, draw: int | None) -> NationalProfiles:
    """Completes the law of all states; parts that nobody has read are drawn, or the most likely if `draw` is None."""
    filled = reading.filled(draw)
    chances = reading.chances if draw is None else (filled.offence, filled.power)
    position = {state: index for index, state in enumerate(reading.states)}
    return NationalProfiles(position, reading.reach.days, filled, chances, governance_score())


def stable_number(*words: str) -> float:
    """Number from 0 to 1 computed from a hash of words, so that it never changes."""
    return int.from_bytes(blake2b("/".join(words).encode(), digest_size=8).digest(), "big") / 2.0**64
