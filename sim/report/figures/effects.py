"""Figures of policies' effects, as rows of intervals or as a map of states, with sentences on each figure."""

from collections import Counter
from collections.abc import Sequence
from functools import cache
from itertools import product
from textwrap import fill
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.colors import TwoSlopeNorm
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from sim.data.load import read_table
from sim.experiments.design import MAIN
from sim.law.order import legal_order
from sim.measures.outcome import Better, ShownIn, keys_of
from sim.measures.outcomes import outcome, shown_in
from sim.policy.places import Place
from sim.policy.well_known import LOWER_BOUND, UPPER_BOUND
from sim.report import depends, saying
from sim.report.figures.kinds import Tiles
from sim.report.figures.rows import (
    EFFECTS,
    PLAIN,
    ZERO,
    Panel,
    Rows,
    around_zero,
    axis_label,
    captioned,
    factor,
    in_per_cent,
    marks_of,
    with_zero,
)
from sim.report.headline import EXPECTED, leading
from sim.report.marking import worded
from sim.report.phrases import clear, quoted
from sim.report.places import TITLE, Side
from sim.report.style import BLACK, BLUE, GREY, ORANGE, SKY, VERMILLION, look, per_cent, signed_per_cent
from sim.report.view import View
from sim.results.costs import LADDER_OUTCOMES
from sim.results.countries import COUNTRY_OUTCOMES
from sim.results.effects import ChangeRole, PairedEffect, is_clear, is_few
from sim.results.labels import BETTER
from sim.results.league import JUDGED, Regret
from sim.results.words import change, counted, in_unit, interval, listing, number, relative, span

SHOWN = tuple(sorted(shown_in(ShownIn.FOREST), key=lambda key: key != EXPECTED))  # what is said first stands first
#: What a policy brings, and what it costs; less of these is better.
GAIN, COSTS = "executed_per_year", shown_in(ShownIn.RIGHTS)
_OF_PLACES = keys_of(COUNTRY_OUTCOMES, ShownIn.FOREST)  # what is drawn of a place


def forest(view: View) -> Rows | None:
    """Figure of policies' relative effects on outcomes, with intervals; None if there is no policy."""
    rows = {key: f"{outcome(key).title}\n({outcome(key).unit}; {BETTER[outcome(key).better]})" for key in SHOWN}
    return in_per_cent(view, captioned(view, "forest"), view.policies, rows, view.difference)


def gain_against_rights(view: View) -> Rows | None:
    """Figure of each policy's gain and its effects on measures of rights; None if there is no policy."""
    caption = captioned(view, "gain_against_rights")
    today = {key: number(view.level(view.baseline, key).value, outcome(key).unit) for key in (GAIN, *COSTS)}
    names = {key: outcome(key).title.removesuffix(" (rights)") for key in today}
    rows = {key: f"{names[key]}\n({level} {outcome(key).unit} today)" for key, level in today.items()}
    return in_per_cent(view, caption, view.policies, rows, view.difference)


def describe_rights(view: View) -> str:
    """Sentences on rights: effects of the policy with the largest gain."""
    gains = clear(view, GAIN)
    if not gains or gains[0].difference < 0:
        policies = counted(len(view.policies), "policy", "policies")
        return f"None of {policies} has more requests executed by more than noise: no gain stands against a cost."
    first = gains[0]
    costs = [entry for key in COSTS for entry in clear(view, key) if entry.scenario == first.scenario]
    words = listing([f"“{entry.title}”, {change(entry)}{in_unit(entry.unit)}" for entry in costs])
    words = words or "none of these measures of rights by more than noise"
    return worded("say_rights", policy=quoted(view, first.scenario), gain=change(first), words=words)


def side_figure(view: View, place: Place) -> Rows | None:
    """Figure of policies' relative effects on one place, with intervals; None without policies or data."""
    side = Side(view, (place,))
    shown = [key for key in _OF_PLACES if any(_known(side.row(s, place, key)) for s in view.reported)]
    caption = captioned(view, "side", place=place.title)
    today = {key: f"{side.today(place, key)}{in_unit(TITLE[key].unit)} today; {TITLE[key].means}" for key in shown}
    rows = {key: f"{TITLE[key].title}\n({words})" for key, words in today.items()}
    return in_per_cent(view, caption, view.reported, rows, lambda key, what: side.row(key, place, what))


