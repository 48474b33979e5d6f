"""Texts on the basis of results: worlds, method, evidence for inputs (verified, recalled, judged), and provenance."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.resources import files
from math import exp, isnan
from typing import Any

import pandas as pd

from sim.experiments.doubt import DECISIVE
from sim.experiments.manifest import code_in_words, code_version
from sim.experiments.plan import Kind
from sim.experiments.seal import SHORT
from sim.experiments.statistics import FEWEST_PAIRS
from sim.law.order import legal_order
from sim.law.vocabulary import EvidenceTag
from sim.measures.outcome import Outcome
from sim.measures.outcomes import OUTCOMES, outcome
from sim.policy.listing import understood
from sim.policy.scenario import Scenario
from sim.report.headline import EXPECTED, TURNAROUND
from sim.report.marking import marked, worded
from sim.report.page.parts import Fold
from sim.report.saying import NOT_CHECKED
from sim.report.section import PageKind, section
from sim.report.view import View
from sim.results.confidence import levels_by_class
from sim.results.own_error import belong, packaged
from sim.results.words import counted, listing, number, rough
from sim.world.parameters import WorldSpec, declarations

_TAG_COLUMN = "status"
#: The evidence tag that each status of the data files amounts to; partly recalled counts as recalled.
_TAGS = dict.fromkeys(("mixed", "recalled (not retrieved)"), EvidenceTag.RECALLED) | {tag: tag for tag in EvidenceTag}
_ALSO = "; policies of the default comparison have them all"
_MANY = 8  # more scenarios than these have their worlds in a table, not in a sentence
FEW = 20  # fewer replicates than these leave intervals rough


def parameter_tags() -> Counter[str]:
    """Number of model parameters by evidence tag: verified, recalled or judged."""
    return Counter(str(declaration.tag) for _, _, declaration in declarations())


def data_tags() -> dict[str, Counter[str]]:
    """Number of rows by evidence tag (verified, recalled, judged), for every data file with such tags."""
    entries = sorted(files("sim.data").iterdir(), key=lambda entry: entry.name)
    tables = {entry.name: pd.read_csv(str(entry), dtype=str) for entry in entries if entry.name.endswith(".csv")}
    rows = {name: table[_TAG_COLUMN] for name, table in tables.items() if _TAG_COLUMN in table}
    return {name: Counter(tags.map(_TAGS).fillna("other")) for name, tags in rows.items()}


def in_words() -> str:
    """Sentences on inputs: how many have a source, and the data files with most rows that nobody has checked."""
    parameters, data = parameter_tags(), data_tags()
    total = sum(data.values(), Counter[str]())
    recalled = {name: tags[EvidenceTag.RECALLED] for name, tags in data.items() if tags[EvidenceTag.RECALLED]}
    worst = sorted(recalled, key=lambda name: -recalled[name])[:5]
    named = ", ".join(f"{name} ({recalled[name]} of {sum(data[name].values())} rows)" for name in worst)
    counts = {"parameters": sum(parameters.values()), "rows": sum(total.values())}
    counts |= {f"{tag}_parameters": parameters[tag] for tag in EvidenceTag} | {tag: total[tag] for tag in EvidenceTag}
    return worded("inputs", files=named or "no file", **counts)


def part_of_the_world(world: WorldSpec) -> str:
    """Warning if the world is smaller than the real one; otherwise empty."""
    if not world.states:
        return ""
    states = f"{counted(len(world.states), 'state')} of {len(legal_order().states)}"
    groups = f"{counted(world.groups, 'group')} of {WorldSpec().groups}"
    return worded("part_of_the_world", states=states, groups=groups)


_CLOSED = (PageKind.COMPARE, PageKind.RUN, PageKind.LEAGUE, PageKind.PORTFOLIO)  # pages that end with these


@section("What it rests on", 90, pages=_CLOSED, annex=True)
def rests(view: View) -> str:
    """Report section on the meaning of the numbers, on their basis, and on failed runs."""
    world = view.experiment.world
    meaning = worded("meaning", groups=world.groups, states=len(world.states) or len(legal_order().states))
    return f"{meaning}\n- {in_words()}{failures(view)}"


def _asks(view: View) -> tuple[Fold, ...]:
    """Collapsible sections on the question behind each scenario, and on the definitions of outcomes."""
    asks = "\n".join(_asked(one, view.marked[one.key]) for one in view.design.scenarios)
    return Fold("What each scenario asks", asks), Fold("Definitions", definitions(OUTCOMES))


@section("Method", 91, pages=_CLOSED, folds=_asks, annex=True)
def method(view: View) -> str:
    """Section on the method of the study: worlds, seeds, intervals."""
    world, sets = view.experiment.world, view.experiment.sets
    mode = worded("many_worlds", standing=sets.standing) if sets else worded("one_world")
    made = worded("method", seeds=counted(len(view.design.seeds()), "random world"), **vars(world))
    return f"{made}\n\n{worded('paired_intervals')} {mode}"


def _asked(scenario: Scenario, title: str) -> str:
    """Text on the question behind a scenario, under its title, with its author and its sources."""
    sources = f"; sources: {'; '.join(map(marked, scenario.sources))}" if scenario.sources else ""
    return f"- **{title}**: {marked(scenario.question)} ({marked(scenario.author)}{sources})"


def line(view: View, made: Mapping[str, Any] | None) -> str:
    """Line for the top and bottom of a page: version, date, number of worlds, years, and a warning."""
    world, day = view.experiment.world, (made or {}).get("made", "")
    when = f" of {day}" if day else ""
    years = f"{world.policy_start[:4]} to {world.end[:4]}"
    version = ((made or {}).get("code") or code_version())["version"]
    return f"Comity {version} · comparison{when} · {view.worlds}, {years} · not a forecast"


def notes(view: View) -> tuple[str, ...]:
    """Short texts on the evidence for the answer's sentences."""
    replicates, sets = view.replicates(view.baseline), view.experiment.sets
    held = f"each with a plausible parameter set, {sets.standing}" if sets else worded("one_set")
    few = "With so few replicates the intervals are rough." if replicates < FEW else ""
    few = "One replicate says nothing about chance: there are no intervals." if replicates == 1 else few
    found = (
        weighed(view),
        f"{view.basis.capitalize()} ({held}). Ranges are 95 % intervals; those of prices hold 95 % of worlds.",
        few,
        *_worlds(view),
        part_of_the_world(view.experiment.world),
        funded(view.design.scenarios),
        # a comparison has both on its first screen, next to each level
        *(() if view.compared else (own_error(view), worded("many_values"))),
        _by_class(view),
    )
    return tuple(filter(None, found))


