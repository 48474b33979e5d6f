"""Designs of studies: the points, scenarios and seeds that each command simulates, as a plan of runs.

`run`, `compare`, `league`, `ablate` and `regret` have one main point and perhaps a few named ones with fewer seeds;
`sweep` has many points, chosen in one of several ways.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from sim.experiments.axis import Axis, AxisKind, Level
from sim.experiments.doubt import Doubt, left_out
from sim.experiments.plan import MAIN, Base, Kind, Plan, Table, table_of_points, table_of_runs, warm_ups_of_points
from sim.experiments.settings import Mechanism
from sim.law.order import legal_order
from sim.policy.change import Change
from sim.policy.levers import LEVERS
from sim.policy.problem import mistake
from sim.policy.scenario import Scenario, catalogue, load
from sim.policy.schema import Recommendation
from sim.policy.well_known import BASELINE, COMPARED, LOWER_BOUND, UPPER_BOUND
from sim.world.parameters import Parameters

if TYPE_CHECKING:
    from sim.experiments.config import Experiment

__all__ = ["MAIN", "Design", "ablation", "comparison", "make_points", "plain"]

#: Axis of an ablation, and its level in the whole model.
LEFT_OUT, NOTHING = "left_out", "nothing"
#: Maximum number of seeds of the bounds in comparisons with policies, and of steps of the ladder: their differences are
#: large.
BOUND_SEEDS, FEW_SEEDS = 30, 10
#: Steps of the ladder are run on a share of the seeds, up to that maximum.
STEP_SHARE = 0.1
#: Minimum number of seeds of a difference.
FEWEST = 2
#: Maximum number of seeds whose past is kept on disk: 2.5 GB in the default world.
MOST_KEPT = 100
#: Levels of each axis in a Morris design, and of each trajectory's grid.
MORRIS_LEVELS = 4


@dataclass(frozen=True)
class Apart:
    """A policy that is split into parts, with the keys of scenarios that have only some of the parts."""

    scenario: str  # key of the policy
    # each part as text, in the order of the file, the changes of scenarios that it is based on first
    labels: tuple[str, ...]
    alone: tuple[str, ...]  # key of the scenario with this part only
    without: tuple[str, ...]  # key of the scenario with all other parts


@dataclass(frozen=True)
class Design:
    """The runs that a command compares: their plan, with the split policies and ladder steps."""

    plan: Plan
    scenarios: tuple[Scenario, ...]
    rungs: tuple[Scenario, ...] = ()  # scenarios between the bounds, run only to place the others on a ladder
    mechanisms: tuple[Mechanism, ...] = ()  # what is left out, each at a point of its own
    against: str = ""  # key of the scenario that the user compares with; empty for today's law
    apart: tuple[Apart, ...] = ()  # policies that are taken apart, change by change, with the scenarios that do it
    planned: int = 0  # number of seeds in all, where others are still to come; else 0
    # number of first worlds of scenarios that were inspected one by one; empty where all have those of the design
    worlds_of: Mapping[str, int] = field(default_factory=dict)

    def first(self, worlds: int, planned: int = 0) -> Design:
        """The design limited to its first worlds; ladder steps without runs in these worlds are left out."""
        if worlds >= self.plan.replicates:
            return self
        plan = self.plan.first(worlds)
        there = np.unique(plan.runs["scenario"]).tolist()
        run = {plan.base.scenarios[place].key for place in there}
        return replace(self, plan=plan, rungs=tuple(rung for rung in self.rungs if rung.key in run), planned=planned)

    def limited(self, worlds_of: Mapping[str, int]) -> Design:
        """Copy of the design with only the first worlds of each scenario, as many as `worlds_of` says."""
        if not worlds_of:
            return self
        follow = {key: worlds_of[policy] for key, policy in self.follow.items() if policy in worlds_of}
        kept = self.plan.runs[~left_out(self.plan, {**worlds_of, **follow})]
        short = self.first(max(worlds_of.values()), self.planned)
        return replace(short, plan=replace(short.plan, runs=kept), worlds_of=worlds_of)

    @property
    def follow(self) -> dict[str, str]:
        """Key of the policy for each scenario that has only a part of it; the scenario stops with the policy."""
        return {key: policy.scenario for policy in self.apart for key in (*policy.alone, *policy.without)}

    @property
    def doubt(self) -> Doubt:
        """Makes the rule that stops each policy once its effects are clear.

        Policies of the default comparison have all worlds there, so that a league says of them what it says.
        """
        whole = self.plan.replicates  # bounds of a comparison have fewer anyway
        keys = [one.key for one in self.scenarios if one.key != self.baseline and len(self.seeds_of(one.key)) == whole]
        bounds = {one.key for one in self.scenarios if one.recommendation is Recommendation.BOUNDS or one.unanswered}
        ranked = [key for key in keys if key not in {LOWER_BOUND, UPPER_BOUND, *bounds}]
        if self.plan.kind is not Kind.LEAGUE:
            return Doubt(self.plan, self.baseline, keys, (), self.follow)
        always = [key for key in COMPARED if key in keys]
        others = [key for key in keys if key not in always]
        return Doubt(self.plan, self.baseline, others, ranked, self.follow, always)

    @property
    def baseline(self) -> str:
        """Key of the baseline: the scenario that the user names, or else today's law, or else the first scenario."""
        keys = [scenario.key for scenario in self.scenarios]
        return self.against or (BASELINE if BASELINE in keys else keys[0])

    @property
    def blocks(self) -> tuple[str, ...]:
        """Names of the points, such as the main one and one per mechanism left out."""
        return self.plan.base.blocks

    @property
    def shown(self) -> Table:
        """Table of the runs whose breakdowns reports show; runs of a policy's parts are left out."""
        arms = {key for policy in self.apart for key in (*policy.alone, *policy.without)}
        kept = [place for place, scenario in enumerate(self.plan.base.scenarios) if scenario.key not in arms]
        return self.plan.runs[np.isin(self.plan.runs["scenario"], kept)]

    def seeds_of(self, scenario: str) -> list[int]:
        """Seeds under which a scenario runs at the main point."""
        keys = [entry.key for entry in self.plan.base.scenarios]
        runs = self.plan.runs
        here = (runs["point"] == self.blocks.index(MAIN)) & (runs["scenario"] == keys.index(scenario))
        return [int(seed) for seed in runs["seed"][here]]

    def seeds(self, block: str = MAIN) -> list[int]:
        """Seeds of all runs at the point with a given name."""
        runs = self.plan.runs
        seeds = runs["seed"][runs["point"] == self.blocks.index(block)]
        return [int(seed) for seed in np.unique(seeds)]


