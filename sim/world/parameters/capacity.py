"""Uncertainties of people and their skill (M21), of leaks, secure channels and formats (M22, M9)."""

from dataclasses import dataclass

from sim.world.parameters.declaration import parameter

#: Days between two reviews of a state's people: a quarter.
REVIEW_DAYS = 91.3125


@dataclass
class CapacityParameters:
    """How skill is learnt and lost, and how posts fall vacant and are filled (M21)."""

    leaving: float = parameter(0.15, "per person-year", 0, 1, "M21 q .10–.25", "persons who leave a unit")
    new_hire_skill: float = parameter(0.2, "0–1", 0.01, 1, "M21 K₀", "skill of a person newly hired")
    hiring_months: float = parameter(15, "months", 0, 60, "M21 12–18 months", "median from open post to person at work")
    hiring_sigma: float = parameter(0.25, "log", 0, 2, "M21", "spread of hiring")
    skill_half_life_months: float = parameter(18, "months", 3, 120, "M21 t½ 12–24 months", "skill left unused halves")
    learning: float = parameter(0.035, "per year and log file", 0, 0.5, "M21 b .02–.05", "skill from files handled")
    training_gain: float = parameter(0.02, "share per day", 0, 0.2, "M21", "gap to full skill closed by a training day")
    working_days: float = parameter(220, "days a year", 150, 260, "8 h × 220 days", "days from which training is taken")
    throughput_skill: float = parameter(0.5, "log-log", 0, 2, "M21: throughput ∝ K^.5", "work done follows skill")
    specialist_decay: float = parameter(0.5, "ratio", 0, 1, "M21", "loss of skill left where units do nothing else")


@dataclass
class SecurityParameters:
    """Who leaks, what secure channels and shared formats change (M22, M9)."""

    leak_corrupt: float = parameter(
        10, "ratio", 1, 40, "M22: corrupt or state-linked ×5–20", "leaks of the worst governed tier, of the best's"
    )
    leak_home: float = parameter(2, "ratio", 1, 20, "M22", "leaks of the state in which the group lives, of another's")
    leak_request: float = parameter(
        0.3, "ratio", 0, 1, "M22", "exposure by having been asked, of that by taking part in the action"
    )
    leak_protected: float = parameter(0.4, "ratio", 0, 1, "M22", "exposure left where all went by secure channels")
    exclusion_unprotected: float = parameter(
        0.02, "share", 0, 1, "M22, M8", "evidence excluded because it travelled unprotected"
    )
    adoption_half_years: float = parameter(4, "years", 0, 20, "M22: adoption 3–8 years", "half of a programme's states")
    adoption_order: float = parameter(0.7, "share", 0, 1, "M22", "how far the better governed adopt first")
    structured_deficiency: float = parameter(
        0.3, "per adoption", 0, 2, "M22: structured data lowers p_def", "fewer returns where both sides use the format"
    )
    structured_format: float = parameter(0.8, "share", 0, 1, "M9", "format loops avoided where both use the format")
    decryption_touch: float = parameter(3, "ratio", 1, 20, "M9", "laboratory work on what must be decrypted first")
