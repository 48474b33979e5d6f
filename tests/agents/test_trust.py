"""Trust by hand: Beta evidence, lazy forgetting, contact officers who leave, and what each experience teaches (M19)."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.agents.request_at_desk import desk_of
from sim.agents.trust import is_overlong, remembered, trust_value
from sim.engine.compiling import in_python
from sim.law.vocabulary import Channel
from sim.world.records import REQUEST, Abuse, Growing, RequestStatus, Stage
from sim.world.world import World, records
from tests.agents import scene, trusting
from tests.agents.scene import AWAY, HOME, THIRD
from tests.tiny import begun, row_of_settings

SETTING = row_of_settings()[0]
KEPT = SETTING.trust_kept
YEAR = 365.25
STATES = 196


def calm(affinity: float = 0.5, **settings: float) -> World:
    """Case 0 of HOME, and contact officers who stay for ever."""
    world = scene.scene(64, **{"contact_leaves": 1e-9} | settings)
    world.affinity[:] = affinity
    world.bond["day"] = world.bond["contact_until"] = world.now[0]
    return world


def bond(world: World, one: int, other: int) -> tuple[float, float]:
    """Evidence (a, b) as it was left at the latest change."""
    row = world.bond[one * STATES + other]
    return float(row.good), float(row.bad)


def later(world: World, years: float) -> World:
    """Time goes by."""
    world.now[0] += years * YEAR
    return world


def test_beta_arithmetic_by_hand() -> None:
    """Prior 8 at affinity ½ is 4 for and 4 against: after 3 for and 1 against, 7 of 12."""
    value = in_python(trust_value)
    assert value(SETTING, 0.5, 0.0, 0.0) == 0.5
    assert value(SETTING, 0.5, 3.0, 1.0) == pytest.approx(7 / 12)
    assert value(SETTING, 1.0, 0.0, 8.0) == pytest.approx(0.5)
    world = calm()
    trusting.experience(world, HOME, AWAY, 3.0, 1.0)
    assert trusting.look(world, HOME, AWAY) == pytest.approx(7 / 12)
    assert trusting.look(world, AWAY, HOME) == 0.5  # trust is directed


@given(st.floats(0, 1), st.floats(0, 50), st.floats(0, 50), st.floats(0.01, 20))
def test_trust_rises_with_good_and_falls_with_bad(affinity: float, good: float, bad: float, more: float) -> None:
    value = in_python(trust_value)
    usual = value(SETTING, affinity, good, bad)
    assert 0.0 <= value(SETTING, affinity, good, bad + more) <= usual <= value(SETTING, affinity, good + more, bad)
    assert value(SETTING, affinity, good, bad + more) < value(SETTING, affinity, good + more, bad) <= 1.0


def test_evidence_is_forgotten_by_the_year_and_only_when_looked_at() -> None:
    world = calm()
    trusting.experience(world, HOME, AWAY, 4.0, 2.0)
    later(world, 2.0)
    left = KEPT**2
    assert trusting.look(world, HOME, AWAY) == pytest.approx((4 + 4 * left) / (8 + 6 * left))
    assert bond(world, HOME, AWAY) == (4.0, 2.0)  # looking brought nothing up to date
    trusting.experience(world, HOME, AWAY, 1.0, 0.0)
    assert bond(world, HOME, AWAY) == pytest.approx((4 * left + 1, 2 * left))
    assert trusting.look(later(world, 200.0), HOME, AWAY) == pytest.approx(0.5)  # forgotten, affinity is left


@given(st.lists(st.floats(0, 900), max_size=8))
def test_what_is_forgotten_does_not_depend_on_how_often_somebody_looks(days: list[float]) -> None:
    product = np.prod([in_python(remembered)(SETTING, span) for span in days])
    assert product == pytest.approx(in_python(remembered)(SETTING, sum(days)))


def changing(**settings: float) -> World:
    """A world of contact officers who come and go, with ten pieces of evidence for every pair."""
    world = calm(**{"trust_kept": 1.0, "contact_leaves": 0.5} | settings)
    world.bond["contact_until"] = world.now[0] + YEAR
    world.bond["contact"], world.bond["good"] = 1, 10.0
    return world


def test_who_leaves_takes_a_share_of_the_evidence_along() -> None:
    """Shares lie between .3 and .7, and are drawn for each pair and officer by itself."""
    world = later(changing(contact_leaves=1e-9), 1.0)
    left = []
    for one in range(20):
        for other in range(20, 40):
            trusting.look(world, one, other)
            left.append(bond(world, one, other)[0])
    gone = 1.0 - np.array(left) / 10.0
    assert SETTING.contact_takes_least <= gone.min() < 0.32 and 0.68 < gone.max() <= SETTING.contact_takes_most
    assert len(set(gone)) == 400
    assert gone.mean() == pytest.approx(0.5, abs=0.025)  # 4.3 standard errors of 400 uniform draws
    assert (world.bond["contact"].reshape(STATES, STATES)[:20, 20:40] == 2).all()


def test_looking_changes_nothing_however_often_officers_leave() -> None:
    """A departure counts from its own day: who looks every month sees what one sees who looks after six years."""
    often, once = (changing(trust_kept=KEPT) for _ in range(2))
    for _ in range(72):
        seen = trusting.look(later(often, 1 / 12), HOME, AWAY)
    once.now[0] = often.now[0]
    assert trusting.look(once, HOME, AWAY) == seen
    assert often.bond[HOME * STATES + AWAY] == once.bond[HOME * STATES + AWAY]
    assert often.bond["contact"][HOME * STATES + AWAY] > 1


def test_officers_stay_as_long_as_their_hazard_says_and_longer_by_policy() -> None:
    """Mean departures in ten years: 5 at a half a year, half of that where stays are doubled (900 pairs, 3 %)."""
    usual, longer = changing(), changing()
    longer.bond["contact_stay"] = 2.0
    for world in (later(usual, 10.0), later(longer, 10.0)):
        for one in range(30):
            for other in range(30, 60):
                trusting.look(world, one, other)
    counts = [world.bond["contact"].reshape(STATES, STATES)[:30, 30:60].mean() - 2.0 for world in (usual, longer)]
    assert counts == pytest.approx([0.5 * 9.0, 0.25 * 9.0], rel=0.06)  # the first left after a year in both


def asked(status: RequestStatus, channel: Channel = Channel.MLAT, days: float = 100.0, **fields: float) -> World:
    """HOME asked AWAY some days ago, and the request has come to this end."""
    world = calm()
    request = world.request[0]
    request.requesting, request.requested = HOME, AWAY
    request.channel, request.status = channel, status
    request.sent = world.now[0] - days
    request.deadline_days = np.nan
    for name, value in fields.items():
        setattr(request, name, value)
    return world


ANSWERS = [
    (RequestStatus.EXECUTED, Channel.MLAT, 100.0, {}, (1.0, 0.0)),
    (RequestStatus.EXECUTED, Channel.MLAT, 300.0, {}, (0.0, 0.5)),  # usage allows 240 days
    (RequestStatus.EXECUTED, Channel.MLAT, 300.0, {"deadline_days": 400.0}, (1.0, 0.0)),
    (RequestStatus.EXECUTED, Channel.JUDICIAL_DIRECT, 100.0, {"deadline_days": 90.0}, (0.0, 0.5)),
    (RequestStatus.EXECUTED, Channel.POLICE, 4.0, {}, (0.2, 0.0)),
    (RequestStatus.REFUSED, Channel.POLICE, 4.0, {}, (0.0, 0.2)),
    (RequestStatus.REFUSED, Channel.MLAT, 100.0, {}, (0.0, 0.0)),  # law is no breach of trust
    (RequestStatus.NO_DATA, Channel.MLAT, 100.0, {}, (0.0, 0.0)),
    (RequestStatus.WITHDRAWN, Channel.MLAT, 900.0, {}, (0.0, 0.0)),
    (RequestStatus.EXECUTED, Channel.PROVIDER_VOLUNTARY, 10.0, {}, (0.0, 0.0)),  # not a state's authorities
    (RequestStatus.EXECUTED, Channel.PROVIDER_BINDING, 10.0, {}, (0.0, 0.0)),
    (RequestStatus.EXECUTED, Channel.DOMESTIC, 10.0, {}, (0.0, 0.0)),
    (RequestStatus.EXECUTED, Channel.MLAT, 100.0, {"abusive": Abuse.OPEN}, (0.0, 0.0)),
]


@pytest.mark.parametrize(("status", "channel", "days", "fields", "evidence"), ANSWERS)
def test_what_an_answer_teaches(
    status: RequestStatus, channel: Channel, days: float, fields: dict[str, float], evidence: tuple[float, float]
) -> None:
    world = asked(status, channel, days, **fields)
    trusting.hear_answer(world)
    assert bond(world, HOME, AWAY) == evidence
    assert bond(world, AWAY, HOME) == (0.0, 0.0)


def test_fulfilled_requests_raise_trust_and_silence_lowers_it() -> None:
    world = asked(RequestStatus.EXECUTED)
    seen = [0.5]
    for _ in range(5):
        trusting.hear_answer(world)
        seen.append(trusting.look(world, HOME, AWAY))
    assert seen == sorted(seen) and seen[-1] == pytest.approx(9 / 13)
    world.request["status"][0], world.request["sent"][0] = RequestStatus.OPEN, world.now[0] - 900.0
    for _ in range(9):
        trusting.lose_patience(world)
    assert trusting.look(world, HOME, AWAY) == pytest.approx(9 / 22)


def test_nobody_calls_it_silence_before_the_usual_time_is_over() -> None:
    """Who gives up early learns nothing of the other side; whether it would ever have answered nobody knows."""
    for silent in (0, 1):
        early, late = (asked(RequestStatus.OPEN, days=days, silent=silent) for days in (100.0, 300.0))
        for world, evidence in ((early, (0.0, 0.0)), (late, (0.0, 1.0))):
            trusting.lose_patience(world)
            assert bond(world, HOME, AWAY) == evidence
    provider = asked(RequestStatus.OPEN, Channel.PROVIDER_VOLUNTARY, 900.0)
    trusting.lose_patience(provider)
    assert bond(provider, HOME, AWAY) == (0.0, 0.0)


def test_who_is_asked_is_not_blamed_for_the_time_in_which_the_sender_completes_its_file() -> None:
    days = SETTING.usual_days + 50.0
    completed = asked(RequestStatus.EXECUTED, days=days)
    completed.request["stage_days"][0, Stage.DEFICIENCY_RETURN - 1] = 60.0
    trusting.hear_answer(completed)
    assert bond(completed, HOME, AWAY) == (SETTING.trust_fulfilled, 0.0)
    completing = asked(RequestStatus.OPEN, days=900.0, stage=Stage.DEFICIENCY_RETURN)
    trusting.lose_patience(completing)
    assert bond(completing, HOME, AWAY) == (0.0, 0.0)


@given(st.floats(0, 2000), st.floats(1, 1000))
def test_overlong_is_what_the_instrument_or_else_usage_does_not_allow(days: float, deadline: float) -> None:
    rule, table = in_python(is_overlong), np.zeros(1, REQUEST).view(np.recarray)
    table["deadline_days"] = np.nan
    assert rule(SETTING, table[0], days) == (days > SETTING.usual_days)
    table["deadline_days"] = deadline
    assert rule(SETTING, table[0], days) == (days > deadline)


def test_those_that_were_ready_trust_each_other_after_an_action_day() -> None:
    """HOME leads; AWAY and THIRD were ready, a fourth was not; HOME's own part counts once."""
    world, fourth = calm(), 3
    states = (HOME, AWAY, THIRD, fourth)
    world.used[Growing.PARTNER] = len(states)
    world.partner["state"][:4], world.partner["next_partner"][:4] = states, (1, 2, 3, -1)
    world.partner["ready_at"][:4] = (900.0, 900.0, 900.0, np.nan)
    world.case["first_partner"][0] = 0
    trusting.act_and_learn(world)
    joint = SETTING.trust_joint
    for one in states:
        for other in states:
            acted = one != other and fourth not in (one, other)
            assert bond(world, one, other) == ((joint, 0.0) if acted else (0.0, 0.0)), (one, other)


