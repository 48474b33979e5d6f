"""Tests of a file of rules that replaces rules of the model by name, in one study only."""

import json
import re
from dataclasses import replace
from pathlib import Path

import numba
import pytest
from numba.core.errors import TypingError
from ruamel.yaml import YAML

from sim.agents.assistance import channels, court, request, trust
from sim.agents.crime import risk
from sim.cli import INPUT_ERROR, main
from sim.engine.bound import digest
from sim.engine.compiling import in_python
from sim.experiments.design import plain
from sim.experiments.manifest import identities, study_hash, unfinished_folder
from sim.experiments.rules import OwnRules, bound, compiling, read_rules
from sim.policy.own_rules import compiled_rules, known_fields, unknown_names
from sim.policy.problem import InputError
from sim.simulate import run_until
from tests.experiments.fakes import experiment
from tests.interpreted import AS_PYTHON, printed_by

PAGE = Path(__file__).parents[2] / "docs" / "own_rules.md"
#: The example of the page.
EXAMPLE = next(code for code in re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.S) if "@rule" in code)
HEAD = "from sim.engine.compiling import Record, rule\n\n\n@rule\n"


def written(folder: Path, text: str, name: str = "my_rules.py") -> str:
    """Path of a file of rules."""
    (folder / name).write_text(text, encoding="utf-8")
    return str(folder / name)


@pytest.fixture
def own(tmp_path: Path) -> OwnRules:
    """The example of the documentation page."""
    found = read_rules(written(tmp_path, EXAMPLE))
    assert found is not None
    return found


def test_a_rule_stands_everywhere_while_it_is_bound_and_nowhere_after(own: OwnRules) -> None:
    usual, compiled = court.is_enough, digest(run_until)
    assert own.replaced == ("sim.agents.assistance.court.is_enough",)
    with bound(own):
        mine = court.is_enough
        assert in_python(mine).__doc__.startswith("Every file about data")
        assert request.is_enough is mine, "who imported it calls it, too"
        from sim.simulate import run_until as entry

        assert digest(entry) != compiled, "compiled code is kept apart"
        with bound(own):
            assert court.is_enough is mine
        assert court.is_enough is mine, "the inner block took nothing away"
    assert court.is_enough is request.is_enough is usual
    assert digest(run_until) == compiled, "bit for bit as before"


def test_a_rule_can_call_the_one_that_it_replaces_which_comes_back_after_an_error(own: OwnRules) -> None:
    usual = in_python(court.is_enough)
    with bound(own):
        mine = in_python(court.is_enough)
        assert mine is not usual and in_python(mine.__globals__["usual"]) is usual
    usual = court.is_enough
    with pytest.raises(ZeroDivisionError), bound(own):
        raise ZeroDivisionError
    assert court.is_enough is usual


def test_a_name_that_two_rules_have_is_said_in_full(tmp_path: Path) -> None:
    wanted = in_python(channels.learn).__code__
    text = HEAD + f"def mine({', '.join(wanted.co_varnames[: wanted.co_argcount])}):\n    return\n"
    found = read_rules(written(tmp_path, text + '\n\nREPLACES = {"mine": "channels.learn"}\n'))
    assert found is not None and found.replaced == ("sim.agents.assistance.channels.learn",)
    with bound(found):
        assert in_python(channels.learn).__name__ == "mine"
        assert in_python(risk.learn).__module__ == "sim.agents.crime.risk"


MISTAKES = {kind: rest for kind, *rest in YAML(typ="safe").load(Path(__file__).parent / "mistakes.yaml")}


