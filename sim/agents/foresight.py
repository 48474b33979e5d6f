"""Which rows an event of the near future is about, so that they are at hand when it comes.

A matter of speed alone: nothing here changes a value. See engine/fetching.py.
"""

from sim.agents.events import Event
from sim.engine.clock import following_event, scouted_event
from sim.engine.compiling import rule
from sim.engine.fetching import fetch
from sim.world.world import World


@rule
def foresee(world: World) -> None:
    """Asks for the row that an event of the next page is about, and for those that the very next event goes on to."""
    scouted = scouted_event(world)
    if scouted >= 0:
        _foresee_subject(world, world.event[scouted].kind, world.event[scouted].entity)
    following = following_event(world)
    if following >= 0:
        _foresee_neighbours(world, world.event[following].kind, world.event[following].entity)


@rule
def _foresee_subject(world: World, kind: int, row: int) -> None:
    """Asks for the row that an event names."""
    if kind == Event.JOB_SERVED or kind == Event.FILE_IN_LINE:
        fetch(world.job, row)
    elif kind == Event.STAGE_ELAPSED or kind == Event.REQUEST_GIVEN_UP or kind == Event.REQUEST_ENDED:
        fetch(world.request, row)
    elif kind == Event.CHAIN_HOP:
        fetch(world.chain, row)
    elif kind == Event.CASE_REVIEW:
        fetch(world.case, row)


@rule
def _foresee_neighbours(world: World, kind: int, row: int) -> None:
    """Asks for rows that the row which an event names refers to."""
    if kind == Event.JOB_SERVED:
        fetch(world.request, world.job[row].request)
    elif kind == Event.CASE_REVIEW:
        fetch(world.chain, world.case[row].first_chain)
        fetch(world.partner, world.case[row].first_partner)
        fetch(world.recipient, world.case[row].first_recipient)
    elif kind == Event.CHAIN_HOP:
        chain = world.chain[row]
        fetch(world.case, chain.case)
        fetch(world.evidence, chain.evidence)
    elif kind == Event.STAGE_ELAPSED or kind == Event.REQUEST_ENDED:
        request = world.request[row]
        fetch(world.evidence, request.evidence)
        fetch(world.chain, request.chain)
