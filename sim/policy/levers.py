"""The one registry of levers: what a policy can move, in which unit and range, where, and at what cost.

Scenario files assign levers; sweeps address the same names.
"""

from types import MappingProxyType

from sim.law.vocabulary import Channel, DataKind, EvidenceTag
from sim.policy.lever import Lever, Quantity, Target
from sim.policy.levers_capacity import CAPACITY_LEVERS
from sim.policy.levers_contacts import CONTACT_LEVERS
from sim.policy.levers_liaison import LIAISON_LEVERS
from sim.policy.levers_rights import RIGHTS
from sim.policy.levers_terms import TERM_LEVERS
from sim.policy.problem import InputError, nearest

#: Channels that a policy can close: all but a state's own procedure.
CLOSABLE = tuple(channel.name.lower() for channel in Channel if channel is not Channel.DOMESTIC)

#: The lever that has no value to hold but a shock every year.
DRIFT = "politics.drift"

_LAW = (
    Lever(
        "law.core_offences",
        "National law makes the core offences (Budapest Convention, articles 2 to 8) punishable, "
        "with this maximum penalty",
        Quantity.YEARS,
        1,
        20,
        0,
        Target.STATES,
        "offence, penalty_years and elements of the law arrays",
        "legislation in each state",
        "Budapest Convention arts 2–8; thresholds of 1, 3 and 4 years in art. 24, EU and UN instruments (M1)",
        EvidenceTag.VERIFIED,
    ),
    Lever(
        "law.powers",
        "National law gives the powers to obtain these kinds of data",
        Quantity.CHOICES,
        0,
        1,
        0,
        Target.STATES,
        "power of the law arrays",
        "legislation and safeguards in each state",
        "Budapest Convention arts 16–21 (M2)",
        EvidenceTag.VERIFIED,
        tuple(kind.name.lower() for kind in DataKind),
    ),
    Lever(
        "law.join",
        "States become parties to an instrument",
        Quantity.INSTRUMENT,
        0,
        1,
        0,
        Target.STATES,
        "channels of the law arrays",
        "ratification and implementing law in each state",
        "sim/data/treaties.csv",
        EvidenceTag.VERIFIED,
        needs="the treaty in force, and other Parties; one that waits for ratifications opens nothing before",
    ),
    Lever(
        "law.conclude",
        "Pairs of states conclude a bilateral treaty",
        Quantity.INSTRUMENT,
        0,
        1,
        0,
        Target.PAIRS,
        "channels of the law arrays",
        "negotiation and ratification in both states",
        "sim/data/treaties.csv",
        EvidenceTag.VERIFIED,
    ),
    Lever(
        "law.in_force",
        "An instrument that is not in force enters into force between its ratifying states",
        Quantity.INSTRUMENT,
        0,
        1,
        0,
        Target.WORLD,
        "channels of the law arrays",
        "ratifications up to the instrument's threshold",
        "sim/data/treaties.csv",
        EvidenceTag.VERIFIED,
        needs="states that have ratified it (law.join): among few Parties it opens little",
    ),
    Lever(
        "law.data_conflict_removed",
        "An agreement removes the conflict of data-protection law between two states",
        Quantity.SWITCH,
        0,
        1,
        0,
        Target.PAIRS,
        "conflict of the law arrays",
        "negotiation; safeguards that the other side must keep",
        "GDPR art. 48 and chapter V (M3)",
        EvidenceTag.VERIFIED,
        needs="pairs between which data-protection law stands in the way today",
    ),
    Lever(
        "channels.closed",
        "These ways to ask are closed",
        Quantity.CHOICES,
        0,
        1,
        0,
        Target.PAIRS,
        "instrument of the law arrays; requests under way keep theirs",
        "none; a bound, not a reform",
        "decisions.md: no_cooperation",
        choices=CLOSABLE,
    ),
    Lever(
        "politics.affinity_shift",
        "Two states move closer (above 0) or further apart (below 0)",
        Quantity.SHIFT,
        -1,
        1,
        0,
        Target.PAIRS,
        "affinity of the law arrays, kept between 0 and 1",
        "foreign policy; not for sale",
        "M3",
    ),
    Lever(
        DRIFT,
        "Politics between any two states moves by chance from year to year, as much in every scenario of a comparison",
        Quantity.SPREAD,
        0,
        0.3,
        0,
        Target.WORLD,
        "affinity of the law arrays: shocks every year, of which reform.politics_kept is left a year later",
        "none; nobody decides it",
        "M3; revisions of the catalogue, 14d: .05 to .1",
    ),
)

_STAFF_COST = "80,000 to 150,000 euros a lawyer and year (M24); a new hire needs 12 to 18 months"

