"""Uncertainties of requests: stages, desks, evidence and channels (M3–M10, M25)."""

from dataclasses import dataclass

from sim.law.vocabulary import EvidenceTag
from sim.world.parameters.declaration import Scale, parameter


@dataclass
class RequestParameters:
    """Life of a request: stage medians and sigmas of the log (M6), deficiency (M7), refusal and silence (M3)."""

    drafting_days: float = parameter(
        10, "days", 1, 90, "M6 stage 1", "median drafting, unless cases are too many"
    ).plausible(
        4, 45, Scale.LOG, "M6 has 14; one practitioner has 1 to 3 months with preparation, a trained unit a week"
    )
    electronic_days: float = parameter(3, "days", 0, 30, "M6 stage 4", "median electronic transmission").plausible(
        0.5, 10, Scale.LOG, "M6: 3; portals deliver the same day, a registry may look once a week"
    )
    diplomatic_days: float = parameter(30, "days", 1, 180, "M6 stage 4", "median diplomatic transmission").plausible(
        14, 90, Scale.LOG, "M6: 30; two ministries and a weekly bag at least, a quarter where bags are rare"
    )
    supplement_days: float = parameter(
        12, "days", 1, 90, "M6 stage 6", "median time to find what a file lacked"
    ).plausible(4, 45, Scale.LOG, "M6 has 45 for the whole loop; a known detail takes days")
    ministry_days: float = parameter(
        30, "days", 0, 180, "M6 stage 7", "median at the ministry: own nationals, or states that are not close"
    ).plausible(10, 120, Scale.LOG, "judgement: a file that is waved through, to one that a minister sits on")
    production_days: float = parameter(
        5, "days", 0.1, 90, "M9; DSA 2025: 4 and 5", "median time of a provider to answer, where none is published"
    ).plausible(
        2, 12, Scale.LOG, "two large platforms publish 4 and 5 for orders of EU states; limits of law are 7 to 10"
    )
    answer_days: float = parameter(
        5, "days", 0, 60, "M6 stage 11", "median return of the answer once sifted"
    ).plausible(1, 20, Scale.LOG, "M6 has 14 with filtering; an upload takes a day")
    elapsed_sigma: float = parameter(
        0.7,
        "log",
        0,
        2,
        "M6: .6–.9 by stage",
        "spread of all time that waits on others, of groups that rebuild, and of trials",
    ).plausible(0.55, 0.95, Scale.LINEAR, "M6: .6 to .9 by stage; one number stands for all")
    appeal_probability: float = parameter(0.08, "share", 0, 1, "M6 stage 10", "the person affected appeals").plausible(
        0.03, 0.3, Scale.LOGIT, "M6: .05 to .3; many states know no appeal"
    )
    appeal_days: float = parameter(
        120, "days", 0, 400, "M6 stage 10; SFAO 2020: 3–6 months", "median appeal", EvidenceTag.VERIFIED
    ).plausible(90, 180, Scale.LOG, "M6: 90 to 180; SFAO 2020: 3 to 6 months, of one state")
    appeal_sigma: float = parameter(0.3, "log", 0, 2, "M6 stage 10", "spread").plausible(
        0.15, 0.6, Scale.LINEAR, "3 to 6 months as the middle of the distribution gives .3; states differ more"
    )
    direct_draft_days: float = parameter(
        3, "days", 0, 30, "M9", "median to draft for a provider or a team member"
    ).plausible(1, 10, Scale.LOG, "judgement: a form filled in at once, to a week with a prosecutor's approval")
    team_exchange_days: float = parameter(5, "days", 0, 60, "M13", "median exchange inside a joint team").plausible(
        2, 14, Scale.LOG, "M13 has 5; members phone, but evidence is copied and signed for"
    )
    police_days: float = parameter(4, "days", 0, 60, "M8", "median police answer").plausible(
        2, 10, Scale.LOG, "M8 has 4; police channels answer in days (UNODC), Europol 80 % within 4.2"
    )
    police_sigma: float = parameter(1.0, "log", 0, 2, "M8", "spread").plausible(
        0.6, 1.4, Scale.LINEAR, "M8 has 1.0; Europol's 4.2 days at 80 % fit .6 to 1.4 for medians of 1.5 to 2.5"
    )
    format_loop_probability: float = parameter(
        0.15, "share", 0, 1, "M9", "re-request for format, not electronic"
    ).plausible(0.04, 0.4, Scale.LOGIT, "judgement: nobody counts it; structured files are a fifth of SIENA's traffic")
    format_loop_days: float = parameter(20, "days", 0, 60, "M9: 10–30", "one format loop").plausible(
        10, 30, Scale.LINEAR, "M9: 10 to 30"
    )
    deficiency: float = parameter(0.45, "share", 0, 0.95, "M7 p₀ .3–.6", "a first draft is deficient").plausible(
        0.3, 0.6, Scale.LOGIT, "M7: .3 to .6"
    )
    deficiency_skill: float = parameter(
        0.8, "per unit skill", 0, 3, "M7 κ_s", "fewer with a skilled requester"
    ).plausible(0.2, 1.6, Scale.LINEAR, "judgement: full skill saves a fifth to four fifths of returns")
    deficiency_trust: float = parameter(
        0.4, "per unit trust", 0, 3, "M7 κ_t", "fewer where the requested state trusts"
    ).plausible(0, 1, Scale.LINEAR, "judgement: trust may not matter; at most it saves six returns of ten")
    deficiency_template: float = parameter(
        0.36, "per adoption", 0, 2, "M7: template −20–40 %", "effect of a template"
    ).plausible(0.22, 0.51, Scale.LINEAR, "M7: a template saves 20 to 40 %")
    deficiency_breadth: float = parameter(
        0.3, "ratio", 0, 2, "M7 ξ", "more for content than for subscriber data"
    ).plausible(0, 0.8, Scale.LINEAR, "SIRIUS lists overbreadth among the reasons, without a share")
    deficiency_quality: float = parameter(
        0.5, "logit per sd", 0, 2, "M7 trap", "quality persists within a file"
    ).plausible(0.2, 1.0, Scale.LINEAR, "judgement: independent retries are wrong (M7), identical ones too")
    deficiency_repeat: float = parameter(0.45, "ratio", 0, 1, "M7", "deficiency of a draft returned once").plausible(
        0.2, 0.8, Scale.LOGIT, "judgement: a return says what is missing; the drafter stays the same"
    )
    deficiency_lead: float = parameter(
        0.35, "share", 0, 1, "M8: 20–50 %", "cut when police information came first"
    ).plausible(0.2, 0.5, Scale.LINEAR, "M8: 20 to 50 %")
    loop_withdrawal: float = parameter(0.12, "share per loop", 0, 1, "M7 ω .1–.3", "given up at a return").plausible(
        0.1, 0.3, Scale.LOGIT, "M7: .1 to .3"
    )
    withdrawal_per_month: float = parameter(
        0.035, "per month", 0, 0.3, "M6 δ; the modellers", "requester stops counting on it; other work withdraws"
    ).plausible(0.02, 0.05, Scale.LOG, "M6: .02 to .05")
    closure_notified: float = parameter(
        0.4, "share", 0, 1, "M6: abandoned files", "the other side is notified when a case is over"
    ).plausible(0.1, 0.8, Scale.LOGIT, "T-CY 2014 speaks of many abandoned requests, without a share")
    urgent_share: float = parameter(0.5, "share", 0, 1, "the modellers", "files in the urgent class").plausible(
        0.2, 0.7, Scale.LOGIT, "a class of all files orders nothing; below .2 the published spread is missed"
    )
    incoming_touch_hours: float = parameter(
        12, "hours", 0.5, 60, "M6; the modellers", "work of an incoming file"
    ).plausible(4, 20, Scale.LOG, "M6: 4 to 20 h")
    translation_hours: float = parameter(
        8, "hours", 0, 80, "M6 stage 2", "work of translating, no shared language"
    ).plausible(3, 24, Scale.LOG, "judgement: 5 to 30 pages, by machine and revised, or by hand")
    later_pass_hours: float = parameter(
        3.5, "hours", 0.1, 40, "M6 stages 7, 11: 4 and 3 h", "work of an authority on a file that comes to it again"
    ).plausible(1.5, 8, Scale.LOG, "M6: 4 and 3 h; a signature, to a second full reading")
    outgoing_touch_hours: float = parameter(3, "hours", 0.1, 40, "the modellers", "work of an outgoing file").plausible(
        1, 10, Scale.LOG, "judgement: a formal check, to rewriting the draft"
    )
    court_touch_hours: float = parameter(
        8, "hours", 0.1, 40, "the modellers", "work of a court on an order, assigned"
    ).plausible(3, 20, Scale.LOG, "M6: touch 4 to 20 h over all stages; a routine order takes less")
    provider_touch_hours: float = parameter(1.5, "hours", 0.05, 40, "M9", "work of a provider on one order").plausible(
        0.5, 6, Scale.LOG, "judgement: a portal with a template, to counsel who reads a foreign order"
    )
    forensic_touch_hours: float = parameter(30, "hours", 1, 200, "M9", "work of a lab on one image").plausible(
        10, 80, Scale.LOG, "judgement: triage of one image, to a full analysis with a report for court"
    )
    touch_variation: float = parameter(2, "cs²", 0, 6, "M6 c_s² 1.5–4", "squared variation of touch time").plausible(
        1.5, 4, Scale.LINEAR, "M6: 1.5 to 4"
    )
    silence_friendly: float = parameter(-4.6, "logit", -10, 5, "M3 α₀", "non-answer at full affinity").plausible(
        -5.5, -3.5, Scale.LINEAR, "M3: 3 to 10 % among friends, whose affinity is below 1; .4 to 3 % at 1"
    )
    silence_distance: float = parameter(
        4.6, "logit per unit", 0, 12, "M3 β", "non-answer grows with distance"
    ).plausible(3, 7.5, Scale.LINEAR, "M3: 40 to 95 % of adversaries asked for nationals, at an affinity of .2")
    silence_nationals: float = parameter(1.5, "logit", 0, 6, "M3 γ", "non-answer on own nationals").plausible(
        0.5, 3, Scale.LINEAR, "judgement: states shield nationals, from a little to twentyfold odds"
    )
    silence_habit: float = parameter(
        1.0, "logit", 0, 4, "M3 σ_u .5–1.5", "spread of habits of silence between pairs"
    ).plausible(0.5, 1.5, Scale.LINEAR, "M3: .5 to 1.5")
    silence_shared: float = parameter(
        0.7, "share", 0, 1, "M3 r .5–.9", "requests of a case to a state that share a fate"
    ).plausible(0.5, 0.9, Scale.LOGIT, "M3: .5 to .9")
    silence_implementation: float = parameter(
        0.3, "share", 0, 1, "M2, M3", "unanswered where law is not in action"
    ).plausible(0.1, 0.6, Scale.LOGIT, "M2: a new Party has .1 to .5 of law in action; part of the rest is refused")
    refusal_political: float = parameter(-6.0, "logit", -12, 2, "M3 α", "political or essential interests").plausible(
        -7.5, -4.5, Scale.LINEAR, "M3: 2 to 10 % refused on all its grounds; politics is a part of these"
    )
    refusal_distance: float = parameter(
        3.0, "logit per unit", 0, 8, "M3 β₁ 2–4", "refusal grows with distance"
    ).plausible(2, 4, Scale.LINEAR, "M3: 2 to 4")
    refusal_nationals: float = parameter(1.2, "logit", 0, 6, "M3 β₂", "refusal on own nationals").plausible(
        0.3, 2.5, Scale.LINEAR, "judgement: refusal to give evidence on nationals is rarer than to surrender them"
    )
    refusal_data_protection: float = parameter(
        0.12, "share", 0, 1, "M3 β₃", "refused where data laws conflict"
    ).plausible(0.02, 0.3, Scale.LOGIT, "GDPR art. 48 is no blocking statute (EDPB), so rarely; authorities differ")
    refusal_de_minimis: float = parameter(0.015, "share", 0, 1, "M7", "loss under the threshold").plausible(
        0.003, 0.05, Scale.LOG, "the UK's threshold of 1,000 pounds hardly touches cases of this tier"
    )
    refusal_ne_bis_in_idem: float = parameter(0.01, "share", 0, 1, "M3", "already tried, or own proceedings").plausible(
        0.002, 0.03, Scale.LOG, "judgement: rare by its nature, with own proceedings included"
    )
    assessor_false_refusal: float = parameter(
        0.04, "share", 0, 0.5, "M1 ε₁⁰ .02–.10", "offence not recognised"
    ).plausible(0.02, 0.1, Scale.LOG, "M1: .02 to .10")
    assessor_skill: float = parameter(1.0, "per unit skill", 0, 4, "M1 κ", "fewer errors with skill").plausible(
        0.3, 2, Scale.LINEAR, "judgement: full skill avoids a quarter to nearly all of the errors"
    )
    assessor_false_acceptance: float = parameter(
        0.03, "share", 0, 0.5, "M1 ε₀ .01–.05", "accepted without offence"
    ).plausible(0.01, 0.05, Scale.LOG, "M1: .01 to .05")
    proof_steepness: float = parameter(7, "per unit", 1, 20, "M2 k 5–10", "reader's response to evidence").plausible(
        5, 10, Scale.LINEAR, "M2: 5 to 10"
    )
    standard_subscriber: float = parameter(0.2, "0–1", 0, 1, "M2 τ", "standard of proof, subscriber data").plausible(
        0.05, 0.35, Scale.LINEAR, "judgement: from a note of relevance to a reasoned suspicion"
    )
    standard_traffic: float = parameter(0.4, "0–1", 0, 1, "M2 τ", "standard of proof, traffic data").plausible(
        0.2, 0.55, Scale.LINEAR, "judgement: between subscriber data and content; some states ask for as much as that"
    )
    standard_content: float = parameter(
        0.55, "0–1", 0, 1, "M2 τ", "standard of proof, content, other states"
    ).plausible(0.35, 0.8, Scale.LINEAR, "as a search: a suspicion on facts, to a strong one for interception")
    standard_content_common: float = parameter(
        0.6, "0–1", 0, 1, "M2 τ; McCauliff 1982 (recalled)", "standard of proof, content, common law"
    ).plausible(
        0.35, 0.8, Scale.LINEAR, "judges put probable cause near one half (recalled); a trial asks for .7 to .95"
    )
    standard_search: float = parameter(
        0.55, "0–1", 0, 1, "M2 τ", "standard of proof, search and arrest, other states"
    ).plausible(0.35, 0.8, Scale.LINEAR, "from a suspicion on facts to the strong one that an arrest takes")
    standard_search_common: float = parameter(
        0.6, "0–1", 0, 1, "M2 τ; McCauliff 1982 (recalled)", "standard of proof, search and arrest, common law"
    ).plausible(
        0.35, 0.8, Scale.LINEAR, "judges put probable cause near one half (recalled); a trial asks for .7 to .95"
    )
    supplement: float = parameter(
        1, "log-odds", 0, 4, "M2; warrants in Utah", "by which a supplement strengthens what a file shows"
    ).plausible(0.5, 2, Scale.LINEAR, "of warrants that fail at first in Utah five in seven pass in the end (2017–20)")
    questions: float = parameter(
        2, "number", 0, 10, "the modellers", "times that a file is asked back before it is refused for its proof"
    ).plausible(1, 3, Scale.LINEAR, "judgement: central authorities ask again before they refuse")
    own_returns: float = parameter(
        0.12,
        "share",
        0,
        1,
        "warrants.csv",
        "the own gatekeeper returns a file at first for its form",
        EvidenceTag.VERIFIED,
    ).plausible(
        0.05, 0.2, Scale.LOG, "UK: .20 to .25 of applications returned, .55 for other reasons than their grounds"
    )
    court_refuses: float = parameter(
        0.01,
        "share",
        0,
        1,
        "warrants.csv",
        "a court refuses for lack of proof what its reader let pass",
        EvidenceTag.VERIFIED,
    ).plausible(0.0005, 0.02, Scale.LOG, "USA .0003 of wiretaps, Germany .004 of interceptions, Utah .02 of warrants")
    police_declined: float = parameter(
        0.1, "share", 0, 1, "M8 .1–.4", "police request declined by a close state"
    ).plausible(0.05, 0.4, Scale.LOGIT, "M8: .1 to .4 of all; a close state declines less")
    police_declined_distance: float = parameter(0.5, "per unit", 0, 1, "M8", "more with distance").plausible(
        0.2, 0.9, Scale.LINEAR, "judgement: a distant state declines a third to nearly everything"
    )
    conversion: float = parameter(
        0.85, "share", 0, 1, "M8 .7–.95", "police facts that still need a formal request"
    ).plausible(0.7, 0.95, Scale.LOGIT, "M8: .7 to .95")


