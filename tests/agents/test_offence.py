"""Conduct decides whether a deed is an offence (M1), and drafts take the stages and terms of their channel."""

from typing import Any

import numpy as np
import pytest

from sim.agents import drafting, offence
from sim.law.vocabulary import Channel, DataKind
from sim.world.records import NONE, RequestPurpose, Stage
from sim.world.world import World
from tests.agents.plain import fresh, put, table
from tests.agents.scene import AWAY, DEADLINE, HOME, OPEN, open_channel
from tests.tiny import row_of_settings

pytestmark = pytest.mark.usefixtures("as_python")

ACCESS, FRAUD, OTHER = 0, 3, 1  # two offences that the deed may be, and one that it is not
INTENT, DAMAGE = 1, 2  # elements


def law() -> World:
    """AWAY punishes access that does damage with a year at most, intended fraud with five, and another with nine."""
    world = fresh(4)
    world.offence[AWAY] = 0
    world.offence[AWAY, [ACCESS, FRAUD, OTHER]] = 1
    world.penalty_years[AWAY] = 9.0
    world.penalty_years[AWAY, [ACCESS, FRAUD]] = 1.0, 5.0
    world.elements[AWAY, [ACCESS, FRAUD]] = DAMAGE, INTENT
    return world


def deed(facts: int) -> Any:
    """Access or fraud, by these facts."""
    return offence.as_deed(np.int32((1 << ACCESS) | (1 << FRAUD)), np.int32(facts))


@table(
    (INTENT, 4.0, 0, True),
    (INTENT, 5.0, 0, True),
    (INTENT, 6.0, 0, False),
    (INTENT, 6.0, 1 << FRAUD, True),
    (INTENT, 6.0, 1 << ACCESS, False),  # access asks for damage as well
    (INTENT | DAMAGE, 6.0, 1 << ACCESS, True),
    (0, 0.0, 0, False),
)
def test_a_deed_is_an_offence_if_one_is_met_and_grave_enough(facts: int, years: float, exempt: int) -> bool:
    return bool(offence.is_offence(law(), AWAY, deed(facts), exempt, years))


def test_the_deed_of_a_group_is_its_conduct_and_its_facts() -> None:
    world = law()
    put(world, "group", kind=2, facts=INTENT)
    world.conducts[2] = (1 << ACCESS) | (1 << FRAUD)
    assert offence.deed_of(world, 0) == deed(INTENT)


@table(
    binds=(OPEN, 1, DataKind.CONTENT, 6.0, 0, False),
    met=(OPEN, 1, DataKind.CONTENT, 5.0, 0, True),
    exempt=(OPEN, 1, DataKind.CONTENT, 6.0, 1 << FRAUD, True),
    requesting_side_alone=(OPEN, 0, DataKind.CONTENT, 6.0, 0, True),
    other_data=(OPEN, 1, DataKind.SUBSCRIBER, 6.0, 0, True),
    no_instrument=(NONE, 1, DataKind.CONTENT, 6.0, 0, True),
)
def test_some_instruments_ask_for_penalties_there(
    instrument: int, both: int, kind: DataKind, years: float, exempt: int
) -> bool:
    """For some kinds of data, and but for some offences."""
    world = law()
    put(world, "request", instrument=instrument, data_kind=DataKind.CONTENT, requested=AWAY, deed=deed(INTENT))
    put(world, "terms", penalty_both=both, penalty_kinds=1 << kind, penalty_years=years, exempt_offences=exempt)
    return bool(offence.is_offence_there(world, world.request[0]))


@table((5.0, 2, False), (6.0, 2, True), (5.0, 1, True))
def test_a_listed_offence_that_is_punished_enough_is_not_tested(years: float, dual_criminality: int) -> bool:
    world = law()
    kinds = 1 << DataKind.CONTENT
    put(world, "terms", dual_criminality=dual_criminality, dual_criminality_kinds=kinds, listed_penalty_years=years)
    return bool(offence.is_tested(world, world.terms[OPEN], AWAY, DataKind.CONTENT, deed(INTENT)))


@table(
    (0.5, Channel.PROVIDER_BINDING, 2**Stage.REVIEW + 2**Stage.COURT_ORDER),
    (0.0, Channel.PROVIDER_BINDING, 0),
    (0.5, Channel.MLAT, 0),
)
def test_oversight_adds_review_and_court_to_direct_requests(share: float, channel: Channel) -> int:
    """Where a court is asked for them."""
    return drafting.oversight_route(row_of_settings(provider_court_order=share)[0], channel)


def test_an_action_needs_no_production_and_stages_follow_each_other() -> None:
    """From judge to judge: translation, sending, review, court, answer."""
    route = drafting.route_of(Channel.JUDICIAL_DIRECT, RequestPurpose.ACTION)
    stages, stage = [], 0
    while stage := drafting.next_stage(route, stage):
        stages.append(stage)
    assert stages == [1, 2, 4, 7, 8, 11]
    assert drafting.route_of(Channel.JUDICIAL_DIRECT, RequestPurpose.CHAIN) == route + 2**Stage.PRODUCTION


@table(
    foreign_language=(0, Channel.JUDICIAL_DIRECT, (1, DEADLINE)),
    common_language=(1, Channel.JUDICIAL_DIRECT, (0, DEADLINE)),
    at_home=(0, Channel.DOMESTIC, (0, NONE)),
)
def test_a_draft_has_the_terms_of_its_instrument_and_may_be_translated(common: int, channel: Channel) -> Any:
    """Requests at home have none."""
    world = fresh(4)
    world.shared_language[HOME, AWAY] = common
    open_channel(world, Channel.JUDICIAL_DIRECT, AWAY, terms=DEADLINE)
    row = drafting.draft(world, 5, RequestPurpose.CHAIN, HOME, AWAY, channel, DataKind.CONTENT)
    request = world.request[row]
    request.instrument = NONE
    drafting.apply_terms(world, request, 3)
    return bool(request.route & 2**Stage.TRANSLATION), request.instrument
