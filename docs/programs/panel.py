"""A panel of DDoS attacks by state and month, 2000 to 2008, and the regression of Hui, Kim and Wang (2017).

Attacks are not drawn: they are what groups of this kind do in a month, spread over states by the model's own choice of
victims (M15, M16). Reports would not do, since a state that already investigates a group files no second case on it, so
that fewer rows would stand where more is enforced.

The regression: ln(attacks) of a state and month on whether the Convention on Cybercrime is in force there, apart for
states with a reservation or declaration on cooperation, with fixed effects of states and months and standard errors
clustered by state. The panel is balanced: taking out means of states and months is the same as a dummy for each.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sim.agents.criminals import DDOS_FOR_HIRE
from sim.agents.place import acceptance
from sim.calibration.ensemble import sets_of_today
from sim.data.load import read_table
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

Flags = npt.NDArray[np.bool_]
#: Articles on jurisdiction and on international cooperation, to which the paper's reservations refer.
COOPERATION = (22, 35)


class Treatment(NamedTuple):
    """Who enforces the Convention, bool [state, month], and who has a reservation on cooperation, bool [state]."""

    enforces: Flags
    reserved: Flags


class PanelEffect(NamedTuple):
    """Change of attacks as a share where it is enforced without and with a reservation, and standard errors of logs."""

    free: float
    free_error: float
    reserved: float
    reserved_error: float


def months(first: date, last: date) -> tuple[date, ...]:
    """First days of the months from one day to another."""
    return tuple(
        date(year, month, 1)
        for year in range(first.year, last.year + 1)
        for month in range(1, 13)
        if first <= date(year, month, 1) <= last
    )


def treatment(states: tuple[str, ...], when: tuple[date, ...]) -> Treatment:
    """Enforcement on the first day of each month, by the days of entry into force of ETS 185 (verified).

    Args:
        states: ISO codes in order.
        when: first days of months.
    """
    table = read_table("budapest_convention.csv")
    enforces = np.zeros((len(states), len(when)), np.bool_)
    for row in table.rows:
        since = table.day(row, "entry_into_force_date")
        if since is not None and row["iso3"] in states:
            enforces[states.index(row["iso3"])] = [since <= day for day in when]
    return Treatment(enforces, np.isin(states, sorted(_reserved())))


def _reserved() -> set[str]:
    """States with a reservation or declaration on cooperation that was not withdrawn."""
    found = set()
    for row in read_table("budapest_reservations.csv").rows:
        article = int((re.match(r"\d+", row["article"]) or ["0"])[0])
        if COOPERATION[0] <= article <= COOPERATION[1] and "withdrawn" not in row["kind"]:
            found.add(row["iso3"])
    return found


def within(values: Floats) -> Floats:
    """Values of a balanced panel less the means of their state and month, plus that of all, float64 [state, month]."""
    return values - values.mean(axis=1, keepdims=True) - values.mean(axis=0, keepdims=True) + values.mean()


def estimate(attacks: Floats, treated: Treatment) -> PanelEffect:
    """The regression.

    Args:
        attacks: expected attacks, above zero, float64 [state, month].
        treated: of the same states and months.

    Raises:
        ValueError: attacks are not above zero everywhere.
    """
    import statsmodels.api as sm

    if not (attacks > 0.0).all():
        raise ValueError("attacks must be above zero: leave out states without any")
    enforces, reserved = treated.enforces.astype(np.float64), treated.reserved[:, None]
    parts = [part for part in (enforces * ~reserved, enforces * reserved) if part.any()]
    places = [index for index, part in enumerate((enforces * ~reserved, enforces * reserved)) if part.any()]
    design = np.column_stack([within(part).ravel() for part in parts])
    groups = np.repeat(np.arange(len(attacks)), attacks.shape[1])
    fit = sm.OLS(within(np.log(attacks)).ravel(), design).fit(cov_type="cluster", cov_kwds={"groups": groups})
    found, errors = np.full(2, np.nan), np.full(2, np.nan)
    found[places], errors[places] = fit.params, fit.bse
    return PanelEffect(float(np.expm1(found[0])), float(errors[0]), float(np.expm1(found[1])), float(errors[1]))


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
    parameters = sets_of_today(1).parameters(Parameters(), task.seed)
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
