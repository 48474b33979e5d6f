"""Entry points that drive single rules of the agents in compiled code and keep the result on disk.

Each holds only the tables that its rules touch, so that it compiles in a moment.
"""

import math

from sim.agents.provider import loss, retention_days
from sim.engine.compiling import kernel
from sim.engine.random import derive, lognormal
from sim.law.vocabulary import DataKind
from sim.world.records import EvidenceStatus

_HOP = 901  # a purpose of draws that the model does not have


@kernel
def answered_in_time(setting, provider, item, median, sigma, out):
    """Rows of `out`: how many of 1, 2, 3 hops in a row find the evidence of one communication still there."""
    samples, hops = out.shape
    item = item[0]
    for sample in range(samples):
        key = derive(77, sample)
        item.created = 0.0
        item.retained_until = retention_days(setting[0], provider[0], key, DataKind.TRAFFIC.value)
        item.moves_at = math.inf
        day, found = 0.0, True
        for hop in range(hops):
            day += lognormal(setting[0].seed, _HOP, key, hop, median, sigma)
            found = found and loss(item, day) == EvidenceStatus.AVAILABLE
            out[sample, hop] = found
