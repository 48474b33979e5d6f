"""Tests that one world gives the same tables bit for bit in every way of running it."""

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest

from sim.engine.clock import Count
from sim.experiments.executors import Executor
from sim.law.amendments import AdoptOffences, GrantPowers, Join, RemoveDataConflict, ShiftAffinity
from sim.law.days import to_day
from sim.law.order import LegalOrder
from sim.law.vocabulary import DataKind, Offence
from sim.policy.levers import LEVERS, WORLD_LEVERS
from sim.policy.timeline import Assignment, Step, Timeline
from sim.simulate import Simulation, simulate
from sim.world.growth import HEADROOM, STRETCH
from sim.world.records import GROWING, DeskKind, RequestPurpose, Stage
from sim.world.world import TABLE_NAMES, World, records
from tests.interpreted import AS_PYTHON, BY_PLAIN_NUMBA, printed_by
from tests.tiny import POLICY, POLICY_START, STATES, TINY, begun, digests, ended, to_frame, waiting_events

PRINT_DIGESTS = "import json; from tests.test_simulate import digests_of; print(json.dumps(digests_of(1{more})))"


def digests_of(seed: int, end: str = TINY.end, groups: int = TINY.groups) -> dict[str, str]:
    return dict(digests(ended(seed, replace(TINY, end=end, groups=groups), timeline=POLICY)))


@pytest.fixture(scope="module")
def usual() -> dict[str, str]:
    return digests_of(1)


def test_a_seed_names_a_world_event_by_event_and_in_any_worker(usual: dict[str, str]) -> None:
    assert digests_of(1) == usual
    other = digests_of(2)
    assert all(other[name] != usual[name] for name in GROWING if name not in ("action", "leak"))  # may be empty
    simulation = begun(1, timeline=POLICY)
    while (day := float(waiting_events(simulation.world)["time"].min())) <= to_day(POLICY_START) + 30.0:
        simulation.advance(day)
    simulation.advance(simulation.end)
    assert digests(simulation.world) == usual
    assert dict(Executor(1).run(digests_of, (2, 1))) == {1: usual, 2: other}


@pytest.mark.parametrize("given", [("2026-07-31", 4), pytest.param((TINY.end,), marks=pytest.mark.slow)])
def test_compiled_and_not(given: tuple[str | int, ...]) -> None:
    """Rules give the same tables with and without compilation."""
    more = "".join(f", {one!r}" for one in given)
    assert printed_by(AS_PYTHON, "-c", PRINT_DIGESTS.format(more=more)) == digests_of(1, *given)


@pytest.mark.compilation
def test_compiled_by_plain_numba(usual: dict[str, str]) -> None:
    """Rules give the same tables if plain Numba compiles them, without engine/linking.py."""
    without_linking = "import sys; assert 'sim.engine.linking' not in sys.modules"
    assert printed_by(BY_PLAIN_NUMBA, "-c", f"{PRINT_DIGESTS.format(more='')}; {without_linking}") == usual


def test_tables_that_grow_lose_nothing(usual: dict[str, str]) -> None:
    """A run with tables that are too small at first gives the same results."""
    simulation = begun(1, timeline=POLICY)
    small = {
        name: getattr(simulation.world, name)[: int(simulation.world.used[place]) + 5].copy().view(np.recarray)
        for place, name in enumerate(GROWING)
    }
    used = int(simulation.world.counters[Count.USED])
    small |= {name: getattr(simulation.world, name)[: used + 3].copy() for name in ("event", "due")}
    simulation.world = simulation.world._replace(**small)
    simulation.advance(simulation.end)
    assert digests(simulation.world) == usual
    assert len(simulation.world.request) > len(small["request"])


def test_a_fork_leaves_its_parent_alone() -> None:
    parent = begun(1)
    parent.advance(to_day(POLICY_START) - 1)
    before, queue = digests(parent.world), parent.world.event.copy()
    desks, heard = parent.world.desk.copy(), parent.world.days_heard.copy()
    arm = parent.fork(POLICY)
    arm.advance(arm.end)
    assert digests(parent.world) == before
    np.testing.assert_array_equal(parent.world.event, queue)
    np.testing.assert_array_equal(parent.world.desk, desks)
    np.testing.assert_array_equal(parent.world.days_heard, heard)
    for name, mine, other in zip(World._fields, parent.world, arm.world, strict=True):
        assert not (mine.flags.writeable and np.shares_memory(mine, other)), name
    assert digests(arm.world) == digests_of(1)  # the policy acts from its start, whether forked or not
    unforked = parent.fork(Timeline())
    unforked.advance(unforked.end)
    parent.advance(parent.end)
    assert digests(unforked.world) == digests(parent.world)


