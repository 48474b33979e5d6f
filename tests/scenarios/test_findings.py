"""Qualitative findings that the mechanisms imply, tested in paired worlds and never imposed (M1, M10, M25).

Six seeds each. A difference counts when the paired mean is at least 3.4 standard errors from zero on its side, or 2.8
over sixteen seeds: an error rate of 1 % a one-sided assertion were there no effect.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import numpy as np
import numpy.typing as npt
import pytest

from sim.law.days import to_day
from sim.law.order import Cache, LegalOrder
from sim.policy.scenario import load
from sim.policy.scenario_timeline import timeline_of
from sim.policy.timeline import Assignment, Step, Timeline
from sim.simulate import Simulation, start
from sim.world.records import DeskKind
from tests.scenarios.paired import CERTAIN_OF_FEW, FEW, REDUCED, Pair, compared, gains, measured, t_value
from tests.tiny import begun, legal_order, parameters

MORE_SEEDS, CERTAIN = range(16), 2.8
START, END = date.fromisoformat(REDUCED.policy_start), date.fromisoformat(REDUCED.end)
#: States of the reduced world that are parties to the Budapest Convention, so that its offences bind on both sides.
PARTIES = ["DEU", "FRA", "USA", "NLD", "GBR", "ROU", "BRA", "NGA", "UKR"]


def test_more_harmonisation_buys_little_once_the_core_offences_are_covered() -> None:
    """Among parties, to make the core offences punishable everywhere changes hardly anything.

    The takedown rate, the median turnaround and requests executed stay within 2 % of what they were, in each world.
    """
    policy = timeline_of(load("harmonised_offences"), legal_order(), START, END)
    spec = replace(REDUCED, states=PARTIES)
    found = [compared(seed, policy, spec) for seed in FEW[:4]]
    for outcome in ("turnaround_median", "executed_per_year", "takedown_rate"):
        usual = np.array([pair.without.outcomes[outcome] for pair in found])
        assert (np.abs(gains(found, outcome)) <= 0.02 * usual).all(), outcome


def law_with_havens() -> LegalOrder:
    """The law, had no state outside the Budapest Convention made any cybercrime punishable."""
    law = legal_order()
    own, party = law.reading.own.copy(), law.reading.party.copy()
    own[:, ~np.isin(law.states, PARTIES)] = party[~np.isin(law.states, PARTIES)] = 0.0
    return replace(law, reading=replace(law.reading, own=own, party=party), _drawn=Cache(len(FEW)))


def test_harmonisation_matters_where_they_are_not_covered() -> None:
    """The same policy in a world with havens: help with deeds that are no offence there becomes rare.

    In the world as it is, statutes outside the Convention cover nearly all conduct, and little is left to move.
    """
    law, found = law_with_havens(), []
    policy = timeline_of(load("harmonised_offences"), law, START, END)
    for seed in FEW[:4]:
        past = start(REDUCED, parameters(), law, Timeline(), seed)
        past.advance(to_day(START))
        arm = past.fork(policy)
        found.append(Pair(measured(past.fork(Timeline()), REDUCED), measured(arm, REDUCED)))
    for outcome in ("without_criminality_per_year", "refused_dual_criminality_share"):
        usual = np.mean([pair.without.outcomes[outcome] for pair in found])
        assert gains(found, outcome).mean() < -0.5 * usual, outcome


#: Ways through central authorities twice as quick: half of every wait for others, twice the people at every desk.
HALVED = Timeline(
    (
        Step(
            START,
            assignments=(
                Assignment("central_authority.staff", 2.0),
                Assignment("court.staff", 2.0),
                Assignment("transmission.electronic_share", 1.0),
                Assignment("request.template", 1.0),
            ),
        ),
    )
)


def completed(changes: Mapping[str, float]) -> tuple[npt.NDArray[np.float64], float]:
    """What faster assistance adds to usable evidence within a year of need, by seed; the median relative to before."""
    found: list[Pair] = [compared(seed, HALVED, REDUCED, changes) for seed in MORE_SEEDS]
    median = float(np.mean([pair.without.outcomes["turnaround_median"] for pair in found]))
    quicker = 1.0 + float(gains(found, "turnaround_median").mean()) / median
    return gains(found, "usable_within_12_months"), quicker


@pytest.mark.slow
def test_speed_saves_little_evidence_where_three_hops_meet_short_retention() -> None:
    """A threshold, not a slope: where data are gone after ten days, an answer in half the time still comes too late.

    With usual retention the same reform brings three times as much. The law of some states makes custodians keep for a
    year what others have deleted, and subscriber data are kept for a month at least: so it still brings something. The
    share of settled items would not show it, since faster assistance is asked for more.
    """
    usual = {"evidence.extra_hops": 2.5}
    days = {"subscriber": 30.0, "traffic": 10.0, "content": 10.0}
    short = {**usual, **{f"evidence.{kind}_retention_days": kept for kind, kept in days.items()}}
    with_short, quicker_short = completed(short)
    with_usual, quicker_usual = completed(usual)
    assert max(quicker_short, quicker_usual) < 0.8
    assert t_value(with_usual) > CERTAIN
    assert t_value(with_usual - with_short) > CERTAIN
    assert with_short.mean() < 0.5 * with_usual.mean()


def volume(simulation: Simulation) -> float:
    """Hours of other work that come to incoming desks in a day, mean over the years since the policy's start."""
    found = []
    for year in range(START.year + 1, END.year + 1):
        simulation.advance(to_day(date(year, 1, 1)))
        desk = simulation.world.desk
        found.append(desk["offered"][desk["kind"] == DeskKind.INCOMING].sum())
    return float(np.mean(found))


def added(changes: Mapping[str, float]) -> npt.NDArray[np.float64]:
    """What faster assistance adds to that volume, by seed, as a share."""
    policy, found = timeline_of(load("faster_mlat"), legal_order(), START, END), []
    for seed in FEW:
        past = begun(seed, REDUCED, changes)
        past.advance(to_day(START))
        arm = past.fork(policy)
        before, after = volume(past.fork(Timeline())), volume(arm)
        found.append(after / before - 1.0)
    return np.array(found)


@pytest.mark.slow
def test_a_reform_of_speed_raises_volume() -> None:
    """Other work comes to desks of which one waits less (M25): a quarter more of it, and nothing without the rebound.

    Supplementary requests in modelled cases rise too, but too little to be distinguished from noise in a dozen states.
    """
    with_rebound, without = added({}), added({"mechanism.with_rebound": 0.0})
    assert t_value(with_rebound) > CERTAIN_OF_FEW
    assert with_rebound.mean() > 0.1
    assert (without == 0.0).all()  # it comes as it would have come
