"""Enumerations whose numbers the world's tables store, such as stages, statuses and kinds."""

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

from sim.data.bodies import liaison_rows
from sim.data.members import Member
from sim.world.records.desks import WITH_UNITS
from sim.world.records.desks import DeskKind as DeskKind
from sim.world.records.ordinary import Ordinary as Ordinary
from sim.world.records.stages import STAGES as STAGES
from sim.world.records.stages import Stage as Stage

NONE = -1


class RequestStatus(IntEnum):
    """Status of a request: open, or how it ended."""

    OPEN = 0
    EXECUTED = 1
    REFUSED = 2
    NO_DATA = 3  # answered, but the evidence was gone
    WITHDRAWN = 4
    NOT_SENT = 5  # stopped at the sender's own central authority, or by its gatekeeper at home


class RequestPurpose(IntEnum):
    """Purposes for which a state makes a request."""

    CHAIN = 0  # the next hop of an attribution chain
    CORROBORATION = 1  # supplementary, lower value (M25)
    ACTION = 2  # authority for searches and seizures on the action day
    LEAD = 3  # police information
    PRESERVATION = 4
    PRETEXT = 5  # data on somebody, with no genuine case behind it: see Abuse


class Abuse(IntEnum):
    """Kinds of requests without a genuine case; NONE for a genuine request."""

    NONE = 0  # a genuine request
    OPEN = 1  # abusive or political, and its facts show no offence
    DISGUISED = 2  # the same, dressed up as an ordinary offence
    FALSE_EMERGENCY = 3  # somebody who only pretends to be police in an emergency


class EvidenceStatus(IntEnum):
    """Status of an evidence item: available, obtained, not obtained, lost for some reason, or inadmissible."""

    AVAILABLE = 0
    OBTAINED = 1
    LOST_RETENTION = 2
    LOST_PRESERVATION_EXPIRED = 3
    LOST_MOVED = 4
    LOST_ENCRYPTED = 5
    INADMISSIBLE = 6
    NOT_OBTAINED = 7  # refused, reneged, withdrawn or no channel


class ProviderPolicy(IntEnum):
    """Policies of providers on direct requests from foreign authorities (M9)."""

    GATE = 0  # answers some states, and others not at all
    GRADED = 1  # answers all states, some less than others
    STRICT = 2  # refers most states to treaty channels, and gives the others subscriber data alone
    NEVER = 3  # gives nothing


class Addressee(IntEnum):
    """Addressees of ordinary direct requests: large providers by policy, and small hosts."""

    GATE = 0
    GRADED = 1
    STRICT = 2
    NEVER = 3
    HOST = 4


class CaseStatus(IntEnum):
    """Status of a case: under investigation, preparing an action, or closed for one of several reasons."""

    INVESTIGATING = 0
    PREPARING = 1
    SOLVED = 2  # its action day took the group down
    MERGED = 3
    DROPPED_ATTRITION = 4
    DROPPED_CAPACITY = 5  # never opened: no investigator free, though idle ones would have
    CLOSED_GROUP_GONE = 6
    NO_OFFENCE = 7  # never opened: not an offence where it was reported
    DROPPED_HOPELESS = 8  # nothing that could still be done was worth the unit's time
    TOO_SMALL = 9  # never opened: idle investigators would not have taken it either


class GroupStatus(IntEnum):
    """Status of a criminal group: active, down, or ended."""

    ACTIVE = 0
    DOWN = 1
    EXITED = 2
    REMOVED = 3  # taken down and never returns


class ChainStatus(IntEnum):
    """Status of a chain of evidence: being followed, complete, or ended."""

    LIVE = 0
    COMPLETE = 1
    GIVEN_UP = 2


class ChainTarget(IntEnum):
    """Targets of a chain of evidence, to which its last step leads."""

    INFRASTRUCTURE = 0
    PERSON = 1


@dataclass(frozen=True)
class ActionRow:
    """Properties of a kind of enforcement action that rules and reports use."""

    label: str = ""  # what it achieved; a clause
    returns: str = ""  # rule of resurgence.py: how a group comes back from it; none: it takes no group down