def leaky(traced: float) -> World:
    """Only AWAY leaks; AWAY and THIRD take part in HOME's case, a fourth state was only asked."""
    world = calm(leak_traced=traced, leak_corrupt=40.0, leak_home=20.0, leak_request=1e-12)
    world.state.tier[:] = 0
    world.state.tier[AWAY] = 3
    world.used[Growing.RECIPIENT] = 3
    world.recipient["state"][:3], world.recipient["next_recipient"][:3] = (AWAY, THIRD, 3), (1, 2, -1)
    world.recipient["takes_part"][:3] = (1, 1, 0)
    world.case["first_recipient"][0] = 0
    return world


def test_a_traced_leak_costs_the_trust_of_all_who_take_part() -> None:
    world = leaky(1.0)
    assert trusting.leak_often(world, 1) == 1
    leaker = int(records(world, "leak")["state"][0])
    taking_part = {HOME, AWAY, THIRD}
    for one in (*taking_part, 3):
        expected = SETTING.trust_leak if one in taking_part - {leaker} else 0.0
        assert bond(world, one, leaker) == (0.0, expected), one
    assert trusting.look(world, THIRD if leaker == AWAY else AWAY, leaker) < 0.25


def test_half_of_leaks_are_traced() -> None:
    """Of 60 leaks; an error rate of 1e-4 at four standard errors. Untraced ones cost nothing."""
    traced = trusting.leak_often(leaky(SETTING.leak_traced), 60)
    assert traced == pytest.approx(30, abs=4 * np.sqrt(15))
    untraced = leaky(0.0)
    assert trusting.leak_often(untraced, 20) == 0
    assert untraced.bond["bad"].max() == 0.0


