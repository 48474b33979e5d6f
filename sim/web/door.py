"""Access control of the page: only readers with the key in their address may open it.

Every account of a machine reaches 127.0.0.1, and any site that a person visits can make the browser send requests
there. The first is refused without the key. The address carries it once: the answer puts it into a cookie, which no
script reads and no other site can have sent, and leads to the address without it, so that a link to share has no key.

The browser says in `Sec-Fetch-Site`, and in `Origin` where it sends one, where a request comes from: other sites are
refused with the key, too. Only a link to the page itself may be followed from there, since opening it changes nothing
and the other site cannot read it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from secrets import compare_digest, token_urlsafe

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sim.web.limits import refusal

_TOKEN = b"token="
_BYTES = 16
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_NO_KEY = (
    "Refused: the page opens with a key. Open the whole address, with ?token=, that stands in the terminal where "
    "`comity dashboard` runs."
)


@dataclass
class PageKey:
    """Secret key that a reader needs to open the page."""

    lasting: str = field(default_factory=lambda: token_urlsafe(_BYTES))
    #: Opens it once: what a browser is started with, which other accounts can read in the list of processes.
    once: str = field(default_factory=lambda: token_urlsafe(_BYTES))

    def fits(self, given: bytes) -> bool:
        """True if a given key is right; the key for one use fits once; takes equally long for any key."""
        if compare_digest(given, self.lasting.encode()):
            return True
        if not self.once or not compare_digest(given, self.once.encode()):
            return False
        self.once = ""
        return True


def opening(place: str, token: str) -> str:
    """Address of the page with the key in it."""
    return f"{place}?{_TOKEN.decode()}{token}"


class Door:
    """Middleware that refuses requests from other sites, and readers without the key if there is one.

    It says in every answer what the browser may do with it.
    """

    def __init__(self, app: ASGIApp, key: PageKey | None) -> None:
        self._app, self._key = app, key

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a request on to the page if it is allowed."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            """Sends a message of the response, with security headers added."""
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_HEADERS)
            await send(message)

        request = HTTPConnection(scope)
        answers: ASGIApp = self._app
        if _is_foreign(request):
            answers = refusal("Refused: this request comes from another site.", 403)
        elif self._key:
            answers = _led_in(request, self._key) or answers
        await answers(scope, receive, guarded)


def _is_foreign(request: HTTPConnection) -> bool:
    """True for a request from another site, except when a reader follows a link on that site to the page."""
    own = "http://" + request.headers.get("host", "").lower()  # whose name is checked behind the door
    if any(origin.lower() != own for origin in request.headers.getlist("origin")):
        return True
    return not _sites(request) <= {"same-origin", "none"} and not _is_followed(request)


def _sites(request: HTTPConnection) -> set[str]:
    """Sites that a request comes from, by the browser's headers; empty for old browsers."""
    return {site.strip().lower() for site in request.headers.getlist("sec-fetch-site")}


def _is_followed(request: HTTPConnection) -> bool:
    """True for a request that opens the page itself, not a frame in another page."""
    opens = (request.headers.get(f"sec-fetch-{key}", "").lower() for key in ("mode", "dest"))
    return (request.scope["method"], request.scope["path"], *opens) == ("GET", "/", "navigate", "document")


def _led_in(request: HTTPConnection, key: PageKey) -> Response | None:
    """Response that refuses a request without a valid key, or stores the key; None if the page can be shown."""
    name = f"comity-{(request.scope.get('server') or ('', 0))[1]}"  # browsers share cookies among ports
    held = key.fits(request.cookies.get(name, "").encode())
    parts = request.scope["query_string"].split(b"&")
    given = [part.removeprefix(_TOKEN) for part in parts if part.startswith(_TOKEN)]
    if request.scope["path"] != "/" or not given:
        return None if held else _refused(request)
    if not held and not key.fits(given[0]):
        return _refused(request)
    query = b"&".join(part for part in parts if not part.startswith(_TOKEN)).decode("latin-1")
    answer = RedirectResponse(f"/?{query}" if query else "/", 303)
    answer.set_cookie(name, key.lasting, httponly=True, samesite="strict")
    return answer


def _refused(request: HTTPConnection) -> Response:
    """Response to a request without the key, which lets the browser reload once to send the key."""
    again = {"Refresh": "0"} if "cross-site" in _sites(request) else None
    return refusal(_NO_KEY, 403, again)
