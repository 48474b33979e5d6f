"""Tests of providers: retention of data, choice of requests to answer, and time to answer (M5, M7, M9, M10, M13)."""

import math
from typing import Any

import numpy as np
import pytest

from sim.agents.assistance import answering
from sim.agents.assistance import provider as rules
from sim.agents.crime.place import hastened
from sim.agents.events import Purpose
from sim.engine.random import derive, exponential, lognormal, normal, uniform
from sim.law.vocabulary import Channel, DataKind
from sim.world.records import EVIDENCE, PROVIDER, REQUEST, STATE, Abuse, EvidenceStatus, ProviderPolicy, Stage
from sim.world.world import World
from tests.agents.plain import chances, holds, put, record, small, table
from tests.agents.scene import AWAY, HOME, NOW, THIRD
from tests.tiny import row_of_settings

pytestmark = pytest.mark.usefixtures("as_python")

AVAILABLE, EXPIRED = EvidenceStatus.AVAILABLE, EvidenceStatus.LOST_PRESERVATION_EXPIRED
MOVED, GONE = EvidenceStatus.LOST_MOVED, EvidenceStatus.LOST_RETENTION
OBTAINED, UNREADABLE = EvidenceStatus.OBTAINED, EvidenceStatus.LOST_ENCRYPTED
SUBSCRIBER, TRAFFIC, CONTENT = DataKind.SUBSCRIBER, DataKind.TRAFFIC, DataKind.CONTENT
VOLUNTARY, BINDING, MLAT = Channel.PROVIDER_VOLUNTARY, Channel.PROVIDER_BINDING, Channel.MLAT
GRADED, STRICT, NEVER = list(ProviderPolicy)[1:]
NOT = (np.nan, np.nan)
ODDS = {"share": 0.7, "domestic": 2.1, "binding": 1.3, "single_point": 0.6, "traffic": 0.5}


def item(retained_until: float = 100.0, moves_at: float = math.inf, **fields: float) -> Any:
    never = {"frozen_from": np.nan, "frozen_until": np.nan, "settled": np.nan}
    return record(EVIDENCE, retained_until=retained_until, moves_at=moves_at, **never | fields)


def test_custodians_keep_what_they_need_and_must() -> None:
    """Custodians keep data as long as they need, and never less than the law of the day requires."""
    medians = {SUBSCRIBER: 700.0, TRAFFIC: 200.0, CONTENT: 90.0}
    laws = {SUBSCRIBER: 400.0, TRAFFIC: 200.0, CONTENT: 90.0}
    settings = {f"{kind.name.lower()}_retention_days": days for kind, days in medians.items()}
    keeper = record(PROVIDER, **{f"keeps_{kind.name.lower()}": days for kind, days in laws.items()})
    drawn = {key: lognormal(1, Purpose.RETENTION, key, 0, 1.0, 0.7) for key in range(1, 30)}
    for floor in (0.0, 145.0):
        setting = row_of_settings(retention_scale=1.5, retention_floor_days=floor, retention_sigma=0.7, **settings)[0]
        for kind, median in medians.items():
            kept = {key: rules.retention_days(setting, keeper, key, kind) for key in drawn}
            least = max(laws[kind], floor)
            assert kept == pytest.approx({key: max(1.5 * median * need, least) for key, need in drawn.items()})
            assert least in kept.values() and max(kept.values()) > least


def test_servers_are_given_up_after_their_life() -> None:
    days = exponential(1, Purpose.SERVER_LIFE, 5, 0, 55.0)
    assert rules.server_moves_at(row_of_settings(server_life_days=55.0)[0], 5, 200.0) == pytest.approx(200.0 + days)


@table((130.0, 110.0), (190.0, 130.0), (200.0, 140.0), (99.0, 99.0), (100.0, 100.0), (math.inf, math.inf))
def test_an_alert_of_thirty_days_lets_time_run_threefold(moves_at: float) -> float:
    """During an alert of thirty days retention runs three times as fast.

    Within the alert 90 days of life leave 30, and later ones come 60 days sooner.
    """
    return hastened(moves_at, 100.0, 3.0, 30.0)


