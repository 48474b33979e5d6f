"""Tests of `comity regret`, from command line to results folder, on stand-in runs."""

import html
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim.cli import INPUT_ERROR, main
from sim.experiments import statistics
from sim.experiments.seal import renew
from sim.experiments.statistics import Estimate
from sim.measures.outcomes import outcome
from sim.policy.problem import InputError
from sim.report.draw import REGRET_FIGURES
from sim.report.figures.rows import Rows, factor
from sim.report.questions import verdicts
from sim.report.studies import read_report
from sim.report.view import View
from sim.results.league import JUDGED, Regret, hindsight
from sim.results.words import number, span, unbroken
from tests.experiments.fakes import decided
from tests.report.conftest import Once
from tests.report.reading import answer_in, check_first_screen


@pytest.fixture(scope="module")
def folder(once: Once) -> Path:
    """The results folder of the default policymaker."""
    return next(once("decided", decided).glob("regret-*"))


def test_the_folder_says_what_was_judged(folder: Path) -> None:
    files = {path.name for path in folder.iterdir()}
    assert {"summary.md", "regret.csv", "outcomes.csv", "differences.csv", "manifest.json"} <= files
    assert {path.stem for path in (folder / "figures").iterdir()} == {"decisions_compared", "decisions_compared_phone"}
    table = pd.read_csv(folder / "regret.csv")
    assert set(table["outcome"]) == set(JUDGED)
    arms = {f"monitor_and_update{ending}" for ending in ("", ".open_loop", ".at_random")}
    assert arms < set(table["scenario"])
    text = (folder / "summary.md").read_text("utf-8")
    assert text.split("## What was found")[1].split("## ")[0].count("Best in hindsight: Plan ") == len(JUDGED)
    ways = [line for line in text.split("## Gains and regret")[1].split("## ")[0].splitlines() if line.startswith("| ")]
    assert len(ways[2:]) == table["scenario"].nunique(), "each way to decide, with its cost, gains and regrets"
    assert all(words in text for words in (*(outcome(key).title for key in JUDGED), "40 million euros"))
    assert "nan" not in text and "$" not in text


def test_the_first_screen_gives_every_regret_with_its_interval(folder: Path) -> None:
    text = (folder / "summary.md").read_text("utf-8")
    answer = answer_in(text)
    check_first_screen(answer)
    table = pd.read_csv(folder / "regret.csv")
    mine = table[table["scenario"] == "monitor_and_update"].set_index("outcome")
    for key in JUDGED:
        row = mine.loc[key]
        shown = span(row["regret"], row["regret_low"], row["regret_high"], outcome(key).unit)
        assert f"(regret {shown}" in answer[1]
        clear = row["regret_low"] > 0 or row["regret_high"] < 0
        open_ = answer[1].lower().partition("chance hides which does better on ")[2]
        assert (shown in open_) != clear, "what chance decides is said so"
    assert "over 4 replicates intervals are rough" in answer[2]
    costs = pd.read_csv(folder / "outcomes.csv").groupby("scenario")["policy_cost"].median()
    costs = costs.map(lambda euros: float(f"{euros:.2g}"))
    assert answer[2].startswith(f"Reviewing commits {number(costs['monitor_and_update'])} million euros, the best")
    best = costs[list(set(mine["best"]))]
    assert {number(best.min()), number(best.max())} <= set(answer[2].partition(";")[0].split())
    report = html.unescape((folder / "report.html").read_text("utf-8"))
    assert all(f"<p>{unbroken(sentence)}</p>" in report for sentence in answer)


def test_the_figure_draws_gains_the_best_plan_and_regrets_of_each_way(folder: Path) -> None:
    """The figure shows gains, the best plan in hindsight, and regrets of decision rules and plans."""
    found = read_report(folder)
    shift = dict(zip(found.compared, np.arange(1.0, 1.0 + len(found.compared)), strict=True))
    base = np.array([1.0, 3.0, 2.0, 6.0])
    gains = {key: shift[key] * base for key in found.compared}
    bar = hindsight(np.array([gains[plan] for plan in found.plans]))
    entries = [
        Regret(way, key, found.plans[-1], statistics.mean(gain), statistics.mean(bar - gain))
        for key in JUDGED
        for way, gain in gains.items()
    ]
    drawn = REGRET_FIGURES["decisions_compared"].specify(made_of(found, entries))
    assert isinstance(drawn, Rows) and [panel.title for panel in drawn.panels] == [outcome(key).title for key in JUDGED]
    for key, panel in zip(JUDGED, drawn.panels, strict=True):
        mine = [entry for entry in entries if entry.outcome == key]
        assert panel.marks["value"].tolist() == pytest.approx([factor(outcome(key).unit) * e.gain.value for e in mine])
        assert panel.marks["words"].tolist() == [span(*entry.regret[:3], outcome(key).unit) for entry in mine]
        assert panel.marks["clear"].tolist() == [not entry.gain.includes_zero for entry in mine]
        assert panel.marks["series"].tolist() == ["own", "once", "once", *["fixed"] * len(found.plans)]
        assert panel.lines[-1][0] == pytest.approx(factor(outcome(key).unit) * bar.mean())
        assert panel.span[0] <= 0.0 < panel.lines[-1][0] < panel.span[1]
    said = REGRET_FIGURES["decisions_compared"].describe(made_of(found, entries))
    assert all(span(*entry.regret[:3], outcome(entry.outcome).unit) in said for entry in entries[:: len(gains)])


def made_of(view: View, entries: list[Regret]) -> View:
    """A copy of the view with other regrets."""
    other = replace(view)
    other.__dict__["regrets"] = entries
    return other


def test_ways_to_decide_are_read_back_unless_the_scenario_has_changed(folder: Path, tmp_path: Path) -> None:
    found, table = read_report(folder), pd.read_csv(folder / "regret.csv")
    assert found.scenarios[:2] == ["status_quo", "monitor_and_update"] and set(table["scenario"]) < set(found.scenarios)
    shutil.copytree(folder, tmp_path / "copy")
    made = tmp_path / "copy" / "manifest.json"
    made.write_text(made.read_text("utf-8").replace('"Plan 1: ', '"Plan 1: other, '), encoding="utf-8")
    renew(made)
    with pytest.raises(InputError, match="monitor_and_update"):
        read_report(tmp_path / "copy")


def test_who_does_better_is_said_by_the_sign_of_a_regret_that_is_clear() -> None:
    gain = Estimate(1.0, 0.5, 1.5, 20)
    ends = dict(zip(JUDGED, ((2.0, 1.0, 3.0), (-2.0, -3.0, -1.0), (0.5, -1.0, 2.0)), strict=False))
    said = verdicts([Regret("a", key, "plan", gain, Estimate(*end, 20)) for key, end in ends.items()])
    starts = ("the best fixed plan does better on", "reviewing does better on", "chance hides which does better on")
    for start, key, words in zip(starts, ends, said, strict=True):
        assert words.startswith(start) and outcome(key).title.lower() in words.lower()


def test_mistakes_are_one_message(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    for words, fault in (
        *(("faster_mlat", "no policymaker who reviews"), ("monitor_and_update faster_mlat", "more than one scenario")),
        *(("monitor_and_updat", "unknown scenario"), ("--replicates 1", "too few replicates")),
    ):
        assert main(["regret", *words.split(), "-o", str(tmp_path)]) == INPUT_ERROR
        message = capsys.readouterr().err
        assert message.startswith("comity: error: ") and fault in message and "Traceback" not in message
