"""`comity dashboard`: the web server of the what-if page, and its responses.

It answers the page's own reader alone (`door`), and no more than that reader needs (`limits`). Foreign host names are
refused too, by Starlette, so that a name that somebody points at 127.0.0.1 gains nothing.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import webbrowser
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace
from threading import Timer
from typing import Any

import uvicorn
from rich.console import Console
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from sim.data.spreadsheet import as_csv
from sim.experiments.config import cores
from sim.experiments.plan import MAIN
from sim.experiments.worker import compile_rules
from sim.policy.document import MOST_BYTES
from sim.policy.problem import InputError, mistake
from sim.results.effects import as_table
from sim.web.door import Door, PageKey, opening
from sim.web.form import NAME, pack, scenario_text
from sim.web.limits import MOST_WAITING, PATIENCE, AnswerLimits, refusal, timed
from sim.web.pool import WorkerPool, worlds_of
from sim.web.reading import MOVED
from sim.web.site import STATIC, Site, answer, page_values, preparation, templates
from sim.web.state import MOST_ADDRESS, Draft, PageState, address, clean
from sim.web.worker import simulate

HOST = "127.0.0.1"
#: Bytes of a file: what the page sends of one that is too large, so that its refusal is read and no more than that.
MOST_BODY = 1_100_000
#: Seconds between two looks of a stream at what is known.
_PACE = 0.2


def dashboard(words: Sequence[str], port: int, workers: int, *, opens: bool = True, token: bool = True) -> None:
    """Serves the page until interrupted; without `token`, all accounts on this machine can use it."""
    console = Console(stderr=True, markup=False, emoji=False)
    for word in words:
        if "=" not in word:
            raise mistake("the page takes no scenario", "KEY=VALUE", word, "Choose it on the page.")
    with listening_at(port) as listening:
        worlds = worlds_of(words)
        compile_rules(worlds[False, True].experiment.world, worlds[False, True].experiment.parameters, console)
        pool = WorkerPool(workers or cores(), simulate)
        try:
            site = Site(worlds, pool)
            site.warm(PageState())
            place = f"http://{HOST}:{listening.getsockname()[1]}/"
            key = PageKey() if token else None
            shown = opening(place, key.lasting) if key else place
            console.print(f"The page is at {shown} on this machine alone. Ctrl-C ends it.", soft_wrap=True)
            if opens:
                browser = Timer(0.5, webbrowser.open, (opening(place, key.once) if key else place,))
                browser.daemon = True
                browser.start()
            uvicorn.Server(served_as(page_app(site, key))).run(sockets=[listening])
        finally:
            pool.close()


def served_as(app: ASGIApp, patience: float = PATIENCE, most_waiting: int = MOST_WAITING) -> uvicorn.Config:
    """Configuration of the server: quiet, with time limits, and with room for long addresses."""
    return uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=1,
        http=timed(patience, most_waiting),
        h11_max_incomplete_event_size=MOST_ADDRESS + 20_000,  # headers stand beside the address
        ws="none",
        lifespan="off",
    )


def listening_at(port: int) -> socket.socket:
    """Opens a socket at a port for connections from this machine only."""
    try:
        return socket.create_server((HOST, port), backlog=64)  # of a page that has just ended, too
    except OSError as error:
        problem = f"the page cannot be served there ({os.strerror(error.errno or 0).lower()})"
        fix = "Choose another, or 0 for any that is free."
        raise mistake(problem, "--port", port, fix) from None


def page_app(site: Site, key: PageKey | None) -> Starlette:
    """Makes the web application; without a key, every account on this machine may use it."""
    routes = _Routes(site)
    return Starlette(
        routes=[
            Route("/", routes.page),
            Route("/stream", routes.stream),
            Route(f"/{NAME}", routes.download),
            Route("/differences.csv", routes.table),
            Route("/file", routes.upload, methods=["POST"]),
            Mount("/static", StaticFiles(directory=STATIC)),
        ],
        middleware=[
            Middleware(Door, key),
            Middleware(TrustedHostMiddleware, allowed_hosts=(HOST, "localhost"), www_redirect=False),
            Middleware(AnswerLimits),
        ],
        exception_handlers={InputError: _mistaken, ClientDisconnect: _cut},
    )


def _mistaken(request: Request, error: Exception) -> Response:
    """Makes the response to a user's mistake: JSON for an uploaded file, otherwise plain text."""
    is_file = request.url.path == "/file"
    return JSONResponse({"problem": str(error)}) if is_file else PlainTextResponse(str(error), 400)


