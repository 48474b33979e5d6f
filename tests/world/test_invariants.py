"""What holds in every world, checked in random small ones."""

from collections.abc import Callable
from functools import lru_cache
from types import MappingProxyType

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.engine.clock import EVENT_COUNTS, Count
from sim.law.vocabulary import Channel
from sim.policy.timeline import Assignment, Step, Timeline
from sim.world.records import (
    GROWING,
    CaseStatus,
    ChainStatus,
    EvidenceStatus,
    GroupStatus,
    JobStatus,
    MemberStatus,
    RequestPurpose,
    RequestStatus,
    SpellCause,
)
from sim.world.world import World, records, to_frame
from tests.tiny import POLICY, POLICY_START, begun, of_size, waiting_events

#: Levers that put strain on the rules: everything at once, everything late, everything preserved.
STRAINS: MappingProxyType[str, Timeline] = MappingProxyType(
    {
        "none": Timeline(),
        "policy": POLICY,
        "at once": Timeline((Step(POLICY_START, assignments=(Assignment("friction.instant_stages", 1.0),)),)),
        "deadlines": Timeline(
            (
                Step(
                    POLICY_START,
                    assignments=(
                        Assignment("central_authority.discipline", 2.0),
                        Assignment("central_authority.deadline", 30.0),
                        Assignment("central_authority.deadline_enforceable", 1.0),
                        Assignment("preservation.duration_scale", 5.0),
                    ),
                ),
            )
        ),
    }
)
#: Parameters that make rare things common.
CHANGES: MappingProxyType[str, dict[str, float]] = MappingProxyType(
    {
        "default": {},
        "eager": {"case.least_kill": 0.0, "case.least_coverage": 0.0, "case.readiness_days": 10.0, "case.reveal": 1.0},
        "leaky": {"case.leak_per_year": 0.5, "criminal.alert_move": 1.0, "case.attrition_per_year": 0.9},
        "crowded": {"case.reports_per_year": 30.0, "case.open_threshold": -3.0, "case.match_none": 0.2},
        "short memory": {"evidence.traffic_retention_days": 20.0, "evidence.first_age_days": 30.0},
    }
)


@lru_cache(maxsize=40)
def world_at(seed: int, strain: str, changes: str, groups: int, years: float) -> World:
    simulation = begun(seed, of_size(groups), CHANGES[changes], STRAINS[strain])
    simulation.advance(simulation.day + 365.25 * years)
    return simulation.world


#: A world after half a year to its end: invariants hold at any moment.
WORLDS = st.builds(
    world_at,
    st.integers(0, 400),
    st.sampled_from(sorted(STRAINS)),
    st.sampled_from(sorted(CHANGES)),
    st.integers(3, 20),
    st.sampled_from([0.5, 1.5, 2.4]),
)

Check = Callable[[World], None]


def in_any_world(check: Check) -> Check:
    """Runs a check in random worlds."""
    return settings(deadline=None, max_examples=25)(given(world=WORLDS)(check))


def frame(world: World, name: str) -> pd.DataFrame:
    return to_frame(world, name)