def test_officers_in_an_exchange_learn_by_the_quarter() -> None:
    world = calm()
    world.bond["joint_days"][HOME * STATES + AWAY] = 40.0
    world.state["in_exchange"][HOME] = 1
    trusting.quarters(world, HOME, 4)
    assert bond(world, HOME, AWAY)[0] == pytest.approx(40 * SETTING.trust_joint_day, rel=1e-3)
    assert bond(world, AWAY, HOME) == (0.0, 0.0)


def test_accounts_are_given_once_a_year_of_those_with_dealings() -> None:
    world = asked(RequestStatus.EXECUTED)
    trusting.hear_answer(world)
    trusting.quarters(world, HOME, 3)
    assert len(records(world, "trust")) == 0
    trusting.quarters(world, HOME, 5)
    account = records(world, "trust")
    assert len(account) == 1  # a year without dealings has no account
    assert (account.trusting[0], account.trusted[0], account.dealings[0]) == (HOME, AWAY, 1)
    assert account.trust[0] == trusting.look(world, HOME, AWAY) == pytest.approx(5 / 9)
    assert account.affinity[0] == 0.5


def test_trusted_senders_wait_less_and_others_more() -> None:
    world = calm()
    usual, days = SETTING.trust_usual, SETTING.trust_head_start
    assert trusting.look_head_start(world, HOME, AWAY) == pytest.approx(days * (0.5 - usual))
    trusting.experience(world, HOME, AWAY, 100.0, 0.0)
    assert 0 < trusting.look_head_start(world, HOME, AWAY) < days * (1 - usual)


