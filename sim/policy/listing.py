"""Lists for a terminal: the scenarios, and the levers that a scenario file can move."""

from types import MappingProxyType

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from sim.policy.lever import Lever, Quantity
from sim.policy.levers import LEVERS
from sim.policy.pricing import price_of
from sim.policy.scenario import Scenario, catalogue, load
from sim.policy.schema import Recommendation

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


def print_scenarios(console: Console | None = None) -> None:
    """Prints key, title, question and cost of every scenario, by the recommendation that it tries out."""
    out = console or Console()
    scenarios = [load(key) for key in catalogue()]
    for recommendation, heading in _GROUPS.items():
        members = [scenario for scenario in scenarios if scenario.recommendation is recommendation]
        if members:
            out.print(_group(heading, members))


def _group(heading: str, members: list[Scenario]) -> Table:
    """One group of scenarios as a table."""
    table = Table(title=heading, title_justify="left", title_style="bold", show_lines=True, expand=True)
    for column, ratio in (("scenario", None), ("what it is and asks", 3), ("cost", 2)):
        table.add_column(column, overflow="fold", no_wrap=ratio is None, ratio=ratio)
    for scenario in members:
        asks = f"[bold]{escape(scenario.title)}[/bold]\n{escape(scenario.question)}"
        table.add_row(scenario.key, asks, escape(f"{scenario.cost}\n{price_of(scenario)}".strip()))
    return table


def print_levers(console: Console | None = None) -> None:
    """Prints every lever with its unit, range, selection and cost."""
    table = Table(show_lines=True)
    for heading in ("lever", "what it is", "value", "acts on", "cost", "evidence"):
        table.add_column(heading, overflow="fold")
    for lever in LEVERS.values():
        selects = {"world": "the world", "states": "states", "pairs": "pairs of states"}[lever.target]
        table.add_row(lever.name, lever.title, _value(lever), selects, lever.cost, lever.tag.value)
    (console or Console()).print(table)


def _value(lever: Lever) -> str:
    """Unit and range, or the words allowed."""
    if lever.choices:
        return ", ".join(lever.choices)
    if lever.quantity in (Quantity.SWITCH, Quantity.INSTRUMENT, Quantity.SHARE):
        return lever.unit
    return f"{lever.low:g} to {lever.high:g} {lever.unit}"