def describe_side(view: View, place: Place) -> str:
    """Sentence on the clear effects of the headline's policy on a single place."""
    side, scenario = Side(view, (place,)), leading(view)
    rows = [row for key in _OF_PLACES if (row := side.row(scenario, place, key)) is not None]
    clear = [f"{TITLE[row.outcome].title.lower()} {relative(row)}" for row in rows if _known(row) and is_clear(row)]
    return f"By more than chance, {quoted(view, scenario)} changes {'; '.join(clear) or 'nothing'}."


def _known(row: Any) -> bool:
    """True if both the difference in per cent and its interval are known, so that they can be drawn."""
    return row is not None and not np.isnan(row.relative_low)


BY_CHANGE = shown_in(ShownIn.FIRST | ShownIn.CHANGE)
#: Colour, line and mark of each role, and its place within a row.
_ROLES: dict[str, tuple[str, str, str]] = {
    ChangeRole.ALONE: (BLUE, "-", "o"),
    ChangeRole.ADDED: (ORANGE, "-", "D"),
    ChangeRole.TOGETHER: (BLACK, "-", "s"),
    ChangeRole.LEFT_OVER: (GREY, "-", "^"),
}
_HEIGHTS: dict[str, float] = dict(zip(_ROLES, (-0.19, 0.19, 0.0, 0.0), strict=True))
_NAMED = 3
_TITLE = -1  # instead of the number of a change: the title of a policy, above its changes


def by_change(view: View) -> Rows | None:
    """Figure of a split policy's effects: each change alone, all together, interactions; None without such a policy."""
    if not view.contributions:
        return None
    rows: list[tuple[str, int, str]] = []
    for policy in view.design.apart:
        mine = [entry for entry in view.contributions if entry.scenario == policy.scenario]
        rows += [(policy.scenario, _TITLE, view.title[policy.scenario])]
        rows += dict.fromkeys((entry.scenario, entry.part, entry.label) for entry in mine)
    panels = [_panel(rows, [entry for entry in view.contributions if entry.outcome == key], key) for key in BY_CHANGE]
    names = [fill(f"{part}. {words}" if part > 0 else words, 52) for _, part, words in rows]
    bold = [row for row, (_, part, _) in enumerate(rows) if part == _TITLE]
    columns = {"scenario": "scenario", "label": "change"} | EFFECTS | {"series": "role"}
    labels, size = {str(role): str(role) for role in _ROLES}, (11.6, 2.9 + 0.46 * len(rows))
    made = captioned(view, "by_change"), panels, names, _ROLES, labels, size
    return Rows(*made, places=_HEIGHTS, bold=bold, columns=columns)


def describe_by_change(view: View) -> str:
    """Sentences on each policy's effects on the first outcomes, and on the most effective of its changes."""
    said = []
    for policy, key in product([policy.scenario for policy in view.design.apart[:_NAMED]], BY_CHANGE[:2]):
        found = [entry for entry in view.contributions if (entry.scenario, entry.outcome) == (policy, key)]
        whole = next(entry for entry in found if entry.role == ChangeRole.TOGETHER)
        alone = [entry for entry in found if entry.role == ChangeRole.ALONE and is_clear(entry)]
        most = max(alone, key=lambda entry: abs(entry.difference), default=None)
        words = f"most alone by “{most.label}”, {change(most)}" if most else "by no change alone more than noise"
        said.append(f"{quoted(view, policy)}: {whole.title} {change(whole)}{in_unit(whole.unit)}, {words}.")
    return " ".join(said)


def _panel(rows: list[tuple[str, int, str]], entries: list[PairedEffect], key: str) -> Panel:
    """Panel of one outcome, with intervals for the changes of split policies."""
    about, places = outcome(key), {row: place for place, row in enumerate(rows)}
    marks = marks_of((places[entry.scenario, entry.part, entry.label], entry.role, entry) for entry in entries)
    whole = marks.loc[marks["series"] == ChangeRole.TOGETHER, ["start", "end"]].abs().max().max()
    reach = float(np.fmax(whole, around_zero(marks)[1]))
    return Panel(about.title, axis_label(about), marks, (-reach, reach), numbered=True)


