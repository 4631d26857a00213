"""What every handler of the shop needs."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web


@dataclass(frozen=True)
class Shop:
    """The shop's books, its clock, the secrets it shares with the gateway, and its notice."""

    db: sqlite3.Connection
    now: Callable[[], datetime]
    customer_secret: str | None
    tools_secret: str | None
    notice: str


SHOP = web.AppKey("shop", Shop)
