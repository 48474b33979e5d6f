"""Law of the day: a request that is pending when the law changes is judged by the new law (pending.yaml); law drawn."""

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from ruamel.yaml import YAML

from sim.agents.drafting import apply_terms, draft
from sim.agents.request import ground_in_law
from sim.engine.compiling import kernel
from sim.law.amendments import Amendment
from sim.law.order import LegalOrder
from sim.law.vocabulary import ELEMENTS, Channel, DataKind, Ground, Offence
from sim.policy.timeline import Timeline
from sim.simulate import start
from sim.world.parameters import Parameters
from sim.world.records import RequestPurpose
from sim.world.world import World
from sim.world.world_pointer import attach
from tests.law.written import amendments_of
from tests.tiny import TINY, begun

CASES = YAML(typ="safe").load(Path(__file__).parent / "pending.yaml")
_CHAIN = RequestPurpose.CHAIN.value


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


def test_a_pending_request_is_judged_by_the_law_of_the_day(order: LegalOrder) -> None:
    for case in CASES:
        world, row = drafted(order, case)
        assert bool(world.request[row].dual_criminality) is case["drafted"]["offence"], case["title"]
        for stage in ("review", "court"):
            world = under_law_of(world, order, case[stage]["on"], amendments_of(case))
            assert Ground(law_finds(world, row)).name.lower() == case[stage]["ground"], (case["title"], stage)


def test_a_seed_and_all_its_arms_share_one_draw(order: LegalOrder) -> None:
    run = begun(3)
    assert run.law.draw == 3
    assert run.fork(Timeline()).law is run.law
    assert np.array_equal(run.world.penalty_years, order.drawn(3).arrays(date.fromisoformat(TINY.start)).penalty_years)
    chosen = start(TINY, Parameters(), order.drawn(9), Timeline(), 3)  # the member of an ensemble, under any seed
    assert chosen.law.draw == 9