#: Quarters of parameter sets by what an effect goes with: label, and look.
_QUARTERS = {
    "lowest quarter of the sets": (SKY, "-", "v"),
    "second": (BLUE, "-", "o"),
    "third": (ORANGE, "-", "s"),
    "highest": (VERMILLION, "-", "^"),
}


def depends_on(view: View) -> Rows | None:
    """Figure of effects in quarters of parameter sets, by what each effect goes with; None if nothing is named."""
    shown = [one for one in depends.every(view) if not np.isnan(one.effect.relative_low)]
    if not shown:
        return None
    drawn = [
        ((row, label, quarter), {"words": saying.change(quarter), "correlation": one.correlation, **_ends(ends)})
        for row, one in enumerate(shown)
        for label, quarter, ends in zip(_labels_of(len(one.quarters)), one.quarters, one.ranges, strict=True)
    ]
    marks = marks_of((mark for mark, _ in drawn), relative=True)
    marks[[*drawn[0][1]]] = pd.DataFrame([more for _, more in drawn])
    reach = min(1.5, 1.08 * float(marks[["start", "end"]].abs().to_numpy().max()))
    panel = Panel("", "difference, per cent", marks, (-reach, reach), ticks=signed_per_cent, numbered=True)
    names = [
        f"{fill(f'{view.short[one.effect.scenario]}:', _LETTERS)}\n"
        f"{fill(f'{depends.EFFECTS[one.effect.outcome]} by {one.choice.title}', _LETTERS)}"
        for one in shown
    ]
    caption = captioned(view, "depends_on", sets=depends.on(view, view.reported[0], EXPECTED).sets)
    labels, size = {name: name for name in _QUARTERS}, (9.6, 3.0 + 0.85 * len(shown))
    return Rows(caption, [panel], names, _QUARTERS, labels, size, places=_HEIGHTS_OF, columns=_OF_QUARTERS)


_HEIGHTS_OF = dict(zip(_QUARTERS, (-0.33, -0.12, 0.09, 0.3), strict=True))
_LETTERS = 42  # in a line of a name, which a phone has room for
#: Columns of the table of that figure, by their names there.
_OF_QUARTERS = {"scenario": "scenario", "title": "outcome", "row": "goes with", "correlation": "rank correlation"}
_OF_QUARTERS |= {"series": "quarter", "from": "from", "to": "to", "pairs": "worlds", "relative": "change"}
_OF_QUARTERS |= {"relative_low": "low", "relative_high": "high"}


def _ends(ends: tuple[float, float]) -> dict[str, float]:
    """Least and largest value of a choice in a quarter, by column of the figure's table."""
    return dict(zip(("from", "to"), ends, strict=True))


def _labels_of(parts: int) -> list[str]:
    """Labels of the parts of an effect's sets: all quarters, or the lowest and the highest ones."""
    labels = [*_QUARTERS]
    return labels if parts == len(labels) else [labels[0], *labels[len(labels) - parts + 1 :]][:parts]


def describe_depends_on(view: View) -> str:
    """Sentence on the strongest dependence of all that the figure shows."""
    most = max(depends.every(view), key=lambda one: abs(one.correlation), default=None)
    if most is None:
        return "No effect is seen to go with anything that the parameter sets draw."
    first, *_, last = (saying.change(quarter) for quarter in most.quarters)
    effect, choice = f"the effect of {quoted(view, most.effect.scenario)} on", most.choice
    on = depends.EFFECTS[most.effect.outcome]
    return f"Most of all, {effect} {on} differs: where {choice.low}, {first}; where {choice.high}, {last}."


_SPAN = (-0.2, 1.45)  # shares that the axis shows
_RUNG = ("#8C8C8C", "-", "o")


