"""Requests without a genuine case: how many there are, whom they ask and how, one decision at a time (M9, part H)."""

import numpy as np
import pytest

from sim.agents import abusive_requests
from sim.agents.abusive_requests import (
    PRETEXTS,
    abuse_answered_by_police,
    abuse_arrives,
    abuse_rate,
    abuse_target,
    ask_in_false_emergency,
    ask_police_abusively,
    draft_abuse,
    emergency_is_faked,
    groups_aimed_at,
    schedule_abuse,
    schedule_emergency,
)
from sim.agents.events import Event
from sim.law.days import MONTH, YEAR
from sim.law.vocabulary import Channel, DataKind, Ground, Offence
from sim.world.records import NONE, Abuse, Growing, RequestStatus, Stage
from sim.world.world import World
from tests.agents import scene
from tests.agents.plain import answers, drawing, first_numbers, fresh, noting, usual
from tests.agents.scene import AWAY, HOME, THIRD
from tests.tiny import waiting_events

pytestmark = pytest.mark.usefixtures("as_python")

PROVIDER, ACCESS = 2, 4
TRIES = 8  # draws of a state until one is found that fits
ALL_FACTS = 0xFF


@pytest.fixture
def stream() -> World:
    """Half a group a day enters for ten months; HOME sends what has no case behind it."""
    world = fresh(12, with_trust=0.0, entry_rate=0.5, lineage_months=10.0, usual_requests=3.0)
    world.setting["abuse_share"], world.setting["false_emergencies"] = 0.2, 0.25
    only_home = np.ones(len(world.state))
    world = world._replace(place_abuse=only_home, place_majors=np.zeros(0))
    world.used[Growing.REQUEST] = 1
    world.state["access_provider"] = ACCESS
    return world


GROUPS = 0.5 * 10.0 * MONTH


def test_abusive_requests_are_a_share_of_all(stream: World, as_python: pytest.MonkeyPatch) -> None:
    """One in five of all is one for four genuine ones, of which each group leads to three a year."""
    times = drawing(as_python, abusive_requests, "exponential", usual)
    assert groups_aimed_at(stream.setting[0]) == pytest.approx(GROUPS)
    a_day = 3.0 * GROUPS / YEAR * 0.2 / 0.8
    assert abuse_rate(stream.setting[0]) == pytest.approx(a_day)
    schedule_abuse(stream, 7)
    assert first_numbers(times) == pytest.approx([1.0 / a_day])
    assert scene.waits(stream, Event.ABUSE_ARRIVAL) == pytest.approx([1.0 / a_day])
    stream.setting["abuse_share"] = 0.0
    schedule_abuse(stream, 8)
    assert len(waiting_events(stream)) == 1


def test_false_emergencies_come_in_proportion_to_groups(stream: World, as_python: pytest.MonkeyPatch) -> None:
    """A quarter a year for each group."""
    times = drawing(as_python, abusive_requests, "exponential", usual)
    schedule_emergency(stream, 7)
    days = YEAR / (0.25 * GROUPS)
    assert first_numbers(times) == pytest.approx([days])
    assert scene.waits(stream, Event.FALSE_EMERGENCY) == pytest.approx([days])
    stream.setting["false_emergencies"] = 0.0
    schedule_emergency(stream, 8)
    assert len(waiting_events(stream)) == 1


@pytest.mark.parametrize("by_major", [True, False])
@pytest.mark.parametrize("majors", [0, 3])
@pytest.mark.parametrize("addressee", [HOME, THIRD])
def test_an_account_with_a_large_provider_or_where_the_person_lives(
    stream: World, as_python: pytest.MonkeyPatch, majors: int, addressee: int, *, by_major: bool
) -> None:
    """Where the provider would be asked at home nothing crosses a border."""
    stream = stream._replace(place_majors=np.arange(1.0, majors + 1.0), place_refuge=np.array([0.0, 1.0, 1.0]))
    shares = drawing(as_python, abusive_requests, "chance", by_major)
    drawing(as_python, abusive_requests, "uniform", 0.9)
    answers(as_python, abusive_requests, addressee=addressee)
    stream.setting["abuse_majors"] = 0.65
    at_provider = (NONE if addressee == HOME else THIRD, PROVIDER)
    expected = at_provider if majors and by_major else (AWAY, ACCESS)
    assert abuse_target(stream, 5, HOME) == expected
    assert first_numbers(shares) == [0.65] * (majors > 0)


