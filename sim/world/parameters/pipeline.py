"""Uncertainties of requests: stages, desks, evidence and channels (M3–M10, M25)."""

from dataclasses import dataclass

from sim.law.vocabulary import EvidenceTag
from sim.world.parameters.declaration import parameter


@dataclass
class RequestParameters:
    """Life of a request: stage medians and sigmas of the log (M6), deficiency (M7), refusal and silence (M3)."""

    drafting_days: float = parameter(10, "days", 1, 90, "M6 stage 1", "median drafting, unless cases are too many")
    electronic_days: float = parameter(3, "days", 0, 30, "M6 stage 4", "median electronic transmission")
    diplomatic_days: float = parameter(30, "days", 1, 180, "M6 stage 4", "median diplomatic transmission")
    supplement_days: float = parameter(12, "days", 1, 90, "M6 stage 6", "median time to find what a file lacked")
    ministry_days: float = parameter(
        30, "days", 0, 180, "M6 stage 7", "median at the ministry: own nationals, or states that are not close"
    )
    production_days: float = parameter(5, "days", 0, 90, "M6 stage 9", "median search for data once taken up")
    answer_days: float = parameter(5, "days", 0, 60, "M6 stage 11", "median return of the answer once sifted")
    elapsed_sigma: float = parameter(0.7, "log", 0, 2, "M6: .6–.9 by stage", "spread of all time that waits on others")
    appeal_probability: float = parameter(0.08, "share", 0, 1, "M6 stage 10", "the person affected appeals")
    appeal_days: float = parameter(
        120, "days", 0, 400, "M6 stage 10; SFAO 2020: 3–6 months", "median appeal", EvidenceTag.VERIFIED
    )
    appeal_sigma: float = parameter(0.3, "log", 0, 2, "M6 stage 10", "spread")
    direct_draft_days: float = parameter(3, "days", 0, 30, "M9", "median to draft for a provider or a team member")
    voluntary_days: float = parameter(10, "days", 0, 90, "M9", "median voluntary answer of a provider")
    team_exchange_days: float = parameter(5, "days", 0, 60, "M13", "median exchange inside a joint team")
    police_days: float = parameter(4, "days", 0, 60, "M8", "median police answer")
    police_sigma: float = parameter(1.0, "log", 0, 2, "M8", "spread")
    format_loop_probability: float = parameter(0.15, "share", 0, 1, "M9", "re-request for format, not electronic")
    format_loop_days: float = parameter(20, "days", 0, 60, "M9: 10–30", "one format loop")
    deficiency: float = parameter(0.45, "share", 0, 0.95, "M7 p₀ .3–.6", "a first draft is deficient")
    deficiency_skill: float = parameter(0.8, "per unit skill", 0, 3, "M7 κ_s", "fewer with a skilled requester")
    deficiency_trust: float = parameter(0.4, "per unit trust", 0, 3, "M7 κ_t", "fewer where the requested state trusts")
    deficiency_template: float = parameter(0.36, "per adoption", 0, 2, "M7: template −20–40 %", "effect of a template")
    deficiency_breadth: float = parameter(0.3, "ratio", 0, 2, "M7 ξ", "more for content than for subscriber data")
    deficiency_quality: float = parameter(0.5, "logit per sd", 0, 2, "M7 trap", "quality persists within a file")
    deficiency_repeat: float = parameter(0.45, "ratio", 0, 1, "M7", "deficiency of a draft returned once")
    deficiency_lead: float = parameter(0.35, "share", 0, 1, "M8: 20–50 %", "cut when police information came first")
    loop_withdrawal: float = parameter(0.12, "share per loop", 0, 1, "M7 ω .1–.3", "given up at a return")
    withdrawal_per_month: float = parameter(
        0.035, "per month", 0, 0.3, "M6 δ; decisions.md", "requester stops counting on it; other work withdraws"
    )
    closure_notified: float = parameter(
        0.4, "share", 0, 1, "M6: abandoned files", "the other side is notified when a case is over"
    )
    urgent_share: float = parameter(0.5, "share", 0, 1, "decisions.md", "files in the urgent class")
    incoming_touch_hours: float = parameter(12, "hours", 0.5, 60, "M6; decisions.md", "work of an incoming file")
    translation_hours: float = parameter(8, "hours", 0, 80, "M6 stage 2", "work of translating, no shared language")
    later_pass_hours: float = parameter(
        3.5, "hours", 0.1, 40, "M6 stages 7, 11: 4 and 3 h", "work of an authority on a file that comes to it again"
    )
    outgoing_touch_hours: float = parameter(3, "hours", 0.1, 40, "decisions.md", "work of an outgoing file")
    court_touch_hours: float = parameter(8, "hours", 0.1, 40, "decisions.md", "work of a court on an order, assigned")
    provider_touch_hours: float = parameter(1.5, "hours", 0.05, 40, "M9", "work of a provider on one order")
    forensic_touch_hours: float = parameter(30, "hours", 1, 200, "M9", "work of a lab on one image")
    touch_variation: float = parameter(2, "cs²", 0, 6, "M6 c_s² 1.5–4", "squared variation of touch time")
    silence_friendly: float = parameter(-4.6, "logit", -10, 5, "M3 α₀", "non-answer at full affinity")
    silence_distance: float = parameter(4.6, "logit per unit", 0, 12, "M3 β", "non-answer grows with distance")
    silence_nationals: float = parameter(1.5, "logit", 0, 6, "M3 γ", "non-answer on own nationals")
    silence_habit: float = parameter(1.0, "logit", 0, 4, "M3 σ_u .5–1.5", "spread of habits of silence between pairs")
    silence_shared: float = parameter(
        0.7, "share", 0, 1, "M3 r .5–.9", "requests of a case to a state that share a fate"
    )
    silence_implementation: float = parameter(0.3, "share", 0, 1, "M2, M3", "unanswered where law is not in action")
    refusal_political: float = parameter(-6.0, "logit", -12, 2, "M3 α", "political or essential interests")
    refusal_distance: float = parameter(3.0, "logit per unit", 0, 8, "M3 β₁ 2–4", "refusal grows with distance")
    refusal_nationals: float = parameter(1.2, "logit", 0, 6, "M3 β₂", "refusal on own nationals")
    refusal_data_protection: float = parameter(0.12, "share", 0, 1, "M3 β₃", "refused where data laws conflict")
    refusal_de_minimis: float = parameter(0.015, "share", 0, 1, "M7", "loss under the threshold")
    refusal_ne_bis_in_idem: float = parameter(0.01, "share", 0, 1, "M3", "already tried, or own proceedings")
    assessor_false_refusal: float = parameter(0.04, "share", 0, 0.5, "M1 ε₁⁰ .02–.10", "offence not recognised")
    assessor_skill: float = parameter(1.0, "per unit skill", 0, 4, "M1 κ", "fewer errors with skill")
    assessor_false_acceptance: float = parameter(0.03, "share", 0, 0.5, "M1 ε₀ .01–.05", "accepted without offence")
    proof_steepness: float = parameter(7, "per unit", 1, 20, "M2 k 5–10", "court's response to evidence")
    proof_strength: float = parameter(0.75, "0–1", 0, 1, "M2 E", "mean evidence strength shown")
    proof_supplement: float = parameter(0.15, "0–1", 0, 0.5, "M2", "strength gained by supplementing once")
    police_declined: float = parameter(0.1, "share", 0, 1, "M8 .1–.4", "police request declined by a close state")
    police_declined_distance: float = parameter(0.5, "per unit", 0, 1, "M8", "more with distance")
    conversion: float = parameter(0.85, "share", 0, 1, "M8 .7–.95", "police facts that still need a formal request")


