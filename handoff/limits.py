"""Limits on what a tool may move in a while, for one customer or one target; compiled, pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from conversation.events import Held, Money, Reason
from handoff.cel import PolicyError
from handoff.money import in_words, money_of
from handoff.scope import CannotJudge
from handoff.settings import LimitSettings, ToolSettings

SIGNAL = "limit"
"""The signal of a reason that a limit gives; its evidence is the limit's own mark."""
UNCOUNTED = Reason(
    "uncounted",
    1.0,
    "its limits cannot be kept while its money cannot be read: change its arguments or reject it",
)
"""Why nobody can approve a call that no limit could count."""
_AMOUNT = re.compile(r"([0-9]+(?:\.[0-9]+)?) +([A-Z]{3})")
_CODE = re.compile(r"[A-Z]{3}")
_UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))


@dataclass(frozen=True)
class Limit:
    """At most `most` in any `window_ms`; what is above it is held, or denied."""

    per: Literal["customer", "target"]
    window_ms: int
    most: Money
    then: Literal["hold", "deny"]

    @property
    def mark(self) -> str:
        """The limit by what it says, so that it is known again."""
        return f"{self.per} {self.window_ms} {self.most.minor} {self.most.currency}"

    def words(self) -> str:
        """Why a call that is above it is held or denied."""
        whom = "one customer" if self.per == "customer" else "the same thing"
        return f"more than {in_words(self.most)} for {whom} in {_span(self.window_ms // 1000)}"

    def reason(self) -> Reason:
        """The same for those who decide."""
        return Reason(SIGNAL, 1.0, self.words(), self.mark)


def no_limit_in(currency: str) -> Reason:
    """Why a call is held whose currency none of the limits names."""
    return Reason(SIGNAL, 1.0, f"none of the limits is in {currency}", currency)


def heard(held: Held) -> frozenset[str]:
    """The marks of the limits that those who decide are shown."""
    return frozenset(str(r.evidence) for r in held.reasons if r.signal == SIGNAL)


def compile_limits(settings: ToolSettings, *, key: str) -> tuple[Limit, ...]:
    """Compile the limits of a tool; raises `PolicyError` below `key`, the tool's."""
    if settings.limits and (settings.effect == "read" or settings.money is None):
        raise PolicyError(
            f"{key}.limits", "limits are of writes that move money: say with `money` what it moves"
        )
    return tuple(
        _limit(limit, settings, key=f"{key}.limits[{index}]")
        for index, limit in enumerate(settings.limits)
    )


def _limit(limit: LimitSettings, settings: ToolSettings, *, key: str) -> Limit:
    if limit.per == "target" and settings.target is None:
        raise PolicyError(f"{key}.per", "say with `target` what the calls of this tool act on")
    most = _most(limit.most, key=f"{key}.max")
    currency = settings.money.currency if settings.money else ""
    if _CODE.fullmatch(currency) and currency != most.currency:
        raise PolicyError(f"{key}.max", f"is in {most.currency}, but the tool moves {currency}")
    return Limit(limit.per, round(limit.window_s * 1000), most, limit.then)


def _most(text: str, *, key: str) -> Money:
    said = _AMOUNT.fullmatch(text.strip())
    if said is None:
        raise PolicyError(key, f'{text!r} is no amount with its currency, such as "150.00 USD"')
    try:
        return money_of(Decimal(said[1]), said[2])
    except CannotJudge as error:
        raise PolicyError(key, str(error)) from error


def _span(seconds: int) -> str:
    for name, length in _UNITS:
        if seconds >= length and seconds % length == 0:
            count = seconds // length
            return f"{count} {name}{'s' if count > 1 else ''}"
    return f"{seconds} seconds"
