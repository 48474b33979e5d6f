"""Report pages on two kinds of study: ablations of mechanisms, and policymakers who review their decisions."""

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from sim.experiments.settings import Mechanism, mechanisms
from sim.experiments.statistics import CONFIDENCE
from sim.measures.outcomes import HEADLINES, outcome
from sim.report.draw import ABLATION_FIGURES, REGRET_FIGURES
from sim.report.marking import markdown_table, worded
from sim.report.page.parts import Page
from sim.report.phrases import named
from sim.report.provenance import FEW, definitions, failures, in_words, manifest
from sim.report.section import PageKind, section
from sim.report.view import View
from sim.results.conclusions import Conclusion, of_baseline
from sim.results.effects import PairedEffect, is_clear, is_same
from sim.results.league import JUDGED, Regret
from sim.results.words import change, counted, effect, in_unit, interval, level, listing, lowered, number, span

#: What becomes of a conclusion that does not flip: whether that crosses the border with noise.
_HOLDS = {True: "only the border with noise is crossed", False: "holds, of another size"}
_SHOWN = ("policy", "beside", "outcome", "with it", "without it", "apart", "conclusion")
_WHOLE = "every mechanism there"


_ABLATE, _REGRET = (PageKind.ABLATE,), (PageKind.REGRET,)


def ablation_head(view: View, made: Mapping[str, Any] | None) -> Page:
    """First screen of an ablation's report."""
    question = "Which conclusions rest on which mechanism?"
    return Page(question, ablation_sentences(view), manifest=manifest(view, made))


@section("What was asked", 10, pages=_ABLATE)
def ablation_asked(view: View) -> str:
    """Section on the policies of an ablation and the baseline that they are compared with."""
    policies = listing([f"“{view.marked[key]}”" for key in view.compared])
    return worded("ablation_asked", policies=policies, base=view.marked[view.baseline])


@section("What flips when a mechanism is left out", 30, pages=_ABLATE)
def flips(view: View) -> str:
    """Section on conclusions that change if a mechanism is left out."""
    return "\n\n".join(_section(view, mechanism) for mechanism in view.design.mechanisms)


@section("Effects of each policy", 40, pages=_ABLATE)
def ablation_effects(view: View) -> str:
    """Section on policies' effects with all mechanisms, and with each one left out."""
    effects = "\n\n".join(f"### {outcome(key).title}\n\n{effects_table(view, key)}" for key in HEADLINES)
    return f"{worded('ablation_effects', baseline=view.marked[view.baseline])}\n\n{effects}"


@section("The ground that they stand on", 50, pages=_ABLATE)
def ground(view: View) -> str:
    """Section on changes in the baseline when each mechanism is left out."""
    return worded("ablation_ground", base=view.marked[view.baseline], table=ground_table(view))


@section("How to read it", 60, pages=_ABLATE)
def ablation_reading(view: View) -> str:
    """Section that explains terms of an ablation, with definitions and failed runs."""
    reading = worded("ablation_reading", replicates=view.replicates(view.baseline), inputs=in_words())
    return f"{reading}\n\n{definitions(map(outcome, HEADLINES))}{failures(view)}"


def ablation_sentences(view: View) -> tuple[str, str, str]:
    """Answer of an ablation in three sentences of plain text."""
    policies, mechanisms, checks = view.compared, view.design.mechanisms, len(view.effects)
    who = named(view, policies[0]) if len(policies) == 1 else counted(len(policies), "policy", "policies")
    verb = "was" if len(policies) == 1 else "were"
    left = f"each of {counted(len(mechanisms), 'mechanism')}" if len(mechanisms) > 1 else "one mechanism"
    few = f"; over {view.basis} intervals are rough" if view.replicates(view.baseline) < FEW else ""
    about = f"{(1 - CONFIDENCE) * checks:.2g} of {counted(checks, 'effect')}"
    return (
        f"{who} {verb} compared with {named(view, view.baseline)} again without {left}, in the same worlds.",
        _found(view),
        f"Chance alone would seem to change about {about}{few}.",
    )


def _found(view: View) -> str:
    """Sentence on the number of conclusions that hold whichever mechanism is left out, with an example."""
    resting = {_question(entry) for entry in view.effects if entry.flips}
    total = len({_question(entry) for entry in view.effects})
    if not resting:
        every = f"All {total} conclusions hold" if total != 1 else "The one conclusion holds"
        clear = [entry for entry in view.effects if is_clear(entry.whole)]
        if not clear:
            return f"{every} whichever is left out: no change can be distinguished from chance, with it or without."
        first = max(clear, key=lambda entry: _clearness(entry.whole))
        return f"{every} whichever is left out, such as {_title(view, first)}: {effect(first.whole)}."
    first = max((entry for entry in view.effects if entry.flips), key=lambda entry: _clearness(entry.shift))
    held = f"{total - len(resting)} of {counted(total, 'conclusion')} hold whichever is left out"
    rest = f"{len(resting)} {'rests' if len(resting) == 1 else 'rest'} on one"
    example = f"{_title(view, first)} on {first.mechanism.title}: {effect(first.whole)}"
    return f"{held}; {rest}, most clearly {example}, changed by {change(first.shift)} without it."


