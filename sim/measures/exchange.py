"""Exchange by state: requests sent and received, answers received and given, takedowns.

Counted over formal requests between states (direct requests to providers left out) that have had twelve months.
"""

import numpy as np

from sim.law.vocabulary import Channel
from sim.measures.arrays import Columns, Floats, among
from sim.measures.observation import Observation

_TO_PROVIDERS = (Channel.PROVIDER_BINDING, Channel.PROVIDER_VOLUNTARY)


def by_state(observation: Observation) -> Columns:
    """One row per state that sent, received or led anything.

    Columns: state, sent, received, answers_got and answers_given (of any kind), in_time_got and in_time_given
    (executed within twelve months), takedowns led.
    """
    chosen = np.flatnonzero(observation.mature & ~among(observation.channel, _TO_PROVIDERS))
    asker, asked = observation.requesting[chosen], observation.requested[chosen]
    columns: dict[str, Floats] = {}
    for got, given, part in (
        ("sent", "received", np.ones(chosen.size, np.bool_)),
        ("answers_got", "answers_given", observation.answered[chosen]),
        ("in_time_got", "in_time_given", observation.executed_in_time[chosen]),
    ):
        columns[got] = np.bincount(asker, part, observation.states)
        columns[given] = np.bincount(asked, part, observation.states)
    led = observation.tables["case"]["state"][observation.lives.takedown_case]
    columns["takedowns"] = np.bincount(led, minlength=observation.states).astype(np.float64)
    some = np.flatnonzero(columns["sent"] + columns["received"] + columns["takedowns"])
    front: Columns = {"state": some.astype(np.int32)}
    return front | {name: number[some] for name, number in columns.items()}
