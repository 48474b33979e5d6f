"""What else a policymaker could have done with the same measures and money."""

from dataclasses import replace
from datetime import date

import pytest

from sim.law.order import LegalOrder
from sim.policy.alternatives import alternatives
from sim.policy.problem import InputError
from sim.policy.scenario import Scenario, load
from sim.policy.schema import Decides

START, END = date(2027, 1, 1), date(2036, 12, 31)


@pytest.fixture(scope="module")
def judged() -> Scenario:
    return load("monitor_and_update")


def test_the_arms_differ_in_nothing_but_how_they_decide(judged: Scenario, law: LegalOrder) -> None:
    arms = alternatives(judged, law, START, END)
    assert arms[0] is judged
    assert [arm.monitor.decides for arm in arms[1:3]] == [Decides.OPEN_LOOP, Decides.AT_RANDOM]
    assert len({arm.key for arm in arms}) == len({arm.title for arm in arms}) == len(arms)
    for arm in arms:
        assert replace(arm, key=judged.key, title=judged.title, monitor=judged.monitor) == judged
        assert arm.monitor.budget == judged.monitor.budget
        assert arm.monitor.measures == judged.monitor.measures


def test_a_scenario_without_a_policymaker_is_refused(law: LegalOrder) -> None:
    with pytest.raises(InputError, match="no policymaker who reviews"):
        alternatives(load("faster_mlat"), law, START, END)


def test_a_budget_that_buys_nothing_is_refused(judged: Scenario, law: LegalOrder) -> None:
    poor = replace(judged, monitor=replace(judged.monitor, budget=1.0))
    with pytest.raises(InputError, match="covers none of the measures"):
        alternatives(poor, law, START, END)
