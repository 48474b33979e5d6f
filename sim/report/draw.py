"""Draws every figure that a story has data for."""

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from sim.report.figures import curves, effects, studies
from sim.report.picture import Picture
from sim.report.sentences import strongest
from sim.report.story import Story
from sim.report.style import save, styled

_FIRST = ("groups_brought_down", "turnaround_median")
#: Figure by file name, in the order in which reports show them.
FIGURES: dict[str, Picture] = {
    "forest": Picture(
        "What each policy changes", effects.forest, lambda story: " ".join(strongest(story, key) for key in _FIRST)
    ),
    "by_change": Picture("Which change does the work", effects.by_change, effects.describe_by_change),
    "gain_against_rights": Picture(
        "What each gain costs in rights", effects.gain_against_rights, effects.describe_rights
    ),
    "takedown_curves": Picture("Time to takedown", curves.takedown_curves, curves.describe_takedown_curves),
    "turnaround_distribution": Picture(
        "How long an answer takes", curves.turnaround_curves, curves.describe_turnaround_curves
    ),
    "turnaround_by_stage": Picture("Where the time goes", curves.stage_bars, curves.describe_stages),
    "open_by_age": Picture("How old is what is still open?", curves.open_by_age, curves.describe_ages),
    "ladder": Picture(
        "The ladder from no cooperation to full cooperation", studies.ladder_figure, studies.describe_ladder
    ),
    "state_map": Picture("What the first policy changes for each state", effects.state_map, effects.describe_state_map),
    "members_by_fate": Picture(
        "Where identified members stand five years later", curves.fate_bars, curves.describe_fates
    ),
}
#: Figures of an ablation.
ABLATION_FIGURES: dict[str, Picture] = {
    "effects_by_mechanism": Picture(
        "Effects of each policy by mechanism left out", studies.ablation_effects, studies.describe_ablation
    )
}
#: Figures of a comparison of ways to decide.
REGRET_FIGURES: dict[str, Picture] = {
    "decisions_compared": Picture("Gains of ways to decide", studies.decisions_compared, studies.describe_decisions)
}


def draw_all(
    story: Story,
    folder: Path,
    advance: Callable[[int], None],
    figures: Mapping[str, Picture] = MappingProxyType(FIGURES),
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
