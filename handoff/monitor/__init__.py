"""When a person must look: signals over an episode, each with its reason, and what follows.

`view_of` cuts the episode from the log; `Monitor` assesses it before the model is asked and when
the reply is written. Pure: no model, no clock, nothing kept.
"""

from handoff.monitor.assessment import Assessment
from handoff.monitor.monitor import Monitor
from handoff.monitor.view import CallResult, Message, View, view_of

__all__ = ["Assessment", "CallResult", "Message", "Monitor", "View", "view_of"]
