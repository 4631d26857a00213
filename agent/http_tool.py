"""The HTTP tool client: one call of a tool, signed, bounded, and retried where that is safe.

What an answer means for the world is the point: `succeeded`, `failed` (nothing was done), or
`unknown` (a write that may have been done and may not).
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import random
import time
from collections.abc import Awaitable, Callable
from typing import Literal, TypeAlias

import aiohttp
import msgspec

from handoff.facts import check_plain

OutcomeName: TypeAlias = Literal["succeeded", "failed", "unknown"]

_BODY_LIMIT = 1 << 20
_MOST_TRIES = 3
_FIRST_DELAY_S = 0.25
_IDLE_CONNECTION_S = 4
"""Below the 5 s after which common servers hang up: a write that meets that would be unknown."""
_NOT_NOW = (408, 409, 425, 429)
"""Refusals that leave open what was done; every other 4xx says that nothing was."""

_encoder = msgspec.json.Encoder(decimal_format="number")


class Outcome(msgspec.Struct, frozen=True):
    """What came of a call: the raw JSON `result`, or else the raw JSON object `error`.

    `error` is `{"error": …}` with what the tool answered, or with a sentence of ours.
    """

    outcome: OutcomeName
    result: msgspec.Raw | None = None
    error: msgspec.Raw | None = None


class HttpTools:
    """Calls tools; `secret` signs each request. `close` it in the loop that used it.

    A `session` passed in stays open; it should keep no cookies, since tools see one customer after
    the other. `clock` gives seconds since 1970, `pause` waits between tries, `jitter` is 0..1.
    """

    def __init__(
        self,
        secret: str | None,
        session: aiohttp.ClientSession | None = None,
        *,
        clock: Callable[[], float] = time.time,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._secret = secret.encode() if secret else None
        self._given = session
        self._own: aiohttp.ClientSession | None = None
        self._clock = clock
        self._pause = pause
        self._jitter = jitter

    async def close(self) -> None:
        """Close the connections that are ours."""
        if self._own is not None:
            await self._own.close()

    async def call(
        self,
        *,
        url: str,
        timeout_s: float,
        arguments: object,
        purpose: str,
        conversation: str,
        customer: str | None,
        key: str | None,
        retry: bool,
    ) -> Outcome:
        """Call the tool at `url`; a call with an idempotency `key` is a write.

        `arguments` is JSON with exact numbers, or raw JSON; `timeout_s` bounds each of at most
        three tries, one without `retry`. Whatever the tool does is an outcome, never an exception.
        """
        body = _encoder.encode({"arguments": arguments})
        headers = _headers(purpose, conversation, customer, key)
        if not all(map(str.isprintable, headers.values())):
            return _told("failed", "The customer's id cannot stand in a header.")
        doubtful = False
        for tries in range(1, _MOST_TRIES + 1):
            tried, settled = await self._try(url, timeout_s, headers, body)
            doubtful = doubtful or tried.outcome == "unknown"
            if settled or not retry or tries == _MOST_TRIES:
                break
            await self._pause(_FIRST_DELAY_S * 2 ** (tries - 1) * (1 + self._jitter()) / 2)
        if tried.outcome == "succeeded":
            return tried
        is_write = key is not None
        return msgspec.structs.replace(
            tried, outcome="unknown" if doubtful and is_write else "failed"
        )

    async def _try(
        self, url: str, timeout_s: float, headers: dict[str, str], body: bytes
    ) -> tuple[Outcome, bool]:
        """One request: its outcome as if it were a write, and whether that settles the call."""
        try:
            async with self._session().post(
                url,
                data=body,
                headers=headers | self._signature(body),
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=timeout_s),
            ) as response:
                return _judged(response.status, await _bounded(response))
        except (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError):
            return _told("failed", "The tool's address is not valid."), True
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
            return _told("failed", "The tool could not be reached."), False  # before any byte
        except TimeoutError:
            return _told("unknown", f"The tool did not answer within {timeout_s:g} s."), False
        except aiohttp.ClientError:
            return _told("unknown", "The connection to the tool broke."), False

    def _session(self) -> aiohttp.ClientSession:
        if self._given is not None:
            return self._given
        if self._own is None:
            self._own = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=_IDLE_CONNECTION_S),
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._own

    def _signature(self, body: bytes) -> dict[str, str]:
        """HMAC-SHA256 over `<t>.<body>`, made anew for each try so that it is never stale."""
        if self._secret is None:
            return {}
        now = int(self._clock())
        digest = hmac.new(self._secret, b"%d." % now + body, hashlib.sha256).hexdigest()
        return {"X-Handrail-Signature": f"t={now},v1={digest}"}


def _headers(
    purpose: str, conversation: str, customer: str | None, key: str | None
) -> dict[str, str]:
    headers = {
        "Content-Type": "application/json",
        "X-Conversation-Id": conversation,
        "X-Handrail-Purpose": purpose,
    }
    if customer is not None:
        headers["X-Customer-Id"] = customer
    if key is not None:
        headers["Idempotency-Key"] = key
    return headers


async def _bounded(response: aiohttp.ClientResponse) -> bytes | None:
    """The body; None when it is larger than we take."""
    body = b""
    async for piece in response.content.iter_any():
        body += piece
        if len(body) > _BODY_LIMIT:
            return None
    return body


def _judged(status: int, body: bytes | None) -> tuple[Outcome, bool]:
    """What an answer says of a write, and whether it settles the call."""
    if 200 <= status < 300:
        return _done(body), True
    if 300 <= status < 400:
        sentence = f"The tool answered {status}; redirects are not followed."
        return _told("unknown", sentence), True  # often what follows a success
    if 400 <= status < 500 and status not in _NOT_NOW:
        return Outcome("failed", error=_refusal(status, body)), True
    return _told("unknown", f"The tool answered {status}."), False


def _done(body: bytes | None) -> Outcome:
    if body is None:
        return _told("unknown", "The tool's answer is larger than 1 MiB.")
    if not body.strip():
        return Outcome("succeeded", result=msgspec.Raw(b"null"))
    if not _is_json(body):
        return _told("unknown", "The tool's answer is not JSON.")
    return Outcome("succeeded", result=msgspec.Raw(body))


def _refusal(status: int, body: bytes | None) -> msgspec.Raw:
    if body is None or not body.strip():
        return _error(f"The tool answered {status}.")
    return _error(msgspec.Raw(body) if _is_json(body) else body.decode(errors="replace"))


def _told(outcome: OutcomeName, sentence: str) -> Outcome:
    return Outcome(outcome, error=_error(sentence))


def _error(content: str | msgspec.Raw) -> msgspec.Raw:
    return msgspec.Raw(_encoder.encode({"error": content}))


def _is_json(body: bytes) -> bool:
    """Whether it is JSON that a log can keep and any reader of it can read."""
    try:
        check_plain(msgspec.json.decode(body))
    except (ValueError, RecursionError):
        return False
    return True
