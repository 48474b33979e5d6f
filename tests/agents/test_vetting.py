"""What those who handle an abusive request may notice (part H)."""

import math
from typing import Any

import pytest

from sim.agents import vetting
from sim.agents.events import Purpose
from sim.law.vocabulary import Channel, DataKind
from sim.world.records import PROVIDER, REQUEST, Abuse
from tests.agents.plain import chances, record, table
from tests.tiny import row_of_settings

pytestmark = pytest.mark.usefixtures("as_python")

INTERPOL, OTHER = 1, 2
VOLUNTARY, BINDING = Channel.PROVIDER_VOLUNTARY, Channel.PROVIDER_BINDING


def request(key: int, **fields: float) -> Any:
    return record(REQUEST, key=key, abusive=Abuse.OPEN, **fields)


@table((0.2, 3.0, 1 - 0.8**3), (1.0, 0.5, 1 - math.sqrt(1e-9)))
def test_each_unit_of_care_is_another_look(probability: float, effort: float) -> float:
    return vetting.with_effort(probability, effort)


@table((Abuse.OPEN, 0.3, 1 - 0.6**3), (Abuse.DISGUISED, 0.3, 1 - 0.92**3), (Abuse.OPEN, 3.0, 1 - 0.02**3))
def test_reviewers_notice_more_with_skill_and_care(abusive: Abuse, skill: float) -> float:
    """Half of all refusals are in force."""
    settings = {"recognised_open": 0.5, "recognised_disguised": 0.1, "authority_screening": 3.0, "refusal_scale": 0.5}
    return vetting.recognition_probability(row_of_settings(**settings)[0], abusive, skill) / 0.5


def test_each_who_handles_a_request_may_notice() -> None:
    """Two looks at providers, one at reviewers and INTERPOL, of which half of all are in force; remedies are whole."""
    settings = {"recognised_open": 0.5, "authority_screening": 1.0, "provider_screening": 2.0, "refusal_scale": 0.5}
    settings |= {"provider_recognises": 0.4, "provider_objects": 0.1, "emergency_deceived": 0.4, "remedy": 0.7}
    setting = row_of_settings(interpol_screening=0.6, **settings)[0]
    for channel, share in ((VOLUNTARY, 1 - 0.6**2), (BINDING, 1 - 0.9**2)):
        chances(
            lambda key, channel=channel: vetting.provider_objects(setting, request(key, channel=channel)),
            Purpose.ABUSE_OBJECTED,
            0.5 * share,
        )
    for purpose, share, rule in (
        (Purpose.ABUSE_RECOGNISED, 0.5 * 0.4, lambda asked: vetting.is_recognised(setting, asked, 0.3)),
        (Purpose.EMERGENCY_FOUND_OUT, 0.5 * (1 - 0.4**2), lambda asked: not vetting.is_deceived(setting, asked)),
        (Purpose.ABUSE_AT_INTERPOL, 0.5 * 0.6, lambda asked: vetting.is_stopped_by_interpol(setting, asked, INTERPOL)),
        (Purpose.ABUSE_AT_INTERPOL, 0.0, lambda asked: vetting.is_stopped_by_interpol(setting, asked, OTHER)),
        (Purpose.ABUSE_REMEDY, 0.7, lambda asked: vetting.is_remedied(setting, asked)),
    ):
        chances(lambda key, rule=rule: rule(request(key)), purpose, share)


def test_remedies_are_for_abuse() -> None:
    """Appeals against genuine requests only delay them."""
    setting = row_of_settings(remedy=1.0)[0]
    for abusive in Abuse:
        assert vetting.is_remedied(setting, record(REQUEST, abusive=abusive)) == (abusive != Abuse.NONE)


@table((70.0, 50.0, True), (69.0, 50.0, False), (69.0, 51.0, True))
def test_data_are_held_as_long_as_they_are_retained(drafted: float, kept: float) -> bool:
    """They were 20 days old when the request was drafted; today is day 100."""
    settings = {"abuse_age_days": 20.0, "abuse_age_sigma": 0.0, "retention_sigma": 0.0, "traffic_retention_days": 1.0}
    setting = row_of_settings(retention_scale=0.0, retention_floor_days=0.0, **settings)[0]
    asked = request(5, drafted=drafted, data_kind=DataKind.TRAFFIC)
    custodian = record(PROVIDER, keeps_traffic=kept, keeps_content=999.0)
    return vetting.is_still_held(setting, asked, custodian, 100.0)
