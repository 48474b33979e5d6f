"""Scenarios that moved no outcome: a change that does nothing must not read as a finding."""

import numpy as np

from sim.experiments.design import MAIN
from sim.measures.outcomes import OUTCOMES
from sim.report.marking import marked
from sim.report.story import Story
from sim.results.effects import ROUNDING
from sim.results.words import counted

#: Outcomes but what a scenario costs, which follows from its file whether or not anything moves.
THAT_MOVE = tuple(outcome.key for outcome in OUTCOMES if outcome.key != "policy_cost")


def moved_nothing(pairs: int, baseline: str) -> str:
    """That every outcome equals the baseline's in so many replicates, as the rest of a sentence."""
    replicates = "the one replicate" if pairs == 1 else f"any of {counted(pairs, 'replicate')}"
    return f"moved no outcome in {replicates}: each equals that under “{baseline}”, the policy's own cost aside"


def unmoved(story: Story) -> dict[str, str]:
    """Scenarios of a comparison that moved nothing, by key, with what happened."""
    found, there = {}, story.arms.scenarios()
    for key in (key for key in story.compared if key in there):
        one, other = story.arms.values(THAT_MOVE, (MAIN, key), (MAIN, story.baseline))
        if one.size and np.allclose(one, other, rtol=ROUNDING, atol=0.0, equal_nan=True):
            found[key] = moved_nothing(len(one), story.title[story.baseline])
    return found


def lines(story: Story) -> list[str]:
    """A line each, for a terminal."""
    return [f"“{story.title[key]}” {words}." for key, words in unmoved(story).items()]


def paragraphs(story: Story) -> list[str]:
    """A paragraph each, for a page."""
    return [f"**“{story.marked[key]}” {marked(words)}.**" for key, words in unmoved(story).items()]
