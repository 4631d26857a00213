"""One effect a key: a repeated call gets the stored answer and does nothing."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable
from typing import Any

from demo.answers import encode
from demo.shop.database import transaction
from demo.shop.refusals import Refused


def once(
    db: sqlite3.Connection, key: str, asked: Any, *, effect: Callable[[], Any]
) -> tuple[int, bytes]:
    """Run `effect` and keep its answer under `key`, in one transaction; later return that answer.

    `asked` is everything that makes the call what it is. A key that was used for another call is
    refused, and a refusal of `effect` is an answer like any other.
    """
    digest = hashlib.sha256(encode(asked)).hexdigest()
    with transaction(db):
        stored = db.execute("SELECT * FROM answers WHERE key = ?", (key,)).fetchone()
        if stored is not None:
            if stored["digest"] != digest:
                message = "This Idempotency-Key was used for another call."
                raise Refused(422, "key_reused", message)
            return stored["status"], stored["body"]
        status, body = _answer(effect)
        db.execute("INSERT INTO answers VALUES (?, ?, ?, ?)", (key, digest, status, body))
        return status, body


def _answer(effect: Callable[[], Any]) -> tuple[int, bytes]:
    try:
        return 200, encode(effect())
    except Refused as refused:
        return refused.status, refused.body
