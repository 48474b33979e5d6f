"""Reads the liaison bodies from bodies.csv, with seat, people, reply time, legal basis and tasks.

A row of a user's own folder comes behind those of the package. A number of people, days or hours may be the name of a
parameter instead, which has a range and a source of its own.
"""

from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from sim.data.load import DataError, Row, Table, file_of, key_of, members, read_table, states

FILE, FEED = "bodies.csv", "liaison_feed.csv"
#: Where the people of a body sit: at a desk of its own, at one in each state, or at none.
DESKS = ("own", "states", "none")
#: Most bodies that a mask of 16 bits holds.
_MOST = 16


@dataclass(frozen=True)
class LiaisonRow:
    """A liaison body as described in bodies.csv."""

    code: int  # its place among the rows, by which tables of a world name it
    name: str  # by which rules and other data files name it
    title: str
    label: str  # what sentences call it
    desk: str  # one of DESKS
    seat: str  # state of its own desk; empty for the others
    people: str  # staff, a share of which works on files of this tier; or a parameter, which is taken whole
    reply_days: str  # median time away from its desk: members' own answers, meetings; empty for none
    file_hours: str  # mean work of other files at its own desk
    match_rate: str  # parameter: matches per shared indicator and month; empty where it compares nothing
    rank: int  # of several bodies that could do a task, that of the highest rank is asked
    basis: tuple[str, ...]  # instruments (terms.yaml), each of which lets two states work through it
    joined: str  # the body of memberships.csv that both must be members of; empty for none
    also: str  # another body: who may work through that may through this one, too
    between: str  # the body whose basis counts once a state has joined by policy: its own, or a wider one
    channel: str  # the channel that must be open instead of any basis; empty for none
    tasks: tuple[str, ...]  # what it may be asked to do, by ReferralTask

    @property
    def compares(self) -> bool:
        """True for a police body that compares indicators from units of several states."""
        return "COMPARE" in self.tasks


class FeedRow(NamedTuple):
    """A row on states that send information to a liaison body, and on the information's quality."""

    body: str
    states: frozenset[str]
    quality: float  # 0 to 1


@cache
def liaison_rows() -> tuple[LiaisonRow, ...]:
    """All liaison bodies, in the order of bodies.csv."""
    table = read_table(FILE)
    rows = tuple(_row(table, code, row) for code, row in enumerate(table.rows))
    names = {one.name for one in rows}
    if len(rows) > _MOST or len(names) < len(rows):
        raise DataError(f"{table.name}: each body has one row, and at most {_MOST} have room; take rows out")
    for one, row in zip(rows, table.rows, strict=True):
        for column, name in (("also", one.also), ("between", one.between)):
            if name not in {"", *names}:
                raise _wrong(table, row, column, f"write one of {', '.join(sorted(names))}, or nothing")
    return rows


def liaison_row(name: str) -> LiaisonRow:
    """Finds a liaison body by name."""
    return next(one for one in liaison_rows() if one.name == name)


@cache
def liaison_feed() -> tuple[FeedRow, ...]:
    """Rows of liaison_feed.csv, after a check of the bodies and members in them."""
    table = read_table(FEED)
    return tuple(_feed(table, row) for row in table.rows)


def check_bodies() -> None:
    """Raises a DataError for a body with an unknown seat or unknown members, or one that nobody feeds, nor asks.

    Rows are read before any other file of data; what they name is looked up here.
    """
    table, fed = read_table(FILE), {one.body for one in liaison_feed()}
    for row in table.rows:
        if row["seat"] not in {"", *states()}:
            codes = [country["iso3"] for country in read_table("countries.csv").rows if country["name"] == row["seat"]]
            raise _wrong(table, row, "seat", f"write {', '.join(codes) or 'the code of a state, such as COL'}")
        if row["joined"] and not members(row["joined"]):
            known = sorted({tie["body"] for tie in read_table("memberships.csv").rows})
            raise _wrong(table, row, "joined", f"write one of {', '.join(known)}, or nothing")
        if row["desk"] != "none" and row["body"] not in fed:
            fix = f"write a row such as {row['body']},OAS,member,0.9,judgement,an example"
            raise DataError(
                f"{file_of(table, row)}: {row['body']}: no row of {FEED} feeds it, so nobody asks it; {fix}"
            )


def _feed(table: Table, row: Row) -> FeedRow:
    """Checks a row of liaison_feed.csv and converts it to a record."""
    names = [one.name for one in liaison_rows()]
    if row["body"] not in names:
        raise _unfit(table, row, "body", f"write one of {', '.join(names)}, or add a row to {FILE}")
    states = members(row["member_of"], row["kind"])
    if not states:
        ties = read_table("memberships.csv").rows
        kinds = sorted({tie["kind"] for tie in ties if tie["body"] == row["member_of"]})
        known = kinds or sorted({tie["body"] for tie in ties})
        fix = f"write one of {', '.join(known)}, or add a row for each member to memberships.csv"
        raise _unfit(table, row, "kind" if kinds else "member_of", fix)
    return FeedRow(row["body"], states, table.number(row, "feed"))


def _unfit(table: Table, row: Row, column: str, fix: str) -> DataError:
    """Makes the error for a cell with an unknown name."""
    return DataError(f"{file_of(table, row)}: {key_of(row)}: {column} = {row[column]!r} is not known; {fix}")


def _row(table: Table, code: int, row: Row) -> LiaisonRow:
    """Checks a row of bodies.csv and converts it to a record."""
    name = row["body"]
    if not name.isidentifier() or name != name.upper():
        raise _wrong(table, row, "body", "write capital letters, digits and _")
    if row["desk"] not in DESKS:
        raise _wrong(table, row, "desk", f"write one of {', '.join(DESKS)}")
    needed = ("title", "people", *(("seat", "reply_days", "file_hours") if row["desk"] == "own" else ()))
    for column in (*needed, *(("match_rate",) if "COMPARE" in row["tasks"].split() else ())):
        if not row[column]:
            raise _wrong(table, row, column, "every body like this has one")
    return LiaisonRow(
        code=code,
        name=name,
        title=row["title"],
        label=row["label"] or row["title"],
        desk=row["desk"],
        seat=row["seat"],
        people=row["people"],
        reply_days=row["reply_days"],
        file_hours=row["file_hours"],
        match_rate=row["match_rate"],
        rank=int(table.number(row, "rank")),
        basis=tuple(row["basis"].split()),
        joined=row["joined"],
        also=row["also"],
        between=row["between"] or name,
        channel=row["channel"],
        tasks=tuple(row["tasks"].split()),
    )


def _wrong(table: Table, row: Row, column: str, fix: str) -> DataError:
    """Makes the error for an unusable row."""
    return DataError(f"{file_of(table, row)}: {row['body']}: {column} = {row[column]!r} cannot be used; {fix}")
