"""Two commits beside each other: a repository of two commits whose model is one constant, and made-up outcomes."""

import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim.policy.problem import InputError
from tests.old_and_new.__main__ import commit_named, main, pins
from tests.old_and_new.page import CHANGE, LEVEL, Commit, compare, page

OLD, NEW = Commit("a" * 40, "2026-01-01", "Before"), Commit("b" * 40, "2026-02-01", "After | <b>bold</b>")
#: A model: `python -m sim sweep scenario=a,b --replicates N --study FOLDER`.
MODEL = """\
import sys
from pathlib import Path

import pandas as pd

scenarios = sys.argv[2].removeprefix("scenario=").split(",")
seeds = range(1, int(sys.argv[sys.argv.index("--replicates") + 1]) + 1)
place = Path(sys.argv[sys.argv.index("--study") + 1]) / "outcomes"
place.mkdir(parents=True)
rows = [(key, seed, {level} * seed + len(key)) for key in scenarios for seed in seeds]
pd.DataFrame(rows, columns=["scenario", "seed", "groups_brought_down"]).to_parquet(place / "p.parquet")
"""


def git(root: Path, *words: str) -> None:
    """Runs git in a repository."""
    who = ("-c", "user.name=A", "-c", "user.email=a@example.org")
    subprocess.run(["git", *who, *words], cwd=root, check=True, capture_output=True)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository of two commits; the newer has a scenario more."""
    root = tmp_path_factory.mktemp("repository")
    git(root, "init", "-q")
    (root / "requirements.lock").write_text("numpy==2.0 ; a marker\n    --hash=sha256:1\n", encoding="utf-8")
    (root / "sim" / "policy").mkdir(parents=True)
    for folder in (root / "sim", root / "sim" / "policy"):
        (folder / "__init__.py").write_text("", encoding="utf-8")  # before any other package of this name
    for level, keys in ((1.0, ["status_quo", "b"]), (2.0, ["status_quo", "b", "c"])):
        (root / "sim" / "__main__.py").write_text(MODEL.replace("{level}", str(level)), encoding="utf-8")
        text = f"def catalogue():\n    return {keys}\n"
        (root / "sim" / "policy" / "scenario.py").write_text(text, encoding="utf-8")
        git(root, "add", "-A")
        git(root, "commit", "-q", "-m", f"Level {level:g}")
    return root


def test_each_commit_runs_its_own_code(root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    places = ["--results", str(tmp_path / "runs"), "--output", str(tmp_path / "pages"), "--name", "levels"]
    assert main(["HEAD~1", "--replicates", "5", *places], root) == 0
    table = pd.read_csv(tmp_path / "pages" / "levels.csv").set_index(["kind", "scenario"])
    today = table.loc[LEVEL, "status_quo"]
    assert (today["before"], today["after"], today["difference"], today["pairs"]) == (13, 16, 3, 5)
    assert table.loc[CHANGE, "b"]["difference"] == 0
    text = (tmp_path / "pages" / "levels.md").read_text("utf-8")
    assert "- Level 2" in text and "- Level 1" not in text, "the commits that the newer has beyond the older"
    assert "`c` in " in text and "alone" in text
    listed = subprocess.run(["git", "worktree", "list"], cwd=root, capture_output=True, text=True, check=True)
    assert len(listed.stdout.splitlines()) == 1, "no folder is left"
    assert "Written: " in capsys.readouterr().out


def test_mistakes_are_one_message(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words, message in ((["no-such-commit"], "no such commit"), (["HEAD", "--scenarios", "c,d"], "not in both")):
        assert main(words, root) == 2
        said = capsys.readouterr().err
        assert message in said and "Traceback" not in said
    with pytest.raises(InputError, match="no such commit"):
        commit_named("--output=elsewhere", root)
    assert pins(root / "requirements.lock") == {"numpy==2.0"}


def outcomes(shift: float, chance: float, seed: int) -> pd.DataFrame:
    """Made-up outcomes over 30 seeds: worlds of two commits share a part, and differ by a shift and by chance."""
    world, own = (np.random.default_rng(number).standard_normal((2, 30)) for number in (1, seed))
    return pd.DataFrame(
        {
            "scenario": np.repeat(["status_quo", "faster_mlat"], 30),
            "seed": np.tile(np.arange(30), 2),
            "groups_brought_down": (5.0 + world + shift + chance * own).ravel(),
            "turnaround_median": ((9.0 + world[0]) * np.array([[1.0], [0.8]])).ravel(),
        }
    )


def test_what_differs_beyond_chance_is_bold_and_what_does_not_is_plain() -> None:
    found = compare(outcomes(0.0, 0.2, 2), outcomes(0.5, 0.2, 3))
    text = page(found, OLD, NEW, [], [], "x", "command")
    rows = [line for line in text.splitlines() if line.startswith("| `")]
    assert [row.count("**") for row in rows] == [2, 2, 0, 0, 0, 0]
    assert "After \\| &lt;b>bold&lt;/b>" in text
    assert "3 are the same in every world" in text


def test_commits_correlate_where_worlds_share_much() -> None:
    close, apart = (compare(outcomes(0.0, chance, 2), outcomes(0.0, chance, 3)) for chance in (0.1, 10.0))
    first, other = (found.of(LEVEL, "groups_brought_down")[0] for found in (close, apart))
    assert first.correlation > 0.9 > 0.5 > abs(other.correlation)


def test_one_code_gives_no_difference() -> None:
    same = outcomes(0.0, 0.2, 2)
    text = page(compare(same, same.sample(frac=1.0, random_state=1)), OLD, OLD, [], [], "x", "command")
    assert "**Nothing changed**: 6 levels and changes are the same in every world." in text


def test_of_a_thousand_differences_by_chance_hardly_any_is_beyond_chance() -> None:
    """Each of 200 pages of six differences shows one with probability 5 % at most: over 20 with 0.2 %."""
    shown = 0
    for number in range(200):
        found = compare(outcomes(0.0, 1.0, 2 * number + 10), outcomes(0.0, 1.0, 2 * number + 11))
        shown += bool(found.differing)
    assert shown <= 20
