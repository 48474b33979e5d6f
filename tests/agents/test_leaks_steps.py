"""Who learns of a case and who leaks, one decision at a time (M22)."""

import math

import numpy as np
import pytest

from sim.agents import leaks
from sim.agents.leaks import (
    exposure_at_most,
    exposure_of,
    inform,
    inform_by_request,
    inform_partner,
    is_excluded,
    is_secure,
    leak_hazard,
    leak_probability,
    leakiness,
    pass_on_recipients,
    recipient_exposure,
    record_leak,
)
from sim.law.days import YEAR
from sim.law.vocabulary import Channel
from sim.world.records import NONE, CaseStatus, Growing
from sim.world.world import World
from tests.agents.plain import answers, drawing, fresh, noting
from tests.agents.scene import AWAY, FOURTH, HOME, THIRD

pytestmark = pytest.mark.usefixtures("as_python")


@pytest.fixture
def secret() -> World:
    """Case 0 of HOME on group 0 of AWAY; each worse class of government leaks twice as much, a home three times."""
    world = fresh(8, leak_corrupt=8.0, leak_home=3.0, leak_request=0.4, leak_protected=0.25, with_leaks=1.0)
    world.state["tier"][[HOME, AWAY, THIRD, FOURTH]] = [1, 3, 0, 2]
    world.electronic[:] = 0
    return world


def recipients(world: World) -> list[tuple[int, int, int]]:
    """Those who know of any case: state, takes part, protected."""
    return [(row.state, row.takes_part, row.protected) for row in world.recipient[: world.used[Growing.RECIPIENT]]]


def test_exchange_is_secure_within_a_state_and_between_those_who_exchange_electronically(secret: World) -> None:
    secret.electronic[HOME, AWAY] = 1
    assert is_secure(secret, HOME, HOME) and is_secure(secret, HOME, AWAY) and not is_secure(secret, AWAY, HOME)


def test_each_state_knows_once_and_the_leading_state_is_none_of_them(secret: World) -> None:
    """Later news can only expose more: it takes part once it did, and is protected only while all was."""
    inform(secret, 0, HOME, 2, True, False)
    inform(secret, 0, AWAY, 2, False, True)
    inform(secret, 0, THIRD, 2, True, True)
    assert recipients(secret) == [(AWAY, 0, 1), (THIRD, 1, 1)]
    inform(secret, 0, AWAY, 2, True, False)
    inform(secret, 0, THIRD, 2, False, True)
    assert recipients(secret) == [(AWAY, 1, 0), (THIRD, 1, 1)]
    assert secret.case["recipients"][0] == 2


def test_after_a_merger_the_leading_case_is_exposed_to_all_who_knew(secret: World) -> None:
    inform(secret, 1, AWAY, 2, True, False)
    inform(secret, 1, THIRD, 3, False, True)
    secret.case["status"][1], secret.case["merged_into"][1] = CaseStatus.MERGED, 0
    pass_on_recipients(secret, 1, 0)
    assert sorted(recipients(secret)[2:]) == [(AWAY, 1, 0), (THIRD, 0, 1)]
    assert secret.case["recipients"][0] == 2


@pytest.mark.parametrize(
    ("channel", "case", "informed_of"),
    [
        (Channel.MLAT, 0, True),
        (Channel.POLICE, 0, True),
        (Channel.DOMESTIC, 0, False),
        (Channel.PROVIDER_BINDING, 0, False),
        (Channel.PROVIDER_VOLUNTARY, 0, False),
        (Channel.MLAT, NONE, False),
    ],
)
@pytest.mark.parametrize(("by_request", "by_pair"), [(0, 0), (1, 0), (0, 1)])
def test_a_state_learns_from_requests_to_its_authorities(
    secret: World,
    as_python: pytest.MonkeyPatch,
    channel: Channel,
    case: int,
    by_request: int,
    by_pair: int,
    *,
    informed_of: bool,
) -> None:
    """Not from one to a provider, nor from one without a case; either way of secure transmission protects it."""
    secret.electronic[HOME, AWAY] = by_pair
    request = secret.request[0]
    request.channel, request.case, request.requesting, request.requested = channel, case, HOME, AWAY
    request.electronic = by_request
    informed = noting(as_python, leaks, "inform")
    inform_by_request(secret, request)
    assert informed == [("inform", 0, AWAY, channel, False, by_request + by_pair > 0)] * informed_of
    informed.clear()
    inform_partner(secret, 0, AWAY)
    assert informed == [("inform", 0, AWAY, Channel.JOINT_TEAM, True, by_pair == 1)]


def test_bad_government_and_nearness_to_the_group_multiply_leaks(secret: World) -> None:
    """Two classes worse leak four times as much; the group's home another three times."""
    setting = secret.setting[0]
    assert [leakiness(setting, tier, False) for tier in (0, 1, 2)] == pytest.approx([1.0, 2.0, 4.0])
    assert leakiness(setting, 2, True) == pytest.approx(12.0)


