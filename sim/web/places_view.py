"""The view of states and groups: what each asks, gives, leads, loses and pays, where it waits, and who gains and pays.

The numbers are those of `comity compare --for` and of the report, from the same functions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from sim.law.order import legal_order
from sim.measures.outcome import ShownIn, keys_of
from sim.policy.places import Place, load_atlas, places_named
from sim.report.headline import BROUGHT_DOWN
from sim.report.places import (
    GAINS,
    MOST_PARTNERS,
    PAYS,
    TITLE,
    Side,
    all_groups,
    gain_and_price,
    has_price,
    in_euros,
    median_price,
    price_cell,
)
from sim.report.story import PRICE
from sim.results.countries import COUNTRY_OUTCOMES, FEWEST, FEWEST_DIFFERENT
from sim.results.effects import is_clear, is_defined
from sim.results.pooled import partners
from sim.results.words import change, number, plain_cell
from sim.web.reading import TODAY, PageChange, PageRow, PairsSoFar, shows_intervals
from sim.world.parameters import WorldSpec

#: What a state or group wants to know.
SHOWN = keys_of(COUNTRY_OUTCOMES, ShownIn.PAGE)
PLACES_NOTE = (
    f"“Too few”: fewer than {FEWEST} events in all pairs together, or fewer than {FEWEST_DIFFERENT} pairs that differ. "
    "About one number in twenty lies outside chance by chance alone."
)


class PlaceView(NamedTuple):
    """A state's or group's own view: its name, what each policy brings it and costs it in a sentence, and its rows.

    `partners` are states at which its own requests wait: how many in a world, their share of all waiting, and months
    until half are answered, under today's law and each policy. Sentences and partners come at the end.
    """

    title: str
    short: tuple[str, ...]
    rows: tuple[PageRow, ...]
    partners: tuple[PageRow, ...]


def places_in_view(words: Sequence[str], world: WorldSpec) -> tuple[Place, ...]:
    """The places that an address names, which are known to be in this world."""
    return tuple(place for word in words for place in places_named(word, "country", world.states))


def place_views(reading: PairsSoFar, places: Sequence[Place], names: Mapping[str, str]) -> list[PlaceView]:
    """What the policies change for some states and groups."""
    if not (reading.pairs and places):
        return []
    side, views = Side(reading, places), []
    for place in side.places:
        firm = reading.policies if reading.finished and shows_intervals(reading) else ()
        short = []
        for policy in firm:
            rows = {key: side.row(policy, place, key) for key in GAINS}
            world, paid = reading.difference(BROUGHT_DOWN, policy), median_price(reading.paid(place.rows, policy))[0]
            words = gain_and_price(place.title, names[policy], in_euros(paid), rows, world)
            short.append(words.replace("**", ""))
        partners = tuple(_partners(reading, place)) if reading.finished else ()
        shown = tuple(_row(reading, side, place, key) for key in SHOWN)
        views.append(PlaceView(place.title, tuple(short), shown, partners))
    return views


def _row(reading: PairsSoFar, side: Side, place: Place, key: str) -> PageRow:
    unit, each = TITLE[key].unit, [side.row(policy, place, key) for policy in reading.policies]
    levels = (each[0].baseline_mean if each[0] else 0.0, *(row.scenario_mean if row else 0.0 for row in each))
    shown, changes = (number(float(level), unit) for level in levels), (_change(reading, row) for row in each)
    return PageRow(f"{TITLE[key].title} ({unit})", "", tuple(shown), tuple(changes))


def _change(reading: PairsSoFar, row: Any) -> PageChange:
    """A difference in words; nothing is clear before the end."""
    if row is None:
        return PageChange("nothing happens here")
    if not shows_intervals(reading):
        return PageChange("no interval yet")
    clear = bool(reading.finished and is_clear(row))
    chance = ", within chance" if reading.finished and not clear else ""
    return PageChange(plain_cell(row, lambda entry: f"{change(entry)}{chance}"), clear)


def _partners(reading: PairsSoFar, place: Place) -> list[PageRow]:
    found = {policy: partners(_waits(reading, policy, place)) for policy in (TODAY, *reading.policies)}
    names, codes = load_atlas().names, legal_order().states
    rows = []
    for partner, entry in found[TODAY].head(MOST_PARTNERS).iterrows():
        medians = (number(float(table["median_months"].get(partner, float("nan")))) for table in found.values())
        counts = number(entry["requests"] / reading.pairs), number(entry["share_of_waiting"], "share")
        rows.append(PageRow(names[codes[int(str(partner))]], "", (*counts, *medians), ()))
    return rows


def _waits(reading: PairsSoFar, policy: str, place: Place) -> pd.DataFrame:
    arms = [(arm.waits, np.isin(arm.waits["requesting"], place.rows)) for arm in reading.numbers(policy)]
    columns = ("requested", "days", "answered")
    return pd.DataFrame({name: np.concatenate([waits[name][own] for waits, own in arms]) for name in columns})


def gain_rows(reading: PairsSoFar, world: WorldSpec) -> dict[str, list[PageRow]]:
    """Who gains and who pays under each policy, by income and region of states; nothing before the end.

    To find it after each pair would take a tenth of the processor time in which pairs are simulated.
    """
    if not (reading.finished and shows_intervals(reading)):
        return {}
    side = Side(reading, all_groups(world))
    return {policy: _gains(reading, side, policy) for policy in reading.policies}


def _gains(reading: PairsSoFar, side: Side, policy: str) -> list[PageRow]:
    rows = []
    for place in side.places:
        each = {key: side.row(policy, place, key) for key in (*GAINS, *PAYS)}
        if any(row is not None and is_defined(row) for row in each.values()):
            clear = {key: row is not None and bool(is_clear(row)) for key, row in each.items()}
            cells = {key: PageChange(plain_cell(row), clear[key]) for key, row in each.items()}
            if has_price(each[PRICE]):
                cells[PRICE] = PageChange(price_cell(median_price(reading.paid(place.rows, policy))), clear[PRICE])
            rows.append(PageRow(place.title, "", (), tuple(cells.values())))
    return rows


#: Heads of the columns of who gains and who pays.
GAIN_HEADS = tuple(f"{TITLE[key].title} ({TITLE[key].unit})" for key in (*GAINS, *PAYS))
