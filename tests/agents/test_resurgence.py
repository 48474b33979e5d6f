"""How a group goes down, is weakened, comes back and is rebuilt, step by step (M17)."""

import math

import numpy as np
import pytest

from sim.agents import resurgence
from sim.agents.criminals import DDOS_FOR_HIRE, TECHNICAL_SERVICES
from sim.agents.events import Event, Purpose
from sim.world.records import ActionType, GroupStatus, Growing, MemberStatus, SpellCause
from sim.world.world import World, records
from tests.agents import scene
from tests.agents.plain import answers, certain, drawing, fresh, noting
from tests.tiny import row_of_settings

pytestmark = pytest.mark.usefixtures("as_python")

ORDINARY = 3  # a kind that neither serves criminals nor has a way of coming back of its own


def under_attack(**fields: float) -> World:
    """A group with four members and three nodes, behind those of another."""
    world = fresh(backups=0.2, survivors=0.5, with_moving_users=0.0)
    world.setting["infrastructure_never"], world.setting["infrastructure_return_days"] = 0.4, 50.0
    world.setting["infrastructure_capacity"], world.setting["regrowth_days"] = 0.3, 70.0
    world.setting["arrests_never"], world.setting["arrests_return_days"] = 0.8, 90.0
    values: dict[str, float] = {
        "kind": ORDINARY,
        "members": 4,
        "first_member": 2,
        "nodes": 3,
        "first_node": 1,
        "key": 77,
    }
    values |= {"capability": 1.0, "users": 2.0, "generation": 5, "blows": 2, "first_migration": -1}
    for name, value in (values | fields).items():
        world.group[name][0] = value
    world.group["whole_on"] = world.group["last_action"] = world.group["ended"] = np.nan
    world.member["status"] = MemberStatus.INDICTED
    return world


@pytest.mark.parametrize(("nodes", "core"), [(0.2, 0.3), (0.55, 0.1), (0.9, 0.45)])
def test_losses_of_nodes_and_of_the_core_multiply(nodes: float, core: float) -> None:
    """A loss of 0.6 of the nodes alone, or of 0.5 of the core, leaves a tenth."""
    setting = row_of_settings(nodes_to_fall=0.6, core_to_fall=0.5)[0]
    expected = 10.0 ** -(math.log(1 - nodes) / math.log(0.4) + math.log(1 - core) / math.log(0.5))
    assert resurgence.residual(setting, nodes, core) == pytest.approx(expected)


def test_a_group_is_down_with_a_tenth_of_its_capability() -> None:
    assert resurgence.is_down(0.1) and resurgence.is_down(0.1 + 1e-9)
    assert not resurgence.is_down(0.1 + 2e-9)


@pytest.mark.parametrize("status", MemberStatus)
def test_who_counts_as_lost_to_the_group(status: MemberStatus) -> None:
    """Who is in custody or was convicted, unless others have taken the person's place; only its own members count."""
    world = under_attack()
    lost = status in (MemberStatus.HELD, MemberStatus.SURRENDERED, MemberStatus.CONVICTED)
    world.member["status"][[0, 1, 3, 4, 5, 6]] = status  # the first two and the last are of other groups
    assert resurgence.members_held(world, 0) == 3 * lost
    assert resurgence.core_lost(world, 0) == 0.75 * lost
    world.member["replaced"][4] = 1
    assert resurgence.members_held(world, 0) == 2 * lost


def test_the_terms_of_return_are_those_of_the_kind_of_action() -> None:
    setting, rule = row_of_settings()[0], resurgence.return_terms
    for kind, name in (
        (ActionType.DOMAIN_SEIZURE, "domain"),
        (ActionType.SERVICE, "service"),
        (ActionType.EXPOSURE, "exposure"),
        (ActionType.INFRASTRUCTURE, "infrastructure"),
    ):
        expected = tuple(setting[f"{name}_{part}"] for part in ("never", "return_days", "capacity"))
        assert rule(setting, kind) == expected
    arrests = (setting.arrests_never, setting.arrests_return_days, setting.infrastructure_capacity)
    assert rule(setting, ActionType.ARRESTS) == arrests


