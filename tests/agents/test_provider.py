"""Evidence that expires, freezes, and moves (M5, M10, M13)."""

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sim.agents.provider import freeze, hastened, loss, retention_days, settle_evidence
from sim.engine.compiling import in_python
from sim.law.vocabulary import DataKind
from sim.world.records import EVIDENCE, PROVIDER, EvidenceStatus
from tests.agents.kernels import answered_in_time
from tests.tiny import row_of_settings

AVAILABLE, EXPIRED = EvidenceStatus.AVAILABLE, EvidenceStatus.LOST_PRESERVATION_EXPIRED
MOVED, GONE = EvidenceStatus.LOST_MOVED, EvidenceStatus.LOST_RETENTION


def item(retained_until: float = 100.0, moves_at: float = math.inf, **fields: float) -> np.recarray:
    table = np.zeros(1, EVIDENCE).view(np.recarray)
    table["retained_until"], table["moves_at"] = retained_until, moves_at
    for name in ("frozen_from", "frozen_until", "settled"):
        table[name] = np.nan
    for name, value in fields.items():
        table[name] = value
    return table


def custodian(**fields: float) -> np.recarray:
    """One provider that no law makes keep anything until a field says so."""
    table = np.zeros(1, PROVIDER).view(np.recarray)
    for name, value in fields.items():
        table[name] = value
    return table


@pytest.mark.parametrize(
    ("hop_days", "sigma", "retention", "expected"),
    [
        (10, 0.6, 180, (1.00, 1.00, 1.00)),
        (60, 0.8, 180, (0.91, 0.67, 0.35)),
        (120, 0.8, 180, (0.69, 0.24, 0.04)),
        (300, 0.8, 180, (0.26, 0.01, 0.00)),
        (10, 0.6, 365, (1.00, 1.00, 1.00)),
        (60, 0.8, 365, (0.99, 0.95, 0.85)),
        (120, 0.8, 365, (0.92, 0.68, 0.36)),
        (300, 0.8, 365, (0.60, 0.14, 0.01)),
    ],
)
def test_chains_against_retention(
    hop_days: float, sigma: float, retention: float, expected: tuple[float, float, float]
) -> None:
    """The table of M10. Within 0.012: its rounding, and 3.5 standard errors of 60,000 chains."""
    setting = row_of_settings(traffic_retention_days=retention, retention_sigma=0.0)
    out = np.zeros((60_000, 3))
    answered_in_time(setting, custodian(), item(), float(hop_days), sigma, out)
    assert out.mean(axis=0) == pytest.approx(expected, abs=0.012)


def why_lost(row: np.recarray, day: float) -> int:
    return int(in_python(loss)(row[0], day))


def frozen(row: np.recarray, start: float, days: float) -> np.recarray:
    in_python(freeze)(row[0], start, days)
    return row


def test_evidence_lives_until_its_retention_ends_or_its_server_moves() -> None:
    assert why_lost(item(100.0), 99.9) == AVAILABLE
    assert why_lost(item(100.0), 100.0) == GONE
    assert why_lost(item(100.0, 50.0), 50.0) == MOVED
    assert why_lost(item(100.0, 150.0), 120.0) == GONE
    assert why_lost(item(100.0, 150.0), 160.0) == GONE  # retention had ended before the server moved


def test_a_freeze_holds_what_is_still_there() -> None:
    assert why_lost(frozen(item(100.0), 90.0, 60.0), 150.0) == AVAILABLE
    assert why_lost(frozen(item(100.0), 90.0, 60.0), 150.1) == EXPIRED
    assert why_lost(frozen(item(100.0), 90.0, 5.0), 95.1) == AVAILABLE  # back on the retention clock
    assert why_lost(frozen(item(100.0), 90.0, 5.0), 101.0) == GONE
    assert why_lost(frozen(item(100.0), 100.0, 60.0), 110.0) == GONE  # retention ended before the freeze
    assert why_lost(frozen(item(100.0, 40.0), 45.0, 60.0), 50.0) == MOVED  # moved before the freeze
    assert why_lost(frozen(item(100.0, 40.0), 30.0, 60.0), 80.0) == AVAILABLE
    assert why_lost(frozen(item(100.0), 50.0, 60.0), 49.0) == AVAILABLE


DAY = st.floats(0, 1000)


