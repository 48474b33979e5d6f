"""The Convention on Cybercrime and DDoS attacks, 2004 to 2008: `python -m docs.programs.natural_experiment`.

Writes docs/natural_experiment.md and its figure. The regression of Hui, Kim and Wang (2017) is run on panels that the
model makes. Nothing is fitted to it, and the published estimate is no input of the model.

Attacks are not drawn: they are what groups of this kind do in a month, spread over states by the model's own choice of
victims (M15, M16). Reports would not do, since a state that already investigates a group files no second case on it, so
that fewer rows would stand where more is enforced.

The regression: ln(attacks) of a state and month on whether the Convention on Cybercrime is in force there, apart for
states with a reservation or declaration on cooperation, with fixed effects of states and months and standard errors
clustered by state. The panel is balanced: taking out means of states and months is the same as a dummy for each.
"""

import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.figure import Figure

from docs.programs import DOCS, asked, framed, ran, renew
from sim.agents.criminals import DDOS_FOR_HIRE
from sim.agents.place import acceptance
from sim.calibration.ensemble import sets_of_today
from sim.data.load import read_table
from sim.engine.compiling import kernel
from sim.engine.tables import as_table
from sim.experiments.statistics import Estimate, mean
from sim.law.days import to_day
from sim.law.order import LegalOrder, legal_order
from sim.measures.arrays import Floats
from sim.policy.timeline import Timeline
from sim.report.marking import markdown_table
from sim.report.style import BLACK, BLUE, GREY, ORANGE, VERMILLION, new_figure, save, small_print, styled
from sim.simulate import start
from sim.world.growth import DONE, with_room
from sim.world.parameters import Parameters, WorldSpec, with_values
from sim.world.records import Concern, GroupStatus, Growing
from sim.world.world import World
from sim.world.world_pointer import attach

COMMAND = "python -m docs.programs.natural_experiment"
NAME = "natural_experiment"
SEEDS = 80
#: First and last day of the panel, as in the paper, and first of the world: earlier law is not in the data.
FIRST, LAST, START = date(2004, 1, 1), date(2008, 12, 31), date(2000, 1, 1)
_NOWHERE = -1
Flags = npt.NDArray[np.bool_]
#: Articles on jurisdiction and on international cooperation, to which the paper's reservations refer.
COOPERATION = (22, 35)


class Treatment(NamedTuple):
    """Who enforces the Convention, bool [state, month], and who has a reservation on cooperation, bool [state]."""

    enforces: Flags
    reserved: Flags


def months(first: date, last: date) -> tuple[date, ...]:
    """First days of the months from one day to another."""
    return tuple(day.date() for day in pd.date_range(first, last, freq="MS"))


def treatment(states: tuple[str, ...], when: tuple[date, ...]) -> Treatment:
    """Enforcement on the first day of each month, by the days of entry into force of ETS 185 (verified).

    Args:
        states: ISO codes in order.
        when: first days of months.
    """
    table, reservations = read_table("budapest_convention.csv"), read_table("budapest_reservations.csv")
    since = {row["iso3"]: table.day(row, "entry_into_force_date") or date.max for row in table.rows}
    reserved = {
        row["iso3"]
        for row in reservations.rows
        if (article := re.match(r"\d+", row["article"]))
        and COOPERATION[0] <= int(article[0]) <= COOPERATION[1]
        and "withdrawn" not in row["kind"]
    }
    enforces = np.array([[since.get(state, date.max) <= day for day in when] for state in states])
    return Treatment(enforces, np.isin(states, sorted(reserved)))


def within(values: Floats) -> Floats:
    """Values of a balanced panel less the means of their state and month, plus that of all, float64 [state, month]."""
    return values - values.mean(axis=1, keepdims=True) - values.mean(axis=0, keepdims=True) + values.mean()


