"""Random small worlds for tests of invariants."""

from collections.abc import Callable
from functools import cache
from types import MappingProxyType

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.policy.timeline import Assignment, Step, Timeline
from sim.world.world import World
from tests.tiny import POLICY, POLICY_START, begun, of_size, to_frame

DEADLINES = (
    *(Assignment("central_authority.deadline", 30.0), Assignment("central_authority.deadline_enforceable", 1.0)),
    Assignment("preservation.duration_scale", 5.0),
)
#: Levers that put strain on the rules: everything at once, everything late, everything preserved.
STRAINS: MappingProxyType[str, Timeline] = MappingProxyType(
    {
        **{"none": Timeline(), "policy": POLICY},
        "at once": Timeline((Step(POLICY_START, assignments=(Assignment("friction.instant_authorities", 1.0),)),)),
        "deadlines": Timeline((Step(POLICY_START, assignments=DEADLINES),)),
    }
)
#: Parameters that make rare things common.
CHANGES: MappingProxyType[str, dict[str, float]] = MappingProxyType(
    {
        "default": {},
        "eager": {
            **{"case.action_price": 0.0, "case.link": 6.0, "case.readiness_days": 10.0, "case.reveal": 1.0},
            "custody.trial_days": 60.0,
        },
        "leaky": {"case.leak_per_year": 0.5, "criminal.alert_move": 1.0, "case.attrition_per_year": 0.9},
        "crowded": {"case.reports_per_year": 30.0, "case.open_threshold": -3.0, "case.match_none": 0.2},
        "short memory": {"evidence.traffic_retention_days": 20.0, "evidence.first_age_days": 30.0},
        "abused": {"rights.abuse_share": 0.2, "rights.usual_requests": 50.0, "rights.false_emergencies": 2.0},
        "all hops at once": {"mechanism.with_hop_chain": 0.0},
    }
)


@cache
def world_at(seed: int, strain: str, changes: str, groups: int, years: float) -> World:
    """A world some years after its start."""
    simulation = begun(seed, of_size(groups), CHANGES[changes], STRAINS[strain])
    simulation.advance(simulation.day + 365.25 * years)
    return simulation.world


#: Worlds after half a year to their end, as invariants hold at any moment; all checks share them.
POINTS = [
    (seed, sorted(STRAINS)[seed % 4], sorted(CHANGES)[seed % 7], 3 + seed * 7 % 18, (0.5, 1.5, 2.4)[seed % 3])
    for seed in range(42)
]
WORLDS = st.sampled_from(POINTS).map(lambda point: world_at(*point))

Check = Callable[[World], None]


def in_any_world(check: Check) -> Check:
    """Decorator that runs a check in random worlds."""
    return settings(max_examples=25)(given(world=WORLDS)(check))


def frame(world: World, name: str) -> pd.DataFrame:
    """A table as a DataFrame."""
    return to_frame(world, name)
