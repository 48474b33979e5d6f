"""Every number of the model that is not a fact of law or geography, with unit, range, source and evidence tag.

Hydra addresses a value as `uncertainty.<theme>.<name>`. The compiled rules read the same name from `world.setting`.
"""

import math
from collections.abc import Iterator
from dataclasses import Field, dataclass, field, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from sim.law.vocabulary import EvidenceTag

#: Kinds of criminal group: the five types of the World Cybercrime Index, and DDoS for hire.
GROUP_KINDS = (
    "technical_services",
    "attacks_extortion",
    "data_identity_theft",
    "scams",
    "cashing_out",
    "ddos_for_hire",
)


@dataclass(frozen=True)
class Declaration:
    """Unit, allowed range, source and evidence tag of a parameter."""

    unit: str
    low: float
    high: float
    source: str
    tag: EvidenceTag
    meaning: str


def _parameter(
    default: float,
    unit: str,
    low: float,
    high: float,
    source: str,
    meaning: str,
    tag: EvidenceTag = EvidenceTag.JUDGEMENT,
) -> Any:
    declaration = Declaration(unit, low, high, source, tag, meaning)
    return field(default=default, metadata={"declaration": declaration})


@dataclass
class RequestParameters:
    """Life of a request: stage medians and sigmas of the log (M6), deficiency (M7), refusal and silence (M3)."""

    drafting_days: float = _parameter(14, "days", 1, 90, "M6 stage 1", "median time to draft a request")
    drafting_sigma: float = _parameter(0.9, "log", 0, 2, "M6 stage 1", "spread of drafting")
    translation_days: float = _parameter(10, "days", 0, 60, "M6 stage 2", "median, no shared language")
    translation_sigma: float = _parameter(0.6, "log", 0, 2, "M6 stage 2", "spread of translation")
    outgoing_days: float = _parameter(6, "days", 0, 60, "M6 stage 3", "elapsed beside the outgoing desk's queue")
    outgoing_sigma: float = _parameter(0.8, "log", 0, 2, "M6 stage 3", "spread")
    electronic_days: float = _parameter(3, "days", 0, 30, "M6 stage 4", "median electronic transmission")
    electronic_sigma: float = _parameter(0.8, "log", 0, 2, "M6 stage 4", "spread")
    diplomatic_days: float = _parameter(30, "days", 1, 180, "M6 stage 4", "median diplomatic transmission")
    diplomatic_sigma: float = _parameter(0.6, "log", 0, 2, "M6 stage 4", "spread")
    return_loop_days: float = _parameter(45, "days", 5, 180, "M6 stage 6", "median of one deficiency loop")
    return_loop_sigma: float = _parameter(0.7, "log", 0, 2, "M6 stage 6", "spread")
    review_days: float = _parameter(18, "days", 0, 60, "M6 stage 7", "median legal and political review")
    review_sigma: float = _parameter(0.7, "log", 0, 2, "M6 stage 7", "spread")
    assignment_days: float = _parameter(25, "days", 0, 90, "M6 stage 8", "elapsed before the court's queue")
    assignment_sigma: float = _parameter(0.7, "log", 0, 2, "M6 stage 8", "spread")
    production_days: float = _parameter(14, "days", 0, 90, "M6 stage 9", "elapsed beside the provider's queue")
    production_sigma: float = _parameter(0.6, "log", 0, 2, "M6 stage 9", "spread")
    appeal_probability: float = _parameter(0.08, "share", 0, 1, "M6 stage 10", "the person affected appeals")
    appeal_days: float = _parameter(
        120, "days", 0, 400, "M6 stage 10; SFAO 2020: 3–6 months", "median appeal", EvidenceTag.VERIFIED
    )
    appeal_sigma: float = _parameter(0.3, "log", 0, 2, "M6 stage 10", "spread")
    filter_days: float = _parameter(18, "days", 0, 90, "M6 stage 11", "median filtering and return")
    filter_sigma: float = _parameter(0.7, "log", 0, 2, "M6 stage 11", "spread")
    direct_draft_days: float = _parameter(3, "days", 0, 30, "M9", "median to draft for a provider or a team member")
    voluntary_days: float = _parameter(10, "days", 0, 90, "M9", "median voluntary answer of a provider")
    voluntary_sigma: float = _parameter(0.7, "log", 0, 2, "M9", "spread")
    team_exchange_days: float = _parameter(5, "days", 0, 60, "M13", "median exchange inside a joint team")
    team_exchange_sigma: float = _parameter(0.8, "log", 0, 2, "M13", "spread")
    police_days: float = _parameter(4, "days", 0, 60, "M8", "median police answer")
    police_sigma: float = _parameter(1.0, "log", 0, 2, "M8", "spread")
    format_loop_probability: float = _parameter(0.15, "share", 0, 1, "M9", "re-request for format, not electronic")
    format_loop_days: float = _parameter(20, "days", 0, 60, "M9: 10–30", "one format loop")
    deficiency: float = _parameter(0.45, "share", 0, 0.95, "M7 p₀ .3–.6", "a first draft is deficient")
    deficiency_skill: float = _parameter(0.8, "per unit skill", 0, 3, "M7 κ_s", "fewer with a skilled requester")
    deficiency_trust: float = _parameter(0.4, "per unit affinity", 0, 3, "M7 κ_t", "fewer between close states")
    deficiency_template: float = _parameter(0.36, "per adoption", 0, 2, "M7: template −20–40 %", "effect of a template")
    deficiency_breadth: float = _parameter(0.3, "ratio", 0, 2, "M7 ξ", "more for content than for subscriber data")
    deficiency_quality: float = _parameter(0.5, "logit per sd", 0, 2, "M7 trap", "quality persists within a file")
    deficiency_repeat: float = _parameter(0.45, "ratio", 0, 1, "M7", "deficiency of a draft returned once")
    deficiency_lead: float = _parameter(0.35, "share", 0, 1, "M8: 20–50 %", "cut when police information came first")
    loop_withdrawal: float = _parameter(0.12, "share per loop", 0, 1, "M7 ω .1–.3", "given up at a return")
    withdrawal_per_month: float = _parameter(0.035, "per month", 0, 0.3, "M6 δ; decisions.md", "requester gives up")
    told: float = _parameter(0.4, "share", 0, 1, "M6: abandoned files", "the other side is told when a case is over")
    urgent_share: float = _parameter(0.5, "share", 0, 1, "decisions.md", "files in the urgent class")
    incoming_touch_hours: float = _parameter(12, "hours", 0.5, 60, "M6; decisions.md", "work of an incoming file")
    outgoing_touch_hours: float = _parameter(3, "hours", 0.1, 40, "decisions.md", "work of an outgoing file")
    court_touch_hours: float = _parameter(4, "hours", 0.1, 40, "decisions.md", "work of a court on one order")
    provider_touch_hours: float = _parameter(1.5, "hours", 0.05, 40, "M9", "work of a provider on one order")
    forensic_touch_hours: float = _parameter(30, "hours", 1, 200, "M9", "work of a lab on one image")
    touch_variation: float = _parameter(2, "cs²", 0, 6, "M6 c_s² 1.5–4", "squared variation of touch time")
    silence_friendly: float = _parameter(-4.6, "logit", -10, 5, "M3 α₀", "non-answer at full affinity")
    silence_distance: float = _parameter(4.6, "logit per unit", 0, 12, "M3 β", "non-answer grows with distance")
    silence_nationals: float = _parameter(1.5, "logit", 0, 6, "M3 γ", "non-answer on own nationals")
    silence_implementation: float = _parameter(0.3, "share", 0, 1, "M2, M3", "unanswered where law is not in action")
    refusal_political: float = _parameter(-6.0, "logit", -12, 2, "M3 α", "political or essential interests")
    refusal_distance: float = _parameter(3.0, "logit per unit", 0, 8, "M3 β₁ 2–4", "refusal grows with distance")
    refusal_nationals: float = _parameter(1.2, "logit", 0, 6, "M3 β₂", "refusal on own nationals")
    refusal_data_protection: float = _parameter(0.12, "share", 0, 1, "M3 β₃", "refused where data laws conflict")
    refusal_de_minimis: float = _parameter(0.015, "share", 0, 1, "M7", "loss under the threshold")
    refusal_ne_bis_in_idem: float = _parameter(0.01, "share", 0, 1, "M3", "already tried, or own proceedings")
    assessor_false_refusal: float = _parameter(0.04, "share", 0, 0.5, "M1 ε₁⁰ .02–.10", "offence not recognised")
    assessor_skill: float = _parameter(1.0, "per unit skill", 0, 4, "M1 κ", "fewer errors with skill")
    assessor_false_acceptance: float = _parameter(0.03, "share", 0, 0.5, "M1 ε₀ .01–.05", "accepted without offence")
    proof_steepness: float = _parameter(7, "per unit", 1, 20, "M2 k 5–10", "court's response to evidence")
    proof_strength: float = _parameter(0.75, "0–1", 0, 1, "M2 E", "mean evidence strength shown")
    proof_supplement: float = _parameter(0.15, "0–1", 0, 0.5, "M2", "strength gained by supplementing once")
    police_declined: float = _parameter(0.1, "share", 0, 1, "M8 .1–.4", "police request declined by a close state")
    police_declined_distance: float = _parameter(0.5, "per unit", 0, 1, "M8", "more with distance")
    conversion: float = _parameter(0.85, "share", 0, 1, "M8 .7–.95", "police facts that still need a formal request")


