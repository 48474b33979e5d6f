"""What there is, as tables: levers, parameters, outcomes, scenarios, states, treaties, and the ensemble.

Each table has one row per entry. `flag` says how far a number may be trusted, as in docs/sources.md.
"""

from __future__ import annotations

from datetime import date
from math import nan

import pandas as pd

from sim.api.door import in_python


def levers() -> pd.DataFrame:
    """What a policy can set.

    Columns: `lever` (name), `title`, `unit`, `low`, `high` (allowed, in the unit), `neutral` (changes nothing),
    `target` (what a change selects), `choices` (words allowed), `needs` (what else must hold), `today` (posts or
    persons there are, NaN where nothing is counted), `counted` (what is counted), `cost`, `source`, `flag`.
    """
    from sim.policy.levers import LEVERS

    rows = []
    for lever in LEVERS.values():
        low, high, neutral = (lever.low, lever.high, lever.neutral) if lever.gradual else (nan, nan, nan)
        today, counted = (lever.count.today(), lever.count.unit) if lever.count else (nan, "")
        row: dict[str, object] = {"lever": lever.name, "title": lever.title, "unit": lever.unit}
        row |= {"low": low, "high": high, "neutral": neutral, "target": str(lever.target)}
        row |= {"choices": ", ".join(lever.choices), "needs": lever.needs, "today": today, "counted": counted}
        rows.append(row | {"cost": lever.cost, "source": lever.source, "flag": str(lever.tag)})
    return pd.DataFrame(rows)


def parameters() -> pd.DataFrame:
    """Every number of the model that is no fact of law or geography.

    Columns: `parameter` (dotted name), `meaning`, `unit`, `default`, `low`, `high` (allowed), `plausible_low`,
    `plausible_high` (what an informed expert could not exclude; NaN for a switch), `scale` (on which values of the
    plausible range are equally likely), `reason` (of that range), `source`, `flag`.
    """
    from sim.world.parameters import Parameters, declarations, value_of

    rows, defaults = [], Parameters()
    for name, _item, about in declarations():
        span = about.plausible
        least, most, scale, reason = (span.low, span.high, str(span.scale), span.reason) if span else (nan, nan, "", "")
        row = {"parameter": name, "meaning": about.meaning, "unit": about.unit, "default": value_of(defaults, name)}
        row |= {"low": float(about.low), "high": float(about.high)}
        row |= {"plausible_low": float(least), "plausible_high": float(most), "scale": scale, "reason": reason}
        rows.append(row | {"source": about.source, "flag": str(about.tag)})
    return pd.DataFrame(rows)


def outcomes() -> pd.DataFrame:
    """What is measured in every run.

    Columns: `outcome` (key), `title`, `unit`, `better` (whether a policy wants more or less of it), `definition`.
    """
    from sim.measures.outcomes import OUTCOMES

    columns = ["outcome", "title", "unit", "better", "definition"]
    rows = [(entry.key, entry.title, entry.unit, str(entry.better), entry.definition) for entry in OUTCOMES]
    return pd.DataFrame(rows, columns=columns)


def scenarios() -> pd.DataFrame:
    """The catalogue.

    Columns: `scenario` (key), `title`, `question`, `recommendation` (which one of the field it tries out; empty for the
    law as it is and for bounds), `based_on`, `changes` (how many), `lags`, `cost`, `sources`.
    """
    from sim.policy.scenario import catalogue, load

    columns = ["scenario", "title", "question", "recommendation", "based_on", "changes", "lags", "cost", "sources"]
    rows = []
    for entry in map(load, catalogue()):
        rests = (str(entry.recommendation or ""), ", ".join(entry.based_on), len(entry.changes))
        rows.append((entry.key, entry.title, entry.question, *rests, entry.lags, entry.cost, "; ".join(entry.sources)))
    return pd.DataFrame(rows, columns=columns)


def states() -> pd.DataFrame:
    """States of the model, in the order of its tables.

    Columns: `state` (ISO code), `name`, `region`, `subregion`, `population`, `legal_system`, `source`, `flag`.
    """
    from sim.data.load import read_table
    from sim.law.order import legal_order

    columns = ["iso3", "name", "region", "subregion", "population", "legal_system", "source", "status"]
    known = {row["iso3"]: [row[column] for column in columns] for row in read_table("countries.csv").rows}
    frame = pd.DataFrame([known[code] for code in legal_order().states], columns=columns)
    return frame.rename(columns={"iso3": "state", "status": "flag"}).astype({"population": "int64"})


@in_python
def treaties(on: str | date | None = None) -> pd.DataFrame:
    """Treaties and other instruments on a day.

    Columns: `treaty` (id), `name`, `form` (between whom it holds), `in_force` (its first day; None while it waits or
    where each tie has its own day), `parties` (states that it binds on the day), `pairs` (pairs of states that have
    one), `reference`, `source`, `flag`.

    Args:
        on: the day, today where None.

    Raises:
        InputError: not a day.
    """
    from sim.api.answers import day_of
    from sim.law.order import legal_order

    day = date.today() if on is None else day_of(str(on))
    columns = ["treaty", "name", "form", "in_force", "parties", "pairs", "reference", "source", "flag"]
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
    return pd.DataFrame(rows, columns=columns)


def ensemble() -> pd.DataFrame:
    """The parameter sets of the package, which comparisons, leagues and the what-if page take by turns.

    One row per set, one column per parameter that differs between sets (`sim.parameters()` has units and ranges).
    `attrs["chosen_by"]` says in words what they were chosen by.
    """
    from sim.calibration.ensemble import sets_of_today

    taken = sets_of_today(1)
    frame = pd.DataFrame(list(taken.values))
    frame.attrs["chosen_by"] = str(taken.standing)
    return frame
