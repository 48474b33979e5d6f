"""Tests of stopping a comparison once an effect is precise, with the same worlds in any case."""

import json
import re
import time
from dataclasses import replace
from functools import cache
from io import StringIO
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from sim.experiments import conduct as conducting
from sim.experiments import control
from sim.experiments.conduct import Options, Precision, conduct
from sim.experiments.ledger import FLUSH_RUNS, Ledger
from sim.experiments.plan import Base, Kind
from sim.experiments.results import read_results
from sim.experiments.run import Replicate, ScenarioRun
from sim.experiments.sets import ParameterSets, set_numbers
from sim.experiments.statistics import FEWEST_PAIRS, Until, mean
from sim.experiments.study import Study
from sim.measures.outcomes import Measured, measure
from sim.policy.problem import InputError
from sim.report import pages, studies
from sim.report.studies import Answers, design_of, read_report, report
from tests.experiments.fakes import experiment
from tests.measures.worlds import random_arm

TWO = ("status_quo", "faster_mlat")
EFFECTS = 0.6 + np.random.default_rng(5).normal(size=401)


@cache
def usual():
    return measure(random_arm(1, requests=200, jobs=300, groups=30, faster=1.0))


def world(task):
    """Stand-in: the policy adds a listed effect to the takedown rate and changes nothing else."""
    rates = {"status_quo": 9.0, "faster_mlat": 9.0 + EFFECTS[task.seed]}
    arms = []
    for scenario in task.scenarios:
        outcomes = usual().outcomes | {"takedown_rate": rates[scenario.key]}
        arms.append(ScenarioRun(scenario.key, Measured(outcomes, usual().breakdowns), {}))
    return Replicate(tuple(arms))


def conducted(asked, folder, evaluate=world, console=None):
    design, console = design_of(asked, Kind.COMPARE), console or Console(file=StringIO(), width=400)
    answers = Answers(asked, design, console, kept=False)
    more = {"about": {}, "evaluate": evaluate, "watch": answers}
    study, finished = conduct(asked, design.plan, folder, Options(), console, **more)
    return answers.worlds, read_results(study, design.first(answers.worlds).plan), finished, console.file.getvalue()


@pytest.mark.slow
def test_worlds_are_added_until_the_interval_is_narrow_and_not_until_the_effect_is_clear(tmp_path):
    width, ran = 0.27, []
    known = {n: mean(EFFECTS[1 : n + 1]) for n in range(FEWEST_PAIRS, 401)}
    enough = next(n for n, found in known.items() if (found.high - found.low) / 2 <= width)
    assert known[FEWEST_PAIRS].low > 0.0, "clear at once"
    assert FEWEST_PAIRS < enough < 80
    asked = replace(experiment(tmp_path, TWO, replicates=200), until=Until("takedown_rate", width))

    def interrupted(task):
        ran.append(task.seed)
        if len(ran) == enough - 5:
            raise KeyboardInterrupt
        return world(task)

    with pytest.raises(KeyboardInterrupt):
        conducted(asked, tmp_path / "a", interrupted)
    worlds, resumed, *_ = conducted(asked, tmp_path / "a")
    others, whole, finished, _ = conducted(replace(asked, replicates=300), tmp_path / "b")
    assert worlds == others == enough and finished.enough
    assert finished.missing > 0
    pd.testing.assert_frame_equal(resumed.outcomes, whole.outcomes)
    assert conducted(replace(asked, until=Until("takedown_rate", 9.0)), tmp_path / "a")[0] == FEWEST_PAIRS
    assert conducted(replace(asked, replicates=32, until=Until("takedown_rate", 1e-6)), tmp_path / "c")[0] == 32