@dataclass
class DeskParameters:
    """Staff and load of desks (M6). Targets invert staffing: see sim/world/staffing.py."""

    incoming_wait_tier_1: float = _parameter(60, "days", 1, 900, "decisions.md", "target wait, best governed states")
    incoming_wait_tier_2: float = _parameter(150, "days", 1, 900, "decisions.md", "target wait, second tier")
    incoming_wait_tier_3: float = _parameter(300, "days", 1, 1500, "decisions.md", "target wait, third tier")
    incoming_wait_tier_4: float = _parameter(500, "days", 1, 1500, "decisions.md", "target wait, last tier")
    incoming_wait_spread: float = _parameter(0.3, "log", 0, 1, "decisions.md", "spread between desks of a tier")
    court_wait_days: float = _parameter(20, "days", 1, 400, "decisions.md: 90–250 overloaded", "court's target wait")
    forensic_wait_days: float = _parameter(60, "days", 1, 500, "M9: 3 months to over a year", "lab's target wait")
    incoming_bundles: float = _parameter(6000, "bundles a year", 0, 50000, "decisions.md", "load from other crime")
    court_bundles: float = _parameter(1800, "bundles a year", 0, 50000, "decisions.md", "courts' other work")
    forensic_bundles: float = _parameter(700, "bundles a year", 0, 50000, "M9", "labs' other work")
    hours_per_day: float = _parameter(4.8, "hours", 1, 8, "8 h × 220 of 365 days", "touch-hours of a person a day")
    pace_skill: float = _parameter(0.3, "share", 0, 1, "M21", "faster work with skill")
    load_growth: float = _parameter(0.0, "per year", -0.1, 0.3, "M25 g; decisions.md", "growth until the policy starts")
    rebound: float = _parameter(0.4, "elasticity", 0, 2, "M25 ε .3–1", "more requests when waits fall")
    corroboration: float = _parameter(0.15, "share", 0, 1, "M25", "supplementary requests at the usual wait")
    corroboration_most: float = _parameter(0.5, "share", 0, 1, "M25", "ceiling of supplementary requests")
    usual_days: float = _parameter(240, "days", 30, 900, "facts 1a: 8–10 months", "turnaround that demand is used to")
    ageing_days: float = _parameter(180, "days", 0, 2000, "M6", "head start of urgent files under ageing")


