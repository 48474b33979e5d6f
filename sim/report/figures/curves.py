"""Curves over time, and stacked bars: takedowns, answers, stages, open requests, and members' legal outcomes."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from importlib.resources import files
from typing import TypeVar

import numpy as np
import pandas as pd

from sim.experiments import statistics
from sim.experiments.statistics import Estimate
from sim.law.vocabulary import CENTRAL_AUTHORITY_CHANNELS
from sim.measures import takedown
from sim.measures.custody import Fate
from sim.measures.outcomes import outcome
from sim.measures.requests import Age
from sim.policy.well_known import LOWER_BOUND, UPPER_BOUND
from sim.report.figures.kinds import Bars, Curves, Pane, Segment
from sim.report.figures.rows import captioned
from sim.report.marking import worded
from sim.report.phrases import at, quoted, strongest
from sim.report.style import either_way, look, per_cent, spaced
from sim.report.view import View
from sim.results.labels import AGES, BEFORE_SENDING, FATES, STAGES
from sim.results.pooled import fate_counts
from sim.results.words import interval, level, listing, span
from sim.world.records import Stage

_Code = TypeVar("_Code", bound=Enum)
_LAST_MONTH = 36.0
_SCALES = " The two panels have different scales."


def takedown_curves(view: View) -> Curves:
    """Figure of takedown curves: share of groups taken down by age, with exits as a competing event."""
    panels, label = _panels(view), "months since the group's first day"
    parts = [_curves(view, keys, "takedown_curve", "taken_down", number) for number, (_, keys) in enumerate(panels)]
    several, looks = len(panels) > 1, _looks(view, view.scenarios)
    caption = captioned(view, "takedown_curves", scales=_SCALES if several else "")
    panes = [Pane(title, label, "" if number else "groups taken down") for number, (title, _) in enumerate(panels)]
    spans = {"xlim": (0, takedown.CURVE_MONTHS[-1]), "ylim": (0, None), "xticks": np.arange(0, 97, 24)}
    made = caption, pd.concat(parts, ignore_index=True), panes, looks, view.title
    size = 5.6 * len(panels) if several else 7.5, 4.0
    return Curves(*made, size, len(panels), ticks=per_cent, spans=spans, named=True)


def turnaround_curves(view: View) -> Curves:
    """Figure of turnaround curves: share of requests answered, by month after sending."""
    silence = {key: view.level(key, "silence_share").value for key in view.asking}
    notes = {key: "" if np.isnan(share) else f" ({100 * share:.0f} % never answered)" for key, share in silence.items()}
    caption = captioned(view, "turnaround_curves", left_out=view.left_out)
    curves = _curves(view, view.asking, "turnaround_curve", "answered")
    panes = [Pane("", "months since the request was sent", "requests answered")]
    looks, names = _looks(view, view.asking), {key: view.title[key] + note for key, note in notes.items()}
    spans = {"xlim": (0, _LAST_MONTH), "ylim": (0, 1.01), "xticks": np.arange(0, _LAST_MONTH + 1, 6)}
    levels = ((0.1, "fast tenth"), (0.5, "median"), (0.9, "slow tenth"))
    return Curves(caption, curves, panes, looks, names, (8.6, 4.6), 1, ticks=per_cent, spans=spans, levels=levels)


def describe_takedown_curves(view: View) -> str:
    """Sentences on the shares of groups taken down within five years: baseline, bounds, and the strongest policy."""
    key = "takedown_five_year"
    named = [one for one in view.scenarios if one in (view.baseline, LOWER_BOUND, UPPER_BOUND)]
    shares = listing([f"{at(view, scenario, key)} under {quoted(view, scenario)}" for scenario in named])
    first = f"Of all groups, taken down within five years: {shares}."
    return f"{first} {strongest(view, key)}" if view.policies else first


def describe_turnaround_curves(view: View) -> str:
    """Sentences on the median turnaround, the share never answered, and scenarios that are left out."""
    key, silence = "turnaround_median", level(view.level(view.baseline, "silence_share"), outcome("silence_share"))
    half = at(view, view.baseline, key)
    first = worded("say_turnaround", base=quoted(view, view.baseline), half=half, silence=silence)
    return f"{first}{f' {strongest(view, key)}' if view.policies else ''} {view.left_out}".strip()


def _panels(view: View) -> list[tuple[str, list[str]]]:
    """Divides scenarios into panels: title and scenario keys of each; the bounds are in a panel of their own."""
    bounds = [key for key in view.scenarios if key in (LOWER_BOUND, UPPER_BOUND)]
    others = [key for key in view.scenarios if key not in bounds]
    if not bounds or len(others) < 2:
        return [("", view.scenarios)]
    wide = [view.baseline, *bounds]
    return [("What cooperation can do at all", wide), ("What the policies change (enlarged)", others)]


def _looks(view: View, scenarios: Iterable[str]) -> dict[str, tuple[str, str, str]]:
    """Colour and line style of each scenario's curve, and an empty text because curves have no marker."""
    return {key: (*look(key, view.scenarios)[:2], "") for key in scenarios}


