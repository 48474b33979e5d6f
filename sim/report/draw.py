"""Draws every figure that a story has something for."""

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from matplotlib.figure import Figure

from sim.report.figures.ablation import ablation_effects
from sim.report.figures.court import court_slack
from sim.report.figures.curves import takedown_curves, turnaround_curves
from sim.report.figures.custody import fate_bars, impunity_by_residence
from sim.report.figures.displacement import displacement_quotients
from sim.report.figures.exchange import request_exchange
from sim.report.figures.forest import forest
from sim.report.figures.ladder import ladder_figure
from sim.report.figures.liaison import liaison_bodies
from sim.report.figures.matrix import turnaround_matrix
from sim.report.figures.regret import decisions_compared
from sim.report.figures.rights import gain_against_rights
from sim.report.figures.stages import stage_bars
from sim.report.figures.trust import trust_map
from sim.report.story import Story
from sim.report.style import save, styled

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


def draw_all(
    story: Story,
    folder: Path,
    advance: Callable[[int], None],
    figures: Mapping[str, Draw] = MappingProxyType(FIGURES),
) -> list[str]:
    """Writes every figure as SVG and PNG.

    Args:
        story: what to show.
        folder: where to write.
        advance: told of each figure that is done.
        figures: what to draw, by file name; those of runs and comparisons when not given.

    Returns:
        Names of the figures that were drawn.
    """
    drawn: list[str] = []
    for name, draw in figures.items():
        with styled():
            figure = draw(story)
            if figure is not None:
                save(figure, folder, name)
                drawn.append(name)
        advance(1)
    return drawn
