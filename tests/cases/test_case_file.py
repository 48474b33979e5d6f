"""Files of cases: they agree with the record, and a mistake is one message with file, line, key, value and fix."""

from pathlib import Path

import pytest

from sim.cases.case_file import case_files, load_case
from sim.cases.real_case import operations
from sim.cli import INPUT_ERROR, main
from sim.policy.scenario import catalogue

WHOLE = {
    "title": "A case",
    "group": "scams",
    "opened": "2018-08",
    "acted": "2021-01-26",
    "lead": "DEU",
    "states": "[DEU, NLD]",
    "sources": "somebody",
}
#: What is changed, and what the message must name: line, key, value, fix.
MISTAKES = {
    "unknown kind": ({"group": "scam"}, 2, "group", "scam", "scams"),
    "no date": ({"opened": "soon"}, 3, "opened", "soon", "2016-11-30"),
    "no such day": ({"acted": "2021-02-30"}, 4, "acted", "2021-02-30", "2016-11-30"),
    "too early": ({"opened": "1999"}, 3, "opened", "1999", "from 2001-01-01"),
    "in the wrong order": ({"acted": "2017"}, 4, "acted", "2017", "from 2018-08-01"),
    "unknown state": ({"lead": "GER"}, 5, "lead", "GER", "GEO"),
    "a state twice": ({"states": "[DEU, DEU]"}, 6, "states", "DEU", "once"),
    "unknown key": ({"arests": "5"}, 8, "arests", "5", "arrests"),
    "no number": ({"arrests": "-5"}, 8, "arrests", "-5", "digits"),
    "unknown word": ({"resurgence": "maybe"}, 8, "resurgence", "maybe", "partial"),
    "no text": ({"title": "[a, b]"}, 1, "title", "", "one line"),
    "a tag": ({"title": "!!python/name:os.system x"}, 1, "", "os.system", "pure data"),
    "a look-up": ({"title": "${oc.env:HOME}"}, 1, "title", "oc.env", "pure data"),
}


def written(folder: Path, changes: dict[str, str | None]) -> Path:
    """A file of the whole case with some lines changed, added, or left out."""
    path = folder / "own.yaml"
    lines = (f"{key}: {value}\n" for key, value in (WHOLE | changes).items() if value is not None)
    path.write_text("".join(lines), encoding="utf-8")
    return path


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    changes, line, key, value, fix = MISTAKES[name]
    path = written(tmp_path, dict(changes))
    assert main(["case", str(path), "-o", str(tmp_path)]) == INPUT_ERROR
    said = capsys.readouterr().err
    assert f"{path}:{line}" in said
    for part in (key, value, fix):
        assert part in said
    assert said.count("comity: error:") == 1
    assert "Traceback" not in said
    assert sorted(tmp_path.iterdir()) == [path]


def test_all_mistakes_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path, {"lead": "GER", "sources": None, "group": "scam"})
    assert main(["case", str(path), "-o", str(tmp_path)]) == INPUT_ERROR
    assert "3 mistakes" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["avalance"], "Did you mean avalanche?"),
        (["nowhere.yaml"], "cannot be read"),
        ([], "a case is needed"),
        (["emotet", "--all"], "a case and --all"),
        (["emotet", "--replicates", "0"], "--replicates = '0': out of range"),
        (["emotet", "--workers", "two"], "--workers = 'two': out of range"),
    ],
)
def test_words_that_are_refused(
    words: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["case", *words, "-o", str(tmp_path)]) == INPUT_ERROR
    assert said in capsys.readouterr().err


def test_a_whole_file_is_read(tmp_path: Path) -> None:
    case = load_case(str(written(tmp_path, {"territories": "GIB", "return_months": "7", "resurgence": "full"})))
    assert (case.key, case.states, case.arrests, case.returned) == ("own", 3, None, True)


@pytest.mark.parametrize(("key", "identity"), [("avalanche", "dev07"), ("emotet", "dev15")])
def test_files_agree_with_the_record(key: str, identity: str) -> None:
    case = load_case(key)
    record = next(entry for entry in operations() if entry.key == identity)
    for name in ("kind", "lead", "active_since", "opened", "acted", "states", "arrests", "resurgence", "return_months"):
        assert getattr(case, name) == getattr(record, name), name


def test_cases_are_no_scenarios() -> None:
    assert set(case_files()) == {"avalanche", "emotet"}
    assert not set(case_files()) & set(catalogue())
