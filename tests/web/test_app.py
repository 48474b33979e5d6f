"""Tests of the page's routes: answers, refusals, and protection against injected content."""

import asyncio
import csv
import html
import math
import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from itertools import pairwise, product
from urllib.parse import quote, urlencode

import pytest
from starlette.types import Message

from sim.policy.document import MOST_BYTES
from sim.policy.scenario import catalogue
from sim.policy.well_known import resource_folder
from sim.web.app import page_app
from sim.web.form import pack
from sim.web.pool import WorkerPool, worlds_of
from sim.web.site import Site, league
from tests.experiments.chores import Unreadable
from tests.report.reading import Elements
from tests.web.conftest import HOST, TestClient, Visitor
from tests.web.fakes import stand_in

HOSTILE = """\
title: '<script>alert(1)</script><img src=x onerror=alert(2)>'
question: '"><svg onload=alert(3)>'
author: me
changes:
  - lever: central_authority.staff
    value: 2 times
    date: 2027-01-01
"""


def harmless(text: str) -> None:
    """Asserts that a page runs no script except its own."""
    found = Elements(text).found
    tags, attributes = [tag for tag, _ in found], [pair for _, pairs in found for pair in pairs.items()]
    assert tags.count("script") <= 1 and "img" not in tags
    assert not [name for name, _ in attributes if name.startswith("on")]
    assert not [value for name, value in attributes if name in ("href", "src") and "script:" in (value or "")]


def test_the_page_shows_the_policy_of_its_address(visitor: Visitor) -> None:
    page = visitor.client.get("/?scenario=faster_mlat&court.staff=2")
    assert page.status_code == 200 and "Faster mutual legal assistance, with People in courts" in page.text
    assert 'value="faster_mlat" selected' in page.text
    assert "comity compare policy.yaml --replicates 20 world=tiny" in page.text
    assert "12 states of 196 and about 20 groups of 300. Its numbers mean nothing." in page.text
    harmless(page.text)


def test_a_stream_narrows_to_twenty_pairs_and_ends(visitor: Visitor) -> None:
    found = visitor.answers("scenario=faster_mlat&country=DEU")
    *early, last = found
    assert [answer["pairs"] for answer in found] == sorted(answer["pairs"] for answer in found)
    assert (last["pairs"], last["finished"], last["wanted"]) == (20, True, 20)
    shown = r"Median wait for legal assistance: −[\d.]+\s% \(.* shorter, by .*; today [\d.]+\smonths\)"
    assert re.search(shown, last["heard"])
    assert "abusive requests executed: " in last["heard"] and "Price over 3 years: " in last["heard"]
    assert 'class="change clear"' in last["parts"]["effects"]
    assert "Germany" in last["parts"]["places"] and "high income" in last["parts"]["gains"]
    for answer in early:
        assert not answer["finished"]
        assert 'class="change clear"' not in answer["parts"].get("effects", ""), "nothing is said before the end"


def test_a_stream_says_how_far_worlds_are_prepared_and_ends_when_they_are(visitor: Visitor) -> None:
    visitor.answers("courts=overloaded")
    *early, last = visitor.said
    assert last == "All 20 worlds are ready."
    assert re.match(r"Preparing worlds under today's law while nobody waits: 1?\d of 20 are ready\.", early[0])
    visitor.answers("courts=overloaded&scenario=faster_mlat")
    assert visitor.said == [last]


def test_more_pairs_two_policies_and_none(visitor: Visitor) -> None:
    last = visitor.answers(f"scenario=faster_mlat&kept={quote('scenario=harmonised_law')}&pairs=40")[-1]
    assert last["pairs"] == 40 and last["against"].startswith("Against A. Lasting takedowns")
    assert 'class="key kept"' in last["parts"]["effects"]
    last = visitor.answers("court.staff=2~~~Atlantis")[-1]
    (note,) = last["notes"]
    assert note.startswith("'Atlantis' was left out: names no states. Write a state")
    assert visitor.answers("")[-1]["headline"].startswith("This is today.")


def test_a_pair_that_fails_is_left_out_and_said(visitor: Visitor) -> None:
    fails = visitor.worker.folder / "fail-7"
    fails.touch()
    last = visitor.answers("agency.investigators=2")[-1]
    fails.unlink()
    assert (last["pairs"], last["finished"]) == (19, True)
    assert "1 pair could not be simulated" in last["status"] and "seed 7" in last["failures"][0]


