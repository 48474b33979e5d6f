"""What the Python interface gives back: words, tables and figures of a finished study."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property, partial
from html import escape
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from sim.api.door import in_python
from sim.experiments import store
from sim.experiments.design import MAIN
from sim.experiments.plan import Kind
from sim.experiments.settings import check_word
from sim.law.suggest import nearest
from sim.measures.outcomes import OUTCOMES, outcome
from sim.policy.problem import mistake
from sim.report import ablation, league, regret, tables
from sim.report.headline import sentences
from sim.report.page.parts import markdown_of
from sim.report.provenance import FEW
from sim.report.publish import html_of, publication
from sim.report.sentences import unmoved_lines
from sim.results.effects import as_table
from sim.results.stored import NO_STATE, decoded, read_stored
from sim.results.words import change, level, verdict

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from sim.report.story import Story


@in_python
class StudyResult:
    """A finished run, comparison, league, ablation or comparison of ways to decide.

    Attributes:
        kind: `run`, `compare`, `league`, `ablate` or `regret`.
        folder: the results folder; None where nothing was kept.
    """

    def __init__(self, read: Callable[[], Story], kind: Kind, folder: Path | None) -> None:
        self._read, self.kind, self.folder = read, str(kind), folder

    @cached_property
    def _story(self) -> Story:
        """What was found."""
        return self._read()

    @property
    def command(self) -> str:
        """The command line that gives the same numbers."""
        return self._story.command

    @cached_property
    def headline(self) -> str:
        """The answer in a few sentences of plain text, with intervals."""
        story = self._story
        if story.design.mechanisms:
            return "\n".join(ablation.sentences(story))
        if self.kind == Kind.REGRET:
            return "\n".join(regret.sentences(story))
        if self.kind == Kind.LEAGUE:
            return "\n".join([*league.sentences(story), *self._caution])
        return "\n".join([*sentences(story), *unmoved_lines(story), *self._caution])

    @property
    def _caution(self) -> list[str]:
        """What few replicates mean for intervals."""
        pairs = self._story.replicates(self._story.baseline)
        return [f"Only {pairs} paired worlds: intervals are rough."] if pairs < FEW else []

    @cached_property
    def scenarios(self) -> Mapping[str, str]:
        """Title of each scenario by its key; the baseline comes first."""
        return {key: self._story.title[key] for key in self._story.scenarios}

    @cached_property
    def outcomes(self) -> pd.DataFrame:
        """One row per scenario and seed: `scenario`, `seed`, and one column per outcome, whose units are in `attrs`."""
        rows = self._story.outcomes
        rows = rows[rows["scenario"].isin(self._story.scenarios)]
        return with_units(rows.drop(columns="block").reset_index(drop=True))

    @property
    def all_outcomes(self) -> pd.DataFrame:
        """All rows that were run, with a column `block`: `main`, or without a mechanism."""
        return self._story.results.outcomes.reset_index(drop=True)

    @cached_property
    def differences(self) -> pd.DataFrame:
        """One row per scenario and outcome: mean paired difference from the baseline with its 95 % interval.

        Columns: `scenario`, `baseline`, `outcome` (keys), `title`, `unit`, `pairs`, `baseline_mean`, `scenario_mean`,
        `difference`, `low`, `high` (in the unit), `relative`, `relative_low`, `relative_high` (shares of the
        baseline), `verdict`, `chance`, `holds`, `holds_low` and `holds_high` (NaN in one world).
        """
        frame = as_table(self._story.differences[MAIN])
        return frame.drop(columns="block") if len(frame.columns) else frame

    @cached_property
    def conclusions(self) -> pd.DataFrame:
        """Of an ablation: each effect with every mechanism and without one; empty for any other study."""
        return self._story.table(f"{store.CONCLUSIONS}.csv")

    @cached_property
    def regrets(self) -> pd.DataFrame:
        """Of a comparison of ways to decide: gain and regret of each on each judged outcome; empty for any other."""
        return self._story.table(f"{store.REGRET}.csv")

    @property
    def breakdowns(self) -> tuple[str, ...]:
        """Names of the tables behind the outcomes."""
        return tuple(self._story.results.breakdowns)

    def breakdown(self, name: str) -> pd.DataFrame:
        """A table behind the outcomes.

        Args:
            name: one of `breakdowns`.

        Returns:
            Its rows by block, scenario and seed, with states as ISO codes and codes as words.

        Raises:
            InputError: there is no such table.
        """
        known = self._story.results.breakdowns
        check_word("breakdown", name, known, "no such breakdown")  # that a file is there says nothing
        frame = decoded(known[name], self._story.states)
        world = self._story.experiment.world.states
        return frame[frame["state"].isin([*world, *NO_STATE.values()])] if world and "state" in frame else frame

    def events(self, name: str) -> pd.DataFrame:
        """A table of what happened, one row per request, case, action, …, of a study that was made with `events=True`.

        Args:
            name: of the table, such as "request".

        Raises:
            InputError: no events were kept, or there is no such table.
        """
        import pandas as pd

        place = self.folder / store.EVENTS if self.folder else None
        known = sorted(path.name for path in place.iterdir()) if place and place.is_dir() else []
        if not known or place is None:
            raise mistake("no events were kept", "events", name, 'Run it with events=True and results="results".')
        check_word("events", name, known, "no such table of events")
        store.check_folders(place / name)
        parts = [read_stored(file, pd.read_parquet) for file in sorted((place / name).iterdir())]
        return pd.concat(parts, ignore_index=True)

    @property
    def plot(self) -> Plots:
        """Figures: `result.plot.forest()`; `dir(result.plot)` lists them."""
        figures = publication(Kind(self.kind), self._story).figures
        return Plots({name: partial(picture.draw, self._story) for name, picture in figures.items()})

    @property
    def summary(self) -> str:
        """summary.md: the short form of the report in Markdown."""
        return markdown_of(publication(Kind(self.kind), self._story).page(self._story, ()))

    def report(self, path: str | Path) -> Path:
        """Writes report.html, one file that needs nothing beside it.

        Args:
            path: of the file, which is given back.
        """
        Path(path).write_text(html_of(self._story), encoding="utf-8")
        return Path(path)

    def __repr__(self) -> str:
        return f"{self.headline}\nResults: {self.folder}" if self.folder else self.headline

    def _repr_html_(self) -> str:
        """Headline and a small table of the outcomes of the answer, for notebooks."""
        import pandas as pd

        story = self._story
        shown = [story.baseline, *story.reported] if story.compared else story.scenarios
        frame = pd.DataFrame(
            [_row(story, key) for key in tables.GAINS], columns=["Outcome", *(story.title[key] for key in shown)]
        )
        sentences = "".join(f"<p>{escape(line)}</p>" for line in self.headline.splitlines() if line)
        return f"<div>{sentences}{frame.to_html(index=False)}</div>"


def with_units(frame: pd.DataFrame) -> pd.DataFrame:
    """The table with the unit of each outcome in `attrs["units"]`."""
    frame.attrs["units"] = {entry.key: entry.unit for entry in OUTCOMES if entry.key in frame}
    return frame


def _row(story: Story, key: str) -> list[str]:
    """An outcome: its level under the baseline, and what each scenario changes."""
    shown = outcome(key)
    title = f"{shown.title}{'' if shown.unit == 'share' else f', {shown.unit}'}"
    entries = [story.difference(scenario, key) for scenario in story.reported if story.compared]
    changes = [f"{change(entry)}, {verdict(entry)}" if entry else "not run" for entry in entries]
    return [title, level(story.level(story.baseline, key), shown), *changes]


class Plots:
    """Draws figures by name: `plots.forest()` gives a matplotlib figure that can be changed and saved.

    Args:
        drawers: what draws each figure; None of it where there are no data for it.
    """

    def __init__(self, drawers: Mapping[str, Callable[[], Figure | None]]) -> None:
        self._drawers = drawers

    def __dir__(self) -> Iterable[str]:
        return sorted(self._drawers)

    def __getattr__(self, name: str) -> Callable[[], Figure]:
        if name.startswith("_"):
            raise AttributeError(name)
        if name not in self._drawers:
            raise AttributeError(f"no figure {name}. {nearest(name, list(self._drawers))}")
        return partial(self._drawn, name)

    @in_python
    def _drawn(self, name: str) -> Figure:
        """One figure."""
        from sim.report.style import styled

        with styled():
            figure = self._drawers[name]()
        if figure is None:
            raise mistake("this study has no data for it", "figure", name, "A comparison of several scenarios has.")
        return shown_in_notebooks(figure)


def shown_in_notebooks(figure: Figure) -> Figure:
    """The same figure, which a notebook shows without pyplot."""
    setattr(figure, "_repr_png_", partial(_png, figure))  # noqa: B010 - matplotlib declares no such method
    return figure


def _png(figure: Figure) -> bytes:
    """The figure as a picture."""
    from sim.report.style import styled

    with BytesIO() as picture, styled():
        figure.savefig(picture, format="png", dpi=100)
        return picture.getvalue()
