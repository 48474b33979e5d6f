"""Recorded law-enforcement operations, read from the data file or from a user's file."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sim.data.load import DataError, parse_date, read_table
from sim.data.load import states as all_states
from sim.law.days import MONTH, to_day
from sim.law.suggest import nearest
from sim.policy.document import Data, FileEntry, read_document
from sim.policy.problem import InputError, mistake
from sim.policy.scenario import CASES, SUFFIX
from sim.policy.units import read_name
from sim.policy.well_known import resource_folder
from sim.world.parameters import GROUP_KINDS

#: Kind of group in the model by target on the record.
KIND_OF_TARGET = {
    "botnet/loader": "technical_services",
    "hosting/bulletproof": "technical_services",
    "ransomware": "attacks_extortion",
    "infostealer": "data_identity_theft",
    "fraud-service": "scams",
    "booter": "ddos_for_hire",
    "marketplace": "marketplaces",
    "encrypted phones": "communication_services",
}


@dataclass(frozen=True)
class RealCase:
    """A recorded operation against a criminal group, with its known facts."""

    key: str  # name on the command line, or id in operations.csv
    title: str  # a few words
    kind: str  # kind of group, one of GROUP_KINDS
    lead: str  # ISO code of the state that led; the first where several did
    opened: date | None  # the investigation began; None: not on record
    acted: date  # day of the action
    states: int  # number of states that took part
    sources: tuple[str, ...]  # where the facts come from
    active_since: date | None = None  # the group began; None: not on record
    arrests: int | None = None  # persons arrested; None: not on record
    resurgence: str = "unknown"  # none, partial, full, or unknown
    return_months: float | None = None  # months until the group was back; None: not on record, or it was not
    recalled: tuple[str, ...] = ()  # fields that were not verified

    @property
    def months(self) -> float | None:
        """Months from the opening of the investigation to the action; None if unknown."""
        return None if self.opened is None else (to_day(self.acted) - to_day(self.opened)) / MONTH

    @property
    def returned(self) -> bool | None:
        """True if the group returned within two years; None if unknown."""
        if self.resurgence == "none":
            return False
        if self.resurgence == "unknown" or self.return_months is None:
            return None
        return self.return_months <= 24.0

    @property
    def number(self) -> int:
        """Fixed number of the case, used in random draws about its group."""
        return int.from_bytes(self.key.encode()[-7:], "big")

    @property
    def planted(self) -> date | None:
        """Day on which the group enters the world: the earlier of its start and its case's opening; None if unknown."""
        return min(filter(None, (self.active_since, self.opened)), default=None)


def operations() -> tuple[RealCase, ...]:
    """All recorded operations in the data file."""
    table = read_table("operations.csv")
    return tuple(
        RealCase(
            key=row["id"],
            title=row["name"],
            kind=KIND_OF_TARGET[row["target_type"]],
            lead=row["lead"].split(";")[0],
            opened=table.day(row, "investigation_start"),
            acted=parse_date(row["action_date"], table.name, f"{row['id']}: action_date"),
            states=int(table.number(row, "n_countries")),
            sources=(row["source"],),
            active_since=table.day(row, "activity_start"),
            arrests=int(table.number(row, "arrests")) if row["arrests"] else None,
            resurgence=row["resurgence"],
            return_months=table.number(row, "months_to_resurgence") if row["months_to_resurgence"] else None,
            recalled=tuple(filter(None, row["recalled_fields"].split(";"))),
        )
        for row in table.rows
    )


#: Days that a case may have: the law of earlier days is not in the data.
EARLIEST, LATEST = date(2001, 1, 1), date(2035, 12, 31)


def case_files() -> dict[str, Path]:
    """Paths of the package's files on recorded operations, by key."""
    return {path.stem: path for path in sorted((resource_folder("scenarios") / CASES).glob(f"*{SUFFIX}"))}


def load_case(word: str) -> RealCase:
    """Loads a recorded operation by its key or, if the word ends in .yaml, from a path."""
    known = case_files()
    if word in known:
        return read_case_file(known[word], f"scenarios/{CASES}/{known[word].name}")
    if Path(word).suffix.lower() in (SUFFIX, ".yml"):
        return read_case_file(Path(word), word)
    fix = f"{nearest(word, known)} A file of your own ends in {SUFFIX}."
    raise mistake("unknown case" if word else "a case is needed", "CASE", word, fix)


