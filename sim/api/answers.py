"""Tables of the model's contents (levers, parameters, outcomes and others), and `sim.law`.

Each table has one row per entry. `flag` says how far a number may be trusted, as in docs/sources.md. `sim.law` says who
may request what from whom on a day.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from math import nan
from typing import TYPE_CHECKING, TypeVar

from sim.api.entry_point import in_python
from sim.law.suggest import nearest
from sim.policy.problem import mistake

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import RenderableType

    from sim.law.amendments import Amendment
    from sim.law.explain import Answer

EnumT = TypeVar("EnumT", bound=Enum)


@dataclass(frozen=True)
class LegalAnswer:
    """Answer to a legal question between two states, under the law of a certain day.

    Attributes:
        answer: open and closed channels with their terms, and the facts of national law.
        names: English names of states by code.

    Examples:
        >>> answer = sim.law("DEU", "USA", "content", on="2026-09-01")
        >>> "mlat" in answer.open["channel"].tolist(), answer.closed.columns.tolist()
        (True, ['channel', 'reason'])
    """

    answer: Answer
    names: Mapping[str, str]

    @property
    def open(self) -> pd.DataFrame:
        """Table of open channels: `channel`, `instrument`, `since`, `conditions`, `article`, `source`, `evidence`."""
        from sim.law.explain import conditions, plain

        rows = []
        for one in self.answer.open:
            tests = one.since, "; ".join(conditions(one)), one.terms.article
            rows.append((plain(one.channel.name), one.terms.name, *tests, one.source, one.tag))
        return _table("channel instrument since conditions article source evidence", rows)

    @property
    def closed(self) -> pd.DataFrame:
        """Table of closed channels: `channel`, and the `reason` why it is closed."""
        from sim.law.explain import plain

        return _table("channel reason", ((plain(one.channel.name), one.reason) for one in self.answer.closed))

    @property
    def facts(self) -> pd.DataFrame:
        """Table of relevant facts of national law in both states: `fact`, `value`, `evidence`."""
        return _table("fact value evidence", ((one.what, one.value, one.tag) for one in self.answer.facts))

    def __rich__(self) -> RenderableType:
        """The whole answer, for a terminal."""
        from sim.law.explain import render

        return render(self.answer, dict(self.names))

    def __repr__(self) -> str:
        from rich.console import Console

        with (console := Console(width=100, color_system=None)).capture() as text:
            console.print(self)
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
    """Find the legal channels by which one state may ask another for data on a day.

    Args:
        requesting (REQUESTING): state that asks, such as DEU: a code of three letters, or its English name
        requested (REQUESTED): state that is asked, such as USA
        data (DATA): what is asked for, such as content or subscriber
        offence (NAME): what is investigated (default: illegal_access)
        on (DATE): day, as 2026-09-01; in Python also a date (default: today)
        scenario (KEY): whose changes are law by then, under the first seed (default: none, the law of the data)

    Returns:
        The answer, with a table of open channels, one of closed channels with the reason, and facts of national law.

    Examples:
        >>> "budapest" in sim.law("DEU", "USA", "content", on="2026-09-01").open["channel"].tolist()
        True
    """
    from sim.law.explain import answer
    from sim.law.order import legal_order
    from sim.law.vocabulary import DataKind, Offence

    order = legal_order()
    asking, request = (_states(*side, most=1)[0] for side in ((requesting, "REQUESTING"), (requested, "REQUESTED")))
    if asking == request:
        raise mistake("a state cannot ask itself", "REQUESTED", request, "Name two different states.")
    kind, investigated = _word(DataKind, data, "DATA"), _word(Offence, offence, "--offence")
    day = _day(on)
    amendments: tuple[Amendment, ...] = ()
    if scenario is not None:
        from sim.policy.scenario import load
        from sim.policy.scenario_timeline import policy_days, timeline_of
        from sim.world.parameters import WorldSpec

        amendments = timeline_of(load(scenario), order, *policy_days(WorldSpec())).amendments(day)
    return LegalAnswer(answer(order, asking, request, kind, day, investigated, amendments), dict(order.names))


def pairs_of(requesting: str, requested: str) -> list[tuple[str, str]]:
    """Pairs of state codes: one state with each member of a group such as `EU`, or just the two states."""
    sides = [_states(requesting, "REQUESTING"), _states(requested, "REQUESTED")]
    if min(map(len, sides)) > 1:
        raise mistake("both are groups", "REQUESTED", requested, "Name one state and one group.")
    pairs = [(one, other) for one in sides[0] for other in sides[1]]
    return [pair for pair in pairs if len(pairs) == 1 or pair[0] != pair[1]]


def _states(written: str, key: str, most: int = 1_000) -> list[str]:
    """Codes of the states that a user's word means: a code, an English name, or the name of a group."""
    from sim.policy.places import load_atlas, places_named

    codes = [load_atlas().states[row] for place in places_named(written, key) for row in place.rows]
    if len(codes) > most:
        fix = f"Ask about one of them, such as {', '.join(codes[:4])}."
        raise mistake(f"a group of {len(codes)} states, not a state", key, written, fix)
    return codes


