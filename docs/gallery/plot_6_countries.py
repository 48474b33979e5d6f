"""
Work by country
===============

A figure of one's own from a table of the results: what faster assistance changes for the states that are asked most.
Each bar is the 95 % interval of a paired difference; hollow marks are within noise.
"""

import pandas as pd
from matplotlib.figure import Figure

countries = pd.read_csv("../../results/reference/countries.csv.xz")
received = countries.query("scenario == 'faster_mlat' and outcome == 'received'")
most = received.dropna(subset="difference").nlargest(12, "baseline_mean").iloc[::-1]
sure = most["verdict"] == "distinguishable from noise"

figure = Figure(figsize=(8, 5), layout="constrained")
axes = figure.subplots()
blue = "#0072B2"
axes.axvline(0, color="black", linewidth=0.8)
axes.hlines(most["state"], most["low"], most["high"], color=blue)
fill = [blue if distinguishable else "white" for distinguishable in sure]
axes.scatter(most["difference"], most["state"], c=fill, edgecolors=blue, zorder=3)
axes.set_xlabel("change in requests received over ten years, against today's law")
axes.set_title("Faster assistance brings more requests to those who are asked most", loc="left")
axes.spines[["top", "right"]].set_visible(False)
