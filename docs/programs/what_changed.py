"""Says how headlines moved with the last change of the model, and by what: `python -m docs.programs.what_changed`.

Writes parts of docs/what_changed.md. Headlines before and now are those of the stored comparison, kept by date in
docs/programs/headlines.csv: `--keep DATE` adds those of results/reference before it is made again. What moved them is
simulated: the same worlds with one change after the other taken back, in the order of `STAGES`. What is left between
the last stage and before is the choice of parameter sets, and chance. A further table has the policies' effects by the
number of groups, in the same sets.
"""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pandas as pd

from docs.programs import DOCS, ROOT, TODAY, Found, in_sets, interval, lived, ran, renew, table_of
from sim.experiments.run import Task, warm_up_of
from sim.policy.scenario import load
from sim.policy.well_known import BASELINE, UPPER_BOUND
from sim.world.parameters import declarations, with_values

COMMAND, NAME = "python -m docs.programs.what_changed", "what_changed"
WORLDS, WORLDS_BY_GROUPS = 30, 20
HEADLINES, RESULTS = DOCS / "programs" / "headlines.csv", ROOT / "results"
POLICIES = ("all_three", "faster_mlat", "stronger_liaison", "harmonised_law", UPPER_BOUND)
QUARTER = 0.25
#: Name by which headlines.csv keeps the league's effects on lasting takedowns; columns of a study that it keeps.
LEAGUE = "league"
COLUMNS = ("scenario", "outcome", "pairs", "baseline_mean", "relative", "relative_low", "relative_high")
GROUPS, NUMBERS = "criminal.active_groups", {150: 0.5, 300: 1.0, 600: 2.0, 1000: 10.0 / 3.0}  # groups: their parameter


class Shown(NamedTuple):
    """Format of a headline outcome: title, unit of its level, factor of that unit, digits of the level."""

    title: str
    unit: str
    factor: float
    digits: int


SHOWN = {
    "takedowns_expected": Shown("lasting takedowns", "in ten years", 1.0, 0),
    "groups_brought_down": Shown("groups brought down", "in ten years", 1.0, 0),
    "turnaround_median": Shown("median wait", "months", 1.0, 1),
    "mla_executed_within_12_months": Shown("executed within a year, through authorities", "of 100", 100.0, 0),
    "usable_within_12_months": Shown("usable evidence within a year", "of 100", 100.0, 0),
}


class Stage(NamedTuple):
    """Model with some changes taken back: what its difference from the next stage shows, and fixed parameters."""

    title: str
    fixed: tuple[str, ...]


NOW = "now"
#: From today's model back; each stage fixes parameters that sets draw today at their defaults, as they were before.
STAGES = {
    NOW: Stage("today's model", ()),
    "slots": Stage("work of units as before", ("case.case_slots",)),
    "groups": Stage("and 300 groups in all sets", ("case.case_slots", GROUPS)),
}
#: What the step from each stage to the one before it in time is called.
ITEMS = {
    "slots": "units' slots for cases are drawn",
    "groups": "the number of groups is drawn",
    "before": "sets are chosen by the record as a sample, and chance",
}


def kept() -> pd.DataFrame:
    """Table of headlines by date, one row per policy and outcome; levels of today have no policy."""
    return pd.read_csv(HEADLINES, keep_default_na=False, dtype={"date": str})


def headlines(date: str) -> pd.DataFrame:
    """Headlines of results/reference, as rows for headlines.csv."""
    rows, stored = [], pd.read_csv(RESULTS / "reference" / "differences.csv")
    league = pd.read_csv(RESULTS / "league" / "differences.csv")
    league = league[(league["block"] == "main") & (league["outcome"] == next(iter(SHOWN)))].assign(outcome=LEAGUE)
    for one in stored[stored["block"].isin(["main", "bounds"]) & stored["outcome"].isin(list(SHOWN))].to_dict(
        "records"
    ):
        if one["scenario"] in POLICIES:
            rows.append((date, *(one[column] for column in COLUMNS)))
    rows += [(date, *(one[column] for column in COLUMNS)) for one in league.to_dict("records")]
    names = ("date", "scenario", "outcome", "worlds", "today", "relative", "low", "high")
    return pd.DataFrame(rows, columns=list(names))