def ladder_figure(view: View) -> Rows | None:
    """Figure of each scenario's progress from no to full cooperation; None unless both were simulated."""
    if not view.ladder:
        return None
    # From the top down by the share reached on requests executed, bounds at the ends.
    reached = {rung.scenario: rung.share for rung in view.ladder if rung.outcome == "executed_per_year"}
    inner = [key for key in reached if key not in (LOWER_BOUND, UPPER_BOUND)]
    inner.sort(key=lambda key: -np.nan_to_num(reached[key].value))
    order = [UPPER_BOUND, *inner, LOWER_BOUND]
    looks = {key: look(key, view.scenarios) if key in view.scenarios else _RUNG for key in order}
    panels = [_of_ladder(view, key, order) for key in LADDER_OUTCOMES]
    names = [f"{view.drawn[key]} ({counted(reached[key].pairs, 'world')})" for key in order]
    columns = PLAIN | {"row": "scenario", "value": "share", "worlds": "worlds", "level": "level"}
    places, size = dict.fromkeys(looks, 0.0), (11.6, 2.5 + 0.34 * len(order))
    return Rows(captioned(view, "ladder"), panels, names, looks, {}, size, places=places, columns=columns)


def describe_ladder(view: View) -> str:
    """Sentences on the progress of the baseline and of the best policy, in lasting takedowns."""
    key = EXPECTED
    rungs = {rung.scenario: rung for rung in view.ladder if rung.outcome == key}
    if rungs[view.baseline].withheld:
        return "Of lasting takedowns, the gap between the two ends is within noise: no share of the way is given."
    share = interval(rungs[view.baseline].share, "share")
    text = worded("say_ladder", base=quoted(view, view.baseline), share=share)
    reached = (rungs[key] for key in view.policies if not rungs[key].withheld)
    best = max(reached, key=lambda rung: rung.share.value, default=None)
    if best is None:
        return text
    return f"{text} Of the policies, {quoted(view, best.scenario)} gets furthest: {interval(best.share, 'share')}."


def _of_ladder(view: View, key: str, order: list[str]) -> Panel:
    """Panel of one outcome on the ladder: each scenario's progress between the bounds, and its level."""
    about, ends = outcome(key), ((MAIN, LOWER_BOUND), (MAIN, UPPER_BOUND))
    marks = []
    for rung in (rung for rung in view.ladder if rung.outcome == key):
        level = float(np.mean(view.arms.values(key, (MAIN, rung.scenario), *ends)[0]))
        mark = {"row": order.index(rung.scenario), "series": rung.scenario, "worlds": rung.share.pairs, "level": level}
        mark |= dict(zip(("value", "start", "end"), rung.share, strict=False))
        marks.append(mark | {"words": number(level, about.unit), "missing": "withheld" if rung.withheld else ""})
    lines = (ZERO, (1.0, "#999999", "-"))
    table = pd.DataFrame(marks)
    return Panel(about.heading, "share of the way", table, _SPAN, lines, ticks=per_cent, numbered=True)


OF_MECHANISMS = shown_in(ShownIn.BRIEF)
_WIDEST = 3.0  # axes end at this many times the largest effect with every mechanism; larger effects end in an arrowhead


def ablation_effects(view: View) -> Rows | None:
    """Figure of policies' effects with each mechanism left out; None if no mechanism is left out."""
    if not view.design.mechanisms:
        return None
    policies, rows = view.compared, ["every mechanism", *(one.block for one in view.design.mechanisms)]
    panels = [_without(view, key) for key in OF_MECHANISMS]
    looks = {policy: look(policy, view.scenarios) for policy in policies}
    size, columns = (11.0, 2.6 + len(rows) * (0.16 + 0.14 * len(policies))), {"row": "without"} | EFFECTS
    further = {"conclusion differs from that with every mechanism": Patch(color="#F3D9C9")}
    made = captioned(view, "ablation"), panels, rows, looks, view.title, size
    return Rows(*made, bold=[0], further=further, columns=columns)


def describe_ablation(view: View) -> str:
    """Sentences on the number of effects that depend on a mechanism, and on the mechanisms that matter."""
    shown = [entry for entry in view.effects if entry.whole.outcome in OF_MECHANISMS]
    flipped = Counter(entry.mechanism.block for entry in shown if entry.flips)
    text = f"{flipped.total()} of {counted(len(shown), 'conclusion')} shown change when one mechanism is left out"
    most = "".join(f"; most of them, {count}, without this one: {block}" for block, count in flipped.most_common(1))
    return f"{text}{most}."


