"""A run whose policy Python code can change while the run goes on."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from numbers import Real
from typing import Any

from sim.api.scenario import plain
from sim.experiments.grammar import axis_of
from sim.experiments.store import yaml_text
from sim.law.days import to_date, to_day
from sim.policy.change import Change
from sim.policy.lever import Quantity
from sim.policy.levers import LEVERS, find_lever
from sim.policy.problem import InputError, one_error
from sim.policy.scenario import Scenario, read_text
from sim.policy.timeline import Assignment, Step, Timeline
from sim.simulate import Simulation

#: What follows a bare number of a lever in a scenario file.
_UNITS = {
    Quantity.RATIO: " times",
    Quantity.DAYS: " days",
    Quantity.YEARS: " years",
    Quantity.RATE: " a year",
}


class SteeredRun(Simulation):
    """A run that accepts new policy steps at the start of each day."""

    def follow(self, timeline: Timeline) -> None:
        """Replaces the timeline from today on; steps before today must be the same.

        What it has today and the one before has not takes effect at once, as on a day of change in `Simulation`.
        """
        before, self.timeline = self.timeline, timeline
        waits = bool(self._changes) and self._changes[0] <= self.day  # today's changes have not been made yet
        self._changes = [day for day in self._scheduled() if day > self.day or waits]
        if waits:
            return
        today = to_date(self.day)
        steps = tuple(step for step in timeline.steps if step.on <= today)
        done = _assigned(step for step in before.steps if step.on <= today)
        new = _assigned(steps)
        same = next((place for place, (a, b) in enumerate(zip(done, new, strict=False)) if not _alike(a, b)), len(done))
        law = tuple(replace(step, assignments=()) for step in steps)
        moment = SteeredRun(self.world, self.law, Timeline((*law, Step(today, assignments=new[same:]))), self.end)
        moment._stock_days, moment._retention_changes = set(), set()  # they were this morning
        moment._change(self.day)
        self.world = moment.world


def _assigned(steps: Any) -> tuple[Assignment, ...]:
    """All assignments of lever values in some steps, in order."""
    return tuple(assignment for step in steps for assignment in step.assignments)


def _alike(one: Assignment, other: Assignment) -> bool:
    """True if two assignments of lever values are equal, including their masks of pairs of states."""
    masks = [None if entry.pairs is None else entry.pairs.tobytes() for entry in (one, other)]
    return masks[0] == masks[1] and replace(one, pairs=None) == replace(other, pairs=None)


def with_change(scenario: Scenario, lever: str, value: Any, keys: Mapping[str, Any]) -> Scenario:
    """Copy of a scenario with one more change, which is checked as in a scenario file.

    A number is in the lever's own unit, as in sweeps.
    """
    try:
        number = _number(lever, value)
    except InputError as problem:
        raise _worded(problem, value) from None
    written = {"lever": lever, "value": _written(lever, value, number), **keys}
    given = {key: entry for key, entry in written.items() if entry is not None}
    content = {"title": "applied", "question": "applied", "author": "applied", "changes": [plain(given)]}
    read = read_text(yaml_text(content), "apply")
    if read.mistakes:
        raise one_error([_worded(problem, value) for problem in read.mistakes])
    changes: Sequence[Change] = read.changes
    if number is not None:
        changes = [replace(change, value=number) for change in changes]  # with all its digits
    return replace(
        scenario,
        changes=(*scenario.changes, *changes),
        first_days=(*scenario.first_days, *read.first_days),
    )


def _number(lever: str, value: Any) -> float | None:
    """Converts a value to a number in the lever's unit; None for a text or a switch."""
    if isinstance(value, str | bool) or not isinstance(value, Real) or not find_lever(lever).gradual:
        return None
    return float(axis_of(lever, [float(value)]).levels[0].value)


def _written(lever: str, value: Any, number: float | None) -> Any:
    """Converts a Python value to the notation of scenario files."""
    if number is None:
        return value
    shown = f"{number:.9f}".rstrip("0").rstrip(".")
    return shown + _UNITS.get(LEVERS[lever].quantity, "")


def _worded(problem: InputError, value: Any) -> InputError:
    """Copy of an error about a change, without a line number."""
    key = problem.key.rpartition("change 1, ")[2]
    shown = value if key == "value" else problem.value
    return InputError(problem.problem, key=key, value=shown, fix=problem.fix)


def is_midnight(day: float) -> bool:
    """True if a time in days is a whole number."""
    return day == to_day(to_date(day))
