"""Freezes of money, arrests of clients, and cases that join an action day, one decision at a time (M13, M14, M17)."""

import math

import numpy as np
import pytest

from sim.agents import assets, sweeps, waves
from sim.agents.assets import (
    assets_decided,
    freeze_assets,
    freezing_probability,
    has_freezing_basis,
    held_in_time,
    hold_reported,
    trace_assets,
    trace_at_review,
)
from sim.agents.events import Event
from sim.agents.sweeps import (
    client_arrest_probability,
    clients_reported,
    clients_sought,
    expect_client_arrests,
    share_at,
    share_of_clients,
)
from sim.agents.waves import joins, states_shared, states_struck
from sim.law.days import YEAR
from sim.law.vocabulary import Channel
from sim.world.records import NONE, CaseStatus, Concern, FrozenBy, GroupStatus, Growing
from sim.world.world import World
from tests.agents import scene
from tests.agents.plain import answers, drawing, first_numbers, fresh, noting, usual
from tests.agents.scene import AWAY, HOME, THIRD

pytestmark = pytest.mark.usefixtures("as_python")
KIND = 3
HOLD_DAYS = 3.0  # within which money leaves an account
FREEZING = (Channel.MLAT, Channel.BUDAPEST, Channel.UN_CONVENTION, Channel.JUDICIAL_DIRECT)


@pytest.fixture
def money() -> World:
    """Group 0 of a kind of its own, with something in reach; case 0 of HOME."""
    world = fresh(8, with_trust=0.0)
    world.group["kind"], world.group["reserve"], world.group["reserve_day"] = KIND, 9.0, world.now[0]
    world.used[Growing.FREEZE] = 0
    return world


# Freezes.


@pytest.mark.parametrize(("most", "in_reach", "frozen"), [(4.0, 9.0, 4.0), (12.0, 9.0, 9.0), (4.0, 0.0, 0.0)])
def test_a_freeze_takes_what_is_in_reach_up_to_its_amount(
    money: World, as_python: pytest.MonkeyPatch, most: float, in_reach: float, frozen: float
) -> None:
    """A court decides on it after its days; nothing is frozen where nothing is."""
    drawing(as_python, assets, "lognormal", usual)
    noting(as_python, assets, "settle_reserve")
    money.setting["assets_decision_days"], money.group["reserve"] = 700.0, in_reach
    assert freeze_assets(money, 0, 0, 5, FrozenBy.CASE, AWAY, most) == (frozen > 0.0)
    assert money.group["reserve"][0] == in_reach - frozen
    assert scene.waits(money, Event.ASSETS_DECIDED) == pytest.approx([700.0] * (frozen > 0.0))
    if frozen:
        drawing(as_python, assets, "chance", False)
        assets_decided(money, 0)
        assert (money.freeze["frozen"][0], money.freeze["confiscated"][0]) == (frozen, 0.0)
        drawing(as_python, assets, "chance", True)
        assets_decided(money, 0)
        assert money.freeze["confiscated"][0] == frozen


def test_money_abroad_is_held_by_what_police_pass_on_before_it_moves(
    money: World, as_python: pytest.MonkeyPatch
) -> None:
    """An answer after six days finds exp(−2) of it, less the quarter that is declined; at home nothing is lost."""
    drawing(as_python, assets, "lognormal", usual)
    money.setting["refusal_scale"] = 0.5
    answers(as_python, assets, police_decline_probability=0.5)
    answers(as_python, assets, police_answer=(6.0, 1.0))
    deed = 1
    assert held_in_time(money, HOME, HOME, deed, 5) == 1.0
    assert held_in_time(money, HOME, AWAY, deed, 5) == 0.0
    scene.open_channel(money, Channel.POLICE, AWAY)
    answers(as_python, assets, is_open=True)
    assert held_in_time(money, HOME, AWAY, deed, 5) == pytest.approx(0.75 * math.exp(-6.0 / HOLD_DAYS))
    money.setting["instant_stages"] = 1.0
    assert held_in_time(money, HOME, AWAY, deed, 5) == pytest.approx(0.75 * math.exp(-1.0 / HOLD_DAYS))


