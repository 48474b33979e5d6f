"""`comity dashboard` as a user meets it: each mistake is one message, and nothing listens beyond this machine."""

import socket
import sys
from threading import Thread

import pytest
from starlette.types import Receive, Scope, Send

from sim.cli import INPUT_ERROR, main
from sim.web.command import HOST, listening_at, served_as
from sim.web.state import MOST_ADDRESS


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
    assert 'pip install ".[web]"' in message(capsys)


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


@pytest.mark.parametrize(
    ("letters", "status"), [(MOST_ADDRESS, b"200 OK"), (MOST_ADDRESS + 600_000, b"400 Bad Request")]
)
def test_an_address_may_be_as_long_as_two_long_files(letters: int, status: bytes) -> None:
    import uvicorn

    async def app(scope: Scope, _receive: Receive, send: Send) -> None:
        """Answers the length of the query."""
        length = len(scope["query_string"])
        await send({"type": "http.response.start", "status": 200 if length == letters else 500, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    server = uvicorn.Server(served_as(app))
    with listening_at(0) as door:
        thread = Thread(target=server.run, kwargs={"sockets": [door]})
        thread.start()
        with socket.create_connection(door.getsockname(), timeout=60) as line:
            line.sendall(b"GET /?" + b"a" * letters + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            answer = line.recv(100)
        server.should_exit = True
        thread.join(60)
    assert answer.startswith(b"HTTP/1.1 " + status)


def test_it_listens_on_this_machine_alone() -> None:
    with listening_at(0) as found:
        assert found.getsockname()[0] == "127.0.0.1"
