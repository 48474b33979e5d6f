"""Entry points that meddle with a whole world."""

from sim.agents.criminals import found_group
from sim.agents.place import lose_node
from sim.agents.resurgence import take_down
from sim.agents.reviewing import wind_up
from sim.agents.risk import anywhere, spread_news, take_lesson
from sim.engine.compiling import kernel
from sim.world.records import ActionType, Concern, GroupStatus, Growing
from sim.world.world_pointer import attach


@kernel
def one_more_group(world, number):
    """A group enters today that would not have; its number is its place among potential arrivals."""
    found_group(attach(world), number)


@kernel
def wave(world, every, part):
    """Domains of one active group in `every` are seized, from nowhere: those whose key leaves the rest `part`."""
    world = attach(world)
    for row in range(world.used[Growing.GROUP]):
        group = world.group[row]
        if group.status != GroupStatus.ACTIVE or group.key % every != part:
            continue
        for node_row in range(group.first_node, group.first_node + group.nodes):
            lose_node(world, node_row)
        if world.setting[0].with_learning > 0.0:
            take_lesson(world, row, 1.0, -1)
        spread_news(world, Concern.SERVERS.value, group.kind, anywhere(world), 1.0)
        take_down(world, row, ActionType.DOMAIN_SEIZURE.value, -1, 0.0)
        wind_up(world, row)


@kernel
def fear_state(world, concern, state, weight):
    """Something happens in a state that groups of every kind hear of."""
    world = attach(world)
    for kind in range(world.news.shape[1] - 1):
        spread_news(world, concern, kind, state, weight)
