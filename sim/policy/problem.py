"""The one error a user's mistake raises: where it is, what is wrong, and what to type instead."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from sim.law.suggest import closest


class InputError(ValueError):
    """A mistake in something a user wrote; its text is one message that is complete in itself.

    Args:
        problem: what is wrong, in plain words.
        where: the file, with its line where known, or "command line".
        key: the key at fault, as the user would write it.
        value: the value at fault, as the user wrote it.
        fix: what to do instead.
    """

    def __init__(self, problem: str, *, where: str = "", key: str = "", value: object = None, fix: str = "") -> None:
        self.problem = problem
        self.where = where
        self.key = key
        self.value = value
        self.fix = fix
        super().__init__(self._text())

    def _text(self) -> str:
        """Where: key = value: problem. Fix."""
        subject = self.key if self.value is None else f"{self.key} = {shorten(self.value)}".strip(" =")
        parts = [part for part in (self.where, subject, self.problem) if part]
        text = ": ".join(parts)
        return f"{text}. {self.fix}" if self.fix else text

    def at(self, where: str, key: str = "") -> "InputError":
        """The same problem, with its place named."""
        return InputError(
            self.problem,
            where=self.where or where,
            key=key or self.key,
            value=self.value,
            fix=self.fix,
        )


@contextmanager
def found_at(where: str) -> Iterator[None]:
    """Whatever is found wrong within was written there: a value checked far from where it was read names its line.

    Args:
        where: the file and its line; empty to leave places as they are.
    """
    try:
        yield
    except InputError as problem:
        if not where:
            raise
        raise InputError(problem.problem, where=where, key=problem.key, value=problem.value, fix=problem.fix) from None


def shorten(value: object, length: int = 80) -> str:
    """A value as the user wrote it, cut to one printable line."""
    text = "".join(letter if letter.isprintable() else "?" for letter in str(value))
    return repr(text if len(text) <= length else f"{text[:length]}…")


def nearest(word: str, known: Iterable[str], *, what: str = "one of") -> str:
    """A fix that names the known word nearest to what was written, or lists them all.

    Args:
        word: what was written.
        known: the words that would have been right.
        what: how the list is announced; empty for no list.
    """
    words = sorted(set(known))
    meant = closest(word, words)
    if meant or not what:
        return f"Did you mean {meant}?" if meant else ""
    return f"Use {what}: {', '.join(words[:12])}{', …' if len(words) > 12 else ''}."
