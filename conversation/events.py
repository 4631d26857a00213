"""The events of a conversation's log: one struct a type, how they are written and read.

An event is JSON `{"conversation", "seq", "v", "type", "at", "by", "epoch", "data"}`. Unknown types
and unknown fields are refused. A newer `v` may mean anything: that event is for a newer process.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from conversation.errors import Newer

VERSION = 1

Role = Literal["customer", "assistant", "staff", "system"]
Verdict = Literal["allow", "hold", "deny", "invalid"]
CallOutcome = Literal["succeeded", "failed", "unknown", "not_started"]
TurnOutcome = Literal["replied", "drafted", "handed_over", "cut", "failed", "silent"]
HoldKind = Literal["call", "draft", "settle"]
HoldStatus = Literal[
    "held", "needs_info", "approved", "executing", "succeeded", "failed", "unknown", "rejected",
    "withdrawn", "expired",
]  # fmt: skip
Decision = Literal[
    "approve", "edit", "reject", "ask", "answer", "withdraw", "supersede", "escalate", "expire",
    "reconcile", "settle",
]  # fmt: skip
OPEN: frozenset[str] = frozenset({"held", "needs_info", "approved", "executing", "unknown"})
"""Hold statuses that still need something to happen."""
WAITING: frozenset[str] = frozenset({"held", "needs_info"})
"""Hold statuses in which a person's decision is awaited."""
OUTCOMES: frozenset[str] = frozenset({"rejected", "expired", "succeeded", "failed", "unknown"})
"""Hold statuses the customer is told of."""


