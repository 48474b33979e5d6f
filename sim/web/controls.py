"""What the page lets a person move: eight levers first, each with named levels, and all others behind “more”."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from sim.policy.lever import Lever, Quantity, Target
from sim.policy.levers import LEVERS
from sim.policy.places import load_atlas
from sim.policy.problem import InputError
from sim.policy.terms import fitting, read_kinds


class Notch(NamedTuple):
    """A named level of a slider.

    Attributes:
        value: in the lever's unit.
        words: what people call it.
    """

    value: float
    words: str


@dataclass(frozen=True)
class Slider:
    """One of the levers that are shown first.

    Attributes:
        lever: its name.
        title: a few plain words.
        step: least distance between two values.
        notches: named levels in order; the first and the last are the ends of the slider, and “as today” is among them.
    """

    lever: str
    title: str
    step: float
    notches: tuple[Notch, ...]

    @property
    def low(self) -> float:
        """Least value on the page, in the lever's unit."""
        return self.notches[0].value

    @property
    def high(self) -> float:
        """Greatest value on the page, in the lever's unit."""
        return self.notches[-1].value


_STAFF = (
    Notch(0.5, "half of today's"),
    Notch(1.0, "as today"),
    Notch(1.5, "half more"),
    Notch(2.0, "twice as many"),
    Notch(3.0, "three times as many"),
)
_SHARE = (Notch(0.0, "as today"), Notch(0.5, "half of them"), Notch(0.9, "nearly all"), Notch(1.0, "all"))
#: The levers that the page shows first: people, channels, law, and how long evidence lasts.
FIRST: tuple[Slider, ...] = (
    Slider("central_authority.staff", "People in central authorities", 0.1, _STAFF),
    Slider("court.staff", "People in courts that order execution", 0.1, _STAFF),
    Slider("transmission.electronic_share", "Requests sent electronically", 0.05, _SHARE),
    Slider("request.template", "Requests on a common template", 0.05, _SHARE),
    Slider(
        "law.core_offences",
        "Core offences are punishable with a maximum of",
        1.0,
        (
            Notch(0.0, "as today"),
            Notch(1.0, "treaty minimum"),
            Notch(5.0, "above all thresholds"),
            Notch(10.0, "heavy"),
        ),
    ),
    Slider("agency.investigators", "Investigators of cybercrime", 0.1, _STAFF),
    Slider("liaison.posts", "Liaison officers abroad", 0.1, (Notch(0.0, "none"), *_STAFF)),
    Slider(
        "evidence.retention_floor",
        "Evidence is kept for at least",
        30.0,
        (Notch(0.0, "as today"), Notch(180.0, "half a year"), Notch(360.0, "a year"), Notch(720.0, "two years")),
    ),
)


def others() -> Iterator[Lever]:
    """Levers behind “more”, in the order of `comity levers`."""
    first = {slider.lever for slider in FIRST}
    return (lever for name, lever in LEVERS.items() if name not in first)


def words_of(lever: Lever) -> tuple[str, ...]:
    """The values of a lever that is set by choosing from a list; none for a number."""
    if lever.quantity is Quantity.SWITCH:
        return ("yes", "no")
    if lever.quantity is Quantity.INSTRUMENT:
        atlas = load_atlas()
        return atlas.bilateral() if lever.target is Target.PAIRS else atlas.joinable()
    return lever.choices


@cache
def about(lever: Lever) -> tuple[str, ...]:
    """Instruments that a lever can be about, for one that is about an instrument."""
    return tuple(name for name in fitting(lever) if _carries(lever, name)) if lever.target is Target.INSTRUMENT else ()


def _carries(lever: Lever, instrument: str) -> bool:
    """Whether an instrument carries data that the lever acts on where none is named."""
    try:
        read_kinds(lever, instrument, None)
    except InputError:
        return False
    return True
