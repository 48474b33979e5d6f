"""Tests of compiling rules: order of definition, and reuse by all processes."""

import ast
import os
import shutil
import subprocess
import sys
from ctypes import CDLL, c_void_p
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

import numba
import numpy as np
import pytest
from llvmlite.binding import address_of_symbol

from sim.agents.assistance import trust
from sim.engine.bound import digest
from sim.engine.caching import PLACE
from sim.engine.compiling import OPTIONS, is_compiled, kernel, rule
from sim.engine.linking import KernelCache, KernelCompiler, RulePart
from sim.engine.random import chance
from sim.simulate import desks_changed, run_until
from tests.tiny import ended

ROOT = Path(__file__).parents[2]
COMPILED = {"rule", "kernel"}

Graph = dict[str, set[str]]


def sources() -> dict[str, str]:
    """Text of every module with rules, by dotted name."""
    texts = {path.relative_to(ROOT): path.read_text(encoding="utf-8") for path in sorted((ROOT / "sim").rglob("*.py"))}
    marked = {path: text for path, text in texts.items() if "@rule" in text or "@kernel" in text}
    return {".".join(path.with_suffix("").parts): text for path, text in marked.items()}


def is_rule(node: ast.stmt) -> bool:
    return isinstance(node, ast.FunctionDef) and any(
        isinstance(mark, ast.Name) and mark.id in COMPILED for mark in node.decorator_list
    )


def names_in(module: str, tree: ast.Module) -> dict[str, str]:
    """Dotted name of each imported or defined name in a module."""
    names = {node.name: f"{module}.{node.name}" for node in tree.body if isinstance(node, ast.FunctionDef)}
    for node in tree.body:
        if isinstance(node, ast.ImportFrom):
            names |= {item.asname or item.name: f"{node.module}.{item.name}" for item in node.names}
    return names


def calls(modules: dict[str, str]) -> Graph:
    """Compiled rules that each compiled rule calls."""
    trees = {module: ast.parse(text) for module, text in modules.items()}
    rules = {f"{module}.{node.name}" for module, tree in trees.items() for node in tree.body if is_rule(node)}
    graph: Graph = {}
    for module, tree in trees.items():
        names = names_in(module, tree)
        for node in filter(is_rule, tree.body):
            used = {names.get(part.id) for part in ast.walk(node) if isinstance(part, ast.Name)}
            graph[f"{module}.{node.name}"] = used & rules
    return graph


def test_rules_call_each_other_in_no_circle() -> None:
    """Compiled rules do not call each other in circles, which can crash a process that loads them."""
    graph = calls(sources())
    assert len(graph) > 200 and "sim.engine.clock.post" in graph["sim.agents.events.schedule"]
    assert len(list(TopologicalSorter(graph).static_order())) == len(graph)


@pytest.mark.parametrize("returns", ["second", "first"])
def test_a_circle_is_found(returns: str) -> None:
    """A circle of calls is found across modules, under another name, and within one rule."""
    modules = {
        "a": "from b import second as other\n@rule\ndef first(x):\n    return other(x)\n",
        "b": f"from a import first\n@rule\ndef second(x):\n    return {returns}(x)\n",
    }
    with pytest.raises(CycleError):
        TopologicalSorter(calls(modules)).prepare()


def test_rules_are_named_not_reached_through_a_module() -> None:
    """Rules call each other by name and not through a module, as the search for circles requires."""
    for module, text in sources().items():
        body = ast.parse(text).body
        items = [item for node in body if isinstance(node, ast.Import) for item in node.names]
        imported = {(item.asname or item.name).partition(".")[0] for item in items}
        for node in filter(is_rule, body):
            reached = {
                part.value.id
                for part in ast.walk(node)
                if isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name) and part.value.id in imported
            }
            assert reached <= {"math", "np"}, f"{module}.{node.name}"


LISTENING = """
import sys
from numba.core import event
compiled = event.RecordingListener()
event.register("numba:compile", compiled)
"""
SECOND_PROCESS = """
from tests.tiny import ended
assert ended().now[0] > 0
print(sorted(happened.data["dispatcher"].__name__ for _, happened in compiled.buffer if happened.is_start))
print(*{"scipy.linalg", "cffi"} & set(sys.modules))
"""


def printed(code: str, *words: str, cwd: Path = ROOT, **variables: str) -> list[str]:
    """Output of a process, one word per compilation that Numba reports."""
    asked, environment = (sys.executable, "-c", LISTENING + code, *words), os.environ | variables
    done = subprocess.run(asked, capture_output=True, text=True, cwd=cwd, env=environment, check=True)
    return done.stdout.split()


