"""The signal `tool_failure`: the assistant's tools do not do what it needs.

A tool counts while it keeps failing in this turn; once it has succeeded, what failed before is
forgotten. What a rule refused, and what waits for a person, is no failure.
"""

from __future__ import annotations

from conversation import events as ev
from handoff.monitor.view import CallResult, View

_EACH = 0.35
"""Three failures that nothing made good are enough by themselves: 1 - 0.65³ = 0.73."""


def tool_failure(view: View) -> list[ev.Reason]:
    """One reason a tool that failed in this turn and has not succeeded since."""
    failing: dict[str, list[CallResult]] = {}
    for call in view.calls:
        if call.outcome == "succeeded":
            failing.pop(call.tool, None)
        elif call.outcome in ("failed", "invalid"):
            failing.setdefault(call.tool, []).append(call)
    return [_reason(calls) for calls in failing.values() if calls[-1].turn == view.turn]


def _reason(calls: list[CallResult]) -> ev.Reason:
    score = 1 - (1 - _EACH) ** len(calls)
    times = "" if len(calls) == 1 else f" {len(calls)} times"
    failed = any(call.outcome == "failed" for call in calls)
    what = "failed" if failed else "was called with arguments that do not fit"
    text = f"The tool {calls[-1].tool} {what}{times}"
    return ev.Reason("tool_failure", score, text, {"calls": [call.call for call in calls]})
