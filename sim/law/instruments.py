"""Terms of each instrument of cooperation, read from terms.yaml and converted to arrays for rules."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Any, TypeVar

import numpy as np

from sim.data.load import DataError, read_entries, read_table
from sim.law.amendments import ReviseTerms
from sim.law.suggest import nearest
from sim.law.vocabulary import Channel, DataKind, EvidenceTag, Offence

FILE = "terms.yaml"
Member = TypeVar("Member", bound=IntEnum)
#: Where a least maximum penalty must be met.
_SIDES = frozenset({"both", "requesting"})


class DualCriminality(IntEnum):
    """Ways in which a requested state may require that an act is an offence there too."""

    NOT_TESTED = 0
    TESTED = 1
    TESTED_UNLESS_LISTED = 2


#: The same as terms.yaml says it.
_TESTS = {
    "never": DualCriminality.NOT_TESTED,
    "always": DualCriminality.TESTED,
    "unless_listed": DualCriminality.TESTED_UNLESS_LISTED,
}

#: One row per instrument variant that a request can meet, with fields of `Terms`. NaN: none; masks are bits over
#: DataKind or Offence.
TERMS = np.dtype(
    [
        ("carries", "u2"),
        ("deadline_days", "f8", (len(DataKind),)),
        ("emergency_days", "f8"),
        ("enforceable", "i4"),  # breach has a cost for the executing side
        ("dual_criminality", "i4"),  # DualCriminality
        ("dual_criminality_kinds", "u2"),  # data kinds for which it is tested
        ("listed_penalty_years", "f8"),  # listed offences with this maximum skip the test
        ("penalty_years", "f8"),  # least maximum penalty in the requesting state; 0 none
        ("penalty_kinds", "u2"),  # data kinds that the threshold binds
        ("penalty_both", "i4"),  # the requested state must punish as much
        ("exempt_offences", "u2"),  # offences that the threshold does not bind
        ("electronic", "i4"),  # has a secure channel of its own
        ("diplomatic", "i4"),  # goes the diplomatic way
        ("in_steps", "i4"),  # states and providers come to use it one after the other
        ("preservation_days", "f8"),  # how long data are held on a preservation request
    ]
)


@dataclass(frozen=True)
class Terms:
    """Terms of one instrument, or of a variant of it, as in terms.yaml."""

    id: str
    name: str
    treaty: str
    channel: Channel
    rank: int
    carries: frozenset[DataKind]
    deadline_days: Mapping[DataKind, float]
    emergency_days: float | None
    enforceable: bool
    dual_criminality: DualCriminality
    dual_criminality_kinds: frozenset[DataKind]
    listed_penalty_years: float
    penalty_years: float
    penalty_kinds: frozenset[DataKind]
    penalty_both: bool  # else only the requesting state must
    exempt_offences: frozenset[Offence]
    electronic: bool
    diplomatic: bool
    in_steps: bool
    preservation_days: float | None
    only_requesting: tuple[str, ...]
    reserved_by: tuple[str, ...]
    refusal: tuple[str, ...]
    article: str
    source: str
    tag: EvidenceTag
    reading: str

    def meets_threshold(self, kind: DataKind, offence: Offence, penalty_years: float) -> bool:
        """True if the penalty meets the instrument's threshold, or none binds this kind of data and offence."""
        bound = kind in self.penalty_kinds and offence not in self.exempt_offences
        return not bound or penalty_years >= self.penalty_years

    def tests_dual_criminality(self, kind: DataKind, penalty_years: float) -> bool:
        """True if the instrument requires dual criminality for this kind of data and this penalty."""
        if kind not in self.dual_criminality_kinds or self.dual_criminality is DualCriminality.NOT_TESTED:
            return False
        listed = self.dual_criminality is DualCriminality.TESTED_UNLESS_LISTED
        return not (listed and penalty_years >= self.listed_penalty_years)


def load_terms(treaties: Iterable[str]) -> tuple[Terms, ...]:
    """Reads the terms of all instruments from terms.yaml."""
    reservations: dict[str, list[str]] = {}
    for row in read_table("reservations.csv").rows:
        reservations.setdefault(row["term"], []).append(row["iso3"])
    known, entries = frozenset(treaties), []
    for entry in read_entries(FILE):
        identity = str(entry.get("id"))
        try:
            entries.append(_terms(entry, identity, known, tuple(reservations.get(identity, ()))))
        except KeyError as error:
            raise DataError(f"{FILE}: {identity}: {error.args[0]!r} is missing or unknown") from None
        except (TypeError, AttributeError) as error:
            raise DataError(f"{FILE}: {identity}: {error}") from None
    return tuple(entries)


