"""Enumerations of legal terms: kinds of data, offences, channels, grounds of refusal, evidence tags."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum

from sim.data.members import Member


class DataKind(IntEnum):
    """Kinds of data that can be requested."""

    PRESERVATION = 0
    SUBSCRIBER = 1
    TRAFFIC = 2
    CONTENT = 3
    SEARCH_SEIZURE = 4
    ARREST_EXTRADITION = 5
    JOINT_TEAM = 6
    POLICE_INFORMATION = 7


class Offence(IntEnum):
    """Offences: those of arts 2–8 of the Budapest Convention, and money laundering."""

    ILLEGAL_ACCESS = 0
    ILLEGAL_INTERCEPTION = 1
    DATA_INTERFERENCE = 2
    SYSTEM_INTERFERENCE = 3
    MISUSE_OF_DEVICES = 4
    COMPUTER_FORGERY = 5
    COMPUTER_FRAUD = 6
    MONEY_LAUNDERING = 7


CORE_OFFENCES = tuple(offence for offence in Offence if offence is not Offence.MONEY_LAUNDERING)


#: Further elements that national law may ask of an offence, by bit. `distribution`: only sale, distribution or making
#: available counts, as article 6(3) lets Parties reserve.
ELEMENTS = ("security_measure", "intent_to_defraud", "serious_damage", "specific_target", "distribution")


class Route(StrEnum):
    """Routes that a request can take; a stage lists the routes that pass through it (see `world.records.Stage`)."""

    TREATY = "treaty"  # between central authorities
    COURTS = "courts"  # from judge to judge
    ORDER = "order"  # a provider is ordered to answer
    VOLUNTARY = "voluntary"  # a provider is asked
    TEAM = "team"  # in a joint team
    SURRENDER = "surrender"
    HOME = "home"  # in the requesting state itself
    NONE = "none"  # no formal request: rules of liaison answer it


@dataclass(frozen=True)
class ChannelRow:
    """Properties of a channel that law, rules and reports use."""

    label: str  # a noun phrase
    route: Route = Route.NONE
    evidence: bool = False  # yields evidence, and investigators choose among such; these are the first rows
    treaty: bool = False  # authorities assist each other by it because a treaty or order binds them
    light: bool = False  # needs no formal draft, and is sent within the day
    effort: str = ""  # parameter: effort of using it in units of utility; none: 0


class Channel(Member):
    """Channels for requests; DOMESTIC is procedure within the requesting state."""

    row: ChannelRow

    LETTERS_ROGATORY = ChannelRow("letters rogatory", Route.TREATY, evidence=True, effort="letters_cost")
    MLAT = ChannelRow("a treaty request", Route.TREATY, evidence=True, treaty=True, effort="treaty_cost")
    BUDAPEST = ChannelRow("a treaty request", Route.TREATY, evidence=True, treaty=True, effort="treaty_cost")
    UN_CONVENTION = ChannelRow("a treaty request", Route.TREATY, evidence=True, treaty=True, effort="treaty_cost")
    JUDICIAL_DIRECT = ChannelRow(
        "a request from court to court", Route.COURTS, evidence=True, treaty=True, effort="direct_cost"
    )
    PROVIDER_BINDING = ChannelRow(
        "an order to the provider", Route.ORDER, evidence=True, light=True, effort="order_cost"
    )
    PROVIDER_VOLUNTARY = ChannelRow(
        "a voluntary request to the provider", Route.VOLUNTARY, evidence=True, light=True, effort="direct_cost"
    )
    JOINT_TEAM = ChannelRow("the joint team", Route.TEAM, evidence=True, light=True, effort="direct_cost")
    POLICE = ChannelRow("the police channel")
    PRESERVATION_24_7 = ChannelRow("the 24/7 point")
    SURRENDER = ChannelRow("a surrender request", Route.SURRENDER)
    DOMESTIC = ChannelRow("its own procedure", Route.HOME, light=True)


#: Channels that run through central authorities; "MLA turnaround" is measured over these.
CENTRAL_AUTHORITY_CHANNELS = tuple(channel for channel in Channel if channel.row.route is Route.TREATY)
#: Channels between authorities, central ones or courts.
AUTHORITY_CHANNELS = tuple(channel for channel in Channel if channel.row.route in (Route.TREATY, Route.COURTS))
#: Channels to providers.
PROVIDER_CHANNELS = tuple(channel for channel in Channel if channel.row.route in (Route.ORDER, Route.VOLUNTARY))
#: Channels that yield evidence. What is remembered of channels is kept of these, by their number.
EVIDENCE_CHANNELS = tuple(channel for channel in Channel if channel.row.evidence)
if tuple(Channel)[: len(EVIDENCE_CHANNELS)] != EVIDENCE_CHANNELS:
    raise ValueError("rows of Channel that yield evidence come before the others")


class Ground(IntEnum):
    """Grounds for refusal of a request; NONE if it is not refused."""

    NONE = 0
    DUAL_CRIMINALITY = 1
    NO_POWER = 2
    STANDARD_OF_PROOF = 3
    POLITICAL_OR_ESSENTIAL_INTERESTS = 4
    DATA_PROTECTION = 5
    DE_MINIMIS = 6
    NE_BIS_IN_IDEM = 7
    PROVIDER_POLICY = 8
    DECLINED_BY_POLICE = 9
    NATIONALITY = 10
    MISTAKE = 11  # said to be no offence, though it is one
    LAW_NOT_APPLIED = 12  # the law in action falls short of the law on the books


class EvidenceTag(StrEnum):
    """Reliability of a value, as displayed with it: verified, recalled, or a judgement."""

    VERIFIED = "verified"
    RECALLED = "recalled"
    JUDGEMENT = "judgement"
