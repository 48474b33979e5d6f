"""Reads and checks scenario files, and includes the scenarios that they are based on."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from sim.data import own
from sim.data.costs import Payer
from sim.law.suggest import nearest
from sim.policy.change import Change, check_end, each_apart, read_change
from sim.policy.document import Document, FileEntry, parse_document, read_document
from sim.policy.lever import Quantity
from sim.policy.monitor import Measure, Monitor
from sim.policy.places import Atlas, load_atlas
from sim.policy.problem import Findings, InputError, is_control, mistake
from sim.policy.schema import (
    ChangeEntry,
    CostEntry,
    MeasureEntry,
    MonitorEntry,
    MovedEntry,
    Recommendation,
    read_scenario_file,
)
from sim.policy.spending import Cost
from sim.policy.units import read_euros, read_euros_per_year, read_months, read_quantity
from sim.policy.well_known import BASELINE, resource_folder

SUFFIX = ".yaml"
#: Folders inside scenarios/: of cases, and of files on the table.
CASES, FILES = "cases", "files"


@dataclass(frozen=True)
class FirstDay:
    """Day on which an entry of a scenario file takes effect, with its place in the file for messages."""

    day: date  # as written
    where: str  # file and line
    key: str  # the place as text, `change 2, date`
    lag_months: int = 0  # from the day to the effect


@dataclass(frozen=True)
class Scenario:
    """A policy: its dated changes of levers, including the changes of its base scenarios."""

    key: str  # the name on the command line
    title: str  # a few words
    question: str  # what it asks, in plain words
    author: str  # who wrote it
    sources: tuple[str, ...]  # where its numbers come from
    based_on: tuple[str, ...]  # scenarios whose changes come first
    changes: tuple[Change, ...]  # all changes, those of `based_on` first; those with a mistake are left out
    file: str  # the file as messages name it
    group: str = "main"  # `main`, or the folder inside scenarios/
    # which recommendation of the field it tries out; None for a file that names none
    recommendation: Recommendation | None = None
    short: str = ""  # the title where there is little room; empty where the title does
    lags: str = ""  # as text: how long its changes take and why
    cost: str = ""  # as text: what it costs and whom
    costs: tuple[Cost, ...] = ()  # amounts beyond those of its levers
    monitor: Monitor | None = None  # a policymaker who reviews and chooses measures; None for nobody
    first_days: tuple[FirstDay, ...] = ()  # days on which changes and reviews begin
    # what is wrong in the file; `timeline_of` reports them together with days that do not fit the run
    mistakes: tuple[InputError, ...] = ()

    @property
    def unanswered(self) -> Mapping[str, str]:
        """Levers whose purpose the model cannot show, by name, each with the reason.

        What the model finds on such a policy is no answer: part of what it is for cannot come out.
        """
        return {change.lever.name: change.lever.no_path for change in self.changes if change.lever.no_path}


def over(scenario: Scenario, base: Scenario) -> Scenario:
    """Combines a scenario with a base scenario; the result has the changes of both.

    Today's law stays as it is, a control; a scenario that is based on the other one has its changes already.
    """
    if scenario.key == BASELINE or not (base.changes or base.monitor) or _rests_on(scenario, base.key):
        return scenario
    return replace(
        scenario,
        changes=(*base.changes, *scenario.changes),
        costs=(*base.costs, *scenario.costs),
        monitor=scenario.monitor or base.monitor,
        first_days=(*base.first_days, *scenario.first_days),
        mistakes=(*base.mistakes, *scenario.mistakes),
    )


def _rests_on(scenario: Scenario, key: str) -> bool:
    """True if a scenario is based on one with this key, directly or indirectly."""
    return key in scenario.based_on or any(_rests_on(load(name), key) for name in scenario.based_on)


def catalogue() -> dict[str, Path]:
    """Paths of the scenarios of the catalogue, by key.

    Files of cases, operations on record, stand in a folder of their own and are no scenarios. Neither do scenarios of
    files on the table belong to it (see `of_files`): what ranks or counts the catalogue leaves them out.
    """
    folder = resource_folder("scenarios")
    apart = {folder / CASES, folder / FILES}
    files = (path for path in folder.rglob(f"*{SUFFIX}") if path.parent not in apart)
    paths = sorted(files, key=lambda path: (len(path.parts), path.parent, path.stem))
    files_by_key = {path.stem: path for path in paths}
    for name in own.texts():
        if name.split("/")[1] == own.SCENARIOS:
            path = Path(own.where(name))
            if path.stem in files_by_key:
                fix = "Rename the file."
                raise InputError("there is a scenario of this name already", where=str(path), key=path.stem, fix=fix)
            files_by_key[path.stem] = path
    return files_by_key


def of_files() -> dict[str, Path]:
    """Paths of the scenarios of files on the table, by key."""
    return {path.stem: path for path in sorted((resource_folder("scenarios") / FILES).glob(f"*{SUFFIX}"))}


def load(word: str) -> Scenario:
    """Loads a scenario by its key, in the catalogue or of a file on the table, or from a path ending in .yaml.

    It has the mistakes of its file: they are reported when its days are known, all at once.
    """
    known = of_files() | catalogue()
    if word in known:
        return _read(known[word], (word,))
    if Path(word).suffix.lower() in (SUFFIX, ".yml"):
        if not _exists(Path(word)):
            fix = "Check the path, or list the scenarios with `comity scenarios`."
            raise mistake("no such file", "SCENARIO", word, fix)
        return _read(Path(word), (Path(word).stem,))
    fix = f"{nearest(word, known)} A file of your own ends in {SUFFIX}."
    raise mistake("unknown scenario", "SCENARIO", word, fix)


def read_text(text: str, name: str) -> Scenario:
    """Reads a scenario from the text of a file; `name` stands for the file in messages."""
    return _scenario(parse_document(text, name), ("policy",), "main")


def load_all(words: Iterable[str]) -> tuple[Scenario, ...]:
    """Loads several scenarios (see `load`); if one cannot be loaded, raises all mistakes as one error."""
    mistakes, loaded = Findings(), []
    for word in words:
        with mistakes.gather():
            loaded.append(load(word))
    if mistakes.problems:
        for scenario in loaded:
            for problem in scenario.mistakes:
                mistakes.add(problem)
        mistakes.raise_all()
    return tuple(loaded)


def _exists(path: Path) -> bool:
    """True if a file exists at a path, which may be invalid."""
    try:
        return path.exists()
    except OSError:
        return False


def _read(path: Path, chain: tuple[str, ...]) -> Scenario:
    """Reads a scenario file; mistakes are recorded in the scenario."""
    folder = resource_folder("scenarios")
    shipped = path.is_relative_to(folder)
    document = read_document(path, f"scenarios/{path.relative_to(folder).as_posix()}" if shipped else str(path))
    if any(map(is_control, path.stem)):
        document.found.add(InputError("a file's name holds a control character", where=document.name, fix="Rename it."))
    group = path.parent.name if shipped and path.parent != folder else "main"
    return _scenario(document, chain, group)


def _scenario(document: Document, chain: tuple[str, ...], group: str) -> Scenario:
    """Makes a scenario from a file's content, with the scenarios that the file is based on."""
    content = read_scenario_file(document)
    top, atlas = FileEntry(document, ()), load_atlas()
    changes: list[Change] = []
    first_days: list[FirstDay] = []
    for key in content.based_on:
        try:
            base = _base(key, chain)
        except InputError as problem:
            top.note(problem, "based_on")
            continue
        changes.extend(base.changes)
        first_days.extend(base.first_days)
        for mistaken in base.mistakes:
            document.found.add(mistaken)
    for number, entry in enumerate(content.changes):
        section = top.below("changes", number)
        if section.wrong():
            continue
        changes += filter(None, (read_change(each, section, atlas) for each in each_apart(entry)))
        first_day = _first_day(entry, section)
        first_days += [first_day] if first_day else []
    costs = [_cost(entry, top.below("costs", number)) for number, entry in enumerate(content.costs)]
    monitor, reviews = None, top.below("monitor")
    if content.monitor and not reviews.wrong():
        monitor, key = read_monitor(content.monitor, reviews, atlas), "first_review"
        if not reviews.wrong(key):
            first_days.append(FirstDay(content.monitor.first_review, reviews.where(key), reviews.words(key)))
    return Scenario(
        key=chain[-1],
        title=chain[-1] if top.wrong("title") else content.title,
        short=content.short or "",
        question=content.question,
        author=content.author,
        sources=(*content.source, *content.sources),
        based_on=content.based_on,
        changes=tuple(changes),
        file=document.name,
        group=group,
        recommendation=content.recommendation,
        lags=content.lags or "",
        cost=content.cost or "",
        costs=tuple(costs),
        monitor=monitor,
        first_days=tuple(first_days),
        mistakes=document.found.problems,
    )


