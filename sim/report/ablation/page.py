"""summary.md of an ablation: which conclusions rest on which mechanism, in plain words first."""

from collections.abc import Callable, Sequence
from string import Template

from sim.experiments.ablate import Conclusion
from sim.experiments.compare import Verdict
from sim.experiments.mechanisms import Mechanism
from sim.experiments.statistics import CONFIDENCE
from sim.measures.outcomes import HEADLINES, outcome
from sim.report import provenance
from sim.report.ablation import tables
from sim.report.ablation.sentences import Titles, effect, on_order, on_policy, with_and_without
from sim.report.marking import code, marked
from sim.report.story import Story
from sim.report.templates import filled
from sim.report.words import counted

_PAGE = Template("""\
# Which conclusions rest on which mechanism?

The comparison of $policies with “$baseline” was made again in the same random worlds with one mechanism left out at
a time, from the first day of the burn-in on. A conclusion that another world would not give rests on what was left
out: if you doubt that mechanism, doubt that conclusion.

## In short

$short

$chance

$figure

## What flips when a mechanism is left out

$mechanisms

## Effects of each policy

Mean paired difference from “$baseline” with its 95 % interval. **Bold**: another conclusion than with every mechanism,
and the effect itself changes so that it can be distinguished from noise. *Italic*: another conclusion, but the effect
itself may be the same.

$effects

$orders

## The ground that they stand on

“$baseline” with every mechanism, and by how much it differs without each: what the mechanism does to the world before
any policy.

$ground

## How to read it

- A mechanism that flips nothing may still matter: look at the ground, and at the sizes of the effects.
- Leaving a mechanism out makes a simpler world, not a better or a worse one. Other values are kept as they are; nothing
  is fitted again, so levels (say, of waits) move as well.
- *Whether a difference can be distinguished from noise* depends on the number of replicates ($replicates here): with
  more, small effects come to light with the mechanism and without it.
- $inputs

$definitions

## Where each number comes from

Made by $command

Seeds $seeds in every world. `outcomes.parquet` and `outcomes.csv` hold every outcome of every replicate by block (one
block for each mechanism left out), `differences.csv` every paired difference, `conclusions.csv` what is shown here,
`config.yaml` every value of the configuration, `manifest.json` code version, packages, seeds and hashes of all inputs.
$failures
""")


def page(story: Story, figures: Sequence[str]) -> str:
    """The summary of an ablation.

    Args:
        story: what was found.
        figures: names of the figures that were drawn.
    """
    policies, title = story.compared, story.marked
    seeds = story.design.seeds()
    failed = "\n".join(f"- {marked(failure.text)}" for failure in story.failures)
    return filled(
        _PAGE,
        policies=_listed([f"“{title[policy]}”" for policy in policies]),
        baseline=title[story.baseline],
        short=_short(story),
        chance=_chance(story),
        figure="\n\n".join(f"![Effects of each policy by mechanism left out](figures/{name}.png)" for name in figures),
        mechanisms="\n\n".join(_section(story, mechanism) for mechanism in story.design.mechanisms),
        effects="\n\n".join(f"### {outcome(key).title}\n\n{tables.effects(story, key)}" for key in HEADLINES),
        orders=_orders(story) if len(policies) > 1 else "",
        ground=tables.ground(story),
        replicates=story.replicates(story.baseline),
        inputs=provenance.in_words(),
        definitions="\n".join(f"- **{outcome(key).title}**: {outcome(key).definition}" for key in HEADLINES),
        command=code(story.command),
        seeds=f"{seeds[0]} to {seeds[-1]}",
        failures=f"\nFailed, and therefore missing:\n\n{failed}" if failed else "Nothing failed.",
    )


def _short(story: Story) -> str:
    """What holds whichever mechanism is left out, and what does not."""
    by_question: dict[tuple[str, str], list[Conclusion]] = {}
    for entry in story.effects:
        by_question.setdefault((entry.whole.scenario, entry.whole.outcome), []).append(entry)
    firm = {question: not any(entry.flips for entry in entries) for question, entries in by_question.items()}
    held = [entries[0] for question, entries in by_question.items() if firm[question]]
    rest = [entries for question, entries in by_question.items() if not firm[question]]
    kept = [entry for entry in held if entry.whole.verdict is Verdict.DISTINGUISHABLE]
    lines = [
        f"Of {counted(len(firm), 'conclusion')} (a policy, an outcome) "
        f"**{len(held)} {'is' if len(held) == 1 else 'are'} drawn whichever mechanism is left out**: "
        f"{len(kept)} that something changes, {len(held) - len(kept)} that no change can be distinguished from noise."
        + (f" **{len(rest)} {'rests' if len(rest) == 1 else 'rest'} on a mechanism**:" if rest else ""),
        "",
        *(
            f"{_standing(entries[0], story.marked)}; rests on "
            + _listed([f"{entry.mechanism.title} ({entry.flip})" for entry in entries if entry.flips])
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
        lines += ["", f"Nothing flips without {_listed(quiet, 'or')}."]
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


_ORDERS = Template("""\
## Order of the policies

Best first. $numbers. *>*: the two can be distinguished; *≈*: they cannot. **Bold**: two policies change places, or can
be distinguished in only one of the two worlds, and the difference between them changes so that it can be distinguished
from noise.

$table""")


def _orders(story: Story) -> str:
    """Which policy is best, with every mechanism and without each."""
    numbered = enumerate(story.compared, 1)
    numbers = "; ".join(f"{number}: {story.marked[policy]}" for number, policy in numbered)
    return _ORDERS.substitute(numbers=numbers, table=tables.orders(story))


def _section(story: Story, mechanism: Mechanism) -> str:
    """Everything that leaving one mechanism out does to the conclusions."""
    head = [f"### {mechanism.block.capitalize()}", f"Left out: {mechanism.meaning} ({mechanism.source})."]
    effects = [entry for entry in story.effects if entry.mechanism == mechanism]
    orders = [entry for entry in story.rankings if entry.mechanism == mechanism]
    if all(tuple(entry.shift[:3]) == (0.0, 0.0, 0.0) for entry in effects):  # the same in every replicate
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


def _listed(words: Sequence[str], last: str = "and") -> str:
    """Words as a list in a sentence."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}" if words else ""
