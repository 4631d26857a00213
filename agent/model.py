"""The model client: asks an endpoint for one step and yields its text as it arrives.

The only module that imports `openai`. Its client makes the request; the bytes of the answer are
read raw and decoded here, which costs a fraction of the client's own parsed stream.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Iterator
from contextlib import AsyncExitStack, aclosing, contextmanager, suppress
from email.utils import parsedate_to_datetime
from time import monotonic
from typing import Any

import aiohttp
import httpx2
import openai

from agent.assembly import Assembly, Step
from agent.model_error import Incomplete, ModelError, Reason, Unanswered
from agent.settings import ModelSettings
from agent.sse import EventReader, Malformed

_OPENAI = "https://api.openai.com/v1"
_CONNECT_S = 10
_IDLE_CONNECTION_S = 60
_MOST_CONNECTIONS = 1000
_AFTER_FINISH_S = 0.25
"""How long the token count and the end of the stream may trail the finish reason."""
_BODY_LIMIT = 1 << 20
_STREAM_LIMIT = 64 << 20
"""Bytes of a stream: some 200,000 chunks, more than any model's longest answer."""

_COUNTED: dict[str, Any] = {"stream_options": {"include_usage": True}}
_BAD_REQUEST = (400, 422)
_NOT_KNOWN = re.compile(
    r"stream_options|include_usage|\b(?:extra|additional|unknown|unexpected|unrecogni[sz]ed"
    r"|unsupported)\b|not (?:supported|permitted|allowed)",
    re.IGNORECASE,
)
"""How servers refuse a part of a request that they do not know."""
_COMPLETE = ("stop", "tool_calls", "function_call")
_CUT_SHORT: dict[str, Reason] = {"length": "truncated", "content_filter": "filtered"}
_STATUS_REASONS: dict[int, Reason] = {
    401: "unauthorized",
    403: "unauthorized",
    408: "timeout",
    409: "server_error",
    425: "server_error",
    429: "rate_limited",
}


class Model:
    """One endpoint, its connections kept alive; `close` it in the loop that used it."""

    def __init__(self, settings: ModelSettings) -> None:
        self._name = settings.name
        self._timeout_s = settings.timeout_s
        self._client = openai.AsyncOpenAI(
            base_url=settings.base_url or _OPENAI,
            api_key=settings.api_key or "none",  # else the client takes one from the environment
            max_retries=0,
            timeout=httpx2.Timeout(settings.timeout_s, connect=_CONNECT_S, pool=_CONNECT_S),
            default_headers={"Accept-Encoding": "identity"},
            http_client=openai.DefaultAioHttpClient(
                follow_redirects=False,
                limits=httpx2.Limits(
                    max_connections=_MOST_CONNECTIONS, keepalive_expiry=_IDLE_CONNECTION_S
                ),
            ),
        )
        # Named here, the client loads this part of itself now and not for the first customer.
        self._completions = self._client.chat.completions.with_streaming_response
        self._counts: bool | None = None
        """Whether the endpoint takes the wish for a token count; None until it has answered."""

    async def close(self) -> None:
        """Close all connections."""
        await self._client.close()

    async def step(
        self,
        *,
        messages: list[dict[str, Any]],
        tools: list[dict[str, Any]],
        headers: dict[str, str],
    ) -> AsyncGenerator[str | Step, None]:
        """Ask for one step: yields pieces of text, last of all one `Step` with the whole.

        A piece is all that arrived since the one before was taken, so a slow reader gets fewer and
        larger ones. Closing the generator or cancelling its task closes the request at once.
        Raises `ModelError`; whether a call's arguments can be used is not judged here.
        """
        answer = Assembly()
        with _model_errors(answer):
            async with AsyncExitStack() as stack:
                response = await self._ask(stack, _large_parts(messages, tools), headers)
                texts = await stack.enter_async_context(aclosing(self._texts(response, answer)))
                async for text in texts:
                    yield text
            step = _finished(answer)
        yield step

    async def _ask(
        self, stack: AsyncExitStack, parts: dict[str, Any], headers: dict[str, str]
    ) -> httpx2.Response:
        """Ask for a token count as well; an endpoint that refuses this is asked without, for good.

        One that refuses both has another reason, so the wish is made again next time.
        """
        if self._counts is not False:
            try:
                response = await self._post(stack, parts | _COUNTED, headers)
            except openai.APIStatusError as refused:
                if self._counts or not _may_mean_options(refused):
                    raise
            else:
                self._counts = True
                return response
        response = await self._post(stack, parts, headers)
        self._counts = False
        return response

    async def _post(
        self, stack: AsyncExitStack, parts: dict[str, Any], headers: dict[str, str]
    ) -> httpx2.Response:
        asked = self._completions.create(
            model=self._name, messages=[], stream=True, extra_headers=headers, extra_body=parts
        )
        return (await stack.enter_async_context(asked)).http_response

    def _texts(self, response: httpx2.Response, answer: Assembly) -> AsyncGenerator[str, None]:
        if response.headers.get("content-type", "").startswith("application/json"):
            return _whole(response, answer)
        return self._streamed(response, answer)

    async def _streamed(
        self, response: httpx2.Response, answer: Assembly
    ) -> AsyncGenerator[str, None]:
        reader = EventReader()
        async with aclosing(_pieces(response)) as pieces:
            heard_s = monotonic()
            left = _STREAM_LIMIT
            async for piece in pieces:
                left -= len(piece)
                if left < 0:
                    raise Malformed("the stream does not end")
                events = reader.feed(piece)
                if text := answer.take(events):
                    yield text
                if answer.ended:
                    break
                if events:
                    heard_s = monotonic()
                elif monotonic() - heard_s > self._timeout_s:
                    raise Incomplete("timeout", "nothing but keep-alives", text=answer.text)
            if text := await _last_words(pieces, reader, answer):
                yield text