class ActionType(Member):
    """Kinds of enforcement action; each kind of takedown has its own pattern of returns (M17)."""

    row: ActionRow

    NONE = ActionRow()
    PARTIAL = ActionRow()  # meant to take the group down, but it kept too much
    DISRUPTION = ActionRow()  # meant to weaken it
    DOMAIN_SEIZURE = ActionRow("its domains were seized", "back_without_domains")
    SERVICE = ActionRow(  # infrastructure of a place where criminals trade
        "the infrastructure of its market was removed", "back_without_servers"
    )
    INFRASTRUCTURE = ActionRow(
        "its infrastructure was removed without enough arrests to break the core", "back_without_servers"
    )
    EXPOSURE = ActionRow(  # infrastructure, and a leader at large was named in public
        "its infrastructure was removed and a leader at large named in public", "back_from_exposure"
    )
    ARRESTS = ActionRow(  # at least half the core, with infrastructure or without
        "at least half of its core is in custody", "back_after_arrests"
    )


class MemberStatus(IntEnum):
    """Legal status of a core member (M14); an indictment is not a conviction."""

    UNKNOWN = 0
    SUSPECTED = 1  # identified by a case
    WANTED = 2  # a court issued a warrant
    INDICTED = 3  # publicly charged and at large
    HELD = 4  # arrested; surrender or trial to come
    SURRENDERED = 5  # handed over; trial to come
    RELEASED = 6  # surrender refused and not prosecuted instead
    CONVICTED = 7
    ACQUITTED = 8


class MilestoneKind(IntEnum):
    """Kinds of milestone, with the meaning of the fields of table `milestone` for each kind."""

    LEAD_OPENED = 0  # subject: chain; reason: row of the unanswered chain that it doubles
    LEAD_ENDED = 1  # subject: chain, at its goal or dropped
    NOT_ASKED = 2  # subject: chain; reason: WhyNotAsked
    NODE_FOUND = 3  # subject: node; reason: NodeDiscovery
    ACTED = 4  # subject: partner that acts with the leading state on a full action day
    MERGED = 5  # subject: the case that leads from now on
    ALERTED = 6  # subject: none; reason: AlertCause
    LEARNT = 7  # subject: action, -1 for an arrest; reason: the sanction that the group then expects, per mille
    STAYED = 8  # a group whose lineage had run out
    RELOCATED = 9  # subject: member; reason: row of the state that it left


class WhyNotAsked(IntEnum):
    """Reasons why investigators make no request for an evidence item."""

    NO_CHANNEL_OPEN = 0
    ALL_CHANNELS_TRIED = 1
    CHANNEL_UNKNOWN = 2  # one is open, but the investigator has not heard of it
    NOT_WORTH_IT = 3  # by experience, it would not be answered in time or at all


class NodeDiscovery(IntEnum):
    """Ways in which a control node becomes known."""

    CHAIN = 0  # evidence of a whole chain led to it
    BESIDE_ANOTHER = 1  # seen together with the node that a chain led to
    POLICE = 2  # police information on the last hop
    AT_OPENING = 3  # could be seen from the start
    ANALYSIS = 4  # malware analysis, open sources
    OTHER_UNIT = 5  # a case that merged knew it
    LIAISON_BODY = 6  # analysts of a liaison body saw it
    HANDED_OVER = 7  # seized at home with another, or reported by an informant


class AlertCause(IntEnum):
    """Ways in which a group finds out about an investigation of it."""

    PARTIAL_ACTION = 0  # an action that did not take it down, disruptions included
    LEAK = 1


class FrozenBy(IntEnum):
    """Events that led to a freeze of money."""

    REPORT = 0  # victims' reports, without any case
    CASE = 1  # tracing in the course of a case
    ACTION = 2  # searches of an action day


