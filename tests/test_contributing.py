"""The worked examples of CONTRIBUTING.md, performed on a copy of the sources."""

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
EXAMPLE = re.compile(r"```python\n# (\S+\.py), (at the end|in place) of (\w+)\n(.*?)```", re.DOTALL)

USES = {
    "lever": """
from types import SimpleNamespace
from sim.policy.levers import LEVERS, apply_assignments
from sim.policy.timeline import Assignment
from sim.world.parameters import Parameters, setting
lever = LEVERS["request.closure_notified"]
world = SimpleNamespace(setting=setting(Parameters(), 1))
assert world.setting["closure_notified"][0] == lever.neutral
apply_assignments(world, [Assignment(lever.name, 0.8)])
assert world.setting["closure_notified"][0] == 0.8
""",
    "outcome": """
from sim.measures.outcomes import outcome
from sim.world.records import RequestStatus
from tests.measures.worlds import observation, request
seen = observation(request=[request(0, 100), request(0, 100, loops=1), request(0, 50, status=RequestStatus.REFUSED)])
assert outcome("executed_without_return_share").measure(seen) == 1 / 3
""",
    "parameter": """
from sim.world.parameters import Parameters, declarations, setting
assert "request.appeal_withdrawn" in {name for name, _, _ in declarations()}
assert setting(Parameters(), 1)["appeal_withdrawn"][0] == 0.1
""",
    "record field": """
import numpy as np
from sim.world.records import GROWING, REQUEST
assert "appealed" in GROWING["request"].names
assert np.isnan(REQUEST.neutral["appealed"])
""",
    "mechanism": """
from sim.agents.court import appeal_follows
from sim.agents.events import Purpose
from sim.law.vocabulary import Channel, DataKind
from sim.world.parameters import Parameters, setting
from sim.world.records import REQUEST
import numpy as np
assert len(Purpose.__members__) == len(set(Purpose)), "a purpose has the number of another"
numbers = setting(Parameters(), 1).view(np.recarray)[0]
request = np.array([REQUEST.neutral], REQUEST.dtype).view(np.recarray)[0]
request.channel, request.data_kind, request.key = Channel.MLAT, DataKind.CONTENT, 5
numbers.appeal_probability = 1.0
for share, appeals in ((0.0, True), (1.0, False)):
    numbers.appeal_withdrawn = share
    assert appeal_follows(numbers, request) == appeals
""",
}


def examples() -> list[tuple[str, str, str, str]]:
    """File, place ("at the end" or "in place"), name and code of every example."""
    return EXAMPLE.findall((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"))


def add(path: Path, place: str, name: str, code: str) -> None:
    """Performs one example: adds to a tuple, an entity's fields or a class of that name, or replaces a function."""
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    for node in ast.parse("".join(lines)).body:
        if isinstance(node, ast.FunctionDef) and node.name == name and place == "in place":
            first = node.decorator_list[0].lineno if node.decorator_list else node.lineno
            lines[first - 1 : node.end_lineno] = [code]
            break
        if isinstance(node, ast.ClassDef) and node.name == name:
            lines.insert(node.end_lineno or 0, code)
            break
        targets = [node.target] if isinstance(node, ast.AnnAssign) else getattr(node, "targets", [])
        if any(isinstance(target, ast.Name) and target.id == name for target in targets):
            entries = next(inner for inner in ast.walk(node.value) if isinstance(inner, ast.Tuple))
            lines.insert((entries.end_lineno or 0) - 1, code)
            break
    else:
        raise AssertionError(f"{path} has no {name}")
    path.write_text("".join(lines), encoding="utf-8")


@pytest.fixture(scope="module")
def extended(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the sources with every example."""
    folder = tmp_path_factory.mktemp("extended")
    shutil.copytree(ROOT / "sim", folder / "sim", ignore=shutil.ignore_patterns("__pycache__"))
    for path, place, name, code in examples():
        add(folder / path, place, name, code)
    return folder


def run(folder: Path, *arguments: str) -> str:
    """Output of a Python process that imports the copy, with rules in plain Python."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join((str(folder), str(ROOT))), "NUMBA_DISABLE_JIT": "1"}
    ended = subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


@pytest.mark.parametrize("kind", USES)
def test_what_an_example_adds_works(kind: str, extended: Path) -> None:
    run(extended, "-c", f"import sim; assert {str(extended)!r} in sim.__file__\n{USES[kind]}")


def test_each_kind_of_addition_has_its_example() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    titles = {title.removeprefix("A ").removeprefix("An ") for title in re.findall(r"^## (.*)$", text, re.MULTILINE)}
    assert titles == set(USES)
    files = [path for path, _, _, _ in examples()]
    assert len(files) == len(set(files)) == len(USES) + 1


def test_examples_pass_the_style_of_the_sources(extended: Path) -> None:
    files = sorted({path for path, _, _, _ in examples()})
    run(extended, "-m", "ruff", "check", "--config", str(ROOT / "pyproject.toml"), *files)
    run(extended, "-m", "ruff", "format", "--check", "--config", str(ROOT / "pyproject.toml"), *files)
