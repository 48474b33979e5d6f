"""Schema of scenario files, and texts of errors for wrong entries."""

import re
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from sim.law.suggest import nearest
from sim.law.vocabulary import EvidenceTag
from sim.policy.document import Document, Place, describe
from sim.policy.indicators import Indicator, Scope
from sim.policy.lever import Course
from sim.policy.problem import InputError
from sim.world.parameters import WorldSpec

FIRST_DAY = date(2022, 1, 1)
LAST_DAY = date(2100, 12, 31)


class Order(StrEnum):
    """Orders in which states take part in a phased change."""

    BEST_GOVERNED_FIRST = "best_governed_first"
    WORST_GOVERNED_FIRST = "worst_governed_first"
    ALPHABETICAL = "alphabetical"


class Decides(StrEnum):
    """Decision rules by which a policymaker chooses measures."""

    BY_EVIDENCE = "by_evidence"
    OPEN_LOOP = "open_loop"  # the order is fixed at the first review
    AT_RANDOM = "at_random"
    FIXED = "fixed"  # a given plan


class Recommendation(StrEnum):
    """Recommendations in the literature that scenarios test; `comity scenarios` groups scenarios by them."""

    LAW = "law"
    ASSISTANCE = "assistance"
    LIAISON = "liaison"
    CAPACITY = "capacity"
    TECHNOLOGY = "technology"
    EVIDENCE = "evidence"
    ACTION = "action"
    MONITORING = "monitoring"
    BOUNDS = "bounds"


