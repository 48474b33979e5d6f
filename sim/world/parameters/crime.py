"""Criminal groups: their kinds, and the uncertainties of entry, place, alert, return and exit (M13, M15, M17)."""

from dataclasses import dataclass

from sim.law.vocabulary import EvidenceTag
from sim.world.parameters.declaration import parameter

#: Kinds of criminal group: the five types of the World Cybercrime Index, and DDoS for hire.
GROUP_KINDS = (
    "technical_services",
    "attacks_extortion",
    "data_identity_theft",
    "scams",
    "cashing_out",
    "ddos_for_hire",
)


@dataclass
class CriminalParameters:
    """Entry, place, alert, return and exit of groups (M13, M15, M17)."""

    lineage_months: float = parameter(48, "months", 6, 240, "decisions.md", "mean life of a lineage")
    brand_months: float = parameter(
        17, "months", 2, 120, "IBM X-Force 2022", "mean life of a brand", EvidenceTag.VERIFIED
    )
    entry_ceiling: float = parameter(2, "ratio", 1, 20, "architecture.md", "potential arrivals per expected one")
    control_nodes: float = parameter(2, "nodes", 0, 40, "M13", "mean control nodes beyond the first two")
    core_members: float = parameter(3, "persons", 0, 20, "M14", "mean core members beyond the first two")
    scale_sigma: float = parameter(0.8, "log", 0, 2, "M11", "spread of harm between groups of a kind")
    hosting_elasticity: float = parameter(1.0, "log-log", 0, 3, "M15 β₁ ≈ 1", "place follows hosting supply")
    bulletproof_draw: float = parameter(0.5, "utility", 0, 5, "M15 β₂", "draw of bulletproof hosting")
    perceived_risk_weight: float = parameter(1.0, "utility", 0, 8, "M15 β₃ 1–5", "weight of perceived risk by state")
    stay_years: float = parameter(2.0, "years", 0.2, 10, "decisions.md ≥ 1–3", "operator stays with a state")
    alert_days: float = parameter(60, "days", 0, 365, "M13 30–90", "alert after partial action or a leak")
    alert_move: float = parameter(0.5, "share", 0, 1, "M13", "known nodes that move when alerted")
    alert_multiplier: float = parameter(10, "ratio", 1, 50, "M13 5–20", "evidence moves faster under alert")
    rebrand_move: float = parameter(0.25, "share", 0, 1, "M17", "nodes that move at a rebrand")
    partial_loss: float = parameter(0.7, "ratio", 0, 1, "M17", "capability lost per share of nodes killed")
    rebuild_days: float = parameter(40, "days", 1, 400, "M17 TrickBot 2020", "median rebuilding after partial action")
    rebuild_sigma: float = parameter(0.6, "log", 0, 2, "M17", "spread")
    domain_never: float = parameter(0.3, "share", 0, 1, "M17 π 0–.5", "never returns after domain seizure")
    domain_return_days: float = parameter(2, "days", 0.1, 60, "Vu et al. 2025", "median return", EvidenceTag.VERIFIED)
    domain_capacity: float = parameter(
        0.15, "ratio", 0, 1, "Vu et al. 2025", "capacity at return", EvidenceTag.VERIFIED
    )
    infrastructure_never: float = parameter(0.35, "share", 0, 1, "M17 π .2–.5", "never returns, no arrests")
    infrastructure_return_days: float = parameter(
        180, "days", 5, 1000, "M17: Qakbot, Emotet 3–10 months", "median return", EvidenceTag.VERIFIED
    )
    infrastructure_capacity: float = parameter(0.6, "ratio", 0, 1, "M17 κ .2–1", "capacity at return")
    arrests_never: float = parameter(0.75, "share", 0, 1, "M17 π .6–.9", "never returns, core arrested")
    arrests_return_days: float = parameter(300, "days", 5, 2000, "M17", "median return")
    arrests_capacity: float = parameter(0.4, "ratio", 0, 1, "M17", "capacity at return")
    return_sigma: float = parameter(0.7, "log", 0, 2, "M17", "spread of return times")
    regrowth_days: float = parameter(180, "days", 1, 2000, "M17", "median regrowth to full capacity")


@dataclass(frozen=True)
class GroupKind:
    """A kind of criminal group.

    Attributes:
        name: one of GROUP_KINDS.
        share: of entering groups, judgement.
        harm_usd_per_day: victims' loss caused by a mean group at full capability, USD of 2024 a day; judgement,
            scaled so that 300 groups cause about 18 bn USD a year (IC3 2024 reports 16.6 bn to the USA alone).
    """

    name: str
    share: float
    harm_usd_per_day: float


GROUP_KIND_TABLE = (
    GroupKind("technical_services", 0.20, 120_000),
    GroupKind("attacks_extortion", 0.25, 250_000),
    GroupKind("data_identity_theft", 0.15, 150_000),
    GroupKind("scams", 0.20, 200_000),
    GroupKind("cashing_out", 0.10, 100_000),
    GroupKind("ddos_for_hire", 0.10, 10_000),
)