def plain(experiment: Experiment, kind: Kind = Kind.RUN) -> Design:
    """Makes a design in which every scenario runs under every seed."""
    part = (0, range(len(experiment.scenarios)), range(experiment.replicates))
    plan = _plan(experiment, kind, experiment.scenarios, (), {MAIN: ()}, [part])
    return Design(plan, experiment.scenarios, against=experiment.baseline)


def comparison(experiment: Experiment, rungs: tuple[Scenario, ...]) -> Design:
    """Makes the design of a comparison: every scenario under every seed, and ladder steps if given.

    In comparisons with policies, bounds have the first seeds only; steps of the ladder have the last of these, so that
    the first worlds hold the scenarios alone and answer soon. If wanted, the scenarios that take policies apart are run
    under every seed as well.
    """
    scenarios = experiment.scenarios
    keys = {scenario.key for scenario in scenarios}
    rungs = tuple(rung for rung in rungs if rung.key not in keys) if {LOWER_BOUND, UPPER_BOUND} <= keys else ()
    apart, arms = _taken_apart(experiment) if experiment.by_change else ((), ())
    places, others = range(len(scenarios)), len(scenarios) + len(rungs)
    ends = [place for place in places if scenarios[place].key in (LOWER_BOUND, UPPER_BOUND)]
    policies = [place for place in places if place not in ends]
    seeds = experiment.replicates
    compared = (experiment.baseline or BASELINE) in {scenarios[place].key for place in policies} and len(policies) > 1
    early = min(seeds, BOUND_SEEDS) if len(ends) == 2 and compared else seeds
    few, last = min(seeds, FEW_SEEDS, max(FEWEST, round(STEP_SHARE * seeds))), min(seeds, BOUND_SEEDS)
    parts: list[_Part] = [
        (0, policies, range(seeds)),
        (0, ends, range(early)),
        (0, range(len(scenarios), others), range(last - few, last)),
        (0, range(others, others + len(arms)), range(seeds)),
    ]
    plan = _plan(experiment, Kind.COMPARE, (*scenarios, *rungs, *arms), (), {MAIN: ()}, parts)
    return Design(plan, scenarios, rungs, against=experiment.baseline, apart=apart)


