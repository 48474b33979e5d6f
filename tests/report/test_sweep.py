"""What the words and figures of a study say, on tables that are made up."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from sim.experiments.analyse.cases import Cases, Contrast
from sim.experiments.analyse.sensitivity import Method, Sensitivity
from sim.measures.outcomes import outcome
from sim.report.sweep import pages
from sim.report.sweep.plot import PlotOptions, plots
from sim.report.sweep.shown import Shown, show
from tests.experiments.analyse.test_analyse import known
from tests.experiments.sweep.studies import carried_out, ready


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Shown:
    """A study of two levels and one seed, in which no group is watched beyond the second month."""

    def watched_shortly(task):
        made = known(task)
        for arm in made.arms:
            curve = arm.measured.breakdowns["takedown_curve"]
            curve["at_risk"] = np.array([3.0, 1.0, 0.0])
            arm.measured.breakdowns["turnaround_curve"] = {"month": np.arange(3.0), "answered": np.arange(3.0) / 2}
        return made

    words = ("court.staff=1,2", "execution.replicates=1", "sweep.breakdowns=[takedown_curve,turnaround_curve]")
    made, _ = carried_out(ready(tmp_path_factory.mktemp("study"), *words), watched_shortly)
    return show(Cases.read(made.folder), (), "", (), "comity plot")


def words_of(figure) -> str:
    return " ".join(" ".join(part.get_text() for part in figure.texts).split())


def test_curves_say_what_they_leave_out_and_end_where_nobody_is_at_risk(shown: Shown) -> None:
    takedown, turnaround = plots(shown, PlotOptions(survival=True))
    assert "those met with silence are left out" in words_of(turnaround.figure)
    assert "silence" not in words_of(takedown.figure)
    assert {tuple(line.get_xdata()) for line in takedown.figure.axes[0].lines} == {(0.0, 1.0)}
    assert {tuple(line.get_xdata()) for line in turnaround.figure.axes[0].lines} == {(0.0, 1.0, 2.0)}


def test_figures_of_a_tiny_world_say_that_its_numbers_mean_nothing(shown: Shown) -> None:
    """Where the study was made in one, no matter which command draws it."""
    for words, warned in (("comity sweep", False), ("comity sweep world=tiny --seed 2", True)):
        study = replace(shown.study, about=shown.study.about | {"command": words})
        cases = replace(shown, study=study)
        (drawing,) = plots(cases, PlotOptions(x="court.staff"))
        assert ("its numbers mean nothing" in words_of(drawing.figure)) == warned
        (run,) = pages.page(cases, {}, words).sections
        assert ("its numbers mean nothing" in run.markdown) == warned
    one = replace(shown, rows=shown.rows.head(1))
    assert "2 points, 1 seed per point, 1 run shown." in one.basis


def test_a_long_title_of_a_scatter_is_not_cut_off(shown: Shown) -> None:
    keys = ("without_criminality_per_year", "evidence_lost_retention_share")
    (drawing,) = plots(shown, PlotOptions(scatter=keys))
    title = drawing.figure.texts[0]
    assert title.get_window_extent().x1 <= drawing.figure.bbox.width
    assert all(outcome(key).title.lower() in " ".join(title.get_text().split()).lower() for key in keys)


def ranks(**columns) -> Sensitivity:
    """A regression of two outcomes on one axis."""
    table = {"outcome": ["harm", "takedown_rate"], "contrast": "status_quo", "parameter": "court.staff"}
    table |= {"value": -0.48, "low": -0.9, "high": -0.1, "size": 6, "seeds": 2}
    table |= {"noise_share": float("nan"), "r_squared": 0.4, "confounded": False}
    return Sensitivity(Method.RANKS, pd.DataFrame(table | columns))


def sentences_of(found: Sensitivity) -> str:
    outcomes = [outcome(key) for key in ("harm", "takedown_rate")]
    return pages.sensitivity(found, outcomes, [Contrast("status_quo", "")], [], []).markdown


def test_what_explains_nothing_is_said_to_explain_nothing() -> None:
    assert "It explains 40 % or more of the ranks (R²" in sentences_of(ranks())
    assert "distinguished from zero" not in sentences_of(ranks())
    some = sentences_of(ranks(r_squared=[0.4, -0.2]))
    assert "cannot be distinguished from zero" in some and "for: Takedown rate." in some
    assert "It explains 40 % or more of the ranks of the others" in some
    assert " 0 % or more" not in sentences_of(ranks(r_squared=[0.001, -0.2]))


def test_an_interval_without_width_is_withheld() -> None:
    assert sentences_of(ranks()).count("−0.48 (−0.90 to −0.10)") == 2
    exact = sentences_of(ranks(low=[-0.48 - 1e-15, -0.9], high=[-0.48, -0.1]))
    assert exact.count("−0.48 (no interval)") == 1
    assert "(–" not in sentences_of(ranks(low=float("nan"), high=float("nan")))