def test_left_out_trust_is_affinity_exactly_and_nobody_learns() -> None:
    world = calm(with_trust=0.0)
    world.affinity[:] = np.linspace(0, 1, STATES * STATES, dtype=np.float32).reshape(STATES, STATES)
    trusting.experience(world, HOME, AWAY, 5.0, 9.0)
    assert bond(world, HOME, AWAY) == (0.0, 0.0)
    asking, answering = 7, 31
    affinity = float(world.affinity[asking, answering])  # how who is asked stands to who asks
    assert trusting.look(world, answering, asking) == affinity
    assert trusting.look_both(world, asking, answering) == (affinity, affinity)
    assert trusting.look_head_start(world, HOME, AWAY) == 0.0


@pytest.mark.parametrize("trust", [0.0, 0.5, 1.0])
def test_deficient_files_are_completed_by_phone_in_proportion_to_trust(trust: float) -> None:
    """Of 1,500 files; four standard errors, an error rate of 6e-5."""
    world = scene.scene(1500)
    world.request["key"], world.request["trust"] = np.arange(1500), trust
    expected = SETTING.phone * trust
    share = np.mean([trusting.phoned(world, row) for row in range(1500)])
    assert share == pytest.approx(expected, abs=4 * np.sqrt(expected * (1 - expected) / 1500))
    world.setting["with_trust"] = 0.0
    assert not any(trusting.phoned(world, row) for row in range(200))


def test_a_file_that_is_completed_by_phone_stays_with_the_lawyer() -> None:
    """It went through the outgoing desk as well, and drew the time that it takes there twice."""
    world = begun(1).world
    request = np.zeros(1, REQUEST).view(np.recarray)
    request.stage, request.resume = Stage.DEFICIENCY_RETURN, Stage.REVIEW
    request.route = 1 << Stage.OUTGOING_CHECK.value
    request.requesting = 3
    assert in_python(desk_of)(world, request[0]) == 3  # returned in writing: the outgoing desk of the third state
    request.phoned = 1
    assert in_python(desk_of)(world, request[0]) == -1
