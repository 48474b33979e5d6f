"""Custody and assets: identified, indicted, arrested, surrendered, convicted; assets (mechanism M14).

An indictment is not a conviction, and neither is an arrest.
"""

import numpy as np

from sim.law.days import MONTH, YEAR
from sim.law.vocabulary import Ground
from sim.measures.arrays import median, ratio, share
from sim.measures.harm import capability_days
from sim.measures.observation import Observation
from sim.measures.outcome import Better, Outcome
from sim.world.records import MemberStatus

#: Years within which a person identified by name counts as reached.
REACH_YEARS = 3.0


def _at_large(observation: Observation) -> float:
    """Share of identified members that are not arrested within a few years; all have had that time."""
    member = observation.tables["member"]
    identified, patience = member["identified"], REACH_YEARS * YEAR
    known = observation.window.holds(identified) & (identified <= observation.window.end - patience)
    return share(~(member["arrested"] - identified <= patience), known)


def _surrender_refused(observation: Observation) -> float:
    """Share of decided surrenders that were refused, over members arrested in the window."""
    arrested = observation.during("member", "arrested")
    refused = arrested["ground"] != Ground.NONE
    return share(refused, refused | ~np.isnan(arrested["surrendered"]))


def _surrender_months(observation: Observation) -> float:
    """Median months from arrest to surrender, surrenders granted."""
    surrendered = observation.during("member", "surrendered")
    return median(surrendered["surrendered"] - surrendered["arrested"]) / MONTH


def _confiscated(observation: Observation) -> float:
    """Days of full proceeds confiscated over all days of full proceeds earned."""
    taken = np.nan_to_num(observation.during("action")["assets_confiscated"]).sum()
    return ratio(float(taken), capability_days(observation))


OUTCOMES = (
    Outcome(
        "indictments_per_year",
        "Members indicted in public",
        "per year",
        Better.NEITHER,
        "Core members publicly charged and at large, per year of the policy years. Not a conviction.",
        lambda observation: observation.per_year(observation.window.holds(observation.tables["member"]["indicted"])),
    ),
    Outcome(
        "arrests_per_year",
        "Members arrested",
        "per year",
        Better.MORE,
        "Core members arrested in the policy years, on action days or when they travelled, per year.",
        lambda observation: observation.per_year(observation.window.holds(observation.tables["member"]["arrested"])),
    ),
    Outcome(
        "at_large_share",
        "Identified members still at large after three years",
        "share",
        Better.LESS,
        "Core members identified by name, at least three years before the end, that are not arrested within three "
        "years, over all of those.",
        _at_large,
    ),
    Outcome(
        "surrender_refused_share",
        "Surrender refused",
        "share",
        Better.NEITHER,
        "Refused surrenders over all decided ones, members arrested in the policy years.",
        _surrender_refused,
    ),
    Outcome(
        "surrender_months",
        "Median time from arrest to surrender",
        "months",
        Better.LESS,
        "Surrenders granted in the policy years, trials at home and refusals left out.",
        _surrender_months,
    ),
    Outcome(
        "convictions_per_year",
        "Members convicted",
        "per year",
        Better.MORE,
        "Core members convicted in the policy years, per year; trials take years, so late arrests are not in it.",
        lambda observation: observation.per_year(
            observation.during("member", "ended")["status"] == MemberStatus.CONVICTED
        ),
    ),
    Outcome(
        "confiscated_share",
        "Proceeds confiscated",
        "share",
        Better.MORE,
        "Proceeds confiscated after actions of the policy years, over all that groups earned in it.",
        _confiscated,
    ),
)
