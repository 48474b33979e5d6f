"""Answer of a report as text: main finding on one policy, further sentences, and confidence.

Numbers are relative to today's level, which says more than the level itself; all have two figures. What is measured is
lasting takedowns, of the whole world over all policy years.
"""

from dataclasses import dataclass
from itertools import chain
from math import isnan
from typing import Any

from sim.experiments.plan import MAIN
from sim.experiments.sets import ChosenBy
from sim.measures.outcome import ShownIn
from sim.measures.outcomes import outcome, shown_in
from sim.policy.well_known import BASELINE
from sim.report import depends, places, saying
from sim.report.marking import worded
from sim.report.phrases import clear, named, worldwide, years
from sim.report.view import View
from sim.results.confidence import grounds_of, in_a_sentence, in_brief, in_words, record, record_in_full
from sim.results.effects import Comparison, PairedEffect, effects, is_beyond_chance, is_clear, is_same
from sim.results.labels import packaged_rows
from sim.results.words import counted, lowered, outward, rough, rough_wait
from sim.world.parameters import Parameters, WorldSpec

BROUGHT_DOWN, EXPECTED, TURNAROUND = shown_in(ShownIn.FIRST)
USABLE = "usable_within_12_months"
WHAT = "lasting takedowns of criminal groups"
IN_MODEL, IF_RIGHT = " in this model", " if the model is right"


def sentences(view: View) -> tuple[str, ...]:
    """Answer of a comparison or run as sentences: main finding, further effects, reservations and confidence.

    The finding, how sure it is, what belongs to it, what it leaves out, and which facts the model meets.
    """
    if not view.compared:
        return _levels(view)
    policy = leading(view)
    if view.experiment.places and "country" in view.results.breakdowns:
        return _of_place(view, policy)
    more = (_unclear(view, policy), _waits(view, policy), parts(view, policy), _others(view, policy))
    said = " ".join([*filter(None, more), f"{worldwide(view)}, {years(view)}, {view.worlds}."])
    return finding(view), doubts(view, policy), said, caveats(view, policy), confidence(view)


def doubts(view: View, policy: str) -> str:
    """Sentences on the confidence in a policy's main finding, and on its size under other assumptions."""
    entries = [view.difference(policy, key) for key in (EXPECTED, TURNAROUND)]
    entry = next((one for one in entries if one is not None and is_clear(one)), entries[0])
    if entry is None or is_same(entry):
        return ""
    who = "they" if entry.outcome == EXPECTED else "it"
    what = f"{who} {_verb(entry)}{'' if entry.outcome == EXPECTED else 's'}"
    sure = in_a_sentence(grounds_of(entry), what, view.experiment.sets is not None)
    others = _other_sizes(view, policy)
    return f"{sure.removesuffix('.')}: {lowered(others)}" if others else sure


def _other_sizes(view: View, policy: str) -> str:
    """Sentence on the range of effects on lasting takedowns under other assumptions."""
    tried = _assumptions(view, policy)
    if not tried:
        return ""
    low, high = outward(min(one.low for one in tried), max(one.high for one in tried))
    return (
        f"Other assumptions, which nobody can rule out, were tried and would give {low} to {high} %; "
        "further ones may give less or more."
    )


def asked_directly(view: View, policy: str) -> list[PairedEffect]:
    """Clear effects of a policy on direct orders to providers: on their number, and on the time to an answer."""
    found = (view.difference(policy, key) for key in ("ordinary_direct_per_year", "provider_median"))
    return [entry for entry in found if entry is not None and is_clear(entry)]


def _of_place(view: View, policy: str) -> tuple[str, ...]:
    """Sentences on the first place that the user asked about, with a last sentence on the whole world."""
    place, *_ = view.experiment.places
    side = places.Side(view, (place,))
    entry = view.difference(policy, EXPECTED)
    world, other = f"the effect on {WHAT} is unclear", ""
    if entry is not None and is_clear(entry):
        world, other = f"{WHAT} would {_verb(entry)} by {saying.by(entry)}", _other_sizes(view, policy)
    elif entry is not None:
        world += saying.in_brackets(entry)
    said = f"{places.more(view, place, policy, side)} {worldwide(view)}, {world}, from {view.worlds}."
    sure = places.sure_in_words(view, place, policy, side)
    said = " ".join(filter(None, (said, other)))
    return places.finding(view, place, policy, side), sure, said, caveats(view, policy), confidence(view)