def test_a_state_that_draws_only_itself_asks_nobody(stream: World, as_python: pytest.MonkeyPatch) -> None:
    """It draws eight times, and takes the first other state."""
    stream = stream._replace(place_refuge=np.array([1.0, 4.0]))
    places = drawing(as_python, abusive_requests, "uniform", lambda drawn: 0.1 if drawn.number < 2 else 0.5)
    assert abuse_target(stream, 5, HOME) == (AWAY, ACCESS) and [one.number for one in places] == [0, 1, 2]
    drawing(as_python, abusive_requests, "uniform", 0.1)
    assert abuse_target(stream, 5, HOME) == (NONE, NONE)


@pytest.mark.parametrize(
    ("requested", "police", "is_open", "channel", "way"),
    [
        (AWAY, True, True, Channel.MLAT, "ask_police_abusively"),
        (HOME, True, True, Channel.MLAT, "ask_police_abusively"),  # the first state of the table is one like others
        (AWAY, False, True, Channel.MLAT, "start_request"),
        (AWAY, True, False, Channel.MLAT, "start_request"),
        (AWAY, False, False, 0, "start_request"),
        (AWAY, False, False, NONE, ""),
        (NONE, True, True, Channel.MLAT, ""),
    ],
)
def test_a_request_without_a_case_goes_by_police_or_the_way_that_seems_best(
    stream: World,
    as_python: pytest.MonkeyPatch,
    requested: int,
    channel: int,
    way: str,
    *,
    police: bool,
    is_open: bool,
) -> None:
    """Under one of four pretexts, each as likely; the next of the stream is posted in any case."""
    module = abusive_requests
    drawing(as_python, module, "chance", police)
    drawing(as_python, module, "uniform", 0.6)
    for name, value in (("abuse_target", (requested, PROVIDER)), ("is_open", is_open), ("choose_channel", channel)):
        as_python.setattr(module, name, lambda *_, value=value: value)
    done = noting(as_python, module, "ask_police_abusively", "start_request", "schedule_abuse")
    drafts = noting(as_python, module, draft_abuse=3)
    abuse_arrives(stream, 7)
    assert done[0] == ("schedule_abuse", 8)
    assert [name for name, *_ in done[1:]] == [way] * bool(way)
    assert len(drafts) == (way == "start_request")
    offences = {values[-1] for name, *values in done[1:] + drafts if name != "start_request"}
    assert offences <= {Offence.COMPUTER_FORGERY} and len(offences) == bool(way)
    assert PRETEXTS[2] == Offence.COMPUTER_FORGERY
    if drafts:
        assert stream.request["provider"][3] == PROVIDER


@pytest.mark.parametrize(
    ("disguised", "punishable", "kind"),
    [(True, 1, Abuse.DISGUISED), (True, 0, Abuse.OPEN), (False, 1, Abuse.OPEN)],
)
def test_a_disguise_needs_an_offence_that_the_other_side_has(
    stream: World, as_python: pytest.MonkeyPatch, punishable: int, kind: Abuse, *, disguised: bool
) -> None:
    """Its alleged facts fulfil the offence, what really happened is none; strength varies by a tenth."""
    deeds: list[int] = []

    def apply(_: World, request: np.record, deed: int) -> None:
        request.dual_criminality = punishable
        deeds.append(int(deed))

    module = abusive_requests
    drawing(as_python, module, "chance", disguised)
    as_python.setattr(module, "apply_terms", apply)
    answers(as_python, module, as_deed=lambda conducts, facts: 1000 * int(facts) + int(conducts), draft=3, normal=2.0)
    stream.setting["abuse_strength"] = 0.35
    row = draft_abuse(stream, 5, HOME, AWAY, Channel.MLAT, DataKind.TRAFFIC, Offence.ILLEGAL_ACCESS)
    request = stream.request[row]
    assert (request.abusive, request.dual_criminality) == (kind, 0)
    assert request.strength == pytest.approx(0.55)
    assert deeds == [1000 * ALL_FACTS + 2**Offence.ILLEGAL_ACCESS]


