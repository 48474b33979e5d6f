"""`comity explain`: lists cases worth reading, or describes a case, a request or a group."""

import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console
from rich.markdown import Markdown
from rich.text import Text

from sim.experiments import store
from sim.measures.cases import NEVER_OPENED
from sim.policy.problem import COMMAND_LINE, InputError, mistake
from sim.report.explain.accounts import case_account, case_end, group_account, request_account, until
from sim.report.explain.events import Events, read_events
from sim.report.explain.sentences import Account, Naming, date, days, said
from sim.report.marking import code, markdown_table, marked
from sim.world.records import CaseStatus

_PIPE_WIDTH = 120
_EACH = 6  # cases of each kind in the list
#: Never opened, or described with another case.
_NOT_LISTED = (*NEVER_OPENED, CaseStatus.MERGED)


class Choice(NamedTuple):
    """A case worth reading, with the facts that the list shows: row, state, date, duration and reason."""

    case: str
    unit: str
    opened: str
    length: str
    why: str


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
    """Describes a case, a request or a group, or lists cases worth reading; can also save the text as Markdown.

    Ids and seed are as typed; without them the first scenario and its lowest seed are shown.
    """
    if len(ids) > 1:
        options = " and ".join(f"--{kind}" for kind in ids)
        raise InputError(f"{options} at once", where=COMMAND_LINE, fix="Ask for one of them at a time.")
    if console is None:
        console = Console()
        console = console if console.is_terminal else Console(width=_PIPE_WIDTH)
    events = read_events(folder, scenario, seed)
    try:
        title, body, asides = _of_choices(events)
        for kind, written in ids.items():
            row = _row_of(events, kind, written)
            accounts = {"request": request_account, "group": group_account}
            account = case_account(events, row, full=full) if kind == "case" else accounts[kind](events, row)
            title, body, asides = _of_account(events, account)
    except IndexError as error:  # a row that another table names, of a table that was cut
        raise store.damaged(folder / store.EVENTS, error) from None
    others = f"; the folder holds {events.others} worlds" if events.others > 1 else ""
    place = f"--scenario {events.scenario} --seed {events.seed} " if others else ""
    world = f"*A simulated world, not real events: scenario {marked(events.scenario)}, seed {events.seed}{others}.*"
    text = f"# {title}\n\n{world}\n\n{body}\n"
    commands = [f"comity explain {shlex.quote(str(folder))} {place}{aside}" for aside in asides]
    console.print(Markdown(text))
    for command in commands:  # unbroken, to be copied
        console.print(Text(f"  {command}", "dim"), soft_wrap=True)
    if markdown is not None:
        _write(markdown, text, commands)


def _write(file: Path, text: str, commands: Sequence[str]) -> None:
    """Writes the displayed text to a Markdown file, with commands for further reading."""
    further = (command.rpartition(": ") for command in commands)
    read_on = "".join(f"- {code(command)}: {what}\n" for command, _, what in further)
    try:
        file.write_text(f"{text}\nRead on:\n\n{read_on}" if commands else text, encoding="utf-8")
    except OSError as error:
        problem = f"cannot be written ({error.strerror or error})"
        fix = "Name a file in a folder that exists and that you may write to."
        raise mistake(problem, "--markdown", file, fix) from None


def _row_of(events: Events, kind: str, written: str) -> int:
    """Row number for a user's id of a case, request or group; a wrong id is an error with the valid range."""
    rows = len(events[kind])
    if written.isdecimal() and int(written) < rows:
        return int(written)
    fix = f"{kind.capitalize()}s of this world are numbered 0 to {rows - 1}" if rows else f"This world has no {kind}"
    fix = f"{fix}. `comity explain {events.folder}` lists cases worth reading."
    raise mistake(f"no such {kind}", f"--{kind}", written, fix)


def _of_account(events: Events, account: Account) -> tuple[str, str, list[str]]:
    """Markdown of an account (title, facts, timeline), and options of `comity explain` for further reading."""
    named = Naming(events.law.names)
    title, facts = named(account.title), "\n".join(f"- {_plain(named(fact))}" for fact in account.facts)
    rows = [
        (date(entry.day), f"{entry.day - account.start:.0f}", _plain(named(entry.text))) for entry in account.entries
    ]
    table = markdown_table(("date", "day", "what happened"), rows, (1,)) if rows else ""
    return title, f"{facts}\n\n{table}".strip(), [named(aside) for aside in account.asides]


def _plain(text: str) -> str:
    """Escapes bars and asterisks in a text, so that a Markdown table shows them literally."""
    return text.replace("|", "\\|").replace("*", "\\*")


def _of_choices(events: Events) -> tuple[str, str, list[str]]:
    """Markdown of the list of cases worth reading, and the option of `comity explain` for its first case."""
    named, choices = Naming(events.law.names), cases_worth_reading(events)
    rows = [choice._replace(unit=named(choice.unit)) for choice in choices]
    table = markdown_table(("case", "unit", "opened", "length", "why read it"), rows, (0,)) if rows else ""
    return "Cases worth reading", table, [f"--case {choices[0].case if choices else 'ID'}: the first of them"]


def cases_worth_reading(events: Events) -> list[Choice]:
    """Chooses cases worth reading: some with a complete action day, some with a partial one, some long ones."""
    said_of = dict[int, str]()
    for row, why in (*_with_action(events, complete=1), *_with_action(events, complete=0), *_long(events)):
        said_of.setdefault(row, why)
    found = []
    for case in events["case"][list(said_of)]:
        length = days(until(case.closed, events.end) - case.opened)
        found.append(Choice(str(case.row), events.state(case.state), date(case.opened), length, said_of[case.row]))
    return found


def _with_action(events: Events, *, complete: int) -> Iterator[tuple[int, str]]:
    """Yields cases that had an action day, with a text on its result; cases with most partner states come first."""
    first = dict[int, Any]()
    for action in sorted(events.rows("action", down=complete), key=lambda one: (-one.states, one.day)):
        first.setdefault(int(action.case), action)
    yield from ((case, said(events, "why read", first[case])) for case in list(first)[:_EACH])


def _long(events: Events) -> Iterator[tuple[int, str]]:
    """Yields the longest cases that had no action day, with a text on their duration."""
    cases = [case for case in events["case"] if case.status not in _NOT_LISTED and case.actions == 0]
    cases.sort(key=lambda case: case.opened - until(case.closed, events.end))
    for case in cases[:_EACH]:
        yield int(case.row), f"long, no action day: {case_end(events, case) or 'still open'}"