def leading(view: View) -> str:
    """Key of the leading policy: by lasting takedowns or, if unclear, by turnaround or any other outcome.

    Where somebody asks about a place, it is the one by which most more of its own requests are executed in time.
    """
    if view.experiment.places and (best := places.helped_most(view, view.experiment.places[0])):
        return best
    moving = (entry for key in (EXPECTED, TURNAROUND) for entry in view.of_policies(key) if not is_same(entry))
    direct = (entry for policy in view.reported for entry in asked_directly(view, policy))
    first = next(chain(clear(view, EXPECTED), clear(view, TURNAROUND), direct, moving), None)
    return first.scenario if first else view.reported[0]


def as_good(view: View, policy: str) -> list[str]:
    """Keys of other policies that cannot be distinguished from a policy by their effect on lasting takedowns."""
    others = [one.scenario for one in view.of_policies(EXPECTED) if one.scenario != policy and is_clear(one)]
    pairs = [Comparison((MAIN, other), (MAIN, policy)) for other in others]
    found = effects(view.arms, pairs, [outcome(EXPECTED)])
    return [one.scenario for one in found if not is_beyond_chance(one)]


def finding(view: View) -> str:
    """Main finding of a comparison in one or two sentences, as a title."""
    policy = leading(view)
    entry, who = view.difference(policy, EXPECTED), named(view, policy)
    if entry is None or not is_clear(entry):
        return _nothing(view, policy)
    return f"{who} would {_moves(entry)} {WHAT} by {in_model(entry)}."


def in_model(entry: Any) -> str:
    """Text on a change with its interval, on the condition that the model is right."""
    return saying.by(entry, IF_RIGHT)


def _moves(entry: Any) -> str:
    return "raise" if entry.difference > 0 else "lower"


def _verb(entry: Any) -> str:
    return "rise" if entry.difference > 0 else "fall"


def _nothing(view: View, policy: str) -> str:
    """Sentence for a policy whose effect on lasting takedowns is unclear."""
    wait, who = view.difference(policy, TURNAROUND), named(view, policy)
    direct = next((_directly(entry) for entry in asked_directly(view, policy)), "")
    done = direct
    if wait is not None and is_clear(wait):
        done = f"would {'shorten' if wait.difference < 0 else 'lengthen'} the wait by {saying.by(wait)}"
    if len(view.reported) > 1:
        none = f"None of {len(view.reported)} policies has a clear effect on {WHAT}."
        return f"{none} {who} {done}." if done else none
    both = [entry for entry in (view.difference(policy, EXPECTED), wait) if entry is not None]
    if done:
        return f"{who} {done}{IN_MODEL}; the effect on lasting takedowns is unclear."
    if all(map(is_same, both)):
        return f"{who} would change neither {WHAT} nor waits."
    few = any(not is_beyond_chance(entry) and not is_same(entry) for entry in both)
    if few:
        return f"{who} has small or unclear effects on {WHAT} and on waits."
    return f"{who} would hardly change {WHAT} or waits."


def _directly(entry: PairedEffect) -> str:
    rises = entry.difference > 0
    if entry.unit == "days":
        return f"would have providers answer direct orders {'later' if rises else 'sooner'}"
    return f"would send providers {'more' if rises else 'fewer'} direct orders"


def _unclear(view: View, policy: str) -> str:
    """Sentence on the interval of a policy's unclear effect on takedowns; empty if there are several policies."""
    entry = view.difference(policy, EXPECTED)
    if entry is None or is_clear(entry) or len(view.reported) > 1:
        return ""
    if is_same(entry):
        return "Takedowns would be the same with and without it."
    if isnan(entry.relative_low):
        return "Too little is known to say more."
    low, high = saying.signed_ends(entry)
    return f"The effect on takedowns lies between {low} and {high} %."


