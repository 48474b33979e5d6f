"""Measures faster assistance when courts' other work reacts to waits: `python -m docs.programs.elasticity`.

Writes the tables of docs/elasticity.md: the policy's effects in calibrated sets with the elasticity of courts as drawn
and at three fixed values, and checks of desks in draws that nothing chose and in sets. What was simulated is kept, so
that the same command does only what is missing; `--worlds` and `--draws` say how many.
"""

from collections.abc import Mapping
from dataclasses import replace
from importlib import import_module
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from docs.programs import ROOT, TODAY, Found, asked, in_sets, interval, lived, ran, renew, table_of
from sim.agents.assistance.desk import desk_key
from sim.agents.assistance.line import begin_month, change_capacity, last_wait, live_until, wait_of
from sim.calibration import prior
from sim.calibration.ensemble import sets_of_today
from sim.engine.clock import Count
from sim.engine.compiling import kernel
from sim.engine.tables import as_table
from sim.experiments.run import Task, warm_up_of
from sim.law.days import YEAR
from sim.law.order import legal_order
from sim.policy.scenario import load
from sim.policy.timeline import Timeline
from sim.policy.well_known import BASELINE
from sim.simulate import start
from sim.world.loads import loads
from sim.world.parameters import Parameters, WorldSpec, with_values
from sim.world.records import UNIT, DeskKind
from sim.world.world import World, records

COMMAND, NAME = "python -m docs.programs.elasticity", "elasticity"
WORLDS, DRAWS = 30, 12  # of the sets, seeds from 1 on; of the prior, draws from prior.FIRST on
FASTER, ALL = "faster_mlat", "all_three"
#: Policies whose effects stand in sim/results/trials.csv, from which first screens say what their size assumes.
TRIALS = ROOT / "sim" / "results" / "trials.csv"
TRIED = (FASTER, ALL)
Packed = npt.NDArray[Any]
#: Outcomes, whether their change is shown as a ratio, and digits.
SHOWN = {
    "groups_brought_down": ("groups brought down, %", True, 1.0),
    "takedowns_expected": ("takedowns expected, %", True, 1.0),
    "turnaround_median": ("median wait, months", False, 1.0),
    "usable_within_12_months": ("usable evidence, points", False, 100.0),
}
LASTING, EVENTS = "takedowns_expected", "events"
#: Elasticities of courts by name: as drawn, or the same in all sets.
FIXED: Mapping[str, float | None] = {"as drawn": None, "0": 0.0, "0.5": 0.5, "1": 1.0}
#: Courts and laboratories that work by date.
BY_DATE = {"desk.custody_share": 0.0, "desk.court_urgent_head_start": 0.0, "desk.laboratory_urgent_head_start": 0.0}
_LIVES, _STEP, _FROM, _TO = 12, 20 * YEAR, 23, 30  # histories of a desk; the day on which people come; years that count
_MORE = 1.5


def effects_of(task: Task) -> dict[str, dict[str, float]]:
    """Simulates a world under today's law and under each policy; returns outcomes and event counts."""
    result = {}
    for name, run, measured in lived(task, warm_up_of(task), {}):
        result[name] = {key: measured.outcomes[key] for key in SHOWN}
        result[name][EVENTS] = float(run.world.counters[Count.HANDLED])
    return result


def jobs(worlds: int) -> dict[str, Task]:
    """Makes tasks by name: each world with each elasticity of courts' other work."""
    policies = {TODAY: load(BASELINE), **{policy: load(policy) for policy in TRIED}}
    return {
        f"courts {name}, {job}": replace(task, parameters=_with(task.parameters, value))
        for job, task in in_sets(worlds, policies).items()
        for name, value in FIXED.items()
    }


def _with(parameters: Parameters, elasticity: float | None) -> Parameters:
    """Copy of parameters with an elasticity of courts' other work."""
    return parameters if elasticity is None else with_values(parameters, {"desk.court_elasticity": elasticity})


def effects(results: Mapping[str, Mapping[str, Mapping[str, float]]]) -> str:
    """Table of the policy's effects, and of the wait today, by elasticity."""
    rows = []
    for name in FIXED:
        compared = Found(one for job, one in results.items() if job.startswith(f"courts {name},"))
        row = {"elasticity of courts": name}
        for key, (title, relative, unit) in SHOWN.items():
            came, was = (unit * compared.values(policy, key) for policy in (FASTER, TODAY))
            row[title] = interval(compared.change(FASTER, key) if relative else compared.mean(came - was))
        row["median wait today, months"] = f"{compared.mean(compared.values(TODAY, 'turnaround_median')).value:.1f}"
        rows.append(row)
    return table_of(rows, range(1, 6))


