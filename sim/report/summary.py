"""summary.md: the answer first, then what it rests on, in plain words; every number can be traced."""

from collections.abc import Sequence
from string import Template

from sim.experiments.compare import Difference, Verdict
from sim.experiments.design import LOWER_BOUND, MAIN, UPPER_BOUND
from sim.experiments.statistics import ASSUMPTION
from sim.measures.outcome import Better
from sim.measures.outcomes import OUTCOMES, outcome
from sim.report import provenance, tables
from sim.report.story import Story
from sim.report.words import change, interval, number

#: Outcomes of the answer, with the words for more and for less of it.
_ANSWER = (
    ("executed_within_12_months", "requests executed within 12 months"),
    ("turnaround_median", "median turnaround of mutual legal assistance"),
    ("takedown_rate", "takedown rate"),
    ("takedown_five_year", "groups taken down within five years"),
)
_CAPTION = {
    "forest": "What each policy changes",
    "takedown_curves": "Time to takedown",
    "turnaround_distribution": "How long an answer takes",
    "turnaround_by_stage": "Where the time goes",
    "ladder": "The ladder from no cooperation to frictionless cooperation",
    "court_slack": "Dependence on court slack",
    "turnaround_matrix": "Turnaround between states",
}

_COMPARISON = Template("""\
# $title

## In short

$answer

$bounds

$courts

$trust

## What can be told from noise, and what cannot

$assumption

$verdicts

## Figures

$figures

## Every outcome, every scenario

Means over replicates.

$levels

## Differences from “$baseline”

$changes

$ladder

$court_table

$closing
""")

_RUN = Template("""\
# $title

## In short

$answer

$trust

## Figures

$figures

## Every outcome

$levels

$closing
""")

_CLOSING = Template("""\
## What the numbers mean, and what they do not

- They are what follows from dated law, from rules written down in the model, and from values of which many are
  judgement. They compare policies in the same simulated worlds; they are not forecasts of any year's figures.
- The groups are those that national units investigate ($groups at a time in $states); mass crime is present only as
  load on the desks.
- Harm is counted in rates that are judgement: read it in per cent, not in dollars.
- A takedown counts when a group stays at a tenth of its capability or less for 180 days. Groups may come back later,
  and others take their place.
- A faster or wider channel is not free: look at *executed without dual criminality* beside the gain.
- $sensitivity
- $inputs

## Definitions

$definitions

## Where each number comes from

Made by `$command`

Seeds $seeds. `outcomes.parquet` and `outcomes.csv` hold every outcome of every replicate, `differences.csv` every
paired difference, `breakdowns/` the tables behind the figures, `config.yaml` every value of the configuration,
`manifest.json` code version, packages, seeds and hashes of all inputs. $failures
""")

_SENSITIVITY = (
    "The influence of the judgement parameters is untested: until a sensitivity analysis names the five "
    "that drive the result most, no difference here should be read as more than what these values imply. "
    "Court slack is the one that is varied."
)


def comparison(story: Story, figures: Sequence[str]) -> str:
    """The summary of a comparison.

    Args:
        story: what was found.
        figures: names of the figures that were drawn.
    """
    baseline = story.title[story.design.baseline]
    return _COMPARISON.substitute(
        title=f"What changes against “{baseline}”?",
        answer=_answer(story),
        bounds=_bounds(story),
        courts=_courts(story),
        trust=_trust(story),
        assumption=ASSUMPTION,
        verdicts="\n\n".join(_verdicts(story, scenario) for scenario in _compared(story)),
        figures=_figures(figures),
        levels=tables.levels(story),
        baseline=baseline,
        changes="\n\n".join(
            f"### {story.title[scenario]}\n\n{tables.changes(story, scenario)}"
            for scenario in _compared(story)
        ),
        ladder=_section("The ladder: share of the way, and the mean itself", tables.ladder(story))
        if story.ladder
        else "",
        court_table=_section("Court slack", tables.courts(story)) if story.design.court_waits else "",
        closing=_closing(story),
    )


def run(story: Story, figures: Sequence[str]) -> str:
    """The summary of one scenario."""
    scenario = story.scenarios[0]
    return _RUN.substitute(
        title=story.title[scenario],
        answer="\n".join(f"- {outcome(key).title}: **{_told(story, scenario, key)}**" for key, _ in _ANSWER),
        trust=_trust(story),
        figures=_figures(figures),
        levels=tables.levels_with_intervals(story, scenario),
        closing=_closing(story),
    )


def _compared(story: Story) -> list[str]:
    return [key for key in story.scenarios if key != story.design.baseline]


def _told(story: Story, scenario: str, key: str) -> str:
    """A level with its interval and unit."""
    unit = outcome(key).unit
    told = interval(story.level(scenario, key), unit)
    return told if unit == "share" else f"{told} {unit}"


def _answer(story: Story) -> str:
    """One paragraph a policy, or a bound where no policy takes part."""
    return "\n\n".join(_paragraph(story, scenario) for scenario in story.policies or _compared(story))


def _paragraph(story: Story, scenario: str) -> str:
    """What a policy changes in the outcomes of the answer."""
    entries = [(story.difference(scenario, key), name) for key, name in _ANSWER]
    sentences = [_sentence(entry, name) for entry, name in entries if entry is not None]
    return f"**{story.title[scenario]}.** " + " ".join(sentences)


