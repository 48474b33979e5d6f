"""Changes of law that scenarios make; each takes effect on its date (field `on`)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sim.law.vocabulary import Channel, DataKind, Offence


@dataclass(frozen=True)
class AdoptOffences:
    """Change: states adopt offences as the Convention defines them, with a maximum penalty of at least a given one."""

    states: tuple[str, ...]
    offences: tuple[Offence, ...]
    penalty_years: float
    on: date


@dataclass(frozen=True)
class GrantPowers:
    """Change: states give their authorities powers to obtain some kinds of data."""

    states: tuple[str, ...]
    data_kinds: tuple[DataKind, ...]
    on: date


@dataclass(frozen=True)
class SetImplementation:
    """Change: the degree (0–1) to which states apply their law in practice."""

    states: tuple[str, ...]
    value: float
    on: date
    at_least: bool = False  # whether a state that is further already stays where it is


@dataclass(frozen=True)
class Join:
    """Change: states become Parties to a multilateral treaty, given by its id in treaties.csv.

    A treaty that waits for ratifications enters into force when enough states have joined.
    """

    states: tuple[str, ...]
    instrument_id: str
    on: date


@dataclass(frozen=True)
class Ratify:
    """Change: states ratify a treaty, but can use it only after a `Join`.

    Counts towards the treaty's entry into force.
    """

    states: tuple[str, ...]
    instrument_id: str
    on: date


@dataclass(frozen=True)
class Reserve:
    """Change: states make a reservation against an entry of terms.yaml, which then does not apply to them."""

    states: tuple[str, ...]
    term: str
    on: date


@dataclass(frozen=True)
class ReviseTerms:
    """Change: a number in an entry of terms.yaml takes a new value.

    It holds for requests drafted afterwards. Only tests of law (threshold, list) are read when a request is decided, so
    requests under way meet the new ones.
    """

    term: str  # id of the entry
    field: str  # name of the attribute of `Terms`
    kinds: tuple[DataKind, ...]  # data kinds, for deadlines and thresholds, which differ by kind
    value: float  # days, years, or 1 and 0 for yes and no
    on: date


@dataclass(frozen=True)
class Implement:
    """Change: practice of law in some states grows from its first level to its highest as 1 − exp(−t ÷ τ)."""

    states: tuple[str, ...]
    on: date
    # τ of the best and of the worst governed state; others lie between
    operation_years: tuple[float, float] = (1.0, 3.0)


@dataclass(frozen=True)
class Conclude:
    """Change: pairs of states conclude a bilateral treaty, given by its id in treaties.csv."""

    pairs: tuple[tuple[str, str], ...]
    instrument_id: str
    on: date


@dataclass(frozen=True)
class EndBetween:
    """Change: a bilateral treaty ends between given pairs of states."""

    pairs: tuple[tuple[str, str], ...]
    instrument_id: str
    on: date


@dataclass(frozen=True)
class BringIntoForce:
    """Change: a treaty enters into force among its Parties, even if its own conditions are not met."""

    instrument_id: str
    on: date


@dataclass(frozen=True)
class Terminate:
    """Change: a treaty ends; national laws based on it, and pending requests, remain."""

    instrument_id: str
    on: date


@dataclass(frozen=True)
class CloseChannels:
    """Change: channels close, for all states or for given requesting or requested states."""

    channels: tuple[Channel, ...]
    on: date
    requesting: tuple[str, ...] | None = None
    requested: tuple[str, ...] | None = None


@dataclass(frozen=True)
class RemoveDataConflict:
    """Change: data-protection law of `requested` states no longer stops data to `requesting` states."""

    requesting: tuple[str, ...]
    requested: tuple[str, ...]
    on: date


@dataclass(frozen=True)
class ShiftAffinity:
    """Change: affinity between states (0–1) moves by `delta` (−1 to 1)."""

    requesting: tuple[str, ...]
    requested: tuple[str, ...]
    delta: float
    on: date


@dataclass(frozen=True)
class DriftAffinity:
    """Change: affinity of all pairs of states drifts at random for a year.

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
    """Amendments in effect on a date, sorted by date."""
    return tuple(sorted((a for a in amendments if a.on <= on), key=lambda amendment: amendment.on))


def of_kind(kind: Any, amendments: Iterable[Amendment]) -> tuple[Any, ...]:
    """Selects the amendments of one or several classes, in order."""
    return tuple(amendment for amendment in amendments if isinstance(amendment, kind))


def states_of(amendment: Amendment) -> Iterable[str]:
    """Codes of all states that an amendment names."""
    if isinstance(amendment, (Conclude, EndBetween)):
        return (state for pair in amendment.pairs for state in pair)
    if isinstance(amendment, (CloseChannels, RemoveDataConflict, ShiftAffinity)):
        return (*(amendment.requesting or ()), *(amendment.requested or ()))
    return () if isinstance(amendment, (BringIntoForce, Terminate, ReviseTerms, DriftAffinity)) else amendment.states
