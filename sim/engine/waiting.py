"""Priority queues of files that wait: a line, and a pairing heap (Fredman, Sedgewick, Sleator & Tarjan 1986) beside it.

Every discipline ages linearly, so a file's priority is fixed when it arrives: smaller is sooner. Most files are served
after all that wait already, and stand in line. Those that are served before somebody in the line, being urgent or back
after having been returned, are in the heap. What a queue compares and follows stands in a place of its own, half a
cache line, which is used again as soon as its file is served: some thousand places stay in the nearest caches, while
files, which are kept for ever, spread over the whole memory. All queues of a world share the table `waiting`; its first
row belongs to nobody and keeps its book.
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
        ("sibling", "i4"),  # next of the places below the same one, or next in line
        ("file", "i4"),  # row of what waits
        ("behind", "i4"),  # next free place; of the book: the first free one, 0 for none
    ]
)
NOBODY = 0  # end of an empty line, root of an empty heap: the row of the book
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
def _without_root(waiting: Record, root: int) -> int:
    """Root of the heap that is left when its first file goes."""
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
    return int(first)


@rule
def enter(waiting: Record, queue: Record, file: int, key: Key, priority: float) -> None:
    """Adds a file to a queue: to the end of its line, or to its heap when it is served before the last of the line.

    Args:
        waiting: places of all queues, with room for one more file.
        queue: the row of whoever keeps it; holds the ends of the line and the root of the heap.
        file: row of what comes to wait.
        key: its lineage key.
        priority: day; the smaller, the sooner.
    """
    row = _free_place(waiting)
    place = waiting[row]
    place.priority = priority
    place.key = key
    place.file = file
    place.child = NOBODY
    place.sibling = NOBODY
    last = queue.queue_last
    if last == NOBODY:
        queue.queue_first = row
        queue.queue_last = row
    elif _sooner(waiting, row, last):
        queue.queue_root = _meld(waiting, queue.queue_root, row)
    else:
        waiting[last].sibling = row
        queue.queue_last = row


@rule
def first_place(waiting: Record, queue: Record) -> int:
    """Place of the file that is served next, NOBODY when nobody waits."""
    first, root = queue.queue_first, queue.queue_root
    if root == NOBODY or (first != NOBODY and _sooner(waiting, first, root)):
        return int(first)
    return int(root)


@rule
def leave_first(waiting: Record, queue: Record) -> int:
    """Takes the first file out of its queue, in which somebody must wait, and returns its row."""
    row = first_place(waiting, queue)
    if row == queue.queue_first:
        queue.queue_first = waiting[row].sibling
        if queue.queue_first == NOBODY:
            queue.queue_last = NOBODY
    else:
        queue.queue_root = _without_root(waiting, row)
    waiting[row].behind = waiting[_BOOK].behind
    waiting[_BOOK].behind = row
    return int(waiting[row].file)