def _waits(view: View, policy: str) -> str:
    """Sentence on a policy's effects on waits and on usable evidence."""
    takedowns, wait, usable = (view.difference(policy, key) for key in (EXPECTED, TURNAROUND, USABLE))
    known = takedowns is not None and is_clear(takedowns)  # else the title says what becomes of the wait
    waits = wait is not None and known and is_clear(wait)
    said = [f"Waits for answers through central authorities would {_verb(wait)} by {saying.by(wait)}"] if waits else []
    if usable is not None and is_clear(usable):
        who = "usable evidence would" if said else "Usable evidence would"
        said.append(f"{who} {_verb(usable)} {saying.from_to(usable, saying.OF[USABLE])}")
    known = {sure(view, one) for one in (wait, usable) if one is not None and is_clear(one)}
    confident = f" ({lowered(known.pop())})" if said and len(known) == 1 else ""
    return f"{'; '.join(said)}{confident}." if said else ""


def parts_of(view: View, policy: str) -> list[str]:
    """Keys of the policies in the study that make up a package; empty if the policy is no package."""
    keys = next((one.based_on for one in view.design.scenarios if one.key == policy), ())
    return [key for key in keys if key in view.reported] if len(keys) > 1 else []


def parts(view: View, policy: str) -> str:
    """Sentence on the effects of a package's parts alone, and on the largest part's share of effect and price."""
    whole = view.difference(policy, EXPECTED)
    effects_of_parts = [one for key in parts_of(view, policy) if (one := view.difference(key, EXPECTED)) is not None]
    if whole is None or not is_clear(whole) or not effects_of_parts:
        return ""
    largest, *smaller = sorted(effects_of_parts, key=lambda one: -abs(one.difference) if is_clear(one) else 0.0)
    texts = f"{_alone(view, largest)}{_part_of(view, largest, whole)}", *(_alone(view, one) for one in smaller)
    return f"Takedowns by each of its {len(texts)} parts alone: {'; '.join(texts)}."


def _alone(view: View, one: PairedEffect) -> str:
    """Text on the effect of one part of a package without the other parts."""
    how = f"{saying.per_cent(one.relative)} ({saying.sizes(one)})" if is_clear(one) else saying.change(one)
    return f"{named(view, one.scenario)} {how}"


def _part_of(view: View, one: PairedEffect, whole: PairedEffect) -> str:
    """Text on a part's share of a package's effect and price; empty if the part's effect is opposite or larger."""
    share = one.difference / whole.difference
    own_price, price = (view.price(entry.scenario).value for entry in (one, whole))
    if not is_clear(one) or not 0.0 < share < 1.0 or not 0.0 < own_price < price:
        return ""
    return f", {rough(100.0 * share)} % of the effect for {rough(100.0 * own_price / price)} % of the price"


def _others(view: View, policy: str) -> str:
    """Sentence on the other policies: on equally effective ones, on the next best, or on ones without clear effect."""
    first = view.difference(policy, EXPECTED)
    if first is None or not is_clear(first):
        return ""
    before = (policy, *parts_of(view, policy))
    rest = [one for one in view.of_policies(EXPECTED) if one.scenario not in before]
    alike, still = as_good(view, policy), [one.scenario for one in rest if not (is_beyond_chance(one) or is_same(one))]
    gains = [one for one in rest if is_clear(one) and one.difference * first.difference > 0.0]
    said = []
    if alike:
        who = named(view, alike[0]) if len(alike) == 1 else f"{len(alike)} other policies"
        said.append(f"{who} may do as much.")
    elif gains:
        second = max(gains, key=lambda one: abs(one.difference))
        said.append(f"{named(view, second.scenario)} would {_moves(second)} takedowns by {saying.by(second)}.")
    if still:
        none = "unclear on takedowns"
        one = view.difference(still[0], EXPECTED)
        known = saying.in_brackets(one) if one is not None else ""
        alone = f"The effect of {named(view, still[0])} is {none}{known}."
        said.append(alone if len(still) == 1 else f"The effects of {len(still)} other policies are {none}.")
    return " ".join(said)