def _read_date(written: object) -> object:
    """Converts a text YYYY-MM-DD to a date."""
    if written is None:
        return None
    if not isinstance(written, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", written.strip()):
        raise ValueError("not a date; write it as 2027-01-01")
    try:
        day = date.fromisoformat(written.strip())
    except ValueError:
        raise ValueError("no such day in the calendar; write it as 2027-01-01") from None
    if not FIRST_DAY <= day <= LAST_DAY:
        first = WorldSpec().policy_start
        raise ValueError(
            f"outside {FIRST_DAY} to {LAST_DAY}; write a day from world.policy_start on, {first} by default"
        )
    return day


def _listed(written: object) -> object:
    """Puts a single word into a list; other values are unchanged."""
    return [written] if isinstance(written, str) else written


def _yes_no(written: object) -> object:
    """Converts `yes` or `no` to a boolean."""
    words = {"yes": True, "true": True, "no": False, "false": False}
    if not isinstance(written, str) or written.strip().lower() not in words:
        raise ValueError("neither yes nor no; write yes or no")
    return words[written.strip().lower()]


def _one_line(written: object) -> object:
    """Joins the lines of a text to one line."""
    return re.sub(r"[ \t\n]+", " ", written).strip(" ") if isinstance(written, str) else written


def _course(written: object) -> object:
    """Converts the bare name of a legal process to an entry without details."""
    return {"course": written} if isinstance(written, str) else written


Day = Annotated[date, BeforeValidator(_read_date)]
Words = Annotated[tuple[Annotated[str, Field(max_length=200)], ...], BeforeValidator(_listed)]
Text = Annotated[str, Field(min_length=1, max_length=4000)]
Title = Annotated[str, BeforeValidator(_one_line), Field(min_length=1, max_length=100)]
Short = Annotated[str, BeforeValidator(_one_line), Field(min_length=1, max_length=44)]
Line = Annotated[str, BeforeValidator(_one_line), Field(min_length=1, max_length=400)]
Lines = Annotated[tuple[Line, ...], BeforeValidator(_listed)]
Switch = Annotated[bool, BeforeValidator(_yes_no)]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Phased(_Entry):
    """Entry for a change that reaches groups of states one after another."""

    start: Day = Field(alias="from")
    until: Day
    order: Order = Order.BEST_GOVERNED_FIRST


class ProcessEntry(_Entry):
    """Entry for the legal process of a change: its name alone, or with details."""

    course: Course
    negotiation: Text | None = None
    hazard: Text | None = None
    like: Text | None = None
    pace: Text | None = None
    reservations: dict[Annotated[str, Field(max_length=100)], Text] = Field(default_factory=dict, max_length=20)


class Pairs(_Entry):
    """Entry that selects pairs: requesting states and requested states."""

    requesting: Words = ("all",)
    requested: Words = ("all",)
    both_ways: Switch = False


class MovedEntry(_Entry):
    """Entries that changes and measures share: a lever, and the states it applies to."""

    lever: Text
    value: Text | tuple[str, ...] | None = None
    states: Words | None = None
    pairs: Pairs | None = None
    process: Annotated[ProcessEntry, BeforeValidator(_course)] | None = None
    articles: Words | None = None
    instrument: Text | None = None
    kinds: Words | None = None
    lag: Text | None = None
    note: Text | None = None


class MeasureEntry(MovedEntry):
    """Entry of a scenario file for a measure that its policymaker can begin."""

    name: Text
    value: Text | tuple[str, ...]
    against: Indicator
    expects: Text


class MonitorEntry(_Entry):
    """Entry of a scenario file for a policymaker who reviews and decides."""

    first_review: Day
    every: Text
    budget: Text
    at_once: Text = "1"
    figures: Scope = Scope.CLOSED_FILES
    stop_below: Text = "25 %"
    decides: Decides = Decides.BY_EVIDENCE
    plan: Words = ()
    measures: tuple[MeasureEntry, ...]


class CostEntry(_Entry):
    """Entry of a scenario file for a cost that no lever causes."""

    what: Text
    once: Text | None = None
    yearly: Text | None = None
    start: Day = Field(alias="from")
    until: Day | None = None
    payer: Text = "other"
    reference: Line | None = None
    flag: EvidenceTag | None = None


class ChangeEntry(MovedEntry):
    """Entry of a scenario file for one change of a lever."""

    growth: Text | None = None
    on: Day | None = Field(default=None, alias="date")
    phased: Phased | None = None
    ramp: Text | None = None
    worlds: Text | None = None
    reference: Line | None = None
    flag: EvidenceTag | None = None
    date_flag: EvidenceTag | None = None

    @property
    def first_day(self) -> date:
        """Day on which the change or its first phase begins; the earliest possible day if none is given."""
        return self.phased.start if self.phased else self.on or FIRST_DAY


class ScenarioFile(_Entry):
    """All entries of a scenario file."""

    title: Title
    short: Short | None = None
    question: Text
    author: Text
    source: Words = ()
    sources: Words = ()
    based_on: Words = ()
    recommendation: Recommendation | None = None
    lags: Text | None = None
    cost: Text | None = None
    file: Short | None = None
    passes: Line | None = None
    candidate: Short | None = None
    left_open: Lines = Field(default=(), alias="open")
    costs: tuple[CostEntry, ...] = ()
    changes: tuple[ChangeEntry, ...] = ()
    monitor: MonitorEntry | None = None


def read_scenario_file(document: Document) -> ScenarioFile:
    """Reads a scenario file by its schema; notes mistakes in `document` and leaves their entries out.

    Every entry that does not fit, or is missing, is noted in `document.found` and `document.wrong`, and left out; where
    the file needs it, a stand-in takes its place, so that the other entries can be read.
    """
    content = document.content
    if not isinstance(content, dict):
        raise InputError("not a scenario", where=document.where(()), fix="Begin with `title: …` on a line.")
    findings = _findings(content)
    meant = {_meant(finding) for finding in findings if finding["type"] == "extra_forbidden"}
    for finding in findings:
        if finding["type"] != "missing" or finding["loc"] not in meant:
            place = _place(finding, document)
            problem, fix = _explain(finding, str(finding["loc"][-1]))
            value = None if finding["type"] == "missing" else _written(finding["input"])
            document.found.add(
                InputError(problem, where=document.where(place), key=describe(place), value=value, fix=fix)
            )
    document.wrong.update(meant - document.lines.keys(), (_place(finding, document) for finding in findings))
    kept: Any = _without(content, (), document.wrong)
    for finding in _findings(kept):  # of these, only what is missing is left
        *above, key = finding["loc"]
        entry = kept
        for part in above:
            entry = entry[part]
        entry[key] = _STAND_INS.get(str(key), "?")
    return ScenarioFile.model_validate(kept)


def _findings(content: Any) -> list[Any]:
    """Errors that pydantic reports for the content of a file."""
    try:
        ScenarioFile.model_validate(content)
    except ValidationError as error:
        return list(error.errors(include_url=False))
    return []


def _meant(finding: Any) -> Place:
    """Place of the key that a misspelt key probably stands for."""
    key = str(finding["loc"][-1])
    match = re.fullmatch(r"Did you mean (\w+)\?", _explain(finding, key)[1])
    return (*finding["loc"][:-1], match[1] if match else key)


def _place(finding: Any, document: Document) -> Place:
    """Place in the file of an error that pydantic reports."""
    place = document.nearest(finding["loc"])
    return (*place, str(finding["loc"][-1])) if finding["type"] == "missing" else place


#: Stand-ins for required entries that cannot be read; "?" for texts.
_STAND_INS: Mapping[str, Any] = {
    "from": FIRST_DAY.isoformat(),
    "until": LAST_DAY.isoformat(),
    "first_review": FIRST_DAY.isoformat(),
    "course": Course.RATIFICATION.value,
    "against": Indicator.DRAFTING.value,
    "measures": (),
}


def _without(content: Any, place: Place, wrong: set[Place]) -> Any:
    """Copy of a file's content without wrong entries; numbered entries keep their positions."""
    if isinstance(content, dict):
        entries = ((key, (*place, key), entry) for key, entry in content.items())
        return {key: _without(entry, spot, wrong) for key, spot, entry in entries if spot not in wrong}
    if isinstance(content, list):
        numbered = place[-1] in ("changes", "costs", "measures")
        spots = (((*place, number), entry) for number, entry in enumerate(content))
        kept = [{} if spot in wrong else _without(entry, spot, wrong) for spot, entry in spots]
        return kept if numbered else [entry for entry in kept if entry != {}]
    return content


def _written(value: object) -> str | None:
    """Text of a value as written in the file; None if it is neither a text nor a list of texts."""
    if isinstance(value, list) and all(isinstance(entry, str) for entry in value):
        return ", ".join(value)
    return value if isinstance(value, str) else None


def _explain(finding: Any, key: str) -> tuple[str, str]:
    """Returns the problem in plain words, and the fix, for an error that pydantic reports."""
    kind, message = finding["type"], finding["msg"]
    if kind == "extra_forbidden":
        around = next((part for part in reversed(finding["loc"][:-1]) if isinstance(part, str)), "")
        fields = _ENTRIES.get(around, ScenarioFile).model_fields.items()
        return "unknown key", nearest(key, [item.alias or name for name, item in fields], what="one of the keys")
    if kind == "missing":
        return "this key is missing", f"Add a line `{key}: …`."
    if kind == "enum":
        known = re.findall(r"'(\w+)'", finding["ctx"]["expected"])
        return f"not one of the known words for {key}", nearest(str(finding["input"]), known)
    if kind == "value_error":
        problem, _, fix = str(finding["ctx"]["error"]).partition("; ")
        return problem, f"{fix[:1].upper()}{fix[1:]}."
    if finding["input"] is None:
        return "the value is missing", "Write it after the colon, or remove the key."
    if kind == "tuple_type":
        return "a list is needed here", "Begin each entry on its own line with `- `."
    if kind in ("string_type", "model_type"):
        what = "one value is" if kind == "string_type" else "keys with values are"
        return f"{what} needed here", "See the scenario files that come with Comity."
    if kind in ("too_long", "string_too_long"):
        long, most = len(finding["input"]), finding["ctx"]["max_length"]
        what = "letters" if isinstance(finding["input"], str) else "entries"
        return f"too long: {long:,} {what}, of {most:,} at most", "Shorten it."
    return f"does not fit here ({message[:1].lower()}{message[1:]})", "Shorten or correct it."


#: The entries below each key that has keys of its own.
_ENTRIES: Mapping[str, type[_Entry]] = {
    "changes": ChangeEntry,
    "phased": Phased,
    "process": ProcessEntry,
    "pairs": Pairs,
    "costs": CostEntry,
    "monitor": MonitorEntry,
    "measures": MeasureEntry,
}
