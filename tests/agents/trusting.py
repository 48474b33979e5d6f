"""One entry point that lets states experience things with each other, in compiled code, and names for what it does."""

from sim.agents.leaks import record_leak
from sim.agents.trust import (
    act_together,
    both_trust,
    head_start,
    is_phoned,
    learn_from_answer,
    learn_from_silence,
    remember,
    trust_in,
    trust_reviewed,
)
from sim.engine.compiling import kernel
from sim.world.records import Growing
from sim.world.world_pointer import attach

_LOOK, _BOTH, _START, _REMEMBER, _ANSWER, _SILENCE, _ACT, _LEAK, _QUARTER, _PHONE = range(10)


@kernel
def _drive(world, what, one, other, good, bad):
    """Compiled once for all: what is done, between which states, with which numbers."""
    scene = attach(world)
    if what == _LOOK:
        return trust_in(scene, one, other)
    if what == _BOTH:
        theirs, ours = both_trust(scene, one, other)
        return theirs if good > 0.0 else ours
    if what == _START:
        return head_start(scene, one, other)
    if what == _REMEMBER:
        remember(scene, one, other, good, bad)
    elif what == _ANSWER:
        learn_from_answer(scene, scene.request[0])
    elif what == _SILENCE:
        learn_from_silence(scene, scene.request[0])
    elif what == _ACT:
        act_together(scene, 0)
    elif what == _LEAK:
        scene.case[0].reviews = one
        record_leak(scene, 0)
        return float(scene.leak[scene.used[Growing.LEAK.value] - 1].traced)
    elif what == _QUARTER:
        trust_reviewed(scene, one)
    else:
        return 1.0 if is_phoned(scene.setting[0], scene.request[one]) else 0.0
    return 0.0


def look(world, trusting, trusted):
    """Trust of one state in another today."""
    return _drive(world, _LOOK, trusting, trusted, 0.0, 0.0)


def look_both(world, one, other):
    """Trust of `other` in `one`, and of `one` in `other`."""
    return tuple(_drive(world, _BOTH, one, other, first, 0.0) for first in (1.0, 0.0))


def look_head_start(world, trusting, trusted):
    """Days of head start of a file."""
    return _drive(world, _START, trusting, trusted, 0.0, 0.0)


def experience(world, trusting, trusted, good, bad):
    """Evidence today."""
    _drive(world, _REMEMBER, trusting, trusted, good, bad)


def hear_answer(world):
    """The requester hears how request 0 ended."""
    _drive(world, _ANSWER, 0, 0, 0.0, 0.0)


def lose_patience(world):
    """The requester of request 0 gives up."""
    _drive(world, _SILENCE, 0, 0, 0.0, 0.0)


def act_and_learn(world):
    """The action day of case 0 is over."""
    _drive(world, _ACT, 0, 0, 0.0, 0.0)


def leak_often(world, times):
    """Case 0 leaks again and again; returns how often it was traced."""
    return sum(_drive(world, _LEAK, review, 0, 0.0, 0.0) for review in range(times))


def quarters(world, state, number):
    """Quarterly reviews of a state, all today."""
    for _ in range(number):
        _drive(world, _QUARTER, state, 0, 0.0, 0.0)


def phoned(world, row):
    """Whether the deficient file of a request is completed by phone."""
    return _drive(world, _PHONE, row, 0, 0.0, 0.0) > 0.0
