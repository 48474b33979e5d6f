"""Tests of the commands as users meet them: output and error messages."""

import inspect
import os
import re
import shlex
import signal
import subprocess
import sys
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import pytest

import sim
from sim.api.entry_point import _request_from
from sim.cli import COMMANDS, INPUT_ERROR, INTERRUPTED, build_parser, main
from sim.engine.caching import PLACE
from sim.experiments.config import Experiment
from sim.experiments.design import plain
from sim.experiments.manifest import study_hash
from sim.experiments.settings import mechanisms
from sim.policy.levers import LEVERS
from sim.policy.scenario import catalogue
from tests.experiments.replicates import faulty_replicate
from tests.interpreted import python

ROOT = Path(__file__).parents[1]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Experiment]:
    """Experiments that commands would have run."""
    experiments: list[Experiment] = []

    def keep(experiment: Experiment, _kind: object, _console: object) -> Path:
        experiments.append(experiment)
        return experiment.results / "finished"

    monkeypatch.setattr("sim.report.studies.report", keep)
    return experiments


@pytest.mark.parametrize("words", ["--help", "run --helpp"])
def test_help_comes_at_once_since_it_imports_nothing_heavy(words: str) -> None:
    """Help imports the standard library and few modules of the package, so it appears at once."""
    code = (
        f"import sys; sys.argv = ['comity', *{words.split()}]; before = set(sys.modules)\n"
        "try:\n    from sim.__main__ import main; main()\nexcept SystemExit:\n    pass\n"
        "roots = {name.partition('.')[0] for name in set(sys.modules) - before}\n"
        "print('also', *sorted(roots - sys.stdlib_module_names - {'sim'}))\n"
        "print('own', sum(name.startswith('sim.') for name in sys.modules))"
    )
    *said, also, own = python("-c", code).stdout.splitlines()
    assert also == "also" and int(own.removeprefix("own ")) < 18
    names = ("run", "compare", "scenarios", "levers", "law")
    assert words != "--help" or all(name in " ".join(said) for name in names)


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


def test_an_interrupt_while_the_program_is_read_is_130_and_no_traceback() -> None:
    for number in (3, 60, 400):
        words = ("-c", INTERRUPTED_IMPORT, str(number), "run", "status_quo", "world.groups=-3")
        printed = python(*words, preexec_fn=_heard)
        assert printed.returncode == INTERRUPTED, printed.stderr
        assert "Traceback" not in printed.stderr and printed.stderr.count("\n") == 2


