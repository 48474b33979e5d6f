"""Parts of sentences on a study's results, in plain text with intervals.

They say, too, that a scenario moved no outcome: a change that does nothing must not read as a finding.
"""

from typing import Any

import numpy as np

from sim.experiments.design import MAIN
from sim.experiments.run import window
from sim.measures.outcomes import OUTCOMES, outcome
from sim.report.marking import marked
from sim.report.view import View
from sim.results.effects import ROUNDING, PairedEffect, is_clear
from sim.results.words import change, counted, in_unit, level, rough, rough_sizes


def quoted(view: View, scenario: str) -> str:
    """Title of a scenario in quotation marks."""
    return f"“{view.title[scenario]}”"


def named(view: View, scenario: str) -> str:
    """Short title of a scenario in quotation marks, unique among the view's policies."""
    return f"“{view.short[scenario]}”"


def by(entry: Any, what: str = "") -> str:
    """Text on the size of a clear change, with unit and direction: 5 more, 68 fewer criminal groups."""
    size = rough_sizes(*2 * (entry.difference,), entry.unit)[0]
    thing = f" {what}{'' if size in ('1', 'under 1') else 's'}" if what else ""
    return f"{sided(size, '', entry.difference)}{thing}"


def beside(entry: Any, what: str, how: str = "") -> str:
    """Text on a clear change, its range and the baseline: 68 more (26 to 180), on top of 98 without it."""
    top = "on top " * (entry.difference > 0)
    return f"{by(entry, what)}{how} ({reach(entry)}), {top}of {rough(entry.baseline_mean)} without it"


def reach(entry: Any, scale: float = 1.0) -> str:
    """Text on both ends of a clear change's interval, without signs and the smaller one first: 26 to 180."""
    low, high = sorted((scale * entry.low, scale * entry.high), key=abs)
    return " to ".join(dict.fromkeys(rough_sizes(low, high, entry.unit)[:2]))


def sided(size: str, time: str, side: float) -> str:
    """Text on a size with its direction: 5.1 months shorter, 26 more."""
    unit = f" {time}{'' if size in ('1', 'under 1') else 's'}" if time else ""
    return f"{size}{unit} {(('shorter', 'longer') if time else ('fewer', 'more'))[side > 0]}"


def years(view: View) -> str:
    """Text on the number of years that policies last."""
    return counted(round(window(view.experiment.world).years), "year")


def world_named(view: View) -> str:
    """Name of the simulated world in a heading: the world, or the states that take part."""
    states = view.experiment.world.states
    return f"The {len(states)} states of this world" if states else "The world"


def worldwide(view: View) -> str:
    """Words for “worldwide” at the beginning of a sentence, which name the states where not all take part."""
    states = view.experiment.world.states
    return f"In the {len(states)} states of this world" if states else "Worldwide"


def at(view: View, scenario: str, key: str) -> str:
    """Text on the mean of an outcome under a scenario, with its interval and unit."""
    about = outcome(key)
    return f"{level(view.level(scenario, key), about)}{in_unit(about.unit)}"


def clear(view: View, key: str) -> list[PairedEffect]:
    """Clear effects of all policies on an outcome, largest first."""
    return sorted(filter(is_clear, view.of_policies(key)), key=lambda entry: -abs(entry.difference))


def strongest(view: View, key: str) -> str:
    """Text on the policy with the greatest effect on an outcome, and on the size of this effect."""
    found, title = clear(view, key), outcome(key).title
    if not found:
        return f"{title}: no policy changes it by more than noise."
    first = found[0]
    return f"{title}: most changed by {quoted(view, first.scenario)}, {change(first)}{in_unit(first.unit)}."


#: Outcomes but what a scenario costs, which follows from its file whether or not anything moves.
THAT_MOVE = tuple(entry.key for entry in OUTCOMES if entry.key != "policy_cost")


def moved_nothing(pairs: int, baseline: str) -> str:
    """End of a sentence that says that a policy changed no outcome in any replicate."""
    replicates = "the one replicate" if pairs == 1 else f"any of {counted(pairs, 'replicate')}"
    return f"moved no outcome in {replicates}: each equals that under “{baseline}”, the policy's own cost aside"


def unmoved(view: View) -> dict[str, str]:
    """Texts that a scenario moved no outcome, by scenario key; scenarios with an effect are left out."""
    found, there = {}, view.arms.scenarios()
    for key in (key for key in view.compared if key in there):
        one, other = view.arms.values(THAT_MOVE, (MAIN, key), (MAIN, view.baseline))
        if one.size and np.allclose(one, other, rtol=ROUNDING, atol=0.0, equal_nan=True):
            found[key] = moved_nothing(len(one), view.title[view.baseline])
    return found


def unmoved_lines(view: View) -> list[str]:
    """Lines for a terminal, one on each scenario without effect."""
    return [f"“{view.title[key]}” {words}." for key, words in unmoved(view).items()]


def unmoved_paragraphs(view: View) -> list[str]:
    """Paragraphs for a page, one on each scenario without effect."""
    return [f"**“{view.marked[key]}” {marked(words)}.**" for key, words in unmoved(view).items()]