def _taken_apart(experiment: Experiment) -> tuple[tuple[Apart, ...], tuple[Scenario, ...]]:
    """Splits policies with several changes; returns the splits and the scenarios with some of the changes."""
    scenarios, against = experiment.scenarios, experiment.baseline or BASELINE
    base = next((scenario for scenario in scenarios if scenario.key == against), scenarios[0])
    policies = [entry for entry in scenarios if entry.key not in (base.key, LOWER_BOUND, UPPER_BOUND)]
    found = [taken for policy in policies if (taken := take_apart(policy, base))]
    if not found:
        problem = "there is nothing to take apart: no policy here has two changes or more"
        fix = "Name a scenario with several changes, such as faster_mlat, or leave the option out."
        raise mistake(problem, "--by-change", " ".join(policy.key for policy in policies) or None, fix)
    return tuple(apart for apart, _ in found), tuple(arm for _, arms in found for arm in arms)


def take_apart(scenario: Scenario, base: Scenario) -> tuple[Apart, tuple[Scenario, ...]] | None:
    """Splits a policy; returns the split and scenarios with some of its parts, or None for fewer than two parts.

    Parts are the scenarios of the catalogue that it is based on where these are several, as its author put it together
    from them, and else their changes; its own changes; and a policymaker who reviews. What belongs to the baseline as
    well, and amounts in `costs`, stay in each of them.
    """
    parts = _parts(scenario, base)
    if len(parts) < 2:
        return None
    labels, places = [*parts], [*parts.values()]
    every = {place for part in places for place in part}

    def arm(word: str, number: int, kept: Collection[int]) -> Scenario:
        """Scenario with only those parts of the policy that `kept` lists."""
        left = [change for place, change in enumerate(scenario.changes) if place in kept or place not in every]
        return replace(
            scenario,
            key=f"{scenario.key}.{word}.{number}",
            title=f"{scenario.title}: {word} {labels[number - 1]}",
            changes=tuple(left),
            monitor=scenario.monitor if len(scenario.changes) in kept else base.monitor,
        )

    numbered = list(enumerate(places, 1))
    alone = [arm("only", number, part) for number, part in numbered]
    if len(parts) == 2:  # what is without one has the other one only
        without = alone[::-1]
    else:
        without = [arm("without", number, every.difference(part)) for number, part in numbered]
    keys = (tuple(scenario.key for scenario in arms) for arms in (alone, without))
    apart = Apart(scenario.key, tuple(labels), *keys)
    return apart, tuple(alone if len(parts) == 2 else [*alone, *without])


