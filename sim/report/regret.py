"""What a comparison of ways to decide found: whether reviewing pays, in plain words first, and an overview."""

from collections.abc import Collection, Mapping, Sequence
from itertools import chain
from typing import Any

from sim.measures.outcomes import outcome
from sim.report import provenance
from sim.report.marking import markdown_table, worded
from sim.report.page.parts import Chapter, Page
from sim.report.provenance import FEW, definitions, failures, manifest
from sim.report.story import Story, named
from sim.results.league import JUDGED, Regret
from sim.results.words import in_unit, interval, listing, lowered, number, span


def in_words(entry: Regret) -> str:
    """A regret in words: how much better the best plan does."""
    return span(*entry.regret[:3], outcome(entry.outcome).unit)


def sentences(story: Story) -> tuple[str, str, str]:
    """The answer in three sentences of plain text: what was asked, the regret of reviewing, and what it leaves open."""
    own = story.compared[0]
    mine = [entry for entry in story.regrets if entry.scenario == own]
    few = f"; over {story.basis} intervals are rough" if story.replicates(story.baseline) < FEW else ""
    found = "; ".join(verdicts(mine))
    return (
        f"{named(story, own)} was set beside every fixed plan of {_budget(story)} a year.",
        f"{found[0].upper()}{found[1:]}.",
        f"{_prices(story, mine)}; nobody knows the best plan in advance, and expected effects are judgement{few}.",
    )


def verdicts(mine: Sequence[Regret]) -> list[str]:
    """Which way does better on what, as far as chance lets one see."""
    clear = [entry for entry in mine if not entry.regret.includes_zero]
    worse, better = ([entry for entry in clear if (entry.regret.value > 0) is wanted] for wanted in (True, False))
    open_ = [entry for entry in mine if entry not in clear]
    parts = [f"the best fixed plan does better on {_shown(worse)}"] if worse else []
    parts += [f"reviewing does better on {_shown(better)}"] if better else []
    return parts + ([f"chance hides which does better on {_shown(open_)}"] if open_ else [])


def _prices(story: Story, mine: Sequence[Regret]) -> str:
    """What reviewing and the best plans commit of the same budget: who spends less may gain less for that alone."""
    own = number(story.price(mine[0].scenario).value)
    costs = sorted(story.price(plan).value for plan in {entry.best for entry in mine} if plan)
    ends = dict.fromkeys(map(number, costs[:1] + costs[-1:]))
    return f"Reviewing commits {own} million euros" + (f", the best fixed plans {' to '.join(ends)}" if ends else "")


def _shown(entries: Sequence[Regret]) -> str:
    """Outcomes with their regret, as a list in a sentence."""
    abouts = [(outcome(entry.outcome), entry) for entry in entries]
    return listing([f"{lowered(one.title)} (regret {in_words(entry)}{in_unit(one.unit)})" for one, entry in abouts])


def _budget(story: Story) -> str:
    """What the policymaker may spend in a year."""
    monitor = next(scenario.monitor for scenario in story.design.scenarios if scenario.key == story.compared[0])
    return f"{(monitor.budget if monitor else 0.0) / 1e6:g} million euros"


def page(story: Story, _: Collection[str], made: Mapping[str, Any] | None = None) -> Page:
    """The report of a comparison of ways to decide, which has no figure, with the manifest of its folder, if any."""
    own = story.compared[0]
    mine = [entry for entry in story.regrets if entry.scenario == own]
    asked = worded("regret_asked", own=story.marked[own], budget=_budget(story))
    best = (
        f"- {outcome(entry.outcome).title}. Best in hindsight: {story.marked[entry.best] if entry.best else 'none'}."
        for entry in mine
    )
    rows = []
    for arm in story.compared:  # none is best on everything
        found = [entry for entry in story.regrets if entry.scenario == arm]
        both = ((span(*entry.gain[:3], outcome(entry.outcome).unit), in_words(entry)) for entry in found)
        name = story.marked[arm] + (" *" if arm in story.plans else "")
        rows.append([name, interval(story.price(arm)), *chain.from_iterable(both)])
    head = ["", "cost, M€", *(f"{what}: {outcome(key).heading}" for key in JUDGED for what in ("gain", "regret"))]
    ways = worded("regret_ways", base=story.marked[story.baseline], ways=markdown_table(head, rows))
    reading = worded("regret_reading", inputs=provenance.in_words())
    sections = (
        Chapter("What was asked", asked),
        Chapter("What was found", "\n".join(best)),
        Chapter("Gains and regret", ways),
        Chapter("How to read it", f"{reading}\n\n{definitions(map(outcome, JUDGED))}{failures(story)}"),
    )
    question = "Does it pay to review and adapt?"
    return Page(question, sentences(story), sections=sections, manifest=manifest(story, made))
