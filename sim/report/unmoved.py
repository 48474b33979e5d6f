"""Scenarios that moved no outcome: a change that does nothing must not read as a finding."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from sim.experiments.design import MAIN
from sim.measures.outcomes import OUTCOMES
from sim.policy.scenario import Scenario
from sim.report.marking import marked
from sim.report.story import Story
from sim.results.effects import ROUNDING
from sim.results.words import counted

#: What a scenario costs follows from its file, whether or not anything moves.
_OF_THE_FILE = "policy_cost"


@dataclass(frozen=True)
class Unmoved:
    """A scenario under which every outcome equals the baseline's in every replicate.

    Attributes:
        scenario: the scenario.
        pairs: replicates in which the two were set side by side.
        baseline: title of the baseline.
    """

    scenario: Scenario
    pairs: int
    baseline: str

    @property
    def words(self) -> str:
        """What happened, without a name."""
        replicates = "the one replicate" if self.pairs == 1 else f"any of {counted(self.pairs, 'replicate')}"
        return (
            f"moved no outcome in {replicates}: each equals that under “{self.baseline}”, the policy's own cost aside"
        )

    @property
    def note(self) -> str:
        """What its levers need in order to act; whether that is the reason is not said."""
        levers = {change.lever.name: getattr(change.lever, "needs", "") for change in self.scenario.changes}
        if not levers:
            return "Note that its file changes nothing."
        known = [f"{name} needs {need.rstrip('.')}" for name, need in levers.items() if need]
        moves = f"it moves {', '.join(levers)}, and “comity levers” says on what each acts"
        return f"Note that {'. '.join(known) or moves}."


def unmoved(story: Story) -> Iterator[Unmoved]:
    """Scenarios of a comparison that moved nothing."""
    baseline, there = story.baseline, story.arms.scenarios()
    keys = [outcome.key for outcome in OUTCOMES if outcome.key != _OF_THE_FILE]
    for scenario in story.design.scenarios:
        if scenario.key == baseline or scenario.key not in there:
            continue
        one, other = story.arms.values(keys, (MAIN, scenario.key), (MAIN, baseline))
        if one.size and np.allclose(one, other, rtol=ROUNDING, atol=0.0, equal_nan=True):
            yield Unmoved(scenario, len(one), story.title[baseline])


def lines(story: Story) -> list[str]:
    """A line each, for a terminal."""
    return [f"“{entry.scenario.title}” {entry.words}. {entry.note}" for entry in unmoved(story)]


def paragraphs(story: Story) -> list[str]:
    """A paragraph each, for summary.md."""
    return [
        f"**“{marked(entry.scenario.title)}” {marked(entry.words)}.** {marked(entry.note)}" for entry in unmoved(story)
    ]
