"""Makes the timeline of a scenario in a run, and variants with other decision rules (M24)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np

from sim.data.geography import CrimeGeography
from sim.law.days import EPOCH
from sim.law.order import LegalOrder
from sim.policy.expansion import add_months, expand
from sim.policy.monitor import Monitor, Overseer, affordable_plans
from sim.policy.problem import Findings, InputError
from sim.policy.process import Clock
from sim.policy.scenario import FirstDay, Scenario
from sim.policy.schema import Decides
from sim.policy.timeline import Timeline
from sim.world.baseline import baseline
from sim.world.parameters import Parameters, Theme, WorldSpec


def policy_days(world: WorldSpec) -> tuple[date, date]:
    """First and last day on which a policy can act in a world."""
    return date.fromisoformat(world.policy_start), date.fromisoformat(world.end)


def timeline_of(
    scenario: Scenario,
    law: LegalOrder,
    policy_start: date,
    end: date,
    seed: int = 0,
    reform: Theme | None = None,
    states: Sequence[str] = (),
) -> Timeline:
    """Makes the timeline of a scenario in a run: its dated steps, and its policymaker if any.

    No policy may act before `policy_start`, and steps after `end` are left out. A change that comes about by a process
    has other days in every replicate, and the same in every scenario: they follow from the run's seed. Without lags of
    law in `reform` the defaults hold. What measures cost depends on the states that take part; all do when none is
    named.
    """
    mistakes = Findings(scenario.mistakes)
    for first in scenario.first_days:
        with mistakes.gather():
            _check(first, policy_start, end)
    clock = Clock(end, seed, reform or Parameters().reform)
    timeline = Timeline()
    with mistakes.gather():
        timeline = expand(scenario.changes, law, clock)
    mistakes.raise_all()
    if scenario.monitor is None:
        return timeline
    taking_part = np.isin(law.states, tuple(states) or law.states)
    before = baseline(CrimeGeography.load(), law.arrays(EPOCH).police_body, taking_part)
    return replace(timeline, reviewer=Overseer(scenario.monitor, law, clock, before))


def _check(first: FirstDay, policy_start: date, end: date) -> None:
    """Raises an error if a change or a review begins outside the policy years of the run."""
    if first.day < policy_start:
        problem = f"no policy may act before {policy_start} (world.policy_start)"
        fix = f"Write a day from {policy_start} on: the years before are the real past of every scenario."
    elif add_months(first.day, first.lag_months) > end:
        problem = f"{'takes effect' if first.lag_months else 'begins'} after the run ends, on {end} (world.end)"
        fix = f"Write a day up to {end}, or run longer."
    else:
        return
    raise InputError(problem, where=first.where, key=first.key, value=first.day, fix=fix)


#: Maximum number of fixed plans that are run, those with the greatest expected effect per euro first.
MOST_PLANS = 12
_TITLES = {Decides.OPEN_LOOP: "Same beliefs, never reviewed", Decides.AT_RANDOM: "Measures chosen at random"}


def alternatives(
    scenario: Scenario, law: LegalOrder, policy_start: date, end: date, states: Sequence[str] = ()
) -> tuple[Scenario, ...]:
    """Variants of a scenario with a policymaker: with reviews, no reviews, random choices, and fixed plans.

    Plans are twelve at most, those that use the budget as far as possible. What measures cost depends on the states
    that take part, as in `timeline_of`.
    """
    overseer = timeline_of(scenario, law, policy_start, end, states=states).reviewer
    if not isinstance(overseer, Overseer):
        fix = "Name a scenario with a `monitor` section, such as monitor_and_update."
        raise InputError("this scenario has no policymaker who reviews", where=scenario.file, key="monitor", fix=fix)
    monitor, plans = overseer.monitor, affordable_plans(overseer)[:MOST_PLANS]
    if not plans:
        problem, fix = "the budget covers none of the measures", "Raise the budget, or name cheaper measures."
        budget = f"{monitor.budget / 1e6:g} M€ a year"
        raise InputError(problem, where=scenario.file, key="monitor, budget", value=budget, fix=fix)
    others = [_deciding(scenario, replace(monitor, decides=how), how.value, title) for how, title in _TITLES.items()]
    for number, plan in enumerate(plans, 1):
        fixed = replace(monitor, decides=Decides.FIXED, plan=plan, at_once=len(plan))
        others.append(_deciding(scenario, fixed, f"plan_{number}", f"Plan {number}: {', '.join(plan)}"))
    return (scenario, *others)


def is_fixed(scenario: Scenario) -> bool:
    """True if the scenario's policymaker follows a fixed plan without reviews."""
    return scenario.monitor is not None and scenario.monitor.decides is Decides.FIXED


def _deciding(scenario: Scenario, monitor: Monitor, ending: str, title: str) -> Scenario:
    """Copy of a scenario with another decision rule, key and title."""
    return replace(scenario, key=f"{scenario.key}.{ending}", title=title, monitor=monitor)
