"""How scenarios of liaison act (M12, M13, M20), in paired worlds: see test_effects.py.

Three standard errors of sixteen pairs and more are an error rate of 0.5 % a one-sided assertion.
"""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from sim.law.order import legal_order
from sim.policy.scenario import load
from sim.policy.scenario_timeline import timeline_of
from sim.policy.timeline import Assignment, Step, Timeline
from tests.scenarios.paired import REDUCED, compared, found, gains, t_value

SEEDS = range(16)
MORE_SEEDS = range(48)
CERTAIN = 3.0


@pytest.mark.slow
def test_sooner_notices_arrest_no_more() -> None:
    """A finding: an arrest abroad comes years after a notice, so that a week more or less decides none of them.

    That notices matter at all is seen where INTERPOL has nobody to publish them (tests/agents/test_liaison_bodies.py).
    """
    lived = found("interpol_plus", MORE_SEEDS)
    assert abs(t_value(gains(lived, "arrests_by_notice_per_year"))) < CERTAIN
    assert np.mean([pair.without.outcomes["arrests_by_notice_per_year"] for pair in lived]) > 0.1


def timeline(scenario: str, least_ready: float) -> Timeline:
    """A scenario whose rule to wait asks for another share of states."""
    start, end = date.fromisoformat(REDUCED.policy_start), date.fromisoformat(REDUCED.end)

    def changed(assignment: Assignment) -> Assignment:
        return replace(assignment, value=least_ready) if assignment.lever == "action.least_ready" else assignment

    steps = timeline_of(load(scenario), legal_order(), start, end).steps
    return Timeline(tuple(replace(step, assignments=tuple(map(changed, step.assignments))) for step in steps))


@pytest.mark.slow
def test_a_strict_rule_to_wait_undoes_what_coordination_gains() -> None:
    """A finding against intuition, traced: units weigh waiting already, and a rule takes that choice from them.

    Without the rule, coordination may take a few more groups down (+0.22 per 100 group-years of these worlds over 24
    seeds, t = 2.3: too little to be asserted here). If four in five states must be ready, fewer actions come about: the
    slowest state decides, and the group meanwhile moves or leaves by itself. So takedowns and synchronous actions fall
    below those of coordination alone (t = −5.5 and −8.5 over 24 seeds); arrests cannot be distinguished (t = 1.8).
    """
    free, strict = (
        [compared(seed, timeline("coordinated_action", share), REDUCED) for seed in SEEDS] for share in (0.0, 0.8)
    )
    for outcome in ("takedown_rate", "synchronous_actions_per_year"):
        change = gains(strict, outcome) - gains(free, outcome)
        assert t_value(change) < -CERTAIN, (outcome, change)


@pytest.mark.slow
def test_meetings_make_states_ready_a_little_sooner() -> None:
    """A state is ready once it has prepared and has its authority, and authority takes longer.

    Preparation begins when a state is asked, so that it ends later than authority more often than where it began
    before: cases brought to Eurojust twice as often shorten the median, by less than a fifth.
    """
    pairs = found("joint_teams", SEEDS)
    change = gains(pairs, "readiness_days")
    reached = ~np.isnan(change)  # there is no median where less than half ever become ready
    assert reached.sum() >= len(pairs) // 2
    usual = np.mean([pair.without.outcomes["readiness_days"] for pair in np.array(pairs, object)[reached]])
    assert t_value(change[reached]) < -CERTAIN
    assert abs(change[reached].mean()) < 0.2 * usual


@pytest.mark.slow
def test_without_bodies_police_answers_and_returns_are_others() -> None:
    """The switch: left out, messages through INTERPOL are as quick as any, and nobody completes a draft.

    Officers shorten the answers that INTERPOL delays, so that less than half a day is left of the difference.
    """
    nothing = Timeline((Step(date.fromisoformat(REDUCED.policy_start)),))
    with_, without = (
        [compared(seed, nothing, REDUCED, {"mechanism.with_liaison_desks": switch}).without for seed in range(4)]
        for switch in (1.0, 0.0)
    )
    for outcome, low in (("police_median", 0.25), ("returned_share", None)):
        change = np.array([a.outcomes[outcome] - b.outcomes[outcome] for a, b in zip(with_, without, strict=True)])
        if low is None:
            assert (change < 0).all(), outcome  # by chance one time in sixteen, and by far more than noise
            assert change.mean() < -0.02
        else:
            assert (change > 0).all() and change.mean() > low, outcome
    assert all(one.outcomes["returns_avoided_per_year"] == 0 for one in without)
    assert all(one.outcomes["hub_backlog"] == 0 for one in without)