def test_a_fork_over_a_finished_run_is_like_any_other() -> None:
    """A fork into the memory of a finished run gives the same results as a fork into new memory."""
    parent = begun(1)
    parent.advance(to_day(POLICY_START) - 1)
    finished = parent.fork(Timeline())
    finished.advance(finished.end)
    memory = finished.world.request
    arm = parent.fork(POLICY, over=finished)
    assert np.shares_memory(arm.world.request, memory)
    for name, used in zip(TABLE_NAMES, arm.world.used, strict=True):
        getattr(arm.world, name)[used:].view(np.uint8)[:] = 0xA5
    arm.advance(arm.end)
    assert digests(arm.world) == digests_of(1)


@cache
def without_policy() -> dict[str, str]:
    """Digests of the tiny world under today's law."""
    return digests(ended(1))


def changed_tables(timeline: Timeline) -> list[str]:
    """Names of tables that a policy changes."""
    with_policy = digests(ended(1, timeline=timeline))
    return [name for name in GROWING if without_policy()[name] != with_policy[name]]


def test_levers_change_tables_and_neutral_values_nothing() -> None:
    """Levers change tables, except at their neutral values."""
    neutral = [Assignment(lever, float(LEVERS[lever].neutral)) for lever in sorted(WORLD_LEVERS)]
    if changed_tables(Timeline((Step(POLICY_START, assignments=tuple(neutral)),))):
        steps = {given.lever: Timeline((Step(POLICY_START, assignments=(given,)),)) for given in neutral}
        raise AssertionError({lever: changed_tables(step) for lever, step in steps.items() if changed_tables(step)})
    assert {"request", "job", "evidence"} <= set(changed_tables(POLICY))


@pytest.mark.parametrize(
    "amendment",
    [
        Join(("DEU", "USA"), "budapest", POLICY_START),
        GrantPowers(("DEU",), (DataKind.SUBSCRIBER,), POLICY_START),
        AdoptOffences(("FRA",), (Offence.ILLEGAL_ACCESS,), 0.5, POLICY_START),
        ShiftAffinity(tuple(STATES), tuple(STATES), 0.0, POLICY_START),
        RemoveDataConflict(("DEU",), ("FRA",), POLICY_START),
    ],
    ids=lambda amendment: type(amendment).__name__,
)
def test_an_amendment_without_content_changes_nothing(amendment: object, law: LegalOrder) -> None:
    before, after = law.arrays(POLICY_START), law.arrays(POLICY_START, (amendment,))
    differing = [name for name in before._fields if getattr(before, name).tobytes() != getattr(after, name).tobytes()]
    assert differing == []  # the amendment says what the law says already
    assert changed_tables(Timeline((Step(POLICY_START, amendments=(amendment,)),))) == []


def deadline(days: float, enforceable: bool) -> World:
    """A world in which central authorities of three states have a deadline."""
    states = ("BRA", "IND", "NGA")
    given = (
        Assignment("central_authority.deadline", days, states),
        Assignment("central_authority.deadline_enforceable", float(enforceable), states),
    )
    return ended(1, timeline=Timeline((Step(POLICY_START, assignments=given),)))


def test_deadlines_order_files_and_cost_something_only_where_enforceable() -> None:
    """Deadlines give urgent requests priority, and cost overtime only if they are enforceable."""
    given = ((3650.0, False), (90.0, False), (5.0, False), (5.0, True))
    none, longer, rule, binding = (deadline(*one) for one in given)
    assert len({digests(world)["job"] for world in (none, longer, rule, binding)}) == 4
    aside = ("deadline_days", "desk")  # which hold the deadline itself
    same = {name: value for name, value in digests(ended(1)).items() if name not in aside}
    assert {name: value for name, value in digests(none).items() if name not in aside} == same
    assert binding.desk["overtime_hours"].sum() > 0 == rule.desk["overtime_hours"].sum() == rule.desk["breaches"].sum()


def waits_at(worlds: list[World], kind: DeskKind) -> np.ndarray:
    """Days that requests waited for a person at desks of a kind."""
    found = []
    for world in worlds:
        jobs = records(world, "job")
        served = (world.desk["kind"][jobs["desk"]] == kind) & (jobs["request"] >= 0) & ~np.isnan(jobs["started"])
        found.append((jobs["started"] - jobs["arrived"])[served])
    return np.concatenate(found)


#: Work that no desk of the tiny world can keep up with.
TOILSOME = {
    **{"request.outgoing_touch_hours": 40.0, "request.incoming_touch_hours": 60.0, "request.court_touch_hours": 40.0},
    **{"request.forensic_touch_hours": 200.0, "case.case_slots": 5000.0, "desk.hours_per_day": 1.0},
}


#: Other work that never answers to waits, and courts and laboratories that work by date.
BY_DATE = {"desk.custody_share": 0.0, "desk.court_urgent_head_start": 0.0, "desk.laboratory_urgent_head_start": 0.0}
UNMOVED = {
    f"desk.{kind}": 0.0 for kind in ("rebound", "outgoing_elasticity", "court_elasticity", "laboratory_elasticity")
}


