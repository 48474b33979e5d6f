"""Tests of the command under abuse by other programs; `python -m tests.web.abuse` runs longer trials."""

from collections.abc import Iterator

import pytest

from sim.web.limits import PATIENCE
from tests.web import abuse
from tests.web.abuse import Server, served

pytestmark = pytest.mark.slow

#: Until all that waits for its reader must have been closed.
LONG = 2 * PATIENCE


@pytest.fixture(scope="module", params=[[], ["--no-token"]], ids=["token", "no token"])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    with served(*request.param) as made:
        yield made
        assert "Traceback" not in made.log.read_text()


def test_other_sites_and_those_without_the_key_are_refused(server: Server) -> None:
    assert set(abuse.foreign(server)) == {"403"}
    assert (set(abuse.keyless(server)) == {"403"}) == bool(server.token)


def test_idle_and_dripping_lines_are_closed_and_keep_nobody_out(server: Server) -> None:
    before = server.descriptors()
    (status, *_), left, files = abuse.idle(server, 400, LONG)
    assert (status, left) == ("200", 0) and files <= before + 3
    assert abuse.dripping(server, 100, LONG) == 0


def test_half_sent_files_keep_nobody_out(server: Server) -> None:
    for known in (True, False):
        first, later, left = abuse.half_bodies(server, 16, LONG, known=known)
        assert (first[0], later[0], left) == ("200", "200", 0)
        assert abuse.endless(server, known=known) < 50_000_000


def test_a_reader_is_answered_after_a_hundred_who_left(server: Server) -> None:
    for known in (True, False):
        assert abuse.abandoned(server, 200, known=known)[0] == "200"
    assert set(abuse.streams(server, 20)) == {"200", "503"}
