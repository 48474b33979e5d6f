"""Tests of conventions in the sources: imports run downwards, one source of randomness."""

import ast
import re
import shutil
import subprocess
from functools import cache
from importlib import import_module
from pathlib import Path

from tests.imports import circles, module_graph, room_graph, tree

ROOT = Path(__file__).parents[1]
#: The name `comity` (sim/alias) is the package itself.
SOURCES = sorted(path for path in (ROOT / "sim").rglob("*.py") if "alias" not in path.parts)

#: For each package, the packages that it may import from, itself aside.
MAY_IMPORT: dict[str, set[str]] = {
    "data": set(),
    "law": {"data"},
    "engine": set(),
    "world": {"data", "law", "engine"},
    "agents": {"data", "law", "engine", "world"},
    "policy": {"data", "law", "engine", "world"},
    "simulate": {"data", "law", "engine", "world", "agents", "policy"},
}
MAY_IMPORT["measures"] = {"data", "law", "engine", "world"}
MAY_IMPORT["experiments"] = {*MAY_IMPORT["simulate"], "simulate", "measures"}
MAY_IMPORT["results"] = {*MAY_IMPORT["experiments"], "experiments"}
MAY_IMPORT["report"] = {*MAY_IMPORT["results"], "results"}
MAY_IMPORT["calibration"] = {*MAY_IMPORT["report"], "report"}
MAY_IMPORT["cases"] = {*MAY_IMPORT["report"], "report", "calibration"}
MAY_IMPORT["api"] = {*MAY_IMPORT["report"], "report", "calibration", "cases"}
MAY_IMPORT["model"] = {*MAY_IMPORT["api"], "api"}
MAY_IMPORT["web"] = {*MAY_IMPORT["api"], "api"}
MAY_IMPORT["commands"] = {*MAY_IMPORT["web"], "web"}
MAY_IMPORT["cli"] = {*MAY_IMPORT["commands"], "commands"}
MAY_IMPORT["hydra"] = {*MAY_IMPORT["api"], "api"}
MAY_IMPORT["__main__"] = {"cli"}

#: For each package of agents, those whose faces it may import; all of them may import the files of SHARED_BY_AGENTS.
AGENTS: dict[str, set[str]] = {"crime": set(), "assistance": {"crime"}, "investigation": {"crime", "assistance"}}
SHARED_BY_AGENTS = {"sim.agents.events", "sim.agents.cases"}

RANDOM_MODULES = {"random", "secrets", "uuid", "numpy.random"}


def room(path: Path) -> str:
    """The package of a source file: its folder under sim/, or its own name."""
    return path.relative_to(ROOT / "sim").parts[0].removesuffix(".py")


@cache
def imported(path: Path) -> set[str]:
    """Dotted names of all modules that a file imports, at any place in it."""
    found = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found |= {node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def tracked() -> list[Path]:
    """Files tracked by git; empty without git."""
    if shutil.which("git") is None:
        return []
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def test_imports_run_downwards() -> None:
    wrong = []
    for path in SOURCES:
        own, name = room(path), path.relative_to(ROOT).as_posix()
        if name == "sim/__init__.py":
            continue
        assert own in MAY_IMPORT, f"{own}: a room that the architecture does not know"
        rooms = {found.split(".")[1] for found in imported(path) if found.startswith("sim.")} - {own}
        wrong += [f"{name}: {own} must not import from {other}" for other in rooms - MAY_IMPORT[own]]
        wrong += [
            f"{name}: {found} is of the checkout" for found in imported(path) if found.startswith(("docs.", "tests."))
        ]
    assert not wrong, "\n".join(wrong)


def test_neither_files_nor_rooms_import_each_other_in_a_circle() -> None:
    graph = module_graph()
    assert circles(graph) == circles(room_graph(graph)) == []


def agents_package(module: str) -> str:
    """The package of agents that contains a module; empty for other modules."""
    parts = [*module.split("."), "", ""]
    return parts[2] if parts[:2] == ["sim", "agents"] and parts[2] in AGENTS else ""


def test_packages_of_agents_import_each_other_downwards_through_their_faces() -> None:
    wrong = []
    for name, targets in module_graph().items():
        own = agents_package(name)
        for target in targets:
            other = agents_package(target)
            if other and other != own and target != f"sim.agents.{other}":
                wrong.append(f"{name}: {target} is behind a face; import from sim.agents.{other}")
            if own and other not in {"", own, *AGENTS[own]}:
                wrong.append(f"{name}: {own} must not import from {other}")
            if own and not other and target.startswith("sim.agents") and target not in SHARED_BY_AGENTS:
                wrong.append(f"{name}: {target} stands above")
        if name in SHARED_BY_AGENTS:
            wrong += [f"{name} imports {target}, which stands above" for target in targets if "sim.agents" in target]
    assert not wrong, "\n".join(wrong)
    folders = {path.name for path in (ROOT / "sim" / "agents").iterdir() if (path / "__init__.py").is_file()}
    assert folders == set(AGENTS)


def test_faces_of_agents_name_what_others_import() -> None:
    """The agents' packages export only names that other packages import."""
    used: dict[str, set[str]] = {package: set() for package in AGENTS}
    for path in (*SOURCES, *(ROOT / "docs" / "programs").rglob("*.py")):
        if path.name == "__init__.py":
            continue
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.ImportFrom) and (package := agents_package(node.module or "")):
                used[package] |= {alias.name for alias in node.names if node.module == f"sim.agents.{package}"}
    for package, names in used.items():
        assert set(import_module(f"sim.agents.{package}").__all__) == names, package


