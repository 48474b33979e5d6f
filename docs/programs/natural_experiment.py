"""Compares the model with a study of DDoS attacks, 2004 to 2008: `python -m docs.programs.natural_experiment`.

Writes docs/natural_experiment.md and its figure. The regression of Hui, Kim and Wang (2017) is run on panels that the
model makes, in calibrated sets. Nothing is fitted to it, and the published estimate is no input of the model.
Attacks are what groups of this kind do in a month, spread over states by the model's own choice of victims (M15, M16).
Reports would not do: a state that already investigates a group files no second case on it.

The regression: ln(attacks) of a state and month on whether the Convention is in force there, apart for states with a
reservation on cooperation, with fixed effects of states and months and standard errors clustered by state. The panel is
balanced: taking out means of states and months is the same as a dummy for each.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from docs.programs import DOCS, asked, interval, ran, renew
from sim.agents.crime import DDOS_FOR_HIRE, acceptance
from sim.calibration.ensemble import sets_of_today
from sim.data.load import read_table
from sim.engine.compiling import kernel
from sim.experiments.statistics import Estimate, mean
from sim.law.days import to_day
from sim.law.order import legal_order
from sim.measures.arrays import Floats
from sim.policy.timeline import Timeline
from sim.report.figures.rows import ZERO, Panel, Rows
from sim.report.marking import markdown_table
from sim.report.style import BLUE, VERMILLION, Caption, save, signed, small_print, styled
from sim.simulate import start
from sim.world.growth import DONE, with_room
from sim.world.parameters import Parameters, WorldSpec
from sim.world.records import Concern, GroupStatus
from sim.world.world import World, records
from sim.world.world_pointer import attach

COMMAND = "python -m docs.programs.natural_experiment"
SEEDS = 40
#: First and last day of the panel, as in the paper, and first of the world: earlier law is not in the data.
FIRST, LAST, START = date(2004, 1, 1), date(2008, 12, 31), date(2000, 1, 1)
PUBLISHED = -11.8  # Hui, Kim and Wang (2017): at least this change, per cent, in states without a reservation
LATE = 36  # months of the panel before 2007, by when most of these states enforce it
COOPERATION = range(22, 36)  # articles on jurisdiction and cooperation, to which the paper's reservations refer
ARMS = {True: "the Convention in force", False: "no Convention"}
KINDS = {"free": "no reservation", "reserved": "with a reservation"}
#: What the regression finds in each world by arm; what the Convention changes in 2007 and 2008, per cent, in states of
#: each kind and in all others; number of states in the panel.
Worlds = tuple[Mapping[bool, pd.DataFrame], Sequence[Estimate], int]


class Treatment(NamedTuple):
    """States that enforce the Convention, bool [state, month], and those with a reservation, bool [state]."""

    enforces: npt.NDArray[np.bool_]
    reserved: npt.NDArray[np.bool_]


def treatment(states: tuple[str, ...]) -> Treatment:
    """Finds the states that enforce the Convention on the first day of each month."""
    table, reservations = read_table("budapest_convention.csv"), read_table("budapest_reservations.csv")
    since = {row["iso3"]: table.day(row, "entry_into_force_date") or date.max for row in table.rows}
    standing = [row for row in reservations.rows if "withdrawn" not in row["kind"]]
    articles = [(row["iso3"], re.match(r"\d+", row["article"])) for row in standing]
    reserved = {state for state, number in articles if number and int(number[0]) in COOPERATION}
    months = [day.date() for day in pd.date_range(FIRST, LAST, freq="MS")]
    enforces = np.array([[since.get(state, date.max) <= day for day in months] for state in states])
    return Treatment(enforces, np.isin(states, sorted(reserved)))


def within(values: Floats) -> Floats:
    """Panel values without state means and month means, plus the overall mean, float64 [state, month]."""
    return values - values.mean(axis=1, keepdims=True) - values.mean(axis=0, keepdims=True) + values.mean()


def estimate(attacks: Floats, treated: Treatment) -> dict[str, float]:
    """Estimated change of attacks by kind of state, in per cent, with standard errors in logs."""
    import statsmodels.api as sm

    of_kind = zip(KINDS, (~treated.reserved, treated.reserved), strict=True)
    parts = {kind: np.asarray(treated.enforces * which[:, None], np.float64) for kind, which in of_kind}
    design = pd.DataFrame({kind: within(part).ravel() for kind, part in parts.items() if part.any()})
    groups = np.repeat(np.arange(len(attacks)), attacks.shape[1])
    fit = sm.OLS(within(np.log(attacks)).ravel(), design).fit(cov_type="cluster", cov_kwds={"groups": groups})
    changes, errors = (found.reindex(list(KINDS)) for found in (100.0 * np.expm1(fit.params), fit.bse))
    return {**changes, **errors.add_suffix("_error")}


@kernel
def heard_of(world: World, group: int, weights: Floats) -> int:
    """Lowers the weight of each state by the news that a group has heard, in place, in compiled code."""
    attached = attach(world)
    if attached.setting[0].with_learning > 0.0:
        for state in range(weights.shape[0]):
            weights[state] *= acceptance(attached, Concern.VICTIMS.value, group, state, -1)
    return DONE


def attacks_today(world: World) -> Floats:
    """Expected attacks on each state today by all active DDoS groups, in those of a mean group, float64 [state]."""
    group, weights = records(world, "group"), np.diff(world.place_victims, prepend=0.0)
    at_work = (group["kind"] == DDOS_FOR_HIRE) & (group["status"] == GroupStatus.ACTIVE)
    rate, home, abroad = group["users"] * group["capability"], group["home"], at_work & (group["domestic"] == 0)
    found: Floats = np.bincount(home[at_work & ~abroad], rate[at_work & ~abroad], len(weights))
    if abroad.any():
        with_room(world, heard_of, int(np.flatnonzero(abroad)[-1]), weights)
        found = found + rate[abroad].sum() * weights / weights.sum()  # the sum over no group is of whole numbers
    return found


def run_attacks(job: tuple[int, bool]) -> Floats:
    """Simulates one seed with or without the Convention; returns expected attacks by state and month."""
    (seed, bound), law, found = job, legal_order(), []
    begin, first, end = (day.isoformat() for day in (START, FIRST, LAST))
    world = WorldSpec(start=begin, policy_start=first, end=end, follow_up_days=0)
    law = law if bound else law.without("budapest")
    run = start(world, sets_of_today().parameters(Parameters(), seed), law, Timeline(), seed)
    for last in pd.date_range(FIRST, LAST, freq="ME"):
        run.advance(to_day(last.date()))
        found.append(attacks_today(run.world))
    return np.array(found).T


def worlds_of(panels: Mapping[bool, Floats], treated: Treatment) -> Worlds:
    """Regression results of each simulated world."""
    some = np.logical_and.reduce([(panel > 0.0).all(axis=(0, 2)) for panel in panels.values()])
    treated, own = Treatment(*(part[some] for part in treated)), {bound: panels[bound][:, some] for bound in ARMS}
    effects = {bound: pd.DataFrame([estimate(panel, treated) for panel in own[bound]]) for bound in own}
    by_end, clusters = treated.enforces[:, -1], sets_of_today().numbers(np.arange(len(own[True])) + 1)
    kinds = (by_end & ~treated.reserved, by_end & treated.reserved, ~by_end)
    late = ([own[bound][:, kind, LATE:].sum(axis=(1, 2)) for kind in kinds] for bound in ARMS)
    changes = [100.0 * (one / other - 1.0) for one, other in zip(*late, strict=True)]
    return effects, [mean(change, clusters) for change in changes], int(some.sum())


def parts(worlds: Worlds) -> dict[str, str]:
    """Generated parts of the page, by name."""
    (every, caused, states), rows = worlds, []
    for bound, effects in every.items():
        for kind, words in KINDS.items():
            found, low, middle, high = effects[kind], *effects[kind].quantile([0.05, 0.5, 0.95])
            fewer = np.log1p(found / 100.0) / effects[f"{kind}_error"] < -1.96
            shares = [f"{100.0 * which.mean():.0f} %" for which in (found <= PUBLISHED, found <= 0.0, fewer)]
            rows.append([f"{ARMS[bound]}: {words}", interval((middle, low, high)), *shares])
    head = ["worlds: states that enforce it", "median, % (90 % of worlds)", "at or below −11.8 %", "at or below 0"]
    places = [*(f"enforcing, {words}" for words in KINDS.values()), "all others"]
    changes = [[name, interval(came, 2)] for name, came in zip(places, caused, strict=True)]
    return {
        "worlds": f"{len(every[True])} worlds of each kind; {states} states in the panel.",
        "regression": markdown_table([*head, "“significant” fall"], rows, range(1, 5)),
        "caused": markdown_table(["states", "change of attacks, %"], changes, {1}),
    }


def drawing(worlds: Worlds) -> Rows:
    """Figure of the model's estimates next to the published one."""
    names = ["start", "inner_start", "value", "inner_end", "end"]
    found = np.array([found["free"].quantile([0.05, 0.25, 0.5, 0.75, 0.95]) for found in worlds[0].values()])
    words = [f"{value:+.1f} %" for value in found[:, 2]]
    marks = pd.DataFrame(found, columns=names).assign(row=range(len(found)), series="", words=words)
    reach, lines = 1.1 * max(float(np.abs(found).max()), -PUBLISHED), (ZERO, (PUBLISHED, VERMILLION, "--"))
    label = "change of attacks that the regression finds, %"
    panel = Panel("", label, marks, (-reach, reach), lines, ticks=signed, numbered=True)
    caption = Caption(
        "Did the Convention deter DDoS attacks? The published regression on model worlds",
        "States that enforce it without a reservation: median, half and 90 % of worlds. Dashed: −11.8 % or less, "
        "Hui, Kim and Wang 2017; line at 0: a study of 2025. Without the Convention only chance is found.",
        small_print(COMMAND, "Fixed effects of states and months; calibrated parameter sets."),
    )
    return Rows(caption, [panel], list(ARMS.values()), {"": (BLUE, "-", "o")}, {}, (9.0, 3.0))


if __name__ == "__main__":
    wanted = asked(COMMAND, seeds=SEEDS)
    jobs = {f"seed {seed}, {ARMS[bound]}": (seed, bound) for bound in ARMS for seed in range(1, wanted.seeds + 1)}
    found = np.array([*ran(COMMAND, run_attacks, jobs, wanted.workers).values()])
    worlds = worlds_of(dict(zip(ARMS, np.split(found, 2), strict=True)), treatment(legal_order().states))
    renew("natural_experiment", parts(worlds), COMMAND)
    with styled():
        save(drawing(worlds).draw(), DOCS / "figures", "natural_experiment", png=False)