def _parts(scenario: Scenario, base: Scenario) -> dict[str, tuple[int, ...]]:
    """Parts of a policy by text, each with the indices of its changes; one extra index stands for the monitor."""
    own = [place for place, change in enumerate(scenario.changes) if change not in base.changes]
    several = [load(key) for key in scenario.based_on if key in catalogue()] if len(scenario.based_on) > 1 else []
    found: dict[str, tuple[int, ...]] = {}
    for part in several:
        places = tuple(place for place in own if scenario.changes[place] in part.changes)
        own = [place for place in own if place not in places]
        if places:
            found[part.title] = places
    for place in own:
        words = label(scenario.changes[place])
        found[words if words not in found else f"{words}, change {place + 1}"] = (place,)
    if scenario.monitor is not None and scenario.monitor != base.monitor:
        found["reviews by a policymaker"] = (len(scenario.changes),)
    return found


def label(change: Change) -> str:
    """Text of a change: its lever, its new value, and its states."""
    whom = f"of {_name(change.instrument)}" if change.instrument else change.whom
    some = change.instrument or not (change.states.everywhere and change.pairs.everywhere)
    return f"{change.lever.title.partition(';')[0]}: {value_in_words(change)}{f', {whom}' if some else ''}".replace(
        "non_", "non-"
    )


def _name(instrument: str) -> str:
    """Name of a legal instrument; an unknown identifier is returned unchanged."""
    known = legal_order().treaties.get(instrument)
    return known.name if known else instrument.replace("_", " ")


def value_in_words(change: Change) -> str:
    """Text of the value of a change; a legal instrument appears under its name."""
    return _name(change.value) if isinstance(change.value, str) else change.moved.replace("_", " ")


def ablation(experiment: Experiment) -> Design:
    """Makes the design of an ablation: every scenario and seed, with all mechanisms and with each left out.

    A mechanism is left out from the first day on, burn-in included; seeds, and so all draws, are the same.
    """
    levels = {MAIN: Level("", NOTHING)}
    levels |= {mechanism.block: Level(mechanism.switch, mechanism.key) for mechanism in experiment.mechanisms}
    everything = range(len(experiment.scenarios))
    parts = [(point, everything, range(experiment.replicates)) for point in range(len(levels))]
    axis = Axis(LEFT_OUT, AxisKind.MECHANISM, "", tuple(levels.values()))
    points: dict[str, tuple[Level, ...]] = {name: (level,) for name, level in levels.items()}
    plan = _plan(experiment, Kind.ABLATE, experiment.scenarios, (axis,), points, parts)
    return Design(plan, experiment.scenarios, mechanisms=experiment.mechanisms, against=experiment.baseline)


#: Number of a point, places of scenarios that are run there, and numbers of their seeds, from 0.
_Part = tuple[int, Sequence[int], range]


def _plan(
    experiment: Experiment,
    kind: Kind,
    scenarios: tuple[Scenario, ...],
    axes: tuple[Axis, ...],
    points: dict[str, tuple[Level, ...]],
    parts: Sequence[_Part],
) -> Plan:
    """Makes a plan of named points, each with its own warm-up."""
    columns = [axis.column([levels[place].label for levels in points.values()]) for place, axis in enumerate(axes)]
    rows = [
        (point, scenario, experiment.first_seed + number)
        for point, places, numbers in parts
        for number in numbers
        for scenario in places
    ]
    at, scenario, seed = np.array(rows, np.int64).T
    # Warm-ups and baselines that another comparison will need, too: none under rules or values of one's own.
    own, first = experiment.rules is not None or experiment.parameters != Parameters(), experiment.first_seed
    kept = range(first, first + (0 if own else min(experiment.replicates, MOST_KEPT)))
    named = _tables(experiment, kind), experiment.events, tuple(points), experiment.sets, kept
    base = Base(axes, scenarios, {(): (experiment.world, experiment.parameters)}, *named)
    runs = table_of_runs(at, scenario, seed, np.arange(len(points)))
    return Plan(kind, base, table_of_points(axes, columns, len(points)), runs, first, experiment.replicates)