@pytest.mark.parametrize("kind", MISTAKES)
def test_a_mistake_is_one_message_and_exit_code_2(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    text, message = MISTAKES[kind]
    monkeypatch.chdir(tmp_path)
    usual = trust.trust_value
    assert main(["run", "status_quo", "--rules", written(Path(), text)]) == INPUT_ERROR
    complaint = capsys.readouterr().err
    assert complaint.startswith("comity: error: my_rules.py") and complaint.count("\n") == 1
    assert message in complaint and trust.trust_value is usual


def test_every_name_in_the_rules_of_the_model_is_known() -> None:
    """Rules of the model pass the look at names that a user's file of rules must pass."""
    fields = known_fields()
    rules = {name: in_python(value) for name, value in compiled_rules().items()}
    assert len(rules) > 500
    assert not [(name, *found[:3]) for name, value in rules.items() for found in unknown_names(value, fields)]


@pytest.mark.parametrize(
    ("name", "message"), [("none.py", "cannot be read (No such file"), ("rules.txt", "not a Python file")]
)
def test_a_file_that_cannot_be_read_is_one_message(name: str, message: str) -> None:
    with pytest.raises(InputError, match=re.escape(message)):
        read_rules(name)


def test_what_does_not_compile_is_one_message(own: OwnRules) -> None:
    with pytest.raises(InputError, match="does not compile") as raised, compiling(own):
        raise TypingError(f"Failed in nopython mode\nCannot unify int64 and none\nFile '{own.file}', line 9")
    assert "Cannot unify int64 and none; File" in str(raised.value) and str(raised.value).count("\n") == 0


def test_own_rules_make_another_study_and_other_runs(own: OwnRules, tmp_path: Path) -> None:
    usual = experiment(tmp_path)
    mine = replace(usual, rules=own)
    changed = replace(usual, rules=replace(own, text=own.text + "\n# another comment\n"))
    plan = plain(usual).plan
    for identity in (study_hash, identities, unfinished_folder):
        assert len({str(identity(each, plan)) for each in (usual, mine, changed)}) == 3


@pytest.mark.usefixtures("quick")
def test_the_manifest_names_the_file_and_its_hash(tmp_path: Path) -> None:
    file = written(tmp_path, EXAMPLE)
    words = ["world=tiny", "execution.executor=serial", "--replicates", "2", "--quiet", "-o", str(tmp_path / "out")]
    assert main(["run", "status_quo", "--rules", file, *words]) == 0
    (folder,) = (tmp_path / "out").glob("run-*")
    made = json.loads((folder / "manifest.json").read_text("utf-8"))
    own = OwnRules(file, EXAMPLE)
    assert made["rules"] == {"file": file, "sha256": own.sha256, "replaces": ["sim.agents.assistance.court.is_enough"]}
    assert made["inputs"][file] == own.sha256 and f"--rules {file}" in made["command"]


#: A study of two states and half a year, without, with and again without rules of one's own.
SMALL = """
import json, sys, sim
settings = {
    "world": "tiny", "world.states": ["DEU", "USA"], "world.groups": 3, "world.start": "2026-01-01",
    "world.policy_start": "2026-02-01", "world.end": "2026-06-30", "world.follow_up_days": 0,
    "uncertainty.request.standard_subscriber": 0.9, "uncertainty.request.standard_traffic": 0.9,
    "world.background": False, "execution.executor": sys.argv[2],
}
def made(**more):
    return sim.run("status_quo", replicates=1, workers=2, set=settings, **more).outcomes
usual, own, again = made(), made(rules=sys.argv[1]), made()
moved = [key for key in usual if not usual[key].equals(own[key])]
print(json.dumps([usual.equals(again), moved, own.fillna(-1.0).to_dict("records")]))
"""


@pytest.mark.slow
def test_the_example_changes_results_and_leaves_nothing_behind(tmp_path: Path) -> None:
    """The example changes results, and the model is unchanged afterwards."""
    same, moved, _ = printed_by(AS_PYTHON, "-c", SMALL, written(tmp_path, EXAMPLE), "serial")
    assert same and "evidence_lost_share" in moved


@pytest.mark.compilation
@pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="nothing is compiled")
def test_compiled_in_workers_it_gives_the_same_as_in_plain_python(tmp_path: Path) -> None:
    file = written(tmp_path, EXAMPLE)
    found = [printed_by(how, "-c", SMALL, file, kind) for how, kind in ((AS_PYTHON, "serial"), ({}, "serial"))]
    found.append(printed_by({}, "-c", SMALL, file, "processes"))
    assert found[0] == found[1] == found[2] and found[0][0]