def _may_mean_options(refused: openai.APIStatusError) -> bool:
    """Whether a refusal may be for a part of the request that the server does not know."""
    if refused.status_code not in _BAD_REQUEST:
        return False
    told = refused.response.text
    return not told.strip() or _NOT_KNOWN.search(told) is not None


def _large_parts(messages: list[dict[str, Any]], tools: list[dict[str, Any]]) -> dict[str, Any]:
    """Parts of the request that go as `extra_body`, which the client sends as it is.

    Walking 200 messages against their types takes it 29 ms, longer than many a first token.
    """
    return {"messages": messages, "tools": tools} if tools else {"messages": messages}


async def _whole(response: httpx2.Response, answer: Assembly) -> AsyncGenerator[str, None]:
    """The answer of a server that does not stream."""
    body = b""
    async with aclosing(_pieces(response)) as pieces:
        async for piece in pieces:
            body += piece
            if len(body) > _BODY_LIMIT:
                raise Malformed("the answer is too large")
    if text := answer.take_whole(body):
        yield text


def _pieces(response: httpx2.Response) -> AsyncGenerator[bytes, None]:
    """The bytes of the answer as they arrive; we ask for no compression, but undo it."""
    compressed = "content-encoding" in response.headers
    return response.aiter_bytes() if compressed else response.aiter_raw()


async def _last_words(
    pieces: AsyncGenerator[bytes, None], reader: EventReader, answer: Assembly
) -> str:
    """Text beside or after the finish reason; the token count is noted on the way.

    A stream read to its end leaves the connection for the next step, but nobody waits long.
    """
    text = ""
    with suppress(TimeoutError, httpx2.HTTPError, aiohttp.ClientError):
        async with asyncio.timeout(_AFTER_FINISH_S):
            async for piece in pieces:
                text += answer.take(reader.feed(piece))
    return text


def _finished(answer: Assembly) -> Step:
    """The whole step, if it came to its proper end; else raises `Incomplete`."""
    reason = answer.finish_reason
    if answer.error is not None:
        raise _reported(answer)
    if reason is None:
        raise Incomplete("ended_early", "no finish reason", text=answer.text)
    if reason in _CUT_SHORT:
        raise Incomplete(_CUT_SHORT[reason], text=answer.text)
    if reason not in _COMPLETE:
        raise Incomplete("malformed", f"finish reason {reason[:40]!r}", text=answer.text)
    if answer.refused:
        raise Incomplete("refused", text=answer.text)
    if reason != "stop" and not answer.calls:
        raise Incomplete("malformed", "tool calls announced, none sent", text=answer.text)
    return Step(answer.text, answer.calls, reason, answer.usage)


def _reported(answer: Assembly) -> Incomplete:
    """The error that an endpoint put into its stream, by its code where it has a known one."""
    error = answer.error if isinstance(answer.error, dict) else {}
    code, kind = error.get("code"), error.get("type")
    status = code if isinstance(code, int) and 400 <= code < 600 else None
    reason: Reason = "server_error" if status is None else _status_reason(status)
    if "rate_limit" in f"{code} {kind}":
        reason = "rate_limited"
    return Incomplete(reason, "reported in the stream", status=status, text=answer.text)


@contextmanager
def _model_errors(answer: Assembly) -> Iterator[None]:
    """Failures of the request or its answer, told as `ModelError`."""
    try:
        yield
    except ModelError as e:
        e.usage = answer.usage
        raise
    except openai.APIStatusError as e:
        raise _from_status(e) from e
    except openai.APIConnectionError as e:
        raise Unanswered("timeout" if _is_timeout(e) else "unreachable") from e
    except (httpx2.HTTPError, aiohttp.ClientError) as e:
        reason: Reason = "timeout" if _is_timeout(e) else "ended_early"
        raise Incomplete(reason, text=answer.text) from e
    except Malformed as e:
        raise Incomplete("malformed", str(e), text=answer.text) from e


def _from_status(e: openai.APIStatusError) -> ModelError:
    out_of_credit = e.code == "insufficient_quota"
    return Unanswered(
        _status_reason(e.status_code),
        f"{e.status_code} {e.code or ''}".rstrip(),
        retryable=False if out_of_credit else None,
        status=e.status_code,
        retry_after_s=_retry_after_s(e.response.headers),
    )


def _status_reason(status: int) -> Reason:
    return _STATUS_REASONS.get(status, "server_error" if status >= 500 else "bad_request")


def _retry_after_s(headers: httpx2.Headers) -> float | None:
    """What the endpoint asks for, in seconds or as a date, told by its own clock."""
    asked = headers.get("retry-after", "")
    try:
        if "retry-after-ms" in headers:
            return max(0.0, float(headers["retry-after-ms"]) / 1000)
        if asked.replace(".", "", 1).isdecimal():
            return float(asked)
        until, now = parsedate_to_datetime(asked), parsedate_to_datetime(headers.get("date", ""))
        return max(0.0, (until - now).total_seconds())
    except (ValueError, TypeError):
        return None


def _is_timeout(e: BaseException | None) -> bool:
    """Whether a time-out lies at the bottom: the transport calls lost connections so as well."""
    while e is not None:
        if isinstance(e, TimeoutError):
            return True
        e = e.__cause__
    return False