def _question(entry: Conclusion) -> tuple[str, str]:
    """Keys of the scenario and of the outcome that a conclusion is about."""
    return entry.whole.scenario, entry.whole.outcome


def _title(view: View, entry: Conclusion) -> str:
    """Title of a conclusion: its outcome and, if there are several policies, its policy."""
    title = outcome(entry.whole.outcome).title
    under = f" under {named(view, entry.whole.scenario)}" if len(view.compared) > 1 else ""
    return f"{lowered(title)}{under}"


def _clearness(entry: PairedEffect) -> float:
    """Distance of a change from zero, in widths of its interval; 0 if there is no interval."""
    return abs(entry.difference) / (entry.high - entry.low) if entry.high > entry.low else 0.0


@section("What was found", 20, figures=tuple(ABLATION_FIGURES), pages=_ABLATE)
def short(view: View) -> str:
    """Text that lists the conclusions that depend on a mechanism, with these mechanisms."""
    resting: dict[tuple[str, str], list[Conclusion]] = {}
    for entry in view.effects:
        if entry.flips:
            resting.setdefault(_question(entry), []).append(entry)
    lines = [
        f"- “{view.marked[policy]}”: *{outcome(key).title}* {effect(entries[0].whole)}; rests on "
        + listing([f"{entry.mechanism.title} ({entry.flip})" for entry in entries])
        for (policy, key), entries in resting.items()
    ]
    return "\n".join(lines) or "Every conclusion (a policy, an outcome) is drawn whichever mechanism is left out."


def _section(view: View, mechanism: Mechanism) -> str:
    """Section on one mechanism: a table of the conclusions that change without it."""
    head = f"### {mechanism.block.capitalize()}\n\nLeft out: {mechanism.meaning} ({mechanism.source})."
    effects = [entry for entry in view.effects if entry.mechanism == mechanism]
    if all(is_same(entry.shift) for entry in effects):  # the same in every replicate
        return f"{head}\n\nEvery world is the same without it: nothing in this comparison meets it."
    orders = [entry for entry in view.rankings if entry.mechanism == mechanism and entry.flips]
    shown = [*(entry for entry in effects if entry.flips or entry.borderline or entry.moved), *orders]
    if not shown:
        return f"{head}\n\nNo conclusion flips, and no effect changes so that it could be distinguished from noise."
    rows = []
    for entry in shown:
        beside = "" if entry.whole.baseline == view.baseline else view.marked[entry.whole.baseline]
        found = (*map(effect, (entry.whole, entry.without, entry.shift)), f"**{entry.flip}**")
        found = found if entry.flips else (*found[:3], _HOLDS[entry.borderline])
        rows.append([view.marked[entry.whole.scenario], beside, outcome(entry.whole.outcome).title, *found])
    return f"{head}\n\n{markdown_table(_SHOWN, rows, range(3, 6))}"


def effects_table(view: View, key: str) -> str:
    """Table of policies' effects on one outcome, with a row per mechanism left out and a column per policy."""
    whole = [view.difference(policy, key) for policy in view.compared]
    rows = [[_WHOLE, *(change(entry) if entry else "–" for entry in whole)]]
    for mechanism in view.design.mechanisms:
        found = [entry for entry in view.effects if (entry.mechanism, entry.whole.outcome) == (mechanism, key)]
        marks = ["**" if entry.flips else "*" if entry.borderline else "" for entry in found]
        effects = (f"{mark}{change(entry.without)}{mark}" for mark, entry in zip(marks, found, strict=True))
        rows.append([mechanism.block, *effects])
    unit = outcome(key).unit
    titles = [view.marked[policy] for policy in view.compared]
    return markdown_table(["change" if unit == "share" else f"change, {unit}", *titles], rows)


def ground_table(view: View) -> str:
    """Table of the baseline's headline outcomes, and of their changes without each mechanism."""
    base = view.baseline
    rows = [[_WHOLE, *(level(view.level(base, key), outcome(key)) for key in HEADLINES)]]
    shifts = of_baseline(view.arms, view.design, HEADLINES)
    rows += [[mechanism.block, *map(change, shifts[mechanism.key])] for mechanism in view.design.mechanisms]
    return markdown_table(["", *(outcome(key).heading for key in HEADLINES)], rows)


