"""What an ablation found: summary.md, in plain words first, its tables, and an overview for a terminal."""

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from rich.console import Console, Group
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from sim.experiments.mechanisms import Mechanism, mechanisms
from sim.experiments.statistics import CONFIDENCE
from sim.measures.outcome import Better
from sim.measures.outcomes import HEADLINES, outcome
from sim.report import provenance
from sim.report.ablation_answer import sentences
from sim.report.marking import markdown_table
from sim.report.page.parts import Chapter, Page
from sim.report.story import Story
from sim.report.templates import definitions, exhibits, failures, manifest
from sim.results.conclusions import Conclusion, Flip
from sim.results.effects import PairedEffect, is_clear, is_same, sign
from sim.results.words import change, counted, effect, level, listing

Titles = Mapping[str, str]

_EFFECTS = """\
Mean paired difference from “{baseline}” with its 95 % interval. **Bold**: another conclusion than with every mechanism,
and the effect itself changes so that it can be distinguished from noise. *Italic*: another conclusion, but the effect
itself may be the same."""
_ORDERS = """\
Best first. {numbers}. *>*: the two can be distinguished; *≈*: they cannot. **Bold**: two policies change places, or can
be distinguished in only one of the two worlds, and the difference between them changes so that it can be distinguished
from noise."""
_READING = """\
- A mechanism that flips nothing may still matter: look at the ground, and at the sizes of the effects.
- Leaving a mechanism out makes a simpler world, not a better or a worse one. Other values are kept as they are; nothing
  is fitted again, so levels (say, of waits) move as well.
- *Whether a difference can be distinguished from noise* depends on the number of replicates ({replicates} here): with
  more, small effects come to light with the mechanism and without it.
- {inputs}"""


def page(story: Story, drawings: Mapping[str, str], made: Mapping[str, Any] | None = None) -> Page:
    """The report of an ablation.

    Args:
        story: what was found.
        drawings: text of the SVG of every figure that was drawn, by name.
        made: the manifest of its folder, if it has one.
    """
    policies, title, base = story.compared, story.marked, story.marked[story.baseline]
    asked = (
        f"The comparison of {listing([f'“{title[key]}”' for key in policies])} with “{base}” was made again in the "
        "same random worlds with one mechanism left out at a time, from the first day of the burn-in on. A conclusion "
        "that another world would not give rests on what was left out: if you doubt that mechanism, doubt that "
        "conclusion."
    )
    numbers = "; ".join(f"{number}: {title[policy]}" for number, policy in enumerate(policies, 1))
    effects = "\n\n".join(f"### {outcome(key).title}\n\n{effects_table(story, key)}" for key in HEADLINES)
    order = (Chapter("Order of the policies", f"{_ORDERS.format(numbers=numbers)}\n\n{orders_table(story)}"),)
    ground = (
        f"“{base}” with every mechanism, and by how much it differs without each: what the mechanism does to the world "
        f"before any policy.\n\n{ground_table(story)}"
    )
    reading = _READING.format(replicates=story.replicates(story.baseline), inputs=provenance.in_words())
    sections = (
        Chapter("What was asked", asked),
        Chapter("What was found", f"{short(story)}\n\n{_chance(story)}", exhibits(drawings, ABLATION_FIGURE)),
        Chapter(
            "What flips when a mechanism is left out",
            "\n\n".join(_section(story, mechanism) for mechanism in story.design.mechanisms),
        ),
        Chapter("Effects of each policy", f"{_EFFECTS.format(baseline=base)}\n\n{effects}"),
        *(order if len(policies) > 1 else ()),
        Chapter("The ground that they stand on", ground),
        Chapter("How to read it", f"{reading}\n\n{definitions(map(outcome, HEADLINES))}{failures(story)}"),
    )
    question = "Which conclusions rest on which mechanism?"
    return Page(question, sentences(story), sections=sections, manifest=manifest(story, made))


ABLATION_FIGURE = {"effects_by_mechanism": "Effects of each policy by mechanism left out"}


def short(story: Story) -> str:
    """What holds whichever mechanism is left out, and what does not."""
    by_question: dict[tuple[str, str], list[Conclusion]] = {}
    for entry in story.effects:
        by_question.setdefault((entry.whole.scenario, entry.whole.outcome), []).append(entry)
    firm = {question: not any(entry.flips for entry in entries) for question, entries in by_question.items()}
    held = [entries[0] for question, entries in by_question.items() if firm[question]]
    rest = [entries for question, entries in by_question.items() if not firm[question]]
    kept = [entry for entry in held if is_clear(entry.whole)]
    lines = [
        f"Of {counted(len(firm), 'conclusion')} (a policy, an outcome) "
        f"**{len(held)} {'is' if len(held) == 1 else 'are'} drawn whichever mechanism is left out**: "
        f"{len(kept)} that something changes, {len(held) - len(kept)} that no change can be distinguished from noise."
        + (f" **{len(rest)} {'rests' if len(rest) == 1 else 'rest'} on a mechanism**:" if rest else ""),
        "",
        *(
            f"{_standing(entries[0], story.marked)}; rests on "
            + listing([f"{entry.mechanism.title} ({entry.flip})" for entry in entries if entry.flips])
            for entries in rest
        ),
    ]
    if kept:
        lines += [
            "",
            "What changes whichever mechanism is left out:",
            "",
            *(_standing(entry, story.marked) for entry in kept),
        ]
    flipping = {entry.mechanism for entry in story.effects if entry.flips}
    quiet = [mechanism.title for mechanism in story.design.mechanisms if mechanism not in flipping]
    if quiet:
        lines += ["", f"Nothing flips without {listing(quiet, 'or')}."]
    return "\n".join(lines)


