"""An ablation in a terminal: which mechanisms there are, and what flips without them."""

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from sim.experiments.mechanisms import mechanisms
from sim.measures.outcomes import outcome
from sim.report.story import Story


def print_mechanisms(console: Console | None = None) -> None:
    """Prints every mechanism that has a switch."""
    table = Table(show_lines=True)
    for heading in ("mechanism", "what it does", "described in", "switch"):
        table.add_column(heading, overflow="fold")
    for mechanism in mechanisms():
        switch = f"uncertainty.{mechanism.switch}"
        table.add_row(mechanism.key, escape(mechanism.meaning), escape(mechanism.source), switch)
    (console or Console()).print(table)


def overview(story: Story) -> Table:
    """Conclusions that flip without each mechanism."""
    table = Table("left out", "conclusions that flip", "which")
    for mechanism in story.design.mechanisms:
        mine = [entry for entry in story.effects if entry.mechanism == mechanism]
        flips = [entry for entry in mine if entry.flips]
        words = (f"{outcome(entry.whole.outcome).title} under {entry.whole.scenario}" for entry in flips)
        table.add_row(mechanism.title, f"{len(flips)} of {len(mine)}", Text("; ".join(words) or "–"))
    return table
