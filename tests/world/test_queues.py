"""Queues of the default world: Little's law, persons at work, and the waits that staffing aims at."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest

from sim.simulate import Simulation
from sim.world.parameters import WorldSpec
from sim.world.records import DeskKind, JobStatus
from sim.world.staffing import background
from sim.world.world import records, to_frame
from tests.tiny import begun

#: The status quo's own years, in which nothing changes but the law.
SPEC = replace(WorldSpec(), policy_start="2031-12-31", end="2031-12-31")
FIRST, LAST, EVERY = 1096.0, 1096.0 + 5 * 365.25, 1.0
FIRST_COME = 0
QUEUED = (DeskKind.INCOMING, DeskKind.COURT, DeskKind.FORENSIC)


class Watched(NamedTuple):
    """Files that waited and persons at work by desk, seen on many days, and all files at the end."""

    waiting: np.ndarray
    busy: np.ndarray
    job: pd.DataFrame
    simulation: Simulation


@pytest.fixture(scope="module")
def watched() -> Watched:
    simulation = begun(3, SPEC, {"mechanism.with_turnover": 0.0})  # who works there, and how fast, stays the same
    simulation.world.setting["discipline_incoming"] = FIRST_COME
    waiting, busy = [], []
    for day in np.arange(FIRST, LAST, EVERY):
        simulation.advance(float(day))
        job = records(simulation.world, "job")
        still = (job["status"] == JobStatus.WAITING) & (job["patience_until"] >= day)
        waiting.append(np.bincount(job["desk"][still], minlength=len(simulation.world.desk)))
        busy.append(simulation.world.desk["busy"].copy())
    simulation.advance(simulation.end)
    job = to_frame(simulation.world, "job")
    job["kind"] = simulation.world.desk["kind"][job["desk"]]
    given_up = np.minimum(job["ended"].fillna(np.inf), job["patience_until"])
    job["left"] = job["started"].fillna(np.minimum(given_up, simulation.end))
    return Watched(np.mean(waiting, axis=0), np.mean(busy, axis=0), job, simulation)


def days_inside(begin: pd.Series, end: pd.Series) -> pd.Series:
    return (np.minimum(end, LAST) - np.maximum(begin, FIRST)).clip(lower=0)


def test_length_is_arrivals_times_wait_at_every_desk(watched: Watched) -> None:
    """L = λW with what the window's edges cut off put in its place; apart by what is missed between two looks."""
    desks = watched.simulation.world.desk
    waited = days_inside(watched.job["arrived"], watched.job["left"]).groupby(watched.job["desk"]).sum()
    expected = waited.reindex(range(len(desks)), fill_value=0.0).to_numpy() / (LAST - FIRST)
    long = expected > 1.0
    assert long.sum() > 60
    np.testing.assert_allclose(watched.waiting[long], expected[long], rtol=0.05)
    np.testing.assert_allclose(watched.waiting[~long], expected[~long], atol=0.1)


@pytest.mark.parametrize("kind", QUEUED)
def test_length_is_arrivals_times_wait_by_kind(watched: Watched, kind: DeskKind) -> None:
    """The plain law over five years; within 6 %, since the window cuts files off at both ends."""
    inside = watched.job["arrived"].between(FIRST, LAST) & (watched.job["kind"] == kind)
    files = watched.job[inside]
    rate, wait = len(files) / (LAST - FIRST), float((files["left"] - files["arrived"]).mean())
    length = watched.waiting[watched.simulation.world.desk["kind"] == kind].sum()
    assert rate * wait == pytest.approx(length, rel=0.06)


def test_persons_at_work_are_arrivals_times_work(watched: Watched) -> None:
    """Utilisation: what the files need, at the desk's pace, is what its persons are seen to do."""
    desks = watched.simulation.world.desk
    taken = watched.job[watched.job["started"].notna()]
    pace = desks["pace"] * (1 + watched.simulation.world.setting[0].pace_skill * (desks["skill"] - 0.5))
    needed = taken["started"] + taken["touch_hours"] / pace[taken["desk"]]
    worked = days_inside(taken["started"], needed).groupby(taken["desk"]).sum()
    expected = worked.reindex(range(len(desks)), fill_value=0.0).to_numpy() / (LAST - FIRST)
    np.testing.assert_allclose(watched.busy, expected, atol=0.1, rtol=0.02)
    assert (watched.busy <= desks["servers"]).all()


def test_waits_follow_the_targets_that_staff_was_inverted_from(watched: Watched) -> None:
    """First come, desk by desk: right in order and, over all files, between two thirds and four thirds."""
    desks = watched.simulation.world.desk
    served = watched.job[
        (watched.job["kind"] == DeskKind.INCOMING)
        & watched.job["arrived"].between(FIRST, LAST)
        & watched.job["started"].notna()
    ]
    waits = (served["started"] - served["arrived"]).groupby(served["desk"]).agg(["mean", "size"])
    target = pd.Series(desks["target_wait"], dtype=float).reindex(waits.index)
    assert waits["mean"].corr(target, method="spearman") > 0.75
    ratio = (waits["mean"] * waits["size"]).sum() / (target * waits["size"]).sum()
    assert 2 / 3 < ratio < 4 / 3


def test_staffing_rule_covers_slack_and_overload() -> None:
    """ρ = W ÷ (W + s) · exp(δW), and what neither is worked on nor given up waits."""
    target, capacity, own = np.array([5.0, 300.0]), np.array([40.0, 40.0]), np.array([2.0, 2.0])
    made = background(target, capacity, own, 100.0, 0.035)
    load = (made.rate * made.hours + own) / capacity
    between = made.hours / capacity
    np.testing.assert_allclose(load, target / (target + between) + np.exp(0.035 / 30.4375 * target) - 1.0, rtol=1e-3)
    assert load[0] < 1 < load[1]
    assert made.backlog[0] == 0
    assert made.backlog[1] * made.hours[1] * 0.035 / 30.4375 == pytest.approx((load[1] - 1) * capacity[1])
