"""`comity dashboard` as a user meets it: each mistake is one message, and nothing listens beyond this machine."""

import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from threading import Thread

import pytest
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from sim.cli import INPUT_ERROR, main
from sim.web import limits
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
    async def app(scope: Scope, _receive: Receive, send: Send) -> None:
        """Answers the length of the query."""
        length = len(scope["query_string"])
        await send({"type": "http.response.start", "status": 200 if length == letters else 500, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    with serving(app) as place, socket.create_connection(place, timeout=60) as line:
        line.sendall(b"GET /?" + b"a" * letters + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        answer = line.recv(100)
    assert answer.startswith(b"HTTP/1.1 " + status)


@pytest.mark.parametrize(
    "sent", [b"", b"GET / HTTP/1.1\r\nHost: 1", b"POST /file HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n1"]
)
def test_what_does_not_come_in_time_is_given_up(sent: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "HEADER_SECONDS", 0.2)
    monkeypatch.setattr(limits, "BODY_SECONDS", 0.2)
    with (
        serving(limits.PageLimits(PlainTextResponse("read"))) as place,
        socket.create_connection(place, timeout=20) as line,
    ):
        line.sendall(sent)
        try:
            answer = line.recv(1000)
        except ConnectionResetError:
            answer = b""
    assert answer[9:12] in (b"", b"408")


def test_many_idle_connections_keep_nobody_out() -> None:
    with serving(limits.PageLimits(PlainTextResponse("read"))) as place, ExitStack() as idle:
        lines = [idle.enter_context(socket.create_connection(place, timeout=20)) for _ in range(MANY)]
        with socket.create_connection(place, timeout=20) as line:
            line.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            assert line.recv(100).startswith(b"HTTP/1.1 200")
        lines[MANY - limits.MOST_CONNECTIONS - 1].settimeout(limits.HEADER_SECONDS / 3)
        assert lines[MANY - limits.MOST_CONNECTIONS - 1].recv(1) == b"", "those that have waited longest make room"


MANY = limits.MOST_CONNECTIONS + 40


@pytest.mark.parametrize("framing", [b"Content-Length: 300000000", b"Transfer-Encoding: chunked"])
def test_a_refused_body_is_not_read_to_its_end(framing: bytes) -> None:
    chunk = b"10000\r\n" + b"a" * 0x10000 + b"\r\n"
    taken = 0
    with (
        serving(limits.PageLimits(PlainTextResponse("read"))) as place,
        socket.create_connection(place, timeout=20) as line,
    ):
        line.sendall(b"POST /file HTTP/1.1\r\nHost: 127.0.0.1\r\n" + framing + b"\r\n\r\n")
        with pytest.raises((BrokenPipeError, ConnectionResetError)):
            while taken < 300_000_000:
                taken += line.send(chunk)
    assert taken < 50_000_000, "what the system has room for, but for little"


@contextmanager
def serving(app: ASGIApp) -> Iterator[tuple[str, int]]:
    """An application as the page is served, and where."""
    import uvicorn

    server = uvicorn.Server(served_as(app))
    with listening_at(0) as door:
        thread = Thread(target=server.run, kwargs={"sockets": [door]})
        thread.start()
        try:
            yield door.getsockname()
        finally:
            server.should_exit = True
            thread.join(60)


def test_it_listens_on_this_machine_alone() -> None:
    with listening_at(0) as found:
        assert found.getsockname()[0] == "127.0.0.1"
