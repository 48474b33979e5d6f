"""Levers on an instrument's own terms: deadlines, their force, thresholds, how long data are held (M1, M5, M6)."""

from dataclasses import dataclass
from typing import Any

from sim.law.amendments import Amendment, ReviseTerms
from sim.law.vocabulary import Channel, EvidenceTag
from sim.policy.lever import YES_OR_NO, LawLever, Limits, NoScale, OwnStage, Quantity, Selected, Shape, Target

_REVISION = "negotiation and legislation for the revision, without a price here; what keeping it takes is work of desks"
_SOURCE = "sim/data/terms.yaml"
#: Rules read deadlines of requests for evidence only.
_WITH_DEADLINE = frozenset(channel.name for channel in Channel if channel <= Channel.PROVIDER_BINDING) | {"JOINT_TEAM"}


@dataclass(frozen=True)
class Revision:
    """Revises one term of an instrument.

    Attributes:
        field: attribute of `Terms` that it sets.
        channels: names of the channels whose rules read the term; None for all.
        with_list: whether only entries with a list of offences have the term.
        bound_kinds: keys of an entry of terms.yaml under which the kinds of data stand that have the term today; empty
            for a term that is the same for all kinds.
    """

    field: str
    channels: frozenset[str] | None = None
    with_list: bool = False
    bound_kinds: tuple[str, ...] = ()

    def __call__(self, chosen: Selected) -> tuple[Amendment, ...]:
        """The term at its new value, from its day on."""
        return (ReviseTerms(chosen.instrument, self.field, chosen.kinds, chosen.number, chosen.on),)

    def fits(self, entry: dict[str, Any]) -> bool:
        """Whether moving the term of an entry of terms.yaml can change anything."""
        listed = entry.get("dual_criminality", {}).get("test") == "unless_listed"
        return (self.channels is None or entry["channel"] in self.channels) and (listed or not self.with_list)

    def kinds_of(self, entry: dict[str, Any]) -> tuple[str, ...]:
        """Kinds of data for which an entry has the term today."""
        for key in self.bound_kinds:
            entry = entry.get(key, {})
        return tuple(entry)


LEVERS = (
    LawLever(
        "instrument.deadline",
        "An instrument's deadline for the answer",
        Quantity.DAYS,
        Target.INSTRUMENT,
        limits=Limits(0.25, 3650, neutral=3650),
        acts_on="deadline_days of the terms, for requests drafted from then on: at authorities, courts and providers",
        amends=Revision("deadline_days", _WITH_DEADLINE, bound_kinds=("deadline_days",)),
        stage=OwnStage("provider_median", rises=True),
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
        amends=Revision("enforceable", _WITH_DEADLINE),
        stage=YES_OR_NO,
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
        amends=Revision("penalty_years", bound_kinds=("threshold", "kinds")),
        stage=OwnStage("mla_requests_per_year", rises=True),
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
        amends=Revision("listed_penalty_years", with_list=True),
        stage=NoScale(Shape.IDLE, "between states of the Union every request passes the test, listed or not"),
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
        amends=Revision("preservation_days", frozenset({Channel.PRESERVATION_24_7.name})),
        stage=OwnStage("frozen_days_per_year", rises=True),
        cost="borne by the custodians",
        charges=None,
        source=_SOURCE,
        tag=EvidenceTag.VERIFIED,
        needs="requests to 24/7 points (preservation.use)",
    ),
)
