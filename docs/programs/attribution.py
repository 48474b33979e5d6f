"""Says in which office the months of a request pass, and what fixes each: `python -m docs.programs.attribution`.

Writes docs/attribution.md: the median request by stage in calibrated sets, the parameters and published facts of each
stage (docs/programs/attribution.csv), and how policies fare in sets whose months lie elsewhere. The last rests on
stored outcomes alone: shares of months by set in docs/months.csv, effects in results/reference. What was simulated is
kept, so that the same command does only what is missing; `--worlds` says how many.
"""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from docs.programs import TODAY, asked, in_sets, lived, ran, renew, table_of
from docs.programs.draws import DEFAULT
from docs.programs.months import LASTING, PLACES, SETS, STORED, WAIT
from docs.programs.stored_reports import REFERENCE
from docs.programs.strongest_effects import correlation
from sim.calibration import prior
from sim.calibration.ensemble import load as load_sets
from sim.calibration.targets import CalibrationTarget, Role, targets
from sim.calibration.validate import movements
from sim.experiments.design import MAIN
from sim.experiments.run import Task, observed, warm_up_of
from sim.experiments.statistics import Estimate, mean, ratio
from sim.law.days import MONTH
from sim.measures.arrays import Floats
from sim.measures.ranks import beyond_chance, rank_correlations
from sim.policy.scenario import load
from sim.policy.well_known import BASELINE
from sim.results.words import counted, listing
from sim.world.parameters import declarations
from sim.world.records.stages import Stage

COMMAND, NAME = "python -m docs.programs.attribution", "attribution"
ROWS = Path(__file__).with_suffix(".csv")
WORLDS = 12
#: Answered requests whose time from sending to the answer lies between these shares stand for the median one.
BAND = (0.4, 0.6)
#: Where a request is: before it is sent, on its way to an answer, or after that.
BEFORE, UNTIL, AFTER = "before sending", "until the answer", "after the answer"
#: Probability that one of all rank correlations with places is in bold by chance.
_ERROR = 0.05


def median_request(days: Floats, waited: Floats) -> Floats:
    """Mean days in each stage of requests in the middle of all.

    Args:
        days: days in each stage of answered requests, f8[stages, requests].
        waited: days from sending to the answer, f8[requests].

    Returns:
        f8[stages]; NaN without requests.
    """
    if not waited.size:
        return np.full(len(days), np.nan)
    low, high = np.quantile(waited, BAND)
    return np.asarray(days[:, (waited >= low) & (waited <= high)].mean(axis=1, dtype=np.float64))


def months_of(task: Task) -> dict[str, float]:
    """Simulates a world under today's law; returns months of the median request by stage."""
    ((_, run, _),) = lived(task, warm_up_of(task), {})
    seen = observed(run, task.world)
    chosen = (seen.mutual_assistance & ~seen.silent)[seen.answered]
    waited = (seen.request("ended") - seen.request("sent"))[seen.answered][chosen]
    days = median_request(seen.stage_days[:, chosen].astype(np.float64), waited.astype(np.float64))
    return {stage.name: float(part) / MONTH for stage, part in zip(Stage, days, strict=True)}


def when(stage: Stage) -> str:
    """Part of a request's time to which a stage belongs."""
    return BEFORE if stage.row.before_sending else AFTER if stage is Stage.FORENSICS else UNTIL


def rows() -> dict[Stage, dict[str, str]]:
    """Office, parameters and facts of each stage, from attribution.csv."""
    with ROWS.open(encoding="utf-8", newline="") as file:
        return {Stage[row["stage"]]: row for row in csv.DictReader(file)}


def by_stage(worlds: Sequence[Mapping[str, float]]) -> str:
    """Markdown table of the median request: months by stage, parameters that set them, and facts of the stage."""
    table, known = pd.DataFrame(worlds), rows()
    whole = table.sum(axis=1)
    lines = [
        {
            "stage": stage.row.label,
            "where it waits": known[stage]["office"],
            "months": _ends(table[stage.name]),
            "of all, %": f"{100.0 * (table[stage.name] / whole).mean():.0f}",
            "set by": _parameters(known[stage]["parameters"].split()),
            "rests on": known[stage]["rests on"],
            "facts of this stage": _facts(known[stage]["facts"].split()),
            "kept apart to judge it": _facts(known[stage]["judges"].split()),
        }
        for stage in Stage
    ]
    for part in (BEFORE, UNTIL, AFTER):
        months = table[[stage.name for stage in Stage if when(stage) == part]].sum(axis=1)
        share = f"{100.0 * (months / whole).mean():.0f}"
        lines.append({"stage": f"**{part}**", "months": _ends(months), "of all, %": share})
    return table_of(pd.DataFrame(lines).fillna(""), (2, 3))