UNKNOWN = """
import subprocess, sys
from sim.engine.compiling import kernel
@kernel
def twice(number):
    return 2 * number
print(twice(3), "sim.engine.linking" in sys.modules)
if "again" in sys.argv:
    print(subprocess.run([sys.executable, __file__], stdout=subprocess.PIPE, text=True, check=True).stdout, end="")
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "switch", "links"),
    [
        ("0.99.1", None, False),
        ("1.0.0", "", False),
        ("0.99.1", "1", False),
        ("0.99.1", "0", True),
        ("0.68.0", None, True),
    ],
)
def test_an_unknown_numba_compiles_plainly_and_says_so_once(number, switch, links, tmp_path) -> None:
    """Under an unknown version of Numba, rules are compiled plainly, with one warning."""
    there = tmp_path / f"numba-{number}.dist-info"
    there.mkdir()
    (there / "METADATA").write_text(f"Metadata-Version: 2.1\nName: numba\nVersion: {number}\n", "utf-8")
    (tmp_path / "small.py").write_text(UNKNOWN, "utf-8")
    known = {name: value for name, value in os.environ.items() if name != "COMITY_PLAIN_NUMBA"}
    known |= {"PYTHONPATH": os.pathsep.join((str(tmp_path), str(ROOT))), PLACE: str(tmp_path / "cache")}
    known |= {} if switch is None else {"COMITY_PLAIN_NUMBA": switch}
    words = (sys.executable, str(tmp_path / "small.py"), "again")
    done = subprocess.run(words, capture_output=True, text=True, env=known, check=True)
    assert done.stdout.splitlines() == [f"6 {links}"] * 2
    said = done.stderr.splitlines()
    assert len(said) == (not links and not switch), done.stderr
    assert all(line.startswith(f"comity: Numba {number} ") and "COMITY_PLAIN_NUMBA=1" in line for line in said)


def tossed(seed: Any) -> bool:
    """Compiled entry point that calls rules, which call other rules."""
    return bool(chance(seed, 1, seed, 0, 0.5) or chance(seed, 2, seed, 0, 0.5))


def test_a_kernel_holds_each_rule_once() -> None:
    """Each rule is linked into the entry point once, and Numba's own compiler can call it too."""
    if numba.config.DISABLE_JIT:
        pytest.skip("nothing is compiled")
    compiled = numba.njit(pipeline_class=KernelCompiler, **OPTIONS)(tossed)
    usual = numba.njit(tossed)
    assert [compiled(np.uint64(seed)) for seed in range(40)] == [usual(np.uint64(seed)) for seed in range(40)]
    (result,) = compiled.overloads.values()
    parts = [part.module.name for part in result.library._linking_libraries if isinstance(part, RulePart)]
    assert set(parts) == {"chance", "uniform", "bits", "absorb"}
    assert parts.count("absorb") == 1  # although it is reached by three ways in each of two calls


def test_a_rule_is_translated_once_for_whole_numbers_of_any_width() -> None:
    """A rule is compiled once for integers of all widths, without overflow."""
    if numba.config.DISABLE_JIT:
        pytest.skip("nothing is compiled")

    @rule
    def twice(number: Any) -> Any:
        return 2 * number

    @numba.njit(pipeline_class=KernelCompiler, **OPTIONS)  # type: ignore[untyped-decorator, unused-ignore]
    def called(narrow: Any, wide: Any) -> Any:
        return twice(narrow) + twice(wide) + twice(3) + twice(number=4)

    most = 2**31 - 1
    assert called(np.int32(most), np.int64(most)) == 4 * most + 14 and len(vars(twice)["overloads"]) == 1


def test_a_second_process_compiles_nothing() -> None:
    """A second process compiles nothing, and loads neither linear algebra nor C libraries."""
    ended()
    assert is_compiled(run_until)
    assert numba.config.DISABLE_JIT or not is_compiled(kernel(tossed))
    assert printed(SECOND_PROCESS) == ["[]"]


SWAPPED = """
from sim.agents.assistance import trust
from sim.engine.compiling import kernel, rule
@rule
def own(setting, affinity, good, bad):
    return -1.0
if "own" in sys.argv:
    trust.trust_value = own
from tests.engine.asking import asked
from tests.tiny import row_of_settings
print(asked(row_of_settings()), len(compiled.buffer) > 0)
import sim; assert sim.__file__.startswith(__import__("os").getcwd())
"""


def test_compiled_code_is_found_by_the_content_of_the_rules_that_it_was_made_from(tmp_path: Path) -> None:
    """Cached code is found by the content of its rules, regardless of comments and folders."""

    def asked_in(checkout: Path, *words: str) -> list[str]:
        """Result of a rule in a copy of the code, and True if anything was compiled."""
        return printed(SWAPPED, *words, cwd=checkout, **{PLACE: str(tmp_path / "cache")})

    other, files = tmp_path / "other", ("__init__.py", "tiny.py", "engine/__init__.py", "engine/asking.py")
    shutil.copytree(ROOT / "sim", other / "sim", ignore=shutil.ignore_patterns("__pycache__"))
    (other / "tests" / "engine").mkdir(parents=True)
    for name in files:
        shutil.copy(ROOT / "tests" / name, other / "tests" / name)
    rules = other / "sim" / "agents" / "assistance" / "trust.py"
    rules.write_text("# a comment\n" + rules.read_text("utf-8"), "utf-8")
    assert asked_in(ROOT, "own") == ["-1.0", "True"]
    plain, compiled = asked_in(ROOT)
    assert float(plain) > 0.0 and compiled == "True" and asked_in(ROOT, "own") == ["-1.0", "False"]
    assert asked_in(other) == [plain, "False"]


def test_every_entry_point_is_bound_to_the_rules_and_constants_that_it_reaches(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = digest(run_until)
    monkeypatch.setattr(trust, "trust_value", trust.remembered)
    assert digest(run_until) != usual
    monkeypatch.undo()
    monkeypatch.setattr(trust, "YEAR", 365.0)
    assert digest(run_until) != usual
    monkeypatch.undo()
    assert digest(run_until) == usual
    if not numba.config.DISABLE_JIT:
        assert all(isinstance(vars(entry)["_cache"], KernelCache) for entry in (run_until, desks_changed))


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no old versions of these")
@pytest.mark.parametrize("name", ["exp", "log", "pow"])
def test_rules_call_the_functions_of_the_c_library_itself(name: str) -> None:
    assert address_of_symbol(name) == c_void_p.from_buffer(CDLL(None)[name]).value
