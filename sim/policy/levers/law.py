"""Levers on law and politics: offences, powers, treaties and their terms, channels, affinity (M1, M2, M3, M5, M6)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

import numpy as np

from sim.data.costs import Payer, wage_level
from sim.law.amendments import (
    AdoptOffences,
    Amendment,
    BringIntoForce,
    CloseChannels,
    Conclude,
    DriftAffinity,
    GrantPowers,
    Join,
    Ratify,
    RemoveDataConflict,
    ReviseTerms,
    SetImplementation,
    ShiftAffinity,
    Terminate,
)
from sim.law.candidates import candidates
from sim.law.order import legal_order
from sim.law.vocabulary import CORE_OFFENCES, EVIDENCE_CHANNELS, Channel, DataKind
from sim.policy.lever import Course, Selected
from sim.policy.levers.shared import free, law_lever
from sim.policy.places import load_atlas, mask_of
from sim.policy.spending import SpendingLedger
from sim.policy.timeline import Floats
from sim.world.parameters import WorldSpec

#: Channels that a policy can close: all but a state's own procedure.
CLOSABLE = tuple(channel.name.lower() for channel in Channel if channel is not Channel.DOMESTIC)
#: Treaties whose Parties must keep a point of contact that can be reached day and night.
_WITH_CONTACT_POINT = ("budapest", "un_convention", "second_protocol")
#: Rules read deadlines of requests for evidence only.
_WITH_DEADLINE = frozenset(channel.name for channel in EVIDENCE_CHANNELS if channel is not Channel.PROVIDER_VOLUNTARY)


def _adopt(chosen: Selected) -> tuple[Amendment, ...]:
    return (AdoptOffences(chosen.states, chosen.offences or CORE_OFFENCES, chosen.value, chosen.on),)


def _grant(chosen: Selected) -> tuple[Amendment, ...]:
    kinds = tuple(DataKind[word.upper()] for word in chosen.value)
    return (GrantPowers(chosen.states, kinds, chosen.on),)


def _apply(chosen: Selected) -> tuple[Amendment, ...]:
    return (SetImplementation(chosen.states, chosen.value, chosen.on, at_least=True),)


def _join(chosen: Selected) -> tuple[Amendment, ...]:
    return (Join(chosen.states, chosen.value, chosen.on),)


def _bring_into_force(chosen: Selected) -> tuple[Amendment, ...]:
    return (BringIntoForce(chosen.value, chosen.on),)


def _end(chosen: Selected) -> tuple[Amendment, ...]:
    return (Terminate(chosen.value, chosen.on),)


def _conclude(chosen: Selected) -> tuple[Amendment, ...]:
    pairs = {(min(a, b), max(a, b)) for a in chosen.requesting for b in chosen.requested if a != b}
    return (Conclude(tuple(sorted(pairs)), chosen.value, chosen.on),)


def _close(chosen: Selected) -> tuple[Amendment, ...]:
    channels = tuple(Channel[word.upper()] for word in chosen.value)
    if chosen.everywhere:
        return (CloseChannels(channels, chosen.on),)
    return tuple(CloseChannels(channels, chosen.on, *sides) for sides in chosen.blocks())


def _remove_conflict(chosen: Selected) -> tuple[Amendment, ...]:
    if not chosen.value:
        return ()
    return tuple(RemoveDataConflict(*sides, chosen.on) for sides in chosen.blocks())


def _shift_affinity(chosen: Selected) -> tuple[Amendment, ...]:
    return tuple(ShiftAffinity(*sides, chosen.value, chosen.on) for sides in chosen.blocks())


def _drift_affinity(chosen: Selected) -> tuple[Amendment, ...]:
    return (DriftAffinity(chosen.seed, chosen.value, chosen.kept, chosen.on),)


def _come_about(chosen: Selected) -> tuple[Amendment, ...]:
    """Returns the changes of law that the chosen possible future events bring on a day."""
    named = (one for one in candidates() if one.id in chosen.value)
    return tuple(amendment for one in named for amendment in one.amendments(chosen.on))


def _of(states: Sequence[str]) -> Floats:
    """[state] 1 for the named states, 0 for all others."""
    return mask_of(tuple(states)).astype(np.float64)


def _legislation(ledger: SpendingLedger, day: float, amendment: Amendment) -> None:
    """Charges an act of parliament to each state that changes its law."""
    if isinstance(amendment, AdoptOffences | GrantPowers):
        ledger.commit(day, Payer.LEGISLATURE, _of(amendment.states) * ledger.prices["legislation"] * wage_level())


@cache
def _applied() -> Floats:
    """[state] Degree (0–1) to which each state applies its law on the first policy day, without any policy."""
    return np.asarray(legal_order().national(date.fromisoformat(WorldSpec().policy_start)).implementation, np.float64)


def _programme(ledger: SpendingLedger, day: float, amendment: Amendment) -> None:
    """Charges training, model orders and peer review, once and in part each year, by the improvement of practice."""
    if isinstance(amendment, SetImplementation):
        last = ledger.reached.get("law.in_action", _applied())
        more = ledger.new("law.in_action", np.maximum(last, _of(amendment.states) * amendment.value), _applied())
        euros = more * ledger.prices["law_in_action"] * wage_level()
        ledger.commit(day, Payer.COURT, euros, euros * ledger.prices["training_renewal"])


def _accession(ledger: SpendingLedger, day: float, amendment: Amendment) -> None:
    """Charges each new Party for the ratification, the implementing law, and its duties under the treaty."""
    if not isinstance(amendment, Ratify | Join):
        return
    new = [state for state in amendment.states if (state, amendment.instrument_id) not in ledger.bound]
    ledger.bound |= {(state, amendment.instrument_id) for state in new}
    ledger.commit(day, Payer.LEGISLATURE, _of(new) * ledger.prices["ratification"] * wage_level())
    if isinstance(amendment, Join):
        joining = _of(amendment.states) * wage_level()
        ledger.commit(day, Payer.LEGISLATURE, joining * ledger.prices["legislation"])
        duty = ledger.prices["contact_point"] if amendment.instrument_id in _WITH_CONTACT_POINT else 0.0
        ledger.commit(day, Payer.CENTRAL_AUTHORITY, a_year=joining * duty)


def _bilateral_treaties(ledger: SpendingLedger, day: float, amendment: Amendment) -> None:
    """Charges both sides of each treaty for its negotiation and ratification.

    A treaty that all members of the EU conclude with a state is one of the EU: its members share the price of a side.
    """
    if isinstance(amendment, Conclude):
        position = {state: index for index, state in enumerate(load_atlas().states)}
        pairs = {(min(pair), max(pair)) for pair in amendment.pairs}
        union = set(load_atlas().groups["eu"].states)
        of_union = [tuple(set(pair) - union) for pair in pairs if len(set(pair) & union) == 1]
        shared = {other for (other,) in set(of_union) if of_union.count((other,)) == len(union)}
        weight = [1.0 / len(union) if shared & set(pair) and union & set(pair) else 1.0 for pair in pairs for _ in pair]
        sides = np.array([position[state] for pair in pairs for state in pair], np.int64)
        treaties = np.bincount(sides, weight, minlength=len(position))
        ledger.commit(day, Payer.LEGISLATURE, treaties * ledger.prices["bilateral_treaty"] * wage_level())


def _price_of_candidates(ledger: SpendingLedger, day: float, amendment: Amendment) -> None:
    """Charges for accessions and treaties that come about without a policy, as if a policy had brought them."""
    _accession(ledger, day, amendment)
    _bilateral_treaties(ledger, day, amendment)


def _data_agreements(ledger: SpendingLedger, day: float, amendment: Amendment) -> None:
    """Charges each requesting state for a data agreement with each requested state, or once with the EU."""
    if isinstance(amendment, RemoveDataConflict):
        union = set(load_atlas().groups["eu"].states)
        requested = set(amendment.requested)
        sides = len(requested - union) + bool(requested & union)
        asking = _of(amendment.requesting) * sides * ledger.prices["data_agreement"]
        ledger.commit(day, Payer.LEGISLATURE, asking * wage_level())


@dataclass(frozen=True)
class Revision:
    """Effect of a lever that changes one term of a legal instrument."""

    field: str  # attribute of `Terms` that it sets
    channels: frozenset[str] | None = None  # names of the channels whose rules read the term; None for all
    with_list: bool = False  # whether only entries with a list of offences have the term
    # keys of an entry of terms.yaml under which the kinds of data stand that have the term today; empty for a term that
    # is the same for all kinds
    bound_kinds: tuple[str, ...] = ()

    def __call__(self, chosen: Selected) -> tuple[Amendment, ...]:
        """Makes the amendment that gives the term its new value from a day on."""
        return (ReviseTerms(chosen.instrument, self.field, chosen.kinds, chosen.value, chosen.on),)

    def fits(self, entry: dict[str, Any]) -> bool:
        """True if the lever can change its term in an entry of terms.yaml, by its channel and list of offences."""
        listed = entry.get("dual_criminality", {}).get("test") == "unless_listed"
        return (self.channels is None or entry["channel"] in self.channels) and (listed or not self.with_list)

    def kinds_of(self, entry: dict[str, Any]) -> tuple[str, ...]:
        """Kinds of data for which the term applies today, from the treaty's entry in terms.yaml."""
        for key in self.bound_kinds:
            entry = entry.get(key, {})
        return tuple(entry)


