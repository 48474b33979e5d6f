"""Tests of the measured steps: counts of a tiny world add up, and no part exceeds its whole."""

import numpy as np

from docs.programs.steps import measured
from sim.experiments.run import Task, warm_up_of, window
from sim.policy.scenario import load
from sim.world.parameters import Parameters
from sim.world.records import Abuse, RequestPurpose
from sim.world.world import records
from tests.tiny import TINY


def test_counts_of_a_world_are_of_its_requests_trails_and_cases() -> None:
    task = Task("", 1, (load("status_quo"),), TINY, Parameters())
    run = warm_up_of(task)
    run.advance(window(task.world).observed_until)
    found = measured(run, task)
    request, start = np.asarray(records(run.world, "request")), window(task.world).start
    steps = (request["purpose"] == RequestPurpose.CHAIN) & (request["abusive"] == Abuse.NONE)
    steps &= (request["drafted"] >= start) & (request["drafted"] <= window(task.world).end)
    assert sum(found[f"asked, {where}"] for where in ("authorities", "others", "home")) == steps.sum() > 0
    for part, whole in (
        ("done, authorities", "granted"),
        ("granted", "sent, authorities"),
        ("done, others", "sent, others"),
        ("done, home", "sent, home"),
        ("answered in time", "answered"),
        ("data there", "data there or gone"),
        ("trails complete", "trails begun"),
        ("takedowns without authorities", "takedowns of cases"),
    ):
        assert 0.0 <= found[part] <= found[whole], part
    assert found["trail years"] > 0.0 and found["case years"] > 0.0
