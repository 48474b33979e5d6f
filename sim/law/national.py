"""National law: offences, penalties, powers, standard of proof, law in action. All derived, tag judgement.

Data on 196 national laws do not exist in one place, so a profile is derived by this rule, and what is known
of single statutes (offence_law.csv, recalled) replaces it:

* An offence is covered when a stable number in 0–1, hashed from state and offence, is below the probability
  of coverage: Parties to the Budapest Convention 0.90–1.00, others 0.50–0.85, within the range by governance
  score; money laundering 0.97–1.00 and 0.85–0.99 (FATF membership is near-universal).
* Maximum penalty: the offence's usual maximum times a hashed factor (0.5, 0.67, 1, 1, 1.5, 2), in half-years;
  at least 1 year in Parties (extraditable, art. 24), 2 in EU members (Directive 2013/40).
* Extra elements: hashed, 8 % (Parties) or 25 % (others) for each that arts 2–8 allow.
* Powers by data kind: hashed against ranges below, Parties above others.
* Law in action: others hold I0 = Imax·(0.3 + 0.6·governance); a Party grows from there to
  Imax = 0.45 + 0.55·governance^0.7 as 1 − exp(−t/τ), t counted from entry into force plus a lag of 1–4 years,
  τ 1–3 years, both by governance; in yearly steps on 1 January. Where a scenario dates the implementing law
  (`Implement`), t is counted from that day, with the τ that it brings (reform.operation_least_years and _most_years).
"""

from dataclasses import dataclass
from datetime import date
from hashlib import blake2b
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sim.data.geography import governance_score
from sim.data.load import DataError, by_state, read_table
from sim.law.amendments import AdoptOffences, GrantPowers, Implement, NationalAmendment, SetImplementation
from sim.law.days import to_day
from sim.law.suggest import nearest
from sim.law.vocabulary import DataKind, EvidenceTag, Offence

Float = npt.NDArray[np.float32]
Flags = npt.NDArray[np.int8]
YEAR = 365.25

#: Extra elements of an offence, by bit.
ELEMENTS = ("security_measure", "intent_to_defraud", "serious_damage", "specific_target")

#: Usual maximum penalty in years (recalled from European codes), and the extra elements that may occur.
USUAL_PENALTY = {
    Offence.ILLEGAL_ACCESS: 3.0,
    Offence.ILLEGAL_INTERCEPTION: 3.0,
    Offence.DATA_INTERFERENCE: 4.0,
    Offence.SYSTEM_INTERFERENCE: 5.0,
    Offence.MISUSE_OF_DEVICES: 2.0,
    Offence.COMPUTER_FORGERY: 4.0,
    Offence.COMPUTER_FRAUD: 5.0,
    Offence.MONEY_LAUNDERING: 7.0,
}
POSSIBLE_ELEMENTS = {
    Offence.ILLEGAL_ACCESS: (0, 1, 3),
    Offence.ILLEGAL_INTERCEPTION: (1, 3),
    Offence.DATA_INTERFERENCE: (2,),
    Offence.SYSTEM_INTERFERENCE: (2,),
    Offence.MISUSE_OF_DEVICES: (),
    Offence.COMPUTER_FORGERY: (1,),
    Offence.COMPUTER_FRAUD: (),
    Offence.MONEY_LAUNDERING: (),
}
PENALTY_FACTORS = (0.5, 0.67, 1.0, 1.0, 1.5, 2.0)
ELEMENT_SHARE = (0.25, 0.08)  # others, Parties

#: Probability of coverage (least, most by governance): others, Parties.
OFFENCE_RANGES = ((0.50, 0.85), (0.90, 1.00))
LAUNDERING_RANGES = ((0.85, 0.99), (0.97, 1.00))

#: Probability of holding a power (least, most by governance): others, Parties.
POWER_RANGES = {
    DataKind.PRESERVATION: ((0.30, 0.75), (0.92, 1.00)),
    DataKind.SUBSCRIBER: ((0.75, 0.99), (0.97, 1.00)),
    DataKind.TRAFFIC: ((0.60, 0.97), (0.94, 1.00)),
    DataKind.CONTENT: ((0.60, 0.97), (0.92, 1.00)),
    DataKind.SEARCH_SEIZURE: ((0.90, 1.00), (0.97, 1.00)),
    DataKind.ARREST_EXTRADITION: ((1.00, 1.00), (1.00, 1.00)),
    DataKind.JOINT_TEAM: ((0.20, 0.80), (0.50, 1.00)),
    DataKind.POLICE_INFORMATION: ((1.00, 1.00), (1.00, 1.00)),
}

