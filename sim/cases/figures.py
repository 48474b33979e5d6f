"""Figures of cases: the distribution of one case, its other laws, all intervals, and the PIT histogram."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import PercentFormatter

from sim.cases.expected import MEASURES, Expectation, acted_share, expectation, expectations
from sim.cases.other_law import NAMES, Law
from sim.cases.real_case import RealCase
from sim.cases.scoring import NOMINAL, pit_histogram, share_interval
from sim.measures.arrays import Floats
from sim.report.style import BLUE, GREY, ORANGE, SKY, VERMILLION, Key, frame, new_figure, small_print

PIT_BINS = 5
_BARS = 16
#: Classes of arrests: the least of each, and its name.
_CLASSES = ((0, "0"), (1, "1"), (2, "2–3"), (4, "4–9"), (10, "10–29"), (30, "30–99"), (100, "100+"))


def distribution_figure(results: pd.DataFrame, case: RealCase, command: str) -> Figure:
    """Three panels: months, states and arrests of the groups that were taken down, with what happened."""
    figure = new_figure(10.5, 4.3)
    for axes, measure in zip(figure.subplots(1, len(MEASURES)), MEASURES, strict=True):
        _distribution(axes, expectation(results, case, measure))
    handles = [Patch(color=SKY, label="model, law as it was"), Line2D([], [], color=VERMILLION, label="on record")]
    share = acted_share(results, case)
    frame(
        figure,
        f"{case.title}: what the model expected, and what happened",
        f"Groups of this kind planted in many worlds, whose case is opened on the recorded day. Shown are those that "
        f"were taken down within five years of the recorded action, {100 * share:.0f} % of all.",
        small_print(command, "Nothing is fitted to the case."),
        Key(handles, [str(handle.get_label()) for handle in handles], 2),
    )
    return figure


def _distribution(axes: Axes, entry: Expectation) -> None:
    """Shares of draws by value, and the recorded value; arrests, which are far apart, by class."""
    draws, recorded = entry.draws, entry.recorded
    weights = np.full(draws.size, 1.0 / max(draws.size, 1))
    if entry.measure == "all_arrests":
        shares = np.bincount(_class_of(draws), weights, len(_CLASSES))
        axes.bar(range(len(_CLASSES)), shares, 0.9, color=SKY)
        axes.set_xticks(range(len(_CLASSES)), [name for _, name in _CLASSES], fontsize=8)
        recorded = None if recorded is None else float(_class_of(np.array([recorded]))[0])
    else:
        top = max([1.0, *draws.tolist(), *([recorded] if recorded is not None else [])])
        edges = np.arange(0.5, top + 1.5) if entry.measure == "states" else np.linspace(0.0, top, _BARS + 1)
        axes.hist(draws, edges.tolist(), weights=weights, color=SKY, edgecolor="white", linewidth=0.6)
    if recorded is not None:
        axes.axvline(recorded, color=VERMILLION, linewidth=2.0)
    axes.set_xlabel(MEASURES[entry.measure])
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0, symbol=" %"))
    axes.set_ylabel("share of groups taken down" if entry.measure == "months" else "")


def _class_of(arrests: Floats) -> npt.NDArray[np.intp]:
    """Number of the class of each number of arrests."""
    return np.searchsorted([least for least, _ in _CLASSES], arrests, side="right") - 1


def laws_figure(results: pd.DataFrame, case: RealCase, command: str) -> Figure:
    """One row per kind of law: share taken down with its interval, and the spread of months and of states."""
    figure = new_figure(10.5, 4.4)
    panels = figure.subplots(1, 3, sharey=True)
    for row, law in enumerate(Law):
        _share(panels[0], results, case, law, row)
        for axes, measure in ((panels[1], "months"), (panels[2], "states")):
            _spread(axes, expectation(results, case, measure, law), row)
    for axes, recorded in ((panels[1], case.months), (panels[2], case.states)):
        if recorded is not None:
            axes.axvline(recorded, color=VERMILLION, linewidth=1.6, linestyle="--")
    labels = ("taken down, % of groups", MEASURES["months"], MEASURES["states"])
    for axes, label in zip(panels, labels, strict=True):
        axes.set_xlabel(label)
        axes.grid(visible=False, axis="y")
        axes.tick_params(axis="y", length=0)
        axes.set_xlim(left=0)
    panels[0].set_yticks(range(len(Law)), [NAMES[law] for law in Law])
    panels[0].set_ylim(len(Law) - 0.5, -0.5)
    handles = [
        Line2D([], [], color=BLUE, marker="o", label="share with 95 % interval; median"),
        Line2D([], [], color=BLUE, linewidth=5, alpha=0.5, label="middle half"),
        Line2D([], [], color=BLUE, linewidth=1.6, label="80 % of groups taken down"),
        Line2D([], [], color=VERMILLION, linestyle="--", label="on record"),
    ]
    frame(
        figure,
        f"{case.title}: the same case under other law",
        "The same worlds up to the day on which the case opens; other law from then on. Months and states are those "
        "of groups taken down, which are other groups under other law.",
        small_print(command, "Desks, staff and skills are those of today in every row."),
        Key(handles, [str(handle.get_label()) for handle in handles], 4),
    )
    return figure


def _share(axes: Axes, results: pd.DataFrame, case: RealCase, law: Law, row: int) -> None:
    """Share of groups taken down."""
    rows = results[(results["case"] == case.key) & (results["law"] == str(law)) & results["applies"]]
    hits = int(rows["acted"].sum())
    low, high = share_interval(hits, len(rows))
    axes.hlines(row, 100 * low, 100 * high, color=BLUE, linewidth=1.6)
    if len(rows):
        axes.plot(100 * hits / len(rows), row, "o", color=BLUE)


def _spread(axes: Axes, entry: Expectation, row: int) -> None:
    """Median, middle half, and 80 %."""
    if not entry.draws.size:
        return
    low, first, middle, third, high = np.quantile(entry.draws, [0.1, 0.25, 0.5, 0.75, 0.9])
    axes.hlines(row, low, high, color=BLUE, linewidth=1.6)
    axes.hlines(row, first, third, color=BLUE, linewidth=5, alpha=0.5)
    axes.plot(middle, row, "o", color=BLUE)


def pit_figure(results: pd.DataFrame, cases: Sequence[RealCase], command: str) -> Figure:
    """PIT histogram of each measure: flat for a model that is right."""
    figure = new_figure(10.5, 4.1)
    for axes, (measure, label) in zip(figure.subplots(1, len(MEASURES), sharey=True), MEASURES.items(), strict=True):
        standings = [entry.standing for entry in expectations(results, cases, measure)]
        shares = pit_histogram(standings, PIT_BINS)
        middles = (np.arange(PIT_BINS) + 0.5) / PIT_BINS
        axes.bar(100 * middles, shares, 100 / PIT_BINS, color=SKY, edgecolor="white")
        low, high = _by_chance(len(standings))
        axes.axhspan(low, high, color=GREY, alpha=0.25, zorder=0)
        axes.axhline(1.0 / PIT_BINS, color="black", linewidth=1.0, linestyle="--")
        axes.set_xlabel(f"percentile of what happened\n{label} ({len(standings)} operations)")
        axes.set_xticks(np.linspace(0.0, 100.0, PIT_BINS + 1))
        axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0, symbol=" %"))
    figure.axes[0].set_ylabel("share of operations")
    handles = [
        Line2D([], [], color="black", linestyle="--", label="a model that is right"),
        Patch(color=GREY, alpha=0.25, label="95 % of what chance gives in one bar, were the model right"),
    ]
    frame(
        figure,
        "Does the record fall where the model expects it?",
        "PIT histogram over operations on record. Bars high on the left: what happened was less than the model "
        "expected; on the right: more; on both sides: the model is too sure.",
        small_print(command, "Counts are spread evenly over the step of their value."),
        Key(handles, [str(handle.get_label()) for handle in handles], 2),
    )
    return figure


def _by_chance(number: int) -> tuple[float, float]:
    """Central 95 % of the share of one bar, were all percentiles uniform."""
    from scipy.stats import binom

    low, high = (float(binom.ppf(tail, number, 1.0 / PIT_BINS)) / max(number, 1) for tail in (0.025, 0.975))
    return low, high


def intervals_figure(results: pd.DataFrame, cases: Sequence[RealCase], command: str) -> Figure:
    """One row per operation: predictive intervals and what happened, for each measure."""
    shown = [case for case in cases if any(expectation(results, case, measure).known for measure in MEASURES)]
    figure = new_figure(11.0, 2.0 + 0.24 * len(shown))
    panels = figure.subplots(1, len(MEASURES), sharey=True)
    for axes, (measure, label) in zip(panels, MEASURES.items(), strict=True):
        for row, case in enumerate(shown):
            _row(axes, expectation(results, case, measure), row)
        axes.set_xlabel(label)
        axes.grid(visible=False, axis="y")
        axes.tick_params(axis="y", length=0)
        for row in range(1, len(shown), 2):
            axes.axhspan(row - 0.5, row + 0.5, color="#F4F4F4", zorder=0)
        axes.set_xlim(left=0)
    panels[2].set_xscale("symlog", linthresh=1.0)
    panels[2].set_xticks([0, 1, 10, 100, 1000])
    panels[2].xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    panels[2].set_xlim(-0.2, 2000)
    panels[0].set_yticks(range(len(shown)), [f"{case.title} ({case.acted:%Y})" for case in shown], fontsize=7)
    panels[0].set_ylim(len(shown) - 0.5, -0.5)
    handles = [
        Line2D([], [], color=BLUE, linewidth=4, alpha=0.6, label="80 % interval"),
        Line2D([], [], color=BLUE, linewidth=1.2, label="95 % interval"),
        Line2D([], [], color="black", marker="o", linestyle="", label="on record, inside the widest interval shown"),
        Line2D([], [], color=ORANGE, marker="D", linestyle="", label="on record, outside"),
    ]
    frame(
        figure,
        "What the model expected of each operation",
        "Predictive intervals of groups that were taken down in the model; where there is none, nothing was on "
        "record, or too few groups were taken down.",
        small_print(command, "Nothing is fitted to these operations."),
        Key(handles, [str(handle.get_label()) for handle in handles], 4),
    )
    return figure


def _row(axes: Axes, entry: Expectation, row: int) -> None:
    """The intervals of one operation."""
    if not entry.known or entry.recorded is None:
        return
    narrow, wide = NOMINAL
    if entry.has(wide):
        axes.hlines(row, *entry.span(wide), color=BLUE, linewidth=1.2)
    axes.hlines(row, *entry.span(narrow), color=BLUE, linewidth=4, alpha=0.6)
    inside = entry.holds(wide if entry.has(wide) else narrow)
    axes.plot(entry.recorded, row, "o" if inside else "D", color="black" if inside else ORANGE, markersize=4.5)
