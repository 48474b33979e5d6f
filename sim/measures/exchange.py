"""Who asks whom and what comes of it, state by state: requests sent and received, answers got and given, takedowns.

Counted over formal requests between states (direct requests to providers left out) that have had twelve months.
"""

import numpy as np

from sim.law.vocabulary import Channel
from sim.measures.arrays import Columns, Floats, Mask, among
from sim.measures.observation import Observation

_TO_PROVIDERS = (Channel.PROVIDER_BINDING, Channel.PROVIDER_VOLUNTARY)


def by_state(observation: Observation) -> Columns:
    """One row a state that sent, received or led anything.

    Columns: state, sent, received, answers_got and answers_given (of any kind), in_time_got and in_time_given
    (executed within twelve months), takedowns led.
    """
    chosen = observation.mature & ~among(observation.channel, _TO_PROVIDERS)
    answered, in_time = chosen & observation.answered, chosen & observation.executed_in_time
    columns: dict[str, Floats] = {}
    for asker, asked, part in (
        ("sent", "received", chosen),
        ("answers_got", "answers_given", answered),
        ("in_time_got", "in_time_given", in_time),
    ):
        columns[asker] = _count(observation, "requesting", part)
        columns[asked] = _count(observation, "requested", part)
    led = observation.tables["case"]["state"][observation.lives.takedown_case]
    columns["takedowns"] = np.bincount(led, minlength=observation.states).astype(np.float64)
    some = np.flatnonzero(columns["sent"] + columns["received"] + columns["takedowns"])
    front: Columns = {"state": some.astype(np.int32)}
    return front | {name: number[some] for name, number in columns.items()}


def _count(observation: Observation, end: str, part: Mask) -> Floats:
    """Requests of a selection by the state at one of their ends."""
    states = (observation.requesting if end == "requesting" else observation.requested)[part]
    return np.bincount(states, minlength=observation.states).astype(np.float64)
