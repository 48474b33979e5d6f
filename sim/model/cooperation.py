"""The Mesa model: a world under a scenario that users can advance, measure and steer.

Only the part of Mesa is used that its versions 3.3 to 4.0 share; where a version has a schedule of events, a step is
one of its events, and the world is at the day of each event.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, SupportsFloat

import mesa
import numpy as np

from sim.api.entry_point import EnsembleLike, ScenarioLike, in_python
from sim.api.scope import stays
from sim.api.simulating import Outcomes, world_of
from sim.experiments.run import Task, measured_of, timeline_for
from sim.law.days import to_date, to_day
from sim.law.order import LegalOrder, legal_order
from sim.model.agents import CentralAuthority, CriminalGroup, LiaisonBody, NationalAgency, ServiceProvider
from sim.model.space import StateNetwork
from sim.model.steering import SteeredRun, is_midnight, with_change
from sim.policy.problem import InputError
from sim.policy.scenario import Scenario
from sim.policy.timeline import Timeline
from sim.policy.well_known import BASELINE
from sim.simulate import start
from sim.world.parameters import Parameters, WorldSpec
from sim.world.places import inside
from sim.world.records import CaseStatus, DeskKind, GroupStatus, Growing, RequestStatus
from sim.world.world import World, records

if TYPE_CHECKING:
    from mesa.discrete_space import Cell

    from sim.api.own_model import Model

#: Seeds that are drawn are below this.
_SEEDS = 2**31
#: Providers that answer everybody, wherever their seat is.
_MAJOR = 0
_OLD = ("spec", "parameters", "timeline", "law")


class CooperationModel(mesa.Model):
    """Mesa model of one world under one scenario.

    Args:
        scenario: key of a scenario, path of a scenario file, or a `sim.Scenario`.
        seed: of the world; with the same seed its outcomes are those of `sim.run`. None for a fresh one.
        rng: the same, in Mesa's word: a whole number, a generator of NumPy or what makes one.
        world: `default` or `tiny`.
        values: levers, parameters and keys such as `world.groups` by name, as `sim.simulate` takes them.
        ensemble: parameter sets, of which this seed has one; None for every parameter at its default.
        period_days: days that a step advances.
        spec: deprecated, as the next three; all that `world`, `values` and `scenario` say, as objects of the model.

    Attributes:
        seed: of this world.
        policy: key of the scenario.
        simulation: the run underneath.
        datacollector: daily open requests, open cases, active groups, takedowns so far.
        space: the states as nodes of a network (`StateNetwork`).
        rows: rows of the world's states in its tables.
        time: days since the first day of the world.
        steps: periods that have ended.

    Raises:
        InputError: a mistake in what was given.
    """

    _begun = False  # whether there is a world

    def __init__(
        self,
        scenario: ScenarioLike | WorldSpec = BASELINE,
        *,
        seed: int | None = None,
        rng: Any = None,
        world: str = "default",
        values: Mapping[str, SupportsFloat | str] | None = None,
        ensemble: EnsembleLike = None,
        period_days: float = 1.0,
        spec: WorldSpec | None = None,
        parameters: Parameters | None = None,
        timeline: Timeline | None = None,
        law: LegalOrder | None = None,
    ) -> None:
        given = _one_seed(seed, rng)
        if not 0.0 < period_days < math.inf:
            raise InputError("not a period", key="period_days", value=period_days, fix="Give a number above 0.")
        if isinstance(scenario, WorldSpec):  # the first argument of the version before
            spec, scenario = scenario, BASELINE
        try:
            super().__init__(rng=given)
        except (TypeError, ValueError):
            raise _no_seed(given) from None
        seed = given if isinstance(given, int) else int(self.rng.integers(_SEEDS))
        old = dict(zip(_OLD, (spec, parameters, timeline, law), strict=True))
        self._task = world_of(scenario, seed, world, values, ensemble)
        if any(entry is not None for entry in old.values()):
            self._task = _as_before(self._task, old)
        self.__dict__.pop("step", None)  # Mesa's own, which always advances by 1
        self.seed, self.period_days, self.steps = seed, float(period_days), 0
        self._policy: Scenario = self._task.scenarios[0]
        self._given = timeline or Timeline()
        begun = start(self._task.world, self._task.parameters, law or legal_order(), Timeline(), seed)
        self.simulation = SteeredRun(begun.world, begun.law, self._timeline(self._policy), begun.end)
        self._first = self.simulation.day
        self.rows = tuple(np.flatnonzero(inside(self.law, self._task.world)).tolist())
        self._collected, self._groups = 0.0, 0
        if not hasattr(self, "time"):
            self.time = 0.0
        self.space = StateNetwork(self)
        self._make_agents()
        self._schedule()
        self._begun = True
        self.datacollector = mesa.DataCollector(model_reporters=dict(_REPORTERS))
        self.datacollector.collect(self)

    @property
    def scenario(self) -> None:
        """Always None; the model's own scenario is given by `policy`."""

    @scenario.setter
    def scenario(self, given: object) -> None:
        """Does nothing; Mesa sets a scenario of its own, which the model ignores."""

    @property
    def policy(self) -> str:
        """Key of the scenario with which the model started."""
        return self._policy.key

    @property
    def title(self) -> str:
        """Title of the scenario for readers."""
        return self._policy.title

    @property
    def law(self) -> LegalOrder:
        """The law before any policy, a `LegalOrder` with `states` and `index`."""
        return self.simulation.law

    @property
    def world(self) -> World:
        """Tables of the world today; a step may replace them."""
        self._catch_up()
        return self.simulation.world

    @property
    def today(self) -> date:
        """Date up to which the model has simulated."""
        self._catch_up()
        return to_date(self.simulation.day)

    @property
    def policy_start(self) -> float:
        """First day on which policies can begin, counted like `time`."""
        return to_day(date.fromisoformat(self._task.world.policy_start)) - self._first

    @property
    def end(self) -> float:
        """Last day of the simulation, counted like `time`."""
        return self.simulation.end - self._first

    @property
    def agents(self) -> Any:
        """All Mesa agents, including groups that have entered by today."""
        self._catch_up()
        return super().agents

    @agents.setter
    def agents(self, _agents: object) -> None:
        """Raises an error: Mesa keeps this list itself."""
        raise AttributeError("Mesa keeps model.agents; call what you keep by another name.")

    @property
    def agents_by_type(self) -> Any:
        """All Mesa agents by class, including groups that have entered by today."""
        self._catch_up()
        return super().agents_by_type

    def cell_of(self, state: str) -> Cell | None:
        """Cell of a state in `space`; None if the state is not in the world."""
        row = self.law.index(state)
        return self.space[row] if row in self.space.G else None

    def count(self, table: str, field: str, values: Sequence[int]) -> int:
        """Number of rows of a table whose field has one of the given values."""
        return int(np.isin(records(self.world, table)[field], values).sum())

    def step(self) -> None:
        """Simulates one period, such as a day or a month; does nothing once the last day is reached."""
        if getattr(self, "_simulator", None) is not None:
            self._period_ends()  # one of Mesa's simulators moves time
        elif self.running:
            until = min(self.time + self.period_days, self.end)
            if self._has_events:
                self.run_for(until - self.time)
            else:
                self.time = until
                self._period_ends()

    @stays
    def outcomes(self) -> Outcomes:
        """Measures all outcomes up to today; on the last day they equal those of `sim.simulate`.

        Before, it is measured as if the measured years ended today: what takes longer than there was time is cut off,
        and amounts such as `policy_cost` are those up to today.

        Returns:
            A number by the key of each outcome, NaN where undefined.

        Raises:
            InputError: no day of policy is over yet.
        """
        world, today = self._task.world, self.today
        if today <= date.fromisoformat(world.policy_start):
            fix = f"Step on: outcomes are measured from {world.policy_start} on."
            raise InputError("there is nothing to measure yet", key="outcomes", value=today, fix=fix)
        followed = (today - date.fromisoformat(world.end)).days
        if followed < world.follow_up_days:
            end = min(world.end, today.isoformat())
            world = replace(world, end=end, follow_up_days=max(followed, 0))
        measured = measured_of(self.simulation, world, self._task.prices, self._policy, tables=())
        return Outcomes(self.policy, self.seed, measured.outcomes)

    @stays
    def apply(self, lever: str, value: Any = None, states: str | Sequence[str] | None = None, **keys: Any) -> None:
        """Changes a lever from today on, with the same checks and costs as in a scenario.

        Within a day it is dated the next one.

        Args:
            lever: name of a lever; `sim.levers()` lists them.
            value: a number in the lever's unit, as in sweeps, or a text as in scenario files, such as "+50 %".
            states: states or groups of states; None for all.
            keys: other keys of a change in a scenario file: `pairs`, `instrument`, `kinds`, `articles`, `ramp`,
                `growth`, `process`, `lag`, or `phased` and `date` for other days.

        Raises:
            InputError: a mistake, such as a value out of range, or a day before policies start.
        """
        on = self.today if is_midnight(self.simulation.day) else self.today + timedelta(days=1)
        dated = {} if "phased" in keys else {"date": on}
        policy = with_change(self._policy, lever, value, {"states": states, **dated, **keys})
        for first in policy.first_days[len(self._policy.first_days) :]:
            if first.day < on:
                fix = f"Write a day from {on} on."
                raise InputError("the model has passed this day", key="date", value=first.day, fix=fix)
        try:
            timeline = self._timeline(policy)
        except InputError as problem:
            raise InputError(problem.problem, key=lever, value=problem.value, fix=problem.fix) from None
        self._policy = policy
        self.simulation.follow(timeline)
        self.space.renew(self)

    def _timeline(self, policy: Scenario) -> Timeline:
        """Timeline of a scenario in this world, including decisions that reviews have made so far."""
        timeline = timeline_for(self._task, policy)
        reviewed = self.simulation.minutes if hasattr(self, "simulation") else ()
        steps = (*self._given.decided, *(step for minute in reviewed for step in minute.steps))
        trends = (*self._given.trends, *timeline.trends)
        return replace(timeline.extended(steps), trends=trends, reviewer=timeline.reviewer or self._given.reviewer)

    def _make_agents(self) -> None:
        """Makes the Mesa agents that exist on the first day."""
        desk, provider, states = self.world.desk, self.world.provider, len(self.law.states)
        for row in self.rows:
            NationalAgency(self, row)
        for row in self.rows:
            CentralAuthority(self, int(DeskKind.INCOMING) * states + row)
        for row in np.flatnonzero(desk["kind"] == DeskKind.PROVIDER).tolist():
            if desk[row].state in self.rows or provider[desk[row].provider].kind == _MAJOR:
                ServiceProvider(self, row)
        for row in range(len(self.world.liaison_body)):
            LiaisonBody(self, row)
        self._meet_new_groups()

    def _schedule(self) -> None:
        """Registers the end of each period in Mesa's schedule, if Mesa's version has one."""
        self._has_events = hasattr(self, "schedule_recurring")
        if self._has_events:
            from mesa.time import Priority, Schedule

            self._default_schedule.stop()
            if self.period_days <= self.end:
                periods = Schedule(interval=self.period_days, start=self.period_days, end=self.end)
                self.schedule_recurring(self._period_ends, periods, priority=Priority.HIGH)
            self.schedule_event(self._period_ends, at=self.end, priority=Priority.HIGH)

    def _period_ends(self) -> None:
        """Simulates up to `time`; counts a step and collects data, at most once for each time."""
        self._catch_up()
        self.running = self.time < self.end
        if self.time > self._collected:
            self.steps += 1
            self._collected = self.time
            self.space.renew(self)
            self.datacollector.collect(self)

    def _catch_up(self) -> None:
        """Simulates up to `time`, and makes the agents for groups that have entered."""
        if not self._begun:
            return
        until = min(self._first + self.time, self.simulation.end)
        if until > self.simulation.day:
            self.simulation.advance(until)
            self._meet_new_groups()

    def _meet_new_groups(self) -> None:
        used = int(self.simulation.world.used[Growing.GROUP])
        new, self._groups = range(self._groups, used), used
        for row in new:
            CriminalGroup(self, row)