class SpellCause(IntEnum):
    """Causes of a change in a group's capability or size, with which a new activity period begins."""

    ENTRY = 0
    REBRAND = 1
    PARTIAL_ACTION = 2
    TAKEDOWN = 3
    RETURN = 4
    REBUILT = 5
    SELF_EXIT = 6
    USERS_JOINED = 7  # users of a rival that was taken down came to it
    USERS_LEFT = 8  # users went elsewhere, or back to where they had come from
    SUPPLIER_LOST = 9  # a technical service that it bought from is gone
    SUPPLIER_FOUND = 10  # it buys from another


class Concern(IntEnum):
    """Things that offenders risk or that attract attention to them: servers, victims, people (M16)."""

    SERVERS = 0
    PEOPLE = 1
    VICTIMS = 2


if TYPE_CHECKING:

    class Body(IntEnum):
        """Liaison bodies that rules refer to by name."""

        INTERPOL, EUROPOL, JCAT, EUROJUST, CONTACT_POINTS, BUILDERS = range(6)

else:
    #: Bodies through which states work together (M20), those of a user's own behind: each is a row of bodies.csv.
    Body = IntEnum("Body", {row.name: row.code for row in liaison_rows()}, module=__name__)


@dataclass(frozen=True)
class TaskRow:
    """Properties of a task of liaison bodies that rules use."""

    hours: str = ""  # parameter: mean hours of a body's staff; none: it is no file at a desk
    answered: str = ""  # rule of liaison_answers.py: what the answer does; none: it has no answer


class ReferralTask(Member):
    """Kinds of task that states refer to liaison bodies."""

    row: TaskRow

    COMPARE = TaskRow(  # a unit's indicators with those that other units have given
        "setting.compare_hours", "comparison_answered"
    )
    ANALYSE = TaskRow("setting.analyse_hours", "analysis_answered")  # what a hop of a trail has yielded
    NOTICE = TaskRow("setting.notice_hours", "notice_published")  # publish that a person is wanted
    FACILITATE = TaskRow("setting.facilitate_hours", "request_helped")  # a request between two members
    COORDINATE = TaskRow(  # prosecutors of several members: meetings, money for a joint team, a coordination centre
        "setting.coordinate_hours", "coordinated"
    )
    ACTION_DAY = TaskRow(  # host the action day, so that all act within 48 hours
        "setting.action_day_hours", "coordinated"
    )
    DECONFLICT = TaskRow(  # inform units that aim at one group of each other before one of them acts
        "setting.compare_hours", "units_informed"
    )
    FREEZE = TaskRow(  # preservation, at the point of the state that is asked
        "setting.freeze_hours", "evidence_preserved"
    )
    VISIT = TaskRow()  # train a state's people


class TaskResult(IntEnum):
    """Results of a liaison body's work on a task."""

    OPEN = 0
    HELPED = 1
    NOTHING = 2  # nothing was found, or could be done
    TOO_LATE = 3  # no longer needed


if TYPE_CHECKING:

    class UnitKind(IntEnum):
        """Kinds of unit that rules refer to by name."""

        OUTGOING, INCOMING, COURT, FORENSIC = range(4)
        INVESTIGATION = 4  # cybercrime investigators and prosecutors of a state

else:
    #: Kinds of unit with simulated staff: those at desks of a state, then its cybercrime investigators and prosecutors.
    UnitKind = IntEnum("UnitKind", [*(kind.name for kind in WITH_UNITS), "INVESTIGATION"], start=0, module=__name__)


class JobStatus(IntEnum):
    """Status of a file at a desk, such as waiting, being worked on, or done."""

    WAITING = 0
    IN_SERVICE = 1
    SERVED = 2
    WITHDRAWN = 3


class Growing(IntEnum):
    """Tables that grow during a run, numbered by their index in `World.used`."""

    JOB = 0
    GROUP = 1
    NODE = 2
    CASE = 3
    CHAIN = 4
    REQUEST = 5
    EVIDENCE = 6
    PARTNER = 7
    ACTION = 8
    SPELL = 9
    MEMBER = 10
    MILESTONE = 11
    MIGRATION = 12
    HEADCOUNT = 13
    VACANCY = 14
    RECIPIENT = 15
    LEAK = 16
    TRUST = 17
    REFERRAL = 18
    POSTING = 19
    SIGHTING = 20
    FREEZE = 21
