"""Rights measures on a few rows counted by hand."""

from dataclasses import replace

import numpy as np
import pytest

from sim.law.vocabulary import Channel, DataKind, Ground
from sim.measures.outcomes import measure, outcome
from sim.measures.rights import abuse_by_end, abuse_by_state, data_held_by_state, disclosed_by_kind
from sim.world.records import STATE, Abuse, RequestPurpose, RequestStatus, Stage
from tests.measures.worlds import END, START, WINDOW, observation, request

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
        **{"abusive_per_year": 4 / YEARS, "abusive_share": 4 / 9, "abusive_executed_share": 1 / 3},
        **{"abusive_executed_per_year": 2 / YEARS, "abusive_refused_per_year": 1 / YEARS},
        **{"persons_exposed_per_year": 7 / YEARS, "false_emergencies_per_year": 1 / YEARS},
        **{"false_disclosures_per_year": 1 / YEARS, "false_disclosure_share": 1 / 2, "accounts_per_target": 9 / 3},
        **{"bystanders_per_year": 6 / YEARS, "authorised_share": 2 / 4, "unauthorised_per_year": 2 / YEARS},
        **{"notified_share": 1 / 4, "unconverted_share": 1.0},
    }
    assert {key: all_of_them.outcomes[key] for key in expected} == pytest.approx(expected)
    rights = {"abusive", "persons", "false"}
    for key, value in all_of_them.outcomes.items():
        if key.split("_")[0] not in rights:
            assert value == pytest.approx(alone.outcomes[key], nan_ok=True), key


def test_tables() -> None:
    seen = observation(request=REQUESTS)
    by_state = abuse_by_state(seen)
    assert [list(column) for column in by_state.values()] == [[2, 3], [2.0, 2.0], [1.0, 1.0]]
    assert abuse_by_end(seen)["requests"].sum() == 5
    kinds = disclosed_by_kind(seen)
    assert list(kinds["data_kind"]) == [DataKind.SUBSCRIBER, DataKind.TRAFFIC, DataKind.CONTENT]
    assert list(kinds["accounts"]) == [1, 3, 5]


def test_data_held_is_a_mean_over_the_window() -> None:
    """Forty users: 100 days held all the time; 200 for half of it and 50 for the rest; some only after the window."""
    state, half = np.zeros(3, STATE), (END - START) / 2
    state["users"] = 10, 20, 10
    state["data_held"] = 100, 50, 900
    state["data_held_since"] = START - 700, START + half, END + 9
    state["data_held_sum"] = 0, 200 * half, 0
    seen = observation(states=3)
    seen = replace(seen, tables=seen.tables | {"state": state})
    assert data_held_by_state(seen)["person_days"].tolist() == pytest.approx([100, 125, 0])
    outcomes = measure(seen).outcomes
    assert outcomes["days_held_per_user"] == pytest.approx(225 / 40)
    assert outcomes["person_days_held"] == pytest.approx(225e-9)


def test_data_are_frozen_from_the_day_in_the_window_to_their_release() -> None:
    spans = [(0, 30), (END - START - 1, END - START + 99), (-1, 500), (END - START, END - START + 9)]
    frozen = [{"frozen_from": START + since, "frozen_until": START + until} for since, until in spans]
    assert measure(observation(evidence=frozen)).outcomes["frozen_days_per_year"] == pytest.approx(130 / YEARS)


def test_a_file_that_nobody_took_up_is_no_work_and_a_question_is_abusive_until_the_end() -> None:
    """Of twelve hours on files that were taken up and done within the window, four were for an abusive request."""
    done = {"desk": 4, "started": START + 1, "ended": START + 2}
    jobs = [
        {"request": 0, "touch_hours": 8} | done,
        {"request": 5, "touch_hours": 4} | done,
        {"request": 0, "touch_hours": 100} | done | {"ended": END + 1},
        {"request": 5, "touch_hours": 100} | done | {"started": np.nan},
        {"request": -1, "touch_hours": 100} | done,  # a bundle
        {"request": 0, "touch_hours": 100} | done | {"desk": 12},  # a laboratory
    ]
    assert outcome("abusive_work_share").measure(observation(request=REQUESTS, job=jobs)) == pytest.approx(1 / 3)


def test_answers_left_out_per_trial_that_ends_in_the_policy_years() -> None:
    tried = {"arrested": START - 90, "prosecuted_in": 1}
    ends = {START - 1: 100, START: 2, END: 4, END + 1: 100}
    members = [tried | {"ended": day, "excluded": excluded} for day, excluded in ends.items()]
    members.append(tried | {"ended": START + 500, "excluded": 9, "prosecuted_in": -1})
    assert outcome("excluded_per_trial").measure(observation(member=members)) == pytest.approx(3.0)


def test_a_judge_lets_traffic_and_content_be_ordered_of_providers_and_nothing_else() -> None:
    """Neither subscriber data under a binding order nor content given of a provider's own will pass a judge."""
    kinds = (DataKind.SUBSCRIBER, DataKind.TRAFFIC, DataKind.CONTENT)
    binding = [request(0, 20, channel=Channel.PROVIDER_BINDING, data_kind=kind) for kind in kinds]
    given = [request(0, 20, channel=Channel.PROVIDER_VOLUNTARY, data_kind=kind) for kind in kinds[1:]]
    assert outcome("authorised_share").measure(observation(request=[*binding, *given])) == pytest.approx(2 / 5)


def test_appeals_are_those_against_formal_requests() -> None:
    """Two of four formal requests were appealed, for days in that stage alone; a question of police cannot be."""

    def spent(stage: Stage, days: float) -> np.ndarray:
        return np.where(np.arange(1, len(Stage) + 1) == stage, days, 0.0)

    rows = [
        request(0, 100, stage_days=spent(Stage.APPEAL, 30)),
        request(0, 120, stage_days=spent(Stage.APPEAL, 2)),
        request(0, 90, stage_days=spent(Stage.FORENSICS, 9)),
        request(0, 80, stage_days=spent(Stage.RETURN, 9)),
        request(0, 5, channel=Channel.POLICE, purpose=RequestPurpose.LEAD, stage_days=spent(Stage.APPEAL, 1)),
    ]
    assert outcome("appeals_per_year").measure(observation(request=rows)) == pytest.approx(2 / YEARS)


def test_an_abusive_request_of_a_year_before_the_end_has_had_its_year() -> None:
    last = END - START
    rows = [abusive(last - 365, last - 9), abusive(last - 365), abusive(last - 364, last - 9)]
    assert outcome("abusive_executed_share").measure(observation(request=rows)) == pytest.approx(1 / 2)
