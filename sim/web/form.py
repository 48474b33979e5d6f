"""The levers of the page as its form shows them: where each stands, and where it begins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sim.policy.lever import Lever, Quantity, Target
from sim.policy.levers import LEVERS
from sim.policy.problem import InputError
from sim.policy.units import read_months
from sim.web.controls import FIRST, Slider, about, others, words_of
from sim.web.files import settings_of
from sim.web.state import TODAY, Draft, from_file

_REACH = {
    Target.WORLD: "Acts on the whole world, so no states can be named.",
    Target.INSTRUMENT: "Acts on an instrument, so no states can be named.",
}
_PAIRS = "Acts between pairs of states: both sides are among the states that are named."


@dataclass(frozen=True)
class LeverField:
    """A lever in the form.

    Attributes:
        lever: the lever.
        title: a few words.
        slider: how it is shown first; None behind “more”.
        words: values to choose from; none for a number.
        instruments: what it can be about.
        value, on, ramp, states, instrument: where it stands.
        begins: where the policy that one starts from has it, in the same order.
        note: what else there is to know.
        set_here: whether it is moved.
    """

    lever: Lever
    title: str
    slider: Slider | None
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


def fields_of(draft: Draft, first: date) -> tuple[list[LeverField], list[LeverField]]:
    """The levers that are shown first, and all others.

    Raises:
        InputError: the file in the address cannot be read.
    """
    begins = settings_of(draft)
    sliders = [_field(LEVERS[slider.lever], slider, draft, begins, first) for slider in FIRST]
    return sliders, [_field(lever, None, draft, begins, first) for lever in others()]


def _field(
    lever: Lever, slider: Slider | None, draft: Draft, begins: dict[str, dict[str, Any] | None], first: date
) -> LeverField:
    """One lever."""
    change, moves = begins.get(lever.name), dict(draft.moves)
    start = _begins(lever, slider, change, first)
    move, stands = moves.get(lever.name), start
    if move:
        value = _today(lever, slider) if move.value == TODAY else move.value
        stands = (value, move.on.isoformat(), str(move.ramp or ""), ", ".join(move.states), move.instrument)
    notes = [_PAIRS if lever.target is Target.PAIRS else _REACH.get(lever.target, "")]
    notes.append(f"Needs {lever.needs.rstrip('.')}." if lever.needs else "")
    if lever.name in begins and not _shown_whole(change):
        notes.append("The policy sets it in a way that is not shown here; moving it replaces that.")
    return LeverField(
        lever,
        slider.title if slider else lever.title,
        slider,
        words_of(lever),
        about(lever),
        *stands,
        begins=start,
        note=" ".join(filter(None, notes)),
        set_here=move is not None or lever.name in begins,
    )


def _today(lever: Lever, slider: Slider | None) -> str:
    """The value that changes nothing, as a slider has it; empty for other controls."""
    return f"{lever.neutral:g}" if slider else ""


def _begins(
    lever: Lever, slider: Slider | None, change: dict[str, Any] | None, first: date
) -> tuple[str, str, str, str, str]:
    """Value, day, ramp, states and instrument of the policy that one starts from."""
    value = from_file(lever, change.get("value")) if change else None
    if change is None or value is None:
        return (_today(lever, slider), first.isoformat(), "", "", "")
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
    """Whether the form shows all that a change says."""
    return change is not None and change.keys() <= {"lever", "value", "date", "ramp", "states", "instrument", "note"}
