"""Tests of limits for one reader over real connections: time to send and read, parallel requests."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from sim.web.app import page_app
from sim.web.limits import MOST_FILES, MOST_OTHERS, MOST_STREAMS, AnswerLimits
from tests.web.abuse import closed
from tests.web.test_command import serving

PATIENCE = 0.5
HEAD = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n"
HALF = b"POST /file HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n\r\nab"


async def short(scope: Scope, receive: Receive, send: Send) -> None:
    """Application that answers at once without reading the request."""
    await PlainTextResponse("short")(scope, receive, send)


class Scene:
    """A server with short limits, and connections that are closed in the end."""

    def __init__(self, place: tuple[str, int], stack: ExitStack) -> None:
        self._place, self._stack = place, stack

    def line(self, text: bytes = b"") -> socket.socket:
        """Opens a connection and sends some text."""
        made = self._stack.enter_context(socket.create_connection(self._place, timeout=30))
        made.sendall(text)
        return made

    def status(self, text: bytes = HEAD + b"\r\n") -> bytes:
        """Status code of an answer."""
        return self.line(text).recv(12)[9:]


@contextmanager
def scene(app: ASGIApp, **limits: Any) -> Iterator[Scene]:
    """Context manager: connections to an application."""
    with serving(app, **{"patience": PATIENCE, **limits}) as place, ExitStack() as stack:
        yield Scene(place, stack)


def hung_up(line: socket.socket) -> float:
    """Seconds until the page closes a connection."""
    begun = time.monotonic()
    while not closed(line):
        assert time.monotonic() - begun < 30
        time.sleep(0.01)
    return time.monotonic() - begun


PARTS = {
    "nothing": b"",
    "half a header": HEAD + b"X-A: ",
    "half a file": HALF,
    "one request": HEAD + b"\r\n",
    "one request and a half": HEAD + b"\r\n" + HEAD,
    "a body that nobody reads": HALF.replace(b"/file", b"/"),
}


@pytest.mark.parametrize("sent", PARTS.values(), ids=PARTS)
def test_who_sends_no_more_is_hung_up_on(sent: bytes) -> None:
    with scene(short) as made:
        seconds = hung_up(made.line(sent))
    assert PATIENCE * 0.9 <= seconds < PATIENCE * 20


def test_a_byte_now_and_then_does_not_keep_a_line() -> None:
    for sent in (HEAD + b"X-A: ", HALF, HEAD + b"\r\n" + HEAD):
        with scene(short) as made:
            line, begun = made.line(sent), time.monotonic()
            with pytest.raises(OSError, match=r"(?i)reset|broken"):
                while time.monotonic() - begun < 30:
                    line.send(b"a")
                    time.sleep(PATIENCE / 10)


def test_who_answers_slowly_is_not_hung_up_on() -> None:
    """A slow answer of the page itself is not cut off."""

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        """Application that sends its answer in two parts with a long pause."""

        async def parts():
            yield "first"
            await asyncio.sleep(PATIENCE * 4)
            yield "last"

        await StreamingResponse(parts())(scope, receive, send)

    with scene(slow) as made:
        line, found = made.line(HEAD + b"\r\n"), b""
        while b"last" not in found:
            part = line.recv(1000)
            assert part, "hung up on"
            found += part


@pytest.mark.parametrize("close", [b"", b"Connection: close\r\n"])
def test_who_does_not_read_is_hung_up_on(close: bytes) -> None:
    left = threading.Event()

    async def long(scope: Scope, receive: Receive, send: Send) -> None:
        """Application that sends more than the system's buffers can take."""

        async def parts():
            try:
                for _ in range(1000):
                    yield b"a" * 100_000
            finally:
                left.set()

        await StreamingResponse(parts())(scope, receive, send)

    with scene(long) as made:
        made.line(HEAD + close + b"\r\n")
        assert left.wait(30)


def test_of_too_many_lines_the_one_that_waits_longest_goes() -> None:
    with scene(short, patience=60.0, most_waiting=4) as made:
        old = [made.line(HEAD) for _ in range(4)]
        time.sleep(0.2)
        assert made.status() == b"200", "the reader comes in"
        assert hung_up(old[0]) < 5
        assert not any(closed(line) for line in old[1:])


def test_half_sent_files_keep_nobody_else_waiting(capfd: pytest.CaptureFixture[str]) -> None:
    site: Any = None  # no file is ever looked at
    with scene(page_app(site, None), patience=2.0) as made:
        lines = [made.line(HALF) for _ in range(16)]
        time.sleep(0.2)
        begun = time.monotonic()
        assert made.status(b"GET /static/page.css HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n") == b"200"
        assert time.monotonic() - begun < 1.0
        assert made.status(HALF) == b"503", "other files wait"
        lines[0].close()
        assert made.status(HALF.replace(b"1000\r\n\r\nab", b"9000000\r\n\r\n" + b"a" * 1_200_000)) == b"413"
        for line in lines[1:]:
            hung_up(line)
    said = capfd.readouterr()
    assert "Traceback" not in said.err + said.out


class Held:
    """Application that answers once it is released."""

    def __init__(self) -> None:
        self.free, self.begun = threading.Event(), 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers after its release."""
        self.begun += 1
        while not self.free.is_set():
            await asyncio.sleep(0.01)
        await short(scope, receive, send)


@pytest.mark.parametrize(("path", "most"), [(b"/stream", MOST_STREAMS), (b"/file", MOST_FILES), (b"/", MOST_OTHERS)])
def test_a_request_too_many_waits_and_is_refused_or_answered(path: bytes, most: int) -> None:
    held = Held()
    asked = b"GET " + path + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    with scene(AnswerLimits(held), patience=60.0) as made:
        lines = [made.line(asked) for _ in range(most)]
        begun = time.monotonic()
        assert made.status(asked) == b"503"
        assert 0.4 < time.monotonic() - begun < 20 and held.begun == most
        waits = made.line(asked)
        held.free.set()
        assert [line.recv(12)[9:] for line in (*lines, waits)] == [b"200"] * (most + 1)


def test_what_waits_for_a_reader_who_left_is_not_begun() -> None:
    held = Held()
    with scene(AnswerLimits(held), patience=60.0) as made:
        lines = [made.line(HEAD + b"\r\n") for _ in range(MOST_OTHERS)]
        time.sleep(0.2)
        for _ in range(10):
            made.line(HEAD + b"\r\n").close()
        time.sleep(0.2)
        held.free.set()
        assert [line.recv(12)[9:] for line in lines] == [b"200"] * MOST_OTHERS
        assert made.status() == b"200"
    assert held.begun == MOST_OTHERS + 1


def test_answers_that_nobody_reads_keep_no_other_waiting() -> None:
    async def long(scope: Scope, receive: Receive, send: Send) -> None:
        """Application that overfills the system's buffers, except on one path."""
        text = "short" if scope["path"] == "/short" else "a" * 30_000_000
        await PlainTextResponse(text)(scope, receive, send)

    with scene(AnswerLimits(long), patience=60.0) as made:
        for _ in range(MOST_OTHERS):
            made.line(HEAD + b"\r\n")
        time.sleep(0.3)
        assert made.status(b"GET /short HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n") == b"200"
