"""Conduct decides whether a deed is an offence (M1), and drafts take the stages and terms of their channel."""

import numpy as np
import pytest

from sim.agents import drafting, offence
from sim.law.vocabulary import Channel, DataKind
from sim.world.records import RequestPurpose, Stage
from tests.agents import scene
from tests.agents.plain import fresh, put, table
from tests.tiny import row_of_settings

pytestmark = pytest.mark.usefixtures("as_python")

ACCESS, FRAUD = 0, 3  # two offences that the deed may be
INTENT, DAMAGE = 1, 2  # elements


@pytest.mark.parametrize(
    ("facts", "years", "exempt", "is_one"),
    [
        (INTENT, 4.0, 0, True),  # fraud carries five years
        (INTENT, 5.0, 0, True),
        (INTENT, 6.0, 0, False),
        (INTENT, 6.0, 1 << FRAUD, True),
        (INTENT, 6.0, 1 << ACCESS, False),  # access asks for damage as well
        (INTENT | DAMAGE, 6.0, 1 << ACCESS, True),
        (0, 0.0, 0, False),
    ],
)
def test_a_deed_is_an_offence_if_one_that_it_may_be_is_met_and_grave_enough(
    facts: int, years: float, exempt: int, is_one: bool
) -> None:
    """Of two in question; a third that the state knows, without elements, is none of them."""
    world = fresh(4)
    world.offence[scene.AWAY] = 0
    world.offence[scene.AWAY, [ACCESS, FRAUD, 1]] = 1
    world.penalty_years[scene.AWAY] = 9.0
    world.penalty_years[scene.AWAY, ACCESS], world.penalty_years[scene.AWAY, FRAUD] = 1.0, 5.0
    world.elements[scene.AWAY, ACCESS], world.elements[scene.AWAY, FRAUD] = DAMAGE, INTENT
    deed = np.int32((1 << ACCESS) | (1 << FRAUD) | (facts << 8))
    assert offence.is_offence(world, scene.AWAY, deed, exempt, years) == is_one


@table(
    both_sides=(0, 1, DataKind.CONTENT, FRAUD, False),
    one_side=(0, 0, DataKind.CONTENT, FRAUD, True),
    other_data=(0, 1, DataKind.SUBSCRIBER, FRAUD, True),
    no_instrument=(-1, 1, DataKind.CONTENT, FRAUD, True),
    exempt=(0, 1, DataKind.CONTENT, ACCESS, True),
)
def test_some_instruments_ask_for_a_least_penalty_on_both_sides(
    instrument: int, both: int, kind: DataKind, alleged: int
) -> bool:
    """Four years, where the law has three, for content and but for access."""
    world = fresh(4)
    world.penalty_years[scene.AWAY] = 3.0
    put(world, "request", requested=scene.AWAY, instrument=instrument, data_kind=DataKind.CONTENT, deed=1 << alleged)
    terms = {"penalty_kinds": 1 << kind, "penalty_years": 4.0, "exempt_offences": 1 << ACCESS}
    put(world, "terms", penalty_both=both, **terms)
    return offence.is_offence_there(world, world.request[0])


@pytest.mark.parametrize(
    ("share", "channel", "adds"),
    [
        (0.5, Channel.PROVIDER_BINDING, True),
        (0.0, Channel.PROVIDER_BINDING, False),
        (0.5, Channel.MLAT, False),
    ],
)
def test_oversight_adds_review_and_court_to_direct_requests(share: float, channel: Channel, adds: bool) -> None:
    """Where a court is asked for them."""
    setting = row_of_settings(provider_court_order=share)[0]
    expected = 2**Stage.REVIEW + 2**Stage.COURT_ORDER if adds else 0
    assert drafting.oversight_route(setting, channel) == expected


def test_an_action_needs_no_production_and_stages_follow_each_other() -> None:
    """From judge to judge: translation, sending, review, court, answer."""
    route = drafting.route_of(Channel.JUDICIAL_DIRECT, RequestPurpose.ACTION)
    stages, stage = [], 0
    while stage := drafting.next_stage(route, stage):
        stages.append(stage)
    assert stages == [1, 2, 4, 7, 8, 11]
    assert drafting.route_of(Channel.JUDICIAL_DIRECT, RequestPurpose.CHAIN) == route + 2**Stage.PRODUCTION


@pytest.mark.parametrize(("common", "channel"), [(1, Channel.JUDICIAL_DIRECT), (0, Channel.DOMESTIC)])
def test_a_draft_has_the_terms_of_its_instrument_and_no_translation_in_a_common_language(
    common: int, channel: Channel
) -> None:
    """Requests at home have none."""
    world = fresh(4, urgent_share=0.0)
    world.shared_language[scene.HOME, scene.AWAY] = common
    scene.open_channel(world, Channel.JUDICIAL_DIRECT, scene.AWAY, terms=scene.DEADLINE)
    row = drafting.draft(world, 5, RequestPurpose.CHAIN, scene.HOME, scene.AWAY, channel, DataKind.CONTENT)
    request = world.request[row]
    request.instrument = -1
    drafting.apply_terms(world, request, 3)
    translates = channel == Channel.JUDICIAL_DIRECT and not common
    assert bool(request.route & 2**Stage.TRANSLATION) == translates
    assert (request.instrument, request.dual_criminality) == (scene.DEADLINE if common else -1, 1)
    if not common:
        foreign = drafting.draft(
            world, 6, RequestPurpose.CHAIN, scene.HOME, scene.AWAY, Channel.JUDICIAL_DIRECT, DataKind.CONTENT
        )
        assert world.request["route"][foreign] & 2**Stage.TRANSLATION
