"""The answer on one policy: a finding, two or three sentences, and how sure it is. None is of over 20 words or so.

Numbers are relative to today's level, which says more than the level itself; all have two figures. What is measured is
lasting takedowns, of the whole world over all policy years.
"""

from itertools import chain
from math import isnan
from typing import Any

from sim.experiments.plan import MAIN
from sim.experiments.sets import ChosenBy
from sim.measures.outcome import ShownIn
from sim.measures.outcomes import outcome, shown_in
from sim.policy.well_known import BASELINE
from sim.report import places, saying
from sim.report.marking import worded
from sim.report.story import Story, clear, named, years
from sim.results.confidence import grounds_of, in_brief, in_words, record
from sim.results.effects import Comparison, PairedEffect, effects, is_beyond_chance, is_clear, is_same
from sim.results.labels import packaged_rows
from sim.results.words import counted, listing, rough, rough_wait

BROUGHT_DOWN, EXPECTED, TURNAROUND = shown_in(ShownIn.FIRST)
USABLE = "usable_within_12_months"
WHAT = "lasting takedowns of criminal groups"


def sentences(story: Story) -> tuple[str, ...]:
    """The answer of a comparison, or of a run: the finding, what belongs to it, what it leaves out, how sure it is."""
    if not story.compared:
        return _levels(story)
    policy = leading(story)
    if story.experiment.places and "country" in story.results.breakdowns:
        return _of_place(story, policy)
    more = (_unclear(story, policy), _waits(story, policy), _others(story, policy))
    said = " ".join([*filter(None, more), f"Numbers are worldwide, over {years(story)}, from {story.worlds}."])
    return finding(story), said, caveats(story, policy), confidence(story)


def asked_directly(story: Story, policy: str) -> list[PairedEffect]:
    """Direct orders to providers and their answers, where a policy clearly moves them."""
    found = (story.difference(policy, key) for key in ("ordinary_direct_per_year", "provider_median"))
    return [entry for entry in found if entry is not None and is_clear(entry)]


def _of_place(story: Story, policy: str) -> tuple[str, ...]:
    """The answer for the first place that was asked about; last what changes in the world."""
    place, *_ = story.experiment.places
    side = places.Side(story, (place,))
    entry = story.difference(policy, EXPECTED)
    world = f"there is no clear effect on {WHAT}"
    if entry is not None and is_clear(entry):
        world = f"{WHAT} would {_verb(entry)} by {saying.by(entry)}"
    said = f"{places.more(story, place, policy, side)} Worldwide, {world}, from {story.worlds}."
    return places.finding(story, place, policy, side), said, caveats(story, policy), confidence(story)


def leading(story: Story) -> str:
    """The policy put first: which changes lasting takedowns most, or else turnaround, or moves anything.

    Where somebody asks about a place, it is the one by which most more of its own requests are executed in time.
    """
    if story.experiment.places and (best := places.helped_most(story, story.experiment.places[0])):
        return best
    moving = (entry for key in (EXPECTED, TURNAROUND) for entry in story.of_policies(key) if not is_same(entry))
    direct = (entry for policy in story.reported for entry in asked_directly(story, policy))
    first = next(chain(clear(story, EXPECTED), clear(story, TURNAROUND), direct, moving), None)
    return first.scenario if first else story.reported[0]


def as_good(story: Story, policy: str) -> list[str]:
    """Other policies that change lasting takedowns, and whose difference to one may be chance."""
    others = [one.scenario for one in story.of_policies(EXPECTED) if one.scenario != policy and is_clear(one)]
    pairs = [Comparison((MAIN, other), (MAIN, policy)) for other in others]
    found = effects(story.arms, pairs, [outcome(EXPECTED)])
    return [one.scenario for one in found if not is_beyond_chance(one)]


def finding(story: Story) -> str:
    """What was found, in one or two sentences: the title."""
    policy = leading(story)
    entry, who = story.difference(policy, EXPECTED), named(story, policy)
    if entry is None or not is_clear(entry):
        return _nothing(story, policy)
    return f"{who} would {_moves(entry)} {WHAT} by {saying.by(entry)}."


def _moves(entry: Any) -> str:
    return "raise" if entry.difference > 0 else "lower"


def _verb(entry: Any) -> str:
    return "rise" if entry.difference > 0 else "fall"


def _nothing(story: Story, policy: str) -> str:
    """The finding where lasting takedowns do not clearly change."""
    wait, who = story.difference(policy, TURNAROUND), named(story, policy)
    direct = next((_directly(entry) for entry in asked_directly(story, policy)), "")
    done = direct
    if wait is not None and is_clear(wait):
        done = f"would {'shorten' if wait.difference < 0 else 'lengthen'} the wait by {saying.by(wait)}"
    if len(story.reported) > 1:
        none = f"None of {len(story.reported)} policies has a clear effect on {WHAT}."
        return f"{none} {who} {done}." if done else none
    both = [entry for entry in (story.difference(policy, EXPECTED), wait) if entry is not None]
    if done:
        return f"{who} {done}, without a clear effect on lasting takedowns."
    if all(map(is_same, both)):
        return f"{who} would change neither {WHAT} nor waits."
    few = any(not is_beyond_chance(entry) and not is_same(entry) for entry in both)
    if few:
        return f"{who} has no clear effect on {WHAT}, nor on waits."
    return f"{who} would hardly change {WHAT} or waits."


def _directly(entry: PairedEffect) -> str:
    rises = entry.difference > 0
    if entry.unit == "days":
        return f"would have providers answer direct orders {'later' if rises else 'sooner'}"
    return f"would send providers {'more' if rises else 'fewer'} direct orders"


