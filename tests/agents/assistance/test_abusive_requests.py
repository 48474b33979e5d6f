"""Tests of abusive requests, which have no genuine case: rate, target, form, and detection (M9, part H)."""

import math
from typing import Any

import numpy as np
import pytest

from sim.agents.assistance import abusive_requests, vetting
from sim.agents.events import Event, Purpose
from sim.engine.random import exponential, lognormal, normal, uniform
from sim.law.days import MONTH, YEAR
from sim.law.vocabulary import Channel, DataKind, Ground, Offence
from sim.world.records import NONE, PROVIDER, REQUEST, Abuse, Body, Growing, RequestPurpose, RequestStatus, Stage
from sim.world.world import World, records
from tests.agents.plain import chances, got, holds, posted, put, record, small, table
from tests.agents.scene import AWAY, HOME, NOW, THIRD, open_channel
from tests.tiny import row_of_settings

ABUSE, EMERGENCY = 0x41425553, 0x454D4552  # streams
pytestmark = pytest.mark.usefixtures("as_python")
GROUPS = 0.5 * 10.0 * MONTH


def stream(**settings: float) -> World:
    """Makes a world in which HOME sends abusive requests about people in AWAY, and new groups enter."""
    usual = {"with_trust": 0.0, "entry_rate": 0.5, "lineage_months": 10.0, "usual_requests": 3.0, "success_value": 1e3}
    world = small(64, usual | {"with_liaison_desks": 0.0, "awareness_half_days": 0.0} | settings)
    put(world, "setting", abuse_share=0.2, false_emergencies=0.25)
    world.state["access_provider"], world.used[Growing.REQUEST] = 4, 1
    refuge = np.array([0.0, *[1.0] * (len(world.state) - 1)])
    return world._replace(place_abuse=np.ones(len(world.state)), place_majors=np.zeros(0), place_refuge=refuge)


def test_how_many_come() -> None:
    """The rate of abusive requests follows from their share of all requests and the number of new groups."""
    world = stream()
    a_day = 3.0 * GROUPS / YEAR * 0.2 / 0.8
    assert abusive_requests.groups_aimed_at(world.setting[0]) == pytest.approx(GROUPS)
    assert abusive_requests.abuse_rate(world.setting[0]) == pytest.approx(a_day)
    abusive_requests.schedule_abuse(world, 7)
    abusive_requests.schedule_emergency(world, 8)
    wait = exponential(1, Purpose.ABUSE_GAP, abusive_requests.abuse_key(ABUSE, 7), 0, 1.0 / a_day)
    longer = exponential(1, Purpose.ABUSE_GAP, abusive_requests.abuse_key(EMERGENCY, 8), 0, YEAR / (0.25 * GROUPS))
    events = [(Event.ABUSE_ARRIVAL, 7, pytest.approx(wait)), (Event.FALSE_EMERGENCY, 8, pytest.approx(longer))]
    assert sorted(posted(world)) == events
    put(world, "setting", abuse_share=0.0, false_emergencies=0.0)
    abusive_requests.schedule_abuse(world, 9)
    abusive_requests.schedule_emergency(world, 9)
    assert len(posted(world)) == 2


def test_whom_it_asks() -> None:
    """An abusive request asks a large provider, or a custodian in the person's state of residence."""
    world = stream(abuse_majors=0.65)
    world.provider["state"], world.provider["representative"] = THIRD, NONE
    world.provider["state"][0] = HOME
    majors = world._replace(place_majors=np.array([1.0, 1.0, 5.0]))
    for number in range(1, 41):
        key = abusive_requests.abuse_key(ABUSE, number)
        assert abusive_requests.abuse_target(world, key, HOME) == (AWAY, 4)
        expected = (AWAY, 4)
        if uniform(1, Purpose.ABUSE_CUSTODIAN, key, 0) < 0.65:
            at_home = uniform(1, Purpose.ABUSE_CUSTODIAN, key, 1) < 0.2
            expected = (NONE, 0) if at_home else (THIRD, 2)
        assert abusive_requests.abuse_target(majors, key, HOME) == expected
    mostly_home = world._replace(place_refuge=np.array([9.0, 10.0]))
    for number in range(1, 21):
        key = abusive_requests.abuse_key(ABUSE, number)
        tried = [uniform(1, Purpose.ABUSE_TARGET, key, count) >= 0.9 for count in range(8)]
        assert abusive_requests.abuse_target(mostly_home, key, HOME) == ((AWAY, 4) if any(tried) else (NONE, NONE))


