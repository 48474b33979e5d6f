"""Tests of statements about a country, with numbers worked out by hand on a few rows."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sim.law.order import legal_order
from sim.measures.country import Income
from sim.policy.places import Place
from sim.report import places
from sim.report.marking import worded
from sim.results.confidence import REQUESTS
from sim.results.effects import Verdict
from sim.results.labels import INCOMES
from sim.world.parameters import WorldSpec
from sim.world.records import DeskKind
from tests.report.test_words import entry as effect

HERE, BRAZIL, GERMANY, JAPAN = 3, *(legal_order().states.index(code) for code in ("BRA", "DEU", "JPN"))
PLACE = Place("Here (HER)", (HERE,))


def study(breakdown: str, rows: list[dict[str, Any]], seeds: int = 2, **parts: Any) -> Any:
    """A study of policy `p` and today `t` with one breakdown, in the main block by default."""
    keys = [(key, seed) for key in ("t", "p") for seed in range(seeds)]
    outcomes = pd.DataFrame(keys, columns=["scenario", "seed"])
    table = pd.DataFrame([{"block": "main", "scenario": "t", "seed": 0} | row for row in rows])
    usual: dict[str, Any] = {"baseline": "t", "reported": ["p"], "asking": ["t", "p"]}
    usual |= {"marked": {"t": "Today", "p": "It"}}
    usual |= {
        "experiment": SimpleNamespace(world=WorldSpec()),
        "pooled": lambda _, find: find(),
        "replicates": lambda _: seeds,
        "clusters": lambda _: None,
        "short": {"p": "it"},
    }
    usual |= {"main": lambda _, key: table[table["scenario"] == key]}
    return SimpleNamespace(outcomes=outcomes, results=SimpleNamespace(breakdowns={breakdown: table}), **(usual | parts))


def lines(table: str) -> list[list[str]]:
    """Cells of a Markdown table without its header."""
    rows = [line for line in table.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in rows[2:]]


def waits() -> list[dict[str, Any]]:
    """Requests with waits of 60 days in Brazil and 120 in Germany today, and 30 in Brazil under the policy."""
    to_brazil = {"requesting": HERE, "requested": BRAZIL, "answered": 1}
    to_germany = {"requesting": HERE, "requested": GERMANY, "answered": 1, "days": 120.0}
    others = [to_brazil | {"days": 900.0, "requesting": HERE + 1}, to_brazil | {"days": 900.0, "block": "rung"}]
    today = [to_brazil | {"days": 60.0}] * 12 + [to_germany] * 4
    return [*today, *others, *[to_brazil | {"days": 30.0, "scenario": "p"}] * 12]


def test_the_card_of_a_bottleneck_says_how_much_of_all_waiting_and_how_long() -> None:
    """The card on a bottleneck gives its share of all waiting time and its median wait.

    720 of 1,200 days are 60 %; where fewer than ten requests are, their median is not said.
    """
    asked = study("pairs", waits())
    card = places._bottleneck(asked, PLACE, "p", SimpleNamespace(row=None))
    assert card.value == "Brazil" and card.plain and card.detail.startswith("60 % of the days that they wait, not of")
    assert card.detail.endswith("half of those sent there are answered within 2.0 months, then 30 days")
    few = study("pairs", [row for row in waits() if row["requested"] == GERMANY])
    card = places._bottleneck(few, PLACE, "p", SimpleNamespace(row=None))
    assert card.value == "Germany" and card.detail.startswith("100 %") and "months" not in card.detail


def test_where_nothing_waits_the_card_is_of_requests_that_are_never_answered() -> None:
    row = effect(baseline_mean=40.0, difference=20.0, relative=0.5, relative_low=0.25, relative_high=0.75)
    asked, side = (
        study("country", []),
        SimpleNamespace(row=lambda *about: row if about[2] == "own_never_answered" else 0),
    )
    card = places._bottleneck(asked, PLACE, "p", side)
    shown = tuple(part.replace("\xa0", " ") for part in (card.title, card.value, card.detail, card.today))
    assert shown == ("Own requests never answered", "+50 %", "25 to 75 % more", "Today about 40 in 10 years")
    assert card.burden and not card.quiet


def test_bottlenecks_have_requests_a_run_shares_and_medians() -> None:
    found = places.bottlenecks(study("pairs", waits()), PLACE)
    assert found.startswith(worded("bottlenecks")) and "median months: Today | median months: It" in found
    assert lines(found) == [
        ["Brazil", "6.00", "60.0 %", "1.97", "0.99"],  # 60 and 30 days in months
        ["Germany", "2.00", "40.0 %", "–", "–"],
    ]
    silent = study("pairs", [row | {"requesting": HERE + 1} for row in waits()])
    assert places.bottlenecks(silent, PLACE) == "It sent no request through central authorities."
    closed = study("pairs", waits(), asking=["t"])
    assert [len(row) for row in lines(places.bottlenecks(closed, PLACE))] == [4, 4], "a policy under which few ask"
    many = [row | {"requested": other} for row in waits()[:1] for other in range(4, 14)]
    assert len(lines(places.bottlenecks(study("pairs", many), PLACE))) == 8


def desk(kind: DeskKind, seed: int, scenario: str, hours: float, waiting: float, state: int = HERE) -> dict[str, Any]:
    """A row of the table of desks."""
    values = {"desk": kind, "seed": seed, "scenario": scenario, "hours": hours, "waiting": waiting}
    return values | {"state": state}


def test_the_burden_of_a_desk_is_its_mean_today_and_what_changes() -> None:
    """The table of desks gives today's mean hours and requests, and the policy's changes.

    Courts work 10 and 30 hours, and twice that under the policy; in one world a desk has no row.
    """
    rows = [
        *(desk(DeskKind.COURT, 0, "t", 10.0, 4.0), desk(DeskKind.COURT, 1, "t", 30.0, 0.0)),
        *(desk(DeskKind.COURT, 0, "p", 14.0, 4.0), desk(DeskKind.COURT, 1, "p", 34.0, 0.0)),
        *(desk(DeskKind.OUTGOING, 1, "t", 8.0, 2.0), desk(DeskKind.OUTGOING, 0, "t", 500.0, 9.0, state=HERE + 1)),
        desk(DeskKind.OUTGOING, 1, "p", 2.0, 2.0),
    ]
    table = places.burden(study("desks_by_state", rows), PLACE)
    head = ("desk", "hours today", "files waiting on the last day", "It: hours", "It: files waiting")
    assert [cell.strip() for cell in table.splitlines()[0].split("|")[1:-1]] == [*head]
    found = lines(table)
    assert [row[0] for row in found] == [
        *("central authority, outgoing", "central authority, incoming", "courts", "forensic laboratories")
    ]
    assert found[0][:3] == ["central authority, outgoing", "4.00", "1.00"] and found[2][:3] == [
        "courts",
        "20.0",
        "2.00",
    ]
    assert found[2][3] == "+4.00" and found[2][4] == "the same"
    assert found[0][3].startswith("−3.00 (") and found[1][1:3] == ["0.00", "0.00"]


def test_the_payer_is_the_group_of_states_that_pays_most() -> None:
    """The payer is the group of states with the largest share of additional costs.

    Germany pays 5 of 8 million, Brazil 1 and nobody in particular 2; what today costs is no part of it.
    """
    paid = {GERMANY: 5.0, BRAZIL: 1.0, -1: 2.0}
    rows = [{"scenario": "p", "state": state, "committed": cost / 2} for state, cost in paid.items() for _ in range(2)]
    rows += [{"state": BRAZIL, "committed": 99.0}]
    assert places.payer(study("country", rows), "p") == "62 % paid by high-income states"
    shared = [*rows, {"scenario": "p", "state": -1, "committed": 12.0}]
    assert places.payer(study("country", shared), "p") == "70 % shared by all states"
    for cost in (0.0, -1.0):
        free = [{"scenario": "p", "state": GERMANY, "committed": cost}]
        assert places.payer(study("country", free), "p") == ""


def test_groups_are_states_of_the_world_by_income_and_region_and_what_is_shared() -> None:
    found = {place.title: place.rows for place in places.all_groups(WorldSpec(states=["BRA", "DEU", "JPN"]))}
    assert {title: rows for title, rows in found.items() if rows} == {
        **{INCOMES[Income.HIGH]: (GERMANY, JAPAN), INCOMES[Income.UPPER_MIDDLE]: (BRAZIL,)},
        **{"Americas": (BRAZIL,), "Asia": (JAPAN,), "Europe": (GERMANY,), "shared by all": (-1,)},
    }
    every = places.all_groups(WorldSpec())
    assert sum(len(place.rows) for place in every if place.title in places.REGIONS) == len(legal_order().states)
    assert sum(len(place.rows) for place in every if place.title in INCOMES.values()) == len(legal_order().states)


def test_levels_of_today_and_differences_stand_by_place_and_outcome() -> None:
    table = pd.DataFrame(
        {
            "scenario": ["p", "p", "q"],
            **{"state": [0, 1, 1], "outcome": ["executed"] * 3, "unit": ["requests"] * 3},
            "baseline_mean": [40.0, 7.0, 7.0],
        }
    )
    other = Place("There", (4,))
    side = places.Side(SimpleNamespace(of_groups=lambda rows: table if rows == [(3,), (4,)] else None), [PLACE, other])
    assert side.today(PLACE, "executed") == "40.0" and side.today(other, "executed") == "7.00"
    assert side.today(PLACE, "hours") == "–"
    assert side.row("q", PLACE, "executed") is None and side.row("q", other, "executed").baseline_mean == 7.0


def test_who_gains_leaves_out_places_in_which_nothing_happens() -> None:
    row = effect(outcome="hours", unit="hours", baseline_mean=9.0, difference=2.0, low=1.0, high=3.0)
    there = {(PLACE.title, "hours"): row}
    side = SimpleNamespace(
        places=(PLACE, Place("There", (4,))), row=lambda _, place, key: there.get((place.title, key))
    )
    found = places.who_gains(study("country", []), "p", side)
    (cells,) = lines(found)
    moved = 1 + [*places.GAINS, *places.PAYS].index("hours")
    assert cells[0] == "Here (HER)" and cells[moved] == "**+2.00 (+1.00 to +3.00)**"
    assert {*cells[1:moved], *cells[moved + 1 :]} == {"–"}
    assert f"{places.TITLE['hours'].title} (hours)" in found


def test_what_changes_in_a_place_has_a_row_for_each_outcome() -> None:
    row = effect(outcome="executed", unit="requests", baseline_mean=9.0, difference=2.0, low=1.0, high=3.0)
    side = SimpleNamespace(row=lambda _, __, key: row if key == "executed" else None, today=lambda _, key: f"now {key}")
    found = {cells[0]: cells[1:] for cells in lines(places.changes(study("country", []), PLACE, side))}
    assert len(found) == len(places.COUNTRY_OUTCOMES)
    assert found["Requests executed for others (requests)"] == ["now executed", "**+2.00 (+1.00 to +3.00)**"]


def test_states_that_have_joined_are_counted_by_year_with_those_whose_law_is_usable() -> None:
    """A table counts Parties by year, and those with usable law in brackets."""
    about = {"scenario": "p", "instrument": "budapest", "states": "Africa", "of": 54}
    numbers = ((2027, 1, 1), (2027, 2, 2), (2029, 4, 2), (2029, 4, 3))
    joined = [about | {"year": year, "in_force": bound, "usable": usable} for year, bound, usable in numbers]
    named = {"instrument": "un", "states": f"{'x' * 70} y", "of": 3, "year": 2028, "in_force": 3, "usable": 3}
    joined.append(about | named)
    found = places.joined(study("country", [], in_force=pd.DataFrame(joined)))
    assert found.startswith(worded("joined")) and "| 2027 | 2028 | 2029 |" in found
    first, second = lines(found)
    assert first == ["It: budapest, Africa (54)", "1.5", "nan", "4 (2.5)"]
    assert second[1:] == ["nan", "3", "nan"] and f"{'x' * 70} y (3)" in second[0], "names are whole"


def shares(*differences: float) -> list[dict[str, Any]]:
    """A hundred own requests per world, half in time today, and more of them under the policy."""
    own = places.TITLE["own_in_time_share"]
    part, whole = own.parts[0], own.over[0]
    none = dict.fromkeys((*own.parts, *own.over), 0.0)
    return [
        {"state": HERE, "scenario": key, "seed": seed} | none | {part: 50.0 + 100.0 * more * (key == "p"), whole: 100.0}
        for seed, more in enumerate(differences)
        for key in ("t", "p")
    ]


def test_what_a_finding_rests_on_counts_worlds_by_parameter_set() -> None:
    row = effect(outcome="own_in_time_share", low=0.04, high=0.06)
    side = SimpleNamespace(row=lambda *_: row)
    alike = places.sure(study("country", shares(0.05, 0.05), clusters=lambda _: None), PLACE, "p", side)
    assert alike is not None and np.isnan([alike.worlds, alike.most]).all()
    assert (alike.low, alike.high, alike.about) == (0.04, 0.06, " and ".join(REQUESTS)) and np.isnan(alike.level)
    moves = np.tile([0.2, 0.21, -0.1, -0.11], 10) + np.repeat([0.0, 0.01], 20)
    sets = np.tile(np.repeat([0, 1], 2), 10) + 2 * np.repeat(np.arange(10), 4)
    drawn = study("country", shares(*moves), seeds=40, clusters=lambda seeds: sets[seeds])
    found = places.sure(drawn, PLACE, "p", side)
    wanted = places.components(moves[:, None], sets)
    assert found is not None and 0 < found.worlds < found.most < 1
    assert (found.worlds, found.most) == pytest.approx((wanted["holds_low"][0], wanted["holds_high"][0]))
    for none in (None, effect(low=float("nan")), effect(verdict=Verdict.TOO_FEW)):
        assert places.sure(drawn, PLACE, "p", SimpleNamespace(row=lambda *_, none=none: none)) is None


def test_what_hardly_changes_is_said_so_and_a_study_without_states_helps_nobody_most() -> None:
    asked, row = study("country", []), effect(verdict=Verdict.HARDLY)
    said = places.finding(asked, PLACE, "p", SimpleNamespace(row=lambda *_: row))
    assert said == "“it” would hardly change how many requests of Here are executed in time."
    assert places.helped_most(study("pairs", []), PLACE) == ""
