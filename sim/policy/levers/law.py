"""Levers on law and politics: offences, powers, treaties, channels, affinity (M1, M2, M3)."""

from collections.abc import Sequence

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
    ShiftAffinity,
)
from sim.law.vocabulary import CORE_OFFENCES, Channel, DataKind, EvidenceTag
from sim.policy.lever import (
    WORDS,
    YES_OR_NO,
    Course,
    LawLever,
    Limits,
    NoScale,
    OwnStage,
    Quantity,
    Selected,
    Shape,
    Target,
)
from sim.policy.levers.shared import Floats, free
from sim.policy.places import load_atlas, mask_of
from sim.policy.spending import SpendingLedger

#: Channels that a policy can close: all but a state's own procedure.
CLOSABLE = tuple(channel.name.lower() for channel in Channel if channel is not Channel.DOMESTIC)
#: Treaties whose Parties must keep a point of contact that can be reached day and night.
_WITH_CONTACT_POINT = ("budapest", "un_convention", "second_protocol")


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


def _drift_affinity(chosen: Selected) -> tuple[Amendment, ...]:
    return (DriftAffinity(chosen.seed, chosen.number, chosen.kept, chosen.on),)


def _of(states: Sequence[str]) -> Floats:
    """[S] 1 for the states named, 0 for others."""
    return mask_of(states).astype(np.float64)


def _legislation(ledger: SpendingLedger, day: float, amendment: Amendment) -> None:
    """An act of parliament in each state."""
    if isinstance(amendment, AdoptOffences | GrantPowers):
        once = _of(amendment.states) * ledger.cost("legislation") * wage_level()
        ledger.commit(day, Payer.LEGISLATURE, once)


def _accession(ledger: SpendingLedger, day: float, amendment: Amendment) -> None:
    """A ratification once; its implementing law and the duties under the treaty when it is used."""
    if not isinstance(amendment, Ratify | Join):
        return
    new = [state for state in amendment.states if (state, amendment.instrument_id) not in ledger.bound]
    ledger.bound |= {(state, amendment.instrument_id) for state in new}
    wages = wage_level()
    ledger.commit(day, Payer.LEGISLATURE, _of(new) * ledger.cost("ratification") * wages)
    if isinstance(amendment, Join):
        joining = _of(amendment.states) * wages
        ledger.commit(day, Payer.LEGISLATURE, joining * ledger.cost("legislation"))
        duty = ledger.cost("contact_point") if amendment.instrument_id in _WITH_CONTACT_POINT else 0.0
        ledger.commit(day, Payer.CENTRAL_AUTHORITY, a_year=joining * duty)


def _bilateral_treaties(ledger: SpendingLedger, day: float, amendment: Amendment) -> None:
    """Negotiation and ratification on both sides of each treaty."""
    if isinstance(amendment, Conclude):
        position = {state: index for index, state in enumerate(load_atlas().states)}
        sides = np.array([position[state] for pair in amendment.pairs for state in pair], np.int64)
        treaties = np.bincount(sides, minlength=len(position))
        ledger.commit(day, Payer.LEGISLATURE, treaties * ledger.cost("bilateral_treaty") * wage_level())


def _data_agreements(ledger: SpendingLedger, day: float, amendment: Amendment) -> None:
    """Safeguards and negotiation: the asking side's in each state, the asked side's once for the Union."""
    if isinstance(amendment, RemoveDataConflict):
        union = set(load_atlas().groups["eu"].states)
        asked = set(amendment.requested)
        sides = len(asked - union) + bool(asked & union)
        asking = _of(amendment.requesting) * sides
        ledger.commit(day, Payer.LEGISLATURE, asking * ledger.cost("data_agreement") * wage_level())


JOIN = LawLever(
    "law.join",
    "States become parties to an instrument",
    Quantity.INSTRUMENT,
    Target.STATES,
    acts_on="channels of the law arrays",
    amends=_join,
    courses=(Course.RATIFICATION, Course.ACCESSION),
    stage=WORDS,
    cost="ratification and implementing law in each state",
    charges=_accession,
    source="sim/data/treaties.csv",
    tag=EvidenceTag.VERIFIED,
    needs="the treaty in force, and other Parties; one that waits for ratifications opens nothing before",
)

