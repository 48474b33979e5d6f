"""
Who gets the work
=================

A figure of one's own from a table of the results: what faster assistance changes for the states that are asked most.
Each bar is the 95 % interval of a paired difference; hollow marks are within noise.
"""

import pandas as pd
from matplotlib.figure import Figure

countries = pd.read_csv("../../results/reference/countries.csv")
asked = countries.query("scenario == 'faster_mlat' and outcome == 'received'").dropna(subset="difference")
most = asked.nlargest(12, "baseline_mean").iloc[::-1]
sure = most["verdict"] == "distinguishable from noise"

figure = Figure(figsize=(8, 5), layout="constrained")
axes = figure.subplots()
axes.axvline(0, color="black", linewidth=0.8)
axes.hlines(most["state"], most["low"], most["high"], color="#0072B2")
axes.scatter(most["difference"], most["state"], c=["#0072B2" if is_sure else "white" for is_sure in sure], edgecolors="#0072B2", zorder=3)
axes.set_xlabel("more requests received over ten years, faster assistance against today's law")
axes.set_title("Faster assistance brings more requests to those who are asked most", loc="left")
axes.spines[["top", "right"]].set_visible(False)
