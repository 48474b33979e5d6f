"""Levers on people, skill, secure channels and formats (M21, M22, M9)."""

from sim.law.vocabulary import EvidenceTag
from sim.policy.lever import Lever, Quantity, Target

_TRAINING_COST = "1,000 to 3,000 euros a person-week (M24), every year anew; trained days are missing at the desk"


def _training(name: str, whom: str, unit: str) -> Lever:
    """Training of one kind of unit."""
    return Lever(
        name,
        f"Training of {whom}, days a person and year on top of today's",
        Quantity.DAYS,
        0,
        120,
        0,
        Target.STATES,
        f"training_days of {unit}",
        _TRAINING_COST,
        "M21; skill gained decays with a half-life of 12 to 24 months and leaves with those who leave",
    )


CAPACITY_LEVERS = (
    Lever(
        "agency.investigators",
        "Posts for investigators of cybercrime",
        Quantity.RATIO,
        0,
        20,
        1,
        Target.STATES,
        "posts of investigation units; filled in 12 to 18 months, by people who must learn",
        "60,000 to 120,000 euros an investigator and year (judgement)",
        "M11, M21; HMICFRS 2019",
    ),
    Lever(
        "agency.specialised",
        "Share of investigators of cybercrime who work in a dedicated unit and do nothing else",
        Quantity.SHARE,
        0,
        1,
        0,
        Target.STATES,
        "specialised of investigation units: skill that is used every day is forgotten more slowly",
        "reorganisation; investigators missing elsewhere",
        "M11, M21",
        needs="people who come, forget and leave (uncertainty.mechanism.with_turnover)",
    ),
    _training("agency.training", "investigators", "investigation units"),
    _training("central_authority.training", "central authorities", "outgoing and incoming desks"),
    _training("court.training", "courts that order execution", "court desks"),
    _training("forensic.training", "forensic examiners", "laboratories"),
    Lever(
        "secure_channel.adoption",
        "Share of the selected states that a programme for one secure channel reaches, best governed first",
        Quantity.SHARE,
        0,
        1,
        0,
        Target.STATES,
        "programme_since of states; each adopts in its own time (half within 4 years), a pair is secure once both have",
        "2 to 20 million euros a system (M24), at both ends",
        "M22: adoption takes 3 to 8 years",
        needs="both ends of a pair: selecting one state alone makes no pair secure",
    ),
    Lever(
        "request.structured",
        "Share of a state's requests and answers in one structured format",
        Quantity.SHARE,
        0,
        1,
        0,
        Target.STATES,
        "structured of states; acts where both ends use it",
        "conversion of case systems at both ends",
        "M22, M9; Europol 2023: 21 % of SIENA messages are structured",
        EvidenceTag.RECALLED,
        needs="both ends of a pair: a format that one side alone uses changes nothing",
    ),
    Lever(
        "forensic.decryption",
        "Share of encrypted content that laboratories can open, at three times the work",
        Quantity.SHARE,
        0,
        1,
        0,
        Target.STATES,
        "decryption of the requesting state",
        "equipment, shared platforms and examiners' time",
        "M9: .05 to .3 of content cannot be read",
    ),
)
