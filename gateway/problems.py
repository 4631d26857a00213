"""Errors of the HTTP API as `application/problem+json` (RFC 9457)."""

from __future__ import annotations

import msgspec
import structlog
from aiohttp import web

from conversation.errors import Refused
from gateway.origins import Handler

log_line = structlog.get_logger(__name__)

STATUS = {
    "bad_request": 400,
    "unauthorized": 401,
    "forbidden": 403,
    "not_found": 404,
    "conflict": 409,
    "expired": 410,
    "too_large": 413,
    "rate_limited": 429,
    "unavailable": 503,
}


def problem(status: int, code: str, detail: str) -> web.Response:
    """One error: its HTTP status, a code of the wire and a sentence."""
    body = {"type": "about:blank", "title": code, "status": status, "detail": detail}
    return web.Response(
        status=status, body=msgspec.json.encode(body), content_type="application/problem+json"
    )


@web.middleware
async def tell_problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer every failure of the API as a problem; a fault of ours shows no traceback."""
    if not request.path.startswith("/api/"):
        return await handler(request)
    try:
        return await handler(request)
    except Refused as refused:
        return problem(STATUS[refused.code], refused.code, refused.message)
    except web.HTTPException as error:
        return problem(error.status, error.reason.lower().replace(" ", "_"), error.reason)
    except Exception:
        log_line.exception("api.failed", path=request.path)
        return problem(500, "unavailable", "something went wrong on our side")
