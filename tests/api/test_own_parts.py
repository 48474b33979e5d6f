"""Tests of a user's outcomes, levers and data in a folder."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from sim.policy.version import source_hash

PAGE = (Path(__file__).parents[2] / "docs" / "own_rules.md").read_text("utf-8")
#: The examples of the page.
OUTCOME, LEVER = (re.findall(rf"```python\n# {name}\n(.*?)```", PAGE, re.S)[0] for name in ("outcomes.py", "levers.py"))
PLACE = Path(__file__).parent / "parts"
TREATY, PARTIES, TERMS, STATE = (
    (PLACE / name).read_text("utf-8") for name in ("treaties.csv", "parties.csv", "terms.yaml", "state.csv")
)
COUNTRIES = Path(__file__).parents[2] / "sim" / "data" / "countries.csv"
LEVERS_HEAD = COUNTRIES.with_name("levers.csv").read_text("utf-8").partition("\n")[0]
BLANKS = "," * LEVERS_HEAD.count(",")
PARTS = {
    "outcomes.py": OUTCOME,
    "levers.py": LEVER,
    "data/treaties.csv": TREATY,
    "data/parties.csv": PARTIES,
    "data/terms.yaml": TERMS,
    "data/countries.csv": COUNTRIES.read_text("utf-8").partition("\n")[0] + "\n" + STATE,
}
#: Files of a wrong folder, and what is said of it.
WRONG: list[tuple[dict[str, str], str]] = [
    ({}, "no such folder"),
    ({"outcome.py": OUTCOME}, "not a part"),
    ({"outcomes.py": "def broken(:"}, "outcomes.py:1: cannot be imported (SyntaxError"),
    ({"outcomes.py": "x = 1"}, "makes none of the outcomes"),
    ({"outcomes.py": OUTCOME.replace("came_back_share", "harm")}, "harm: this name is taken"),
    ({"outcomes.py": OUTCOME.replace('"""Requests', '""  # ')}, "cannot be imported"),
    (
        {"outcomes.py": OUTCOME.replace('"loops"', '"loop"')},
        "came_back_share: fails in a small world (KeyError: 'loop')",
    ),
    ({"levers.py": LEVER.replace("Quantity.SHARE", "Quantity.HOURS")}, "cannot be imported (AttributeError"),
    ({"levers.py": LEVER.replace("withdrawn_share", "withdrawn")}, "its stage names no outcome"),
    (
        {"levers.py": LEVER.replace('Setting("closure', 'Setting("closed')},
        "request.closure_notified: fails in a small world",
    ),
    ({"data/treatys.csv": TREATY}, "no data file has this name"),
    ({"data/treaties.csv": TREATY.replace("form", "kind")}, "its columns are"),
    ({"data/treaties.csv": TREATY.replace(",an example,judgement", "")}, "10 columns"),
    ({"data/parties.csv": PARTIES}, "five_states"),
    ({"data/terms.yaml": TERMS}, "treaty = 'five_states' is unknown"),
    (
        {"data/levers.csv": f"{LEVERS_HEAD}\ncourt.stuff{BLANKS}\n"},
        "court.stuff: there is no rule",
    ),
]
#: Uses one folder after another, in a process of its own.
USES = """
import json, sys
import sim
if __name__ == "__main__":
    for folder in json.loads(sys.argv[1]):
        try:
            sim.use(folder)
            print("used")
        except sim.InputError as problem:
            print(problem)
    found = sim.law("BRA", "IND", "content", on="2027-06-01").open
    print("Agreement of five states" in found.to_string(), len(sim.states()))
    print(*sim.levers()["lever"][-1:], *sim.outcomes()["outcome"][-1:])
    from sim.policy.version import source_hash
    print(source_hash() != sys.argv[2])
"""


def laid_out(folder: Path, files: dict[str, str]) -> str:
    """Writes files to a folder; returns its path."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return str(folder)


@pytest.mark.slow
def test_a_wrong_part_is_one_message_and_a_right_one_is_in_the_model(tmp_path: Path) -> None:
    folders = [laid_out(tmp_path / str(number), files) for number, (files, _) in enumerate(WRONG)]
    right = laid_out(tmp_path / "right", PARTS)
    program = tmp_path / "uses.py"
    program.write_text(USES, encoding="utf-8")
    words = [sys.executable, str(program), json.dumps([*folders, right, right, folders[1]]), source_hash()]
    lines = subprocess.run(words, capture_output=True, text=True, check=True).stdout.splitlines()
    assert len(lines) == len(WRONG) + 6, lines
    for line, folder, (_, said) in zip(lines, folders, WRONG, strict=False):
        assert said in line and folder in line, (said, line)
    assert lines[len(WRONG) :][:2] == ["used", "used"]
    assert "without these parts" in lines[-4]
    assert lines[-3:] == ["True 197", "request.closure_notified came_back_share", "True"]
