"""
A lever at several values
=========================

A sweep of a tiny world, whose numbers mean nothing: the median turnaround against the staff of central authorities.
Bands are 95 % intervals of the mean over seeds.
"""

import sim

swept = sim.sweep(
    values={"central_authority.staff": [0.5, 1, 1.5, 2, 3]},
    replicates=5,
    set={"world": "tiny", "execution.executor": "serial"},
)
figure = swept.plot("central_authority.staff", "turnaround_median")
