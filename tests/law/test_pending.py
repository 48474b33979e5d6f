"""Law of the day: a request that is pending when the law changes is judged by the new law (pending.yaml); law drawn."""

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ruamel.yaml import YAML

from sim.agents.drafting import apply_terms, draft
from sim.agents.request import court_decides, ground_in_law, review
from sim.engine.compiling import kernel
from sim.engine.rows import new_row
from sim.law.amendments import AdoptOffences, Amendment, GrantPowers, RemoveDataConflict
from sim.law.order import LegalOrder
from sim.law.vocabulary import ELEMENTS, Channel, DataKind, Ground, Offence
from sim.policy.timeline import Timeline
from sim.simulate import start
from sim.world.parameters import Parameters
from sim.world.records import Growing, RequestPurpose, RequestStatus
from sim.world.world import World
from sim.world.world_pointer import attach
from tests.tiny import TINY, begun

CASES = YAML(typ="safe").load(Path(__file__).parent / "pending.yaml")
_CHAIN = RequestPurpose.CHAIN.value
_CASE = Growing.CASE.value


@kernel
def draft_one(world, key, requesting, requested, channel, data_kind, deed):
    """Drafts a request under the law of the day."""
    scene = attach(world)
    row = draft(scene, key, _CHAIN, requesting, requested, channel, data_kind)
    apply_terms(scene, scene.request[row], deed)
    return row


@kernel
def law_finds(world, row):
    """The ground that national law of the day gives."""
    scene = attach(world)
    return ground_in_law(scene, scene.request[row])


@kernel
def decide(world, row, at_court):
    """The whole decision at review, or at the court on a file that no court doubts."""
    scene = attach(world)
    case = new_row(scene, scene.case, _CASE)
    scene.case[case].proof = 9.0
    scene.request[row].case = case
    if at_court:
        court_decides(scene, row)
    else:
        review(scene, row)


def amendments_of(case: dict[str, Any]) -> tuple[Amendment, ...]:
    return tuple(_amendment(kind, entry) for item in case.get("amendments", ()) for kind, entry in item.items())


def _amendment(kind: str, entry: dict[str, Any]) -> Amendment:
    if kind == "adopt_offences":
        offences = tuple(Offence[name.upper()] for name in entry["offences"])
        return AdoptOffences(tuple(entry["states"]), offences, entry["penalty_years"], entry["on"])
    if kind == "grant_powers":
        kinds = tuple(DataKind[name.upper()] for name in entry["data_kinds"])
        return GrantPowers(tuple(entry["states"]), kinds, entry["on"])
    assert kind == "remove_data_conflict"
    return RemoveDataConflict(tuple(entry["requesting"]), tuple(entry["requested"]), entry["on"])


def under_law_of(world: World, order: LegalOrder, on: date, amendments: tuple[Amendment, ...]) -> World:
    return world._replace(**order.arrays(on, amendments)._asdict())


def drafted(order: LegalOrder, case: dict[str, Any]) -> tuple[World, int]:
    """A request as the case states it, under the law of the day on which it was drafted."""
    world = begun().world
    for name in ("assessor_false_refusal", "assessor_false_acceptance", "refusal_de_minimis"):
        world.setting[name] = 0.0
    world.setting["refusal_ne_bis_in_idem"], world.setting["refusal_political"] = 0.0, -99.0
    world.setting["refusal_data_protection"] = 1.0
    world = under_law_of(world, order, case["drafted"]["on"], amendments_of(case))
    offences = sum(1 << Offence[name.upper()] for name in case["offences"])
    facts = sum(1 << ELEMENTS.index(name) for name in case.get("facts", ELEMENTS))
    row = draft_one(
        world,
        np.uint64(7),
        order.index(case["requesting"]),
        order.index(case["requested"]),
        int(Channel[case["channel"].upper()]),
        int(DataKind[case["data"].upper()]),
        offences | facts << 8,
    )
    instrument = order.terms[world.request[row].instrument].id
    assert instrument == case.get("instrument", instrument)
    return world, row


@pytest.mark.parametrize("case", CASES, ids=[case["title"] for case in CASES])
def test_pending_request(order: LegalOrder, case: dict[str, Any]) -> None:
    world, row = drafted(order, case)
    assert bool(world.request[row].dual_criminality) is case["drafted"]["offence"]
    for stage in ("review", "court"):
        world = under_law_of(world, order, case[stage]["on"], amendments_of(case))
        assert Ground(law_finds(world, row)).name.lower() == case[stage]["ground"], stage


@pytest.mark.parametrize("at_court", [False, True])
def test_review_and_court_both_read_the_law_of_their_day(order: LegalOrder, at_court: bool) -> None:
    """The second case is refused before the offence is adopted, the first continues after it."""
    ends = {}
    for case in CASES[:2]:
        world, row = drafted(order, case)
        world = under_law_of(world, order, case["review"]["on"], amendments_of(case))
        world = world._replace(implementation=np.ones_like(world.implementation))  # law is in action
        world.request["resume"][row] = 0
        with np.errstate(over="ignore"):
            decide(world, row, at_court)
        ends[case["review"]["ground"]] = (int(world.request[row].status), int(world.request[row].ground))
    assert ends["dual_criminality"] == (RequestStatus.REFUSED, Ground.DUAL_CRIMINALITY)
    assert ends["none"][0] == RequestStatus.OPEN


def test_a_seed_and_all_its_arms_share_one_draw(order: LegalOrder) -> None:
    run = begun(3)
    assert run.law.draw == 3
    assert run.fork(Timeline()).law is run.law
    assert np.array_equal(run.world.penalty_years, order.drawn(3).arrays(date.fromisoformat(TINY.start)).penalty_years)
    chosen = start(TINY, Parameters(), order.drawn(9), Timeline(), 3)  # the member of an ensemble, under any seed
    assert chosen.law.draw == 9
