"""How far a headline may be trusted, in a word for its direction and one for its size, by a rule that is written here.

Three things are asked of a direction: in what share of plausible worlds it holds, in what share of ablations, and
whether facts kept apart speak for the outcome. A size cannot be surer than its direction; it asks beside that how wide
its interval is, and how much of that rests on judgement alone. A word is never chosen by hand.
"""

from dataclasses import dataclass
from enum import IntEnum

#: Least share of plausible worlds, at the lower end of its 95 % interval, and of ablations, for high and for medium.
WORLDS, ABLATIONS = (0.95, 0.80), (0.95, 0.80)
#: Facts kept apart that must be met for high; most of the spread over worlds that may come from judgement alone.
FACTS, JUDGED = 2, (0.5, 0.8)
#: Most that the upper end of the 95 % interval of a size may be, over its lower end, for high and for medium.
WIDTH = (2.0, 5.0)


class Confidence(IntEnum):
    """How far something may be trusted."""

    LOW = 0
    MEDIUM = 1
    HIGH = 2


@dataclass(frozen=True)
class Grounds:
    """What the confidence in an effect on an outcome rests on.

    Attributes:
        worlds: share of plausible worlds in which its sign is the same, the lower end of a 95 % interval.
        ablations: share of the models that lack a part in which its sign is the same; NaN where none was tried.
        met, missed: facts kept apart of this outcome, or of the stage that the policy works on, by whether the model's
            interval holds them.
        judged: share of the spread over worlds that comes from parameters resting on judgement alone.
        low, high: 95 % interval of the size.
    """

    worlds: float
    ablations: float
    met: int
    missed: int
    judged: float
    low: float
    high: float


def of_direction(grounds: Grounds) -> Confidence:
    """Confidence in the sign of an effect: the weakest of its grounds decides, and a missing one is weak."""
    found = min(_above(grounds.worlds, WORLDS), _above(grounds.ablations, ABLATIONS))
    facts = Confidence.HIGH if grounds.met >= FACTS and not grounds.missed else Confidence.MEDIUM
    return min(found, facts if grounds.met >= grounds.missed else Confidence.LOW)


def of_size(grounds: Grounds) -> Confidence:
    """Confidence in the size of an effect: no surer than its sign, its interval or what it rests on."""
    if not grounds.low * grounds.high > 0.0:
        return Confidence.LOW
    ends = sorted((abs(grounds.low), abs(grounds.high)))
    supported = Confidence.LOW if grounds.met == 0 else Confidence.HIGH
    judged = _above(1.0 - grounds.judged, (1.0 - JUDGED[0], 1.0 - JUDGED[1]))
    width = _above(ends[0] / ends[1], (1.0 / WIDTH[0], 1.0 / WIDTH[1]))
    return min(of_direction(grounds), supported, judged, width)


def _above(value: float, least: tuple[float, float]) -> Confidence:
    """High or medium where a value reaches the least for it; NaN reaches nothing."""
    high, medium = least
    return Confidence.HIGH if value >= high else Confidence.MEDIUM if value >= medium else Confidence.LOW
