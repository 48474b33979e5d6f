"""Entry points that inform states of a case and let it leak, in compiled code."""

from sim.agents.leaks import exposure_of, inform, is_excluded, leaks
from sim.engine.compiling import kernel
from sim.engine.random import derive
from sim.world.world_pointer import attach


@kernel
def inform_states(world, states, takes_part, protected):
    """States learn of case 0; returns its exposure."""
    attached = attach(world)
    for i in range(len(states)):
        inform(attached, 0, states[i], 2, takes_part[i], protected[i])
    return exposure_of(attached, 0)


@kernel
def review_often(world, reviews):
    """Leaks of case 0 in a number of reviews."""
    attached, number = attach(world), 0
    for review in range(reviews):
        attached.case[0].reviews = review
        number += int(leaks(attached, 0))
    return number


@kernel
def exclude_many(world, number):
    """Answers to request 0, under a number of keys, that a court excludes."""
    attached, excluded = attach(world), 0
    for i in range(number):
        attached.request[0].key = derive(77, i)
        excluded += int(is_excluded(attached, attached.request[0]))
    return excluded
