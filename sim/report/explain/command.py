"""`comity explain`: from the words typed to a story told."""

from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from sim.policy.problem import InputError
from sim.report.explain.account import Account
from sim.report.explain.book import COMMAND_LINE, Book, read_book
from sim.report.explain.cases import case_account
from sim.report.explain.choosing import telling_cases
from sim.report.explain.groups import group_account
from sim.report.explain.printing import (
    as_markdown,
    choices_as_markdown,
    console_for_output,
    print_account,
    print_choices,
)
from sim.report.explain.requests import request_account

_TELLERS: dict[str, Callable[[Book, int], Account]] = {"request": request_account, "group": group_account}


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
    """Tells the life of a case, a request or a group, or lists the cases that are worth it.

    Args:
        folder: of a run made with --events.
        ids: what to tell, as typed, by "case", "request" or "group"; at most one.
        scenario: which scenario of the folder; its first when None.
        seed: which seed, as typed; the lowest when None.
        full: tell every step of a case, however many there are.
        markdown: file to write the same to.
        console: where to print; standard output when None.

    Raises:
        InputError: no run, no event tables, no such id, or a file that cannot be written.
    """
    if len(ids) > 1:
        options = " and ".join(f"--{kind}" for kind in ids)
        raise InputError(f"{options} at once", where=COMMAND_LINE, fix="Ask for one of them at a time.")
    console = console or console_for_output()
    book = read_book(folder, scenario, seed)
    if ids:
        kind, written = next(iter(ids.items()))
        row = row_of(book, kind, written)
        account = case_account(book, row, full=full) if kind == "case" else _TELLERS[kind](book, row)
        print_account(book, account, console)
        text = as_markdown(book, account)
    else:
        choices = telling_cases(book)
        print_choices(book, choices, console)
        text = choices_as_markdown(book, choices)
    if markdown is not None:
        _write(text, markdown)


def row_of(book: Book, kind: str, written: str) -> int:
    """The row that an id names.

    Raises:
        InputError: there is no such row; the message gives the valid range.
    """
    rows = len(book[kind])
    if written.isdecimal() and int(written) < rows:
        return int(written)
    fix = f"{kind.capitalize()}s of this world are numbered 0 to {rows - 1}" if rows else f"This world has no {kind}"
    fix += f"; the nearest is {rows - 1}." if written.isdecimal() and rows else "."
    raise InputError(
        f"no such {kind}",
        where=COMMAND_LINE,
        key=f"--{kind}",
        value=written,
        fix=f"{fix} `comity explain {book.folder}` lists cases worth reading.",
    )


def _write(text: str, path: Path) -> None:
    """Writes the Markdown file."""
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(
            f"cannot be written ({error.strerror or error})",
            where=COMMAND_LINE,
            key="--markdown",
            value=path,
            fix="Name a file in a folder that exists and that you may write to.",
        ) from None
