"""Each code's label, once: what figures, tables, pages and lives call it. Noun phrases for inside a sentence."""

from collections.abc import Mapping

from sim.law.vocabulary import Channel, DataKind, Ground, Offence
from sim.measures.cases import Reached
from sim.measures.custody import Fate
from sim.measures.income import Income
from sim.measures.outcome import Better
from sim.measures.requests import Age
from sim.world.records import (
    ActionType,
    Body,
    CaseStatus,
    DeskKind,
    NodeDiscovery,
    RequestPurpose,
    RequestStatus,
    Stage,
    WhyNotAsked,
)

BETTER: Mapping[Better, str] = {Better.MORE: "more is better", Better.LESS: "less is better", Better.NEITHER: ""}
DATA: Mapping[DataKind, str] = {
    DataKind.PRESERVATION: "preservation",
    DataKind.SUBSCRIBER: "subscriber data",
    DataKind.TRAFFIC: "traffic data",
    DataKind.CONTENT: "content",
    DataKind.SEARCH_SEIZURE: "searches and seizures",
    DataKind.ARREST_EXTRADITION: "arrest and extradition",
    DataKind.JOINT_TEAM: "a joint team",
    DataKind.POLICE_INFORMATION: "police information",
}
CHANNELS: Mapping[Channel, str] = {
    Channel.LETTERS_ROGATORY: "letters rogatory",
    Channel.MLAT: "a treaty request",
    Channel.BUDAPEST: "a treaty request",
    Channel.UN_CONVENTION: "a treaty request",
    Channel.JUDICIAL_DIRECT: "a request from court to court",
    Channel.PROVIDER_BINDING: "an order to the provider",
    Channel.PROVIDER_VOLUNTARY: "a voluntary request to the provider",
    Channel.JOINT_TEAM: "the joint team",
    Channel.POLICE: "the police channel",
    Channel.PRESERVATION_24_7: "the 24/7 point",
    Channel.SURRENDER: "a surrender request",
    Channel.DOMESTIC: "its own procedure",
}
STAGES: Mapping[Stage, str] = {
    Stage.DRAFTING: "drafting",
    Stage.TRANSLATION: "translation",
    Stage.OUTGOING_CHECK: "own central authority",
    Stage.TRANSMISSION: "transmission",
    Stage.INCOMING_TRIAGE: "requested central authority",
    Stage.DEFICIENCY_RETURN: "completing what was deficient",
    Stage.REVIEW: "legal and political review",
    Stage.COURT_ORDER: "court order",
    Stage.PRODUCTION: "production by the provider",
    Stage.APPEAL: "appeal",
    Stage.RETURN: "sending the answer",
    Stage.FORENSICS: "own laboratory",
}
#: How far a case comes.
REACHED: Mapping[Reached, str] = {
    Reached.OPENED: "opened",
    Reached.NODE_SIGHTED: "a piece of its group's infrastructure seen",
    Reached.PARTNER_NEEDED: "a partner abroad needed",
    Reached.EVIDENCE: "evidence brought by a formal request",
    Reached.TRAIL_COMPLETE: "infrastructure traced to its end",
    Reached.COURT_ASKED: "searches and seizures asked for",
    Reached.AUTHORITY: "searches and seizures authorised",
    Reached.FULL_ACTION: "acted on",
    Reached.BROUGHT_DOWN: "group brought down",
    Reached.STILL_DOWN: "still down after six months",
}
#: Stages that a request passes before it is sent, and that turnaround does not hold.
BEFORE_SENDING = frozenset((Stage.DRAFTING, Stage.TRANSLATION, Stage.OUTGOING_CHECK))
GROUNDS: Mapping[Ground, str] = {
    Ground.NONE: "no ground",
    Ground.DUAL_CRIMINALITY: "dual criminality",
    Ground.NO_POWER: "its law gives no power for this measure",
    Ground.STANDARD_OF_PROOF: "it proved too little",
    Ground.POLITICAL_OR_ESSENTIAL_INTERESTS: "political or essential interests",
    Ground.DATA_PROTECTION: "data protection",
    Ground.DE_MINIMIS: "too small a matter",
    Ground.NE_BIS_IN_IDEM: "ne bis in idem",
    Ground.PROVIDER_POLICY: "the provider did not produce",
    Ground.DECLINED_BY_POLICE: "police declined",
    Ground.NATIONALITY: "its own national",
    Ground.MISTAKE: "dual criminality",
    Ground.LAW_NOT_APPLIED: "its law is not applied",
}
#: Desks of a state, before its name.
DESKS: Mapping[DeskKind, str] = {
    DeskKind.OUTGOING: "the outgoing desk of",
    DeskKind.INCOMING: "the central authority of",
    DeskKind.COURT: "the court registry of",
    DeskKind.FORENSIC: "the forensic laboratory of",
    DeskKind.PROVIDER: "the provider in",
    DeskKind.LIAISON_BODY: "a liaison body in",
    DeskKind.CONTACT_POINT: "the 24/7 point of",
}
BODIES: Mapping[Body, str] = {
    Body.INTERPOL: "INTERPOL",
    Body.EUROPOL: "Europol",
    Body.JCAT: "J-CAT",
    Body.EUROJUST: "Eurojust",
    Body.CONTACT_POINTS: "the 24/7 point",
    Body.BUILDERS: "capacity builders",
}
INCOMES: Mapping[Income, str] = {
    Income.LOW: "low income",
    Income.LOWER_MIDDLE: "lower middle income",
    Income.UPPER_MIDDLE: "upper middle income",
    Income.HIGH: "high income",
}
#: Where identified members stand, from conviction to freedom.
FATES: Mapping[Fate, str] = {
    Fate.CONVICTED: "convicted",
    Fate.ACQUITTED: "acquitted",
    Fate.SURRENDERED: "surrendered, trial to come",
    Fate.HELD: "arrested, surrender or trial to come",
    Fate.RELEASED: "released: surrender refused, not tried",
    Fate.INDICTED: "indicted in public, at large",
    Fate.WANTED: "wanted, not charged, at large",
    Fate.GIVEN_UP: "no longer sought",
}
AGES: Mapping[Age, str] = {
    Age.UNDER_SIX_MONTHS: "under 6 months",
    Age.SIX_TO_TWELVE_MONTHS: "6 to 12 months",
    Age.ONE_TO_TWO_YEARS: "1 to 2 years",
    Age.TWO_TO_FIVE_YEARS: "2 to 5 years",
    Age.OVER_FIVE_YEARS: "over 5 years",
}
#: Trades of groups, by the name of their kind.
GROUPS: Mapping[str, str] = {
    "technical_services": "suppliers of malware and hosting",
    "attacks_extortion": "attackers and extortionists",
    "data_identity_theft": "thieves of data and identities",
    "scams": "online fraudsters",
    "cashing_out": "launderers of proceeds",
    "ddos_for_hire": "sellers of DDoS attacks",
    "marketplaces": "keepers of a marketplace for criminals",
    "communication_services": "sellers of encrypted telephones to criminals",
}
#: What a request is meant for.
PURPOSES: Mapping[RequestPurpose, str] = {
    RequestPurpose.CHAIN: "the next step of a trail",
    RequestPurpose.CORROBORATION: "supplementary evidence of lower value",
    RequestPurpose.ACTION: "authority for the action day",
    RequestPurpose.LEAD: "police information",
    RequestPurpose.PRESERVATION: "preservation of data until a formal request comes",
    RequestPurpose.PRETEXT: "data on a person, without a genuine case",
}
OFFENCES: Mapping[Offence, str] = {
    Offence.ILLEGAL_ACCESS: "illegal access",
    Offence.COMPUTER_FORGERY: "computer forgery",
    Offence.COMPUTER_FRAUD: "computer fraud",
    Offence.MONEY_LAUNDERING: "money laundering",
}
#: Why no formal request was made.
NOT_ASKED: Mapping[WhyNotAsked, str] = {
    WhyNotAsked.NO_CHANNEL_OPEN: "no channel was open",
    WhyNotAsked.ALL_CHANNELS_TRIED: "every channel had been tried",
    WhyNotAsked.CHANNEL_UNKNOWN: "the investigators did not know the open channel",
    WhyNotAsked.NOT_WORTH_IT: "a request did not seem worthwhile",
}
#: How control servers are found.
DISCOVERIES: Mapping[NodeDiscovery, str] = {
    NodeDiscovery.CHAIN: "at the end of a lead",
    NodeDiscovery.BESIDE_ANOTHER: "next to the server that a lead led to",
    NodeDiscovery.POLICE: "by police information",
    NodeDiscovery.AT_OPENING: "visible from the start",
    NodeDiscovery.ANALYSIS: "by malware analysis and open sources",
    NodeDiscovery.OTHER_UNIT: "known to another unit",
    NodeDiscovery.LIAISON_BODY: "seen by Europol's analysts",
    NodeDiscovery.HANDED_OVER: "handed over from the start, by a seizure at home or an informant",
}
#: How requests ended.
ANSWERS: Mapping[RequestStatus, str] = {
    RequestStatus.EXECUTED: "executed",
    RequestStatus.REFUSED: "refused",
    RequestStatus.NO_DATA: "found nothing usable",
    RequestStatus.WITHDRAWN: "withdrawn",
    RequestStatus.NOT_SENT: "not sent",
    RequestStatus.OPEN: "still open",
}
#: Why a report led to no case.
NOT_OPENED: Mapping[CaseStatus, str] = {
    CaseStatus.DROPPED_CAPACITY: "no investigator was free for a case of this weight",
    CaseStatus.NO_OFFENCE: "the conduct of the group is no offence there",
}
#: Why a case ended.
CASE_ENDS: Mapping[CaseStatus, str] = {
    CaseStatus.SOLVED: "its action day took the group down",
    CaseStatus.MERGED: "it continued as part of the case that it had joined, until that case ended",
    CaseStatus.DROPPED_ATTRITION: "the unit gave it up: people left or priorities changed",
    CaseStatus.DROPPED_HOPELESS: "the unit gave it up: nothing that it could still do was worth the effort",
}
#: What an action that took its group down achieved.
ACTIONS: Mapping[ActionType, str] = {
    ActionType.DOMAIN_SEIZURE: "its domains were seized",
    ActionType.SERVICE: "the infrastructure of its market was removed",
    ActionType.INFRASTRUCTURE: "its infrastructure was removed without enough arrests to break the core",
    ActionType.EXPOSURE: "its infrastructure was removed and a leader at large named in public",
    ActionType.ARRESTS: "at least half of its core is in custody",
}
