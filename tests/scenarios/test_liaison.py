"""Tests of scenarios of liaison, in paired worlds (M12, M13, M20); see test_effects.py.

Three standard errors of sixteen pairs and more are an error rate of 0.5 % a one-sided assertion.
"""

from dataclasses import replace

import numpy as np
import pytest

from sim.policy.scenario import load
from sim.policy.timeline import Assignment, Step, Timeline
from sim.simulate import Simulation
from sim.world.records import MilestoneKind, NodeDiscovery
from sim.world.world import records
from tests.scenarios import paired
from tests.scenarios.paired import CERTAIN, FEW, REDUCED, SIXTEEN, compared, found, gains, t_value
from tests.tiny import legal_order

STRICT = 3.0


@pytest.mark.slow
def test_sooner_notices_arrest_no_more() -> None:
    """Faster notices do not lead to more arrests abroad.

    That notices matter at all is seen where INTERPOL has nobody to publish them (test_liaison_bodies.py of agents).
    """
    lived = found("interpol_plus", paired.MORE_SEEDS)
    assert abs(t_value(gains(lived, "arrests_by_notice_per_year"))) < STRICT
    assert np.mean([pair.without.outcomes["arrests_by_notice_per_year"] for pair in lived]) > 0.1


def waiting(least_ready: float) -> Timeline:
    """Timeline of coordinated action, with another required share of ready states."""

    def changed(assignment: Assignment) -> Assignment:
        return replace(assignment, value=least_ready) if assignment.lever == "action.least_ready" else assignment

    steps = paired.timeline_for("coordinated_action").steps
    return Timeline(tuple(replace(step, assignments=tuple(map(changed, step.assignments))) for step in steps))


@pytest.mark.slow
def test_a_strict_rule_to_wait_undoes_what_coordination_gains() -> None:
    """A strict rule on waiting for other states cancels the gain of coordination.

    Without the rule, coordination may take a few more groups down (+0.22 per 100 group-years of these worlds over 24
    seeds, t = 2.3: too little to be asserted here). If four in five states must be ready, fewer actions come about: the
    slowest state decides, and the group meanwhile moves or leaves by itself. So takedowns and synchronous actions fall
    below those of coordination alone (t = −5.5 and −8.5 over 24 seeds); arrests cannot be distinguished (t = 1.8).
    """
    free, strict = ([compared(seed, waiting(share), REDUCED) for seed in SIXTEEN] for share in (0.0, 0.8))
    for outcome in ("takedown_rate", "synchronous_actions_per_year"):
        change = gains(strict, outcome) - gains(free, outcome)
        assert t_value(change) < -STRICT, (outcome, change)


@pytest.mark.slow
def test_meetings_make_states_ready_a_little_sooner() -> None:
    """Coordination meetings make states ready only slightly sooner, as authority takes longer.

    Preparation begins when a state is asked, so that it ends later than authority more often than where it began
    before. Cases brought to Eurojust twice as often bring in more states, which need nobody else's authority: the
    median is a quarter shorter (145 of 585 days in 16 pairs, one standard error 12), and most of it is left.
    """
    pairs = found("joint_teams", SIXTEEN)
    change = gains(pairs, "readiness_days")
    reached = ~np.isnan(change)  # there is no median where less than half ever become ready
    assert reached.sum() >= len(pairs) // 2
    usual = np.mean([pair.without.outcomes["readiness_days"] for pair in np.array(pairs, object)[reached]])
    assert t_value(change[reached]) < -STRICT
    assert abs(change[reached].mean()) < 0.35 * usual


@pytest.mark.slow
def test_without_bodies_police_answers_and_returns_are_others() -> None:
    """Without liaison bodies, INTERPOL is as fast as other channels, and no draft is completed.

    Officers shorten the answers that INTERPOL delays, so that less than half a day is left of the difference.
    """
    nothing = Timeline((Step(paired.START),))
    with_, without = (
        [compared(seed, nothing, REDUCED, {"mechanism.with_liaison_desks": switch}).without for seed in range(4)]
        for switch in (1.0, 0.0)
    )
    for outcome, sign, least in (("police_median", 1, 0.25), ("returned_share", -1, 0.02)):
        change = [sign * (a.outcomes[outcome] - b.outcomes[outcome]) for a, b in zip(with_, without, strict=True)]
        # All of one sign by chance one time in sixteen, and by far more than noise.
        assert min(change) > 0 and np.mean(change) > least, outcome
    assert all(one.outcomes["returns_avoided_per_year"] == 0 for one in without)
    assert all(one.outcomes["hub_backlog"] == 0 for one in without)


