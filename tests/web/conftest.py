"""Fixtures: the page with stand-in workers, and a client that acts as a browser."""

import json
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from sim.web.app import page_app
from sim.web.pool import WorkerPool, worlds_of
from sim.web.site import Site
from tests.web.fakes import stand_in
from tests.web.standin import StandIn

with warnings.catch_warnings():
    warnings.filterwarnings("ignore", message="Using `httpx`")  # its successor is not in the lock file
    from starlette.testclient import TestClient

HOST = "http://127.0.0.1"


@dataclass(frozen=True)
class Visitor:
    """A browser on the page, with the last stream's report on prepared worlds."""

    client: TestClient
    site: Site
    worker: StandIn
    said: list[str] = field(default_factory=list)

    def answers(self, query: str) -> list[dict[str, Any]]:
        """All answers of a stream until its end."""
        body = self.client.get(f"/stream?{query}").text
        blocks = [dict(line.split(": ", 1) for line in block.split("\n")) for block in body.strip().split("\n\n")]
        assert blocks[0] == {"retry": "500"}
        self.said[:] = [json.loads(block["data"])["words"] for block in blocks if block.get("event") == "worlds"]
        return [json.loads(block["data"]) for block in blocks if block.get("event") in ("answer", "problem")]


@pytest.fixture(scope="module")
def visitor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitor]:
    worker = stand_in(tmp_path_factory.mktemp("orders"))
    pool = WorkerPool(1, worker)
    site = Site(worlds_of(["world=tiny"]), pool)
    with TestClient(page_app(site, None), base_url=HOST, raise_server_exceptions=False) as client:
        yield Visitor(client, site, worker)
    pool.close()