def _tables(experiment: Experiment, kind: Kind) -> tuple[str, ...]:
    """Names of the breakdowns that a kind of study measures."""
    from sim.measures.outcomes import BREAKDOWNS, BY_PAIR, LONG

    if kind is Kind.RUN:
        return tuple(BREAKDOWNS)
    left_out = BREAKDOWNS if kind is Kind.LEAGUE else LONG if experiment.places else (*LONG, BY_PAIR)
    return tuple(name for name in BREAKDOWNS if name not in left_out)


def crossed(
    kind: Kind, base: Base, points: Table, first_seed: int, replicates: int, *, own_seeds: bool, by_point: bool
) -> Plan:
    """Makes a plan of all points, scenarios and seeds; points share their seeds unless `own_seeds` is true."""
    size = len(points)
    if by_point:
        axis = next(axis for axis in base.axes if axis.kind is AxisKind.SCENARIO)
        places = {str(level.label): place for place, level in enumerate(axis.levels)}
        point, scenario = np.arange(size), np.array([places[str(label)] for label in points[axis.key].tolist()])
    else:
        point = np.repeat(np.arange(size), len(base.scenarios))
        scenario = np.tile(np.arange(len(base.scenarios)), size)
    if own_seeds:
        seed = first_seed + point % replicates
    else:
        seed = np.repeat(first_seed + np.arange(replicates), len(point))
        point, scenario = np.tile(point, replicates), np.tile(scenario, replicates)
    runs = table_of_runs(point, scenario, seed, warm_ups_of_points(base.axes, points))
    return Plan(kind, base, points, runs, first_seed, replicates, own_seeds)


def paired(kind: Kind, base: Base, points: Table, first_seed: int, replicates: int, *, by_point: bool) -> Plan:
    """Makes a plan in which each point has its own seeds, and each seed has a run of the baseline first.

    Every other scenario is run besides, or the one that an axis names.
    """
    if by_point:
        axis = next(axis for axis in base.axes if axis.kind is AxisKind.SCENARIO)
        places = {str(level.label): place for place, level in enumerate(axis.levels, 1)}
        own = np.array([[0, places[str(label)]] for label in points[axis.key].tolist()])
    else:
        own = np.tile(np.arange(len(base.scenarios)), (len(points), 1))
    arms, size = own.shape[1], len(points)
    point = np.repeat(np.arange(size), replicates * arms)
    scenario = np.repeat(own[:, None, :], replicates, axis=1).reshape(-1)
    seed = first_seed + np.repeat(np.arange(size * replicates), arms)
    runs = table_of_runs(point, scenario, seed, warm_ups_of_points(base.axes, points))
    return Plan(kind, base, points, runs, first_seed, replicates, own_seeds=True)


#: Most levers that move at a point where few do.
FEW_LEVERS = 3


def some_alone(points: Table, axes: Sequence[Axis], share: float, seed: int) -> Table:
    """Copy of points in which a share move only one to three levers; their other levers stay neutral.

    A sample that moves all levers at once says little of what one does alone, which is what most people ask.
    """
    levers = [axis for axis in axes if axis.kind is AxisKind.LEVER]
    for axis in levers:
        neutral = LEVERS[axis.key].neutral
        if axis.listed and neutral not in [level.label for level in axis.levels]:
            fix = f"Add {neutral:g} to its values, or leave --alone out."
            raise mistake("none of its values leaves it as it is, as it is where others move alone", axis.key, fix=fix)
    if not levers:
        raise mistake("no lever varies that could move alone", "sweep.alone", share, "Leave --alone out.")
    # Besides the cube of the design, one for which points are such, how many levers move there, and which come first.
    drawn = unit_points(Kind.LATIN, [*levers, *levers[:1] * 2], len(points), (seed + 1) % 2**32)
    few = 1 + (drawn[:, 1] * min(FEW_LEVERS, len(levers))).astype(np.int64)
    moved = drawn[:, 2:].argsort(axis=1).argsort(axis=1) < few[:, None]
    moved[drawn[:, 0] >= share] = True
    found = points.copy()
    for place, axis in enumerate(levers):
        found[axis.key][~moved[:, place]] = LEVERS[axis.key].neutral
    return found