@dataclass
class DeskParameters:
    """Staff and load of desks (M6). Targets invert staffing: see sim/world/staffing.py."""

    incoming_wait_tier_1: float = parameter(60, "days", 1, 900, "decisions.md", "target wait, best governed states")
    incoming_wait_tier_2: float = parameter(150, "days", 1, 900, "decisions.md", "target wait, second tier")
    incoming_wait_tier_3: float = parameter(300, "days", 1, 1500, "decisions.md", "target wait, third tier")
    incoming_wait_tier_4: float = parameter(500, "days", 1, 1500, "decisions.md", "target wait, last tier")
    court_wait_days: float = parameter(60, "days", 1, 400, "decisions.md: 90–250 overloaded", "court's target wait")
    forensic_wait_days: float = parameter(90, "days", 1, 500, "M9: 3 months to over a year", "lab's target wait")
    outgoing_wait_days: float = parameter(15, "days", 0.5, 200, "M6 stage 3: 10–25", "target wait, outgoing desks")
    provider_wait_days: float = parameter(10, "days", 0.5, 200, "M9: 5–15", "target wait, providers")
    liaison_wait_days: float = parameter(
        0.5, "days", 0.1, 60, "Europol: four of five answers within 4.2 days", "target wait, liaison bodies"
    )
    contact_point_wait_days: float = parameter(1.5, "days", 0.1, 30, "M5: 1–3", "target wait, 24/7 points")
    hours_per_day: float = parameter(4.8, "hours", 1, 8, "8 h × 220 of 365 days", "touch-hours of a person a day")
    pace_skill: float = parameter(0.3, "share", 0, 1, "M21", "faster work with skill")
    load_growth: float = parameter(0.0, "per year", -0.1, 0.3, "M25 g; decisions.md", "growth until the policy starts")
    rebound: float = parameter(0.4, "elasticity", 0, 2, "M25 ε .3–1", "more requests when waits fall")
    corroboration: float = parameter(0.15, "share", 0, 1, "M25", "supplementary requests at the usual wait")
    corroboration_most: float = parameter(0.5, "share", 0, 1, "M25", "ceiling of supplementary requests")
    usual_days: float = parameter(240, "days", 30, 900, "facts 1a: 8–10 months", "turnaround that demand is used to")
    urgent_head_start: float = parameter(
        180, "days", 0, 3650, "M6: classes", "days by which an urgent file goes before others at incoming authorities"
    )
    deadline_horizon: float = parameter(
        365, "days", 0, 1500, "M6: 180–730", "time that a file without a deadline is taken to have"
    )
    overtime: float = parameter(0.05, "share", 0, 0.5, "M6: 0–.1", "longer work where a binding deadline is missed")
    returned_for_form: float = parameter(
        0.2, "share", 0, 1, "M6: 0–.5", "of files that would be late, those returned for their form instead"
    )


