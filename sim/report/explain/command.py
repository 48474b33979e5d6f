"""`comity explain`: lists cases worth reading, or describes one case, request or group, as text or Markdown."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from sim.policy.problem import COMMAND_LINE, InputError
from sim.report.explain.account import Account, Tone
from sim.report.explain.cases import case_account
from sim.report.explain.events import Events, ended_by, read_events
from sim.report.explain.groups import case_end, group_account, unit
from sim.report.explain.requests import request_account
from sim.report.explain.wording import Naming, count, date, days
from sim.report.marking import code, marked
from sim.world.records import CaseStatus

_ACCOUNTS: dict[str, Callable[[Events, int], Account]] = {"request": request_account, "group": group_account}
_STYLES = {Tone.PLAIN: "", Tone.PROGRESS: "green", Tone.SETBACK: "yellow", Tone.MILESTONE: "bold"}
_PIPE_WIDTH = 120
_EACH = 6  # cases of each kind in the list
#: Never opened, or described with another case.
_NOT_LISTED = (CaseStatus.DROPPED_CAPACITY, CaseStatus.NO_OFFENCE, CaseStatus.MERGED)


def explain(
    folder: Path,
    ids: dict[str, str],
    *,
    scenario: str | None = None,
    seed: str | None = None,
    full: bool = False,
    markdown: Path | None = None,
    console: Console | None = None,
) -> None:
    """Describes the life of a case, a request or a group, or lists cases worth reading.

    Args:
        folder: of a run made with --events.
        ids: what to describe, as typed, by "case", "request" or "group"; at most one.
        scenario: which scenario of the folder; its first when None.
        seed: which seed, as typed; the lowest when None.
        full: give every step of a case an entry of its own, even if there are many.
        markdown: file to write the same text to.
        console: where to print; standard output when None.

    Raises:
        InputError: no run, no event tables, no such id, or a file that cannot be written.
    """
    if len(ids) > 1:
        options = " and ".join(f"--{kind}" for kind in ids)
        raise InputError(f"{options} at once", where=COMMAND_LINE, fix="Ask for one of them at a time.")
    if console is None:
        console = Console()
        console = console if console.is_terminal else Console(width=_PIPE_WIDTH)
    events = read_events(folder, scenario, seed)
    if ids:
        kind, written = next(iter(ids.items()))
        row = row_of(events, kind, written)
        account = case_account(events, row, full=full) if kind == "case" else _ACCOUNTS[kind](events, row)
        print_account(events, account, console)
        text = as_markdown(events, account)
    else:
        choices = cases_worth_reading(events)
        print_choices(events, choices, console)
        text = choices_as_markdown(events, choices)
    if markdown is None:
        return
    try:
        markdown.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(
            f"cannot be written ({error.strerror or error})",
            where=COMMAND_LINE,
            key="--markdown",
            value=markdown,
            fix="Name a file in a folder that exists and that you may write to.",
        ) from None


def row_of(events: Events, kind: str, written: str) -> int:
    """The row that an id names.

    Raises:
        InputError: there is no such row; the message gives the valid range.
    """
    rows = len(events[kind])
    if written.isdecimal() and int(written) < rows:
        return int(written)
    fix = f"{kind.capitalize()}s of this world are numbered 0 to {rows - 1}" if rows else f"This world has no {kind}"
    fix += f"; the nearest is {rows - 1}." if written.isdecimal() and rows else "."
    raise InputError(
        f"no such {kind}",
        where=COMMAND_LINE,
        key=f"--{kind}",
        value=written,
        fix=f"{fix} `comity explain {events.folder}` lists cases worth reading.",
    )


@dataclass(frozen=True)
class Choice:
    """A case in the list of cases worth reading.

    Attributes:
        case: row.
        unit, opened, length: state of the unit, date, and duration.
        why: why it is worth reading.
    """

    case: int
    unit: str
    opened: str
    length: str
    why: str


def cases_worth_reading(events: Events) -> list[Choice]:
    """A few cases of each kind: complete action days first, then partial ones, then long cases without one."""
    rows = (*_with_action(events, complete=1), *_with_action(events, complete=0), *_long(events))
    reasons: dict[int, str] = {}
    for row, why in rows:
        reasons.setdefault(row, why)
    choices = []
    for row, why in reasons.items():
        case = events["case"][row]
        length = days(ended_by(float(case.closed), events.end) - case.opened)
        choices.append(Choice(row, unit(events, row), date(case.opened), length, why))
    return choices


def _with_action(events: Events, *, complete: int) -> Iterator[tuple[int, str]]:
    """Cases with an action day and what it did, those with the most partner states first."""
    action = events["action"]
    rows = sorted(events.where("action", down=complete), key=lambda row: (-action.states[row], action.day[row]))
    first = {int(action.case[row]): row for row in reversed(rows)}
    cases = list(dict.fromkeys(int(action.case[row]) for row in rows))
    for case in cases[:_EACH]:
        row = first[case]
        removed = f"removed {action.killed[row]} of {action.nodes[row]} control servers"
        partners = count(int(action.states[row]) - 1, "partner state")
        arrests = f", {count(int(action.arrests[row]), 'arrest')}" if action.arrests[row] else ""
        did = "took the group down" if complete else removed
        yield case, f"action day on {date(action.day[row])} {did}: {partners}{arrests}"


def _long(events: Events) -> Iterator[tuple[int, str]]:
    """The longest cases without an action day."""
    case = events["case"]
    rows = [row for row in range(len(case)) if case.status[row] not in _NOT_LISTED and case.actions[row] == 0]
    rows.sort(key=lambda row: case.opened[row] - ended_by(float(case.closed[row]), events.end))
    for row in rows[:_EACH]:
        yield row, f"long, no action day: {case_end(events, row) or 'still open'}"


def print_account(events: Events, account: Account, console: Console) -> None:
    """Prints an account: its facts, its timeline, and what to read next."""
    named = Naming(events.law.names)
    console.print(Text(named(account.title), "bold"))
    console.print(Text(world_line(events), "dim"))
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
        console.print(Text(f"  {_again(events)}{aside}", "dim"), soft_wrap=True)


def as_markdown(events: Events, account: Account) -> str:
    """The same as Markdown."""
    named = Naming(events.law.names)
    lines = [f"# {_plain(named(account.title))}", "", f"*{marked(world_line(events))}*", ""]
    lines += [f"- {_plain(named(fact))}" for fact in account.facts]
    if account.entries:
        lines += ["", "| date | day | what happened |", "|---|--:|---|"]
        lines += [
            f"| {date(entry.day)} | {entry.day - account.start:.0f} | {_plain(named(entry.text))} |"
            for entry in account.entries
        ]
    if account.asides:
        lines += ["", "Read on:", ""]
        parts = (aside.partition(":") for aside in account.asides)
        lines += [f"- {code(f'{_again(events)}{options}')}:{what}" for options, _, what in parts]
    return "\n".join([*lines, ""])


def print_choices(events: Events, choices: Sequence[Choice], console: Console) -> None:
    """Prints the list of cases worth reading."""
    named = Naming(events.law.names)
    console.print(Text("Cases worth reading", "bold"))
    console.print(Text(world_line(events), "dim"))
    table = Table("case", "unit", "opened", "length", "why read it", box=box.SIMPLE_HEAD, pad_edge=False)
    for choice in choices:
        table.add_row(str(choice.case), named(choice.unit), choice.opened, choice.length, choice.why)
    console.print(table)
    console.print(Text(f"Read one: {_again(events)}--case {_first(choices)}"), soft_wrap=True)


def choices_as_markdown(events: Events, choices: Sequence[Choice]) -> str:
    """The same as Markdown."""
    named = Naming(events.law.names)
    lines = ["# Cases worth reading", "", f"*{marked(world_line(events))}*", ""]
    lines += ["| case | unit | opened | length | why read it |", "|--:|---|---|---|---|"]
    lines += [f"| {c.case} | {named(c.unit)} | {c.opened} | {c.length} | {c.why} |" for c in choices]
    lines += ["", f"Read one: {code(f'{_again(events)}--case {_first(choices)}')}", ""]
    return "\n".join(lines)


def world_line(events: Events) -> str:
    """One line that identifies the simulated world."""
    others = f"; the folder holds {events.others} worlds" if events.others > 1 else ""
    return f"A simulated world, not real events: scenario {events.scenario}, seed {events.seed}{others}."


def _again(events: Events) -> str:
    """The command for this world, to be followed by an option; it names the world where the folder holds several."""
    world = f"--scenario {events.scenario} --seed {events.seed} " if events.others > 1 else ""
    return f"comity explain {events.folder} {world}"


def _first(choices: Sequence[Choice]) -> str:
    return str(choices[0].case) if choices else "ID"


def _plain(text: str) -> str:
    """Text that Markdown leaves as it is."""
    return text.replace("|", "\\|").replace("*", "\\*")
