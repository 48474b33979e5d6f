"""Makes the small world that most tests of rules share: one case against one group.

All states have the same law until a test changes it; no channel is open until one is opened.
"""

import numpy as np

from sim.agents.events import kinds
from sim.data.bodies import liaison_rows
from sim.engine.clock import empty_clock
from sim.law.arrays import LawArrays
from sim.law.vocabulary import Channel
from sim.world.parameters import complete
from sim.world.records import GROWING, NONE, Body, CaseStatus, Growing
from sim.world.world import World
from tests.tiny import begun

#: Places of states: the case's, another, a third and a fourth.
HOME, AWAY, THIRD, FOURTH = 0, 1, 2, 3
NOW = 1000.0  # day of a scene
YEAR, MONTH = 365.25, 30.4375  # days, written out as the code computes them
OPEN, DEADLINE = 0, 1  # rows of terms: one carries everything, the other has a deadline as well
_DAYS = 4000


def scene(rows: int, **settings: float) -> World:
    """Makes the small world, in which case 0 of state HOME investigates group 0 of state AWAY.

    Args:
        rows: room in each table.
        settings: changes, by the kernel's names.
    """
    world = begun().world
    world = world._replace(
        **{name: getattr(world, name).copy() for name in LawArrays._fields},
        **{name: np.zeros(rows, kind).view(np.recarray) for name, kind in GROWING.items()},
        **empty_clock(2 * rows + 64, _DAYS, len(kinds())),
    )
    for name, value in settings.items():
        world.setting[name] = value
    complete(world.setting)
    world.now[0] = NOW
    _make_law_equal(world)
    _add_case(world)
    return world


#: Police bodies up to some rank: who works through one may work through those below.
UP_TO = {body: tuple(range(body + 1)) for body in (Body.INTERPOL, Body.EUROPOL, Body.JCAT)}
ALL = (Body.INTERPOL, Body.EUROPOL, Body.JCAT, Body.EUROJUST)


def open_to_all(world: World, *bodies: int) -> None:
    """Gives the named liaison bodies, and no others, a legal basis between all states."""
    police = [body for body in bodies if liaison_rows()[body].compares]
    world.police_body[:] = max(police, key=lambda body: liaison_rows()[body].rank, default=NONE)
    world.bodies[:] = sum(1 << body for body in bodies)


def _make_law_equal(world: World) -> None:
    world.instrument[:] = -1
    world.opened[:] = -1e6
    world.offence[:] = 1
    world.penalty_years[:] = 5.0
    world.elements[:] = 0
    world.affinity[:] = 1.0
    world.implementation[:] = 1.0
    world.nationals_bar[:] = 0
    open_to_all(world)
    for row in (OPEN, DEADLINE):
        world.terms[row] = np.zeros((), world.terms.dtype)
        world.terms["carries"][row] = 0xFFFF
        world.terms["deadline_days"][row] = np.nan if row == OPEN else 60.0
        world.terms["preservation_days"][row] = np.nan


def _add_case(world: World) -> None:
    world.used[:] = 0
    world.used[[Growing.GROUP, Growing.CASE]] = 1
    world.group["home"] = AWAY
    world.group["first_case"] = 0
    world.case["state"] = HOME
    for name in ("next_case", "first_chain", "first_partner", "first_recipient", "merged_into"):
        world.case[name] = -1
    for name in ("closed", "team_formed", "prepared", "acted"):
        world.case[name] = np.nan
    world.case["status"] = CaseStatus.INVESTIGATING
    world.partner["next_partner"] = world.partner["request"] = world.request["officer"] = -1
    world.node["registry"] = world.case["first_sighting"] = -1
    world.member["known_by"] = world.member["held_in"] = -1


def know(world: World, node: int, *, in_sight: bool = True, link: float = 0.0) -> None:
    """Adds a control node to what the case knows: in sight, or known once and lost from sight."""
    row = world.used[Growing.SIGHTING]
    world.used[Growing.SIGHTING] += 1
    world.sighting["case"][row], world.sighting["node"][row] = 0, node
    world.sighting["in_sight"][row], world.sighting["link"][row] = int(in_sight), link
    world.sighting["next_sighting"][row] = world.case["first_sighting"][0]
    world.case["first_sighting"][0] = row
    world.case["known_nodes"][0] += int(in_sight)


def open_channel(world: World, channel: Channel, *states: int, terms: int = OPEN) -> None:
    """Opens a channel from the case's state to the given states."""
    world.instrument[HOME, list(states), channel] = terms
