"""
Effects of each policy
======================

A mark is the paired difference from today's law, a bar its 95 % interval. Filled marks can be distinguished from noise,
hollow ones cannot.
"""

import sim

found = sim.open("../../results/reference")
figure = found.plot.forest()
