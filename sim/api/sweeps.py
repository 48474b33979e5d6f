"""`sim.sweep`: many points of a design, each under every scenario and seed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from sim.api import asked
from sim.api.asked import NONE
from sim.api.door import in_python
from sim.api.keywords import (
    EnsembleLike,
    ScenarioLike,
    StudyKeywords,
    Value,
    asked_for,
    listed,
    table_file,
    with_study_keywords,
    written,
)
from sim.api.results import shown_in_notebooks, with_units
from sim.api.scenario import TemporaryFolder
from sim.policy.problem import mistake

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from sim.experiments.analyse.cases import Cases
    from sim.experiments.study import Study


@in_python
class SweepResult:
    """The study of a sweep.

    Attributes:
        folder: of the study, which the same call resumes; None where nothing was kept.
    """

    def __init__(self, study: Study, temporary: TemporaryFolder | None = None) -> None:
        self._study, self._temporary = study, temporary
        self.folder = None if temporary else study.folder

    @property
    def command(self) -> str:
        """The command line that gives the same numbers."""
        return str(self._study.about["command"])

    @cached_property
    def _cases(self) -> Cases:
        from sim.experiments.analyse.cases import Cases

        return Cases.read(self._study.folder)

    @property
    def headline(self) -> str:
        """What was run, in one sentence."""
        about, cases = self._study.about, self._cases
        axes = ", ".join(self._study.axes())
        missing = f", {cases.missing} of them without a result" if cases.missing else ""
        sets = about.get("parameter_sets_are")
        worlds = (
            f"Each seed has a parameter set, {sets}." if sets else "Parameters that do not vary are at their default."
        )
        under = ", ".join(cases.scenarios)
        return f"{cases.points} points over {axes}, under {under}: {about['runs']} runs{missing}. {worlds}"

    @property
    def outcomes(self) -> pd.DataFrame:
        """One row per run: `run`, `point`, `scenario`, `seed`, one column per axis and one per outcome, with units."""
        return with_units(self._cases.rows.reset_index(drop=True))

    def to_xarray(self) -> Any:
        """The outcomes of a full factorial sweep as an `xarray.Dataset`: a dimension per axis, scenario and seed.

        Raises:
            InputError: xarray is not installed.
            ValueError: points are no grid.
        """
        try:
            import xarray  # noqa: F401
        except ImportError:
            raise mistake("xarray is not installed", "to_xarray", fix="pip install xarray") from None
        axes = [*self._study.axes(), "scenario", "seed"]
        made = self.outcomes.set_index(list(dict.fromkeys(axes))).drop(columns=["run", "point"]).to_xarray()
        for key, unit in self.outcomes.attrs["units"].items():
            made[key].attrs["units"] = unit
        return made

    def differences_from(self, reference: Mapping[str, Value]) -> pd.DataFrame:
        """What each point changes against the point with the levels of a reference, in the same seeds and scenario.

        Args:
            reference: level by axis, such as `{"court.staff": 1}`; other axes stay as they are at the point.

        Returns:
            Columns: `point`, one per axis, `scenario`, `outcome`, `pairs`, `difference`, `low`, `high` (95 %).

        Raises:
            InputError: an axis or a level that the sweep has not.
        """
        from sim.experiments.analyse.effects import differences_from

        return differences_from(self._cases, reference)

    @cached_property
    def differences(self) -> pd.DataFrame:
        """One row per point, scenario and outcome: mean paired difference from the first scenario.

        Columns: `point`, one per axis, `scenario`, `baseline`, `outcome`, `pairs`, `difference`, `low`, `high` (95 %).

        Raises:
            InputError: the sweep has one scenario, or its points name them.
        """
        from sim.experiments.analyse.effects import paired_differences

        return paired_differences(self._cases)

    @property
    def analysis(self) -> Mapping[str, pd.DataFrame]:
        """Tables that `comity analyse` has found, by name, such as `sensitivity`; none before the first analysis."""
        from sim.experiments.foreign import check_folders, read_csv
        from sim.report.sweep.analyse import TABLES
        from sim.results.codebook import FILE as CODEBOOK

        tables = self._study.folder / TABLES
        check_folders(tables)
        return {path.stem: read_csv(path) for path in sorted(tables.glob("*.csv")) if path.name != CODEBOOK}

    def report(self, path: str | Path) -> Path:
        """Writes the page of the analysis, one file that needs nothing beside it.

        A study that has not been analysed yet is analysed first, in all parts that it allows.

        Args:
            path: of the file.

        Returns:
            The same path.
        """
        import os
        import shutil

        from sim.api.keywords import console
        from sim.experiments.foreign import check_plain
        from sim.report.sweep.analyse import REPORT, AnalysisOptions, analyse

        made = self._study.folder / REPORT
        if os.path.lexists(made):
            check_plain(made)
        else:
            analyse(self._study.folder, AnalysisOptions(), f"comity analyse {made.parent}", console(quiet=True))
        shutil.copyfile(made, path)
        return Path(path)

    def sensitivity(self, *outcomes: str) -> pd.DataFrame:
        """Influence of every axis, by what the design allows.

        Args:
            outcomes: keys; the headline outcomes where none is named.

        Returns:
            One row per contrast, outcome and axis.

        Raises:
            InputError: the design allows none, or an unknown outcome.
        """
        from sim.experiments.analyse.cases import known_outcomes
        from sim.experiments.analyse.sensitivity import sensitivity

        keys = [outcome.key for outcome in known_outcomes(outcomes)]
        return sensitivity(self._cases, keys, self._cases.contrasts()).table

    def plot(
        self,
        x: str = "",
        *y: str,
        by: str = "",
        heat: Sequence[str] = (),
        scatter: Sequence[str] = (),
        survival: bool = False,
        scenarios: Sequence[str] = (),
        against: str = "",
        where: Sequence[str] = (),
    ) -> Figure:
        """Draws the study as `comity plot` does.

        Args:
            x: axis along which lines are drawn; the first where empty.
            y: outcomes; the headline outcomes where none is named.
            by: axis of which each level has a panel.
            heat: two axes of a map, across and up; one outcome must be named.
            scatter: two outcomes, one over the other.
            survival: whether curves of takedown are drawn, by level of `x`.
            scenarios: only these.
            against: show differences from this scenario, paired by seed.
            where: only points with these values, each `key=value`.

        Raises:
            InputError: an unknown key or outcome, or nothing to draw.
        """
        from sim.report.style import styled
        from sim.report.sweep.plot import PlotOptions, plots
        from sim.report.sweep.shown import show

        options = PlotOptions(x, y, by, tuple(heat), tuple(scatter), survival, tuple(scenarios), against, tuple(where))
        shown = show(self._cases, options.scenarios, against, options.where, self.command)
        with styled():
            drawing = next(plots(shown, options), None)
        if drawing is None:
            raise mistake("nothing to draw", "plot", x or None, "Name an outcome that the study has.")
        return shown_in_notebooks(drawing.figure)

    def __repr__(self) -> str:
        place = f"\nStudy: {self.folder}" if self.folder else ""
        return f"{self.headline}{place}"

    def _repr_html_(self) -> str:
        """Headline, and the headline outcomes at each point, for notebooks."""
        from sim.measures.outcomes import HEADLINES

        means = self.outcomes.groupby(list(dict.fromkeys([*self._study.axes(), "scenario"])), sort=False)
        table = means[list(HEADLINES)].mean().reset_index()
        return f"<p>{escape(self.headline)}</p>{table.to_html(index=False, max_rows=20, float_format='{:.4g}'.format)}"


@in_python
@with_study_keywords
def sweep(
    *scenarios: ScenarioLike,
    values: Mapping[str, Sequence[Value] | str] | None = None,
    vary: str | Sequence[str] = (),
    design: str | None = None,
    samples: int | None = None,
    points: str | Path | pd.DataFrame | None = None,
    ensemble: EnsembleLike = None,
    study: str = "",
    **more: Unpack[StudyKeywords],
) -> SweepResult:
    """Runs every point of a design under every scenario and seed; a study that is kept is resumed.

    Args:
        scenarios: as `sim.run` takes them; today's law where none is named.
        values: what varies: levers, or keys of the configuration, with a list of values each, or with words of the
            command line such as "range(1,2,0.25)" and "interval(1,3)".
        vary: parameters or themes that vary over their plausible ranges, such as "judgement".
        design: "factorial", "zipped", "lhs", "sobol" or "morris".
        samples: size of a sampled design.
        points: CSV file of points, or a table: one row per point, one column per lever or key.
        ensemble: see `sim.run`; values of the points hold in every set.
        study: name of the study's folder; named after its design where empty.

    Raises:
        InputError: a mistake in what was given.
    """
    from sim.experiments.conduct import Options
    from sim.experiments.sweep import sweep as conduct_sweep

    results = more.get("results")
    if study and results is None:
        raise mistake("a study of a name needs a folder", "study", study, 'Write results="results".')
    temporary = TemporaryFolder() if results is None else None
    axes = [f"{key}={_axis(key, given)}" for key, given in (values or {}).items()]
    axes += [f"sweep.{key}={written(value)}" for key, value in (("design", design), ("samples", samples)) if value]
    file, _points = table_file(points, "points", results)
    axes += [f"sweep.points={written(file)}"] if file is not None else []
    options = {"--vary": listed(vary), "--study": study}
    made = asked_for("sweep", scenarios, more, options, axes, ensemble=ensemble, usual=NONE)
    words = [*made.words, *([f"execution.results={written(temporary.path)}"] if temporary else [])]
    prepared = asked.sweep(replace(made, words=words), listed(vary))
    conducted, _ = conduct_sweep(prepared, study, Options(), made.console)
    return SweepResult(conducted, temporary)


def _axis(key: str, given: Sequence[Value] | str) -> str:
    """The values of an axis in words.

    Raises:
        InputError: one value and no list.
    """
    if isinstance(given, str):
        return given
    if not isinstance(given, Iterable):
        raise mistake("one value is no axis", key, given, f"Write a list, [{given}], or set it by set= for all points.")
    return ",".join(map(written, given))
