"""Does the model do what its design says? `python -m docs.programs.statements` renews docs/statements.md.

docs/programs/statements.csv has the statements. Each compares a setting with the same world without it, or looks at a
level of that world: in draws of the prior that nobody selected, where it is judged, and at the default parameters. A
line that does not hold is reported, never forced.

Its columns: item of the design; the statement in words; key of the outcome, or of OWN; setting, `name = value` or `name
× factor`, empty for a level; least and most, relative change of the mean in percent or the level; by what a level is
multiplied.
"""

import csv
import math
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np

from docs.programs import DOCS, bounds, outcomes_of, ran, renew, verdict
from sim.calibration.prior import FIRST, values_of
from sim.experiments.plan import with_lever
from sim.experiments.run import Task
from sim.experiments.statistics import Estimate, mean, ratio
from sim.measures.arrays import ratio as share
from sim.policy.lever import Value
from sim.policy.levers import LEVERS
from sim.policy.scenario import Scenario, load
from sim.policy.well_known import BASELINE
from sim.report.marking import markdown_table
from sim.world.parameters import Parameters, WorldSpec, declarations, value_of, with_values

COMMAND = "python -m docs.programs.statements"
SEEDS = 16
#: Figures that are worked out from several outcomes.
OWN: Mapping[str, Callable[[Mapping[str, float]], float]] = {
    "optimism": lambda found: found["foreseen_chance"] - (1.0 - found["partial_action_share"]),
    "harder_abroad": lambda found: found["cases_solved_home_share"] - found["cases_solved_abroad_share"],
    "lasting": lambda found: share(found["takedowns"], found["groups_brought_down"]),
}
_DECLARED = {name: declared for name, _, declared in declarations()}
#: Today's policies are read once.
_scenario = cache(load)


class Statement(NamedTuple):
    """What should come out: a line of statements.csv."""

    item: str
    text: str
    outcome: str
    setting: str
    low: float
    high: float
    scale: float

    def value(self, outcomes: Mapping[str, float]) -> float:
        """The figure that the statement is about."""
        return OWN[self.outcome](outcomes) if self.outcome in OWN else outcomes[self.outcome]


def statements() -> list[Statement]:
    """All statements."""
    with (DOCS / "programs" / "statements.csv").open(encoding="utf-8", newline="") as stream:
        _, *rows = csv.reader(stream)
    return [
        Statement(item, text, outcome, setting, float(low or -math.inf), float(high or math.inf), float(scale))
        for item, text, outcome, setting, low, high, scale in rows
    ]


class World(NamedTuple):
    """A world in which statements are measured: its run seed, and its parameters by dotted name."""

    seed: int
    values: Mapping[str, float]


#: Draws of the prior as they come, each with a seed of its own.
DRAWN = tuple(World(1000 + number, values_of(number)) for number in range(FIRST))


class Finding(NamedTuple):
    """A statement in some worlds: the estimate, and in how many of the single worlds it lies inside."""

    statement: Statement
    estimate: Estimate
    inside: int
    worlds: int


def changed(setting: str, values: Mapping[str, float]) -> tuple[dict[str, float], dict[str, Value]]:
    """Parameters of a world under a setting, and the levers that it moves; a factor ends where the range does."""
    parameters, levers = dict(values), dict[str, Value]()
    for part in setting.split(", ") if setting else ():
        name, sign, value = part.split(" ", 2)
        if sign == "×":
            product = float(value) * values.get(name, value_of(Parameters(), name))
            parameters[name] = min(max(product, _DECLARED[name].low), _DECLARED[name].high)
        elif name in LEVERS:
            levers[name] = float(value) if value[0].isdigit() else value
        else:
            parameters[name] = float(value)
    return parameters, levers


def scenario_of(levers: Mapping[str, Value], world: WorldSpec) -> Scenario:
    """Today's policies with some levers moved everywhere on the policy's first day."""
    scenario = _scenario(BASELINE)
    for name, value in levers.items():
        scenario = with_lever(scenario, name, value, world.policy_start)
    return scenario