def _first_day(entry: ChangeEntry, section: FileEntry) -> FirstDay | None:
    """Finds the day on which a change begins; None if its entry does not give one."""
    lag = section.read("lag", read_months, entry.lag, "a lag") if entry.lag else 0
    place, key = (section.below("phased"), "from") if entry.phased else (section, "date")
    if place.wrong(key) or not (entry.on or entry.phased):
        return None
    return FirstDay(entry.first_day, place.where(key), place.words(key), lag or 0)


def _cost(entry: CostEntry, section: FileEntry) -> Cost:
    """Reads one of the scenario's additional costs; mistakes are noted."""
    payers = {payer.name.lower(): payer for payer in Payer}
    payer = payers.get(entry.payer)
    if payer is None and not section.wrong():
        section.note(InputError("not a payer", key="payer", value=entry.payer, fix=nearest(entry.payer, payers)))
    once = section.read("once", read_euros, entry.once) if entry.once else 0.0
    yearly = section.read("yearly", read_euros_per_year, entry.yearly) if entry.yearly else 0.0
    check_end(section, entry.start, entry.until)
    return Cost(entry.what, once or 0.0, yearly or 0.0, entry.start, entry.until, payer or Payer.OTHER)


def _base(key: str, chain: tuple[str, ...]) -> Scenario:
    """Reads the scenario that a file says it is based on."""
    known = of_files() | catalogue()
    if key.endswith((SUFFIX, ".yml")):
        fix = "Copy its changes into this file, or name both: `comity compare ONE.yaml OTHER.yaml`."
        raise InputError("a file of your own: only scenarios of the catalogue can be built on", value=key, fix=fix)
    if key not in known:
        raise InputError("not a scenario of the catalogue", value=key, fix=nearest(key, known))
    if key in chain:
        fix = f"Break the circle {' → '.join((*chain, key))}."
        raise InputError("a scenario is based on itself", value=key, fix=fix)
    return _read(known[key], (*chain, key))


