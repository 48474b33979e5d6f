"""Tests of `comity portfolio`, from command to results folder, on stand-in runs of a tiny world."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from sim.cli import main
from sim.experiments import conduct as conducting
from sim.experiments.portfolio import POINTS, purchases
from sim.experiments.run import Replicate, Task
from sim.policy.problem import INPUT_ERROR
from sim.report import portfolio
from sim.report.portfolio import Bought, PortfolioView, as_checked, money_and_sets, sentences
from sim.report.view import View
from sim.results.league import RANKED_BY
from sim.world.parameters import WorldSpec
from tests.experiments.replicates import fake_replicate


def test_two_studies_are_conducted_and_resumed_and_one_report_remains(tmp_path, monkeypatch):
    """Two studies produce one report, which can be made again without new runs."""
    runs: list[int] = []

    def evaluate(task: Task) -> Replicate:
        """Stand-in in which only staff of courts affects the outcome by which policies are ranked."""
        runs.append(task.seed)
        arms = []
        for scenario, arm in zip(task.scenarios, fake_replicate(task).arms, strict=True):
            staff = sum(float(str(change.value)) for change in scenario.changes if change.lever.name == "court.staff")
            gained = arm.measured.outcomes | {RANKED_BY: 10.0 + 8.0 * max(staff - 1.0, 0.0)}
            arms.append(replace(arm, measured=replace(arm.measured, outcomes=gained)))
        return Replicate(tuple(arms))

    def broken(*_: object) -> None:
        raise OSError("no room")

    monkeypatch.setattr(conducting, "run_replicate", evaluate)
    monkeypatch.setattr(conducting, "compile_rules", lambda *_: None)
    words = ["portfolio", "--budget", "20 M€", "world=tiny", "--replicates", "4", "execution.executor=serial", "-q"]
    write = portfolio._write
    monkeypatch.setattr(portfolio, "_write", broken)
    with pytest.raises(OSError, match="no room"):
        main([*words, "-o", str(tmp_path)])
    done = len(runs)
    monkeypatch.setattr(portfolio, "_write", write)
    assert main([*words, "-o", str(tmp_path)]) == 0
    assert len(runs) == done == 8, "four worlds of the design, and four of the check"
    (folder,) = tmp_path.glob("portfolio-*")
    assert [path.name for path in tmp_path.iterdir()] == [folder.name], "both studies are gone"
    assert len(pd.read_parquet(folder / "design.parquet")) == 4 * (1 + POINTS)
    table, checks = pd.read_csv(folder / "portfolio.csv"), pd.read_csv(folder / "checked.csv")
    assert table["million_euros"].sum() <= 20.0 and table["share_of_sets"].between(0.0, 1.0).all()
    assert 1 <= len(checks) <= 5 and checks["difference"].iloc[0] > 0.0
    assert table.set_index("lever")["million_euros"].idxmax() == "court.staff"
    text = (folder / "summary.md").read_text(encoding="utf-8")
    assert main(["status", str(folder)]) == INPUT_ERROR, "a portfolio is no study"
    assert "What do 20.0 million euros buy?" in text
    bought = [line for line in text.split("## What to buy")[1].split("## ")[0].splitlines() if line.startswith("| ")]
    assert len(bought) > 2, "a row for each that anybody would buy, under its head"
    figures = {path.name for path in (folder / "figures").iterdir()}
    assert figures == {f"{name}{end}" for name in ("portfolio", "checked") for end in (".png", ".svg", "_phone.svg")}
    assert text.split("## Checked by runs")[1].split("## ")[0].count("| Portfolio ") == len(checks)


def bought_in(view: View, found: Bought) -> PortfolioView:
    """A comparison that checks the portfolio."""
    return PortfolioView(view.experiment, view.design, view.results, bought=found)


def test_what_is_bought_is_named_up_to_four_measures_and_counted_beyond(view: View) -> None:
    bought, scenarios = (
        purchases(WorldSpec())[:7],
        tuple(one for one in view.design.scenarios if one.key in view.policies),
    )
    for money, said in (
        ([6, 5, 4, 3, 0, 0, 0], "(3.00)."), ([6, 5, 4, 3, 2, 0, 0], " and 1 more measure."),
        ([1, 2, 3, 4, 5, 6, 0], " and 2 more measures."), ([0] * 7, "buys nothing."),
    ):  # fmt: skip
        spent, chosen = np.array(money, float), np.array([0.9, 0.95, 0.89, 0.0, 0.0, 0.0, 0.0])
        doses, gains = (spent > 0.0).astype(float)[None], np.arange(3.0)
        found = Bought(20.0, bought, doses, gains, spent, chosen, 9, 0.8, scenarios)
        first, _, last = sentences(bought_in(view, found))
        assert first.endswith(said) and first.count("(") == min(4, np.count_nonzero(spent))
        assert f"would buy {found.short(1)} and {found.short(0)};" in last
        assert found.shown == [1, 0, 2, *(place for place in np.argsort(-spent) if place > 2 and spent[place])]


def test_figures_show_what_is_bought_and_runs_beside_the_emulator(view: View) -> None:
    bought = purchases(WorldSpec())[:3]
    scenarios = tuple(one for one in view.design.scenarios if one.key in view.policies)
    spent, chosen, doses = np.array([0.0, 7.0, 0.0]), np.array([0.5, 0.25, 0.0]), np.array([[0.0, 1.0, 0.0]])
    gains = np.arange(2.0, 2.0 + len(scenarios))
    found = Bought(20.0, bought, doses, gains, spent, chosen, 4, 0.8, scenarios)
    shown = money_and_sets(bought_in(view, found))
    assert shown is not None and [" ".join(name.split()) for name in shown.rows] == [found.name(0), found.name(1)]
    money, sets = shown.panels
    assert money.marks["value"].tolist() == [0.0, 7.0] and sets.marks["value"].tolist() == [0.5, 0.25]
    assert money.marks["words"].tolist() == ["none", found.dose(1)] and found.dose(1)
    nothing = replace(found, chosen=0.0 * chosen, doses=0.0 * doses)
    assert money_and_sets(bought_in(view, nothing)) is None
    checked = as_checked(bought_in(view, found))
    assert checked is not None and len(checked.rows) == len(scenarios) > 1
    (panel,) = checked.panels
    emulator = panel.marks[panel.marks["series"] == "emulator"]
    runs = panel.marks[panel.marks["series"] != "emulator"]
    assert emulator["value"].tolist() == gains.tolist()
    for (row, mark), scenario in zip(runs.iterrows(), scenarios, strict=True):
        effect = view.difference(scenario.key, RANKED_BY)
        assert effect is not None and mark["value"] == pytest.approx(effect.difference), row
        assert (mark["start"], mark["end"]) == pytest.approx((effect.low, effect.high))
        assert scenario.title in checked.rows[mark["row"]]
    low, high = panel.span
    assert low <= 0.0 <= high and low < panel.marks["value"].min() and panel.marks["value"].max() < high