def _curves(view: View, scenarios: Iterable[str], table: str, column: str, panel: int = 0) -> pd.DataFrame:
    """Table of mean curves with 95 % bands by scenario, up to the last month with groups at risk."""
    found = []
    for key in scenarios:
        curve = view.curve(table, key, column)
        if table == "takedown_curve":  # up to the last month in which anybody is at risk: beyond, it is flat
            curve["at_risk"] = view.curve(table, key, "at_risk")["value"]
            anybody = np.flatnonzero(curve["at_risk"] > 0)
            curve = curve.iloc[: anybody[-1] + 1 if anybody.size else 0]
        found.append(curve.assign(panel=panel, series=key))
    points = pd.concat(found, ignore_index=True).rename(columns={"month": "at"})
    return points.assign(low=points["low"].clip(lower=0.0), high=points["high"].clip(upper=1.0))


def _segments(of: str, labels: Mapping[_Code, str]) -> dict[Segment, list[_Code]]:
    """Segments of a stacked bar from left to right, each with the codes that it sums, as in segments.csv."""
    rows = csv.DictReader((files("sim.report.figures") / "segments.csv").read_text("utf-8").splitlines())
    codes, found = {code.name: code for code in labels}, {}
    for row in rows:
        if row["of"] == of:
            own = [codes[name] for name in row["codes"].split()]
            name = ", ".join(labels[code] for code in own)
            found[Segment(name, row["colour"], row["ink"], row["hatch"])] = own
    return found


def _stage_segments() -> dict[Segment, list[Stage]]:
    """Segments of stages from left to right; stages with the same look share a segment."""
    alike: dict[str, list[Stage]] = {}
    for stage in Stage:
        if stage.row.bar:
            alike.setdefault(stage.row.bar, []).append(stage)
    names = {look: ", ".join(STAGES[one] for one in own) for look, own in alike.items()}
    return {Segment(names[look], *[*look.split(), ""][:3]): own for look, own in alike.items()}


#: What is drawn as one, as a request passes it: before sending, on the left of the line, and after.
_STAGES = _stage_segments()
_BEFORE = [part.name for part, stages in _STAGES.items() if stages[0] in BEFORE_SENDING]
_AFTER = [part.name for part in _STAGES if part.name not in _BEFORE]
_NUMBERED_DAYS = 9.0


def stage_bars(view: View) -> Bars:
    """Figure of days in each stage as stacked bars: before sending on the left, after it on the right."""
    days = pd.DataFrame({key: _mean_days(view, key) for key in view.asking}).T
    total = days[_AFTER].sum(axis=1)
    axis = "days before sending  |  days after sending", either_way, 1.12 * float(total.max()) or 1.0
    caption, rows = captioned(view, "stage_bars", left_out=view.left_out), [view.drawn[key] for key in view.asking]
    ends = [f"{size:.0f} days" for size in total]
    return Bars(caption, days, [*_STAGES], rows, *axis, _NUMBERED_DAYS, lambda size: f"{size:.0f}", ends, _BEFORE)


def describe_stages(view: View) -> str:
    """Sentence on the longest stage after sending under the baseline."""
    days = _mean_days(view, view.baseline)
    usual = days[_AFTER]
    if not days.any():
        return "No request through a central authority was answered."
    longest = str(usual.idxmax())
    gaps = {"base": quoted(view, view.baseline), "days": f"{usual[longest]:.0f}", "all": f"{usual.sum():.0f}"}
    return worded("say_stages", longest=longest, **gaps)


def _mean_days(view: View, scenario: str) -> "pd.Series[float]":
    """Mean days per stage label of an answered request, over all replicates; 0 if none was answered."""
    table = view.pooled(f"stages {scenario}", lambda: _days_by_part(view, scenario))
    return pd.Series(table["days"].to_numpy(), table["part"])


