"""Files on the table: the record of each, and the scenarios of its options, as far as its text says them.

A file is a proposal, a treaty or an agreement that is under way: a row of sim/data/on_the_table.csv. Each scenario in
scenarios/files/ is one of its options, as if it passed in all worlds; the share of worlds in which it would pass is
judgement, which is shown with it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache

from sim.data.load import Row, read_table
from sim.law.candidates import candidates
from sim.law.suggest import nearest
from sim.law.vocabulary import EvidenceTag
from sim.policy.document import Document, FileEntry, read_document
from sim.policy.lever import Quantity
from sim.policy.problem import InputError
from sim.policy.scenario import FILES, Scenario, of_files
from sim.policy.schema import ChangeEntry, CostEntry, ScenarioFile, read_scenario_file
from sim.policy.units import read_quantity

#: The table of files, in sim/data/.
TABLE = "on_the_table.csv"
#: Places of a file that touches the whole world.
EVERYWHERE = "all"


@dataclass(frozen=True)
class Record:
    """A row of the table of files: what stage one is at, and when that was last looked up."""

    file: str  # its id
    title: str
    reference: str  # by number and article
    stage: str  # where it stands
    stage_on: str  # since when: an ISO date, which may be a month
    next: str  # what comes next
    next_on: str  # when; empty where no day is known
    price: str  # what the text says it costs
    price_tag: EvidenceTag | None  # None where it says none
    touches: str  # whom, and which kinds of data
    places: str  # names for `--for`, under which its own effect is seen first; EVERYWHERE for the world
    changed: str  # since the last release
    checked: date  # day on which the row was last looked up
    source: str
    tag: EvidenceTag  # of its stage


@dataclass(frozen=True)
class Passing:
    """Range, by judgement, of the share of worlds in which an option passes, alone or with more."""

    least: float  # 0–1
    most: float  # 0–1

    def __str__(self) -> str:
        return f"{100 * self.least:.0f} to {100 * self.most:.0f} %"


@dataclass(frozen=True)
class Option:
    """One option of a file: its scenario, with what the text says of each dose and price."""

    key: str  # of the scenario
    title: str
    record: Record
    passing: Passing
    left_open: tuple[str, ...]  # what the file leaves open
    based_on: tuple[str, ...]  # options whose changes come first
    changes: tuple[ChangeEntry, ...]  # its own, with reference and flags
    costs: tuple[CostEntry, ...]  # prices that the text states


@cache
def records() -> dict[str, Record]:
    """All files on the table by id, in the order of the table; DataError for an unusable row."""
    return {row["file"]: record_of(row) for row in read_table(TABLE).rows}


def record_of(row: Row) -> Record:
    """Record of a row of the table; DataError for a day that is none."""
    table = read_table(TABLE)
    for column in ("stage_on", "next_on"):
        table.day(row, column)  # refuses what is no day
    return Record(
        file=row["file"],
        title=row["title"],
        reference=row["reference"],
        stage=row["stage"],
        stage_on=row["stage_on"],
        next=row["next"],
        next_on=row["next_on"],
        price=row["price"],
        price_tag=EvidenceTag(row["price_status"]) if row["price_status"] else None,
        touches=row["touches"],
        places=row["for"],
        changed=row["changed"],
        checked=table.day(row, "checked") or date.min,
        source=row["source"],
        tag=EvidenceTag(row["status"]),
    )


def options() -> dict[str, Option]:
    """All options of files on the table by the key of their scenario, in the order of the table.

    Raises:
        InputError: all mistakes in one of their files.
    """
    order = list(records())
    every = map(_shipped, of_files())
    return {one.key: one for one in sorted(every, key=lambda one: (order.index(one.record.file), one.key))}


def option_of(scenario: Scenario) -> Option | None:
    """Option that a scenario stands for; None for a scenario of no file."""
    return _shipped(scenario.key) if scenario.group == FILES else None


def notes(scenarios: Iterable[Scenario]) -> list[str]:
    """Sentences on the stage of the files of scenarios, and when that was last checked, each only once."""
    chosen = (option_of(scenario) for scenario in scenarios)
    return [*dict.fromkeys(f"File: {one.record.title}: {standing(one.record)}" for one in chosen if one)]


def standing(record: Record) -> str:
    """Text on the stage of a file, what comes next, and when both were last checked."""
    then = f"Next: {record.next}, {record.next_on or 'no day known'}."
    checked = f"Checked on {record.checked}; since the last release: {record.changed}."
    return f"{record.stage} ({record.stage_on}; {record.tag.value}). {then} {checked}"


def _shipped(key: str) -> Option:
    """Option of a scenario in scenarios/files/."""
    path = of_files()[key]
    return option_in(read_document(path, f"scenarios/{FILES}/{path.name}"), key)


def option_in(document: Document, key: str) -> Option:
    """Option of a file on the table that a scenario file describes.

    Raises:
        InputError: all mistakes in it.
    """
    content, top = read_scenario_file(document), FileEntry(document, ())
    if content.file not in records():
        fix = nearest(content.file or "", records(), what=f"one of the files of sim/data/{TABLE}")
        top.note(InputError("no file on the table", key="file", value=content.file, fix=fix))
    passing = _passing(content, top)
    document.found.raise_all()
    parts = content.left_open, content.based_on, content.changes, content.costs
    return Option(key, content.title, records()[content.file or ""], passing, *parts)


def _passing(content: ScenarioFile, top: FileEntry) -> Passing:
    """Share of worlds in which an option passes: that of a candidate for law, or as its file says; notes mistakes."""
    known = {one.id: Passing(one.least, one.most) for one in candidates()}
    if content.candidate in known:
        return known[content.candidate]
    if content.candidate is not None:
        fix = nearest(content.candidate, known, what="one of sim/data/candidates.csv")
        top.note(InputError("not a candidate", key="candidate", value=content.candidate, fix=fix))
        return Passing(0.0, 1.0)
    written = (content.passes or "").split(" to ")
    ends = [top.read("passes", read_quantity, Quantity.SHARE, end, 0, 1) for end in written]
    shares = [end for end in ends if end is not None]
    if len(shares) != 2 or shares[0] > shares[1]:
        problem = InputError("not two shares", key="passes", value=content.passes, fix="Write 40 % to 80 %.")
        top.note(problem)
        return Passing(0.0, 1.0)
    return Passing(*shares)