#: Fields that hold rows of another table, and the table.
REFERENCES = (
    ("job", "request", "request"),
    ("job", "desk", "desk"),
    ("group", "first_node", "node"),
    ("group", "first_case", "case"),
    ("group", "first_member", "member"),
    ("group", "home", "state"),
    ("node", "group", "group"),
    ("node", "known_by", "case"),
    ("node", "state", "state"),
    ("node", "provider", "provider"),
    ("case", "group", "group"),
    ("case", "state", "state"),
    ("case", "next_case", "case"),
    ("case", "first_chain", "chain"),
    ("case", "first_partner", "partner"),
    ("case", "merged_into", "case"),
    ("chain", "case", "case"),
    ("chain", "next_chain", "chain"),
    ("chain", "request", "request"),
    ("chain", "evidence", "evidence"),
    ("chain", "next_evidence", "evidence"),
    ("chain", "node", "node"),
    ("request", "case", "case"),
    ("request", "chain", "chain"),
    ("request", "partner", "partner"),
    ("request", "group", "group"),
    ("request", "requesting", "state"),
    ("request", "requested", "state"),
    ("request", "provider", "provider"),
    ("request", "evidence", "evidence"),
    ("request", "job", "job"),
    ("evidence", "case", "case"),
    ("evidence", "chain", "chain"),
    ("evidence", "state", "state"),
    ("evidence", "provider", "provider"),
    ("partner", "case", "case"),
    ("partner", "state", "state"),
    ("partner", "next_partner", "partner"),
    ("partner", "request", "request"),
    ("action", "case", "case"),
    ("action", "group", "group"),
    ("spell", "group", "group"),
    ("spell", "case", "case"),
    ("member", "group", "group"),
    ("member", "known_by", "case"),
    ("member", "held_in", "state"),
    ("member", "prosecuted_in", "state"),
)


@in_any_world
def test_tables_refer_only_to_rows_that_exist(world: World) -> None:
    for table, field, other in REFERENCES:
        rows = records(world, table)[field]
        assert ((rows >= -1) & (rows < len(records(world, other)))).all(), (table, field)
    group = records(world, "group")
    assert (group["first_node"] + group["nodes"] <= len(records(world, "node"))).all()
    assert (group["first_member"] + group["members"] <= len(records(world, "member"))).all()


@in_any_world
def test_keys_name_rows(world: World) -> None:
    """A lineage key belongs to one row, else two rows would share their fate."""
    for table in GROWING:
        rows = records(world, table)
        if "key" in rows.dtype.names and table != "job":  # files bear the key of their request
            assert len(np.unique(rows["key"])) == len(rows), table


@in_any_world
def test_no_hop_is_skipped(world: World) -> None:
    """Every hop of a complete chain has been asked for, and so has every hop before the present one."""
    chain, request = records(world, "chain"), frame(world, "request")
    asked = request[request["purpose"] == RequestPurpose.CHAIN].groupby("chain")["hop"].agg(set)
    for row in np.flatnonzero(chain["hop"] > 0):
        assert set(range(int(chain["hop"][row]))) <= asked[row], row


@in_any_world
def test_every_request_is_open_or_ended_in_one_state(world: World) -> None:
    request = records(world, "request")
    assert np.isin(request["status"], [int(status) for status in RequestStatus]).all()
    assert (np.isnan(request["ended"]) == (request["status"] == RequestStatus.OPEN)).all()
    refused = np.isin(request["status"], [RequestStatus.REFUSED, RequestStatus.NOT_SENT])
    assert ((request["ground"] != 0) == refused).all()
    silent = request["silent"] == 1
    assert np.isin(request["status"][silent], [RequestStatus.OPEN, RequestStatus.WITHDRAWN]).all()


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


@in_any_world
def test_days_in_stages_add_up(world: World) -> None:
    request = records(world, "request")
    formal = np.isin(request["purpose"], [RequestPurpose.CHAIN, RequestPurpose.CORROBORATION, RequestPurpose.ACTION])
    done = formal & np.isin(request["status"], [RequestStatus.EXECUTED, RequestStatus.NO_DATA])
    days = request["stage_days"]
    assert (days >= 0).all()
    whole = days[:, :11].sum(axis=1)  # forensics come after the answer
    np.testing.assert_allclose(whole[done], (request["ended"] - request["drafted"])[done], atol=1e-6)
    abroad = done & (request["channel"] != Channel.DOMESTIC)
    np.testing.assert_allclose(
        days[:, :3].sum(axis=1)[abroad], (request["sent"] - request["drafted"])[abroad], atol=1e-6
    )
    assert (
        whole[formal]
        <= np.where(np.isnan(request["ended"]), world.now[0], request["ended"])[formal]
        - request["drafted"][formal]
        + 1e-6
    ).all()


