"""One case written by hand, traced by hand in test_explain.py.

DEU works on group 0. Lead 1 asks the USA (returned once, then answered) and then the NLD (data deleted meanwhile).
Lead 2 asks NGA, where nobody will ever answer. FRA joins with a case of its own. The action day with the USA and
France ends the group's work; one member is arrested in FRA, one is charged only; the group comes back.
"""

from typing import Any

from sim.law.vocabulary import Channel, DataKind, Ground, Offence
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
    RequestPurpose,
    RequestStatus,
    SpellCause,
    Stage,
)
from tests.report.casebook import Row, Rows, day, instrument, state

INF = float("inf")
ACTED = "2028-06-27"
CODES = {"home", "state", "residence", "held_in", "prosecuted_in", "requested", "requesting"}


def row(*parts: Row, **fields: Any) -> Row:
    """A row: states by their codes, days as ISO dates."""
    made = {name: value for part in parts for name, value in part.items()} | fields
    for name, value in made.items():
        if isinstance(value, str):
            made[name] = state(value) if name in CODES else day(value)
    return made


def traced() -> dict[str, Rows]:
    """The tables."""
    return {
        "group": [GROUP],
        "case": cases(),
        "chain": chains(),
        "request": requests(),
        "evidence": evidence(),
        "job": jobs(),
        "partner": partners(),
        "action": [ACTION],
        "spell": spells(),
        "member": members(),
        "freeze": freezes(),
        "milestone": milestones(),
    }


GROUP = row(
    row(kind=1, home="RUS", status=GroupStatus.ACTIVE, nodes=3, members=2),
    row(entered="2026-01-01", lineage_until="2036-01-01", last_action=ACTED),
)
ACTION = row(
    row(case=0, group=0, type=ActionType.ARRESTS, down=1, day=ACTED, states=3),
    row(known_nodes=3, ready_nodes=2, nodes=3, killed=3, arrests=1, foreseen=0.133),
)


def cases() -> Rows:
    own = row(group=0, state="DEU", status=CaseStatus.SOLVED, opened="2027-01-04", closed=ACTED, prepared="2028-04-28")
    merged, dropped = CaseStatus.MERGED, CaseStatus.DROPPED_CAPACITY
    return [
        row(own, acted=ACTED, actions=1, team_formed=float("nan")),
        row(group=0, state="FRA", status=merged, merged_into=0, opened="2027-03-01", closed=ACTED),
        row(group=0, state="BRA", status=dropped, opened="2027-05-01", closed="2027-05-01"),
    ]


def chains() -> Rows:
    live = row(case=0, status=ChainStatus.GIVEN_UP, hops=3)
    return [
        row(live, ordinal=0, target=ChainTarget.INFRASTRUCTURE, hop=1, attempt=2, doubled=1),
        row(live, ordinal=1, target=ChainTarget.PERSON, hop=0, attempt=1),
    ]


def asked(purpose: RequestPurpose, requested: str, way: tuple[Channel, str, DataKind], stood: str, *parts: Row) -> Row:
    """A request of DEU in case 0: what for, who is asked, by which channel, terms and data, status and its days."""
    status, drafted, sent, ended = stood.split()
    channel, terms, data_kind = way
    return row(
        row(case=0, group=0, requesting="DEU", offence=Offence.SYSTEM_INTERFERENCE, purpose=purpose),
        row(requested=requested, channel=channel, instrument=instrument(terms), data_kind=data_kind),
        row(status=RequestStatus[status], drafted=drafted, sent=sent, ended=ended),
        *parts,
    )


def requests() -> Rows:
    """Row 0 to 2: lead 1, step 1; row 3: lead 2; row 4: lead 1, step 2; rows 5 and 6: authority to act."""
    chain, executed = RequestPurpose.CHAIN, "EXECUTED 2027-01-04"
    formal = Channel.MLAT, "eu_us_mla", DataKind.TRAFFIC
    police = Channel.POLICE, "interpol", DataKind.POLICE_INFORMATION
    point = Channel.PRESERVATION_24_7, "budapest_247", DataKind.PRESERVATION
    letters = Channel.LETTERS_ROGATORY, "letters_rogatory", DataKind.SUBSCRIBER
    court = Channel.JUDICIAL_DIRECT, "eio", DataKind.CONTENT
    search = Channel.MLAT, "eu_us_mla", DataKind.SEARCH_SEIZURE
    first = row(chain=0, evidence=0, dual_criminality=1, stage=Stage.RETURN, loops=1)
    silent = row(chain=1, evidence=1, dual_criminality=1, silent=1, stage=Stage.INCOMING_TRIAGE)
    second = row(chain=0, hop=1, evidence=2, dual_criminality=1, stage=Stage.PRODUCTION, urgent=1)
    drafted, acting = days_in(14.0, 10.0, 4.0, 3.0, 110.0, 40.0, 10.0, 40.0, 20.0, 0.0, 19.0), RequestPurpose.ACTION
    refused = row(partner=0, ground=Ground.STANDARD_OF_PROOF)
    ready = row(partner=0, stage=Stage.RETURN)
    return [
        asked(chain, "USA", formal, f"{executed} 2027-02-01 2027-10-01", first, drafted),
        asked(RequestPurpose.LEAD, "USA", police, f"{executed} 2027-01-04 2027-01-08", row(chain=0)),
        asked(RequestPurpose.PRESERVATION, "USA", point, f"{executed} 2027-01-04 2027-01-06", row(chain=0, evidence=0)),
        asked(
            *(chain, "NGA", letters, "WITHDRAWN 2027-01-04 2027-02-15 2028-01-04"),
            row(silent, stage_since="2027-03-15"),
        ),
        asked(
            *(chain, "NLD", court, "NO_DATA 2027-10-20 2027-10-30 2028-01-28"),
            row(second, stage_1=10.0, stage_7=30.0, stage_8=60.0),
        ),
        asked(acting, "USA", search, "REFUSED 2027-02-03 2027-03-01 2027-06-01", refused),
        asked(
            *(acting, "USA", search, "EXECUTED 2027-07-01 2027-07-15 2028-04-01"),
            row(ready, stage_1=14.0, stage_5=200.0, stage_8=61.0),
        ),
    ]


