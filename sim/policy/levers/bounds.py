"""Levers that take friction between states out of the model: bounds of what reforms can reach, not reforms.

They leave proof, courts and laboratories at home, and what a person can plead, as they are: a judge still judges.
"""

from sim.policy.lever import Limits, OwnStage, Quantity, Target, WorldLever
from sim.policy.levers.shared import Setting


def _bound(name: str, title: str, field: str, stage: OwnStage, neutral: int) -> WorldLever:
    """A lever from today's world to one without a friction, as a share."""
    return WorldLever(
        f"friction.{name}",
        title,
        Quantity.SHARE,
        Target.WORLD,
        limits=Limits(0, 1, neutral=neutral),
        acts_on=f"setting.{field}",
        writes=Setting(field),
        stage=stage,
        cost="none; a bound, not a reform",
        charges=None,
        source="the modellers: full_cooperation",
    )


LEVERS = (
    _bound(
        "foreign_refusal",
        "Grounds on which states and providers abroad refuse, of today's: law, politics, data protection, trust",
        "foreign_refusal",
        OwnStage("refused_share", rises=True),
        1,
    ),
    _bound(
        "silence",
        "Requests that are never answered, of today's",
        "silence_scale",
        OwnStage("silence_share", rises=True),
        1,
    ),
    _bound(
        "instant_courts",
        "Share of court orders and appeals abroad that take one day",
        "instant_courts",
        OwnStage("turnaround_median", rises=False),
        0,
    ),
    _bound(
        "instant_providers",
        "Share of answers of providers abroad that take one day",
        "instant_providers",
        OwnStage("provider_median", rises=False),
        0,
    ),
    _bound(
        "instant_authorities",
        "Share of steps of authorities, police, 24/7 points and bodies abroad that take one day each",
        "instant_authorities",
        OwnStage("turnaround_median", rises=False),
        0,
    ),
)
