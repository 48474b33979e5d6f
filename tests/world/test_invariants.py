"""Tests of invariants in random small worlds: rows, codes, keys, events, requests, evidence."""

import numpy as np

from sim.engine.clock import EVENT_COUNTS, Count
from sim.law.vocabulary import Channel
from sim.world.records import (
    ENTITIES,
    GROWING,
    ActionType,
    CaseStatus,
    ChainStatus,
    EvidenceStatus,
    GroupStatus,
    JobStatus,
    Stage,
)
from sim.world.records.codes import MemberStatus, RequestPurpose, RequestStatus, SpellCause
from sim.world.world import World, records
from tests.tiny import waiting_events
from tests.world.worlds import CHANGES, STRAINS, frame, in_any_world, world_at

#: Fields that hold rows of another table, and the table.
REFERENCES = [
    (entity.name, item.name, item.unit.removeprefix("row of "))
    for entity in ENTITIES
    for item in entity.fields
    if isinstance(item.unit, str) and item.unit.startswith("row of ") and item.unit != "row of terms.yaml"
]
#: Fields that hold codes, and their enumeration.
CODED = [
    (entity.name, item.name, item.unit)
    for entity in ENTITIES
    for item in entity.fields
    if not isinstance(item.unit, str) and entity.name != "ordinary"  # kinds of one way follow its first
]


@in_any_world
def test_rows_keys_and_codes_are_those_that_exist_and_events_lie_ahead(world: World) -> None:
    for table, field, other in REFERENCES:
        rows = records(world, table)[field]
        assert ((rows >= -1) & (rows < len(records(world, other)))).all(), (table, field)
    group = records(world, "group")
    assert (group["first_node"] + group["nodes"] <= len(records(world, "node"))).all()
    assert (group["first_member"] + group["members"] <= len(records(world, "member"))).all()
    # Or 0, which is also what a stage is before there is any.
    for table, field, codes in CODED:
        assert set(records(world, table)[field].tolist()) <= {0} | {code.value for code in codes}, (table, field)
    # A lineage key belongs to one row, else two rows would share their fate.
    for table in GROWING:
        rows = records(world, table)
        if "key" in rows.dtype.names and table != "job":  # files bear the key of their request
            assert len(np.unique(rows["key"])) == len(rows), table
    waiting = waiting_events(world)
    assert len(waiting) == world.counters[Count.WAITING] and (waiting["time"] >= world.now[0]).all()
    assert world.counters[Count.HANDLED] == world.counters[EVENT_COUNTS:].sum()


def test_the_random_worlds_reach_what_they_should_test() -> None:
    """The random worlds reach every status of every kind, so that invariants are really tested."""
    worlds = [
        world_at(seed, strain, changes, 20, 2.4) for strain in STRAINS for changes in CHANGES for seed in (0, 1, 4)
    ]

    def seen(table: str, field: str = "status") -> set[int]:
        return {int(value) for world in worlds for value in np.unique(records(world, table)[field])}

    assert seen("request") == set(RequestStatus) and seen("evidence") == set(EvidenceStatus)
    assert seen("case") >= set(CaseStatus) - {CaseStatus.NO_OFFENCE} and seen("group") == set(GroupStatus)
    assert seen("action", "type") == set(ActionType) - {ActionType.NONE} and seen("chain") == set(ChainStatus)
    assert seen("job") == set(JobStatus) and seen("spell", "cause") == set(SpellCause)
    assert seen("request", "purpose") == set(RequestPurpose)
    assert seen("request", "channel") == set(Channel) - {Channel.SURRENDER, Channel.UN_CONVENTION}  # not in force
    assert seen("member") == set(MemberStatus)
    assert [name for name in GROWING if not any(len(records(world, name)) for world in worlds)] == []


@in_any_world
def test_no_hop_is_skipped(world: World) -> None:
    """Every step of a complete chain was requested, and so was every step before the present one."""
    chain, request = records(world, "chain"), frame(world, "request")
    asks = request[request["purpose"] == RequestPurpose.CHAIN]
    asked = asks.groupby(chain["head"][asks["chain"]])["hop"].agg(set)
    head = chain["head"] == np.arange(len(chain))
    one_by_one = head & (chain["hop"] > 0) & (np.bincount(chain["head"], minlength=len(chain)) == 1)
    complete = head & (chain["status"] == ChainStatus.COMPLETE)
    for row in np.flatnonzero(one_by_one | complete):
        assert set(range(int(chain["hop"][row]))) <= asked[row], row


@in_any_world
def test_a_chain_is_complete_when_its_last_part_is(world: World) -> None:
    """A chain is complete when its last part is, in one row or in one row per step."""
    chain = records(world, "chain")
    head, complete = chain["head"] == np.arange(len(chain)), chain["status"] == ChainStatus.COMPLETE
    assert (chain["parts_left"][head & complete] == 0).all()
    assert (chain["parts_left"][head & ~complete] > 0).all()
    answered = chain["hop"] == chain["hops"]
    assert answered[np.isin(chain["head"], np.flatnonzero(head & complete))].all()
    parts = np.bincount(chain["head"], minlength=len(chain))[head]
    assert ((parts == 1) | (parts == chain["hops"][head])).all()


