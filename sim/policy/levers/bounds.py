"""Levers that take friction out of the model: bounds of what reforms can reach, not reforms."""

from sim.policy.lever import YES_OR_NO, Limits, OwnStage, Quantity, Target, WorldLever
from sim.policy.levers.shared import Setting

_COST = "none; a bound, not a reform"
_SOURCE = "the modellers: frictionless"

LEVERS = (
    WorldLever(
        "friction.refusal",
        "Refusals, of today's",
        Quantity.SHARE,
        Target.WORLD,
        limits=Limits(0, 1, neutral=1),
        acts_on="setting.refusal_scale",
        writes=Setting("refusal_scale"),
        stage=OwnStage("refused_share", rises=True),
        cost=_COST,
        charges=None,
        source=_SOURCE,
    ),
    WorldLever(
        "friction.silence",
        "Requests that are never answered, of today's",
        Quantity.SHARE,
        Target.WORLD,
        limits=Limits(0, 1, neutral=1),
        acts_on="setting.silence_scale",
        writes=Setting("silence_scale"),
        stage=OwnStage("silence_share", rises=True),
        cost=_COST,
        charges=None,
        source=_SOURCE,
    ),
    WorldLever(
        "friction.instant_stages",
        "Each stage of a request takes one day",
        Quantity.SWITCH,
        Target.WORLD,
        acts_on="setting.instant_stages",
        writes=Setting("instant_stages"),
        stage=YES_OR_NO,
        cost=_COST,
        charges=None,
        source=_SOURCE,
    ),
)