def find(chosen: Sequence[Statement], worlds: Sequence[World], workers: int) -> Iterator[Finding]:
    """Runs every setting once in each world and compares, with the same seed as the world without it.

    Raises:
        RuntimeError: a run failed.
    """
    found = _outcomes(chosen, worlds, workers)
    for entry in chosen:
        values, base = (
            np.array([entry.value(found[setting, world.seed]) for world in worlds]) for setting in (entry.setting, "")
        )
        if entry.setting:
            with np.errstate(divide="ignore", invalid="ignore"):  # a single world may have no takedown
                estimate, single = change(values, base), 100.0 * (values / base - 1.0)
        else:
            estimate, single = mean(values * entry.scale), values * entry.scale
        single = single[np.isfinite(single)]
        inside = int(np.count_nonzero((entry.low <= single) & (single <= entry.high)))
        yield Finding(entry, estimate, inside, len(single))


def change(values: np.ndarray, base: np.ndarray) -> Estimate:
    """Change of the mean in percent."""
    found = ratio(values, base)
    value, low, high = (100.0 * (part - 1.0) for part in found[:3])
    return Estimate(value, low, high, found.pairs)


def _outcomes(
    chosen: Sequence[Statement], worlds: Sequence[World], workers: int
) -> dict[tuple[str, int], Mapping[str, float]]:
    """Outcomes by setting and seed. Settings that differ in policy alone share their past."""
    spec = WorldSpec()
    sharing: dict[tuple[int, tuple[tuple[str, float], ...]], dict[str, Scenario]] = {}
    for world in worlds:
        for setting in ("", *(entry.setting for entry in chosen)):
            values, levers = changed(setting, world.values)
            sharing.setdefault((world.seed, tuple(sorted(values.items()))), {})[setting] = scenario_of(levers, spec)
    tasks, settings = {}, {}
    for (seed, shared), scenarios in sharing.items():
        name, parameters = f"seed {seed}: {' | '.join(scenarios)}", with_values(Parameters(), dict(shared))
        tasks[name] = Task(name, seed, tuple(scenarios.values()), spec, parameters, checks=True)
        settings[name] = [(setting, seed) for setting in scenarios]
    found = ran(COMMAND, outcomes_of, tasks, workers)
    return {key: arm for name, arms in found.items() for key, arm in zip(settings[name], arms, strict=True)}


def table(drawn: Sequence[Finding], default: Sequence[Finding]) -> str:
    """The findings in both kinds of worlds."""
    rows = []
    for one, usual in zip(drawn, default, strict=True):
        entry, sign, cells = one.statement, "+" if one.statement.setting else "", []
        for found in (one, usual):
            value, low, high = (f"{figure:{sign}.2f}" for figure in found.estimate[:3])
            cells += [f"{value} ({low} to {high})", f"{found.inside} of {found.worlds}"]
        setting = f"`{entry.setting}`" if entry.setting else "a level"
        judged = [bounds(entry.low, entry.high), verdict(one.estimate, entry.low, entry.high)]
        rows.append([entry.item, entry.text, setting, *cells, *judged])
    head = ["item", "statement", "setting", "draws: found (95 % interval)", "inside"]
    head += ["default: found (95 % interval)", "inside", "expected", "verdict in the draws"]
    return markdown_table(head, rows, right={0})


def main(words: Sequence[str]) -> None:
    """Measures all statements and renews the page; a number of processes may be given."""
    workers = int(words[0]) if words else os.cpu_count() or 1
    usual = [World(seed, {}) for seed in range(1, SEEDS + 1)]
    drawn, default = (list(find(statements(), worlds, workers)) for worlds in (DRAWN, usual))
    renew("statements", {"statements": table(drawn, default)}, COMMAND)


if __name__ == "__main__":
    main(sys.argv[1:])
