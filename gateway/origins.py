"""Which pages may open a socket: an explicit list, compared whole.

A browser says where a page comes from; another site's script could otherwise speak in a visitor's
name. Clients that are no browsers send no Origin and are accepted.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def only_origins(allowed: Iterable[str], path: str) -> Callable[..., Awaitable[web.StreamResponse]]:
    """Refuse handshakes under `path` from pages that are not allowed, with 403.

    The gateway's own pages are always allowed; forwarded-host headers are not looked at.
    """
    known = frozenset(allowed)

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        origin = request.headers.get("Origin")
        if origin is None or not request.path.startswith(path):
            return await handler(request)
        own = f"{request.scheme}://{request.headers.get('Host', '')}"
        if origin not in known and origin != own:
            raise web.HTTPForbidden(text="this origin may not connect")
        return await handler(request)

    return check
