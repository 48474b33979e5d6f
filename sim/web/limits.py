"""What keeps strangers out, and what one reader may take of the page.

`Line` bounds connections, before there is a request; `PageLimits` bounds requests, their bodies, and ends the work of
readers who have left. It answers the page's own reader and nobody else's site: any site that a person visits can make
the browser send requests to 127.0.0.1. The browser says in `Sec-Fetch-Site` where a request comes from; other
sites are refused. Only a link to the page itself may be followed from there, since opening it changes nothing and the
other site cannot read it. Foreign host names are refused too, by Starlette, so that a name that somebody points at
127.0.0.1 gains nothing.
"""

from __future__ import annotations

import asyncio
from collections import Counter

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

#: Requests at once, by path: a stream costs time for every pair, a life two runs of a world; and of all other paths.
MOST = {"/stream": 16, "/life": 8}
OTHERS = 16
#: Open connections: more than all requests at once. The one that has waited longest makes room for a further one.
MOST_CONNECTIONS = 64
#: Bytes of a body: what the page sends of a file that is too large, so that its refusal is read and no more than that.
MOST_BODY = 1_100_000
#: Seconds in which a request, and then its body, must have come.
HEADER_SECONDS = BODY_SECONDS = 10.0
HOSTS = ("127.0.0.1", "localhost")
_FOREIGN = ("cross-site", "same-site")
#: What a browser says of a link that opens as a page of its own, not in a frame.
_FOLLOWED = {"mode": "navigate", "dest": "document"}
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Line(H11Protocol):
    """A connection, which is cut where no whole request comes in time."""

    _due: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begins to wait, and makes room."""
        super().connection_made(transport)
        self._wait()
        lines = [line for line in self.connections if isinstance(line, Line) and not line.transport.is_closing()]
        if len(lines) > MOST_CONNECTIONS:
            waiting = {line._due.when(): line for line in lines if line._due}
            waiting[min(waiting)].transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stops waiting."""
        super().connection_lost(exc)
        self._stop()

    def data_received(self, data: bytes) -> None:
        """Reads on; more of an unfinished request buys no time."""
        super().data_received(data)
        self._wait()

    def on_response_complete(self) -> None:
        """Waits for the next request."""
        super().on_response_complete()
        self._wait()

    def _wait(self) -> None:
        """Sets the clock, unless it runs; while a request is answered there is none."""
        if self.cycle is not None and not self.cycle.response_complete:
            self._stop()
        elif self._due is None and not self.transport.is_closing():
            self._due = self.loop.call_later(HEADER_SECONDS, self.transport.abort)

    def _stop(self) -> None:
        if self._due is not None:
            self._due.cancel()
            self._due = None


class PageLimits:
    """Refuses requests of other sites, counts others, and reads their bodies within limits.

    It ends the work of readers who have left, and says in every answer what the browser may do with it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._open: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request, if it may be."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            """Sends a message, with headers that forbid what the page does not need."""
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_HEADERS)
            await send(message)

        path = scope["path"] if scope["path"] in MOST else ""
        if _is_foreign(scope):
            await _refuse("Refused: this request comes from another site.", 403)(scope, receive, guarded)
            return
        if self._open[path] >= MOST.get(path, OTHERS):
            await _refuse("Too many pages are open: close one.", 503)(scope, receive, guarded)
            return
        self._open[path] += 1  # nothing is awaited since the look
        try:
            await self._answer(scope, receive, guarded)
        finally:
            self._open[path] -= 1

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            async with asyncio.timeout(BODY_SECONDS):
                body = await _body(scope, receive)
        except TimeoutError:
            await _refuse("The request took too long.", 408)(scope, receive, send)
            return
        except OverflowError:
            await _refuse(f"Refused: larger than {MOST_BODY:,} bytes.", 413)(scope, receive, send)
            return
        left, given = asyncio.Event(), [body]

        async def receive_whole() -> Message:
            """The body that was read already, then the end of the connection."""
            if given:
                return {"type": "http.request", "body": given.pop(), "more_body": False}
            await left.wait()
            return {"type": "http.disconnect"}

        work = asyncio.ensure_future(self._app(scope, receive_whole, send))
        watch = asyncio.ensure_future(_leaving(receive))
        try:
            await asyncio.wait((work, watch), return_when=asyncio.FIRST_COMPLETED)
        finally:
            left.set()
            for task in (work, watch):
                task.cancel()
            await asyncio.gather(work, watch, return_exceptions=True)
        if not work.cancelled():
            work.result()


def _is_foreign(scope: Scope) -> bool:
    """Whether a request comes from another site, and is not a link to the page that somebody follows from there."""
    headers = Headers(scope=scope)
    followed = (scope["method"], scope["path"]) == ("GET", "/") and all(
        headers.get(f"sec-fetch-{key}") == value for key, value in _FOLLOWED.items()
    )
    return headers.get("sec-fetch-site", "") in _FOREIGN and not followed


async def _body(scope: Scope, receive: Receive) -> bytes:
    """The whole body; what there is of it where the reader leaves.

    Raises:
        OverflowError: it is too large, or is said to be; it is not read any further.
    """
    if int(Headers(scope=scope).get("content-length", "0")) > MOST_BODY:
        raise OverflowError
    read = bytearray()
    while True:
        message = await receive()
        read += message.get("body", b"")
        if len(read) > MOST_BODY:
            raise OverflowError
        if not message.get("more_body", False):
            return bytes(read)


async def _leaving(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _refuse(problem: str, status: int) -> PlainTextResponse:
    """A refusal after which the connection is closed, so that no rest of a body is read."""
    return PlainTextResponse(problem, status, {"Connection": "close"})
