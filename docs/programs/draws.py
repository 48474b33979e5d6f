"""Simulates draws of the prior and calibrated sets, with one rule switched off at a time.

What docs/programs/before_after.py and docs/programs/traced.py simulate; it is a module of its own, so that results last
while pages are written.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import pandas as pd

from docs.programs import lived
from docs.programs.ladders import CHAIN, LAW, LIAISON
from sim.calibration import prior
from sim.calibration.ensemble import sets_of_today
from sim.experiments.run import Task, warm_up_of
from sim.law.vocabulary import CENTRAL_AUTHORITY_CHANNELS
from sim.policy.change import Change
from sim.policy.scenario import Scenario, load
from sim.policy.well_known import BASELINE
from sim.results.labels import STAGES
from sim.world.parameters import Parameters, WorldSpec, with_values

ALONE = "no_cooperation"
DEFAULT = (LAW, CHAIN, LIAISON, "all_three")  # policies of the default comparison
TRACED = (CHAIN, LIAISON)  # policies whose effects are traced in draws
REVIEWED, TRENDS = "monitor_and_update", "current_trends"
#: Policies whose effects are traced in sets: those that moved, each kind of them once.
MOVED = (CHAIN, REVIEWED, "training", TRENDS, "coordinated_action", "joint_teams", "exchange_programme", ALONE)
NUMBER = 12  # draws, from prior.FIRST on, each with seed 1000 + its number; and sets of seeds, from 1 on
#: Outcomes of each run that are kept: those of tables, and what the sum by hand needs of today's world.
KEPT = (
    "takedowns_expected",
    "groups_brought_down",
    "turnaround_median",
    "usable_within_12_months",
    "turnaround_mean",
    "mla_requests_per_year",
    "requests_per_year",
    "entries_per_year",
    "policy_cost",
)
_ANSWERS = ("outgoing", "court", "laboratory")
#: Parameters without which a rule does nothing, by the item of the plan that brought it.
OFF: Mapping[str, Mapping[str, float]] = {
    "desks that answer to their wait": {
        **{f"desk.{kind}_elasticity": 0.0 for kind in _ANSWERS},
        **{f"desk.{kind}_pace": 0.0 for kind in (*_ANSWERS, "incoming")},
        "desk.latent_need": 10_000.0,
    },
    "urgency and custody at courts and laboratories": {
        "desk.custody_share": 0.0,
        "desk.court_urgent_head_start": 0.0,
        "desk.laboratory_urgent_head_start": 0.0,
    },
    "doses in persons": {},  # doses are then those that the earlier rounding gave: see `EARLIER_DOSES`
    "officers' hours and calls": {
        "liaison.ordinary_share": 0.0,
        "liaison.followed_first": 1.0,
        "liaison.officer_hours": 0.0,
        "liaison.officer_at_court": 0.0,
        "liaison.officer_recalls": 0.0,
    },
}
PERSONS, EVERY, NOW = "doses in persons", "all four", "as it is"
#: People of the world under a policy, as a multiple of today's, where each desk's people were rounded alone: measured
#: at commit bbff9730 in the default world, by lever and multiple.
EARLIER_DOSES: Mapping[tuple[str, float], float] = {
    ("central_authority.staff", 1.5): 2185.0 / 1410.0,
    ("central_authority.staff", 1.25): 1733.0 / 1410.0,
    ("court.staff", 1.5): 871.0 / 545.0,
    ("court.staff", 1.25): 661.0 / 545.0,
    ("liaison.posts", 2.0): 123.0 / 58.0,
}
VARIANTS = (NOW, *OFF, EVERY)
#: Parameters without which a rule that came later that week does nothing.
LATER: Mapping[str, Mapping[str, float]] = {
    "shares of states that move": {"evidence.share_spread": 0.0, "evidence.share_scatter": 0.0},
    "European orders that come late": {"channel.orders_late": 0.0, "channel.addressee_years": 0.0},
}
#: Levers of later rules that current trends have, by the rule.
NEWER: Mapping[str, str] = {
    "law with dates after today": "law.candidates",
    "lists that go on opening": "provider.openings",
}
ALL = "all of these"
#: Variants of the rules in sets that need worlds of their own; the others change scenarios alone.
WORLDS = (NOW, *(name for name in OFF if name != PERSONS), *LATER, ALL)


def with_earlier_doses(scenario: Scenario) -> Scenario:
    """Copy of a scenario with the doses that the earlier rounding gave."""

    def earlier(change: Change) -> Change:
        dose = EARLIER_DOSES.get((change.lever.name, change.value)) if isinstance(change.value, float) else None
        return change if dose is None else replace(change, value=dose)

    monitor = scenario.monitor
    if monitor:
        measures = tuple(replace(one, change=earlier(one.change)) for one in monitor.measures)
        monitor = replace(monitor, measures=measures)
    return replace(scenario, changes=tuple(map(earlier, scenario.changes)), monitor=monitor)


def without_levers(scenario: Scenario, levers: Collection[str]) -> Scenario:
    """Copy of a scenario without its changes of some levers."""
    return replace(scenario, changes=tuple(one for one in scenario.changes if one.lever.name not in levers))


def jobs(draws: Sequence[int]) -> dict[str, Task]:
    """Tasks by name: each draw under every variant of the rules."""
    usual, of_today, spec = Parameters(), sets_of_today(), WorldSpec()
    tasks = {}
    for variant in VARIANTS:
        off = {k: v for name, values in OFF.items() if variant in (name, EVERY) for k, v in values.items()}
        for n in draws:
            parameters, prices = with_values(usual, prior.values_of(n) | off), of_today.prices(1000 + n)
            tasks[f"{variant}, draw {n}"] = Task("", 1000 + n, scenarios_of(variant), spec, parameters, prices=prices)
    return tasks


def scenarios_of(variant: str) -> tuple[Scenario, ...]:
    """Scenarios to simulate in draws with a variant of the rules, each under the key of its policy."""
    keys = (BASELINE, *((*DEFAULT, ALONE) if variant == NOW else TRACED))
    earlier = with_earlier_doses if variant in (PERSONS, EVERY) else lambda scenario: scenario
    return tuple(replace(earlier(load(key)), key=key) for key in keys)


def jobs_in_sets(sets: int) -> dict[tuple[str, int], Task]:
    """Tasks by variant of the rules and seed, with the calibrated set of each seed."""
    usual, of_today, spec, tasks = Parameters(), sets_of_today(), WorldSpec(), {}
    rules = {**OFF, **LATER}
    for seed in range(1, sets + 1):
        for variant in WORLDS:
            off = {k: v for name, values in rules.items() if variant in (name, ALL) for k, v in values.items()}
            parameters = with_values(of_today.parameters(usual, seed), off)
            scenarios, prices = scenarios_in_sets(variant), of_today.prices(seed)
            tasks[variant, seed] = Task("", seed, scenarios, spec, parameters, prices=prices)
    return tasks


def scenarios_in_sets(variant: str) -> tuple[Scenario, ...]:
    """Scenarios to simulate in calibrated sets, each under the key of its policy.

    With the rules as they are, also policies without something that a scenario can do without: `policy, what`.
    """
    scenarios = {key: load(key) for key in (BASELINE, *MOVED)}
    if variant == ALL:
        scenarios |= {key: with_earlier_doses(scenarios[key]) for key in (CHAIN, REVIEWED)}
        scenarios[TRENDS] = without_levers(scenarios[TRENDS], set(NEWER.values()))
    if variant == NOW:
        scenarios |= {f"{key}, {PERSONS}": with_earlier_doses(scenarios[key]) for key in (CHAIN, REVIEWED)}
        scenarios |= {f"{TRENDS}, {what}": without_levers(scenarios[TRENDS], {lever}) for what, lever in NEWER.items()}
    return tuple(replace(scenario, key=key) for key, scenario in scenarios.items())


def lived_world(task: Task) -> dict[str, dict[str, float]]:
    """Simulates a world; returns outcomes by scenario, with days by stage among those of today's law."""
    outcomes: dict[str, dict[str, float]] = {}
    for key, _, measured in lived(task, warm_up_of(task), {}):
        outcomes[key] = {name: measured.outcomes[name] for name in KEPT}
        if key == BASELINE:
            outcomes[key] |= days_by_stage(pd.DataFrame(measured.breakdowns["turnaround_by_stage"]))
    return outcomes


def days_by_stage(table: pd.DataFrame) -> dict[str, float]:
    """Mean days in each stage of answered requests through central authorities, by label."""
    rows = table[table["channel"].isin(CENTRAL_AUTHORITY_CHANNELS)]
    total = (rows["days"] * rows["answers"]).groupby(rows["stage"]).sum()
    days = (total / rows["answers"].groupby(rows["stage"]).sum()).fillna(0.0)
    return {f"days, {label}": float(days.get(int(stage), 0.0)) for stage, label in STAGES.items()}
