"""Tests of legal conformance with the cases that lawyers wrote in cases/*.yaml and pending.yaml.

A request that is pending when the law changes is judged by the new law; what has not been read is drawn.
"""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from ruamel.yaml import YAML

from sim.agents.assistance.drafting import apply_terms, draft
from sim.agents.assistance.request import ground_in_law
from sim.engine.compiling import kernel
from sim.law.amendments import (
    AdoptOffences,
    Amendment,
    BringIntoForce,
    CloseChannels,
    Conclude,
    GrantPowers,
    Join,
    RemoveDataConflict,
)
from sim.law.channels import OpenChannel, Question
from sim.law.order import LegalOrder
from sim.law.vocabulary import ELEMENTS, Channel, DataKind, Ground, Offence
from sim.policy.timeline import Timeline
from sim.simulate import start
from sim.world.parameters import Parameters
from sim.world.records import RequestPurpose
from sim.world.world import World
from sim.world.world_pointer import attach
from tests.tiny import TINY, begun

KINDS: dict[str, Callable[..., Amendment]] = {
    **{"adopt_offences": AdoptOffences, "bring_into_force": BringIntoForce, "close_channels": CloseChannels},
    **{"conclude": Conclude, "grant_powers": GrantPowers, "join": Join, "remove_data_conflict": RemoveDataConflict},
}
VALUES: dict[str, Callable[[Any], Any]] = {
    "channels": lambda written: {"all": tuple(Channel)}[written],
    "data_kinds": lambda written: tuple(DataKind[name.upper()] for name in written),
    "offences": lambda written: tuple(Offence[name.upper()] for name in written),
    "pairs": lambda written: tuple((a, b) for a, b in written),
} | dict.fromkeys(("requested", "requesting", "states"), tuple)


def amendments_of(case: dict[str, Any]) -> tuple[Amendment, ...]:
    return tuple(
        KINDS[kind](**{name: VALUES[name](value) if name in VALUES else value for name, value in entry.items()})
        for item in case.get("amendments", ())
        for kind, entry in item.items()
    )


FILES = sorted((Path(__file__).parent / "cases").glob("*.yaml"))
CASES = [case for file in FILES for case in YAML(typ="safe").load(file)]


def question_of(case: dict[str, Any]) -> Question:
    offence = Offence[case.get("offence", "illegal_access").upper()]
    return Question(case["requesting"], case["requested"], DataKind[case["data"].upper()], offence, case["on"])


def facts_of(channel: OpenChannel) -> dict[str, Any]:
    terms = channel.terms
    return {
        "instrument": terms.id,
        "deadline_days": "none" if channel.deadline_days is None else channel.deadline_days,
        "emergency_hours": None if terms.emergency_days is None else round(terms.emergency_days * 24),
        **{"dual_criminality": channel.dual_criminality_tested, "threshold_years": channel.threshold_years},
        **{"preservation_days": terms.preservation_days, "enforceable": terms.enforceable, "since": channel.since},
        **{"diplomatic": terms.diplomatic, "evidence": channel.tag.value},
    }


def faults(order: LegalOrder, case: dict[str, Any]) -> Iterator[str]:
    """Answers that differ from the expected answers of a case."""
    question = question_of(case), amendments_of(case)
    found = {channel.channel.name.lower(): facts_of(channel) for channel in order.channels(*question)}
    closed = {entry.terms.id: entry.reason for entry in order.closed(*question)}
    expect = case["expect"]
    assert set(expect) <= {"open", "shut", "exactly", "closed"}, case["title"]
    for channel, facts in expect.get("open", {}).items():
        if channel not in found:
            yield f"{channel} is not open"
        else:
            got = {key: found[channel][key] for key in facts}
            yield from [f"{channel}: {got}, not {facts}"] * (got != facts)
    yield from (f"{channel} is open" for channel in set(expect.get("shut", ())) & set(found))
    if "exactly" in expect and set(expect["exactly"]) != set(found):
        yield f"open are {sorted(found)}, not {expect['exactly']}"
    for instrument, reason in expect.get("closed", {}).items():
        if reason not in closed.get(instrument, ""):
            yield f"{instrument} is closed as {closed.get(instrument)!r}, not {reason!r}"


def test_the_law_answers_every_case_and_cases_are_many(order: LegalOrder) -> None:
    wrong = [f"{case['title']}: {fault}" for case in CASES for fault in faults(order, case)]
    assert not wrong, "\n".join(wrong)
    assert len(CASES) >= 40 and all(case["authority"] and case["expect"] for case in CASES)
    assert len({case["title"] for case in CASES}) == len(CASES)


def test_a_wrong_expectation_is_noticed(order: LegalOrder) -> None:
    case = next(case for case in CASES if case["expect"].get("open"))
    channel, facts = next(iter(case["expect"]["open"].items()))
    for expect in ({"shut": [channel]}, {"exactly": []}, {"open": {channel: facts | {"since": "never"}}}):
        assert len(list(faults(order, case | {"expect": expect}))) == 1


PENDING = YAML(typ="safe").load(Path(__file__).parent / "pending.yaml")
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
    """Ground of refusal under national law of the day."""
    scene = attach(world)
    return ground_in_law(scene, scene.request[row])


def under_law_of(world: World, order: LegalOrder, on: date, amendments: tuple[Amendment, ...]) -> World:
    return world._replace(**order.arrays(on, amendments)._asdict())


def drafted(order: LegalOrder, case: dict[str, Any]) -> tuple[World, int]:
    """A request as a case describes it, under the law of its drafting day."""
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
    for case in PENDING:
        world, row = drafted(order, case)
        assert bool(world.request[row].dual_criminality) is case["drafted"]["offence"], case["title"]
        for stage in ("review", "court"):
            world = under_law_of(world, order, case[stage]["on"], amendments_of(case))
            assert Ground(law_finds(world, row)).name.lower() == case[stage]["ground"], (case["title"], stage)


def test_a_seed_and_all_its_arms_share_one_draw(order: LegalOrder) -> None:
    run = begun(3)
    assert run.law.draw == 3 and run.fork(Timeline()).law is run.law
    assert np.array_equal(run.world.penalty_years, order.drawn(3).arrays(date.fromisoformat(TINY.start)).penalty_years)
    chosen = start(TINY, Parameters(), order.drawn(9), Timeline(), 3)  # the member of an ensemble, under any seed
    assert chosen.law.draw == 9
