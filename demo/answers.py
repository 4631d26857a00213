"""JSON over HTTP with exact money: a Decimal is written as a number with its own decimals."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
from aiohttp import web

CURRENCY = "USD"

_ENCODER = msgspec.json.Encoder(decimal_format="number")


def encode(answer: Any) -> bytes:
    """Write `answer` as JSON."""
    return _ENCODER.encode(answer)


def money(minor: int) -> Decimal:
    """Cents as a number with two decimals: 18000 is 180.00."""
    return Decimal(minor).scaleb(-2)


def respond(answer: Any) -> web.Response:
    """Answer 200 with JSON."""
    return send(200, encode(answer))


def send(status: int, body: bytes) -> web.Response:
    """Answer with JSON that is already written."""
    return web.Response(status=status, body=body, content_type="application/json")