def test_an_exchange_moves_the_trust_map_where_officers_were_sent() -> None:
    """An exchange programme raises trust between its states, over ten times as much as elsewhere."""
    states = np.array(legal_order().states)
    change = load("exchange_programme").changes[0]
    one, other = (set(selection.words) for selection in (change.pairs.requesting, change.pairs.requested))
    inside, outside = [], []
    for pair in found("exchange_programme", FEW):
        before, after = (_map(arm.breakdowns["trust_by_pair"]) for arm in (pair.without, pair.policy))
        for i, j in before.keys() & after.keys():
            sent = {states[i], states[j]} & one and {states[i], states[j]} & other
            (inside if sent else outside).append(after[i, j] - before[i, j])
    assert np.mean(inside) > 0.03
    assert np.mean(inside) > 10 * abs(np.mean(outside))


def _map(table: dict[str, np.ndarray]) -> dict[tuple[int, int], float]:
    """Trust by ordered pair of states."""
    return dict(
        zip(zip(table["trusting"].tolist(), table["trusted"].tolist(), strict=True), table["trust"], strict=True)
    )


def test_what_an_exchange_spares_is_small_beside_what_it_moves() -> None:
    """An exchange programme hardly lowers returns of deficient requests, since few are completed by phone.

    The share completed by phone rises by less than two points, so the time that requests take hardly moves.
    """
    gain = gains(found("exchange_programme", FEW), "returns_avoided_share").mean()
    assert -0.005 < gain < 0.02
    assert abs(gains(found("exchange_programme", FEW), "mla_executed_within_12_months").mean()) < 0.02


@pytest.mark.slow
def test_police_first_finds_servers_that_formal_evidence_would_find_later() -> None:
    """With police information first, police find more control nodes than formal evidence loses.

    Police asked about the last hop say where the control node is, months before the evidence does. In the default
    world (16 pairs) takedowns rise by a fifth (0.63 to 0.75 a hundred group-years, t = 3.5), and not at all (t = −0.3)
    once answers of police show no node; drafts narrowed by leads, early preservation and answers that suffice by
    themselves change nothing of it.
    """
    by_police, proved = [], []
    for seed in SIXTEEN:
        before, policy = paired.past(seed), paired.timeline_for("police_first", seed=seed)
        without, with_police = (_nodes_found(before.fork(timeline)) for timeline in (Timeline(), policy))
        by_police.append(with_police[NodeDiscovery.POLICE] - without[NodeDiscovery.POLICE])
        proved.append(with_police[NodeDiscovery.CHAIN] - without[NodeDiscovery.CHAIN])
    assert t_value(np.array(by_police, float)) > CERTAIN[SIXTEEN]
    assert t_value(np.array(proved, float)) < -CERTAIN[SIXTEEN]
    assert np.sum(by_police) > -np.sum(proved)


def _nodes_found(arm: Simulation) -> np.ndarray:
    """Number of control nodes found in a scenario run, by each NodeDiscovery."""
    arm.advance(arm.end)
    milestone = records(arm.world, "milestone")
    return np.bincount(milestone["reason"][milestone["kind"] == MilestoneKind.NODE_FOUND], minlength=len(NodeDiscovery))


@pytest.mark.slow
def test_preservation_saves_little_of_what_is_lost() -> None:
    """Preservation saves less than a tenth of lost evidence, as most is deleted before it is located (M10)."""
    lived = found("fast_preservation", paired.MORE_SEEDS)
    lost = np.mean([pair.without.outcomes["evidence_lost_share"] for pair in lived])
    saved = -gains(lived, "evidence_lost_share").mean()
    assert 0 < saved < 0.1 * lost
