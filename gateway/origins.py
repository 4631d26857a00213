"""Which pages may open a socket: an explicit list, compared whole.

A browser says where a page comes from; another site's script could otherwise speak in a visitor's
name. Clients that are no browsers send no Origin and are accepted.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from ipaddress import ip_address
from urllib.parse import urlsplit

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def only_origins(
    allowed: Iterable[str], path: str, *, host: str
) -> Callable[..., Awaitable[web.StreamResponse]]:
    """Refuse handshakes under `path` from pages that are not allowed, with 403.

    The gateway's own pages are allowed under its address or the name it listens on; another name in
    `Host` may be an attacker's that leads here (DNS rebinding) and counts only when it is listed.
    """
    known = frozenset(allowed)
    names = frozenset({"localhost", host})

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        origin = request.headers.get("Origin")
        if origin is None or not request.path.startswith(path):
            return await handler(request)
        if origin not in known and not _is_own(request, origin, names):
            raise web.HTTPForbidden(text="this origin may not connect")
        return await handler(request)

    return check


def _is_own(request: web.Request, origin: str, names: frozenset[str]) -> bool:
    try:
        page, here = urlsplit(origin), urlsplit(f"//{request.headers.get('Host', '')}")
    except ValueError:
        return False
    return page.netloc == here.netloc and (here.hostname in names or _is_address(here.hostname))


def _is_address(name: str | None) -> bool:
    try:
        ip_address(name or "")
    except ValueError:
        return False
    return True