def trials(results: Mapping[str, Mapping[str, Mapping[str, float]]]) -> str:
    """CSV text of relative changes in lasting takedowns, by policy and elasticity of courts' other work."""
    lines = ["assumption,scenario,outcome,worlds,drawn,none,full"]
    of = {name: Found(one for job, one in results.items() if job.startswith(f"courts {name},")) for name in FIXED}
    worlds = len(of["0"].values(TODAY, LASTING))
    for policy in TRIED:
        changes = (of[name].change(policy, LASTING).value for name in ("as drawn", "0", "1"))
        numbers = (f"{change / 100.0:.3f}" for change in changes)
        lines.append(",".join(["courts", policy, LASTING, str(worlds), *numbers]))
    return "".join(f"{line}\n" for line in lines)


class Place(NamedTuple):
    """A world to check: a parameter set with a seed."""

    name: str  # draw 20, set of seed 1
    seed: int
    parameters: Parameters


def places(number: int) -> list[Place]:
    """Draws parameter sets to check: equal numbers from the prior and from the calibrated sets."""
    usual, sets = Parameters(), sets_of_today()
    drawn = (Place(f"draw {n}", 1000 + n, with_values(usual, prior.values_of(n))) for n in _first(number))
    return [*drawn, *(Place(f"set of seed {n}", n, sets.parameters(usual, n)) for n in range(1, number + 1))]


def _first(number: int) -> range:
    return range(prior.FIRST, prior.FIRST + number)


@kernel
def waits_with_more_people(setting: Packed, desk: Packed, times: float, out: Packed) -> None:
    """Writes desks' mean waits before and after their staff is multiplied, float64 [desk, 2].

    Desks are on their first day; their people never change but once. Waits are means over the last ten of the first
    twenty years, and over years three to ten after the change.
    """
    settings, desks = as_table(setting), as_table(desk)
    for row in range(len(desks)):
        key = desk_key(row)
        begin_month(settings[0], desks[row], key)
        live_until(settings[0], desks[row], key, 0.5 * _STEP)
        begun = desks[row].wait_sum
        live_until(settings[0], desks[row], key, _STEP)
        out[row, 0] = (desks[row].wait_sum - begun) / 120.0
        desks[row].servers = int(desks[row].servers * times)
        change_capacity(desks[row], _STEP, desks[row].capacity * times)
        live_until(settings[0], desks[row], key, _FROM * YEAR)
        begun = desks[row].wait_sum
        live_until(settings[0], desks[row], key, _TO * YEAR)
        out[row, 1] = (desks[row].wait_sum - begun) / (12.0 * (_TO - _FROM))


@kernel
def waits_by_class(setting: Packed, desk: Packed, credit: float, out: Packed) -> None:
    """Writes desks' mean waits with and without priority, and mean work in the queue, float64 [desk, 3]."""
    settings, desks = as_table(setting), as_table(desk)
    for row in range(len(desks)):
        key, months = desk_key(row), 0
        begin_month(settings[0], desks[row], key)
        while desks[row].month_end < _STEP:
            live_until(settings[0], desks[row], key, desks[row].month_end)
            last = last_wait(settings[0], desks[row], desks[row].work)
            out[row, 0] += wait_of(settings[0], desks[row], last, credit)
            out[row, 1] += wait_of(settings[0], desks[row], last, 0.0)
            out[row, 2] += desks[row].work
            months += 1
        out[row] /= months


def courts_of(parameters: Parameters) -> tuple[npt.NDArray[np.void], npt.NDArray[np.void]]:
    """Settings of a world, and copies of its courts on the first day with constant staff."""
    world = start(WorldSpec(groups=3, background=False), parameters, legal_order(), Timeline(), 1).world
    setting, desks = world.setting.copy(), world.desk[world.desk["kind"] == DeskKind.COURT].copy()
    setting["load_growth"], setting["policy_start"] = 0.0, 0.0
    setting["load_growth_after"], setting["load_growth_level"] = 0.0, 1.0
    for name in (
        "own_load",
        "work",
        "work_day",
        "work_end",
        "month_end",
        "month",
        "wait_sum",
        "engaged",
        "open_files",
        "overtime",
    ):
        desks[name] = 0
    desks["servers"] = np.maximum(np.rint(desks["staff_base"]), 1)
    desks["capacity"] = desks["servers"] * desks["pace"]
    desks["wait_recent"], desks["tempo"] = desks["target_wait"], 1.0
    kinds = np.unique(desks[["servers", "target_wait"]], return_index=True)[1]
    desks = np.tile(desks[kinds], _LIVES)
    return setting, desks


def loaded(setting: npt.NDArray[np.void], desks: npt.NDArray[np.void]) -> npt.NDArray[np.void]:
    """Copy of desks with the workload at which the mean wait equals its target."""
    table = desks.copy()
    table["load"] = loads(setting, table.view(np.recarray), np.zeros(len(table), UNIT.dtype).view(np.recarray)).hours
    return table


