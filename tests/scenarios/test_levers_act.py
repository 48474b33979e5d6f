"""Levers that were found to do nothing, and what is meant to do nothing: by worlds that share their past."""

from collections.abc import Mapping
from datetime import date
from functools import cache

import numpy as np

from sim.experiments.run import tables_of
from sim.law.days import to_day
from sim.law.vocabulary import Channel, Ground
from sim.policy.timeline import Assignment, Step, Timeline
from sim.simulate import Simulation
from sim.world.records import Abuse, RequestStatus, Stage
from tests.scenarios.paired import REDUCED, START, past, timeline_for
from tests.tiny import begun, legal_order


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
    past = begun(1, REDUCED)
    past.advance(to_day(date(2028, 12, 31)))
    row = [term.id for term in legal_order().terms].index("e_evidence")
    taken, deadlines = [], []
    for arm in (past.fork(Timeline()), past.fork(timeline_for("faster_e_evidence"))):
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


INSTANT = ("instant_courts", "instant_providers", "instant_authorities")
#: Today and full cooperation, by lever.
BOUND = {"foreign_refusal": (1.0, 0.0), "silence": (1.0, 0.0), **dict.fromkeys(INSTANT, (0.0, 1.0))}


@cache
def today() -> Simulation:
    """A world on the policy's first day."""
    return past(2)


@cache
def bounded(way: float, *names: str) -> np.ndarray:
    """Requests that were drafted under the policy and have ended, so much of the way to the bound."""
    if way == 0.0 and names:
        return bounded(0.0)  # today, by any lever
    ends = {f"friction.{name}": BOUND[name] for name in names}
    arm = today().fork(assigned(*((name, one * (1.0 - way) + other * way) for name, (one, other) in ends.items())))
    arm.advance(arm.end)
    request = tables_of(arm)["request"]
    return request[(request["drafted"] > to_day(START)) & ~np.isnan(request["ended"])]


def assisted(way: float, name: str) -> np.ndarray:
    """Genuine ones by mutual legal assistance."""
    found = bounded(way, name)
    return found[(found["channel"] == Channel.MLAT) & (found["abusive"] == Abuse.NONE)]


def test_each_bound_works_on_its_own_friction_and_more_the_nearer_it_is() -> None:
    own = (Ground.DUAL_CRIMINALITY, Ground.NO_POWER, Ground.POLITICAL_OR_ESSENTIAL_INTERESTS, Ground.DATA_PROTECTION)
    today, half, none = (np.isin(assisted(way, "foreign_refusal")["ground"], own).mean() for way in (0.0, 0.5, 1.0))
    assert today > half > none == 0.0
    for name, stage in (("instant_courts", Stage.COURT_ORDER), ("instant_authorities", Stage.INCOMING_TRIAGE)):
        days = [assisted(way, name) for way in (0.0, 0.5, 1.0)]
        today, half, none = (found["stage_days"][found["status"] == 1, stage - 1].mean() for found in days)
        assert today > 1.2 * half > 1.2 * none, name
        assert none <= 1.5, name


def test_in_the_bound_the_judge_at_home_decides_as_ever() -> None:
    """Of requests at home that ended, the share that a gatekeeper or court found too weak stays within three points."""

    def weak(way: float) -> float:
        found = bounded(way, *BOUND)
        home = found[(found["channel"] == Channel.DOMESTIC) & (found["status"] != RequestStatus.WITHDRAWN)]
        assert len(home) > 500
        return float(np.mean(home["ground"] == Ground.STANDARD_OF_PROOF))

    assert weak(0.0) > 0.05
    assert abs(weak(1.0) - weak(0.0)) < 0.03
