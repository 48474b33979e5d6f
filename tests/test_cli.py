"""The commands as a user meets them: what they print, and what they say about mistakes."""

import os
import re
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from sim.cli import INPUT_ERROR, INTERRUPTED, main
from sim.engine.caching import PLACE
from sim.experiments.config import Experiment
from sim.experiments.design import plain
from sim.experiments.identity import study_hash
from sim.policy.levers import LEVERS
from sim.policy.scenario import catalogue
from sim.report.picture import Picture
from tests.experiments.fakes import faulty_replicate

ROOT = Path(__file__).parents[1]


def command(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sim", *words],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=120,
        check=False,
    )


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Experiment]:
    """Experiments that would have been run."""
    experiments: list[Experiment] = []

    def keep(experiment: Experiment, _kind: object, _console: object) -> Path:
        experiments.append(experiment)
        return experiment.results / "finished"

    monkeypatch.setattr("sim.report.studies.report", keep)
    return experiments


def test_help_names_every_command() -> None:
    printed = command("--help")
    assert printed.returncode == 0
    for name in ("run", "compare", "scenarios", "levers", "law"):
        assert name in printed.stdout


@pytest.mark.parametrize("words", ["--help", "sweep --help", "run --helpp", "--version"])
def test_help_comes_at_once_since_it_imports_nothing_heavy(words: str) -> None:
    """The standard library alone, and no more of the package than reads words."""
    code = (
        f"import sys; sys.argv = ['comity', *{words.split()}]; before = set(sys.modules)\n"
        "try:\n    from sim.__main__ import main; main()\nexcept SystemExit:\n    pass\n"
        "roots = {name.partition('.')[0] for name in set(sys.modules) - before}\n"
        "print('also', *sorted(roots - sys.stdlib_module_names - {'sim'}))\n"
        "print('own', sum(name.startswith('sim.') for name in sys.modules))"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True).stdout
    *_, also, own = printed.splitlines()
    assert also == "also"
    assert int(own.removeprefix("own ")) < 12


#: `comity WORDS`, interrupted at its N-th import.
INTERRUPTED_IMPORT = """
import os, signal, sys

class Interrupts:
    left = int(sys.argv.pop(1))

    def find_spec(self, *_):
        Interrupts.left -= 1
        if not Interrupts.left:
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Interrupts())
from sim.__main__ import main
sys.exit(main())
"""


@pytest.mark.parametrize("number", [3, 60, 400])
def test_an_interrupt_while_the_program_is_read_is_130_and_no_traceback(number: int) -> None:
    words = [sys.executable, "-c", INTERRUPTED_IMPORT, str(number), "run", "status_quo", "world.groups=-3"]
    printed = subprocess.run(words, capture_output=True, text=True, cwd=ROOT, check=False, preexec_fn=_heard)
    assert printed.returncode == INTERRUPTED, printed.stderr
    assert "Traceback" not in printed.stderr
    assert printed.stderr.count("\n") == 2


def _heard() -> None:
    """A shell's background jobs, and all that they start, do not hear interrupts: this process does in any case."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, INTERRUPTED), pytest.param(signal.SIGTERM, 143, marks=pytest.mark.slow)]
)
def test_a_signal_is_obeyed_while_rules_compile(tmp_path: Path, number: int, code: int) -> None:
    words = [sys.executable, "-m", "sim", "run", "status_quo", "world=tiny", "-v", "-o", str(tmp_path / "results")]
    environment = os.environ | {PLACE: str(tmp_path / "cache")}
    with subprocess.Popen(
        words, stderr=subprocess.PIPE, text=True, cwd=ROOT, env=environment, preexec_fn=_heard
    ) as run:
        assert run.stderr
        while "compiling rules" not in run.stderr.readline():
            pass
        with pytest.raises(subprocess.TimeoutExpired):
            run.wait(4.0)
        run.send_signal(number)
        assert run.wait(6.0) == code  # a second or two where nothing else runs; compiling would take a minute
        assert "Traceback" not in run.stderr.read()
    assert [path for path in (tmp_path / "cache" / "rules").rglob("*") if path.suffix in (".nbi", ".nbc")] == []


def test_an_interrupt_once_all_is_said_changes_nothing() -> None:
    code = (
        "import atexit, os, signal, sys; atexit.register(os.kill, os.getpid(), signal.SIGINT); "
        "from sim.__main__ import main; sys.argv = ['comity', 'run']; sys.exit(main())"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False)
    assert printed.returncode == INPUT_ERROR
    assert "Traceback" not in printed.stderr


@pytest.fixture
def deadly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seed 2 under `faster_mlat` ends its process."""
    monkeypatch.setattr("sim.experiments.conduct.run_replicate", faulty_replicate)
    monkeypatch.setattr("sim.experiments.conduct.compile_rules", lambda *_: None)
    monkeypatch.setattr("sim.report.publish.FIGURES", {"none": Picture("none", lambda _: None, str)})  # they take long


