"""The worked examples of CONTRIBUTING.md, performed on a copy of the sources."""

import ast
import os
import re
import shutil
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.interpreted import python

ROOT = Path(__file__).parents[1]
EXAMPLE = re.compile(r"```(?:python|csv|yaml)\n# (\S+\.(?:py|csv|yaml))(?:, ([^\n]+))?\n(.*?)```", re.DOTALL)

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
from sim.agents.assistance.court import appeal_follows
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
    "agent": """
from sim.agents.events import Event
from sim.engine.clock import EVENT_COUNTS
from sim.world.parameters import WorldSpec
from tests.tiny import ended
spec = WorldSpec(groups=1, start="2026-01-01", policy_start="2026-06-01", end="2027-01-05", states=["DEU", "FRA"])
spec.background, spec.follow_up_days = False, 0
world = ended(spec=spec)
assert world.counters[EVENT_COUNTS + Event.INSPECTION] == len(world.state)
""",
    "treaty": """
import sim
for day, governs in (("2027-05-31", False), ("2027-06-01", True)):
    found = sim.law("BRA", "IND", "content", on=day)
    assert ("five_states_mla" in [channel.terms.id for channel in found.answer.open]) == governs
""",
    "channel": """
import sim
found = sim.law("BRA", "IND", "subscriber", on="2027-07-01")
assert "registrars" in list(found.open["channel"])
assert "registrars" not in list(sim.law("BRA", "IND", "content", on="2027-07-01").open["channel"])
""",
    "state": """
import sim
from sim.law.order import legal_order
assert len(legal_order().states) == 197
found = sim.law("Kosovo", "ALB", "content", on="2026-09-01")
assert "letters rogatory" in list(found.open["channel"])
assert any("XKX" in fact for fact in found.facts["fact"])
""",
    "offence": """
import sim
from datetime import date
from sim.law.order import legal_order
from sim.law.vocabulary import Offence
law = legal_order()
found = sim.law("DEU", "USA", "content", offence="extortion", on="2026-09-01").facts.set_index("fact")["value"]
assert found["DEU: extortion is an offence"].startswith("yes")
assert found["DEU: maximum penalty"] == "5 years"
assert found["USA: extortion is an offence"].startswith("uncertain")
arrays = law.arrays(date(2026, 9, 1))
assert arrays.offence.shape == (len(law.states), len(Offence))
assert (arrays.conducts >> Offence.EXTORTION & 1).sum() == 1
""",
}


class Example(NamedTuple):
    """A block of the page: the file, the place in it, empty for the end of a data file, and what is put there."""

    file: str
    place: str
    code: str


def examples() -> list[Example]:
    """Every block of the page that names a file."""
    return [Example(*found) for found in EXAMPLE.findall((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"))]


def add(folder: Path, example: Example) -> None:
    """Performs one example."""
    path = folder / example.file
    if example.place == "a new file":
        assert not path.exists()
        path.write_text(example.code, encoding="utf-8")
    elif not example.place:
        path.write_text(path.read_text(encoding="utf-8") + example.code, encoding="utf-8")
        announce(path, example.code.count("- id:") if path.suffix == ".yaml" else example.code.count("\n"))
    else:
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        first, last = span_of(example, lines)
        lines[first:last] = [example.code]
        path.write_text("".join(lines), encoding="utf-8")


def announce(path: Path, more: int) -> None:
    """Raises the number of rows that files.csv says a data file has; of tables elsewhere it says nothing."""
    known = path.with_name("files.csv")
    if not known.exists():
        return
    text = known.read_text(encoding="utf-8")
    rows = re.search(rf"^{re.escape(path.name)},(\d+),", text, re.MULTILINE)
    assert rows, path
    replaced = f"{path.name},{int(rows[1]) + more},"
    known.write_text(text[: rows.start()] + replaced + text[rows.end() :], encoding="utf-8")


def span_of(example: Example, lines: list[str]) -> tuple[int, int]:
    """Lines that an example replaces; none where it only adds."""
    tree = ast.parse("".join(lines))
    if example.place == "among the imports":
        module = example.code.split()[1]
        imports = [node for node in tree.body if isinstance(node, ast.ImportFrom) and str(node.module) > module]
        return (imports[0].lineno - 1,) * 2
    place, _, name = example.place.rpartition(" of ")
    node = next(node for node in tree.body if name in names_of(node))
    end = node.end_lineno or 0
    match place, node:
        case "in place", ast.FunctionDef():
            return node.decorator_list[0].lineno - 1 if node.decorator_list else node.lineno - 1, end
        case "in place", _:
            return node.lineno - 1, end
        case "before the last else", _:
            at = max(number for number in range(node.lineno, end) if lines[number] == "    else:\n")
            return at, at
        case "at the end", ast.ClassDef() | ast.FunctionDef():
            return end, end
        case "at the end", ast.Assign() | ast.AnnAssign():
            assert node.value is not None
            entries = next(inner for inner in ast.walk(node.value) if isinstance(inner, ast.Tuple | ast.Dict))
            return ((entries.end_lineno or 0) - 1,) * 2
    raise AssertionError(example.place)


def names_of(node: ast.stmt) -> set[str]:
    """Names that a statement at the top of a module gives."""
    if isinstance(node, ast.ClassDef | ast.FunctionDef):
        return {node.name}
    targets = [node.target] if isinstance(node, ast.AnnAssign) else getattr(node, "targets", [])
    return {target.id for target in targets if isinstance(target, ast.Name)}


@pytest.fixture(scope="module")
def extended(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the sources with every example."""
    folder = tmp_path_factory.mktemp("extended")
    shutil.copytree(ROOT / "sim", folder / "sim", ignore=shutil.ignore_patterns("__pycache__"))
    for example in examples():
        add(folder, example)
    return folder


def run(folder: Path, *arguments: str) -> str:
    """Output of a Python process that imports the copy, with rules in plain Python."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join((str(folder), str(ROOT))), "NUMBA_DISABLE_JIT": "1"}
    ended = python(*arguments, cwd=folder, env=environment)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


@pytest.mark.slow
def test_what_examples_add_works(extended: Path) -> None:
    """In one process; a failure shows the line and the kind of the example."""
    used = "".join(f"\nprint({kind!r}, flush=True)\nexec({text!r}, {{}})" for kind, text in USES.items())
    shown = run(extended, "-c", f"import sim; assert {str(extended)!r} in sim.__file__{used}")
    assert shown.split("\n")[:-1] == list(USES)


def test_each_kind_of_addition_has_its_example() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    sections = re.split(r"^## An? ", text, flags=re.MULTILINE)[1:]
    assert {section.partition("\n")[0] for section in sections} == set(USES)
    assert all(EXAMPLE.search(section) for section in sections)


def test_examples_pass_the_style_of_the_sources(extended: Path) -> None:
    files = sorted({example.file for example in examples() if example.file.endswith(".py")})
    run(extended, "-m", "ruff", "check", "--config", str(ROOT / "pyproject.toml"), *files)
    run(extended, "-m", "ruff", "format", "--check", "--config", str(ROOT / "pyproject.toml"), *files)