@dataclass
class EvidenceParameters:
    """How long evidence lives, and what preserves it (M5, M10)."""

    extra_hops: float = parameter(1.6, "hops", 0, 6, "M10 μ_K 1.5–3", "mean hops beyond the first")
    first_age_days: float = parameter(12, "days", 0, 180, "M10; BKA 2022", "median age of the first trace")
    first_age_sigma: float = parameter(1.0, "log", 0, 2, "M10", "spread")
    subscriber_retention_days: float = parameter(1100, "days", 30, 4000, "M10 365–∞", "median retention")
    traffic_retention_days: float = parameter(180, "days", 0, 1500, "M10 30–365", "median retention of logs")
    content_retention_days: float = parameter(400, "days", 0, 4000, "M10", "median life of stored content")
    retention_sigma: float = parameter(0.7, "log", 0, 2, "M10", "spread between custodians and laws")
    server_life_days: float = parameter(
        55, "days", 5, 400, "Recorded Future 2020: 54.8", "mean life of a server image", EvidenceTag.VERIFIED
    )
    subscriber_share: float = parameter(0.45, "share", 0, 1, "T-CY 2014 rank", "hops that ask for subscriber data")
    traffic_share: float = parameter(0.35, "share", 0, 1, "SIRIUS 2019 rank", "hops that ask for traffic data")
    encrypted: float = parameter(0.1, "share", 0, 1, "M9 e_enc .05–.3", "content that cannot be read")
    preservation_use: float = parameter(0.5, "share", 0, 1, "M5", "hops for which preservation is asked")
    preservation_success: float = parameter(0.8, "share", 0, 1, "M5 p_f .6–.95", "freeze succeeds")
    preservation_delay_days: float = parameter(2, "days", 0, 30, "M5", "median delay of the 24/7 network")
    preservation_delay_sigma: float = parameter(0.9, "log", 0, 2, "M5", "spread")
    preservation_missed: float = parameter(0.2, "share", 0, 1, "M5 q .1–.3", "a renewal is missed")
    preservation_renewals: float = parameter(3, "renewals", 0, 8, "M5", "most renewals")
    voluntary_evidence: float = parameter(0.85, "share", 0, 1, "M9", "voluntary answers usable in court")
    majors_share: float = parameter(
        0.45, "share", 0, 1, "M9 .3–.6", "hops before the last that lead to a large provider"
    )
    image_share: float = parameter(
        0.25, "share", 0, 1, "M10 .1–.4", "last hops that need the image of a running server"
    )
    provider_answers: float = parameter(
        0.67, "share", 0.01, 0.99, "SIRIUS 2020: 66–68 %; M9 .60–.77", "subscriber data given by one that answers"
    )
    provider_refers: float = parameter(
        0.25, "share", 0.01, 0.99, "M9 .05–.6; SIRIUS 2020", "the same of one that refers to treaty channels"
    )
    provider_domestic: float = parameter(2.8, "logit", 0, 6, "M9 1.5–3", "more under an order of its own state")
    provider_binding: float = parameter(2.4, "logit", 0, 6, "M9 1–2.5", "more under a binding foreign instrument")
    provider_single_point: float = parameter(
        0.5, "logit", 0, 4, "M9 .3–1.5; SIRIUS", "more for a single point of contact"
    )
    provider_standing: float = parameter(1.0, "logit", 0, 4, "M9 .3–2", "less for a requester with weak rule of law")
    provider_traffic: float = parameter(0.6, "logit", 0, 4, "M9 .3–1.5", "less for traffic data")
    binding_compliance: float = parameter(0.93, "share", 0, 1, "M9", "a binding order is obeyed in time")


@dataclass
class ChannelParameters:
    """How an investigator chooses the way to ask (M4)."""

    success_value: float = parameter(8.0, "utility", 0, 20, "M4 v", "worth of an admissible answer")
    delay_cost: float = parameter(0.12, "utility per month", 0, 2, "M4 w", "cost of waiting")
    temperature: float = parameter(0.5, "utility", 0.05, 5, "M4 .2–1", "spread of choice")
    awareness_half_days: float = parameter(700, "days", 0, 4000, "M4 1–3 years", "half know a new instrument")
    experience_weight: float = parameter(0.05, "share", 0, 1, "M4 EWMA", "weight of the newest answer")
    own_experience: float = parameter(3.0, "ratio", 0, 20, "M4 1–8", "the same among a state's own answers, of that")
    letters_cost: float = parameter(2.0, "utility", 0, 10, "M4", "burden of letters rogatory")
    treaty_cost: float = parameter(0.8, "utility", 0, 10, "M4", "burden of a treaty request")
    direct_cost: float = parameter(0.3, "utility", 0, 10, "M4", "burden of asking a judge or provider")
    police_first: float = parameter(0.6, "share", 0, 1, "M4, M8", "hops asked through police as well")