def read_case_file(path: Path, name: str) -> RealCase:
    """Reads a recorded operation from a file."""
    document = read_document(path, name)
    content, top = document.content, FileEntry(document, ())
    if not isinstance(content, dict):
        raise InputError("not a case", where=document.where(()), fix="Begin with `title: …` on a line.")
    for key in content.keys() - _KEYS.keys():
        top.note(InputError("unknown key", value=_text(content[key]), fix=nearest(key, _KEYS)), key)
    for key, (_, example) in _KEYS.items():
        if example and key not in content:
            top.note(InputError("this key is missing", fix=f"Add a line `{key}: {example}`."), key)
    fields: dict[str, Any] = {
        key: top.read(key, read, content[key]) for key, (read, _) in _KEYS.items() if key in content
    }
    for before, key in (("active_since", "opened"), ("opened", "acted")):
        if not top.wrong(key, before) and before in content and fields[key] < (earlier := fields[before]):
            fix = f"Write a day from {earlier} on, or correct `{before}`."
            top.note(InputError(f"before `{before}`", value=_text(content[key]), fix=fix), key)
    document.found.raise_all()
    states = len(fields.pop("states")) + len(fields.pop("territories", ()))
    facts = {key: value for key, value in fields.items() if key not in ("group", "question", "note")}
    return RealCase(path.stem, kind=fields["group"], states=states, **facts)


def _text(value: Data) -> str | None:
    return value if isinstance(value, str) else None


def _line(value: Data) -> str:
    """Reads a text value in a case's file."""
    if not isinstance(value, str) or not value.strip():
        raise InputError("one value is needed here", fix="Write it after the colon, on one line.")
    return " ".join(value.split())


def _day(value: Data) -> date:
    """Reads a date; a year or month alone means the first day."""
    written = _line(value)
    try:
        day = parse_date(written, "", "")
    except DataError:
        raise InputError("no such day", value=written, fix="Write it as 2016-11-30, 2016-11 or 2016.") from None
    if not EARLIEST <= day <= LATEST:
        fix = f"Choose a day from {EARLIEST} to {LATEST}: the law of other days is not in the data."
        raise InputError("out of range", value=written, fix=fix)
    return day


def _number(value: Data) -> int:
    """Reads a number of persons or months in a case's file."""
    written = _line(value)
    if not re.fullmatch(r"\d{1,6}", written):
        raise InputError("not a whole number of 0 or more", value=written, fix="Write digits only, such as 5.")
    return int(written)


def _list(value: Data) -> tuple[str, ...]:
    """Reads a list of texts; a single text counts as a list of one."""
    return tuple(map(_line, value if isinstance(value, list) else [value]))


def _state(value: Data) -> str:
    """Reads a state's ISO code in a case's file."""
    written = _line(value)
    if written not in all_states():
        raise InputError("unknown state", value=written, fix=nearest(written, all_states()))
    return written


def _states(value: Data) -> set[str]:
    """Reads a set of states' ISO codes in a case's file."""
    codes = [_state(one) for one in _list(value)]
    if twice := [state for number, state in enumerate(codes) if state in codes[:number]]:
        raise InputError("this state is given twice", value=twice[0], fix="Name each once.")
    return set(codes)


def _known(words: Collection[str]) -> Callable[[Data], str]:
    """Makes a function that reads a text and accepts only the given words."""
    return lambda value: read_name(_line(value), words, "not one of the known words")


#: What reads the value of each key, and an example where the key is needed; most are fields of RealCase.
_KEYS: Mapping[str, tuple[Callable[[Data], Any], str]] = {
    "title": (_line, "Avalanche"),
    "group": (_known(GROUP_KINDS), "technical_services"),
    "opened": (_day, "2018-08"),
    "acted": (_day, "2021-01-26"),
    "lead": (_state, "DEU"),
    "states": (_states, "[DEU, NLD]"),
    "sources": (_list, "[Europol 2016-12-01]"),
    "question": (_text, ""),
    "active_since": (_day, ""),
    "territories": (_list, ""),
    "arrests": (_number, ""),
    "resurgence": (_known(("none", "partial", "full", "unknown")), ""),
    "return_months": (_number, ""),
    "recalled": (_list, ""),
    "note": (_text, ""),
}