@in_any_world
def test_nobody_serves_more_than_its_staff(world: World) -> None:
    """Files in service at once, counted from their days, never exceed the most persons the desk has had."""
    job = frame(world, "job")
    for row, files in job[job["started"].notna()].groupby("desk"):
        base = max(1, round(float(world.desk["staff_base"][row])))
        most = max(int(world.desk["servers"][row]), base)
        days = np.concatenate([files["ended"].fillna(np.inf), files["started"]])
        change = np.repeat([-1, 1], len(files))
        order = np.lexsort((change, days))  # a person who finishes may take up the next at once
        assert change[order].cumsum().max() <= most, row


@in_any_world
def test_desks_know_who_is_busy_and_who_waits(world: World) -> None:
    job = frame(world, "job")
    places = range(len(world.desk))
    busy = job[job["status"] == JobStatus.IN_SERVICE].groupby("desk").size().reindex(places, fill_value=0)
    np.testing.assert_array_equal(world.desk["busy"], busy)
    waiting = job[job["status"] == JobStatus.WAITING].groupby("desk").size().reindex(places, fill_value=0)
    assert (world.desk["waiting"] >= waiting).all()
    assert ((world.desk["queue_root"] >= 0) == (world.desk["waiting"] > 0)).all()
    idle = world.desk["busy"] < world.desk["servers"]
    assert (waiting[idle] == 0).all()
    served = job["status"] == JobStatus.SERVED
    assert (job["started"].notna() == (served | (job["status"] == JobStatus.IN_SERVICE))).all()
    assert (job["arrived"] <= job["started"])[served].all()
    assert (job["started"] <= job["ended"])[served].all()
    late = job["started"] > job["patience_until"]
    assert not late.any()


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
def test_cases_know_their_nodes_members_and_chains(world: World) -> None:
    case, node, chain = records(world, "case"), records(world, "node"), records(world, "chain")
    known = np.bincount(node["known_by"][node["known_by"] >= 0], minlength=len(case))
    np.testing.assert_array_equal(case["known_nodes"], known)
    member = records(world, "member")
    named = np.bincount(member["known_by"][member["known_by"] >= 0], minlength=len(case))
    np.testing.assert_array_equal(case["known_members"], named)
    working = np.isnan(case["closed"])
    live = np.bincount(chain["case"][chain["status"] == ChainStatus.LIVE], minlength=len(case))
    np.testing.assert_array_equal(case["live_chains"][working], live[working])
    assert (live[~working] == 0).all()
    np.testing.assert_array_equal(np.bincount(chain["case"], minlength=len(case)), case["chains"])
    assert (case["known_nodes"] <= world.group["nodes"][case["group"]]).all()
    assert (chain["hop"] <= chain["hops"]).all()
    finished = chain["status"] == ChainStatus.COMPLETE
    assert (chain["hop"] == chain["hops"])[finished].all()


@in_any_world
def test_agencies_count_their_open_cases(world: World) -> None:
    case = records(world, "case")
    working = np.isnan(case["closed"])
    open_cases = np.bincount(case["state"][working], minlength=len(world.state))
    np.testing.assert_array_equal(world.state["open_cases"], open_cases)
    status = [CaseStatus.INVESTIGATING, CaseStatus.PREPARING, CaseStatus.MERGED]
    assert np.isin(case["status"][working], status).all()
    assert not np.isin(case["status"][~working], status[:2]).any()
    assert (case["opened"] <= np.where(working, world.now[0], case["closed"])).all()


@in_any_world
def test_merged_cases_follow_a_case_that_leads(world: World) -> None:
    case = records(world, "case")
    merged = np.flatnonzero((case["status"] == CaseStatus.MERGED) & np.isnan(case["closed"]))
    lead = case["merged_into"][merged]
    assert (lead >= 0).all()
    assert np.isin(case["status"][lead], [CaseStatus.INVESTIGATING, CaseStatus.PREPARING]).all()
    assert (case["group"][lead] == case["group"][merged]).all()
    assert (case["merged_into"][(case["status"] != CaseStatus.MERGED)] == -1).all()