def _heard() -> None:
    """Fixture: this process receives interrupts even as a background job."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, INTERRUPTED), (signal.SIGTERM, 143)])
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
    printed = python("-c", code)
    assert printed.returncode == INPUT_ERROR and "Traceback" not in printed.stderr


@pytest.fixture
def deadly(quick: None, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001 - one stand-in is another
    """Installs a stand-in for runs whose process crashes for seed 2 under `faster_mlat`."""
    monkeypatch.setattr("sim.experiments.conduct.run_replicate", faulty_replicate)


@pytest.mark.usefixtures("deadly")
def test_when_no_run_survives_it_is_one_message(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["run", "faster_mlat", "--seed", "2", "--replicates", "1", "--workers", "1", "-o", str(tmp_path), "--quiet"]
    assert main(words) == INPUT_ERROR
    printed = capsys.readouterr().err
    assert printed.startswith("comity: error: none of the replicates succeeded. main, seed 2, faster_mlat: ")
    assert "by SIGSEGV, a fault in compiled code" in printed
    assert printed.count("\n") == 1


def test_the_version_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert re.fullmatch(r"comity \d+\.\d+\.\d+( \(commit [0-9a-f]{12}(, with changes)?\))?\n", capsys.readouterr().out)


MANY = {"replicates": 40, "workers": 0, "seed": 0, "results": "a b", "set": {"world.groups": 9}}
SIDES = {"places": "BRA,EU", "by_change": True, "point": True, "horizon": 12, "against": "x", "until": "harm=3"}
SWEPT = {"values": {"court.staff": [1, 2]}, "vary": ["judgement", "desk"], "design": "lhs", "samples": 8, "study": "s"}
CALLS: dict[str, tuple[list[str], dict[str, Any]]] = {
    "run": (["faster_mlat"], {"ensemble": "package", "events": True, "rules": "r.py"}),
    "compare": (["./a=b.yaml"], SIDES),
    "ablate": ([], {"mechanisms": ["queues", "silence"], "ensemble": "sets"}),
    "sweep": ([], SWEPT),
}


@pytest.mark.parametrize("name", CALLS)
def test_the_command_that_python_names_asks_for_the_same(name: str) -> None:
    """The command that Python prints for a study makes the same request on the command line."""
    (names, given), call, found = CALLS[name], getattr(sim, name), []
    request = _request_from(call, inspect.signature(call).bind(*names, **MANY, **given).arguments)
    arguments, left = build_parser().parse_known_args(typed := shlex.split(request.command)[1:])
    arguments.words += left
    command = next(command for command in COMMANDS if command.name == name)
    kept = command._replace(function=lambda request, **options: found.append((request, options)), like=call)
    kept.call(arguments, typed)
    ((read, options),) = found
    for part in ("names", "words", "command", "rules", "ensemble"):
        assert getattr(read, part) == getattr(request, part)
    others = {"events", "values", "design", "samples"}
    assert options == {key: given[key] for key in given.keys() - others} and "execution.workers=0" in read.words


def test_scenarios_and_levers_are_listed(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert main([]) == 0
    assert "usage: comity" in capsys.readouterr().out
    assert main(["scenarios"]) == 0
    listed = capsys.readouterr().out
    assert listed.index("Law: treaties") < listed.index("harmonised_law") < listed.index("faster_mlat")
    assert listed.index("Bounds: ") < listed.index("status_quo")
    monkeypatch.setenv("COLUMNS", "80")
    for command, keys in (("levers", list(LEVERS)), ("scenarios", list(catalogue()))):
        assert main([command]) == 0
        lines = capsys.readouterr().out.splitlines()
        assert {line.split()[0] for line in lines if line.startswith("  ")} == {*keys}, "one line each"
        assert not [line for line in lines if "…" in line], "a pipe and a file get titles whole"


def test_a_scenario_or_lever_is_shown_whole_or_found_by_a_word(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    mine = written(tmp_path / "mine.yaml", "liaison.posts", "+10 posts together, date: 2027-03-01, ramp: 6 months")
    for words, said in (
        (["scenarios", "stronger_liaison"], ("Stronger liaison", "58 posts", "then 116", "over 36 months", "euros")),
        (["scenarios", mine], ("today’s 58, so 68", "from 2027-03-01", "over 6 months", "for all states")),
        (["levers", "liaison.posts"], ("0 to 20 times", "58 posts", "Needs: traffic", "judgement")),
        (["levers", "laborator"], ("forensic.staff",)),
        (["scenarios", "interpol"], ("interpol_plus",)),
    ):
        assert main(words) == 0
        shown = " ".join(capsys.readouterr().out.split())
        assert not [text for text in said if text not in shown], (words, shown)
        assert "europol.staff" not in shown or words[1] == "stronger_liaison"


def test_check_lists_what_changes_nothing_and_compare_notes_it(
    capsys: pytest.CaptureFixture[str], started: list[Experiment], tmp_path: Path
) -> None:
    mine = written(tmp_path / "mine.yaml", "court.staff", "100 %, date: 2027-01-01")
    assert main(["check", mine]) == 0
    assert "mine.yaml:" in (found := capsys.readouterr().out) and found.count("\n") == 1
    assert main(["compare", mine, "-o", str(tmp_path)]) == 0 and len(started) == 1
    assert f"Note: {found}" in capsys.readouterr().err
    assert main(["check", "faster_mlat"]) == 0
    assert main(["check", written(tmp_path / "broken.yaml", "court.staff", "soon")]) == 2


@pytest.mark.usefixtures("started")
def test_a_level_and_an_addition_are_said_back_apart(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """The confirmation of a new total of posts differs from that of additional posts."""
    for value, states, said in (
        ("10 officers", "IDN", "the state then has 10 posts, today 1"),
        ("+10 officers each", "ASEAN", "each state then has 10 posts more than today’s 0 to 1, so 10 to 11"),
    ):
        mine = written(tmp_path / "mine.yaml", "liaison.posts", f"{value}, states: {states}, date: 2027-03-01")
        assert main(["check", mine]) == 0
        assert said in (first := capsys.readouterr().out.splitlines()[0]) and first.startswith("Understood: "), first
        assert main(["scenarios", mine]) == 0 and said in " ".join(capsys.readouterr().out.split())
        assert main(["compare", mine, "-o", str(tmp_path)]) == 0  # and before anything is run
        assert first in capsys.readouterr().err.splitlines()


def test_law_answers_by_code_and_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    said = []
    for states in (["DEU", "USA"], ["germany", "usa"]):
        assert main(["law", *states, "content", "--on", "2026-09-01"]) == 0
        said.append(capsys.readouterr().out)
    assert said[0] == said[1] and "mlat" in said[0] and "source" in said[0]


def test_law_answers_for_a_group_and_under_a_scenario(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    def open_to(*words: str) -> dict[str, str]:
        assert main(["law", "ASEAN", "DEU", "content", "--on", "2030-01-01", *words]) == 0
        return dict(line.split(": ") for line in capsys.readouterr().out.splitlines())

    mine = written(tmp_path / "mine.yaml", "law.join", "budapest, states: ASEAN, date: 2028-01-01")
    today, then = open_to(), open_to("--scenario", mine)
    assert len(today) == 11 and set(today) == set(then) and "VNM → DEU" in today
    assert "budapest" in then["VNM → DEU"] and "budapest" not in today["VNM → DEU"]
    assert main(["law", "ASEAN", "EU", "content"]) == 2


def test_run_starts_what_was_asked_for(started: list[Experiment], tmp_path: Path) -> None:
    odd = tmp_path / "a b, c=d's [1]"
    words = ["run", "faster_mlat", "--seed", "5", "world=tiny", "--replicates", "3", "-o", str(odd), "--events"]
    assert main([*words, "--workers", "1", "uncertainty.custody.arrest=0.4"]) == 0
    (experiment,) = started
    assert [scenario.key for scenario in experiment.scenarios] == ["faster_mlat"]
    assert (experiment.first_seed, experiment.replicates, experiment.workers) == (5, 3, 1)
    assert experiment.results == odd and experiment.events
    assert (experiment.world.groups, experiment.parameters.custody.arrest) == (20, 0.4)
    assert experiment.command.startswith("comity run faster_mlat --seed 5 world=tiny")


def keys_of(experiment: Experiment) -> list[str]:
    return [scenario.key for scenario in experiment.scenarios]


def test_files_are_compared_with_today_also_where_their_names_look_like_keys(started, tmp_path):
    odd, mine = tmp_path / "=x.yaml", tmp_path / "mine.yaml"
    odd.write_text("title: T\nquestion: Q\nauthor: A\n", encoding="utf-8")
    mine.write_text("title: T\nquestion: Q?\nauthor: A\nbased_on: faster_mlat\n", encoding="utf-8")
    for names, key in (([str(odd), "world.groups=12"], "=x"), ([str(mine)], "mine")):
        assert main(["compare", *names, "-o", str(tmp_path)]) == 0
        assert keys_of(started[-1]) == ["status_quo", key]


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


def written(path: Path, lever: str, value: str) -> str:
    """A scenario file with a change of one lever."""
    path.write_text(f"title: T\nquestion: Q?\nauthor: A\nchanges:\n  - {{lever: {lever}, value: {value}}}\n")
    return str(path)


def test_mistakes_of_all_files_are_found_before_work(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, started: list[Experiment]
) -> None:
    for value, words, complaint in (
        ("-5 moons, date: 2027-01-01", [], "mine.yaml:5: change 1, value = '-5 moons': unknown unit"),
        ("2, date: 2035-01-01", ["world=tiny"], "world.end"),
    ):
        path = written(tmp_path / "mine.yaml", "court.staff", value)
        assert main(["run", path, *words, "-o", str(tmp_path)]) == INPUT_ERROR
        assert complaint in capsys.readouterr().err
    wrong = ("court.staf", "court.stuf")
    names = [written(tmp_path / f"{lever}.yaml", lever, "2, date: 2027-01-01") for lever in wrong]
    for command, more in product((["compare"], ["sweep", "court.staff=1,2"]), ([], [str(tmp_path / "three.yaml")])):
        assert main([*command, *names, *more, "-o", str(tmp_path)]) == INPUT_ERROR
        printed = capsys.readouterr().err
        for place in ("court.staf.yaml:5", "court.stuf.yaml:5", *(["three.yaml"] * len(more))):
            assert printed.count(place) == 1
        assert f": {2 + len(more)} mistakes" in printed
    assert not started


def test_results_that_cannot_be_written_are_found_before_work(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, started: list[Experiment]
) -> None:
    (tmp_path / "taken").write_text("")
    for folder in (tmp_path / "taken", tmp_path / "taken" / "deeper"):
        assert main(["run", "status_quo", "-o", str(folder)]) == INPUT_ERROR
        printed = capsys.readouterr().err
        assert all(part in printed for part in ("execution.results", "taken", "-o DIR")) and not started


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
    words = [sys.executable, "-m", "sim", "levers"]
    with os.fdopen(writing, "w") as pipe:
        printed = subprocess.run(words, stdout=pipe, stderr=subprocess.PIPE, text=True, cwd=ROOT, check=False)
    assert "Traceback" not in printed.stderr


DECISIVE = ["hop_chain", "queues", "alert", "return", "learning", "rebound", "leaks", "silence"]


def left_out(experiment: Experiment) -> list[str]:
    return [mechanism.key for mechanism in experiment.mechanisms]


def test_ablate_leaves_out_the_decisive_mechanisms_all_or_those_named(
    started: list[Experiment], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["ablate", "-o", str(tmp_path)]) == 0
    assert left_out(started[0]) == started[0].resolved["ablation"]["mechanisms"] == DECISIVE
    assert keys_of(started[0]) == ["status_quo", "harmonised_law", "faster_mlat", "stronger_liaison", "all_three"]
    assert 2 <= started[0].replicates < 100
    assert main(["ablate", "--all", "-o", str(tmp_path)]) == 0
    assert started[1].mechanisms == mechanisms()
    more = ["no_cooperation", "execution.replicates=7", "--seed", "3", "world=tiny", "--quiet"]
    for words in ("--mechanism silence --mechanism hop_chain", "ablation.mechanisms=[silence,hop_chain]"):
        assert main(["ablate", *words.split(), *more, "-o", str(tmp_path)]) == 0
        experiment = started[-1]
        assert left_out(experiment) == ["silence", "hop_chain"]
        assert keys_of(experiment) == ["status_quo", "no_cooperation"]
        assert (experiment.replicates, experiment.first_seed, experiment.world.groups) == (7, 3, 20)
    capsys.readouterr()
    assert main(["ablate", "--list"]) == 0
    listed = capsys.readouterr().out
    assert all(mechanism.key in listed for mechanism in mechanisms()) and len(started) == 4