class By(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Who caused an event; `id` is set for staff and never leaves for customers."""

    role: Role
    name: str | None = None
    id: str | None = None


class Money(Struct, frozen=True, forbid_unknown_fields=True):
    """An amount in minor units (cents) of an ISO 4217 currency."""

    minor: int
    currency: str


class Reason(Struct, frozen=True, forbid_unknown_fields=True):
    """Why a person should look: a signal, its strength 0..1, and a sentence for staff."""

    signal: str
    score: float
    text: str
    evidence: Any = None


class Approvers(Struct, frozen=True, forbid_unknown_fields=True):
    """How many different people must approve, and how many have."""

    needed: int = 1
    given: int = 0


class Question(Struct, frozen=True, forbid_unknown_fields=True):
    """What must be known before a hold can be decided, and who is asked."""

    to: Literal["customer", "agent"]
    text: str


class Data(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every event's data derives from."""


class ConversationStarted(Data, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A customer wrote or asked for a person for the first time."""

    customer: str
    channel: str = "web"
    locale: str | None = None
    page: str | None = None
    attributes: dict[str, Any] = {}
    previous: str | UnsetType = UNSET


class CustomerIdentified(Data, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who the customer is has become known."""

    customer: str
    level: str
    how: Literal["token", "tool", "staff"]
    attributes: dict[str, Any] = {}


class CustomerSaid(Data, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The customer's message; `id` is the client's own."""

    id: str
    text: str
    attachments: list[Any] = []


class Judged(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an allowed write was judged to be: in words, what it acts on and what it moves."""

    title: str
    target: str
    money: Money | None


class Call(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One tool call of a model step; `arguments` are the model's own when they do not parse."""

    call: str
    model_call_id: str | None
    tool: str
    arguments: Raw
    verdict: Verdict
    because: str | None = None
    hold: str | UnsetType = UNSET
    judged: Judged | UnsetType = UNSET


class AssistantCalled(Data, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A model step with tool calls, recorded before any of them runs; `tokens` is its cost.

    `withheld` are its words where a person must see them before the customer does.
    """

    turn: int
    attempt: int
    step: int
    text: str
    calls: list[Call]
    tokens: int | UnsetType = UNSET
    withheld: str | UnsetType = UNSET


class ToolStarted(Data, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A call is about to have its effect; `key` is its idempotency key, null for reads."""

    call: str
    key: str | None


class ToolFinished(Data, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a call came to; `result` and `error` are JSON, the result as it was received."""

    call: str
    key: str | None
    outcome: CallOutcome
    result: Raw | UnsetType = UNSET
    error: Raw | UnsetType = UNSET


class StaffCalled(Data, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A tool call of the person who owns the conversation, judged like the assistant's."""

    call: str
    tool: str
    arguments: Raw
    verdict: Verdict
    because: str | None = None
    hold: str | UnsetType = UNSET
    judged: Judged | UnsetType = UNSET


class AssistantSaid(Data, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A reply, as the customer saw it; `partial` when it was cut off."""

    text: str
    turn: int | UnsetType = UNSET
    citations: list[Any] = []
    partial: bool = False
    hold: str | UnsetType = UNSET
    """The draft this was, when a person approved it; `edited` says whether they changed it."""
    edited: bool | UnsetType = UNSET


class TurnEnded(Data, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The turn is over; it had read the log up to `upto`. `tokens` is the cost of its last step."""

    turn: int
    outcome: TurnOutcome
    upto: int
    tokens: int | UnsetType = UNSET


class StaffSaid(Data, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A message of the person who owns the conversation."""

    id: str
    text: str
    attachments: list[Any] = []


class SystemSaid(Data, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The server's own line to the customer; `code` says which."""

    text: str
    code: str


class NoteAdded(Data, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A note among staff; customers never see it."""

    id: str
    text: str


class Limited(Data, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Staff limited or blocked the customer until then, or lifted it; customers never see why."""

    level: Literal["none", "limited", "blocked"]
    until: str | None = None
    reason: str | None = None


class Assessed(Data, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the monitor made of a turn."""

    turn: int
    outcome: Literal["continue", "offer", "draft", "handover"]
    score: float
    threshold: float
    certified: bool
    reasons: list[Reason]


class Action(NamedTuple):
    """A tool and the arguments it is called with, as JSON."""

    tool: str
    arguments: Raw


class Held(Data, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something waits for a person; `digest` is over all that is shown and will happen.

    A `call` waits to run, a `draft` to be sent as `text`; `settle` is an allowed call of which
    nobody can tell whether it happened. `call` is the call it is about, of a draft its place.
    """

    hold: str
    kind: HoldKind
    call: str
    revision: int
    digest: str
    title: str
    tool: str | None = None
    arguments: Raw | UnsetType = UNSET
    text: str | UnsetType = UNSET
    target: str
    money: Money | None
    rule: str | None
    risk: str | None
    reasons: list[Reason]
    evidence: Raw
    approvers: Approvers = Approvers()
    expires_at: str | None = None
    supersedes: str | UnsetType = UNSET
    reconcile_at: str | UnsetType = UNSET
    """Of an unknown outcome: when the tool is asked what became of it."""

    @property
    def action(self) -> Action:
        """The call it is about; raises `ValueError` of a draft, which is about none."""
        if self.tool is None or self.arguments is UNSET:
            raise ValueError(f"{self.hold} is about no call")
        return Action(self.tool, self.arguments)


class HoldChanged(Data, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A step in the life of a hold; one that waits again says anew what it is about.

    `expires_at` says until when a decision is awaited, in every status that awaits one.
    """

    hold: str
    status: HoldStatus
    revision: int
    decision: Decision | UnsetType = UNSET
    by: By | UnsetType = UNSET
    reason: str | UnsetType = UNSET
    question: Question | UnsetType = UNSET
    answer: str | UnsetType = UNSET
    digest: str | UnsetType = UNSET
    arguments: Raw | UnsetType = UNSET
    text: str | UnsetType = UNSET
    money: Money | None = None
    rule: str | UnsetType | None = UNSET
    evidence: Raw | UnsetType = UNSET
    approvers: Approvers | UnsetType = UNSET
    title: str | UnsetType = UNSET
    target: str | UnsetType = UNSET
    risk: str | UnsetType | None = UNSET
    reasons: list[Reason] | UnsetType = UNSET
    expires_at: str | None = None
    escalated_to: str | UnsetType = UNSET
    superseded_by: str | UnsetType = UNSET
    reference: str | UnsetType = UNSET
    reconcile_at: str | UnsetType = UNSET


class HandoverRequested(Data, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The assistant, the customer or the server wants a person, and why."""

    reason: str
    reasons: list[Reason]
    queue: str | None = None
    priority: int = 0
    summary: str | None = None


class OwnerChanged(
    Data, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"from_": "from"}
):
    """Somebody else may speak now; `name` is the display name of the person."""

    from_: str
    to: str
    epoch: int
    cause: str
    name: str | None = None
    queue: str | None = None
    note: str | None = None
    brief: str | None = None


class FollowUpOpened(Data, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A person will come back to the customer; it changes no owner."""

    text: str
    contact: str | None = None
    due_at: str | None = None


class ConversationClosed(Data, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The conversation is over."""

    resolution: str | None = None


class ConversationReopened(Data, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The customer came back in time."""


TYPES: dict[str, type[Data]] = {
    "conversation_started": ConversationStarted,
    "customer_identified": CustomerIdentified,
    "customer_said": CustomerSaid,
    "assistant_called": AssistantCalled,
    "tool_started": ToolStarted,
    "tool_finished": ToolFinished,
    "staff_called": StaffCalled,
    "assistant_said": AssistantSaid,
    "turn_ended": TurnEnded,
    "staff_said": StaffSaid,
    "system_said": SystemSaid,
    "note_added": NoteAdded,
    "limited": Limited,
    "assessed": Assessed,
    "held": Held,
    "hold_changed": HoldChanged,
    "handover_requested": HandoverRequested,
    "owner_changed": OwnerChanged,
    "follow_up_opened": FollowUpOpened,
    "conversation_closed": ConversationClosed,
    "conversation_reopened": ConversationReopened,
}
NAMES: dict[type[Data], str] = {struct: name for name, struct in TYPES.items()}


class New(Struct, frozen=True):
    """An event about to be committed: who caused it and what happened."""

    by: By
    data: Data


class Event(Struct, frozen=True):
    """An event of the log; `at` is ISO 8601 UTC with milliseconds."""

    conversation: str
    seq: int
    v: int
    type: str
    at: str
    by: By
    epoch: int
    data: Data


class _Envelope(Struct, frozen=True, forbid_unknown_fields=True):
    conversation: str
    seq: int
    v: int
    type: str
    at: str
    by: By
    epoch: int
    data: Raw


class _Version(Struct, frozen=True):
    v: int


class UnreadableEvent(ValueError):
    """What stands in the log is no event: an unknown type, unknown or missing fields, no JSON."""


_versions = msgspec.json.Decoder(_Version)
_envelopes = msgspec.json.Decoder(_Envelope)
_decoders = {name: msgspec.json.Decoder(struct) for name, struct in TYPES.items()}
_encoder = msgspec.json.Encoder()


def encode(event: Event) -> bytes:
    """Write an event as the JSON the log keeps and staff are sent."""
    return _encoder.encode(event)


def decode(raw: bytes) -> Event:
    """Read an event of the log; raises `Newer` when its `v` is, else `UnreadableEvent`."""
    try:
        envelope = _envelopes.decode(raw)
        data = None if envelope.v > VERSION else _decoders[envelope.type].decode(envelope.data)
    except (msgspec.MsgspecError, KeyError) as error:
        if _is_newer(raw):
            raise Newer from error
        raise UnreadableEvent(str(error)) from error
    if data is None:
        raise Newer
    return Event(
        conversation=envelope.conversation,
        seq=envelope.seq,
        v=envelope.v,
        type=envelope.type,
        at=envelope.at,
        by=envelope.by,
        epoch=envelope.epoch,
        data=data,
    )


def _is_newer(raw: bytes) -> bool:
    try:
        return _versions.decode(raw).v > VERSION
    except msgspec.MsgspecError:
        return False


def iso(at_ms: int) -> str:
    """Milliseconds since 1970 as ISO 8601 UTC with milliseconds."""
    whole, ms = divmod(at_ms, 1000)
    return f"{datetime.fromtimestamp(whole, UTC):%Y-%m-%dT%H:%M:%S}.{ms:03d}Z"


def milliseconds(at: str) -> int:
    """The inverse of `iso`."""
    moment = datetime.fromisoformat(at)
    return int(moment.replace(microsecond=0).timestamp()) * 1000 + moment.microsecond // 1000
