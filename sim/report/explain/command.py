"""`comity explain`: lists cases worth reading, or describes one case, request or group, as text or Markdown."""

import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from sim.policy.problem import COMMAND_LINE, InputError, mistake
from sim.report.explain.cases import case_account, case_end, group_account, unit
from sim.report.explain.events import Events, ended_by, read_events
from sim.report.explain.requests import request_account
from sim.report.explain.words import Account, Naming, Tone, date, days
from sim.report.marking import code, markdown_table, marked
from sim.results.words import counted
from sim.world.records import CaseStatus

_STYLES = {Tone.PLAIN: "", Tone.PROGRESS: "green", Tone.SETBACK: "yellow", Tone.MILESTONE: "bold"}
_PIPE_WIDTH = 120
_EACH = 6  # cases of each kind in the list
#: Never opened, or described with another case.
_NOT_LISTED = (CaseStatus.DROPPED_CAPACITY, CaseStatus.NO_OFFENCE, CaseStatus.MERGED)


class Choice(NamedTuple):
    """A case in the list of cases worth reading: row, state of the unit, date, duration, and why."""

    case: str
    unit: str
    opened: str
    length: str
    why: str


class _Page(NamedTuple):
    """What is printed, and written as Markdown."""

    title: str
    facts: Sequence[str]  # one line each
    head: Sequence[str]  # of the table
    rows: Sequence[Sequence[str]]
    styles: Sequence[str]  # of the last column, row by row, for a terminal
    number: int  # place of the column of numbers
    asides: Sequence[str]  # what to read next: options of `comity explain`, a colon, and what they show


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
    """Describes the life of a case, a request or a group, or lists cases worth reading, on a console and as Markdown.

    Ids and seed are as typed; without them the first scenario and its lowest seed are shown.
    """
    if len(ids) > 1:
        options = " and ".join(f"--{kind}" for kind in ids)
        raise InputError(f"{options} at once", where=COMMAND_LINE, fix="Ask for one of them at a time.")
    if console is None:
        console = Console()
        console = console if console.is_terminal else Console(width=_PIPE_WIDTH)
    events = read_events(folder, scenario, seed)
    page = _page_of_choices(events)
    for kind, written in ids.items():
        row = _row_of(events, kind, written)
        accounts = {"request": request_account, "group": group_account}
        account = case_account(events, row, full=full) if kind == "case" else accounts[kind](events, row)
        page = _page_of_account(events, account)
    others = f"; the folder holds {events.others} worlds" if events.others > 1 else ""
    world = f"A simulated world, not real events: scenario {events.scenario}, seed {events.seed}{others}."
    place = f"--scenario {events.scenario} --seed {events.seed} " if events.others > 1 else ""  # of several worlds
    commands = [f"comity explain {shlex.quote(str(folder))} {place}{aside}" for aside in page.asides]
    _print(page, world, commands, console)
    if markdown is None:
        return
    try:
        markdown.write_text(_as_markdown(page, world, commands), encoding="utf-8")
    except OSError as error:
        problem = f"cannot be written ({error.strerror or error})"
        fix = "Name a file in a folder that exists and that you may write to."
        raise mistake(problem, "--markdown", markdown, fix) from None


def _row_of(events: Events, kind: str, written: str) -> int:
    """The row that an id names; the message for another one gives the valid range."""
    rows = len(events[kind])
    if written.isdecimal() and int(written) < rows:
        return int(written)
    fix = f"{kind.capitalize()}s of this world are numbered 0 to {rows - 1}" if rows else f"This world has no {kind}"
    fix += f"; the nearest is {rows - 1}." if written.isdecimal() and rows else "."
    fix = f"{fix} `comity explain {events.folder}` lists cases worth reading."
    raise mistake(f"no such {kind}", f"--{kind}", written, fix)