@dataclass
class DeskParameters:
    """Staff and load of desks (M6). Targets invert staffing: see sim/world/loads.py."""

    incoming_wait_tier_1: float = parameter(
        80, "days", 1, 900, "the modellers", "target wait, best governed states"
    ).plausible(30, 120, Scale.LOG, "EIO deadlines add up to 120 days; a month at the best staffed")
    incoming_wait_tier_2: float = parameter(200, "days", 1, 900, "the modellers", "target wait, second tier").plausible(
        75, 250, Scale.LOG, "120 to 200 fits 10 months for e-evidence in the EU (DELAYS)"
    )
    incoming_wait_tier_3: float = parameter(400, "days", 1, 1500, "the modellers", "target wait, third tier").plausible(
        150, 500, Scale.LOG, "200 to 400 fits the published 6 to 24 months (TCY14); the split by tier is open"
    )
    incoming_wait_tier_4: float = parameter(600, "days", 1, 1500, "the modellers", "target wait, last tier").plausible(
        200, 900, Scale.LOG, "300 to 600 fits the published spread; some report two years"
    )
    court_wait_days: float = parameter(
        60, "days", 1, 400, "the modellers: 90–250 overloaded", "court's target wait"
    ).plausible(15, 250, Scale.LOG, "weeks where judges are on duty; 90 to 250 where courts are overloaded")
    forensic_wait_days: float = parameter(
        90, "days", 1, 500, "M9: 3 months to over a year", "lab's target wait"
    ).plausible(30, 365, Scale.LOG, "UK forces: 3 months to over a year (DF20); a month at a good laboratory")
    outgoing_wait_days: float = parameter(
        15, "days", 0.5, 200, "M6 stage 3: 10–25", "target wait, outgoing desks"
    ).plausible(10, 25, Scale.LINEAR, "M6: 10 to 25; India's target is 10 working days")
    liaison_wait_days: float = parameter(
        0.5, "days", 0.1, 60, "Europol: four of five answers within 4.2 days", "target wait, liaison bodies"
    ).plausible(0.2, 2, Scale.LOG, "Europol answers 80 % within 4.2 days, desk and reply together")
    contact_point_wait_days: float = parameter(1.5, "days", 0.1, 30, "M5: 1–3", "target wait, 24/7 points").plausible(
        1, 3, Scale.LINEAR, "M5: 1 to 3"
    )
    hours_per_day: float = parameter(
        4.8, "hours", 1, 8, "8 h × 220 of 365 days", "touch-hours of a person a day"
    ).plausible(3.4, 5.4, Scale.LINEAR, "220 days of 8 h; meetings and duties take a quarter, overtime adds an eighth")
    pace_skill: float = parameter(0.3, "share", 0, 1, "M21", "faster work with skill").plausible(
        0.1, 0.6, Scale.LINEAR, "M21: throughput follows the root of skill, so half of skill costs 30 %"
    )
    load_growth: float = parameter(
        0.0, "per year", -0.1, 0.3, "M25 g; the modellers", "growth of orders until the policy starts"
    ).plausible(
        -0.01, 0.05, Scale.LINEAR, "M25: requests grow by 3 to 6 % a year; desks with a line hire along before policy"
    )
    rebound: float = parameter(0.4, "elasticity", 0, 2, "M25 ε .3–1", "more requests when waits fall").plausible(
        0.3, 1, Scale.LINEAR, "M25: .3 to 1"
    )
    corroboration: float = parameter(0.15, "share", 0, 1, "M25", "supplementary requests at the usual wait").plausible(
        0.05, 0.35, Scale.LOGIT, "judgement: a wish for second sources is usual, not the rule"
    )
    corroboration_most: float = parameter(0.5, "share", 0, 1, "M25", "ceiling of supplementary requests").plausible(
        0.3, 0.8, Scale.LOGIT, "judgement: above today's share; even at no wait some facts need no second source"
    )
    usual_days: float = parameter(
        240, "days", 30, 900, "facts 1a: 8–10 months", "turnaround that demand is used to"
    ).plausible(180, 365, Scale.LOG, "published averages are 8 to 10 months (DELAYS), medians 6 to 12")
    urgent_head_start: float = parameter(
        180, "days", 0, 3650, "M6: classes", "days by which an urgent file goes before others at incoming authorities"
    ).plausible(30, 730, Scale.LOG, "judgement: urgent files go before those of a month, or before all")
    deadline_horizon: float = parameter(
        365, "days", 0, 1500, "M6: 180–730", "time that a file without a deadline is taken to have"
    ).plausible(180, 730, Scale.LOG, "M6: 180 to 730")
    overtime: float = parameter(
        0.05, "share", 0, 0.5, "M6: 0–.1", "longer work where a binding deadline is missed"
    ).plausible(0, 0.1, Scale.LINEAR, "M6: 0 to .1")
    returned_for_form: float = parameter(
        0.2, "share", 0, 1, "M6: 0–.5", "of files that would be late, those returned for their form instead"
    ).plausible(0, 0.5, Scale.LINEAR, "M6: 0 to .5")


