"""Draws every figure that a story has data for."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from matplotlib.figure import Figure

from sim.experiments.execution import Executor, SerialExecutor, WorkerDeath, idle
from sim.policy.problem import InputError
from sim.report.figures.ablation import ablation_effects
from sim.report.figures.court import court_slack
from sim.report.figures.curves import takedown_curves, turnaround_curves
from sim.report.figures.custody import fate_bars, impunity_by_residence
from sim.report.figures.displacement import displacement_quotients
from sim.report.figures.exchange import request_exchange
from sim.report.figures.forest import forest
from sim.report.figures.ladder import ladder_figure
from sim.report.figures.liaison import liaison_bodies
from sim.report.figures.pairs import trust_map, turnaround_matrix
from sim.report.figures.regret import decisions_compared
from sim.report.figures.rights import gain_against_rights
from sim.report.figures.stages import stage_bars
from sim.report.story import Story
from sim.report.style import Drawing, save_drawing, styled

Draw = Callable[[Story], Figure | None]
#: Figure by file name, in the order in which the summary shows them.
FIGURES: dict[str, Draw] = {
    "forest": forest,
    "gain_against_rights": gain_against_rights,
    "takedown_curves": takedown_curves,
    "turnaround_distribution": turnaround_curves,
    "turnaround_by_stage": stage_bars,
    "ladder": ladder_figure,
    "court_slack": court_slack,
    "turnaround_matrix": turnaround_matrix,
    "request_exchange": request_exchange,
    "trust_map": trust_map,
    "liaison_bodies": liaison_bodies,
    "members_by_fate": fate_bars,
    "impunity_by_residence": impunity_by_residence,
    "displacement": displacement_quotients,
}
#: Figures of an ablation.
ABLATION_FIGURES: dict[str, Draw] = {"effects_by_mechanism": ablation_effects}
#: Figures of a comparison of ways to decide.
REGRET_FIGURES: dict[str, Draw] = {"decisions_compared": decisions_compared}
_HERE = SerialExecutor()


def draw_all(
    make_story: Callable[[], Story],
    folder: Path,
    advance: Callable[[int], None],
    figures: Mapping[str, Draw] = MappingProxyType(FIGURES),
    executor: Executor = _HERE,
    meanwhile: Callable[[], None] = idle,
) -> list[str]:
    """Writes every figure as SVG and PNG.

    Figures are made in this process and saved by the executor: saving takes ten times as long.

    Args:
        make_story: gives what to show; called once workers have been started, which import matplotlib meanwhile.
        folder: where to write.
        advance: called with the number of figures that are done.
        figures: what to draw, by file name; those of runs and comparisons when not given.
        executor: what saves them; the files do not depend on it.
        meanwhile: what this process does while the last figures are saved.

    Returns:
        Names of the figures that were drawn.

    Raises:
        InputError: If a worker died of a figure at every try.
    """
    drawn: set[str] = set()
    for drawing, saved in executor.run(save_drawing, _drawings(make_story, folder, figures), meanwhile):
        if isinstance(saved, WorkerDeath):
            raise InputError(
                f"the process that saved the figure {drawing.name} died {saved.tries} times, perhaps because memory "
                "ran out",
                key="execution.workers",
                fix="Run the same command with execution.workers=1: replicates that are finished are not run again.",
            )
        drawn.add(drawing.name)
        advance(1)
    advance(len(figures) - len(drawn))
    return [name for name in figures if name in drawn]


def _drawings(make_story: Callable[[], Story], folder: Path, figures: Mapping[str, Draw]) -> Iterator[Drawing]:
    """Figures that the story has data for, each made when a worker is free to save it."""
    story = make_story()
    for name, draw in figures.items():
        with styled():
            figure = draw(story)
        if figure is not None:
            yield Drawing(figure, folder, name)