@pytest.mark.parametrize(
    ("state", "takes_part", "protected", "exposure"),
    [(FOURTH, 1, 0, 4.0), (FOURTH, 0, 0, 1.6), (FOURTH, 1, 1, 1.0), (AWAY, 0, 1, 8.0 * 3.0 * 0.4 * 0.25)],
)
def test_one_who_was_only_asked_or_only_by_secure_channels_leaks_less(
    secret: World, state: int, takes_part: int, protected: int, exposure: float
) -> None:
    row = secret.recipient[0]
    row.state, row.takes_part, row.protected = state, takes_part, protected
    assert recipient_exposure(secret, row, AWAY) == pytest.approx(exposure)


def test_a_case_is_exposed_to_its_own_state_and_all_recipients(secret: World) -> None:
    """2 of its own state, 4 of one that takes part, 24 of the group's home; the bound takes all for the worst."""
    for state in (FOURTH, AWAY):
        inform(secret, 0, state, 2, True, False)
    assert exposure_of(secret, 0) == pytest.approx(2.0 + 4.0 + 24.0)
    secret.group["home"] = HOME
    assert exposure_of(secret, 0) == pytest.approx(6.0 + 4.0 + 8.0)
    assert exposure_at_most(secret, 0) == pytest.approx(8.0 * (2 + 3.0))


def test_a_leak_is_as_likely_as_exposure_and_time_make_it(secret: World) -> None:
    """A fiftieth a year, half of it with the switch at a half, for an exposure of 2 and a quarter of a year."""
    secret.setting["leak_per_year"], secret.setting["with_leaks"] = 0.02, 0.5
    secret.setting["review_interval_days"] = YEAR / 4.0
    assert leak_hazard(secret.setting[0], 2.0) == pytest.approx(0.005)
    assert leak_probability(secret, 0) == pytest.approx(1.0 - math.exp(-0.005))


@pytest.mark.parametrize(("drawn", "leaked"), [(0.09, True), (0.1, False), (0.15, False), (0.2, False), (0.3, False)])
@pytest.mark.parametrize("bound", [0.2, 0.1])
def test_a_case_leaks_when_the_draw_is_below_its_probability(
    secret: World, as_python: pytest.MonkeyPatch, drawn: float, bound: float, *, leaked: bool
) -> None:
    """The probability is 0.1; a draw at the bound of the hazard or above is none, without counting anybody."""
    drawing(as_python, leaks, "uniform", drawn)
    answers(as_python, leaks, leak_hazard=bound)
    counted = noting(as_python, leaks, leak_probability=0.1)
    recorded = noting(as_python, leaks, "record_leak")
    assert leaks.leaks(secret, 0) == leaked
    assert len(recorded) == leaked
    assert len(counted) == (drawn < bound)


@pytest.mark.parametrize(
    ("drawn", "source"),
    [
        (0.0, (HOME, 1, 1)),
        (0.18, (HOME, 1, 1)),
        (0.2, (AWAY, 0, 0)),
        (0.83, (AWAY, 0, 0)),
        (0.85, (FOURTH, 1, 1)),
        (0.94, (FOURTH, 1, 1)),
        (0.96, (THIRD, 0, 1)),
    ],
)
def test_each_who_knows_leaked_with_its_share_of_the_exposure(
    secret: World, as_python: pytest.MonkeyPatch, drawn: float, source: tuple[int, int, int]
) -> None:
    """Of 15: 2.9 lie with the leading state, 9.6 with AWAY, 1.6 with FOURTH, the rest with THIRD."""
    secret.setting["leak_per_year"] = 0.02
    parts = {AWAY: 9.6, FOURTH: 1.6, THIRD: 0.9}
    answers(
        as_python,
        leaks,
        leakiness=lambda _, _tier, is_home: 9.0 if is_home else 2.9,
        recipient_exposure=lambda _, recipient, _home: parts[int(recipient.state)],
        exposure_of=15.0,
    )
    blamed = noting(as_python, leaks, blame_leaker=True)
    drawing(as_python, leaks, "uniform", drawn)
    for state, takes_part, protected in ((THIRD, False, True), (FOURTH, True, True), (AWAY, False, False)):
        inform(secret, 0, state, 2, takes_part, protected)
    record_leak(secret, 0)
    leak = secret.leak[0]
    assert (leak.state, leak.takes_part, leak.protected) == source
    assert (leak.recipients, leak.traced) == (4, 1) and leak.exposure == pytest.approx(0.3)
    assert blamed == [("blame_leaker", 0, source[0])]


@pytest.mark.parametrize(
    ("changes", "excluded"),
    [
        ({}, True),
        ({"with_leaks": 0.0}, False),
        ({"channel": Channel.DOMESTIC}, False),
        ({"electronic": 1}, False),
        ({"requested": HOME}, False),
        ({"exclusion_unprotected": 0.3}, False),  # as much as is drawn
    ],
)
def test_evidence_that_travelled_unprotected_may_be_excluded(
    secret: World, as_python: pytest.MonkeyPatch, changes: dict[str, float], *, excluded: bool
) -> None:
    drawing(as_python, leaks, "uniform", 0.3)
    secret.setting["exclusion_unprotected"] = 0.31
    secret.request["requesting"], secret.request["requested"], secret.request["channel"] = HOME, AWAY, Channel.MLAT
    for name, value in changes.items():
        (secret.request if name in np.array(secret.request.dtype.names) else secret.setting)[name] = value
    assert is_excluded(secret, secret.request[0]) == excluded
