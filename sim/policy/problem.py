"""Errors about a user's mistake, with place, problem and fix in one message."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

ReadT = TypeVar("ReadT")
WrittenT = TypeVar("WrittenT")

#: Exit codes: a mistake of the user, and an interrupt.
INPUT_ERROR, INTERRUPTED = 2, 130
#: What the command returns to the shell, and what it means.
EXIT_CODES = {
    0: "done; single runs may have failed, which the summary says",
    1: "a bug: its traceback is shown; please report it",
    INPUT_ERROR: "a mistake in what was given, a full disk, or no run survived: one message says what to do",
    INTERRUPTED: "stopped by Ctrl-C or a polite kill; the same command resumes",
    143: "ended by a polite kill while rules were compiled; the same command compiles them again",
}
#: How full keys of parameters begin. Users write parameters by their names, and messages do so too.
OF_PARAMETERS = "uncertainty."
#: Where a mistake is that was typed.
COMMAND_LINE = "command line"
#: Maximum number of mistakes in one message.
MOST_SHOWN = 25
#: Marks that change the direction of the text after them, so that it is shown in another order than it is written.
_TURNING = frozenset(map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A))))


class InputError(ValueError):
    """Error about a user's mistake, with a message that needs no context.

    Args:
        problem: what is wrong, in plain words.
        where: the file, with its line where known, or "command line".
        key: the key at fault, as the user would write it.
        value: the value at fault, as the user wrote it.
        fix: what to do instead.

    Examples:
        >>> try:
        ...     sim.simulate({"court.stuff": 2})
        ... except sim.InputError as mistake:
        ...     print(mistake.key, mistake.value, mistake.fix, sep=" | ")
        values | court.stuff | Did you mean court.staff?
    """

    def __init__(self, problem: str, *, where: str = "", key: str = "", value: object = None, fix: str = "") -> None:
        self.problem = problem
        self.where = where
        self.key = key
        self.value = value
        self.fix = fix
        super().__init__(self._text())

    def _text(self) -> str:
        """Text of the message in the form `where: key = value: problem. Fix.`."""
        subject = self.key if self.value is None else f"{self.key} = {shorten(self.value)}".strip(" =")
        parts = [part for part in (self.where, subject, self.problem) if part]
        text = ": ".join(parts)
        return printable(f"{text}. {self.fix}" if self.fix else text)

    @property
    def problems(self) -> tuple["InputError", ...]:
        """Mistakes in this error, as a tuple of one."""
        return (self,)

    def at(self, where: str, key: str = "") -> "InputError":
        """Copy of the error that names its place, such as file and line.

        Args:
            where: the file or place, where none is named yet.
            key: the key at fault, where none is named yet.

        Returns:
            Another error, which is raised in the place of this one.

        Examples:
            >>> print(sim.InputError("is too large", key="share", value=2).at("mine.yaml"))
            mine.yaml: share = '2': is too large
        """
        return InputError(self.problem, where=self.where or where, key=key or self.key, value=self.value, fix=self.fix)


class MistakesError(InputError):
    """Error that reports several mistakes, one line each."""

    def __init__(self, problems: Sequence[InputError]) -> None:
        self._problems = tuple(problems)
        files = dict.fromkeys(_file_and_line(problem)[0] for problem in problems)
        super().__init__(f"{len(problems)} mistakes", where=", ".join(files))

    @property
    def problems(self) -> tuple[InputError, ...]:
        """Mistakes in this error, as a tuple."""
        return self._problems

    def _text(self) -> str:
        """Text of the message: a heading and a line for each mistake, up to a limit."""
        more = len(self._problems) - MOST_SHOWN
        rest = [f"and {more} more"] if more > 0 else []
        shown = [str(problem) for problem in self._problems[:MOST_SHOWN]]
        return "\n  ".join([super()._text(), *shown, *rest])

    def at(self, where: str, key: str = "") -> "InputError":
        """Copy of the error whose mistakes name their place, such as file and line."""
        return MistakesError([problem.at(where, key) for problem in self._problems])


class Findings:
    """Collection of mistakes, to be reported together."""

    def __init__(self, problems: Iterable[InputError] = ()) -> None:
        self._found = list(problems)
        self._subjects = set(map(_subject, self._found))

    @property
    def problems(self) -> tuple[InputError, ...]:
        """The mistakes collected so far."""
        return tuple(self._found)

    def add(self, problem: InputError) -> None:
        """Adds a mistake, unless one with the same place, key and value is known."""
        self._found += [entry for entry in problem.problems if _subject(entry) not in self._subjects]
        self._subjects.update(map(_subject, problem.problems))

    @contextmanager
    def gather(self) -> Iterator[None]:
        """Context manager: collects mistakes that are raised in the block, which then ends without error."""
        try:
            yield
        except InputError as problem:
            self.add(problem)

    def raise_all(self) -> None:
        """Raises all collected mistakes as one error, sorted by file and line."""
        if self._found:
            raise one_error(sorted(self._found, key=_file_and_line))


def read_each(read: Callable[[WrittenT], ReadT], written: Iterable[WrittenT]) -> list[ReadT]:
    """Calls a reading function on several items; raises all mistakes as one error."""
    mistakes, done = Findings(), []
    for one in written:
        with mistakes.gather():
            done.append(read(one))
    mistakes.raise_all()
    return done


def one_error(problems: Sequence[InputError]) -> InputError:
    """Makes one error from several mistakes."""
    return problems[0] if len(problems) == 1 else MistakesError(problems)


def _subject(problem: InputError) -> tuple[str, str, str]:
    """Place, key and value of a mistake, to recognise repeats."""
    return problem.where, problem.key or problem.problem, str(problem.value)


def _file_and_line(problem: InputError) -> tuple[str, int]:
    """File and line of a mistake, to sort by; line 0 if unknown."""
    match = re.fullmatch(r"(.*):(\d+)", problem.where, re.DOTALL)
    return (match[1], int(match[2])) if match else (problem.where, 0)


@contextmanager
def found_at(where: str) -> Iterator[None]:
    """Context manager: sets the place of mistakes raised in the block.

    The place is the file and its line; empty to leave places as they are.
    """
    try:
        yield
    except InputError as problem:
        if not where:
            raise
        moved = [InputError(p.problem, where=where, key=p.key, value=p.value, fix=p.fix) for p in problem.problems]
        raise one_error(moved) from None


def extra_install(name: str) -> str:
    """Sentence with the command that installs an optional part of Comity from its source."""
    return f'Install it from the folder of Comity\'s source: pip install ".[{name}]".'


def shorten(value: object, length: int = 80) -> str:
    """Text of a user's value on one line, shortened, with unprintable characters escaped.

    The middle is cut, since the name of a file is at the end of its path.
    """
    text, half = str(value), length // 2
    return repr(text if len(text) <= length else f"{text[:half]}…{text[-half:]}")


def printable(text: str) -> str:
    """Text on one line, with control characters escaped."""
    return "".join(repr(letter)[1:-1] if letter in "\n\t" or is_control(letter) else letter for letter in text)


def is_control(letter: str) -> bool:
    """True for control characters of terminals or layout, which scenario texts must not contain.

    New lines and tabs are layout. Half characters and those that Unicode keeps out of texts cannot be written to a file
    or a figure.
    """
    if letter in "\n\t":
        return False
    number = ord(letter)
    no_character = number & 0xFFFE == 0xFFFE or 0xFDD0 <= number <= 0xFDEF
    return letter in _TURNING or no_character or unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp")


def mistake(problem: str, key: str = "", value: object = None, fix: str = "") -> InputError:
    """Makes the error for a wrong argument, option or configuration key, named by `key`; parameters by their names."""
    return InputError(problem, where=COMMAND_LINE, key=key.removeprefix(OF_PARAMETERS), value=value, fix=fix)