def _days_by_part(view: View, scenario: str) -> pd.DataFrame:
    rows = view.main("turnaround_by_stage", scenario)
    rows = rows[rows["channel"].isin(CENTRAL_AUTHORITY_CHANNELS)]
    total = (rows["days"] * rows["answers"]).groupby(rows["stage"]).sum()
    mean = (total / rows["answers"].groupby(rows["stage"]).sum()).fillna(0.0)
    days = [float(sum(mean.get(stage, 0.0) for stage in own)) for own in _STAGES.values()]
    return pd.DataFrame({"part": [part.name for part in _STAGES], "days": days})


_AGES = _segments("ages", AGES)
_OLD = [Age.ONE_TO_TWO_YEARS, Age.TWO_TO_FIVE_YEARS, Age.OVER_FIVE_YEARS]
#: Share of the longest bar from which a part is wide enough for its number, and room for totals in lengths of it.
_NUMBERED, _ROOM = 0.045, 1.42


def open_by_age(view: View) -> Bars | None:
    """Figure of open requests by age as stacked bars, means over replicates; None if no request is open."""
    means = {key: {part.name: _open(view, key, own).mean() for part, own in _AGES.items()} for key in view.scenarios}
    sizes = pd.DataFrame(means).T
    longest = float(sizes.sum(axis=1).max())
    if not longest > 0:
        return None
    axis = "formal requests open on the last day, mean of a replicate", spaced, _ROOM * longest
    rows, ends = zip(*((view.drawn[key], _in_words(view, key)) for key in view.scenarios), strict=True)
    made = captioned(view, "open_by_age"), sizes, [*_AGES], rows, *axis, _NUMBERED * longest
    return Bars(*made, ends=ends, across=5)


def describe_ages(view: View) -> str:
    """Sentences on open requests under the baseline: number, age, and the number that never get an answer."""
    base, unanswered = _open(view, view.baseline, _OLD), _open(view, view.baseline, _OLD, "never_answered")
    never = statistics.ratio(np.asarray(unanswered, np.float64), np.asarray(base, np.float64))
    gaps = {"number": interval(_mean(_open(view, view.baseline))), "old": interval(_mean(base))}
    return worded("say_ages", base=quoted(view, view.baseline), never=interval(never, "share"), **gaps)


def _open(view: View, key: str, ages: Sequence[Age] = tuple(Age), column: str = "requests") -> "pd.Series[float]":
    """Number of open requests by seed, under one scenario and in given classes of age."""

    def by_seed() -> pd.DataFrame:
        rows = view.main("open_by_age", key)
        return rows[rows["age"].isin(ages)].groupby("seed")[column].sum().reset_index()

    name = f"ages {key} {column} {' '.join(age.name for age in ages)}"
    return view.pooled(name, by_seed).set_index("seed")[column]


def _mean(by_seed: "pd.Series[float]") -> Estimate:
    """Mean of values by seed, with its interval."""
    return statistics.mean(np.asarray(by_seed, np.float64))


def _in_words(view: View, key: str) -> str:
    """Text on the number of open requests under a scenario and its change from the baseline."""
    change = (_open(view, key) - _open(view, view.baseline)).dropna()
    more = "" if key == view.baseline else f"\n{span(*_mean(change)[:3], 'requests')}"
    return f"{interval(_mean(_open(view, key)))}{more}"


_FATES = _segments("fates", FATES)


def fate_bars(view: View) -> Bars | None:
    """Figure of group members' legal outcomes, a stacked bar per scenario; None if all members are too recent."""
    rows = lambda: fate_counts(view.main("members_by_fate"), view.scenarios).rename(columns=str).reset_index()  # noqa: E731
    counts = view.pooled("fates", rows).set_index("scenario").rename(columns=int)
    counts = counts[counts.sum(axis=1) > 0].rename(columns={fate.value: FATES[fate] for fate in Fate})
    if counts.empty:
        return None
    total = counts.sum(axis=1)
    members = {str(key): size / view.replicates(str(key)) for key, size in total.items()}
    names = [f"{view.drawn[key]}\n{size:.0f} members per run" for key, size in members.items()]
    axis, write = ("share of identified members", per_cent, 1.0, 0.025), lambda share: f"{100 * share:.0f}"
    return Bars(captioned(view, "fate_bars"), counts.div(total, axis=0), [*_FATES], names, *axis, write, across=3)


def describe_fates(view: View) -> str:
    """Sentences on identified group members who are free after five years: today, and the strongest policy's effect."""
    key = "impunity_share"
    text = worded("say_fates", base=quoted(view, view.baseline), share=at(view, view.baseline, key))
    return f"{text} {strongest(view, key)}" if view.policies else text
