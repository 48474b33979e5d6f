"""Kinds of event and purposes of random draws that a user's parts add to Comity's own.

A rule of a part posts an event as Comity's do, `schedule(world, day, OwnEvent.PAYMENT_FROZEN, key, row, stamp)`, and
another, marked with `handles`, answers it.
"""

from collections.abc import Callable
from enum import IntEnum
from hashlib import sha256
from typing import Any, TypeVar

from sim.data.load import DataError, own_tables
from sim.data.own import EVENTS, OwnPartError

RuleT = TypeVar("RuleT", bound=Callable[..., object])

_COLUMNS = ("event", "meaning")
#: Number of the first event of a user's own; Comity's are below.
FIRST = 100
#: Numbers of purposes of draws from here on are those of parts; all are below 2**16.
_FIRST_PURPOSE, _PURPOSES = 1_000, 2**16 - 1_000
#: Attribute of the Python function of a rule that names the event which it answers.
HANDLES = "handles_event"


def _named() -> dict[str, str]:
    """Paths of the files that declare the user's own events, by event name."""
    files: dict[str, str] = {}
    for table in own_tables(EVENTS, _COLUMNS):
        for row in table.rows:
            name = row["event"]
            if name in files or not (name.isidentifier() and name.isupper()):
                problem = "is the second of this name" if name in files else "is no name in capital letters"
                raise DataError(f"{table.name}: event = {name!r} {problem}; write another, such as PAYMENT_FROZEN")
            if not row["meaning"].strip():
                raise DataError(f"{table.name}: {name}: meaning is blank; write what happens")
            files[name] = table.name
    return files


#: File of each event of a user's own.
FILE_OF = _named()
#: Kinds of event of a user's own.
OwnEvent: Any = IntEnum("OwnEvent", [(name, FIRST + place) for place, name in enumerate(FILE_OF)], module=__name__)  # type: ignore[misc]
_PURPOSE_OF: dict[int, str] = {}


def kinds(shipped: int) -> int:
    """Number of event codes: `shipped` without events of the user's own, else 100 plus the number of those."""
    return FIRST + len(FILE_OF) if FILE_OF else shipped


def handles(event: str) -> Callable[[RuleT], RuleT]:
    """Decorator for a rule with the arguments (world, row, stamp) that handles one of the user's events."""

    def marked(answer: RuleT) -> RuleT:
        """Marks a rule as the handler of the event, and returns the rule unchanged."""
        vars(getattr(answer, "py_func", answer))[HANDLES] = event
        return answer

    return marked


def purpose(name: str) -> int:
    """Number of a purpose of random draws in a user's part, computed from a name such as "freeze.reached".

    Draws of one key, of different purposes, are independent. A name whose number another has is an error.
    """
    number = _FIRST_PURPOSE + int.from_bytes(sha256(name.encode()).digest()[:8], "big") % _PURPOSES
    if _PURPOSE_OF.setdefault(number, name) != name:
        fix = "Choose another name for one of them."
        raise OwnPartError(f"two purposes have one number: {_PURPOSE_OF[number]} and {name}", name, fix=fix)
    return number