@in_any_world
def test_requests_are_open_or_ended_and_neither_days_nor_lines_negative(world: World) -> None:
    request = records(world, "request")
    assert (np.isnan(request["ended"]) == (request["status"] == RequestStatus.OPEN)).all()
    refused = np.isin(request["status"], [RequestStatus.REFUSED, RequestStatus.NOT_SENT])
    assert ((request["ground"] != 0) == refused).all()
    silent = request["silent"] == 1
    assert np.isin(request["status"][silent], [RequestStatus.OPEN, RequestStatus.WITHDRAWN]).all()
    assert (request["desk_days"] >= 0).all()
    assert (request["desk_days"] <= request["stage_days"] + ROUNDED).all()
    without = [Stage.DRAFTING - 1, Stage.TRANSMISSION - 1, Stage.APPEAL - 1]
    assert (request["desk_days"][:, without] == 0).all()
    desk = world.desk
    for name in ("load", "offered", "work", "work_end", "capacity", "last_wait", "wait_recent", "overtime_hours"):
        assert (desk[name] >= 0).all(), name
    assert (desk["month_end"] >= desk["work_day"]).all()
    assert ((desk["dated"] >= 0) & (desk["dated"] <= 1)).all()


@in_any_world
def test_nothing_is_answered_before_it_is_asked(world: World) -> None:
    request, now = records(world, "request"), world.now[0]
    assert (request["drafted"] <= now).all()
    for earlier, later in (("drafted", "sent"), ("sent", "ended"), ("drafted", "ended"), ("sent", "queue_since")):
        known = ~np.isnan(request[earlier]) & ~np.isnan(request[later])
        assert (request[earlier][known] <= request[later][known]).all(), (earlier, later)
        assert (request[later][known] <= now).all()
    answered = np.isin(request["status"], [RequestStatus.EXECUTED, RequestStatus.NO_DATA, RequestStatus.REFUSED])
    assert not np.isnan(request["sent"][answered & (request["channel"] != Channel.DOMESTIC)]).any()
    assert np.isnan(request["sent"][request["status"] == RequestStatus.NOT_SENT]).all()


#: Days that a sum of stages may differ by: each is kept in 32 bits, a thousand days to a ten-thousandth.
ROUNDED = 2e-3


@in_any_world
def test_days_in_stages_add_up(world: World) -> None:
    request = records(world, "request")
    formal = np.isin(request["purpose"], [RequestPurpose.CHAIN, RequestPurpose.CORROBORATION, RequestPurpose.ACTION])
    done = formal & np.isin(request["status"], [RequestStatus.EXECUTED, RequestStatus.NO_DATA])
    days = request["stage_days"]
    assert (days >= 0).all()
    whole = days[:, :11].sum(axis=1)  # forensics come after the answer
    np.testing.assert_allclose(whole[done], (request["ended"] - request["drafted"])[done], atol=ROUNDED)
    abroad = done & (request["channel"] != Channel.DOMESTIC)
    until_sent = days[:, :3].sum(axis=1)
    np.testing.assert_allclose(until_sent[abroad], (request["sent"] - request["drafted"])[abroad], atol=ROUNDED)
    until = np.where(np.isnan(request["ended"]), world.now[0], request["ended"])
    assert (whole <= until - request["drafted"] + ROUNDED)[formal].all()


@in_any_world
def test_files_wait_then_are_worked_on_then_done(world: World) -> None:
    job = frame(world, "job")
    served = job["status"] == JobStatus.SERVED
    assert (job["started"].notna() == (served | (job["status"] == JobStatus.IN_SERVICE))).all()
    assert (job["arrived"] <= job["started"])[served].all() and (job["started"] < job["ended"])[served].all()
    request = records(world, "request")
    of_request = job[job["request"] >= 0]
    ended = np.isin(request["status"][of_request["request"]], [RequestStatus.REFUSED, RequestStatus.WITHDRAWN])
    assert (of_request["status"][ended] != JobStatus.WAITING).all()  # nobody waits for a request that has ended


@in_any_world
def test_no_evidence_is_used_after_it_expired(world: World) -> None:
    item = records(world, "evidence")
    produced = np.isin(item["status"], [EvidenceStatus.OBTAINED, EvidenceStatus.INADMISSIBLE])
    gone_at = np.minimum(item["retained_until"], item["moves_at"])
    frozen = (item["frozen_from"] < gone_at) & (item["settled"] <= item["frozen_until"])
    assert (~np.isnan(item["settled"][produced])).all()
    assert ((item["settled"] < gone_at) | frozen)[produced].all()
    gone = EvidenceStatus.LOST_RETENTION, EvidenceStatus.LOST_MOVED, EvidenceStatus.LOST_PRESERVATION_EXPIRED
    assert (item["settled"] >= gone_at)[np.isin(item["status"], gone)].all()
    assert (item["created"] <= world.now[0]).all()
    request = records(world, "request")
    executed = request[(request["status"] == RequestStatus.EXECUTED) & (request["purpose"] == RequestPurpose.CHAIN)]
    assert produced[executed["evidence"]].all()


@in_any_world
def test_police_information_is_never_evidence(world: World) -> None:
    """Police information is never an item of evidence (M8)."""
    request, case = frame(world, "request"), records(world, "case")
    assert (request.loc[request["purpose"] == RequestPurpose.LEAD, "evidence"] == -1).all()
    formal = request["purpose"].isin([RequestPurpose.CHAIN, RequestPurpose.CORROBORATION])
    places = range(len(case))
    answers = request[formal & (request["status"] == RequestStatus.EXECUTED)].groupby("case").size()
    assert (case["evidence"] <= answers.reindex(places, fill_value=0)).all()
    answered = request[(request["purpose"] == RequestPurpose.LEAD) & (request["status"] == RequestStatus.EXECUTED)]
    assert (case["leads"] <= answered.groupby("case").size().reindex(places, fill_value=0)).all()
