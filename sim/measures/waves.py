"""Measures of joint action days on several groups (M13, sim/agents/investigation/waves.py)."""

import numpy as np

from sim.measures.arrays import share
from sim.measures.observation import Observation
from sim.measures.outcome import Better, ShownIn, as_outcome
from sim.measures.takedown import full_action_days


@as_outcome("Operations on several groups", "share", Better.NEITHER, shows=ShownIn.CHECKS)
def wave_share(observation: Observation) -> float:
    """Share of operations that hit more than one group, because other cases joined the action day.

    No disruptions.
    """
    table = full_action_days(observation)
    hits = np.unique(np.column_stack([table["operation"], table["group"]]), axis=0)
    _, groups = np.unique(hits[:, 0], return_counts=True)
    return share(groups > 1)
