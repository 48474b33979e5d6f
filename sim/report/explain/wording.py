"""Codes of the tables in plain words: kinds of data, channels, stages, grounds of refusal, states, dates, numbers."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sim.law.days import YEAR, to_date
from sim.law.vocabulary import Channel, DataKind, Ground
from sim.world.parameters import GROUP_KINDS
from sim.world.records import DeskKind, Stage

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
    Stage.REVIEW: "legal review",
    Stage.COURT_ORDER: "court",
    Stage.PRODUCTION: "provider",
    Stage.APPEAL: "appeal",
    Stage.RETURN: "sending the answer",
    Stage.FORENSICS: "own laboratory",
}
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
DESKS: Mapping[DeskKind, str] = {
    DeskKind.OUTGOING: "the outgoing desk of",
    DeskKind.INCOMING: "the central authority of",
    DeskKind.COURT: "the court registry of",
    DeskKind.FORENSIC: "the forensic laboratory of",
    DeskKind.PROVIDER: "the provider in",
    DeskKind.LIAISON_BODY: "a liaison body in",
    DeskKind.CONTACT_POINT: "the 24/7 point of",
}
_KINDS: Mapping[str, str] = {
    "technical_services": "suppliers of malware and hosting",
    "attacks_extortion": "attackers and extortionists",
    "data_identity_theft": "thieves of data and identities",
    "scams": "online fraudsters",
    "cashing_out": "launderers of proceeds",
    "ddos_for_hire": "sellers of DDoS attacks",
    "marketplaces": "keepers of a marketplace for criminals",
    "communication_services": "sellers of encrypted telephones to criminals",
}
_TOKEN = re.compile(r"⟦([A-Z]{3})⟧")
#: The first letter of a sentence.
_SENTENCE = re.compile(r"(^|[.] )[a-z]")
#: States whose short name takes an article.
_WITH_ARTICLE = frozenset(
    (*("ARE", "BHS", "CAF", "COD", "COM", "DOM", "GBR", "GMB"), *("MDV", "MHL", "NLD", "PHL", "SLB", "SYC", "USA"))
)


def token(code: str) -> str:
    """A state in a text; `Naming` replaces the token when the text is shown."""
    return f"⟦{code}⟧"


@dataclass
class Naming:
    """Writes the names of states: name and code at the first mention, the code alone after that."""

    names: Mapping[str, str]
    _mentioned: set[str] = field(default_factory=set)

    def __call__(self, text: str) -> str:
        """The text with its tokens replaced."""
        named = _TOKEN.sub(lambda found: self._name(found[1]), text)
        return _SENTENCE.sub(lambda found: found[0].upper(), named)

    def _name(self, code: str) -> str:
        if code in self._mentioned:
            return code
        self._mentioned.add(code)
        article = "the " if code in _WITH_ARTICLE else ""
        return f"{article}{self.names.get(code, code)} ({code})"


def date(day: float) -> str:
    """A day of the tables as an ISO date."""
    return to_date(day).isoformat()


def days(length: float) -> str:
    """A length of time; long ones in years as well."""
    whole = round(length)
    if whole < 1:
        return "less than a day"
    text = "1 day" if whole == 1 else f"{whole} days"
    return f"{text} ({whole / YEAR:.1f} years)" if whole > 730 else text


def times(number: int) -> str:
    """A number of occurrences."""
    return {1: "once", 2: "twice"}.get(number, f"{number} times")


def tally(things: Iterable[str]) -> str:
    """Things with how often each occurs, the most frequent first."""
    counted = Counter(things).most_common()
    return ", ".join(thing if number == 1 else f"{thing} ({number} times)" for thing, number in counted)


def share(value: float) -> str:
    """A share in per cent."""
    return f"{100 * value:.0f} %"


def kind_of_group(row: int) -> str:
    """The trade of a group, by its kind."""
    return _KINDS[GROUP_KINDS[row]]