def test_the_download_is_what_runs_and_loads_again(visitor: Visitor) -> None:
    query = "scenario=faster_mlat&court.staff=2~2028-01-01~12~EU"
    file = visitor.client.get(f"/policy.yaml?{query}")
    assert 'filename="policy.yaml"' in file.headers["content-disposition"]
    answer = visitor.client.post("/file", content=file.content).json()
    again = visitor.client.get(f"/policy.yaml?{answer['address']}")
    assert again.text == file.text
    assert 'value="2028-01-01"' in visitor.client.get(f"/?{answer['address']}").text


def test_the_table_has_the_columns_of_differences_csv(visitor: Visitor) -> None:
    visitor.answers("scenario=faster_mlat")
    rows = list(csv.DictReader(StringIO(visitor.client.get("/differences.csv?scenario=faster_mlat").text)))
    assert {row["scenario"] for row in rows} == {"policy"}
    assert {row["pairs"] for row in rows} == {"20"}
    assert {"outcome", "difference", "low", "high", "verdict"} <= rows[0].keys()


def test_a_file_that_cannot_be_is_one_message(visitor: Visitor) -> None:
    for text, message in (
        ("title: a\nquestion: b\nauthor: c\nchanges:\n  - lever: court.staf\n", "policy.yaml:5: change 1, lever"),
        *(("- just\n- a list\n", "not a scenario"), ("a: &x 1\nb: *x\n", "references between entries")),
        ("title: ${oc.env:HOME}\n", "looked up elsewhere"),
        *(("!!python/object/apply:os.system ['id']", "tags (!) are not allowed"), ("", "empty")),
        *(("a" * (MOST_BYTES + 1), "larger than"), (b"\xff\xfe\x00", "not UTF-8")),
    ):
        answer = visitor.client.post("/file", content=text)
        assert answer.status_code == 200 and message in answer.json()["problem"]
        assert "Traceback" not in answer.text


def test_a_file_with_mistakes_in_an_address_is_a_message_everywhere(visitor: Visitor) -> None:
    query = urlencode([("file", pack("title: a\nquestion: b\nauthor: c\nchanges:\n  - lever: nothing.at.all\n"))])
    page = visitor.client.get(f"/?{query}")
    assert page.status_code == 200 and "nothing.at.all" in page.text
    assert 'id="problem" class="problem" role="alert" hidden' not in page.text
    assert "nothing.at.all" in visitor.answers(query)[0]["problem"]
    for route in ("policy.yaml", "differences.csv"):
        answer = visitor.client.get(f"/{route}?{query}")
        assert (answer.status_code, "nothing.at.all" in answer.text) == (400, True)


def test_a_mistake_of_a_lever_that_the_link_moves_is_a_message_too(visitor: Visitor) -> None:
    file = "title: a\nquestion: b\nauthor: c\nchanges:\n  - {lever: court.staff, value: 2000 times, from: 2027-01-01}\n"
    page = visitor.client.get(f"/?{urlencode([('file', pack(file)), ('court.staff', '2~2027-01-01')])}")
    assert page.status_code == 200 and "2000 times" in page.text


def test_hostile_texts_are_shown_as_they_are(visitor: Visitor) -> None:
    query = visitor.client.post("/file", content=HOSTILE).json()["address"]
    page = visitor.client.get(f"/?{query}").text
    assert "&lt;script&gt;alert(1)" in page
    harmless(page)
    for part in visitor.answers(f"{query}&country=<b>|DEU")[-1]["parts"].values():
        harmless(part)
    harmless(visitor.client.get("/?scenario=<script>&x=<script>&court.staff=<img src=x>~<b>").text)


def test_groups_are_shown_and_what_names_none_is_noted(visitor: Visitor) -> None:
    last = visitor.answers("scenario=faster_mlat&country=americas|ASEAN|Atlantis|brazil")[-1]
    assert "Americas (2 states)" in last["parts"]["places"]
    assert "Brazil (BRA)" in last["parts"]["places"]
    assert "Where its own requests wait" in last["parts"]["places"]
    assert [note.partition(". ")[0] for note in last["notes"]] == [
        "'ASEAN' was left out: not a state of this world",
        "'Atlantis' was left out: unknown state or group",
    ]


def test_every_answer_says_what_a_browser_may_do_with_it(visitor: Visitor) -> None:
    for path in ("/", "/static/page.js", "/policy.yaml", "/nowhere"):
        headers = visitor.client.get(path).headers
        assert headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'")
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store" and "set-cookie" not in headers
        assert "access-control-allow-origin" not in headers