def _ends(months: "pd.Series[float]") -> str:
    """Text of a mean over worlds with the range of 90 % of them."""
    low, high = np.quantile(months, (0.05, 0.95))
    return f"{months.mean():.1f} ({low:.1f} to {high:.1f})"


def _parameters(names: Sequence[str]) -> str:
    """Text on parameters: names, and those whose value rests on something other than judgement."""
    tags = {name: str(declaration.tag) for name, _, declaration in declarations()}
    return ", ".join(f"`{name}`" + ("" if tags[name] == "judgement" else f" ({tags[name]})") for name in names)


def _facts(keys: Sequence[str]) -> str:
    """Text on published facts: value and publisher."""
    by_key = {one.key: one for one in targets()}
    return "; ".join(_fact(by_key[key]) for key in keys) or "none"


def _fact(one: CalibrationTarget) -> str:
    return f"{one.title}: {one.value:g} {one.unit} ({one.by})"


def offices(worlds: Sequence[Mapping[str, float]]) -> str:
    """Markdown table of the months of the median request by office."""
    table, known = pd.DataFrame(worlds), rows()
    named = {stage.name: row["office"] for stage, row in known.items()}
    months = table.rename(columns=named).T.groupby(level=0).sum().T
    shares = months.div(months.sum(axis=1), axis=0)
    order = months.mean().sort_values(ascending=False).index
    lines = [
        {"office": office, "months": _ends(months[office]), "of all, %": f"{100.0 * shares[office].mean():.0f}"}
        for office in order
    ]
    return table_of(lines, (1, 2))


def sentence(worlds: Sequence[Mapping[str, float]]) -> str:
    """Text on how much of a request's time rests on judgement of where it passes."""
    table, known = pd.DataFrame(worlds), rows()
    fixed = [stage.name for stage, row in known.items() if row["facts"]]
    share = 100.0 * (table[fixed].sum(axis=1) / table.sum(axis=1)).mean()
    names = {name for row in known.values() for name in row["parameters"].split()}
    moved = movements(prior.shares(load_sets().frame)).loc[lambda one: one["identified"]].index
    calibrated = [f"`{name}`" for name in moved if name in names]
    sums = [f"{one.value:g} ({one.by})" for one in targets() if one.kind == "times" and one.role is Role.FIT]
    whole = [one for one in sums if "Commission" in one or "Council" in one]
    facts = f"Facts fix the sum: months of whole requests, {listing(whole)}, choose parameter sets."
    narrowed = f" They narrow or shift {listing(calibrated)}, and no other parameter here." if calibrated else ""
    return (
        f"{counted(len(worlds), 'world')} of calibrated sets. {share:.0f} % of the median request's "
        f"time passes in stages of which any figure is published; {100.0 - share:.0f} % in stages where the split "
        f"between offices is judgement. {facts}{narrowed}"
    )