@dataclass
class EvidenceParameters:
    """How long evidence lives, and what preserves it (M5, M10)."""

    extra_hops: float = _parameter(1.6, "hops", 0, 6, "M10 μ_K 1.5–3", "mean hops beyond the first")
    first_age_days: float = _parameter(12, "days", 0, 180, "M10; BKA 2022", "median age of the first trace")
    first_age_sigma: float = _parameter(1.0, "log", 0, 2, "M10", "spread")
    subscriber_retention_days: float = _parameter(1100, "days", 30, 4000, "M10 365–∞", "median retention")
    traffic_retention_days: float = _parameter(180, "days", 0, 1500, "M10 30–365", "median retention of logs")
    content_retention_days: float = _parameter(400, "days", 0, 4000, "M10", "median life of stored content")
    retention_sigma: float = _parameter(0.7, "log", 0, 2, "M10", "spread between custodians and laws")
    server_life_days: float = _parameter(
        55, "days", 5, 400, "Recorded Future 2020: 54.8", "mean life of a server image", EvidenceTag.VERIFIED
    )
    subscriber_share: float = _parameter(0.45, "share", 0, 1, "T-CY 2014 rank", "hops that ask for subscriber data")
    traffic_share: float = _parameter(0.35, "share", 0, 1, "SIRIUS 2019 rank", "hops that ask for traffic data")
    encrypted: float = _parameter(0.1, "share", 0, 1, "M9 e_enc .05–.3", "content that cannot be read")
    preservation_use: float = _parameter(0.5, "share", 0, 1, "M5", "hops for which preservation is asked")
    preservation_success: float = _parameter(0.8, "share", 0, 1, "M5 p_f .6–.95", "freeze succeeds")
    preservation_delay_days: float = _parameter(2, "days", 0, 30, "M5", "median delay of the 24/7 network")
    preservation_delay_sigma: float = _parameter(0.9, "log", 0, 2, "M5", "spread")
    preservation_missed: float = _parameter(0.2, "share", 0, 1, "M5 q .1–.3", "a renewal is missed")
    preservation_renewals: float = _parameter(3, "renewals", 0, 8, "M5", "most renewals")
    voluntary_evidence: float = _parameter(0.85, "share", 0, 1, "M9", "voluntary answers usable in court")
    provider_major: float = _parameter(
        0.68, "share", 0, 1, "SIRIUS 2020: 68.4 %", "a major provider answers", EvidenceTag.VERIFIED
    )
    provider_small: float = _parameter(0.4, "share", 0, 1, "M9 .2–.6", "a small provider answers")
    binding_compliance: float = _parameter(0.93, "share", 0, 1, "M9", "a binding order is obeyed in time")