def _cut(_request: Request, _error: Exception) -> Response:
    """Makes the response to a reader who leaves, or is too slow, while sending a file."""
    return PlainTextResponse("The file did not come to its end.", 400)


class _Routes:
    """Handlers of requests to the page's server."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def _state(self, request: Request) -> PageState:
        return clean(request.query_params.multi_items(), *self._site.days, self._site.world.states)

    def page(self, request: Request) -> Response:
        """Responds with the page; if a file in the address is damaged, with a message and today's law."""
        state = self._state(request)
        problem = " ".join(("Not all of this link was understood.", *state.notes[:8])) if state.notes else ""
        try:
            values = page_values(self._site, state)
        except InputError as error:
            problem, state = f"{error} {problem}".strip(), replace(state, draft=Draft(), kept=None)
            values = page_values(self._site, state)
        self._site.warm(state)
        return HTMLResponse(templates().get_template("page.html").render(problem=problem, **values))

    async def stream(self, request: Request) -> Response:
        """Streams answers to a reader while runs arrive; ends when the reader leaves."""
        events = self._events(self._state(request))
        return StreamingResponse(events, media_type="text/event-stream")

    async def _events(self, state: PageState) -> AsyncGenerator[str, None]:
        """Yields the events of a stream for an address, encoded for the browser."""
        yield "retry: 500\n\n"
        try:
            async with aclosing(self._answers(state)) as events:
                async for event in events:
                    yield event
        except InputError as error:  # of the address, or of workers that have ended
            yield _event("problem", {"problem": str(error)})

    async def _answers(self, state: PageState) -> AsyncGenerator[str, None]:
        """Yields an event whenever results change, until all pairs of runs are complete."""
        stream = await run_in_threadpool(self._site.stream, state)
        await run_in_threadpool(self._site.warm, state)
        shown, said, message, rests = -1, "", {"finished": False}, False
        with self._site.pool.open(stream):
            while not (message["finished"] and rests):
                self._site.pool.check()
                ready, rests = preparation(self._site)
                if ready != said:
                    said = ready
                    yield _event("worlds", {"words": ready})
                pairs = len(self._site.pool.found(stream))
                if pairs != shown:
                    shown = pairs
                    message = await run_in_threadpool(answer, self._site, state, stream)
                    yield _event("answer", message)
                await asyncio.sleep(_PACE)
        yield _event("end", {})

    def download(self, request: Request) -> Response:
        """Responds with the policy of an address as a scenario file."""
        state = self._state(request)
        self._site.policy(state.draft)
        headers = {"Content-Disposition": f'attachment; filename="{NAME}"'}
        return Response(scenario_text(state.draft, state.name), media_type="application/yaml", headers=headers)

    def table(self, request: Request) -> Response:
        """Responds with a CSV table of all effects so far."""
        state = self._state(request)
        view = self._site.view(state, self._site.pool.found(self._site.stream(state)))
        found = [one for one in view.differences[MAIN] if one.scenario == MOVED] if view else []
        attached = {"Content-Disposition": 'attachment; filename="differences.csv"'}
        return Response(as_csv(as_table(found)), media_type="text/csv", headers=attached)

    async def upload(self, request: Request) -> Response:
        """Reads an uploaded scenario file; responds with an address for it, or with its mistakes."""
        raw = bytearray()
        async for part in request.stream():
            raw += part
            if len(raw) > MOST_BODY:
                return refusal(f"Refused: larger than {MOST_BODY:,} bytes.", 413)
        if len(raw) > MOST_BYTES:
            raise InputError(f"larger than {MOST_BYTES:,} bytes", where=NAME, fix="Open a scenario file.")
        try:
            draft = Draft(file=pack(raw.decode("utf-8-sig")))
        except UnicodeDecodeError:
            raise InputError("not UTF-8 text", where=NAME, fix="Save the file as UTF-8.") from None
        await run_in_threadpool(self._site.policy, draft)
        return JSONResponse({"address": address(replace(self._state(request), draft=draft))})


def _event(name: str, content: dict[str, Any]) -> str:
    return f"event: {name}\ndata: {json.dumps(content)}\n\n"
