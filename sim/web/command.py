"""`comity dashboard`: starts the workers and the server, and opens the page."""

from __future__ import annotations

import socket
import webbrowser
from collections.abc import Sequence
from threading import Timer
from typing import TYPE_CHECKING

from rich.console import Console

from sim.experiments.config import cores
from sim.policy.problem import extra_install, mistake

if TYPE_CHECKING:
    import uvicorn
    from starlette.types import ASGIApp

HOST = "127.0.0.1"


def dashboard(words: Sequence[str], port: int, workers: int, *, opens: bool = True) -> None:
    """Serves the page until somebody interrupts."""
    try:
        import uvicorn
    except ImportError:
        raise mistake("the page needs packages that are not installed", "dashboard", fix=extra_install("web")) from None
    console = Console(stderr=True, markup=False, emoji=False)
    for word in words:
        if "=" not in word:
            raise mistake("the page takes no scenario", "KEY=VALUE", word, "Choose it on the page.")
    listening = listening_at(port)
    try:
        from sim.experiments.worker import compile_rules
        from sim.web.app import page_app
        from sim.web.pool import WorkerPool
        from sim.web.site import Site
        from sim.web.state import PageState
        from sim.web.worker import simulate
        from sim.web.worlds import worlds_of

        worlds = worlds_of(words)
        compile_rules(worlds.world, worlds.assumed[False, True].parameters, console)
        pool = WorkerPool(workers or cores(), simulate)
        try:
            site = Site(worlds, pool)
            site.warm(PageState())
            place = f"http://{HOST}:{listening.getsockname()[1]}/"
            console.print(f"The page is at {place} on this machine alone. Ctrl-C ends it.")
            if opens:
                opening = Timer(0.5, webbrowser.open, (place,))
                opening.daemon = True
                opening.start()
            uvicorn.Server(served_as(page_app(site))).run(sockets=[listening])
        finally:
            pool.close()
    finally:
        listening.close()


def served_as(app: ASGIApp) -> uvicorn.Config:
    """How the page is served: quietly, and with addresses that hold two long scenario files."""
    import uvicorn

    from sim.web.limits import Line
    from sim.web.state import MOST_ADDRESS

    return uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=1,
        http=Line,
        h11_max_incomplete_event_size=MOST_ADDRESS + 20_000,  # headers stand beside the address
        ws="none",
    )


def listening_at(port: int) -> socket.socket:
    """A socket at the port, on this machine alone."""
    taken = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((HOST, port))
        taken.listen(64)
    except OSError as error:
        taken.close()
        problem = f"the page cannot be served there ({(error.strerror or str(error)).lower()})"
        fix = "Choose another, or 0 for any that is free."
        raise mistake(problem, "--port", port, fix) from None
    return taken
