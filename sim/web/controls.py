"""What the page lets a person move: those of the question first, with named levels, and all others behind “more”."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from sim.policy.lever import Lever, Quantity, Target
from sim.policy.levers import LEVERS
from sim.policy.places import load_atlas
from sim.policy.problem import InputError
from sim.policy.selection import fitting, read_kinds


class Notch(NamedTuple):
    """A named level of a slider, in the lever's unit."""

    value: float
    words: str


@dataclass(frozen=True)
class Slider:
    """One of the levers that are shown first.

    Attributes:
        lever: its name.
        title: a few plain words.
        step: least distance between two values; 0 for a list to choose from.
        notches: named levels in order, from end to end, “as today” among them; none for a list of treaties.
    """

    lever: str
    title: str
    step: float
    notches: tuple[Notch, ...] = ()


_STAFF = (
    Notch(0.5, "half of today's"),
    Notch(1.0, "as today"),
    Notch(1.5, "half more"),
    Notch(2.0, "twice as many"),
    Notch(3.0, "three times as many"),
)
_POSTS = (Notch(0.0, "none"), *_STAFF, Notch(5.0, "five times as many"), Notch(10.0, "ten times as many"))
_PENALTY = (
    Notch(0.0, "as today"),
    Notch(1.0, "treaty minimum"),
    Notch(5.0, "above all thresholds"),
    Notch(10.0, "heavy"),
)
_DEADLINE = (Notch(3650.0, "as today: none"), *(Notch(float(days), f"{days} days") for days in (90, 60, 30, 10)))
#: The levers that the page shows first, those of the question: law, people, deadlines, liaison and bodies.
FIRST: tuple[Slider, ...] = (
    Slider("law.join", "Join a treaty", 0.0),
    Slider("law.core_offences", "Harmonised law: core offences, with a maximum penalty of", 1.0, _PENALTY),
    Slider("central_authority.staff", "People in central authorities", 0.1, _STAFF),
    Slider("court.staff", "People in courts that order execution", 0.1, _STAFF),
    Slider("provider.staff", "People who answer at providers", 0.1, _STAFF),
    Slider("central_authority.deadline", "Deadline for urgent requests", 0.0, _DEADLINE),
    Slider("liaison.posts", "Liaison officers abroad", 0.1, _POSTS),
    Slider("europol.staff", "Europol: people for cybercrime", 0.1, _POSTS),
    Slider("interpol.staff", "INTERPOL: people for cybercrime", 0.1, _POSTS),
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
    try:
        read_kinds(lever, instrument, None)
    except InputError:
        return False
    return True
