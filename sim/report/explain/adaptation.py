"""How a group adapts: what it learns, when it stays or relocates, and where its users go (M15–M17)."""

from collections.abc import Iterator

from sim.report.explain import wording
from sim.report.explain.account import Entry, Tone
from sim.report.explain.book import Book, is_set
from sim.report.explain.wording import state
from sim.world.records import MilestoneKind

_HEARD_DAYS = 180.0  # before a lesson, in which news among peers are counted


def adaptation_entries(book: Book, row: int) -> Iterator[Entry]:
    """What a group learnt, and the users that it lost and gained."""
    yield from _lessons(book, row)
    yield from _choices(book, row)
    yield from _users_gone(book, row)
    yield from _users_come(book, row)


def _lessons(book: Book, row: int) -> Iterator[Entry]:
    """What action against itself taught the group."""
    for day, action, belief in book.milestones(MilestoneKind.LEARNT, group=row):
        cause = "The arrest of a member" if action < 0 else "The action"
        heard = wording.count(heard_of(book, row, day - _HEARD_DAYS, day), "action day")
        text = (
            f"{cause} teaches the group: it now expects a sanction with probability {belief / 1000:.1%}. "
            f"In the half-year before, it heard of {heard} against others of its kind."
        )
        yield Entry(day, text)


def heard_of(book: Book, row: int, since: float, until: float) -> int:
    """Action days against other groups of the same kind in a span."""
    action, kind = book["action"], book["group"].kind
    peers = (kind[action.group] == kind[row]) & (action.group != row)
    return int((peers & (action.day >= since) & (action.day < until)).sum())


def _choices(book: Book, row: int) -> Iterator[Entry]:
    """Stays beyond the lineage's end, and members who moved."""
    for day, _, _ in book.milestones(MilestoneKind.STAYED, group=row):
        yield Entry(day, "The group could retire, but expects more gain than usual and stays.")
    for day, member, left in book.milestones(MilestoneKind.RELOCATED, group=row):
        who = book["member"][member]
        text = f"Core member {who.slot + 1} leaves {state(book.code(left))} for another state."
        yield Entry(day, text, Tone.SETBACK)


def _users_gone(book: Book, row: int) -> Iterator[Entry]:
    """Bands of users that left for rivals, and that came back."""
    for number in book.where("migration", group=row):
        band = book["migration"][number]
        part = wording.share(float(band.amount / book["group"].users_at_takedown[row]))
        text = f"Users and affiliates, {part} of those it had when it was taken down, go to group {band.rival}."
        yield Entry(float(band.day), text, Tone.PLAIN)
        if is_set(band.returned):
            yield Entry(float(band.returned), f"A band of users comes back from group {band.rival}.", Tone.SETBACK)


def _users_come(book: Book, row: int) -> Iterator[Entry]:
    """Bands of users that came from rivals taken down, and that went back."""
    scale = float(book["group"].scale[row])
    for number in book.where("migration", rival=row):
        band = book["migration"][number]
        text = (
            f"Users and affiliates of group {band.group}, which was taken down, join: they are worth "
            f"{wording.share(float(band.amount) / scale)} of the users it began with."
        )
        yield Entry(float(band.day), text, Tone.SETBACK)
        if is_set(band.returned):
            yield Entry(float(band.returned), f"A band of users goes back to group {band.group}.", Tone.PROGRESS)
