"""Writes the first screen of `results/league` again from stored tables: `python -m docs.programs.league_page`.

The league is stored without its runs, from which a page is made. Its worlds are those of `results/reference`: levels of
today come from there, effects, groups and prices from the league's own tables. What is below the first screen stays.
`make seal` then writes the sums.
"""

import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from math import nan
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pandas as pd

from docs.programs import ROOT
from docs.programs.stored_reports import REFERENCE
from sim.experiments import store
from sim.experiments.design import MAIN
from sim.experiments.manifest import read_manifest
from sim.experiments.statistics import Estimate
from sim.report import league
from sim.report.marking import marked
from sim.report.page.parts import markdown_of, rendered
from sim.report.pages import page_of
from sim.report.section import PageKind
from sim.report.studies import read_report
from sim.report.view import View
from sim.results.effects import PairedEffect, Verdict
from sim.results.league import SHOWN, LeaguePlace

LEAGUE = ROOT / "results" / "league"
_UNKNOWN = Estimate(nan, nan, nan, 0)


@dataclass(frozen=True)
class Stored:
    """View of a stored league that takes missing tables from a comparison of the same worlds."""

    view: View
    effects: Mapping[tuple[str, str], PairedEffect]  # by policy and outcome
    prices: Mapping[str, Estimate]
    title: Mapping[str, str]
    places: Mapping[Any, list[LeaguePlace]]  # of the league, by the key that `league_of` asks for
    ladder: tuple[()] = ()

    def once(self, key: Any, find: Callable[[], Any]) -> Any:
        """Stored ranking, or the value of a function for any other key."""
        return self.places[key] if key in self.places else self.view.once(key, find)

    def __getattr__(self, name: str) -> Any:
        """Attribute of the view of the comparison."""
        return getattr(self.view, name)

    @property
    def marked(self) -> dict[str, str]:
        """Title of each scenario by key, escaped for Markdown."""
        return {key: marked(title) for key, title in self.title.items()}

    @property
    def asking(self) -> list[str]:
        """Keys of all policies, since each policy has enough requests."""
        return list(self.prices)

    @property
    def scenarios(self) -> list[str]:
        """Key of today's law only, since the bounds were run in fewer worlds."""
        return [self.view.baseline]

    @property
    def results(self) -> Any:
        """Results without breakdowns and failures: a stored league has neither."""
        return SimpleNamespace(breakdowns={}, failures=())

    def difference(self, scenario: str, key: str) -> PairedEffect | None:
        """Effect of a policy on an outcome, from the stored league; None if unknown."""
        return self.effects.get((scenario, key))

    def price(self, of: str) -> Estimate:
        """Price of a policy: median and range, with two digits."""
        *parts, worlds = self.prices[of]
        value, low, high = (float(f"{part:.2g}") for part in parts)
        return Estimate(value, low, high, worlds)


def stored(folder: Path, reference: Path) -> Stored:
    """Reads a stored league and the comparison of the same worlds."""
    rows, costs, places = (
        cast("list[dict[str, Any]]", pd.read_csv(folder / name).to_dict("records"))
        for name in ("differences.csv", "costs.csv", league.FILE)
    )
    effects = {(row["scenario"], row["outcome"]): PairedEffect(**row) for row in rows if row["block"] == MAIN}
    prices = {row["scenario"]: Estimate(row["policy"], row["policy_low"], row["policy_high"], 0) for row in costs}
    none = replace(next(iter(effects.values())), difference=nan, verdict=Verdict.UNDEFINED)  # younger than the league
    made: dict[bool, list[LeaguePlace]] = {False: [], True: []}
    for row in places:
        key, apart = row["scenario"], not row["place"] > 0
        found = {outcome: effects.get((key, outcome), none) for outcome in SHOWN}
        usual = {outcome: (row[f"{outcome}_low_50"], row[f"{outcome}_high_50"]) for outcome in SHOWN}
        place, group = (0, 0) if apart else (int(row["place"]), int(row["group"]))
        made[apart].append(LeaguePlace(place, group, key, found, usual, prices[key], _UNKNOWN, None))
    manifest, view = read_manifest(folder / store.MANIFEST), read_report(reference)
    title = manifest["titles"]
    view = replace(view, design=replace(view.design, worlds_of=manifest.get("worlds_of", {})))
    return Stored(view, effects, prices, title, {("league", apart): made[apart] for apart in made})


def renewed(folder: Path, reference: Path) -> tuple[str, str]:
    """Returns the league's report and summary with an updated first screen."""
    view = stored(folder, reference)
    page = page_of(cast("View", view), (), read_manifest(folder / store.MANIFEST), PageKind.LEAGUE)
    html, text = rendered(page), markdown_of(page)
    old_html, old_text = ((folder / name).read_text("utf-8") for name in (store.REPORT, store.SUMMARY))
    for part in ("title", "style", "header"):
        new, old = (re.findall(f"<{part}>.*?</{part}>", one, re.DOTALL)[0] for one in (html, old_html))
        old_html = old_html.replace(old, new, 1)
    return old_html, text[: text.index("\n## ")] + old_text[old_text.index("\n## ") :]


if __name__ == "__main__":
    for name, text in zip((store.REPORT, store.SUMMARY), renewed(LEAGUE, REFERENCE), strict=True):
        (LEAGUE / name).write_text(text, encoding="utf-8")
        sys.stdout.write(f"{LEAGUE / name} is written\n")
