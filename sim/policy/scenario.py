"""Reads and checks scenario files, and adds the changes of the scenarios that they are based on."""

from dataclasses import dataclass, replace
from pathlib import Path

from sim.data.costs import Payer
from sim.law.suggest import nearest
from sim.policy.amounts import read_euros, read_euros_per_year
from sim.policy.change import Change, read_change
from sim.policy.document import Document, Place, describe, read_document
from sim.policy.monitor import Monitor
from sim.policy.monitor_section import read_monitor
from sim.policy.places import load_atlas
from sim.policy.problem import COMMAND_LINE, Findings, InputError, is_control
from sim.policy.resources import resource_folder
from sim.policy.schema import CostEntry, Recommendation, inside, read_scenario_file
from sim.policy.spending import Cost
from sim.policy.well_known import BASELINE

SUFFIX = ".yaml"


@dataclass(frozen=True)
class Scenario:
    """One policy: dated changes of levers, the scenarios it is based on included.

    Attributes:
        key: the name on the command line.
        title: a few words.
        question: what it asks, in plain words.
        author: who wrote it.
        sources: where its numbers come from.
        based_on: scenarios whose changes come first.
        changes: all changes, those of `based_on` first.
        file: the file as messages name it.
        group: `main`, or the folder inside scenarios/.
        recommendation: which recommendation of the field it tries out; None for a file that names none.
        lags: in words, how long its changes take and why.
        cost: in words, what it costs and whom.
        costs: amounts beyond those of its levers.
        monitor: a policymaker who reviews and chooses measures; None for nobody.
    """

    key: str
    title: str
    question: str
    author: str
    sources: tuple[str, ...]
    based_on: tuple[str, ...]
    changes: tuple[Change, ...]
    file: str
    group: str = "main"
    recommendation: Recommendation | None = None
    lags: str = ""
    cost: str = ""
    costs: tuple[Cost, ...] = ()
    monitor: Monitor | None = None


def over(scenario: Scenario, base: Scenario) -> Scenario:
    """A scenario on top of another, whose changes happen in it as well.

    Today's law stays as it is, a control; a scenario that is based on the other one has its changes already.
    """
    if scenario.key == BASELINE or not (base.changes or base.monitor) or _rests_on(scenario, base.key):
        return scenario
    return replace(
        scenario,
        changes=(*base.changes, *scenario.changes),
        costs=(*base.costs, *scenario.costs),
        monitor=scenario.monitor or base.monitor,
    )


def _rests_on(scenario: Scenario, key: str) -> bool:
    """Whether a scenario is based on another, or on one that is."""
    return key in scenario.based_on or any(_rests_on(load(name), key) for name in scenario.based_on)


def catalogue() -> dict[str, Path]:
    """The files of the scenarios that come with Comity, by key; main ones first, each group by key."""
    folder = resource_folder("scenarios")
    paths = sorted(folder.rglob(f"*{SUFFIX}"), key=lambda path: (len(path.parts), path.parent, path.stem))
    return {path.stem: path for path in paths}


def load(word: str) -> Scenario:
    """Loads a scenario.

    Args:
        word: a key of the catalogue, or the path of a file that ends in .yaml.

    Raises:
        InputError: no such scenario, or a mistake in its file.
    """
    known = catalogue()
    if word in known:
        return _read(known[word], (word,))
    if Path(word).suffix.lower() in (SUFFIX, ".yml"):
        if not _exists(Path(word)):
            raise InputError(
                "no such file",
                where=COMMAND_LINE,
                key="SCENARIO",
                value=word,
                fix="Check the path, or list the scenarios with `comity scenarios`.",
            )
        return _read(Path(word), (Path(word).stem,))
    raise InputError(
        "unknown scenario",
        where=COMMAND_LINE,
        key="SCENARIO",
        value=word,
        fix=f"{nearest(word, known)} A file of your own ends in {SUFFIX}.",
    )


def _exists(path: Path) -> bool:
    """Whether a file of this name exists; a name that the system does not allow does not exist."""
    try:
        return path.exists()
    except OSError:
        return False


def _read(path: Path, chain: tuple[str, ...]) -> Scenario:
    """Reads one file and, first, those that it is based on; reports all mistakes in it at once."""
    folder = resource_folder("scenarios")
    shipped = path.is_relative_to(folder)
    document = read_document(path, f"scenarios/{path.relative_to(folder).as_posix()}" if shipped else str(path))
    content, unread = read_scenario_file(document)
    found, atlas = document.found, load_atlas()
    if any(map(is_control, path.stem)):
        found.add(InputError("a file's name holds a control character", where=document.name, fix="Rename it."))
    changes: list[Change] = []
    for base in content.based_on:
        with found.gather():
            changes.extend(_inherited(base, document, chain))
    for number, entry in enumerate(content.changes):
        with found.gather():
            place: Place = ("changes", number)
            changes.append(read_change(entry, document, place, atlas, inside(unread, place)))
    costs = [_cost(entry, document, number) for number, entry in enumerate(content.costs)]
    monitor = None
    with found.gather():
        monitor = read_monitor(content.monitor, document, atlas) if content.monitor else None
    found.raise_all()
    group = path.parent.name if shipped and path.parent != folder else "main"
    return Scenario(
        path.stem,
        content.title,
        content.question,
        content.author,
        (*content.source, *content.sources),
        content.based_on,
        tuple(changes),
        document.name,
        group,
        content.recommendation,
        content.lags or "",
        content.cost or "",
        tuple(cost for cost in costs if cost is not None),
        monitor,
    )


def _cost(entry: CostEntry, document: Document, number: int) -> Cost | None:
    """Reads an entry of `costs`; None for one with mistakes, which are noted."""
    payers = {payer.name.lower(): payer for payer in Payer}
    found, once, yearly = Findings(), 0.0, 0.0
    with found.gather():
        if entry.payer not in payers:
            raise InputError("not a payer", key="payer", value=entry.payer, fix=nearest(entry.payer, payers))
    with found.gather():
        once = read_euros(entry.once, "once") if entry.once else 0.0
    with found.gather():
        yearly = read_euros_per_year(entry.yearly, "yearly") if entry.yearly else 0.0
    if found:
        for problem in found.together().problems:
            place = ("costs", number, problem.key)
            document.found.add(problem.at(document.where(place), describe(place)))
        return None
    return Cost(entry.what, once, yearly, entry.start, entry.until, payers[entry.payer])


def _inherited(key: str, document: Document, chain: tuple[str, ...]) -> tuple[Change, ...]:
    """Changes of a scenario that a file is based on."""
    known = catalogue()
    where = document.where(("based_on",))
    if key not in known:
        fix = nearest(key, known)
        raise InputError("not a scenario of the catalogue", where=where, key="based_on", value=key, fix=fix)
    if key in chain:
        fix = f"Break the circle {' → '.join((*chain, key))}."
        raise InputError("a scenario is based on itself", where=where, key="based_on", value=key, fix=fix)
    return _read(known[key], (*chain, key)).changes
