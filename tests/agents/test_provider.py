"""Providers: what they keep, when they move, what they answer, and how much (M5, M7, M9, M10, M13)."""

import math
from typing import Any

import numpy as np
import pytest

from sim.agents import provider as rules
from sim.agents.events import Purpose
from sim.engine.random import exponential, lognormal, uniform
from sim.law.vocabulary import Channel, DataKind
from sim.world.records import EVIDENCE, PROVIDER, REQUEST, STATE, Abuse, EvidenceStatus, ProviderPolicy, Stage
from tests.agents.plain import chances, holds, put, record, small, table
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
    """Their own need, half as long again, but no less than the law of the day for this kind, or the floor."""
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
    """Of 90 days of life within the alert 30 are left, and later ones come 60 days sooner."""
    return rules.hastened(moves_at, 100.0, 3.0, 30.0)


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
    """A freeze counts from its first day to its last; after it, the clock of retention and servers does."""
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


def test_encryption_and_decryption_are_drawn_for_the_item() -> None:
    for purpose, encrypted, opened, share in ((Purpose.ENCRYPTED, 0.3, 0.0, 0.3), (Purpose.DECRYPTED, 1.0, 0.6, 0.4)):
        setting = row_of_settings(encrypted=encrypted)[0]
        found = [not rules.settle_evidence(setting, item(data_kind=CONTENT, key=key), 5.0, opened) for key in range(80)]
        drawn = [uniform(1, purpose, key, 0) for key in range(80)]
        expected = [u < share if opened == 0.0 else u >= 0.6 for u in drawn]
        assert found == expected


# Production.


def at_work(
    provider: dict[str, float] | None = None, /, request: dict[str, float] | None = None, **settings: float
) -> Any:
    """Provider 0 with 30 usual days, and a request to it of which nothing is drawn apart from what settings say."""
    usual = {"production_days": 30.0, "emergency_days": 2.0, "elapsed_sigma": 0.0, "provider_pair_sigma": 0.0}
    world = small(4, usual | {"refusal_scale": 1.0, "policy_start": 0.0} | settings)
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
    """Sent 12 days ago: a deadline of 25 days leaves 13, where its breach has a cost and the provider complies."""
    world = at_work(request=fields, binding_compliance=complies)
    return rules.production_time(world, world.request[0], 100.0)


def test_a_shut_door_is_a_refusal_on_the_day_of_reading() -> None:
    world = at_work({"policy": STRICT}, {"channel": VOLUNTARY}, strict_open=0.0)
    assert rules.production_time(world, world.request[0], 100.0) == 1.0
    assert not rules.produces(world, world.request[0])


def test_times_and_compliance_are_drawn_for_the_request() -> None:
    world = at_work(request={"key": 9}, elapsed_sigma=0.8, binding_compliance=0.4)
    days = lognormal(1, Purpose.STAGE_TIME, 9, Stage.PRODUCTION * 16, 30.0, 0.8)
    assert rules.production_time(world, world.request[0], 0.0) == pytest.approx(days)

    def complies(key: int) -> bool:
        put(world, "request", key=key, deadline_days=0.01, enforceable=1)
        return bool(rules.production_time(world, world.request[0], 90.0) == 0.1)

    chances(complies, Purpose.COMPLIANCE, 0.4)


def odds_are(share: float, odds: float) -> float:
    """P(answer) of a host that ignores a fifth of orders anyway."""
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
    """Odds of its share for the state, more on a domestic order or a binding basis."""
    setting = row_of_settings(**{f"provider_{name}": value for name, value in ODDS.items()})[0]
    request, asker = record(REQUEST, channel=channel, data_kind=kind), record(STATE, single_point=single)
    provider = record(PROVIDER, policy=policy, bulletproof=0.2)
    return rules.production_probability(setting, request, provider, asker, 0.4)


def test_the_legal_basis_decides_most() -> None:
    """M9: without a basis .66 to .8; a domestic order .7 to .98, binding within .1."""
    setting = row_of_settings()[0]

    def probability(channel: int, kind: int = SUBSCRIBER, single: int = 0) -> float:
        request, asker = record(REQUEST, channel=channel, data_kind=kind), record(STATE, single_point=single)
        return rules.production_probability(setting, request, record(PROVIDER), asker, setting.provider_share)

    assert 0.66 <= probability(VOLUNTARY) <= 0.8
    for kind in (SUBSCRIBER, TRAFFIC):
        domestic, binding = probability(Channel.DOMESTIC, kind), probability(BINDING, kind)
        assert 0.7 <= domestic <= 0.98
        assert 0.0 < domestic - binding <= 0.1
        assert binding > probability(VOLUNTARY, kind, 1) > probability(VOLUNTARY, kind)
    for channel in (MLAT, Channel.JUDICIAL_DIRECT, Channel.LETTERS_ROGATORY):
        assert probability(channel) == probability(Channel.DOMESTIC)


def test_fewer_refusals_are_more_answers() -> None:
    """Half of the refusals at 0.6 leave a refusal of 0.2."""
    world = at_work(refusal_scale=0.5, provider_share=0.6, provider_domestic=0.0)

    def produces(key: int) -> bool:
        put(world, "request", key=key)
        return bool(rules.produces(world, world.request[0]))

    chances(produces, Purpose.PROVIDER_ANSWERS, 0.8)


@table((False, 1.0), (True, 0.7))
def test_skill_templates_leads_and_returns_narrow_a_request(lead: bool) -> float:
    names = {"skill": 1.2, "template": 0.8, "lead": 0.3, "return": 0.2}
    setting = row_of_settings(**{f"narrowing_{name}": value for name, value in names.items()})[0]
    return rules.breadth(setting, 0.9, 0.5, lead, 3) / (math.exp(-1.2 * 0.4) * math.exp(-0.8 * 0.5) * 0.8**3)


def test_accounts_are_the_one_asked_for_and_others() -> None:
    """As many as are usual for the kind, times the breadth of the request, rounded so that the mean is kept."""
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
