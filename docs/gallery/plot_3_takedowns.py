"""
Groups taken down over time
===========================

Share of groups that have been taken down by a given age. Groups that leave by themselves compete; the numbers below say
how many are still observed.
"""

import sim

found = sim.open("../../results/reference")
figure = found.plot.takedown_curves()