def cases_worth_reading(events: Events) -> list[Choice]:
    """A few cases of each kind: complete action days first, then partial ones, then long cases without one."""
    said, case = dict[int, str](), events["case"]
    for row, why in (*_with_action(events, complete=1), *_with_action(events, complete=0), *_long(events)):
        said.setdefault(row, why)
    lengths = {row: days(ended_by(case.closed[row], events.end) - case.opened[row]) for row in said}
    return [Choice(str(row), unit(events, row), date(case.opened[row]), lengths[row], why) for row, why in said.items()]


def _with_action(events: Events, *, complete: int) -> Iterator[tuple[int, str]]:
    """Cases with an action day and what it did, those with the most partner states first."""
    action = events["action"]
    rows = sorted(events.where("action", down=complete), key=lambda row: (-action.states[row], action.day[row]))
    first = {int(action.case[row]): row for row in reversed(rows)}
    for case in list(dict.fromkeys(int(action.case[row]) for row in rows))[:_EACH]:
        row = action[first[case]]
        did = "took the group down" if complete else f"removed {row.killed} of {row.nodes} control servers"
        arrests = f", {counted(row.arrests, 'arrest')}" if row.arrests else ""
        yield case, f"action day on {date(row.day)} {did}: {counted(row.states - 1, 'partner state')}{arrests}"


def _long(events: Events) -> Iterator[tuple[int, str]]:
    """The longest cases without an action day."""
    case = events["case"]
    rows = [row for row in range(len(case)) if case.status[row] not in _NOT_LISTED and case.actions[row] == 0]
    rows.sort(key=lambda row: case.opened[row] - ended_by(case.closed[row], events.end))
    for row in rows[:_EACH]:
        yield row, f"long, no action day: {case_end(events, row) or 'still open'}"


def _page_of_account(events: Events, account: Account) -> _Page:
    """The facts of an account, its timeline, and what to read next."""
    named, head = Naming(events.law.names), ("date", "day", "what happened")
    title, facts = named(account.title), [named(fact) for fact in account.facts]
    rows = [(date(entry.day), f"{entry.day - account.start:.0f}", named(entry.text)) for entry in account.entries]
    styles = [_STYLES[entry.tone] for entry in account.entries]
    return _Page(title, facts, head, rows, styles, 1, [named(aside) for aside in account.asides])


def _page_of_choices(events: Events) -> _Page:
    """The list of cases worth reading."""
    named, choices = Naming(events.law.names), cases_worth_reading(events)
    rows = [choice._replace(unit=named(choice.unit)) for choice in choices]
    head, styles = ("case", "unit", "opened", "length", "why read it"), [""] * len(rows)
    asides = [f"--case {choices[0].case if choices else 'ID'}: the first of them"]
    return _Page("Cases worth reading", (), head, rows, styles, 0, asides)


def _print(page: _Page, world: str, commands: Sequence[str], console: Console) -> None:
    for line in (Text(page.title, "bold"), Text(world, "dim"), *(Text(f"• {fact}") for fact in page.facts)):
        console.print(line)
    if page.rows:
        table = Table(*page.head, box=box.SIMPLE_HEAD, pad_edge=False)
        table.columns[page.number].justify = "right"
        table.columns[0].no_wrap = True
        for (*cells, last), style in zip(page.rows, page.styles, strict=True):
            table.add_row(*cells, Text(last, style))
        console.print(table)
    for command in commands:
        console.print(Text(f"  {command}", "dim"), soft_wrap=True)


def _as_markdown(page: _Page, world: str, commands: Sequence[str]) -> str:
    """The same as Markdown."""
    rows = [list(map(_plain, row)) for row in page.rows]
    parts = (
        [f"# {_plain(page.title)}"],
        [f"*{marked(world)}*"],
        [f"- {_plain(fact)}" for fact in page.facts],
        [markdown_table(page.head, rows, (page.number,))] if rows else [],
        ["Read on:"] if commands else [],
        [f"- {code(command)}:{what}" for command, _, what in (command.rpartition(":") for command in commands)],
    )
    return "\n\n".join("\n".join(lines) for lines in parts if lines) + "\n"


def _plain(text: str) -> str:
    """Text that Markdown leaves as it is."""
    return text.replace("|", "\\|").replace("*", "\\*")
