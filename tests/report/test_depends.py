"""The section on what an effect depends on: what it says of planted outcomes, and where it cannot say anything."""

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sim.experiments import seal
from sim.experiments.manifest import read_manifest
from sim.experiments.sets import ChosenBy
from sim.report import depends
from sim.report.figures.effects import depends_on, describe_depends_on
from sim.report.headline import leading, sentences
from sim.report.section import PageKind, sections_of
from sim.report.studies import read_report
from sim.report.view import View
from sim.results.depends import FEWEST_SETS
from sim.results.stored import PARAMETER_SETS, values_of_sets
from sim.world.parameters import Parameters, with_values

FOLDER = Path(__file__).parents[2] / "results" / "reference"
LASTING, FASTER = depends.ABOUT[0], "faster_mlat"


@pytest.fixture(scope="module")
def view() -> View:
    return read_report(FOLDER)


def with_outcomes(view: View, policy: str, slope: float, level: float) -> View:
    """The same study, in which a policy's effect on lasting takedowns is its level and goes with how courts fill up."""
    outcomes = view.results.outcomes.copy()
    mine = (outcomes["scenario"] == policy).to_numpy()
    seeds, column = outcomes.loc[mine, "seed"], view.drawn_values["desk.court_elasticity"].to_numpy()
    today = outcomes[outcomes["scenario"] == view.baseline].set_index("seed")[LASTING].loc[seeds].to_numpy()
    assert view.experiment.sets is not None
    there = column[view.experiment.sets.numbers(seeds.to_numpy())] - 0.5
    noise = np.random.default_rng(1).normal(0.0, 0.05, len(there))
    outcomes.loc[mine, LASTING] = today * (1.0 + level + slope * there + noise)
    return View(view.experiment, view.design, replace(view.results, outcomes=outcomes), view.folder)


def text(view: View) -> str:
    """Text of the section with its collapsible sections."""
    (mine,) = (one for one in sections_of(PageKind.COMPARE) if one.title == "What this depends on")
    return "\n".join([mine.text(view), *(part.markdown for part in mine.folds(view))])


def test_a_policy_with_a_dependence_has_a_sentence_with_both_ends_and_all_others_share_one(view: View) -> None:
    planted = with_outcomes(view, FASTER, -0.5, 0.5)
    said = text(planted)
    line = next(line for line in said.splitlines() if line.startswith(f"- **{planted.title[FASTER]}.**"))
    assert "goes with how far courts fill up again when waits fall" in line
    lasting = line.partition(". Its")[0]  # effects on other outcomes follow
    low, high = (
        float(found[1])
        for found in re.finditer(r"where courts (?:hardly fill up again|fill up most), \+(\d+) %", lasting)
    )
    assert 55 < low < 80 and 20 < high < 45
    assert said.count("is seen to go with") == 1 and "because" not in said
    assert sorted(re.findall(r"\*\*([^*]+?)\.?\*\*", "\n".join(said.splitlines()[2:7]))) == sorted(
        planted.title[key] for key in planted.reported
    )
    shown = depends_on(planted)
    assert shown is not None and {"rank correlation", "from", "to", "quarter", "change"} <= {*shown.table}
    assert "courts hardly fill up again, +" in describe_depends_on(planted)


def test_the_first_screen_has_a_line_where_a_quarter_changes_the_verdict_and_none_elsewhere(view: View) -> None:
    """The first screen says how an effect depends on courts only if a quarter of the sets changes the verdict."""
    for slope, level, expected in ((-0.5, 0.9, False), (-1.4, 0.9, False), (-3.0, 0.9, True)):
        planted = with_outcomes(view, FASTER, slope, level)
        assert leading(planted) == FASTER
        line = "Where courts fill up most (a quarter of the parameter sets), the effect of"
        assert (line in " ".join(sentences(planted))) == expected, slope


def test_a_study_says_what_it_lacks(view: View) -> None:
    sets = view.experiment.sets
    assert sets is not None
    nameless = View(replace(view.experiment, sets=replace(sets, values=[{}] * 100)), view.design, view.results)
    assert "has no values of its parameter sets" in text(nameless) and depends_on(nameless) is None
    few = View(view.experiment, view.design.first(20, 0), view.results)
    few = replace(few, results=replace(few.results, outcomes=few.outcomes[few.outcomes["seed"] <= 20]))
    assert f"needs {FEWEST_SETS} parameter sets or more. This one has 16." in text(few) and depends_on(few) is None
    assert text(View(replace(view.experiment, sets=None), view.design, view.results)) == ""


def test_what_the_user_sets_is_not_drawn(view: View) -> None:
    chosen = with_values(Parameters(), {"desk.court_elasticity": 0.9})
    fixed = View(replace(view.experiment, parameters=chosen), view.design, view.results)
    assert "courts_fill_up" in {one.key for one in depends.drawn(view).choices}
    assert "courts_fill_up" in {one.key for one in depends.drawn(fixed).missing}
    assert "how far courts fill up again when waits fall" in text(fixed).partition("Nothing is seen of")[2]


def test_values_of_sets_are_those_of_the_table_or_of_the_package_if_it_has_the_same_sets(tmp_path: Path) -> None:
    """A table of a report counts before the package; without both, values are unknown."""
    made = read_manifest(FOLDER / "manifest.json")
    known = values_of_sets(FOLDER, made)
    assert len(known) == 100 and len({one["desk.court_elasticity"] for one in known}) == 100
    for other in (
        {"inputs": {**made["inputs"], "sim/data/ensemble.yaml": "0" * 64}},
        {"command": f"{made['command']} --ensemble mine"},
        {"parameter_sets_are": ChosenBy.PRIOR.value},
        {"parameter_sets": 99},
    ):
        unknown = values_of_sets(FOLDER, made | other)
        assert len(unknown) == other.get("parameter_sets", 100) and not any(unknown)
    rows = "".join(f"{number / 7!r}\n" for number in range(100))
    (tmp_path / PARAMETER_SETS).write_text(f"desk.rebound\n{rows}", encoding="utf-8")
    table = values_of_sets(tmp_path, made | {"command": "comity compare --ensemble mine.csv"})
    assert [one["desk.rebound"] for one in table] == [number / 7 for number in range(100)]


def test_a_table_of_sets_in_a_folder_is_read_back_and_a_changed_one_is_noticed(tmp_path: Path, view: View) -> None:
    folder = tmp_path / "study"
    shutil.copytree(FOLDER, folder)
    made = json.loads((folder / "manifest.json").read_text("utf-8"))
    made["command"] += " --ensemble mine.csv"  # so that the package's sets do not count
    (folder / "manifest.json").write_text(json.dumps(made), encoding="utf-8")
    view.drawn_values.to_csv(folder / PARAMETER_SETS, index=False)
    seal.seal(folder)
    assert read_report(folder).drawn_values.equals(view.drawn_values)
    with (folder / PARAMETER_SETS).open("a", encoding="utf-8") as stream:
        stream.write("\n")
    with pytest.raises(Exception, match=PARAMETER_SETS):
        read_report(folder)
