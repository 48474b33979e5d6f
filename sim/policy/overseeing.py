"""Puts a policymaker to work in a run."""

from collections.abc import Sequence
from datetime import date

import numpy as np

from sim.data.geography import CrimeGeography
from sim.law.days import EPOCH
from sim.law.order import LegalOrder
from sim.policy.monitor import Monitor, Overseer
from sim.policy.places import load_atlas
from sim.policy.problem import InputError
from sim.policy.process import Clock
from sim.world.footing import footing
from sim.world.parameters import ReformParameters


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
        seed: run seed, for errors of figures and lots.
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
    before = footing(
        CrimeGeography.load(), law.arrays(EPOCH).police_body, np.isin(law.states, tuple(states) or law.states)
    )
    return Overseer(monitor, law, Clock(seed, load_atlas(), reform or ReformParameters(), end), before)
