"""Results of studies: texts, tables and figures; large modules are imported only when they are used."""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property, partial
from html import escape
from io import BytesIO
from math import nan, prod
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from sim.api.entry_point import in_python
from sim.law.suggest import nearest
from sim.policy.problem import mistake

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from sim.api.entry_point import TemporaryFolder, Value
    from sim.experiments.analyse.cases import Cases
    from sim.experiments.study import Study
    from sim.measures.observation import Observation
    from sim.report.view import View

#: Key of an axis over the states of a world.
_STATES = "world.states"


@in_python
class StudyResult:
    """A finished study: a run, a comparison, a league, an ablation, or a comparison of decision rules.

    Attributes:
        folder: the results folder; None where nothing was kept.

    Examples:
        >>> found = sim.compare("faster_mlat", world="tiny", replicates=2, point=True, progress=None)
        >>> found.kind, list(found.scenarios), len(found.outcomes)
        ('compare', ['status_quo', 'faster_mlat'], 4)
        >>> found.differences.set_index("outcome").loc["turnaround_median", "unit"]
        'months'

        Examples of its methods are about this one.
    """

    def __init__(self, read: Callable[[], View], folder: Path | None) -> None:
        self._read, self.folder = read, folder

    @cached_property
    def _view(self) -> View:
        """The view that reports are made from: all tables of the study, read when first used."""
        return self._read()

    @property
    def kind(self) -> str:
        """Kind of the study: `run`, `compare`, `league`, `ablate` or `regret`."""
        return str(self._view.design.plan.kind)

    @property
    def command(self) -> str:
        """Command line that reproduces the numbers."""
        return self._view.experiment.command

    @cached_property
    def headline(self) -> str:
        """The answer in a few sentences of plain text, with intervals."""
        from sim.report.pages import publication
        from sim.report.phrases import unmoved_lines
        from sim.report.provenance import FEW

        view = self._view
        lines = list(publication(view).sentences(view))
        if self.kind in ("ablate", "regret"):
            return "\n".join(lines)
        if self.kind != "league":
            lines += unmoved_lines(view)
        if (pairs := view.replicates(view.baseline)) < FEW:
            lines += [f"Only {pairs} paired worlds: intervals are rough."]
        return "\n".join(lines)

    @property
    def scenarios(self) -> Mapping[str, str]:
        """Title of each scenario by key, baseline first."""
        return {key: self._view.title[key] for key in self._view.scenarios}

    @cached_property
    def outcomes(self) -> pd.DataFrame:
        """Table of outcomes: one row per scenario and seed, one column per outcome, with units in `attrs`.

        Columns in front: `scenario`, `seed`, `parameter_set` (the seed's row in `sim.ensemble()`, from 0; NaN where
        every parameter has one value). A seed has the same set in every study, so that tables join by seed.
        """
        rows = self._view.outcomes
        rows = rows[rows["scenario"].isin(self._view.scenarios)]
        return _with_units(rows.drop(columns="block").reset_index(drop=True))

    @property
    def all_outcomes(self) -> pd.DataFrame:
        """Table of outcomes of all runs; the column `block` is `main`, or the mechanism left out."""
        return self._view.results.outcomes.reset_index(drop=True)

    @cached_property
    def differences(self) -> pd.DataFrame:
        """Table of effects: mean paired difference from the baseline per scenario and outcome, with its interval.

        Columns: `scenario`, `baseline`, `outcome` (keys), `title`, `unit`, `pairs`, `baseline_mean`, `scenario_mean`,
        `difference`, `low`, `high` (in the unit), `relative`, `relative_low`, `relative_high` (shares of the
        baseline), `verdict`, `chance`, `holds`, `holds_low` and `holds_high` (NaN in one world).
        """
        from sim.experiments.design import MAIN
        from sim.results.effects import as_table

        return as_table(self._view.differences[MAIN]).drop(columns="block", errors="ignore")

    @cached_property
    def conclusions(self) -> pd.DataFrame:
        """Effects of policies in an ablation, with all mechanisms and with each left out; empty for other studies."""
        return self._view.table("conclusions.csv")

    @cached_property
    def regrets(self) -> pd.DataFrame:
        """Gain and regret of each decision rule on each judged outcome; empty for studies of any other kind."""
        return self._view.table("regret.csv")

    @property
    def breakdowns(self) -> tuple[str, ...]:
        """Names of the tables that break outcomes down, such as by state or by month."""
        return tuple(self._view.results.breakdowns)

    def breakdown(self, name: str) -> pd.DataFrame:
        """Table that breaks outcomes down, by its name in `breakdowns`, with rows by block, scenario and seed.

        States are ISO codes, codes are words.

        Args:
            name: of the table.

        Returns:
            One row per block, scenario, seed and what the table is by; columns of its own, in the units that
            `codebook.csv` of a results folder says.

        Examples:
            >>> found.breakdown("turnaround_by_channel").columns[:4].tolist()
            ['block', 'scenario', 'seed', 'channel']
        """
        from sim.experiments.settings import check_word
        from sim.results.stored import NO_STATE, decoded

        known = self._view.results.breakdowns
        check_word("breakdown", name, known, "no such breakdown")  # that a file is there says nothing
        frame = decoded(known[name])
        world = self._view.experiment.world.states
        return frame[frame["state"].isin([*world, *NO_STATE.values()])] if world and "state" in frame else frame

    def events(self, name: str) -> pd.DataFrame:
        """Event table, such as "request", of a study with `events=True`: one row per event.

        Args:
            name: of a table of the model, such as `request`, `case` or `action`.

        Returns:
            One row per event, with columns `block`, `scenario`, `seed` and those of `sim/world/records/fields.csv`.
            Days are days since 2022-01-01, NaN for those that have not come; codes are numbers.

        Raises:
            InputError: no events were kept, or none of that name.

        Examples:
            >>> kept = sim.run("status_quo", world="tiny", replicates=1, events=True, results="kept", progress=None)
            >>> kept.events("action")["day"].is_monotonic_increasing
            True
        """
        import pandas as pd

        from sim.experiments import store
        from sim.experiments.settings import check_word
        from sim.results.stored import read_stored

        place = (self.folder or Path()) / store.EVENTS
        if not (self.folder and place.is_dir()):
            raise mistake("no events were kept", "events", name, 'Run it with events=True and results="results".')
        check_word("events", name, sorted(path.name for path in place.iterdir()), "no such table of events")
        store.check_folders(place / name)
        parts = [read_stored(file, pd.read_parquet) for file in sorted((place / name).iterdir())]
        return pd.concat(parts, ignore_index=True)

    def series(self, by: str = "year") -> pd.DataFrame:
        """Table of headline outcomes of each run by year or month, for a study with `events=True`.

        A count is that of its period, and the sum over all periods is the outcome. A number per year is the rate of its
        period, whose mean, weighted by the days of periods, is the outcome. A median or a share is that of what began
        in the period, followed as long as the run goes on.

        Args:
            by: `year` or `month`.

        Returns:
            One row per scenario, seed, outcome and period. Columns: `scenario`, `seed`, `outcome` (key), `time` (first
            day of the calendar year or month), `value` (in the unit; NaN where undefined), `complete` (False where the
            policy years have but a part of the period, or the run ends too early to know the value). `attrs["units"]`
            has the unit of each outcome; `attrs["whole"]`, how periods make up the outcome: `sum`, `mean` or `none`.

        Raises:
            InputError: no event tables were kept; another word than year or month.

        Examples:
            >>> kept = sim.run("status_quo", world="tiny", replicates=1, events=True, results="kept", progress=None)
            >>> by_year = kept.series("year")
            >>> by_year.pivot(index="time", columns="outcome", values="value").shape
            (3, 11)
            >>> by_year.attrs["units"]["turnaround_median"], by_year.attrs["whole"]["takedowns_expected"]
            ('months', 'sum')
        """
        from sim.experiments import store
        from sim.experiments.design import MAIN
        from sim.experiments.run import window
        from sim.law.order import legal_order
        from sim.measures.series import TABLES, observation_of, table_of

        period, states, runs = window(self._view.experiment.world), len(legal_order().states), []
        check_period(by)
        if not (self.folder and (self.folder / store.EVENTS).is_dir()):
            fix = 'Run it with events=True and results="results", or ask sim.simulate(…).series() of one world.'
            raise mistake("series are made from event tables, which were not kept", "series", by, fix)
        rows = {name: self.events(name) for name in TABLES}
        rows = {name: frame[frame["block"] == MAIN] for name, frame in rows.items()}
        of_run = {name: dict(iter(frame.groupby(["scenario", "seed"]))) for name, frame in rows.items()}
        for run in self.outcomes[["scenario", "seed"]].itertuples(index=False):
            key = tuple(run)
            tables = {name: table_of(name, of_run[name].get(key, rows[name][:0])) for name in TABLES}
            runs.append((key, observation_of(tables, period, states)))
        return as_series(runs, ("scenario", "seed"), by)

    @property
    def plot(self) -> Plots:
        """Figures by name, as in `result.plot.forest()`; `dir(result.plot)` lists the names."""
        from sim.report.pages import publication

        figures = publication(self._view).pictures(self._view)
        return Plots(**{name: partial(picture.draw, self._view) for name, picture in figures.items()})

    @property
    def summary(self) -> str:
        """Text of summary.md: a short report in Markdown."""
        from sim.report.folder import made_of
        from sim.report.page.parts import markdown_of
        from sim.report.pages import page_of

        return markdown_of(page_of(self._view, (), made_of(self._view)))

    def report(self, path: str | Path) -> Path:
        """Writes report.html, a self-contained file, to a path, and returns the path.

        Args:
            path: of the file to write.

        Returns:
            The path.

        Examples:
            >>> found.report("answer.html").stat().st_size > 100_000
            True
        """
        from sim.experiments import seal
        from sim.report.publish import html_of

        Path(path).write_text(html_of(self._view), encoding="utf-8")
        seal.renew(Path(path))  # where it lands in the folder of a study
        return Path(path)

    def __repr__(self) -> str:
        return f"{self.headline}\nResults: {self.folder}" if self.folder else self.headline

    def _repr_html_(self) -> str:
        """HTML for notebooks: the headline, baseline outcomes, and changes under each scenario."""
        import pandas as pd

        from sim.measures.outcomes import outcome
        from sim.report.tables import GAINS
        from sim.results.words import change, level, verdict

        view, rows = self._view, []
        for shown in map(outcome, GAINS):
            title = f"{shown.title}{'' if shown.unit == 'share' else f', {shown.unit}'}"
            entries = [view.difference(scenario, shown.key) for scenario in view.reported if view.compared]
            changes = [f"{change(entry)}, {verdict(entry)}" if entry else "not run" for entry in entries]
            rows.append([title, level(view.level(view.baseline, shown.key), shown), *changes])
        arms = [view.baseline, *view.reported] if view.compared else view.scenarios
        frame = pd.DataFrame(rows, columns=["Outcome", *(view.title[key] for key in arms)])
        sentences = "".join(f"<p>{escape(line)}</p>" for line in self.headline.splitlines() if line)
        return f"<div>{sentences}{frame.to_html(index=False)}</div>"


