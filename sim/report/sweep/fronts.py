"""Trade-offs: money against harm averted with rights as colour, and how portfolios of the front stand surprises."""

from __future__ import annotations

from textwrap import fill

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import TwoSlopeNorm
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from sim.experiments.analyse.tradeoff import AVERTED, MONEY, RIGHTS_COST, Tradeoff
from sim.report.style import BLUE, VERMILLION, frame, new_figure, small_print
from sim.report.sweep.shown import apart, named
from sim.results.words import counted

#: Portfolios of the front that are named.
MOST = 12


def front_figure(found: Tradeoff, command: str) -> Figure:
    """Draws all portfolios, and names those of the front."""
    front = found.front.head(MOST)
    figure = new_figure(11.0, max(5.4, 2.6 + 0.36 * len(front)))
    left, middle, right = figure.subplots(1, 3, width_ratios=[1.7, 1.0, 0.8])
    _money(left, figure, found)
    places = np.arange(len(front))[::-1]
    middle.barh(places, front[f"regret_{AVERTED}"], color=VERMILLION, alpha=0.8)
    names = [fill(f"{n + 1}  {_named(found, number)}", 46) for n, number in enumerate(front.index)]
    middle.set_yticks(places, names, fontsize=7)
    middle.set_xlabel("largest regret in harm averted,\nbillion USD of 2024", fontsize=8)
    middle.xaxis.set_major_locator(MaxNLocator(4))
    middle.set_title("Regret", fontsize=9)
    right.barh(places, 100 * front["satisfied"], color=BLUE, alpha=0.8)
    right.set_yticks([])
    right.set(xlim=(0, 103), xticks=(0, 50, 100))
    for at, share in zip(places, front["satisfied"], strict=True):
        if share == 0:
            right.text(1.5, at, "none", va="center", fontsize=7, color="#555555")
    right.set_xlabel("worlds in which it satisfies, %", fontsize=8)
    right.set_title("Satisficing", fontsize=9)
    count = found.by_state["state"].nunique()
    differ = ", ".join(named(key) for key in found.uncertain)
    middle.tick_params(axis="x", labelsize=8)
    right.tick_params(axis="x", labelsize=8)
    apart(figure)
    worlds = "one world" if count == 1 else f"{count} worlds, which differ in {differ}"
    unnamed = f" ({MOST} of {len(found.front)} are numbered)" if len(found.front) > MOST else ""
    money = "" if np.isinf(found.budget) else f" within {found.budget:,.0f} million euros"
    frame(
        figure,
        f"What does money buy, and at which price in rights{money}?",
        f"Against {found.reference} in the same worlds. Numbered, framed in black: portfolios that no other beats in "
        f"harm averted, disclosures that touch rights, money and turnaround at once{unnamed}. Regret: most that it "
        f"falls short of the best in any world. Satisfies: {'; '.join(found.requirements)}.",
        small_print(
            command, f"{counted(len(found.table), 'portfolio')} in {worlds}; upright lines: 95 % intervals over seeds."
        ),
    )
    return figure


def _named(found: Tradeoff, number: object) -> str:
    """A portfolio by the names of its levers."""
    words = found.name(number)
    for key in found.decisions:
        words = words.replace(f"{key} ", f"{named(key, 40)}: ")
    return words


def _money(axes: Axes, figure: Figure, found: Tradeoff) -> None:
    """Money and harm averted."""
    table = found.table
    level = table[RIGHTS_COST].to_numpy(np.float64)
    rights = level - level[table.index.get_loc(found.baseline)]
    reach = max(float(np.abs(rights).max()), 1e-9)
    x, y = table[MONEY].to_numpy(np.float64), table[AVERTED].to_numpy(np.float64)
    axes.vlines(x, table["averted_low"], table["averted_high"], color="#999999", linewidth=0.9, zorder=1)
    edges = np.where(table["front"], "black", "#BBBBBB")
    shades = axes.scatter(
        x, y, c=rights, cmap="PuOr_r", norm=TwoSlopeNorm(0, -reach, reach), s=60, edgecolors=list(edges), zorder=2
    )
    for rank, number in enumerate(found.front.head(MOST).index, start=1):
        at = (float(table.loc[number, MONEY]), float(table.loc[number, AVERTED]))
        axes.annotate(str(rank), at, (5, 4), textcoords="offset points", fontsize=8, fontweight="bold")
    if np.isfinite(found.budget):
        axes.axvline(found.budget, color="black", linestyle="--", linewidth=1)
    axes.axhline(0, color="black", linewidth=0.8)
    axes.set_xlabel("cost of the policy, million euros of 2024")
    axes.set_ylabel("harm averted, billion USD of 2024")
    axes.set_title("Money and harm averted", fontsize=9)
    axes.xaxis.set_major_locator(MaxNLocator(5))
    bar = figure.colorbar(shades, ax=axes, location="bottom", shrink=0.8, pad=0.02)
    bar.ax.xaxis.set_major_locator(MaxNLocator(5))
    bar.set_label("change in disclosures that touch rights, per year", fontsize=8)
