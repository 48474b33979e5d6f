"""Tests of outcomes on rights and costs, on a few rows counted by hand."""

from dataclasses import replace

import numpy as np
import pytest

from sim.data.costs import HOURS_A_YEAR, LEDGER, Payer, unit_costs, wage_level
from sim.law.vocabulary import Channel, DataKind, Ground
from sim.measures.cost import by_state
from sim.measures.outcomes import measure
from sim.world.records import STATE, Abuse, CaseStatus, DeskKind, RequestPurpose, RequestStatus, Stage
from tests.measures.worlds import END, START, WINDOW, check, observation, request

COURT = 1 << Stage.COURT_ORDER
YEARS = WINDOW.years


def abusive(sent: float, ended: float = np.nan, **fields: object) -> dict[str, object]:
    """An abusive request, which was executed if it has ended."""
    default = {"abusive": Abuse.OPEN, "purpose": RequestPurpose.PRETEXT, "dual_criminality": 0}
    return request(sent, ended, **(default | fields))


REQUESTS = [
    request(0, 100, accounts=5, route=COURT),
    request(0, 20, accounts=1, channel=Channel.PROVIDER_VOLUNTARY, data_kind=DataKind.SUBSCRIBER),
    request(0, 20, accounts=3, channel=Channel.PROVIDER_BINDING, data_kind=DataKind.TRAFFIC),
    request(0, 5, channel=Channel.POLICE, purpose=RequestPurpose.LEAD, unconverted=1, data_kind=7),
    request(0, 50, status=RequestStatus.REFUSED, ground=Ground.NO_POWER),
    abusive(0, 200, accounts=2, requesting=2),
    abusive(0, 200, status=RequestStatus.REFUSED, ground=Ground.DUAL_CRIMINALITY, requesting=2),
    *(abusive(0, requesting=3), abusive(END - START - 100, END - START - 50, accounts=1, requesting=3)),
    abusive(0, 1, accounts=4, abusive=Abuse.FALSE_EMERGENCY, channel=Channel.PROVIDER_VOLUNTARY),
    abusive(-400, 100, accounts=9),
]


def test_abuse_and_authority_by_hand_and_no_other_outcome_counts_requests_without_a_case() -> None:
    genuine = [entry for entry in REQUESTS if entry.get("abusive", 0) == 0]
    alone, all_of_them = (measure(observation(request=rows)) for rows in (genuine, REQUESTS))
    expected = {
        **{"abusive_executed_share": 1 / 3, "abusive_executed_per_year": 2 / YEARS},
        **{"persons_exposed_per_year": 7 / YEARS, "false_disclosures_per_year": 1 / YEARS},
        **{"bystanders_per_year": 6 / YEARS, "unauthorised_per_year": 2 / YEARS, "unconverted_share": 1.0},
    }
    assert {key: all_of_them.outcomes[key] for key in expected} == pytest.approx(expected)
    rights = {"abusive", "persons", "false"}
    for key, value in all_of_them.outcomes.items():
        if key.split("_")[0] not in rights:
            assert value == pytest.approx(alone.outcomes[key], nan_ok=True), key


def test_data_are_counted_by_day_and_requests_by_whether_a_judge_saw_them() -> None:
    """Data held are counted by users and days, and requests by the review of a judge.

    Forty users: 100 days held all the time; 200 for half of it and 50 for the rest; some only after the window.
    """
    state, half = np.zeros(3, STATE), (END - START) / 2
    state["users"] = 10, 20, 10
    state["data_held"] = 100, 50, 900
    state["data_held_since"] = START - 700, START + half, END + 9
    state["data_held_sum"] = 0, 200 * half, 0
    seen = observation(states=3)
    check(replace(seen, tables=seen.tables | {"state": state}), person_days_held=225e-9)
    spans = [(0, 30), (END - START - 1, END - START + 99), (-1, 500), (END - START, END - START + 9)]
    frozen = [{"frozen_from": START + since, "frozen_until": START + until} for since, until in spans]
    check(observation(evidence=frozen), frozen_days_per_year=130 / YEARS)
    # Neither subscriber data under a binding order nor content given of a provider's own will pass a judge.
    kinds = (DataKind.SUBSCRIBER, DataKind.TRAFFIC, DataKind.CONTENT)
    binding = [request(0, 20, channel=Channel.PROVIDER_BINDING, data_kind=kind) for kind in kinds]
    given = [request(0, 20, channel=Channel.PROVIDER_VOLUNTARY, data_kind=kind) for kind in kinds[1:]]
    check(observation(request=[*binding, *given]), unauthorised_per_year=3 / YEARS)
    last = END - START
    rows = [abusive(last - 365, last - 9), abusive(last - 365), abusive(last - 364, last - 9)]
    check(observation(request=rows), abusive_executed_share=1 / 2)


YEAR = 365.25


def ledger(*rows: tuple[int, float, float, float]) -> np.ndarray:
    return np.array([(payer, 0, START + day, END, once, a_year, 0.0) for payer, day, once, a_year in rows], LEDGER)


