"""The operator's public keys: from a file, or from a URL that is asked again now and then."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import jwt
import structlog
from aiohttp import ClientError, ClientSession, ClientTimeout

from conversation.errors import Unavailable

log_line = structlog.get_logger(__name__)

KEPT_S = 300.0
"""How long keys from a URL are good."""
ASK_EVERY_S = 30.0
"""How soon a URL is asked again: a token that names an unknown key may be forged."""
ANSWER_WITHIN = ClientTimeout(total=5)
_KINDS = {"RS256": "RSA", "ES256": "EC"}


class Jwks:
    """The keys at one place, by algorithm and key id."""

    def __init__(self, where: str) -> None:
        self._url = where if where.startswith(("http://", "https://")) else None
        self._keys = [] if self._url else jwt.PyJWKSet.from_json(Path(where).read_text()).keys
        self._asked_at = self._read_at = float("-inf")
        self._asking = asyncio.Lock()

    async def key(self, algorithm: str, id_: object) -> jwt.PyJWK:
        """The key that should have signed a token; raises `jwt.PyJWTError` or `Unavailable`."""
        key = self._find(algorithm, id_)
        if self._url and (key is None or time.monotonic() - self._read_at > KEPT_S):
            async with self._asking:
                await self._ask(self._url)
            key = self._find(algorithm, id_)
        if key is None:
            raise jwt.InvalidKeyError("no such key")
        return key

    def _find(self, algorithm: str, id_: object) -> jwt.PyJWK | None:
        for key in self._keys:
            if key.key_type == _KINDS[algorithm] and id_ in (None, key.key_id):
                return key
        return None

    async def _ask(self, url: str) -> None:
        now = time.monotonic()
        if now - self._asked_at < ASK_EVERY_S:
            return
        self._asked_at = now
        try:
            async with ClientSession(timeout=ANSWER_WITHIN) as session, session.get(url) as answer:
                answer.raise_for_status()
                self._keys = jwt.PyJWKSet.from_json(await answer.text()).keys
        except (ClientError, TimeoutError, ValueError, jwt.PyJWTError) as error:
            log_line.warning("jwks.unreadable", error=type(error).__name__)
            if not self._keys:
                raise Unavailable from error
        else:
            self._read_at = now