DATA_CONFLICT_REMOVED = LawLever(
    "law.data_conflict_removed",
    "An agreement removes the conflict of data-protection law between two states",
    Quantity.SWITCH,
    Target.PAIRS,
    acts_on="conflict of the law arrays",
    amends=_remove_conflict,
    courses=(Course.AGREEMENT,),
    stage=YES_OR_NO,
    cost="negotiation; safeguards that the other side must keep",
    charges=_data_agreements,
    source="GDPR art. 48 and chapter V (M3)",
    tag=EvidenceTag.VERIFIED,
    needs="pairs between which data-protection law stands in the way today",
)

LEVERS = (
    LawLever(
        "law.core_offences",
        "National law makes the core offences (Budapest Convention, articles 2 to 8) punishable, "
        "with this maximum penalty",
        Quantity.YEARS,
        Target.STATES,
        limits=Limits(1, 20, neutral=0),
        acts_on="offence, penalty_years and elements of the law arrays",
        amends=_adopt,
        courses=(Course.LEGISLATION,),
        about_offences=True,
        stage=NoScale(
            Shape.SWITCH,
            "from 1 year on these are offences everywhere; above 3 years one more treaty opens, and more opens nothing",
        ),
        cost="legislation in each state",
        charges=_legislation,
        source="Budapest Convention arts 2–8; thresholds of 1, 3 and 4 years in art. 24, EU and UN instruments (M1)",
        tag=EvidenceTag.VERIFIED,
    ),
    LawLever(
        "law.powers",
        "National law gives the powers to obtain these kinds of data",
        Quantity.CHOICES,
        Target.STATES,
        choices=tuple(kind.name.lower() for kind in DataKind),
        acts_on="power of the law arrays",
        amends=_grant,
        courses=(Course.LEGISLATION,),
        learned=True,
        stage=WORDS,
        cost="legislation and safeguards in each state",
        charges=_legislation,
        source="Budapest Convention arts 16–21 (M2)",
        tag=EvidenceTag.VERIFIED,
    ),
    JOIN,
    LawLever(
        "law.conclude",
        "Pairs of states conclude a bilateral treaty",
        Quantity.INSTRUMENT,
        Target.PAIRS,
        acts_on="channels of the law arrays",
        amends=_conclude,
        courses=(Course.AGREEMENT,),
        stage=WORDS,
        cost="negotiation and ratification in both states",
        charges=_bilateral_treaties,
        source="sim/data/treaties.csv",
        tag=EvidenceTag.VERIFIED,
    ),
    LawLever(
        "law.in_force",
        "An instrument that is not in force enters into force between its ratifying states",
        Quantity.INSTRUMENT,
        Target.WORLD,
        acts_on="channels of the law arrays",
        amends=_bring_into_force,
        stage=WORDS,
        cost="ratifications up to the instrument's threshold",
        charges=free,
        source="sim/data/treaties.csv",
        tag=EvidenceTag.VERIFIED,
        needs="states that have ratified it (law.join): among few Parties it opens little",
    ),
    DATA_CONFLICT_REMOVED,
    LawLever(
        "channels.closed",
        "These ways to ask are closed",
        Quantity.CHOICES,
        Target.PAIRS,
        choices=CLOSABLE,
        acts_on="instrument of the law arrays; requests under way keep theirs",
        amends=_close,
        stage=WORDS,
        cost="none; a bound, not a reform",
        charges=None,
        source="the modellers: no_cooperation",
    ),
    LawLever(
        "politics.affinity_shift",
        "Two states move closer (above 0) or further apart (below 0)",
        Quantity.SHIFT,
        Target.PAIRS,
        acts_on="affinity of the law arrays, kept between 0 and 1",
        amends=_shift_affinity,
        stage=OwnStage("police_declined_share", rises=False),
        cost="foreign policy; not for sale",
        charges=None,
        source="M3",
    ),
    LawLever(
        "politics.drift",
        "Politics between any two states moves by chance from year to year, as much in every scenario of a comparison",
        Quantity.SPREAD,
        Target.WORLD,
        limits=Limits(0, 0.3, neutral=0),
        acts_on="affinity of the law arrays: shocks every year, of which reform.politics_kept is left a year later",
        amends=_drift_affinity,
        every_year=True,
        stage=OwnStage("trust_spread", rises=True),
        cost="none; nobody decides it",
        charges=None,
        source="M3; revisions of the catalogue, 14d: .05 to .1",
    ),
)