@pytest.mark.parametrize("sets", [None, ParameterSets([{}] * 100)], ids=["independent", "sharing sets"])
def test_the_first_number_of_worlds_with_a_narrow_interval_is_enough(sets, tmp_path):
    """A comparison stops at the first number of worlds with a narrow enough interval."""
    design = design_of(replace(experiment(tmp_path, TWO, replicates=100), sets=sets), Kind.COMPARE)
    baseline = [scenario.key for scenario in design.plan.base.scenarios].index("status_quo")
    runs = [run for past in design.plan.warm_ups(np.ones(len(design.plan), bool)) for run in past]
    effects = EFFECTS + (0.0 if sets is None else 3.0 * EFFECTS[set_numbers(np.arange(401) - 1)])
    rates = [9.0 + run.seed % 7 + (run.scenario != baseline) * effects[run.seed] for run in runs]
    done = [(run, Measured({"takedown_rate": rate}, {})) for run, rate in zip(runs, rates, strict=True)]
    shared = None if sets is None else set_numbers(np.arange(100))
    known = [mean(effects[1 : n + 1], shared if shared is None else shared[:n]) for n in range(FEWEST_PAIRS, 101)]
    for width in (0.25, 0.3, 1.1, 9.0, 1e-6):
        enough = [n for n, found in enumerate(known, FEWEST_PAIRS) if (found.high - found.low) / 2 <= width]
        asked, few = (Precision(Until("takedown_rate", width), design) for _ in range(2))
        asked.add(done)
        assert asked.enough(100) == (enough[0] if enough else 0)
        few.add(done)
        assert few.enough(FEWEST_PAIRS - 1) == 0
        assert few.enough(100) == asked.enough(100)


def test_worlds_that_are_there_already_count_as_those_that_arrive(tmp_path):
    asked = replace(experiment(tmp_path, TWO, replicates=6), first_seed=4)
    design = design_of(asked, Kind.COMPARE)
    study, _ = conduct(asked, design.plan, tmp_path / "a", Options(), Console(quiet=True), about={}, evaluate=world)
    found = Precision(Until("takedown_rate", 9.0), design)
    found.begin(Study(tmp_path / "none", study.about))
    assert np.isnan(found._values).all()
    found.begin(study)
    np.testing.assert_allclose(found._values, [np.full(6, 9.0), 9.0 + EFFECTS[4:10]])


def test_what_cannot_be_a_width_is_one_message():
    for written in ("takedown=0.1", "takedown_rate", "takedown_rate=x", "takedown_rate=-1", "harm=inf"):
        with pytest.raises(InputError, match="--until"):
            Until.read(written)


def pictures(folder):
    """File types of the figures in a summary, all of which exist."""
    names = re.findall(r"\(figures/(.*)\)", (folder / "summary.md").read_text())
    assert names and all((folder / "figures" / name).is_file() for name in names)
    return {Path(name).suffix for name in names}


def test_the_first_answer_is_printed_and_its_report_stands_there_until_it_is_renewed(tmp_path, monkeypatch):
    seen = []

    def waits(task):
        if task.seed == 24:
            until = time.monotonic() + 120
            while not (found := list(tmp_path.glob("compare-*/summary.md"))) and time.monotonic() < until:
                time.sleep(0.1)
            seen.extend((path.parent, path.read_text(), read_report(path.parent).outcomes) for path in found)
            seen.extend(pictures(path.parent) for path in found)
        return world(task)

    monkeypatch.setattr(conducting, "run_replicate", waits)
    monkeypatch.setattr(conducting, "compile_rules", lambda *_: None)
    monkeypatch.setattr(studies, "WORTH_SECONDS", 0.0)
    monkeypatch.setattr(pages, "FIGURES", {"forest": pages.FIGURES["forest"]})
    console = Console(file=StringIO(), width=400)
    place = report(experiment(tmp_path, TWO, replicates=24), Kind.COMPARE, console)
    (first, summary, outcomes), early = seen
    assert (early, pictures(place)) == ({".svg"}, {".png"})
    assert list(tmp_path.iterdir()) == [first] == [place] and "by 20 of 24 worlds" in summary
    assert set(outcomes["seed"]) == set(range(1, 21))
    assert all(words in console.file.getvalue() for words in ("After 20 of 24 worlds", "Report so far: "))
    assert json.loads((place / "manifest.json").read_text())["worlds"] == 24
    assert "of 24 worlds" not in (place / "summary.md").read_text()
    assert len(read_report(place).design.plan) == 48


