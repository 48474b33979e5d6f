"""Whether a control node falls on the action day, by what is known and who is ready (M13)."""

import numpy as np
import pytest

from sim.agents import removal
from sim.agents.events import Purpose
from sim.world.world import World
from tests.agents.plain import Notes, answers, drawing, fresh, noting
from tests.agents.scene import AWAY, HOME, THIRD

pytestmark = pytest.mark.usefixtures("as_python")

NODES = 4
FIRST = 2  # row of the group's first node


def prepared(**partner: float) -> World:
    """A case of HOME on a group of AWAY with nodes there; AWAY takes part as the second partner of two."""
    world = fresh(removal=0.9, removal_by_host=0.5, removal_unknown=0.3, unsynchronised=0.4)
    world.group["first_node"][0], world.group["nodes"][0] = FIRST, NODES
    world.node["state"], world.node["registry"], world.node["provider"] = AWAY, -1, 7
    world.node["key"] = np.arange(1, len(world.node) + 1)
    world.provider["bulletproof"][7] = 0.2
    world.case["first_partner"][0], world.partner["next_partner"][1] = 1, 0
    world.partner["state"][:2], world.partner["ready_at"] = (AWAY, THIRD), np.nan
    for name, value in partner.items():
        world.partner[name][0] = value
    return world


@pytest.mark.parametrize(("state", "silence"), [(HOME, 0.0), (AWAY, 0.25), (THIRD, 0.25)])
def test_silence_is_that_of_other_states(as_python: pytest.MonkeyPatch, state: int, silence: float) -> None:
    """It depends on how close the two are, on whether the group lives there, and on the law in action there."""
    world, seen = prepared(), noting(as_python, removal, silence_probability=0.25)
    world.affinity[HOME, state], world.implementation[state] = 0.7, 0.6
    answers(as_python, removal, silence_habit=lambda _, *pair: pair)
    assert removal.silence_towards(world, 0, state) == silence
    expected = ("silence_probability", pytest.approx(0.7), state == AWAY, pytest.approx(0.6), (HOME, state))
    assert seen == ([expected] if state != HOME else [])


@pytest.mark.parametrize(("state", "authorised", "ready_at"), [(AWAY, 1, np.nan), (AWAY, 0, 900.0), (HOME, 1, 900.0)])
def test_a_state_may_be_authorised_or_ready(state: int, authorised: int, ready_at: float) -> None:
    """Authority alone is not readiness; a state without a part in the case has neither."""
    world = prepared(authorised=authorised, ready_at=ready_at)
    world.partner["authorised"][-1], world.partner["ready_at"][-1] = 1, 900.0
    assert removal.has_authorised(world, 0, state) == (state == AWAY and authorised == 1)
    assert removal.is_ready(world, 0, state) == (state == AWAY and ready_at == 900.0)


@pytest.mark.parametrize(
    ("registry", "authorised", "expected"), [(AWAY, True, 0.9), (0, True, 0.9), (AWAY, False, 0.0), (-1, True, 0.0)]
)
def test_a_domain_falls_with_the_authority_of_its_registry(
    as_python: pytest.MonkeyPatch, registry: int, authorised: bool, expected: float
) -> None:
    world = prepared()
    world.node["registry"][FIRST] = registry
    answers(as_python, removal, has_authorised=authorised)
    assert removal.removal_with_domain(world, 0, world.node[FIRST]) == expected


@pytest.mark.parametrize(("domain", "expected"), [(0.1, 0.424 + 0.576 * 0.1 - 0.144 * 0.9), (0.9, 0.9)])
def test_a_host_that_obliges_or_a_domain_suffices(
    as_python: pytest.MonkeyPatch, domain: float, expected: float
) -> None:
    """By the host with 0.5 · 0.8 · 0.7 = 0.28; never better than with authority."""
    world = prepared()
    answers(as_python, removal, silence_towards=0.3, removal_with_domain=domain)
    found = removal.removal_without_authority(world, 0, world.node[FIRST])
    assert found == pytest.approx(min(1.0 - 0.72 * (1.0 - domain), 0.9))
    assert found == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    ("state", "ready", "alone", "expected"),
    [(AWAY, True, False, 0.9), (AWAY, True, True, 0.2), (HOME, True, True, 0.9), (AWAY, False, False, 0.2)],
)
def test_a_known_node_falls_where_its_state_acts(
    as_python: pytest.MonkeyPatch, state: int, ready: bool, alone: bool, expected: float
) -> None:
    """A unit that acts alone has its own state's authority only."""
    world = prepared()
    world.node["state"][FIRST] = state
    answers(as_python, removal, is_ready=ready, removal_without_authority=0.2)
    assert removal.removal_of_known(world, 0, world.node[FIRST], alone) == expected


@pytest.mark.parametrize(("without", "expected"), [(0.2, 0.2), (0.8, 0.3)])
def test_an_unknown_node_is_never_easier(as_python: pytest.MonkeyPatch, without: float, expected: float) -> None:
    world = prepared()
    answers(as_python, removal, removal_without_authority=without)
    assert removal.removal_of_unknown(world, 0, world.node[FIRST]) == expected