def test_imports_in_functions_and_for_types_count(tmp_path: Path) -> None:
    package = tmp_path / "some"
    package.mkdir()
    sources = {
        "__init__": "from some import eager",
        "eager": "from some.lazy import f",
        "lazy": "def f():\n    from some import typed",
        "typed": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import some.eager",
        "apart": "from some.eager import g",
    }
    for name, text in sources.items():
        (package / f"{name}.py").write_text(text, encoding="utf-8")
    graph = module_graph(package)
    assert graph["some"] == {"some.eager"}
    assert circles(graph) == [["some.eager", "some.lazy", "some.typed"]]


def test_nothing_is_random_pickled_evaluated_or_written_as_csv_but_in_one_place() -> None:
    own = re.compile(r"\b(np|numpy)\.random\b|default_rng|RandomState|SeedSequence|os\.urandom")
    clock = re.compile(r"seed\s*=\s*[^\n]*(time\.|now\(|getpid)")
    wrong = []
    for path in SOURCES:
        text = path.read_text(encoding="utf-8")
        secret = {"secrets"} if path.relative_to(ROOT).as_posix() == "sim/web/door.py" else set()  # a key has no seed
        if (RANDOM_MODULES - secret) & imported(path) or own.search(text) or clock.search(text):
            wrong.append(path.relative_to(ROOT).as_posix())
    assert not wrong, f"{wrong}: randomness comes from sim/engine/random.py, and no seed from the clock"
    # But for compiled rules, which Numba packs so, in the private cache alone, a loop over fields of our records, and
    # ladders over members, whose text is made from names of our rules.
    by_text = ("columns.py", "events.py")
    for path in SOURCES:
        used = {"pickle", "dill", "cloudpickle", "marshal", "shelve"} & imported(path)
        assert not used or path == ROOT / "sim" / "engine" / "linking.py", path
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id not in ("eval", "exec") or path.name in by_text, f"{path}:{node.lineno}"
    # Any other would write cells that a spreadsheet runs.
    writers = re.compile(r"\.to_csv\(|csv\.(?:Dict)?[wW]riter\(")
    found = {str(path.relative_to(ROOT)) for path in SOURCES if writers.search(path.read_text("utf-8"))}
    assert found == {"sim/data/spreadsheet.py"}


def negative_indices(node: ast.AST) -> list[int]:
    """Line numbers of negative indices."""
    found = [part for part in ast.walk(node) if isinstance(part, ast.Subscript) and isinstance(part.slice, ast.UnaryOp)]
    return [part.lineno for part in found if isinstance(part.slice.op, ast.USub)]


def test_rules_count_no_place_from_the_end() -> None:
    """Rules use no negative indices, which compiled code would read out of bounds."""
    lines = {path.name: negative_indices(tree(path)) for path in SOURCES if room(path) == "agents"}
    assert not {name: found for name, found in lines.items() if found}
    assert negative_indices(ast.parse("last = weights[-1]")) == [1]


def test_no_file_names_the_machine_it_was_made_on() -> None:
    places = re.compile(r"(?<![\w.])/(work|home|root|Users|tmp)/\w|[A-Za-z]:\\Users")
    hosts = re.compile(r"https?://[^\s\"')>]*(pypi|simple|index|artifact|mirror|registry)", re.IGNORECASE)
    for path in tracked():
        if path.suffix in (".parquet", ".png", ".pdf", ".nbc", ".nbi"):
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        if path == Path(__file__):
            continue
        for pattern in (places, hosts):
            found = pattern.search(text)
            assert not found, f"{path.relative_to(ROOT)}: {found and found.group()}"


def test_no_two_classes_of_one_name() -> None:
    """No two classes in the repository share a public name."""
    places: dict[str, list[str]] = {}
    for path in SOURCES:
        for node in tree(path).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places.setdefault(node.name, []).append(path.relative_to(ROOT).as_posix())
    assert {name: found for name, found in places.items() if len(found) > 1} == {}
