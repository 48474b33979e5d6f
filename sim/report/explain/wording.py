"""Groups, states, dates and numbers in plain words; labels of codes stand in sim.results.labels."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sim.law.days import YEAR, to_date
from sim.world.parameters import GROUP_KINDS

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