@pytest.mark.slow
@pytest.mark.usefixtures("deadly")
def test_a_run_that_ends_its_process_is_named_and_the_others_are_reported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["compare", "faster_mlat", "--replicates", "3", "--workers", "1", "world=tiny", "-o", str(tmp_path)]
    assert main(words) == 0
    printed = " ".join(capsys.readouterr().err.split())
    assert "main, seed 2, faster_mlat: failed in running at all: its worker process died" in printed
    (summary,) = tmp_path.glob("compare-*/summary.md")
    outcomes = pd.read_csv(summary.parent / "outcomes.csv")
    main_block = outcomes[outcomes["block"] == "main"]
    assert sorted(zip(main_block["scenario"], main_block["seed"], strict=True)) == [
        ("faster_mlat", 1),
        ("faster_mlat", 3),
        ("status_quo", 1),
        ("status_quo", 2),
        ("status_quo", 3),
    ]


@pytest.mark.usefixtures("deadly")
def test_when_no_run_survives_it_is_one_message(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["run", "faster_mlat", "--seed", "2", "--replicates", "1", "--workers", "1", "-o", str(tmp_path), "--quiet"]
    assert main(words) == INPUT_ERROR
    printed = capsys.readouterr().err
    assert printed.startswith("comity: error: none of the replicates succeeded. main, seed 2, faster_mlat: ")
    assert "by SIGSEGV, a fault in compiled code" in printed
    assert printed.count("\n") == 1


def test_version_and_completion(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["--version"])
    assert re.fullmatch(r"comity \d+\.\d+\.\d+( \(commit [0-9a-f]{12}(, with changes)?\))?\n", capsys.readouterr().out)
    for shell in ("bash", "zsh", "fish"):
        assert main(["--print-completion", shell]) == 0
        assert "replicates" in capsys.readouterr().out


def test_no_command_shows_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    assert "usage: comity" in capsys.readouterr().out


def test_scenarios_and_levers_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scenarios"]) == 0
    listed = capsys.readouterr().out
    assert listed.index("Law: treaties") < listed.index("harmonised_law") < listed.index("faster_mlat")
    assert listed.index("Bounds: ") < listed.index("status_quo")
    assert main(["levers"]) == 0
    assert "staff" in capsys.readouterr().out


@pytest.mark.parametrize("width", [80, 140])
def test_lists_break_no_key(width: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    for command, keys in (("levers", {*LEVERS}), ("scenarios", {*catalogue(), "politics.affinity_shift."})):
        assert main([command]) == 0
        words = set(capsys.readouterr().out.split())
        assert keys <= words


def test_one_run_has_one_scenario(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "status_quo", "faster_mlat"]) == INPUT_ERROR
    assert "Write `comity compare status_quo faster_mlat`, or name one." in capsys.readouterr().err


def test_law_answers_by_code_and_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["law", "DEU", "USA", "content", "--on", "2026-09-01"]) == 0
    by_code = capsys.readouterr().out
    assert main(["law", "germany", "usa", "content", "--on", "2026-09-01"]) == 0
    assert capsys.readouterr().out == by_code
    assert "mlat" in by_code
    assert "source" in by_code


