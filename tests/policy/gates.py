"""Settings that must differ from the default before a lever has an effect."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sim.experiments.plan import with_lever
from sim.policy.lever import Target, Value
from sim.policy.levers import find_lever
from sim.policy.scenario import Scenario, load
from sim.policy.well_known import BASELINE
from sim.world.parameters import WorldSpec

WORLD = WorldSpec(groups=60, start="2026-01-01", end="2030-12-31")


@dataclass(frozen=True)
class Gate:
    """Settings that let a lever act.

    Attributes:
        levers: value by lever.
        parameters: value by dotted name.
        instrument: whose terms a lever of instruments moves.
    """

    levers: Mapping[str, Value] = field(default_factory=dict)
    parameters: Mapping[str, float] = field(default_factory=dict)
    instrument: str = ""


OPEN = Gate()
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
_PRESERVED = """contact_point.staff preservation.delay_scale preservation.missed_scale preservation.duration_scale"""
#: By the lever that needs them.
GATES: Mapping[str, Gate] = {
    **dict.fromkeys(_PRESERVED.split(), Gate({"preservation.use": 1.0})),
    **dict.fromkeys(("instrument.deadline", "instrument.enforceable"), Gate(instrument="e_evidence")),
    **dict.fromkeys(("instrument.penalty_threshold", "instrument.listed_penalty"), Gate(instrument="eio")),
    "instrument.preservation": Gate({"preservation.use": 1.0}, instrument="budapest_247"),
    "central_authority.deadline_enforceable": Gate({"central_authority.deadline": 90.0}),
    **{"action.least_ready": _EVENTFUL, "law.in_force": Gate({"law.join": "un_convention"})},
    **{"eurojust.staff": Gate({"eurojust.use": 1.0}), "europol.staff": Gate({"europol.analysis": 1.0})},
    "europol.feed": Gate({"law.join": "europol"}),
}


def scenario_of(gate: Gate, levers: Mapping[str, Value]) -> Scenario:
    """Today's policies with the levers that a gate requires, and further levers."""
    scenario = load(BASELINE)
    for name, value in {**gate.levers, **levers}.items():
        of_instrument = find_lever(name).target is Target.INSTRUMENT  # a gate may set other levers besides
        scenario = with_lever(scenario, name, value, WORLD.policy_start, gate.instrument if of_instrument else "")
    return scenario
