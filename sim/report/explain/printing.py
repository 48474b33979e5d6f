"""Accounts on a terminal, in a pipe, and as Markdown."""

from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from sim.report.explain.account import Account, Tone
from sim.report.explain.book import Book
from sim.report.explain.choosing import Choice
from sim.report.explain.wording import Naming, date
from sim.report.marking import code, marked

_STYLES = {Tone.PLAIN: "", Tone.PROGRESS: "green", Tone.SETBACK: "yellow", Tone.MILESTONE: "bold"}
_PIPE_WIDTH = 120


def console_for_output() -> Console:
    """Standard output; a pipe gets lines of a fixed width."""
    console = Console()
    return console if console.is_terminal else Console(width=_PIPE_WIDTH)


def print_account(book: Book, account: Account, console: Console) -> None:
    """Prints a story: its facts, its timeline, and what to read next."""
    named = Naming(book.law.names)
    console.print(Text(named(account.title), "bold"))
    console.print(Text(world_line(book), "dim"))
    for fact in account.facts:
        console.print(Text(f"• {named(fact)}"))
    if account.entries:
        table = Table("date", "day", "what happened", box=box.SIMPLE_HEAD, pad_edge=False)
        table.columns[1].justify = "right"
        table.columns[0].no_wrap = True
        for entry in account.entries:
            after = f"{entry.day - account.start:.0f}"
            table.add_row(date(entry.day), after, Text(named(entry.text), _STYLES[entry.tone]))
        console.print(table)
    for aside in account.asides:
        console.print(Text(f"  comity explain {book.folder} {_world(book)}{aside}", "dim"), soft_wrap=True)


def as_markdown(book: Book, account: Account) -> str:
    """The same as Markdown."""
    named = Naming(book.law.names)
    lines = [f"# {_plain(named(account.title))}", "", f"*{marked(world_line(book))}*", ""]
    lines += [f"- {_plain(named(fact))}" for fact in account.facts]
    if account.entries:
        lines += ["", "| date | day | what happened |", "|---|--:|---|"]
        lines += [
            f"| {date(entry.day)} | {entry.day - account.start:.0f} | {_plain(named(entry.text))} |"
            for entry in account.entries
        ]
    if account.asides:
        lines += ["", "Read on:", ""]
        lines += [
            f"- {code(f'comity explain {book.folder} {_world(book)}{options}')}:{what}"
            for options, _, what in (aside.partition(":") for aside in account.asides)
        ]
    return "\n".join([*lines, ""])


def print_choices(book: Book, choices: Sequence[Choice], console: Console) -> None:
    """Prints a list of cases."""
    named = Naming(book.law.names)
    console.print(Text("Cases worth reading", "bold"))
    console.print(Text(world_line(book), "dim"))
    table = Table("case", "unit", "opened", "length", "what makes it telling", box=box.SIMPLE_HEAD, pad_edge=False)
    for choice in choices:
        table.add_row(str(choice.case), named(choice.unit), choice.opened, choice.length, choice.why)
    console.print(table)
    console.print(
        Text(f"Read one: comity explain {book.folder} {_world(book)}--case {_first(choices)}"), soft_wrap=True
    )


def choices_as_markdown(book: Book, choices: Sequence[Choice]) -> str:
    """The same as Markdown."""
    named = Naming(book.law.names)
    lines = ["# Cases worth reading", "", f"*{marked(world_line(book))}*", ""]
    lines += ["| case | unit | opened | length | what makes it telling |", "|--:|---|---|---|---|"]
    lines += [f"| {c.case} | {named(c.unit)} | {c.opened} | {c.length} | {c.why} |" for c in choices]
    lines += ["", f"Read one: {code(f'comity explain {book.folder} {_world(book)}--case {_first(choices)}')}", ""]
    return "\n".join(lines)


def world_line(book: Book) -> str:
    """Which simulated world this is."""
    others = f"; the folder holds {book.others} worlds" if book.others > 1 else ""
    return f"A simulated world, not real events: scenario {book.scenario}, seed {book.seed}{others}."


def _world(book: Book) -> str:
    """Options that name this world, where the folder holds several."""
    return f"--scenario {book.scenario} --seed {book.seed} " if book.others > 1 else ""


def _first(choices: Sequence[Choice]) -> str:
    return str(choices[0].case) if choices else "ID"


def _plain(text: str) -> str:
    """Text that Markdown leaves as it is."""
    return text.replace("|", "\\|").replace("*", "\\*")
