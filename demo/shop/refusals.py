"""How the shop says no."""

from __future__ import annotations

from aiohttp import web
from aiohttp.typedefs import Handler

from demo.answers import encode, send


class Refused(Exception):
    """The shop will not do it, and nothing was done.

    `status` is one of 400, 401, 403, 404, 422, `code` a word for programs, `text` a sentence that
    can be told to a customer.
    """

    def __init__(self, status: int, code: str, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.body = encode({"error": text, "code": code})


@web.middleware
async def refusals(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn a refusal into its answer."""
    try:
        return await handler(request)
    except Refused as refused:
        return send(refused.status, refused.body)