def test_a_report_of_the_first_worlds_ends_where_nobody_waits_for_it(tmp_path):
    answers = Answers(
        experiment(tmp_path, TWO), design_of(experiment(tmp_path, TWO), Kind.COMPARE), Console(quiet=True)
    )
    answers._go_on(1)
    answers.close()
    with pytest.raises(KeyboardInterrupt):
        answers._go_on(1)


def test_progress_into_a_file_is_lines_with_the_time_that_remains_after_the_first_runs(monkeypatch):
    for seconds, lines in ((0.0, 4), (3600.0, 0)):
        monkeypatch.setattr(control, "LINE_SECONDS", seconds)
        console = Console(file=StringIO(), width=200)
        with control.counting(console, "Simulating", 40, quiet=False, shown=control.Display(0, 0)) as advance:
            for _ in range(3):
                advance(1, 0)
        found = console.file.getvalue().splitlines()
        assert len(found) == lines
        assert all(f"{number} of 40 runs, 0 failed" in line for number, line in enumerate(found))
        assert ["remaining" in line for line in found] == [False, False, True, True][: len(found)]
    # Before it ends, rules are loaded; what was done before this process began says nothing of its speed.
    now = [100.0]
    monkeypatch.setattr(control, "monotonic", lambda: now[0])
    monkeypatch.setattr(control, "LINE_SECONDS", 0.0)
    console, shown = Console(file=StringIO(), width=200), control.Display(10, 1)
    with control.counting(console, "Simulating", 100, quiet=False, shown=shown) as advance:
        for seconds, done, failed in ((50.0, 2, 0), (60.0, 5, 1), (60.0, 54, 0), (60.0, 27, 0)):
            now[0] += seconds
            advance(done, failed)
    assert console.file.getvalue().splitlines() == [
        "11 of 100 runs, 1 failed",
        "13 of 100 runs, 1 failed",
        "19 of 100 runs, 2 failed, 0.1 per second, some 14 min remaining",
        "73 of 100 runs, 2 failed, 0.5 per second, some 1 min remaining",
        "100 of 100 runs, 2 failed, 0.5 per second, some 1 min remaining",
    ]
    assert (shown.done, shown.failed, shown.fresh) == (98, 2, 89)


@pytest.mark.parametrize(
    ("since_begin", "since_last", "writing", "waiting", "written"),
    [
        *((9.0, 1.9, 0.0, 5, False), (9.0, 2.1, 0.0, 5, True), (1000.0, 9.0, 0.0, 5, False)),
        *((1000.0, 11.0, 0.0, 5, True), (9.0, 4.9, 0.1, 5, False), (9.0, 5.1, 0.1, 5, True)),
        *((9.0, 0.0, 0.0, FLUSH_RUNS - 1, False), (9.0, 0.0, 0.0, FLUSH_RUNS, True)),
    ],
)
def test_results_are_written_as_often_as_costs_little(
    since_begin, since_last, writing, waiting, written, tmp_path, monkeypatch
):
    """Results are written when writing costs little of the time so far, or when many are waiting."""
    now, wrote = [0.0], []
    monkeypatch.setattr("sim.experiments.ledger.monotonic", lambda: now[0])

    class Slow(Ledger):
        def _write(self):
            now[0] += writing
            wrote.append(now[0])

    with Slow(tmp_path, SimpleNamespace(base=Base((), (), {})), "", {}, "") as ledger:
        now[0] = since_begin - writing
        ledger.flush()
        now[0] += since_last
        ledger.add(range(waiting))
        assert (len(wrote) == 2) == written
    assert len(wrote) == 2 + written, "and what waits at the end"
