"""Figures of docs/requests.md: Google, Apple, and orders of EU states, each beside the model."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from docs.programs import framed
from docs.programs.requests import (
    APPLE,
    COMMAND,
    FEWEST,
    GOOGLE,
    META,
    TIKTOK,
    Simulated,
    published,
    published_days,
    published_years,
    unread,
)
from sim.data.providers import ordinary_parts
from sim.law.order import legal_order
from sim.measures.arrays import Floats
from sim.measures.orders import Way
from sim.policy.well_known import BASELINE
from sim.report.style import BLACK, BLUE, GREEN, GREY, ORANGE, SKY, new_figure, per_cent_axis, save, styled
from sim.report.style import small_print as small
from sim.world.records import ProviderPolicy

_BANDS = 7  # of rule of law, each with as many states
_number = FuncFormatter(lambda value, _: f"{value:,.0f}")  # powers of ten would be read as formulas, which text is not


def write(made: Simulated, folder: Path) -> None:
    """Draws all three and saves them."""
    with styled():
        save(google(made), folder, "requests_google")
        save(apple(made), folder, "requests_apple")
        save(orders(made), folder, "requests_orders")


def google(made: Simulated) -> Figure:
    """Who is answered, and how many ask: Google's tables beside gates that nobody read, and beside counts."""
    figure = new_figure(10.5, 4.6)
    left, right = figure.subplots(1, 2)
    gates = [row for row in unread(made, ProviderPolicy.GATE, GOOGLE) if (made.doors[:, row] > 0.0).any()]
    _published_shares(left, made, "Google")
    opened = np.where(made.doors[:, gates] > 0.0, made.shares[:, gates], np.nan)
    _band(left, made, opened)
    shut = (made.doors[:, gates] <= 0.0).mean(axis=(0, 1))
    middle, groups = _groups(made)
    left.plot(middle, [1.0 - shut[group].mean() for group in groups], color=GREEN, marker="s", linestyle="--")
    left.set_title("data for direct requests, by rule of law")
    _growth(right, made, "Google")
    words = (
        "Whom a provider that chooses answers, and how many ask: Google beside the model",
        "Left: points are input, the band and the dashed line are what the model draws for others of the kind. "
        "Right: marks to 2021 are counted by Google; lines are means over worlds, "
        "which draw how requests grew from then on.",
        small(COMMAND, f"States with {FEWEST} requests or more. Model: {made.worlds} worlds, law as it is."),
    )
    keys = (
        ("Google 2021: a state's share (input), by requests", BLACK, "o"),
        ("gates nobody read: share at open doors, middle 80 %", BLUE, "-"),
        ("gates nobody read: states whose door is open", GREEN, "--s"),
        *((f"{word} (right)", colour, "-o") for _, _, colour, word in _KINDS),
    )
    return framed(figure, words, keys)


def apple(made: Simulated) -> Figure:
    """Who is answered how much, and which states ask: Apple's tables beside the model."""
    figure = new_figure(10.5, 4.6)
    left, right = figure.subplots(1, 2)
    graded = unread(made, ProviderPolicy.GRADED, APPLE)
    _published_shares(left, made, "Apple")
    _band(left, made, made.shares[:, graded])
    left.set_title("data for direct requests, by rule of law")
    found, asked = published("Apple"), made.asked[:, APPLE].mean(axis=0)
    model = asked[[legal_order().index(str(code)) for code in found.index]]
    right.loglog(found["requests"], model, "o", color=ORANGE, alpha=0.8)
    for code in found.index[np.argsort(-found["requests"].to_numpy())[:8]]:
        at = (found.loc[code, "requests"], asked[legal_order().index(str(code))])
        right.annotate(str(code), at, xytext=(4, -10), textcoords="offset points", fontsize=7.5)
    ends = np.array([1.0, 1e5])
    right.plot(ends, ends, color=GREY, linewidth=1.0)
    some = model > 0.0  # in a small world not all states have users
    factor = float(np.exp(np.median(np.log(model[some] / found["requests"].to_numpy()[some]))))
    right.plot(ends, factor * ends, color=GREY, linewidth=1.0, linestyle=":")
    for axis in (right.xaxis, right.yaxis):
        axis.set_major_formatter(_number)
    right.set_xlabel("counted by Apple in 2021, about accounts")
    right.set_ylabel("the model's of 2021")
    right.set_title("requests by state")
    words = (
        "Who gets how much, and who asks: Apple beside the model",
        "Left: points are input, the band is what the model draws for other providers that grade. Right: the model was "
        "given Google's counts by state and the sum of Apple's: the sum is input, the order of states follows.",
        small(COMMAND, f"Shares: states with {FEWEST} requests or more. Model: {made.worlds} worlds."),
    )
    keys = (
        ("Apple 2021: a state's share (input), by requests", BLACK, "o"),
        ("graded, nobody read: median and middle 80 %", BLUE, "-"),
        ("a state's requests (order follows)", ORANGE, "o"),
        (f"as many; dotted: {factor:.1f} times as many, the median", GREY, "-"),
    )
    return framed(figure, words, keys)