def check_period(by: str) -> None:
    """Raises an error unless a word is `year` or `month`."""
    from sim.measures.series import PERIODS

    if by not in PERIODS:
        raise mistake("no period", "by", by, f"Write {' or '.join(PERIODS)}.")


def as_series(runs: Iterable[tuple[tuple[Any, ...], Observation]], keys: Sequence[str], by: str) -> pd.DataFrame:
    """Table of headline outcomes by period, joined over several runs, with the keys of each run."""
    import pandas as pd

    from sim.measures.outcomes import outcome
    from sim.measures.series import SERIES, series

    check_period(by)
    parts = []
    for values, observation in runs:
        part = pd.DataFrame(series(observation, by))
        for place, (key, value) in enumerate(zip(keys, values, strict=True)):
            part.insert(place, key, value)
        parts.append(part)
    frame = pd.concat(parts, ignore_index=True)
    frame.attrs["units"] = {key: outcome(key).unit for key in SERIES}
    frame.attrs["whole"] = {key: str(how.whole) for key, how in SERIES.items()}
    return frame


def _with_units(frame: pd.DataFrame) -> pd.DataFrame:
    """Copy of a table of outcomes with the unit of each in `attrs["units"]`."""
    from sim.measures.outcomes import OUTCOMES

    frame.attrs["units"] = {entry.key: entry.unit for entry in OUTCOMES if entry.key in frame}
    return frame