@in_any_world
def test_only_open_cases_of_one_state_work_on_a_group(world: World) -> None:
    """A unit does not open a second case on a group that it works on."""
    case = frame(world, "case")
    assert not case[case["closed"].isna()].duplicated(["group", "state"]).any()


@in_any_world
def test_capability_and_spells(world: World) -> None:
    group, spell = records(world, "group"), frame(world, "spell")
    assert spell["capability"].between(0, 1).all()
    assert ((group["capability"] >= 0) & (group["capability"] <= 1)).all()
    assert (spell.groupby("group")["day"].diff().dropna() >= 0).all()
    first, last = spell.groupby("group").first(), spell.groupby("group").last()
    assert (first["cause"] == SpellCause.ENTRY).all()
    np.testing.assert_array_equal(first.index, np.arange(len(group)))
    np.testing.assert_array_equal(first["day"], group["entered"])
    np.testing.assert_array_equal(last["capability"], group["capability"])
    away = np.isin(group["status"], [GroupStatus.DOWN, GroupStatus.EXITED, GroupStatus.REMOVED])
    assert ((group["capability"] == 0) == away).all()
    over = np.isin(group["status"], [GroupStatus.EXITED, GroupStatus.REMOVED])
    assert (np.isnan(group["ended"]) == ~over).all()
    takedowns = spell[spell["cause"].isin([SpellCause.TAKEDOWN, SpellCause.PARTIAL_ACTION])]
    assert (takedowns["case"] >= 0).all()


@in_any_world
def test_actions_and_their_consequences(world: World) -> None:
    action, spell = frame(world, "action"), frame(world, "spell")
    assert (action["killed"] <= action["nodes"]).all()
    assert (action["ready_nodes"] <= action["known_nodes"]).all()
    assert (action["known_nodes"] <= action["nodes"]).all()
    assert ((action["killed"] == action["nodes"]) == (action["complete"] == 1)).all()
    assert action["expected_kill"].between(0, 1).all()
    assert (action["arrests"] <= world.group["members"][action["group"]]).all()
    enforced = spell[spell["cause"].isin([SpellCause.TAKEDOWN, SpellCause.PARTIAL_ACTION])]
    assert sorted(zip(enforced["group"], enforced["day"], strict=True)) == sorted(
        zip(action["group"], action["day"], strict=True)
    )
    solved = records(world, "case")["status"] == CaseStatus.SOLVED
    assert set(np.flatnonzero(solved)) <= set(action.loc[action["complete"] == 1, "case"])


@in_any_world
def test_police_information_is_never_evidence(world: World) -> None:
    """Leads have no item of evidence, and a case holds no more evidence than formal answers (M8)."""
    request, case = frame(world, "request"), records(world, "case")
    assert (request.loc[request["purpose"] == RequestPurpose.LEAD, "evidence"] == -1).all()
    formal = request["purpose"].isin([RequestPurpose.CHAIN, RequestPurpose.CORROBORATION])
    places = range(len(case))
    answers = request[formal & (request["status"] == RequestStatus.EXECUTED)].groupby("case").size()
    assert (case["evidence"] <= answers.reindex(places, fill_value=0)).all()
    told = request[(request["purpose"] == RequestPurpose.LEAD) & (request["status"] == RequestStatus.EXECUTED)]
    assert (case["leads"] <= told.groupby("case").size().reindex(places, fill_value=0)).all()


