"""A group that knows it is watched (M13)."""

import pytest

from sim.agents.alarm import alert
from sim.agents.events import Purpose
from sim.engine.random import derive
from sim.world.records import NONE, CaseStatus, EvidenceStatus
from sim.world.world import World
from tests.agents.plain import chances, put, small, table
from tests.agents.scene import NOW, know

pytestmark = pytest.mark.usefixtures("as_python")
until, closed = NOW + 40.0, CaseStatus.SOLVED


def watched(switch: float = 1.0, move: float = 1.0, status: int = CaseStatus.INVESTIGATING) -> World:
    """Cases 1 and 0 are on a group with nodes 1 to 3; case 0 knows node 2, and has trails of three kinds."""
    world = small(
        8,
        {"with_alert": switch, "alert_days": 40.0, "alert_move": move, "alert_multiplier": 4.0},
        group={"first_node": 1, "nodes": 3, "first_case": 1},
        case={"next_case": (NONE, 0), "status": (status, CaseStatus.SOLVED), "first_chain": (2, NONE)},
        chain={"next_chain": (NONE, 0, 1), "evidence": (0, 1, NONE)},  # after an item, a lost one, and none yet
        evidence={"moves_at": NOW + 80.0, "status": (EvidenceStatus.AVAILABLE, EvidenceStatus.LOST_MOVED)},
        node={"key": (0, 11, 12, 13)},
    )
    put(world, "evidence", 1, moves_at=NOW + 80.0)
    know(world, 2)
    return world


@table(
    moves=(1.0, 1.0, (0, 1, 0, 20.0, 80.0, until)),
    stays=(1.0, 0.0, (0, 0, 0, 20.0, 80.0, until)),
    case_over=(1.0, 1.0, closed, (0, 1, 0, 80.0, 80.0, until)),
    no_alarm=(0.0, 1.0, (0, 0, 0, 80.0, 80.0, 0.0)),
)
def test_a_group_on_its_guard_moves_watched_nodes_and_evidence_that_is_still_there(*given: float) -> tuple[float, ...]:
    """For 40 days evidence goes four times as fast: what would go in 80 days goes in 20."""
    world = watched(*given)
    alert(world, 0, 5, 0)
    days = world.evidence["moves_at"][:2] - NOW
    return (*world.node["moves"][1:4], *days, world.group["alert_until"][0])


def test_a_watched_node_moves_by_chance_at_each_alarm() -> None:
    """Drawn for the node, the case that watches, and the number of the alarm."""
    world = watched(move=0.3)

    def moves(key: int) -> bool:
        put(world, "node", 2, key=key, moves=0)
        put(world, "sighting", in_sight=1)
        alert(world, 0, 5, 3)
        return bool(world.node["moves"][2])

    chances(moves, Purpose.NODE_ALERT, 0.3, 3, of=lambda key: derive(key, 5))
