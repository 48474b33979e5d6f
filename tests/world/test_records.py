"""Tests that tables equal entities.csv and fields.csv, and that bad declarations give one message."""

import math
import re
from pathlib import Path

import pytest

from docs.programs import typed
from sim.data.load import DataError
from sim.engine import compiling
from sim.law.vocabulary import Channel
from sim.world import records
from sim.world.records import ENTITIES, STAGES, Stage
from sim.world.records.field import _rows, declared
from sim.world.world import World
from tests.interpreted import python

FIELD = ("entity", "field", "dtype", "unit", "shape", "initial", "meaning")
CASE = {"entity": "case", "meaning": "A case."}
USUAL = ("case", "seen", "f8", "day", "", "", "when it was seen")


def test_each_name_is_its_table() -> None:
    """Each name refers to its own table."""
    assert all(getattr(records, entity.name.upper()) is entity for entity in ENTITIES)


def test_a_field_is_what_its_row_says() -> None:
    rows = (
        USUAL,
        ("case", "way", "i4", "code Channel", "", "", "a channel"),
        ("case", "spent", "f4", "days", "Stage", "", "days by stage"),
        ("case", "known", "u8", "bit mask", "4", "", "a mask"),
        ("case", "ends", "f8", "day", "", "-inf", "an end"),
    )
    (case,) = declared([CASE], [dict(zip(FIELD, row, strict=True)) for row in rows]).values()
    assert [item.unit for item in case.fields] == ["day", Channel, "days", "bit mask", "day"]
    assert len(Stage) == STAGES  # rules count stages by the one, and the table has a place for each of the other
    shapes = [("seen", "<f8"), ("way", "<i4"), ("spent", "<f4", (12,)), ("known", "<u8", (4,)), ("ends", "<f8")]
    assert case.dtype.descr == shapes
    assert math.isnan(case.neutral["seen"]) and case.neutral["ends"] == -math.inf and case.neutral["way"] == 0


@pytest.mark.parametrize(
    ("column", "value", "fix"),
    [
        ("entity", "caes", "write a table of entities.csv"),
        ("field", "is seen", "write a name"),
        ("field", "first", "that no other field of the table has"),
        ("dtype", "f16", "write one of i2, i4, f4, f8, u8"),
        ("dtype", "i4", "write f8, since a new row begins with nan"),
        ("unit", "", "write it in a few words"),
        ("unit", "code Chanel", "name an enumeration"),
        ("shape", "0", "write how many places it has"),
        ("shape", "Stages", "or the enumeration of its places"),
        ("initial", "never", "write a number, nan, inf or -inf"),
        ("meaning", " ", "write it in a few words"),
    ],
)
def test_a_wrong_row_is_one_message_with_file_row_column_value_and_fix(column: str, value: str, fix: str) -> None:
    first = dict(zip(FIELD, USUAL, strict=True)) | {"field": "first"}
    wrong = dict(zip(FIELD, USUAL, strict=True)) | {column: value}
    with pytest.raises(DataError) as raised:
        declared([CASE], [first, wrong])
    message = str(raised.value)
    place = f"sim/world/records/fields.csv: {wrong['entity']}.{wrong['field']}: {column} = {value!r} "
    assert message.startswith(place) and fix in message, message


def test_a_table_without_fields_or_meaning_and_other_columns_are_named() -> None:
    row = dict(zip(FIELD, USUAL, strict=True))
    with pytest.raises(DataError, match=r"entities\.csv: case: meaning = ''"):
        declared([CASE | {"meaning": ""}], [row])
    with pytest.raises(DataError, match=r"fields\.csv: leak of entities\.csv has no field"):
        declared([CASE, CASE | {"entity": "leak"}], [row])
    with pytest.raises(DataError, match=r"fields\.csv: its columns are entity,name; write entity,field,dtype"):
        _rows("fields.csv", "entity,name\ncase,seen\n")


def test_types_for_editors_and_mypy_are_those_of_the_tables() -> None:
    """Type stubs for editors and mypy have exactly the fields of the tables."""
    assert typed.FILE.read_text(encoding="utf-8") == typed.stub(), "fields.csv has changed: make types"
    for entity in ENTITIES:
        name = f"{entity.name.title().replace('_', '')}Table"
        kind = World.__annotations__[entity.name]
        assert getattr(kind, "__forward_arg__", kind) == f"typed.{name}"


_SNIPPET = """
from sim.engine.compiling import rule
from sim.world.world import World

@rule
def rightly(world: World, row: int) -> float:
    world.request[row].evidence = world.event[row].entity
    return world.request[world.job[row].request].stage_days[2] + world.state.skill[row]

@rule
def wrongly(world: World, row: int) -> float:
    job = world.job[row]
    job.reqest = 3
    job.request = "first"
    return world.state.skil[row] + world.request[job.request].first_dya
"""


@pytest.mark.slow
def test_mypy_names_a_misspelt_field(tmp_path: Path) -> None:
    (tmp_path / "snippet.py").write_text(_SNIPPET, encoding="utf-8")
    done = python("-m", "mypy", "--cache-dir", str(tmp_path / "cache"), str(tmp_path / "snippet.py"))
    found = re.findall(r"snippet\.py:(\d+): error: (.*?)  \[([a-z-]+)\]", done.stdout)
    named = {(int(line), code): message for line, message, code in found if code != "no-any-return"}
    assert set(named) == {(13, "attr-defined"), (14, "assignment"), (15, "attr-defined")}, done.stdout + done.stderr
    assert '"JobRow" has no attribute "reqest"' in named[13, "attr-defined"]
    messages = [message for line, message, _ in found if line == "15"]
    assert any('"StateTable" has no attribute "skil"' in message for message in messages)
    assert any('"RequestRow" has no attribute "first_dya"' in message for message in messages)


def test_another_declaration_is_another_hash_of_rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A changed declaration of fields changes the hash of rules, so that old compiled rules are not reused."""
    monkeypatch.setattr(compiling, "_PACKAGE", tmp_path)
    monkeypatch.setattr(compiling, "_COMPILED_ROOMS", ("world",))
    (tmp_path / "world").mkdir()
    hashes = set()
    for text in ("a\n", "b\n"):
        (tmp_path / "world" / "fields.csv").write_text(text, encoding="utf-8")
        hashes.add(compiling.rules_hash())
    assert len(hashes) == 2
