"""Tests of files on recorded operations, and of error messages about them."""

from pathlib import Path

import pytest

from sim.cases.real_case import case_files, load_case, operations
from sim.cli import INPUT_ERROR, main
from sim.policy.problem import InputError
from sim.policy.scenario import catalogue

WHOLE = {
    **{"title": "A case", "group": "scams", "opened": "2018-08", "acted": "2021-01-26", "lead": "DEU"},
    **{"states": "[DEU, NLD]", "sources": "somebody"},
}
#: What is changed, and what the message must name: line, key, value, fix.
MISTAKES = (
    *(({"group": "scam"}, 2, "group", "scam", "scams"), ({"opened": "soon"}, 3, "opened", "soon", "2016-11-30")),
    ({"acted": "2021-02-30"}, 4, "acted", "2021-02-30", "2016-11-30"),
    ({"opened": "1999"}, 3, "opened", "1999", "from 2001-01-01"),
    *(({"acted": "2017"}, 4, "acted", "2017", "from 2018-08-01"), ({"lead": "GER"}, 5, "lead", "GER", "GEO")),
    *(({"states": "[DEU, GER]"}, 6, "states", "GER", "GEO"), ({"arests": "5"}, 8, "arests", "5", "arrests")),
    ({"arrests": "-5"}, 8, "arrests", "-5", "digits"),
    ({"resurgence": "maybe"}, 8, "resurgence", "maybe", "partial"),
    ({"title": "[a, b]"}, 1, "title", "", "one line"),
    ({"title": "!!python/name:os.system x"}, 1, "", "os.system", "pure data"),
    ({"title": "${oc.env:HOME}"}, 1, "title", "oc.env", "pure data"),
)


def written(folder: Path, changes: dict[str, str | None]) -> Path:
    """Writes the file of a complete case with some lines changed, added or removed."""
    path = folder / "own.yaml"
    lines = (f"{key}: {value}\n" for key, value in (WHOLE | changes).items() if value is not None)
    path.write_text("".join(lines), encoding="utf-8")
    return path


def test_mistakes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for changes, line, *parts in MISTAKES:
        path = written(tmp_path, dict(changes))
        assert main(["case", str(path), "-o", str(tmp_path)]) == INPUT_ERROR
        said = capsys.readouterr().err
        assert f"{path}:{line}" in said and all(part in said for part in parts), (said, parts)
        assert said.count("comity: error:") == 1 and "Traceback" not in said
        assert sorted(tmp_path.iterdir()) == [path]
    path = written(tmp_path, {"lead": "GER", "sources": None, "group": "scam"})
    assert main(["case", str(path), "-o", str(tmp_path)]) == INPUT_ERROR
    assert "3 mistakes" in capsys.readouterr().err


def test_words_that_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words, said in {
        **{"avalance": "Did you mean avalanche?", "nowhere.yaml": "cannot be read", "": "a case is needed"},
        "emotet --replicates 0": "--replicates = '0': out of range",
        "emotet --workers two": "--workers: invalid int value: 'two'",
    }.items():
        assert main(["case", *words.split(), "-o", str(tmp_path)]) == INPUT_ERROR
        assert said in capsys.readouterr().err


def test_a_whole_file_is_read_and_shipped_ones_agree_with_the_record(tmp_path: Path) -> None:
    case = load_case(str(written(tmp_path, {"territories": "GIB", "return_months": "7", "resurgence": "full"})))
    assert (case.key, case.states, case.arrests, case.returned) == ("own", 3, None, True)
    with pytest.raises(InputError, match="states = 'DEU': this state is given twice"):
        load_case(str(written(tmp_path, {"states": "[DEU, NLD, DEU]"})))
    names = ("kind", "lead", "active_since", "opened", "acted", "states", "arrests", "resurgence", "return_months")
    for key, identity in {"avalanche": "dev07", "emotet": "dev15"}.items():
        record = next(entry for entry in operations() if entry.key == identity)
        assert [getattr(load_case(key), name) for name in names] == [getattr(record, name) for name in names]
    assert set(case_files()) == {"avalanche", "emotet"} and not set(case_files()) & set(catalogue())
