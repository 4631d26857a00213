"""The monitor: looks at a turn before the model is asked, and again when the reply is written."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec.structs import replace

from conversation import events as ev
from handoff.monitor.asks_for_human import CERTAIN, asks_for_human
from handoff.monitor.assessment import Assessment, assess
from handoff.monitor.repetition import repeated_question, repeated_reply
from handoff.monitor.tool_failure import tool_failure
from handoff.monitor.view import View
from handoff.settings import MonitorSettings

Signal = Callable[[View], list[ev.Reason]]
"""A pure look at a view: no reason, or one for each thing noticed."""

_BEFORE: tuple[Signal, ...] = (asks_for_human, repeated_question)
_AFTER: tuple[Signal, ...] = (*_BEFORE, repeated_reply, tool_failure)
_SOFT_AT_MOST = 0.55
"""A rule the operator has not named is a sign among others."""
_RULES = frozenset({"asks_for_human"})


class Monitor:
    """Assesses turns by the operator's settings; keeps nothing between them."""

    def __init__(self, settings: MonitorSettings) -> None:
        self._always = frozenset[str](settings.always_handover)

    def before(self, view: View) -> Assessment:
        """Judge what the customer said, before the model is asked."""
        return self._judge(view, _BEFORE)

    def after(self, view: View, reply: str) -> Assessment:
        """Judge the whole turn, once its reply is written."""
        return self._judge(replace(view, reply=reply), _AFTER)

    def _judge(self, view: View, signals: Sequence[Signal]) -> Assessment:
        reasons = [self._weighed(reason) for signal in signals for reason in signal(view)]
        ruled = any(self._is_rule(reason) and reason.score >= CERTAIN for reason in reasons)
        return assess(reasons, by_rule=ruled)

    def _is_rule(self, reason: ev.Reason) -> bool:
        return reason.signal in self._always

    def _weighed(self, reason: ev.Reason) -> ev.Reason:
        if reason.signal not in _RULES or self._is_rule(reason):
            return reason
        return replace(reason, score=min(reason.score, _SOFT_AT_MOST))
