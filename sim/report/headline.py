"""The answer on one policy: a finding, two or three sentences, and how sure it is. Under 90 words, none of over 20.

Every number is of the policy that is named. Numbers are absolute and have two figures; counts are of the whole world
over all policy years.
"""

from itertools import chain
from math import isnan

from sim.experiments.plan import MAIN
from sim.measures.outcome import ShownIn
from sim.measures.outcomes import outcome, shown_in
from sim.report import places
from sim.report.story import Story, beside, by, clear, named, reach, sided, years
from sim.results.confidence import grounds_of, in_words
from sim.results.effects import Comparison, PairedEffect, effects, is_clear, is_same
from sim.results.words import rough, rough_sizes, rough_wait

BROUGHT_DOWN, EXPECTED, TURNAROUND = shown_in(ShownIn.FIRST)
#: Part of today's level by which a wait hardly changes, and below which both ends of an interval are next to nothing.
HARDLY = 0.02


def sentences(story: Story) -> tuple[str, ...]:
    """The answer of a comparison, or of a run: the finding, what belongs to it, and how sure it is."""
    if not story.compared:
        return _levels(story)
    policy = leading(story)
    if story.experiment.places and "country" in story.results.breakdowns:
        return _of_place(story, policy)
    more = (_today(story, policy), _losses(story, policy), _others(story, policy))
    return finding(story), " ".join(filter(None, more)), confidence(story)


def felt(entry: PairedEffect | None) -> bool:
    """Whether an effect counts as a change: more than chance, and of a wait not next to nothing."""
    return entry is not None and is_clear(entry) and (entry.outcome != TURNAROUND or abs(entry.relative) >= HARDLY)


def asked_directly(story: Story, policy: str) -> list[PairedEffect]:
    """Direct orders to providers and their answers, where a policy moves them by more than chance and two per cent."""
    found = (story.difference(policy, key) for key in ("ordinary_direct_per_year", "provider_median"))
    return [entry for entry in found if entry is not None and is_clear(entry) and abs(entry.relative) > HARDLY]


def _of_place(story: Story, policy: str) -> tuple[str, str, str]:
    """The answer for the first place that was asked about; last what changes in the world."""
    place, *_ = story.experiment.places
    side, sure = places.Side(story, (place,)), "Confidence: low. Its requests are too few to say more."
    if (found := places.sure(story, place, policy, side)) is not None:
        sure = in_words(found, story.experiment.sets is not None, f"{places.whose(place)} requests")
    entry = story.difference(policy, BROUGHT_DOWN)
    world = "no change in groups brought down is sure"
    if entry is not None and is_clear(entry):
        world = f"{moved(entry)} groups are brought down"
    said = f"{places.more(story, place, policy, side)} Worldwide, {world}, from {story.worlds}."
    return places.finding(story, place, policy, side), said, sure


def leading(story: Story) -> str:
    """The policy put first: which changes groups brought down most, or else turnaround, or moves anything.

    Where somebody asks about a place, it is the one by which most more of its own requests are executed in time.
    """
    if story.experiment.places and (best := places.helped_most(story, story.experiment.places[0])):
        return best
    moving = (entry for key in (BROUGHT_DOWN, TURNAROUND) for entry in story.of_policies(key) if not is_same(entry))
    direct = (entry for policy in story.reported for entry in asked_directly(story, policy))
    first = next(chain(clear(story, BROUGHT_DOWN), clear(story, TURNAROUND), direct, moving), None)
    return first.scenario if first else story.reported[0]


def as_good(story: Story, policy: str) -> list[str]:
    """Other policies that bring down more groups or fewer beyond chance, and whose difference to one may be chance."""
    others = [one.scenario for one in story.of_policies(BROUGHT_DOWN) if one.scenario != policy and is_clear(one)]
    pairs = [Comparison((MAIN, other), (MAIN, policy)) for other in others]
    return [one.scenario for one in effects(story.arms, pairs, [outcome(BROUGHT_DOWN)]) if not is_clear(one)]


def finding(story: Story) -> str:
    """What was found, in one or two sentences: the title."""
    policy = leading(story)
    entry, who = story.difference(policy, BROUGHT_DOWN), named(story, policy)
    if entry is None or not is_clear(entry):
        return _nothing(story, policy)
    return f"{who} brings down {beside(entry, 'criminal group', f' in {years(story)}')}."


def _nothing(story: Story, policy: str) -> str:
    """The finding where groups brought down do not change by more than chance."""
    wait, who = story.difference(policy, TURNAROUND), named(story, policy)
    verb = "shortens" if wait is not None and wait.difference < 0 else "lengthens"
    direct = next((_directly(entry) for entry in asked_directly(story, policy)), "")
    done = f"{verb} the wait" if felt(wait) else direct
    does = f"{who} {done}" if done else ""
    if len(story.reported) > 1:
        none = f"None of {len(story.reported)} policies makes a sure change in criminal groups brought down."
        return f"{none} {does}." if does else none
    if does:
        return f"{does}, but makes no sure change in groups brought down."
    both = filter(None, (story.difference(policy, BROUGHT_DOWN), wait))
    if all(is_same(one) or max(abs(one.low), abs(one.high)) <= HARDLY * one.baseline_mean for one in both):
        return f"{who} changes next to nothing: neither groups brought down nor waits."
    sure = "makes no sure change in groups brought down"
    return f"{who} hardly changes waits, and {sure}." if wait and is_clear(wait) else f"{who} {sure} or in waits."