_LEAST_MONTHS, _MOST_MONTHS = 3, 60


def read_monitor(entry: MonitorEntry, section: FileEntry, atlas: Atlas) -> Monitor | None:
    """Reads the policymaker of a scenario file; None for mistakes, which are noted."""
    parts = [(item, section.below("measures", number)) for number, item in enumerate(entry.measures)]
    measures = [_measure(item, entry, part, atlas) for item, part in parts if not part.wrong()]
    _check_names(entry, section)
    if not entry.at_once.isdecimal() or not 1 <= int(entry.at_once) <= 100:
        problem, fix = "not a number of measures", "Write 1, 2 or so."
        section.note(InputError(problem, key="at_once", value=entry.at_once, fix=fix))
    every = section.read("every", _months_between_reviews, entry.every)
    budget = section.read("budget", read_euros_per_year, entry.budget)
    stop = section.read("stop_below", read_quantity, Quantity.SHARE, entry.stop_below, 0, 1)
    if every is None or budget is None or stop is None or not section.sound:
        return None
    return Monitor(
        first=entry.first_review,
        every_months=every,
        budget=budget,
        at_once=int(entry.at_once),
        scope=entry.figures,
        stop=stop,
        measures=tuple(measure for measure in measures if measure is not None),
        decides=entry.decides,
        plan=entry.plan,
    )


def _months_between_reviews(written: str) -> int:
    months = read_months(written, "a period between reviews")
    if not _LEAST_MONTHS <= months <= _MOST_MONTHS:
        problem = f"reviews come every {_LEAST_MONTHS} to {_MOST_MONTHS} months"
        raise InputError(problem, value=written, fix="Write for example '18 months'.")
    return months


def _check_names(entry: MonitorEntry, section: FileEntry) -> None:
    """Notes a mistake if measures share a name, or if a plan uses an unknown name."""
    names = [item.name for item in entry.measures]
    if not names and not section.wrong("measures"):
        fix = "List at least one measure."
        section.note(InputError("there is nothing to choose from", key="measures", fix=fix))
    measures = [section.below("measures", number) for number in range(len(names))]
    readable = not any(measure.wrong("name") for measure in measures)
    for number, (name, measure) in enumerate(zip(names, measures, strict=True)):
        if name in names[:number] and not measure.wrong("name"):
            measure.note(InputError("two measures of this name", key="name", value=name, fix="Give each its own name."))
    for name in entry.plan:
        if readable and name not in names:
            section.note(InputError("names no measure", key="plan", value=name, fix=nearest(name, names)))


def _measure(item: MeasureEntry, entry: MonitorEntry, section: FileEntry, atlas: Atlas) -> Measure | None:
    """Reads a measure that a policymaker can begin; None for mistakes, which are noted."""
    moved = {key: getattr(item, key) for key in MovedEntry.model_fields if key != "lag"}
    written = ChangeEntry.model_validate(moved | {"date": entry.first_review.isoformat()})
    lag = section.read("lag", read_months, item.lag, "a lag") if item.lag else 0
    expects = section.read("expects", read_quantity, Quantity.SHARE, item.expects, 0, 1)
    change = read_change(written, section, atlas)
    return Measure(item.name, change, lag or 0, item.against, expects) if change and expects is not None else None