def _date(model: CooperationModel) -> str:
    return model.today.isoformat()


def _seed(model: CooperationModel) -> int:
    return model.seed


def _open_requests(model: CooperationModel) -> int:
    return model.count("request", "status", (RequestStatus.OPEN,))


def _open_cases(model: CooperationModel) -> int:
    return model.count("case", "status", (CaseStatus.INVESTIGATING, CaseStatus.PREPARING))


def _active_groups(model: CooperationModel) -> int:
    return model.count("group", "status", (GroupStatus.ACTIVE,))


def _takedown_actions(model: CooperationModel) -> int:
    return model.count("action", "down", (1,))


#: What the model's data collector has of every period, by the name of its column: functions that can be pickled.
_REPORTERS: Mapping[str, Any] = {
    "seed": _seed,
    "date": _date,
    "open_requests": _open_requests,
    "open_cases": _open_cases,
    "active_groups": _active_groups,
    "takedown_actions": _takedown_actions,
}


@in_python
def mesa_model(
    scenario: ScenarioLike = BASELINE,
    *,
    seed: int | None = None,
    rng: Any = None,
    world: str = "default",
    values: Mapping[str, SupportsFloat | str] | None = None,
    ensemble: EnsembleLike = None,
    period_days: float = 1.0,
    model: Model | None = None,  # noqa: ARG001 - `in_python` takes it
) -> CooperationModel:
    """Makes a Mesa model of a world under a scenario.

    Args:
        scenario: see `simulate`, as for the next four.
        seed: of the world; None for a fresh one.
        rng: the same, in Mesa's word.
        world: `default` or `tiny`.
        values: levers and parameters by name.
        ensemble: parameter sets, of which this seed has one; None for every parameter at its default.
        period_days: days that a step advances.
        model: a `sim.Model` with parts of one's own.

    Returns:
        A `mesa.Model` at the first day of its world; `outcomes()` measures it, `apply()` changes its policy.

    Examples:
        >>> model = sim.mesa_model(world="tiny", seed=1, period_days=400)
        >>> model.step()
        >>> model.steps, model.time, len(model.agents) > 0
        (1, 400.0, True)
    """
    return CooperationModel(
        scenario, seed=seed, rng=rng, world=world, values=values, ensemble=ensemble, period_days=period_days
    )


