"""Tests of breakdowns by state (requests, work, cases, people, cost), by hand and against world totals."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim.data.costs import LEDGER, Payer
from sim.data.geography import CrimeGeography
from sim.data.load import states
from sim.experiments.run import tables_of, window
from sim.law.vocabulary import Channel, DataKind
from sim.measures.arrays import Columns
from sim.measures.country import Income, by_state, desks, income_groups
from sim.measures.harm import by_victims, harm_rates
from sim.measures.observation import Observation
from sim.measures.outcomes import measure
from sim.world.records import Abuse, CaseStatus, DeskKind, RequestPurpose, RequestStatus, SpellCause
from tests.measures.worlds import END, START, observation, random_arm, request, spell
from tests.tiny import TINY, begun

LATE = END - START - 100
DIRECT = {"channel": Channel.PROVIDER_BINDING, "data_kind": DataKind.SUBSCRIBER}
REQUESTS = [
    *(request(0, 100, accounts=3), request(0, 400, accounts=1), request(0, 50, status=RequestStatus.REFUSED)),
    *(request(0, silent=1), request(0, 10, requesting=2, requested=0)),
    *(request(0, 10, requested=3, accounts=2, **DIRECT), request(0, requested=3, silent=1, **DIRECT)),
    *(request(0, 10, requested=0), request(LATE, LATE + 10, accounts=1)),
    request(LATE, requesting=2, requested=3, **DIRECT),
    request(0, 4, channel=Channel.POLICE, purpose=RequestPurpose.LEAD),
    request(0, 9, requesting=3, abusive=Abuse.OPEN, purpose=RequestPurpose.PRETEXT, accounts=5),
]
ORDERS = [(0, 3, 30), (2, 0, 20)]
CASES = [
    {"state": 0, "opened": START + 1, "status": CaseStatus.SOLVED},
    {"state": 3, "opened": START - 1, "status": CaseStatus.SOLVED},
    {"state": 3, "opened": START + 1, "status": CaseStatus.DROPPED_CAPACITY},
    {"state": 3, "opened": START + 2, "status": CaseStatus.DROPPED_ATTRITION},
]
ACTIONS = [{"case": 1, "day": START + 100}, {"case": 1, "day": START + 90}, {"case": 0, "day": START - 5}]
TAKEN_UP = {"arrived": START, "started": START + 1, "ended": START + 2}


def job(kind: DeskKind, state: int, number: int, hours: float) -> dict[str, float]:
    """Work on a request that a desk started in the policy years."""
    return {"desk": kind * 4 + state, "request": number, "touch_hours": hours, **TAKEN_UP}


JOBS = [
    *(job(DeskKind.OUTGOING, 0, 0, 2), job(DeskKind.INCOMING, 1, 0, 3), job(DeskKind.COURT, 1, 0, 5)),
    job(DeskKind.COURT, 1, 11, 7),  # abusive: the court cannot know
    job(DeskKind.INCOMING, 0, 4, 11),
    job(DeskKind.INCOMING, 1, -1, 100),  # another kind of file
    job(DeskKind.INCOMING, 1, 1, 100) | {"started": END + 1, "ended": END + 2},
]


def arm() -> Observation:
    """Four states with a few rows of every kind."""
    periods = [spell(0, 1.0, SpellCause.ENTRY), spell(100, 0.0, SpellCause.TAKEDOWN, case=1)]
    group = [{"entered": START}]
    seen = observation(
        request=REQUESTS, spell=periods, case=CASES, group=group, action=ACTIONS, job=JOBS, orders=ORDERS
    )
    seen.tables["state"]["victims"] = [0.5, 0.25, 0.25, 0.0]
    paid = [(Payer.COURT, 1, START, END, 2e6, 0.0, 0.0), (Payer.LIAISON, -1, START, END, 3e6, 0.0, 0.0)]
    return replace(seen, spending=np.array(paid, LEDGER))


def test_every_column_by_hand() -> None:
    table = by_state(arm())
    worked, losses = table.pop("worked"), table.pop("losses")
    assert losses[1] > 0 and list(losses / losses[1]) == [0, 1, 0.5, 0.5, 0]
    expected = pd.read_csv(Path(__file__).parent / "country.csv").to_dict("list")
    assert {name: list(values) for name, values in table.items()} == expected
    assert list(worked > 0) == [False, True, True, False, True], "cases in 0 and 3, a court in 1"


def check_sums(seen: Observation, table: Columns) -> None:
    """Checks that a sum over all states equals the outcome of the world."""
    total = {name: float(column.sum()) for name, column in table.items()}
    outcomes, years = measure(seen, checks=True).outcomes, seen.window.years
    mature = total["sent"] + total["sent_to_providers"]
    assert mature + total["sent_last_year"] == pytest.approx(outcomes["requests_per_year"] * years, rel=1e-12)
    assert total["received"] == total["sent"] and total["asked_of_providers"] == total["sent_to_providers"]
    assert total["orders_sent"] == pytest.approx(total["orders_received"], rel=1e-12)
    assert total["orders_sent"] / years == pytest.approx(outcomes["direct_orders_per_year"], rel=1e-12)
    assert total["answers_given"] == total["answers_got"] and total["in_time_given"] == total["in_time_got"]
    in_time = total["in_time_got"] + total["in_time_from_providers"]
    assert in_time / mature == outcomes["executed_within_12_months"]
    assert (total["silent_got"] + total["silent_providers"]) / mature == outcomes["silence_share"]
    assert total["cases_opened"] / years == outcomes["cases_opened_per_year"]
    assert total["takedowns"] == outcomes["takedowns"]
    assert total["removed_for_it"] == pytest.approx(outcomes["takedowns"], rel=1e-9)
    assert total["losses"] == pytest.approx(1e3 * outcomes["harm"], rel=1e-9)
    bystanders = total["persons_disclosed"] - total["disclosures"]
    assert bystanders / years == outcomes["bystanders_per_year"]
    assert total["persons_exposed"] / years == outcomes["persons_exposed_per_year"]
    assert total["committed"] == pytest.approx(outcomes["policy_cost"], rel=1e-12)
    assert total["worked"] == pytest.approx(outcomes["handling_cost"], rel=1e-12)
    job = seen.tables["job"]
    done = (job["request"] >= 0) & seen.window.holds(job["started"])
    hours = total["hours_for_others"] + total["hours_own"] + total["provider_hours"]
    assert hours == pytest.approx(job["touch_hours"][done].sum(), rel=1e-12)


def test_burden_by_desk_by_hand() -> None:
    waits = {"desk": DeskKind.COURT * 4 + 1, "request": 4, "arrived": START + 5, "started": np.nan, "ended": np.nan}
    gone = waits | {"request": 5, "ended": END - 1}  # withdrawn before anybody looked at it
    late = waits | {"request": 7, "arrived": END + 1}
    table = desks(observation(request=REQUESTS, job=[*JOBS, waits, gone, late]))
    found = {
        (state, DeskKind(desk)): (files, hours, waiting)
        for state, desk, files, hours, waiting in zip(
            *(table[name].tolist() for name in ("state", "desk", "files", "hours", "waiting")), strict=True
        )
    }
    assert found == {
        **{(0, DeskKind.OUTGOING): (1, 2, 0), (0, DeskKind.INCOMING): (1, 11, 0)},
        (1, DeskKind.INCOMING): (2, 3, 1),  # one is started on the day after the last
        (1, DeskKind.COURT): (4, 12, 1),
    }
    seen = random_arm(3)
    found, table = desks(seen), by_state(seen)
    assert found["hours"].sum() == pytest.approx(table["hours_own"].sum() + table["hours_for_others"].sum())
    assert found["files"].sum() > found["waiting"].sum() > 0


def test_states_add_up_to_the_world_by_hand_and_at_random_with_their_actions() -> None:
    for seen in (arm(), random_arm(3)):
        check_sums(seen, by_state(seen))
    cases = [{"state": state, "opened": START - 90, "status": CaseStatus.PREPARING} for state in range(4)]
    actions = [{"case": case, "day": day} for case, day in enumerate((START, END, START - 1, END + 1))]
    table = by_state(observation(case=cases, action=actions))
    assert table["state"].tolist()[-4:] == [0, 1, 2, 3]
    assert table["cases_to_action"].tolist()[-4:] == [1, 1, 0, 0]


def test_what_waits_at_a_desk_on_the_last_day_and_whose_a_loss_is() -> None:
    """A request that arrives on the last day counts as waiting, and losses are divided by victims."""
    at_court = {"desk": DeskKind.COURT * 4 + 1, "request": 0, "arrived": END, "started": np.nan, "ended": np.nan}
    files = [at_court, at_court | {"arrived": END - 3, "started": END}, at_court | {"arrived": END - 3, "ended": END}]
    assert desks(observation(request=REQUESTS, job=files))["waiting"].tolist() == [1]
    seen = observation(group=[{"home": 2, "domestic": 1}, {"home": 2, "domestic": 0}])
    seen.tables["state"]["victims"] = [0.5, 0.25, 0.25, 0.0]
    assert list(by_victims(seen, np.array([10.0, 8.0]))) == [4.0, 2.0, 12.0, 0.0]


def test_states_add_up_to_a_world_that_was_simulated_and_income_groups_are_those_of_the_data() -> None:
    simulation = begun()
    simulation.advance(simulation.end)
    seen = Observation(window(TINY), tables_of(simulation), harm_rates())
    table = by_state(seen)
    assert min(table[name].sum() for name in ("sent", "hours_for_others", "hours_own", "cases_opened", "worked")) > 0
    check_sums(seen, table)
    groups = income_groups(CrimeGeography.load())
    expected = {"AFG": Income.LOW, "IND": Income.LOWER_MIDDLE, "BRA": Income.UPPER_MIDDLE, "DEU": Income.HIGH}
    assert {state: groups[states().index(state)] for state in expected} == expected
    assert groups[states().index("VAT")] == Income.HIGH and np.bincount(groups).min() >= 20