def jobs(worlds: int) -> dict[str, Task]:
    """Tasks by name: each world at each stage."""
    runs = {TODAY: load(BASELINE), **{policy: load(policy) for policy in POLICIES}}
    usual = {key: one.default for key, one, _ in declarations()}
    return {
        f"{name}, {job}": replace(
            task, parameters=with_values(task.parameters, {key: usual[key] for key in stage.fixed})
        )
        for job, task in in_sets(worlds, runs).items()
        for name, stage in STAGES.items()
    }


def jobs_by_groups(worlds: int) -> dict[str, Task]:
    """Tasks by name: each world with each number of groups, under the policies that are no bound."""
    runs = {TODAY: load(BASELINE), **{policy: load(policy) for policy in POLICIES if policy != UPPER_BOUND}}
    return {
        f"{number} groups, {job}": replace(task, parameters=with_values(task.parameters, {GROUPS: value}))
        for job, task in in_sets(worlds, runs).items()
        for number, value in NUMBERS.items()
    }


def outcomes_of(task: Task) -> dict[str, dict[str, float]]:
    """Simulates a world under today's law and under each policy; returns headline outcomes by scenario."""
    return {
        name: {key: measured.outcomes[key] for key in SHOWN} for name, _, measured in lived(task, warm_up_of(task), {})
    }


def _per_cent(one: Sequence[float]) -> str:
    return interval([100.0 * end for end in one], 1 if max(abs(end) for end in one) < 0.1 else 0)


def before_and_now(then: pd.DataFrame, now: pd.DataFrame) -> str:
    """Markdown table of headlines before and now, and which moved by more than a quarter."""
    rows = []
    joined = then.merge(now, on=["scenario", "outcome"], suffixes=("_then", "_now"))
    for outcome, shown in SHOWN.items():
        of = joined[joined["outcome"] == outcome]
        levels = [f"{shown.factor * of.iloc[0][f'today_{when}']:,.{shown.digits}f} {shown.unit}" for when in _WHEN]
        was, is_ = (float(of.iloc[0][f"today_{when}"]) for when in _WHEN)
        rows.append(_row(shown.title, "today's law: level", levels, is_ / was - 1.0))
        for one in of.to_dict("records"):
            effects = [[float(one[f"{end}_{when}"]) for end in ("relative", "low", "high")] for when in _WHEN]
            was, is_ = effects[0][0], effects[1][0]
            clear = any(effect[1] * effect[2] > 0.0 for effect in effects)
            texts = [_per_cent(effect) + " %" for effect in effects]
            rows.append(_row("", f"`{one['scenario']}`", texts, is_ / was - 1.0 if clear and was else None))
    return table_of(rows, (2, 3, 4))


_WHEN = ("then", "now")


def _row(title: str, what: str, texts: Sequence[str], moved: float | None) -> dict[str, str]:
    change = "–" if moved is None else f"{100.0 * moved:+.0f} %".replace("-", "−")
    more = "yes" if moved is not None and abs(moved) > QUARTER else ""
    return {"headline": title, "of": what, "before": texts[0], "now": texts[1], "moved": change, "over a quarter": more}


def league(then: pd.DataFrame, now: pd.DataFrame) -> str:
    """Markdown table of the league's policies: effect on lasting takedowns before and now, and what moved."""
    rows, joined = [], then.merge(now, on=["scenario", "outcome"], suffixes=("_then", "_now"))
    for one in joined[joined["outcome"] == LEAGUE].sort_values("relative_now", ascending=False).to_dict("records"):
        was, is_ = ([float(one[f"{end}_{when}"]) for end in ("relative", "low", "high")] for when in _WHEN)
        apart = abs(is_[0] - was[0]) > 0.5 * float(np.hypot(was[2] - was[1], is_[2] - is_[1]))
        clear = was[1] * was[2] > 0.0 or is_[1] * is_[2] > 0.0
        far = clear and abs(is_[0] / was[0] - 1.0) > QUARTER
        word = "moved" if far and apart else "within chance" if far else "" if clear else "–"
        cells = {when: f"{_per_cent(effect)} %" for when, effect in (("before", was), ("now", is_))}
        rows.append({"policy": f"`{one['scenario']}`", **cells, "more than a quarter": word})
    return table_of(rows, (1, 2))


