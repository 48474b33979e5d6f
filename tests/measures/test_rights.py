"""Rights measures on a few rows counted by hand."""

from dataclasses import replace

import numpy as np
import pytest

from sim.law.vocabulary import Channel, DataKind, Ground
from sim.measures.outcomes import measure
from sim.world.records import STATE, Abuse, RequestPurpose, RequestStatus, Stage
from tests.measures.worlds import END, START, WINDOW, check, observation, request

COURT = 1 << Stage.COURT_ORDER
YEARS = WINDOW.years


def abusive(sent: float, ended: float = np.nan, **fields: object) -> dict[str, object]:
    """An abusive request, executed if it ended."""
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
    abusive(0, requesting=3),
    abusive(END - START - 100, END - START - 50, accounts=1, requesting=3),
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
    """Forty users: 100 days held all the time; 200 for half of it and 50 for the rest; some only after the window."""
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
