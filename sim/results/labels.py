"""Each code's label, once: what figures, tables, pages and lives call it. Noun phrases for inside a sentence."""

from collections.abc import Mapping

from sim.law.vocabulary import Channel, DataKind, Ground
from sim.measures.fate import Fate
from sim.measures.income import Income
from sim.measures.outcome import Better
from sim.measures.requests import Age
from sim.world.records import Body, DeskKind, ReferralTask, Stage

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
TASKS: Mapping[ReferralTask, str] = {
    ReferralTask.COMPARE: "compare indicators",
    ReferralTask.ANALYSE: "analyse a step",
    ReferralTask.NOTICE: "publish a notice",
    ReferralTask.FACILITATE: "help a request",
    ReferralTask.COORDINATE: "coordinate a case",
    ReferralTask.ACTION_DAY: "host an action day",
    ReferralTask.DECONFLICT: "warn units of each other",
    ReferralTask.FREEZE: "preserve data",
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
