"""Does everything that can be set act? `python -m docs.programs.acting` writes docs/levers_and_parameters.md.

Every lever and every parameter is moved to both ends of its range, with the settings that let it act, and all outcomes
are compared with those of the same seeds without the move: a single digit counts. What changes nothing must be deleted,
or listed in REASONS; a test reads the table and fails for what is inert without a reason. Names behind the command
measure these alone and only print.
"""

import math
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import product
from typing import NamedTuple

from docs.programs import DOCS, outcomes_of, ran, renew
from sim.data.spreadsheet import write_rows
from sim.experiments.plan import with_lever
from sim.experiments.run import Task
from sim.measures.outcomes import HEADLINES
from sim.policy.lever import Quantity, Target, Value
from sim.policy.levers import LEVERS, find_lever
from sim.policy.scenario import Scenario, load
from sim.policy.well_known import BASELINE
from sim.world.parameters import Parameters, WorldSpec, declarations, with_values

WORLD = WorldSpec(groups=60, start="2026-01-01", end="2030-12-31")
SEEDS = (1, 2)
TABLE = DOCS / "levers_and_parameters.csv"
COMMAND = "python -m docs.programs.acting"


@dataclass(frozen=True)
class Gate:
    """Settings without which a lever or parameter cannot act, in the run with the move and in the one without.

    Attributes:
        levers: value by lever.
        parameters: value by dotted name.
        scenario: that both runs follow.
        instrument: whose terms a lever of instruments moves.
    """

    levers: Mapping[str, Value] = field(default_factory=dict)
    parameters: Mapping[str, float] = field(default_factory=dict)
    scenario: str = BASELINE
    instrument: str = ""

    @property
    def words(self) -> str:
        """The settings as a reader sees them."""
        words = [f"{name} = {value}" for name, value in {**self.levers, **self.parameters}.items()]
        words += [f"instrument: {self.instrument}"] if self.instrument else []
        return ", ".join([self.scenario, *words] if self.scenario != BASELINE else words)


_OPEN = Gate()
#: Many arrests, trials, leaks and action days in a few years, for what only they let act.
_EVENTFUL = Gate(
    parameters={
        **{"case.action_price": 1.0, "case.link": 6.0, "case.search_strength": 1.0, "case.leak_per_year": 0.2},
        **{"case.open_threshold": -1.0, "case.readiness_days": 20.0, "case.reveal": 1.0, "case.team_agreed": 1.0},
        **{"custody.arrest": 0.8, "custody.travel_per_year": 1.0, "custody.travel_indicted": 1.0},
        **{"custody.travel_detection": 1.0, "custody.trial_days": 60.0, "custody.assets_traced": 5.0},
        **{"request.appeal_probability": 0.9, "request.conversion": 0.5, "place.relocation_per_year": 0.1},
    }
)
_EVENTS = """criminal.alert_days criminal.alert_multiplier criminal.arrests_return_days custody. risk. place. action.
liaison.notice_recognised liaison.unsynchronised rights.remedy"""
_PRESERVED = """contact_point.staff preservation.delay_scale preservation.missed_scale preservation.duration_scale"""
_DEADLINE = {"central_authority.deadline": 90.0, "central_authority.deadline_enforceable": 1.0}
_SCENARIOS = {
    "dedicated_units": "capacity.specialist_decay",
    "standard_protocols": "security.",
    "secure_channels": "security.adoption_half_years security.adoption_order",
    "exchange_programme": "trust.trust_joint_day",
    "universal_convention": "reform.law_lag_least_years reform.law_lag_most_years",
    "monitor_and_update": "reform.indicator_noise reform.indicator_lag_months",
    "harmonised_powers": "reform.",
}
_INSTRUMENTS = {
    "e_evidence": "instrument.deadline instrument.enforceable",
    "eio": "instrument.penalty_threshold instrument.listed_penalty",
}
#: What needs other settings in order to act. A name that ends in a dot stands for all parameters of that theme.
GATES: Mapping[str, Gate] = {
    **dict.fromkeys(_EVENTS.split(), _EVENTFUL),
    **dict.fromkeys(_PRESERVED.split(), Gate({"preservation.use": 1.0})),
    **dict.fromkeys(("desk.overtime", "desk.returned_for_form"), Gate(_DEADLINE)),
    **dict.fromkeys(("request.deficiency_template", "rights.narrowing_template"), Gate({"request.template": 1.0})),
    **{name: Gate(scenario=key) for key, names in _SCENARIOS.items() for name in names.split()},
    **{name: Gate(instrument=key) for key, names in _INSTRUMENTS.items() for name in names.split()},
    "instrument.preservation": Gate({"preservation.use": 1.0}, instrument="budapest_247"),
    "central_authority.deadline_enforceable": Gate({"central_authority.deadline": 90.0}),
    "risk.risk_prior": Gate(parameters={**_EVENTFUL.parameters, "risk.deterrence": 2.0}),  # groups that care for risk
    "law.in_force": Gate({"law.join": "un_convention"}),
    "reform.politics_kept": Gate({"politics.drift": 0.2}),
    "rights.screening_work": Gate({"oversight.authority_screening": 3.0}),
    "eurojust.staff": Gate({"eurojust.use": 1.0}),
    "europol.staff": Gate({"europol.analysis": 1.0}),
    "europol.feed": Gate({"law.join": "europol"}),
}

