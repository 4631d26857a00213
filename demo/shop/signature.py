"""Checking that a call comes from the gateway: HMAC-SHA256 over its time and body."""

from __future__ import annotations

import hmac
from datetime import datetime

from demo.shop.refusals import Refused

TOLERANCE_S = 300


def verify(header: str, body: bytes, *, secret: str, now: datetime) -> None:
    """Refuse a call whose `t=<unix>,v1=<hex>` does not fit its body, or is five minutes off."""
    fields = dict(part.strip().partition("=")[::2] for part in header.split(","))
    sent, given = fields.get("t", ""), fields.get("v1", "")
    expected = hmac.new(secret.encode(), sent.encode() + b"." + body, "sha256").hexdigest()
    if not hmac.compare_digest(given.encode(), expected.encode()):
        raise Refused(401, "bad_signature", "The signature does not fit.")
    # A replayed call is old: the signature alone would be good for ever.
    if not sent.isdecimal() or abs(now.timestamp() - int(sent)) > TOLERANCE_S:
        raise Refused(401, "stale_signature", "The signature is too old.")
