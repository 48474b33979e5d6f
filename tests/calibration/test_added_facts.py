"""Tests of how facts that were added later are measured, on a few rows computed by hand."""

import numpy as np
import pytest

from sim.data.load import states
from sim.law.days import MONTH
from sim.law.vocabulary import Channel
from sim.measures.facts import FactKey
from sim.world.records import (
    ORDINARY,
    STAGES,
    Addressee,
    Body,
    CaseStatus,
    MilestoneKind,
    Ordinary,
    RequestStatus,
    Stage,
)
from tests.measures.worlds import END, START, observation, request

STATES = states()
EUROPOL, EUROJUST, INTERPOL = (1 << body for body in (Body.EUROPOL, Body.EUROJUST, Body.INTERPOL))
#: The fifth case merged into the first.
CASES = [{"state": STATES.index(code)} for code in ("USA", "DEU", "GBR", "USA", "FRA", "NLD", "ITA")]
CASES[4] |= {"status": CaseStatus.MERGED, "merged_into": 0}
#: Day, case, states and operation; the third joined the second. Not like those on record are the last five: helped by
#: INTERPOL alone, by nobody, of one state, in vain, and to disrupt.
ACTIONS = [
    {"day": START + day, "case": case, "group": case, "states": count, "operation": operation, "down": 1} | more
    for day, case, count, operation, more in (
        (10, 0, 3, 0, {"arrests": 3, "support": EUROPOL | EUROJUST, "seized": 2}),
        *((20, 1, 4, 1, {"support": EUROPOL}), (20, 5, 2, 1, {"client_arrests": 5})),
        (30, 2, 2, 3, {"arrests": 1, "support": INTERPOL | EUROPOL, "seized": 1}),
        *((40, 3, 2, 4, {"support": INTERPOL, "arrests": 90}), (45, 3, 2, 8, {"arrests": 90})),
        (50, 6, 1, 5, {"arrests": 90, "support": EUROJUST, "seized": 5}),
        *((60, 3, 5, 6, {"arrests": 90, "seized": 5, "down": 0}), (70, 3, 2, 7, {"arrests": 2, "disruption": 1})),
    )
]
#: Case, state and the day on which it acted: two never did, JPN on an action that was in vain.
PARTNERS = ((0, "FRA", 10), (0, "DEU", 10), (0, "CHN", None), (1, "USA", 20), (1, "RUS", 20), (1, "CAN", None))
PARTNERS += ((3, "JPN", 60), (2, "BRA", 30), (5, "DEU", 20), (6, "JPN", 50))


def test_who_acts_with_whom_and_what_operations_bring():
    """The states that act together and the yield of operations match a hand count of three operations."""
    partners = [{"case": case, "state": STATES.index(code)} for case, code, _ in PARTNERS]
    days = [{"case": case, "subject": row, "day": START + (day or 0)} for row, (case, _, day) in enumerate(PARTNERS)]
    kinds = [MilestoneKind.ACTED if day else MilestoneKind.MERGED for _, _, day in PARTNERS]
    acted = [{"kind": kind} | one for kind, one in zip(kinds, days, strict=True)]
    seen = observation(states=len(STATES), case=CASES, action=ACTIONS, partner=partners, milestone=acted)
    check(seen, JOINT_USA_TAKES_PART=1 / 2, JOINT_EU_MAJORITY=1 / 3, JOINT_FAR_STATES=1 / 3, JOINT_EU_MOST=2 / 3)
    check(
        seen, JOINT_WITH_RUSSIA_CHINA=1 / 2, JOINT_LED_IN_EU=1 / 2, JOINT_SEVERAL_LEADS=2 / 3, JOINT_AT_EUROJUST=1 / 3
    )
    check(seen, JOINT_AT_INTERPOL=1 / 3, JOINT_PERSONS_ARRESTED=3.0, JOINT_SEIZES_SERVERS=2 / 3)


