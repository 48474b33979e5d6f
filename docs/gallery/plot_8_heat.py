"""
A map over two levers
=====================

Staff of central authorities across, staff of courts up, in a tiny world whose numbers mean nothing. Where courts are
the bottleneck, more people in central authorities change little.
"""

import sim

swept = sim.sweep(
    values={"central_authority.staff": [0.5, 1, 2], "court.staff": [0.5, 1, 2]},
    replicates=4,
    set={"world": "tiny", "execution.executor": "serial"},
)
figure = swept.plot("", "turnaround_median", heat=("central_authority.staff", "court.staff"))
