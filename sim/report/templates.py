"""What several reports say alike: what their numbers mean, definitions, failures, and where each number comes from."""

from collections.abc import Iterable, Mapping
from typing import Any

from sim.experiments.manifest import code_in_words
from sim.measures.outcome import Outcome
from sim.report import provenance
from sim.report.marking import marked
from sim.report.page.parts import Exhibit
from sim.report.story import Story


def meaning(story: Story) -> str:
    """What the numbers mean, and what they do not: a list."""
    world = story.experiment.world
    return _MEANING.format(
        groups=f"about {world.groups}",
        states=f"{len(world.states) or len(story.states)} states",
        sensitivity=provenance.influence_in_words(),
    )


def definitions(outcomes: Iterable[Outcome]) -> str:
    """What outcomes count: a list."""
    return "\n".join(f"- **{about.title}** ({about.unit}): {about.definition}" for about in outcomes)


def failures(story: Story) -> str:
    """What went wrong, as a paragraph of its own; empty where nothing did."""
    failed = "\n".join(f"- {marked(failure.text)}" for failure in story.failures)
    return f"\n\nFailed, and therefore missing:\n\n{failed}" if failed else ""


def exhibits(drawings: Mapping[str, str], titles: Mapping[str, str]) -> tuple[Exhibit, ...]:
    """Those figures that were drawn, without captions."""
    drawn = ((name, title) for name, title in titles.items() if name in drawings)
    return tuple(Exhibit(title, drawings[name], address=f"figures/{name}.png") for name, title in drawn)


def manifest(story: Story, made: Mapping[str, Any] | None) -> dict[str, str]:
    """Where the numbers come from, by name: command, code, seeds, inputs.

    Args:
        story: what was found.
        made: the manifest of its folder, if it has one.
    """
    seeds = story.design.seeds()
    found = {
        "command": story.command,
        **code_in_words(),
        "seeds": f"{seeds[0]} to {seeds[-1]}",
        "baseline": story.baseline,
        "scenarios": ", ".join(story.scenarios),
    }
    if made is not None:
        found["packages"] = ", ".join(f"{name} {version}" for name, version in made["packages"].items())
    return found | {"files": _FILES}


_MEANING = """\
- They are what follows from dated law, from rules written down in the model, and from values of which many
  are judgement. They compare policies in the same simulated worlds; they are not forecasts of any year's
  figures.
- The groups are those that national units investigate ({groups} at a time in {states}); mass crime is present
  only as load on the desks.
- Harm is counted in rates that are judgement: read it in per cent, not in dollars.
- A takedown counts when a group stays at a tenth of its capability or less for 180 days. Groups may come back
  later, and others take their place.
- A faster or wider channel is not free: requesters without a genuine case use it too. Look at what is marked *(rights)*
  next to the gain. How many requests are abusive nobody knows; the share is a judgement within 0 to 5 %.
- {sensitivity}"""

_FILES = (
    "levels.csv holds the mean of every outcome under every scenario, outcomes.csv every outcome of every "
    "replicate, differences.csv every paired difference, countries.csv (of comparisons) those of every state, "
    "costs.csv and displacement.csv what their names say, breakdowns/ the tables behind the figures, "
    "config.yaml every value of the configuration, manifest.json code version, packages, seeds and hashes of all "
    "inputs."
)
