"""Providers, number by number: what they keep, when they move, what they answer, and how much (M5, M9, M10)."""

import math

import numpy as np
import pytest

from sim.agents import provider
from sim.agents.events import Purpose
from sim.law.vocabulary import Channel, DataKind
from sim.world.records import EVIDENCE, PROVIDER, REQUEST, STATE, Abuse, EvidenceStatus, ProviderPolicy, Stage
from tests.agents.plain import answers, drawing, record
from tests.tiny import row_of_settings

pytestmark = pytest.mark.usefixtures("as_python")

SUBSCRIBER, TRAFFIC, CONTENT = DataKind.SUBSCRIBER, DataKind.TRAFFIC, DataKind.CONTENT
VOLUNTARY, BINDING, MLAT = Channel.PROVIDER_VOLUNTARY, Channel.PROVIDER_BINDING, Channel.MLAT
ANSWERS, REFERS, IGNORES = ProviderPolicy


@pytest.mark.parametrize(
    ("kind", "median", "drawn", "days"),
    [
        (SUBSCRIBER, 700.0, 100.0, 150.0),  # what it needs itself, half as long again
        (TRAFFIC, 200.0, 100.0, 400.0),  # what the law asks for
        (CONTENT, 90.0, 10.0, 45.0),  # the floor
    ],
)
def test_custodians_keep_what_they_need_and_must(
    as_python: pytest.MonkeyPatch, kind: DataKind, median: float, drawn: float, days: float
) -> None:
    setting = row_of_settings(retention_scale=1.5, retention_floor_days=45.0, retention_sigma=0.7)[0]
    for name, value in (("subscriber", 700.0), ("traffic", 200.0), ("content", 90.0)):
        setting[f"{name}_retention_days"] = value
    keeper = record(PROVIDER, keeps_subscriber=20.0, keeps_traffic=400.0, keeps_content=30.0)
    need = drawing(as_python, provider, "lognormal", drawn)
    assert provider.retention_days(setting, keeper, 5, kind) == days
    assert need == [(Purpose.RETENTION, 0, median, 0.7)]


def test_servers_are_given_up_after_their_life(as_python: pytest.MonkeyPatch) -> None:
    life, setting = drawing(as_python, provider, "exponential", 33.0), row_of_settings(server_life_days=55.0)[0]
    assert provider.server_moves_at(setting, 5, 200.0) == 233.0
    assert life == [(Purpose.SERVER_LIFE, 0, 55.0)]


@pytest.mark.parametrize(
    ("moves_at", "expected"),
    [(130.0, 110.0), (190.0, 130.0), (200.0, 140.0), (99.0, 99.0), (math.inf, math.inf)],
)
def test_an_alert_of_thirty_days_lets_time_run_threefold(moves_at: float, expected: float) -> None:
    """Of 90 days of life within the alert 30 are left, and later ones come 60 days sooner."""
    assert provider.hastened(moves_at, 100.0, 3.0, 30.0) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("retained", "moves", "frozen"), [(100.0, 90.0, True), (100.0, 80.0, False), (80.0, 100.0, False)]
)
def test_only_what_is_still_there_is_frozen(retained: float, moves: float, frozen: bool) -> None:
    item = record(EVIDENCE, retained_until=retained, moves_at=moves, frozen_from=np.nan, frozen_until=np.nan)
    provider.freeze(item, 80.0, 60.0)
    assert (item.frozen_from == 80.0, item.frozen_until == 140.0) == (frozen, frozen)


@pytest.mark.parametrize(
    ("day", "retained", "moves", "frozen", "status"),
    [
        (69.0, 70.0, 80.0, (np.nan, np.nan), EvidenceStatus.AVAILABLE),
        (70.0, 70.0, 80.0, (np.nan, np.nan), EvidenceStatus.LOST_RETENTION),
        (80.0, 90.0, 80.0, (np.nan, np.nan), EvidenceStatus.LOST_MOVED),
        (80.0, 80.0, 80.0, (np.nan, np.nan), EvidenceStatus.LOST_RETENTION),
        (120.0, 70.0, 80.0, (60.0, 120.0), EvidenceStatus.AVAILABLE),
        (60.0, 50.0, 80.0, (60.0, 120.0), EvidenceStatus.AVAILABLE),
        (121.0, 70.0, 80.0, (60.0, 120.0), EvidenceStatus.LOST_PRESERVATION_EXPIRED),
        (121.0, 90.0, 70.0, (60.0, 70.0), EvidenceStatus.LOST_PRESERVATION_EXPIRED),
        (121.0, 90.0, 71.0, (60.0, 70.0), EvidenceStatus.LOST_MOVED),
        (59.0, 50.0, 80.0, (60.0, 49.0), EvidenceStatus.LOST_RETENTION),
    ],
)
def test_why_an_item_cannot_be_produced(
    day: float, retained: float, moves: float, frozen: tuple[float, float], status: EvidenceStatus
) -> None:
    """A freeze counts from its first day to its last; after it, the clock of retention and servers does."""
    item = record(EVIDENCE, retained_until=retained, moves_at=moves)
    item.frozen_from, item.frozen_until = frozen
    assert provider.loss(item, day) == status


