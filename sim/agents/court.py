"""The standard of proof, where a file is read and in court, and appeals (M2, M6).

At home the unit's own gatekeeper reads a file before any court does, abroad the authority that is asked.
"""

import math

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
    """P(order in the end) on a file that shows a strength, 0–1, at its first reading (M2).

    Law must be in action, the reader of the file must find it enough once all questions are answered, and the court
    must agree.
    """
    setting = world.setting[0]
    enough = response_to_proof(world, state, data_kind, supplemented(setting, strength, setting.questions))
    return world.implementation[state] * enough * (1.0 - setting.court_refuses)


@rule
def supplemented(setting: Record, strength: float, times: float) -> float:
    """Strength, 0–1, of a file that has been supplemented some times: each adds the same to its log-odds."""
    factor = math.exp(setting.supplement * times)
    return strength * factor / (1.0 - strength + strength * factor)


@rule
def response_to_proof(world: World, state: int, data_kind: int, strength: float) -> float:
    """P(a reader in a state finds the strength shown enough): one half at the state's standard of proof."""
    return response_to_standard(world.setting[0], world.proof[state, data_kind], strength)


@rule
def response_to_standard(setting: Record, standard: float, strength: float) -> float:
    """P(the strength shown is found enough), 0–1: one half at the standard of proof."""
    return logistic(setting.proof_steepness * (strength - standard))


@rule
def is_likely(setting: Record, response: float) -> bool:
    """Whether a unit hands in a file that would be found enough at once with such a probability."""
    return response >= setting.least_order


@rule
def is_worth_asking(world: World, state: int, data_kind: int, odds: float) -> bool:
    """Whether a file is ready, by the standard of a state: until then it stays with the unit."""
    return is_likely(world.setting[0], response_to_proof(world, state, data_kind, logistic(odds)))


@rule
def is_enough(world: World, request: Record) -> bool:
    """Whether the reader of the file, in the state that decides, finds it enough today (M2).

    A reader has one opinion of a request, and of all that a case asks a state to do, so that only a stronger file
    passes where another failed. A supplement makes a genuine file stronger; a pretext has nothing to add.
    """
    setting, key = world.setting[0], request.key
    if request.abusive == Abuse.NONE:
        request.strength = supplemented(setting, shown(world, request), min(request.loops, setting.questions))
    if request.purpose == RequestPurpose.ACTION:
        key = world.partner[request.partner].key
    enough = response_to_proof(world, request.requested, request.data_kind, request.strength)
    return uniform(setting.seed, Purpose.ORDER, key, 0) < enough


@rule
def applies_law(world: World, request: Record) -> bool:
    """Whether the state that decides applies its own law to this request: law in action (M2)."""
    setting = world.setting[0]
    return uniform(setting.seed, Purpose.LAW_APPLIED, request.key, 0) < world.implementation[request.requested]


@rule
def court_differs(setting: Record, request: Record) -> bool:
    """Whether the court finds a file too weak that its readers let pass."""
    return chance(setting.seed, Purpose.COURT_REFUSES, request.key, 0, setting.court_refuses)


@rule
def appeal_follows(setting: Record, request: Record) -> bool:
    """Whether the person affected appeals; only measures that are notified can be appealed."""
    if request.channel == Channel.DOMESTIC:
        return False
    if request.data_kind != DataKind.CONTENT and request.data_kind != DataKind.TRAFFIC:
        return False
    return chance(setting.seed, Purpose.APPEAL, request.key, 0, setting.appeal_probability)
