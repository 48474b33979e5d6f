"""Confidence in an effect: one degree for its direction and one for its size, by the rule below.

Three things are asked of a direction: in what share of plausible worlds it holds, in what share of ablations, and
whether facts kept apart speak for the outcome. Confidence in a size cannot exceed that in its direction; it also
depends on how wide its interval is, and how much of that rests on judgement alone. A word is never chosen by hand.
`record` and `record_in_full` say of the whole model which facts it meets, `in_brief` is the word of one number, and
`in_words` gives the reasons.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from math import exp, isnan, nan
from typing import Any

from sim.data.load import read_table
from sim.results import own_error
from sim.results.effects import PairedEffect, is_beyond_chance
from sim.world.parameters import declarations

#: What is on file of facts kept apart and of models that lack a part; see `grounds_of`.
FILE = "evidence.csv"
#: Least share of plausible worlds, at the lower end of its 95 % interval, and of ablations, for high and for medium.
WORLDS, ABLATIONS = (0.95, 0.80), (0.95, 0.80)
#: Facts kept apart that must be met for high; most of the spread over worlds that may come from judgement alone.
FACTS, JUDGED = 2, (0.5, 0.8)
#: Most that the upper end of the 95 % interval of a size may be, over its lower end, for high and for medium.
WIDTH = (2.0, 5.0)
#: What facts are about, in the order in which they are named; beginnings of keys of outcomes on requests; all others
#: rest on operations and their counts.
KINDS = ("operations", "waits", "channels", "counts")
_ON_REQUESTS = (
    *("turnaround", "executed", "usable", "needed", "silence", "own_", "mla_"),
    *("abusive_", "unconverted_", "without_criminality_"),
)
REQUESTS, OPERATIONS = ("waits", "channels"), ("operations", "counts")
#: Least part of today's level that lies beyond both ends of an effect that may be chance, for high and for medium.
SMALL = (0.95, 0.80)


class Confidence(IntEnum):
    """Degrees of confidence in an effect."""

    LOW = 0
    MEDIUM = 1
    HIGH = 2


@dataclass(frozen=True)
class Grounds:
    """Evidence on which the confidence in an effect rests: worlds, interval, facts met, judgement, ablations."""

    worlds: float  # share of plausible worlds in which its sign is the same, the lower end of a 95 % interval
    ablations: float  # share of the models that lack a part in which its sign is the same; NaN where none was tried
    # met, missed: facts kept apart of this outcome, or of the stage that the policy works on, by whether the median of
    # parameter sets meets them
    met: int
    missed: int
    judged: float  # share of the spread over worlds that comes from parameters resting on judgement alone
    # low, high: 95 % interval of the size
    low: float
    high: float
    about: str = ""  # what the facts are about
    most: float = nan  # the upper end of the range of `worlds`
    tried: int = 0  # how many models that lack a part there are
    level: float = nan  # today's level of the outcome; NaN where the effect is more than chance


def of_direction(grounds: Grounds) -> Confidence:
    """Degree of confidence in the sign of an effect, limited by the weakest evidence."""
    facts = Confidence.HIGH if grounds.met >= FACTS and not grounds.missed else Confidence.MEDIUM
    facts = facts if grounds.met >= grounds.missed else Confidence.LOW
    return min(_above(grounds.worlds, WORLDS), _above(grounds.ablations, ABLATIONS), facts)


def of_size(grounds: Grounds) -> Confidence:
    """Degree of confidence in the size of an effect, never above that in its sign."""
    if not grounds.low * grounds.high > 0.0:
        return Confidence.LOW
    ends = sorted((abs(grounds.low), abs(grounds.high)))
    supported = Confidence.LOW if grounds.met == 0 else Confidence.HIGH
    judged = _above(1.0 - grounds.judged, (1.0 - JUDGED[0], 1.0 - JUDGED[1]))
    width = _above(ends[0] / ends[1], (1.0 / WIDTH[0], 1.0 / WIDTH[1]))
    return min(of_direction(grounds), supported, judged, width)


def of_nothing(grounds: Grounds) -> Confidence:
    """Degree of confidence that an unclear effect is small."""
    reach = max(abs(grounds.low), abs(grounds.high)) / grounds.level if grounds.level > 0.0 else nan
    return min(_above(1.0 - reach, SMALL), of_direction(replace(grounds, worlds=1.0)))


def grounds_of(entry: PairedEffect) -> Grounds:
    """Evidence for an effect, from its worlds and from evidence.csv."""
    about = REQUESTS if entry.outcome.startswith(_ON_REQUESTS) else OPERATIONS
    return grounds_on(about, (entry.scenario, entry.outcome), entry, entry.holds_low, entry.holds_high)


def grounds_on(about: Sequence[str], effect: tuple[str, str], row: Any, worlds: float, most: float) -> Grounds:
    """Evidence for an effect on a part of the world, given as a row of a table.

    The share of the spread that rests on judgement is that of the parameters which are judgement: which of them drive
    an effect is not known. Worlds and most are the ends of the share of worlds in which its sign is the same.
    """
    mine: dict[tuple[str, str, str], list[bool]] = {("fact", "", ""): [], ("ablation", *effect): []}
    for entry in read_table(FILE).rows:
        place = entry["ground"], entry["scenario"], entry["outcome"]
        if place in mine and entry["about"] in ("", *about):
            mine[place].append(entry["holds"] == "yes")
    facts, tried = mine.values()
    tags = [declaration.tag for _, _, declaration in declarations()]
    return Grounds(
        worlds=worlds,
        ablations=sum(tried) / len(tried) if tried else nan,
        met=sum(facts),
        missed=len(facts) - sum(facts),
        judged=sum(tag == "judgement" for tag in tags) / len(tags),
        low=row.low,
        high=row.high,
        about=" and ".join(about),
        most=most,
        tried=len(tried),
        level=nan if is_beyond_chance(row) else row.baseline_mean,
    )


#: What each kind of facts is about, for readers.
_ABOUT = {
    "operations": "joint operations: who acts, and with whom",
    "waits": "waits for answers",
    "channels": "channels, the ways by which requests go",
    "counts": "counts, how many requests and operations there are",
}


def _facts(ground: str = "fact") -> list[Mapping[str, Any]]:
    return [row for row in read_table(FILE).rows if row["ground"] == ground]


def _met(rows: Iterable[Mapping[str, Any]], column: str = "holds") -> str:
    """Text on the number of given facts that the model meets, such as “3 of 4”."""
    mine = [row[column] == "yes" for row in rows]
    return f"{sum(mine)} of {len(mine)}"


def record() -> str:
    """Sentence on the number of published figures and limits that the model meets."""
    sides = ([row["holds"] == "yes" for row in _facts() if row["sides"] == side] for side in ("two", "one"))
    (figures, met), (limits, kept) = ((len(side), sum(side)) for side in sides)
    return (
        f"The model meets {met} of {figures} published figures that were not used to fit it; "
        f"it meets {kept} of {limits} published limits."
    )


def record_in_full() -> list[str]:
    """Lines on the published facts that the model meets, by subject."""
    facts, revised = _facts(), _facts("revised")
    return [
        *(f"{_met(row for row in facts if row['about'] == kind)} on {_ABOUT[kind]}" for kind in KINDS),
        f"{_met(facts, 'prior')} before any fact had chosen parameters",
        f"besides these, {len(revised)} others were missed until the model was changed: it meets {_met(revised)} now",
    ]


def levels_by_class(errors: own_error.OwnErrors) -> str:
    """Sentences on how far levels are off, by class of outcome: those that facts have checked, and those not."""
    every = [(row["title"], errors.of(row["key"])) for row in own_error.class_rows()]
    sure = [f"{title} by a factor of {exp(one.error):.1f} ({one.facts} facts)" for title, one in every if one.checked]
    unsure = [title for title, one in every if not one.checked]
    checked = f"Levels are off by class (one standard deviation): {'; '.join(sure)}. " if sure else ""
    factor = f"{exp(errors.common.error):.1f}"
    few = f"Too few facts check levels of: {'; '.join(unsure)}; they may be off by a factor of {factor}, as others are."
    return checked + few if unsure else checked.strip()


def in_brief(grounds: Grounds, drawn: bool = True) -> str:
    """Short text on the confidence in an effect: one word on direction, one on size."""
    if not drawn:
        return "Confidence: low, one set of parameters"
    if not isnan(grounds.level):
        return f"Confidence that little is overlooked: {of_nothing(grounds).name.lower()}"
    sign, size = of_direction(grounds), of_size(grounds)
    first, second = (part.name.lower() for part in (sign, size))
    return f"Confidence: {first if sign == size else f'{first} in direction, {second} in size'}"


def in_a_sentence(grounds: Grounds, what: str, drawn: bool = True) -> str:
    """Sentence on the confidence that a change (`what`) happens, and on the confidence in its size."""
    if not drawn or not isnan(grounds.level):
        return f"{in_brief(grounds, drawn)}."
    sign, size = (part.name.lower() for part in (of_direction(grounds), of_size(grounds)))
    if sign == size:
        return f"Confidence: {sign}, both that {what} and by how much."
    return f"Confidence: {sign} that {what}, {size} in how much."


def in_words(grounds: Grounds, drawn: bool = True, about: str = "") -> str:
    """Sentences on the confidence in direction and size, with the evidence that limits it.

    Without `drawn` all worlds have one set of parameters; `about` says in two words of what it is, if not the headline.
    """
    of, still = f" ({about})" if about else "", not isnan(grounds.level)
    sign, size = of_nothing(grounds) if still else of_direction(grounds), of_size(grounds)
    first, second = (part.name.lower() for part in (sign, size))
    ends = f"{first} in direction and size" if sign == size else f"{second} in size, {first} in direction"
    word = f"Confidence that nothing large is overlooked{of}: {first}" if still else f"Confidence{of}: {ends}"
    if not drawn:
        return f"{word}. This is one set of parameters: what nobody knows is left out."
    inside = f"Inside the model alone the direction holds in {_ends(grounds)} % of plausible worlds."
    sure = not still and not isnan(grounds.worlds) and _above(grounds.worlds, WORLDS) > sign
    return " ".join([f"{word}.", *_weaknesses(grounds, still), *([inside] if sure else [])])


def _weaknesses(grounds: Grounds, still: bool) -> Iterator[str]:
    """Yields texts on the evidence that limits the confidence in an effect."""
    missed, facts = grounds.missed, f"independent facts on {grounds.about}"
    if not missed and grounds.met >= FACTS:
        yield f"The model meets all {grounds.met} {facts}."
    few = f"only {grounds.met} of the {facts} is known" if grounds.met else f"no {facts} are known"
    gone = f"the model misses {missed} of {grounds.met + missed} {facts}"
    judged = f"{100.0 * grounds.judged:.0f} % of parameters are judgement" if grounds.judged > JUDGED[0] else ""
    down = [part for part in (gone if missed else few if grounds.met < FACTS else "", judged) if part]
    if down:
        yield f"Why not more: {', and '.join(down)}."
    if still:
        wide = of_nothing(replace(grounds, met=FACTS, missed=0, ablations=1.0)) < Confidence.HIGH
        yield from ["What may be chance is not small beside today’s level."] if wide else []
        return
    if isnan(grounds.worlds):
        yield "These worlds are too few to show how often the direction holds."
    elif grounds.worlds < WORLDS[0]:
        yield f"The direction holds only in {_ends(grounds)} % of plausible worlds."
    if grounds.ablations < ABLATIONS[0]:
        same = f"{grounds.ablations * grounds.tried:.0f} of {grounds.tried}"
        yield f"Its effect has the same sign in {same} models that each lack one mechanism."


def _ends(grounds: Grounds) -> str:
    return f"{100 * grounds.worlds:.0f} to {100 * grounds.most:.0f}"


def _above(value: float, least: tuple[float, float]) -> Confidence:
    """Degree of confidence for a value: high or medium from the minimum of each in `least`, otherwise low."""
    high, medium = least
    return Confidence.HIGH if value >= high else Confidence.MEDIUM if value >= medium else Confidence.LOW
