"""Treaties and other instruments: the states that each binds, and the dates of membership."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from sim.data.load import UNDATED, DataError, Row, Table, file_of, key_of, read_table
from sim.data.load import states as all_states
from sim.law.amendments import BringIntoForce, Conclude, EndBetween, Join, Ratify, Terminate, TreatyAmendment
from sim.law.suggest import nearest
from sim.law.vocabulary import EvidenceTag


@dataclass(frozen=True)
class Membership:
    """Membership of one state, or of a pair of states, in a treaty: dates, role and source."""

    since: date  # first day it binds
    until: date | None  # first day it no longer binds; None: it still does
    role: str  # `member`; `associate` (bound to members only); `requested`, `excluded` (voluntary disclosure)
    tag: EvidenceTag  # how far the fact may be trusted
    source: str
    note: str = ""  # a remark of the data on it, e.g. that the day is assumed


@dataclass(frozen=True)
class Treaty:
    """A treaty or other instrument: its entry into force, and its memberships over time."""

    id: str
    name: str
    # `any` pair of states; `parties` (both bound); `pairs` (bilateral); `requested` (the requested state is on the
    # list)
    form: str
    # day of general entry into force; None: it waits for `needed` ratifications, or each membership has its own day
    in_force: date | None
    ended: date | None
    needed: int  # ratifications that bring it into force; 0: no such condition
    reference: str
    source: str
    tag: EvidenceTag
    memberships: Mapping[str, Membership] = field(default_factory=dict)
    pairs: Mapping[tuple[str, str], Membership] = field(default_factory=dict)
    # states that are bound but cannot use it yet, with the day on which their ratification counts
    ratified: Mapping[str, date] = field(default_factory=dict)

    def entry(self) -> date | None:
        """Date on which the treaty enters into force; None if never, UNDATED if the date differs by membership."""
        if self.in_force is not None:
            return self.in_force
        if not self.needed:
            return UNDATED
        counted = dict(self.ratified)
        for state, membership in self.memberships.items():
            counted[state] = min(membership.since, counted.get(state, membership.since))
        days = sorted(counted.values())
        return days[self.needed - 1] if len(days) >= self.needed else None

    def dates(self) -> Iterator[date]:
        """Yields all dates on which the treaty's effect may change; none if not in force."""
        entry = self.entry()
        if entry is None:
            return
        for membership in (*self.memberships.values(), *self.pairs.values()):
            yield max(membership.since, entry)
            yield from () if membership.until is None else (membership.until,)
        yield from () if self.ended is None else (self.ended,)

    def amended(self, amendments: tuple[TreatyAmendment, ...]) -> "Treaty":
        """Copy of the treaty after the amendments that apply to it."""
        treaty = self
        for amendment in amendments:
            if isinstance(amendment, BringIntoForce) and amendment.instrument_id == self.id:
                entry = treaty.entry()
                sooner = amendment.on if entry is None else min(entry, amendment.on)
                treaty = replace(treaty, in_force=sooner)
            elif isinstance(amendment, Terminate) and amendment.instrument_id == self.id:
                treaty = replace(treaty, ended=min(treaty.ended or amendment.on, amendment.on))
            elif isinstance(amendment, Join) and amendment.instrument_id == self.id:
                treaty = replace(treaty, memberships=_joined(treaty, amendment))
            elif isinstance(amendment, Ratify) and amendment.instrument_id == self.id:
                earlier = {state: treaty.ratified.get(state, amendment.on) for state in amendment.states}
                treaty = replace(treaty, ratified={**treaty.ratified, **earlier})
            elif isinstance(amendment, Conclude) and amendment.instrument_id == self.id:
                treaty = replace(treaty, pairs=_concluded(treaty, amendment))
            elif isinstance(amendment, EndBetween) and amendment.instrument_id == self.id:
                treaty = replace(treaty, pairs=_ended(treaty, amendment))
        return treaty


def _hypothetical(on: date, role: str = "member") -> Membership:
    """Makes a membership that a scenario assumes from a date on."""
    return Membership(on, None, role, EvidenceTag.JUDGEMENT, "scenario", "by the scenario")


