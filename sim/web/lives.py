"""The life of one case under today's law beside the same case under the policy, as plain texts.

They travel from a worker to the page. What is the same in both arms has the same key, from which its random draws are
made.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

#: Number of a request or of another case in a text.
_ROWS = re.compile(r" ?\[?\b(?:request|case|group) \d+\]?")
#: Date, days since the beginning, what happened, and how that bears on it.
Line = tuple[str, str, str, str]


class LifeChoice(NamedTuple):
    """A case in a list of those worth reading: its row in the first arm, and what is worth knowing."""

    row: int
    words: tuple[str, ...]


@dataclass(frozen=True)
class Life:
    """The life of a case in one arm; no entries where it does not come about there.

    Attributes:
        title: one line.
        note: why it does not come about.
        facts: the life in short.
        entries: what happened, in order of time.
    """

    title: str = ""
    note: str = ""
    facts: tuple[str, ...] = ()
    entries: tuple[Line, ...] = ()


@dataclass(frozen=True)
class Lives:
    """One case, before and after.

    Attributes:
        choices: cases of the first arm that are worth reading.
        row: of the one that is shown, in the first arm; −1 where there is none.
        lives: its life in each arm.
    """

    choices: tuple[LifeChoice, ...]
    row: int
    lives: tuple[Life, ...]

    @property
    def apart(self) -> tuple[tuple[bool, ...], ...]:
        """For each life and entry, whether the other life lacks it; numbers of rows differ between arms by nature."""
        said = [[(entry[0], _ROWS.sub("", entry[2])) for entry in life.entries] for life in self.lives]
        return tuple(tuple(line not in said[1 - place] for line in lines) for place, lines in enumerate(said))
