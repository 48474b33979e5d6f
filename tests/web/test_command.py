"""`comity dashboard` as a user meets it: each mistake is one message, and nothing listens beyond this machine."""

import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from threading import Thread

import pytest
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from sim.cli import INPUT_ERROR, main
from sim.web import limits
from sim.web.app import HOST, listening_at, served_as
from sim.web.state import MOST_ADDRESS


def message(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What the command says of a mistake."""
    assert main(["dashboard", *words, "--no-open"]) == INPUT_ERROR
    said = capsys.readouterr().err
    assert said.startswith("comity: error: command line: ") and said.count("\n") == 1
    return said


def test_a_port_in_use_is_one_message(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as other:
        other.bind((HOST, 0))
        other.listen()
        port = str(other.getsockname()[1])
        said = message(capsys, "--port", port)
    assert f"--port = '{port}'" in said and "address already in use" in said


def test_the_missing_extra_is_named_with_its_command(capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    monkeypatch.delitem(sys.modules, "sim.web.app")
    assert 'pip install ".[web]"' in message(capsys)


def test_other_mistakes(capsys: pytest.CaptureFixture[str]) -> None:
    for words, part in (
        *(("faster_mlat", "the page takes no scenario"), ("--port 99999", "--port = '99999': out of range")),
        *(("--workers -1", "--workers = '-1': out of range"), ("--port 0 world=tinny", "world = 'tinny'")),
        ("--port 0 world.groups=0", "world.groups = '0': out of range"),
    ):
        assert part in message(capsys, *words.split())


def test_an_address_may_be_as_long_as_two_long_files() -> None:
    async def app(scope: Scope, _receive: Receive, send: Send) -> None:
        """Answers whether the whole query has come."""
        status = 200 if len(scope["query_string"]) == MOST_ADDRESS else 500
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    for letters, status in ((MOST_ADDRESS, b"200 OK"), (MOST_ADDRESS + 600_000, b"400 Bad Request")):
        with connected(app) as line:
            line.sendall(b"GET /?" + b"a" * letters + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            assert line.recv(100).startswith(b"HTTP/1.1 " + status)


def test_what_does_not_come_in_time_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "HEADER_SECONDS", 0.2)
    monkeypatch.setattr(limits, "BODY_SECONDS", 0.2)
    body = b"POST /file HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n1"
    for sent in (b"", b"GET / HTTP/1.1\r\nHost: 1", body):
        with connected(LIMITED) as line, suppress(ConnectionResetError):
            line.sendall(sent)
            assert line.recv(1000)[9:12] in (b"", b"408")


def test_many_idle_connections_keep_nobody_out() -> None:
    with serving(LIMITED) as place, ExitStack() as idle:
        lines = [idle.enter_context(socket.create_connection(place, timeout=20)) for _ in range(MANY)]
        with socket.create_connection(place, timeout=20) as line:
            line.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            assert line.recv(100).startswith(b"HTTP/1.1 200")
        lines[MANY - limits.MOST_CONNECTIONS - 1].settimeout(limits.HEADER_SECONDS / 3)
        assert lines[MANY - limits.MOST_CONNECTIONS - 1].recv(1) == b"", "those that have waited longest make room"


MANY = limits.MOST_CONNECTIONS + 40
LIMITED = limits.PageLimits(PlainTextResponse("read"))


@contextmanager
def connected(app: ASGIApp) -> Iterator[socket.socket]:
    """A line to an application as the page is served."""
    with serving(app) as place, socket.create_connection(place, timeout=60) as line:
        yield line


def test_a_refused_body_is_not_read_to_its_end() -> None:
    chunk = b"10000\r\n" + b"a" * 0x10000 + b"\r\n"
    for framing in (b"Content-Length: 300000000", b"Transfer-Encoding: chunked"):
        taken = 0
        with connected(LIMITED) as line:
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
