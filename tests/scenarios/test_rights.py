"""Longer retention saves evidence and holds data on everybody: the frontier of speed and retention (M10, part H).

Eight paired worlds of 60 groups over four years; a mean difference is held to be one when it is 3 standard errors from
zero, which chance alone does in fewer than one of a hundred runs (Student's t with 7 degrees of freedom).
"""

from datetime import date

import numpy as np
import pytest

from sim.experiments.run import tables_of
from sim.law.days import to_day
from sim.measures.harm import harm_rates
from sim.measures.history import Window
from sim.measures.observation import Observation
from sim.measures.outcomes import measure
from sim.policy.scenario import load
from sim.policy.scenario_timeline import timeline_of
from sim.policy.timeline import Timeline
from sim.simulate import start
from sim.world.parameters import WorldSpec
from tests.tiny import legal_order, parameters

SPEC = WorldSpec(groups=60, start="2026-01-01", policy_start="2027-01-01", end="2030-12-31")
FIRST, LAST = date.fromisoformat(SPEC.policy_start), date.fromisoformat(SPEC.end)
#: Ten times today's abuse, so that few worlds show what it meets.
CHANGES = {"rights.abuse_share": 0.2}


@pytest.fixture(scope="module")
def differences() -> dict[str, np.ndarray]:
    """Outcomes with longer retention less those without, by world."""
    law = legal_order()
    policy = timeline_of(load("longer_retention"), law, FIRST, LAST)
    window = Window(to_day(FIRST), to_day(LAST), to_day(LAST) + SPEC.follow_up_days)
    found = []
    for seed in range(1, 9):
        past = start(SPEC, parameters(CHANGES), law, Timeline(), seed)
        past.advance(window.start)
        arms = []
        for timeline in (policy, Timeline()):
            arm = past.fork(timeline)
            arm.advance(arm.end)
            arms.append(measure(Observation(window, tables_of(arm), harm_rates())).outcomes)
        found.append(arms)
    return {key: np.array([arms[0][key] - arms[1][key] for arms in found]) for key in found[0][0]}


def sure(values: np.ndarray) -> float:
    """Mean difference in standard errors."""
    return float(values.mean() / (values.std(ddof=1) / np.sqrt(values.size)))


def test_less_evidence_is_lost_to_retention(differences: dict[str, np.ndarray]) -> None:
    assert sure(differences["evidence_lost_retention_share"]) < -3
    assert differences["evidence_lost_retention_share"].mean() < -0.01


def test_more_data_are_held_on_everybody(differences: dict[str, np.ndarray]) -> None:
    """No draw decides it: it is the same in every world."""
    assert differences["days_held_per_user"] == pytest.approx(differences["days_held_per_user"][0])
    assert differences["days_held_per_user"][0] > 100


def test_more_lies_within_reach_of_abuse(differences: dict[str, np.ndarray]) -> None:
    assert sure(differences["persons_exposed_per_year"]) > 0