def test_run_starts_what_was_asked_for(started: list[Experiment], tmp_path: Path) -> None:
    words = [
        "run",
        "faster_mlat",
        "--seed",
        "5",
        "world=tiny",
        "--replicates",
        "3",
        "-o",
        str(tmp_path),
        "--events",
    ]
    assert main([*words, "--workers", "1", "uncertainty.custody.arrest=0.4"]) == 0
    (experiment,) = started
    assert [scenario.key for scenario in experiment.scenarios] == ["faster_mlat"]
    assert (experiment.first_seed, experiment.replicates, experiment.workers) == (5, 3, 1)
    assert experiment.results == tmp_path
    assert experiment.events
    assert experiment.world.groups == 20
    assert experiment.parameters.custody.arrest == 0.4
    assert experiment.command.startswith("comity run faster_mlat --seed 5 world=tiny")


def test_quiet_prints_only_where_the_results_are(
    started: list[Experiment], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", "status_quo", "--quiet", "-o", str(tmp_path)]) == 0
    assert started[0].quiet
    printed = capsys.readouterr()
    assert printed.out == f"{tmp_path / 'finished'}\n"
    assert printed.err == ""


def test_compare_runs_the_six_by_default(started: list[Experiment], tmp_path: Path) -> None:
    assert main(["compare", "-o", str(tmp_path)]) == 0
    keys = [scenario.key for scenario in started[0].scenarios]
    assert keys[0] == "status_quo"
    assert keys[-2:] == ["no_cooperation", "frictionless"]
    assert len(keys) == 6
    assert started[0].replicates == 100


@pytest.mark.parametrize("names", [["no_delay"], ["no_delay", "status_quo"]])
def test_the_status_quo_always_comes_first(names: list[str], started: list[Experiment], tmp_path: Path) -> None:
    assert main(["compare", *names, "-o", str(tmp_path)]) == 0
    assert [scenario.key for scenario in started[0].scenarios] == ["status_quo", "no_delay"]


def test_another_baseline_goes_on_under_every_scenario(started: list[Experiment], tmp_path: Path) -> None:
    assert main(["compare", "faster_mlat", "status_quo", "--against", "current_trends", "-o", str(tmp_path)]) == 0
    experiment = started[0]
    baseline, faster, frozen = experiment.scenarios
    assert plain(experiment).baseline == baseline.key == "current_trends"
    assert faster.key == "faster_mlat"
    assert faster.changes[: len(baseline.changes)] == baseline.changes != ()
    assert len(faster.changes) > len(baseline.changes)
    assert frozen.changes == ()
    assert main(["compare", "faster_mlat", "current_trends", "-o", str(tmp_path)]) == 0
    assert plain(started[1]).baseline == "status_quo"
    hashes = [study_hash(each, plain(each).plan) for each in (experiment, replace(experiment, baseline=""))]
    assert hashes[0] != hashes[1], "replicates of the one are not taken for those of the other"


def test_a_baseline_that_is_not_there_is_one_message(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", "faster_mlat", "--against", "curent_trends"]) == 2
    assert "current_trends" in capsys.readouterr().err


def test_a_file_with_an_equals_sign_can_be_given_by_its_path(started: list[Experiment], tmp_path: Path) -> None:
    file = tmp_path / "=x.yaml"
    file.write_text("title: T\nquestion: Q\nauthor: A\n", encoding="utf-8")
    assert main(["compare", str(file), "world.groups=12", "-o", str(tmp_path)]) == 0
    assert [scenario.key for scenario in started[0].scenarios] == ["status_quo", "=x"]


def test_a_folder_with_odd_letters_can_hold_results(started: list[Experiment], tmp_path: Path) -> None:
    odd = tmp_path / "a b, c=d's [1]"
    assert main(["run", "status_quo", "-o", str(odd)]) == 0
    assert started[0].results == odd


def test_a_scenario_of_ones_own(started: list[Experiment], tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("title: T\nquestion: Q?\nauthor: A\nbased_on: faster_mlat\n")
    assert main(["compare", str(path), "-o", str(tmp_path)]) == 0
    assert [scenario.key for scenario in started[0].scenarios] == ["status_quo", "mine"]


#: Words; what the one message must hold.
MISTAKES: dict[str, tuple[list[str], tuple[str, ...]]] = {
    "unknown command": (["rum"], ("rum", "run")),
    "no scenario": (["run"], ("SCENARIO", "comity scenarios")),
    "two scenarios": (["run", "status_quo", "no_delay"], ("SCENARIO", "comity compare")),
    "unknown scenario": (["run", "statusquo"], ("SCENARIO", "statusquo", "status_quo")),
    "missing file": (["run", "nowhere.yaml"], ("SCENARIO", "nowhere.yaml", "path")),
    "twice the same": (["compare", "no_delay", "no_delay"], ("SCENARIO", "no_delay", "once")),
    "nothing to compare": (["compare", "status_quo"], ("SCENARIO", "status_quo", "Name another")),
    "unknown option": (["run", "status_quo", "--replicats", "3"], ("--replicats", "--replicates")),
    "unknown key": (["run", "status_quo", "world.goups=3"], ("world.goups", "'3'", "world.groups")),
    "added key": (["run", "status_quo", "+world.extra=3"], ("+world.extra", "'3'", "no key 'world.extra'")),
    "added key like no other": (
        ["run", "status_quo", "+nokey=3"],
        ("+nokey", "'3'", "no key 'nokey'. Keys begin with execution, uncertainty, world."),
    ),
    "removed key": (["run", "status_quo", "~world"], ("~world", "Write world=VALUE.")),
    "bad number": (["run", "status_quo", "--replicates", "many"], ("execution.replicates", "many", "100")),
    "environment": (["run", "status_quo", "-o", "${oc.env:HOME}"], ("execution.results", "oc.env", "Write")),
    "unknown state": (["law", "DEX", "USA", "content"], ("REQUESTING", "DEX", "DEU")),
    "state like no other": (
        ["law", "DEU", "XXX", "content"],
        ("REQUESTED = 'XXX': unknown state. Use a code of three letters, such as DEU, or the English name.\n",),
    ),
    "group of states": (
        ["law", "DEU", "EU", "content"],
        ("REQUESTED = 'EU': a group of 27 states, not a state. Ask about one of them, such as AUT, BEL, BGR, CYP.\n",),
    ),
    "all states": (["law", "all", "USA", "content"], ("REQUESTING = 'all': a group of 196 states",)),
    "same state": (["law", "USA", "USA", "content"], ("REQUESTED", "USA", "different")),
    "unknown data": (["law", "DEU", "USA", "kontent"], ("DATA", "kontent", "content")),
    "data like no other": (["law", "DEU", "USA", "everything"], ("DATA = 'everything': unknown. Use one of: ",)),
    "no lever near it": (["sweep", "zoology.patience=1,2"], ("zoology.patience", "Keys begin with")),
    "file that looks like an option": (["compare", "-x.yaml"], ("'-x.yaml': unknown option", "is written ./-x.yaml")),
    "no day": (["law", "DEU", "USA", "content", "--on", ""], ("--on = '': not a day", "2027-01-01")),
    "early day": (["law", "DEU", "USA", "content", "--on", "1492-01-01"], ("--on = '1492-01-01'", "2000-01-01")),
    "unknown offence": (
        ["law", "DEU", "USA", "content", "--offence", "theft"],
        ("--offence", "theft", "Use one of"),
    ),
    "no such day": (
        ["law", "DEU", "USA", "content", "--on", "2026-02-30"],
        ("--on", "2026-02-30", "2027-01-01"),
    ),
    "missing word": (["law", "DEU", "USA"], ("DATA", "--help")),
    "word too many": (["scenarios", "all"], ("'all': one word too many", "`comity scenarios`")),
    "two folders": (["explain", "one", "two"], ("'two': one word too many", "`comity explain RUN`")),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_one_message_and_exit_code_2(
    name: str, capsys: pytest.CaptureFixture[str], started: list[Experiment]
) -> None:
    words, parts = MISTAKES[name]
    assert main(words) == INPUT_ERROR
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("comity: error: command line: ")
    assert printed.err.count("\n") == 1
    for part in parts:
        assert part in printed.err
    assert not started


@pytest.mark.parametrize(
    ("change", "words", "complaint"),
    [
        ("value: -5 moons, date: 2027-01-01", [], "mine.yaml:5: change 1, value = '-5 moons': unknown unit"),
        ("value: 2, date: 2035-01-01", ["world=tiny"], "world.end"),
    ],
)
def test_a_mistake_in_a_file_is_found_before_work(
    change: str,
    words: list[str],
    complaint: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    started: list[Experiment],
) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(f"title: T\nquestion: Q?\nauthor: A\nchanges:\n  - {{lever: court.staff, {change}}}\n")
    assert main(["run", str(path), *words, "-o", str(tmp_path)]) == INPUT_ERROR
    assert complaint in capsys.readouterr().err
    assert not started


@pytest.mark.parametrize("command", ["compare", "sweep"])
@pytest.mark.parametrize("unread", [False, True])
def test_mistakes_of_all_files_are_reported_at_once(
    unread: bool, command: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, started: list[Experiment]
) -> None:
    names = []
    for name, lever in (("one", "court.staf"), ("two", "court.stuff")):
        path = tmp_path / f"{name}.yaml"
        change = f"{{lever: {lever}, value: 2, date: 2027-01-01}}"
        path.write_text(f"title: T\nquestion: Q?\nauthor: A\nchanges:\n  - {change}\n")
        names.append(str(path))
    if unread:
        names.append(str(tmp_path / "three.yaml"))
    words = ["court.staff=1,2"] * (command == "sweep")
    assert main([command, *names, *words, "-o", str(tmp_path)]) == INPUT_ERROR
    printed = capsys.readouterr().err
    for place in ("one.yaml:5", "two.yaml:5", *(["three.yaml"] * unread)):
        assert printed.count(place) == 1
    assert f": {2 + unread} mistakes" in printed
    assert not started


@pytest.mark.parametrize("spoil", ["file", "inside a file"])
def test_results_that_cannot_be_written_are_found_before_work(
    spoil: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, started: list[Experiment]
) -> None:
    (tmp_path / "taken").write_text("")
    folder = tmp_path / "taken" / ("" if spoil == "file" else "deeper")
    assert main(["run", "status_quo", "-o", str(folder)]) == INPUT_ERROR
    printed = capsys.readouterr().err
    assert "execution.results" in printed
    assert "taken" in printed
    assert "-o DIR" in printed
    assert not started


def test_a_mistake_shows_no_traceback_in_a_process_of_its_own() -> None:
    printed = command("run", "status_quo", "world.groups=-3")
    assert printed.returncode == INPUT_ERROR
    assert printed.stdout == ""
    assert "Traceback" not in printed.stderr
    assert printed.stderr.count("\n") == 1


def test_an_interrupt_says_how_to_resume(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("sim.report.studies.report", interrupted)
    assert main(["run", "status_quo", "-o", str(tmp_path)]) == INTERRUPTED
    assert "resume" in capsys.readouterr().err


def test_a_reader_that_goes_away_is_no_error() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as pipe:
        printed = subprocess.run(
            [sys.executable, "-m", "sim", "levers"],
            stdout=pipe,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            check=False,
        )
    assert "Traceback" not in printed.stderr


@pytest.mark.parametrize(("written", "meant"), [("UK", "GBR (United Kingdom)"), ("GER", "DEU (Germany)")])
def test_a_state_is_found_by_its_name(written: str, meant: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["law", written, "USA", "content"]) == INPUT_ERROR
    assert f"Did you mean {meant}?" in capsys.readouterr().err
