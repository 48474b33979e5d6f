"""`comity ablate` as a user meets it: what it starts, and what it says about mistakes."""

from pathlib import Path

import pytest

from sim.cli import INPUT_ERROR, main
from sim.experiments.config import Experiment
from sim.experiments.mechanisms import mechanisms

DECISIVE = ["hop_chain", "queues", "alert", "return", "learning", "rebound", "leaks", "silence"]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Experiment]:
    """Experiments that would have been run."""
    experiments: list[Experiment] = []

    def keep(experiment: Experiment, _kind: object, _console: object) -> Path:
        experiments.append(experiment)
        return experiment.results / "finished"

    monkeypatch.setattr("sim.report.studies.report", keep)
    return experiments


def test_the_default_leaves_out_the_decisive_ones(started: list[Experiment], tmp_path: Path) -> None:
    assert main(["ablate", "-o", str(tmp_path)]) == 0
    (experiment,) = started
    assert [mechanism.key for mechanism in experiment.mechanisms] == DECISIVE
    assert [scenario.key for scenario in experiment.scenarios] == [
        *("status_quo", "harmonised_law", "faster_mlat", "harmonised_and_faster")
    ]
    assert 2 <= experiment.replicates < 100
    assert experiment.resolved["ablation"]["mechanisms"] == DECISIVE


def test_all_leaves_out_every_declared_one(started: list[Experiment], tmp_path: Path) -> None:
    assert main(["ablate", "--all", "-o", str(tmp_path)]) == 0
    assert started[0].mechanisms == mechanisms()


@pytest.mark.parametrize(
    "words",
    [
        ["--mechanism", "silence", "--mechanism", "hop_chain"],
        ["ablation.mechanisms=[silence,hop_chain]"],
    ],
)
def test_a_choice_by_option_or_by_key(words: list[str], started: list[Experiment], tmp_path: Path) -> None:
    more = ["no_cooperation", "execution.replicates=7", "--seed", "3", "world=tiny", "--quiet"]
    assert main(["ablate", *words, *more, "-o", str(tmp_path)]) == 0
    (experiment,) = started
    assert [mechanism.key for mechanism in experiment.mechanisms] == ["silence", "hop_chain"]
    assert [scenario.key for scenario in experiment.scenarios] == ["status_quo", "no_cooperation"]
    assert (experiment.replicates, experiment.first_seed, experiment.world.groups) == (7, 3, 20)


def test_what_can_be_left_out_is_listed(capsys: pytest.CaptureFixture[str], started: list[Experiment]) -> None:
    assert main(["ablate", "--list"]) == 0
    listed = capsys.readouterr().out
    assert all(mechanism.key in listed for mechanism in mechanisms())
    assert not started


def test_help_and_completion_know_it(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["ablate", "--help"])
    printed = capsys.readouterr().out
    assert all(words in printed for words in ("--mechanism", "--all", "ablation.mechanisms", "execution.replicates=50"))
    for shell in ("bash", "zsh"):
        assert main(["--print-completion", shell]) == 0
        assert "--mechanism" in capsys.readouterr().out


#: Words after `comity ablate`; what the one message must hold.
MISTAKES: dict[str, tuple[list[str], tuple[str, ...]]] = {
    "unknown mechanism": (["--mechanism", "quues"], ("--mechanism", "quues", "queues", "--list")),
    "unknown in a list": (["ablation.mechanisms=[alrt]"], ("ablation.mechanisms", "alrt", "alert")),
    "named twice": (["--mechanism", "alert", "--mechanism", "alert"], ("--mechanism", "alert", "twice")),
    "none": (["ablation.mechanisms=[]"], ("ablation.mechanisms", "no mechanism", "hop_chain")),
    "not a list": (["ablation.mechanisms=queues"], ("ablation.mechanisms", "list", "[hop_chain,queues]")),
    "all and one": (["--all", "--mechanism", "alert"], ("--all", "--mechanism")),
    "off already": (
        ["--mechanism", "alert", "uncertainty.mechanism.with_alert=0"],
        ("ablation.mechanisms", "alert", "already", "uncertainty.mechanism.with_alert=0"),
    ),
    "half a switch": (["uncertainty.mechanism.with_alert=0.5"], ("uncertainty.mechanism.with_alert", "0.5", "1 or 0")),
    "unknown key": (["ablation.mechanism=[alert]"], ("ablation.mechanism", "ablation.mechanisms")),
    "nothing to compare": (["status_quo"], ("SCENARIO", "status_quo", "harmonised_law")),
    "unknown scenario": (["faster"], ("SCENARIO", "faster", "faster_mlat")),
    "no replicate": (["--replicates", "0"], ("execution.replicates", "0")),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_one_message_and_exit_code_2(
    name: str, capsys: pytest.CaptureFixture[str], started: list[Experiment], tmp_path: Path
) -> None:
    words, parts = MISTAKES[name]
    assert main(["ablate", *words, "-o", str(tmp_path)]) == INPUT_ERROR
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("comity: error: command line: ")
    assert printed.err.count("\n") == 1
    for part in parts:
        assert part in printed.err
    assert not started


def test_the_key_belongs_to_ablate_alone(
    capsys: pytest.CaptureFixture[str], started: list[Experiment], tmp_path: Path
) -> None:
    assert main(["compare", "ablation.mechanisms=[alert]", "-o", str(tmp_path)]) == INPUT_ERROR
    assert "unknown key" in capsys.readouterr().err
    assert not started
