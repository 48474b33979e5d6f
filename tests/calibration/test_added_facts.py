"""Tests of how facts that were added later are measured, on a few rows computed by hand."""

import numpy as np
import pytest

from sim.data.load import states
from sim.measures.facts import FactKey
from sim.world.records import ORDINARY, Addressee, Body, CaseStatus, MilestoneKind, Ordinary
from tests.measures.worlds import START, observation

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


def check(seen, **expected):
    for name, wanted in expected.items():
        assert FactKey[name].measure(seen) == pytest.approx(wanted), name
        assert np.isnan(FactKey[name].measure(observation(states=len(STATES)))), name
