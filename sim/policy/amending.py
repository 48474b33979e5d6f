"""How each lever of the law becomes amendments."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from sim.law.amendments import (
    AdoptOffences,
    Amendment,
    BringIntoForce,
    CloseChannels,
    Conclude,
    DriftAffinity,
    GrantPowers,
    Join,
    RemoveDataConflict,
    ReviseTerms,
    ShiftAffinity,
)
from sim.law.vocabulary import CORE_OFFENCES, Channel, DataKind, Offence
from sim.policy.levers import DRIFT
from sim.policy.terms import FIELDS
from sim.policy.units import Value


@dataclass(frozen=True)
class Selected:
    """A lever of the law at one value on one day, with its selection resolved.

    Attributes:
        value: in the lever's unit.
        on: the day.
        states: states it applies to.
        requesting: requesting side of the pairs it applies to.
        requested: requested side.
        both_ways: the same with the sides exchanged.
        everywhere: all pairs.
        offences: offences that it is about; empty for all core offences.
        instrument: entry of terms.yaml that it is about.
        kinds: data kinds that it is about, for terms that differ by kind.
        seed: run seed, for what nobody decides.
        kept: share of a shock to politics that is left a year later.
    """

    value: Value
    on: date
    states: tuple[str, ...]
    requesting: tuple[str, ...]
    requested: tuple[str, ...]
    both_ways: bool
    everywhere: bool
    offences: tuple[Offence, ...] = ()
    instrument: str = ""
    kinds: tuple[DataKind, ...] = ()
    seed: int = 0
    kept: float = 0.0

    @property
    def number(self) -> float:
        """The value of a lever that is a number or a switch."""
        if isinstance(self.value, float):
            return self.value
        raise TypeError(self.value)

    @property
    def words(self) -> tuple[str, ...]:
        """The value of a lever that is a list of words."""
        if isinstance(self.value, tuple):
            return self.value
        raise TypeError(self.value)

    def blocks(self) -> tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]:
        """Requesting and requested states of the selected pairs, in blocks that do not overlap."""
        asking, asked = self.requesting, self.requested
        if not self.both_ways:
            return ((asking, asked),)
        only_asked = tuple(state for state in asked if state not in asking)
        both = tuple(state for state in asked if state in asking)
        only_asking = tuple(state for state in asking if state not in asked)
        blocks = ((asking, asked), (only_asked, asking), (both, only_asking))
        return tuple(block for block in blocks if all(block))


def _adopt(chosen: Selected) -> tuple[Amendment, ...]:
    return (AdoptOffences(chosen.states, chosen.offences or CORE_OFFENCES, chosen.number, chosen.on),)


def _grant(chosen: Selected) -> tuple[Amendment, ...]:
    kinds = tuple(DataKind[word.upper()] for word in chosen.words)
    return (GrantPowers(chosen.states, kinds, chosen.on),)


def _join(chosen: Selected) -> tuple[Amendment, ...]:
    return (Join(chosen.states, str(chosen.value), chosen.on),)


def _bring_into_force(chosen: Selected) -> tuple[Amendment, ...]:
    return (BringIntoForce(str(chosen.value), chosen.on),)


def _conclude(chosen: Selected) -> tuple[Amendment, ...]:
    pairs = {(min(a, b), max(a, b)) for a in chosen.requesting for b in chosen.requested if a != b}
    return (Conclude(tuple(sorted(pairs)), str(chosen.value), chosen.on),)


def _close(chosen: Selected) -> tuple[Amendment, ...]:
    channels = tuple(Channel[word.upper()] for word in chosen.words)
    if chosen.everywhere:
        return (CloseChannels(channels, chosen.on),)
    return tuple(CloseChannels(channels, chosen.on, *sides) for sides in chosen.blocks())


def _remove_conflict(chosen: Selected) -> tuple[Amendment, ...]:
    if not chosen.number:
        return ()
    return tuple(RemoveDataConflict(*sides, chosen.on) for sides in chosen.blocks())


def _shift_affinity(chosen: Selected) -> tuple[Amendment, ...]:
    return tuple(ShiftAffinity(*sides, chosen.number, chosen.on) for sides in chosen.blocks())


def _drift(chosen: Selected) -> tuple[Amendment, ...]:
    return (DriftAffinity(chosen.seed, chosen.number, chosen.kept, chosen.on),)


def _revise(lever: str) -> Callable[[Selected], tuple[Amendment, ...]]:
    """Revises the term of an instrument that a lever is about."""

    def rule(chosen: Selected) -> tuple[Amendment, ...]:
        """From its day on."""
        return (ReviseTerms(chosen.instrument, FIELDS[lever], chosen.kinds, chosen.number, chosen.on),)

    return rule


#: Levers that change the law; all others change the world (sim/policy/apply.py).
AMENDING: Mapping[str, Callable[[Selected], tuple[Amendment, ...]]] = MappingProxyType(
    {
        "law.core_offences": _adopt,
        "law.powers": _grant,
        "law.join": _join,
        "law.conclude": _conclude,
        "law.in_force": _bring_into_force,
        "law.data_conflict_removed": _remove_conflict,
        "channels.closed": _close,
        "politics.affinity_shift": _shift_affinity,
        DRIFT: _drift,
        **{name: _revise(name) for name in FIELDS},
    }
)