@pytest.mark.parametrize(
    ("lost", "kind", "encrypted", "opened", "status"),
    [
        (EvidenceStatus.AVAILABLE, CONTENT, False, False, EvidenceStatus.OBTAINED),
        (EvidenceStatus.AVAILABLE, CONTENT, True, True, EvidenceStatus.OBTAINED),
        (EvidenceStatus.AVAILABLE, CONTENT, True, False, EvidenceStatus.LOST_ENCRYPTED),
        (EvidenceStatus.AVAILABLE, TRAFFIC, True, False, EvidenceStatus.OBTAINED),
        (EvidenceStatus.LOST_MOVED, CONTENT, False, False, EvidenceStatus.LOST_MOVED),
    ],
)
def test_what_is_encrypted_needs_a_laboratory(
    as_python: pytest.MonkeyPatch,
    lost: EvidenceStatus,
    kind: DataKind,
    encrypted: bool,
    opened: bool,
    status: EvidenceStatus,
) -> None:
    item, outcome = record(EVIDENCE, data_kind=kind), {Purpose.ENCRYPTED: encrypted, Purpose.DECRYPTED: opened}
    seen = {}

    def chance(_seed: int, purpose: Purpose, _key: int, _count: int, probability: float) -> bool:
        seen[purpose] = probability
        return outcome[purpose]

    answers(as_python, provider, loss=lost, chance=chance)
    assert provider.settle_evidence(row_of_settings(encrypted=0.2)[0], item, 50.0, 0.6) == (
        status == EvidenceStatus.OBTAINED
    )
    assert (item.status, item.settled, item.decrypted) == (status, 50.0, int(len(seen) == 2 and opened))
    asked = lost == EvidenceStatus.AVAILABLE and kind == CONTENT
    expected = {Purpose.ENCRYPTED: 0.2} | ({Purpose.DECRYPTED: 0.6} if encrypted else {})
    assert seen == (expected if asked else {})


@pytest.mark.parametrize(
    ("fields", "complies", "median", "days"),
    [
        ({"channel": MLAT}, True, 30.0, 20.0),
        ({"channel": VOLUNTARY}, True, 10.0, 20.0),
        ({"channel": MLAT, "abusive": Abuse.FALSE_EMERGENCY}, True, 2.0, 20.0),
        ({"channel": MLAT, "deadline_days": 25.0, "enforceable": 1}, True, 30.0, 13.0),
        ({"channel": MLAT, "deadline_days": 25.0, "enforceable": 1}, False, 30.0, 20.0),
        ({"channel": MLAT, "deadline_days": 25.0}, True, 30.0, 20.0),
        ({"channel": MLAT, "deadline_days": 5.0, "enforceable": 1}, True, 30.0, 0.1),
        ({"channel": MLAT, "enforceable": 1}, True, 30.0, 20.0),
    ],
)
def test_days_of_production(
    as_python: pytest.MonkeyPatch, fields: dict[str, float], complies: bool, median: float, days: float
) -> None:
    """Sent 12 days ago: a deadline of 25 days leaves 13, where its breach has a cost and the provider complies."""
    names = {"production_days": 30.0, "voluntary_days": 10.0, "emergency_days": 2.0, "elapsed_sigma": 0.8}
    request = record(REQUEST, **({"sent": 88.0, "deadline_days": np.nan} | fields))
    time, setting = drawing(as_python, provider, "lognormal", 20.0), row_of_settings(binding_compliance=0.9, **names)[0]
    answers(as_python, provider, chance=complies)
    assert provider.production_time(setting, request, 100.0) == pytest.approx(days)
    assert time == [(Purpose.STAGE_TIME, Stage.PRODUCTION * 16, median, 0.8)]


SHARES = {"provider_answers": 0.7, "provider_refers": 0.4}
ODDS = {"domestic": 2.1, "binding": 1.3, "single_point": 0.6, "standing": 0.9, "traffic": 0.5}


