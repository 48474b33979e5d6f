"""The timeline of a scenario in one run: its changes as dated steps, and its policymaker."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np

from sim.data.geography import CrimeGeography
from sim.law.days import EPOCH
from sim.law.order import LegalOrder
from sim.policy.expansion import expand
from sim.policy.monitor import Monitor, Overseer
from sim.policy.places import load_atlas
from sim.policy.problem import InputError
from sim.policy.process import Clock
from sim.policy.scenario import Scenario
from sim.policy.timeline import Timeline
from sim.world.baseline import baseline
from sim.world.parameters import ReformParameters


def timeline_of(
    scenario: Scenario,
    law: LegalOrder,
    policy_start: date,
    end: date,
    seed: int = 0,
    reform: ReformParameters | None = None,
    states: Sequence[str] = (),
) -> Timeline:
    """The changes of a scenario as dated steps of a run, with a policymaker where it has one.

    Args:
        scenario: the policy.
        law: the legal order: its states, and who is party to what.
        policy_start: first day on which a policy may act.
        end: last day of the run; later steps are left out.
        seed: run seed: a change that comes about by a process has other days in every replicate, and the same
            in every arm.
        reform: lags of law, and how good a policymaker's figures are; defaults when not given.
        states: states that take part, for what measures cost; all when none is named.

    Raises:
        InputError: a change before `policy_start`, one that selects no states, or a first review outside the run's
            policy years.
    """
    timeline = expand(scenario.changes, law, policy_start, end, seed, reform)
    if scenario.monitor is None:
        return timeline
    return replace(timeline, reviewer=oversee(scenario.monitor, law, policy_start, end, seed, reform, states))


def oversee(
    monitor: Monitor,
    law: LegalOrder,
    policy_start: date,
    end: date,
    seed: int = 0,
    reform: ReformParameters | None = None,
    states: Sequence[str] = (),
) -> Overseer:
    """The policymaker of one run.

    Args:
        monitor: as the file declares it.
        law: the legal order.
        policy_start: first day on which a policy may act.
        end: last day of the run.
        seed: run seed, for errors of figures and random choices.
        reform: how late and wrong figures are.
        states: states that take part; all when none is named.

    Raises:
        InputError: the first review lies outside the run's policy years.
    """
    if not policy_start <= monitor.first < end:
        raise InputError(
            f"outside the policy years, {policy_start} to {end}",
            where=monitor.where,
            key="monitor, first_review",
            value=monitor.first,
            fix="Write a day inside them.",
        )
    before = baseline(
        CrimeGeography.load(), law.arrays(EPOCH).police_body, np.isin(law.states, tuple(states) or law.states)
    )
    return Overseer(monitor, law, Clock(seed, load_atlas(), reform or ReformParameters(), end), before)
