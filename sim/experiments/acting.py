"""Does everything that can be set act? `python -m sim.experiments.acting` writes docs/levers_and_parameters.md.

Every lever and every parameter is moved to both ends of its range, with the settings that let it act, and all outcomes
are compared with those of the same seeds without the move: a single digit counts. What changes nothing must be deleted,
or listed in REASONS; a test reads the table and fails for what is inert without a reason. Names behind the command
measure these alone and only print.
"""

import csv
import math
import os
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from sim.experiments.design import Task
from sim.experiments.execution import WorkerDeath
from sim.experiments.executors import executor
from sim.experiments.runner import run_replicate
from sim.experiments.sweep.levers import with_lever
from sim.measures.outcomes import HEADLINES
from sim.policy.lever import Quantity
from sim.policy.levers import LEVERS
from sim.policy.scenario import Scenario, load
from sim.policy.units import Value
from sim.policy.well_known import BASELINE
from sim.world.parameters import Parameters, WorldSpec, declarations

WORLD = WorldSpec(groups=60, start="2026-01-01", end="2030-12-31")
SEEDS = (1, 2)
TABLE = Path(__file__).parents[2] / "docs" / "levers_and_parameters.csv"
COMMAND = "python -m sim.experiments.acting"


@dataclass(frozen=True)
class Gate:
    """Settings without which a lever or parameter cannot act, in the run with the move and in the one without.

    Attributes:
        levers: value by lever.
        parameters: value by dotted name.
        scenario: that both runs follow.
    """

    levers: Mapping[str, Value] = field(default_factory=dict)
    parameters: Mapping[str, float] = field(default_factory=dict)
    scenario: str = BASELINE

    @property
    def words(self) -> str:
        """The settings as a reader sees them."""
        told = [f"{name} = {value}" for name, value in {**self.levers, **self.parameters}.items()]
        return ", ".join([self.scenario, *told] if self.scenario != BASELINE else told)


_OPEN = Gate()
#: What needs other settings in order to act. A name that ends in a dot stands for all parameters of that theme.
GATES: Mapping[str, Gate] = {
    "central_authority.deadline": Gate({"central_authority.deadline_enforceable": 1.0}),
    "central_authority.deadline_enforceable": Gate({"central_authority.deadline": 90.0}),
    "reform.": Gate(scenario="harmonised_powers"),
}

#: Ends of levers whose values are words, or of which only some make sense: (low, high).
ENDS: Mapping[str, tuple[Value, ...]] = {
    "law.join": ("budapest", "un_convention"),
    "law.conclude": ("mlat",),
    "law.in_force": ("un_convention", "second_protocol"),
}

#: Why something changes no outcome and is kept all the same.
REASONS: Mapping[str, str] = {}


@dataclass(frozen=True)
class Move:
    """One lever or parameter at one end of its range.

    Attributes:
        kind: lever or parameter.
        name: of it.
        value: where it is moved to.
        unit: of the value.
    """

    kind: str
    name: str
    value: Value
    unit: str

    @property
    def gate(self) -> Gate:
        """Settings that let it act."""
        return GATES.get(self.name) or GATES.get(self.name.split(".")[0] + ".", _OPEN)

    @property
    def label(self) -> str:
        """Name and value."""
        return f"{self.name} = {self.value}"


@dataclass(frozen=True)
class Found:
    """What a move changes.

    Attributes:
        move: which.
        changed: keys of the outcomes that differ in at least one seed.
    """

    move: Move
    changed: tuple[str, ...]


def moves(names: Sequence[str] = ()) -> list[Move]:
    """Every move of the named levers and parameters; of all when none is named."""
    found = []
    for lever in LEVERS.values():
        ends: tuple[Value, ...] = (lever.low, lever.high)
        if lever.quantity is Quantity.CHOICES:
            ends = (lever.choices,)
        if lever.quantity is Quantity.CHOICE:
            ends = tuple(float(place) for place in range(len(lever.choices)))
        found += [Move("lever", lever.name, value, lever.unit) for value in ENDS.get(lever.name, ends)]
    for name, _, declared in declarations():
        found += [Move("parameter", name, value, declared.unit) for value in (declared.low, declared.high)]
    if unknown := set(names) - {move.name for move in found}:
        raise KeyError(f"neither levers nor parameters: {', '.join(sorted(unknown))}")
    return [move for move in found if not names or move.name in names]


