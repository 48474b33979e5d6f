"""`sim.law`: who may request what from whom on a day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from sim.api.door import in_python
from sim.law.suggest import nearest
from sim.policy.problem import mistake

if TYPE_CHECKING:
    import pandas as pd

    from sim.law.amendments import Amendment
    from sim.law.explain import Answer
    from sim.law.order import LegalOrder


@dataclass(frozen=True)
class LegalAnswer:
    """The law of a day on one question.

    Attributes:
        answer: open and closed channels with their terms, and the facts of national law.
        names: English names of states by code.
    """

    answer: Answer
    names: Mapping[str, str]

    @property
    def open(self) -> pd.DataFrame:
        """One row per open channel: `channel`, `instrument`, `since`, `conditions`, `article`, `source`, `evidence`."""
        import pandas as pd

        from sim.law.explain import conditions, plain

        found = self.answer.open
        columns: dict[str, list[object]] = {
            "channel": [plain(one.channel.name) for one in found],
            "instrument": [one.terms.name for one in found],
            "since": [one.since for one in found],
            "conditions": ["; ".join(conditions(one)) for one in found],
            "article": [one.terms.article for one in found],
            "source": [one.source for one in found],
            "evidence": [one.tag.value for one in found],
        }
        return pd.DataFrame(columns)

    @property
    def closed(self) -> pd.DataFrame:
        """One row per channel that is closed: `channel`, `reason`."""
        import pandas as pd

        from sim.law.explain import plain

        rows = [(plain(entry.channel.name), entry.reason) for entry in self.answer.closed]
        return pd.DataFrame(rows, columns=["channel", "reason"])

    @property
    def facts(self) -> pd.DataFrame:
        """National law on both sides: `fact`, `value`, `evidence`."""
        import pandas as pd

        rows = [(fact.what, fact.value, fact.tag.value) for fact in self.answer.facts]
        return pd.DataFrame(rows, columns=["fact", "value", "evidence"])

    def __repr__(self) -> str:
        from rich.console import Console

        from sim.law.explain import render

        console = Console(width=100, color_system=None)
        with console.capture() as text:
            console.print(render(self.answer, dict(self.names)))
        return text.get()


@in_python
def law(
    requesting: str,
    requested: str,
    data: str,
    *,
    offence: str = "illegal_access",
    on: str | date | None = None,
    scenario: str | None = None,
) -> LegalAnswer:
    """Ask who may ask whom for what on a day.

    Args:
        requesting (REQUESTING): state that asks, such as DEU: a code of three letters, or its English name
        requested (REQUESTED): state that is asked, such as USA
        data (DATA): what is asked for, such as content or subscriber
        offence (NAME): what is investigated (default: illegal_access)
        on (DATE): day, as 2026-09-01; in Python also a date (default: today)
        scenario (KEY): whose changes are law by then, under the first seed (default: none, the law of the data)

    Raises:
        InputError: an unknown word, or a day of which the data say nothing.
    """
    from sim.law.explain import answer
    from sim.law.order import legal_order
    from sim.law.vocabulary import DataKind, Offence

    order = legal_order()
    states = [_state(written, side, order) for written, side in ((requesting, "REQUESTING"), (requested, "REQUESTED"))]
    if states[0] == states[1]:
        raise mistake("a state cannot ask itself", "REQUESTED", states[1], "Name two different states.")
    kind = DataKind[_word(data, "DATA", tuple(DataKind.__members__))]
    investigated = Offence[_word(offence, "--offence", tuple(Offence.__members__))]
    day = date.today() if on is None else day_of(str(on))
    amendments: tuple[Amendment, ...] = ()
    if scenario is not None:
        from sim.policy.scenario import load
        from sim.policy.scenario_timeline import policy_days, timeline_of
        from sim.world.parameters import WorldSpec

        amendments = timeline_of(load(scenario), order, *policy_days(WorldSpec())).amendments(day)
    return LegalAnswer(answer(order, states[0], states[1], kind, day, investigated, amendments), dict(order.names))


def pairs_of(requesting: str, requested: str) -> list[tuple[str, str]]:
    """The questions between a state and each of a group, as `EU`; that of two states alone.

    Raises:
        InputError: both are groups.
    """
    from sim.policy.places import load_atlas

    sides = [load_atlas().members(side) or (side,) for side in (requesting, requested)]
    if min(map(len, sides)) > 1:
        raise mistake("both are groups", "REQUESTED", requested, "Name one state and one group.")
    pairs = [(one, other) for one in sides[0] for other in sides[1]]
    return [pair for pair in pairs if len(pairs) == 1 or pair[0] != pair[1]]


def _state(written: str, key: str, order: LegalOrder) -> str:
    """A state by its code or its English name."""
    from sim.policy.places import load_atlas

    if written.upper() in order.states:
        return written.upper()
    atlas = load_atlas()
    members = atlas.members(written)
    if len(members) == 1:
        return members[0]
    if members:
        fix = f"Ask about one of them, such as {', '.join(members[:4])}."
        raise mistake(f"a group of {len(members)} states, not a state", key, written, fix)
    alike = nearest(written, order.states, what="", labels=atlas.names)
    fix = alike or "Use a code of three letters, such as DEU, or the English name."
    raise mistake("unknown state", key, written, fix)


def _word(written: str, key: str, known: tuple[str, ...]) -> str:
    """A word of the law's vocabulary, in any case, with spaces, hyphens or underscores."""
    word = written.upper().replace("-", "_").replace(" ", "_")
    if word not in known:
        raise mistake("unknown", key, written, nearest(written.lower(), [name.lower() for name in known]))
    return word


def day_of(written: str) -> date:
    """The day of a legal question."""
    from sim.data.load import UNDATED
    from sim.experiments.settings import calendar_day

    day = calendar_day("--on", written)
    if day < UNDATED:
        fix = f"Choose a day from {UNDATED} on: the data say nothing of days before."
        raise mistake("too early", "--on", written, fix)
    return day