def estimate(attacks: Floats, treated: Treatment) -> dict[str, float]:
    """The regression, NaN where no state is of that kind.

    Changes of attacks as shares where the Convention is enforced without (free) and with a reservation (reserved), and
    their standard errors in logs (…_error).

    Args:
        attacks: expected attacks, above zero, float64 [state, month].
        treated: of the same states and months.

    Raises:
        ValueError: attacks are not above zero everywhere.
    """
    import statsmodels.api as sm

    if not (attacks > 0.0).all():
        raise ValueError("attacks must be above zero: leave out states without any")
    kinds = {"free": ~treated.reserved[:, None], "reserved": treated.reserved[:, None]}
    parts = {name: np.asarray(treated.enforces * kind, np.float64) for name, kind in kinds.items()}
    design = pd.DataFrame({name: within(part).ravel() for name, part in parts.items() if part.any()})
    groups = np.repeat(np.arange(len(attacks)), attacks.shape[1])
    fit = sm.OLS(within(np.log(attacks)).ravel(), design).fit(cov_type="cluster", cov_kwds={"groups": groups})
    changes, errors = (found.reindex(list(kinds)) for found in (np.expm1(fit.params), fit.bse))
    return {**changes, **errors.add_suffix("_error")}


class AttackTask(NamedTuple):
    """One world: its seed, whether groups learn from what befalls them and others, and whether the Convention binds."""

    seed: int
    learning: bool
    convention: bool


@kernel
def attacks_today(world: World, kind: int, attacks: Floats) -> int:
    """Adds the attacks of a day by groups of a kind to each state, in those of a mean group; float64 [state].

    Groups that are not domestic share one distribution: what they have heard of a state does not differ within a kind.
    """
    attached, found = attach(world), as_table(attacks)
    setting, abroad, some = attached.setting[0], 0.0, _NOWHERE
    for row in range(attached.used[Growing.GROUP]):
        group = attached.group[row]
        if group.kind == kind and group.status == GroupStatus.ACTIVE:
            rate = group.users * group.capability
            if group.domestic == 1:
                found[group.home] += rate
            else:
                abroad += rate
                some = row
    if some < 0:
        return DONE
    total, before, states = 0.0, 0.0, len(attached.state)
    weights = np.zeros(states)
    for state in range(states):
        weights[state] = attached.place_victims[state] - before
        before = attached.place_victims[state]
        if setting.with_learning > 0.0:
            weights[state] *= acceptance(attached, Concern.VICTIMS.value, some, state, _NOWHERE)
        total += weights[state]
    for state in range(states):
        found[state] += abroad * weights[state] / total
    return DONE


def run_attacks(task: AttackTask) -> Floats:
    """Expected attacks by state and month, float64 [state, month], at the end of each month."""
    begin, first, end = (day.isoformat() for day in (START, FIRST, LAST))
    drawn, found = sets_of_today(1).parameters(Parameters(), task.seed), []
    parameters = with_values(drawn, {"mechanism.with_learning": float(task.learning)})
    law = legal_order() if task.convention else _without_convention()
    run = start(
        WorldSpec(start=begin, policy_start=first, end=end, follow_up_days=0), parameters, law, Timeline(), task.seed
    )
    for last in pd.date_range(FIRST, LAST, freq="ME"):
        run.advance(to_day(last.date()))
        attacks = np.zeros(len(law.states))
        with_room(run.world, attacks_today, DDOS_FOR_HIRE, attacks)
        found.append(attacks)
    return np.array(found).T


@cache
def _without_convention() -> LegalOrder:
    return legal_order().without("budapest")


#: Hui, Kim and Wang (2017): at least this change where the Convention is enforced without reservation.
PUBLISHED = -0.118
#: Of 2007 and 2008, when most of these states enforce it: months from this one on, of the panel.
LATE = 36
#: Whether groups learn, and whether the Convention binds anybody, by name.
ARMS: Mapping[str, tuple[bool, bool]] = {
    "groups learn": (True, True),
    "groups do not learn": (False, True),
    "groups learn, no Convention": (True, False),
}
_FIRST_ARM, _, _BARE = ARMS


@dataclass(frozen=True)
class Worlds:
    """What came of all worlds.

    Attributes:
        effects: estimates by arm, one row per world, in order of the seed, with the columns of `estimate`.
        attacks: of each arm, by kind of state in 2007 and 2008, float64 [world, kind]: enforcing, with a reservation,
            others.
        states: states in the panel.
    """

    effects: Mapping[str, pd.DataFrame]
    attacks: Mapping[str, Floats]
    states: int