def _sentence(entry: Difference, name: str) -> str:
    """One outcome in a sentence that says whether it can be told from noise."""
    unit = "" if entry.unit == "share" else f" {entry.unit}"
    before, after = (number(value, entry.unit) for value in (entry.baseline_mean, entry.scenario_mean))
    if entry.verdict is Verdict.UNDEFINED:
        return f"{name.capitalize()}: not defined here."
    if entry.verdict is Verdict.IDENTICAL:
        return f"{name.capitalize()}: the same in every replicate ({before}{unit})."
    if entry.verdict is Verdict.NOT_DISTINGUISHABLE:
        return f"{name.capitalize()}: no change that can be told from noise ({before} → {after}{unit}; {change(entry)})."
    verb = "rises" if entry.difference > 0 else "falls"
    return f"{name.capitalize()}: {verb} from {before} to **{after}**{unit} ({change(entry)})."


def _bounds(story: Story) -> str:
    """What the two ends say, and what today's law reaches of it."""
    told = [rung for rung in story.ladder if rung.scenario == story.design.baseline and not rung.withheld]
    if not story.ladder:
        return ""
    rate = [
        number(story.level(key, "takedown_rate").value)
        for key in (LOWER_BOUND, story.design.baseline, UPPER_BOUND)
    ]
    ends = (
        f"**What cooperation can do at all.** Takedowns per 100 group-years: {rate[0]} without any "
        f"cooperation, {rate[1]} under “{story.title[story.design.baseline]}”, {rate[2]} if nothing stood "
        "in the way of a request."
    )
    shares = "; ".join(
        f"{outcome(rung.outcome).title.lower()} {interval(rung.share, 'share')}" for rung in told
    )
    return f"{ends} Share of that way reached today: {shares or 'withheld, the gap is within noise'}."


def _courts(story: Story) -> str:
    """How the headline depends on court slack, for the last policy named."""
    if not story.design.court_waits or not story.policies:
        return ""
    key = "executed_within_12_months"
    lines = []
    for scenario in story.policies:
        found = [
            (days, story.difference(scenario, key, block))
            for block, days in sorted(story.design.court_waits.items(), key=lambda item: item[1])
        ]
        gains = ", ".join(f"{change(entry)} at {days:.0f} days" for days, entry in found if entry is not None)
        lines.append(f"{story.title[scenario]}: {gains}.")
    return (
        "**Courts decide much.** Change in requests executed within 12 months, by the wait that courts' "
        f"staffing aims at: {' '.join(lines)}"
    )


def _trust(story: Story) -> str:
    replicates = story.replicates(story.design.baseline)
    few = " With so few replicates the intervals are rough." if replicates < 20 else ""
    return (
        f"These figures rest on {replicates} replicates and on many values that are judgement and whose "
        f"influence is untested.{few}"
    )


def _verdicts(story: Story, scenario: str) -> str:
    """Outcomes of one scenario sorted by what can be said about them."""
    entries = [entry for entry in story.differences[MAIN] if entry.scenario == scenario]
    groups = (
        ("better", [entry for entry in entries if _good(entry) is True]),
        ("worse", [entry for entry in entries if _good(entry) is False]),
        ("changed", [entry for entry in entries if _moved(entry) and _good(entry) is None]),
        ("not distinguishable from noise", [e for e in entries if e.verdict is Verdict.NOT_DISTINGUISHABLE]),
        ("identical in every replicate", [e for e in entries if e.verdict is Verdict.IDENTICAL]),
        ("not defined", [e for e in entries if e.verdict is Verdict.UNDEFINED]),
    )
    lines = [f"- {name}: {'; '.join(entry.title for entry in found)}." for name, found in groups if found]
    return f"**{story.title[scenario]}**\n\n" + "\n".join(lines)


def _moved(entry: Difference) -> bool:
    return entry.verdict is Verdict.DISTINGUISHABLE


def _good(entry: Difference) -> bool | None:
    """Whether a difference that can be told from noise is wanted; None where it is neither or nothing."""
    better = outcome(entry.outcome).better
    if not _moved(entry) or better is Better.NEITHER:
        return None
    return (entry.difference > 0) == (better is Better.MORE)


def _figures(names: Sequence[str]) -> str:
    return "\n\n".join(f"![{_CAPTION[name]}](figures/{name}.png)" for name in names)


def _section(title: str, table: str) -> str:
    return f"## {title}\n\n{table}"


def _closing(story: Story) -> str:
    """Meaning, definitions, and where each number comes from."""
    world = story.experiment.world
    failed = "\n".join(f"- {failure.text}" for failure in story.failures)
    seeds = [task.seed for task in story.design.tasks if task.block == MAIN]
    return _CLOSING.substitute(
        groups=f"about {world.groups}",
        states=f"{len(world.states)} states" if world.states else f"{len(story.states)} states",
        sensitivity=_SENSITIVITY,
        inputs=provenance.in_words(),
        definitions="\n".join(
            f"- **{entry.title}** ({entry.unit}): {entry.definition}" for entry in OUTCOMES
        ),
        command=story.command,
        seeds=f"{min(seeds)} to {max(seeds)}",
        failures=f"\n\nFailed, and therefore missing:\n\n{failed}" if failed else "Nothing failed.",
    )