@table((100.0, 90.0, True), (100.0, 80.0, False), (80.0, 100.0, False))
def test_only_what_is_still_there_is_frozen(retained: float, moves: float) -> bool:
    one = item(retained, moves)
    rules.freeze(one, 80.0, 60.0)
    assert math.isnan(one.frozen_from) or (one.frozen_from, one.frozen_until) == (80.0, 140.0)
    return not math.isnan(one.frozen_from)


@table(
    (69.0, 70.0, 80.0, NOT, AVAILABLE),
    (70.0, 70.0, 80.0, NOT, GONE),
    (80.0, 90.0, 80.0, NOT, MOVED),
    (80.0, 80.0, 80.0, NOT, GONE),
    (160.0, 100.0, 150.0, NOT, GONE),  # retention had ended before the server moved
    (120.0, 70.0, 80.0, (60.0, 120.0), AVAILABLE),
    (60.0, 50.0, 80.0, (60.0, 120.0), AVAILABLE),
    (95.1, 100.0, 200.0, (90.0, 95.0), AVAILABLE),  # back on the retention clock
    (121.0, 70.0, 80.0, (60.0, 120.0), EXPIRED),
    (121.0, 90.0, 70.0, (60.0, 70.0), EXPIRED),
    (121.0, 90.0, 71.0, (60.0, 70.0), MOVED),
    (59.0, 50.0, 80.0, (60.0, 49.0), GONE),
)
def test_why_an_item_cannot_be_produced(day: float, retained: float, moves: float, frozen: tuple[float, float]) -> int:
    """Data are lost at the end of retention or when a server moves, unless a preservation is in force."""
    return rules.loss(item(retained, moves, frozen_from=frozen[0], frozen_until=frozen[1]), day)


@table(
    readable=(CONTENT, 0.0, 0.0, 50.0, (OBTAINED, 0)),
    opened=(CONTENT, 1.0, 1.0, 50.0, (OBTAINED, 1)),
    unreadable=(CONTENT, 1.0, 0.0, 50.0, (UNREADABLE, 0)),
    no_content=(TRAFFIC, 1.0, 0.0, 50.0, (OBTAINED, 0)),
    lost=(CONTENT, 0.0, 0.0, 150.0, (GONE, 0)),
    lost_anyway=(CONTENT, 1.0, 1.0, 150.0, (GONE, 0)),
)
def test_what_is_encrypted_needs_a_laboratory(kind: DataKind, encrypted: float, opened: float, day: float) -> Any:
    one = item(data_kind=kind, key=9)
    produced = rules.settle_evidence(row_of_settings(encrypted=encrypted)[0], one, day, opened)
    assert (produced, one.settled) == (one.status == OBTAINED, day)
    return one.status, one.decrypted


def at_work(
    provider: dict[str, float] | None = None, /, request: dict[str, float] | None = None, **settings: float
) -> Any:
    """Makes a world with a provider and a request to it, without random variation."""
    usual = {"production_days": 30.0, "emergency_days": 2.0, "elapsed_sigma": 0.0, "provider_pair_sigma": 0.0}
    world = small(4, usual | {"foreign_refusal": 1.0, "policy_start": 0.0} | settings)
    fields = {"policy": GRADED, "since": -np.inf, "days": np.nan, "load": 1.0, "staff": 1.0, "bulletproof": 0.0}
    put(world, "provider", **fields | (provider or {}))
    put(world, "request", **{"sent": 88.0, "deadline_days": np.nan, "channel": MLAT, "provider": 0} | (request or {}))
    return world


@table(
    usual=({}, 1.0, 30.0),
    voluntary=({"channel": VOLUNTARY}, 1.0, 30.0),
    emergency=({"abusive": Abuse.FALSE_EMERGENCY}, 1.0, 2.0),
    bound=({"deadline_days": 25.0, "enforceable": 1}, 1.0, 13.0),
    not_compliant=({"deadline_days": 25.0, "enforceable": 1}, 0.0, 30.0),
    not_enforceable=({"deadline_days": 25.0}, 1.0, 30.0),
    too_late=({"deadline_days": 5.0, "enforceable": 1}, 1.0, 0.1),
    in_time=({"deadline_days": 45.0, "enforceable": 1}, 1.0, 30.0),
    no_deadline=({"enforceable": 1}, 1.0, 30.0),
)
def test_days_of_production(fields: dict[str, float], complies: float) -> float:
    """An enforceable deadline caps the provider's days, if the provider complies.

    Sent 12 days ago: a deadline of 25 days leaves 13, where its breach has a cost and the provider complies.
    """
    world = at_work(request=fields, binding_compliance=complies)
    return rules.production_time(world, world.request[0], 100.0)


