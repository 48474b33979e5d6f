"""The judgement parameters of most influence, in the words of summary.md."""

from collections.abc import Sequence

from sim.experiments.analyse.influence import LEVELS, POLICY, Influence, shipped_influence
from sim.measures.outcomes import outcome
from sim.report.words import in_unit, number

#: Above this part of noise an effect is said to be mostly that.
_MOSTLY = 0.5


def in_words(rows: Sequence[Influence] | None = None) -> str:
    """What drives the outcomes most, how that was found, and what it cannot say.

    Args:
        rows: what was found; what is shipped when not given.
    """
    rows = shipped_influence() if rows is None else rows
    levels = [row for row in rows if row.about == LEVELS]
    if not levels:
        return "The influence of the judgement parameters is untested."
    first = levels[0]
    return (
        f"By a Morris screening of {number(first.runs)} runs in a reduced world ({first.world}; {first.made}, version "
        f"{first.code}), the five judgement parameters that move the headline outcomes most are "
        f"{'; '.join(_named(row) for row in levels)}. Shares are of the influence of all judgement parameters, each "
        "moved a quarter of the way from its default to the ends of its range; brackets are 95 % intervals over "
        f"{first.trajectories} trajectories. {_unclear(levels)}{_policy(rows)}"
    )


def _named(row: Influence) -> str:
    """A parameter with its share, and what it does most to."""
    about = outcome(row.outcome)
    low, high = (number(end, about.unit) for end in (row.effect_low, row.effect_high))
    unit = in_unit(about.unit)
    noise = ", mostly replicate noise" if row.noise_share > _MOSTLY else ""
    return (
        f"`{row.parameter}` ({100 * row.share:.1f} %, {100 * row.share_low:.1f} to {100 * row.share_high:.1f}; moves "
        f"“{about.title.lower()}” by {number(row.effect, about.unit)}{unit}, {low} to {high}{noise})"
    )


def _unclear(levels: Sequence[Influence]) -> str:
    """Which of the five cannot be distinguished from zero."""
    unclear = [f"`{row.parameter}`" for row in levels if not row.clear]
    if not unclear:
        return ""
    one = len(unclear) == 1
    whose = "its interval begins" if one else "their intervals begin"
    return f"The place of {', '.join(unclear)} among the five is uncertain: {whose} at zero. "


def _policy(rows: Sequence[Influence]) -> str:
    """What is known of the differences that policies make."""
    policy = [row for row in rows if row.about == POLICY]
    if not policy:
        return "Their influence on what a policy changes is untested."
    clear = [f"`{row.parameter}`" for row in policy if row.clear]
    if not clear:
        return "There, replicate noise hides which parameters drive the *difference* that a policy makes."
    return f"The difference that a policy makes depends most on {', '.join(clear)}."