#: Standard of proof, 0–1: civil-law and other states, common-law states.
PROOF = {
    DataKind.PRESERVATION: (0.05, 0.05),
    DataKind.SUBSCRIBER: (0.20, 0.20),
    DataKind.TRAFFIC: (0.40, 0.40),
    DataKind.CONTENT: (0.60, 0.70),
    DataKind.SEARCH_SEIZURE: (0.60, 0.70),
    DataKind.ARREST_EXTRADITION: (0.60, 0.70),
    DataKind.JOINT_TEAM: (0.30, 0.30),
    DataKind.POLICE_INFORMATION: (0.05, 0.05),
}
PROBABLE_CAUSE = 0.80  # USA, for content and search (Fourth Amendment)


class NationalLaw(NamedTuple):
    """National law of every state on one day."""

    offence: Flags  # [S, offences] covered
    penalty_years: Float  # [S, offences] maximum
    elements: npt.NDArray[np.uint8]  # [S, offences] mask over ELEMENTS
    power: Flags  # [S, data kinds]
    proof: Float  # [S, data kinds] 0–1
    implementation: Float  # [S] 0–1


@dataclass(frozen=True, eq=False)
class NationalProfiles:
    """What the rule needs for any day: for each pair of arrays, index 0 is others and 1 is Parties."""

    position: dict[str, int]
    offence: npt.NDArray[np.bool_]  # [2, S, offences]
    penalty_years: Float  # [2, S, offences]
    elements: npt.NDArray[np.uint8]  # [2, S, offences]
    power: npt.NDArray[np.bool_]  # [2, S, data kinds]
    proof: Float
    governance: npt.NDArray[np.float64]
    tags: dict[str, EvidenceTag]  # how far each state's offence profile may be trusted

    def on(
        self, when: date, party_since: Float, party_until: Float, amendments: tuple[NationalAmendment, ...]
    ) -> NationalLaw:
        """National law on a day.

        Args:
            when: the day.
            party_since: [S] day since which each state is bound by the Budapest Convention; infinity: not.
            party_until: [S] day from which it no longer is.
            amendments: those in effect, in order of their days.
        """
        day = to_day(when)
        party = ((party_since <= day) & (day < party_until)).astype(np.intp)
        state = np.arange(len(party))
        law = NationalLaw(
            offence=self.offence[party, state].astype(np.int8),
            penalty_years=self.penalty_years[party, state].copy(),
            elements=self.elements[party, state].copy(),
            power=self.power[party, state].astype(np.int8),
            proof=self.proof.copy(),
            implementation=self._implementation(when, party_since, party == 1, amendments),
        )
        for amendment in amendments:
            self._apply(law, amendment)
        return law

    def _implementation(
        self, when: date, since: Float, party: npt.NDArray[np.bool_], amendments: tuple[NationalAmendment, ...]
    ) -> Float:
        """Law in action on 1 January of the year: the rule at the head of this file; scenarios may be quicker."""
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
        """Writes one amendment into the arrays of a day."""
        rows = [self.position[state] for state in amendment.states]
        if isinstance(amendment, AdoptOffences):
            part = np.ix_(rows, [int(offence) for offence in amendment.offences])
            law.offence[part] = 1
            law.elements[part] = 0
            law.penalty_years[part] = np.maximum(law.penalty_years[part], amendment.penalty_years)
        elif isinstance(amendment, GrantPowers):
            law.power[np.ix_(rows, [int(kind) for kind in amendment.data_kinds])] = 1
        elif isinstance(amendment, SetImplementation):
            law.implementation[rows] = amendment.value