def _without(view: View, key: str) -> Panel:
    """Panel with the effects on one outcome when each mechanism is left out; the axis contains zero."""
    about, mine = outcome(key), [entry for entry in view.effects if entry.whole.outcome == key]
    places = {mechanism: row for row, mechanism in enumerate(view.design.mechanisms, 1)}
    whole = {entry.whole.scenario: entry.whole for entry in mine}
    marks = marks_of((0, policy, entry) for policy, entry in whole.items())
    rest = marks_of((places[entry.mechanism], entry.whole.scenario, entry.without) for entry in mine)
    limit = _WIDEST * float(np.nanmax(marks[["start", "end"]].abs(), initial=0.0)) or np.inf
    shade = [*(False for _ in marks.index), *(entry.flips for entry in mine)]
    marks = pd.concat([marks, rest], ignore_index=True).assign(shade=shade)
    lines = [(factor(about.unit) * one.difference, look(key, view.scenarios)[0], ":") for key, one in whole.items()]
    known = [ZERO, *(one for one in lines if np.isfinite(one[0]))]
    return Panel(about.title, axis_label(about), marks, with_zero(marks[["start", "end"]].clip(-limit, limit)), known)


#: Kinds of ways to decide: their look, and what the key calls them.
_WAYS = {"own": (BLUE, "-", "o"), "once": (GREY, "-", "s"), "fixed": (VERMILLION, "-", "D")}
_WAY_LABELS = {"own": "reviews, and decides by figures", "once": "decides once, or at random", "fixed": "fixed plan"}


def decisions_compared(view: View) -> Rows | None:
    """Figure of each decision rule's gain over the baseline, and of its regret; None without a fixed plan."""
    if not view.plans:
        return None
    panels = [_gains(view, [entry for entry in view.regrets if entry.outcome == key]) for key in JUDGED]
    names = [fill(view.drawn[arm], 44) for arm in view.compared]
    lines = 1 + max(name.count("\n") for name in names)
    size = 13.0, 2.9 + (0.12 + 0.13 * lines) * len(names)
    further = {"best fixed plan in hindsight": Line2D([], [], color=VERMILLION, linestyle=":")}
    places, columns = dict.fromkeys(_WAYS, 0.0), PLAIN | {"row": "scenario", "words": "regret"}
    made = captioned(view, "decisions"), panels, names, _WAYS, _WAY_LABELS, size
    return Rows(*made, places=places, further=further, columns=columns)


def describe_decisions(view: View) -> str:
    """Sentences on the gain and regret of a policymaker who reviews, by outcome."""
    own = view.compared[0]
    mine = [(outcome(entry.outcome), entry) for entry in view.regrets if entry.scenario == own]
    parts = [
        f"{about.title}: gain {span(*entry.gain[:3], about.unit)}, regret {span(*entry.regret[:3], about.unit)}"
        for about, entry in mine
    ]
    return f"{quoted(view, own)}, against the best fixed plan in hindsight. {'; '.join(parts)}."


def _gains(view: View, entries: Sequence[Regret]) -> Panel:
    """Panel of one outcome: gain of each decision rule, a line at the best fixed plan, and regrets as text."""
    about, own = outcome(entries[0].outcome), view.compared[0]
    scale = factor(about.unit)
    kinds = ["fixed" if one.scenario in view.plans else "own" if one.scenario == own else "once" for one in entries]
    ends = scale * np.array([one.gain[:3] for one in entries])
    best = scale * (entries[0].gain.value + entries[0].regret.value)
    words = [span(*one.regret[:3], about.unit) for one in entries]
    marks = pd.DataFrame(ends, columns=["value", "start", "end"])
    marks = marks.assign(row=range(len(entries)), series=kinds, words=words)
    marks["clear"] = [not one.gain.includes_zero for one in entries]
    unit, sign = "percentage points" if about.unit == "share" else about.unit, about.better is Better.LESS
    label = f"gain, {unit} {'less' if sign else 'more'}\n(right is better; numbers are regrets)"
    lines = [ZERO, (best, VERMILLION, ":")] if np.isfinite(best) else [ZERO]
    return Panel(about.title, label, marks, with_zero([*ends.ravel(), best]), lines, numbered=True)


