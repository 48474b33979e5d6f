"""The form of levers: where each stands, where the policy that one starts from has it, and how much there is today."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from sim.policy.lever import Lever, Quantity, Target
from sim.policy.levers import LEVERS
from sim.policy.places import load_atlas
from sim.policy.problem import InputError
from sim.policy.units import read_months
from sim.web import said
from sim.web.controls import FIRST, Slider, about, others, words_of
from sim.web.files import settings_of
from sim.web.state import TODAY, Draft, from_file

_REACH = {
    Target.WORLD: "Acts on the whole world, so no states can be named.",
    Target.INSTRUMENT: "Acts on an instrument, so no states can be named.",
    Target.PAIRS: "Acts between pairs of states: both sides are among the states that are named.",
}


@cache
def group_titles() -> tuple[str, ...]:
    """Bodies, regions and tiers; those whose title holds a comma cannot stand in a list."""
    atlas = load_atlas()
    return tuple(
        sorted(g.title for g in atlas.groups.values() if g.title not in atlas.names.values() and "," not in g.title)
    )


@dataclass(frozen=True)
class LeverField:
    """A lever in the form.

    Attributes:
        lever: the lever.
        title: a few words.
        slider: how it is shown first; None behind “more”.
        neutral: the value that changes nothing, as a control that is shown first has it; empty for others.
        words: values to choose from; none for a number.
        instruments: what it can be about.
        value, on, ramp, states, instrument: where it stands.
        begins: where the policy that one starts from has it, in the same order.
        note: what else there is to know.
        set_here: whether it is moved.
        today, counted: how much there is today of what it multiplies, in these states; None where nobody counts it.
    """

    lever: Lever
    title: str
    slider: Slider | None
    neutral: str
    words: tuple[str, ...]
    instruments: tuple[str, ...]
    value: str
    on: str
    ramp: str
    states: str
    instrument: str
    begins: tuple[str, ...]
    note: str
    set_here: bool
    today: float | None
    counted: str

    @property
    def options(self) -> list[tuple[str, str]]:
        """Values to choose from with their words, where it is shown first as a list."""
        listed = {f"{notch.value:g}": notch.words for notch in self.slider.notches} if self.slider else {}
        return [*({self.value: f"{self.value} days"} | listed).items()]

    @property
    def several(self) -> bool:
        """Whether several words can be chosen."""
        return self.lever.quantity is Quantity.CHOICES

    @property
    def takes_states(self) -> bool:
        """Whether states can be named."""
        return self.lever.target in (Target.STATES, Target.PAIRS)

    @property
    def takes_ramp(self) -> bool:
        """Whether its value can rise step by step."""
        return self.lever.gradual and self.lever.target is not Target.INSTRUMENT


def fields_of(draft: Draft, first: date, world: Sequence[str] = ()) -> tuple[list[LeverField], list[LeverField]]:
    """The levers that are shown first, and all others.

    Args:
        draft: the policy.
        first: first day on which a policy may act.
        world: codes of the states of the world; all if empty.

    Raises:
        InputError: the file in the address cannot be read.
    """
    begins, moves = settings_of(draft), dict(draft.moves)

    def field(lever: Lever, slider: Slider | None = None) -> LeverField:
        change, move = begins.get(lever.name), moves.get(lever.name)
        neutral = f"{lever.neutral:g}" if slider and not words_of(lever) else ""
        start = stands = _begins(lever, neutral, change, first)
        if move:
            value = neutral if move.value == TODAY else move.value
            stands = (value, move.on.isoformat(), str(move.ramp or ""), ", ".join(move.states), move.instrument)
        notes = [_REACH.get(lever.target, ""), f"Needs {lever.needs.rstrip('.')}." if lever.needs else ""]
        if lever.name in begins and not _shown_whole(change):
            notes.append("The policy sets it in a way that is not shown here; moving it replaces that.")
        return LeverField(
            lever,
            slider.title if slider else lever.title,
            slider,
            neutral,
            words_of(lever),
            about(lever),
            *stands,
            begins=start,
            note=" ".join(filter(None, notes)),
            set_here=move is not None or lever.name in begins,
            today=_counted(lever.name, stands[3], world, first),
            counted=said.todays_numbers().get(lever.name, ("",))[0],
        )

    return [field(LEVERS[slider.lever], slider) for slider in FIRST], [field(lever) for lever in others()]


def _counted(lever: str, states: str, world: Sequence[str], first: date) -> float | None:
    try:
        return said.count(lever, [word.strip() for word in states.split(",") if word.strip()], world, first)
    except InputError:  # a file may name states that are none
        return None


def _begins(lever: Lever, neutral: str, change: dict[str, Any] | None, first: date) -> tuple[str, str, str, str, str]:
    value = from_file(lever, change.get("value")) if change else None
    if change is None or value is None:
        return (neutral, first.isoformat(), "", "", "")
    phased = change.get("phased")
    day = change.get("date") or (phased.get("from") if isinstance(phased, dict) else None) or first.isoformat()
    ramp = ""
    if isinstance(change.get("ramp"), str):
        try:
            ramp = str(read_months(change["ramp"]))
        except InputError:
            ramp = ""
    named = change.get("states") or []
    words = [named] if isinstance(named, str) else [str(word) for word in named]
    states = "" if words == ["all"] else ", ".join(words)
    return (value, str(day), ramp, states, str(change.get("instrument") or ""))


def _shown_whole(change: dict[str, Any] | None) -> bool:
    return change is not None and change.keys() <= {"lever", "value", "date", "ramp", "states", "instrument", "note"}