@pytest.mark.parametrize(("kind", "expected"), [(DDOS_FOR_HIRE, ActionType.DOMAIN_SEIZURE), (ORDINARY, None)])
def test_a_seizure_by_domain_is_one_for_any_kind(kind: int, expected: ActionType | None) -> None:
    assert resurgence.type_of_takedown(kind, 0.0, False, True) == ActionType.DOMAIN_SEIZURE
    assert resurgence.type_of_takedown(kind, 0.0, False, False) == (expected or ActionType.INFRASTRUCTURE)


@pytest.mark.parametrize(
    ("action", "left", "never", "median"),
    [
        (ActionType.INFRASTRUCTURE, 0.0, 0.4, 50.0),
        (ActionType.INFRASTRUCTURE, 0.3, 0.2, 25.0),  # on nodes that survive it is back sooner and more surely
        (ActionType.ARRESTS, 0.3, 0.8, 90.0),  # nodes do not replace people
    ],
)
def test_a_group_that_is_down_may_never_return(
    as_python: pytest.MonkeyPatch, action: ActionType, left: float, never: float, median: float
) -> None:
    """Two blows before have prepared it: 0.8² of the chance that it never returns is left."""
    world, gone, wait = (
        under_attack(),
        drawing(as_python, resurgence, "chance", False),
        drawing(as_python, resurgence, "lognormal", 11.0),
    )
    resurgence.take_down(world, 0, action, 9, left)
    assert gone == [(Purpose.RETURN_NEVER, 6, pytest.approx(never * 0.64))]
    assert wait == [(Purpose.RETURN_TIME, 6, pytest.approx(median), world.setting[0].elapsed_sigma)]
    group = world.group[0]
    assert (group.generation, group.blows, group.action, group.last_action) == (6, 3, action, world.now[0])
    assert (group.status, group.capability) == (GroupStatus.DOWN, 0.0)
    assert scene.waits(world, Event.GROUP_RETURN) == pytest.approx([11.0])
    (spell,) = records(world, "spell")
    assert (spell.cause, spell.action_type, spell.case, spell.capability) == (SpellCause.TAKEDOWN, action, 9, 0.0)


@pytest.mark.parametrize(("returns", "never"), [(1.0, True), (0.0, False)])
def test_a_group_that_never_returns_is_removed(as_python: pytest.MonkeyPatch, returns: float, never: bool) -> None:
    """By a draw, or where returns are left out."""
    world = under_attack()
    world.setting["with_return"] = returns
    answers(as_python, resurgence, chance=never)
    resurgence.take_down(world, 0, ActionType.INFRASTRUCTURE, 9, 0.0)
    assert (world.group["status"][0], world.group["ended"][0]) == (GroupStatus.REMOVED, world.now[0])
    assert len(scene.waits(world, Event.GROUP_RETURN)) == 0


@pytest.mark.parametrize(("kind", "cut"), [(TECHNICAL_SERVICES, [0]), (ORDINARY, [])])
def test_buyers_lose_a_technical_service_that_goes_down(
    as_python: pytest.MonkeyPatch, kind: int, cut: list[int]
) -> None:
    certain(as_python)
    world, seen = under_attack(kind=kind), noting(as_python, resurgence, "cut_off_buyers")
    resurgence.take_down(world, 0, ActionType.SERVICE, -1, 0.0)
    assert [row for _, row in seen] == cut


@pytest.mark.parametrize(
    ("held", "status", "down"),
    [(3, GroupStatus.ACTIVE, True), (1, GroupStatus.ACTIVE, False), (3, GroupStatus.DOWN, False)],
)
def test_arrests_alone_take_a_group_down_once_too_few_are_at_liberty(
    as_python: pytest.MonkeyPatch, held: int, status: GroupStatus, down: bool
) -> None:
    """All its nodes survive."""
    certain(as_python)
    world, seen = under_attack(status=status), noting(as_python, resurgence, "take_down")
    world.member["status"][2 : 2 + held] = MemberStatus.HELD
    resurgence.break_core(world, 0, 9)
    assert seen == ([("take_down", 0, ActionType.ARRESTS, 9, 1.0)] if down else [])


