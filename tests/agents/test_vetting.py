"""What those who handle an abusive request may notice (part H)."""

from typing import Any

import pytest

from sim.agents import vetting
from sim.agents.events import Purpose
from sim.law.vocabulary import Channel, DataKind
from sim.world.records import PROVIDER, REQUEST, Abuse
from tests.agents.plain import chances, holds, record
from tests.tiny import row_of_settings

pytestmark = pytest.mark.usefixtures("as_python")


def of_key(asked: Any, key: int) -> Any:
    """The same request with another lineage key."""
    asked.key = key
    return asked


@pytest.mark.parametrize("effort", [0.0, 1.0, 3.0])
def test_screening_is_so_many_looks(effort: float) -> None:
    """Of a provider, which notices 0.3 of what asks without an order, 0.2 of orders, and is deceived by 0.6."""
    assert vetting.with_effort(0.4, effort) == pytest.approx(1 - 0.6**effort)
    assert vetting.with_effort(1.0, effort) == pytest.approx(1 - 1e-9**effort)
    setting = row_of_settings(provider_recognises=0.3, provider_objects=0.2, emergency_deceived=0.6)[0]
    setting.provider_screening, setting.refusal_scale = effort, 0.5
    for channel, share in ((Channel.PROVIDER_VOLUNTARY, 0.3), (Channel.PROVIDER_BINDING, 0.2)):
        asked = record(REQUEST, channel=channel, abusive=Abuse.OPEN)
        noticed = 0.5 * (1 - (1 - share) ** effort)
        chances(
            lambda key, asked=asked: vetting.provider_objects(setting, of_key(asked, key)),
            Purpose.ABUSE_OBJECTED,
            noticed,
        )
    found = 0.5 * (1 - 0.6**effort)
    chances(lambda key: not vetting.is_deceived(setting, record(REQUEST, key=key)), Purpose.EMERGENCY_FOUND_OUT, found)


def test_reviewers_see_through_an_open_request_rather_than_a_disguise_and_the_more_the_abler() -> None:
    """Half of 0.4 of the open and of 0.1 of the disguised, times 0.5 and skill; nobody sees more than 0.98."""
    setting = row_of_settings(recognised_open=0.4, recognised_disguised=0.1, authority_screening=2.0)[0]
    setting.refusal_scale = 0.5
    for kind, skill, share in ((Abuse.OPEN, 0.5, 0.4), (Abuse.DISGUISED, 0.3, 0.08), (Abuse.OPEN, 9.0, 0.98)):
        expected = 0.5 * (1 - (1 - share) ** 2)
        assert vetting.recognition_probability(setting, kind, skill) == pytest.approx(expected)
        asked = record(REQUEST, abusive=kind)
        chances(
            lambda key, asked=asked, skill=skill: vetting.is_recognised(setting, of_key(asked, key), skill),
            Purpose.ABUSE_RECOGNISED,
            expected,
        )


def test_only_appeals_against_abuse_succeed_and_only_what_is_kept_can_be_given() -> None:
    setting = row_of_settings(remedy=0.4, abuse_age_days=90.0, abuse_age_sigma=0.0, retention_sigma=0.0)[0]
    chances(
        lambda key: vetting.is_remedied(setting, record(REQUEST, key=key, abusive=Abuse.OPEN)),
        Purpose.ABUSE_REMEDY,
        0.4,
    )
    chances(lambda key: vetting.is_remedied(setting, record(REQUEST, key=key)), Purpose.ABUSE_REMEDY, 0.0)
    put_off = record(REQUEST, data_kind=DataKind.TRAFFIC, drafted=1000.0)
    setting.traffic_retention_days, setting.retention_scale = 100.0, 1.0
    provider = record(PROVIDER)
    holds(
        lambda today: vetting.is_still_held(setting, put_off, provider, today),
        {"on the last day": (1010.0, True), "a day later": (1011.0, False)},
    )


def test_interpol_sees_what_passes_through_it() -> None:
    """Six in ten, half in force."""
    setting = row_of_settings(interpol_screening=0.6, refusal_scale=0.5)[0]
    for body, share in ((1, 0.3), (2, 0.0), (0, 0.0)):
        chances(
            lambda key, body=body: vetting.is_stopped_by_interpol(setting, record(REQUEST, key=key), body),
            Purpose.ABUSE_AT_INTERPOL,
            share,
        )
