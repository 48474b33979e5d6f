"""Tests of whether an act is an offence, by conduct and not by label (M1; Budapest Convention art. 25(5)).

A deed is a bit mask. Bits 0 to 7 are the offences that the conduct may be, by `Offence`; from bit 8 on stand the
elements that its facts fulfil, coded as in `LawArrays.elements`.
"""

from sim.agents.assistance.authority import dual_criminality, tests_dual_criminality
from sim.engine.compiling import Key, Record, rule
from sim.law.vocabulary import Offence
from sim.world.world import World

_OFFENCES = len(Offence)
_FACTS = 8  # bit of the first element


@rule
def as_deed(conducts: Key, facts: Key) -> Key:
    """Packs a deed into one number, from a bit mask of possible offences and one of fulfilled elements."""
    return conducts | (facts << _FACTS)


@rule
def deed_of(world: World, group_row: int) -> Key:
    """Deed of a group as one number (see `as_deed`)."""
    group = world.group[group_row]
    return as_deed(world.conducts[group.kind], group.facts)


@rule
def is_offence(world: World, state: int, deed: Key, exempt: int, years: float) -> bool:
    """True if a deed is an offence in a state today, with every required element and enough penalty (M1).

    `years` is the least maximum penalty, which does not bind the offences of the mask `exempt`.
    """
    for offence in range(_OFFENCES):
        if (deed >> offence) & 1 == 0:
            continue
        least = 0.0 if (exempt >> offence) & 1 == 1 else years
        covered, penalty = world.offence[state, offence], world.penalty_years[state, offence]
        if dual_criminality(covered, penalty, world.elements[state, offence], least, deed >> _FACTS):
            return True
    return False


@rule
def is_offence_there(world: World, request: Record) -> bool:
    """True if the deed in a request is an offence in the requested state today (M1).

    Some instruments ask for a least penalty on both sides, others in the requesting state alone.
    """
    years, exempt = 0.0, 0
    if request.instrument >= 0:
        terms = world.terms[request.instrument]
        if terms.penalty_both == 1 and (int(terms.penalty_kinds) >> request.data_kind) & 1 == 1:
            years, exempt = terms.penalty_years, int(terms.exempt_offences)
    return is_offence(world, request.requested, request.deed, exempt, years)


@rule
def is_tested(world: World, terms: Record, requesting: int, data_kind: int, deed: Key) -> bool:
    """True if the requested state may require that the deed is an offence there."""
    listed = is_offence(world, requesting, deed, 0, terms.listed_penalty_years)
    return tests_dual_criminality(terms, data_kind, listed)