@pytest.mark.parametrize(
    ("channel", "policy", "kind", "standing", "single", "share", "odds"),
    [
        (MLAT, REFERS, SUBSCRIBER, 0, 1, 0.4, 2.1),
        (MLAT, IGNORES, SUBSCRIBER, 1, 0, 0.4, 2.1),
        (BINDING, ANSWERS, SUBSCRIBER, 1, 1, 0.7, 1.3),
        (VOLUNTARY, ANSWERS, SUBSCRIBER, 1, 1, 0.7, 0.6),
        (VOLUNTARY, REFERS, TRAFFIC, 0, 0, 0.4, -1.4),
        (VOLUNTARY, IGNORES, SUBSCRIBER, 1, 1, 0.0, 0.0),
    ],
)
def test_what_makes_a_provider_answer(
    channel: Channel, policy: ProviderPolicy, kind: DataKind, standing: int, single: int, share: float, odds: float
) -> None:
    """Odds of its policy, more on a domestic order or a binding basis; a fifth of foreign orders it ignores anyway."""
    setting = row_of_settings(**SHARES, **{f"provider_{name}": value for name, value in ODDS.items()})[0]
    request = record(REQUEST, channel=channel, data_kind=kind)
    host = record(PROVIDER, policy=policy, bulletproof=0.2)
    asker = record(STATE, standing=standing, single_point=single)
    ratio = share / (1.0 - share) * math.exp(odds)
    expected = 0.8 * ratio / (1.0 + ratio)
    assert provider.production_probability(setting, request, host, asker) == pytest.approx(expected)


def test_fewer_refusals_are_more_answers(as_python: pytest.MonkeyPatch) -> None:
    """Half of the refusals at 0.6 leave a refusal of 0.2."""
    drawn, setting = drawing(as_python, provider, "chance", True), row_of_settings(refusal_scale=0.5)[0]
    answers(as_python, provider, production_probability=0.6)
    assert provider.produces(setting, record(REQUEST), record(PROVIDER), record(STATE))
    assert drawn == [(Purpose.PROVIDER_ANSWERS, 0, pytest.approx(0.8))]


def test_a_share_of_nothing_counts_as_one_in_a_thousand() -> None:
    assert [provider.logit(0.2), provider.logit(0.0), provider.logit(1.0)] == pytest.approx(
        [math.log(1 / 4), -math.log(999), math.log(999)]
    )


@pytest.mark.parametrize(("kind", "usual"), [(SUBSCRIBER, 2.0), (TRAFFIC, 5.0), (CONTENT, 11.0)])
def test_bystanders_by_kind_of_data(kind: DataKind, usual: float) -> None:
    names = {"bystanders_subscriber": 2.0, "bystanders_traffic": 5.0, "bystanders_content": 11.0}
    assert provider.bystanders_usual(row_of_settings(**names)[0], kind) == usual


@pytest.mark.parametrize(("lead", "factor"), [(False, 1.0), (True, 0.7)])
def test_skill_templates_leads_and_returns_narrow_a_request(lead: bool, factor: float) -> None:
    names = {"skill": 1.2, "template": 0.8, "lead": 0.3, "return": 0.2}
    setting = row_of_settings(**{f"narrowing_{name}": value for name, value in names.items()})[0]
    expected = math.exp(-1.2 * 0.4) * math.exp(-0.8 * 0.5) * factor * 0.8**3
    assert provider.breadth(setting, 0.9, 0.5, lead, 3) == pytest.approx(expected)


@pytest.mark.parametrize(("u", "accounts"), [(0.2, 13), (0.4, 14)])
def test_accounts_are_the_one_asked_for_and_others(as_python: pytest.MonkeyPatch, u: float, accounts: int) -> None:
    """12.7 others are rounded up in seven of ten cases."""
    drawn, setting = drawing(as_python, provider, "lognormal", 12.7), row_of_settings(bystanders_sigma=0.9)[0]
    answers(as_python, provider, bystanders_usual=8.0, breadth=0.5, uniform=u)
    assert provider.accounts_disclosed(setting, record(REQUEST), 0.5, 0.0, False) == accounts
    assert drawn == [(Purpose.BYSTANDERS, 0, 4.0, 0.9)]


def test_no_answer_holds_more_accounts_than_can_be_counted(as_python: pytest.MonkeyPatch) -> None:
    answers(as_python, provider, bystanders_usual=8.0, breadth=0.5, uniform=0.0, lognormal=1e12)
    assert provider.accounts_disclosed(row_of_settings()[0], record(REQUEST), 0.5, 0.0, False) == 2_000_000_001
