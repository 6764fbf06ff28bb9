"""Headers that every answer carries, whatever made it."""

from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SECURITY: Final[dict[str, str]] = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
"""No script at all, nothing from elsewhere, and no word to elsewhere of what somebody read here."""

LIVE: Final = "public, max-age=15, stale-while-revalidate=60"
"""For what the next measurement may change: kept a moment, then asked for again by its ETag."""
STEADY: Final = "public, max-age=86400"
"""For what only a change of the archive itself could alter, as a raw measurement."""
FOREVER: Final = "public, max-age=31536000, immutable"
"""For files whose address changes with their content."""


class SecurityHeaders:
    """Adds SECURITY to every answer, and says how long it may be kept where the route did not."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and its answer back with the headers."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(SECURITY)
                headers.setdefault("Cache-Control", LIVE if message["status"] == 200 else "no-store")  # noqa: PLR2004  200 means OK
            await send(message)

        await self._app(scope, receive, send_with_headers if scope["type"] == "http" else send)
