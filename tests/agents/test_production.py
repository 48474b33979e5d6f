"""What providers produce, and when (M9)."""

import numpy as np
import pytest

from sim.agents.provider import logit, produces, production_probability, settle_evidence
from sim.engine.compiling import in_python
from sim.law.vocabulary import Channel, DataKind
from sim.world.records import EVIDENCE, PROVIDER, REQUEST, STATE, ProviderPolicy
from tests.agents.kernels import production_days
from tests.tiny import row_of_settings

ORDERS = 8_000


ANSWERS, REFERS, IGNORES = ProviderPolicy
SUBSCRIBER, TRAFFIC = DataKind.SUBSCRIBER, DataKind.TRAFFIC
VOLUNTARY, BINDING = Channel.PROVIDER_VOLUNTARY, Channel.PROVIDER_BINDING


def order(
    channel: Channel,
    policy: ProviderPolicy,
    kind: DataKind = SUBSCRIBER,
    bulletproof: float = 0.0,
    standing: int = 1,
    single_point: int = 0,
) -> tuple[np.record, np.record, np.record]:
    """An order, the provider that it goes to, and the state that asks."""
    tables = [np.zeros(1, record).view(np.recarray) for record in (REQUEST, PROVIDER, STATE)]
    asked, provider, asker = tables
    asked["channel"], asked["data_kind"] = channel, kind
    provider["policy"], provider["bulletproof"] = policy, bulletproof
    asker["standing"], asker["single_point"] = standing, single_point
    return asked[0], provider[0], asker[0]


def probability(*about: object, **fields: float) -> float:
    return float(in_python(production_probability)(row_of_settings()[0], *order(*about, **fields)))


def share_produced(*about: object, settings: dict[str, float] | None = None, **fields: float) -> float:
    """Share of many orders that a provider answers."""
    request, provider, asker = order(*about, **fields)
    rule, setting, answered = in_python(produces), row_of_settings(**(settings or {}))[0], 0
    with np.errstate(over="ignore"):
        for key in range(1, ORDERS + 1):
            request.key = key
            answered += rule(setting, request, provider, asker)
    return answered / ORDERS


def test_a_share_and_its_logit() -> None:
    rule = in_python(logit)
    assert rule(0.5) == 0.0
    assert 1 / (1 + np.exp(-rule(0.67))) == pytest.approx(0.67)
    assert [rule(0.0), -rule(1.0)] == pytest.approx([-6.907, -6.907], abs=0.001)


def test_the_legal_basis_decides_more_than_who_is_asked() -> None:
    """M9: majors that answer .66–.68 without a basis; small ones .05–.6; a domestic order .7–.98, binding within .1."""
    assert 0.66 <= probability(VOLUNTARY, ANSWERS) <= 0.68
    assert 0.05 <= probability(VOLUNTARY, REFERS) <= 0.6
    for policy in (ANSWERS, REFERS):
        for kind in (SUBSCRIBER, TRAFFIC):
            domestic, binding = probability(Channel.DOMESTIC, policy, kind), probability(BINDING, policy, kind)
            assert 0.7 <= domestic <= 0.98
            assert 0.0 < domestic - binding <= 0.1
            assert binding > probability(VOLUNTARY, policy, kind, single_point=1) > probability(VOLUNTARY, policy, kind)
    for channel in (Channel.MLAT, Channel.JUDICIAL_DIRECT, Channel.LETTERS_ROGATORY):
        assert probability(channel, REFERS) == probability(Channel.DOMESTIC, REFERS)


def test_standing_counts_only_where_the_provider_is_asked_directly() -> None:
    for channel in (VOLUNTARY, BINDING):
        assert probability(channel, ANSWERS, standing=0) < probability(channel, ANSWERS)
    assert probability(Channel.MLAT, ANSWERS, standing=0) == probability(Channel.MLAT, ANSWERS)


def test_who_ignores_foreign_authorities_follows_its_own_state() -> None:
    assert probability(VOLUNTARY, IGNORES) == probability(BINDING, IGNORES) == 0.0
    assert probability(Channel.DOMESTIC, IGNORES) == probability(Channel.DOMESTIC, REFERS)


@pytest.mark.parametrize(
    ("about", "fields"),
    [
        ((VOLUNTARY, ANSWERS), {}),
        ((VOLUNTARY, REFERS, TRAFFIC), {"standing": 0}),
        ((BINDING, REFERS), {"bulletproof": 0.95}),
        ((Channel.MLAT, REFERS, DataKind.CONTENT), {"bulletproof": 0.4}),
    ],
)
def test_providers_answer_as_often_as_they_should(about: tuple[int, ...], fields: dict[str, float]) -> None:
    """Within 0.025, over 4.4 standard errors of 8,000 orders: an error rate below 1e-4."""
    bare = probability(*about, **{**fields, "bulletproof": 0.0})
    expected = bare * (1.0 - fields.get("bulletproof", 0.0))
    assert share_produced(*about, **fields) == pytest.approx(expected, abs=0.025)


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("provider_domestic", 1.5, 3),
        ("provider_binding", 1, 2.5),
        ("provider_single_point", 0.3, 1.5),
        ("encrypted", 0.05, 0.3),
        ("voluntary_days", 10, 10),
        ("format_loop_days", 10, 30),
    ],
)
def test_defaults_lie_in_the_ranges_of_the_catalogue(name: str, low: float, high: float) -> None:
    assert low <= row_of_settings()[0][name] <= high


def test_foreign_orders_to_bulletproof_hosts_fail() -> None:
    assert share_produced(VOLUNTARY, REFERS, bulletproof=1.0) == 0.0
    assert share_produced(Channel.MLAT, REFERS, bulletproof=0.9, settings={"refusal_scale": 0.0}) == 1.0


def days_of_production(**fields: float) -> np.ndarray:
    """Days of 40,000 productions, apart from the queue."""
    asked = np.zeros(1, REQUEST).view(np.recarray)
    asked["deadline_days"] = np.nan
    for name, value in fields.items():
        asked[name] = value
    out = np.zeros(40_000)
    production_days(row_of_settings(), asked, out)
    return out


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
    rule, setting = in_python(settle_evidence), row_of_settings()[0]
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
    rule, setting = in_python(settle_evidence), row_of_settings(encrypted=1.0)[0]
    row = np.zeros(1, EVIDENCE).view(np.recarray)[0]
    row.data_kind, row.retained_until, row.moves_at = DataKind.CONTENT, 100.0, np.inf
    with np.errstate(over="ignore"):
        assert rule(setting, row, 50.0, 1.0) and row.decrypted == 1
        assert not rule(setting, row, 50.0, 0.0) and row.decrypted == 0
