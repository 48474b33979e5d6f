"""Levers that were found to do nothing, and what is meant to do nothing: by worlds that share their past."""

from collections.abc import Mapping
from datetime import date
from functools import cache

import numpy as np

from sim.experiments.run import tables_of
from sim.law.days import to_day
from sim.law.vocabulary import Channel
from sim.policy.scenario import load
from sim.policy.scenario_timeline import timeline_of
from sim.policy.timeline import Assignment, Step, Timeline
from tests.scenarios.paired import REDUCED
from tests.tiny import begun, legal_order

START, END = date.fromisoformat(REDUCED.policy_start), date.fromisoformat(REDUCED.end)


def assigned(*levers: tuple[str, float]) -> Timeline:
    return Timeline((Step(START, assignments=tuple(Assignment(*lever) for lever in levers)),))


@cache
def tables(scale: float) -> Mapping[str, np.ndarray]:
    """Tables of one world in which 24/7 points take so many times as long as today."""
    arm = begun(1, REDUCED, timeline=assigned(("preservation.delay_scale", scale), ("preservation.use", 0.9)))
    arm.advance(arm.end)
    return tables_of(arm)


def answered(scale: float) -> np.ndarray:
    """Requests to preserve that were answered under the policy."""
    request = tables(scale)["request"]
    asked = request["channel"] == Channel.PRESERVATION_24_7
    found = request[asked & (request["sent"] > to_day(START)) & ~np.isnan(request["ended"])]
    assert found.size > 1000
    return found


def days_to_freeze(scale: float) -> float:
    """Mean days from a request to preserve to its answer."""
    found = answered(scale)
    return float((found["ended"] - found["sent"]).mean())


def share_frozen(scale: float) -> float:
    """Share of items asked to be preserved that were still there, and so were frozen."""
    frozen = tables(scale)["evidence"]["frozen_from"][answered(scale)["evidence"]]
    return float((~np.isnan(frozen)).mean())


def test_the_time_of_24_7_points_acts_at_their_desks() -> None:
    """The factor was left out where a point's people are done: 0 of 116 outcomes moved at twenty times today's.

    Of the items frozen, few are saved by haste: custodians keep most for months, and a fifth of requests is refused.
    """
    usual = days_to_freeze(1.0)
    assert days_to_freeze(4.0) > 2.5 * usual
    assert days_to_freeze(0.25) < 0.7 * usual
    assert share_frozen(4.0) < share_frozen(0.25) - 0.03


def test_a_shorter_deadline_of_an_order_that_binds_shortens_its_files() -> None:
    """One lever on one instrument: only requests under it, drafted from its day on, carry the new deadline."""
    policy = timeline_of(load("faster_e_evidence"), legal_order(), START, END)
    past = begun(1, REDUCED)
    past.advance(to_day(date(2028, 12, 31)))
    row = [term.id for term in legal_order().terms].index("e_evidence")
    taken, deadlines = [], []
    for arm in (past.fork(Timeline()), past.fork(policy)):
        arm.advance(arm.end)
        request = tables_of(arm)["request"]
        under = (request["instrument"] == row) & (request["drafted"] > to_day(date(2029, 1, 2)))
        assert under.sum() > 30
        deadlines.append(set(np.unique(request["deadline_days"][under])))
        done = under & ~np.isnan(request["ended"] - request["sent"])
        taken.append(float((request["ended"] - request["sent"])[done].mean()))
        others = (request["instrument"] != row) & (request["instrument"] >= 0)
        assert 5.0 not in set(np.unique(request["deadline_days"][others]))
    assert deadlines == [{10.0}, {5.0}]
    assert taken[1] < 0.9 * taken[0]  # 5.3 of 6.8 days in six worlds
