"""What providers produce, and when (M9)."""

import numpy as np
import pytest

from sim.agents.provider import produces, settle_evidence
from sim.law.vocabulary import Channel, DataKind
from sim.world.records import EVIDENCE, PROVIDER, REQUEST, Stage
from tests.agents.kernels import waits
from tests.tiny import plain, row_of_settings

ORDERS = 8_000


def share_produced(channel: Channel, kind: int, bulletproof: float = 0.0, **settings: float) -> float:
    """Share of many orders by a channel that a provider of a kind answers."""
    providers, asked = np.zeros(1, PROVIDER).view(np.recarray), np.zeros(1, REQUEST).view(np.recarray)
    providers["kind"], providers["bulletproof"] = kind, bulletproof
    asked["channel"] = channel
    rule, setting, request, provider = plain(produces), row_of_settings(**settings)[0], asked[0], providers[0]
    answered = 0
    with np.errstate(over="ignore"):
        for key in range(1, ORDERS + 1):
            request.key = key
            answered += rule(setting, request, provider)
    return answered / ORDERS


@pytest.mark.parametrize(
    ("channel", "kind", "bulletproof", "expected"),
    [
        (Channel.PROVIDER_VOLUNTARY, 0, 0.0, row_of_settings()[0].provider_major),
        (Channel.PROVIDER_VOLUNTARY, 1, 0.0, row_of_settings()[0].provider_small),
        (Channel.PROVIDER_VOLUNTARY, 1, 0.95, 0.05 * row_of_settings()[0].provider_small),
        (Channel.PROVIDER_BINDING, 0, 0.0, 1.0),
        (Channel.PROVIDER_BINDING, 1, 0.95, 0.05),
        (Channel.MLAT, 1, 0.95, 0.05),
    ],
)
def test_providers_answer_by_class(channel: Channel, kind: int, bulletproof: float, expected: float) -> None:
    """M9: within 0.025, over 4.4 standard errors of 8,000 orders: an error rate below 1e-4."""
    assert share_produced(channel, kind, bulletproof) == pytest.approx(expected, abs=0.025)


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("provider_major", 0.6, 0.77),
        ("provider_small", 0.2, 0.6),
        ("encrypted", 0.05, 0.3),
        ("voluntary_days", 10, 10),
        ("voluntary_sigma", 0.7, 0.7),
        ("format_loop_days", 10, 30),
    ],
)
def test_defaults_lie_in_the_ranges_of_the_catalogue(name: str, low: float, high: float) -> None:
    assert low <= row_of_settings()[0][name] <= high


def test_foreign_orders_to_bulletproof_hosts_fail() -> None:
    assert share_produced(Channel.PROVIDER_VOLUNTARY, 1, 1.0) == 0.0
    assert share_produced(Channel.MLAT, 1, 0.9, refusal_scale=0.0) == 1.0


def days_of_production(**fields: float) -> np.ndarray:
    """Days of 40,000 productions beside the queue."""
    asked = np.zeros(1, REQUEST).view(np.recarray)
    asked["deadline_days"] = np.nan
    for name, value in fields.items():
        asked[name] = value
    out = np.zeros((1, 40_000))
    pairs = np.ones((1, 1), np.uint8)
    waits(row_of_settings(), pairs, np.eye(1, dtype=np.int8), asked, np.array([Stage.PRODUCTION]), out)
    return out[0]


def test_voluntary_answers_take_days() -> None:
    """M9: LN(10 d, 0.7), within 4 %, some 9 standard errors."""
    days = days_of_production(channel=Channel.PROVIDER_VOLUNTARY)
    assert np.median(days) == pytest.approx(10.0, rel=0.04)
    assert np.log(days).std() == pytest.approx(0.7, rel=0.04)


def test_a_deadline_hastens_only_where_its_breach_has_a_cost() -> None:
    """Within 0.015, some 6 standard errors of 40,000 orders."""
    setting = row_of_settings()[0]
    free = days_of_production(channel=Channel.PROVIDER_BINDING)
    idle = days_of_production(channel=Channel.PROVIDER_BINDING, deadline_days=5.0)
    binding = days_of_production(channel=Channel.PROVIDER_BINDING, deadline_days=5.0, enforceable=1)
    np.testing.assert_array_equal(free, idle)
    late = (free > 5.0).mean()
    assert late > 0.5
    assert (binding > 5.0).mean() == pytest.approx(late * (1 - setting.binding_compliance), abs=0.015)
    assert (binding <= free).all()


def test_some_content_cannot_be_read() -> None:
    """M9 e_enc, within 0.016, over 4.7 standard errors of 8,000 items; what is no content is never encrypted."""
    rule, setting = plain(settle_evidence), row_of_settings()[0]
    read = dict.fromkeys((DataKind.CONTENT, DataKind.TRAFFIC), 0)
    with np.errstate(over="ignore"):
        for kind in read:
            row = np.zeros(1, EVIDENCE).view(np.recarray)[0]
            row.data_kind, row.retained_until, row.moves_at = kind, 100.0, np.inf
            for key in range(1, ORDERS + 1):
                row.key = key
                read[kind] += rule(setting, row, 50.0, 0.0)
    assert read[DataKind.CONTENT] / ORDERS == pytest.approx(1 - setting.encrypted, abs=0.016)
    assert read[DataKind.TRAFFIC] == ORDERS


def test_a_laboratory_that_can_decrypt_everything_loses_nothing() -> None:
    rule, setting = plain(settle_evidence), row_of_settings(encrypted=1.0)[0]
    row = np.zeros(1, EVIDENCE).view(np.recarray)[0]
    row.data_kind, row.retained_until, row.moves_at = DataKind.CONTENT, 100.0, np.inf
    with np.errstate(over="ignore"):
        assert rule(setting, row, 50.0, 1.0) and row.decrypted == 1
        assert not rule(setting, row, 50.0, 0.0) and row.decrypted == 0
