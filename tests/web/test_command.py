"""Tests of `comity dashboard` as users meet it: one message per mistake, and local connections only."""

import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Thread
from time import sleep
from typing import Any

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from sim.cli import INPUT_ERROR, main
from sim.web.app import HOST, listening_at, page_app, served_as
from sim.web.state import MOST_ADDRESS


def message(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """The command's error message."""
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
        """Application that answers 200 if the whole query arrived."""
        status = 200 if len(scope["query_string"]) == MOST_ADDRESS else 500
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    for letters, status in ((MOST_ADDRESS, b"200 OK"), (MOST_ADDRESS + 600_000, b"400 Bad Request")):
        with connected(app) as line:
            line.sendall(b"GET /?" + b"a" * letters + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            assert line.recv(100).startswith(b"HTTP/1.1 " + status)


def test_headers_of_twenty_thousand_bytes_stand_beside_the_longest_address() -> None:
    """Headers of 20,000 bytes are accepted with the longest address, even if they arrive in parts."""

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        """Application that answers 200 with an empty body."""
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    begin = b"GET /?" + b"a" * MOST_ADDRESS + b" HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: "
    for letters, status in ((19_000, b"200 OK"), (21_000, b"400 Bad Request")):
        with connected(app) as line:
            line.sendall(begin + b"a" * letters)
            sleep(0.3)
            with suppress(OSError):
                line.sendall(b"\r\n\r\n")
            assert line.recv(100).startswith(b"HTTP/1.1 " + status)


@contextmanager
def connected(app: ASGIApp) -> Iterator[socket.socket]:
    """Connection to an application that is served as the page is."""
    with serving(app) as place, socket.create_connection(place, timeout=60) as line:
        yield line


def test_a_file_that_is_too_large_is_not_read_to_its_end() -> None:
    site: Any = None  # no file is ever looked at
    chunk = b"10000\r\n" + b"a" * 0x10000 + b"\r\n"
    for framing in (b"Content-Length: 300000000", b"Transfer-Encoding: chunked"):
        taken = 0
        with connected(page_app(site, None)) as line:
            line.sendall(b"POST /file HTTP/1.1\r\nHost: 127.0.0.1\r\n" + framing + b"\r\n\r\n")
            with pytest.raises((BrokenPipeError, ConnectionResetError)):
                while taken < 300_000_000:
                    taken += line.send(chunk)
        assert taken < 50_000_000, "what the system has room for, but for little"


@contextmanager
def serving(app: ASGIApp, **limits: Any) -> Iterator[tuple[str, int]]:
    """Context manager: serves an application as the page is served; yields its address."""
    import uvicorn

    server = uvicorn.Server(served_as(app, **limits))
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