def make_points(kind: Kind, axes: tuple[Axis, ...], samples: int, seed: int) -> Table:
    """Makes the points of a sweep; `samples` counts points, Morris trajectories or Sobol base samples."""
    if kind not in (Kind.FACTORIAL, Kind.ZIPPED):
        cube = unit_points(kind, axes, samples, seed)
        columns = [axis.column([axis.at(share).label for share in cube[:, k].tolist()]) for k, axis in enumerate(axes)]
        return table_of_points(axes, columns, len(cube))
    for axis in axes:
        if not axis.listed:
            fix = "Write values (a,b,c or range(…)), or choose --design lhs, sobol or morris with --samples."
            raise mistake(f"an interval has no values for a {kind} design", axis.key, fix=fix)
    columns = [axis.column([level.label for level in axis.levels]) for axis in axes]
    sizes = [len(column) for column in columns]
    if kind is Kind.ZIPPED:
        if len(set(sizes)) > 1:
            lengths = ", ".join(f"{axis.name} has {size}" for axis, size in zip(axes, sizes, strict=True))
            fix = "Write lists of the same length, or choose --design factorial."
            raise mistake(f"a zipped design takes as many values on each axis: {lengths}", fix=fix)
        return table_of_points(axes, columns, sizes[0])
    places = np.indices(sizes).reshape(len(sizes), -1)  # the last axis moves fastest
    return table_of_points(axes, [column[place] for column, place in zip(columns, places, strict=True)], len(places[0]))


def unit_points(kind: Kind, axes: Sequence[Axis], samples: int, seed: int) -> npt.NDArray[np.float64]:
    """Draws the points of a sampled design, with one column per axis scaled to 0–1."""
    check_samples(kind, axes, samples)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about samples that are no power of two, which are refused before
        match kind:
            case Kind.LATIN:
                from scipy.stats.qmc import LatinHypercube

                drawn = LatinHypercube(len(axes), rng=seed).random(samples)
            case Kind.SOBOL:
                from SALib.sample import sobol

                drawn = sobol.sample(unit_problem(len(axes)), samples, calc_second_order=False, seed=seed)
            case _:
                from SALib.sample import morris

                drawn = morris.sample(unit_problem(len(axes)), samples, num_levels=MORRIS_LEVELS, seed=seed)
    return np.asarray(drawn)


def size_of(kind: Kind, axes: Sequence[Axis], samples: int) -> int:
    """Number of points of a design, computed without making the points."""
    sizes = {
        Kind.FACTORIAL: math.prod(len(axis.levels) or 1 for axis in axes),
        Kind.SOBOL: samples * (len(axes) + 2),
        Kind.MORRIS: samples * (len(axes) + 1),
        Kind.LATIN: samples,
    }
    return sizes.get(kind, max((len(axis.levels) for axis in axes), default=0))


def check_samples(kind: Kind, axes: Sequence[Axis], samples: int) -> None:
    """Raises an error if the number of samples does not suit the design."""
    key = "--samples"
    if samples < 1:
        raise mistake(f"a {kind} design needs a number of samples", key, fix="Write --samples 64.")
    if kind is Kind.SOBOL and samples & (samples - 1):
        lower = 2 ** int(math.log2(samples))
        fix = f"Write {lower} or {2 * lower}: only then are the points evenly spread."
        raise mistake("not a power of two", key, samples, fix)
    if kind is Kind.MORRIS and len(axes) < 2:
        raise mistake("a Morris design needs two axes or more", fix="Write another axis.")


def unit_problem(axes: int) -> dict[str, Any]:
    """SALib's description of a problem with a number of axes, each from 0 to 1."""
    return {"num_vars": axes, "names": [f"x{number}" for number in range(axes)], "bounds": [[0.0, 1.0]] * axes}