def test_a_request_without_a_case_goes_by_police_or_the_way_that_seems_best() -> None:
    """An abusive request goes by police or the best channel, under one of four equally likely pretexts."""

    def asks(police: float, *opened: Channel) -> tuple[int, ...]:
        channels = []
        for number in range(1, 9):
            world = stream(abuse_police=police, abuse_majors=0.0, police_days=5.5, police_sigma=1.0)
            for channel in opened:
                open_channel(world, channel, AWAY)
            abusive_requests.abuse_arrives(world, number)
            assert (Event.ABUSE_ARRIVAL, number + 1) in [event[:2] for event in posted(world)]
            drawn = uniform(1, Purpose.ABUSE_OFFENCE, abusive_requests.abuse_key(ABUSE, number), 0)
            pretext = abusive_requests.PRETEXTS[int(4 * drawn)]
            for asked in records(world, "request")[1:]:
                assert (asked.offence, asked.requesting, asked.requested) == (pretext, HOME, AWAY)
                assert asked.provider == (4 if asked.channel != Channel.POLICE else NONE)
                channels.append(int(asked.channel))
                assert (asked.stage > 0) == (asked.channel != Channel.POLICE)
                answer = lognormal(1, Purpose.POLICE_TIME, asked.key, 0, 5.5, 1.0)
                answers = [days for kind, _, days in posted(world) if kind == Event.LEAD_ANSWERED]
                assert answers == [pytest.approx(answer)] * int(asked.channel == Channel.POLICE)
        return tuple(sorted(set(channels)))

    letters, mlat, by_police = Channel.LETTERS_ROGATORY, Channel.MLAT, Channel.POLICE
    holds(
        asks,
        police=(1.0, mlat, by_police, (by_police,)),
        police_not_open=(1.0, mlat, (mlat,)),
        formally=(0.0, letters, by_police, (letters,)),
        nothing_open=(0.0, by_police, ()),
    )
    nobody = stream()._replace(place_refuge=np.array([1.0]))
    abusive_requests.abuse_arrives(nobody, 1)
    assert nobody.used[Growing.REQUEST] == 1


def test_a_disguise_needs_an_offence_that_the_other_side_has() -> None:
    """A disguised request alleges facts that are an offence in the other state, although no offence happened."""
    for punishable, share in ((1, 0.4), (0, 0.0)):
        world = stream(abuse_strength=0.35, abuse_disguised=0.4)
        open_channel(world, Channel.MLAT, AWAY)
        world.offence[:], world.elements[:] = punishable, 0b111

        def disguised(key: int, world: World = world) -> bool:
            world.used[Growing.REQUEST] = 1
            what = (Channel.MLAT, DataKind.TRAFFIC, Offence.ILLEGAL_ACCESS)
            asked = world.request[abusive_requests.draft_abuse(world, key, HOME, AWAY, *what)]
            assert (asked.dual_criminality, asked.offence) == (0, Offence.ILLEGAL_ACCESS)
            assert (asked.case, asked.group, asked.chain, asked.evidence) == (NONE,) * 4
            assert asked.purpose == RequestPurpose.PRETEXT
            assert asked.strength == pytest.approx(0.35 + 0.1 * normal(1, Purpose.STRENGTH, key, 0))
            assert asked.deed == (1 << Offence.ILLEGAL_ACCESS | 0xFF << 8)
            return bool(asked.abusive == Abuse.DISGUISED)

        chances(disguised, Purpose.ABUSE_DISGUISED, share)


def test_police_may_stop_decline_or_answer() -> None:
    """INTERPOL may stop a request, and police may decline one with a probability that grows with distance.

    INTERPOL sees what passes through it. At an affinity of 0.4 police decline 0.2 + 0.5 · 0.6.
    """
    settings = {"police_declined": 0.2, "police_declined_distance": 0.5}
    for body, stopped in ((Body.INTERPOL, 0.6), (Body.EUROPOL, 0.0)):
        world = stream(**settings, interpol_screening=0.6)
        world.affinity[:], world.police_body[:] = 0.4, body
        for key in range(1, 41):
            put(world, "request", 3, requesting=HOME, requested=AWAY, key=key, ground=0, accounts=0)
            abusive_requests.abuse_answered_by_police(world, 3)
            expected = (RequestStatus.EXECUTED, Ground.NONE, 1, NOW)
            if uniform(1, Purpose.ABUSE_AT_INTERPOL, key, 0) < stopped:
                expected = (RequestStatus.REFUSED, Ground.POLITICAL_OR_ESSENTIAL_INTERESTS, 0, NOW)
            elif uniform(1, Purpose.POLICE_DECLINES, key, 0) < 0.5:
                expected = (RequestStatus.REFUSED, Ground.DECLINED_BY_POLICE, 0, NOW)
            assert got(world, "request", 3, "status ground accounts ended") == expected


