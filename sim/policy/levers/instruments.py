"""Levers on an instrument's own terms: deadlines, their force, thresholds, how long data are held (M1, M5, M6)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sim.law.amendments import Amendment, ReviseTerms
from sim.law.vocabulary import Channel, EvidenceTag
from sim.policy.lever import LawLever, Limits, Quantity, Selected, Target

_REVISION = "negotiation and legislation for the revision, without a price here; what keeping it takes is work of desks"
_SOURCE = "sim/data/terms.yaml"
_WITH_DEADLINE = frozenset(channel.name for channel in Channel if channel <= Channel.PROVIDER_BINDING) | {"JOINT_TEAM"}


@dataclass(frozen=True)
class Revision:
    """Revises one term of an instrument.

    Attributes:
        field: attribute of `Terms` that it sets.
        fits: whether moving the term of an entry of terms.yaml can change anything.
        bound_kinds: kinds of data for which an entry has the term today; None for a term that is the same for all.
    """

    field: str
    fits: Callable[[dict[str, Any]], bool]
    bound_kinds: Callable[[dict[str, Any]], tuple[str, ...]] | None = None

    def __call__(self, chosen: Selected) -> tuple[Amendment, ...]:
        """The term at its new value, from its day on."""
        return (ReviseTerms(chosen.instrument, self.field, chosen.kinds, chosen.number, chosen.on),)


def _can_have_deadline(entry: dict[str, Any]) -> bool:
    """Rules read deadlines of requests for evidence only."""
    return entry["channel"] in _WITH_DEADLINE


def _has_list(entry: dict[str, Any]) -> bool:
    """Whether listed offences skip the test of dual criminality."""
    return bool(entry.get("dual_criminality", {}).get("test") == "unless_listed")


def _preserves(entry: dict[str, Any]) -> bool:
    return bool(entry["channel"] == "PRESERVATION_24_7")


def _always(_entry: dict[str, Any]) -> bool:
    return True


def _kinds_with_deadline(entry: dict[str, Any]) -> tuple[str, ...]:
    return tuple(entry.get("deadline_days", {}))


def _kinds_with_threshold(entry: dict[str, Any]) -> tuple[str, ...]:
    return tuple(entry.get("threshold", {}).get("kinds", ()))


LEVERS = (
    LawLever(
        "instrument.deadline",
        "An instrument's deadline for the answer",
        Quantity.DAYS,
        Target.INSTRUMENT,
        limits=Limits(0.25, 3650, neutral=3650),
        acts_on="deadline_days of the terms, for requests drafted from then on: at authorities, courts and providers",
        amends=Revision("deadline_days", _can_have_deadline, _kinds_with_deadline),
        cost=_REVISION,
        charges=None,
        source=_SOURCE,
        tag=EvidenceTag.VERIFIED,
        needs="an enforceable deadline (instrument.enforceable: yes, where the instrument has no force of its own); "
        "without force it only decides which answers count as late",
    ),
    LawLever(
        "instrument.enforceable",
        "A missed deadline of an instrument has a cost for who answers",
        Quantity.SWITCH,
        Target.INSTRUMENT,
        acts_on="enforceable of the terms, for requests drafted from then on",
        amends=Revision("enforceable", _can_have_deadline),
        cost="a body that can impose it; overtime and breaches are priced in the cost of work on requests",
        charges=None,
        source=_SOURCE,
        tag=EvidenceTag.VERIFIED,
        needs="a deadline of the instrument: its own, or instrument.deadline",
    ),
    LawLever(
        "instrument.penalty_threshold",
        "Least maximum penalty in the requesting state for which an instrument can be used",
        Quantity.YEARS,
        Target.INSTRUMENT,
        limits=Limits(0, 20, neutral=0),
        acts_on="penalty_years of the terms: whether the channel is open, and how grave an offence must be on both "
        "sides",
        amends=Revision("penalty_years", _always, _kinds_with_threshold),
        cost=_REVISION,
        charges=None,
        source=_SOURCE,
        tag=EvidenceTag.VERIFIED,
        needs="requesting states whose maximum penalties lie between the old and the new threshold",
    ),
    LawLever(
        "instrument.listed_penalty",
        "Maximum penalty from which an instrument's listed offences skip the test of dual criminality",
        Quantity.YEARS,
        Target.INSTRUMENT,
        limits=Limits(0, 20, neutral=0),
        acts_on="listed_penalty_years of the terms",
        amends=Revision("listed_penalty_years", _has_list),
        cost=_REVISION,
        charges=None,
        source=_SOURCE,
        tag=EvidenceTag.VERIFIED,
        needs="an instrument with a list (European orders and warrants), and penalties between the old and new value",
    ),
    LawLever(
        "instrument.preservation",
        "How long data are held on a preservation request under an instrument of 24/7 points",
        Quantity.DAYS,
        Target.INSTRUMENT,
        limits=Limits(1, 3650, neutral=60),
        acts_on="preservation_days of the terms, for data frozen from then on",
        amends=Revision("preservation_days", _preserves),
        cost="borne by the custodians",
        charges=None,
        source=_SOURCE,
        tag=EvidenceTag.VERIFIED,
        needs="requests to 24/7 points (preservation.use)",
    ),
)