def _terms(entry: dict[str, Any], identity: str, treaties: frozenset[str], reserved_by: tuple[str, ...]) -> Terms:
    """Makes terms from an entry of terms.yaml."""
    test, threshold = entry.get("dual_criminality", {}), entry.get("threshold", {})
    return Terms(
        id=identity,
        name=entry["name"],
        treaty=_one_of(entry["treaty"], treaties, identity, "treaty"),
        channel=_member(Channel, entry["channel"], identity),
        rank=int(entry["rank"]),
        carries=_members(DataKind, entry["carries"], identity),
        deadline_days={
            _member(DataKind, kind, identity): float(days) for kind, days in entry.get("deadline_days", {}).items()
        },
        emergency_days=entry.get("emergency_days"),
        enforceable=bool(entry.get("enforceable", False)),
        dual_criminality=_TESTS[
            _one_of(test.get("test", "never"), frozenset(_TESTS), identity, "dual_criminality.test")
        ],
        dual_criminality_kinds=_members(DataKind, test.get("kinds", ()), identity),
        listed_penalty_years=float(test.get("listed_penalty_years", 0)),
        penalty_years=float(threshold.get("penalty_years", 0)),
        penalty_kinds=_members(DataKind, threshold.get("kinds", ()), identity),
        penalty_both=_one_of(threshold.get("states", "both"), _SIDES, identity, "threshold.states") == "both",
        exempt_offences=_members(Offence, threshold.get("exempt", ()), identity),
        electronic=bool(entry.get("electronic", False)),
        diplomatic=bool(entry.get("diplomatic", False)),
        in_steps=bool(entry.get("in_steps", False)),
        preservation_days=entry.get("preservation_days"),
        only_requesting=tuple(entry.get("only_requesting", ())),
        reserved_by=reserved_by,
        refusal=tuple(entry["refusal"]),
        article=entry["article"],
        source=entry["source"],
        tag=EvidenceTag(entry["status"]),
        reading=entry.get("reading", ""),
    )


def _one_of(value: str, valid: frozenset[str], identity: str, key: str) -> str:
    if value not in valid:
        raise DataError(f"{FILE}: {identity}: {key} = {value!r} is unknown. {nearest(value, valid)}")
    return value


def _member(kind: type[Member], name: str, identity: str) -> Member:
    return kind[_one_of(name, frozenset(kind.__members__), identity, kind.__name__)]


def _members(kind: type[Member], names: Iterable[str], identity: str) -> frozenset[Member]:
    return frozenset(_member(kind, name, identity) for name in names)


def revised(terms: tuple[Terms, ...], amendments: Iterable[ReviseTerms]) -> tuple[Terms, ...]:
    """Terms of all instruments after amendments of single numbers."""
    by_id = {term.id: term for term in terms}
    for amendment in amendments:
        by_id[amendment.term] = _revised(by_id[amendment.term], amendment)
    return tuple(by_id[term.id] for term in terms)


def _revised(term: Terms, amendment: ReviseTerms) -> Terms:
    """Terms of one instrument after one amendment."""
    match amendment.field:
        case "deadline_days":
            return replace(
                term, deadline_days={**term.deadline_days, **dict.fromkeys(amendment.kinds, amendment.value)}
            )
        case "enforceable":
            return replace(term, enforceable=amendment.value > 0)
        case "penalty_years":
            return replace(term, penalty_years=amendment.value, penalty_kinds=term.penalty_kinds | set(amendment.kinds))
        case "listed_penalty_years" | "preservation_days":
            return replace(term, **{amendment.field: amendment.value})  # type: ignore[arg-type]
    raise ValueError(f"no number of terms.yaml that can be revised: {amendment.field!r}")


def terms_array(terms: tuple[Terms, ...]) -> np.recarray[Any, np.dtype[np.void]]:
    """Converts the terms of all instruments to an array of records for rules."""
    rows = np.zeros(len(terms), dtype=TERMS)
    rows["deadline_days"] = np.nan
    for row, term in zip(rows, terms, strict=True):
        for field in TERMS.names or ():
            value = getattr(term, field)
            if isinstance(value, Mapping):
                for kind, days in value.items():
                    row[field][kind] = days
            elif isinstance(value, frozenset):
                row[field] = sum(1 << member for member in value)
            else:
                row[field] = np.nan if value is None else value
    return rows.view(np.recarray)