def test_a_group_comes_back_with_part_of_its_capacity_and_new_people_and_places(as_python: pytest.MonkeyPatch) -> None:
    """0.3 of it, and of the rest what the two blows before the latest have taught it to keep."""
    world, fled = under_attack(status=GroupStatus.DOWN, blows=3, capability=0.0), noting(as_python, resurgence, "flee")
    wait = drawing(as_python, resurgence, "lognormal", 70.0)
    world.group["action"] = ActionType.INFRASTRUCTURE
    world.member["status"][[1, 3, 5, 6]] = MemberStatus.HELD
    resurgence.come_back(world, 0, 5)
    group = world.group[0]
    assert (group.status, [row for _, row in fled]) == (GroupStatus.ACTIVE, [1, 2, 3])
    assert list(world.member["replaced"][:8]) == [0, 0, 0, 1, 0, 1, 0, 0]
    assert group.capability == pytest.approx(0.3 + 0.7 * (1.0 - 0.8**2))
    assert wait == [(Purpose.REBUILD_TIME, 5, 70.0, world.setting[0].elapsed_sigma)]
    assert group.whole_on == world.now[0] + 70.0
    assert scene.waits(world, Event.GROUP_REBUILT) == pytest.approx([70.0])
    assert records(world, "spell").cause[0] == SpellCause.RETURN


@pytest.mark.parametrize(("status", "stamp"), [(GroupStatus.ACTIVE, 5), (GroupStatus.DOWN, 4)])
def test_a_return_is_void_after_another_blow_or_without_one(
    as_python: pytest.MonkeyPatch, status: GroupStatus, stamp: int
) -> None:
    certain(as_python)
    world = under_attack(status=status)
    answers(as_python, resurgence, flee=None)
    resurgence.come_back(world, 0, stamp)
    assert (world.group["status"][0], len(records(world, "spell"))) == (status, 0)


@pytest.mark.parametrize(("whole_on", "expected"), [(np.nan, 28.0), (90.0, 90.0), (5.0, 28.0)])
def test_a_weakened_group_rebuilds_sooner_the_less_it_lost(
    as_python: pytest.MonkeyPatch, whole_on: float, expected: float
) -> None:
    """40 days for all of it, 28 for 0.7; who is still growing is not whole before it would have been anyway."""
    certain(as_python)
    world = under_attack(capability=0.8)
    world.setting["rebuild_days"], world.group["whole_on"][0] = 40.0, world.now[0] + whole_on
    resurgence.weaken(world, 0, ActionType.PARTIAL, 0.3, 9)
    group = world.group[0]
    assert (group.generation, group.blows, group.action, group.last_action) == (6, 3, ActionType.PARTIAL, world.now[0])
    assert group.capability == pytest.approx(0.24)
    assert scene.waits(world, Event.GROUP_REBUILT) == pytest.approx([expected])
    assert group.whole_on == pytest.approx(world.now[0] + expected)
    (spell,) = records(world, "spell")
    assert (spell.cause, spell.case, spell.capability) == (SpellCause.PARTIAL_ACTION, 9, pytest.approx(0.24))


def test_an_action_that_costs_nothing_changes_nothing(as_python: pytest.MonkeyPatch) -> None:
    certain(as_python)
    world = under_attack()
    resurgence.weaken(world, 0, ActionType.PARTIAL, 1.0, 9)
    assert (world.group["generation"][0], world.group["blows"][0], len(records(world, "spell"))) == (5, 2, 0)


