"""The shop as one web application: the tools, the page, and the ledger of what they did."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path

from aiohttp import web

from demo.answers import respond
from demo.shop import effects, page, tools
from demo.shop.context import SHOP, Shop
from demo.shop.database import open_database
from demo.shop.refusals import refusals

MAX_BODY_BYTES = 64 * 1024


def _now() -> datetime:
    return datetime.now(UTC)


def app(
    *,
    data: Path,
    customer_secret: str | None = None,
    tools_secret: str | None = None,
    notice: str = "",
    now: Callable[[], datetime] = _now,
) -> web.Application:
    """Make the shop; its books lie in `data` and are resumed by the next start.

    `customer_secret` signs the tokens of the page's customers, `tools_secret` checks the calls of
    tools (unchecked without one), and `notice` is a line that the page shows at its top.
    """
    app = web.Application(middlewares=[refusals], client_max_size=MAX_BODY_BYTES)

    async def open_shop(app: web.Application) -> AsyncIterator[None]:
        db = open_database(data, now().date())
        app[SHOP] = Shop(db, now, customer_secret, tools_secret, notice)
        yield
        db.close()

    app.cleanup_ctx.append(open_shop)
    app.router.add_post("/tools/{name}", tools.call_tool)
    app.router.add_get("/ledger", _ledger)
    page.add_routes(app)
    return app


async def _ledger(request: web.Request) -> web.Response:
    return respond({"effects": effects.ledger(request.app[SHOP].db)})