def _standing(entry: Conclusion, title: Titles) -> str:
    """A conclusion that holds."""
    return f"- “{title[entry.whole.scenario]}”: *{outcome(entry.whole.outcome).title}* {effect(entry.whole)}"


def _chance(story: Story) -> str:
    """How many flips chance alone would give, and the caution that few replicates need."""
    checks = len(story.effects)
    expected = (1 - CONFIDENCE) * checks
    few = " With so few replicates the intervals are rough." if story.replicates(story.baseline) < 20 else ""
    return (
        "A flip is reported only where the effect itself changes so that it can be distinguished from noise. "
        f"Of {counted(checks, 'effect')} set side by side, about {expected:.0f} would seem to change by chance if no "
        f"mechanism mattered.{few}"
    )


def _section(story: Story, mechanism: Mechanism) -> str:
    """Everything that leaving one mechanism out does to the conclusions."""
    head = [f"### {mechanism.block.capitalize()}", f"Left out: {mechanism.meaning} ({mechanism.source})."]
    effects = [entry for entry in story.effects if entry.mechanism == mechanism]
    orders = [entry for entry in story.rankings if entry.mechanism == mechanism]
    if all(is_same(entry.shift) for entry in effects):  # the same in every replicate
        return "\n\n".join([*head, "Every world is the same without it: nothing in this comparison meets it."])
    flipped, borderline = [e for e in effects if e.flips], [e for e in effects if e.borderline]
    resized = [e for e in effects if e.moved and not e.flips and not e.borderline]
    parts = _bullets("Conclusions that flip:", flipped, on_policy, story.marked)
    parts += _bullets("Policies that change places:", [e for e in orders if e.flips], on_order, story.marked)
    parts += _bullets("Same conclusion, another size:", resized, _size, story.marked)
    parts += _bullets("Only the border with noise is crossed:", borderline, on_policy, story.marked)
    nothing = "No conclusion flips, and no effect changes so that it could be distinguished from noise."
    return "\n\n".join([*head, *(parts or [nothing])])


def _size(entry: Conclusion, title: Titles) -> str:
    """An effect of another size."""
    return f"“{title[entry.whole.scenario]}”: *{outcome(entry.whole.outcome).title}* {with_and_without(entry)}"


def _bullets(
    heading: str, entries: Sequence[Conclusion], sentence: Callable[[Conclusion, Titles], str], title: Titles
) -> list[str]:
    """A heading with a list below it, or nothing."""
    return [heading, "\n".join(f"- {sentence(entry, title)}" for entry in entries)] if entries else []


def with_and_without(entry: Conclusion) -> str:
    """Both effects, and how far they are apart."""
    return f"{effect(entry.whole)} with it, {effect(entry.without)} without; {change(entry.shift)} apart"


def on_policy(entry: Conclusion, title: Titles) -> str:
    """A conclusion on a policy against the baseline."""
    who, what = f"“{title[entry.whole.scenario]}”", f"*{outcome(entry.whole.outcome).title}*"
    words = {
        Flip.HOLDS: f"{who}: {what} {_verb(entry.whole)} either way",
        Flip.REVERSED: f"{who}: {what} {_verb(entry.without)} instead of what it does with it",
        Flip.LOST: f"{who}: {what} no longer {_verb(entry.whole)} so that it could be distinguished from noise",
        Flip.GAINED: f"{who}: {what} {_verb(entry.without)}, which cannot be distinguished from noise with it",
        Flip.UNDEFINED: f"{who}: the change in {what} is defined in only one of the two",
    }
    return f"{words[entry.flip]} ({with_and_without(entry)})"


def on_order(entry: Conclusion, title: Titles) -> str:
    """A conclusion on the order of two policies."""
    first, second = f"“{title[entry.whole.scenario]}”", f"“{title[entry.whole.baseline]}”"
    what = f"*{outcome(entry.whole.outcome).title}*"
    words = {
        Flip.HOLDS: f"{what}: {first} and {second} stand to each other as they do with it",
        Flip.REVERSED: f"{what}: {_leader(entry.without, first, second)} now, not the other",
        Flip.LOST: f"{what}: {first} and {second} can no longer be distinguished",
        Flip.GAINED: f"{what}: {_leader(entry.without, first, second)}; with it the two cannot be distinguished",
        Flip.UNDEFINED: f"{what}: {first} and {second} can be set side by side in only one of the two",
    }
    return f"{words[entry.flip]} ({with_and_without(entry)})"


