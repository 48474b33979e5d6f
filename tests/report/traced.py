"""One case written by hand, traced by hand in test_explain.py.

DEU works on group 0. Lead 1 asks the USA (returned once, then answered) and then the NLD (data deleted meanwhile).
Lead 2 asks NGA, where nobody will ever answer. FRA joins with a case of its own. The action day with the USA and
France ends the group's work; one member is arrested in FRA, one is charged only; the group comes back.
"""

from sim.law.vocabulary import DataKind, Ground
from sim.world.records import (
    ActionType,
    CaseStatus,
    ChainStatus,
    ChainTarget,
    DeskKind,
    EvidenceStatus,
    FrozenBy,
    GroupStatus,
    JobStatus,
    MemberStatus,
    MilestoneKind,
    NodeDiscovery,
    SpellCause,
    Stage,
)
from tests.report.casebook import Row, Rows, day, state
from tests.report.traced_requests import requests

STATES = 196
INF = float("inf")


def desk(kind: DeskKind, code: str) -> int:
    """Row of a state's desk."""
    return kind * STATES + state(code)


def traced() -> dict[str, Rows]:
    """The tables."""
    return {
        "group": groups(),
        "case": cases(),
        "chain": chains(),
        "request": requests(),
        "evidence": evidence(),
        "job": jobs(),
        "partner": partners(),
        "action": actions(),
        "spell": spells(),
        "member": members(),
        "freeze": freezes(),
        "milestone": milestones(),
    }


def groups() -> Rows:
    return [
        {
            "kind": 1,
            "home": state("RUS"),
            "status": GroupStatus.ACTIVE,
            "nodes": 3,
            "members": 2,
            "entered": day("2026-01-01"),
            "lineage_until": day("2036-01-01"),
            "last_action": day("2028-06-27"),
        }
    ]


def cases() -> Rows:
    closed = day("2028-06-27")
    return [
        {
            "group": 0,
            "state": state("DEU"),
            "status": CaseStatus.SOLVED,
            "opened": day("2027-01-04"),
            "closed": closed,
            "prepared": day("2028-04-28"),
            "acted": closed,
            "actions": 1,
            "team_formed": float("nan"),
        },
        {
            "group": 0,
            "state": state("FRA"),
            "status": CaseStatus.MERGED,
            "merged_into": 0,
            "opened": day("2027-03-01"),
            "closed": closed,
        },
        {
            "group": 0,
            "state": state("BRA"),
            "status": CaseStatus.DROPPED_CAPACITY,
            "opened": day("2027-05-01"),
            "closed": day("2027-05-01"),
        },
    ]


def chains() -> Rows:
    live = {"case": 0, "status": ChainStatus.GIVEN_UP, "hops": 3}
    return [
        {**live, "ordinal": 0, "target": ChainTarget.INFRASTRUCTURE, "hop": 1, "attempt": 2, "doubled": 1},
        {**live, "ordinal": 1, "target": ChainTarget.PERSON, "hop": 0, "attempt": 1},
    ]


def evidence() -> Rows:
    return [
        {
            "case": 0,
            "chain": 0,
            "state": state("USA"),
            "data_kind": DataKind.TRAFFIC,
            "status": EvidenceStatus.OBTAINED,
            "admissible": 1,
            "created": day("2026-12-01"),
            "retained_until": day("2027-05-01"),
            "moves_at": INF,
            "frozen_from": day("2027-01-06"),
            "frozen_until": day("2027-10-03"),
            "settled": day("2027-09-12"),
        },
        {
            "case": 0,
            "chain": 1,
            "state": state("NGA"),
            "data_kind": DataKind.SUBSCRIBER,
            "status": EvidenceStatus.NOT_OBTAINED,
            "created": day("2026-12-01"),
            "retained_until": day("2030-01-01"),
            "moves_at": INF,
            "settled": day("2028-01-04"),
        },
        {
            "case": 0,
            "chain": 0,
            "hop": 1,
            "state": state("NLD"),
            "data_kind": DataKind.CONTENT,
            "status": EvidenceStatus.LOST_RETENTION,
            "created": day("2027-06-01"),
            "retained_until": day("2027-12-24"),
            "moves_at": INF,
            "settled": day("2028-01-28"),
        },
    ]