def test_times_and_compliance_are_drawn_for_the_request() -> None:
    world = at_work(request={"key": 9}, elapsed_sigma=0.8, binding_compliance=0.4)
    days = lognormal(1, Purpose.STAGE_TIME, 9, Stage.PRODUCTION * 16, 30.0, 0.8)
    assert rules.production_time(world, world.request[0], 0.0) == pytest.approx(days)

    def complies(key: int) -> bool:
        put(world, "request", key=key, deadline_days=0.01, enforceable=1)
        return bool(rules.production_time(world, world.request[0], 90.0) == 0.1)

    chances(complies, Purpose.COMPLIANCE, 0.4)


def odds_are(share: float, odds: float) -> float:
    """Expected probability that a host answers, given a share and a shift in log-odds."""
    ratio = share / (1.0 - share) * math.exp(odds)
    return 0.8 * ratio / (1.0 + ratio)


@table(
    (MLAT, STRICT, SUBSCRIBER, 1, odds_are(0.7, 2.1)),
    (MLAT, NEVER, SUBSCRIBER, 0, odds_are(0.7, 2.1)),
    (BINDING, STRICT, SUBSCRIBER, 1, odds_are(0.7, 1.3)),
    (VOLUNTARY, GRADED, SUBSCRIBER, 1, odds_are(0.4, 0.6)),
    (VOLUNTARY, STRICT, TRAFFIC, 0, odds_are(0.4, -0.5)),
    (VOLUNTARY, NEVER, SUBSCRIBER, 1, 0.0),
    (BINDING, NEVER, SUBSCRIBER, 1, 0.0),
)
def test_what_makes_a_provider_answer(channel: int, policy: int, kind: int, single: int) -> float:
    setting = row_of_settings(**{f"provider_{name}": value for name, value in ODDS.items()})[0]
    request, asker = record(REQUEST, channel=channel, data_kind=kind), record(STATE, single_point=single)
    provider = record(PROVIDER, policy=policy, bulletproof=0.2)
    return rules.production_probability(setting, request, provider, asker, 0.4)


def test_fewer_refusals_are_more_answers() -> None:
    """A policy that lowers refusals raises the share of answers.

    Half of the refusals at 0.6 leave a refusal of 0.2.
    """
    world = at_work(foreign_refusal=0.5, provider_share=0.6, provider_binding=0.0)

    def produces(key: int) -> bool:
        put(world, "request", key=key, channel=BINDING)
        return bool(rules.produces(world, world.request[0]))

    chances(produces, Purpose.PROVIDER_ANSWERS, 0.8)


@table((False, 1.0), (True, 0.7))
def test_skill_templates_leads_and_returns_narrow_a_request(lead: bool) -> float:
    names = {"skill": 1.2, "template": 0.8, "lead": 0.3, "return": 0.2}
    setting = row_of_settings(**{f"narrowing_{name}": value for name, value in names.items()})[0]
    return rules.breadth(setting, 0.9, 0.5, lead, 3) / (math.exp(-1.2 * 0.4) * math.exp(-0.8 * 0.5) * 0.8**3)


def test_accounts_are_the_one_asked_for_and_others() -> None:
    """The number of accounts is the usual one for the kind of data, times the request's breadth."""
    usual = {"bystanders_subscriber": 2.0, "bystanders_traffic": 5.0, "bystanders_content": 11.0}
    setting = row_of_settings(bystanders_sigma=0.9, narrowing_return=0.2, **usual)[0]

    def wrong(kind: DataKind, median: float) -> list[int]:
        median *= rules.breadth(setting, 0.3, 0.5, True, 2)
        found = []
        for key in range(1, 40):
            others = lognormal(1, Purpose.BYSTANDERS, key, 0, median, 0.9) + uniform(1, Purpose.BYSTANDERS, key, 1)
            request = record(REQUEST, key=key, data_kind=kind, loops=2)
            if rules.accounts_disclosed(setting, request, 0.3, 0.5, True) != 1 + int(others):
                found.append(key)
        return found

    holds(wrong, subscriber=(SUBSCRIBER, 2.0, []), traffic=(TRAFFIC, 5.0, []), content=(CONTENT, 11.0, []))
    many = row_of_settings(bystanders_sigma=0.0, bystanders_content=1e12)[0]
    assert rules.accounts_disclosed(many, record(REQUEST, data_kind=CONTENT), 0.5, 0.0, False) == 2_000_000_001


