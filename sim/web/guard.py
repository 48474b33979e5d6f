"""What keeps strangers out: a page on this machine answers its own reader and nobody else's site.

Any site that a person visits can make the browser send requests to 127.0.0.1. The browser says in `Sec-Fetch-Site`
where a request comes from; other sites are refused. Only a link to the page itself may be followed from there, since
opening it changes nothing and the other site cannot read it. Foreign host names are refused too, by Starlette, so
that a name that somebody points at 127.0.0.1 gains nothing.
"""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HOSTS = ("127.0.0.1", "localhost")
_FOREIGN = ("cross-site", "same-site")
#: What a browser says of a link that opens as a page of its own, not in a frame.
_FOLLOWED = {"mode": "navigate", "dest": "document"}
_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Guard:
    """Refuses requests of other sites, and says in every answer what the browser may do with it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            """Sends an answer with the headers."""
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_HEADERS)
            await send(message)

        headers = Headers(scope=scope)
        followed = (scope["method"], scope["path"]) == ("GET", "/") and all(
            headers.get(f"sec-fetch-{key}") == value for key, value in _FOLLOWED.items()
        )
        if headers.get("sec-fetch-site", "") in _FOREIGN and not followed:
            refusal = PlainTextResponse("Refused: this request comes from another site.", 403)
            await refusal(scope, receive, guarded)
            return
        await self._app(scope, receive, guarded)
