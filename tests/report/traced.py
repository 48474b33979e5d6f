"""One case written by hand, traced by hand in test_explain.py.

DEU works on group 0. Lead 1 asks the USA (returned once, then answered) and then the NLD (data deleted meanwhile).
Lead 2 asks NGA, where nobody will ever answer. FRA joins with a case of its own. The action day with the USA and
France ends the group's work; one member is arrested in FRA, one is charged only; the group comes back.
"""

from sim.law.vocabulary import Channel, DataKind, Ground, Offence
from sim.world.records import (
    ActionType,
    CaseStatus,
    ChainStatus,
    ChainTarget,
    DeskKind,
    EvidenceStatus,
    GroupStatus,
    JobStatus,
    MemberStatus,
    RequestPurpose,
    RequestStatus,
    SpellCause,
    Stage,
)
from tests.report.casebook import Rows, day, instrument, state

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


def requests() -> Rows:
    common = {"case": 0, "group": 0, "requesting": state("DEU"), "offence": Offence.SYSTEM_INTERFERENCE}
    chain = {**common, "purpose": RequestPurpose.CHAIN, "dual_criminality": 1}
    return [
        {  # 0: lead 1, step 1
            **chain,
            "chain": 0,
            "evidence": 0,
            "requested": state("USA"),
            "channel": Channel.MLAT,
            "instrument": instrument("eu_us_mla"),
            "data_kind": DataKind.TRAFFIC,
            "status": RequestStatus.EXECUTED,
            "stage": Stage.RETURN,
            "loops": 1,
            "drafted": day("2027-01-04"),
            "sent": day("2027-02-01"),
            "ended": day("2027-10-01"),
            "stage_1": 14.0,
            "stage_2": 10.0,
            "stage_3": 4.0,
            "stage_4": 3.0,
            "stage_5": 110.0,
            "stage_6": 40.0,
            "stage_7": 10.0,
            "stage_8": 40.0,
            "stage_9": 20.0,
            "stage_11": 19.0,
        },
        {  # 1: police, asked beside it
            **common,
            "purpose": RequestPurpose.LEAD,
            "chain": 0,
            "requested": state("USA"),
            "channel": Channel.POLICE,
            "instrument": instrument("interpol"),
            "data_kind": DataKind.POLICE_INFORMATION,
            "status": RequestStatus.EXECUTED,
            "drafted": day("2027-01-04"),
            "sent": day("2027-01-04"),
            "ended": day("2027-01-08"),
        },
        {  # 2: preservation, asked beside it
            **common,
            "purpose": RequestPurpose.PRESERVATION,
            "chain": 0,
            "evidence": 0,
            "requested": state("USA"),
            "channel": Channel.PRESERVATION_24_7,
            "instrument": instrument("budapest_247"),
            "data_kind": DataKind.PRESERVATION,
            "status": RequestStatus.EXECUTED,
            "drafted": day("2027-01-04"),
            "sent": day("2027-01-04"),
            "ended": day("2027-01-06"),
        },
        {  # 3: lead 2, step 1: silence
            **chain,
            "chain": 1,
            "evidence": 1,
            "requested": state("NGA"),
            "channel": Channel.LETTERS_ROGATORY,
            "instrument": instrument("letters_rogatory"),
            "data_kind": DataKind.SUBSCRIBER,
            "status": RequestStatus.WITHDRAWN,
            "silent": 1,
            "stage": Stage.INCOMING_TRIAGE,
            "stage_since": day("2027-03-15"),
            "drafted": day("2027-01-04"),
            "sent": day("2027-02-15"),
            "ended": day("2028-01-04"),
        },
        {  # 4: lead 1, step 2: deleted meanwhile
            **chain,
            "chain": 0,
            "hop": 1,
            "evidence": 2,
            "requested": state("NLD"),
            "channel": Channel.JUDICIAL_DIRECT,
            "instrument": instrument("eio"),
            "data_kind": DataKind.CONTENT,
            "status": RequestStatus.NO_DATA,
            "stage": Stage.PRODUCTION,
            "urgent": 1,
            "drafted": day("2027-10-20"),
            "sent": day("2027-10-30"),
            "ended": day("2028-01-28"),
            "stage_1": 10.0,
            "stage_7": 30.0,
            "stage_8": 60.0,
        },
        {  # 5: authority from the USA, refused
            **common,
            "purpose": RequestPurpose.ACTION,
            "partner": 0,
            "requested": state("USA"),
            "channel": Channel.MLAT,
            "instrument": instrument("eu_us_mla"),
            "data_kind": DataKind.SEARCH_SEIZURE,
            "status": RequestStatus.REFUSED,
            "ground": Ground.STANDARD_OF_PROOF,
            "drafted": day("2027-02-03"),
            "sent": day("2027-03-01"),
            "ended": day("2027-06-01"),
        },
        {  # 6: authority from the USA, given
            **common,
            "purpose": RequestPurpose.ACTION,
            "partner": 0,
            "requested": state("USA"),
            "channel": Channel.MLAT,
            "instrument": instrument("eu_us_mla"),
            "data_kind": DataKind.SEARCH_SEIZURE,
            "status": RequestStatus.EXECUTED,
            "stage": Stage.RETURN,
            "drafted": day("2027-07-01"),
            "sent": day("2027-07-15"),
            "ended": day("2028-04-01"),
            "stage_1": 14.0,
            "stage_5": 200.0,
            "stage_8": 61.0,
        },
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


def jobs() -> Rows:
    usa = {"desk": desk(DeskKind.INCOMING, "USA"), "request": -1, "patience_until": INF}
    mine = {"request": 0, "patience_until": INF, "status": JobStatus.SERVED}
    served = JobStatus.SERVED
    early, late = day("2027-01-15"), day("2027-02-20")
    return [
        # Three wait when the request comes: two taken up later, one urgent; one has gone before, one comes later.
        {**usa, "status": served, "arrived": early, "started": day("2027-03-01"), "ended": day("2027-03-02")},
        {
            **usa,
            "status": served,
            "arrived": early,
            "started": day("2027-02-10"),
            "ended": day("2027-02-11"),
            "urgent": 1,
        },
        {**usa, "status": JobStatus.WAITING, "arrived": early, "patience_until": day("2027-02-05")},
        {**usa, "status": served, "arrived": early, "started": day("2027-01-20"), "ended": day("2027-01-21")},
        {
            **usa,
            "status": served,
            "arrived": late,
            "started": day("2027-02-21"),
            "ended": day("2027-02-22"),
            "urgent": 1,
        },
        # The request itself: returned by the first visit, and soon through at the second.
        {
            **mine,
            "desk": desk(DeskKind.INCOMING, "USA"),
            "arrived": day("2027-02-04"),
            "started": day("2027-05-20"),
            "ended": day("2027-05-24"),
        },
        {
            **mine,
            "desk": desk(DeskKind.INCOMING, "USA"),
            "arrived": day("2027-07-03"),
            "started": day("2027-07-03"),
            "ended": day("2027-07-04"),
        },
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
            "type": ActionType.INFRASTRUCTURE_AND_ARRESTS,
            "complete": 1,
            "day": day("2028-06-27"),
            "states": 3,
            "known_nodes": 3,
            "ready_nodes": 2,
            "nodes": 3,
            "killed": 3,
            "arrests": 1,
            "expected_kill": 0.133,
            "assets_traced": 0.0,
            "assets_frozen": 0.0,
            "assets_confiscated": 0.0,
        }
    ]


def spells() -> Rows:
    return [
        {"cause": SpellCause.ENTRY, "case": -1, "day": day("2026-01-01"), "capability": 1.0},
        {"cause": SpellCause.TAKEDOWN, "case": 0, "day": day("2028-06-27"), "capability": 0.0},
        {"cause": SpellCause.RETURN, "case": -1, "day": day("2029-01-10"), "capability": 0.6},
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
