"""Draws every figure that a story has data for."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sim.report.figures import curves, effects, studies
from sim.report.marking import texts
from sim.report.picture import Picture
from sim.report.sentences import strongest
from sim.report.story import Story
from sim.report.style import save, styled

_FIRST = ("groups_brought_down", "turnaround_median")


def _pictures(**figures: tuple[Callable[[Story], Any], Callable[[Story], str]]) -> dict[str, Picture]:
    """Figures by file name: what they show and what they say; their titles stand among the texts."""
    return {name: Picture(texts("report")["pictures"][name], *both) for name, both in figures.items()}


#: In the order in which reports show them.
FIGURES = _pictures(
    forest=(effects.forest, lambda story: " ".join(strongest(story, key) for key in _FIRST)),
    by_change=(effects.by_change, effects.describe_by_change),
    gain_against_rights=(effects.gain_against_rights, effects.describe_rights),
    takedown_curves=(curves.takedown_curves, curves.describe_takedown_curves),
    turnaround_distribution=(curves.turnaround_curves, curves.describe_turnaround_curves),
    turnaround_by_stage=(curves.stage_bars, curves.describe_stages),
    open_by_age=(curves.open_by_age, curves.describe_ages),
    ladder=(studies.ladder_figure, studies.describe_ladder),
    state_map=(effects.state_map, effects.describe_state_map),
    members_by_fate=(curves.fate_bars, curves.describe_fates),
)
ABLATION_FIGURES = _pictures(effects_by_mechanism=(studies.ablation_effects, studies.describe_ablation))
#: Of a comparison of ways to decide.
REGRET_FIGURES = _pictures(decisions_compared=(studies.decisions_compared, studies.describe_decisions))


def draw_all(
    story: Story, folder: Path, advance: Callable[[int], None], figures: Mapping[str, Picture] = FIGURES
) -> list[str]:
    """Writes every figure that the story has data for as SVG and PNG; returns the names of those that were drawn."""
    drawn = []
    for name, picture in figures.items():
        with styled():
            figure = picture.draw(story)
            if figure is not None:
                save(figure, folder, name, picture.title, picture.describe(story))
                drawn.append(name)
        advance(1)
    return drawn