def _word(kind: type[EnumT], written: str, key: str) -> EnumT:
    """Finds the member of an enumeration that a user's word means, regardless of case and punctuation."""
    word = written.upper().replace("-", "_").replace(" ", "_")
    if word not in kind.__members__:
        raise mistake("unknown", key, written, nearest(written.lower(), [name.lower() for name in kind.__members__]))
    return kind[word]


def _day(on: str | date | None) -> date:
    """Converts a user's date to the day that a legal question is about; today by default."""
    from sim.data.load import UNDATED
    from sim.experiments.settings import calendar_day

    day = date.today() if on is None else calendar_day("--on", str(on))
    if day < UNDATED:
        fix = f"Choose a day from {UNDATED} on: the data say nothing of days before."
        raise mistake("too early", "--on", on, fix)
    return day


def levers() -> pd.DataFrame:
    """All levers that a policy can set.

    Returns:
        Columns: `lever` (name), `title`, `unit`, `low`, `high` (allowed, in the unit), `neutral` (changes nothing),
        `target` (what a change selects), `choices` (words allowed), `needs` (what else must hold), `today` (posts or
        persons there are, NaN where nothing is counted), `counted` (what is counted), `cost`, `source`, `flag`,
        `no_path` (why no path leads from it to what it is meant for; empty where one does).

    Examples:
        >>> sim.levers().set_index("lever").loc["court.staff", ["title", "unit"]].tolist()
        ['Staff of the courts that order execution', "times today's"]
    """
    from sim.policy.levers import LEVERS

    rows = []
    for one in LEVERS.values():
        ends = (one.low, one.high, one.neutral) if one.gradual else (nan, nan, nan)
        words = one.target, ", ".join(one.choices), one.needs
        counted = (one.count.today(), one.count.unit) if one.count else (nan, "")
        rows.append(
            (one.name, one.title, one.unit, *ends, *words, *counted, one.cost, one.source, one.tag, one.no_path)
        )
    return _table("lever title unit low high neutral target choices needs today counted cost source flag no_path", rows)


def parameters() -> pd.DataFrame:
    """All numbers of the model except facts of law or geography.

    Returns:
        Columns: `parameter` (dotted name), `meaning`, `unit`, `default`, `low`, `high` (allowed), `plausible_low`,
        `plausible_high` (what an informed expert could not exclude; NaN for a switch), `scale` (on which values of the
        plausible range are equally likely), `reason` (of that range), `source`, `flag`.

    Examples:
        >>> sim.parameters().set_index("parameter").loc["desk.court_wait_days", "unit"]
        'days'
    """
    from sim.world.parameters import Parameters, declarations, value_of

    rows, usual = [], Parameters()
    for name, _item, one in declarations():
        span, numbers = one.plausible, (value_of(usual, name), float(one.low), float(one.high))
        plausible = (float(span.low), float(span.high), span.scale, span.reason) if span else (nan, nan, "", "")
        rows.append((name, one.meaning, one.unit, *numbers, *plausible, one.source, one.tag))
    columns = "parameter meaning unit default low high plausible_low plausible_high scale reason source flag"
    return _table(columns, rows)


def outcomes() -> pd.DataFrame:
    """Table of all outcomes that a run measures, with their units and definitions.

    Returns:
        Columns: `outcome` (key), `title`, `unit`, `better` (whether a policy wants more or less of it), `definition`.

    Examples:
        >>> sim.outcomes().set_index("outcome").loc["turnaround_median", ["unit", "better"]].tolist()
        ['months', 'less']
    """
    from sim.measures.outcomes import OUTCOMES

    rows = ((one.key, one.title, one.unit, one.better, one.definition) for one in OUTCOMES)
    return _table("outcome title unit better definition", rows)


