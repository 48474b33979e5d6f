"""The arms of `comity regret`: what a policymaker could have done with the same measures and budget (M24)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from sim.law.order import LegalOrder
from sim.policy.monitor import Monitor, Overseer, affordable_plans
from sim.policy.problem import InputError
from sim.policy.scenario import Scenario
from sim.policy.scenario_timeline import timeline_of
from sim.policy.schema import Decides

#: Maximum number of fixed plans that are run, those with the greatest expected effect per euro first.
MOST_PLANS = 12
_TITLES = {Decides.OPEN_LOOP: "Same beliefs, never reviewed", Decides.AT_RANDOM: "Measures chosen at random"}


def alternatives(
    scenario: Scenario, law: LegalOrder, policy_start: date, end: date, states: Sequence[str] = ()
) -> tuple[Scenario, ...]:
    """The scenario as written, then without reviews, with random choices, and with every fixed plan within the budget.

    Args:
        scenario: one with a policymaker who reviews.
        law: the legal order.
        policy_start: first day on which a policy may act.
        end: last day of the run.
        states: states that take part, for what measures cost; all when none is named.

    Raises:
        InputError: a mistake in the scenario, no policymaker in it, or a budget that covers no measure at all.
    """
    overseer = timeline_of(scenario, law, policy_start, end, states=states).reviewer
    if not isinstance(overseer, Overseer):
        raise InputError(
            "this scenario has no policymaker who reviews",
            where=scenario.file,
            key="monitor",
            fix="Name a scenario with a `monitor` section, such as monitor_and_update.",
        )
    monitor, plans = overseer.monitor, affordable_plans(overseer)[:MOST_PLANS]
    if not plans:
        raise InputError(
            "the budget covers none of the measures",
            where=scenario.file,
            key="monitor, budget",
            value=f"{monitor.budget / 1e6:g} M€ a year",
            fix="Raise the budget, or name cheaper measures.",
        )
    others = [_deciding(scenario, replace(monitor, decides=how), how.value, title) for how, title in _TITLES.items()]
    fixed = [
        _deciding(
            scenario,
            replace(monitor, decides=Decides.FIXED, plan=plan, at_once=len(plan)),
            f"plan_{number}",
            f"Plan {number}: {', '.join(plan)}",
        )
        for number, plan in enumerate(plans, 1)
    ]
    return (scenario, *others, *fixed)


def is_fixed(scenario: Scenario) -> bool:
    """Whether a scenario is a fixed plan of a policymaker."""
    return scenario.monitor is not None and scenario.monitor.decides is Decides.FIXED


def _deciding(scenario: Scenario, monitor: Monitor, ending: str, title: str) -> Scenario:
    """The same scenario with another way to decide and its own key."""
    return replace(scenario, key=f"{scenario.key}.{ending}", title=title, monitor=monitor)
