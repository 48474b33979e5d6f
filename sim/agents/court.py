"""Courts: the standard of proof and appeals (M2, M6)."""

from sim.agents.authority import logistic
from sim.agents.events import Purpose
from sim.engine.compiling import Record, rule
from sim.engine.random import chance, uniform
from sim.law.vocabulary import Channel, DataKind


@rule
def order_probability(setting: Record, strength: float, standard: float, implementation: float) -> float:
    """P(order) = law in action × response to evidence shown against the standard of proof (M2)."""
    return implementation * logistic(setting.proof_steepness * (strength - standard))


@rule
def order_granted(setting: Record, request: Record, standard: float, implementation: float) -> bool:
    """Whether the court makes the order. Own courts have no foreign file to doubt."""
    if setting.refusal_scale == 0.0 or request.channel == Channel.DOMESTIC:
        return True
    probability = order_probability(setting, request.strength, standard, implementation)
    return uniform(setting.seed, Purpose.ORDER, request.key, request.loops) < probability


@rule
def appeal_follows(setting: Record, request: Record) -> bool:
    """Whether the person affected appeals; only measures that are notified can be appealed."""
    if setting.instant_stages > 0.0 or request.channel == Channel.DOMESTIC:
        return False
    if request.data_kind != DataKind.CONTENT and request.data_kind != DataKind.TRAFFIC:
        return False
    return chance(setting.seed, Purpose.APPEAL, request.key, 0, setting.appeal_probability)