def stages(by_stage: Mapping[str, Found]) -> str:
    """Markdown table of levels and effects at each stage, in the same worlds."""
    rows = []
    for outcome, shown in SHOWN.items():
        for run in (TODAY, *POLICIES):
            row = {"headline": shown.title if run == TODAY else "", "of": "level" if run == TODAY else f"`{run}`, %"}
            for name, stage in STAGES.items():
                one = by_stage[name]
                if run == TODAY:
                    values = shown.factor * one.values(TODAY, outcome)
                    row[stage.title] = interval(one.mean(values), shown.digits, "")
                else:
                    row[stage.title] = interval(one.change(run, outcome), 1)
            rows.append(row)
    return table_of(rows, range(2, 2 + len(STAGES)))


def by_groups(results: Mapping[str, Mapping[str, Mapping[str, float]]]) -> str:
    """Markdown table of lasting takedowns today and of policies' effects on them, by the number of groups."""
    rows, outcome = [], next(iter(SHOWN))
    for number in NUMBERS:
        worlds = Found(one for job, one in results.items() if job.startswith(f"{number} groups, "))
        today = worlds.mean(worlds.values(TODAY, outcome))
        row = {"groups": f"{number:,}", "today, in ten years": interval(today, 0, "")}
        rows.append(row | {f"`{run}`, %": interval(worlds.change(run, outcome), 1) for run in POLICIES[:-1]})
    return table_of(rows, range(2 + len(POLICIES)))


def shares(by_stage: Mapping[str, Found], then: pd.DataFrame, now: pd.DataFrame) -> str:
    """Markdown table that says how much of each headline's move is by which item, in points of its unit or per cent."""
    rows = []
    for outcome, shown in SHOWN.items():
        for run in (TODAY, *POLICIES):
            at = _value(now, run, outcome)
            if at is None or (was := _value(then, run, outcome)) is None:
                continue
            simulated = [_stage_value(by_stage[name], run, outcome) for name in STAGES]
            steps = [first - second for first, second in pairwise(simulated)]
            steps.append(at - was - sum(steps))
            factor, digits = (shown.factor, shown.digits) if run == TODAY else (100.0, 1)
            row = {
                "headline": shown.title if run == TODAY else "",
                "of": "level" if run == TODAY else f"`{run}`, points",
            }
            row["moved by"] = f"{factor * (at - was):+,.{digits}f}".replace("-", "−")
            for item, step in zip(ITEMS.values(), steps, strict=True):
                row[item] = f"{factor * step:+,.{digits}f}".replace("-", "−")
            rows.append(row)
    return table_of(rows, range(2, 3 + len(ITEMS)))


def _value(table: pd.DataFrame, run: str, outcome: str) -> float | None:
    rows = table[(table["outcome"] == outcome) & ((table["scenario"] == run) if run != TODAY else True)]
    return None if rows.empty else float(rows.iloc[0]["today" if run == TODAY else "relative"])


def _stage_value(worlds: Found, run: str, outcome: str) -> float:
    base = float(worlds.values(TODAY, outcome).mean())
    return base if run == TODAY else float(worlds.values(run, outcome).mean()) / base - 1.0


def main() -> None:
    """Simulates missing worlds and updates the page, or keeps today's headlines."""
    parser = argparse.ArgumentParser(prog=COMMAND)
    parser.add_argument("--worlds", type=int, default=WORLDS)
    parser.add_argument("--by-groups", type=int, default=WORLDS_BY_GROUPS, help="worlds with each number of groups")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--keep", metavar="DATE", help="add the headlines of results/reference under this date")
    wanted = parser.parse_args()
    if wanted.keep:
        earlier = [kept()] if HEADLINES.exists() else []
        pd.concat([*earlier, headlines(wanted.keep)]).to_csv(HEADLINES, index=False, float_format="%.5g")
        return
    results = ran(COMMAND, outcomes_of, jobs(wanted.worlds), wanted.workers)
    by_stage = {name: Found(one for job, one in results.items() if job.startswith(f"{name}, ")) for name in STAGES}
    groups = ran(COMMAND, outcomes_of, jobs_by_groups(wanted.by_groups), wanted.workers)
    table, (last, *_) = kept(), sorted(set(kept()["date"]), reverse=True)
    then, now = table[table["date"] == last], headlines(NOW)
    parts = {
        "headlines": before_and_now(then, now),
        "league": league(then, now),
        "stages": stages(by_stage),
        "items": shares(by_stage, then, now),
        "groups": by_groups(groups),
        "worlds": by_stage[NOW].words,
    }
    renew(NAME, parts, COMMAND)


if __name__ == "__main__":
    main()