@in_any_world
def test_members_pass_from_wanted_to_judgment(world: World) -> None:
    member = frame(world, "member")
    known = member["status"] != MemberStatus.UNKNOWN
    assert ((member["known_by"] >= 0) == known).all()
    for earlier, later in (
        ("identified", "indicted"),
        ("identified", "arrested"),
        ("indicted", "arrested"),
        ("arrested", "surrendered"),
        ("arrested", "ended"),
    ):
        both = member[earlier].notna() & member[later].notna()
        assert (member[earlier] <= member[later])[both].all(), (earlier, later)
    judged = member["status"].isin([MemberStatus.RELEASED, MemberStatus.CONVICTED, MemberStatus.ACQUITTED])
    assert (member["ended"].notna() == judged).all()
    assert member.loc[judged, "arrested"].notna().all()


@in_any_world
def test_partners_are_ready_only_with_authority_and_after_preparing(world: World) -> None:
    partner = records(world, "partner")
    ready = ~np.isnan(partner["ready_at"])
    assert (partner["authorised"][ready] == 1).all()
    assert (partner["prepared_at"][ready] <= partner["ready_at"][ready] + 1e-6).all()
    assert (partner["joined"] <= partner["prepared_at"]).all()
    assert not pd.DataFrame({"case": partner["case"], "state": partner["state"]}).duplicated().any()


@in_any_world
def test_events_lie_ahead(world: World) -> None:
    waiting = waiting_events(world)
    assert len(waiting) == world.counters[Count.WAITING]
    assert (waiting["time"] >= world.now[0]).all()
    assert world.counters[Count.HANDLED] == world.counters[EVENT_COUNTS:].sum()


def test_the_random_worlds_reach_what_they_should_test() -> None:
    """Over a fixed set of worlds every status of every kind occurs, so that the checks above are not empty."""
    worlds = [
        world_at(seed, strain, changes, 20, 2.4) for strain in STRAINS for changes in CHANGES for seed in range(6)
    ]

    def seen(table: str, field: str = "status") -> set[int]:
        return {int(value) for world in worlds for value in np.unique(records(world, table)[field])}

    assert seen("request") == set(RequestStatus)
    assert seen("evidence") == set(EvidenceStatus)
    assert seen("case") >= set(CaseStatus) - {CaseStatus.NO_OFFENCE}
    assert seen("group") == set(GroupStatus)
    assert seen("chain") == set(ChainStatus)
    assert seen("job") == set(JobStatus)
    assert seen("spell", "cause") == set(SpellCause)
    assert seen("request", "purpose") == set(RequestPurpose)
    assert seen("request", "channel") == set(Channel) - {Channel.SURRENDER, Channel.UN_CONVENTION}  # not in force
    assert seen("member") == set(MemberStatus)
    assert all(len(records(world, name)) for world in worlds for name in GROWING if name not in ("action", "partner"))


def test_a_takedown_is_not_absorbing() -> None:
    """Some groups come back, some never do, and those that do grow again (M17)."""
    worlds = [world_at(seed, "none", "eager", 20, 2.4) for seed in range(12)]
    causes = pd.concat([frame(world, "spell") for world in worlds], keys=range(len(worlds)), names=["world", "row"])
    taken_down = int((causes["cause"] == SpellCause.TAKEDOWN).sum())
    back = int((causes["cause"] == SpellCause.RETURN).sum())
    removed = sum(int((records(world, "group")["status"] == GroupStatus.REMOVED).sum()) for world in worlds)
    assert taken_down > 30
    assert 0 < back < taken_down
    assert removed > 0
    regrown = causes[causes["cause"] == SpellCause.REBUILT]
    assert len(regrown) > 0
    assert (regrown["capability"] == 1.0).all()


def test_actions_succeed_as_often_as_expected() -> None:
    """Complete actions against the sum of P_kill on the day; |z| below 4 has an error rate of 6e-5."""
    actions = pd.concat(
        [frame(world_at(seed, "none", name, 20, 2.4), "action") for name in ("eager", "default") for seed in range(40)]
    )
    expected = actions["expected_kill"]
    assert len(actions) > 300
    spread = np.sqrt((expected * (1 - expected)).sum())
    assert abs((actions["complete"] - expected).sum()) < 4 * spread
