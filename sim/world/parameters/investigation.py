"""Uncertainties of cases, of action, and of what becomes of members and money (M11–M14)."""

from dataclasses import dataclass

from sim.law.vocabulary import EvidenceTag
from sim.world.parameters.declaration import parameter


@dataclass
class CaseParameters:
    """Opening, work and attrition of cases (M11), matching (M12), teams and the action day (M13)."""

    reports_per_year: float = parameter(5, "per group-year", 0, 50, "M11", "reports that could open a case")
    open_threshold: float = parameter(0.2, "score", -3, 5, "M11 θ", "score needed with idle investigators")
    load_threshold: float = parameter(2.5, "score", 0, 10, "M11 θ(capacity)", "rise of the threshold when all are busy")
    case_slots: float = parameter(300, "cases", 10, 5000, "M11", "cases all agencies can work on together")
    attrition_per_year: float = parameter(0.1, "per year", 0, 1, "M11 α .05–.2", "case dropped")
    chains: float = parameter(3, "chains", 1, 12, "decisions.md", "leads followed at once")
    chains_most: float = parameter(6, "chains", 1, 24, "decisions.md", "live chains when leads are doubled")
    analysis_days: float = parameter(20, "days", 0, 120, "decisions.md", "analysis between hops")
    analysis_sigma: float = parameter(0.4, "log", 0, 2, "decisions.md", "spread")
    reopening_days: float = parameter(45, "days", 0, 200, "decisions.md", "fresh evidence after a lost hop")
    impatience_days: float = parameter(180, "days", 10, 1000, "decisions.md", "unanswered lead is doubled")
    tracking: float = parameter(0.5, "share", 0, 1, "M11", "a known node that moves unalarmed is followed")
    seen_at_opening: float = parameter(0.2, "share", 0, 1, "M11", "control nodes that technical analysis shows at once")
    technical_discovery: float = parameter(0.25, "per node-year", 0, 5, "M11", "control nodes found by analysis")
    reveal: float = parameter(0.55, "share", 0, 1, "M11", "other control nodes seen from one")
    review_interval_days: float = parameter(30, "days", 5, 180, "M13", "time between reviews of a case")
    match_none: float = parameter(0.002, "per indicator-month", 0, 1, "M12 κ", "match without a common body")
    match_interpol: float = parameter(0.01, "per indicator-month", 0, 1, "M12 κ", "match through INTERPOL")
    match_europol: float = parameter(0.05, "per indicator-month", 0, 1, "M12 κ", "match through Europol")
    match_jcat: float = parameter(0.1, "per indicator-month", 0, 1, "M12 κ", "match in J-CAT")
    sharing: float = parameter(0.6, "share", 0, 1, "M12 σ", "indicators that a unit shares with a close state")
    team_threshold: float = parameter(0.5, "0–1", 0, 1, "M13 θ .5–.7", "least trust for a joint team")
    team_per_month: float = parameter(0.08, "per month", 0, 1, "M13", "a team is proposed where it could be")
    team_setup_days: float = parameter(90, "days", 0, 400, "M13 30–180", "median set-up of a team")
    team_setup_sigma: float = parameter(0.6, "log", 0, 2, "M13", "spread")
    readiness_days: float = parameter(180, "days", 1, 1000, "M13", "median readiness of a state")
    readiness_sigma: float = parameter(0.8, "log", 0, 2, "M13", "spread")
    kill_ready: float = parameter(0.94, "share", 0, 1, "decisions.md; TrickBot 120 of 128", "node known, state ready")
    kill_unready: float = parameter(0.15, "share", 0, 1, "decisions.md", "node known, state not ready")
    kill_unknown: float = parameter(0.3, "share", 0, 1, "decisions.md", "node unknown")
    least_coverage: float = parameter(0.5, "share", 0, 1, "M13 cov", "known nodes before action is weighed")
    least_kill: float = parameter(0.05, "share", 0, 1, "M13", "least chance of success worth an action")
    horizon_days: float = parameter(720, "days", 30, 4000, "M13", "harm that a takedown is expected to avert")
    longest_preparation_days: float = parameter(600, "days", 60, 3000, "JIT life 12–24 months", "then act anyway")
    leak_per_year: float = parameter(
        0.003, "per recipient-year", 0, 0.5, "M22 .1–2 %", "leak of a well-governed state that takes part in a case"
    )


@dataclass
class CustodyParameters:
    """From identification to conviction, and the money (M14)."""

    arrest: float = parameter(0.5, "share", 0, 1, "M14", "identified member arrested on the day, cooperating state")
    travel_per_year: float = parameter(0.08, "per year", 0, 1, "M14 ν 0–.15", "travel into a state that would arrest")
    travel_detection: float = parameter(0.4, "share", 0, 1, "M14 .2–.6", "traveller recognised by a notice")
    travel_indicted: float = parameter(0.5, "ratio", 0, 1, "M14", "travel left after a public indictment")
    warrant_consent: float = parameter(
        0.54,
        "share",
        0,
        1,
        "EC, EAW statistics 2019 (recalled)",
        "surrender by consent under an arrest warrant",
        EvidenceTag.RECALLED,
    )
    warrant_consent_days: float = parameter(
        15, "days", 1, 90, "M14: EAW 2017", "surrender time with consent", EvidenceTag.VERIFIED
    )
    warrant_days: float = parameter(40, "days", 1, 200, "M14: EAW 2017", "without", EvidenceTag.VERIFIED)
    extradition_days: float = parameter(300, "days", 30, 3000, "M14: UK about 10 months", "median extradition")
    extradition_sigma: float = parameter(0.8, "log", 0, 2, "M14: contested 1–10 years", "spread")
    prosecute_instead: float = parameter(0.15, "share", 0, 1, "M14 .05–.3", "tried at home where surrender is refused")
    trial_days: float = parameter(600, "days", 60, 2000, "M14 12–30 months", "median from custody to judgment")
    trial_sigma: float = parameter(0.4, "log", 0, 2, "M14", "spread")
    conviction: float = parameter(0.88, "share", 0, 1, "M14 .8–.95", "convicted when evidence is complete")
    trial_evidence: float = parameter(6, "items", 1, 40, "M14", "admissible items that make evidence complete")
    assets_traced: float = parameter(0.2, "share", 0, 1, "M14", "actions in which assets are traced")
    assets_frozen: float = parameter(0.5, "share", 0, 1, "M14", "traced assets frozen before they move")
    assets_confiscated: float = parameter(0.5, "share", 0, 1, "Europol 2016: 2 % frozen, 1 % confiscated", "of frozen")
    assets_days: float = parameter(180, "days", 0, 2000, "M14", "days of proceeds that a group keeps in reach")
    assets_decision_days: float = parameter(700, "days", 30, 3000, "M14", "median time to a confiscation order")