def simulated(seeds: int, workers: int) -> Worlds:
    """Panels of many worlds, with their regressions.

    Raises:
        RuntimeError: a worker process died at every try.
    """
    tasks = {
        str(task): task for seed in range(1, seeds + 1) for task in (AttackTask(seed, *arm) for arm in ARMS.values())
    }
    found = ran(COMMAND, run_attacks, tasks, workers)
    return worlds_of({tasks[name]: np.array(panel) for name, panel in found.items()}, seeds)


def worlds_of(panels: Mapping[AttackTask, Floats], seeds: int) -> Worlds:
    """The regressions of all panels: those of every arm for each seed from 1 on."""
    # A state in which nobody is attacked in any world has no victims in the model.
    some = np.logical_and.reduce([(panel > 0.0).all(axis=1) for panel in panels.values()])
    whole = treatment(legal_order().states, months(FIRST, LAST))
    treated = Treatment(whole.enforces[some], whole.reserved[some])
    effects, attacks = {}, {}
    for name, arm in ARMS.items():
        own = [panels[AttackTask(seed, *arm)][some] for seed in range(1, seeds + 1)]
        effects[name] = pd.DataFrame([estimate(panel, treated) for panel in own])
        attacks[name] = np.array([_late_attacks(panel, treated) for panel in own])
    return Worlds(effects, attacks, int(some.sum()))


def _late_attacks(panel: Floats, treated: Treatment) -> list[float]:
    """Attacks in 2007 and 2008 in states that enforce by the end, in those with a reservation, and in others."""
    late, by_end = panel[:, LATE:].sum(axis=1), treated.enforces[:, -1]
    chosen = (by_end & ~treated.reserved, by_end & treated.reserved, ~by_end)
    return [float(late[which].sum()) for which in chosen]


def caused(worlds: Worlds) -> list[Estimate]:
    """What the Convention changes in the model, world by world, as a share: enforcing, with a reservation, others."""
    with_it, without = worlds.attacks[_FIRST_ARM], worlds.attacks[_BARE]
    return [mean(with_it[:, kind] / without[:, kind] - 1.0) for kind in range(with_it.shape[1])]


def detected(effects: pd.DataFrame, field: str) -> float:
    """Share of worlds in which the regression finds fewer attacks at the 5 % level, two-sided."""
    return float((np.log1p(effects[field]) / effects[f"{field}_error"] < -1.96).mean())


def parts(worlds: Worlds) -> dict[str, str]:
    """Parts of the page."""
    rows = []
    for name, effects in worlds.effects.items():
        cells = []
        for field in ("free", "reserved"):
            low, middle, high = 100 * effects[field].quantile([0.05, 0.5, 0.95])
            below, fewer = (effects[field] <= PUBLISHED).mean(), detected(effects, field)
            cells += [f"{middle:+.1f} % ({low:+.0f} to {high:+.0f})", f"{100 * below:.0f} %", f"{100 * fewer:.0f} %"]
        rows.append([name, *cells])
    head = ["", "enforced: change", "at or below −11.8 %", "“significant” fall"]
    head += ["with reservation: change", "at or below −11.8 %", "“significant” fall"]
    places = ("enforcing, no reservation", "enforcing, with a reservation", "all others")
    changes = [[name, _interval(entry)] for name, entry in zip(places, caused(worlds), strict=True)]
    return {
        "short": "\n".join(f"- {line}" for line in _short(worlds)),
        "worlds": f"In the panel are {worlds.states} states and {len(months(FIRST, LAST))} months; each arm has "
        f"{len(worlds.effects[_FIRST_ARM])} worlds.",
        "regression": markdown_table(head, rows),
        "caused": markdown_table(["states", "change of attacks, %"], changes),
    }


def _interval(entry: Estimate) -> str:
    value, low, high = (100 * number for number in entry[:3])
    return f"{value:+.2f} ({low:+.2f} to {high:+.2f})"