class Plots(SimpleNamespace):
    """Figures by name: `plots.forest()` returns a matplotlib figure, which can be changed and saved."""

    def __init__(self, **drawers: Callable[[], Figure | None]) -> None:
        fix = "A comparison of several scenarios has."
        super().__init__(**{name: partial(_drawn, draw, name, fix) for name, draw in drawers.items()})

    def __dir__(self) -> list[str]:
        return sorted(vars(self))

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"no figure {name}. {nearest(name, dir(self))}")


@in_python
def _drawn(draw: Callable[[], Figure | None], name: str, fix: str) -> Figure:
    """Draws a figure for display in a notebook, without the use of pyplot."""
    from sim.report.style import styled

    with styled():
        if (figure := draw()) is None:
            raise mistake("this study has no data for it", "figure", name, fix)
    setattr(figure, "_repr_png_", partial(_png, figure))  # noqa: B010 - matplotlib declares no such method
    return figure


def _png(figure: Figure) -> bytes:
    """The figure as PNG bytes."""
    from sim.report.style import styled

    with BytesIO() as png, styled():
        figure.savefig(png, format="png", dpi=100)
        return png.getvalue()


@in_python
class SweepResult:
    """A finished sweep: the points of a design, each under every scenario and seed.

    Attributes:
        folder: of the study, which the same call resumes; None where nothing was kept.

    Examples:
        >>> small = {"world": "tiny", "replicates": 2, "executor": "serial", "progress": None}
        >>> swept = sim.sweep(values={"court.staff": [1, 2]}, **small)
        >>> len(swept.outcomes), swept.points["court.staff"].tolist(), swept.axes["unit"].tolist()
        (4, [1.0, 2.0], ["times today's"])

        Examples of its methods are about this one.
    """

    def __init__(self, study: Study, temporary: TemporaryFolder | None = None) -> None:
        self._study, self._temporary = study, temporary
        self.folder = None if temporary else study.folder

    @property
    def command(self) -> str:
        """Command line that reproduces the numbers."""
        return str(self._study.about["command"])

    @cached_property
    def _cases(self) -> Cases:
        from sim.experiments.analyse.cases import Cases

        return Cases.read(self._study.folder)

    @cached_property
    def _names(self) -> dict[str, str]:
        """Name of each axis, as a column of its tables, by key; stored files have the full keys of parameters."""
        return {axis.key: axis.name for axis in self._cases.axes}

    def _renamed(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Table with the names of axes as columns; the full keys of parameters, as of before, warn."""
        from sim.api.renamed import RenamedFrame

        return RenamedFrame.of(frame, self._names)

    @property
    def headline(self) -> str:
        """One sentence on the points, scenarios and seeds of the sweep."""
        about, cases = self._study.about, self._cases
        axes, under = ", ".join(self._names.values()), ", ".join(cases.scenarios)
        missing = f", {cases.missing} of them without a result" if cases.missing else ""
        sets = about.get("parameter_sets_are")
        usual = "Parameters that do not vary are at their default."
        worlds = f"Each seed has a parameter set, {sets}." if sets else usual
        return f"{cases.points} points over {axes}, under {under}: {about['runs']} runs{missing}. {worlds}"

    @property
    def outcomes(self) -> pd.DataFrame:
        """Table of outcomes: one row per run, one column per axis and per outcome, with units in `attrs`.

        Columns in front: `run`, `point`, `scenario`, `seed`, `parameter_set` (as `StudyResult.outcomes` has it).
        """
        return self._renamed(_with_units(self._cases.rows.reset_index(drop=True)))

    @property
    def axes(self) -> pd.DataFrame:
        """Table of the design's axes, one row each.

        Columns: `key`, of parameters without `uncertainty.`; `kind`, such as lever; `unit`; `levels`, a tuple of its
        values, empty for an interval; `low` and `high`, the ends of an interval in the unit, and `scale`, on which it
        is drawn from evenly (NaN and empty where there are levels).
        """
        import pandas as pd

        rows: list[dict[str, Any]] = []
        for axis in self._cases.axes:
            low, high, scale = (nan, nan, "") if axis.listed else (axis.low, axis.high, str(axis.scale))
            row = {"key": axis.name, "kind": str(axis.kind), "unit": axis.unit}
            levels = tuple(level.label for level in axis.levels)
            rows.append(row | {"levels": levels, "low": low, "high": high, "scale": scale})
        return pd.DataFrame(rows, columns=["key", "kind", "unit", "levels", "low", "high", "scale"])

    @property
    def points(self) -> pd.DataFrame:
        """Table of points with a result: one row each, with the value on each axis; the index is `point`."""
        # Where points name scenarios, the baseline of each comes first and its own scenario last.
        rows = self._cases.rows.drop_duplicates("point", keep="last").set_index("point").sort_index()
        frame = self._renamed(rows[self._study.axes()])
        frame.attrs["units"] = {axis.name: axis.unit for axis in self._cases.axes}
        return frame

    @property
    def breakdowns(self) -> tuple[str, ...]:
        """Names of the stored breakdown tables of outcomes; the setting `sweep.breakdowns` selects them."""
        from sim.experiments.parts import BREAKDOWN_TABLES

        above = f"{BREAKDOWN_TABLES}/"
        return tuple(name.removeprefix(above) for name in self._study.about["tables"] if name.startswith(above))

    def breakdown(self, name: str) -> pd.DataFrame:
        """Table that breaks outcomes down, by its name in `breakdowns`, with rows by point, scenario and seed.

        States are ISO codes, codes are words.

        Args:
            name: of the table.

        Returns:
            One row per point, scenario, seed and what the table is by; columns of its own, and one per axis.

        Raises:
            InputError: the sweep has no such table.

        Examples:
            >>> small = {"world": "tiny", "replicates": 1, "executor": "serial", "progress": None}
            >>> tables = {"sweep.breakdowns": ["turnaround_by_channel"]}
            >>> kept = sim.sweep(values={"court.staff": [1, 2]}, set=tables, **small)
            >>> "court.staff" in kept.breakdown("turnaround_by_channel")
            True
        """
        from sim.experiments.parts import BREAKDOWN_TABLES
        from sim.experiments.settings import check_word
        from sim.results.stored import NO_STATE, decoded

        check_word("breakdown", name, self.breakdowns, "no such breakdown")
        frame = decoded(self._study.table(f"{BREAKDOWN_TABLES}/{name}"))
        world = () if _STATES in self._study.axes() else self._study.about["configuration"]["world"]["states"]
        if world and "state" in frame:
            frame = frame[frame["state"].isin([*world, *NO_STATE.values()])]
        axes = [axis for axis in self._names.values() if axis not in frame]  # an axis `scenario` is there
        return frame.join(self.points[axes], on="point").reset_index(drop=True)

    def to_xarray(self, *, by_point: bool = False) -> Any:
        """Outcomes as an `xarray.Dataset`, whose variables have their unit in `attrs`.

        Args:
            by_point: give a full grid the dimension `point`, too.

        Returns:
            A full grid has a dimension per axis, scenario and seed. Any other design has the dimensions `point`,
            `scenario` and `seed`, with each axis as a coordinate of `point` (`scenario_of_point` for an axis
            `scenario`). Where points have seeds of their own,
            `world` (from 0 at each point) replaces `seed`, which is a coordinate of point and world.

        Raises:
            InputError: xarray is not installed.

        Examples:
            >>> cube = swept.to_xarray()
            >>> dict(cube.sizes)
            {'court.staff': 2, 'scenario': 1, 'seed': 2}
            >>> cube["turnaround_median"].attrs["units"]
            'months'
        """
        if importlib.util.find_spec("xarray") is None:
            raise mistake("xarray is not installed", "to_xarray", fix="pip install xarray")
        cases, axes = self._cases, list(self._names.values())
        rows, points = self.outcomes.drop(columns=["run", "parameter_set"]), self.points
        full = len(points.drop_duplicates()) == cases.points == prod(points.nunique())
        if full and not by_point and not cases.own_seeds:
            index = [*axes, "scenario", "seed"]
            dataset = rows.drop(columns="point").set_index(list(dict.fromkeys(index))).to_xarray()
        else:
            values = rows.drop(columns=[axis for axis in axes if axis in rows and axis != "scenario"])
            index = ["point", "scenario", "seed"]
            if cases.own_seeds:
                index[-1] = "world"
                values["world"] = cases.worlds
            dataset = values.set_index(index).drop(columns="seed", errors="ignore").to_xarray()
            of_point = {f"{axis}_of_point" if axis in index else axis: ("point", points[axis].array) for axis in axes}
            dataset = dataset.assign_coords(of_point)
            if cases.own_seeds:
                seeds = values.drop_duplicates(["point", "world"]).set_index(["point", "world"])["seed"]
                dataset = dataset.assign_coords(seed=seeds.to_xarray())
        units = self.outcomes.attrs["units"] | points.attrs["units"]
        for key, unit in units.items():
            if key in dataset.variables:
                dataset[key].attrs["units"] = unit
        return dataset

    def differences_from(self, reference: Mapping[str, Value]) -> pd.DataFrame:
        """Table of differences between each point and the one with the given reference values.

        Args:
            reference: level by axis, such as `{"court.staff": 1}`; other axes stay as they are at the point.

        Returns:
            Columns: `point`, one per axis, `scenario`, `outcome`, `pairs`, `difference`, `low`, `high` (95 %).

        Raises:
            InputError: an axis or a level that the sweep does not have.

        Examples:
            >>> gains = swept.differences_from({"court.staff": 1})
            >>> set(gains.loc[gains["court.staff"] == 1, "difference"].dropna())
            {0.0}
        """
        from sim.experiments.analyse.effects import differences_from

        return self._renamed(differences_from(self._cases, reference))

    @cached_property
    def differences(self) -> pd.DataFrame:
        """Table of paired differences from the first scenario, per point, scenario and outcome.

        Columns: `point`, one per axis, `scenario`, `baseline`, `outcome`, `pairs`, `baseline_mean`, `difference`,
        `low`, `high` (95 %; NaN with one pair). In a paired sweep the first scenario is the baseline in the point's own
        worlds; else a sweep of one scenario, or whose points name them, is an `InputError`.
        """
        from sim.experiments.analyse.effects import paired_differences

        return self._renamed(paired_differences(self._cases))

    @property
    def analysis(self) -> Mapping[str, pd.DataFrame]:
        """Tables of `comity analyse` by name, such as `sensitivity`; empty before the first analysis."""
        from sim.experiments import seal
        from sim.experiments.store import check_folders, read_csv
        from sim.report.sweep.analyse import TABLES
        from sim.results.codebook import FILE as CODEBOOK

        tables = self._study.folder / TABLES
        check_folders(tables)
        tables_found = [path for path in sorted(tables.glob("*.csv")) if path.name != CODEBOOK]
        for path in tables_found:
            seal.check(path)
        return {path.stem: read_csv(path) for path in tables_found}

    def report(self, path: str | Path) -> Path:
        """Writes the analysis page, a self-contained file, to a path, and returns the path.

        A study that has not been analysed yet is analysed first, in all parts that it allows.

        Args:
            path: of the file to write.

        Returns:
            The path.

        Raises:
            InputError: the design allows no analysis.

        Examples:
            >>> swept.report("analysis.html").name
            'analysis.html'
        """
        from sim.api.entry_point import console
        from sim.experiments import seal
        from sim.experiments.store import check_plain
        from sim.report.sweep.analyse import REPORT, AnalysisOptions, analyse

        page = self._study.folder / REPORT
        if os.path.lexists(page):
            check_plain(page)
        else:
            analyse(self._study.folder, AnalysisOptions(), f"comity analyse {page.parent}", console(quiet=True))
        written = Path(shutil.copyfile(page, path))
        seal.renew(written)
        return written

    def sensitivity(self, *outcomes: str) -> pd.DataFrame:
        """Table of each axis's influence, per contrast of scenarios and outcome.

        Args:
            outcomes: keys; the headline outcomes where none is named.

        Returns:
            One row per contrast, outcome and axis; shares of variance, correlations or elementary effects with their 95
            % interval, by the design.

        Raises:
            InputError: the design has too few points, or there is no such outcome.

        Examples:
            >>> small = {"world": "tiny", "replicates": 1, "executor": "serial", "progress": None}
            >>> random = sim.sweep(vary="desk.rebound", design="lhs", samples=8, **small)
            >>> random.sensitivity("harm")["parameter"].tolist()
            ['desk.rebound']
        """
        from sim.experiments.analyse.cases import known_outcomes
        from sim.experiments.analyse.sensitivity import sensitivity

        keys = [outcome.key for outcome in known_outcomes(outcomes)]
        table = sensitivity(self._cases, keys, self._cases.contrasts()).table
        return table.assign(parameter=table["parameter"].replace(self._names))

    def plot(
        self,
        x: str = "",
        *y: str,
        heat: Sequence[str] = (),
        scatter: Sequence[str] = (),
        survival: bool = False,
        by: str = "",
        scenarios: Sequence[str] = (),
        against: str = "",
        levels: bool = False,
        where: Sequence[str] = (),
    ) -> Figure:
        """Draws outcomes of the sweep along one or two axes, as `comity plot` does.

        Args:
            x (--x KEY): axis along which lines are drawn (default: the first)
            y (--y OUTCOME …): outcome; again for another (default: headline)
            heat (KEY KEY): map over two axes, across and up
            scatter (OUTCOME OUTCOME): one outcome over another
            survival: takedown and turnaround curves by level of --x
            by (KEY): a panel for each level of this axis
            scenarios (--scenario KEY …): only this one; again for another
            against (SCENARIO): show differences from this scenario, paired by seed
            levels: show levels of outcomes instead of the paired change from the first level of --x, or from today's
            where (KEY=VALUE …): only points with this value

        Returns:
            A matplotlib figure, which a notebook shows.

        Examples:
            >>> len(swept.plot("court.staff", "turnaround_median").axes) > 0
            True
        """
        from sim.report.sweep.plot import PlotOptions, plots
        from sim.report.sweep.shown import show

        several = tuple(heat), tuple(scatter), survival, tuple(scenarios), against, tuple(where)
        options = PlotOptions(x, y, by, *several, levels)
        shown = show(self._cases, options.scenarios, against, options.where, self.command)
        first = (drawing.figure for drawing in plots(shown, options))
        return _drawn(lambda: next(first, None), x or "plot", "Name an outcome that the study has.")

    def __repr__(self) -> str:
        return f"{self.headline}\nStudy: {self.folder}" if self.folder else self.headline

    def _repr_html_(self) -> str:
        """HTML for notebooks: the headline, and the headline outcomes at each point."""
        from sim.measures.outcomes import HEADLINES

        means = self.outcomes.groupby(list(dict.fromkeys([*self._names.values(), "scenario"])), sort=False)
        table = means[list(HEADLINES)].mean().reset_index()
        return f"<p>{escape(self.headline)}</p>{table.to_html(index=False, max_rows=20, float_format='{:.4g}'.format)}"
