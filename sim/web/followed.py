"""What the pages of one case and of one request show: links, and stages of both arms beside each other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl

from sim.report.explain.words import days
from sim.web.lives import Lives, StageLine
from sim.web.state import PageState, address


@dataclass(frozen=True)
class StagePair:
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