def _directly(entry: PairedEffect) -> str:
    rises = entry.difference > 0
    if entry.unit == "days":
        return f"has providers answer direct orders {'later' if rises else 'sooner'}"
    return f"sends providers {'more' if rises else 'fewer'} direct orders"


def _today(story: Story, policy: str) -> str:
    """How many groups are brought down over the policy years, where a change in them may be chance."""
    entry, when = story.difference(policy, BROUGHT_DOWN), years(story)
    if entry is not None and is_clear(entry):
        return ""
    level = rough(story.level(story.baseline, BROUGHT_DOWN).value)
    today = f"From {story.worlds}, {level} groups are brought down in {when}"
    if entry is None or len(story.reported) > 1:
        return f"{today} under {named(story, story.baseline)}."
    if is_same(entry):
        return f"{today}, with and without it."
    return f"{today}; {within(entry)}."


def within(entry: PairedEffect | None) -> str:
    """What a change that may be chance may be, in words."""
    if entry is None or isnan(entry.low) or is_same(entry):
        return "no change" if entry is not None and is_same(entry) else "too little is known to say more"
    *sizes, time = rough_sizes(entry.low, entry.high, entry.unit)
    low, high = (sided(size, time, end) for size, end in zip(sizes, (entry.low, entry.high), strict=True))
    return f"no clear change ({low} to {high})"


def unfelt(entry: PairedEffect | None) -> str:
    """What stands beside today's level where nothing counts as a change: chance, or next to nothing."""
    return f"about as today; {moved(entry)}" if entry and is_clear(entry) else f"as today; {within(entry)}"


def moved(entry: PairedEffect) -> str:
    """The interval of a change that is more than chance, in two figures: 1.8 to 2.1 fewer, 2 to 9 days longer."""
    near, far = sorted((entry.low, entry.high), key=abs)
    _, last, time = rough_sizes(near, far, entry.unit)
    return reach(entry).removesuffix(last) + sided(last, time, entry.difference)


def _losses(story: Story, policy: str) -> str:
    """What becomes of victims' losses; their rates are a judgement, so in per cent."""
    entry = story.difference(policy, "harm")
    if entry is None or isnan(entry.relative_low) or not is_clear(entry):
        return "" if entry is None or isnan(entry.relative_low) else "Victims’ losses do not change measurably."
    ends = sorted(abs(100.0 * part) for part in (entry.relative_low, entry.relative_high))
    return f"Victims’ losses {'fall' if entry.difference < 0 else 'rise'} by {' to '.join(map(rough, ends))} %."


def _others(story: Story, policy: str) -> str:
    """Which other policies may do as much, or come next, or make no sure change, and what all of it rests on."""
    first = story.difference(policy, BROUGHT_DOWN)
    if first is None or not is_clear(first):
        return ""
    rest = [one for one in story.of_policies(BROUGHT_DOWN) if one.scenario != policy]
    alike, still = as_good(story, policy), [one.scenario for one in rest if not is_clear(one)]
    gains = [one for one in rest if is_clear(one) and one.difference * first.difference > 0.0]
    said = []
    if alike:
        who = named(story, alike[0]) if len(alike) == 1 else f"{len(alike)} other policies"
        said.append(f"{who} may do as much.")
    elif gains:
        second = max(gains, key=lambda one: abs(one.difference))
        said.append(f"{named(story, second.scenario)} brings down {by(second, 'group')} ({reach(second)}).")
    if still:
        who = f"{named(story, still[0])} makes" if len(still) == 1 else f"{len(still)} other policies make"
        said.append(f"{who} no sure change in groups brought down.")
    return " ".join([*said, f"Numbers are worldwide, from {story.worlds}."])


def confidence(story: Story) -> str:
    """How sure the headline is, by its rule, and why; empty where nothing was compared."""
    down, wait = (story.difference(leading(story), key) for key in (BROUGHT_DOWN, TURNAROUND))
    entry = wait if felt(wait) and not felt(down) else down
    return "" if entry is None else in_words(grounds_of(entry), story.experiment.sets is not None)


def _levels(story: Story) -> tuple[str, ...]:
    """The answer of a run of one scenario."""
    scenario = story.scenarios[0]
    down, lasting = (rough(story.level(scenario, key).value) for key in (BROUGHT_DOWN, EXPECTED))
    wait = rough_wait(story.level(scenario, TURNAROUND).value)
    basis = "A single world says nothing about chance" if story.replicates(scenario) == 1 else f"Over {story.basis}"
    return (
        f"Under {named(story, scenario)}, {down} criminal groups are brought down in {years(story)}.",
        f"Some {lasting} of them should stay down for half a year. Half of the requests for legal assistance are "
        f"answered within {wait}.",
        f"{basis}; a run has nothing to compare with: `comity compare` shows what a policy changes.",
    )
