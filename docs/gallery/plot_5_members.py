"""
Fate of identified members
==========================

Members that a case identified by name, five years later. An indictment is not a conviction, and nobody can be arrested
who lives where nobody is surrendered.
"""

import sim

found = sim.open("../../results/reference")
figure = found.plot.members_by_fate()