def _joined(treaty: Treaty, amendment: Join) -> dict[str, Membership]:
    """Memberships of a treaty after more states have joined; existing members keep their dates."""
    if treaty.form == "pairs":
        raise ValueError(f"{treaty.id} is bilateral: name the pairs that conclude it, not states that join")
    memberships = dict(treaty.memberships)
    role = "requested" if treaty.form == "requested" else "member"
    for state in amendment.states:
        held = memberships.get(state)
        if held is None or held.until is not None or held.since > amendment.on or held.role == "associate":
            memberships[state] = _hypothetical(amendment.on, role)
    return memberships


def _concluded(treaty: Treaty, amendment: Conclude) -> dict[tuple[str, str], Membership]:
    """Memberships of a bilateral treaty after more pairs have concluded it; bound pairs keep their dates."""
    if treaty.form != "pairs":
        raise ValueError(f"{treaty.id} is not bilateral: states join it")
    pairs = dict(treaty.pairs)
    for pair in amendment.pairs:
        key = (min(pair), max(pair))
        held = pairs.get(key)
        if held is None or held.since > amendment.on or (held.until is not None and held.until <= amendment.on):
            pairs[key] = _hypothetical(amendment.on)
    return pairs


def _ended(treaty: Treaty, amendment: EndBetween) -> dict[tuple[str, str], Membership]:
    """Memberships of a bilateral treaty after its end between given pairs; earlier end dates remain."""
    pairs = dict(treaty.pairs)
    for pair in amendment.pairs:
        key = (min(pair), max(pair))
        held = pairs.get(key)
        if held is not None and held.since < amendment.on:
            pairs[key] = replace(held, until=min(held.until or amendment.on, amendment.on))
    return pairs


def load_treaties(states: tuple[str, ...]) -> dict[str, Treaty]:
    """Reads all treaties with their Parties from the data files."""
    table = read_table("treaties.csv")
    parties, known = read_table("parties.csv"), frozenset(states)
    memberships: dict[str, dict[str, Membership]] = {row["id"]: {} for row in table.rows}
    sources = read_table("party_sources.csv")
    for listed, row in (*((sources, row) for row in sources.rows), *((parties, row) for row in parties.rows)):
        if row["treaty"] not in memberships:
            hint = f"is not in treaties.csv. {nearest(row['treaty'], memberships)}"
            raise DataError(f"{file_of(listed, row)}: treaty = {row['treaty']!r} {hint}")
    for row in sources.rows:
        for state, membership in _from_source(row):  # the first one found stays
            memberships[row["treaty"]].setdefault(state, membership)
    for row in parties.rows:
        if row["iso3"] not in all_states():
            labels = {country["iso3"]: country["name"] for country in read_table("countries.csv").rows}
            hint = nearest(row["iso3"], labels, labels=labels)
            raise DataError(f"{file_of(parties, row)}: {key_of(row)}: iso3 = {row['iso3']!r} is no state. {hint}")
        since, until = parties.day(row, "since") or UNDATED, parties.day(row, "until")
        membership = Membership(since, until, row["role"], EvidenceTag(row["status"]), row["source"], row["notes"])
        memberships[row["treaty"]][row["iso3"]] = membership
    pairs = _bilateral(known)
    return {
        row["id"]: Treaty(
            id=row["id"],
            name=row["name"],
            form=row["form"],
            in_force=table.day(row, "in_force"),
            ended=table.day(row, "ended"),
            needed=int(table.number(row, "ratifications_needed", 0)),
            reference=row["legal_reference"],
            source=row["source"],
            tag=EvidenceTag(row["status"]),
            memberships={state: membership for state, membership in memberships[row["id"]].items() if state in known},
            pairs=pairs.get(row["id"], {}),
        )
        for row in table.rows
    }