def print_mechanisms() -> None:
    """Prints all mechanisms that can be switched off."""
    heads = ("mechanism", "what it does", "described in", "switch")
    table = Table(*(Column(head, overflow="fold") for head in heads), show_lines=True)
    for one in mechanisms():
        table.add_row(one.key, escape(one.meaning), escape(one.source), one.switch)
    Console().print(table)


def _regret(entry: Regret) -> str:
    """Text on a regret, which is the lead of the best fixed plan over another decision rule."""
    return span(*entry.regret[:3], outcome(entry.outcome).unit)


def regret_sentences(view: View) -> tuple[str, str, str]:
    """Answer in three sentences: the question, the regret of reviewing, and questions that remain open."""
    own = view.compared[0]
    mine = [entry for entry in view.regrets if entry.scenario == own]
    few = f"; over {view.basis} intervals are rough" if view.replicates(view.baseline) < FEW else ""
    found = "; ".join(verdicts(mine))
    return (
        f"{named(view, own)} was set beside every fixed plan of {_budget(view)} a year.",
        f"{found[0].upper()}{found[1:]}.",
        f"{_prices(view, mine)}; nobody knows the best plan in advance, and expected effects are judgement{few}.",
    )


def verdicts(mine: Sequence[Regret]) -> list[str]:
    """Clauses that list outcomes by result: reviewing is better, the best fixed plan is better, or unclear."""
    clear = [entry for entry in mine if not entry.regret.includes_zero]
    worse, better = ([entry for entry in clear if (entry.regret.value > 0) is wanted] for wanted in (True, False))
    open_ = [entry for entry in mine if entry not in clear]
    parts = [f"the best fixed plan does better on {_shown(worse)}"] if worse else []
    parts += [f"reviewing does better on {_shown(better)}"] if better else []
    return parts + ([f"chance hides which does better on {_shown(open_)}"] if open_ else [])


def _prices(view: View, mine: Sequence[Regret]) -> str:
    """Text on the money spent by reviewing and by the best fixed plans."""
    own = number(view.price(mine[0].scenario).value)
    costs = sorted(view.price(plan).value for plan in {entry.best for entry in mine} if plan)
    ends = dict.fromkeys(map(number, costs[:1] + costs[-1:]))
    return f"Reviewing commits {own} million euros" + (f", the best fixed plans {' to '.join(ends)}" if ends else "")


def _shown(entries: Sequence[Regret]) -> str:
    """Text that lists outcomes, each with its regret."""
    abouts = [(outcome(entry.outcome), entry) for entry in entries]
    return listing([f"{lowered(one.title)} (regret {_regret(entry)}{in_unit(one.unit)})" for one, entry in abouts])


def _budget(view: View) -> str:
    """Text on the policymaker's yearly budget."""
    monitor = next(scenario.monitor for scenario in view.design.scenarios if scenario.key == view.compared[0])
    return f"{(monitor.budget if monitor else 0.0) / 1e6:g} million euros"


def regret_head(view: View, made: Mapping[str, Any] | None) -> Page:
    """First screen of the report on decision rules."""
    return Page("Does it pay to review and adapt?", regret_sentences(view), manifest=manifest(view, made))


@section("What was asked", 10, pages=_REGRET)
def regret_asked(view: View) -> str:
    """Section on the policymaker whose decision rules are compared, and on the budget."""
    return worded("regret_asked", own=view.marked[view.compared[0]], budget=_budget(view))


@section("What was found", 20, figures=tuple(REGRET_FIGURES), pages=_REGRET)
def best(view: View) -> str:
    """Section on the fixed plan that turned out best for each outcome."""
    mine = [entry for entry in view.regrets if entry.scenario == view.compared[0]]
    return "\n".join(
        f"- {outcome(entry.outcome).title}. Best in hindsight: {view.marked[entry.best] if entry.best else 'none'}."
        for entry in mine
    )


@section("Gains and regret", 30, pages=_REGRET)
def ways(view: View) -> str:
    """Section with a table of every decision rule: its cost, gain and regret."""
    rows = []
    for arm in view.compared:  # none is best on everything
        found = [entry for entry in view.regrets if entry.scenario == arm]
        both = ((span(*entry.gain[:3], outcome(entry.outcome).unit), _regret(entry)) for entry in found)
        name = view.marked[arm] + (" *" if arm in view.plans else "")
        rows.append([name, interval(view.price(arm)), *chain.from_iterable(both)])
    head = ["", "cost, M€", *(f"{what}: {outcome(key).heading}" for key in JUDGED for what in ("gain", "regret"))]
    return worded("regret_ways", base=view.marked[view.baseline], ways=markdown_table(head, rows))


@section("How to read it", 40, pages=_REGRET)
def regret_reading(view: View) -> str:
    """Section that explains terms of the comparison of decision rules, with definitions and failed runs."""
    reading = worded("regret_reading", inputs=in_words())
    return f"{reading}\n\n{definitions(map(outcome, JUDGED))}{failures(view)}"
