"""Priority queues of files that wait: pairing heaps (Fredman, Sedgewick, Sleator & Tarjan 1986) in one table.

Every discipline ages linearly, so a file's priority is fixed when it arrives: smaller is sooner. What a queue compares
and follows stands in a place of its own, half a cache line, which is used again as soon as its file is served: some
thousand places stay in the nearest caches, while files, which are kept for ever, spread over the whole memory. All
queues of a world share the table `waiting`; its first row belongs to nobody and keeps its book.
"""

from typing import Any

import numpy as np

from sim.engine.compiling import Key, Record, rule
from sim.engine.room import empty

PLACE = np.dtype(
    [
        ("priority", "f8"),  # day; the smaller, the sooner
        ("key", "u8"),  # lineage key of the file, which decides between equal priorities
        ("child", "i4"),  # first of the places below it in the heap, 0 for none
        ("sibling", "i4"),  # next of the places below the same one
        ("file", "i4"),  # row of what waits
        ("behind", "i4"),  # next free place; of the book: the first free one, 0 for none
    ]
)
NOBODY = 0  # root of an empty queue: the row of the book
_BOOK = 0  # its `file` counts the places that have ever been used


def empty_waiting(places: int) -> dict[str, Any]:
    """The table of waiting places, by field name, with room for so many files that wait at one time."""
    return {"waiting": empty(places + 1, PLACE)}


@rule
def places_used(waiting: Record) -> int:
    """Places that have ever been used: no more are needed for the files that wait now."""
    return int(waiting[_BOOK].file)


@rule
def _free_place(waiting: Record) -> int:
    """A place for a file that comes to wait."""
    book = waiting[_BOOK]
    free = book.behind
    if free > 0:
        book.behind = waiting[free].behind
        return int(free)
    book.file += 1
    return int(book.file)


@rule
def _sooner(waiting: Record, a: int, b: int) -> bool:
    """Whether place a is served before place b; equal priorities are broken by lineage key."""
    if waiting[a].priority != waiting[b].priority:
        return waiting[a].priority < waiting[b].priority
    return waiting[a].key < waiting[b].key


@rule
def _meld(waiting: Record, a: int, b: int) -> int:
    """Puts the later of two heaps below the sooner and returns that one; each is told by the place of its root."""
    if a == NOBODY:
        return b
    if b == NOBODY:
        return a
    if not _sooner(waiting, a, b):
        a, b = b, a
    waiting[b].sibling = waiting[a].child
    waiting[a].child = b
    return a


@rule
def enter(waiting: Record, root: int, file: int, key: Key, priority: float) -> int:
    """Adds a file to the queue with the given root and returns the new root. There must be room for it."""
    row = _free_place(waiting)
    place = waiting[row]
    place.priority = priority
    place.key = key
    place.file = file
    place.child = NOBODY
    place.sibling = NOBODY
    return _meld(waiting, root, row)


@rule
def leave_first(waiting: Record, root: int) -> int:
    """Takes the first file out of its queue, which must be read before, and returns the new root."""
    pairs, child = NOBODY, waiting[root].child
    while child != NOBODY:  # neighbours are melded two by two, and stacked
        other = waiting[child].sibling
        following = waiting[other].sibling if other != NOBODY else NOBODY
        pair = _meld(waiting, child, other)
        waiting[pair].sibling = pairs
        pairs, child = pair, following
    first = NOBODY
    while pairs != NOBODY:  # then all pairs, from the last to the first
        following = waiting[pairs].sibling
        first = _meld(waiting, first, pairs)
        pairs = following
    waiting[root].behind = waiting[_BOOK].behind
    waiting[_BOOK].behind = root
    return int(first)