def _grown(years: npt.ArrayLike, pace: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Share of the way to full law in action after some years; with no pace at all, at once."""
    past = np.maximum(np.asarray(years, np.float64), 0)
    at_once = np.where(past > 0, 1.0, 0.0)
    return np.where(pace > 0, 1 - np.exp(-past / np.where(pace > 0, pace, 1.0)), at_once)


def load_profiles(states: tuple[str, ...]) -> NationalProfiles:
    """The derived profiles of all states.

    Raises:
        DataError: a file cannot be used.
    """
    governance = governance_score()
    statutes = _statutes(states)
    offence = np.empty((2, len(states), len(Offence)), np.bool_)
    penalty = np.empty(offence.shape, np.float32)
    elements = np.empty(offence.shape, np.uint8)
    power = np.empty((2, len(states), len(DataKind)), np.bool_)
    members = read_table("memberships.csv").rows
    union = {row["iso3"] for row in members if (row["body"], row["kind"]) == ("EU", "member")}
    for index, state in enumerate(states):
        least = 2.0 if state in union else 0.0
        for o in Offence:
            offence[:, index, o] = _covered(state, o, governance[index])
            penalty[:, index, o] = _penalties(state, o, least)
            elements[:, index, o] = [_elements(state, o, share) for share in ELEMENT_SHARE]
        if state in statutes:
            statute = statutes[state]
            offence[:, index], elements[:, index] = statute.covered, statute.elements
            for o, years in statute.penalties.items():
                penalty[:, index, o] = years
        for kind in DataKind:
            number = stable_number(state, kind.name, "power")
            power[:, index, kind] = [number < _within(r, governance[index]) for r in POWER_RANGES[kind]]
    return NationalProfiles(
        {state: index for index, state in enumerate(states)},
        offence,
        penalty,
        elements,
        power,
        _proof(states),
        governance,
        {s: EvidenceTag.RECALLED if s in statutes else EvidenceTag.JUDGEMENT for s in states},
    )


def stable_number(*words: str) -> float:
    """A number in 0–1 that depends on the words alone: the same on every machine and in every run."""
    return int.from_bytes(blake2b("/".join(words).encode(), digest_size=8).digest(), "big") / 2.0**64


def _within(bounds: tuple[float, float], score: float) -> float:
    return bounds[0] + (bounds[1] - bounds[0]) * score


def _covered(state: str, offence: Offence, score: float) -> list[bool]:
    """Whether an offence is covered: as another state, as a Party."""
    number = stable_number(state, offence.name, "offence")
    ranges = LAUNDERING_RANGES if offence is Offence.MONEY_LAUNDERING else OFFENCE_RANGES
    return [number < _within(bounds, score) for bounds in ranges]


def _penalties(state: str, offence: Offence, least: float) -> list[float]:
    """Maximum penalty in years: as another state, as a Party."""
    number = stable_number(state, offence.name, "penalty")
    factor = PENALTY_FACTORS[int(number * len(PENALTY_FACTORS))]
    years = max(round(2 * USUAL_PENALTY[offence] * factor) / 2, 0.5, least)
    return [years, max(years, 1.0)]


def _elements(state: str, offence: Offence, share: float) -> int:
    """Mask of the extra elements that national law demands."""
    bits = POSSIBLE_ELEMENTS[offence]
    return sum(1 << b for b in bits if stable_number(state, offence.name, ELEMENTS[b]) < share)


class _Statute(NamedTuple):
    """What offence_law.csv says of one state."""

    covered: npt.NDArray[np.bool_]
    elements: npt.NDArray[np.uint8]
    penalties: dict[Offence, float]


def _statutes(states: tuple[str, ...]) -> dict[str, _Statute]:
    """The states in offence_law.csv."""
    found = {}
    for state, row in by_state(read_table("offence_law.csv").rows).items():
        if state not in states:
            raise DataError(f"offence_law.csv: iso3 = {state!r} is not a state{nearest(state, states)}")
        covered = np.zeros(len(Offence), np.bool_)
        demanded = np.zeros(len(Offence), np.uint8)
        names = [o.name.lower() for o in Offence] if row["offences"] == "all" else row["offences"].split()
        for name in names:
            covered[_offence(name, state)] = True
        for entry in row["elements"].split():
            name, _, element = entry.partition(":")
            demanded[_offence(name, state)] |= 1 << ELEMENTS.index(element)
        penalties = {
            _offence(name, state): float(years)
            for name, _, years in (entry.partition(":") for entry in row["penalties"].split())
        }
        found[state] = _Statute(covered, demanded, penalties)
    return found


def _offence(name: str, state: str) -> Offence:
    names = {offence.name.lower(): offence for offence in Offence}
    if name not in names:
        raise DataError(f"offence_law.csv: {state}: offences = {name!r} is unknown{nearest(name, names)}")
    return names[name]


def _proof(states: tuple[str, ...]) -> Float:
    """Standard of proof by data kind."""
    systems = {s: row["legal_system"] for s, row in by_state(read_table("countries.csv").rows).items()}
    values = [[PROOF[kind][systems[state] == "common"] for kind in DataKind] for state in states]
    proof = np.array(values, np.float32)
    proof[states.index("USA"), [DataKind.CONTENT, DataKind.SEARCH_SEIZURE]] = PROBABLE_CAUSE
    return proof