def act(chosen: Iterable[Move], workers: int, world: WorldSpec = WORLD) -> Iterator[Found]:
    """Makes moves and compares all outcomes with those of the same seeds without them."""
    by_gate = defaultdict(list)
    for move in chosen:
        by_gate[move.gate.words].append(move)
    tasks = {
        task.key: (task, move)
        for moved in by_gate.values()
        for move in (None, *moved)
        for seed in SEEDS
        for task in [_task(moved[0].gate, move, seed, world)]
    }
    outcomes: dict[tuple[str, str, int], dict[str, float]] = {}
    for task, replicate in executor(workers).run(run_replicate, [task for task, _ in tasks.values()]):
        if isinstance(replicate, WorkerDeath) or not replicate.arms:
            raise RuntimeError(f"{task.block}: {replicate}")
        made = tasks[task.key][1]
        gate = made.gate.words if made else task.block.removeprefix("without ")
        outcomes[gate, made.label if made else "", task.seed] = replicate.arms[0].measured.outcomes
    for gate, moved in by_gate.items():
        for move in moved:
            pairs = [(outcomes[gate, "", seed], outcomes[gate, move.label, seed]) for seed in SEEDS]
            yield Found(move, tuple(key for key in pairs[0][0] if any(_differ(a[key], b[key]) for a, b in pairs)))


def _differ(one: float, other: float) -> bool:
    return one != other and not (math.isnan(one) and math.isnan(other))


@cache
def _scenario(name: str) -> Scenario:
    return load(name)


def _task(gate: Gate, move: Move | None, seed: int, world: WorldSpec) -> Task:
    """A run with the settings that let a move act, and with the move if there is one."""
    scenario, parameters = _scenario(gate.scenario), Parameters()
    levers, values = dict(gate.levers), dict(gate.parameters)
    if move and move.kind == "lever":
        levers[move.name] = move.value
    elif move and not isinstance(move.value, str | tuple):
        values[move.name] = move.value
    for name, value in levers.items():
        scenario = with_lever(scenario, name, value, world.policy_start)
    for name, number in values.items():
        theme, key = name.split(".")
        setattr(parameters, theme, replace(getattr(parameters, theme), **{key: number}))
    return Task(move.label if move else f"without {gate.words}", seed, (scenario,), world, parameters)


def write(found: Sequence[Found], path: Path = TABLE) -> None:
    """The table, and the page that is made from it."""
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["kind", "name", "value", "unit", "settings", "outcomes", "headlines"])
        for entry in found:
            move, headlines = entry.move, [key for key in entry.changed if key in HEADLINES]
            row = [move.kind, move.name, _told(move.value), move.unit, move.gate.words, len(entry.changed)]
            writer.writerow([*row, len(headlines)])
    path.with_suffix(".md").write_text(page(found), encoding="utf-8")


def page(found: Sequence[Found]) -> str:
    """The table as a page of docs/."""
    lines = [
        "# What every lever and every parameter changes",
        "",
        f"Made by `{COMMAND}`. Each is moved to both ends of its range in {len(SEEDS)} worlds of {WORLD.groups} groups "
        f"({WORLD.policy_start[:4]} to {WORLD.end[:4]}), with the settings that let it act; counted are the outcomes "
        "that differ in at least one world, of all and of the headline ones.",
    ]
    for kind in ("lever", "parameter"):
        lines += ["", f"## Every {kind}", "", "| name | value | unit | outcomes | headlines | with |"]
        lines += ["|---|---|---|---|---|---|"]
        for entry in found:
            if entry.move.kind == kind:
                headlines = sum(key in HEADLINES for key in entry.changed)
                cells = [_told(entry.move.value), entry.move.unit, str(len(entry.changed)), str(headlines)]
                lines += ["| " + " | ".join([f"`{entry.move.name}`", *cells, entry.move.gate.words]) + " |"]
    lines += ["", "## What changes nothing", ""]
    lines += [
        f"- `{name}`: {REASONS.get(name, 'no reason is known; it must be deleted or repaired')}."
        for name in idle(found)
    ]
    return "\n".join(lines) + "\n"


def idle(found: Iterable[Found]) -> list[str]:
    """Names of what changes no outcome at any end."""
    acts: dict[str, bool] = {}
    for entry in found:
        acts[entry.move.name] = acts.get(entry.move.name, False) or bool(entry.changed)
    return [name for name, does in acts.items() if not does]


def _told(value: Value) -> str:
    return f"{value:g}" if isinstance(value, float | int) else value if isinstance(value, str) else " ".join(value)


def main(names: Sequence[str]) -> None:
    """Makes all moves and writes the table, or those of some names and prints them."""
    found = list(act(moves(names), os.cpu_count() or 1))
    if not names:
        write(found)
        return
    for entry in found:
        headlines = [key for key in entry.changed if key in HEADLINES]
        print(f"{entry.move.label}: {len(entry.changed)} outcomes change, of the headline ones {headlines}")


if __name__ == "__main__":
    main(sys.argv[1:])