def caveats(view: View, policy: str) -> str:
    """Sentences on effects under other assumptions: on open choices, courts' other work, and facts for fitting.

    Where no fact chose the parameter sets, the sentence says that.
    """
    sets = view.experiment.sets
    if sets is not None and sets.standing is ChosenBy.PRIOR:
        return worded("no_fact_chose")
    first, *others = (depends.changed_verdict(view, policy, key) for key in depends.ABOUT)
    return " ".join(filter(None, [first, *(one.text for one in _assumptions(view, policy)), *others]))


@dataclass(frozen=True)
class _Assumption:
    """Another plausible assumption, and the effect on lasting takedowns under it, in per cent."""

    low: float
    high: float
    text: str


def _assumptions(view: View, policy: str) -> list[_Assumption]:
    """Ranges and sentences of a policy's effect under other assumptions; empty if none was tried or it is unclear."""
    entry = view.difference(policy, EXPECTED)
    if not _was_tried(view) or entry is None:
        return []
    assumptions = []
    for trial in packaged_rows("trials.csv"):
        if trial["scenario"] == policy and is_clear(entry):
            sizes = {key: float(trial[key]) for key in ("drawn", "none", "full")}
            shares = {key: saying.per_cent(size, sign=False) for key, size in sizes.items()}
            text = worded("courts", worlds=trial["worlds"], policy=named(view, policy), **shares)
            # worlds of a trial are few: their own effect, and that of all worlds, are in the range
            ends = [float(round(100.0 * size)) for size in (*sizes.values(), entry.relative)]
            assumptions.append(_Assumption(min(ends), max(ends), text))
    return assumptions


def _was_tried(view: View) -> bool:
    """True if a study has the settings of the released model, with which other assumptions were tried.

    These are the calibrated parameter sets, the default parameters, world and years, and today's law to compare with.
    """
    experiment, sets = view.experiment, view.experiment.sets
    calibrated = sets is not None and sets.standing is ChosenBy.CALIBRATED
    as_released = experiment.world == WorldSpec() and experiment.parameters == Parameters() and experiment.rules is None
    return calibrated and as_released and view.baseline == BASELINE


def confidence(view: View) -> str:
    """Sentence on the number of published facts that the model agrees with; empty in a run of one scenario."""
    return record() if view.compared else ""


def sure(view: View, entry: PairedEffect | None) -> str:
    """Short text on the confidence in one effect; empty if nothing changed."""
    return "" if entry is None or is_same(entry) else in_brief(grounds_of(entry), view.experiment.sets is not None)


def reasons(view: View, policy: str) -> str:
    """Text on the confidence in each number of the first screen, with reasons."""
    entries = (view.difference(policy, key) for key in (EXPECTED, TURNAROUND, USABLE))
    drawn = view.experiment.sets is not None
    known = [entry for entry in entries if entry is not None and not is_same(entry)]
    numbers = "\n".join(f"- **{entry.title}.** {in_words(grounds_of(entry), drawn)}" for entry in known)
    met = "\n".join(f"- {line}" for line in record_in_full())
    return f"Published facts that were not used to fit the model; it meets:\n\n{met}\n\n{numbers}"


def _levels(view: View) -> tuple[str, ...]:
    """Sentences that answer a run, which has one scenario: takedowns, the wait for answers, and the basis."""
    scenario = view.scenarios[0]
    down, lasting = (view.level(scenario, key).value for key in (BROUGHT_DOWN, EXPECTED))
    wait = rough_wait(view.level(scenario, TURNAROUND).value)
    basis = "A single world says nothing about chance" if view.replicates(scenario) == 1 else f"Over {view.basis}"
    worlds = view.of_worlds(scenario, EXPECTED)
    ends = "" if worlds.low != worlds.low else f" ({rough(worlds.low)} to {rough(worlds.high)} in 95 % of worlds)"
    return (
        f"Under {named(view, scenario)}, {rough(lasting)}{ends} {WHAT} are expected in {years(view)}.",
        f"In all {counted(round(down), 'group')} are brought down for any time. Half of the requests for legal "
        f"assistance are answered within {wait}.",
        f"{basis}; a run has nothing to compare with: `comity compare` shows what a policy changes.",
    )
