"""A group that knows it is watched (M13)."""

import pytest

from sim.agents import alarm
from sim.world.records import CaseStatus, EvidenceStatus
from tests.agents.plain import answers, fresh, noting
from tests.agents.scene import NOW

pytestmark = pytest.mark.usefixtures("as_python")


@pytest.mark.parametrize(("on", "drawn", "moved"), [(1.0, True, [2]), (1.0, False, []), (0.0, True, [])])
def test_a_group_on_its_guard_moves_nodes_that_are_watched(
    as_python: pytest.MonkeyPatch, on: float, drawn: bool, moved: list[int]
) -> None:
    """Of nodes 1 to 3 one is watched; evidence of both cases goes faster for 40 days."""
    notes = noting(as_python, alarm, "flee", "hasten_evidence")
    answers(as_python, alarm, chance=drawn, is_watched=lambda *given: given[1] == 2)
    world = fresh(8, with_alert=on, alert_days=40.0)
    world.group["first_node"][0], world.group["nodes"][0], world.group["first_case"][0] = 1, 3, 1
    world.case["next_case"][:2] = -1, 0
    alarm.alert(world, 0, 5, 0)
    assert [note[1] for note in notes if note[0] == "flee"] == moved
    assert [note[1] for note in notes if note[0] == "hasten_evidence"] == ([1, 0] if on else [])
    assert world.group["alert_until"][0] == (NOW + 40.0 if on else 0.0)


@pytest.mark.parametrize("status", [CaseStatus.INVESTIGATING, CaseStatus.SOLVED])
def test_evidence_that_is_still_there_moves_faster(as_python: pytest.MonkeyPatch, status: CaseStatus) -> None:
    """Of three trails one is after an item that is there, one after a lost one, one after none yet."""
    answers(as_python, alarm, hastened=7.0)
    world = fresh(8)
    world.case["status"][0], world.case["first_chain"][0] = status, 2
    world.chain["next_chain"][:3] = -1, 0, 1
    world.chain["evidence"][:3] = 0, 1, -1
    world.evidence["moves_at"][:2] = 90.0
    world.evidence["status"][1] = EvidenceStatus.LOST_MOVED
    alarm.hasten_evidence(world, 0)
    assert world.evidence["moves_at"][:2].tolist() == [90.0 if status == CaseStatus.SOLVED else 7.0, 90.0]