def test_police_take_as_long_as_for_a_genuine_question(stream: World, as_python: pytest.MonkeyPatch) -> None:
    drawing(as_python, abusive_requests, "lognormal", usual)
    noting(as_python, abusive_requests, draft_abuse=3)
    stream.setting["police_days"] = 5.5
    ask_police_abusively(stream, 5, HOME, AWAY, Offence.COMPUTER_FRAUD)
    assert scene.waits(stream, Event.LEAD_ANSWERED) == pytest.approx([5.5])
    stream.setting["instant_stages"] = 1.0
    ask_police_abusively(stream, 5, HOME, AWAY, Offence.COMPUTER_FRAUD)
    assert sorted(scene.waits(stream, Event.LEAD_ANSWERED)) == pytest.approx([1.0, 5.5])


@pytest.mark.parametrize(
    ("stopped", "declined", "status", "ground"),
    [
        (True, False, RequestStatus.REFUSED, Ground.POLITICAL_OR_ESSENTIAL_INTERESTS),
        (False, True, RequestStatus.REFUSED, Ground.DECLINED_BY_POLICE),
        (False, False, RequestStatus.EXECUTED, 0),
    ],
)
def test_police_may_stop_decline_or_answer(
    stream: World, as_python: pytest.MonkeyPatch, status: RequestStatus, ground: int, *, stopped: bool, declined: bool
) -> None:
    """Half of the usual declines where refusals are halved."""
    shares = drawing(as_python, abusive_requests, "chance", declined)
    answers(as_python, abusive_requests, is_stopped_by_interpol=stopped, police_decline_probability=0.7)
    stream.setting["refusal_scale"] = 0.5
    stream.request["requested"] = AWAY
    abuse_answered_by_police(stream, 3)
    assert (stream.request["status"][3], stream.request["ground"][3]) == (status, ground)
    assert first_numbers(shares) == pytest.approx([0.35] * (not stopped))
    assert stream.request["accounts"][3] == (status == RequestStatus.EXECUTED)


@pytest.mark.parametrize("subscriber", [True, False])
@pytest.mark.parametrize(("row", "asked"), [(0, (AWAY, 2)), (3, (AWAY, 2)), (NONE, None)])
def test_a_stolen_mailbox_belongs_to_another_state_that_may_ask_the_provider(
    stream: World, as_python: pytest.MonkeyPatch, row: int, asked: tuple[int, int] | None, *, subscriber: bool
) -> None:
    """The first of eight draws that fits; in half of them it asks for subscriber data, else for traffic data."""
    module = abusive_requests
    stream = stream._replace(place_majors=np.array([0.0, 0.0, 1.0]), place_abuse=np.array([1.0, 4.0]))
    stream.provider["state"] = HOME
    stream.instrument[:, :, Channel.PROVIDER_VOLUNTARY] = row
    shares = drawing(as_python, module, "chance", subscriber)
    places = drawing(as_python, module, "uniform", lambda drawn: 0.1 if drawn.number < 2 else 0.5)
    done = noting(as_python, module, "ask_in_false_emergency", "schedule_emergency")
    emergency_is_faked(stream, 7)
    assert done[0] == ("schedule_emergency", 8) and first_numbers(shares) == [0.5]
    kind = DataKind.SUBSCRIBER if subscriber else DataKind.TRAFFIC
    assert [tuple(values[1:]) for _, *values in done[1:]] == ([(*asked, kind)] if asked else [])
    assert [one.number for one in places[1:]] == ([0, 1, 2] if asked else list(range(TRIES)))
    emergency_is_faked(stream._replace(place_majors=np.zeros(0)), 7)
    assert done[-1] == ("schedule_emergency", 8)


def test_a_false_emergency_goes_before_everything_at_the_provider(stream: World, as_python: pytest.MonkeyPatch) -> None:
    """It states an offence without facts, and has no stage but production."""
    module = abusive_requests
    answers(as_python, module, draft=3, as_deed=lambda conducts, facts: 1000 * int(facts) + int(conducts))
    terms, begun = noting(as_python, module, "apply_terms"), noting(as_python, module, "begin_stage")
    ask_in_false_emergency(stream, 5, HOME, PROVIDER, DataKind.TRAFFIC)
    request = stream.request[3]
    assert (request.abusive, request.urgent, request.route) == (Abuse.FALSE_EMERGENCY, 1, 1 << Stage.PRODUCTION)
    assert [deed for *_, deed in terms] == [2**Offence.COMPUTER_FRAUD] and begun == [
        ("begin_stage", 3, Stage.PRODUCTION)
    ]
