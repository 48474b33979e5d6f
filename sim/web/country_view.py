"""The view of single states: what each asks, gives, leads, loses and pays, and what a policy changes of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from sim.data.load import states
from sim.experiments.compare import Verdict
from sim.experiments.countries import COUNTRY_OUTCOMES, FEWEST, FEWEST_DIFFERENT, TOO_FEW, country_differences
from sim.policy.places import load_atlas
from sim.report.words import number, span
from sim.web.reading import TODAY, PairsSoFar

#: What a state wants to know, of `COUNTRY_OUTCOMES`.
SHOWN = ("own_in_time", "own_never_answered", "executed", "takedowns", "losses", "policy_cost")


class CountryRow(NamedTuple):
    """Something that a state wants to know.

    Attributes:
        title: with its unit.
        today: level under today's law.
        cells: for each policy its level, and the change in words.
    """

    title: str
    today: str
    cells: tuple[tuple[str, str], ...]


class CountryRows(NamedTuple):
    """A state's own view.

    Attributes:
        name: of the state.
        rows: what it wants to know.
    """

    name: str
    rows: tuple[CountryRow, ...]


def country_rows(reading: PairsSoFar, countries: Sequence[str]) -> list[CountryRows]:
    """What the policies change for some states."""
    if not (reading.pairs and countries):
        return []
    places = {code: states().index(code) for code in countries}
    rows = np.array([place + 1 for place in places.values()])  # the first row is of no state
    parts = [
        {name: column[rows] for name, column in arm.country.items()}
        | {"scenario": np.repeat(policy, rows.size), "seed": np.repeat(seed, rows.size)}
        for policy in (TODAY, *reading.policies)
        for seed, arm in zip(reading.seeds, reading.numbers(policy), strict=True)
    ]
    table = pd.DataFrame({name: np.concatenate([part[name] for part in parts]) for name in parts[0]})
    found = country_differences(table, TODAY, reading.policies)
    names = load_atlas().names
    return [
        CountryRows(names[code], tuple(_of_state(reading, found[found["state"] == place])))
        for code, place in places.items()
    ]


def _of_state(reading: PairsSoFar, found: pd.DataFrame) -> Iterator[CountryRow]:
    """Rows of one state."""
    for entry in (entry for entry in COUNTRY_OUTCOMES if entry.key in SHOWN):
        rows = {row["scenario"]: row for row in found[found["outcome"] == entry.key].to_dict("records")}
        each = [rows.get(policy) for policy in reading.policies]
        today = number(float(each[0]["baseline_mean"]) if each[0] else 0.0, entry.unit)
        cells = tuple(_cell(reading, row, entry.unit) for row in each)
        yield CountryRow(f"{entry.title} ({entry.unit})", today, cells)


def _cell(reading: PairsSoFar, row: dict[Any, Any] | None, unit: str) -> tuple[str, str]:
    """Level under a policy, and the change in words."""
    if row is None:
        return number(0.0, unit), "nothing happens here"
    level, verdict = number(float(row["scenario_mean"]), unit), str(row["verdict"])
    if not reading.shows_intervals:
        return level, "no interval yet"
    if verdict == TOO_FEW:
        return level, "too few events to say anything"
    if verdict == Verdict.IDENTICAL:
        return level, "the same"
    value, low, high = (float(row[end]) for end in ("difference", "low", "high"))
    chance = ", within chance" if reading.finished and verdict == Verdict.NOT_DISTINGUISHABLE else ""
    return level, f"{span(value, low, high, unit)}{chance}"


COUNTRY_NOTE = (
    f"“Too few”: fewer than {FEWEST} events in all pairs together, or fewer than {FEWEST_DIFFERENT} pairs that differ. "
    "About one number in twenty lies outside chance by chance alone."
)
