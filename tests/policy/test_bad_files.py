"""Tests of mistakes in scenario files: one message with file, line, key, value and fix."""

import os
import re
from itertools import product
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from sim.cli import INPUT_ERROR, main
from sim.law.order import LegalOrder
from sim.policy import document
from sim.policy.levers import LEVERS
from sim.policy.problem import InputError, is_control
from sim.policy.scenario import catalogue, load
from sim.world.parameters import REPLACED, declarations
from tests.policy.conftest import HEAD, Refuse, Write, change, changes
from tests.tables import rows

FILES = Path(__file__).parent / "files"
TEMPLATE = ("request.template", "50 %", "2027-01-01")
#: What follows title, question and author; the line that the message must name, and words of it: key, value, fix.
MISTAKES = YAML(typ="safe").load(FILES / "of_files.yaml")
#: The same of one change on one line: of processes, lags and growth.
OF_ONE_CHANGE = rows(FILES / "of_one_change.txt")


def test_a_mistake_is_reported_with_place_key_value_and_fix(refuse: Refuse) -> None:
    for body, line, *words in (*MISTAKES, *((changes(entry), 5, word) for entry, word in OF_ONE_CHANGE)):
        refuse(body, line, *words)


#: Mistakes that different readers find: of YAML, of keys, of values, of days in the run, of what a day selects.
OF_EVERY_KIND = (FILES / "of_every_kind.yaml").read_text("utf-8")


def test_mistakes_of_every_kind_are_reported_at_once_each_with_its_line(tmp_path, timeline, monkeypatch):
    monkeypatch.setattr(LegalOrder, "parties", lambda *_: ())  # nobody is party to anything
    path = tmp_path / "written.yaml"
    path.write_text(OF_EVERY_KIND)
    with pytest.raises(InputError) as caught:
        timeline(load(str(path)))
    reported = rows(FILES / "of_every_kind.txt")
    mistakes = [str(problem).partition("written.yaml:")[2] for problem in caught.value.problems]
    for number, subject, fix in reported:
        [mistake] = [text for text in mistakes if text.startswith(f"{number}: {subject}")]
        assert fix in mistake
        mistakes.remove(mistake)
    assert not mistakes
    assert str(caught.value).splitlines()[0].endswith(f"written.yaml: {len(reported)} mistakes")


def test_a_day_that_is_none_is_one_mistake(tmp_path, timeline):
    phased = "lever: law.join, value: budapest, phased: {from: 2027-02-30, until: 2028-01-01}"
    (tmp_path / "written.yaml").write_text(HEAD + changes(phased))
    with pytest.raises(InputError) as caught:
        timeline(load(str(tmp_path / "written.yaml")))
    assert len(caught.value.problems) == 1


def test_no_message_grows_without_end(write: Write) -> None:
    with pytest.raises(InputError) as caught:
        write("".join(f"key{number}: x\n" for number in range(300)))
    lines = str(caught.value).splitlines()
    assert lines[0].endswith("300 mistakes") and len(lines) < 40
    assert lines[-1].strip() == "and 275 more"


CONTROLS = {
    **{"escape sequence": (r'"\e]0;pwn\a"', r"'\x1b]0;pwn\x07'"), "eighth bit": (r'"\x9b31m"', r"'\x9b31m'")},
    **{"carriage return": (r'"a\rb"', r"'a\rb'"), "turned direction": (r'"\u202Eevil"', r"'\u202eevil'")},
    **{"half a character": (r'"\uD800"', r"'\ud800'"), "no character": (r'"\uFFFE"', r"'\ufffe'")},
    "another end of line": (r'"a\u2028b"', r"'a\u2028b'"),
}


PLACES = {
    **{"sources: [Budget, {}]\n": "sources, 2", "lags: {}\n": "lags"},
    "costs: [{{what: {}, from: 2027-01-01}}]\n": "costs, 1, what",
    "changes: [{{lever: court.staff, value: +5 %, date: 2027-01-01, note: {}}}]\n": "change 1, note",
}


def test_control_characters_in_any_text_are_refused_and_shown_escaped(write: Write) -> None:
    for (written, shown), (place, key) in product(CONTROLS.values(), PLACES.items()):
        with pytest.raises(InputError) as caught:
            write(place.format(written))
        assert f"written.yaml:4: {key} = {shown}: holds a control character. Remove it" in str(caught.value)
        assert str(caught.value).isprintable()
    for line in HEAD.splitlines():
        with pytest.raises(InputError, match=r"= 'A \\x1b\[31mred': holds a control character"):
            write("", HEAD.replace(line, line.partition(":")[0] + r': "A \e[31mred"'))


def test_a_control_character_that_stands_in_the_file_itself_is_reported_with_its_line(write: Write) -> None:
    with pytest.raises(InputError) as caught:
        write("sources:\n  - note: a \x1b[31m\n")
    assert r"written.yaml:5: note = 'a \x1b[31m': holds a control character" in str(caught.value)


