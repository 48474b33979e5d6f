"""Uncertainties of people and their skill (M21), of leaks, secure channels and formats (M22, M9)."""

from dataclasses import dataclass

from sim.world.parameters.declaration import Scale, parameter

#: Days between two reviews of a state's people: a quarter.
REVIEW_DAYS = 91.3125


@dataclass
class CapacityParameters:
    """How skill is learnt and lost, and how posts fall vacant and are filled (M21)."""

    leaving: float = parameter(0.15, "per person-year", 0, 1, "M21 q .10–.25", "persons who leave a unit").plausible(
        0.1, 0.25, Scale.LINEAR, "M21: .10 to .25"
    )
    new_hire_skill: float = parameter(0.2, "0–1", 0.01, 1, "M21 K₀", "skill of a person newly hired").plausible(
        0.1, 0.4, Scale.LOGIT, "M21 has .2; some are hired from the trade, some from patrol"
    )
    hiring_months: float = parameter(
        15, "months", 0, 60, "M21 12–18 months", "median from open post to person at work"
    ).plausible(12, 18, Scale.LINEAR, "M21: 12 to 18")
    hiring_sigma: float = parameter(0.25, "log", 0, 2, "M21", "spread of hiring").plausible(
        0.1, 0.5, Scale.LINEAR, "12 to 18 months as the middle 80 % gives .16; states differ more"
    )
    skill_half_life_months: float = parameter(
        18, "months", 3, 120, "M21 t½ 12–24 months", "skill left unused halves"
    ).plausible(12, 24, Scale.LINEAR, "M21: 12 to 24")
    learning: float = parameter(
        0.035, "per year and log file", 0, 0.5, "M21 b .02–.05", "skill from files handled"
    ).plausible(0.02, 0.05, Scale.LINEAR, "M21: .02 to .05")
    training_gain: float = parameter(
        0.02, "share per day", 0, 0.2, "M21", "gap to full skill closed by a training day"
    ).plausible(0.005, 0.05, Scale.LOG, "judgement: two weeks of courses close 5 to 40 % of the gap")
    working_days: float = parameter(
        220, "days a year", 150, 260, "8 h × 220 days", "days from which training is taken"
    ).plausible(200, 230, Scale.LINEAR, "five-day weeks less leave and holidays, which differ by state")
    throughput_skill: float = parameter(
        0.5, "log-log", 0, 2, "M21: throughput ∝ K^.5", "work done follows skill"
    ).plausible(0.3, 0.8, Scale.LINEAR, "M21 has .5; half of skill does 57 to 81 % of the work")
    specialist_decay: float = parameter(
        0.5, "ratio", 0, 1, "M21", "loss of skill left where units do nothing else"
    ).plausible(0.2, 0.8, Scale.LINEAR, "judgement: daily practice keeps skill alive, but methods age")


@dataclass
class SecurityParameters:
    """Who leaks, what secure channels and shared formats change (M22, M9)."""

    leak_corrupt: float = parameter(
        10, "ratio", 1, 40, "M22: corrupt or state-linked ×5–20", "leaks of the worst governed tier, of the best's"
    ).plausible(5, 20, Scale.LOG, "M22: 5 to 20")
    leak_home: float = parameter(
        2, "ratio", 1, 20, "M22", "leaks of the state in which the group lives, of another's"
    ).plausible(1, 6, Scale.LOG, "judgement: local ties may not matter, or as much as corruption at its least (M22: 5)")
    leak_request: float = parameter(
        0.3, "ratio", 0, 1, "M22", "exposure by having been asked, of that by taking part in the action"
    ).plausible(0.1, 0.7, Scale.LOGIT, "judgement: a request shows less than an action, but often the target")
    leak_protected: float = parameter(
        0.4, "ratio", 0, 1, "M22", "exposure left where all went by secure channels"
    ).plausible(0.15, 0.8, Scale.LOGIT, "judgement: channels stop interception, not insiders (Moldova 2024)")
    exclusion_unprotected: float = parameter(
        0.02, "share", 0, 1, "M22, M8", "evidence excluded because it travelled unprotected"
    ).plausible(0.003, 0.08, Scale.LOG, "judgement: challenges to the chain of custody succeed seldom")
    adoption_half_years: float = parameter(
        4, "years", 0, 20, "M22: adoption 3–8 years", "half of a programme's states"
    ).plausible(3, 8, Scale.LOG, "M22: adoption takes 3 to 8 years")
    adoption_order: float = parameter(0.7, "share", 0, 1, "M22", "how far the better governed adopt first").plausible(
        0.4, 0.95, Scale.LINEAR, "judgement: the well governed come first, with exceptions"
    )
    structured_deficiency: float = parameter(
        0.3, "per adoption", 0, 2, "M22: structured data lowers p_def", "fewer returns where both sides use the format"
    ).plausible(0.05, 0.6, Scale.LINEAR, "judgement: at least a little, at most more than a template saves (M7)")
    structured_format: float = parameter(
        0.8, "share", 0, 1, "M9", "format loops avoided where both use the format"
    ).plausible(0.5, 0.97, Scale.LOGIT, "judgement: what the format is for; versions still differ")
    decryption_touch: float = parameter(
        3, "ratio", 1, 20, "M9", "laboratory work on what must be decrypted first"
    ).plausible(1.5, 10, Scale.LOG, "judgement: a known password, to weeks of machine time watched by an expert")
