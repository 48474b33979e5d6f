"""Strength of proof in files, standards of proof, and courts' decisions (M2, M6, M8, M10).

Strength is a log-odds that grows with evidence in due form and is shown as a share. A group is proved by completed
trails; a control node or a core member by the trail that leads to it. What police informed of and what technical
analysis found identifies a target and proves nothing.

At home the unit's own gatekeeper reads a file before any court does, abroad the authority that is asked.
"""

import math

from sim.agents.assistance.authority import logistic
from sim.agents.cases import knows, lead_of, link_to
from sim.agents.events import Purpose
from sim.engine.compiling import Record, rule
from sim.engine.random import chance, uniform
from sim.law.vocabulary import Channel, DataKind
from sim.world.records import Abuse, RequestPurpose
from sim.world.world import World


@rule
def order_probability(world: World, state: int, data_kind: int, strength: float) -> float:
    """P(a court finally grants an order), given the file's strength (0–1) at the first reading (M2).

    Law must be in action, the reader of the file must find it enough once all questions are answered, and the court
    must agree.
    """
    setting = world.setting[0]
    enough = response_to_proof(world, state, data_kind, supplemented(setting, strength, setting.questions))
    return world.implementation[state] * enough * (1.0 - setting.court_refuses)


@rule
def supplemented(setting: Record, strength: float, times: float) -> float:
    """Strength (0–1) of a file after `times` supplements, each of which adds the same to its log-odds."""
    factor = math.exp(setting.supplement * times)
    return strength * factor / (1.0 - strength + strength * factor)


@rule
def response_to_proof(world: World, state: int, data_kind: int, strength: float) -> float:
    """P(a state accepts a file); one half if the file's strength equals that state's standard of proof."""
    return response_to_standard(world.setting[0], world.proof[state, data_kind], strength)


@rule
def response_to_standard(setting: Record, standard: float, strength: float) -> float:
    """P(a file is accepted); one half if the file's strength equals the standard of proof."""
    return logistic(setting.proof_steepness * (strength - standard))


@rule
def is_likely(setting: Record, response: float) -> bool:
    """True if a file whose probability of acceptance is `response` should be submitted."""
    return response >= setting.least_order


@rule
def is_worth_asking(world: World, state: int, data_kind: int, odds: float) -> bool:
    """True if the proof in a file is strong enough for a submission to a state."""
    return is_likely(world.setting[0], response_to_proof(world, state, data_kind, logistic(odds)))


@rule
def is_enough(world: World, request: Record) -> bool:
    """True if the deciding state finds the proof in a request sufficient today (M2).

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
    """True if the deciding state applies its law to this request; less likely with weak legal practice (M2)."""
    setting = world.setting[0]
    return uniform(setting.seed, Purpose.LAW_APPLIED, request.key, 0) < world.implementation[request.requested]


@rule
def court_differs(setting: Record, request: Record) -> bool:
    """True if a court rejects the proof in a file that earlier readers accepted."""
    return chance(setting.seed, Purpose.COURT_REFUSES, request.key, 0, setting.court_refuses)


@rule
def appeal_follows(setting: Record, request: Record) -> bool:
    """True if the person concerned appeals (random draw): only abroad, and against content or traffic data."""
    if request.channel == Channel.DOMESTIC:
        return False
    if request.data_kind != DataKind.CONTENT and request.data_kind != DataKind.TRAFFIC:
        return False
    return chance(setting.seed, Purpose.APPEAL, request.key, 0, setting.appeal_probability)


@rule
def gaps(chain: Record) -> int:
    """Number of steps in a chain of evidence that yielded no admissible evidence."""
    mask, number = chain.gaps, 0
    while mask > 0:
        number += mask & 1
        mask >>= 1
    return number


@rule
def trail_strength(world: World, lead_row: int, chain_row: int) -> float:
    """Log-odds of the proof for a data request, inside or outside a chain of evidence."""
    setting = world.setting[0]
    odds = setting.trail_strength + world.case[lead_row].proof
    if chain_row >= 0:
        odds -= setting.gap * gaps(world.chain[world.chain[chain_row].head])
    return odds


@rule
def concerns(node: Record, state: int) -> bool:
    """True if a control node, or its domain's registry, is in a state, which can then remove the node."""
    return node.state == state or node.registry == state


@rule
def search_strength(world: World, lead_row: int, state: int) -> float:
    """Log-odds of the proof for searches in a state, from the case and the best-proved node in that state."""
    group = world.group[world.case[lead_row].group]
    link = 0.0
    for row in range(group.first_node, group.first_node + group.nodes):
        if concerns(world.node[row], state) and knows(world, lead_row, row):
            link = max(link, link_to(world, lead_row, row))
    return world.setting[0].search_strength + world.case[lead_row].proof + link


@rule
def person_strength(world: World, lead_row: int, member: Record) -> float:
    """Log-odds of the proof that a core member took part in the group's offences."""
    return world.setting[0].search_strength + world.case[lead_row].proof + member.link


@rule
def shown(world: World, request: Record) -> float:
    """Strength (0–1) of the proof that a genuine request can show today."""
    lead_row = lead_of(world, request.case)
    if request.purpose == RequestPurpose.ACTION:
        return logistic(search_strength(world, lead_row, request.requested))
    return logistic(trail_strength(world, lead_row, request.chain))


@rule
def ends_in_evidence(chain: Record) -> bool:
    """True if the last answer in a completed chain of evidence is admissible as evidence."""
    return (chain.gaps >> (chain.hops - 1)) & 1 == 0


@rule
def proves(world: World, chain_row: int) -> float:
    """Log-odds with which a completed chain links its target to the group; 0 if it does not end in evidence."""
    chain, setting = world.chain[chain_row], world.setting[0]
    if not ends_in_evidence(chain):
        return 0.0
    return max(setting.link - setting.gap * gaps(chain), 0.0)


@rule
def add_proof(world: World, case_row: int, data_kind: int) -> None:
    """Adds new evidence to the proof in a case and its lead case; content data add most."""
    setting = world.setting[0]
    weight = setting.proof_content if data_kind == DataKind.CONTENT else setting.proof_records
    world.case[case_row].proof += weight
    lead_row = lead_of(world, case_row)
    if lead_row != case_row:
        world.case[lead_row].proof += weight


@rule
def is_stronger(odds: float, before: float) -> bool:
    """True if the proof in a file has become stronger since a court last read the file."""
    return math.isinf(before) or odds > before + 1.0e-9