def _short(worlds: Worlds) -> list[str]:
    """The answer in sentences."""
    (effect, _, elsewhere), lines = caused(worlds), []
    lines.append(
        f"In the model the Convention changes DDoS attacks in states that enforce it by {_interval(effect)} % in 2007 "
        "and 2008: it is young, and few requests go by it yet."
    )
    lines.append(f"In all other states attacks change by {_interval(elsewhere)} %: {_displaced(elsewhere)}.")
    for name in (_FIRST_ARM, "groups do not learn", _BARE):
        found = worlds.effects[name]["free"]
        lines.append(
            f"{name[:1].upper()}{name[1:]}: the regression gives a median of {100 * np.median(found):+.1f} %. "
            f"−11.8 % is at percentile {100 * (found <= PUBLISHED).mean():.0f} of worlds, no change at percentile "
            f"{100 * (found <= 0.0).mean():.0f}."
        )
    nearer = "no deterrence" if effect.value > PUBLISHED / 2.0 else f"{100 * PUBLISHED:.1f} %"
    lines.append(f"Of the two published findings, the effect in the model is nearer to {nearer}.")
    return lines


def _displaced(elsewhere: Estimate) -> str:
    """Whether the change in states that do not enforce the Convention is a displacement."""
    if elsewhere.low > 0.0:
        return "attacks are displaced to them, as the paper found"
    if elsewhere.high < 0.0:
        return "they fall there too, so that nothing is displaced"
    return "a displacement cannot be distinguished from chance"


def drawing(worlds: Worlds) -> Figure:
    """Estimates of all worlds: a row for each arm, a panel for each coefficient."""
    figure = new_figure(10.5, 4.2)
    panels = figure.subplots(1, 2, sharey=True, sharex=True)
    fields, shown = ("free", "reserved"), (0.05, 0.5, 0.95)
    ends = {
        (name, field): 100 * each[field].quantile(shown) for name, each in worlds.effects.items() for field in fields
    }
    titles = ("enforced, no reservation on cooperation", "enforced, with such a reservation")
    for axes, field, title in zip(panels, fields, titles, strict=True):
        for row, (name, colour) in enumerate(zip(ARMS, (BLUE, ORANGE, GREY), strict=True)):
            found = 100 * worlds.effects[name][field]
            low, middle, high = ends[name, field]
            axes.plot(found, np.full(len(found), row - 0.22), "|", color=colour, markersize=8, alpha=0.7)
            axes.hlines(row + 0.08, low, high, color=colour, linewidth=4, alpha=0.6)
            axes.plot(middle, row + 0.08, "o", color=colour)
        axes.axvline(0.0, color=BLACK, linewidth=1.1)
        axes.axvline(100 * PUBLISHED, color=VERMILLION, linewidth=1.6, linestyle="--" if field == "free" else ":")
        axes.set_title(title)
        axes.set_xlabel("estimated change of attacks, %")
        axes.grid(visible=False, axis="y")
        axes.tick_params(axis="y", length=0)
    panels[0].set_yticks(range(len(ARMS)), list(ARMS))
    panels[0].set_ylim(len(ARMS) - 0.5, -0.6)
    reach = max(35.0, *(float(ends[name, "free"].abs().max()) for name in ARMS))
    panels[0].set_xlim(-reach, reach)
    words = (
        "Did the Convention deter DDoS attacks? The published regression on simulated worlds",
        "Each mark is the estimate of one world, 2004 to 2008. Without the Convention nothing can be deterred: that "
        "row shows what chance alone makes the regression find.",
        small_print(COMMAND, "Fixed effects of states and months. Worlds beyond the axis are left out of the marks."),
    )
    keys = (
        ("a world", GREY, "|"),
        ("median and middle 90 % of worlds", GREY, "-o"),
        ("Hui, Kim and Wang 2017: −11.8 % or less, without reservation", VERMILLION, "--"),
        ("no deterrence (study of 2025)", BLACK, "-"),
    )
    return framed(figure, words, keys)


def main(words: Sequence[str]) -> None:
    """Renews the page and the figure.

    Raises:
        SystemExit: fewer than two worlds.
    """
    wanted = asked(COMMAND, words, seeds=SEEDS)
    if wanted.seeds < 2:
        sys.stderr.write(f"--seeds = {wanted.seeds}: an interval needs two worlds at least.\n")
        raise SystemExit(2)
    worlds = simulated(wanted.seeds, wanted.workers)
    renew(NAME, parts(worlds), COMMAND)
    with styled():
        save(drawing(worlds), DOCS / "figures", NAME)


if __name__ == "__main__":
    main(sys.argv[1:])