def order(entries: Sequence[PairedEffect], policies: Sequence[str], effects: Mapping[str, float], key: str) -> str:
    """Policies by number, best first: > where two neighbours can be distinguished, ≈ where not.

    Args:
        entries: differences between any two policies on the outcome.
        policies: keys, in the order of their numbers.
        effects: mean effect by policy.
        key: of the outcome.
    """
    less = outcome(key).better is Better.LESS
    ranked = sorted(policies, key=lambda policy: effects[policy] if less else -effects[policy])
    apart = {frozenset((entry.scenario, entry.baseline)): sign(entry) != 0 for entry in entries}
    text = str(policies.index(ranked[0]) + 1)
    for before, after in pairwise(ranked):
        text += f" {'>' if apart[frozenset((before, after))] else '≈'} {policies.index(after) + 1}"
    return text


def _verb(entry: PairedEffect) -> str:
    """What an outcome does."""
    return {1: "rises", -1: "falls", 0: "does not move"}[sign(entry)]


def _leader(entry: PairedEffect, first: str, second: str) -> str:
    """Which of two policies is better, or higher where neither direction is."""
    better = outcome(entry.outcome).better
    ahead = sign(entry) > 0 if better is not Better.LESS else sign(entry) < 0
    word = "is higher" if better is Better.NEITHER else "does better"
    return f"{first if ahead else second} {word} than {second if ahead else first}"


_WHOLE = "every mechanism there"


def effects_table(story: Story, key: str) -> str:
    """What each policy changes in one outcome: one row per mechanism left out, one column per policy."""
    whole = [story.difference(policy, key) for policy in story.compared]
    rows = [[_WHOLE, *(change(entry) if entry else "–" for entry in whole)]]
    for mechanism in story.design.mechanisms:
        found = [entry for entry in story.effects if (entry.mechanism, entry.whole.outcome) == (mechanism, key)]
        rows.append([mechanism.block, *(_emphasised(entry) for entry in found)])
    unit = outcome(key).unit
    titles = [story.marked[policy] for policy in story.compared]
    return markdown_table(["change" if unit == "share" else f"change, {unit}", *titles], rows)


def _emphasised(entry: Conclusion) -> str:
    """The effect without a mechanism: bold where the conclusion flips, italic where only by a border within noise."""
    mark = "**" if entry.flips else "*" if entry.borderline else ""
    return f"{mark}{change(entry.without)}{mark}"


def ground_table(story: Story) -> str:
    """Headlines under the baseline: with every mechanism, and how much they differ without each."""
    base = story.baseline
    rows = [[_WHOLE, *(level(story.level(base, key), outcome(key)) for key in HEADLINES)]]
    for mechanism in story.design.mechanisms:
        rows.append([mechanism.block, *map(change, story.baseline_shifts[mechanism.key])])
    return markdown_table(["", *(outcome(key).heading for key in HEADLINES)], rows)


def orders_table(story: Story) -> str:
    """Order of the policies on each outcome: one row per mechanism left out."""
    rows = [[_WHOLE, *(_order(story, key, None) for key in HEADLINES)]]
    for mechanism in story.design.mechanisms:
        cells = []
        for key in HEADLINES:
            pairs = [entry for entry in story.rankings if (entry.mechanism, entry.whole.outcome) == (mechanism, key)]
            mark = "**" if any(entry.flips for entry in pairs) else ""
            cells.append(f"{mark}{_order(story, key, mechanism)}{mark}")
        rows.append([mechanism.block, *cells])
    return markdown_table(["", *(outcome(key).title for key in HEADLINES)], rows)


def _order(story: Story, key: str, left_out: Mechanism | None) -> str:
    """The order of policies on an outcome, with every mechanism or without one."""
    mechanism = left_out or story.design.mechanisms[0]
    inside = [
        [entry for entry in entries if (entry.mechanism, entry.whole.outcome) == (mechanism, key)]
        for entries in (story.effects, story.rankings)
    ]
    mine, pairs = ([entry.without if left_out else entry.whole for entry in entries] for entries in inside)
    return order(pairs, story.compared, {entry.scenario: entry.difference for entry in mine}, key)


def print_mechanisms() -> None:
    """Prints every mechanism that has a switch."""
    table = Table(show_lines=True)
    for heading in ("mechanism", "what it does", "described in", "switch"):
        table.add_column(heading, overflow="fold")
    for mechanism in mechanisms():
        switch = f"uncertainty.{mechanism.switch}"
        table.add_row(mechanism.key, escape(mechanism.meaning), escape(mechanism.source), switch)
    Console().print(table)


def overview(story: Story) -> Group:
    """Conclusions that flip without each mechanism, and the three sentences."""
    table = Table("left out", "conclusions that flip", "which")
    for mechanism in story.design.mechanisms:
        mine = [entry for entry in story.effects if entry.mechanism == mechanism]
        flips = [entry for entry in mine if entry.flips]
        words = (f"{outcome(entry.whole.outcome).title} under {entry.whole.scenario}" for entry in flips)
        table.add_row(mechanism.title, f"{len(flips)} of {len(mine)}", Text("; ".join(words) or "–"))
    return Group(table, Text("\n".join(sentences(story))))
