"""The answer of an ablation in three sentences: what was asked, which conclusions hold, and what chance does."""

from sim.experiments.statistics import CONFIDENCE
from sim.measures.outcomes import outcome
from sim.report.headline import named
from sim.report.story import Story
from sim.results.conclusions import Conclusion
from sim.results.effects import PairedEffect, is_clear
from sim.results.words import change, counted, effect, lowered

#: Fewer replicates than these leave intervals rough.
_FEW = 20


def sentences(story: Story) -> tuple[str, str, str]:
    """The answer of an ablation, plain text."""
    return _asked(story), _found(story), _caveat(story)


def _asked(story: Story) -> str:
    """What was compared with what."""
    policies, mechanisms = story.compared, story.design.mechanisms
    who = named(story, policies[0]) if len(policies) == 1 else counted(len(policies), "policy", "policies")
    verb = "was" if len(policies) == 1 else "were"
    left = (
        f"without each of {counted(len(mechanisms), 'mechanism')}" if len(mechanisms) > 1 else "without one mechanism"
    )
    return f"{who} {verb} compared with {named(story, story.baseline)} again {left}, in the same worlds."


def _found(story: Story) -> str:
    """How many conclusions hold, and the one that rests most on a mechanism or else the clearest of those that hold."""
    resting = {_question(entry) for entry in story.effects if entry.flips}
    total = len({_question(entry) for entry in story.effects})
    if not resting:
        every = f"All {total} conclusions hold" if total != 1 else "The one conclusion holds"
        clear = [entry for entry in story.effects if is_clear(entry.whole)]
        if not clear:
            return f"{every} whichever is left out: no change can be distinguished from chance, with it or without."
        first = max(clear, key=lambda entry: _clearness(entry.whole))
        return f"{every} whichever is left out, such as {_title(story, first)}: {effect(first.whole)}."
    first = max((entry for entry in story.effects if entry.flips), key=lambda entry: _clearness(entry.shift))
    held = f"{total - len(resting)} of {counted(total, 'conclusion')} hold whichever is left out"
    rest = f"{len(resting)} {'rests' if len(resting) == 1 else 'rest'} on one"
    example = f"{_title(story, first)} on {first.mechanism.title}"
    return (
        f"{held}; {rest}, most clearly {example}: {effect(first.whole)}, changed by {change(first.shift)} without it."
    )


def _question(entry: Conclusion) -> tuple[str, str]:
    """What a conclusion is about: a policy and an outcome."""
    return entry.whole.scenario, entry.whole.outcome


def _title(story: Story, entry: Conclusion) -> str:
    """A conclusion by its outcome, and by its policy where there are several."""
    title = outcome(entry.whole.outcome).title
    under = f" under {named(story, entry.whole.scenario)}" if len(story.compared) > 1 else ""
    return f"{lowered(title)}{under}"


def _clearness(entry: PairedEffect) -> float:
    """How far a change is from zero, in widths of its interval; 0 where it has none."""
    return abs(entry.difference) / (entry.high - entry.low) if entry.high > entry.low else 0.0


def _caveat(story: Story) -> str:
    """How many effects chance alone would seem to change."""
    checks = len(story.effects)
    few = f"; over {story.basis} intervals are rough" if story.replicates(story.baseline) < _FEW else ""
    about = f"{(1 - CONFIDENCE) * checks:.2g} of {counted(checks, 'effect')}"
    return f"Chance alone would seem to change about {about}{few}."
