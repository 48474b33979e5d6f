"""Units of state variables, and what those mean behind which the records carry no comment.

A name may be that of a field in every table (`key`) or in one (`request.ground`); the latter goes first.
"""

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType

from sim.agents.events import Event
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


def _all(unit: str, names: str) -> dict[str, str]:
    return dict.fromkeys(names.split(), unit)


#: Enumerations, each shown once as a table of codes.
CODES: tuple[type[Enum], ...] = (
    Stage,
    RequestStatus,
    RequestPurpose,
    EvidenceStatus,
    CaseStatus,
    GroupStatus,
    ChainStatus,
    ChainTarget,
    ActionType,
    MemberStatus,
    SpellCause,
    DeskKind,
    JobStatus,
    Channel,
    DataKind,
    Offence,
    Ground,
)

_CODED: Mapping[str, type[Enum]] = {
    "action.type": ActionType,
    "case.status": CaseStatus,
    "chain.status": ChainStatus,
    "chain.target": ChainTarget,
    "desk.kind": DeskKind,
    "evidence.data_kind": DataKind,
    "evidence.status": EvidenceStatus,
    "group.action": ActionType,
    "group.status": GroupStatus,
    "job.status": JobStatus,
    "member.ground": Ground,
    "member.status": MemberStatus,
    "request.channel": Channel,
    "request.data_kind": DataKind,
    "request.ground": Ground,
    "request.offence": Offence,
    "request.purpose": RequestPurpose,
    "request.resume": Stage,
    "request.stage": Stage,
    "request.status": RequestStatus,
    "spell.action_type": ActionType,
    "spell.cause": SpellCause,
}

_ROWS: Mapping[str, str] = {
    "desk": "desk",
    "request": "request",
    "group": "group",
    "case": "case",
    "chain": "chain",
    "partner": "partner",
    "node": "node",
    "evidence": "evidence",
    "job": "job",
    "provider": "provider",
    "state": "state",
    "home": "state",
    "residence": "state",
    "held_in": "state",
    "prosecuted_in": "state",
    "requesting": "state",
    "requested": "state",
    "representative": "state",
    "host_provider": "provider",
    "access_provider": "provider",
    "queue_root": "job",
    "left": "job",
    "right": "job",
    "first_node": "node",
    "first_member": "member",
    "first_case": "case",
    "next_case": "case",
    "first_chain": "chain",
    "next_chain": "chain",
    "first_partner": "partner",
    "next_partner": "partner",
    "merged_into": "case",
    "known_by": "case",
    "next_evidence": "evidence",
    "request.instrument": "terms",
}

#: Unit by field. A day is a place on the clock, days are a length of time.
UNITS: Mapping[str, str] = MappingProxyType(
    {name: f"code {kind.__name__}" for name, kind in _CODED.items()}
    | {name: f"row of {table}" for name, table in _ROWS.items()}
    | _all("key", "key")
    | _all(
        "day",
        """acted alert_until arrested arrived asked closed created day drafted ended entered frozen_from frozen_until
        identified indicted joined known_at last_action lineage_until moves_at opened patience_until prepared
        prepared_at queue_since ready_at retained_until sent settled since stage_since started surrendered
        team_formed""",
    )
    | _all("days", "assets_confiscated assets_frozen assets_traced deadline_days stage_days target_wait")
    | _all("days", "wait_recent wait_reference")
    | _all("hours", "background_hours touch_hours")
    | _all("hours a day", "pace")
    | _all("a day", "background_rate")
    | _all("0–1", "bulletproof capability expected_kill perceived_risk skill skill_base strength")
    | _all("standard normal", "quality")
    | _all("ratio", "scale")
    | _all("unit exponential", "match_hazard")
    | _all("persons", "servers staff_base")
    | _all("hops", "hop_mean")
    | _all("cases", "slots")
    | _all("day", "priority")
    | _all(
        "0 or 1",
        """admissible authorised complete doubled dual_criminality electronic enforceable in_team instead lead silent
        urgent""",
    )
    | _all("bit mask", "facts route tried")
    | _all("code", "group.kind provider.kind state.tier")
    | _all(
        "number",
        """action_requests actions arrests attempt brands bundles busy cases chains clipped generation
        hop hops indicators killed known_members known_nodes leads live_chains loops members moves nodes open_cases
        ordinal ready_nodes reports reviews slot states waiting""",
    )
    | {"case.evidence": "number", "provider.desk": "row of desk"}
)

