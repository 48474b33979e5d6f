"""Waits at the desks of the default world: what they were meant to be is what they are."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from sim.simulate import desks_lived
from sim.world.growth import with_room
from sim.world.parameters import WorldSpec
from sim.world.records import DeskKind
from sim.world.world import records
from tests.tiny import begun

SPEC = replace(WorldSpec(), follow_up_days=0)
SIZES = (0, 1, 4, 15, np.inf)  # persons: one, two to four, five to fifteen, more
FEWEST = 10  # desks of a class that is judged


def realised(changes: dict[str, float], seeds: range) -> pd.DataFrame:
    """Realised ÷ target wait of every class of desks: kind, tier and size, means over desks and worlds."""
    found = []
    for seed in seeds:
        simulation = begun(seed, SPEC, {"channel.ordinary_wish": 0.0, **changes})  # targets are of the work found
        people = simulation.world.unit["posts_base"]
        simulation.advance(simulation.end)
        world = with_room(simulation.world, desks_lived)
        desk = world.desk
        persons = desk["staff_base"].copy()
        persons[: 4 * len(world.state)] = people[: 4 * len(world.state)]
        rows = desk["load"] > 0
        found.append(
            pd.DataFrame(
                {
                    "kind": desk["kind"][rows],
                    "tier": world.state["tier"][desk["state"][rows]],
                    "size": pd.cut(np.maximum(np.rint(persons[rows]), 1), SIZES).codes,
                    "target": desk["target_wait"][rows],
                    "ratio": (desk["wait_sum"] / np.maximum(desk["month"], 1) / desk["target_wait"])[rows],
                }
            )
        )
    table = pd.concat(found)
    by_class = table.groupby(["kind", "tier", "size"])
    classes = by_class["ratio"].agg(["mean", "size"]).assign(target=by_class["target"].mean())
    return classes[classes["size"] >= FEWEST * len(seeds)]


@pytest.mark.parametrize(
    ("changes", "within"),
    [
        ({}, 0.15),
        ({"request.withdrawal_per_month": 0.05, "desk.court_wait_days": 120.0}, 0.20),
        ({"request.withdrawal_per_month": 0.02, "capacity.leaving": 0.1}, 0.20),
    ],
    ids=["default", "more withdrawal, slower courts", "less withdrawal, less turnover"],
)
def test_desks_meet_their_targets(changes: dict[str, float], within: float) -> None:
    """Every class of at least ten desks, to within a share of the target.

    The share is some three standard errors of the smallest class.
    """
    classes = realised(changes, range(8))
    assert len(classes) > 20
    assert set(classes.index.get_level_values("kind")) >= {
        int(kind) for kind in DeskKind if kind != DeskKind.LIAISON_BODY
    }
    off = classes[(classes["mean"] - 1.0).abs() > within]
    assert off.empty, off


def test_waits_are_stable_over_the_years() -> None:
    """No trend: the mean wait of incoming authorities in the last three years is that of the first, within a tenth."""
    means = []
    for seed in range(4):
        simulation = begun(seed, SPEC)
        begin, yearly = 0.0, []
        for year in range(1, 16):
            simulation.advance(365.25 * year)
            simulation.world = with_room(simulation.world, desks_lived)
            rows = (simulation.world.desk["kind"] == DeskKind.INCOMING) & (simulation.world.desk["load"] > 0)
            total = float(simulation.world.desk["wait_sum"][rows].mean())
            yearly.append(total - begin)
            begin = total
        means.append(yearly)
    years = np.mean(means, axis=0)
    assert years[-3:].mean() == pytest.approx(years[:3].mean(), rel=0.1)


def test_most_of_the_turnaround_is_waiting_for_people() -> None:
    """At least three fifths of the time from sending to answer goes when nobody has to wait for a person."""
    medians = []
    for queues in (1.0, 0.0):
        days = []
        for seed in range(3):
            simulation = begun(seed, SPEC, {"mechanism.with_queues": queues})
            simulation.advance(simulation.end)
            request = records(simulation.world, "request")
            answered = (request["channel"] <= 3) & np.isin(request["status"], [1, 2, 3]) & (request["abusive"] == 0)
            days.append((request["ended"] - request["sent"])[answered])
        medians.append(np.median(np.concatenate(days)))
    assert medians[1] < 0.4 * medians[0]
