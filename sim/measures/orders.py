"""Direct orders to providers in ordinary cases: how many, and whom they reach."""

import numpy as np

from sim.measures.arrays import Floats, ratio
from sim.measures.observation import Observation, once
from sim.measures.outcome import Better, Outcome


@once
def flows(observation: Observation) -> Floats:
    """f8[states, states] direct orders of the policy years, [requesting, requested]."""
    states = observation.states
    return np.asarray(observation.tables["bond"]["orders"].reshape(states, states).astype(np.float64))


def _largest_share(observation: Observation) -> float:
    """Share of all orders that the state with the most of them gets."""
    received = flows(observation).sum(axis=0)
    return ratio(float(received.max()), float(received.sum()))


def _imbalance(observation: Observation) -> float:
    """Orders by which one side of each pair sends more than the other, over all orders."""
    sent = flows(observation)
    return ratio(0.5 * float(np.abs(sent - sent.T).sum()), float(sent.sum()))


OUTCOMES = (
    Outcome(
        "direct_orders_per_year",
        "Direct orders to providers in ordinary cases",
        "per year",
        Better.NEITHER,
        "Binding orders that investigators of ordinary domestic crime send providers abroad, per year. They are "
        "counted and not followed; mutual assistance hardly ever carried such cases.",
        lambda observation: float(flows(observation).sum()) / observation.window.years,
    ),
    Outcome(
        "direct_orders_largest_share",
        "Direct orders in ordinary cases received by one state",
        "share",
        Better.NEITHER,
        "The part of these orders that is received in the state which receives most, where large providers have their "
        "seat or their representative.",
        _largest_share,
    ),
    Outcome(
        "direct_orders_imbalance",
        "Imbalance of direct orders in ordinary cases",
        "share",
        Better.NEITHER,
        "Orders by which one state of each pair sends more than the other, over all: 0 where all pairs are even, 1 "
        "where each sends in one direction only.",
        _imbalance,
    ),
)
