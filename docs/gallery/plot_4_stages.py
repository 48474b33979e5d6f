"""
Where the time goes
===================

Days that a request spends in each stage, waiting and being worked on. Faster assistance shortens the stages of central
authorities, and leaves those of courts and providers.
"""

import sim

found = sim.open("../../results/reference")
figure = found.plot.turnaround_by_stage()