def test_a_control_character_in_a_files_name_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a\x1b[31m.yaml"
    path.write_text(HEAD)
    [mistake] = load(str(path)).mistakes
    assert "name holds a control character" in str(mistake) and str(mistake).isprintable()


def test_texts_keep_their_layout_and_a_title_is_one_line(write: Write) -> None:
    scenario = write("lags: |\n  one\n  two\n", HEAD.replace("A title", "|\n  One\n  title"))
    assert scenario.title == "One title" and scenario.lags == "one\ntwo\n"


def test_a_missing_key_is_named_and_a_misspelt_one_is_reported_as_it_is_written(write: Write) -> None:
    for line in HEAD.splitlines(keepends=True):
        with pytest.raises(InputError, match=f"{line.partition(':')[0]}: this key is missing"):
            write("", HEAD.replace(line, ""))
    for body, head, reported in (
        ("", HEAD.replace("question:", "questoin:"), r":2: questoin = .*unknown key\. Did you mean question\?"),
        (change(*TEMPLATE).replace("value:", "valeu:"), HEAD, r":6: change 1, valeu = .*\. Did you mean value\?"),
        ("", HEAD.replace("A title", "x" * 119), r":1: title = .*too long: 119 letters, of 100 at most\. Shorten it"),
        ("titel: x\n", HEAD.replace("title: A title\n", ""), r":3: titel = 'x': unknown key\. Did you mean title\?"),
        (change(*TEMPLATE).replace("date:", "dat:"), HEAD, r":7: change 1, dat = .*\. Did you mean date\?"),
    ):
        with pytest.raises(InputError, match=reported) as caught:
            write(body, head)
        assert len(caught.value.problems) == 1, "it is not missing as well"


def test_what_is_no_file_of_a_scenario_is_refused_and_endings_are_taken_in_any_case(tmp_path, write):
    path = tmp_path / "odd.yaml"
    for content in (b"", b"\xff\xfe", b"- a\n", b"title: \x00\n", b"# only a remark\n"):
        path.write_bytes(content)
        with pytest.raises(InputError, match=r"odd\.yaml"):
            load(str(path))
    path.write_text(HEAD + "#" * document.MOST_BYTES)
    with pytest.raises(InputError, match="larger than"):
        load(str(path))
    with pytest.raises(InputError, match="entries"):
        write("sources: [" + "a," * (document.MOST_ENTRIES + 1) + "]\n")
    (tmp_path / "folder.yaml").mkdir()
    for name, words in ((tmp_path / "folder.yaml", "cannot be read"), ("x" * 5000 + ".yaml", "no such file")):
        with pytest.raises(InputError, match=words):
            load(str(name))
    for ending in ("YAML", "Yaml", "yml", "YML"):
        (tmp_path / f"x.{ending}").write_text(HEAD)
        assert load(str(tmp_path / f"x.{ending}")).title == "A title"


@pytest.mark.parametrize("kind", ["pipe", "device", "link to a device"])
def test_a_pipe_or_a_device_is_refused_before_it_is_opened(kind, tmp_path, monkeypatch):
    path = tmp_path / "odd.yaml"
    if kind == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to("/dev/zero" if kind == "device" else "link")
        (tmp_path / "link").symlink_to("/dev/zero")

    def opened(*_: object, **__: object) -> None:
        raise AssertionError("opened: it might never end")

    monkeypatch.setattr(Path, "open", opened)
    with pytest.raises(InputError, match=r"odd\.yaml: cannot be read \(it is a folder, a pipe or a device\)\. Name"):
        load(str(path))


def test_a_circle_of_scenarios_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for key, base in (("one", "two"), ("two", "one")):
        (tmp_path / f"{key}.yaml").write_text(f"{HEAD}based_on: {base}\n")
    monkeypatch.setattr("sim.policy.scenario.resource_folder", lambda _name: tmp_path)
    assert set(catalogue()) == {"one", "two"}
    [mistake] = load("one").mistakes
    assert "based on itself" in str(mistake)


def test_reading_a_strangers_file_runs_nothing(tmp_path: Path, write: Write) -> None:
    trace = tmp_path / "trace"
    for body in (
        f"sources: !!python/object/apply:os.mkdir ['{trace}']\n",
        f"x: {{_target_: os.mkdir, path: '{trace}'}}\n",
        f"sources: '${{oc.decode:{trace}}}'\n",
    ):
        with pytest.raises(InputError):
            write(body)
    assert not trace.exists()


PARAMETERS = {name for name, _, _ in declarations()}


def test_successors_are_there_and_what_they_replace_is_not() -> None:
    themes = {name.partition(".")[0] for name in PARAMETERS}
    for gone, successor in REPLACED.items():
        assert gone not in {*PARAMETERS, *LEVERS}
        named = {word for word in re.findall(r"[a-z_]+\.[a-z_]+", successor) if word.partition(".")[0] in themes}
        assert named <= PARAMETERS


@pytest.mark.parametrize("gone", REPLACED)
def test_a_parameter_that_is_gone_is_answered_with_its_successor(gone, tmp_path, capsys):
    """A removed parameter's message names its successor, on the command line and in every file."""
    points, scenario = tmp_path / "points.csv", tmp_path / "old.yaml"
    points.write_text(f"uncertainty.{gone}\n0.5\n")
    scenario.write_text(HEAD + change(gone, "50 %"))
    for words in (
        *(["run", "status_quo", f"uncertainty.{gone}=0.5"], ["sweep", "status_quo", f"{gone}=0.1,0.5"]),
        *(["sweep", "status_quo", "sweep.design=csv", f"sweep.points={points}"], ["run", str(scenario)]),
    ):
        assert main(words) == INPUT_ERROR
        said = capsys.readouterr().err
        assert REPLACED[gone] in " ".join(said.split()), said
        assert said.count("error:") == 1


def test_what_moves_the_cursor_or_cannot_be_written_is_no_letter() -> None:
    """Control characters and code points that are no characters are refused."""
    for letter, refused in (
        *(("a", False), ("\n", False), ("\t", False), ("\x1b", True), ("\u2028", True), ("\u202e", True)),
        *(("\ufdcf", False), ("\ufdd0", True), ("\ufdef", True), ("\ufdf0", False), ("\ud800", True)),
        *(("\ufffd", False), ("\ufffe", True), ("\uffff", True), ("\U0001fffe", True), ("\U0001fffd", False)),
    ):
        assert is_control(letter) == refused, hex(ord(letter))
