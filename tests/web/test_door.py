"""Tests of access to the page: with the key of its address, and never from other sites."""

import re
from dataclasses import dataclass

import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from sim.web import door
from sim.web.door import Door, PageKey, opening
from tests.web.abuse import ROUTES
from tests.web.conftest import HOST, TestClient, Visitor

COOKIE = "comity-80"  # a test client is at port 80


async def inside(scope: Scope, receive: Receive, send: Send) -> None:
    """Stand-in application behind the access check, which answers every request."""
    query = scope["query_string"].decode()
    await PlainTextResponse(f"{scope['method']} {scope['path']}?{query}")(scope, receive, send)


@dataclass(frozen=True)
class Reader:
    """A browser that sends requests through the access check."""

    client: TestClient
    key: PageKey


@pytest.fixture
def reader() -> Reader:
    key = PageKey()
    return Reader(TestClient(Door(inside, key), base_url=HOST), key)


def test_without_the_key_nothing_answers(reader: Reader) -> None:
    for given in ("", "x", reader.key.lasting[:-1], reader.key.lasting + "x", "é"):
        for method, path in (*ROUTES, ("DELETE", "/"), ("HEAD", "/"), ("OPTIONS", "/file")):
            found = reader.client.request(method, path, params={"token": given})
            assert found.status_code == 403 and "set-cookie" not in found.headers
            if method != "HEAD":
                assert "?token=" in found.text and "terminal" in found.text and found.text.count("\n") == 0
        cookie = [(b"cookie", f"{COOKIE}={given}".encode())]
        assert reader.client.get("/stream", headers=cookie).status_code == 403


def test_the_key_is_in_a_cookie_and_no_more_in_the_address(reader: Reader) -> None:
    first = reader.client.get(f"/?a=1&token={reader.key.lasting}&b=%7E2", follow_redirects=False)
    assert (first.status_code, first.headers["location"]) == (303, "/?a=1&b=%7E2")
    name, *rules = first.headers["set-cookie"].split("; ")
    assert name == f"{COOKIE}={reader.key.lasting}"
    assert {rule.lower() for rule in rules} == {"httponly", "samesite=strict", "path=/"}
    for method, path in ROUTES:
        assert reader.client.request(method, path).text == f"{method} {path}?"
    stale = reader.client.get("/?token=of-another-day&a=1")
    assert stale.text == "GET /?a=1", "who is in need not go out for an old address"


def test_the_key_opens_the_page_and_leads_nowhere_else(reader: Reader) -> None:
    for path in ("/stream", "//evil.example", "/static/page.js"):
        assert reader.client.get(f"{HOST}{path}?token={reader.key.lasting}").status_code == 403, path


def test_what_a_browser_is_started_with_opens_once(reader: Reader) -> None:
    place = opening("/", reader.key.once)
    assert reader.client.get(place).text == "GET /?"
    assert reader.client.cookies[COOKIE] == reader.key.lasting != place.partition("=")[2]
    assert reader.client.get(place).text == "GET /?", "its own reader may load it again"
    reader.client.cookies.clear()
    for spent in (place, "/?token="):
        assert reader.client.get(spent).status_code == 403
    assert reader.client.get(opening("/", reader.key.lasting)).status_code == 200


def test_keys_are_long_and_no_two_are_the_same() -> None:
    keys = [token for key in (PageKey(), PageKey()) for token in (key.lasting, key.once)]
    assert len(set(keys)) == 4 and all(re.fullmatch(r"[\w-]{22}", token) for token in keys)


def test_keys_are_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys are compared by a library function that takes constant time."""
    compared: list[bytes] = []

    def noted(given: bytes, _: bytes) -> bool:
        """Records compared values and accepts none."""
        compared.append(given)
        return False

    monkeypatch.setattr(door, "compare_digest", noted)
    key = PageKey()
    assert not key.fits(key.lasting.encode()) and not key.fits(key.once.encode())
    assert compared == [key.lasting.encode()] * 2 + [key.once.encode()] * 2


def test_a_link_of_another_site_is_loaded_once_more_for_its_cookie(reader: Reader) -> None:
    """The page loads a link from another site once more, so that the browser sends the strict cookie."""
    followed = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    assert reader.client.get("/?a=1", headers=followed).headers["refresh"] == "0"
    for site in ("same-origin", "none"):
        found = reader.client.get("/", headers={**followed, "Sec-Fetch-Site": site})
        assert found.status_code == 403 and "refresh" not in found.headers, "and not for ever"


def test_other_origins_are_refused_on_all_paths(reader: Reader) -> None:
    reader.client.get(opening("/", reader.key.lasting))
    origins = ("http://evil.example", "null", "NULL", "", "http://127.0.0.1:1", "https://127.0.0.1", "http://localhost")
    more = [{"Origin": origin, **own} for origin in origins for own in ({}, {"Sec-Fetch-Site": "same-origin"})]
    more += [
        {"Sec-Fetch-Site": site} for site in ("cross-site", "CROSS-SITE", "Same-Site", " cross-site ", "new-word", "")
    ]
    for method, path in ROUTES:
        for headers in more:
            found = reader.client.request(method, path, headers=headers)
            assert found.status_code == 403 and "another site" in found.text, (path, headers)
        for own in ({"Origin": HOST}, {"Origin": HOST.upper()}, {"Sec-Fetch-Site": "Same-Origin"}):
            assert reader.client.request(method, path, headers=own).status_code == 200, own
    two = [("Origin", HOST), ("Origin", "http://evil.example")]
    assert reader.client.get("/", headers=two).status_code == 403
    other = {"Host": "localhost:8765", "Origin": "http://localhost:8765", "Cookie": f"{COOKIE}={reader.key.lasting}"}
    assert reader.client.post("/file", headers=other).status_code == 200, (
        "another name of the machine is another origin"
    )


def test_a_page_without_a_key_still_refuses_other_sites(visitor: Visitor) -> None:
    for method, path in ROUTES:
        for headers in ({"Origin": "http://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "CROSS-SITE"}):
            assert visitor.client.request(method, path, headers=headers).status_code == 403, path
    assert visitor.client.get("/?token=old").status_code == 200
