"""Trust between states (M19): how much, how unequal, how mutual, and what it spares."""

import numpy as np

from sim.law.vocabulary import Ground
from sim.measures.arrays import Columns, Kinds, Mask, Table, correlation, share, weighted_mean
from sim.measures.observation import Observation, once
from sim.measures.outcome import Better, Outcome, ShownIn
from sim.world.records import RequestStatus

#: Pieces of evidence each way below which a pair says nothing on reciprocity.
_LEAST_EVIDENCE = 1.0


@once
def _accounts(observation: Observation) -> Table:
    """Yearly accounts of the policy years."""
    return observation.during("trust")


def _mean(account: Table) -> float:
    """Trust, weighted by dealings."""
    return weighted_mean(account["trust"], account["dealings"])


def _spread(account: Table) -> float:
    """Standard deviation of trust, weighted by dealings."""
    apart = (account["trust"] - _mean(account)) ** 2
    return float(np.sqrt(weighted_mean(apart, account["dealings"])))


@once
def by_pair(observation: Observation) -> Columns:
    """Trust of each state in each with which it had dealings in the policy years, means weighted by dealings."""
    account = _accounts(observation)
    pairs = Kinds.of({"trusting": account["trusting"], "trusted": account["trusted"]})
    weight = account["dealings"]
    dealings = pairs.sum(weight)
    means = {
        name: pairs.sum(account[name] * weight) / np.maximum(dealings, 1.0)
        for name in ("trust", "affinity", "good", "bad")
    }
    return pairs.codes | means | {"dealings": dealings}


def _reciprocity(observation: Observation) -> float:
    """Correlation between the two directions of pairs of the share of evidence that speaks for trust."""
    states = observation.states
    pairs = by_pair(observation)
    evidence = pairs["good"] + pairs["bad"]
    known = evidence >= _LEAST_EVIDENCE
    matrix = np.full((states, states), np.nan)
    matrix[pairs["trusting"][known], pairs["trusted"][known]] = pairs["good"][known] / evidence[known]
    both = np.isfinite(matrix) & np.isfinite(matrix.T)
    one, other = matrix[both], matrix.T[both]
    if one.size < 4 or one.std() == 0.0:
        return float("nan")
    return correlation(one, other)


def _police(observation: Observation) -> tuple[Mask, Mask]:
    """Police questions that were declined, and all that were answered or declined."""
    asked = observation.asks_police
    declined = asked & (observation.request("ground") == Ground.DECLINED_BY_POLICE)
    return declined, np.asarray(declined | (asked & (observation.request("status") == RequestStatus.EXECUTED)))


def _phoned(observation: Observation) -> tuple[Mask, Mask]:
    """Requests completed by phone, and all that lacked something and came to an end."""
    ended = observation.mutual_assistance & ~np.isnan(observation.request("ended"))
    phoned = ended & (observation.request("phoned") == 1)
    return phoned, np.asarray(phoned | (ended & (observation.request("loops") > 0)))


OUTCOMES = (
    Outcome(
        "trust_mean",
        "Trust between states",
        "0–1",
        Better.MORE,
        "Mean trust of one state's authorities in another's over the yearly accounts of the policy years, weighted by "
        "their dealings in the year.",
        lambda observation: _mean(_accounts(observation)),
    ),
    Outcome(
        "trust_spread",
        "Spread of trust between states",
        "0–1",
        Better.NEITHER,
        "Standard deviation of the same.",
        lambda observation: _spread(_accounts(observation)),
    ),
    Outcome(
        "trust_reciprocity",
        "Reciprocity of experience",
        "correlation",
        Better.NEITHER,
        "Correlation, over pairs with at least one piece of evidence each way, of the share of evidence that speaks "
        "for trust in one direction with that in the other. The prior is left out, since both directions share it.",
        _reciprocity,
        least=-1.0,
    ),
    Outcome(
        "police_declined_share",
        "Police questions declined",
        "share",
        Better.LESS,
        "Police questions abroad that were declined, over all that were answered or declined.",
        lambda observation: share(*_police(observation)),
    ),
    Outcome(
        "returns_avoided_share",
        "Deficient requests completed by phone",
        "share",
        Better.MORE,
        "Requests through central authorities completed by phone instead of a return, over all that lacked something "
        "and came to an end.",
        lambda observation: share(*_phoned(observation)),
        shows=ShownIn.CHECKS,
    ),
)
