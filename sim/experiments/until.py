"""How many worlds a comparison needs: until the interval of an effect is narrow enough, never until it is significant.

A study that stops when an effect is significant finds effects where there are none. One that stops when an interval is
narrow does not, as far as the width of an interval says little about its middle.
"""

from __future__ import annotations

from dataclasses import dataclass

from sim.law.suggest import nearest
from sim.measures.outcomes import OUTCOMES, outcome
from sim.policy.problem import mistake

#: Minimum number of pairs: of fewer, the width of an interval is itself chance.
FEWEST_PAIRS = 30
#: Maximum number of worlds where the user names none.
MOST_WORLDS = 400
_KEY = "--until"


@dataclass(frozen=True)
class Until:
    """When a comparison has enough worlds.

    Attributes:
        outcome: key of the outcome whose effect is to be known.
        half_width: half of the widest interval allowed, in the outcome's unit.
    """

    outcome: str
    half_width: float

    @classmethod
    def read(cls, written: str) -> Until:
        """From words such as `takedown_rate=0.02`.

        Raises:
            InputError: an unknown outcome, or no positive number.
        """
        key, _, number = written.partition("=")
        known = [entry.key for entry in OUTCOMES]
        if key not in known:
            raise mistake("no such outcome", _KEY, key, nearest(key, known))
        fix = f"Write half of the interval's width in {outcome(key).unit}, such as {_KEY} {key}=0.05."
        try:
            width = float(number)
        except ValueError:
            raise mistake("a number is needed", _KEY, written, fix) from None
        if not 0.0 < width < float("inf"):
            raise mistake("not above zero", _KEY, written, fix)
        return cls(key, width)

    def __str__(self) -> str:
        return f"{self.outcome}={self.half_width:g}"