def checked(place: Place) -> dict[str, float]:
    """Results of the checks for one parameter set, by name."""
    result, (setting, desks) = {}, courts_of(place.parameters)
    for elasticity in (0.0, 0.5, 1.0):
        slower = place.parameters.desk.court_pace
        desks["demand_elasticity"], desks["pace_elasticity"] = elasticity * (1.0 - slower), elasticity * slower
        out = np.zeros((len(desks), 2))
        waits_with_more_people(setting, loaded(setting, desks), _MORE, out)
        result[f"wait {elasticity:g}"] = float((out[:, 1] / desks["target_wait"]).mean())
        result[f"usual {elasticity:g}"] = float((out[:, 0] / desks["target_wait"]).mean())
    desks["demand_elasticity"] = desks["pace_elasticity"] = 0.0
    desks = loaded(setting, desks)
    for name, credit in (("credit", place.parameters.desk.court_urgent_head_start), ("date", 0.0)):
        desks["urgent_head_start"], out = credit, np.zeros((len(desks), 3))
        waits_by_class(setting, desks.copy(), credit, out)
        result |= {
            f"{kind}, by {name}": float(out[:, at].mean()) for at, kind in enumerate(("urgent", "others", "work"))
        }
    for name, parameters in (("drawn", place.parameters), ("by date", with_values(place.parameters, BY_DATE))):
        run = start(WorldSpec(), parameters, legal_order(), Timeline(), place.seed)
        run.advance(run.end)
        result[f"days, {name}"] = followed_wait(run.world)
    return result


def followed_wait(world: World) -> float:
    """Mean days that simulated requests waited at courts and laboratories before work began."""
    job = records(world, "job")
    office = np.isin(world.desk["kind"][job["desk"]], (DeskKind.COURT, DeskKind.FORENSIC))
    begun = office & (job["started"] <= world.now[0])
    return float((job["started"] - job["arrived"])[begun].mean())


def checks(results: Mapping[str, Mapping[str, float]]) -> str:
    """Markdown table with the results of the checks, a row per parameter set."""
    rows = []
    for name, result in results.items():
        moved = 100.0 * (result["days, drawn"] / result["days, by date"] - 1.0)
        waits = [result[f"wait {elasticity}"] for elasticity in ("0", "0.5", "1")]
        gained, lost = (result[f"{kind}, by credit"] - result[f"{kind}, by date"] for kind in ("urgent", "others"))
        rows.append(
            {
                "set": name,
                "wait with half more people, of the usual, at elasticity 0, 0.5, 1": ", ".join(
                    f"{w:.2f}" for w in waits
                ),
                "rises": "yes" if waits == sorted(waits) else "no",
                "urgent, days": f"{gained:+.0f}".replace("-", "−"),
                "others, days": f"{lost:+.1f}".replace("-", "−"),
                "work": "same" if result["work, by credit"] == result["work, by date"] else "differs",
                "followed files, %": f"{moved:+.1f}".replace("-", "−"),
            }
        )
    return table_of(rows, range(3, 7))


def summary(results: Mapping[str, Mapping[str, float]]) -> str:
    """Text on how many parameter sets pass each check."""
    result = list(results.values())
    rises = sum(one["wait 0"] <= one["wait 0.5"] <= one["wait 1"] for one in result)
    passes = sum(one["urgent, by credit"] <= one["urgent, by date"] for one in result)
    loses = sum(one["others, by credit"] >= one["others, by date"] for one in result)
    kept = sum(one["work, by credit"] == one["work, by date"] for one in result)
    drawn, by_date = (np.array([one[f"days, {name}"] for one in result]) for name in ("drawn", "by date"))
    moved = f"{100.0 * (drawn.mean() / by_date.mean() - 1.0):+.1f} %".replace("-", "−")
    return (
        f"The wait rises with the elasticity in {rises} of {len(result)} sets; urgent files gain in {passes}, and "
        f"others lose in {loses}; the work in the queue is the same in {kept}. With credits as drawn the mean wait of "
        f"followed files at courts and laboratories moves by {moved} from that by date, in all sets together."
    )


def cost(results: Mapping[str, Mapping[str, Mapping[str, float]]]) -> str:
    """Text on the mean number of events per scenario run."""
    drawn = [one for job, one in results.items() if job.startswith("courts as drawn,")]
    number = np.mean([one[run][EVENTS] for one in drawn for run in (TODAY, FASTER)])
    return f"{number:,.0f} events in a run of either, from the world's first day on."


def main() -> None:
    """Simulates missing worlds and updates the page."""
    wanted = asked(COMMAND, worlds=WORLDS, draws=DRAWS)
    result = ran(COMMAND, effects_of, jobs(wanted.worlds), wanted.workers)
    desks = ran(COMMAND, checked, {place.name: place for place in places(wanted.draws)}, wanted.workers)
    table = {"effects": effects(result), "checks": checks(desks), "summary": summary(desks), "cost": cost(result)}
    TRIALS.write_text(trials(result), "utf-8")
    renew(NAME, table, COMMAND)


if __name__ == "__main__":
    import_module("docs.programs.elasticity").main()  # processes find its classes there, and not in a main module