def weighed(view: View) -> str:
    """Sentence on a user's figures that weighed the parameter sets; empty without any."""
    by = view.experiment.sets.weighed if view.experiment.sets else None
    if by is None:
        return ""
    values = by.values or ("",) * len(by.figures)
    figures = [f"{name} ({value})".removesuffix(" ()") for name, value in zip(by.figures, values, strict=True)]
    return worded("weighed", whose=marked(by.whose), figures="; ".join(figures), left=f"{by.effective:.0f}", sets=by.of)


def funded(scenarios: Sequence[Scenario]) -> str:
    """Sentences on each number of posts or persons in scenarios, and on what funded posts mean."""
    posts = any(change.lever.name == "liaison.posts" for scenario in scenarios for change in scenario.changes)
    filled = "Posts are funded, not filled: an officer goes only where requests are sent often enough."
    return " ".join([*understood(scenarios), *([filled] if posts else [])])


def own_error(view: View) -> str:
    """Sentence with examples of the model's own error on levels; empty if that error is unknown."""
    total, wait = view.own_error(EXPECTED), view.own_error(TURNAROUND)
    if total is None or wait is None or isnan(total.error):
        return ""
    ends = [rough(100.0 * exp(way * own.error)) for own in (total, wait) for way in (-1.96, 1.96)]
    marks = [f", {NOT_CHECKED}" if not own.checked else "" for own in (total, wait)]
    low, high, least, most = ends
    return worded("own_error", low=low, high=high, least=least, most=most, total=marks[0], wait=marks[1])


def _by_class(view: View) -> str:
    """Sentences on the model's own error by class of outcome; empty if it is not known of the study's sets."""
    sets, errors = view.experiment.sets, packaged()
    return levels_by_class(errors) if sets and belong(errors, sets.own_error) else ""


def _worlds(view: View) -> Iterator[str]:
    """Yields sentences on missing worlds, and on the reason why the study stopped."""
    design, there, until = view.design, view.replicates(view.baseline), view.experiment.until
    if design.planned:
        fewer = until or design.worlds_of
        yield worded("so_far", there=there, planned=f"{'at most ' if fewer else ''}{design.planned}")
    elif until is not None:
        enough, about = design.plan.replicates < view.experiment.replicates, outcome(until.outcome)
        added = ("added", "nothing else ended it") if enough else ("to be added", "these are all that were allowed")
        width = f"{number(until.half_width)} {about.unit}"
        yield worded("until", added=added[0], outcome=about.title, width=width, end=added[1])
    if design.worlds_of and not design.planned:
        most, named = view.experiment.replicates, listing([outcome(key).title for key in DECISIVE])
        also = _ALSO if design.plan.kind is Kind.LEAGUE else ""
        yield worded("by_policy", outcomes=named, fewest=min(FEWEST_PAIRS, most), most=most, also=also)
    if len(design.worlds_of) > _MANY:
        return  # the league's table has a column of them
    by_number: dict[int, list[str]] = {}
    for key in view.scenarios:
        by_number.setdefault(len(design.seeds_of(key)), []).append(f"“{view.title[key]}”")
    for size, titles in by_number.items():
        if size < design.plan.replicates:
            rest = "rests" if len(titles) == 1 else "rest"
            yield f"{listing(titles)} {rest} on {size} of these worlds."


def definitions(outcomes: Iterable[Outcome]) -> str:
    """Markdown list of outcomes with their definitions."""
    return "\n".join(f"- **{about.title}** ({about.unit}): {about.definition}" for about in outcomes)


def failures(view: View) -> str:
    """Paragraph on failed runs; empty if no run failed."""
    failed = "\n".join(f"- {marked(failure.text)}" for failure in view.results.failures)
    return f"\n\nFailed, and therefore missing:\n\n{failed}" if failed else ""


def manifest(view: View, made: Mapping[str, Any] | None) -> dict[str, str]:
    """Rows of provenance by name: command, code, seeds and inputs."""
    seeds = view.design.seeds()
    found = {"command": view.experiment.command, **code_in_words(made), "seeds": f"{seeds[0]} to {seeds[-1]}"}
    found |= {"baseline": view.baseline, "scenarios": ", ".join(view.scenarios)}
    if made is not None:
        found["packages"] = ", ".join(f"{name} {version}" for name, version in made["packages"].items())
    return found | quoted((made or {}).get("digest", "")) | {"files": worded("files")}


def quoted(digest: str) -> dict[str, str]:
    """Row of provenance with the digest of a folder, for citation; empty if there is no digest."""
    return {"digest": worded("digest", digest=digest[:SHORT])} if digest else {}