MAPPED = "own_in_time"  # what the map shows
_NOISE, _FEW, _ABSENT, _FAINT = "#D9D9D9", "#F0F0F0", "#FFFFFF", "#777777"
#: The scale of colours holds this share of the states that change; beyond it colours are full, and numbers say more.
_WITHIN, _LEAST_REACH = 0.9, 0.05
_COLUMNS = ("state", "unit", "baseline_mean", "difference", "low", "high", "relative", "verdict")


def state_map(view: View) -> Tiles | None:
    """Map of a policy's effect, with a tile per state; None if there is no policy or too few requests."""
    table = _changes(view)
    if table.empty or is_few(table).all():
        return None
    cells = _cells(table)
    sizes = cells["value"].abs().dropna()
    reach = max(_LEAST_REACH, float(sizes.quantile(_WITHIN)) if len(sizes) else 0.0)
    title = next(entry.title for entry in COUNTRY_OUTCOMES if entry.key == MAPPED)
    caption = captioned(view, "state_map", policy=view.drawn[leading(view)], outcome=title)
    ticks = {"location": "bottom", "shrink": 0.35, "aspect": 30, "format": signed_per_cent}
    ticks |= {"extend": "both" if (sizes > reach).any() else "neither"}
    colours = TwoSlopeNorm(0.0, -reach, reach), "PuOr", f"change in {title.lower()}"
    size = 13.2, 2.0 + 12.8 * (cells["y"].max() + 1) / (cells["x"].max() + 1)
    return Tiles(caption, cells, [""], ((), ()), ("", ""), *colours, size, 1, _COLUMNS, ticks=ticks)


def describe_state_map(view: View) -> str:
    """Sentence on the number of states that gain, lose, stay within noise, or send too few requests."""
    table = _changes(view)
    moved, few = table[is_clear(table)], int(is_few(table).sum())
    more, fewer = (int((moved["difference"] * sign > 0).sum()) for sign in (1, -1))
    gaps = {"more": counted(more, "state has", "states have"), "fewer": fewer, "few": few}
    return worded("say_map", policy=quoted(view, leading(view)), noise=len(table) - len(moved) - few, **gaps)


@cache
def tile_grid() -> dict[str, tuple[int, int]]:
    """Row (from the north) and column (from the west) of each state's tile on the map, by state code."""
    table = read_table("tile_grid.csv")
    return {row["iso3"]: (int(table.number(row, "row")), int(table.number(row, "column"))) for row in table.rows}


def _changes(view: View) -> pd.DataFrame:
    """Table of the leading policy's effect on every state."""
    if not view.policies:
        return pd.DataFrame(columns=["state", "verdict"])
    return view.pooled("states", lambda: _of_leading(view.countries, leading(view)))


def _of_leading(table: pd.DataFrame, scenario: str) -> pd.DataFrame:
    """Rows of one scenario on the outcome of the map, from a table of effects on states."""
    return table[(table["scenario"] == scenario) & (table["outcome"] == MAPPED) & (table["state"] >= 0)]


def _cells(table: pd.DataFrame) -> pd.DataFrame:
    """Table of map tiles, one per state: its code and, if clear, its change."""
    places = pd.DataFrame(tile_grid(), index=["y", "x"]).T.rename_axis("state").reset_index()
    cells = places.merge(table.assign(state=table["state"].map(dict(enumerate(legal_order().states)))), "left", "state")
    moved, few = is_clear(cells) & np.isfinite(cells["relative"]), is_few(cells)
    known = cells["verdict"].notna()
    words = [f"\n{signed_per_cent(change, None)}".replace(" ", "") for change in cells["relative"].fillna(0.0)]
    return cells.assign(
        panel="",
        value=cells["relative"].where(moved),
        words=cells["state"] + np.where(moved, words, ""),
        face=np.select([moved, ~known, few], ["", _ABSENT, _FEW], _NOISE),
        ink=np.where(known & ~few, "", _FAINT),
    )