def test_requests_of_other_sites_are_refused(visitor: Visitor) -> None:
    paths = ("/", "/stream", "/policy.yaml", "/static/page.js")
    for path, place in product(paths, ("cross-site", "same-site")):
        asked = {"Sec-Fetch-Site": place}
        assert visitor.client.get(path, headers=asked).status_code == 403
        assert visitor.client.post("/file", content="a: 1", headers=asked).status_code == 403
        followed = asked | {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
        assert visitor.client.get(path, headers=followed).status_code == (200 if path == "/" else 403)
        assert visitor.client.get(path, headers=followed | {"Sec-Fetch-Dest": "iframe"}).status_code == 403


def test_foreign_names_of_this_machine_are_refused(visitor: Visitor) -> None:
    for host in ("example.org", "127.0.0.1.example.org", "0.0.0.0", ""):  # noqa: S104 - a name, not a place to listen
        assert visitor.client.get("/", headers={"Host": host}).status_code == 400, host
    assert visitor.client.get("/", headers={"Host": "localhost:8765"}).status_code == 200


def test_no_other_method_and_no_way_out_of_the_folder(visitor: Visitor) -> None:
    assert visitor.client.post("/").status_code == 405
    assert visitor.client.delete("/file").status_code == 405
    for path in ("/static/../app.py", "/static/%2e%2e/app.py", "/static//etc/passwd", "/static/..%5capp.py"):
        assert visitor.client.get(path).status_code == 404, path


def at_once(visitor: Visitor, targets: list[str], seconds: float) -> list[int]:
    """Result of `asked`, in a separate thread, since browser tests occupy the main thread's loop."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, asked(visitor, targets, seconds)).result()


async def asked(visitor: Visitor, targets: list[str], seconds: float) -> list[int]:
    """Status codes of simultaneous requests, whose senders leave after some time."""

    async def one(target: str) -> int:
        path, _, query = target.partition("?")
        status, left, body = [0], asyncio.Event(), [{"type": "http.request", "body": b"", "more_body": False}]
        asyncio.get_running_loop().call_later(seconds, left.set)

        async def receive() -> Message:
            """Receives the request, then the disconnection of its reader."""
            if body:
                return body.pop()
            await left.wait()
            return {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            """Records the status code."""
            status[0] = status[0] or message["status"]

        scope = {"type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "root_path": ""}
        scope |= {"query_string": query.encode(), "headers": [(b"host", b"127.0.0.1")], "http_version": "1.1"}
        await visitor.client.app(scope, receive, send)
        return status[0]

    return await asyncio.gather(*map(one, targets))


def test_what_is_asked_at_once_is_bounded_and_is_dropped_when_readers_leave(visitor: Visitor) -> None:
    (visitor.worker.folder / "hold").touch()
    statuses = at_once(visitor, ["/stream?worlds=one"] * 20, 2.0)
    assert sorted(statuses) == [200] * 16 + [503] * 4
    (visitor.worker.folder / "hold").unlink()
    assert visitor.answers("worlds=one&scenario=faster_mlat")[-1]["finished"], "and it is my turn at once"


def test_a_stream_says_that_no_worker_can_work() -> None:
    pool = WorkerPool(1, Unreadable())
    with TestClient(page_app(Site(worlds_of(["world=tiny"]), pool), None), base_url=HOST) as client:
        for _ in range(2):  # while they end, and when they have ended
            found = client.get("/stream?scenario=faster_mlat").text
            assert "event: problem" in found and "end before they begin" in found and "event: end" not in found
    pool.close()


def test_a_long_link_is_read_once(visitor: Visitor) -> None:
    line = "  - {{lever: court.staff, value: {} times, date: 2027-01-01}}\n"
    changes = "".join(line.format(1 + day / 1000) for day in range(150))
    query = urlencode([("file", pack(f"title: a\nquestion: b\nauthor: c\nchanges:\n{changes}"))])
    times = [time.process_time()]
    for route in ("", "policy.yaml", "differences.csv", "policy.yaml"):
        visitor.client.get(f"/{route}?{query}")
        times.append(time.process_time())
    first, *others = (end - begin for begin, end in pairwise(times))
    assert sum(others) < first


def test_a_link_says_what_of_it_was_not_understood(visitor: Visitor) -> None:
    for query in ("colour=red", "court.staff=1e9", f"kept={quote('scenario=nothing')}"):
        page = visitor.client.get(f"/?{query}").text
        (problem,) = re.findall(r'<p id="problem"[^>]*role="alert">([^<]+)</p>', page)
        assert query.partition("=")[0] in html.unescape(problem) or "scenario" in problem, query
    page = visitor.client.get("/?court.staff=2~2028-01-01~12~EU&worlds=one&pairs=40").text
    assert 'id="problem" class="problem" role="alert" hidden' in page


@pytest.fixture(scope="module")
def waiting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitor]:
    """The page of the default world, in which no pair of worlds is ever finished."""
    worker = stand_in(tmp_path_factory.mktemp("orders"))
    (worker.folder / "hold").touch()
    pool = WorkerPool(1, worker)
    site = Site(worlds_of([]), pool)
    with TestClient(page_app(site, None), base_url=HOST) as client:
        yield Visitor(client, site, worker)
    pool.close()


def stored(scenario: str, outcome: str) -> dict[str, str]:
    """A row of the study that is stored in the repository."""
    with (resource_folder("results/reference") / "differences.csv").open() as file:
        return next(row for row in csv.DictReader(file) if (row["scenario"], row["outcome"]) == (scenario, outcome))


def test_a_policy_of_the_catalogue_has_its_stored_answer_before_any_pair(waiting: Visitor) -> None:
    page = waiting.client.get("/?scenario=faster_mlat").text
    row = stored("faster_mlat", "turnaround_median")
    middle, least, most = (abs(100 * float(row[key])) for key in ("relative", "relative_high", "relative_low"))
    shares = [f"{middle:.0f}", math.floor(least), math.ceil(most)]  # the range is rounded outward
    said = html.unescape(page).replace("\xa0", " ")
    assert f"−{shares[0]} %" in said and f"{shares[1]} to {shares[2]} %" in said
    assert f"Stored answer: {row['pairs']} simulated worlds" in said
    price = float(stored("faster_mlat", "policy_cost")["difference"])
    shown = re.search(r"€([\d.]+) billion", said)
    assert shown and float(shown[1]) == pytest.approx(price / 1000, rel=0.3), "the median beside the mean"
    assert "Median turnaround of mutual legal assistance" in page.partition('id="effects"')[2]
    harmless(page)


def test_a_policy_that_is_moved_or_stands_in_other_worlds_has_no_stored_answer(waiting: Visitor) -> None:
    for other in ("court.staff=2", "courts=overloaded", "worlds=one"):
        page = waiting.client.get(f"/?scenario=faster_mlat&{other}").text
        assert '<p id="basis" class="small" hidden>' in page and "The first pair is being simulated." in page, other


def test_the_first_page_lists_what_policies_do(waiting: Visitor) -> None:
    page = waiting.client.get("/").text
    links = re.findall(r'<a href="/\?scenario=(\w+)">', page)
    assert set(links) <= set(catalogue()) and len(links) == len(set(links)) > 20
    assert "no_cooperation" not in links, "a bound is no policy"
    assert links[0] in ("all_three", "harmonised_and_faster", "faster_mlat")
    with (resource_folder("results/league") / "league.csv").open() as file:
        ranked = [row["scenario"] for row in csv.DictReader(file) if row["place"] != "0"]
    assert list(league()) == [key for key in ranked if key in catalogue()] and len(ranked) > 20
    answer = league()["faster_mlat"]
    assert "had other parameter sets" in answer.basis("x") and "parameter sets" not in answer.basis(answer.sets)


def test_another_world_has_no_stored_answer(visitor: Visitor) -> None:
    page = visitor.client.get("/?scenario=faster_mlat").text
    assert "Stored answer" not in page and 'id="league"' not in page


def test_names_stand_in_tables_and_in_the_file_as_they_are(visitor: Visitor) -> None:
    query = urlencode(
        {"court.staff": "2", "kept": "scenario=faster_mlat", "name": "<b>Mine</b>", "kept_name": "Theirs"}
    )
    last = visitor.answers(query)[-1]
    assert "&lt;b&gt;Mine&lt;/b&gt;" in last["parts"]["effects"] and "Theirs" in last["parts"]["effects"]
    assert last["title"].startswith("<b>Mine</b>: People in courts") and last["against"].startswith("Against Theirs. ")
    harmless(visitor.client.get(f"/?{query}").text)
    assert "title: <b>Mine</b>" in visitor.client.get(f"/policy.yaml?{query}").text
