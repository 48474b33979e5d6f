"""What there is, as tables: levers, parameters, outcomes, scenarios, states, treaties, the ensemble; and `sim.law`.

Each table has one row per entry. `flag` says how far a number may be trusted, as in docs/sources.md. `sim.law` says who
may request what from whom on a day.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from math import nan
from typing import TYPE_CHECKING, Any

from sim.api.door import in_python
from sim.law.suggest import nearest
from sim.policy.problem import mistake

if TYPE_CHECKING:
    import pandas as pd

    from sim.law.amendments import Amendment
    from sim.law.explain import Answer


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
        from sim.law.explain import conditions, plain

        rows = []
        for one in self.answer.open:
            about = plain(one.channel.name), one.terms.name, one.since, "; ".join(conditions(one))
            rows.append((*about, one.terms.article, one.source, one.tag.value))
        return _frame("channel instrument since conditions article source evidence", rows)

    @property
    def closed(self) -> pd.DataFrame:
        """One row per channel that is closed: `channel`, `reason`."""
        from sim.law.explain import plain

        return _frame("channel reason", ((plain(entry.channel.name), entry.reason) for entry in self.answer.closed))

    @property
    def facts(self) -> pd.DataFrame:
        """National law on both sides: `fact`, `value`, `evidence`."""
        return _frame("fact value evidence", ((fact.what, fact.value, fact.tag.value) for fact in self.answer.facts))

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
    """
    from sim.law.explain import answer
    from sim.law.order import legal_order
    from sim.law.vocabulary import DataKind, Offence

    order = legal_order()
    states = [_state(requesting, "REQUESTING"), _state(requested, "REQUESTED")]
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
    sides = [_codes(requesting, "REQUESTING"), _codes(requested, "REQUESTED")]
    if min(map(len, sides)) > 1:
        raise mistake("both are groups", "REQUESTED", requested, "Name one state and one group.")
    pairs = [(one, other) for one in sides[0] for other in sides[1]]
    return [pair for pair in pairs if len(pairs) == 1 or pair[0] != pair[1]]


def _state(written: str, key: str) -> str:
    """A state by its code or its English name."""
    codes = _codes(written, key)
    if len(codes) > 1:
        fix = f"Ask about one of them, such as {', '.join(codes[:4])}."
        raise mistake(f"a group of {len(codes)} states, not a state", key, written, fix)
    return codes[0]


def _codes(written: str, key: str) -> list[str]:
    """Codes of a state, or of the states of a group."""
    from sim.policy.places import load_atlas, places_named

    return [load_atlas().states[row] for place in places_named(written, key) for row in place.rows]


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


def levers() -> pd.DataFrame:
    """What a policy can set.

    Columns: `lever` (name), `title`, `unit`, `low`, `high` (allowed, in the unit), `neutral` (changes nothing),
    `target` (what a change selects), `choices` (words allowed), `needs` (what else must hold), `today` (posts or
    persons there are, NaN where nothing is counted), `counted` (what is counted), `cost`, `source`, `flag`.
    """
    from sim.policy.levers import LEVERS

    rows: list[tuple[object, ...]] = []
    for lever in LEVERS.values():
        ends = (lever.low, lever.high, lever.neutral) if lever.gradual else (nan, nan, nan)
        counted = (lever.count.today(), lever.count.unit) if lever.count else (nan, "")
        words = str(lever.target), ", ".join(lever.choices), lever.needs
        about = lever.cost, lever.source, str(lever.tag)
        rows.append((lever.name, lever.title, lever.unit, *ends, *words, *counted, *about))
    columns = "lever title unit low high neutral target choices needs today counted cost source flag"
    return _frame(columns, rows)


