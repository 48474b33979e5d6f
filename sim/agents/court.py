"""Courts: the standard of proof and appeals (M2, M6)."""

from sim.agents.authority import logistic
from sim.agents.events import Purpose
from sim.agents.proof import shown
from sim.engine.compiling import Record, rule
from sim.engine.random import chance, uniform
from sim.law.vocabulary import Channel, DataKind
from sim.world.records import Abuse, RequestPurpose
from sim.world.world import World


@rule
def order_probability(world: World, state: int, data_kind: int, strength: float) -> float:
    """P(order) = law in action × response to the strength shown against the state's standard of proof (M2)."""
    if world.setting[0].refusal_scale == 0.0:
        return 1.0
    return world.implementation[state] * response_to_proof(world, state, data_kind, strength)


@rule
def response_to_proof(world: World, state: int, data_kind: int, strength: float) -> float:
    """P(a court that applies its law finds the strength shown enough): one half at its standard of proof."""
    return response_to_standard(world.setting[0], world.proof[state, data_kind], strength)


@rule
def response_to_standard(setting: Record, standard: float, strength: float) -> float:
    """P(the strength shown is found enough), 0–1: one half at the standard of proof."""
    return logistic(setting.proof_steepness * (strength - standard))


@rule
def is_likely(setting: Record, response: float) -> bool:
    """Whether a unit asks a court that would find the proof enough with such a probability."""
    return response >= setting.least_order


@rule
def is_worth_asking(world: World, state: int, data_kind: int, odds: float) -> bool:
    """Whether a unit takes its file to a court: it judges the proof as the court would."""
    setting = world.setting[0]
    if setting.refusal_scale == 0.0:
        return True
    return is_likely(setting, response_to_proof(world, state, data_kind, logistic(odds)))


@rule
def order_granted(world: World, request: Record) -> bool:
    """Whether the court of the requested state, which may be the unit's own, makes the order on what it is shown.

    A court that is asked for data may see it otherwise once the request was supplemented. A court that has refused an
    action finds otherwise only of a stronger file: whether the proof is enough is drawn once for each state of a case,
    whether its law is applied again for each request.
    """
    setting = world.setting[0]
    if request.abusive == Abuse.NONE:
        request.strength = shown(world, request)
    if request.purpose != RequestPurpose.ACTION:
        probability = order_probability(world, request.requested, request.data_kind, request.strength)
        return uniform(setting.seed, Purpose.ORDER, request.key, request.loops) < probability
    if setting.refusal_scale == 0.0:
        return True
    if uniform(setting.seed, Purpose.LAW_APPLIED, request.key, 0) >= world.implementation[request.requested]:
        return False
    enough = response_to_proof(world, request.requested, request.data_kind, request.strength)
    return uniform(setting.seed, Purpose.ORDER, world.partner[request.partner].key, 0) < enough


@rule
def appeal_follows(setting: Record, request: Record) -> bool:
    """Whether the person affected appeals; only measures that are notified can be appealed."""
    if setting.instant_stages > 0.0 or request.channel == Channel.DOMESTIC:
        return False
    if request.data_kind != DataKind.CONTENT and request.data_kind != DataKind.TRAFFIC:
        return False
    return chance(setting.seed, Purpose.APPEAL, request.key, 0, setting.appeal_probability)
