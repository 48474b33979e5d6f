"""Wrong uses of every public function and command: one message that names the argument, the value and what to do."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import sim
from sim.cli import INPUT_ERROR, main
from tests.tables import rows

FILES = {"empty.csv": "", "heading.csv": "court.staff\n", "words.csv": "court.staff\nx\n", "cut.yaml": "a: ["}
FILES |= {"rules.py": "x = 1\n"}
ONE: dict[str, Any] = {"replicates": 1, "set": {"world": "tiny"}, "progress": None}
CHANGE = {"lever": "court.staff", "value": "+10 %", "date": "2027-01-01"}
frame = pd.DataFrame
BELOW = frame({"desk.court_wait_days": [-1.0]})


def changed(**more: Any) -> Callable[[], object]:
    """A scenario with one change of which something is otherwise."""
    return lambda: sim.Scenario.from_changes("m", [CHANGE | more], title="t", question="q", author="a")


def with_(name: str, *given: Any, **more: Any) -> Callable[[], object]:
    """A call with one tiny world."""
    return lambda: getattr(sim, name)(*given, **{**ONE, **more})


def alone(name: str, *given: Any, **more: Any) -> Callable[[], object]:
    """A call with nothing else."""
    return lambda: getattr(sim, name)(*given, **more)


#: Call, beginning of the message (the argument, as a rule), and a part of the rest.
USES: list[tuple[Callable[[], object], str, str]] = [
    (with_("run", "fastr"), "scenario = 'fastr'", "unknown scenario"),
    (with_("run", None), "scenario", "not a scenario"),
    (with_("run", ["status_quo"]), "scenario", "an argument of its own"),
    (with_("run", "cut.yaml"), "cut.yaml:1", "not readable as YAML"),
    (with_("run", "."), "scenario", "unknown scenario"),
    (with_("run", "status_quo", replicates=0), "replicates = '0'", "1 or more"),
    (with_("run", "status_quo", replicates="many"), "replicates = 'many'", "a whole number"),
    (with_("run", "status_quo", replicates=2.5), "replicates = '2.5'", "a whole number"),
    (with_("run", "status_quo", replicates=True), "replicates = 'True'", "a whole number"),
    (with_("run", "status_quo", replicates=10**9), "replicates", "out of range"),
    (with_("run", "status_quo", seed=-1), "seed = '-1'", "0 or more"),
    (with_("run", "status_quo", workers=-1), "workers = '-1'", "0 or more"),
    (with_("run", "status_quo", events=True), "events", 'results="results"'),
    (with_("run", "status_quo", events="yes"), "events = 'yes'", "True or False"),
    (with_("run", "status_quo", set=["world=tiny"]), "set", "a mapping"),
    (with_("run", "status_quo", set={"world.group": 1}), "world.group = '1'", "Did you mean world.groups?"),
    (with_("run", "status_quo", set={"world.groups": -1}), "world.groups = '-1'", "out of range"),
    (with_("run", "status_quo", set={"world.groups": None}), "world.groups = 'None'", "a whole number"),
    (with_("run", "status_quo", set={"world": {"groups": 3}}), "world", "no value that can be read"),
    (with_("run", "status_quo", set={"world": "tin"}), "world = 'tin'", "Did you mean tiny?"),
    (with_("run", "status_quo", set={"execution.replicates": 9}), "set = 'execution.replicates'", "given twice"),
    (with_("run", "status_quo", rules="no.py"), "rules = 'no.py'", "cannot be read"),
    (with_("run", "status_quo", rules="rules.py"), "rules.py", "replaces no rule"),
    (with_("run", "status_quo", rules=3), "rules = '3'", "a path"),
    (with_("run", "status_quo", ensemble="nothing"), "ensemble = 'nothing'", "no parameter sets of that name"),
    (with_("run", "status_quo", ensemble="empty.csv"), "empty.csv", "no parameter set"),
    (with_("run", "status_quo", ensemble=frame()), "ensemble", "no parameter set"),
    (with_("run", "status_quo", ensemble=frame({"desk.w": [1]})), "ensemble = 'desk.w'", "no parameter of that name"),
    (with_("run", "status_quo", ensemble=BELOW), "ensemble:2: uncertainty.desk.court_wait_days = -1", "outside 1 to"),
    (with_("run", "status_quo", ensemble=[1, 2]), "ensemble", "a DataFrame"),
    (with_("run", "status_quo", results="empty.csv"), "results = 'empty.csv'", "cannot be written"),
    (with_("run", "status_quo", results=3), "results = '3'", "a path"),
    (with_("run", "status_quo", progress="yes"), "progress = 'yes'", "a function"),
    (with_("compare", "status_quo", ensemble=None), "scenario", "nothing to compare with"),
    (with_("compare", "faster_mlat", "faster_mlat"), "scenario", "two scenarios of this name"),
    (with_("compare", "faster_mlat", against="x"), "scenario = 'x'", "unknown scenario"),
    (with_("compare", "faster_mlat", places="XXX"), "places = 'XXX'", "unknown state or group"),
    (with_("compare", "faster_mlat", places=["DEU", 3]), "places", "a list of texts"),
    (with_("compare", "faster_mlat", places=["AFG"]), "places = 'AFG'", "not a state of this world"),
    (with_("compare", "faster_mlat", until="harm"), "until = 'harm'", "half of the interval's width"),
    (with_("compare", "faster_mlat", until="harms=3"), "until", "Did you mean harm?"),
    (with_("compare", "faster_mlat", until=0.02), "until = '0.02'", "a text"),
    (with_("compare", "faster_mlat", until="harm=3"), "replicates = '1'", "too few worlds for until"),
    (with_("compare", "faster_mlat", horizon=0), "horizon = '0'", "1 or more"),
    (with_("compare", "faster_mlat", horizon=99), "horizon = '99'", "1 to 50"),
    (with_("compare", "faster_mlat", point="yes"), "point = 'yes'", "True or False"),
    (with_("compare", "faster_mlat", point=True, ensemble="x"), "ensemble = 'x'", "Leave point out"),
    (with_("league", against="x"), "scenario = 'x'", "unknown scenario"),
    (with_("ablate", "faster_mlat", mechanisms="queue"), "mechanisms = 'queue'", "Did you mean queues?"),
    (with_("ablate", "faster_mlat", mechanisms=[]), "mechanisms", "no mechanism to leave out"),
    (with_("sweep"), "nothing varies", "Write a lever"),
    (with_("sweep", values={"court.staf": [1]}), "court.staf = '1'", "Did you mean court.staff?"),
    (with_("sweep", values={"court.staff": 1.5}), "court.staff = '1.5'", "one value is no axis"),
    (with_("sweep", values={"court.staff": [-1]}), "court.staff = '-1'", "out of range"),
    (with_("sweep", values={"court.staff": [1, 1]}), "court.staff", "given twice"),
    (with_("sweep", values=["court.staff"]), "values", "a mapping"),
    (with_("sweep", vary="judgemen"), "vary = 'judgemen'", "Did you mean judgement?"),
    (with_("sweep", values={"court.staff": [1, 2]}, design="grid"), "design = 'grid'", "no such choice"),
    (with_("sweep", values={"court.staff": "interval(1,2)"}, design="lhs"), "samples", "Write samples=64."),
    (with_("sweep", values={"court.staff": "interval(1,2)"}), "court.staff", "choose design lhs"),
    (with_("sweep", points="no.csv"), "no.csv", "cannot be read"),
    (with_("sweep", points="heading.csv"), "heading.csv", "no points"),
    (with_("sweep", points="words.csv"), "words.csv:2: court.staff = 'x'", "not a number"),
    (with_("sweep", points=frame({"court.staf": [1]})), "points:1: heading of column 1", "Did you mean court.staff?"),
    (with_("sweep", points=frame({"court.staff": [float("nan")]})), "points", "no points"),
    (with_("sweep", points={"court.staff": [1]}), "points", "a DataFrame"),
    (with_("sweep", values={"court.staff": [1]}, study="a"), "study = 'a'", 'results="results"'),
    (alone("simulate", [("court.staff", 2)]), "values", "a mapping"),
    (alone("simulate", {"desk.court_wait_day": 3}), "values = 'desk.court_wait_day'", "no lever or parameter"),
    (alone("simulate", {"desk.court_wait_days": -3}), "uncertainty.desk.court_wait_days = -3", "outside"),
    (alone("simulate", {"court.staff": "x"}), "court.staff = 'x'", "not a number"),
    (alone("simulate", {"court.staff": [1, 2]}), "court.staff", "one value is needed"),
    (alone("simulate", {"world.end": "2024-01-01"}, world="tiny"), "world.", "not after"),
    (alone("simulate", {"execution.workers": 2}), "values = 'execution.workers'", "keywords"),
    (alone("simulate", seed=1.0), "seed = '1.0'", "0 or more"),
    (alone("simulate", scenario="fast"), "scenario = 'fast'", "unknown scenario"),
    (alone("simulate", world="huge"), "world = 'huge'", "Use one of: default, tiny"),
    (alone("mesa_model", "faster", world="tiny"), "scenario = 'faster'", "unknown scenario"),
    (alone("mesa_model", world="tiny", period_days=0), "period_days = '0'", "above 0"),
    (alone("law", "XX", "USA", "content"), "requesting = 'XX'", "unknown state"),
    (alone("law", "DEU", "EU", "content"), "requested = 'EU'", "a group of 27 states"),
    (alone("law", "DEU", "DEU", "content"), "requested = 'DEU'", "a state cannot ask itself"),
    (alone("law", "DEU", "USA", "contents"), "data = 'contents'", "Did you mean content"),
    (alone("law", "DEU", "USA", "content", on="1999-01-01"), "on = '1999-01-01'", "too early"),
    (alone("law", 1, "USA", "content"), "requesting = '1'", "a text"),
    (alone("treaties", "soon"), "on = 'soon'", "Write it as 2027-01-01"),
    (alone("case", "emote"), "case = 'emote'", "Did you mean emotet?"),
    (alone("case"), "case = ''", "avalanche, emotet"),
    (with_("regret", "nowhere"), "scenario = 'nowhere'", "unknown scenario"),
    (alone("case", "emotet", replicates="x"), "replicates = 'x'", "a whole number"),
    (alone("calibrate", size="huge"), "size = 'huge'", "full, small"),
    (alone("open", "nowhere"), "folder = 'nowhere'", "no such folder"),
    (alone("open", None), "folder", "a path"),
    (alone("use", "nowhere"), "folder = 'nowhere'", "has read the model already"),
    (changed(lever="liaison.officers"), "m.yaml:5: change 1, lever = 'liaison.officers'", "liaison.posting, liaison."),
    (changed(value="lots"), "m.yaml:6: change 1, value = 'lots'", "not a number"),
    (changed(date="x"), "m.yaml:7: change 1, date = 'x'", "not a date"),
]


@pytest.fixture
def _files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)


@pytest.mark.usefixtures("_files")
def test_a_wrong_use_is_one_message_in_the_words_of_python() -> None:
    sim.states()  # the law is read
    wrong = []
    for call, begins, said in USES:
        try:
            found = f"{call()!r} instead of an error"
        except sim.InputError as problem:
            found = str(problem)
        except Exception as error:
            found = f"{error!r}: no message"
        options = " --" in found.replace("`comity ablate --list`", "") or "command line" in found
        if options or "\n" in found or not found.startswith(begins) or said not in found:
            wrong.append((begins, said, found))
    assert not wrong, "\n".join(map(str, wrong))


#: Words of a command; what the one message must hold.
TYPED = rows(Path(__file__).parent / "typed.txt")


def test_a_mistake_on_the_command_line_is_one_message_and_exit_code_2(capsys: pytest.CaptureFixture[str]) -> None:
    for words, *parts in TYPED:
        assert main(words.split()) == INPUT_ERROR, words
        printed = capsys.readouterr()
        assert (printed.out, printed.err.count("\n")) == ("", 1)
        assert printed.err.startswith("comity: error: command line: ")
        assert all(part in printed.err for part in parts), printed.err