def elsewhere(outcomes: pd.DataFrame, months: pd.DataFrame, titles: Mapping[str, str]) -> str:
    """Markdown table: effects of policies in the third of sets with the least and the most months at a place.

    Args:
        outcomes: outcomes of single worlds, with columns scenario, parameter_set and outcomes.
        months: shares of months by place, one row per set, with its number.
        titles: names of policies by key, in the order of the table.
    """
    sets = outcomes.groupby(["scenario", "parameter_set"])[[LASTING, WAIT]].mean()
    shares = months.set_index("number")[list(PLACES)]
    there = [number for number in shares.index if (BASELINE, number) in sets.index]
    shares, was = shares.loc[there], _of(sets, BASELINE).loc[there]
    least = beyond_chance(len(there), len(PLACES) * len(titles) * 2, _ERROR)
    lines = []
    for policy, title in titles.items():
        came = _of(sets, policy).loc[there]
        effect, saved = came[LASTING] / was[LASTING] - 1.0, came[WAIT] - was[WAIT]
        for place in PLACES:
            order = shares[place].sort_values().index
            few, many = order[: len(order) // 3], order[-(len(order) // 3) :]
            ranks = [float(rank_correlations(shares[[place]].to_numpy(), one.to_numpy())[0]) for one in (effect, saved)]
            lines.append(
                {
                    "policy": title,
                    "months that lie": place if place == "on the way" else f"at {place}",
                    "least there: lasting takedowns, %": _change(came, was, few),
                    "most there": _change(came, was, many),
                    "rank correlation": _marked(ranks[0], len(there), least),
                    "least there: median wait, months": _wait(saved, few),
                    "most there ": _wait(saved, many),
                    "rank correlation ": _marked(ranks[1], len(there), least),
                }
            )
    return table_of(lines, range(2, 8))


def _of(sets: pd.DataFrame, scenario: str) -> pd.DataFrame:
    """Outcomes by parameter set under one scenario."""
    return sets[sets.index.get_level_values("scenario") == scenario].droplevel("scenario")


def _change(came: pd.DataFrame, was: pd.DataFrame, sets: "pd.Index[int]") -> str:
    """Text of the relative change of lasting takedowns over some sets, with its interval."""
    value = ratio(came.loc[sets, LASTING].to_numpy(np.float64), was.loc[sets, LASTING].to_numpy(np.float64))
    return _estimate(value, 100.0, 1.0)


def _wait(saved: "pd.Series[float]", sets: "pd.Index[int]") -> str:
    """Text of the mean change of the wait over some sets, with its interval."""
    return _estimate(mean(np.asarray(saved.loc[sets], np.float64)), 1.0, 0.0, 1)


def _estimate(estimate: Estimate, unit: float, base: float, digits: int = 0) -> str:
    value, low, high = (f"{unit * (part - base):+.{digits}f}".replace("-", "−") for part in estimate[:3])
    return f"{value} ({low} to {high})"


def _marked(value: float, sets: int, least: float) -> str:
    """Text of a rank correlation, in bold from the size on that is more than chance."""
    if not np.isfinite(value):
        return "–"
    text = correlation(value, sets)
    return f"**{text}**" if abs(value) >= least else text


def ahead(outcomes: pd.DataFrame, months: pd.DataFrame, titles: Mapping[str, str]) -> str:
    """Text on whether the order of policies changes with the place where the months lie."""
    sets = outcomes.groupby(["scenario", "parameter_set"])[LASTING].mean()
    shares = months.set_index("number")[list(PLACES)]
    shares = shares.loc[[number for number in shares.index if (BASELINE, number) in sets.index]]
    orders = set()
    for place in PLACES:
        order = shares[place].sort_values().index
        for part in (order[: len(order) // 3], order[-(len(order) // 3) :]):
            rows_of = {policy: sets.loc[policy].loc[part].mean() for policy in titles}
            orders.add(tuple(sorted(titles, key=lambda policy: -rows_of[policy])))
    if len(orders) == 1:
        first = listing([f"“{titles[policy]}”" for policy in next(iter(orders))])
        return f"The order of the policies by lasting takedowns is the same in all {2 * len(PLACES)} thirds: {first}."
    return f"The order of the policies by lasting takedowns is one of {len(orders)} in {2 * len(PLACES)} thirds."


def parts(worlds: Sequence[Mapping[str, float]]) -> dict[str, str]:
    """Text of every generated part of the page, by name."""
    return {
        **{"stages": by_stage(worlds), "offices": offices(worlds), "said": sentence(worlds)},
        **{"elsewhere": elsewhere(*stored()), "ahead": ahead(*stored())},
    }


def stored() -> tuple[pd.DataFrame, pd.DataFrame, dict[str, str]]:
    """Stored outcomes of single worlds, shares of months by set, and titles of the default policies."""
    outcomes = pd.read_csv(REFERENCE / "outcomes.csv").query(f"block == '{MAIN}'")
    months = pd.read_csv(STORED).query(f"kind == '{SETS}'")
    return outcomes, months, {key: load(key).title for key in DEFAULT}


def main() -> None:
    """Simulates missing worlds and updates the page."""
    wanted = asked(COMMAND, worlds=WORLDS)
    result = ran(COMMAND, months_of, in_sets(wanted.worlds, {TODAY: load(BASELINE)}), wanted.workers)
    renew(NAME, parts(list(result.values())), COMMAND)


if __name__ == "__main__":
    main()