def test_a_report_stands_for_its_share_of_a_year_s_losses(money: World, as_python: pytest.MonkeyPatch) -> None:
    """Of 1.6 a day, reported five times a year, the share 0.2 × 0.5 × 0.7 is held."""
    answers(as_python, assets, money_state=AWAY)
    answers(as_python, assets, held_in_time=0.7)
    done = noting(as_python, assets, "freeze_assets")
    money.group["income"], money.setting["reports_per_year"], money.setting["assets_reported"] = 1.6, 5.0, 0.2
    money.implementation[AWAY] = 0.5
    hold_reported(money, 0, HOME, 3)
    (_, group, case, _, by, state, most) = done[0]
    assert (group, case, by, state) == (0, NONE, FrozenBy.REPORT, AWAY)
    assert most == pytest.approx(1.6 * YEAR / 5.0 * 0.2 * 0.5 * 0.7)


@pytest.mark.parametrize("channel", [None, Channel.POLICE, *FREEZING])
def test_any_treaty_on_searches_lets_a_state_freeze(
    money: World, as_python: pytest.MonkeyPatch, channel: Channel | None
) -> None:
    """Within a state none is needed."""
    answers(as_python, assets, is_open=lambda _, _one, _other, asked, *_rest: asked == channel)
    assert has_freezing_basis(money, HOME, AWAY, 1) == (channel in FREEZING)
    assert has_freezing_basis(money, HOME, HOME, 1)


@pytest.mark.parametrize(
    ("scale", "likely", "basis", "chance"),
    [(1.0, True, True, 0.8 * 0.5 * 0.6), (1.0, False, True, 0.0), (0.0, False, True, 0.8), (1.0, True, False, 0.0)],
)
def test_a_court_freezes_on_the_proof_of_the_day(
    money: World, as_python: pytest.MonkeyPatch, scale: float, chance: float, *, likely: bool, basis: bool
) -> None:
    """Four in five answer, law in action is a half; the court sees log-odds of −0.5 + 1.7, and grants six in ten."""
    strength: list[float] = []
    answers(as_python, assets, has_freezing_basis=basis)
    answers(as_python, assets, silence_towards=0.2)
    answers(as_python, assets, is_likely=likely)
    answers(as_python, assets, response_to_standard=lambda _, _standard, shown: strength.append(shown) or 0.6)
    money.setting["refusal_scale"], money.setting["search_strength"], money.case["proof"][0] = scale, -0.5, 1.7
    money.implementation[AWAY] = 0.5
    assert freezing_probability(money, 0, AWAY) == pytest.approx(chance)
    assert strength == pytest.approx([1.0 / (1.0 + math.exp(-1.2))] * (basis and scale > 0.0))


@pytest.mark.parametrize("traced", [True, False])
@pytest.mark.parametrize("granted", [True, False])
@pytest.mark.parametrize("found", [True, False])
def test_money_is_frozen_once_it_is_traced_granted_and_found(
    money: World, as_python: pytest.MonkeyPatch, *, traced: bool, granted: bool, found: bool
) -> None:
    """Three months at 0.8 a year; groups hear of a freeze where the money was."""
    drawn = drawing(as_python, assets, "chance", lambda one: granted if one.numbers[0] == 0.37 else traced)
    answers(as_python, assets, money_state=AWAY)
    answers(as_python, assets, freezing_probability=0.37)
    frozen = noting(as_python, assets, freeze_assets=found)
    news = noting(as_python, assets, "spread_news")
    money.setting["assets_traced"], money.setting["review_interval_days"] = 0.8, YEAR / 4.0
    trace_at_review(money, 0)
    assert first_numbers(drawn) == pytest.approx([1.0 - math.exp(-0.2)] + [0.37] * traced)
    assert len(frozen) == (traced and granted)
    assert news == [("spread_news", Concern.MONEY, KIND, AWAY, 1.0)] * (traced and granted and found)
    drawn.clear()
    trace_assets(money, 0, 2.0, FrozenBy.ACTION, 1)
    assert drawn[0].numbers[0] == pytest.approx(1.0 - math.exp(-1.6))


# Clients.


