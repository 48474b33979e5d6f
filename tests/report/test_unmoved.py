"""Tests of summary.md on scenarios without effect, accessions, and changes hidden by rounding."""

import re
from dataclasses import replace

import numpy as np
import pytest

from sim.experiments.design import comparison
from sim.report import studies
from sim.report.draw import FIGURES
from sim.report.figures.effects import SHOWN
from sim.report.phrases import unmoved, unmoved_lines
from sim.report.style import styled
from sim.report.view import View
from tests.experiments.fakes import experiment, view_of
from tests.report.pages import report_text, with_results


@pytest.fixture(scope="module")
def view(tmp_path_factory: pytest.TempPathFactory) -> View:
    """A comparison of three scenarios from stand-in runs."""
    folder = tmp_path_factory.mktemp("view")
    asked = experiment(folder, ("status_quo", "faster_mlat", "second_protocol"), replicates=3)
    made = view_of(asked, comparison(asked, studies.rungs()))
    outcomes = made.results.outcomes
    outcomes.loc[outcomes["scenario"] == "second_protocol", "harm"] *= 1.01
    return made


def with_outcomes(view: View, scenario: str, **other: float) -> View:
    """A view in which a scenario has the baseline's outcomes, except for given values in one seed."""
    outcomes = view.results.outcomes.copy()
    outcomes["scenario"] = outcomes["scenario"].astype(str)
    numbers = [name for name in outcomes if name not in ("block", "scenario", "seed")]
    mine, base = (outcomes["scenario"] == key for key in (scenario, "status_quo"))
    outcomes.loc[mine, numbers] = outcomes.loc[base, numbers].to_numpy()
    for name, value in other.items():
        outcomes.loc[mine & (outcomes["seed"] == 2), name] = value
    return with_results(view, outcomes)


def test_a_scenario_that_moved_no_outcome_is_named_and_one_outcome_in_one_replicate_is_enough(view: View) -> None:
    assert not (unmoved(view)) and "moved no outcome" not in report_text(view)
    still = with_outcomes(view, "faster_mlat", policy_cost=5.0)
    assert list(unmoved(still)) == ["faster_mlat"], "its own cost is no effect"
    (line,) = unmoved_lines(still)
    said = f"“{view.title['faster_mlat']}” moved no outcome"
    assert line.startswith(f"{said} in any of 3 replicates: each equals that under “Law and practice")
    assert said in report_text(still)
    for value in (1e-9, np.nan):
        assert not (unmoved(with_outcomes(view, "faster_mlat", takedown_rate=value)))
    nowhere = with_results(view, view.results.outcomes.assign(turnaround_p90=np.nan))
    assert len(unmoved(with_outcomes(nowhere, "faster_mlat"))) == 1, "what is defined in neither is the same"


def test_the_summary_says_how_many_have_joined(view: View) -> None:
    text = report_text(view)
    assert set(view.in_force["scenario"]) == {"second_protocol"}
    assert len(set(view.in_force["seed"])) == 3
    table = text.split("## How many states have joined, year by year")[1].split("\n## ")[0]
    title = f"| {view.title['second_protocol']}: second_protocol"
    row = next(line for line in table.splitlines() if line.startswith(title))
    last = view.in_force[view.in_force["year"] == 2036]
    assert f"| {last['in_force'].mean():.1f}".removesuffix(".0") in row


def test_where_nobody_joins_there_is_no_table(view: View) -> None:
    plain = replace(view.design, scenarios=view.design.scenarios[:2])
    nobody = View(view.experiment, plain, view.results)
    assert nobody.in_force.empty and "How many states have joined" not in report_text(nobody)
    assert not re.search(r"\n\n\n", report_text(view)), "no paragraph is empty"


def test_a_comparison_of_many_policies_has_a_forest_that_can_be_read(view: View) -> None:
    first = view.design.scenarios[1]
    many = [replace(first, key=f"policy_{number}", title=f"Policy {number}") for number in range(28)]
    design = replace(view.design, scenarios=(view.design.scenarios[0], *many))
    crowd = View(view.experiment, design, view.results)
    few = [entry for entry in view.differences["main"] if entry.scenario == first.key]
    crowd.__dict__["differences"] = {"main": [replace(entry, scenario=one.key) for one in many for entry in few]}
    with styled():
        figure = FIGURES["forest"].draw(crowd)
    assert figure.get_size_inches()[1] < 7 * len(SHOWN), "a quarter of an inch for each policy and outcome"
    assert len(figure.axes[0].get_yticks()) == len(SHOWN)