#: Meaning of fields that carry no comment in the records.
MEANINGS: Mapping[str, str] = MappingProxyType(
    {
        "key": "identity for random draws, hashed from where the entity comes from",
        "desk": "desk that works on it",
        "group": "criminal group concerned",
        "case": "case that it belongs to",
        "chain": "chain that it belongs to",
        "partner": "partner whose authority is asked for",
        "evidence": "evidence item asked for",
        "job": "its file at a desk",
        "provider": "provider that holds or hosts it",
        "status": "where it stands",
        "arrived": "reached the desk",
        "started": "a person took it up",
        "ended": "came to its end",
        "hop": "place in the chain, from 0",
        "data_kind": "kind of data",
        "attempt": "how often it was asked",
        "slot": "place within its group",
        "ordinal": "place among its parent's",
        "actions": "action days so far",
        "case.state": "state whose unit opened it",
        "evidence.state": "state in which the custodian is asked",
        "case.opened": "opened",
        "case.closed": "closed, solved or merged cases included once their lead case closes",
        "case.live_chains": "chains being followed",
        "case.first_chain": "newest chain",
        "case.first_partner": "newest partner",
        "case.next_case": "next older case on the same group",
        "case.known_nodes": "control nodes that it knows",
        "case.known_members": "core members that it knows",
        "case.reviews": "reviews so far",
        "case.match_hazard": "hazard of a match added up so far; matched when it passes a drawn threshold",
        "case.merged_into": "the case that leads after a merger",
        "case.acted": "latest action day",
        "case.action_requests": "requests for authority to act",
        "chain.target": "what it leads to",
        "chain.hops": "hops it takes in all; nobody knows before the last",
        "chain.next_chain": "next older chain of the case",
        "chain.doubled": "another lead was opened because this one took too long",
        "chain.asked": "the present hop was asked for",
        "chain.request": "formal request of the present hop",
        "chain.evidence": "evidence item of the present hop",
        "desk.kind": "kind of desk",
        "desk.state": "state it stands in",
        "desk.provider": "provider whose desk it is, none for authorities",
        "desk.servers": "persons who work there",
        "desk.skill": "skill of its staff, which raises the pace and lowers errors",
        "desk.skill_base": "skill before any policy",
        "desk.busy": "persons at work on a file",
        "evidence.admissible": "a court may use it",
        "evidence.created": "when the traced communication happened",
        "evidence.retained_until": "the custodian deletes it then",
        "evidence.frozen_from": "preservation begins",
        "evidence.frozen_until": "the last renewal runs out",
        "evidence.settled": "its fate was settled",
        "group.status": "active, down, gone",
        "group.first_node": "first control node; the others follow",
        "group.first_member": "first core member; the others follow",
        "group.first_case": "newest open case on it",
        "group.cases": "cases ever opened on it",
        "group.entered": "entered",
        "group.ended": "left by itself, or was removed",
        "group.lineage_until": "leaves by itself then",
        "group.capability": "share of full capability to do harm",
        "group.alert_until": "it is on its guard until then",
        "group.last_action": "latest enforcement action",
        "group.brands": "names taken since it entered",
        "group.reports": "victims' reports so far",
        "job.right": "second child in the queue's heap",
        "member.identified": "identified by a case",
        "member.indicted": "publicly charged",
        "member.arrested": "arrested",
        "member.surrendered": "handed over",
        "node.group": "its group",
        "node.state": "state in which its operator hosts it",
        "node.provider": "host",
        "node.moves_at": "its operator leaves the state then",
        "node.moves": "moves so far",
        "node.known_at": "became known",
        "partner.state": "state that takes part",
        "partner.next_partner": "next older partner of the case",
        "partner.in_team": "member of the joint team",
        "partner.request": "request for its authority",
        "partner.joined": "began to prepare",
        "action.group": "group acted against",
        "action.type": "kind of action, which decides how groups come back",
        "action.complete": "every control node was removed",
        "action.day": "the action day",
        "action.states": "states that took part",
        "action.known_nodes": "nodes known on the day",
        "action.ready_nodes": "of them, nodes whose state was ready",
        "action.nodes": "control nodes of the group",
        "action.killed": "nodes removed",
        "action.arrests": "core members arrested on the day",
        "action.in_team": "the case had a joint team",
        "action.expected_kill": "P(all nodes removed) as judged beforehand",
        "action.assets_frozen": "the same, frozen before they moved",
        "action.assets_confiscated": "the same, confiscated",
        "provider.state": "state of its seat",
        "provider.desk": "desk that answers foreign orders",
        "request.case": "case for which it is made",
        "request.purpose": "what the requester wants with it",
        "request.requesting": "state that asks",
        "request.requested": "state that is asked",
        "request.provider": "provider that must produce",
        "request.channel": "legal way",
        "request.offence": "offence it is about",
        "request.ground": "ground of refusal",
        "request.stage": "present stage",
        "request.urgent": "in the urgent class",
        "request.enforceable": "a missed deadline has a cost for who answers",
        "request.electronic": "the instrument has a secure channel of its own",
        "request.ended": "ended",
        "request.stage_since": "the present stage began",
        "request.stage_days": "time spent in each of the twelve stages",
        "spell.group": "group whose capability changed",
        "spell.cause": "why it changed",
        "spell.action_type": "enforcement action behind it",
        "spell.case": "case behind it",
        "spell.day": "when it changed",
        "state.open_cases": "cases its agencies work on",
        "state.skill": "skill of its agencies and prosecutors",
        "state.host_provider": "the provider that stands for all hosts there",
        "state.access_provider": "the provider that stands for all access providers there",
    }
)

#: What a row of each table is.
ENTITIES: Mapping[str, str] = MappingProxyType(
    {
        "state": "A state with its police and prosecutors as one agency. 196 of them; fixed.",
        "desk": "A staffed desk: outgoing and incoming central authority, court and laboratory of each state, and one "
        "for each provider. Fixed; staff and skill can change by policy.",
        "provider": "A service provider: a named major, or one that stands for all hosts, or all access providers, of "
        "a state. Fixed.",
        "group": "A criminal group of the tier that national units investigate.",
        "member": "A core member of a group.",
        "node": "A control node of a group: a place from which it is run, whoever hosts it at the time.",
        "case": "An investigation by one state's agency into one group, opened or not.",
        "chain": "A lead followed hop by hop from a trace to a control node or a core member.",
        "evidence": "What one custodian holds about one hop of a chain.",
        "request": "A request of any kind: formal, police, preservation, domestic, or for authority to act.",
        "job": "A file at a desk: a request in one of its stages, or a bundle of other work.",
        "partner": "A state's part in the preparation of an action.",
        "action": "An action day.",
        "spell": "A time during which a group's capability was constant.",
    }
)

#: What happens at events that carry no comment.
HAPPENINGS: Mapping[Event, str] = MappingProxyType(
    {
        Event.GROUP_REBRAND: "a group takes a new name",
        Event.TEAM_FORMED: "a joint team begins its work",
        Event.TRIAL_ENDS: "a court convicts or acquits",
    }
)