def parameters() -> pd.DataFrame:
    """Every number of the model that is no fact of law or geography.

    Columns: `parameter` (dotted name), `meaning`, `unit`, `default`, `low`, `high` (allowed), `plausible_low`,
    `plausible_high` (what an informed expert could not exclude; NaN for a switch), `scale` (on which values of the
    plausible range are equally likely), `reason` (of that range), `source`, `flag`.
    """
    from sim.world.parameters import Parameters, declarations, value_of

    rows: list[tuple[object, ...]] = []
    for name, _item, about in declarations():
        allowed, span = (float(about.low), float(about.high)), about.plausible
        plausible = (float(span.low), float(span.high), str(span.scale), span.reason) if span else (nan, nan, "", "")
        default = value_of(Parameters(), name)
        rows.append((name, about.meaning, about.unit, default, *allowed, *plausible, about.source, str(about.tag)))
    columns = "parameter meaning unit default low high plausible_low plausible_high scale reason source flag"
    return _frame(columns, rows)


def outcomes() -> pd.DataFrame:
    """What is measured in every run.

    Columns: `outcome` (key), `title`, `unit`, `better` (whether a policy wants more or less of it), `definition`.
    """
    from sim.measures.outcomes import OUTCOMES

    rows = ((entry.key, entry.title, entry.unit, str(entry.better), entry.definition) for entry in OUTCOMES)
    return _frame("outcome title unit better definition", rows)


def scenarios() -> pd.DataFrame:
    """The catalogue.

    Columns: `scenario` (key), `title`, `question`, `recommendation` (which one of the field it tries out; empty for the
    law as it is and for bounds), `based_on`, `changes` (how many), `lags`, `cost`, `sources`.
    """
    from sim.policy.scenario import catalogue, load

    rows = []
    for entry in map(load, catalogue()):
        rests = (str(entry.recommendation or ""), ", ".join(entry.based_on), len(entry.changes))
        rows.append((entry.key, entry.title, entry.question, *rests, entry.lags, entry.cost, "; ".join(entry.sources)))
    return _frame("scenario title question recommendation based_on changes lags cost sources", rows)


def states() -> pd.DataFrame:
    """States of the model, in the order of its tables.

    Columns: `state` (ISO code), `name`, `region`, `subregion`, `population`, `legal_system`, `source`, `flag`.
    """
    from sim.data.load import read_table
    from sim.law.order import legal_order

    columns = "iso3 name region subregion population legal_system source status"
    known = {row["iso3"]: [row[column] for column in columns.split()] for row in read_table("countries.csv").rows}
    frame = _frame(columns, (known[code] for code in legal_order().states))
    return frame.rename(columns={"iso3": "state", "status": "flag"}).astype({"population": "int64"})


@in_python
def treaties(on: str | date | None = None) -> pd.DataFrame:
    """Treaties and other instruments on a day.

    Columns: `treaty` (id), `name`, `form` (between whom it holds), `in_force` (its first day; None while it waits or
    where each tie has its own day), `parties` (states that it binds on the day), `pairs` (pairs of states that have
    one), `reference`, `source`, `flag`.

    Args:
        on: the day, today where None.
    """
    from sim.law.order import legal_order

    day = date.today() if on is None else day_of(str(on))
    rows = []
    for treaty in legal_order().treaties.values():
        entry = treaty.entry()
        begun = entry is not None and entry <= day and (treaty.ended is None or day < treaty.ended)
        ties = (
            sum(one.since <= day < (one.until or date.max) for one in tied.values()) if begun else 0
            for tied in (treaty.bonds, treaty.pairs)
        )
        about = (treaty.reference, treaty.source, str(treaty.tag))
        rows.append((treaty.id, treaty.name, treaty.form, treaty.in_force, *ties, *about))
    return _frame("treaty name form in_force parties pairs reference source flag", rows)


def ensemble() -> pd.DataFrame:
    """The parameter sets of the package, which comparisons, leagues and the what-if page take by turns.

    One row per set, one column per parameter that differs between sets (`sim.parameters()` has units and ranges).
    `attrs["chosen_by"]` says in words what they were chosen by.
    """
    from sim.calibration.ensemble import sets_of_today

    taken = sets_of_today(1)
    frame = _frame("", taken.values)
    frame.attrs["chosen_by"] = str(taken.standing)
    return frame


def _frame(columns: str, rows: Iterable[Any]) -> pd.DataFrame:
    """A table; rows that are no mappings have these columns."""
    import pandas as pd

    return pd.DataFrame(list(rows), columns=columns.split() or None)