def struck(
    patch: pytest.MonkeyPatch,
    drawn: float,
    *,
    known: bool = True,
    ready: bool = True,
    in_time: bool = True,
    alone: int = 0,
    state: int = AWAY,
) -> tuple[bool, World, list[int]]:
    """A node is struck: by its domain with .25, as an unknown one with .3, as a known one with .8. Which fell."""
    world, fallen = prepared(), noting(patch, removal, "lose_node")
    world.action["disruption"][0], world.action["synchronous"][0], world.node["state"][FIRST] = alone, 1, state
    world.action["known_nodes"][0] = world.action["ready_nodes"][0] = 5
    world.action["killed"][0] = world.action["seized"][0] = 5
    world.node["moves"][FIRST] = 6
    draws = drawing(patch, removal, "uniform", drawn)
    answers(
        patch,
        removal,
        knows=known,
        is_ready=ready,
        acts_in_time=in_time,
        removal_of_unknown=0.3,
        removal_of_known=0.8,
        removal_with_domain=0.25,
    )
    by_domain = removal.strike_node(world, 0, world.action[0], FIRST)
    assert draws == [(Purpose.NODE_REMOVED, 6)]
    return by_domain, world, [row for _, row in fallen]


@pytest.mark.parametrize(
    ("drawn", "options", "falls", "by_domain", "ready"),
    [
        (0.79, {}, True, False, 1),
        (0.81, {}, False, False, 1),
        (0.1, {}, True, False, 1),
        (0.31, {"in_time": False}, True, False, 1),  # 0.4 of the chance where others acted before
        (0.33, {"in_time": False}, False, False, 1),
        (0.1, {"ready": False}, True, True, 0),
        (0.5, {"ready": False, "in_time": False}, True, False, 0),
        (0.29, {"known": False}, True, False, 0),
        (0.31, {"known": False}, False, False, 0),
        (0.5, {"alone": 1}, True, False, 0),
        (0.5, {"alone": 1, "state": HOME}, True, False, 1),
    ],
)
def test_a_struck_node_falls_or_survives(
    as_python: pytest.MonkeyPatch, drawn: float, options: dict[str, bool], falls: bool, by_domain: bool, ready: int
) -> None:
    """What was known, who was ready, and what fell is counted; only states that were ready seize."""
    found, world, fallen = struck(as_python, drawn, **options)
    assert (found, fallen) == (by_domain, [FIRST] if falls else [])
    action = world.action[0]
    assert (action.known_nodes, action.ready_nodes) == (5 + options.get("known", True), 5 + ready)
    assert (action.killed, action.seized) == (5 + falls, 5 + (falls and ready))
    assert action.synchronous == int(options.get("in_time", True) or not ready)


@pytest.mark.parametrize(
    ("drawn", "chance", "domain", "falls", "by_domain"),
    [
        (0.2, 0.1, 0.25, False, False),  # a draw below the chance of its domain, but not below its own
        (0.2, 0.2, 0.25, False, False),
        (0.0, 0.0, 0.0, False, False),
        (0.0, 0.1, 0.0, True, False),
    ],
)
def test_no_draw_reaches_a_chance_that_is_as_small(
    as_python: pytest.MonkeyPatch, drawn: float, chance: float, domain: float, falls: bool, by_domain: bool
) -> None:
    """What cannot happen never does, and what survives did not fall with its domain."""
    world, fallen = prepared(), noting(as_python, removal, "lose_node")
    answers(as_python, removal, knows=False, removal_of_unknown=chance, removal_with_domain=domain, uniform=drawn)
    assert removal.strike_node(world, 0, world.action[0], FIRST) == by_domain
    assert fallen == ([("lose_node", FIRST)] if falls else [])


def test_each_action_is_another_chance_for_each_node(as_python: pytest.MonkeyPatch) -> None:
    """The draw is one of its own by node, takedown, case and action day."""
    draws = drawing(as_python, removal, "uniform", 0.99)
    for changed in ("nothing", "node", "group", "case", "actions"):
        world = prepared()
        world.node["key"][FIRST] += changed == "node"
        world.group["generation"][0] += changed == "group"
        world.case["key"][0] += changed == "case"
        world.case["actions"][0] += changed == "actions"
        answers(as_python, removal, knows=False, removal_of_unknown=0.1)
        removal.strike_node(world, 0, world.action[0], FIRST)
    assert len({one.key for one in draws}) == 5


@pytest.mark.parametrize(
    ("known", "falling", "by_domain", "order", "most"),
    [
        ([2, 4], [2, 3], [2], [2, 4, 3, 5], False),  # one of two is not most
        ([2, 4], [2, 3, 5], [2, 3], [2, 4, 3, 5], True),
        ([2, 4], [], [], [2, 4], False),  # unknown ones are found only with a known one that fell
        ([5], [5], [5], [5, 2, 3, 4], True),
    ],
)
def test_unknown_nodes_are_struck_after_a_known_one_fell(
    as_python: pytest.MonkeyPatch,
    known: list[int],
    falling: list[int],
    by_domain: list[int],
    order: list[int],
    most: bool,
) -> None:
    world, seen = prepared(), Notes()

    def strike_node(_world: World, _case: int, action: np.record, row: int) -> bool:
        seen.append(row)
        action.killed += row in falling
        return row in by_domain

    answers(as_python, removal, knows=lambda _, __, row: row in known, strike_node=strike_node)
    assert removal.strike(world, 0, world.action[0]) == most
    assert seen == order