def _one_seed(seed: int | None, rng: Any) -> Any:
    """Reads the seed from one of two keywords; None means a random seed."""
    if seed is not None and rng is not None:
        raise InputError("seed and rng are two words for one thing", key="rng", value=rng, fix="Give one of them.")
    given = rng if seed is None else seed
    if isinstance(given, bool) or (isinstance(given, int) and given < 0):
        raise _no_seed(given)
    return int(given) if isinstance(given, int | np.integer) else given


def _no_seed(given: object) -> InputError:
    """Makes the error for a value that is no valid seed."""
    return InputError("not a seed", key="seed", value=given, fix="Give a whole number, 0 or more, or None.")


def _as_before(task: Task, old: Mapping[str, Any]) -> Task:
    """Copy of a task with a world given by former keywords, which work for one more release."""
    for key, given in old.items():
        if isinstance(given, str):
            raise InputError("a name is not enough here", key=key, value=given, fix="Write world= or scenario=.")
    words = ", ".join(f"{key}=" for key, given in old.items() if given is not None)
    warnings.warn(
        f"{words} of CooperationModel will go with the next version: write scenario=, world= and values= instead.",
        DeprecationWarning,
        stacklevel=3,
    )
    return replace(task, world=old["spec"] or task.world, parameters=old["parameters"] or task.parameters)
