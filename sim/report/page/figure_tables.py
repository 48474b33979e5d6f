"""The numbers behind each figure, as they stand behind its fold and in its CSV."""

from collections.abc import Callable, Iterable

import pandas as pd

from sim.data.spreadsheet import as_csv
from sim.experiments.design import MAIN
from sim.report.figures.court import SHOWN as COURT_OUTCOMES
from sim.report.figures.forest import SHOWN as FOREST_OUTCOMES
from sim.report.figures.rights import COSTS, GAIN
from sim.report.figures.state_map import SHOWN as MAPPED
from sim.report.marking import markdown_table, marked
from sim.report.page.parts import Fold, Sheet
from sim.report.story import Story
from sim.results import labels
from sim.results.effects import PairedEffect, as_table
from sim.results.words import number

_MOST_ROWS = 60
_DIFFERENCE = ["scenario", "title", "unit", "baseline_mean", "scenario_mean", "difference", "low", "high", "verdict"]


def figure_fold(story: Story, name: str) -> Fold | None:
    """The table of a figure behind a fold, with its CSV; None for a figure whose numbers stand elsewhere.

    Args:
        story: what was found.
        name: file name of the figure.
    """
    if name not in _TABLES:
        return None
    table = _TABLES[name](story)
    if table.empty:
        return None
    if "scenario" in table:
        table = table.assign(scenario=[story.title.get(str(key), str(key)) for key in table["scenario"]])
    return Fold("The numbers of this figure", as_markdown(table), Sheet(f"{name}.csv", as_csv(table)))


def as_markdown(table: pd.DataFrame) -> str:
    """A table in Markdown, its first rows where it is long."""
    head = table.head(_MOST_ROWS)
    text = [place for place, kind in enumerate(head.dtypes) if not pd.api.types.is_numeric_dtype(kind)]
    right = [place for place in range(len(head.columns)) if place not in text]
    rows = [[_cell(value) for value in row] for row in head.itertuples(index=False)]
    names = [str(name).replace("_", " ") for name in head.columns]
    more = len(table) - len(head)
    note = f"\n\n{number(more)} further rows are in the CSV." if more > 0 else ""
    return f"{markdown_table(names, rows, right)}{note}"


def _cell(value: object) -> str:
    if isinstance(value, float):
        return number(value)
    return str(value) if isinstance(value, int) else marked(str(value))


def differences_table(entries: Iterable[PairedEffect]) -> pd.DataFrame:
    """Paired differences as a table, in words that need no key."""
    frame = as_table(entries)
    return frame[_DIFFERENCE].rename(columns={"title": "outcome"}) if len(frame) else pd.DataFrame()


def _differences(outcomes: Iterable[str]) -> Callable[[Story], pd.DataFrame]:
    """Effects of some outcomes."""
    wanted = set(outcomes)
    return lambda story: differences_table(entry for entry in story.differences[MAIN] if entry.outcome in wanted)


def _courts(story: Story) -> pd.DataFrame:
    """Effects by the wait that courts aim at."""
    frames = []
    for block, days in story.design.court_waits.items():
        entries = [entry for entry in story.differences[block] if entry.outcome in COURT_OUTCOMES]
        frames.append(differences_table(entries).assign(court_wait_days=days))
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()


def _curves(breakdown: str, column: str) -> Callable[[Story], pd.DataFrame]:
    """Mean curves with their bands, a point every three months."""

    def table(story: Story) -> pd.DataFrame:
        """One row for each scenario and month."""
        frames = [story.curve(breakdown, key, column).assign(scenario=key) for key in story.scenarios]
        found = pd.concat(frames, ignore_index=True)
        return found.loc[found["month"] % 3 == 0, ["scenario", "month", "value", "low", "high"]]

    return table


def _stages(story: Story) -> pd.DataFrame:
    """Mean days by channel and stage, weighted by answers, over all replicates."""
    rows = story.main("turnaround_by_stage")
    weighted = rows.assign(days=rows["days"] * rows["answers"])
    sums = weighted.groupby(["scenario", "stage"], sort=False, observed=True)[["answers", "days"]].sum().reset_index()
    return sums.assign(days=sums["days"] / sums["answers"].clip(lower=1.0), stage=sums["stage"].map(labels.STAGES))


def _ladder(story: Story) -> pd.DataFrame:
    """Where each scenario stands between the bounds."""
    rows = [
        {"scenario": rung.scenario, "outcome": rung.outcome, "level": rung.level}
        | {name: getattr(rung.share, end) for name, end in (("share", "value"), ("low", "low"), ("high", "high"))}
        | {"withheld": rung.withheld}
        for rung in story.ladder
    ]
    return pd.DataFrame(rows)


def _bodies(story: Story) -> pd.DataFrame:
    """What liaison bodies were asked, by scenario, a run."""
    rows = story.main("referrals_by_body")
    sums = rows.groupby(["scenario", "body", "task"], sort=False, observed=True)[["asked", "answered", "helped"]].sum()
    table = sums.reset_index()
    runs = table["scenario"].map({key: story.replicates(key) for key in story.scenarios}).astype(float)
    for column in ("asked", "answered", "helped"):
        table[column] = table[column] / runs
    return table.assign(body=table["body"].map(labels.BODIES), task=table["task"].map(labels.TASKS))


def _fates(story: Story) -> pd.DataFrame:
    """Identified members by fate, all replicates together."""
    table = story.fate_counts.rename(columns=dict(labels.FATES))
    return table.reset_index()


def _by_code(name: str, *columns: str) -> Callable[[Story], pd.DataFrame]:
    """A pooled table of the story, with states by their codes."""

    def table(story: Story) -> pd.DataFrame:
        """That table, each state by its code."""
        found: pd.DataFrame = getattr(story, name)
        codes = dict(enumerate(story.states)) | {-1: "no state"}
        return found.assign(**{column: found[column].map(codes) for column in columns})

    return table


def _ages(story: Story) -> pd.DataFrame:
    """Open requests by scenario and age, means of a replicate."""
    rows = [
        story.breakdown("open_by_age", scenario).groupby("age")[["requests", "never_answered"]].mean().reset_index()
        for scenario in story.scenarios
    ]
    table = pd.concat(rows, keys=story.scenarios, names=["scenario"]).reset_index("scenario")
    return table.assign(age=table["age"].map(labels.AGES))


def _map(story: Story) -> pd.DataFrame:
    """What the first policy changes for the own requests of each state."""
    codes = dict(enumerate(story.states))
    table = story.countries
    rows = table[(table["scenario"] == story.policies[0]) & (table["outcome"] == MAPPED) & (table["state"] >= 0)]
    return rows.assign(state=rows["state"].map(codes)).sort_values("difference", ascending=False)


_TABLES: dict[str, Callable[[Story], pd.DataFrame]] = {
    "forest": _differences(FOREST_OUTCOMES),
    "gain_against_rights": _differences((GAIN, *COSTS)),
    "takedown_curves": _curves("takedown_curve", "taken_down"),
    "turnaround_distribution": _curves("turnaround_curve", "answered"),
    "turnaround_by_stage": _stages,
    "ladder": _ladder,
    "court_slack": _courts,
    "turnaround_matrix": _by_code("pair_medians", "requesting", "requested"),
    "request_exchange": _by_code("exchange", "state"),
    "liaison_bodies": _bodies,
    "members_by_fate": _fates,
    "impunity_by_residence": _by_code("impunity", "residence"),
    "by_change": lambda story: as_table(story.contributions),
    "open_by_age": _ages,
    "state_map": _map,
}
