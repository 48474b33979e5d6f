"""Lists for a terminal: the scenarios, and the levers that a scenario file can move."""

from collections.abc import Sequence
from datetime import date
from functools import cache
from types import MappingProxyType

import numpy as np
from rich.console import Console
from rich.markup import escape, render
from rich.table import Table

from sim.data.geography import CrimeGeography
from sim.law.days import to_day
from sim.law.order import LegalOrder, legal_order
from sim.policy.costing import spend
from sim.policy.lever import Lever, Quantity, Target
from sim.policy.levers import LEVERS
from sim.policy.scenario import Scenario, catalogue, load
from sim.policy.scenario_timeline import policy_days, timeline_of
from sim.policy.schema import Recommendation
from sim.policy.spending import Price
from sim.world.baseline import Baseline, baseline
from sim.world.parameters import WorldSpec

_MILLION = 1e6

#: Headings of the groups of scenarios, in the order in which they are listed.
_GROUPS = MappingProxyType(
    {
        Recommendation.LAW: "Law: treaties, offences, powers, politics",
        Recommendation.ASSISTANCE: "Mutual legal assistance",
        Recommendation.LIAISON: "Liaison, networks and trust",
        Recommendation.CAPACITY: "Capacity: people and skill",
        Recommendation.TECHNOLOGY: "Technology: channels, formats, security",
        Recommendation.EVIDENCE: "Evidence: retention and preservation",
        Recommendation.ACTION: "Coordinated action",
        Recommendation.MONITORING: "Monitoring: measure, review, adapt",
        Recommendation.BOUNDS: "Bounds: today's law, and how much there is to gain or lose",
        None: "Other",
    }
)
#: What each target selects, in words.
_SELECTS = MappingProxyType(
    {
        Target.WORLD: "the world",
        Target.STATES: "states",
        Target.PAIRS: "pairs of states",
        Target.INSTRUMENT: "an instrument (`instrument:`)",
    }
)


def print_scenarios() -> None:
    """Prints key, title, question and cost of every scenario, by the recommendation that it tries out."""
    out = Console()
    scenarios = [load(key) for key in catalogue()]
    for recommendation, heading in _GROUPS.items():
        members = [scenario for scenario in scenarios if scenario.recommendation is recommendation]
        rows = [
            (
                scenario.key,
                f"[bold]{escape(scenario.title)}[/bold]\n{escape(scenario.question)}",
                escape(f"{scenario.cost}\n{price_of(scenario)}".strip()),
            )
            for scenario in members
        ]
        if rows:
            out.print(_table(out.width, ("scenario", "what it is and asks", "cost"), rows, heading))


def price_of(scenario: Scenario) -> str:
    """Euros over the policy years of the default world, with the range that unit costs leave; empty for nothing.

    Where a process finds the days, they are those of one seed.
    """
    spec = WorldSpec()
    start, end = policy_days(spec)
    law, before = _before(spec.start)
    steps = timeline_of(scenario, law, start, end).steps
    found = {price: spend(steps, before, to_day(end), price.prices, scenario.costs) for price in Price}
    low, central, high = (
        found[price].total(to_day(start), to_day(end)) / _MILLION for price in (Price.LOW, Price.CENTRAL, Price.HIGH)
    )
    parts = [f"About {_figure(central)} million euros ({_figure(low)} to {_figure(high)})."] if central else []
    if found[Price.CENTRAL].unpriced:
        parts.append(f"Without a price: {', '.join(found[Price.CENTRAL].unpriced)}.")
    return " ".join(parts)


@cache
def _before(first_day: str) -> tuple[LegalOrder, Baseline]:
    """The law, and desks and channels on a world's first day."""
    law = legal_order()
    return law, baseline(CrimeGeography.load(), law.arrays(date.fromisoformat(first_day)).police_body)


def _figure(millions: float) -> str:
    """Two figures: nobody knows more."""
    size = 10 ** max(int(np.floor(np.log10(millions))) - 1, -1) if millions > 0 else 1
    return f"{round(millions / size) * size:,.0f}".replace(",", " ") if millions >= 1 else f"{millions:.1f}"


def print_levers() -> None:
    """Prints every lever with its unit, range, selection, what it needs in order to act, and cost."""
    out = Console()
    rows = []
    for lever in LEVERS.values():
        selects = _SELECTS[lever.target]
        needs = f"\nneeds: {escape(lever.needs)}" if lever.needs else ""
        what = f"[bold]{escape(lever.name)}[/bold]\n{escape(lever.title)}\nvalue: {escape(_value(lever))}{needs}"
        rows.append((what, escape(f"acts on {selects}\ncost: {lever.cost}\nevidence: {lever.tag.value}")))
    out.print(_table(out.width, ("lever, what it is and what it needs", "on whom, and its cost"), rows))


def _table(width: int, columns: Sequence[str], rows: Sequence[tuple[str, ...]], title: str | None = None) -> Table:
    """A table of texts in which no word, and so no key, is broken.

    Args:
        width: characters in a line.
        columns: headings; the last column takes two fifths or so, those before the last two are as wide as their texts.
        rows: texts, with markup.
        title: what stands above it.
    """
    table = Table(title=title, title_justify="left", title_style="bold", show_lines=True, expand=True)
    *keys, text, last = columns
    for heading in keys:
        table.add_column(heading, no_wrap=True)
    table.add_column(text, overflow="fold", ratio=1)
    longest = max(len(word) for row in rows for word in render(row[-1]).plain.split())
    table.add_column(last, overflow="fold", width=max(longest, width * 2 // 5 - 8 * len(keys)))
    for row in rows:
        table.add_row(*row)
    return table


def _value(lever: Lever) -> str:
    """Unit and range, or the words allowed."""
    if lever.choices:
        return ", ".join(lever.choices)
    if lever.quantity in (Quantity.SWITCH, Quantity.INSTRUMENT, Quantity.SHARE):
        return lever.unit
    today = f", {lever.count.today():.0f} {lever.count.unit}" if lever.count else ""
    return f"{lever.low:g} to {lever.high:g} {lever.unit}{today}"
