"""The Convention on Cybercrime and DDoS attacks, 2004 to 2008: `python -m docs.programs.natural_experiment`.

Writes docs/natural_experiment.md and its figure. The published regression is run on panels that the model makes.
Nothing is fitted to it, and the published estimate is no input of the model.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from docs.programs import DOCS, framed, ran, renew
from docs.programs.panel import (
    FIRST,
    LAST,
    AttackTask,
    PanelEffect,
    Treatment,
    estimate,
    months,
    run_attacks,
    treatment,
)
from sim.experiments.statistics import Estimate, mean
from sim.law.order import legal_order
from sim.measures.arrays import Floats
from sim.report.marking import markdown_table
from sim.report.style import BLACK, BLUE, GREY, ORANGE, VERMILLION, new_figure, save, small_print, styled

COMMAND = "python -m docs.programs.natural_experiment"
NAME = "natural_experiment"
SEEDS = 80
#: Hui, Kim and Wang (2017): at least this change where the Convention is enforced without reservation.
PUBLISHED = -0.118
#: Of 2007 and 2008, when most of these states enforce it: months from this one on, of the panel.
LATE = 36
#: Whether groups learn, and whether the Convention binds anybody, by name.
ARMS: Mapping[str, tuple[bool, bool]] = MappingProxyType(
    {
        "groups learn": (True, True),
        "groups do not learn": (False, True),
        "groups learn, no Convention": (True, False),
    }
)
_FIRST_ARM, _, _BARE = ARMS


@dataclass(frozen=True)
class Worlds:
    """What came of all worlds.

    Attributes:
        effects: estimates by arm, one per world, in order of the seed.
        attacks: of each arm, by kind of state in 2007 and 2008, float64 [world, kind]: enforcing, with a reservation,
            others.
        states: states in the panel.
    """

    effects: Mapping[str, list[PanelEffect]]
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
        effects[name] = [estimate(panel, treated) for panel in own]
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


def estimates(effects: Sequence[PanelEffect], field: str) -> Floats:
    """Estimates of one coefficient, as shares, one per world."""
    return np.array([getattr(effect, field) for effect in effects])


def detected(effects: Sequence[PanelEffect], field: str) -> float:
    """Share of worlds in which the regression finds fewer attacks at the 5 % level, two-sided."""
    logs = np.log1p(estimates(effects, field))
    return float((logs / estimates(effects, f"{field}_error") < -1.96).mean())


def parts(worlds: Worlds) -> dict[str, str]:
    """Parts of the page."""
    rows = []
    for name, effects in worlds.effects.items():
        cells = []
        for field in ("free", "reserved"):
            found = estimates(effects, field)
            cells += [
                _spread(found),
                f"{100 * (found <= PUBLISHED).mean():.0f} %",
                f"{100 * detected(effects, field):.0f} %",
            ]
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


def _spread(found: Floats) -> str:
    low, middle, high = 100 * np.quantile(found, [0.05, 0.5, 0.95])
    return f"{middle:+.1f} % ({low:+.0f} to {high:+.0f})"


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
        found = estimates(worlds.effects[name], "free")
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
    titles = ("enforced, no reservation on cooperation", "enforced, with such a reservation")
    for axes, field, title in zip(panels, ("free", "reserved"), titles, strict=True):
        for row, (name, colour) in enumerate(zip(ARMS, (BLUE, ORANGE, GREY), strict=True)):
            _row(axes, 100 * estimates(worlds.effects[name], field), row, colour)
        axes.axvline(0.0, color=BLACK, linewidth=1.1)
        axes.axvline(100 * PUBLISHED, color=VERMILLION, linewidth=1.6, linestyle="--" if field == "free" else ":")
        axes.set_title(title)
        axes.set_xlabel("estimated change of attacks, %")
        axes.grid(visible=False, axis="y")
        axes.tick_params(axis="y", length=0)
    panels[0].set_yticks(range(len(ARMS)), list(ARMS))
    panels[0].set_ylim(len(ARMS) - 0.5, -0.6)
    reach = max(35.0, *(abs(100 * float(v)) for f in ("free",) for v in _ends(worlds, f)))
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


def _ends(worlds: Worlds, field: str) -> list[float]:
    """Ends of the middle 90 % of worlds of every arm."""
    return [
        float(end)
        for effects in worlds.effects.values()
        for end in np.quantile(estimates(effects, field), [0.05, 0.95])
    ]


def _row(axes: Axes, found: Floats, row: int, colour: str) -> None:
    """The worlds of an arm, above their median and middle 90 %."""
    axes.plot(found, np.full(found.size, row - 0.22), "|", color=colour, markersize=8, alpha=0.7)
    low, middle, high = np.quantile(found, [0.05, 0.5, 0.95])
    axes.hlines(row + 0.08, low, high, color=colour, linewidth=4, alpha=0.6)
    axes.plot(middle, row + 0.08, "o", color=colour)


def main(words: Sequence[str]) -> None:
    """Renews the page and the figure."""
    parser = argparse.ArgumentParser(prog=COMMAND)
    parser.add_argument("--seeds", type=int, default=SEEDS, help="number of worlds for each arm")
    parser.add_argument("--workers", type=int, default=1, help="worker processes")
    arguments = parser.parse_args(words)
    if arguments.seeds < 2:
        parser.error(f"--seeds = {arguments.seeds}: an interval needs two worlds at least.")
    worlds = simulated(arguments.seeds, arguments.workers)
    renew(NAME, parts(worlds), COMMAND)
    with styled():
        save(drawing(worlds), DOCS / "figures", NAME)


if __name__ == "__main__":
    main(sys.argv[1:])