_ORGANISATION = (
    Lever(
        "central_authority.staff",
        "Staff of central authorities, incoming and outgoing desks",
        Quantity.RATIO,
        0,
        20,
        1,
        Target.STATES,
        "posts of outgoing and incoming desks, filled in 12 to 18 months by people who must learn",
        _STAFF_COST,
        "M6, M21; DOJ OIG 21-097",
    ),
    Lever(
        "court.staff",
        "Staff of the courts that order execution",
        Quantity.RATIO,
        0,
        20,
        1,
        Target.STATES,
        "posts of court desks, filled in 12 to 18 months",
        "judges and clerks",
        "M6 stage 8",
    ),
    Lever(
        "provider.staff",
        "Staff of service providers' law-enforcement desks, by the provider's state",
        Quantity.RATIO,
        0,
        20,
        1,
        Target.STATES,
        "servers of provider desks",
        "borne by the providers",
        "M9",
    ),
    Lever(
        "forensic.staff",
        "Staff of forensic laboratories",
        Quantity.RATIO,
        0,
        20,
        1,
        Target.STATES,
        "posts of laboratories, filled in 12 to 18 months",
        "examiners and equipment",
        "M9; UK police forces 2020",
    ),
    Lever(
        "central_authority.urgent_head_start",
        "Days by which urgent files go before others at incoming central authorities; 0: first come, first served",
        Quantity.DAYS,
        0,
        3650,
        180,
        Target.WORLD,
        "setting.urgent_head_start",
        "a rule of work and a case system that can follow it",
        "M6",
    ),
    Lever(
        "desk.load_growth_after",
        "Growth of the other work that desks get, a year, from then on",
        Quantity.RATE,
        -0.1,
        0.3,
        0,
        Target.WORLD,
        "setting.load_growth_after; a later change of it begins where work has grown to",
        "none; nobody decides it",
        "M25 g 3–6 % a year",
    ),
    Lever(
        "central_authority.skill",
        "Skill of central authorities and investigators, raised at once to at least this level and kept there",
        Quantity.SHARE,
        0,
        1,
        0,
        Target.STATES,
        "skill of outgoing and incoming desks and of the state's agencies; a bound on what training can do",
        "1,000 to 3,000 euros a person-week of training (M24), again as staff turn over",
        "M21",
    ),
    Lever(
        "central_authority.deadline",
        "Deadline for a state's central authority to answer",
        Quantity.DAYS,
        1,
        3650,
        3650,
        Target.STATES,
        "deadline_days of the requested state",
        "none by itself; staff to keep it",
        "decisions.md: faster_mlat",
        needs="central_authority.deadline_enforceable: yes; a deadline that nobody can enforce changes nothing",
    ),
    Lever(
        "central_authority.deadline_enforceable",
        "A missed deadline of a central authority has a cost for the state",
        Quantity.SWITCH,
        0,
        1,
        0,
        Target.STATES,
        "deadline_enforceable of the requested state",
        "a body that can impose it; overtime and files that miss it count in the cost of work on requests",
        "M6: a breach has a cost only if the instrument is enforceable",
        needs="central_authority.deadline for the same states: without a date nothing can be missed",
    ),
    Lever(
        "transmission.electronic_share",
        "Share of pairs of states that send requests electronically, best governed pairs first",
        Quantity.SHARE,
        0,
        1,
        0,
        Target.PAIRS,
        "electronic; pairs that already send electronically keep doing so",
        "2 to 20 million euros a case management system (M24), at both ends",
        "M6 stage 4, M22",
    ),
    Lever(
        "request.template",
        "Share of requests drafted on a common template",
        Quantity.SHARE,
        0,
        1,
        0,
        Target.STATES,
        "template of the requesting state",
        "drafting, translation and training once",
        "M7: a template cuts returns for deficiency by 20 to 40 %",
    ),
)

_FRICTION = (
    Lever(
        "friction.refusal",
        "Refusals, of today's",
        Quantity.SHARE,
        0,
        1,
        1,
        Target.WORLD,
        "setting.refusal_scale",
        "none; a bound, not a reform",
        "decisions.md: frictionless",
    ),
    Lever(
        "friction.silence",
        "Requests that are never answered, of today's",
        Quantity.SHARE,
        0,
        1,
        1,
        Target.WORLD,
        "setting.silence_scale",
        "none; a bound, not a reform",
        "decisions.md: frictionless",
    ),
    Lever(
        "friction.instant_stages",
        "Each stage of a request takes one day",
        Quantity.SWITCH,
        0,
        1,
        0,
        Target.WORLD,
        "setting.instant_stages",
        "none; a bound, not a reform",
        "decisions.md: frictionless",
    ),
)

_EVIDENCE = (
    Lever(
        "evidence.retention_scale",
        "How long custodians keep data",
        Quantity.RATIO,
        0,
        20,
        1,
        Target.WORLD,
        "setting.retention_scale",
        "storage; privacy of all users, counted as retention burden",
        "M10",
    ),
    Lever(
        "evidence.retention_floor",
        "Least time for which custodians must keep data",
        Quantity.DAYS,
        0,
        3650,
        0,
        Target.WORLD,
        "setting.retention_floor_days",
        "storage; privacy of all users, counted as retention burden",
        "M10; BKA 2022",
    ),
    Lever(
        "preservation.duration_scale",
        "How long preserved data stay frozen",
        Quantity.RATIO,
        0,
        20,
        1,
        Target.WORLD,
        "setting.preservation_days_scale",
        "borne by the custodians",
        "Budapest Convention arts 16 and 29 (M5)",
    ),
)

#: Every lever by its name, in the order of the registry.
LEVERS = MappingProxyType(
    {
        lever.name: lever
        for lever in (
            *_LAW,
            *TERM_LEVERS,
            *_ORGANISATION,
            *CAPACITY_LEVERS,
            *LIAISON_LEVERS,
            *_FRICTION,
            *_EVIDENCE,
            *CONTACT_LEVERS,
            *RIGHTS,
        )
    }
)


def find_lever(name: str) -> Lever:
    """Looks a lever up.

    Raises:
        InputError: no lever has that name; the fix names the nearest.
    """
    try:
        return LEVERS[name]
    except KeyError:
        raise InputError("there is no such lever", value=name, fix=_meant(name)) from None


def _meant(name: str) -> str:
    """The levers that may have been meant: of those that move the same thing where there are any, else the nearest."""
    moved = name.rpartition(".")[2]
    same = [lever for lever in LEVERS if lever.rpartition(".")[2] == moved]
    if not same:
        return nearest(name, LEVERS, what="one of the levers")
    return nearest(name, same, what="") or f"Did you mean {' or '.join(same)}?"
