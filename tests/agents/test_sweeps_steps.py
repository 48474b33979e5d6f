"""Arrests of clients whom seized servers name, one decision at a time (M17)."""

import numpy as np
import pytest

from sim.agents import sweeps
from sim.agents.events import Event
from sim.agents.sweeps import (
    client_arrest_probability,
    clients_reported,
    clients_sought,
    expect_client_arrests,
    share_at,
    share_of_clients,
)
from sim.world.records import NONE, Concern
from sim.world.world import World
from tests.agents import scene
from tests.agents.plain import answers, drawing, first_numbers, fresh, noting, usual
from tests.agents.scene import AWAY, HOME, THIRD

pytestmark = pytest.mark.usefixtures("as_python")

KIND = 3


@pytest.fixture
def sweep() -> World:
    """An action day of case 0 on which two servers of group 0 were seized, three times the size of the mean."""
    world = fresh(8, with_trust=0.0)
    world.group["kind"], world.group["users"], world.clients[KIND] = KIND, 3.0, 40.0
    world.action["seized"], world.action["day"] = 2, world.now[0]
    return world


@pytest.mark.parametrize(("seized", "encrypted", "named"), [(2, False, 120.0), (0, False, 0.0), (2, True, 0.0)])
def test_seized_servers_that_can_be_read_name_clients(
    sweep: World, as_python: pytest.MonkeyPatch, seized: int, named: float, *, encrypted: bool
) -> None:
    """Forty in a mean group; states prepare as for an action day."""
    drawing(as_python, sweeps, "chance", encrypted)
    drawing(as_python, sweeps, "lognormal", usual)
    sweep.action["seized"], sweep.setting["readiness_days"] = seized, 33.0
    expect_client_arrests(sweep, 0)
    assert sweep.action["clients"][0] == named
    assert scene.waits(sweep, Event.CLIENTS_SOUGHT) == pytest.approx([33.0] * (named > 0.0))


def test_states_arrest_their_share_of_clients_and_are_counted(sweep: World, as_python: pytest.MonkeyPatch) -> None:
    """Of 100 clients a tenth lives in AWAY and a fifth in THIRD; 0.3 of them could be arrested."""
    shares = {AWAY: 0.1, THIRD: 0.2}
    answers(
        as_python,
        sweeps,
        share_of_clients=lambda _, _group, state: shares.get(state, 0.0),
        client_arrest_probability=0.3,
    )
    drawn = drawing(as_python, sweeps, "poisson", lambda one: int(usual(one) + 0.5))
    news = noting(as_python, sweeps, "spread_news")
    sweep.action["clients"], sweep.action["client_arrests"], sweep.setting["lesson_partial"] = 100.0, 2, 0.45
    clients_sought(sweep, 0)
    means = first_numbers(drawn)
    assert means[:3] == pytest.approx([0.0, 3.0, 6.0]) and sum(means[3:]) == 0.0
    assert sweep.action["client_arrests"][0] == 2 + 9 and sweep.action["client_states"][0] == 2
    assert news == [("spread_news", Concern.PEOPLE, KIND, state, 0.45) for state in (AWAY, THIRD)]


def test_clients_live_with_users_where_they_are_customers_and_with_offenders_where_they_are_partners(
    sweep: World,
) -> None:
    """Shares are those of cumulative weights; clients of a domestic group are all at its home."""
    weights = np.array([2.0, 5.0, 8.0])
    assert [share_at(weights, state) for state in range(3)] == pytest.approx([0.25, 0.375, 0.375])
    states = len(sweep.state)
    sweep = sweep._replace(place_victims=np.arange(1.0, states + 1.0))
    sweep.place_home[KIND] = 1.0
    sweep.sells[KIND] = 1
    assert share_of_clients(sweep, 0, THIRD) == pytest.approx(1.0 / states)
    sweep.sells[KIND] = 0
    assert [share_of_clients(sweep, 0, state) for state in (HOME, THIRD)] == [1.0, 0.0]
    sweep.group["domestic"] = 1
    assert [share_of_clients(sweep, 0, state) for state in (HOME, AWAY)] == [0.0, 1.0]


def test_a_client_is_arrested_when_named_reported_an_offender_and_worth_it(
    sweep: World, as_python: pytest.MonkeyPatch
) -> None:
    """A threshold of one standard deviation leaves the share 0.158655 of reports."""
    answers(as_python, sweeps, is_offence=True, opening_threshold=1.0, clients_reported=0.7)
    sweep.setting["clients_identified"], sweep.setting["arrest"] = 0.4, 0.6
    assert client_arrest_probability(sweep, 0, AWAY) == pytest.approx(0.4 * 0.7 * 0.158655 * 0.6, rel=1e-5)
    answers(as_python, sweeps, is_offence=False)
    assert client_arrest_probability(sweep, 0, AWAY) == 0.0


@pytest.mark.parametrize(
    ("ready_at", "disruption", "knows"),
    [(999.0, 0, True), (1000.0, 0, True), (1001.0, 0, False), (np.nan, 0, False), (999.0, 1, False)],
)
def test_who_acted_on_the_day_takes_up_what_is_reported_and_others_by_trust(
    sweep: World, as_python: pytest.MonkeyPatch, ready_at: float, disruption: int, *, knows: bool
) -> None:
    """Three quarters are not declined, nine tenths not left unanswered; without a police channel nothing is known."""
    answers(
        as_python,
        sweeps,
        police_decline_probability=0.5,
        silence_towards=0.1,
        is_open=lambda _, _one, state, *_rest: state != 5,
    )
    sweep.setting["refusal_scale"] = 0.5
    sweep.case["first_partner"][0], sweep.partner["next_partner"] = 0, NONE
    sweep.partner["state"], sweep.partner["ready_at"] = AWAY, ready_at
    sweep.action["disruption"] = disruption
    assert clients_reported(sweep, 0, AWAY) == pytest.approx(1.0 if knows else 0.675)
    assert clients_reported(sweep, 0, THIRD) == pytest.approx(0.675)
    assert clients_reported(sweep, 0, HOME) == 1.0
    assert clients_reported(sweep, 0, 5) == 0.0
