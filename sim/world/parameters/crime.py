"""Criminal groups: their kinds, and the uncertainties of entry, place, alert, return and exit (M13, M15, M17)."""

from dataclasses import dataclass

from sim.law.vocabulary import EvidenceTag
from sim.world.parameters.declaration import Scale, parameter


@dataclass
class CriminalParameters:
    """Entry, place, alert, return and exit of groups (M13, M15, M17)."""

    lineage_months: float = parameter(48, "months", 6, 240, "the modellers", "mean life of a lineage").plausible(
        24, 96, Scale.LOG, "a brand lives 17 months and is changed once or more; some last a decade"
    )
    brand_months: float = parameter(
        17, "months", 2, 120, "IBM X-Force 2022", "mean life of a brand", EvidenceTag.VERIFIED
    ).plausible(10, 24, Scale.LOG, "17 is of ransomware; dark markets live about 8, services for hire longer")
    marketplace_share: float = parameter(
        0.05, "share", 0, 0.5, "the modellers", "entering groups that are marketplaces"
    ).plausible(
        0.02, 0.12, Scale.LOG, "judgement: one or two dozen dark markets at a time, as many shops and forums (recalled)"
    )
    communication_share: float = parameter(
        0.02, "share", 0, 0.5, "the modellers", "entering groups that sell encrypted communication"
    ).plausible(
        0.01,
        0.08,
        Scale.LOG,
        "judgement: half a dozen sellers are named at a time; those that nobody named are unknown",
    )
    entry_ceiling: float = parameter(
        2, "ratio", 1, 20, "the modellers", "potential arrivals per expected one"
    ).plausible(1.5, 4, Scale.LOG, "a bound of the simulation: above what entry reaches")
    control_nodes: float = parameter(2, "nodes", 0, 40, "M13", "mean control nodes beyond the first two").plausible(
        0.5, 8, Scale.LOG, "LockBit 34 servers, TrickBot 128, most of them no control nodes; small groups 2"
    )
    core_members: float = parameter(3, "persons", 0, 20, "M14", "mean core members beyond the first two").plausible(
        1, 8, Scale.LOG, "recalled: indictments name 2 to a dozen core members; small groups are 2 or 3"
    )
    domestic: float = parameter(
        0.5, "share", 0, 1, "M15 m", "groups of kinds that can work at home all of whose victims live there"
    ).plausible(0.2, 0.8, Scale.LOGIT, "judgement: most reports of fraud are domestic, most large groups are not")
    at_home: float = parameter(
        0.6, "share", 0, 1, "M15 b", "servers, custodians and money of a domestic group that are at home"
    ).plausible(0.3, 0.9, Scale.LOGIT, "judgement: banks are at home, platforms and hosting often abroad")
    scale_sigma: float = parameter(1.5, "log", 0, 2, "M11", "spread of harm between groups of a kind").plausible(
        1.2, 2, Scale.LINEAR, "M11: 1.2 to 2; a few groups cause most of the harm"
    )
    hosting_elasticity: float = parameter(1.0, "log-log", 0, 3, "M15 β₁ ≈ 1", "place follows hosting supply").plausible(
        0.7, 1.4, Scale.LINEAR, "M15: about 1"
    )
    bulletproof_draw: float = parameter(0.5, "utility", 0, 5, "M15 β₂", "draw of bulletproof hosting").plausible(
        0, 1.5, Scale.LINEAR, "judgement: much abuse sits at ordinary hosts (TAJ17), so none to fourfold odds"
    )
    perceived_risk_weight: float = parameter(
        1.0, "utility", 0, 8, "M15 β₃ 1–5", "weight of perceived risk by state"
    ).plausible(1, 5, Scale.LOG, "M15: 1 to 5")
    stay_years: float = parameter(
        2.0, "years", 0.2, 10, "the modellers ≥ 1–3", "operator stays with a state"
    ).plausible(1, 4, Scale.LOG, "judgement: 1 to 3 years or more; operators move after actions, not every year")
    alert_days: float = parameter(60, "days", 0, 365, "M13 30–90", "alert after partial action or a leak").plausible(
        30, 90, Scale.LOG, "M13: 30 to 90"
    )
    alert_move: float = parameter(0.5, "share", 0, 1, "M13", "known nodes that move when alerted").plausible(
        0.2, 0.8, Scale.LOGIT, "Lumma moved hosts within weeks (M17); others leave what still works"
    )
    alert_multiplier: float = parameter(10, "ratio", 1, 50, "M13 5–20", "evidence moves faster under alert").plausible(
        5, 20, Scale.LOG, "M13: 5 to 20"
    )
    rebrand_move: float = parameter(0.25, "share", 0, 1, "M17", "nodes that move at a rebrand").plausible(
        0.05, 0.6, Scale.LOGIT, "judgement: names change more easily than servers"
    )
    nodes_to_fall: float = parameter(
        0.66, "share", 0.05, 0.99, "M13 x*", "control nodes whose loss alone takes a group down"
    ).plausible(
        0.6, 0.9, Scale.LINEAR, "judgement: what is left serves as a base; TrickBot survived the loss of 94 % twice"
    )
    core_to_fall: float = parameter(
        0.66, "share", 0.05, 0.99, "M14 y*", "core whose arrest alone takes a group down"
    ).plausible(0.5, 0.8, Scale.LINEAR, "judgement: two of three leaders gone; NetWalker fell with fewer")
    registry_usa: float = parameter(
        0.6,
        "share",
        0,
        1,
        "industry counts of .com, .net and other generic domains (recalled)",
        "domains under a registry in the United States",
        EvidenceTag.RECALLED,
    ).plausible(0.45, 0.75, Scale.LINEAR, "recalled: .com and .net alone are nearly half of all domains")
    survivors: float = parameter(
        0.5, "ratio", 0, 1, "M17", "P(never returns) and time to return where nodes survive, relative"
    ).plausible(0.3, 0.7, Scale.LINEAR, "judgement: what survives is a base; TrickBot was back in weeks")
    exposed: float = parameter(
        0.2, "share", 0, 1, "M17", "actions that name a leader at large, with sanctions"
    ).plausible(0.1, 0.4, Scale.LOGIT, "judgement: LockBit, Evil Corp, TrickBot; most actions name nobody")
    rebuild_days: float = parameter(
        40, "days", 1, 400, "M17 TrickBot 2020", "median rebuilding after partial action"
    ).plausible(14, 70, Scale.LOG, "Lumma 2 to 8 weeks, TrickBot about 2 months")
    domain_never: float = parameter(0.25, "share", 0, 1, "M17 π 0–.5", "never returns after domain seizure").plausible(
        0, 0.5, Scale.LINEAR, "M17: 0 to .5"
    )
    domain_return_days: float = parameter(
        2, "days", 0.1, 60, "Vu et al. 2025", "median return", EvidenceTag.VERIFIED
    ).plausible(1, 4, Scale.LOG, "Vu et al. 2025: medians of 1 and 2 days in two waves")
    domain_capacity: float = parameter(
        0.15, "ratio", 0, 1, "Vu et al. 2025", "capacity at return", EvidenceTag.VERIFIED
    ).plausible(0.1, 0.2, Scale.LINEAR, "M17: .1 to .2")
    infrastructure_never: float = parameter(0.35, "share", 0, 1, "M17 π .2–.5", "likewise never returns").plausible(
        0.2, 0.5, Scale.LOGIT, "M17: .2 to .5"
    )
    infrastructure_return_days: float = parameter(
        180, "days", 5, 1000, "M17", "median return of kinds without a row of their own"
    ).plausible(90, 300, Scale.LOG, "judgement: 3 to 10 months, as botnets; nobody counted theft of data and scams")
    infrastructure_capacity: float = parameter(0.6, "ratio", 0, 1, "M17 κ .2–1", "capacity at return").plausible(
        0.2, 1, Scale.LINEAR, "M17: .2 to 1"
    )
    arrests_never: float = parameter(0.75, "share", 0, 1, "M17 π .6–.9", "never returns, core arrested").plausible(
        0.6, 0.9, Scale.LOGIT, "M17: .6 to .9"
    )
    arrests_return_days: float = parameter(300, "days", 5, 2000, "M17", "median return").plausible(
        120, 720, Scale.LOG, "judgement: not sooner than without arrests; successors need up to two years"
    )
    # Low ends of the rows of the record: what lasted is on record three times as often as what did not. See M17.
    rented_never: float = parameter(
        0.57, "share", 0, 1, "operations.csv: 12 of 17", "never returns: malware, hosting or telephones without servers"
    ).plausible(0.29, 0.83, Scale.LOGIT, "12 of 17: nine in ten above if famous ones count a third, below if all count")
    rented_return_days: float = parameter(
        150, "days", 5, 1000, "operations.csv: 1, 3, 5, 9, 10 months", "median return"
    ).plausible(90, 270, Scale.LOG, "Qakbot 3 months, Emotet 10: any of the three in the middle of five")
    market_never: float = parameter(
        0.21, "share", 0, 1, "operations.csv: 2 of 7", "market without servers never returns"
    ).plausible(0.04, 0.53, Scale.LOGIT, "2 of 7: nine in ten above if famous ones count a third, below if all count")
    market_return_days: float = parameter(28, "days", 1, 400, "M17: 2–8 weeks", "median return").plausible(
        14, 56, Scale.LOG, "M17: 2 to 8 weeks; operations.csv: 0, 0.5, 1, 2 and 49 months"
    )
    market_capacity: float = parameter(0.85, "ratio", 0, 1, "M17 κ .7–1", "capacity at return").plausible(
        0.7, 1, Scale.LINEAR, "M17: .7 to 1"
    )
    extortion_never: float = parameter(
        0.24, "share", 0, 1, "operations.csv: 2 of 6", "extortion without servers never returns"
    ).plausible(0.05, 0.59, Scale.LOGIT, "2 of 6: nine in ten above if famous ones count a third, below if all count")
    extortion_return_days: float = parameter(
        75, "days", 1, 1000, "operations.csv: 0, 0, 5, 9 months", "median return"
    ).plausible(14, 180, Scale.LOG, "days to nine months: ALPHV the same day, Hive's code in nine months")
    exposure_never: float = parameter(0.45, "share", 0, 1, "M17 π .3–.6", "never returns, a leader exposed").plausible(
        0.3, 0.6, Scale.LOGIT, "M17: .3 to .6"
    )
    exposure_return_days: float = parameter(7, "days", 0.5, 400, "M17: days; LockBit", "median return").plausible(
        3, 21, Scale.LOG, "M17: days, as LockBit in 2024"
    )
    exposure_capacity: float = parameter(0.25, "ratio", 0, 1, "M17 κ .2–.3", "capacity at return").plausible(
        0.2, 0.3, Scale.LINEAR, "M17: .2 to .3"
    )
    service_reliance: float = parameter(
        0.5, "share", 0, 0.9, "M17", "capability that buyers of a technical service lose until they find another"
    ).plausible(0.3, 0.7, Scale.LINEAR, "judgement: ransomware went on without Emotet and Qakbot, by other loaders")
    clients_identified: float = parameter(
        0.1, "share", 0, 1, "M17 sweeps", "affiliates and customers whom seized servers identify by name"
    ).plausible(0.01, 0.3, Scale.LOGIT, "judgement: most use false names; users of telephones can be located")
    regrowth_days: float = parameter(180, "days", 1, 2000, "M17", "median regrowth to full capacity").plausible(
        60, 540, Scale.LOG, "judgement: affiliates come back within months, or reputation is gone for long"
    )


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