@given(DAY, DAY, DAY, st.floats(0.5, 400), DAY)
def test_freezing_never_loses_evidence(retained: float, moves: float, start: float, days: float, asked: float) -> None:
    bare, held = item(retained, moves), frozen(item(retained, moves), start, days)
    if why_lost(bare, asked) == AVAILABLE:
        assert why_lost(held, asked) == AVAILABLE
    gone_at = min(retained, moves)
    assert (why_lost(held, asked) == AVAILABLE) == (
        asked < gone_at or (start < gone_at and start <= asked <= start + days)
    )
    assert (why_lost(held, asked) == EXPIRED) == (start < gone_at <= start + days < asked)


@given(DAY, DAY, DAY, st.floats(1, 50), st.floats(0, 365))
def test_alert_hastens_without_leaps(first: float, second: float, now: float, multiplier: float, days: float) -> None:
    """M13: order is kept, nothing moves before now, no more time is lost than the alert can take."""
    rule = in_python(hastened)
    sooner, later = sorted((first, second))
    assert rule(sooner, now, multiplier, days) <= rule(later, now, multiplier, days) + 1e-9
    after = rule(later, now, multiplier, days)
    assert after <= later + 1e-9
    if later <= now:
        assert after == later
    else:
        assert after >= now
        assert later - after == pytest.approx(min(later - now, days * multiplier) * (1 - 1 / multiplier), abs=1e-6)
    step = rule(later + 1e-6, now, multiplier, days) - rule(later, now, multiplier, days)
    assume(abs(later - now) > 1e-5)
    assert -1e-9 <= step <= 1.1e-6
    assert rule(math.inf, now, multiplier, days) == math.inf


@pytest.mark.parametrize("kind", [DataKind.SUBSCRIBER, DataKind.TRAFFIC, DataKind.CONTENT])
def test_retention_levers(kind: DataKind) -> None:
    usual, free = days_kept(kind), custodian()
    np.testing.assert_allclose(days_kept(kind, free, retention_scale=2.0), 2 * usual)
    np.testing.assert_allclose(days_kept(kind, free, retention_floor_days=500.0), np.maximum(usual, 500.0))


def days_kept(kind: DataKind, keeper: np.recarray | None = None, **settings: float) -> np.ndarray:
    """Days for which a custodian keeps 199 items of a kind."""
    rule, setting, provider = in_python(retention_days), row_of_settings(**settings)[0], (keeper or custodian())[0]
    with np.errstate(over="ignore"):
        return np.array([rule(setting, provider, key, kind) for key in range(1, 200)])


@pytest.mark.parametrize("kind", [DataKind.SUBSCRIBER, DataKind.TRAFFIC, DataKind.CONTENT])
def test_law_makes_custodians_keep_one_kind_of_data(kind: DataKind) -> None:
    """No less than the law of the day, under any policy; other kinds are not touched."""
    usual, bound = days_kept(kind), custodian(**{f"keeps_{kind.name.lower()}": 400.0})
    np.testing.assert_allclose(days_kept(kind, bound), np.maximum(usual, 400.0))
    np.testing.assert_allclose(days_kept(kind, bound, retention_scale=0.0), 400.0)
    np.testing.assert_allclose(days_kept(kind, bound, retention_floor_days=500.0), np.maximum(usual, 500.0))
    for other in {DataKind.SUBSCRIBER, DataKind.TRAFFIC, DataKind.CONTENT} - {kind}:
        np.testing.assert_array_equal(days_kept(other, bound), days_kept(other))


def test_what_is_settled_is_produced_lost_or_unreadable() -> None:
    rule = in_python(settle_evidence)
    with np.errstate(over="ignore"):
        for kind, encrypted, day, status in (
            (DataKind.TRAFFIC, 1.0, 50.0, EvidenceStatus.OBTAINED),
            (DataKind.CONTENT, 0.0, 50.0, EvidenceStatus.OBTAINED),
            (DataKind.CONTENT, 1.0, 50.0, EvidenceStatus.LOST_ENCRYPTED),
            (DataKind.CONTENT, 1.0, 150.0, EvidenceStatus.LOST_RETENTION),
        ):
            row = item(data_kind=kind, key=9)
            produced = rule(row_of_settings(encrypted=encrypted)[0], row[0], day, 0.0)
            assert produced == (status is EvidenceStatus.OBTAINED)
            assert row["status"] == status
            assert row["settled"] == day