@dataclass
class ChannelParameters:
    """How an investigator chooses the way to ask (M4)."""

    success_value: float = _parameter(8.0, "utility", 0, 20, "M4 v", "worth of an admissible answer")
    delay_cost: float = _parameter(0.12, "utility per month", 0, 2, "M4 w", "cost of waiting")
    temperature: float = _parameter(0.5, "utility", 0.05, 5, "M4 .2–1", "spread of choice")
    awareness_half_days: float = _parameter(700, "days", 0, 4000, "M4 1–3 years", "half know a new instrument")
    experience_weight: float = _parameter(0.05, "share", 0, 1, "M4 EWMA", "weight of the newest answer")
    letters_cost: float = _parameter(2.0, "utility", 0, 10, "M4", "burden of letters rogatory")
    treaty_cost: float = _parameter(0.8, "utility", 0, 10, "M4", "burden of a treaty request")
    direct_cost: float = _parameter(0.3, "utility", 0, 10, "M4", "burden of asking a judge or provider")
    police_first: float = _parameter(0.6, "share", 0, 1, "M4, M8", "hops asked through police as well")


@dataclass
class CaseParameters:
    """Opening, work and attrition of cases (M11), matching (M12), teams and the action day (M13)."""

    reports_per_year: float = _parameter(5, "per group-year", 0, 50, "M11", "reports that could open a case")
    open_threshold: float = _parameter(0.2, "score", -3, 5, "M11 θ", "score needed with idle investigators")
    load_threshold: float = _parameter(
        2.5, "score", 0, 10, "M11 θ(capacity)", "rise of the threshold when all are busy"
    )
    case_slots: float = _parameter(300, "cases", 10, 5000, "M11", "cases all agencies can work on together")
    attrition_per_year: float = _parameter(0.1, "per year", 0, 1, "M11 α .05–.2", "case dropped")
    chains: float = _parameter(3, "chains", 1, 12, "decisions.md", "leads followed at once")
    chains_most: float = _parameter(6, "chains", 1, 24, "decisions.md", "live chains when leads are doubled")
    analysis_days: float = _parameter(20, "days", 0, 120, "decisions.md", "analysis between hops")
    analysis_sigma: float = _parameter(0.4, "log", 0, 2, "decisions.md", "spread")
    reopening_days: float = _parameter(45, "days", 0, 200, "decisions.md", "fresh evidence after a lost hop")
    impatience_days: float = _parameter(180, "days", 10, 1000, "decisions.md", "unanswered lead is doubled")
    tracking: float = _parameter(0.5, "share", 0, 1, "M11", "a known node that moves unalarmed is followed")
    seen_at_opening: float = _parameter(
        0.2, "share", 0, 1, "M11", "control nodes that technical analysis shows at once"
    )
    technical_discovery: float = _parameter(0.25, "per node-year", 0, 5, "M11", "control nodes found by analysis")
    reveal: float = _parameter(0.55, "share", 0, 1, "M11", "other control nodes seen from one")
    review_interval_days: float = _parameter(30, "days", 5, 180, "M13", "time between reviews of a case")
    match_none: float = _parameter(0.002, "per indicator-month", 0, 1, "M12 κ", "match without a hub")
    match_interpol: float = _parameter(0.01, "per indicator-month", 0, 1, "M12 κ", "match through INTERPOL")
    match_europol: float = _parameter(0.05, "per indicator-month", 0, 1, "M12 κ", "match through Europol")
    match_jcat: float = _parameter(0.1, "per indicator-month", 0, 1, "M12 κ", "match in J-CAT")
    sharing: float = _parameter(0.6, "share", 0, 1, "M12 σ", "indicators that a unit shares with a close state")
    team_threshold: float = _parameter(0.5, "affinity", 0, 1, "M13 θ .5–.7", "least trust for a joint team")
    team_per_month: float = _parameter(0.08, "per month", 0, 1, "M13", "a team is proposed where it could be")
    team_setup_days: float = _parameter(90, "days", 0, 400, "M13 30–180", "median set-up of a team")
    team_setup_sigma: float = _parameter(0.6, "log", 0, 2, "M13", "spread")
    readiness_days: float = _parameter(180, "days", 1, 1000, "M13", "median readiness of a state")
    readiness_sigma: float = _parameter(0.8, "log", 0, 2, "M13", "spread")
    kill_ready: float = _parameter(0.94, "share", 0, 1, "decisions.md; TrickBot 120 of 128", "node known, state ready")
    kill_unready: float = _parameter(0.15, "share", 0, 1, "decisions.md", "node known, state not ready")
    kill_unknown: float = _parameter(0.3, "share", 0, 1, "decisions.md", "node unknown")
    least_coverage: float = _parameter(0.5, "share", 0, 1, "M13 cov", "known nodes before action is weighed")
    least_kill: float = _parameter(0.05, "share", 0, 1, "M13", "least chance of success worth an action")
    horizon_days: float = _parameter(720, "days", 30, 4000, "M13", "harm that a takedown is expected to avert")
    longest_preparation_days: float = _parameter(600, "days", 60, 3000, "JIT life 12–24 months", "then act anyway")
    leak_per_year: float = _parameter(0.01, "per recipient-year", 0, 0.5, "M22 .1–2 %", "leak that alerts the group")