@pytest.fixture
def sweep(money: World) -> World:
    """An action day of case 0 on which two servers of group 0 were seized, three times the size of the mean."""
    money.group["users"], money.clients[KIND] = 3.0, 40.0
    money.action["seized"], money.action["day"] = 2, money.now[0]
    return money


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
    answers(as_python, sweeps, share_of_clients=lambda _, _group, state: shares.get(state, 0.0))
    answers(as_python, sweeps, client_arrest_probability=0.3)
    means: list[float] = []
    answers(as_python, sweeps, poisson=lambda *values: means.append(values[-1]) or int(values[-1] + 0.5))
    news = noting(as_python, sweeps, "spread_news")
    sweep.action["clients"], sweep.action["client_arrests"], sweep.setting["lesson_partial"] = 100.0, 2, 0.45
    clients_sought(sweep, 0)
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
    answers(as_python, sweeps, is_offence=True)
    answers(as_python, sweeps, opening_threshold=1.0)
    answers(as_python, sweeps, clients_reported=0.7)
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
    answers(as_python, sweeps, police_decline_probability=0.5)
    answers(as_python, sweeps, silence_towards=0.1)
    answers(as_python, sweeps, is_open=lambda _, _one, state, *_rest: state != 5)
    sweep.setting["refusal_scale"] = 0.5
    sweep.case["first_partner"][0], sweep.partner["next_partner"] = 0, NONE
    sweep.partner["state"], sweep.partner["ready_at"] = AWAY, ready_at
    sweep.action["disruption"] = disruption
    assert clients_reported(sweep, 0, AWAY) == pytest.approx(1.0 if knows else 0.675)
    assert clients_reported(sweep, 0, THIRD) == pytest.approx(0.675)
    assert clients_reported(sweep, 0, HOME) == 1.0
    assert clients_reported(sweep, 0, 5) == 0.0


# Operations on several groups.


def test_a_state_is_struck_when_ready_and_needed(money: World, as_python: pytest.MonkeyPatch) -> None:
    """Each partner counts by itself, the first row of the table too."""
    answers(as_python, waves, is_needed=lambda _, _case, state: state != THIRD)
    money.case["first_partner"][0], money.partner["next_partner"][:4] = 3, [NONE, 0, 1, 2]
    money.partner["state"][:4], money.partner["ready_at"][:4] = [AWAY, THIRD, HOME, 4], [9.0, 9.0, np.nan, 9.0]
    struck = states_struck(money, 0)
    assert np.flatnonzero(struck).tolist() == [AWAY, 4]
    assert states_shared(money, 0, struck) == 2


@pytest.mark.parametrize(
    ("status", "group", "lead", "goes"),
    [
        (CaseStatus.INVESTIGATING, GroupStatus.ACTIVE, HOME, True),
        (CaseStatus.MERGED, GroupStatus.ACTIVE, HOME, False),
        (CaseStatus.SOLVED, GroupStatus.ACTIVE, HOME, False),
        (CaseStatus.INVESTIGATING, GroupStatus.DOWN, HOME, False),
        (CaseStatus.INVESTIGATING, GroupStatus.ACTIVE, THIRD, False),
        (CaseStatus.INVESTIGATING, GroupStatus.ACTIVE, AWAY, False),
    ],
)
@pytest.mark.parametrize(("waiting", "worth"), [(13.0, True), (14.0, False), (15.0, False)])
def test_a_case_joins_when_acting_with_the_price_saved_beats_waiting(
    money: World,
    as_python: pytest.MonkeyPatch,
    status: CaseStatus,
    group: GroupStatus,
    lead: int,
    waiting: float,
    *,
    goes: bool,
    worth: bool,
) -> None:
    """Worth ten, and half the price of two for each of four shared states: as much as to wait is not enough."""
    answers(as_python, waves, states_shared=4)
    answers(as_python, waves, weigh=(10.0, 3.0, waiting, 30.0))
    money.setting["action_price"], money.case["status"][0], money.case["merged_into"][0] = 2.0, status, 1
    money.group["status"] = group
    struck = np.zeros(len(money.state), np.bool_)
    assert joins(money, 0, lead, struck) == (goes and worth)
    struck[HOME] = True  # its own state acts there already, and may follow any lead
    assert joins(money, 0, AWAY, struck) == (
        worth and status == CaseStatus.INVESTIGATING and group == GroupStatus.ACTIVE
    )