def _from_source(source: Row) -> Iterator[tuple[str, Membership]]:
    """Yields each state that one data file makes a Party, with its membership."""
    sources = read_table("party_sources.csv")
    blank = sources.day(source, "since", UNDATED)
    floor = sources.day(source, "not_before", UNDATED)
    table = read_table(source["file"])
    # The column that dates the membership.
    column = {"memberships.csv": "since", "regional_parties.csv": "in_force"}.get(source["file"], source["body"])
    for row in table.rows:
        if not _names_party(source, row):
            continue
        dated = table.day(row, column) if column else None
        since = max(day for day in (dated or blank, floor) if day is not None)
        until = table.day(row, "until") if "until" in row else None
        note = "; ".join(part for part in (_date_note(row[column]), row.get("notes", "")) if part)
        # That such rows make Parties, that this one does, and its day may each be uncertain.
        flags = (source["status"], row["status"], row.get("since_status", ""), row.get("date_status", ""))
        tag = weakest(EvidenceTag(flag) for flag in flags if flag)
        yield row["iso3"], Membership(since, until, source["role"], tag, row["source"], note)


def weakest(tags: Iterable[EvidenceTag]) -> EvidenceTag:
    """Least reliable of several evidence tags."""
    return max(tags, key=list(EvidenceTag).index)


def _date_note(text: str) -> str:
    """Note that a date is missing or not exact to the day; empty for an exact date."""
    if not text:
        return "date not in the data: taken as before 2022"
    return "" if len(text) == len("2000-01-01") else f"{text}: first day assumed"


def _names_party(source: Row, row: Row) -> bool:
    """True if a row of a source file makes its state a Party to the treaty."""
    if source["file"] == "memberships.csv":
        return row["body"] == source["body"] and row["kind"] == source["kind"]
    if source["file"] == "regional_parties.csv":
        return row["instrument"] == source["body"] and row["party"] == "yes"
    return row[source["body"]] != ""


#: Files of bilateral treaties.
BILATERAL_FILES = ("bilateral.csv", "bilateral_more.csv")

#: Beginning of `instrument` in these files, and the treaties that it stands for.
BILATERAL_TREATIES = (
    ("CLOUD Act executive agreement", ("cloud",)),
    ("EU-Japan", ("eu_japan_mla",)),
    ("EU-UK", ("eu_uk_tca",)),
    ("EU-US", ("eu_us_mla",)),
    ("MLAT and extradition", ("mlat", "extradition_pairs")),
    ("MLA", ("mlat",)),
    ("Extradition", ("extradition_pairs",)),
)


def _bilateral(known: frozenset[str]) -> dict[str, dict[tuple[str, str], Membership]]:
    """Memberships of pairs of states by treaty, from the data files on bilateral treaties."""
    pairs: dict[str, dict[tuple[str, str], Membership]] = {}
    for table in (read_table(file) for file in BILATERAL_FILES):
        for row in table.rows:
            pair = (min(row["iso3_a"], row["iso3_b"]), max(row["iso3_a"], row["iso3_b"]))
            if row["in_force"] != "yes" or not known.issuperset(pair):
                continue
            for treaty in bilateral_treaties(row):
                membership = _pair_bond(table, row, treaty)
                held = pairs.setdefault(treaty, {}).get(pair)
                if held is None or membership.since < held.since:
                    pairs[treaty][pair] = membership
    return pairs


def bilateral_treaties(row: Row) -> tuple[str, ...]:
    """Ids in treaties.csv of the treaties to which a row of a bilateral file refers.

    Those of the USA have terms of their own (`mlat_us`), except that with Switzerland: it tests dual criminality before
    any compulsion (article 4(2)), as others do.
    """
    ids = next((ids for prefix, ids in BILATERAL_TREATIES if row["instrument"].startswith(prefix)), ())
    american = "USA" in (row["iso3_a"], row["iso3_b"]) and "CHE" not in (row["iso3_a"], row["iso3_b"])
    return tuple("mlat_us" if american and treaty == "mlat" else treaty for treaty in ids)


def _pair_bond(table: Table, row: Row, treaty: str) -> Membership:
    """Makes the membership of a pair of states from a row of a bilateral file."""
    since = table.day(row, "in_force_date", UNDATED) or UNDATED
    if treaty == "eu_uk_tca":
        since = date(2021, 1, 1)  # provisionally applied from then (note of the row)
    tag = EvidenceTag(row["status"])
    if row["date_status"] != "verified" and tag is EvidenceTag.VERIFIED:
        tag = EvidenceTag.RECALLED
    parts = (_date_note(row["in_force_date"]), row["notes"])
    return Membership(since, None, "member", tag, row["source"], "; ".join(part for part in parts if part))
