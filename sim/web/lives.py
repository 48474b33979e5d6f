"""The life of one case, or of one request, under today's law beside the same one under the policy, as plain texts.

They travel from a worker to the page. What is the same in both arms has the same key, from which its random draws are
made.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from sim.report.explain.words import days
from sim.web.state import PageState, address

#: Number of a request or of another case in a text.
_ROWS = re.compile(r" ?\[?\b(?:request|case|group) \d+\]?")
#: Date, days since the beginning, what happened, and how that bears on it.
Line = tuple[str, str, str, str]


@dataclass(frozen=True)
class Follow:
    """What is to be followed: a case, or one of its requests, or one of a state's.

    Attributes:
        case: row of the case in the first arm; −1 for the first worth reading.
        request: row of the request; −1 for the first worth reading; None where the case itself is followed.
        states: rows of the states among whose requests one is chosen; none for those of the case.
    """

    case: int = -1
    request: int | None = None
    states: tuple[int, ...] = ()


class LifeChoice(NamedTuple):
    """A case or a request in a list of those worth reading: its row in the first arm, and what is worth knowing."""

    row: int
    words: tuple[str, ...]


class StageLine(NamedTuple):
    """A stage of a request.

    Attributes:
        stage: its number, which is its place in the order.
        title: of the stage.
        days: spent in it.
        words: from when, at which desk, and how long it waited there.
    """

    stage: int
    title: str
    days: float
    words: str


@dataclass(frozen=True)
class Life:
    """The life of a case or of a request in one arm; no entries where it does not come about there.

    Attributes:
        title: one line.
        note: what is different about it in this arm, or why it does not come about.
        end: how a request ended and why, with the day; empty for a case.
        stages: of a request.
        facts: the life in short.
        entries: what happened, in order of time.
    """

    title: str = ""
    note: str = ""
    end: str = ""
    stages: tuple[StageLine, ...] = ()
    facts: tuple[str, ...] = ()
    entries: tuple[Line, ...] = ()


@dataclass(frozen=True)
class Lives:
    """One case, or one request, before and after.

    Attributes:
        choices: cases or requests of the first arm that are worth reading.
        row: of the one that is shown, in the first arm; −1 where there is none.
        case: row of the case that is followed, or to which the request belongs; −1 where there is none.
        lives: its life in each arm.
    """

    choices: tuple[LifeChoice, ...]
    row: int
    case: int
    lives: tuple[Life, ...]

    @property
    def apart(self) -> tuple[tuple[bool, ...], ...]:
        """For each life and entry, whether the other life lacks it; numbers of rows differ between arms by nature."""
        said = [[(entry[0], _ROWS.sub("", entry[2])) for entry in life.entries] for life in self.lives]
        return tuple(tuple(line not in said[1 - place] for line in lines) for place, lines in enumerate(said))


class StagePair(NamedTuple):
    """A stage of a request under today's law and under the policy.

    Attributes:
        title: of the stage.
        sides: the stage in each arm; None where the request does not pass it there.
    """

    title: str
    sides: tuple[StageLine | None, ...]

    @property
    def days(self) -> tuple[float, ...]:
        """Days in each arm; NaN where it does not pass it."""
        return tuple(side.days if side else float("nan") for side in self.sides)

    @property
    def said(self) -> tuple[str, ...]:
        """The same in words."""
        return tuple(days(side.days) if side else "–" for side in self.sides)


def stage_pairs(lives: Lives) -> list[StagePair]:
    """Every stage that a request passes in one of the arms, in their order."""
    arms = [{stage.stage: stage for stage in life.stages} for life in lives.lives]
    titles = {number: stage.title for arm in arms for number, stage in arm.items()}
    return [StagePair(titles[number], tuple(arm.get(number) for arm in arms)) for number in sorted(titles)]


def life_values(what: str, state: PageState, lives: Lives | None) -> dict[str, Any]:
    """What a template shows beside the lives: addresses of the comparison, of other choices, and of the other view.

    Args:
        what: "case" or "request".
        state: the address.
        lives: what is shown; None where the world could not be simulated.
    """
    here = address(replace(state, case=-1, request=-1, seed=1))
    pairs = stage_pairs(lives) if lives else []
    rows = [choice.row for choice in lives.choices] if lives else []
    chosen = [replace(state, case=row) if what == "case" else replace(state, request=row) for row in rows]
    return {
        "here": here,
        "fields": parse_qsl(here),
        "links": [address(choice) for choice in chosen],
        "other": address(replace(state, case=lives.case, request=-1)) if lives else "",
        "stages": pairs,
        "longest": max((one for pair in pairs for one in pair.days if one == one), default=1.0),  # NaN is unlike itself
    }
