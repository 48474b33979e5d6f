"""Entry points that meddle with a whole world."""

from sim.agents.criminals import found_group
from sim.engine.compiling import kernel
from sim.world.attached import attach


@kernel
def one_more_group(world, number):
    """A group enters today that would not have; its number is its place among potential arrivals."""
    found_group(attach(world), number)
