"""The worlds of the page, under each assumption that a person can switch."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import product

from sim.calibration.ensemble import sets_of_today
from sim.experiments.config import compose
from sim.experiments.run import Task
from sim.experiments.sets import ParameterSets
from sim.policy.scenario import Scenario
from sim.policy.scenario_timeline import policy_days
from sim.web.state import PageState
from sim.world.parameters import Parameters, WorldSpec

_OVERLOADED = "uncertainty=overloaded_courts"
_UNCERTAINTY = "uncertainty="


@dataclass(frozen=True)
class Assumed:
    """PageWorlds under one choice of assumptions.

    Attributes:
        name: what identifies these worlds.
        words: what a command line needs to run the same.
    """

    world: WorldSpec
    parameters: Parameters
    sets: ParameterSets | None
    name: str
    words: tuple[str, ...]

    def task(self, seed: int, scenarios: tuple[Scenario, ...], *, events: bool = False) -> Task:
        """One seed as the model takes it, as `comity compare` gives it the same seed."""
        task = Task("page", seed, scenarios, self.world, self.parameters, events, keeps=True)
        if self.sets is None:
            return task
        return replace(task, parameters=self.sets.parameters(self.parameters, seed), prices=self.sets.prices(seed))


@dataclass(frozen=True)
class PageWorlds:
    """What the page simulates.

    Attributes:
        assumed: worlds by whether courts are overloaded, and whether all seeds have the same parameters.
    """

    assumed: Mapping[tuple[bool, bool], Assumed]
    first_seed: int

    def of(self, state: PageState) -> Assumed:
        """The worlds that a state asks for."""
        return self.assumed[state.overloaded, state.one_world]

    @property
    def world(self) -> WorldSpec:
        """Which world, from when to when; no assumption changes it."""
        return self.assumed[False, False].world

    @property
    def standing(self) -> str:
        """What parameter sets were chosen by."""
        sets = self.assumed[False, False].sets
        return str(sets.standing) if sets else ""

    @property
    def days(self) -> tuple[date, date]:
        """First and last day on which a policy may act."""
        return policy_days(self.world)

    def seeds(self, pairs: int) -> tuple[int, ...]:
        """The seeds of so many pairs."""
        return tuple(range(self.first_seed, self.first_seed + pairs))


def worlds_of(overrides: Sequence[str]) -> PageWorlds:
    """The worlds that a command line asks for."""
    settings, _ = compose("compare", overrides)
    others = [word for word in overrides if not word.startswith(_UNCERTAINTY)]
    overloaded, _ = compose("compare", [*others, _OVERLOADED])
    first = settings.execution.first_seed
    sets = sets_of_today(first)
    assumed = {}
    for courts, one in product((False, True), repeat=2):
        parameters = (overloaded if courts else settings).uncertainty
        words = (*(others if courts else overrides), *([_OVERLOADED] if courts else []), *(["--point"] if one else []))
        content = f"{settings.world}\n{parameters}\n{one}\n{first}"
        name = hashlib.sha256(content.encode()).hexdigest()[:16]
        assumed[courts, one] = Assumed(settings.world, parameters, None if one else sets, name, words)
    return PageWorlds(assumed, first)