def test_policies_cost_what_they_commit_and_deadlines_overtime_and_breaches() -> None:
    seen = replace(observation(), spending=ledger((Payer.COURT, 0, 2e6, 0), (Payer.PROVIDER, 2 * YEAR, 1e6, 3e6)))
    rate, span = np.log(1.03), (END - START) / YEAR
    running = 3 * (np.exp(-rate * 2) - np.exp(-rate * span)) / rate
    check(seen, policy_cost=2 + 1 / 1.03**2 + running)
    check(observation(), policy_cost=0)
    seen = observation()
    counts = [("kind", "i4"), ("state", "i4"), ("breaches", "f8"), ("overtime_hours", "f8")]
    desk = np.zeros(3, counts)
    desk[:] = [(DeskKind.INCOMING, 0, 10, 100), (DeskKind.COURT, 1, 0, 16), (DeskKind.FORENSIC, 2, 0, 0)]
    dated = replace(seen, tables={**seen.tables, "desk": desk})
    unit, hourly = unit_costs(), unit_costs()["overtime"].central / HOURS_A_YEAR
    late = wage_level()[0] * (10 * unit["breach"].central + 100 * hourly * unit["staff_authority"].central)
    late += wage_level()[1] * 16 * hourly * unit["staff_court"].central
    span = (END - START) / YEAR
    discount = (1 - 1.03**-span) / np.log(1.03) / span
    check(dated, handling_cost=late * discount / 1e6)


@pytest.mark.parametrize(
    ("funded", "officers", "paid"),
    [
        ((3, 0), ((-9, None), (100, None)), 1.0),  # one was there before, and two of three posts stay empty
        ((1, 0), ((100, None), (100, None)), 1.0),  # a post in reserve, which the policy does not pay
        ((1, 1), ((100, None), (100, None)), 2.0),  # by two steps
        ((-2, 0), ((-9, 100),), -1.0),  # a cut saves what was filled
        ((2, 0), ((-9, None), (-9, 100)), 0.0),  # one left, and nobody came
    ],
)
def test_a_post_that_nobody_fills_costs_nothing(funded, officers, paid):
    """A post costs nothing until it is filled."""
    rows = [
        {"sending": 2, "host": 1, "since": START + since, "until": np.nan if until is None else START + until}
        for since, until in (*officers, (50, None))
    ]
    rows[-1]["by_policy"] = 1
    price, steps = 3e5, [posts for posts in funded if posts]
    paid_for = [(Payer.LIAISON, 2, START + 20.0, END, 0.0, posts * price, posts) for posts in steps]
    seen = replace(observation(posting=rows), spending=np.array(paid_for, LEDGER))
    rate, span = np.log(1.03), (END - START) / YEAR
    years = (np.exp(-rate * 100 / YEAR) - np.exp(-rate * span)) / rate
    check(seen, policy_cost=paid * 0.3 * years)


def test_work_costs_hours_at_the_wages_of_the_state_that_pays_it_and_less_the_later_it_is() -> None:
    desk_of = {kind: kind * 4 for kind in DeskKind}  # all in state 0
    jobs = [
        {"request": 0, "desk": desk_of[kind], "arrived": START, "started": START, "ended": START, "touch_hours": 16}
        for kind in (DeskKind.COURT, DeskKind.FORENSIC, DeskKind.INCOMING)
    ]
    jobs.append(jobs[0] | {"request": -1})  # other work
    jobs.append(jobs[0] | {"started": END + 1})  # after the window
    cases = [
        {"status": CaseStatus.SOLVED, "opened": START - 100, "closed": START + YEAR, "state": 0},
        {"status": CaseStatus.DROPPED_CAPACITY, "opened": START, "closed": START + YEAR, "state": 0},
    ]
    seen = observation(job=jobs, case=cases)
    wage = wage_level()[0]
    hours = 16 / HOURS_A_YEAR * (unit_costs()["staff_court"].central + unit_costs()["staff_laboratory"].central)
    years = (1 - 1 / 1.03) / np.log(1.03)
    case = years * unit_costs()["investigators_per_case"].central * unit_costs()["staff_investigator"].central
    check(seen, handling_cost=wage * (hours + case) / 1e6)
    # Two years on, a court's hour is worth 1/1.03² of one on the first day; the policy pays providers next to it.
    day = START + 2 * YEAR
    job = {"request": 0, "desk": DeskKind.COURT * 4 + 1, "arrived": day, "started": day, "ended": day}
    seen = replace(observation(job=[job | {"touch_hours": 24}]), spending=ledger((Payer.PROVIDER, 0, 4e6, 0)))
    cost = 24 / HOURS_A_YEAR * unit_costs()["staff_court"].central * wage_level()[1] / 1.03**2
    committed, worked = by_state(seen)
    assert worked[2] == pytest.approx(cost / 1e6) == worked.sum()
    assert committed[1] == pytest.approx(4.0) == committed.sum()
