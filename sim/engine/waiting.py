"""A priority queue of rows that wait, kept inside their own table as a skew heap (Sleator & Tarjan 1986).

Every discipline ages linearly, so a file's priority is fixed when it arrives: smaller is sooner.
"""

from sim.engine.compiling import Record, rule


@rule
def _sooner(job: Record, a: int, b: int) -> bool:
    """Whether row a is served before row b; equal priorities are broken by lineage key."""
    if job[a].priority != job[b].priority:
        return job[a].priority < job[b].priority
    return job[a].key < job[b].key


@rule
def merge(job: Record, a: int, b: int) -> int:
    """Merges two skew heaps (rows of their roots, -1 for empty) and returns the new root."""
    if a < 0:
        return b
    if b < 0:
        return a
    if not _sooner(job, a, b):
        a, b = b, a
    root = a
    # Invariant: a is sooner than b. Go down a's right spine, swapping children on the way.
    while True:
        right = job[a].right
        job[a].right = job[a].left
        if right < 0:
            job[a].left = b
            break
        if _sooner(job, right, b):
            job[a].left = right
            a = right
        else:
            job[a].left = b
            a, b = b, right
    return root


@rule
def enter(job: Record, root: int, row: int) -> int:
    """Adds a row to the queue with the given root and returns the new root."""
    job[row].left = -1
    job[row].right = -1
    return merge(job, root, row)


@rule
def leave_first(job: Record, root: int) -> int:
    """Takes the root out of its queue and returns the new root."""
    return merge(job, job[root].left, job[root].right)
