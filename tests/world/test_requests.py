"""Requests, files and evidence: what holds in every world."""

import numpy as np

from sim.law.vocabulary import Channel
from sim.world.records import ChainStatus, EvidenceStatus, JobStatus, RequestPurpose, RequestStatus, Stage
from sim.world.world import World, records
from tests.world.worlds import frame, in_any_world


@in_any_world
def test_no_hop_is_skipped(world: World) -> None:
    """Every hop of a complete chain has been asked for, and so has every hop before the present one."""
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
    """A chain is one row, or one row for each hop where all hops are asked for at once."""
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
    assert np.isin(request["status"], [int(status) for status in RequestStatus]).all()
    assert (np.isnan(request["ended"]) == (request["status"] == RequestStatus.OPEN)).all()
    refused = np.isin(request["status"], [RequestStatus.REFUSED, RequestStatus.NOT_SENT])
    assert ((request["ground"] != 0) == refused).all()
    silent = request["silent"] == 1
    assert np.isin(request["status"][silent], [RequestStatus.OPEN, RequestStatus.WITHDRAWN]).all()
    request = records(world, "request")
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
    answered = np.isin(request["status"], [RequestStatus.EXECUTED, RequestStatus.NO_DATA, RequestStatus.REFUSED]) & (
        request["channel"] != Channel.DOMESTIC
    )
    assert not np.isnan(request["sent"][answered]).any()
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
    np.testing.assert_allclose(
        days[:, :3].sum(axis=1)[abroad], (request["sent"] - request["drafted"])[abroad], atol=ROUNDED
    )
    assert (
        whole[formal]
        <= np.where(np.isnan(request["ended"]), world.now[0], request["ended"])[formal]
        - request["drafted"][formal]
        + ROUNDED
    ).all()


@in_any_world
def test_files_wait_then_are_worked_on_then_done(world: World) -> None:
    job = frame(world, "job")
    served = job["status"] == JobStatus.SERVED
    assert (job["started"].notna() == (served | (job["status"] == JobStatus.IN_SERVICE))).all()
    assert (job["arrived"] <= job["started"])[served].all()
    assert (job["started"] < job["ended"])[served].all()
    assert (job["expected"] >= 0).all()
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
    lost = np.isin(
        item["status"],
        [EvidenceStatus.LOST_RETENTION, EvidenceStatus.LOST_MOVED, EvidenceStatus.LOST_PRESERVATION_EXPIRED],
    )
    assert (item["settled"][lost] >= gone_at[lost]).all()
    assert (item["created"] <= world.now[0]).all()
    request = records(world, "request")
    executed = request[(request["status"] == RequestStatus.EXECUTED) & (request["purpose"] == RequestPurpose.CHAIN)]
    assert produced[executed["evidence"]].all()


@in_any_world
def test_police_information_is_never_evidence(world: World) -> None:
    """Leads have no item of evidence, and a case holds no more evidence than formal answers (M8)."""
    request, case = frame(world, "request"), records(world, "case")
    assert (request.loc[request["purpose"] == RequestPurpose.LEAD, "evidence"] == -1).all()
    formal = request["purpose"].isin([RequestPurpose.CHAIN, RequestPurpose.CORROBORATION])
    places = range(len(case))
    answers = request[formal & (request["status"] == RequestStatus.EXECUTED)].groupby("case").size()
    assert (case["evidence"] <= answers.reindex(places, fill_value=0)).all()
    answered = request[(request["purpose"] == RequestPurpose.LEAD) & (request["status"] == RequestStatus.EXECUTED)]
    assert (case["leads"] <= answered.groupby("case").size().reindex(places, fill_value=0)).all()
