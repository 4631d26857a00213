"""What can go wrong with a model step, and how long to wait before the next try.

ModelError
├── Unanswered   no answer began: refused, failed, out of reach
└── Incomplete   an answer began and cannot be used; none of its calls may run
"""

from typing import Literal, TypeAlias

from agent.assembly import Usage

Reason: TypeAlias = Literal[
    "unreachable",
    "timeout",
    "rate_limited",
    "server_error",
    "unauthorized",
    "bad_request",
    "ended_early",
    "malformed",
    "truncated",
    "filtered",
    "refused",
]

_RETRYABLE: frozenset[Reason] = frozenset(
    ("unreachable", "timeout", "rate_limited", "server_error", "ended_early", "malformed")
)
_MOST_TRIES = 3
_FIRST_DELAY_S = 0.5
_LONGEST_RETRY_AFTER_S = 20.0
"""A customer waits meanwhile; beyond this a person is the better answer."""


class ModelError(Exception):
    """A step without a usable answer; `retryable` says whether the same request may do better.

    `status` is the HTTP status if one came, `retry_after_s` what the endpoint asked for, `text`
    the text that had arrived, `usage` the tokens the endpoint told of before it broke off. The
    message holds codes only, nothing of the conversation.
    """

    def __init__(
        self,
        reason: Reason,
        detail: str = "",
        *,
        retryable: bool | None = None,
        status: int | None = None,
        retry_after_s: float | None = None,
        text: str = "",
    ) -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason: Reason = reason
        self.retryable = reason in _RETRYABLE if retryable is None else retryable
        self.status = status
        self.retry_after_s = retry_after_s
        self.text = text
        self.usage: Usage | None = None


class Unanswered(ModelError):
    """No answer began."""


class Incomplete(ModelError):
    """An answer began and cannot be used."""


def retry_delay_s(error: ModelError, tries: int, *, jitter: float) -> float | None:
    """Seconds to wait before another try, None to give up; `tries` were made, `jitter` is 0..1.

    Doubles from half a second, half of it fixed and half by `jitter`. Waits as long as the
    endpoint asked, unless that is longer than a customer would.
    """
    if not error.retryable or tries >= _MOST_TRIES:
        return None
    if error.retry_after_s is None:
        return _FIRST_DELAY_S * float(2 ** (tries - 1)) * (1 + jitter) / 2
    if error.retry_after_s > _LONGEST_RETRY_AFTER_S:
        return None
    return error.retry_after_s + _FIRST_DELAY_S * jitter
