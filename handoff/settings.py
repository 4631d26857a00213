"""The tools, the rules over them and the monitor, as an operator writes them in `config.yaml`.

Expressions are CEL over `args`, `money`, `customer` and `evidence`; `handoff.policy` compiles them
and says what each of them may name.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from conversation.settings import Seconds

Direction = Literal["to_customer", "from_customer"]
Risk = Literal["low", "medium", "high"]


class HttpSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a tool is called, and how long one call may take."""

    url: Annotated[str, msgspec.Meta(pattern="^https?://")]
    timeout_s: Annotated[float, msgspec.Meta(gt=0)] = 10


class MoneySettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a write moves: CEL, or a literal code or direction; `direction: null` moves nothing."""

    amount: str
    currency: str
    direction: str | None


class EvidenceSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A fact read before judging: a read tool, and CEL over `args` and `customer` per argument."""

    tool: str
    arguments: dict[str, str] = {}


class RuleSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One rule of a tool, tried in order; without `when` it always matches."""

    then: Literal["allow", "hold", "deny"]
    when: str | None = None
    because: str | None = None
    risk: Risk | None = None
    approvers: Annotated[int, msgspec.Meta(ge=1)] = 1
    """How many different people must approve; only of a rule that holds."""


class ReconcileSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a write is looked up whose outcome nobody knows: a read tool, and what its answer means.

    All but `tool` are CEL over `args`, `customer` and `key`, the write's idempotency key; the last
    three may use `result`.
    """

    tool: str
    arguments: dict[str, str] = {}
    succeeded: str | None = None
    failed: str | None = None
    reference: str | None = None


class IdentifiesSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a read proves of who the customer is: CEL over `result` and `args` for their id.

    Only a tool whose arguments prove something may say so, such as an order with its postcode.
    """

    customer: str
    level: str = "verified"


class LimitSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a tool may move at most in any such while, such as `150.00 USD` for one customer.

    Everything counts that happened, waits or may have happened, in all conversations.
    """

    per: Literal["customer", "target"]
    window_s: Seconds = msgspec.field(name="window")
    most: str = msgspec.field(name="max")
    then: Literal["hold", "deny"] = "hold"


class ToolSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One tool; `offer: false` keeps it from the model, for evidence only.

    `arguments` is a JSON Schema of an object; `target` is CEL for what the call acts on, the digest
    of its arguments when absent; `title` names the action to staff and to the customer.
    """

    http: HttpSettings
    description: str
    effect: Literal["read", "write"]
    title: str | None = None
    offer: bool = True
    idempotency: Literal["key", "none"] = "none"
    arguments: dict[str, Any] = msgspec.field(
        default_factory=lambda: {"type": "object", "properties": {}}
    )
    money: MoneySettings | None = None
    target: str | None = None
    evidence: dict[str, EvidenceSettings] = {}
    reconcile: ReconcileSettings | None = None
    rules: list[RuleSettings] = []
    limits: list[LimitSettings] = []
    identifies: IdentifiesSettings | None = None


class MonitorSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What always brings a person in, and whether replies are sent before they are certified.

    With `draft` a person sees every reply before the customer does.
    """

    always_handover: list[Literal["asks_for_human"]] = msgspec.field(
        default_factory=lambda: ["asks_for_human"]
    )
    before_certified: Literal["send", "draft"] = "send"


class HoldsSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long a decision is awaited, and what becomes of what nobody decided.

    After `expires_in_s` the hold is put to `escalate_to`, if anybody, for as long again; `then` it
    is rejected, or rejected with a promise that a person comes back to the customer.
    """

    expires_in_s: Seconds = msgspec.field(name="expires_in", default=20 * 60.0)
    escalate_to: Literal["supervisor", "admin"] | None = "admin"
    then: Literal["reject", "follow_up"] = "reject"
