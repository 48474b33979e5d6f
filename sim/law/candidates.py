"""Possible future events of law ("candidates"), which occur in a share of worlds."""

from dataclasses import dataclass
from datetime import date
from functools import cache

from sim.data.load import DataError, Row, members, read_table, states
from sim.law.amendments import Amendment, Conclude, EndBetween, Join, Ratify
from sim.law.suggest import nearest
from sim.law.vocabulary import EvidenceTag

FILE = "candidates.csv"
_OF_PAIRS, _OF_STATES = ("end", "conclude"), ("join", "ratify")
_ACTS = (*_OF_PAIRS, *_OF_STATES, "")
_EU = "EU"


@dataclass(frozen=True)
class Candidate:
    """A possible future event of law, such as the end of a treaty."""

    id: str
    what: str
    act: str  # end or conclude (pairs), join or ratify (states); empty: shown alone, the model does not hold it
    instrument: str  # id of treaties.csv
    states: tuple[str, ...]
    partners: tuple[str, ...]  # the other side of pairs
    on: date
    least: float  # share of worlds in which it comes about, 0–1, is drawn from here
    most: float  # to here
    source: str
    tag: EvidenceTag  # of the fact that it is under way
    date_tag: EvidenceTag  # of its day
    note: str

    @property
    def concerned(self) -> frozenset[str]:
        """Codes of all states that the event names."""
        return frozenset((*self.states, *self.partners))

    def amendments(self, on: date) -> tuple[Amendment, ...]:
        """Returns the amendments by which the event takes effect; empty if the model cannot represent the event."""
        pairs = tuple((one, other) for one in self.states for other in self.partners if one != other)
        match self.act:
            case "end":
                return (EndBetween(pairs, self.instrument, on),)
            case "conclude":
                return (Conclude(tuple((min(pair), max(pair)) for pair in pairs), self.instrument, on),)
            case "join":
                return (Join(self.states, self.instrument, on),)
            case "ratify":
                return (Ratify(self.states, self.instrument, on),)
        return ()


@cache
def candidates() -> tuple[Candidate, ...]:
    """Reads all possible future events of law from candidates.csv, by date; DataError for an unusable row."""
    return tuple(sorted((_read(row) for row in read_table(FILE).rows), key=lambda one: (one.on, one.id)))


def _read(row: Row) -> Candidate:
    table = read_table(FILE)
    least, most = table.number(row, "least"), table.number(row, "most")
    on = table.day(row, "date")
    if row["act"] not in _ACTS:
        raise DataError(f"{FILE}: {row['id']}: act = {row['act']!r} is unknown. {nearest(row['act'], _ACTS)}")
    if on is None or not 0.0 <= least <= most <= 1.0:
        raise DataError(f"{FILE}: {row['id']}: it needs a date, and 0 ≤ least ≤ most ≤ 1")
    tags = EvidenceTag(row["status"]), EvidenceTag(row["date_status"])
    sides = _sides(row["states"]), _sides(row["partners"])
    texts = row["id"], row["what"], row["act"], row["instrument"]
    if row["act"]:
        _check_instrument(row)
    return Candidate(*texts, *sides, on, least, most, row["source"], *tags, row["note"])


def _check_instrument(row: Row) -> None:
    """Raises a DataError unless a row's instrument is a treaty that fits the row's act."""
    forms = {one["id"]: one["form"] for one in read_table("treaties.csv").rows}
    where = f"{FILE}: {row['id']}: instrument = {row['instrument']!r}"
    if row["instrument"] not in forms:
        raise DataError(f"{where} is no treaty. {nearest(row['instrument'], tuple(forms))}")
    is_of_pairs = forms[row["instrument"]] == "pairs"
    if is_of_pairs != (row["act"] in _OF_PAIRS):
        acts = " and ".join(_OF_PAIRS if is_of_pairs else _OF_STATES)
        raise DataError(
            f"{where} is {'concluded by pairs' if is_of_pairs else 'joined by states'}: its acts are {acts}"
        )


def _sides(text: str) -> tuple[str, ...]:
    """Reads state codes from a text such as `GBR CAN`; `EU` means all EU members."""
    union = members("EU", "member")
    codes = [code for word in text.split() for code in (sorted(union) if word == _EU else (word,))]
    if unknown := set(codes) - set(states()):
        raise DataError(f"{FILE}: no state has the code {', '.join(sorted(unknown))}")
    return tuple(codes)