def test_who_asks_in_emergencies_to_keep_data_and_from_outside_the_union():
    graded, gate = (Ordinary.VOLUNTARY + to for to in (Addressee.GRADED, Addressee.GATE))
    asked = {(2022, Ordinary.EMERGENCY): {"DEU": 1, "GBR": 3}, (2023, Ordinary.PRESERVATION): {"BRA": 70}}
    asked |= {(2022, Ordinary.PRESERVATION): {"FRA": 2, "ITA": 1, "BRA": 2}, (2022, gate): {"IND": 90}}
    asked[2022, graded] = {"GBR": 4, "BRA": 3, "JPN": 2, "IND": 1, "DEU": 50, "USA": 60}
    rows = [(*which, STATES.index(code), n, 0, 0) for which, by in asked.items() for code, n in by.items()]
    seen = observation(states=len(STATES), ordinary=np.array(rows, ORDINARY))
    check(seen, EMERGENCIES_FROM_EU=0.25, PRESERVATION_FROM_EU=0.6, GRADED_TOP_OUTSIDE=0.9)


def sent(asking, asked, months=None, **fields):
    ended = np.nan if months is None else 10.0 + MONTH * months
    pair = {"requesting": STATES.index(asking), "requested": STATES.index(asked)}
    return request(10.0, ended, **pair | fields)


def test_months_of_single_states_and_pairs_are_of_requests_through_authorities_that_end_in_an_answer():
    police, withdrawn = {"channel": Channel.POLICE}, {"status": RequestStatus.WITHDRAWN}
    rows = [sent("DEU", "CHE", 12), sent("IND", "CHE", 6), sent("DEU", "CHE", 1, **police), sent("CHE", "DEU", 4)]
    rows += [sent("CHE", "USA", 8), sent("GBR", "USA", 20), sent("GBR", "FRA", 2), sent("USA", "GBR", 1)]
    rows.append(sent("GBR", "USA", 7, **withdrawn))
    seen = observation(states=len(STATES), request=rows)
    check(seen, MLA_TO_SWITZERLAND_MONTHS=9.0, MLA_FROM_SWITZERLAND_MONTHS=6.0, MLA_UK_USA_MONTHS=20.0)


def test_the_share_of_an_office_is_of_days_and_what_others_do_before_and_after_is_left_out():
    def spent(**days):
        row = np.zeros(STAGES)
        for stage, number in days.items():
            row[Stage[stage] - 1] = number
        return {"stage_days": row}

    rows = [
        sent("DEU", "CAN", 3, **spent(DRAFTING=500, INCOMING_TRIAGE=10, COURT_ORDER=60, FORENSICS=900)),
        sent("IND", "CAN", 3, **spent(REVIEW=5, RETURN=5, PRODUCTION=10, TRANSMISSION=10)),
        sent("IND", "CAN", **spent(INCOMING_TRIAGE=999)),  # no answer so far
        *(sent("CAN", "IND", 3, **spent(INCOMING_TRIAGE=99)), sent("IND", "CAN", 1, channel=Channel.POLICE)),
    ]
    check(observation(states=len(STATES), request=rows), MLA_CANADA_OFFICE_SHARE=20 / 100)


def test_the_share_that_is_answered_is_of_requests_that_have_had_a_year():
    refused, late = {"status": RequestStatus.REFUSED}, {"sent": END - 100.0, "ended": END - 10.0}
    rows = [sent("KOR", "USA", 2), sent("KOR", "CHN"), sent("KOR", "PHL"), sent("KOR", "USA", 5, **refused)]
    rows += [
        sent("USA", "KOR", 2),
        *3 * [sent("CHN", "KOR")],
        sent("KOR", "USA", 1) | late,
        sent("USA", "KOR", 1) | late,
    ]
    rows += [sent("RUS", "KAZ", 2), sent("RUS", "USA"), sent("RUS", "DEU", 3, **refused), sent("KAZ", "RUS", 1)]
    rows += [sent("RUS", "DEU"), sent("RUS", "KOR", 1, channel=Channel.POLICE)]
    seen = observation(states=len(STATES), request=rows)
    check(seen, MLA_KOREA_ANSWERED=2 / 4, MLA_TO_KOREA_ANSWERED=1 / 4, MLA_RUSSIA_EXECUTED=1 / 4)


def check(seen, **expected):
    for name, wanted in expected.items():
        assert FactKey[name].measure(seen) == pytest.approx(wanted), name
        assert np.isnan(FactKey[name].measure(observation(states=len(STATES)))), name
