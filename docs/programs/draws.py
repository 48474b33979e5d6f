"""Simulates draws of the prior and calibrated sets, with one rule switched off at a time.

What docs/programs/before_after.py and others simulate; it is a module of its own, so that results last while pages are
written.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd

from docs.programs import lived
from docs.programs.ladders import CHAIN, LAW, LIAISON
from sim.calibration import prior
from sim.calibration.ensemble import sets_of_today
from sim.experiments.run import Task, warm_up_of
from sim.law.vocabulary import CENTRAL_AUTHORITY_CHANNELS
from sim.policy.scenario import Scenario, load
from sim.policy.well_known import BASELINE
from sim.results.labels import STAGES
from sim.world.parameters import Parameters, WorldSpec, with_values

ALONE = "no_cooperation"
DEFAULT = (LAW, CHAIN, LIAISON, "all_three")  # policies of the default comparison
#: Policies whose effects are traced, in sets; in draws the first two are.
TRACED = (CHAIN, LIAISON, "monitor_and_update", "training", "dedicated_units", "current_trends")
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
#: at commit bbff9730 in the default world, by lever.
EARLIER_DOSES: Mapping[str, float] = {
    "central_authority.staff": 2185.0 / 1410.0,
    "court.staff": 871.0 / 545.0,
    "liaison.posts": 123.0 / 58.0,
}
VARIANTS = (NOW, *OFF, EVERY)


def scenario_of(key: str, variant: str) -> Scenario:
    """Scenario of a policy; the variants of earlier rounding use the doses that resulted from it."""
    scenario = load(key)
    if variant not in (PERSONS, EVERY):
        return scenario
    changes = (replace(one, value=EARLIER_DOSES.get(one.lever.name, one.value)) for one in scenario.changes)
    return replace(scenario, changes=tuple(changes))


def jobs(draws: Sequence[int], sets: int) -> dict[str, Task]:
    """Tasks by name: each draw and each set under every variant of the rules."""
    usual, of_today, spec = Parameters(), sets_of_today(), WorldSpec()
    places = {f"draw {n}": (1000 + n, with_values(usual, prior.values_of(n))) for n in draws}
    places |= {f"set of seed {n}": (n, of_today.parameters(usual, n)) for n in range(1, sets + 1)}
    tasks = {}
    for variant in VARIANTS:
        off = {k: v for name, values in OFF.items() if variant in (name, EVERY) for k, v in values.items()}
        for name, (seed, parameters) in places.items():
            prices, scenarios = of_today.prices(seed), scenarios_of(variant, in_sets="set" in name)
            tasks[f"{variant}, {name}"] = Task("", seed, scenarios, spec, with_values(parameters, off), prices=prices)
    return tasks


def scenarios_of(variant: str, *, in_sets: bool) -> tuple[Scenario, ...]:
    """Scenarios to simulate with a variant of the rules, each under the key of its policy."""
    draws = (*DEFAULT, ALONE) if variant == NOW else TRACED[:2]
    keys = (BASELINE, *(TRACED if in_sets else draws))
    return tuple(replace(scenario_of(key, variant), key=key) for key in keys)


def lived_world(task: Task) -> dict[str, dict[str, float]]:
    """Simulates a world; returns outcomes by scenario, and days by stage under today's law."""
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
