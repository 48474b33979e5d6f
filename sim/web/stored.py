"""Answers that stand before anything is simulated: those of the stored studies of the catalogue.

A study is a folder of results/ in a checkout, and travels inside an installed package. It is of the default world; its
parameter sets may have been replaced since, which is said beside it.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from functools import cache
from math import nan
from pathlib import Path
from typing import Any

from sim.experiments.plan import MAIN
from sim.experiments.statistics import Estimate
from sim.policy.resources import resource_folder
from sim.policy.scenario import catalogue
from sim.policy.well_known import BASELINE
from sim.results.costs import Efficiency
from sim.results.effects import PairedEffect, Verdict
from sim.results.stored import entries_of
from sim.web.reading import COSTS, SHOWN, StoredAnswer

#: Studies by folder: the second has the whole catalogue; a policy of the first is shown from the first.
_REFERENCE, _LEAGUE = ("results/reference", "results/league")
_CHANGE = ("difference", "low", "high", "relative", "relative_low", "relative_high")


@cache
def stored() -> Mapping[str, StoredAnswer]:
    """What is stored of each policy of the catalogue, and of today's law; empty where no study is."""
    return _study(_LEAGUE) | _study(_REFERENCE)


@cache
def league() -> Mapping[str, StoredAnswer]:
    """Every policy of the stored league, in its order, without bounds and courses of the world."""
    found = _study(_LEAGUE)
    folder = _folder(_LEAGUE)
    rows = csv.DictReader((folder / "league.csv").read_text("utf-8").splitlines()) if folder else ()
    return {row["scenario"]: found[row["scenario"]] for row in rows if row["place"] != "0" and row["scenario"] in found}


@cache
def _study(name: str) -> dict[str, StoredAnswer]:
    folder = _folder(name)
    if folder is None:
        return {}
    about = json.loads((folder / "manifest.json").read_text("utf-8"))
    known, shown = catalogue(), {*SHOWN, *COSTS}
    effects: dict[str, dict[str, PairedEffect]] = {}
    for row in entries_of(PairedEffect)(folder / "differences.csv"):
        if row.block == MAIN and row.scenario in known and row.outcome in shown:
            effects.setdefault(row.scenario, {})[row.outcome] = row
    worlds, title, sets = int(about["worlds"]), about["titles"], about["parameter_sets_are"]
    prices = {row.scenario: row.policy for row in entries_of(Efficiency)(folder / "costs.csv")}
    whole = {key: own for key, own in effects.items() if own.keys() == shown}  # an older study may lack an outcome
    found = {key: StoredAnswer(title[key], own, prices[key], worlds, sets) for key, own in whole.items()}
    none: dict[str, Any] = {"verdict": Verdict.IDENTICAL, **dict.fromkeys(_CHANGE, 0.0)}
    for own in [*whole.values()][:1]:
        same = {key: replace(one, scenario_mean=one.baseline_mean, **none) for key, one in own.items()}
        found[BASELINE] = StoredAnswer(title[BASELINE], same, Estimate(nan, nan, nan, 0), worlds, sets)
    return found


def _folder(name: str) -> Path | None:
    """A study of a checkout, or the part of it that an installed package holds; None where there is none."""
    for place in (f"scenarios/{name}", name):
        with suppress(FileNotFoundError):
            return resource_folder(place)
    return None
