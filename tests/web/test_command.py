"""`comity dashboard` as a user meets it: each mistake is one message, and nothing listens beyond this machine."""

import socket
import sys

import pytest

from sim.cli import INPUT_ERROR, main
from sim.web.command import HOST, listening_at


def message(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What the command says of a mistake."""
    assert main(["dashboard", *words, "--no-open"]) == INPUT_ERROR
    said = capsys.readouterr().err
    assert said.startswith("comity: error: command line: ")
    assert said.count("\n") == 1
    return said


def test_a_port_in_use_is_one_message(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as other:
        other.bind((HOST, 0))
        other.listen()
        port = str(other.getsockname()[1])
        said = message(capsys, "--port", port)
    assert f"--port = '{port}'" in said
    assert "address already in use" in said


def test_the_missing_extra_is_named_with_its_command(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    assert 'pip install "comity[web]"' in message(capsys)


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["faster_mlat"], "the page takes no scenario"),
        (["--port", "99999"], "--port = '99999': out of range"),
        (["--workers", "-1"], "--workers = '-1': out of range"),
        (["--port", "0", "world=tinny"], "world = 'tinny'"),
        (["--port", "0", "world.groups=0"], "world.groups = '0': out of range"),
    ],
)
def test_other_mistakes(capsys: pytest.CaptureFixture[str], words: list[str], part: str) -> None:
    assert part in message(capsys, *words)


def test_it_listens_on_this_machine_alone() -> None:
    with listening_at(0) as found:
        assert found.getsockname()[0] == "127.0.0.1"