@dataclass
class EvidenceParameters:
    """How long evidence lives, and what preserves it (M5, M10)."""

    extra_hops: float = parameter(1.6, "hops", 0, 6, "M10 μ_K 1.5–3", "mean hops beyond the first").plausible(
        1.5, 3, Scale.LINEAR, "M10: 1.5 to 3"
    )
    first_age_days: float = parameter(12, "days", 0, 180, "M10; BKA 2022", "median age of the first trace").plausible(
        4, 30, Scale.LOG, "BKA 2022: most found with 14 days of retention; EU 2011: 67 % within 3 months"
    )
    first_age_sigma: float = parameter(1.0, "log", 0, 2, "M10", "spread").plausible(
        0.6, 1.6, Scale.LINEAR, "medians of a week and 67 to 89 % within 3 to 6 months (EU 2011) spread widely"
    )
    subscriber_retention_days: float = parameter(1100, "days", 30, 4000, "M10 365–∞", "median retention").plausible(
        365, 3000, Scale.LOG, "M10: 365 to unlimited"
    )
    traffic_retention_days: float = parameter(180, "days", 0, 1500, "M10 30–365", "median retention of logs").plausible(
        30, 365, Scale.LOG, "M10: logs 30 to 365"
    )
    content_retention_days: float = parameter(400, "days", 0, 4000, "M10", "median life of stored content").plausible(
        90, 1500, Scale.LOG, "platforms keep closed accounts for 90 to 365 days, mailboxes live for years"
    )
    retention_sigma: float = parameter(0.7, "log", 0, 2, "M10", "spread between custodians and laws").plausible(
        0.4, 1.2, Scale.LINEAR, "6 months to 10 years under one directive (Art. 29 WP 2010) is the widest seen"
    )
    server_life_days: float = parameter(
        55, "days", 5, 400, "Recorded Future 2020: 54.8", "mean life of a server image", EvidenceTag.VERIFIED
    ).plausible(35, 90, Scale.LOG, "54.8 days is one vendor's mean of one year; other mixes of malware differ")
    subscriber_share: float = parameter(
        0.45, "share", 0, 1, "T-CY 2014 rank", "hops that ask for subscriber data"
    ).plausible(0.3, 0.55, Scale.LOGIT, "first in T-CY 2014, second in SIRIUS 2018")
    traffic_share: float = parameter(
        0.35, "share", 0, 1, "SIRIUS 2019 rank", "hops that ask for traffic data"
    ).plausible(0.25, 0.4, Scale.LOGIT, "first in SIRIUS 2018, second in T-CY 2014; with subscriber data at least .6")
    encrypted: float = parameter(0.1, "share", 0, 1, "M9 e_enc .05–.3", "content that cannot be read").plausible(
        0.05, 0.3, Scale.LOGIT, "M9: .05 to .3"
    )
    preservation_use: float = parameter(0.5, "share", 0, 1, "M5", "hops for which preservation is asked").plausible(
        0.2, 0.8, Scale.LOGIT, "24/7 points serve about 3 % of all police cases (UNODC), of this tier far more"
    )
    preservation_success: float = parameter(0.8, "share", 0, 1, "M5 p_f .6–.95", "freeze succeeds").plausible(
        0.6, 0.95, Scale.LOGIT, "M5: .6 to .95"
    )
    preservation_delay_days: float = parameter(2, "days", 0, 30, "M5", "median delay of the 24/7 network").plausible(
        0.5, 5, Scale.LOG, "M5 has 2; EU points must answer within 8 h whether they will act"
    )
    preservation_delay_sigma: float = parameter(0.9, "log", 0, 2, "M5", "spread").plausible(
        0.5, 1.3, Scale.LINEAR, "M5 has .9; national points differ from hours to a week"
    )
    preservation_missed: float = parameter(0.2, "share", 0, 1, "M5 q .1–.3", "a renewal is missed").plausible(
        0.1, 0.3, Scale.LOGIT, "M5: .1 to .3"
    )
    preservation_renewals: float = parameter(3, "renewals", 0, 8, "M5", "most renewals").plausible(
        1, 5, Scale.LINEAR, "M5: 60 to 90 days renewed; US law names one renewal, others no limit"
    )
    voluntary_evidence: float = parameter(0.85, "share", 0, 1, "M9", "voluntary answers usable in court").plausible(
        0.6, 0.97, Scale.LOGIT, "judgement: common-law courts take it as a business record, some others do not"
    )
    majors_share: float = parameter(
        0.45, "share", 0, 1, "M9 .3–.6", "hops before the last that lead to a large provider"
    ).plausible(0.3, 0.6, Scale.LOGIT, "M9: .3 to .6")
    image_share: float = parameter(
        0.25, "share", 0, 1, "M10 .1–.4", "last hops that need the image of a running server"
    ).plausible(0.1, 0.4, Scale.LOGIT, "M10: .1 to .4")
    provider_share: float = parameter(
        0.7, "share", 0.01, 0.99, "SIRIUS 2020: .66; Google, Apple 2021", "requests answered where the door is open"
    ).plausible(0.6, 0.8, Scale.LOGIT, "medians over states: Google .78, Apple .70; SIRIUS 2020 .66 to .68")
    gate_shut: float = parameter(
        0.42, "share", 0.01, 0.99, "Google to 2021: .35–.47", "states that get nothing where some do"
    ).plausible(0.3, 0.6, Scale.LOGIT, "of states that ask Google; most of those that never ask would get nothing")
    strict_open: float = parameter(
        0.1, "share", 0, 0.99, "judgement", "states that get subscriber data of a strict provider"
    ).plausible(0.02, 0.35, Scale.LOGIT, "judgement: published policies name treaties alone, practice knows exceptions")
    provider_pair_sigma: float = parameter(
        0.36, "log", 0, 2, "medians of EU states, second half of 2025", "spread of usual times over the states that ask"
    ).plausible(0.1, 0.8, Scale.LINEAR, ".14 over 9 states at Meta, .42 over 19 at TikTok; elsewhere judgement")
    provider_elasticity: float = parameter(
        0.5, "elasticity", 0, 2, "judgement", "longer answers with more requests for each person"
    ).plausible(0.1, 1, Scale.LINEAR, "judgement: portals sort most files; with none of that time follows work")
    provider_domestic: float = parameter(
        2.0, "logit", 0, 6, "M9 1.5–3", "more under an order of its own state"
    ).plausible(1.5, 3, Scale.LINEAR, "M9: 1.5 to 3")
    provider_binding: float = parameter(
        1.6, "logit", 0, 6, "M9 1–2.5", "more under a binding foreign instrument"
    ).plausible(1, 2.5, Scale.LINEAR, "M9: 1 to 2.5")
    provider_single_point: float = parameter(
        0.5, "logit", 0, 4, "M9 .3–1.5; SIRIUS", "more for a single point of contact"
    ).plausible(0.3, 1.5, Scale.LINEAR, "M9: .3 to 1.5")
    provider_traffic: float = parameter(0.6, "logit", 0, 4, "M9 .3–1.5", "less for traffic data").plausible(
        0.3, 1.5, Scale.LINEAR, "M9: .3 to 1.5"
    )
    binding_compliance: float = parameter(0.93, "share", 0, 1, "M9", "a binding order is obeyed in time").plausible(
        0.8, 0.99, Scale.LOGIT, "judgement: fines reach 2 % of turnover; small hosts and late answers remain"
    )


