"""Progress with the time that remains, on everything that takes more than two seconds."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread
from time import monotonic

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

#: Typical time of a first compilation, seconds: it cannot be known how far a compiler has come.
COMPILE_SECONDS = 25.0


@contextmanager
def counting(console: Console, label: str, total: int, quiet: bool) -> Iterator[Callable[[int], None]]:
    """A bar over things that can be counted.

    Yields:
        A function to call with the number of things done since the last call.
    """
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    remaining = (TextColumn("remaining"), TimeRemainingColumn())
    with Progress(*columns, *remaining, console=console, disable=quiet) as progress:
        bar = progress.add_task(label, total=total)
        yield lambda done: progress.advance(bar, done)


@contextmanager
def estimated(console: Console, label: str, seconds: float, quiet: bool) -> Iterator[None]:
    """A bar that fills in about the time that the work usually takes."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    finished, begun = Event(), monotonic()
    with Progress(*columns, console=console, disable=quiet) as progress:
        bar = progress.add_task(label, total=seconds)

        def fill() -> None:
            """Moves the bar with the clock."""
            while not finished.wait(0.2):
                # The last twentieth is kept for slower machines.
                progress.update(bar, completed=min(monotonic() - begun, 0.95 * seconds))

        thread = Thread(target=fill, daemon=True)
        thread.start()
        try:
            yield
        finally:
            finished.set()
            thread.join()
            progress.update(bar, completed=seconds)
