"""Measures of trust between states' authorities (M19): mean, spread, reciprocity, and avoided returns."""

import numpy as np

from sim.law.vocabulary import Ground
from sim.measures.arrays import Columns, Kinds, Table, correlation, share, weighted_mean
from sim.measures.observation import Observation, once
from sim.measures.outcome import Measures
from sim.world.records import RequestStatus

#: Pieces of evidence each way below which a pair says nothing on reciprocity.
_LEAST_EVIDENCE = 1.0


@once
def _accounts(observation: Observation) -> Table:
    """Rows of yearly trust records in the policy years."""
    return observation.during("trust")


def _mean(account: Table) -> float:
    """Mean trust over rows of trust records, weighted by the number of interactions."""
    return weighted_mean(account["trust"], account["dealings"])


@once
def by_pair(observation: Observation) -> Columns:
    """Table of each state's mean trust in each other state over the policy years."""
    account = _accounts(observation)
    pairs = Kinds.of({"trusting": account["trusting"], "trusted": account["trusted"]})
    weight = account["dealings"]
    dealings = pairs.sum(weight)
    means = {
        name: pairs.sum(account[name] * weight) / np.maximum(dealings, 1.0)
        for name in ("trust", "affinity", "good", "bad")
    }
    return pairs.codes | means | {"dealings": dealings}


def _trust_spread(observation: Observation) -> float:
    """Standard deviation of trust over pairs of states, weighted by the number of interactions."""
    account = _accounts(observation)
    apart = (account["trust"] - _mean(account)) ** 2
    return float(np.sqrt(weighted_mean(apart, account["dealings"])))


def _trust_reciprocity(observation: Observation) -> float:
    """Correlation over pairs of states between the experiences of the two sides."""
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


def _police_declined_share(observation: Observation) -> float:
    """Share of questions to foreign police that police declined."""
    questions = observation.asks_police
    declined = questions & (observation.request("ground") == Ground.DECLINED_BY_POLICE)
    answered = questions & (observation.request("status") == RequestStatus.EXECUTED)
    return share(declined, declined | answered)


def _returns_avoided_share(observation: Observation) -> float:
    """Share of incomplete requests that were completed by phone and not returned."""
    ended = observation.mutual_assistance & ~np.isnan(observation.request("ended"))
    phoned = ended & (observation.request("phoned") == 1)
    return share(phoned, phoned | (ended & (observation.request("loops") > 0)))


MEASURES: Measures = {
    "trust_mean": lambda seen: _mean(_accounts(seen)),
    "trust_spread": _trust_spread,
    "trust_reciprocity": _trust_reciprocity,
    "police_declined_share": _police_declined_share,
    "returns_avoided_share": _returns_avoided_share,
}