GATE = ProviderPolicy.GATE
ALWAYS, UNREAD, SHUT = -math.inf, math.nan, math.inf


def asked(policy: ProviderPolicy, read: float = UNREAD, odds: float = 0.0, **settings: float) -> World:
    """Makes a world in which HOME asks provider 0 in AWAY, whose openness is recorded or drawn."""
    world = small(4, {"policy_start": NOW + 1e4, "foreign_refusal": 1.0} | settings)
    put(world, "provider", policy=policy, since=ALWAYS, days=math.nan, state=AWAY, load=1.0, staff=1.0)
    put(world, "state", HOME, gate_odds=odds, gate_opens=math.inf, strict_opens=math.inf, share_odds=0.0)
    put(world, "request", channel=VOLUNTARY, requesting=HOME, requested=AWAY, provider=0, sent=NOW, key=5)
    world.door_since[0, HOME] = read
    world.door_share[0, HOME] = math.nan
    return world


@table(
    graded=(GRADED, SHUT, {}, 1.0),
    never=(NEVER, ALWAYS, {}, 0.0),
    always=(GATE, ALWAYS, {}, 1.0),
    half_way=(GATE, NOW - 365.25, {}, 0.5),
    just_opened=(GATE, NOW, {}, 0.0),
    long_ago=(GATE, NOW - 1e3, {}, 1.0),
    drawn_open=(GATE, UNREAD, {"odds": 40.0}, 1.0),
    drawn_shut=(GATE, UNREAD, {"odds": -40.0}, 0.0),
    strict_open=(STRICT, UNREAD, {"strict_open": 1.0}, 1.0),
    strict_shut=(STRICT, UNREAD, {"strict_open": 0.0}, 0.0),
    shut_at_the_end_of_the_data=(GATE, SHUT, {"policy_start": NOW - 1.0}, 0.0),
)
def test_how_far_a_door_is_open(policy: ProviderPolicy, read: float, changes: dict[str, float]) -> float:
    """A recorded openness of a provider is used before a drawn one, and a new opening takes two years."""
    return answering.openness(asked(policy, read, **changes), 0, HOME, NOW)


@table(
    (GATE, "gate_opens", 1.0), (STRICT, "strict_opens", 1.0), (GATE, "strict_opens", 0.0), (NEVER, "gate_opens", 0.0)
)
def test_a_policy_opens_the_doors_of_one_class(policy: ProviderPolicy, field: str) -> float:
    world = asked(policy, odds=-40.0, strict_open=0.0)
    put(world, "state", HOME, **{field: NOW - 800.0})
    return answering.openness(world, 0, HOME, NOW)


def test_a_provider_may_begin_to_answer_later_and_a_shut_door_opens_some_day_before_policy() -> None:
    world = asked(GRADED)
    put(world, "provider", since=NOW)
    assert [answering.openness(world, 0, HOME, NOW + days) for days in (-1.0, 0.0)] == [0.0, 1.0]
    world = asked(GATE, odds=-40.0, policy_start=6_000.0)
    world.door_since[:] = math.nan
    put(world, "provider", policy=np.full(len(world.provider), GATE))
    days = np.array([answering.opened_on(world, row, state) for row in range(6) for state in range(100)])
    days = days[np.isfinite(days)]
    assert 0 < len(days) < 600 and days.min() > 0.0 and days.max() < 6_000.0
    put(world, "setting", openings_go_on=1.0)
    later = np.array([answering.opened_on(world, row, state) for row in range(6) for state in range(100)])
    later = later[np.isfinite(later)]
    assert len(later) > len(days) and later.max() > 6_000.0
    assert (later[later < 6_000.0] == days).all()  # what opened before does not move


