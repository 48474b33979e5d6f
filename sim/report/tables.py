"""Tables in Markdown for the summary."""

from collections.abc import Sequence
from math import isnan

from sim.experiments.compare import LADDER_OUTCOMES
from sim.experiments.design import LOWER_BOUND, MAIN, UPPER_BOUND
from sim.experiments.statistics import Estimate
from sim.measures.outcomes import OUTCOMES, outcome
from sim.report.figures.court import SHOWN as COURT_OUTCOMES
from sim.report.story import Story
from sim.report.words import change, interval, number, relative, verdict


def markdown(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; the first column is text, the others are numbers."""
    rule = ["---", *(["---:"] * (len(header) - 1))]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (header, rule, *rows))


def levels(story: Story) -> str:
    """Mean of every outcome under every scenario."""
    rows = [
        [
            f"{entry.title} ({entry.unit})",
            *(number(story.level(key, entry.key).value, entry.unit) for key in story.scenarios),
        ]
        for entry in OUTCOMES
    ]
    return markdown(["", *(story.title[key] for key in story.scenarios)], rows)


def levels_with_intervals(story: Story, scenario: str) -> str:
    """Mean of every outcome with the interval of that mean over replicates."""
    rows = [
        [f"{entry.title} ({entry.unit})", interval(story.level(scenario, entry.key), entry.unit)] for entry in OUTCOMES
    ]
    return markdown(["outcome", "mean (95 % interval of the mean)"], rows)


def changes(story: Story, scenario: str) -> str:
    """All paired differences of one scenario."""
    entries = [entry for entry in story.differences[MAIN] if entry.scenario == scenario]
    rows = [
        [
            f"{entry.title} ({entry.unit})",
            number(entry.baseline_mean, entry.unit),
            number(entry.scenario_mean, entry.unit),
            change(entry),
            relative(entry),
            str(entry.pairs),
            verdict(entry),
        ]
        for entry in entries
    ]
    header = ["outcome", "baseline", "policy", "difference (95 % interval)", "per cent", "pairs", "verdict"]
    return markdown(header, rows)


def ladder(story: Story) -> str:
    """Share of the way from no cooperation to frictionless, by scenario and outcome."""
    reached = {(rung.scenario, rung.outcome): rung for rung in story.ladder}
    rows = []
    for scenario in story.climbers:
        cells = []
        for key in LADDER_OUTCOMES:
            rung = reached[scenario, key]
            bound = scenario in (LOWER_BOUND, UPPER_BOUND)
            share = "withheld" if rung.withheld else number(rung.share.value, "share") if bound else _share(rung.share)
            cells.append(f"{share}; {number(rung.level, outcome(key).unit)}")
        rows.append([story.title[scenario], *cells])
    return markdown(["", *(f"{outcome(key).title} ({outcome(key).unit})" for key in LADDER_OUTCOMES)], rows)


def _share(estimate: Estimate) -> str:
    return "–" if isnan(estimate.low) else interval(estimate, "share")


def courts(story: Story) -> str:
    """Gain of each policy by court slack."""
    waits = story.design.court_waits
    rows = []
    for block in sorted(waits, key=lambda name: waits[name]):
        for scenario in story.policies:
            entries = [story.difference(scenario, key, block) for key in COURT_OUTCOMES]
            cells = [change(entry) if entry else "–" for entry in entries]
            rows.append([f"{waits[block]:.0f} days", story.title[scenario], *cells])
    return markdown(["court's target wait", "policy", *(outcome(key).title for key in COURT_OUTCOMES)], rows)