def _unclear(story: Story, policy: str) -> str:
    """Between what an effect on lasting takedowns lies that is not clear; nothing of several policies."""
    entry = story.difference(policy, EXPECTED)
    if entry is None or is_clear(entry) or len(story.reported) > 1:
        return ""
    if is_same(entry):
        return "Takedowns would be the same with and without it."
    if isnan(entry.relative_low):
        return "Too little is known to say more."
    low, high = (saying.per_cent(end).removesuffix(" %") for end in (entry.relative_low, entry.relative_high))
    return f"The effect on takedowns lies between {low} and {high} %."


def _waits(story: Story, policy: str) -> str:
    """What becomes of waits and of usable evidence."""
    takedowns, wait, usable = (story.difference(policy, key) for key in (EXPECTED, TURNAROUND, USABLE))
    known = takedowns is not None and is_clear(takedowns)  # else the title says what becomes of the wait
    first, second = "Waits for legal assistance would", "usable evidence"
    found = [(first, wait)] if known and wait is not None and is_clear(wait) else []
    if usable is not None and is_clear(usable):
        found.append((second if found else "Usable evidence would", usable))
    said = listing([f"{what} {_verb(entry)} by {saying.by(entry)}" for what, entry in found])
    return f"{said}." if said else ""


def _others(story: Story, policy: str) -> str:
    """Which other policies may do as much, or come next, or have no clear effect."""
    first = story.difference(policy, EXPECTED)
    if first is None or not is_clear(first):
        return ""
    rest = [one for one in story.of_policies(EXPECTED) if one.scenario != policy]
    alike, still = as_good(story, policy), [one.scenario for one in rest if not is_clear(one)]
    gains = [one for one in rest if is_clear(one) and one.difference * first.difference > 0.0]
    said = []
    if alike:
        who = named(story, alike[0]) if len(alike) == 1 else f"{len(alike)} other policies"
        said.append(f"{who} may do as much.")
    elif gains:
        second = max(gains, key=lambda one: abs(one.difference))
        said.append(f"{named(story, second.scenario)} would {_moves(second)} takedowns by {saying.by(second)}.")
    if still:
        who = f"{named(story, still[0])} has" if len(still) == 1 else f"{len(still)} other policies have"
        said.append(f"{who} no clear effect on takedowns.")
    return " ".join(said)


def caveats(story: Story, policy: str) -> str:
    """What the size leaves out: other work at courts, and another choice of facts; empty where it does not matter."""
    wait = story.difference(policy, TURNAROUND)
    if not _of_the_package(story):
        return ""
    said = [worded("courts")] if wait is not None and is_clear(wait) and wait.difference < 0.0 else []
    row = without_counts(story).get((policy, EXPECTED))
    entry = story.difference(policy, EXPECTED)
    if row is not None and entry is not None and is_clear(entry):
        low, high = (rough(100.0 * float(row[end])) for end in ("relative_low", "relative_high"))
        size = saying.per_cent(float(row["relative"]), sign=False)
        size = f"{'a rise' if float(row['relative']) > 0.0 else 'a fall'} of {size}"
        said.append(worded("without_counts", change=f"{size} ({low} to {high} %)", worlds=row["pairs"]))
    return " ".join(said)


def without_counts(story: Story) -> dict[tuple[str, str], dict[str, str]]:
    """Effects in sets that were chosen without counts, by policy and outcome; none beside other sets or baselines."""
    if story.baseline != BASELINE or not _of_the_package(story):
        return {}
    return {(row["scenario"], row["outcome"]): row for row in packaged_rows("without_counts.csv")}


def _of_the_package(story: Story) -> bool:
    """Whether a study is of the whole world in calibrated sets."""
    sets = story.experiment.sets
    return sets is not None and sets.standing is ChosenBy.CALIBRATED and not story.experiment.world.states


def confidence(story: Story) -> str:
    """Which facts the model meets, for all that the page says; empty where nothing was compared."""
    return record() if story.compared else ""


def sure(story: Story, entry: PairedEffect | None) -> str:
    """How sure one number is, in a few words."""
    return "" if entry is None or is_same(entry) else in_brief(grounds_of(entry), story.experiment.sets is not None)


def reasons(story: Story, policy: str) -> str:
    """How sure each number of the first screen is, and why: a list."""
    entries = (story.difference(policy, key) for key in (EXPECTED, TURNAROUND, USABLE))
    drawn = story.experiment.sets is not None
    known = [entry for entry in entries if entry is not None and not is_same(entry)]
    return "\n".join(f"- **{entry.title}.** {in_words(grounds_of(entry), drawn)}" for entry in known)


def _levels(story: Story) -> tuple[str, ...]:
    """The answer of a run of one scenario."""
    scenario = story.scenarios[0]
    down, lasting = (story.level(scenario, key).value for key in (BROUGHT_DOWN, EXPECTED))
    wait = rough_wait(story.level(scenario, TURNAROUND).value)
    basis = "A single world says nothing about chance" if story.replicates(scenario) == 1 else f"Over {story.basis}"
    worlds = story.of_worlds(scenario, EXPECTED)
    ends = "" if worlds.low != worlds.low else f" ({rough(worlds.low)} to {rough(worlds.high)} in 95 % of worlds)"
    return (
        f"Under {named(story, scenario)}, {rough(lasting)}{ends} {WHAT} are expected in {years(story)}.",
        f"In all {counted(round(down), 'group')} are brought down for any time. Half of the requests for legal "
        f"assistance are answered within {wait}.",
        f"{basis}; a run has nothing to compare with: `comity compare` shows what a policy changes.",
    )