def test_openings_a_year_are_those_of_the_parameter() -> None:
    """The yearly rate of openings is 1 ÷ `years_closed` over closed pairs (false alarm: 3 of 1,000)."""
    world = asked(GATE, odds=-40.0, policy_start=0.0, openings_go_on=1.0, years_closed=12.0)
    world.door_since[:] = math.nan
    put(world, "provider", policy=np.full(len(world.provider), GATE))
    days = np.array([answering.opened_on(world, row, state) for row in range(6) for state in range(100)])
    days = days[np.isfinite(days)]
    assert len(days) > 100
    assert days.mean() / 365.25 == pytest.approx(12.0, rel=3.0 / len(days) ** 0.5)


def test_the_share_of_requests_that_is_answered() -> None:
    """Shares of 0 and 1 are treated as 0.001 and 0.999 before log-odds are taken."""
    holds(answering.logit, some=(0.2, math.log(1 / 4)), none=(0.0, -math.log(999)), all=(1.0, math.log(999)))
    world = asked(GATE, provider_share=0.6)
    spread = 0.8 * normal(1, Purpose.DOOR_SHARE, answering.pair_key(0, HOME), 0)
    assert answering.share_answered(world, 0, HOME) == pytest.approx(1 / (1 + math.exp(-math.log(1.5) - spread)))
    put(world, "state", HOME, share_odds=-1.0)
    assert answering.share_answered(world, 0, HOME) == pytest.approx(1 / (1 + math.exp(1.0 - math.log(1.5) - spread)))
    world.door_share[0, HOME] = 0.3
    assert answering.share_answered(world, 0, HOME) == 0.3


@table(
    (VOLUNTARY, SHUT, 1.0, True),
    (VOLUNTARY, ALWAYS, 1.0, False),
    (VOLUNTARY, SHUT, 0.0, False),
    (MLAT, SHUT, 1.0, False),
    (Channel.PROVIDER_BINDING, SHUT, 1.0, False),
)
def test_who_meets_a_shut_door(channel: Channel, read: float, scale: float) -> bool:
    world = asked(GATE, read, policy_start=NOW, foreign_refusal=scale)
    put(world, "request", channel=channel)
    return answering.is_shut(world, world.request[0])


@table(
    (GATE, ALWAYS, DataKind.TRAFFIC, True),
    (GATE, SHUT, DataKind.TRAFFIC, False),
    (STRICT, ALWAYS, DataKind.TRAFFIC, False),
    (STRICT, ALWAYS, DataKind.SUBSCRIBER, True),
    (NEVER, ALWAYS, DataKind.SUBSCRIBER, False),
)
def test_who_is_tried(policy: ProviderPolicy, read: float, kind: DataKind) -> bool:
    world = asked(policy, read, policy_start=NOW, closed_asked=0.0)
    assert not answering.is_tried(world, -1, HOME, kind, 1)  # authority to act is asked of no provider
    return answering.is_tried(world, 0, HOME, kind, 1)


def test_a_shut_door_is_tried_now_and_then() -> None:
    world = asked(GATE, SHUT, policy_start=NOW, closed_asked=0.3)
    chances(lambda key: answering.is_tried(world, 0, HOME, DataKind.TRAFFIC, key), Purpose.DOOR_TRIED, 0.3)
    assert answering.asked_share(world.setting[0], 0.5) == pytest.approx(0.65)


def test_usual_days_by_provider_pair_and_load() -> None:
    """Usual days depend on provider, pair of states, and load per member of staff.

    Half of the people at a fourth more requests: 2.5 to the power of 0.5.
    """
    world = asked(GATE, production_days=6.0, provider_pair_sigma=0.4, provider_elasticity=0.5)
    own = normal(1, Purpose.PROVIDER_TIME, derive(answering._PAIR, 0), 0)
    pair, home = (normal(1, Purpose.PROVIDER_TIME, answering.pair_key(0, state), 0) for state in (HOME, AWAY))
    request = world.request[0]
    assert answering.usual_days(world, request) == pytest.approx(6.0 * math.exp(0.4 * (own + pair)))
    put(world, "provider", load=1.25, staff=0.5)
    assert answering.usual_days(world, request) == pytest.approx(6.0 * math.exp(0.4 * (own + pair)) * math.sqrt(2.5))
    put(world, "provider", days=4.0, load=1.0, staff=1.0)
    assert answering.usual_days(world, request) == pytest.approx(4.0 * math.exp(0.4 * pair))
    put(world, "request", channel=MLAT, requesting=THIRD)  # an authority of the provider's state asks
    assert answering.usual_days(world, request) == pytest.approx(4.0 * math.exp(0.4 * home))
