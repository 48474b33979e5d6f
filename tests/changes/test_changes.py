"""Tests that typical changes can be made, work, and touch no more than the table allows."""

import os
import shutil
import warnings
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.changes import table
from tests.changes.changes import CHANGES, Change
from tests.changes.examples import examples
from tests.changes.tree import ROOT, StaleError, Touched, Tree, ruff
from tests.imports import imports_of
from tests.interpreted import python

#: Made one upon the other in one copy, as all that CONTRIBUTING.md teaches.
TAUGHT = [name for name in CHANGES if name in examples()]
QUICK = [name for name, change in CHANGES.items() if change.quick]
ALONE = [name for name in CHANGES if name not in TAUGHT]
COMPILED = [name for name, change in CHANGES.items() if change.compiles]


def copied(names: Iterable[str], folder: Path) -> Tree:
    """Makes a copy of the project with some changes, and checks its style."""
    tree = Tree()
    for name in names:
        CHANGES[name].make(tree)
    tree.write(folder)
    modules = [file for file, text in tree.texts.items() if file.endswith(".py") and text]
    if modules:
        ruff(folder, "check", *modules)
        ruff(folder, "format", "--check", *modules)
    return tree


def run(folder: Path, code: str, **environment: str) -> str:
    """Output of a new Python process that imports from the copy."""
    ended = python("-c", code, cwd=folder, env=os.environ | {"PYTHONPATH": str(folder)} | environment)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def use(names: Iterable[str], folder: Path) -> None:
    """Uses changes in one process; a failure names the change and its line."""
    used = "".join(f"\nprint({name!r}, flush=True)\nexec({CHANGES[name].use!r}, {{}})" for name in names)
    shown = run(folder, f"import sim; assert {str(folder)!r} in sim.__file__{used}", NUMBA_DISABLE_JIT="1")
    assert shown.split("\n")[:-1] == list(names)


@pytest.mark.filterwarnings("default::UserWarning")
@pytest.mark.parametrize("name", CHANGES)
def test_a_change_can_be_made_and_touches_no_more_than_before(name: str) -> None:
    touched, row = table.measured(name), table.rows()[name]
    rise = table.more(touched, table.now(row))
    if rise:
        warnings.warn(f"{name} touches more: {rise}. Say why: `reason` in tests/changes/table.csv", stacklevel=1)
    elif touched != table.now(row):
        warnings.warn(f"{name} touches less: {touched}. `python -m tests.changes` writes it down", stacklevel=1)
    if table.more(table.now(row), table.before(row)) and not row["reason"]:
        warnings.warn(f"{name} touches more than at first: write the reason into tests/changes/table.csv", stacklevel=1)


def test_the_page_shows_the_table_of_all_changes() -> None:
    assert list(table.rows()) == list(CHANGES)
    assert table.shown() == table.as_markdown(table.rows()), "python -m tests.changes"


def test_quick_changes_work(tmp_path: Path) -> None:
    copied(QUICK, tmp_path)
    use(QUICK, tmp_path)


@pytest.mark.slow
def test_all_that_the_page_teaches_works_in_one_copy(tmp_path: Path) -> None:
    copied(TAUGHT, tmp_path)
    use(TAUGHT, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "files"),
    [
        ("outcome", "tests/measures tests/report/test_unmoved.py"),
        ("report section", "tests/web tests/report/test_unmoved.py"),
    ],
)
def test_what_the_page_teaches_passes_types_and_the_tests_of_its_packages(
    name: str, files: str, tmp_path: Path
) -> None:
    """A taught change passes mypy and the tests of its packages, without tests of stored pages."""
    copied([name], tmp_path)
    for study in ("reference", "league"):  # pages show what they stored
        shutil.copytree(ROOT / "results" / study, tmp_path / "results" / study)
    python_path = os.environ | {"PYTHONPATH": str(tmp_path)}
    plain = ("--assert=plain", "-p", "no:cacheprovider", "-m", "not slow and not compilation")
    for words in (("mypy", "sim"), ("pytest", "-q", *plain, *files.split())):
        ended = python("-m", *words, cwd=tmp_path, env=python_path)
        assert ended.returncode == 0, ended.stdout[-3000:] + ended.stderr[-1000:]


@pytest.mark.slow
@pytest.mark.parametrize("name", ALONE)
def test_a_change_works(name: str, tmp_path: Path) -> None:
    copied([name], tmp_path)
    use([name], tmp_path)


@pytest.mark.slow
@pytest.mark.compilation
def test_changes_of_rules_compile_and_run(tmp_path: Path) -> None:
    """Changes of compiled rules work together in one copy, which needs one compilation."""
    copied(COMPILED, tmp_path / "copy")
    code = "from tests.tiny import ended; print(len(ended().request))"
    assert int(run(tmp_path / "copy", code, COMITY_CACHE=str(tmp_path / "cache"))) > 0


def test_a_place_that_is_gone_is_named() -> None:
    tree = Tree()
    for make in (
        lambda: tree.replace("sim/agents/events.py", "no such text", ""),
        lambda: tree.after("sim/agents/events.py", "no such line", ""),
        lambda: tree.drop_row("sim/data/parameters.csv", "no.such_row,"),
        lambda: tree.remove("sim/agents/events.py", "NO_SUCH_EVENT"),
        lambda: tree.delete("sim/agents/no_such_file.py"),
        lambda: tree.redefine("sim/agents/events.py", "no_such_rule", ""),
        lambda: tree.rename("NO_SUCH" + "_CONCEPT", "OTHER"),
        lambda: tree.example("no such section"),
        lambda: tree.new("sim/agents/events.py", ""),
    ):
        with pytest.raises(StaleError):
            make()
    assert tree.touched() == Touched(0, 0, 0, 0)


def test_what_is_touched_is_counted_apart_from_tests() -> None:
    tree = Tree()
    tree.rows("sim/data/unit_costs.csv", "one\ntwo\n")
    tree.new("tests/some.py", "one = 1\n")
    tree.replace("sim/agents/events.py", "class Event(EventKind):", "class Event(EventKind):")
    assert tree.touched() == Touched(files=1, added=2, removed=0, tests=1)


def test_what_a_module_imports_is_counted_directly_and_in_all() -> None:
    graph = {"a": {"b", "c"}, "b": {"d"}, "c": set(), "d": {"a"}, "e": {"a"}}
    assert imports_of("a", graph) == ({"b", "c"}, {"b", "c", "d"})
    assert imports_of("c", graph) == (set(), set())


def test_a_rise_is_a_warning_that_asks_for_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(CHANGES, "scenario", Change(lambda tree: tree.new("scenarios/some.yaml", 99 * "line\n"), ""))
    with pytest.warns(UserWarning, match="scenario touches more: added 16 → 99. Say why"):
        test_a_change_can_be_made_and_touches_no_more_than_before("scenario")