def test_answers_and_credits_of_no_size_change_nothing_and_each_of_some_size_something() -> None:
    """Responses and credits of zero change no table, and all others do."""
    unmoved = digests(ended(changes=BY_DATE | UNMOVED))
    for inert in (
        {"desk.latent_need": 1.1, "desk.court_pace": 1.0, "desk.incoming_pace": 0.0, "desk.custody_head_start": 30.0},
        {"desk.latent_need": 10000.0, "desk.outgoing_pace": 0.2, "desk.laboratory_pace": 0.9},
        {**dict.fromkeys(UNMOVED, 0.7), "mechanism.with_rebound": 0.0},
    ):
        assert digests(ended(changes=BY_DATE | UNMOVED | inert)) == unmoved, inert
    for moved in (
        *({name: 1.0} for name in UNMOVED if "laboratory" not in name),
        {"desk.court_elasticity": 1.0, "desk.court_pace": 0.0},
        {"desk.custody_share": 0.3},
        {"desk.court_urgent_head_start": 200.0},
    ):
        assert digests(ended(changes=BY_DATE | UNMOVED | moved)) != unmoved, moved


def test_with_servers_for_all_nobody_waits_for_a_person() -> None:
    toil = replace(TINY, groups=500, background=False)
    scarce, limit = (
        [ended(seed, replace(toil, infinite_servers=infinite), TOILSOME) for seed in range(2)]
        for infinite in (False, True)
    )
    for kind in [kind for kind in DeskKind if kind < DeskKind.PROVIDER]:  # requests wait in these lines
        assert waits_at(scarce, kind).max() > 0.0 or kind is DeskKind.FORENSIC, kind  # few images come there
        assert waits_at(limit, kind).max() == 0.0, kind


def test_what_is_drawn_is_left_when_nobody_queues() -> None:
    """Without queues a stage takes its drawn time plus a person's work, within 10 % (4 standard errors)."""
    setting = begun(1).world.setting[0]
    alone = {"mechanism.with_liaison_desks": 0.0, "desk.hours_per_day": 8.0, "request.touch_variation": 0.0}
    frames = [to_frame(ended(seed, replace(TINY, infinite_servers=True), alone), "request") for seed in range(40)]
    treaty = pd.concat(
        [frame[(frame["channel"] <= 3) & (frame["purpose"] == RequestPurpose.CHAIN)] for frame in frames]
    )
    for stage in (Stage.DRAFTING, Stage.TRANSMISSION, Stage.REVIEW, Stage.RETURN):
        drawn = treaty[f"stage_{stage}"] - treaty[f"desk_{stage}"]
        found = float(drawn[(treaty[f"stage_{stage}"] > 0) & (drawn > 0)].median())
        if stage is Stage.TRANSMISSION:
            assert setting.electronic_days < found < setting.diplomatic_days
        elif stage is Stage.RETURN:  # some answers come in the wrong format
            assert setting.answer_days * 0.9 < found < 1.3 * setting.answer_days
        else:
            days = setting.drafting_days if stage is Stage.DRAFTING else setting.ministry_days
            assert found == pytest.approx(days, rel=0.1), stage


def rows_by_event(simulation: Simulation, until: float) -> np.ndarray:
    """Mean number of rows that an event of each moment adds, by table."""
    counts = []
    world = simulation.world
    while (day := float(waiting_events(world)["time"].min())) <= until:
        before = np.append(world.used, world.counters[Count.WAITING] - 1)
        answered = int(world.counters[Count.HANDLED])
        world = simulate(world, day)
        added = np.append(world.used, world.counters[Count.WAITING]) - before
        counts.append(added / max(1, int(world.counters[Count.HANDLED]) - answered))
    return np.array(counts)


#: Parameters at the ends of their ranges at which single events make the most rows.
PROLIFIC = {
    **{"criminal.control_nodes": 40.0, "criminal.core_members": 20.0, "case.chains": 12.0, "desk.rebound": 0.0},
    **{"case.open_threshold": -3.0, "case.reports_per_year": 50.0, "case.leak_per_year": 0.5},
    **dict.fromkeys(("criminal.alert_move", "criminal.rebrand_move", "case.effort", "case.reveal"), 1.0),
    **dict.fromkeys(("case.seen_at_opening", "channel.police_first", "evidence.preservation_use"), 1.0),
    "desk.corroboration": 1.0,
}


@pytest.mark.parametrize(
    ("spec", "changes", "days"),
    [(TINY, {}, 730), (replace(TINY, groups=80, states=[]), {}, 60), (replace(TINY, states=[]), PROLIFIC, 150)],
    ids=["tiny", "all states", "prolific"],
)
def test_no_stretch_of_events_needs_more_than_the_headroom(spec, changes, days):
    """No sequence of events uses more than half of the reserved rows."""
    simulation = begun(4, spec, changes)
    added = rows_by_event(simulation, simulation.day + days)
    most = np.array([np.convolve(rows, np.ones(STRETCH)).max() for rows in added.T])
    assert most.max() > STRETCH
    assert 2 * most.max() < HEADROOM, dict(zip([*GROWING, "event"], most, strict=True))
