"""Terms of the law as enumerations: kinds of data, offences, channels, grounds of refusal, evidence tags."""

from enum import IntEnum, StrEnum


class DataKind(IntEnum):
    """Kinds of data in a request; each value is a bit position in the field `carries` of terms."""

    PRESERVATION = 0
    SUBSCRIBER = 1
    TRAFFIC = 2
    CONTENT = 3
    SEARCH_SEIZURE = 4
    ARREST_EXTRADITION = 5
    JOINT_TEAM = 6
    POLICE_INFORMATION = 7


class Offence(IntEnum):
    """Offences of the Budapest Convention arts 2–8, and money laundering (outside them)."""

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
    """Ways that requests take; each stage says which of them pass it (`world.records.Stage`)."""

    TREATY = "treaty"  # between central authorities
    COURTS = "courts"  # from judge to judge
    ORDER = "order"  # a provider is ordered to answer
    VOLUNTARY = "voluntary"  # a provider is asked
    TEAM = "team"  # in a joint team
    SURRENDER = "surrender"
    HOME = "home"  # in the requesting state itself
    NONE = "none"  # no formal request: rules of liaison answer it


class Channel(IntEnum):
    """Legal ways to make a request; DOMESTIC is procedure in the requesting state and needs no treaty."""

    LETTERS_ROGATORY = 0
    MLAT = 1
    BUDAPEST = 2
    UN_CONVENTION = 3
    JUDICIAL_DIRECT = 4
    PROVIDER_BINDING = 5
    PROVIDER_VOLUNTARY = 6
    JOINT_TEAM = 7
    POLICE = 8
    PRESERVATION_24_7 = 9
    SURRENDER = 10
    DOMESTIC = 11


#: Channels that run through central authorities; "MLA turnaround" is measured over these.
CENTRAL_AUTHORITY_CHANNELS = (Channel.LETTERS_ROGATORY, Channel.MLAT, Channel.BUDAPEST, Channel.UN_CONVENTION)


class Ground(IntEnum):
    """Grounds for refusal; NONE means that there is no refusal."""

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
    """Reliability of a value, shown next to the value."""

    VERIFIED = "verified"
    RECALLED = "recalled"
    JUDGEMENT = "judgement"
