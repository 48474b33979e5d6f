"""What the Python interface gives back of a sweep: many points of a design, each under every scenario and seed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.api.door import in_python
from sim.policy.problem import mistake

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from sim.api.keywords import Value
    from sim.api.scenario import TemporaryFolder
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
        usual = "Parameters that do not vary are at their default."
        worlds = f"Each seed has a parameter set, {sets}." if sets else usual
        under = ", ".join(cases.scenarios)
        return f"{cases.points} points over {axes}, under {under}: {about['runs']} runs{missing}. {worlds}"

    @property
    def outcomes(self) -> pd.DataFrame:
        """One row per run: `run`, `point`, `scenario`, `seed`, one column per axis and one per outcome, with units."""
        from sim.api.results import with_units

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
        from sim.experiments.store import check_folders, read_csv
        from sim.report.sweep.analyse import TABLES
        from sim.results.codebook import FILE as CODEBOOK

        tables = self._study.folder / TABLES
        check_folders(tables)
        return {path.stem: read_csv(path) for path in sorted(tables.glob("*.csv")) if path.name != CODEBOOK}

    def report(self, path: str | Path) -> Path:
        """Writes the page of the analysis, one file that needs nothing beside it.

        A study that has not been analysed yet is analysed first, in all parts that it allows.

        Args:
            path: of the file, which is given back.
        """
        from sim.api.keywords import console
        from sim.experiments.store import check_plain
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
        heat: Sequence[str] = (),
        scatter: Sequence[str] = (),
        survival: bool = False,
        by: str = "",
        scenarios: Sequence[str] = (),
        against: str = "",
        levels: bool = False,
        where: Sequence[str] = (),
    ) -> Figure:
        """Draws the study as `comity plot` does.

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

        Raises:
            InputError: an unknown key or outcome, or nothing to draw.
        """
        from sim.api.results import shown_in_notebooks
        from sim.report.style import styled
        from sim.report.sweep.plot import PlotOptions, plots
        from sim.report.sweep.shown import show

        several = tuple(heat), tuple(scatter), survival, tuple(scenarios), against, tuple(where)
        options = PlotOptions(x, y, by, *several, levels)
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
