"""
What each policy changes
========================

test
"""

# %%
from matplotlib.figure import Figure

figure = Figure()
axes = figure.subplots()
