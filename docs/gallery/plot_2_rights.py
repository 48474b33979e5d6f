"""
Gain next to costs in rights
============================

A faster channel is not free: requesters without a genuine case use it as well. What a policy gains and what it costs in
rights belong on one page.
"""

import sim

found = sim.open("../../results/reference")
figure = found.plot.gain_against_rights()