def test_a_stolen_mailbox_belongs_to_another_state_that_may_ask_the_provider() -> None:
    """A false emergency request comes from a random state that can ask the provider, found in up to eight draws."""
    for row in (0, 1, NONE):
        for number in range(1, 13):
            world = stream()._replace(place_majors=np.array([0.0, 0.0, 1.0]), place_abuse=np.array([1.0, 4.0]))
            world.provider["state"] = HOME
            world.instrument[:, :, Channel.PROVIDER_VOLUNTARY] = row
            abusive_requests.emergency_is_faked(world, number)
            assert (Event.FALSE_EMERGENCY, number + 1) in [event[:2] for event in posted(world)]
            key = abusive_requests.abuse_key(EMERGENCY, number)
            fits = any(uniform(1, Purpose.ABUSE_STATE, key, count) >= 0.25 for count in range(8)) and row >= 0
            assert world.used[Growing.REQUEST] == 1 + fits
            if fits:
                subscriber = uniform(1, Purpose.DATA_KIND, key, 0) < 0.5
                asked = world.request[1]
                assert (asked.requesting, asked.requested, asked.provider) == (AWAY, HOME, 2)
                assert asked.data_kind == (DataKind.SUBSCRIBER if subscriber else DataKind.TRAFFIC)
                assert (asked.abusive, asked.urgent, asked.route) == (Abuse.FALSE_EMERGENCY, 1, 1 << Stage.PRODUCTION)
                assert (asked.sent, asked.stage, asked.dual_criminality) == (NOW, Stage.PRODUCTION, 0)
                assert (asked.deed, asked.offence) == (1 << Offence.COMPUTER_FRAUD, Offence.COMPUTER_FRAUD)
                assert (asked.case, asked.group, asked.purpose) == (NONE, NONE, RequestPurpose.PRETEXT)
    nobody = stream()
    abusive_requests.emergency_is_faked(nobody, 7)
    assert nobody.used[Growing.REQUEST] == 1 and len(posted(nobody)) == 1


INTERPOL, OTHER = Body.INTERPOL, Body.EUROPOL
VOLUNTARY, BINDING = Channel.PROVIDER_VOLUNTARY, Channel.PROVIDER_BINDING


def request(key: int, **fields: float) -> Any:
    return record(REQUEST, key=key, abusive=Abuse.OPEN, **fields)


@table((0.2, 3.0, 1 - 0.8**3), (1.0, 0.5, 1 - math.sqrt(1e-9)))
def test_each_unit_of_care_is_another_look(probability: float, effort: float) -> float:
    return vetting.with_effort(probability, effort)


@table((Abuse.OPEN, 0.3, 1 - 0.6**3), (Abuse.DISGUISED, 0.3, 1 - 0.92**3), (Abuse.OPEN, 3.0, 1 - 0.02**3))
def test_reviewers_notice_more_with_skill_and_care(abusive: Abuse, skill: float) -> float:
    settings = {"recognised_open": 0.5, "recognised_disguised": 0.1, "authority_screening": 3.0}
    return vetting.recognition_probability(row_of_settings(**settings)[0], abusive, skill)


def test_each_who_handles_a_request_may_notice() -> None:
    """Staff of providers, reviewers, INTERPOL and courts of remedy may each detect an abusive request."""
    settings = {"recognised_open": 0.5, "authority_screening": 1.0, "provider_screening": 2.0}
    settings |= {"provider_recognises": 0.4, "provider_objects": 0.1, "emergency_deceived": 0.4, "remedy": 0.7}
    setting = row_of_settings(interpol_screening=0.6, **settings)[0]
    for channel, share in ((VOLUNTARY, 1 - 0.6**2), (BINDING, 1 - 0.9**2)):
        chances(
            lambda key, channel=channel: vetting.provider_objects(setting, request(key, channel=channel)),
            Purpose.ABUSE_OBJECTED,
            share,
        )
    for purpose, share, rule in (
        (Purpose.ABUSE_RECOGNISED, 0.4, lambda asked: vetting.is_recognised(setting, asked, 0.3)),
        (Purpose.EMERGENCY_FOUND_OUT, 1 - 0.4**2, lambda asked: not vetting.is_deceived(setting, asked)),
        (Purpose.ABUSE_AT_INTERPOL, 0.6, lambda asked: vetting.is_stopped_by_interpol(setting, asked, INTERPOL)),
        (Purpose.ABUSE_AT_INTERPOL, 0.0, lambda asked: vetting.is_stopped_by_interpol(setting, asked, OTHER)),
        (Purpose.ABUSE_REMEDY, 0.7, lambda asked: vetting.is_remedied(setting, asked)),
    ):
        chances(lambda key, rule=rule: rule(request(key)), purpose, share)


@table((70.0, 50.0, True), (69.0, 50.0, False), (69.0, 51.0, True))
def test_data_are_held_as_long_as_they_are_retained(drafted: float, kept: float) -> bool:
    """A request for data succeeds as long as the data's retention period has not ended.

    They were 20 days old when the request was drafted; today is day 100.
    """
    settings = {"abuse_age_days": 20.0, "abuse_age_sigma": 0.0, "retention_sigma": 0.0, "traffic_retention_days": 1.0}
    setting = row_of_settings(retention_scale=0.0, retention_floor_days=0.0, **settings)[0]
    asked = request(5, drafted=drafted, data_kind=DataKind.TRAFFIC)
    custodian = record(PROVIDER, keeps_traffic=kept, keeps_content=999.0)
    return vetting.is_still_held(setting, asked, custodian, 100.0)