def orders(made: Simulated) -> Figure:
    """Median days to answer EU states in the second half of 2025, in their order, beside the model's spread."""
    figure = new_figure(10.5, 4.4)
    found = published_days()
    places = [legal_order().index(str(code)) for code in found.index]
    for axes, name, row in zip(figure.subplots(1, 2, sharey=True), ("Meta", "TikTok"), (META, TIKTOK), strict=True):
        real = found[name].dropna().sort_values()
        shares = (np.arange(len(real)) + 0.5) / len(real)
        ranked = np.quantile(made.days[:, row][:, places], shares, axis=1)
        low, middle, high = np.quantile(ranked, [0.1, 0.5, 0.9], axis=1)
        axes.fill_between(np.arange(len(real)), low, high, color=SKY, alpha=0.35, linewidth=0)
        axes.plot(np.arange(len(real)), middle, color=BLUE)
        axes.plot(np.arange(len(real)), real.to_numpy(), "o", color=BLACK)
        axes.set_xticks(np.arange(len(real)), list(real.index), rotation=90, fontsize=8)
        axes.set_yscale("log")
        axes.set_yticks([1, 2, 5, 10, 20], ["1", "2", "5", "10", "20"])
        axes.minorticks_off()
        axes.set_title(name)
        axes.set_ylim(0.8, 30.0)
    figure.axes[0].set_ylabel("median days to an answer")
    words = (
        "How long providers take to answer orders of EU states, beside the model",
        "The level is input. How far states lie apart is input too, one spread for all providers between those of "
        "Meta and TikTok: too much for Meta.",
        small(COMMAND, f"States with {FEWEST} orders or more. Model: median and middle 80 % of {made.worlds} worlds."),
    )
    model = ("model: as many states, in their own order", BLUE, "-")
    return framed(figure, words, (("published, second half of 2025", BLACK, "o"), model))


def _published_shares(axes: Axes, made: Simulated, provider: str) -> None:
    """Share of each state that a provider publishes, by rule of law."""
    found = published(provider)
    found = found[found["requests"] >= FEWEST]
    law = made.rule_of_law[[legal_order().index(str(code)) for code in found.index]]
    size = 6.0 * found["requests"].to_numpy() ** 0.33
    axes.scatter(law, found["share"], size, color=BLACK, alpha=0.6, linewidth=0, zorder=3)
    per_cent_axis(axes)
    axes.set_ylim(-0.03, 1.03)
    axes.set_xlabel("rule of law, 0 to 1")


def _groups(made: Simulated) -> tuple[Floats, list[npt.NDArray[np.intp]]]:
    """Mean rule of law of bands with as many states each, and the rows of their states."""
    groups = np.array_split(np.argsort(made.rule_of_law), _BANDS)
    return np.array([made.rule_of_law[group].mean() for group in groups]), list(groups)


def _band(axes: Axes, made: Simulated, shares: Floats) -> None:
    """Median and middle 80 % of shares [world, provider, state], over all of a band of rule of law."""
    middle, groups = _groups(made)
    spread = np.array([np.nanquantile(shares[:, :, group], [0.1, 0.5, 0.9]) for group in groups])
    axes.fill_between(middle, spread[:, 0], spread[:, 2], color=SKY, alpha=0.35, linewidth=0)
    axes.plot(middle, spread[:, 1], color=BLUE)


#: Kinds of published counts, the ways of the model that they are, their colours and words.
_KINDS = (
    ("direct", (Way.VOLUNTARY, Way.BINDING), BLACK, "direct"),
    ("emergency", (Way.EMERGENCY,), ORANGE, "emergency"),
    ("preservation", (Way.PRESERVATION,), GREEN, "preservation"),
    ("assisted", (Way.ASSISTED,), BLUE, "through authorities"),
)


def _growth(axes: Axes, made: Simulated, provider: str) -> None:
    """Requests of a provider by year, counted and in the model: all large ones there, by its part of them."""
    real = published_years().set_index(["provider", "kind", "year"])["requests"][provider]
    table = made.years[made.years["arm"] == BASELINE].pivot_table(index="year", columns="way", values="requests")
    sent, part = (made.asked[:, GOOGLE].sum(axis=1) * np.exp(made.growth)).mean(), ordinary_parts()[provider]
    direct = table.reindex(columns=[Way.VOLUNTARY, Way.BINDING]).fillna(0.0).sum(axis=1)
    for kind, ways, colour, _ in _KINDS:
        axes.plot(real[kind].index, real[kind], "o", color=colour)
        model = direct if kind == "direct" else table[ways[0]]
        scale = sent / direct.iloc[0] if kind == "direct" else part
        axes.plot(model.index, model * scale, color=colour)
    axes.axvline(2026.5, color=GREY, linewidth=0.8, linestyle=":")
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter(_number)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel("year; from 2027 on as many as in 2026")
    axes.set_title("requests a year to Google")
