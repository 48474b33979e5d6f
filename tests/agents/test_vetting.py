"""What those who handle an abusive request may notice (part H)."""

import math

import pytest

from sim.agents import vetting
from sim.law.vocabulary import Channel
from sim.world.records import Abuse
from tests.agents.plain import answers
from tests.agents.test_authority import request
from tests.tiny import row_of_settings

pytestmark = pytest.mark.usefixtures("as_python")


def test_each_unit_of_care_is_another_look(as_python: pytest.MonkeyPatch) -> None:
    """Three looks at .2 miss with .8³. Reviewers notice more with skill, half of which is in force."""
    assert vetting.with_effort(0.2, 3.0) == pytest.approx(1 - 0.8**3)
    assert vetting.with_effort(1.0, 0.5) == pytest.approx(1 - math.sqrt(1e-9))
    setting = row_of_settings(recognised_open=0.5, recognised_disguised=0.1, authority_screening=3.0)[0]
    setting.refusal_scale, setting.provider_screening = 0.5, 2.0
    assert vetting.recognition_probability(setting, Abuse.OPEN, 0.3) == pytest.approx(0.5 * (1 - 0.6**3))
    assert vetting.recognition_probability(setting, Abuse.DISGUISED, 0.3) == pytest.approx(0.5 * (1 - 0.92**3))
    assert vetting.recognition_probability(setting, Abuse.OPEN, 3.0) == pytest.approx(0.5 * (1 - 0.02**3))
    answers(as_python, vetting, chance=lambda *given: given[4])
    setting.provider_recognises, setting.provider_objects = 0.4, 0.1
    voluntary, binding = request(channel=Channel.PROVIDER_VOLUNTARY)[0], request(channel=Channel.PROVIDER_BINDING)[0]
    assert vetting.provider_objects(setting, voluntary) == pytest.approx(0.5 * (1 - 0.6**2))
    assert vetting.provider_objects(setting, binding) == pytest.approx(0.5 * (1 - 0.9**2))
    setting.interpol_screening = 0.3
    assert vetting.is_stopped_by_interpol(setting, request()[0], 1) == pytest.approx(0.15)
    assert not vetting.is_stopped_by_interpol(setting, request()[0], 2)


@pytest.mark.parametrize("drawn", [0.37, 0.39])
def test_a_false_emergency_deceives_who_does_not_find_out(as_python: pytest.MonkeyPatch, drawn: float) -> None:
    """Half in force: 1 − .5² in two looks, of which each is deceived in half of all cases."""
    answers(as_python, vetting, chance=lambda *given: drawn < given[4])
    setting = row_of_settings(emergency_deceived=0.5, provider_screening=2.0, refusal_scale=0.5)[0]
    assert vetting.is_deceived(setting, request()[0]) == (drawn > 0.375)
    setting.emergency_deceived = 0.9
    assert vetting.is_deceived(setting, request()[0])  # .5 · (1 − .81)


@pytest.mark.parametrize("abusive", Abuse)
def test_remedies_are_for_abuse(as_python: pytest.MonkeyPatch, abusive: Abuse) -> None:
    """Appeals against genuine requests only delay them."""
    answers(as_python, vetting, chance=True)
    assert vetting.is_remedied(row_of_settings()[0], request(abusive=abusive)[0]) == (abusive != Abuse.NONE)


@pytest.mark.parametrize(("drafted", "held"), [(70.0, True), (69.0, False), (80.0, True)])
def test_data_are_held_as_long_as_they_are_retained(as_python: pytest.MonkeyPatch, drafted: float, held: bool) -> None:
    """They were 20 days old when the request was drafted, and are kept for 50; today is day 100."""
    answers(as_python, vetting, lognormal=20.0, retention_days=50.0)
    setting = row_of_settings()[0]
    assert vetting.is_still_held(setting, request(drafted=drafted)[0], setting, 100.0) == held