#: Ends of levers whose values are words, or of which only some make sense: (low, high).
ENDS: Mapping[str, tuple[Value, ...]] = {
    "law.join": ("budapest", "un_convention"),
    "law.conclude": ("mlat",),
    "law.in_force": ("un_convention", "second_protocol"),
}

#: Why something changes no outcome and is kept all the same.
REASONS: Mapping[str, str] = {
    "criminal.exposure_never": "is about groups that fall with a leader named in public: few here, and hit before",
    "risk.habituation": "acts from a group's second blow on; tests/world/test_adaptation.py has such groups",
    "place.relocation_per_year": "members move so rarely that no outcome of these worlds depended on it",
}


class Move(NamedTuple):
    """A lever or parameter, by its kind, at one end of its range."""

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


class Found(NamedTuple):
    """A move, and keys of the outcomes that differ in at least one seed."""

    move: Move
    changed: tuple[str, ...]

    @property
    def headlines(self) -> list[str]:
        """Those of them that are headline outcomes."""
        return [key for key in self.changed if key in HEADLINES]


def moves(names: Sequence[str] = ()) -> list[Move]:
    """Every move of the named levers and parameters; of all when none is named."""
    found = []
    for lever in LEVERS.values():
        ends: tuple[Value, ...] = (float(lever.low), float(lever.high))
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
    by_gate: dict[str, list[Move | None]] = {}
    for move in chosen:
        by_gate.setdefault(move.gate.words, [None]).append(move)
    tasks: dict[str, Task] = {}
    for words, moved in by_gate.items():
        gate = moved[-1].gate if moved[-1] else _OPEN
        for made, seed in product(moved, SEEDS):
            tasks[_name(words, made, seed)] = _task(_name(words, made, seed), gate, made, seed, world)
    found = ran(COMMAND, outcomes_of, tasks, workers)
    for words, moved in by_gate.items():
        for move in filter(None, moved):
            pairs = [(found[_name(words, None, seed)][0], found[_name(words, move, seed)][0]) for seed in SEEDS]
            yield Found(move, tuple(key for key in pairs[0][0] if any(_differ(a[key], b[key]) for a, b in pairs)))


def _name(words: str, move: Move | None, seed: int) -> str:
    """Of a run with the settings of a gate, and with a move or without."""
    return f"{move.label if move else 'nothing'} with {words or 'no settings'}, seed {seed}"


def _differ(one: float, other: float) -> bool:
    return one != other and not (math.isnan(one) and math.isnan(other))


#: Scenarios are read once.
_loaded = cache(load)


def _task(label: str, gate: Gate, move: Move | None, seed: int, world: WorldSpec) -> Task:
    """A run with the settings that let a move act, and with the move if there is one."""
    levers, values = {}, dict(gate.parameters)
    if move and move.kind == "lever":
        levers[move.name] = move.value
    elif move and not isinstance(move.value, str | tuple):
        values[move.name] = move.value
    return Task(label, seed, (scenario_of(gate, levers, world),), world, with_values(Parameters(), values))


def scenario_of(gate: Gate, levers: Mapping[str, Value], world: WorldSpec) -> Scenario:
    """The scenario of a gate with its levers and others moved."""
    scenario = _loaded(gate.scenario)
    for name, value in {**gate.levers, **levers}.items():
        of_instrument = find_lever(name).target is Target.INSTRUMENT  # a gate may set other levers beside
        scenario = with_lever(scenario, name, value, world.policy_start, gate.instrument if of_instrument else "")
    return scenario


def write(found: Sequence[Found]) -> None:
    """The table, and the page that is made from it."""
    rows: list[Sequence[object]] = [("kind", "name", "value", "unit", "settings", "outcomes", "headlines")]
    for entry in found:
        move, counts = entry.move, (len(entry.changed), len(entry.headlines))
        rows.append((move.kind, move.name, _written(move.value), move.unit, move.gate.words, *counts))
    write_rows(rows, TABLE)
    renew("levers_and_parameters", parts(found), COMMAND)


def parts(found: Sequence[Found]) -> dict[str, str]:
    """Parts of the page."""
    table = f"[All {len(found)} moves, and how many outcomes each changes, as CSV]({TABLE.name})"
    made = {"standing": "Of today's model.", "table": table}
    reasons = {name: REASONS.get(name, "no reason is known; it must be deleted or repaired") for name in idle(found)}
    return made | {"nothing": "\n".join(f"- `{name}`: {reason}." for name, reason in reasons.items())}


def idle(found: Iterable[Found]) -> list[str]:
    """Names of what changes no outcome at any end."""
    acts: dict[str, bool] = {}
    for entry in found:
        acts[entry.move.name] = acts.get(entry.move.name, False) or bool(entry.changed)
    return [name for name, does in acts.items() if not does]


def _written(value: Value) -> str:
    return f"{value:g}" if isinstance(value, float | int) else value if isinstance(value, str) else " ".join(value)


def main(names: Sequence[str]) -> None:
    """Makes all moves and writes the table, or those of some names and prints them."""
    found = list(act(moves(names), os.cpu_count() or 1))
    if not names:
        write(found)
        return
    for entry in found:
        print(f"{entry.move.label}: {len(entry.changed)} outcomes change, of the headline ones {entry.headlines}")


if __name__ == "__main__":
    main(sys.argv[1:])