@dataclass
class CriminalParameters:
    """Entry, place, alert, return and exit of groups (M13, M15, M17)."""

    lineage_months: float = _parameter(48, "months", 6, 240, "decisions.md", "mean life of a lineage")
    brand_months: float = _parameter(
        17, "months", 2, 120, "IBM X-Force 2022", "mean life of a brand", EvidenceTag.VERIFIED
    )
    entry_ceiling: float = _parameter(2, "ratio", 1, 20, "architecture.md", "potential arrivals per expected one")
    control_nodes: float = _parameter(2, "nodes", 0, 40, "M13", "mean control nodes beyond the first two")
    core_members: float = _parameter(3, "persons", 0, 20, "M14", "mean core members beyond the first two")
    scale_sigma: float = _parameter(0.8, "log", 0, 2, "M11", "spread of harm between groups of a kind")
    hosting_elasticity: float = _parameter(1.0, "log-log", 0, 3, "M15 β₁ ≈ 1", "place follows hosting supply")
    bulletproof_draw: float = _parameter(0.5, "utility", 0, 5, "M15 β₂", "draw of bulletproof hosting")
    perceived_risk_weight: float = _parameter(1.0, "utility", 0, 8, "M15 β₃ 1–5", "weight of perceived risk by state")
    stay_years: float = _parameter(2.0, "years", 0.2, 10, "decisions.md ≥ 1–3", "operator stays with a state")
    alert_days: float = _parameter(60, "days", 0, 365, "M13 30–90", "alert after partial action or a leak")
    alert_move: float = _parameter(0.5, "share", 0, 1, "M13", "known nodes that move when alerted")
    alert_multiplier: float = _parameter(10, "ratio", 1, 50, "M13 5–20", "evidence moves faster under alert")
    rebrand_move: float = _parameter(0.25, "share", 0, 1, "M17", "nodes that move at a rebrand")
    partial_loss: float = _parameter(0.7, "ratio", 0, 1, "M17", "capability lost per share of nodes killed")
    rebuild_days: float = _parameter(40, "days", 1, 400, "M17 TrickBot 2020", "median rebuilding after partial action")
    rebuild_sigma: float = _parameter(0.6, "log", 0, 2, "M17", "spread")
    domain_never: float = _parameter(0.3, "share", 0, 1, "M17 π 0–.5", "never returns after domain seizure")
    domain_return_days: float = _parameter(2, "days", 0.1, 60, "Vu et al. 2025", "median return", EvidenceTag.VERIFIED)
    domain_capacity: float = _parameter(
        0.15, "ratio", 0, 1, "Vu et al. 2025", "capacity at return", EvidenceTag.VERIFIED
    )
    infrastructure_never: float = _parameter(0.35, "share", 0, 1, "M17 π .2–.5", "never returns, no arrests")
    infrastructure_return_days: float = _parameter(
        180, "days", 5, 1000, "M17: Qakbot, Emotet 3–10 months", "median return", EvidenceTag.VERIFIED
    )
    infrastructure_capacity: float = _parameter(0.6, "ratio", 0, 1, "M17 κ .2–1", "capacity at return")
    arrests_never: float = _parameter(0.75, "share", 0, 1, "M17 π .6–.9", "never returns, core arrested")
    arrests_return_days: float = _parameter(300, "days", 5, 2000, "M17", "median return")
    arrests_capacity: float = _parameter(0.4, "ratio", 0, 1, "M17", "capacity at return")
    return_sigma: float = _parameter(0.7, "log", 0, 2, "M17", "spread of return times")
    regrowth_days: float = _parameter(180, "days", 1, 2000, "M17", "median regrowth to full capacity")


