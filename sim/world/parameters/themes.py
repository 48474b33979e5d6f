"""Themes of parameters, whose numbers are the rows of sim/data/parameters.csv, and the kinds of criminal group."""

from dataclasses import dataclass, field, fields

from sim.data.load import read_table
from sim.world.parameters.declaration import FILE, Theme, complete_theme, declared


class RequestParameters(Theme):
    """Life of a request: stage medians and sigmas of the log (M6), deficiency (M7), refusal and silence (M3)."""


class DeskParameters(Theme):
    """Staff and load of desks (M6). Targets invert staffing: see sim/world/loads.py."""


class EvidenceParameters(Theme):
    """How long evidence lives, and what preserves it (M5, M10)."""


class ChannelParameters(Theme):
    """How an investigator chooses the way to ask (M4)."""


class CaseParameters(Theme):
    """Opening, work and attrition of cases (M11), matching (M12), teams and the action day (M13)."""


class CriminalParameters(Theme):
    """Entry, place, alert, return and exit of groups (M13, M15, M17)."""


class CustodyParameters(Theme):
    """From identification to conviction, and the money (M14)."""


class RiskParameters(Theme):
    """What offenders think of being caught, and what they make of it (M16)."""


class PlaceParameters(Theme):
    """Separate choices of place for servers, people, money and victims (M15); servers' supply is in `criminal`."""


class UserParameters(Theme):
    """Users and affiliates of a group that was taken down (M17)."""


class CapacityParameters(Theme):
    """How skill is learnt and lost, and how posts fall vacant and are filled (M21)."""


class SecurityParameters(Theme):
    """Who leaks, what secure channels and shared formats change (M22, M9)."""


class LiaisonParameters(Theme):
    """Who works for liaison bodies on files of this kind, how soon they answer, and what their help is worth.

    Officers abroad and staff for cybercrime stand in sim/data/people.csv. Nobody publishes them by kind of file: a
    share of them works on groups of the tier that is modelled (judgement).
    """


class RightsParameters(Theme):
    """Abusive and political requests, false emergencies (M9), over-collection (M7), exclusion at trial (M8)."""


class TrustParameters(Theme):
    """What trust is made of, how it is forgotten, whom it is tied to, and what it does (M19; M6, M7, M8)."""


class MechanismParameters(Theme):
    """Each mechanism that can be switched off, under its own name."""


class ReformParameters(Theme):
    """Lags from decision to operation, and indicators as a policymaker gets them."""


@dataclass
class Parameters:
    """All uncertainties by theme."""

    request: RequestParameters = field(default_factory=RequestParameters)
    desk: DeskParameters = field(default_factory=DeskParameters)
    evidence: EvidenceParameters = field(default_factory=EvidenceParameters)
    channel: ChannelParameters = field(default_factory=ChannelParameters)
    case: CaseParameters = field(default_factory=CaseParameters)
    criminal: CriminalParameters = field(default_factory=CriminalParameters)
    custody: CustodyParameters = field(default_factory=CustodyParameters)
    risk: RiskParameters = field(default_factory=RiskParameters)
    place: PlaceParameters = field(default_factory=PlaceParameters)
    users: UserParameters = field(default_factory=UserParameters)
    capacity: CapacityParameters = field(default_factory=CapacityParameters)
    security: SecurityParameters = field(default_factory=SecurityParameters)
    liaison: LiaisonParameters = field(default_factory=LiaisonParameters)
    rights: RightsParameters = field(default_factory=RightsParameters)
    trust: TrustParameters = field(default_factory=TrustParameters)
    mechanism: MechanismParameters = field(default_factory=MechanismParameters)
    reform: ReformParameters = field(default_factory=ReformParameters)


for _theme, _rows in declared(read_table(FILE), [item.name for item in fields(Parameters)]).items():
    complete_theme(Parameters.__annotations__[_theme], _rows)


@dataclass(frozen=True)
class GroupKind:
    """A kind of criminal group.

    Attributes:
        name: in data files and tables.
        weight: among the kinds that are no places to trade or talk, judgement; of those two a parameter has the share,
            and no weight is read.
        harm_usd_per_day: victims' loss caused by a mean group at full capability, USD of 2024 a day; judgement,
            scaled so that 300 groups cause about 18 bn USD a year (IC3 2024 reports 16.6 bn to the USA alone).
        domain_share: of its control nodes that depend on a domain, 0–1; judgement.
        lives_like: row of the type of the World Cybercrime Index whose home states it shares.
        clients: affiliates or customers of a mean group whose data lie on its servers, persons; judgement: some 200
            affiliates of LockBit, 136,000 accounts at one seller of DDoS attacks, 60,000 users of EncroChat.
        sells: its clients are customers, who live where money and users are; else affiliates, who live where it does.
        buys_services: its work rests in part on a group of technical services (M17).
        works_at_home: some of its groups are domestic: all of their victims live where they do (M15).
    """

    name: str
    weight: float
    harm_usd_per_day: float
    domain_share: float
    lives_like: int
    clients: float
    sells: bool
    buys_services: bool
    works_at_home: bool


#: The five types of the World Cybercrime Index, DDoS for hire, and the places where criminals trade and talk.
GROUP_KIND_TABLE = (
    GroupKind("technical_services", 0.19, 120_000, 0.2, 0, 100, False, False, False),
    GroupKind("attacks_extortion", 0.24, 250_000, 0.1, 1, 50, False, True, False),
    GroupKind("data_identity_theft", 0.14, 150_000, 0.2, 2, 100, False, True, False),
    GroupKind("scams", 0.19, 200_000, 0.3, 3, 100, False, False, True),
    GroupKind("cashing_out", 0.09, 100_000, 0.1, 4, 50, False, False, True),
    GroupKind("ddos_for_hire", 0.08, 10_000, 0.8, 1, 10_000, True, False, True),
    GroupKind("marketplaces", 0, 100_000, 0.2, 0, 20_000, True, False, True),
    GroupKind("communication_services", 0, 100_000, 0.1, 0, 10_000, True, False, False),
)
#: Their names, in the same order.
GROUP_KINDS = tuple(kind.name for kind in GROUP_KIND_TABLE)


def kind_shares(criminal: CriminalParameters) -> list[float]:
    """Shares of entering groups by kind, 0–1 [kind of group]: two are drawn, the others share the rest."""
    drawn = {"marketplaces": criminal.marketplace_share, "communication_services": criminal.communication_share}
    rest = (1 - sum(drawn.values())) / sum(kind.weight for kind in GROUP_KIND_TABLE)
    return [drawn.get(kind.name, rest * kind.weight) for kind in GROUP_KIND_TABLE]