def file(arrived: str, started: str, ended: str) -> Row:
    """The days of a file that was served."""
    return {"arrived": day(arrived), "started": day(started), "ended": day(ended), "status": JobStatus.SERVED}


def jobs() -> Rows:
    here = {"desk": desk(DeskKind.INCOMING, "USA"), "stage": Stage.INCOMING_TRIAGE, "returned_on": INF}
    mine = {**here, "request": 0, "referral": -1}
    return [
        # Returned by the first visit, and soon through at the second.
        {**mine, **file("2027-02-04", "2027-05-20", "2027-05-24"), "expected": 105.0},
        {**mine, **file("2027-07-03", "2027-07-03", "2027-07-04"), "expected": 0.0},
    ]


def partners() -> Rows:
    return [
        {
            "case": 0,
            "state": state("USA"),
            "request": 6,
            "authorised": 1,
            "attempt": 2,
            "joined": day("2027-02-03"),
            "prepared_at": day("2027-09-01"),
            "ready_at": day("2028-04-01"),
        },
        {  # by its own case, at that case's second review
            "case": 0,
            "state": state("FRA"),
            "authorised": 1,
            "joined": day("2027-04-30"),
            "prepared_at": day("2028-01-10"),
            "ready_at": day("2028-01-10"),
        },
    ]


def actions() -> Rows:
    return [
        {
            "case": 0,
            "group": 0,
            "type": ActionType.ARRESTS,
            "down": 1,
            "day": day("2028-06-27"),
            "states": 3,
            "known_nodes": 3,
            "ready_nodes": 2,
            "nodes": 3,
            "killed": 3,
            "arrests": 1,
            "foreseen": 0.133,
        }
    ]


def spells() -> Rows:
    return [
        {"group": 0, "cause": SpellCause.ENTRY, "case": -1, "day": day("2026-01-01"), "capability": 1.0},
        {"group": 0, "cause": SpellCause.TAKEDOWN, "case": 0, "day": day("2028-06-27"), "capability": 0.0},
        {"group": 0, "cause": SpellCause.RETURN, "case": -1, "day": day("2029-01-10"), "capability": 0.6},
    ]


def members() -> Rows:
    known = {"group": 0, "known_by": 0, "identified": day("2028-03-01")}
    return [
        {
            **known,
            "slot": 0,
            "residence": state("FRA"),
            "status": MemberStatus.CONVICTED,
            "held_in": state("FRA"),
            "prosecuted_in": state("FRA"),
            "instead": 1,
            "ground": Ground.NATIONALITY,
            "arrested": day("2028-06-27"),
            "ended": day("2030-02-01"),
        },
        {
            **known,
            "slot": 1,
            "residence": state("RUS"),
            "status": MemberStatus.INDICTED,
            "indicted": day("2028-06-27"),
        },
    ]


def freezes() -> Rows:
    """Money held on a report, which is in no account of a case; traced in the case; and found on the action day."""
    money = {"group": 0, "state": state("NLD")}
    return [
        {**money, "case": -1, "by": FrozenBy.REPORT, "day": day("2027-05-01"), "frozen": 2.0},
        {
            **money,
            "case": 0,
            "by": FrozenBy.CASE,
            "day": day("2028-02-10"),
            "frozen": 90.0,
            "confiscated": 90.0,
            "decided": day("2030-01-10"),
        },
        {**money, "case": 0, "by": FrozenBy.ACTION, "day": day("2028-06-27"), "frozen": 30.0},
    ]


def milestones() -> Rows:
    here = {"case": 0, "group": 0, "reason": -1}
    return [
        {**here, "kind": MilestoneKind.LEAD_OPENED, "subject": 0, "day": day("2027-01-04")},
        {**here, "kind": MilestoneKind.LEAD_OPENED, "subject": 1, "day": day("2027-01-04")},
        {
            **here,
            "kind": MilestoneKind.NODE_FOUND,
            "subject": 0,
            "reason": NodeDiscovery.ANALYSIS,
            "day": day("2027-02-03"),
        },
        {**here, "case": 1, "kind": MilestoneKind.MERGED, "subject": 0, "day": day("2027-04-30")},
    ]