def market() -> World:
    """A service with 3 users is gone, beside one with 2 and one that is down; two buyers, and a third that is down."""
    world = under_attack()
    world.used[Growing.GROUP] = 6
    world.group["kind"][:6] = [TECHNICAL_SERVICES] * 3 + [1, 1, 1]
    world.buys_services[:] = 0
    world.buys_services[1] = 1
    world.group["users"][:6] = 3.0, 2.0, 50.0, 40.0, 1.0, 1.0
    down = GroupStatus.DOWN
    world.group["status"][:6] = down, GroupStatus.ACTIVE, down, GroupStatus.ACTIVE, GroupStatus.ACTIVE, down
    world.group["capability"][:6] = 0.0, 1.0, 0.0, 0.8, 0.5, 0.9
    world.group["generation"][:6] = 5, 1, 1, 7, 8, 9
    world.setting["service_reliance"], world.setting["users_delay_days"] = 0.25, 12.0
    return world


def test_who_bought_from_a_service_follows_from_its_share_of_users(as_python: pytest.MonkeyPatch) -> None:
    """Of five users of services at work, three were its own; buyers keep what does not rest on it."""
    world, bought, wait = (
        market(),
        drawing(as_python, resurgence, "chance", True),
        drawing(as_python, resurgence, "lognormal", 8.0),
    )
    resurgence.cut_off_buyers(world, 0)
    assert bought == [(Purpose.SERVICE_BOUGHT, 5, pytest.approx(0.6))] * 2
    assert wait == [(Purpose.SERVICE_FOUND, 5, 12.0, world.setting[0].elapsed_sigma)] * 2
    assert list(world.group["capability"][:6]) == pytest.approx([0.0, 1.0, 0.0, 0.6, 0.375, 0.9])
    assert scene.waits(world, Event.SUPPLIER_FOUND) == pytest.approx([8.0, 8.0])
    assert list(records(world, "spell").cause) == [SpellCause.SUPPLIER_LOST] * 2


def test_who_bought_elsewhere_or_would_be_down_loses_nothing(as_python: pytest.MonkeyPatch) -> None:
    certain(as_python)
    elsewhere, everything, fragile = market(), market(), market()
    everything.setting["service_reliance"] = 0.0
    resurgence.cut_off_buyers(everything, 0)
    fragile.group["capability"][3:5] = 0.13, 0.12
    resurgence.cut_off_buyers(fragile, 0)
    answers(as_python, resurgence, chance=False)
    resurgence.cut_off_buyers(elsewhere, 0)
    for world in (elsewhere, everything, fragile):
        assert len(records(world, "spell")) == len(scene.waits(world, Event.SUPPLIER_FOUND)) == 0


@pytest.mark.parametrize(("before", "after"), [(0.3, 0.4), (0.9, 1.0)])
def test_another_service_gives_back_what_its_loss_took(before: float, after: float) -> None:
    """Of a quarter, a group with 0.3 has lost 0.1, and with 0.9 all up to the whole."""
    world = under_attack(capability=before)
    world.setting["service_reliance"] = 0.25
    resurgence.supplier_found(world, 0, 5)
    assert world.group["capability"][0] == pytest.approx(after)
    assert records(world, "spell").cause[0] == SpellCause.SUPPLIER_FOUND


def test_a_group_that_is_rebuilt_has_its_whole_capability() -> None:
    world = under_attack(capability=0.3)
    resurgence.rebuilt(world, 0, 5)
    assert world.group["capability"][0] == 1.0
    assert records(world, "spell").cause[0] == SpellCause.REBUILT


@pytest.mark.parametrize("rule", [resurgence.supplier_found, resurgence.rebuilt])
@pytest.mark.parametrize(
    ("status", "stamp", "capability"),
    [(GroupStatus.DOWN, 5, 0.3), (GroupStatus.ACTIVE, 4, 0.3), (GroupStatus.ACTIVE, 5, 1.0)],
)
def test_what_was_hit_or_is_whole_regains_nothing(
    rule: object, status: GroupStatus, stamp: int, capability: float
) -> None:
    world = under_attack(status=status, capability=capability)
    assert callable(rule)
    rule(world, 0, stamp)
    assert world.group["capability"][0] == capability
    assert len(records(world, "spell")) == 0
