"""Cases that join an action day, one decision at a time (M13)."""

import numpy as np
import pytest

from sim.agents import waves
from sim.agents.waves import joins, states_shared, states_struck
from sim.world.records import NONE, CaseStatus, GroupStatus
from sim.world.world import World
from tests.agents.plain import answers, fresh
from tests.agents.scene import AWAY, HOME, THIRD

pytestmark = pytest.mark.usefixtures("as_python")


@pytest.fixture
def cases() -> World:
    """Case 0 of HOME, beside which a test puts others."""
    return fresh(8, with_trust=0.0)


def test_a_state_is_struck_when_ready_and_needed(cases: World, as_python: pytest.MonkeyPatch) -> None:
    """Each partner counts by itself, the first row of the table too."""
    answers(as_python, waves, is_needed=lambda _, _case, state: state != THIRD)
    cases.case["first_partner"][0], cases.partner["next_partner"][:4] = 3, [NONE, 0, 1, 2]
    cases.partner["state"][:4], cases.partner["ready_at"][:4] = [AWAY, THIRD, HOME, 4], [9.0, 9.0, np.nan, 9.0]
    struck = states_struck(cases, 0)
    assert np.flatnonzero(struck).tolist() == [AWAY, 4]
    assert states_shared(cases, 0, struck) == 2


@pytest.mark.parametrize(
    ("status", "group", "lead", "goes"),
    [
        (CaseStatus.INVESTIGATING, GroupStatus.ACTIVE, HOME, True),
        (CaseStatus.MERGED, GroupStatus.ACTIVE, HOME, False),
        (CaseStatus.SOLVED, GroupStatus.ACTIVE, HOME, False),
        (CaseStatus.INVESTIGATING, GroupStatus.DOWN, HOME, False),
        (CaseStatus.INVESTIGATING, GroupStatus.ACTIVE, THIRD, False),
        (CaseStatus.INVESTIGATING, GroupStatus.ACTIVE, AWAY, False),
    ],
)
@pytest.mark.parametrize(("waiting", "worth"), [(13.0, True), (14.0, False), (15.0, False)])
def test_a_case_joins_when_acting_with_the_price_saved_beats_waiting(
    cases: World,
    as_python: pytest.MonkeyPatch,
    status: CaseStatus,
    group: GroupStatus,
    lead: int,
    waiting: float,
    *,
    goes: bool,
    worth: bool,
) -> None:
    """Worth ten, and half the price of two for each of four shared states: as much as to wait is not enough."""
    answers(as_python, waves, states_shared=4, weigh=(10.0, 3.0, waiting, 30.0))
    cases.setting["action_price"], cases.case["status"][0], cases.case["merged_into"][0] = 2.0, status, 1
    cases.group["status"] = group
    struck = np.zeros(len(cases.state), np.bool_)
    assert joins(cases, 0, lead, struck) == (goes and worth)
    struck[HOME] = True  # its own state acts there already, and may follow any lead
    assert joins(cases, 0, AWAY, struck) == (
        worth and status == CaseStatus.INVESTIGATING and group == GroupStatus.ACTIVE
    )
