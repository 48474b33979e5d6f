"""What earlier versions had and this one has not: one message that names the successor, and exit code 2."""

import re

import pytest

from sim.cli import INPUT_ERROR, main
from sim.policy.levers import LEVERS
from sim.world.parameters import REPLACED, declarations

PARAMETERS = {name for name, _, _ in declarations()}


def test_successors_are_there_and_what_they_replace_is_not() -> None:
    themes = {name.partition(".")[0] for name in PARAMETERS}
    for gone, successor in REPLACED.items():
        assert gone not in {*PARAMETERS, *LEVERS}
        named = {word for word in re.findall(r"[a-z_]+\.[a-z_]+", successor) if word.partition(".")[0] in themes}
        assert named <= PARAMETERS


@pytest.mark.parametrize("gone", REPLACED)
def test_a_parameter_that_is_gone_is_answered_with_its_successor(gone, tmp_path, capsys):
    """Behind a command, in a sweep, in a file of points, and as a lever of a scenario file."""
    points, scenario = tmp_path / "points.csv", tmp_path / "old.yaml"
    points.write_text(f"uncertainty.{gone}\n0.5\n")
    head = "title: Old\nquestion: Does it still say something?\nauthor: Nobody\n"
    scenario.write_text(f"{head}changes:\n  - lever: {gone}\n    value: 50 %\n    date: 2027-01-01\n")
    for words in (
        ["run", "status_quo", f"uncertainty.{gone}=0.5"],
        ["sweep", "status_quo", f"{gone}=0.1,0.5"],
        ["sweep", "status_quo", "sweep.design=csv", f"sweep.points={points}"],
        ["run", str(scenario)],
    ):
        assert main(words) == INPUT_ERROR
        said = capsys.readouterr().err
        assert REPLACED[gone] in " ".join(said.split()), said
        assert said.count("error:") == 1
