"""Expected attacks of DDoS groups on victims by state and month, in worlds of 2000 to 2008.

Attacks are not drawn: they are what groups of this kind do in a month, spread over states by the model's own choice of
victims (M15, M16). Reports would not do, since a state that already investigates a group files no second case on it, so
that fewer rows would stand where more is enforced.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import numpy as np

from docs.programs.panel import months
from sim.agents.criminals import DDOS_FOR_HIRE
from sim.agents.place import acceptance
from sim.engine.compiling import kernel
from sim.engine.tables import as_table
from sim.law.days import to_day
from sim.law.order import LegalOrder, legal_order
from sim.measures.arrays import Floats
from sim.policy.timeline import Timeline
from sim.simulate import start
from sim.world.growth import DONE, with_room
from sim.world.parameters import Parameters, WorldSpec
from sim.world.records import Concern, GroupStatus, Growing
from sim.world.world import World
from sim.world.world_pointer import attach

#: First and last day of the panel, as in the paper.
FIRST, LAST = date(2004, 1, 1), date(2008, 12, 31)
#: First day of the world: the law of earlier days is not in the data.
START = date(2000, 1, 1)
_NOWHERE = -1


@dataclass(frozen=True)
class AttackTask:
    """One world.

    Attributes:
        seed: run seed.
        learning: whether groups learn from what befalls them and others.
        convention: whether the Convention on Cybercrime binds anybody.
        groups, states: as in WorldSpec.
    """

    seed: int
    learning: bool
    convention: bool
    groups: int = 300
    states: tuple[str, ...] = ()


@kernel
def attacks_today(world: World, kind: int, attacks: Floats) -> int:
    """Adds the attacks of a day by groups of a kind to each state, in those of a mean group; float64 [state].

    Groups that are not domestic share one distribution: what they have heard of a state does not differ within a kind.
    """
    attached, found = attach(world), as_table(attacks)
    setting, abroad, some = attached.setting[0], 0.0, _NOWHERE
    for row in range(attached.used[Growing.GROUP]):
        group = attached.group[row]
        if group.kind == kind and group.status == GroupStatus.ACTIVE:
            rate = group.users * group.capability
            if group.domestic == 1:
                found[group.home] += rate
            else:
                abroad += rate
                some = row
    if some < 0:
        return DONE
    total, before, states = 0.0, 0.0, len(attached.state)
    weights = np.zeros(states)
    for state in range(states):
        weights[state] = attached.place_victims[state] - before
        before = attached.place_victims[state]
        if setting.with_learning > 0.0:
            weights[state] *= acceptance(attached, Concern.VICTIMS.value, some, state, _NOWHERE)
        total += weights[state]
    for state in range(states):
        found[state] += abroad * weights[state] / total
    return DONE


def run_attacks(task: AttackTask) -> Floats:
    """Expected attacks by state and month, float64 [state, month], at the end of each month."""
    spec = WorldSpec(
        groups=task.groups,
        start=START.isoformat(),
        policy_start=FIRST.isoformat(),
        end=LAST.isoformat(),
        follow_up_days=0,
        states=list(task.states),
    )
    parameters = Parameters()
    parameters.mechanism.with_learning = float(task.learning)
    law: LegalOrder = legal_order() if task.convention else _without_convention()
    run = start(spec, parameters, law, Timeline(), task.seed)
    when, found = months(FIRST, LAST), []
    for month in when:
        run.advance(to_day((month.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)))
        attacks = np.zeros(len(law.states))
        with_room(run.world, attacks_today, DDOS_FOR_HIRE, attacks)
        found.append(attacks)
    return np.array(found).T


@cache
def _without_convention() -> LegalOrder:
    return legal_order().without("budapest")