def scenarios() -> pd.DataFrame:
    """Table of the scenarios in the catalogue, one row each.

    Returns:
        Columns: `scenario` (key), `title`, `question`, `recommendation` (which one of the field it tries out; empty for
        the law as it is and for bounds), `based_on`, `changes` (how many), `lags`, `cost`, `sources`.

    Examples:
        >>> "faster_mlat" in sim.scenarios()["scenario"].tolist()
        True
    """
    from sim.policy.scenario import catalogue, load

    rows = []
    for one in map(load, catalogue()):
        rests = one.recommendation or "", ", ".join(one.based_on), len(one.changes)
        rows.append((one.key, one.title, one.question, *rests, one.lags, one.cost, "; ".join(one.sources)))
    return _table("scenario title question recommendation based_on changes lags cost sources", rows)


def files() -> pd.DataFrame:
    """Table of the options of files on the table: proposals, treaties and agreements that are under way.

    Returns:
        Columns, a row for each option: `scenario` (key), `title`, `file`, `reference` (number and article), `stage`,
        `stage_on` (since when), `next`, `next_on` (empty where no day is known), `price` (by its text), `least` and
        `most` (share of worlds in which it passes, alone or with more, 0–1, judgement), `places` (where it acts first,
        for `places` of a comparison), `open` (what it leaves open), `changed` (since the last release), `checked` (on
        which day), `source`, `flag`.

    Examples:
        >>> sim.files().set_index("scenario").loc["uk_us_lapses", "next_on"]
        '2027-10-03'
    """
    from sim.policy.files import options

    rows = []
    for one in options().values():
        record, share = one.record, one.passing
        stage = record.stage, record.stage_on, record.next, record.next_on, record.price
        checked = record.changed, record.checked, record.source, record.tag.value
        named = one.key, one.title, record.title, record.reference, *stage, share.least, share.most, record.places
        rows.append((*named, " ".join(one.left_open), *checked))
    columns = "scenario title file reference stage stage_on next next_on price least most places open changed checked"
    return _table(f"{columns} source flag", rows)


def states() -> pd.DataFrame:
    """States of the model, in the order of its tables.

    Returns:
        Columns: `state` (ISO code), `name`, `region`, `subregion`, `population`, `legal_system`, `source`, `flag`.

    Examples:
        >>> sim.states().set_index("state").loc["DEU", "name"]
        'Germany'
    """
    from sim.data.load import read_table
    from sim.law.order import legal_order

    columns = "iso3 name region subregion population legal_system source status"
    known = {row["iso3"]: [row[column] for column in columns.split()] for row in read_table("countries.csv").rows}
    frame = _table(columns, (known[code] for code in legal_order().states))
    return frame.rename(columns={"iso3": "state", "status": "flag"}).astype({"population": "int64"})


@in_python
def treaties(on: str | date | None = None) -> pd.DataFrame:
    """Treaties and other legal instruments, with their state on a day.

    Args:
        on: the day, today where None.

    Returns:
        Columns: `treaty` (id), `name`, `form` (between whom it holds), `in_force` (its first day; None while it
        waits or where each tie has its own day), `parties` (states that it binds on the day), `pairs` (pairs of
        states that have one), `reference`, `source`, `flag`.

    Examples:
        >>> int(sim.treaties("2026-01-01").set_index("treaty").loc["budapest", "parties"]) > 70
        True
    """
    from sim.law.order import legal_order

    day, rows = _day(on), []
    for one in legal_order().treaties.values():
        entry = one.entry()
        begun = entry is not None and entry <= day < (one.ended or date.max)
        ties = (
            sum(tie.since <= day < (tie.until or date.max) for tie in tied.values()) if begun else 0
            for tied in (one.memberships, one.pairs)
        )
        rows.append((one.id, one.name, one.form, one.in_force, *ties, one.reference, one.source, one.tag))
    return _table("treaty name form in_force parties pairs reference source flag", rows)


def ensemble() -> pd.DataFrame:
    """The package's parameter sets, which comparisons, leagues and the what-if page use in turn.

    Returns:
        One row per set, one column per parameter that differs between sets (`sim.parameters()` has units and ranges).
        `attrs["chosen_by"]` says how they were chosen.

    Examples:
        >>> sets = sim.ensemble()
        >>> set(sets.columns) <= set(sim.parameters()["parameter"])
        True
    """
    import pandas as pd

    from sim.calibration.ensemble import sets_of_today

    taken = sets_of_today()
    frame = pd.DataFrame(list(taken.values))
    frame.attrs["chosen_by"] = str(taken.standing)
    return frame


def _table(columns: str, rows: Iterable[Sequence[object]]) -> pd.DataFrame:
    """Makes a table with these columns from rows; members of enumerations become texts."""
    import pandas as pd

    plain = [[str(cell) if isinstance(cell, Enum) else cell for cell in row] for row in rows]
    return pd.DataFrame(plain, columns=columns.split())
