"""Limits that protect the page's server from slow readers and from too many requests.

uvicorn limits none of the time in which a request arrives: its limit for idle connections begins after the first answer
and starts again with each byte.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import h11
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

#: Seconds for the headers of a request, for its body, and until something is read of an answer that waits to be read.
PATIENCE = 10.0
#: Connections that wait for a request, and connections in all. A browser has six to one page.
MOST_WAITING, MOST_CONNECTIONS = 64, 192
#: Streams at once, each of which costs time for every pair; files that are being sent; and other answers that are being
#: written, which all want the same processor.
MOST_STREAMS, MOST_FILES, MOST_OTHERS = 16, 4, 4
#: Seconds for which a request waits for its turn.
QUEUE = 1.0
#: Where a request stands that has come to its end.
_RECEIVED = (h11.DONE, h11.MUST_CLOSE)


class TimedProtocol(H11Protocol):
    """HTTP protocol that closes connections that send or read too slowly, or are too many."""

    patience, most_waiting = PATIENCE, MOST_WAITING

    def __init__(self, *words: Any, **settings: Any) -> None:
        super().__init__(*words, **settings)
        self._stage: object = None  # of the request, as h11 names it, and whether the connection is being closed
        self._late: asyncio.TimerHandle | None = None  # hangs up unless the request has reached its next stage
        self._unread: asyncio.TimerHandle | None = None  # hangs up unless the answer is read

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Starts the time limit for a connection's first request; closes a connection if too many wait."""
        super().connection_made(transport)
        self._watch()
        others = [one for one in self.connections if isinstance(one, TimedProtocol) and not one.transport.is_closing()]
        waiting = sorted((one._late.when(), id(one), one.transport) for one in others if one._late)
        if len(waiting) > self.most_waiting:
            waiting[0][-1].abort()
        elif len(others) > MOST_CONNECTIONS:
            transport.abort()

    def data_received(self, data: bytes) -> None:
        """Receives a part of a request; the time limit starts again only if a stage of the request is complete."""
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        """Starts the time limit for the connection's next request."""
        super().on_response_complete()
        self._watch()

    def _watch(self) -> None:
        """Sets the time limit of the present stage of a request."""
        closing = self.transport.is_closing()  # what is still in the buffer waits to be read
        if (stage := (self.conn.their_state, closing)) != self._stage:
            self._stage = stage
            self._late = self._timer(self._late, wanted=closing or self.conn.their_state not in _RECEIVED)

    def pause_writing(self) -> None:
        """Starts the time limit for a reader who does not accept more of the response."""
        super().pause_writing()
        self._unread = self._timer(self._unread, wanted=True)

    def resume_writing(self) -> None:
        """Ends the time limit because the reader accepts data again."""
        super().resume_writing()
        self._unread = self._timer(self._unread, wanted=False)

    def connection_lost(self, exc: Exception | None) -> None:
        """Cancels all timers of a closed connection."""
        super().connection_lost(exc)
        for timer in (self._late, self._unread):
            self._timer(timer, wanted=False)

    def _timer(self, before: asyncio.TimerHandle | None, *, wanted: bool) -> asyncio.TimerHandle | None:
        """Cancels a timer and, if wanted, starts one that closes the connection after `patience`."""
        if before is not None:
            before.cancel()
        return self.loop.call_later(self.patience, self.transport.abort) if wanted else None


class AnswerLimits:
    """Middleware that limits simultaneous requests, and drops requests whose reader has left."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._rooms = {"/stream": asyncio.Semaphore(MOST_STREAMS), "/file": asyncio.Semaphore(MOST_FILES)}
        self._others = asyncio.Semaphore(MOST_OTHERS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles a request when a place is free; refuses the request if no place becomes free in time."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = scope["path"]
        room = self._rooms.get(path, self._others)
        try:
            async with asyncio.timeout(QUEUE):
                await room.acquire()
        except TimeoutError:
            await refusal("Too many pages are open: close one.", 503)(scope, receive, send)
            return
        leave = [room.release]

        async def beginning(message: Message) -> None:
            """Sends a message; an ordinary response frees its place once it is sent."""
            if path != "/stream" and leave:
                leave.pop()()
            await send(message)

        try:
            if path == "/file" or not await _has_left(receive):
                await self._app(scope, receive, beginning)
        finally:
            if leave:
                leave.pop()()


def refusal(words: str, status: int, headers: Mapping[str, str] | None = None) -> Response:
    """Makes the response that refuses a request and closes the connection."""
    return PlainTextResponse(words, status, {"Connection": "close", **(headers or {})})


async def _has_left(receive: Receive) -> bool:
    """True if the reader has closed the connection; request data that arrive meanwhile are discarded."""
    try:
        async with asyncio.timeout(0):
            return bool((await receive())["type"] == "http.disconnect")
    except TimeoutError:
        return False


def timed(patience: float, most_waiting: int) -> type[asyncio.Protocol]:
    """Makes a protocol class with the given limits."""
    return type("_Timed", (TimedProtocol,), {"patience": patience, "most_waiting": most_waiting})