def days_in(*days: float) -> Row:
    """Days in each stage from the first on."""
    return {f"stage_{stage}": length for stage, length in enumerate(days, 1)}


def evidence() -> Rows:
    return [
        row(
            row(case=0, chain=0, state="USA", data_kind=DataKind.TRAFFIC, status=EvidenceStatus.OBTAINED),
            row(admissible=1, created="2026-12-01", retained_until="2027-05-01", moves_at=INF),
            row(frozen_from="2027-01-06", frozen_until="2027-10-03", settled="2027-09-12"),
        ),
        row(
            row(case=0, chain=1, state="NGA", data_kind=DataKind.SUBSCRIBER, status=EvidenceStatus.NOT_OBTAINED),
            row(created="2026-12-01", retained_until="2030-01-01", moves_at=INF, settled="2028-01-04"),
        ),
        row(
            row(case=0, chain=0, hop=1, state="NLD", data_kind=DataKind.CONTENT, status=EvidenceStatus.LOST_RETENTION),
            row(created="2027-06-01", retained_until="2027-12-24", moves_at=INF, settled="2028-01-28"),
        ),
    ]


def jobs() -> Rows:
    """Returned by the first visit, and soon through at the second."""
    desk = DeskKind.INCOMING * 196 + state("USA")
    mine = row(desk=desk, stage=Stage.INCOMING_TRIAGE, returned_on=INF, request=0, referral=-1, status=JobStatus.SERVED)
    return [
        row(mine, arrived="2027-02-04", started="2027-05-20", ended="2027-05-24", expected=105.0),
        row(mine, arrived="2027-07-03", started="2027-07-03", ended="2027-07-04", expected=0.0),
    ]


def partners() -> Rows:
    """The other one by its own case, at that case's second review."""
    american = row(case=0, state="USA", request=6, authorised=1, attempt=2)
    french = row(case=0, state="FRA", authorised=1)
    return [
        row(american, joined="2027-02-03", prepared_at="2027-09-01", ready_at="2028-04-01"),
        row(french, joined="2027-04-30", prepared_at="2028-01-10", ready_at="2028-01-10"),
    ]


def spells() -> Rows:
    return [
        row(group=0, cause=SpellCause.ENTRY, case=-1, day="2026-01-01", capability=1.0),
        row(group=0, cause=SpellCause.TAKEDOWN, case=0, day=ACTED, capability=0.0),
        row(group=0, cause=SpellCause.RETURN, case=-1, day="2029-01-10", capability=0.6),
    ]


def members() -> Rows:
    known = row(group=0, known_by=0, identified="2028-03-01")
    tried = row(held_in="FRA", prosecuted_in="FRA", instead=1, ground=Ground.NATIONALITY, arrested=ACTED)
    return [
        row(known, tried, slot=0, residence="FRA", status=MemberStatus.CONVICTED, ended="2030-02-01"),
        row(known, slot=1, residence="RUS", status=MemberStatus.INDICTED, indicted=ACTED),
    ]


def freezes() -> Rows:
    """Money held on a report, which is in no account of a case; traced in the case; and found on the action day."""
    money, taken = row(group=0, state="NLD"), row(confiscated=90.0, decided="2030-01-10")
    return [
        row(money, case=-1, by=FrozenBy.REPORT, day="2027-05-01", frozen=2.0),
        row(money, taken, case=0, by=FrozenBy.CASE, day="2028-02-10", frozen=90.0),
        row(money, case=0, by=FrozenBy.ACTION, day=ACTED, frozen=30.0),
    ]


def milestones() -> Rows:
    here, opened, located = row(case=0, group=0, reason=-1), MilestoneKind.LEAD_OPENED, MilestoneKind.NODE_FOUND
    return [
        row(here, kind=opened, subject=0, day="2027-01-04"),
        row(here, kind=opened, subject=1, day="2027-01-04"),
        row(here, kind=located, subject=0, reason=NodeDiscovery.ANALYSIS, day="2027-02-03"),
        row(here, case=1, kind=MilestoneKind.MERGED, subject=0, day="2027-04-30"),
    ]
