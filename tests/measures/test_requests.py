"""Tests of outcomes of requests: results, turnaround, backlog, evidence and harm, by hand."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sim.law.days import MONTH
from sim.law.order import legal_order
from sim.law.vocabulary import Channel, DataKind, Ground
from sim.measures import country, evidence, requests, turnaround
from sim.measures.country import by_state
from sim.measures.harm import loss
from sim.measures.outcomes import BREAKDOWNS, CHECKS, OUTCOMES, measure, outcome
from sim.measures.requests import Way, ordinary
from sim.world import records
from sim.world.records import EvidenceStatus, Ordinary, RequestPurpose, RequestStatus, SpellCause, Stage
from tests.measures.worlds import END, START, WINDOW, check, observation, random_arm, request, spell

REFUSED, WITHDRAWN, NO_DATA = RequestStatus.REFUSED, RequestStatus.WITHDRAWN, RequestStatus.NO_DATA


@pytest.fixture
def ten():
    """Ten formal requests with known results, and six that outcomes must exclude."""
    rows = [
        *(request(0, 100), request(0, 365), request(0, 366)),
        request(0, 50, status=REFUSED, ground=Ground.DUAL_CRIMINALITY),
        *(request(0, 80, status=REFUSED, ground=Ground.NO_POWER), request(0, 900, status=WITHDRAWN, silent=1)),
        *(request(0, silent=1, given_up=START + 500), request(0, 200, status=WITHDRAWN)),
        *(request(0, 300, status=NO_DATA), request(0, 30, channel=Channel.LETTERS_ROGATORY, dual_criminality=0)),
    ]
    others = [
        *(request(-1, 20), request(END - START - 364, END - START - 300), request(0, 20, requested=0)),
        request(0, 20, channel=Channel.DOMESTIC),
        request(0, 3, channel=Channel.POLICE, purpose=RequestPurpose.LEAD),
        request(0, 3, channel=Channel.PRESERVATION_24_7, purpose=RequestPurpose.PRESERVATION),
        request(np.nan, status=RequestStatus.NOT_SENT),
    ]
    return observation(request=rows + others)


def test_shares_by_hand(ten):
    check(ten, executed_within_12_months=0.3, mla_executed_within_12_months=0.3, refused_share=0.2, silence_share=0.2)
    check(ten, refused_dual_criminality_share=0.1, refused_power_share=0.1, withdrawn_share=0.2)
    check(ten, without_treaty_share=0.1, requests_per_year=11 / WINDOW.years, police_median=3)
    check(ten, executed_per_year=5 / WINDOW.years, without_criminality_per_year=1 / WINDOW.years)
    table = requests.by_end(ten)
    assert table["requests"].sum() == 10 and table["share"].sum() == pytest.approx(1.0)


def test_turnaround_leaves_silence_out_and_censors_withdrawals():
    """Turnaround excludes silent requests and treats withdrawn ones as censored.

    Answers at 30 and 90 days; one withdrawn at 60: S = 3/4, then 3/4 × 1/2, then 0.
    """
    rows = [request(0, 30), request(0, 60, status=WITHDRAWN), request(0, 90), request(0, 120, status=REFUSED)]
    seen = observation(request=[*rows, request(0, silent=1)])
    check(seen, turnaround_median=90 / MONTH, turnaround_p90=120 / MONTH)


def test_months_to_execution_are_those_of_half_of_what_is_executed_and_no_other_answer_counts() -> None:
    """The median months to execution ignore answers other than execution.

    Executed at 30, 90 and 400 days, so half of them at 90; refusals come sooner and do not count as one.
    """
    refused = [request(0, 10, status=REFUSED), request(0, 20, status=NO_DATA), request(0, 600, status=REFUSED)]
    rows = [request(0, days) for days in (30, 90, 400)]
    orders = [request(0, 1, channel=Channel.PROVIDER_BINDING)] * 9
    seen = observation(request=[*rows, *refused, *orders, request(0, silent=1)])
    check(seen, mla_execution_months=90 / MONTH, mla_executed_within_12_months=2 / 7)
    assert np.isnan(outcome("mla_execution_months").measure(observation(request=refused)))


def test_breakdowns_by_channel_stage_and_month() -> None:
    rows = [request(0, 10), request(0, 20, data_kind=DataKind.TRAFFIC), request(0, 5, channel=Channel.MLAT)]
    table = turnaround.by_channel(observation(request=rows))
    all_kinds = table["data_kind"] == -1
    assert list(table["channel"][all_kinds]) == [Channel.MLAT, Channel.BUDAPEST]
    assert list(table["requests"][all_kinds]) == [1, 2]
    assert table["median"][(table["channel"] == Channel.BUDAPEST) & (table["data_kind"] == DataKind.TRAFFIC)] == [20]
    days = np.zeros(12)
    days[Stage.INCOMING_TRIAGE - 1], days[Stage.COURT_ORDER - 1] = 30, 10
    rows = [request(0, 40, stage_days=days), request(0, 40, stage_days=days * 2), request(0, stage_days=days * 9)]
    table = turnaround.by_stage(observation(request=rows))
    triage = table["stage"] == Stage.INCOMING_TRIAGE
    assert table["days"][triage] == pytest.approx([45]) and table["share"][triage] == pytest.approx([0.75])
    # Of two requests one is answered after two months and one after five.
    seen = observation(request=[request(0, 2 * 30.4375), request(0, 5 * 30.4375)])
    table = turnaround.curve(seen)
    answered = dict(zip(table["month"].tolist(), table["answered"].tolist(), strict=True))
    assert [answered[month] for month in (0.0, 1.5, 2.0, 4.5, 5.0, 48.0)] == [0.0, 0.0, 0.5, 0.5, 1.0, 1.0]
    assert np.isnan(turnaround.curve(observation())["answered"]).all()
    rows = [
        *(request(0, 50, requesting=2, requested=3), request(0, requesting=1, requested=3), request(0, silent=1)),
        request(0, 9, channel=Channel.PROVIDER_BINDING),
    ]
    table = turnaround.pairs(observation(request=rows))
    assert (table["requesting"].tolist(), table["requested"].tolist()) == ([2, 1], [3, 3])
    assert table["days"].tolist() == [50, END - START + 180] and table["answered"].tolist() == [True, False]


def test_who_waits_on_a_day_and_since_when() -> None:
    day = 365.25
    rows = [
        request(END - START - days, silent=int(days > 5 * day))
        for days in (0, day / 2 - 1, day / 2, day, 2 * day - 1, 2 * day, 5 * day, 8 * day)
    ]
    others = [
        *(request(0, days) for days in (20, END - START)),  # also on the last day
        *(request(END - START + 1), request(0, abusive=1), request(0, requested=0, requesting=0)),
        request(0, purpose=RequestPurpose.LEAD),
    ]
    table = requests.open_by_age(observation(request=[*rows, *others]))
    assert list(table["age"]) == list(requests.Age) and list(table["requests"]) == [2, 1, 2, 1, 2]
    assert list(table["never_answered"]) == [0, 0, 0, 0, 1]
    last = END - START
    rows = [request(0, 300), request(200, 210), request(last - 365, last - 300), request(last - 364), request(9, 40)]
    seen = observation(request=[*rows, request(0, 20, channel=Channel.JOINT_TEAM)])
    assert seen.heard["days"].tolist() == [10, 20, 31, 65, 300, 364 + 180]
    assert seen.mature[seen.heard["place"]].tolist() == [True, True, True, True, True, False]
    # What is started by a court on that day no longer waits there.
    court = {"desk": 4 * records.DeskKind.COURT + 2, "request": 0, "arrived": END, "started": np.nan, "ended": np.nan}
    seen = observation(request=[request(0)], job=[court, court | {"arrived": END - 2, "started": END}])
    check(seen, court_backlog=1)


def test_harm_is_discounted_and_follows_users_to_a_rival():
    """Harm is discounted, and moves with users to a rival, as computed by hand."""
    group = [{"kind": 1, "scale": 1.0, "entered": START - 100}]
    periods = [spell(-100, 1.0, SpellCause.ENTRY), spell(365.25, 0.5, SpellCause.PARTIAL_ACTION)]
    periods = [row | {"scale": 2.0} for row in (*periods, spell(730.5, 0.5, SpellCause.SELF_EXIT))]
    seen = observation(group=group, spell=periods)
    per_day = 2 * seen.harm_rates[1] / 1e9
    rate = np.log(1.03)
    discounted = (1 - 1 / 1.03) / rate * 365.25 + 0.5 * (1 / 1.03 - 1 / 1.03**2) / rate * 365.25
    check(seen, harm=per_day * discounted)
    # Half of what a group loses in a takedown is harm that its rival does from then on (M17).
    group = [{"kind": 1, "scale": 1.0, "entered": START - 100}, {"kind": 1, "scale": 1.0, "entered": START - 100}]
    before = [spell(-100, 1.0, SpellCause.ENTRY, group=row) for row in (0, 1)]
    down = spell(365.25, 0.0, SpellCause.TAKEDOWN)
    joined = spell(365.25, 1.0, SpellCause.USERS_JOINED, group=1, scale=1.5)
    alone, moved = (observation(group=group, spell=[*before, down, *more]) for more in ([], [joined]))
    assert outcome("harm").measure(moved) > outcome("harm").measure(alone)
    lost = loss(observation(group=group, spell=before), 0.0) - loss(alone, 0.0)
    kept = loss(moved, 0.0) - loss(alone, 0.0)
    assert kept == pytest.approx(0.5 * lost)


def test_every_outcome_is_described_and_measured():
    keys = [entry.key for entry in (*OUTCOMES, *CHECKS)]
    assert len(set(keys)) == len(keys)
    assert all(entry.title and entry.unit and entry.definition.endswith(".") for entry in (*OUTCOMES, *CHECKS))
    usual, measured = measure(arm := random_arm(1)), measure(arm, checks=True)
    assert list(usual.outcomes) == keys[: len(OUTCOMES)] and set(measured.outcomes) == set(keys)
    assert all(np.isfinite(number) for number in measured.outcomes.values())
    assert set(measured.breakdowns) == set(BREAKDOWNS)
    for columns in measured.breakdowns.values():
        assert len({column.size for column in columns.values()}) == 1
    nothing = measure(empty := observation())  # without a warning
    assert nothing.outcomes["requests_per_year"] == 0
    assert np.isnan(nothing.outcomes["executed_within_12_months"])
    with pytest.raises(ValueError, match="desk"):
        replace(empty, tables={name: rows for name, rows in empty.tables.items() if name != "desk"})


def test_leads_apart_from_evidence() -> None:
    """Leads are counted separately from admissible evidence, up to the end of the run."""
    obtained = {"status": EvidenceStatus.OBTAINED, "settled": END}
    items = [obtained | {"admissible": 1}] * 2 + [obtained | {"admissible": 0}]
    lost = [EvidenceStatus.LOST_MOVED, EvidenceStatus.LOST_RETENTION]
    items += [{"status": status, "settled": START} for status in (*lost, EvidenceStatus.AVAILABLE)]
    items.append({"status": EvidenceStatus.LOST_MOVED, "settled": START - 5})
    police = {"channel": Channel.POLICE, "purpose": RequestPurpose.LEAD}
    rows = [request(0, 3, **police), request(0, 3, **police, status=REFUSED), request(0, 9), request(0, 9)]
    seen = observation(evidence=items, request=rows)
    check(seen, evidence_obtained_share=0.6, evidence_lost_share=0.4, evidence_lost_retention_share=0.2)
    check(seen, admissible_per_year=2 / WINDOW.years, leads_per_year=1 / WINDOW.years)


def test_delay_runs_from_the_day_on_which_a_step_abroad_is_known_whether_or_not_anybody_asks() -> None:
    """Delay counts from the day on which a step abroad is known, even if no request is sent."""
    last, step = END - START, {"case": 0, "chain": 0, "state": 1, "retained_until": np.inf, "moves_at": np.inf}
    obtained = step | {"status": EvidenceStatus.OBTAINED, "admissible": 1}
    kept_to, unasked = {"retained_until": START + 400}, {"status": EvidenceStatus.NOT_OBTAINED, "settled": START + 10}
    frozen = {"frozen_from": START + 21, "frozen_until": START + 50}
    examined = {"stage": Stage.FORENSICS, "stage_days": [0.0] * 11 + [300.0]}
    items: list[tuple[dict[str, Any], dict[str, Any] | None]] = [
        *((step, request(-10, drafted=START - 10)), (obtained, request(0, 100, drafted=START))),
        *((step | {"state": 0}, request(10, drafted=START + 10)), (step | {"state": 2} | kept_to | unasked, None)),
        (step | {"moves_at": START + 30} | frozen, None),  # known before the next was asked for
        (obtained, request(20, 120, drafted=START + 20, **examined)),
        (obtained, request(25, 50, drafted=START + 20, stage=Stage.FORENSICS)),  # still there
        (step | {"status": EvidenceStatus.INADMISSIBLE, "moves_at": 0.0}, request(30, 40, drafted=START + 30)),
        (step | {"chain": -1}, request(40, drafted=START + 40, purpose=RequestPurpose.CORROBORATION)),
        *((step, request(last - 100, drafted=END - 100)), (step, request(last, drafted=END))),
    ]
    rows = [asks | {"evidence": row} for row, (_, asks) in enumerate(items) if asks]
    seen = observation(evidence=[item for item, _ in items], request=rows, case=[{"state": 0}])
    assert [np.flatnonzero(ended).tolist() for ended in seen.needs.ended[:2]] == [[100, 400], [30, 390]]
    open_ = [280, *(last + 180 - day for day in (30, 20))]
    assert np.flatnonzero(seen.needs.ended[2]).tolist() == open_
    check(seen, needed_asked_share=5 / 7, usable_within_12_months=1 / 7, needed_lost_share=1 / 7)
    check(seen, usable_tenth_months=100 / MONTH)
    days, usable, lost = evidence.needs_met(seen)
    assert days.tolist() == [30, 100, 390, 400]
    assert usable == pytest.approx([0, 1 / 7, 1 / 7, 1 / 7 + 5 / 7 * 3 / 4 * 1 / 3])
    assert lost == pytest.approx([1 / 7, 1 / 7, 1 / 7 + 5 / 7 * 1 / 4, 1 / 7 + 5 / 7 * 1 / 4])
    table = country.by_state(seen)
    assert [table[name].tolist()[1:4] for name in ("needed", "needed_asked", "needed_in_time")] == [
        *([0, 5, 1], [0, 4, 0], [0, 1, 0]),
    ]
    assert seen.needs.ended.shape == (3, last + 180 + 2), "whole days from the first of the window to the last seen"
    seen_last = {"retained_until": END + 180.0, "moves_at": np.inf, "settled": START + 10, "case": 0, "chain": 0}
    for late, gone, open_ in ((0.0, 1, 0), (1.0, 0, 1)):  # what is lost on the last day that is seen is lost
        item = seen_last | {"state": 1, "status": EvidenceStatus.NOT_OBTAINED, "retained_until": END + 180.0 + late}
        ended = observation(evidence=[item], case=[{"state": 0}]).needs.ended.sum(axis=1)
        assert ended.tolist() == [0, gone, open_]
    check(observation(), usable_within_12_months=np.nan)


ORDERS = [(0, 1, 60), (1, 0, 20), (0, 2, 10), (3, 1, 10)]


def test_orders_and_ordinary_requests_by_hand() -> None:
    seen = observation(orders=ORDERS)
    check(seen, direct_orders_per_year=100 / WINDOW.years, direct_orders_imbalance=0.6)
    table = by_state(seen)
    assert list(table["orders_sent"]) == [0, 70, 20, 0, 10]
    assert list(table["orders_received"]) == [0, 20, 70, 10, 0]
    check(observation(), direct_orders_per_year=0.0, direct_orders_imbalance=np.nan)
    seen = observation(
        ordinary=counts(
            (2026, Ordinary.VOLUNTARY, 0, 999.0, 9.0, 9.0),  # before policy: in the table, not in outcomes
            (2027, Ordinary.VOLUNTARY, 0, 60.0, 30.0, 30.0 * np.log(4.0)),
            (2036, Ordinary.BINDING + records.Addressee.NEVER, 1, 40.0, 0.0, 0.0),
            (2036, Ordinary.ASSISTED_IRL, 1, 4.0, 0.0, 0.0),
            (2036, Ordinary.PRESERVATION, 1, 20.0, 0.0, 0.0),
            (2036, Ordinary.ASSISTANCE, 2, 50.0, 0.0, 0.0),
            (2036, Ordinary.BINDING + records.Addressee.HOST, 2, 9e9, 9e9, 0.0),
            (2036, Ordinary.EMERGENCY, 2, 0.0, 0.0, 0.0),
            (2037, Ordinary.VOLUNTARY, 0, 7.0, 7.0, 7.0),  # follow-up
        )
    )
    check(seen, ordinary_direct_per_year=10, ordinary_direct_per_assisted=25)
    table = ordinary(seen)
    assert list(table["year"]) == [2026, 2027, 2036, 2036, 2036, 2036, 2036]
    ways = [Way.VOLUNTARY] * 2 + [Way.BINDING, Way.ASSISTED, Way.PRESERVATION, Way.ASSISTANCE, Way.BINDING]
    assert list(table["way"]) == ways and list(table["addressee"]) == [0, 0, 3, -1, -1, -1, 4]
    assert list(table["requesting"]) == [0, 0, 1, 1, 1, -1, 2]
    assert list(table["requested"]) == [-1, -1, -1, legal_order().index("IRL"), -1, 2, -1]
    assert table["days"][1] == pytest.approx(4.0) and np.isnan(table["days"][[2, 3, 4, 5]]).all()
    assert list(np.isnan(table["answered"])) == [False, False, False, True, True, True, False]


def counts(*rows: tuple[int, int, int, float, float, float]) -> np.ndarray:
    """Rows of yearly counts: year, kind, state, requests, answered, sum of logs of days."""
    return np.array(list(rows), records.ORDINARY)