@dataclass
class CustodyParameters:
    """From identification to conviction, and the money (M14)."""

    arrest: float = _parameter(0.5, "share", 0, 1, "M14", "identified member arrested on the day, cooperating state")
    travel_per_year: float = _parameter(0.08, "per year", 0, 1, "M14 ν 0–.15", "travel into a state that would arrest")
    travel_detection: float = _parameter(0.4, "share", 0, 1, "M14 .2–.6", "traveller recognised by a notice")
    travel_indicted: float = _parameter(0.5, "ratio", 0, 1, "M14", "travel left after a public indictment")
    warrant_consent: float = _parameter(
        0.54,
        "share",
        0,
        1,
        "EC, EAW statistics 2019 (recalled)",
        "surrender by consent under an arrest warrant",
        EvidenceTag.RECALLED,
    )
    warrant_consent_days: float = _parameter(
        15, "days", 1, 90, "M14: EAW 2017", "surrender time with consent", EvidenceTag.VERIFIED
    )
    warrant_days: float = _parameter(40, "days", 1, 200, "M14: EAW 2017", "without", EvidenceTag.VERIFIED)
    extradition_days: float = _parameter(300, "days", 30, 3000, "M14: UK about 10 months", "median extradition")
    extradition_sigma: float = _parameter(0.8, "log", 0, 2, "M14: contested 1–10 years", "spread")
    prosecute_instead: float = _parameter(0.15, "share", 0, 1, "M14 .05–.3", "tried at home where surrender is refused")
    trial_days: float = _parameter(600, "days", 60, 2000, "M14 12–30 months", "median from custody to judgment")
    trial_sigma: float = _parameter(0.4, "log", 0, 2, "M14", "spread")
    conviction: float = _parameter(0.88, "share", 0, 1, "M14 .8–.95", "convicted when evidence is complete")
    trial_evidence: float = _parameter(6, "items", 1, 40, "M14", "admissible items that make evidence complete")
    assets_traced: float = _parameter(0.2, "share", 0, 1, "M14", "actions in which assets are traced")
    assets_frozen: float = _parameter(0.5, "share", 0, 1, "M14", "traced assets frozen before they move")
    assets_confiscated: float = _parameter(0.5, "share", 0, 1, "Europol 2016: 2 % frozen, 1 % confiscated", "of frozen")
    assets_days: float = _parameter(180, "days", 0, 2000, "M14", "days of proceeds that a group keeps in reach")
    assets_decision_days: float = _parameter(700, "days", 30, 3000, "M14", "median time to a confiscation order")


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


