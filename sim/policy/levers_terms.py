"""Levers on an instrument's own terms: deadlines, their force, thresholds, how long data are held (M1, M5, M6)."""

from sim.law.vocabulary import EvidenceTag
from sim.policy.lever import Lever, Quantity, Target

_REVISION = "negotiation and legislation for the revision, without a price here; what keeping it takes is work of desks"
_SOURCE = "sim/data/terms.yaml"

TERM_LEVERS = (
    Lever(
        "instrument.deadline",
        "An instrument's deadline for the answer",
        Quantity.DAYS,
        0.25,
        3650,
        3650,
        Target.INSTRUMENT,
        "deadline_days of the terms, for requests drafted from then on: at authorities, courts and providers",
        _REVISION,
        _SOURCE,
        EvidenceTag.VERIFIED,
        needs="an enforceable deadline (instrument.enforceable: yes, where the instrument has no force of its own); "
        "without force it only decides which answers count as late",
    ),
    Lever(
        "instrument.enforceable",
        "A missed deadline of an instrument has a cost for who answers",
        Quantity.SWITCH,
        0,
        1,
        0,
        Target.INSTRUMENT,
        "enforceable of the terms, for requests drafted from then on",
        "a body that can impose it; overtime and breaches are priced in the cost of work on requests",
        _SOURCE,
        EvidenceTag.VERIFIED,
        needs="a deadline of the instrument: its own, or instrument.deadline",
    ),
    Lever(
        "instrument.penalty_threshold",
        "Least maximum penalty in the requesting state for which an instrument can be used",
        Quantity.YEARS,
        0,
        20,
        0,
        Target.INSTRUMENT,
        "penalty_years of the terms: whether the channel is open, and how grave an offence must be on both sides",
        _REVISION,
        _SOURCE,
        EvidenceTag.VERIFIED,
        needs="requesting states whose maximum penalties lie between the old and the new threshold",
    ),
    Lever(
        "instrument.listed_penalty",
        "Maximum penalty from which an instrument's listed offences skip the test of dual criminality",
        Quantity.YEARS,
        0,
        20,
        0,
        Target.INSTRUMENT,
        "listed_penalty_years of the terms",
        _REVISION,
        _SOURCE,
        EvidenceTag.VERIFIED,
        needs="an instrument with a list (European orders and warrants), and penalties between the old and new value",
    ),
    Lever(
        "instrument.preservation",
        "How long data are held on a preservation request under an instrument of 24/7 points",
        Quantity.DAYS,
        1,
        3650,
        60,
        Target.INSTRUMENT,
        "preservation_days of the terms, for data frozen from then on",
        "borne by the custodians",
        _SOURCE,
        EvidenceTag.VERIFIED,
        needs="requests to 24/7 points (preservation.use)",
    ),
)
