"""Changes of the law by scenarios; each change takes effect on the day in its field `on`."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sim.law.vocabulary import Channel, DataKind, Offence


@dataclass(frozen=True)
class AdoptOffences:
    """States adopt the offences as the Convention defines them, with at least this maximum penalty."""

    states: tuple[str, ...]
    offences: tuple[Offence, ...]
    penalty_years: float
    on: date


@dataclass(frozen=True)
class GrantPowers:
    """States give their authorities the power to obtain some kinds of data."""

    states: tuple[str, ...]
    data_kinds: tuple[DataKind, ...]
    on: date


@dataclass(frozen=True)
class SetImplementation:
    """Sets how far states apply their law in practice, 0–1; several in a row form a growth path."""

    states: tuple[str, ...]
    value: float
    on: date
    at_least: bool = False  # whether a state that is further already stays where it is


@dataclass(frozen=True)
class Join:
    """States become Parties to a multilateral treaty; `instrument_id` is an id of treaties.csv.

    A treaty that waits for ratifications enters into force when enough states have joined.
    """

    states: tuple[str, ...]
    instrument_id: str
    on: date


@dataclass(frozen=True)
class Ratify:
    """States ratify a treaty, but can use it only after a later `Join`, once law and offices exist.

    Counts towards the treaty's entry into force.
    """

    states: tuple[str, ...]
    instrument_id: str
    on: date


@dataclass(frozen=True)
class Reserve:
    """States make a reservation to one entry of terms.yaml, which then applies to them in neither direction."""

    states: tuple[str, ...]
    term: str
    on: date


@dataclass(frozen=True)
class ReviseTerms:
    """Changes one number in an entry of terms.yaml, for requests drafted from that day on.

    Tests of law (threshold, list) are read when a request is decided, so requests under way meet the new ones.
    """

    term: str  # id of the entry
    field: str  # name of the attribute of `Terms`
    kinds: tuple[DataKind, ...]  # data kinds, for deadlines and thresholds, which differ by kind
    value: float  # days, years, or 1 and 0 for yes and no
    on: date


@dataclass(frozen=True)
class Implement:
    """Law in practice of some states grows as I_max·(1 − exp(−t ÷ τ)); see sim/law/national.py."""

    states: tuple[str, ...]
    on: date
    # τ of the best and of the worst governed state; others lie between
    operation_years: tuple[float, float] = (1.0, 3.0)


@dataclass(frozen=True)
class Conclude:
    """Pairs of states conclude a bilateral treaty; `instrument_id` is an id of treaties.csv."""

    pairs: tuple[tuple[str, str], ...]
    instrument_id: str
    on: date


@dataclass(frozen=True)
class EndBetween:
    """A bilateral treaty ends between pairs of states."""

    pairs: tuple[tuple[str, str], ...]
    instrument_id: str
    on: date


@dataclass(frozen=True)
class BringIntoForce:
    """A treaty enters into force among its Parties, even if its own conditions are not met."""

    instrument_id: str
    on: date


@dataclass(frozen=True)
class Terminate:
    """A treaty binds nobody any more; laws that states passed under it, and requests under way, stay."""

    instrument_id: str
    on: date


@dataclass(frozen=True)
class CloseChannels:
    """Channels close, for all states or only from `requesting` states or to `requested` states."""

    channels: tuple[Channel, ...]
    on: date
    requesting: tuple[str, ...] | None = None
    requested: tuple[str, ...] | None = None


@dataclass(frozen=True)
class RemoveDataConflict:
    """Data-protection law in `requested` states no longer stops data sent to `requesting` states."""

    requesting: tuple[str, ...]
    requested: tuple[str, ...]
    on: date


@dataclass(frozen=True)
class ShiftAffinity:
    """Affinity between states changes by `delta` (−1 to 1), but stays between 0 and 1."""

    requesting: tuple[str, ...]
    requested: tuple[str, ...]
    delta: float
    on: date


@dataclass(frozen=True)
class DriftAffinity:
    """Affinity between all pairs of states changes at random for a year; a small part of the change lasts.

    Over the years, what has moved is x ← kept·x + shock·z, with one standard normal z a year and pair of states,
    the same both ways. It depends on the seed and the year alone, so that every scenario meets the same politics.
    """

    seed: int  # run seed
    shock: float  # standard deviation of a year's shock, on the scale of affinity (0–1)
    kept: float  # share of what has moved that is still there a year later
    on: date


TreatyAmendment = Join | Ratify | Reserve | Conclude | EndBetween | BringIntoForce | Terminate | CloseChannels
NationalAmendment = AdoptOffences | GrantPowers | SetImplementation | Implement
RelationAmendment = RemoveDataConflict | ShiftAffinity | DriftAffinity
Amendment = TreatyAmendment | NationalAmendment | RelationAmendment | ReviseTerms


def effective(amendments: Iterable[Amendment], on: date) -> tuple[Amendment, ...]:
    """Amendments in effect on a day, in order of their days."""
    return tuple(sorted((a for a in amendments if a.on <= on), key=lambda amendment: amendment.on))


def of_kind(kind: Any, amendments: Iterable[Amendment]) -> tuple[Any, ...]:
    """Amendments of a class, or of a union of classes, in their order."""
    return tuple(amendment for amendment in amendments if isinstance(amendment, kind))


def states_of(amendment: Amendment) -> Iterable[str]:
    """All states named in an amendment."""
    if isinstance(amendment, (Conclude, EndBetween)):
        return (state for pair in amendment.pairs for state in pair)
    if isinstance(amendment, (CloseChannels, RemoveDataConflict, ShiftAffinity)):
        return (*(amendment.requesting or ()), *(amendment.requested or ()))
    return () if isinstance(amendment, (BringIntoForce, Terminate, ReviseTerms, DriftAffinity)) else amendment.states