@dataclass
class WorldSpec:
    """What is simulated and when.

    Attributes:
        groups: active groups aimed at in the long run (decisions.md: about 300).
        start: first day of the burn-in, ISO date.
        policy_start: day on which policies start.
        end: last day of the measured window.
        follow_up_days: days after `end`, to classify takedowns.
        states: ISO codes to which groups, custodians and agencies are confined; empty for all 196.
        infinite_servers: no file ever waits for a person (a limit for tests).
        background: whether other crime loads the desks.
    """

    groups: int = 300
    start: str = "2022-01-01"
    policy_start: str = "2027-01-01"
    end: str = "2036-12-31"
    follow_up_days: int = 180
    states: list[str] = field(default_factory=list)
    infinite_servers: bool = False
    background: bool = True


#: Levers as the kernel reads them, with their neutral values.
LEVER_DEFAULTS: dict[str, float] = {
    "refusal_scale": 1.0,
    "silence_scale": 1.0,
    "instant_stages": 0.0,
    "retention_scale": 1.0,
    "retention_floor_days": 0.0,
    "preservation_days_scale": 1.0,
    "discipline_incoming": 1.0,
}


def declarations() -> Iterator[tuple[str, Field[Any], Declaration]]:
    """Yields (dotted name, dataclass field, declaration) of every parameter."""
    for theme in fields(Parameters):
        for item in fields(theme.default_factory):  # type: ignore[arg-type]
            yield f"{theme.name}.{item.name}", item, item.metadata["declaration"]


def check(parameters: Parameters) -> None:
    """Checks every value against its declared range.

    Raises:
        ValueError: names the key, the value, the allowed range and the unit.
    """
    for name, item, declaration in declarations():
        value = float(getattr(getattr(parameters, name.split(".")[0]), item.name))
        if not (math.isfinite(value) and declaration.low <= value <= declaration.high):
            raise ValueError(
                f"uncertainty.{name} = {value:g} is outside {declaration.low:g} to {declaration.high:g} "
                f"({declaration.unit}); choose a value in that range"
            )


#: The record that compiled rules read: every parameter and lever under its own name, the seed, and run switches.
SETTING = np.dtype(
    [
        ("seed", "u8"),
        ("infinite_servers", "i8"),
        ("background", "i8"),
        ("policy_start", "f8"),
        ("entry_rate", "f8"),
    ]
    + [(item.name, "f8") for _, item, _ in declarations()]
    + [(name, "f8") for name in LEVER_DEFAULTS]
)


def setting(parameters: Parameters, seed: int) -> npt.NDArray[np.void]:
    """Flattens parameters and neutral levers into the one-row record array of the kernel."""
    row = np.zeros(1, SETTING)
    row["seed"] = np.uint64(seed)
    for name, item, _ in declarations():
        row[item.name] = getattr(getattr(parameters, name.split(".")[0]), item.name)
    for name, value in LEVER_DEFAULTS.items():
        row[name] = value
    return row


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