@dataclass
class ChannelParameters:
    """How an investigator chooses the way to ask (M4)."""

    success_value: float = parameter(8.0, "utility", 0, 20, "M4 v", "worth of a step of a case").plausible(
        4, 16, Scale.LOG, "judgement: an answer is worth three to ten years of waiting at the default cost"
    )
    delay_cost: float = parameter(0.12, "utility per month", 0, 2, "M4 w", "cost of waiting").plausible(
        0.04, 0.4, Scale.LOG, "judgement: a year of waiting weighs as much as a treaty's burden, or ten of it"
    )
    temperature: float = parameter(0.5, "utility", 0.05, 5, "M4 .2–1", "spread of choice").plausible(
        0.2, 1, Scale.LOG, "M4: .2 to 1"
    )
    awareness_half_days: float = parameter(
        700, "days", 0, 4000, "M4 1–3 years", "half know a new instrument"
    ).plausible(365, 1095, Scale.LOG, "M4: 1 to 3 years")
    experience_weight: float = parameter(
        0.05, "ratio", 0, 1, "M4; judgement", "weight of an answer to a colleague elsewhere, of what law foretells"
    ).plausible(0.02, 0.2, Scale.LOG, "judgement: 5 to 50 answers outweigh what law and relations foretell")
    own_experience: float = parameter(3.0, "ratio", 0, 20, "M4 1–8", "weight of an own answer, of that").plausible(
        1, 8, Scale.LOG, "M4: 1 to 8"
    )
    closed_asked: float = parameter(
        0.05, "share", 0, 1, "judgement", "hops for which a provider is asked that answers the state nothing"
    ).plausible(0.01, 0.2, Scale.LOGIT, "Turkey sends Google a tenth of what its like do; most know and do not ask")
    letters_cost: float = parameter(2.0, "utility", 0, 10, "M4", "burden of letters rogatory").plausible(
        1.2, 4, Scale.LOG, "judgement: most burdensome of all ways, since it passes courts and embassies"
    )
    treaty_cost: float = parameter(0.8, "utility", 0, 10, "M4", "burden of a treaty request").plausible(
        0.3, 1.6, Scale.LOG, "judgement: between a direct order and letters rogatory"
    )
    direct_cost: float = parameter(0.3, "utility", 0, 10, "M4", "burden of asking a judge or provider").plausible(
        0.05, 0.8, Scale.LOG, "judgement: a form, to a translated order with grounds"
    )
    police_first: float = parameter(0.6, "share", 0, 1, "M4, M8", "hops asked through police as well").plausible(
        0.3, 0.85, Scale.LOGIT, "T-CY 2014: police channels are used to avoid formal ones, without a share"
    )
