"""The fixed words of summary.md."""

import re
from collections.abc import Iterable
from string import Template

from sim.measures.outcome import Outcome
from sim.report import provenance
from sim.report.marking import code, marked
from sim.report.story import Story


def filled(template: Template, **parts: object) -> str:
    """A page; where a part has nothing to say, no empty paragraph is left."""
    return re.sub(r"\n{3,}", "\n\n", template.substitute(parts))


def meaning_parts(story: Story) -> dict[str, str]:
    """What the numbers mean, by the name of each part of MEANING."""
    world = story.experiment.world
    return {
        "groups": f"about {world.groups}",
        "states": f"{len(world.states)} states" if world.states else f"{len(story.states)} states",
        "sensitivity": provenance.influence_in_words(),
    }


def closing_parts(story: Story, outcomes: Iterable[Outcome] = ()) -> dict[str, str]:
    """What every page ends with: what its inputs rest on, definitions, and where each number comes from."""
    seeds = story.design.seeds()
    failed = "\n".join(f"- {marked(failure.text)}" for failure in story.failures)
    return {
        "inputs": provenance.in_words(),
        "definitions": "\n".join(f"- **{about.title}** ({about.unit}): {about.definition}" for about in outcomes),
        "command": code(story.command),
        "seeds": f"{seeds[0]} to {seeds[-1]}",
        "failures": f"\n\nFailed, and therefore missing:\n\n{failed}" if failed else "Nothing failed.",
    }


COMPARISON = Template("""\
# $title

$sentences

$notes

The whole report, with figures, definitions and every table: `report.html`.

## What each policy changes

$unmoved

$headlines

$figure

$by_change

$bounds

$courts

## What each gain costs in rights

$rights

$places

## What the numbers mean, and what they do not

$meaning
- $inputs

## Where each number comes from

Made by $command

Seeds $seeds. $files $failures
""")

RUN = Template("""\
# $title

$sentences

$notes

The whole report, with figures, definitions and every table: `report.html`.

## Headlines

$answer

## What the numbers mean, and what they do not

$meaning
- $inputs

## Where each number comes from

Made by $command

Seeds $seeds. $files $failures
""")

MEANING = Template("""\
- They are what follows from dated law, from rules written down in the model, and from values of which many
  are judgement. They compare policies in the same simulated worlds; they are not forecasts of any year's
  figures.
- The groups are those that national units investigate ($groups at a time in $states); mass crime is present
  only as load on the desks.
- Harm is counted in rates that are judgement: read it in per cent, not in dollars.
- A takedown counts when a group stays at a tenth of its capability or less for 180 days. Groups may come back
  later, and others take their place.
- A faster or wider channel is not free: requesters without a genuine case use it too. Look at what is marked *(rights)*
  next to the gain. How many requests are abusive nobody knows; the share is a judgement within 0 to 5 %.
- $sensitivity""")

FILES = (
    "`levels.csv` holds the mean of every outcome under every scenario, `outcomes.csv` every outcome of every "
    "replicate, `differences.csv` every paired difference, `countries.csv` (of comparisons) those of every state, "
    "`costs.csv` and `displacement.csv` what their names say, `breakdowns/` the tables behind the figures, "
    "`config.yaml` every value of the configuration, `manifest.json` code version, packages, seeds and hashes of all "
    "inputs."
)