JOIN = law_lever("law.join", _join, _accession, courses=(Course.RATIFICATION, Course.ACCESSION))
DATA_CONFLICT_REMOVED = law_lever(
    "law.data_conflict_removed", _remove_conflict, _data_agreements, courses=(Course.AGREEMENT,)
)
_KINDS = tuple(kind.name.lower() for kind in DataKind)
LEVERS = (
    JOIN,
    DATA_CONFLICT_REMOVED,
    law_lever("law.core_offences", _adopt, _legislation, courses=(Course.LEGISLATION,), about_offences=True),
    law_lever("law.powers", _grant, _legislation, choices=_KINDS, courses=(Course.LEGISLATION,), learned=True),
    law_lever("law.in_action", _apply, _programme),
    law_lever("law.conclude", _conclude, _bilateral_treaties, courses=(Course.AGREEMENT,)),
    law_lever(
        "law.candidates",
        _come_about,
        _price_of_candidates,
        choices=tuple(one.id for one in candidates() if one.act),
        dated=True,
    ),
    law_lever("law.in_force", _bring_into_force, free),
    law_lever("law.ended", _end, free),
    law_lever("channels.closed", _close, None, choices=CLOSABLE),
    law_lever("politics.affinity_shift", _shift_affinity, None),
    law_lever("politics.drift", _drift_affinity, None, every_year=True),
    law_lever("instrument.deadline", Revision("deadline_days", _WITH_DEADLINE, bound_kinds=("deadline_days",)), None),
    law_lever("instrument.enforceable", Revision("enforceable", _WITH_DEADLINE), None),
    law_lever("instrument.penalty_threshold", Revision("penalty_years", bound_kinds=("threshold", "kinds")), None),
    law_lever("instrument.listed_penalty", Revision("listed_penalty_years", with_list=True), None),
    law_lever("instrument.preservation", Revision("preservation_days", frozenset({"PRESERVATION_24_7"})), None),
)
